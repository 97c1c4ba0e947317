package node

import (
	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/sim"
)

// Slow start: an instance that comes back into rotation begins with a tenth
// of its weight, as in Envoy, and gets a twentieth more at a time, evenly over
// the time that the balancer gives it. The weights are brought up to date when
// somebody is to be chosen.
const (
	rampBegin = 0.1
	rampSteps = 20
)

// ramp is the slow start of the instances of a way.
type ramp struct {
	over   sim.Time
	full   []float64  // weights at the end
	since  []sim.Time // of the active ones
	active []int32
}

// begin lets instance i start slowly.
func (r *ramp) begin(g *balance.Group, i int, now sim.Time) {
	r.drop(int32(i))
	r.active = append(r.active, int32(i))
	r.since[i] = now
	g.SetWeight(i, float64(rampBegin*r.full[i]))
}

// advance brings the weights up to date.
func (r *ramp) advance(g *balance.Group, now sim.Time) {
	for k := 0; k < len(r.active); k++ {
		i := int(r.active[k])
		step := min(rampSteps, rampSteps*float64(now-r.since[i])/float64(r.over))
		weight := r.full[i]
		if step < rampSteps {
			weight = float64(max(rampBegin, float64(int(step))/rampSteps) * weight)
		} else {
			r.drop(int32(i))
			k--
		}
		if weight != g.Weight(i) {
			g.SetWeight(i, weight)
		}
	}
}

// end gives every instance its full weight at once.
func (r *ramp) end(g *balance.Group) {
	for _, i := range r.active {
		g.SetWeight(int(i), r.full[i])
	}
	r.active = r.active[:0]
}

// drop takes instance i off the list of the active ones.
func (r *ramp) drop(i int32) {
	for k, other := range r.active {
		if other == i {
			r.active = append(r.active[:k], r.active[k+1:]...)
			return
		}
	}
}

// outOfRotation takes instance i of a way out of rotation. Who waits for it in
// particular waits for any from now on; if none is left that could be waited
// for, those who wait are turned away.
func (n *Network) outOfRotation(b *balancer, w *way, i int, why balance.Reason) {
	w.group.Bar(i, why)
	if w.conns == nil {
		return
	}
	own, line := &w.conns.of[i], &w.conns.line
	for own.queued > 0 {
		own.account(n.eng.Now())
		f := n.dequeue(own)
		if able := n.anyoneFree(w); able != balance.Nobody {
			n.enqueueInTurn(line, f)
			n.serveLine(b, w, able)
			continue
		}
		n.enqueueInTurn(line, f)
	}
	if w.group.Able() > 0 || w.someoneIsFull() {
		return
	}
	for line.queued > 0 {
		n.dismiss(b, line)
	}
}

// anyoneFree returns an instance that may be chosen, balance.Nobody if there
// is none.
func (n *Network) anyoneFree(w *way) int {
	for i := range w.insts {
		if w.group.Barred(i) == 0 {
			return i
		}
	}
	return balance.Nobody
}

// enqueueInTurn puts f into a line, behind those who have waited longer.
func (n *Network) enqueueInTurn(line *station, f uint32) {
	line.account(n.eng.Now())
	n.cold[f].limit = none
	after := line.tail
	for after != none && n.frames[after].since > n.frames[f].since {
		after = n.cold[after].prev
	}
	before := line.head
	if after != none {
		before = n.frames[after].next
		n.frames[after].next = f
	} else {
		line.head = f
	}
	if before != none {
		n.cold[before].prev = f
	} else {
		line.tail = f
	}
	n.frames[f].next, n.cold[f].prev = before, after
	line.queued++
}

// dismiss lets the first of a line go on, without a connection.
func (n *Network) dismiss(b *balancer, line *station) {
	now := n.eng.Now()
	line.account(now)
	f := n.dequeue(line)
	b.waiting--
	n.eng.Disarm(f)
	fr := &n.frames[f]
	n.cold[f].waited += now - fr.since
	if n.measuring {
		n.insts[fr.inst].at.conns.waited(fr.since, now, false)
	}
	fr.state = turnedAway
	n.ready = append(n.ready, f)
}

// backInRotation takes back a reason why instance i of a way was out of rotation.
// Once there is none left it starts slowly, and serves those who wait.
func (n *Network) backInRotation(b *balancer, w *way, i int, why balance.Reason) {
	was := w.group.Barred(i) &^ balance.Full
	w.group.Admit(i, why)
	if was == 0 || w.group.Barred(i)&^balance.Full != 0 {
		return
	}
	if w.ramp != nil {
		w.ramp.begin(w.group, i, n.eng.Now())
	}
	if w.conns != nil {
		n.serveLine(b, w, i)
	}
}
