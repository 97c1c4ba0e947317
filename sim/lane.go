package sim

// lane is a queue of events that all lie the same delay ahead of the moment
// at which they were armed, so that they come due in the order in which they
// came in: a ring does what a heap would. What was disarmed is passed over
// when its turn comes, or swept out once it is the greater part.
type lane struct {
	delay Time
	class Class
	rank  uint32

	ring []Event // length a power of two
	head int
	n    int
	dead int // disarmed entries that are still in the ring
}

func (l *lane) front() Event { return l.ring[l.head] }

func (l *lane) push(e Event) {
	if l.n == len(l.ring) {
		l.resize(max(8, 2*len(l.ring)))
	}
	l.ring[(l.head+l.n)&(len(l.ring)-1)] = e
	l.n++
}

func (l *lane) drop() {
	l.head = (l.head + 1) & (len(l.ring) - 1)
	l.n--
}

func (l *lane) resize(size int) {
	ring := make([]Event, size)
	for i := range l.n {
		ring[i] = l.ring[(l.head+i)&(len(l.ring)-1)]
	}
	l.ring, l.head = ring, 0
}

// skip drops disarmed entries from the front.
func (l *lane) skip(armed []armed) {
	for l.n > 0 && armed[l.front().Slot()].key != l.front().Key {
		l.drop()
		l.dead--
	}
}

// sweep drops all disarmed entries.
func (l *lane) sweep(armed []armed) {
	kept := 0
	for i := range l.n {
		e := l.ring[(l.head+i)&(len(l.ring)-1)]
		if armed[e.Slot()].key == e.Key {
			l.ring[(l.head+kept)&(len(l.ring)-1)] = e
			kept++
		}
	}
	l.n, l.dead = kept, 0
}

// laneHead stands in the lane queue for the first event of a lane.
type laneHead struct {
	Event
	lane int32
}

// laneQueue is a binary heap of the lanes that hold anything, by their first
// event. There are few lanes, so it is small.
type laneQueue struct{ heads []laneHead }

func (q *laneQueue) push(h laneHead) {
	q.heads = append(q.heads, h)
	i := len(q.heads) - 1
	for i > 0 {
		p := (i - 1) / 2
		if !h.before(q.heads[p].Event) {
			break
		}
		q.heads[i] = q.heads[p]
		i = p
	}
	q.heads[i] = h
}

// replace puts h where the first one was.
func (q *laneQueue) replace(h laneHead) {
	i, n := 0, len(q.heads)
	for {
		c := 2*i + 1
		if c >= n {
			break
		}
		if c+1 < n && q.heads[c+1].before(q.heads[c].Event) {
			c++
		}
		if !q.heads[c].before(h.Event) {
			break
		}
		q.heads[i] = q.heads[c]
		i = c
	}
	q.heads[i] = h
}

func (q *laneQueue) pop() {
	n := len(q.heads) - 1
	h := q.heads[n]
	q.heads = q.heads[:n]
	if n > 0 {
		q.replace(h)
	}
}
