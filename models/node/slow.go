package node

import (
	"slices"

	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// Work at an instance that is slow takes longer by a factor: that of cpu, disk
// and wait steps, and of the latencies and overheads that are such. Whenever
// the factor changes, what is left of the work under way is stretched by the
// ratio of the new one to the old; times are real ones throughout, so that
// what is busy, and for how long, needs no conversion.

// works reports whether the event of a frame in that state is the end of work
// that takes longer where it is slow.
func works(s state) bool { return s == onCore || s == onDisk || s == inDelay }

// slowness is how many times as long the work of f takes.
func (n *Network) slowness(f uint32) float64 {
	if a := n.insts[n.frames[f].inst].ailment; a != nil {
		return a.slow
	}
	return 1
}

// slowed is how long what takes d takes f.
func (n *Network) slowed(f uint32, d sim.Time) sim.Time {
	if !n.slows {
		return d
	}
	return scaled(d, n.slowness(f))
}

// slowWork schedules the end of f's work or delay if that takes longer than
// it should.
func (n *Network) slowWork(f uint32, t *timed) bool {
	by := n.slowness(f)
	if by == 1 || !works(n.frames[f].state) {
		return false
	}
	d := sim.FromNanoseconds(n.sample(t, f) / t.speed * by)
	n.eng.Arm(n.eng.Now()+d, sim.Completion, t.rank, f)
	return true
}

// scaled is a time by a factor: nothing that takes time ends at once.
func scaled(d sim.Time, by float64) sim.Time {
	if d <= 0 || by == 1 {
		return d
	}
	return max(1, sim.FromNanoseconds(float64(d)*by))
}

// stretch multiplies what is left of all work at instance i.
func (n *Network) stretch(i uint32, by float64) {
	in, x := &n.insts[i], n.faults
	hung := in.state == fault.Hung
	x.moved = x.moved[:0]
	for f := range n.frames {
		fr := &n.frames[f]
		switch {
		case fr.inst != i:
		case fr.state == forCore && in.cpu.turns != nil && in.cpu.sharing == nil:
			n.turns[f].left = scaled(n.turns[f].left, by)
		case works(fr.state):
			if event, ok := n.eng.Suspend(uint32(f)); ok {
				x.moved = append(x.moved, frozenEvent{uint32(f), n.cold[f].gen, fr.state, event})
			}
		}
	}
	slices.SortFunc(x.moved, frozenEvent.compare)
	for _, e := range x.moved {
		if hung { // it was begun meanwhile, and has made no progress
			n.keep(in.hang, e.frame, e.event.Left+n.eng.Now()-max(n.frames[e.frame].since, in.hang.since))
			continue
		}
		e.event.Left = n.stretched(e.frame, in, e.event.Left, by)
		n.eng.Resume(e.event, e.frame)
	}
	if hung {
		n.stretchHeld(in, by)
	}
	n.stretchShares(&in.cpu, in, by)
}

// stretched returns how long it then is to the end of what f does, or of its
// turn, which was left until now.
func (n *Network) stretched(f uint32, in *instance, left sim.Time, by float64) sim.Time {
	st := &in.cpu
	if n.frames[f].state != onCore || st.turns == nil {
		return scaled(left, by)
	}
	t := &n.turns[f]
	before := t.left - n.progress(f, n.eng.Now())
	after := scaled(before, by)
	t.left += after - before
	if st.order != RoundRobin {
		return after
	}
	// A turn lasts as long as ever.
	turn := left + t.spare
	t.spare = turn - min(after, turn)
	return turn - t.spare
}

// stretchHeld stretches what stands still at an instance that hangs.
func (n *Network) stretchHeld(in *instance, by float64) {
	h := in.hang
	for k := range h.frozen {
		if e := &h.frozen[k]; works(e.state) && n.cold[e.frame].gen == e.gen && n.frames[e.frame].state == e.state {
			e.event.Left = n.stretched(e.frame, in, e.event.Left, by)
		}
	}
	for k := range h.held {
		if e := &h.held[k]; works(e.state) && n.cold[e.frame].gen == e.gen && n.frames[e.frame].state == e.state {
			e.left = n.stretched(e.frame, in, e.left, by)
		}
	}
}

// stretchShares stretches the work at shared cores. Its order stays: it is
// counted from what everybody has got.
func (n *Network) stretchShares(st *station, in *instance, by float64) {
	s := st.sharing
	if s == nil {
		return
	}
	now := n.eng.Now()
	s.advance(st, now)
	got := s.got
	if in.state == fault.Hung {
		got = in.hang.got
	}
	for k := range st.turns.bench {
		seat := &st.turns.bench[k]
		seat.rank = got + float64((seat.rank-got)*by)
	}
	if in.state != fault.Hung {
		n.tick(st, now)
	}
}
