package node

import (
	"slices"

	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// ailment is what faults do to an instance that neither kill it nor let it
// hang. Instances that no such fault strikes within the window have none.
type ailment struct {
	slow    float64 // how many times as long work takes
	passing float64 // the share of what comes in that is not answered failed
	delays  bool    // what comes in is delayed first
	refill  int     // of a cache that was flushed: entries that it had; 0: it has them again
}

// Purposes of the draws of what comes to an instance that ails.
var (
	purposeErrors  = sim.HashName("fault", "errors")
	purposeLatency = sim.HashName("fault", "latency")
)

// ailments prepares the faults that kill nobody and begin within the window.
func (b *builder) ailments() {
	inward := false // something happens before a request is let in
	for k := range b.spec.Faults {
		f := &b.spec.Faults[k]
		if !b.spec.comes(k) {
			continue
		}
		switch f.Kind {
		case fault.Slow:
			b.slows = true
		case fault.Errors:
			inward = true
		case fault.Latency:
			inward, b.lags = true, true
		case fault.Flush:
		case fault.Surge:
			for _, i := range b.faults.targets[k] {
				b.swelling(b.insts[i].at.client)
			}
			continue
		default:
			continue
		}
		for _, i := range b.eligible(f) {
			if b.insts[i].ailment == nil {
				b.insts[i].ailment = &ailment{slow: 1, passing: 1}
			}
		}
	}
	if inward && b.net == nil { // what is sent takes no time, but arrives by itself
		b.net = newWires(&NetworkSpec{}, len(b.spec.Zones))
	}
}

// spoiled reports whether faults let a node answer with errors.
func (b *builder) spoiled(at uint32) bool {
	for k := range b.spec.Faults {
		f := &b.spec.Faults[k]
		if f.Kind == fault.Errors && b.spec.comes(k) && slices.ContainsFunc(f.Where, func(s fault.Span) bool { return s.Node == int(at) }) {
			return true
		}
	}
	return false
}

// ails begins or ends a fault that changes how some instances work.
func (n *Network) ails(insts []uint32, f *fault.Fault, begins bool) {
	for _, i := range insts {
		c := &n.faults.conditions[i]
		if begins {
			c.Begin(f)
		} else {
			c.End(f)
		}
		a := n.insts[i].ailment
		was := a.slow
		a.slow, a.passing, a.delays = c.Slowness(), c.Passing(), c.Delays()
		if a.slow != was {
			n.stretch(i, a.slow/was)
		}
	}
}

// comesIn lets the visit in frame g, which has reached its instance, in
// unless it is refused or a fault answers it.
func (n *Network) comesIn(g uint32, in *instance) uint32 {
	nd := in.at
	switch {
	case in.ailment != nil && n.spoils(g, in):
		return n.turnedBack(g, nd, Failed)
	case n.refuses(nd, n.frames[g].inst):
		return n.turnedBack(g, nd, Rejected)
	}
	n.comesInside(g, nd)
	return n.takesIn(g, nd)
}

// turnedBack answers visit g, which has not been let in.
func (n *Network) turnedBack(g uint32, nd *nodeState, why Status) uint32 {
	if n.measuring {
		nd.stats.Errors[why-1]++
	}
	return n.travelHome(g, why)
}

// spoils decides whether visit g is answered failed. What somebody else's
// service answers comes after its latency; who hangs answers nothing.
func (n *Network) spoils(g uint32, in *instance) bool {
	if in.ailment.passing == 1 || in.at.kind == External || in.state == fault.Hung {
		return false
	}
	s := n.chanceOf(g, in, purposeErrors)
	return s.Float64() >= in.ailment.passing
}

// chanceOf is a stream of what chance does to visit g at its instance.
func (n *Network) chanceOf(g uint32, in *instance, purpose uint64) sim.Stream {
	// A balancer passes its seed on; the hop tells the nodes apart.
	return sim.Keyed(sim.Mix(sim.MixHashed(n.cold[g].seed, in.at.hop), purpose))
}

// answers lets an external service answer f: failed in its usual share, and in
// that of faults.
func (n *Network) answers(f uint32, in *instr) uint32 {
	fr := &n.frames[f]
	passing := 1 - in.ratio
	if a := n.insts[fr.inst].ailment; a != nil {
		passing *= a.passing
	}
	s := sim.Keyed(sim.MixHashed(n.cold[f].seed, in.hashed))
	if s.Float64() < 1-passing {
		return n.leave(f, Failed)
	}
	fr.pc++
	return f
}

// delayed lets visit g wait before it is handled, if a fault wants it. It is
// inside meanwhile, and holds nothing.
func (n *Network) delayed(g uint32, in *instance) bool {
	n.rare[g].lag = 0
	if in.ailment == nil || !in.ailment.delays {
		return false
	}
	d := n.lagOf(g, in)
	if d == 0 {
		return false
	}
	now := n.eng.Now()
	n.comesInside(g, in.at)
	n.rare[g].lag = d
	n.frames[g].state, n.frames[g].since = lagging, now
	n.endAt(g, now+d)
	return true
}

// lagOf draws how long what comes to an instance in frame g is delayed.
func (n *Network) lagOf(g uint32, in *instance) sim.Time {
	if in.ailment == nil || !in.ailment.delays {
		return 0
	}
	n.scratch = n.chanceOf(g, in, purposeLatency)
	return n.faults.conditions[n.frames[g].inst].Delay(&n.scratch)
}

// lagOver lets visit g go on that was delayed: in, or back.
func (n *Network) lagOver(g uint32) uint32 {
	fr := &n.frames[g]
	in := &n.insts[fr.inst]
	fr.state = running
	n.cold[g].served += n.eng.Now() - fr.since
	why := OK
	switch {
	case n.spoils(g, in):
		why = Failed
	case n.refuses(in.at, fr.inst):
		why = Rejected
	default:
		return n.takesIn(g, in.at)
	}
	n.depart(in.at, g)
	return n.turnedBack(g, in.at, why)
}

// stopLag ends visit g, which is still delayed.
func (n *Network) stopLag(g uint32, why Status) {
	nd := n.insts[n.frames[g].inst].at
	n.depart(nd, g)
	n.countStopped(nd, why)
	if why == Unavailable {
		n.falls(g)
		return
	}
	n.release(g)
}

// insideSince is since when visit g has been handled at its instance: what a
// fault delays holds nothing.
func (n *Network) insideSince(g uint32) sim.Time {
	if n.lags {
		return n.cold[g].arrived + n.rare[g].lag
	}
	return n.cold[g].arrived
}
