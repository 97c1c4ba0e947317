package sim

// heap is a 4-ary heap of events whose root may be a hole: taking the first
// event leaves the hole, and the event that is scheduled next, as nearly
// always happens, fills it without moving the last entry to the root first.
type heap struct {
	ev   []Event
	hole bool
}

// top returns the first event, or last if there is none.
func (h *heap) top() Event {
	if h.hole {
		h.settle()
	}
	if len(h.ev) == 0 {
		return last
	}
	return h.ev[0]
}

// pop removes the event that top returned.
func (h *heap) pop() { h.hole = true }

func (h *heap) push(e Event) {
	if h.hole {
		h.hole = false
		h.down(e)
		return
	}
	h.ev = append(h.ev, e)
	i := len(h.ev) - 1
	for i > 0 {
		p := (i - 1) >> 2
		if !e.before(h.ev[p]) {
			break
		}
		h.ev[i] = h.ev[p]
		i = p
	}
	h.ev[i] = e
}

func (h *heap) settle() {
	h.hole = false
	n := len(h.ev) - 1
	e := h.ev[n]
	h.ev = h.ev[:n]
	if n > 0 {
		h.down(e)
	}
}

// down puts e where the root was vacant.
func (h *heap) down(e Event) {
	ev := h.ev
	i, n := 0, len(ev)
	for {
		c := i<<2 + 1
		if c >= n {
			break
		}
		m := c
		if c+3 < n {
			four := ev[c : c+4 : c+4]
			a, b := 0, 2
			if four[1].before(four[0]) {
				a = 1
			}
			if four[3].before(four[2]) {
				b = 3
			}
			if four[b].before(four[a]) {
				a = b
			}
			m = c + a
		} else {
			for k := c + 1; k < n; k++ {
				if ev[k].before(ev[m]) {
					m = k
				}
			}
		}
		if !ev[m].before(e) {
			break
		}
		ev[i] = ev[m]
		i = m
	}
	ev[i] = e
}

// timers is a 4-ary heap that knows where every entry is, so that one can be
// taken out before its time.
type timers struct {
	ev []Event
}

func (h *timers) push(e Event, armed []armed) {
	h.ev = append(h.ev, e)
	h.up(len(h.ev)-1, e, armed)
}

// remove takes out the entry at position i.
func (h *timers) remove(i int, armed []armed) {
	n := len(h.ev) - 1
	e := h.ev[n]
	h.ev = h.ev[:n]
	if i == n {
		return
	}
	if i > 0 && e.before(h.ev[(i-1)>>2]) {
		h.up(i, e, armed)
	} else {
		h.down(i, e, armed)
	}
}

func (h *timers) up(i int, e Event, armed []armed) {
	for i > 0 {
		p := (i - 1) >> 2
		if !e.before(h.ev[p]) {
			break
		}
		h.put(i, h.ev[p], armed)
		i = p
	}
	h.put(i, e, armed)
}

func (h *timers) down(i int, e Event, armed []armed) {
	n := len(h.ev)
	for {
		c := i<<2 + 1
		if c >= n {
			break
		}
		m := c
		for k := c + 1; k < min(c+4, n); k++ {
			if h.ev[k].before(h.ev[m]) {
				m = k
			}
		}
		if !h.ev[m].before(e) {
			break
		}
		h.put(i, h.ev[m], armed)
		i = m
	}
	h.put(i, e, armed)
}

func (h *timers) put(i int, e Event, armed []armed) {
	h.ev[i] = e
	armed[e.Slot()].where = int32(i)
}
