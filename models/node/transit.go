package node

import (
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// wires is how long messages take between the zones.
type wires struct {
	zones    int
	between  []timed // of zone a and zone b, at a·zones + b
	internet timed
	loss     float64
}

// beyond is the zone of what lies behind the internet.
const beyond = None

func newWires(s *NetworkSpec, zones int) *wires {
	w := &wires{zones: zones, loss: s.Loss, internet: wire(s.Internet), between: make([]timed, zones*zones)}
	for a := range zones {
		for b := range zones {
			law := s.CrossZone
			if a == b {
				law = s.SameZone
			}
			for _, z := range s.Between {
				if z.A == a && z.B == b || z.A == b && z.B == a {
					law = z.Delay
				}
			}
			w.between[a*zones+b] = wire(law)
		}
	}
	return w
}

func wire(law dist.Law) timed {
	t := timed{law: law, lane: -1, speed: 1}
	switch l := law.(type) {
	case nil:
	case dist.Constant:
		t.kind, t.value = constantLaw, l.Value
	case dist.Exponential:
		t.kind, t.value = exponentialLaw, l.MeanValue
	default:
		t.kind = otherLaw
	}
	return t
}

// way returns how long messages between two zones take.
func (w *wires) way(a, b int32) *timed {
	if a == beyond || b == beyond {
		return &w.internet
	}
	return &w.between[int(a)*w.zones+int(b)]
}

// Purposes of the draws of a message.
var (
	purposeThere = sim.HashName("network", "there")
	purposeBack  = sim.HashName("network", "back")
	purposeLoss  = sim.HashName("network", "loss")
)

// message returns how long the message of visit g takes, to or from the
// instance that it is for, and whether it is lost on the way.
func (n *Network) message(g, peer uint32, purpose uint64) (d sim.Time, lost bool) {
	if n.cuts != nil && n.cut(peer, n.frames[g].inst) {
		return 0, true
	}
	in := &n.insts[n.frames[g].inst]
	// A balancer passes its seed on; the hop tells the messages apart.
	key := sim.Mix(sim.MixHashed(n.cold[g].seed, in.at.hop), purpose)
	if n.net.loss > 0 {
		s := sim.Keyed(sim.Mix(key, purposeLoss))
		lost = s.Float64() < n.net.loss
	}
	if in.at.near {
		return 0, lost
	}
	t := n.net.way(n.insts[peer].zone, in.zone)
	switch t.kind {
	case noLaw:
		return 0, lost
	case constantLaw:
		return sim.FromNanoseconds(t.value), lost
	case exponentialLaw:
		s := sim.Keyed(key)
		return sim.FromNanoseconds(t.value * s.Exp()), lost
	}
	n.scratch = sim.Keyed(key)
	return sim.FromNanoseconds(t.law.Sample(&n.scratch)), lost
}

// callerOf is the instance that the call of visit g comes from.
func (n *Network) callerOf(g uint32) uint32 {
	if p := n.frames[g].parent; p != none {
		return n.frames[p].inst
	}
	return n.clients[n.reqs[n.frames[g].req].client].at.first
}

// travel sends the visit in frame g on its way.
func (n *Network) travel(g uint32) uint32 {
	d, lost := n.message(g, n.callerOf(g), purposeThere)
	if lost {
		return n.lose(g)
	}
	n.rare[g].transit = d
	if d == 0 {
		return n.reach(g)
	}
	n.frames[g].state = outbound
	n.goTo(g, d)
	return none
}

// goTo lets a message arrive after d.
func (n *Network) goTo(g uint32, d sim.Time) {
	n.endAt(g, n.eng.Now()+d)
}

// reach lets the visit in frame g arrive at its instance.
func (n *Network) reach(g uint32) uint32 {
	in := &n.insts[n.frames[g].inst]
	n.frames[g].state = running
	n.cold[g].arrived = n.eng.Now()
	n.arrived(in, in.at)
	if in.state >= fault.Dead {
		return n.refuseDead(g, in)
	}
	if in.at.database != nil && n.unled(in.at, n.frames[g].inst, n.frames[g].op, n.frames[g].req) {
		return n.refuseDead(g, in)
	}
	if n.lags && n.delayed(g, in) {
		return none
	}
	return n.comesIn(g, in)
}

// travelHome sends the answer of visit g on its way.
func (n *Network) travelHome(g uint32, status Status) uint32 {
	if status == OK && n.spec.Network != nil {
		n.countEgress(g)
	}
	d, lost := n.message(g, n.callerOf(g), purposeBack)
	if lost {
		return n.lose(g)
	}
	n.rare[g].transit += d
	if d == 0 {
		return n.deliver(g, status)
	}
	n.frames[g].state = homebound
	n.cold[g].limit = uint32(status)
	n.goTo(g, d)
	return none
}

// lose lets a message be swallowed: its sender waits for an answer that never
// comes, until a time-out.
func (n *Network) lose(g uint32) uint32 {
	fr := &n.frames[g]
	if p := fr.parent; p != none && n.cold[p].gen == n.cold[g].parentGen && n.cold[p].child == g {
		n.cold[p].child = none
		if n.code[n.frames[p].pc].op == opDeliver && n.cold[p].count == none {
			n.givesUp(p) // nothing else will end it: its time-out has passed
		}
	}
	n.release(g)
	return none
}
