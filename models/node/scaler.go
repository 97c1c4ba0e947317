package node

import (
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/models/scale"
	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/stats"
)

// scaler is the controller of a fleet in operation. It looks at the end of
// each interval at what was measured within it, and starts or drains
// instances; between that it only keeps to its schedule.
type scaler struct {
	spec    *scale.Spec
	node    uint32
	looks   sim.Time     // when it looks next
	turns   sim.Time     // when the schedule says something else
	least   int          // instances that there must be until then
	changed sim.Time     // when it last changed their number; Never: not yet
	backlog *broker      // that it looks at; nil: it looks at the instances
	waited  stats.Sum128 // ∫ of that when the interval began
}

// scaling prepares the controllers.
func (b *builder) scaling() {
	for i := range b.spec.Nodes {
		v := b.spec.Nodes[i].Server
		if v == nil || v.Autoscale == nil {
			continue
		}
		s := scaler{spec: v.Autoscale, node: uint32(i), changed: sim.Never}
		if s.spec.Metric == scale.Queue {
			s.backlog = b.nodes[s.spec.Queue].broker
		}
		b.scaled = append(b.scaled, s)
	}
}

// scheduleScalers lets the controllers begin with the window.
func (n *Network) scheduleScalers() {
	for k := range n.scaled {
		nd := &n.nodes[n.scaled[k].node]
		f, fr, c := n.newFrame(nd.first, 0, none)
		fr.state, c.count = scaleDue, uint32(k)
		n.eng.Arm(0, sim.Timer, nd.rank, f)
	}
}

// controls lets the controller of frame f do what is due.
func (n *Network) controls(f uint32) {
	s, now := &n.scaled[n.cold[f].count], n.eng.Now()
	given := n.nodes[s.node].fleet.given()
	if now >= s.turns {
		s.least, s.turns = s.spec.Least(now)
		if there := n.there(s); there < s.least && !given {
			n.scaleTo(s, there, s.least)
		}
	}
	if now >= s.looks {
		if s.looks > 0 && !given {
			there := n.there(s)
			n.scaleTo(s, there, s.spec.Plan(now, s.changed, there, s.least, n.desired(s, there)))
		}
		n.nextInterval(s)
		s.looks = now + s.spec.Every
	}
	n.eng.Arm(min(s.looks, s.turns), sim.Timer, n.rankOf(f), f)
}

// there is how many instances of a fleet there are, those that boot and those
// that a deploy replaces, and not those that drain.
func (n *Network) there(s *scaler) int {
	there, x := 0, n.nodes[s.node].fleet
	set := x.set(s)
	for k := range set {
		if m := &set[k]; m.stage == booting || m.stage == serving || x.comesBack(m) {
			there++
		}
	}
	return there
}

// set is the instances that a controller starts and stops: of two sets, of
// which one is in service, that one.
func (x *fleet) set(s *scaler) []member { return x.members[x.base:][:s.spec.Max] }

// desired is how many instances there should be by what was measured in the
// interval that ends now. Only those count as serving that have been so for
// all of it; the others, dead ones too, count like those that boot.
func (n *Network) desired(s *scaler, there int) int {
	if there == 0 {
		return 0
	}
	now, nd := n.eng.Now(), &n.nodes[s.node]
	if s.backlog != nil {
		s.backlog.account(n)
		area := s.backlog.area
		area.Sub(s.waited)
		backlog := area.Float64() / float64(s.spec.Every)
		return scale.Desired(there, 0, backlog/float64(there), s.spec.Target)
	}
	ready, cores := 0, 0
	var amount stats.Sum128 // of what is measured, times nanoseconds
	for k := range nd.fleet.members {
		m, i := &nd.fleet.members[k], nd.first+uint32(k)
		if m.stage != serving || m.since > now-s.spec.Every || n.insts[i].state >= fault.Dead || n.downTime(i) != m.load.mark.down {
			continue
		}
		ready++
		cores += int(n.insts[i].cpu.capacity)
		amount.AddSum(n.measured(s.spec.Metric, i, m))
	}
	if ready == 0 {
		return there
	}
	per := float64(s.spec.Every) * float64(ready)
	if s.spec.Metric == scale.CPU {
		per = float64(s.spec.Every) * float64(cores)
	}
	return scale.Desired(ready, there-ready, amount.Float64()/per, s.spec.Target)
}

// measured is how much of a metric instance i had since the interval began.
func (n *Network) measured(metric scale.Metric, i uint32, m *member) stats.Sum128 {
	now, mark := n.eng.Now(), &m.load.mark
	var amount stats.Sum128
	switch metric {
	case scale.CPU:
		n.insts[i].cpu.account(now)
		amount = n.insts[i].cpu.busyArea
		amount.Sub(mark.busy)
	case scale.Concurrency:
		m.load.count(0, now)
		amount = m.load.area
		amount.Sub(mark.area)
	default: // per second
		amount.AddProduct(m.load.came-mark.came, uint64(sim.Second))
	}
	return amount
}

// nextInterval begins an interval.
func (n *Network) nextInterval(s *scaler) {
	nd := &n.nodes[s.node]
	for k := range nd.fleet.members {
		if m := &nd.fleet.members[k]; m.stage == serving {
			m.load.restart(n, nd.first+uint32(k))
		}
	}
	if s.backlog != nil {
		s.backlog.account(n)
		s.waited = s.backlog.area
	}
}

// scaleTo starts instances, the first that are not there, or drains those
// that were started last.
func (n *Network) scaleTo(s *scaler, there, wanted int) {
	nd := &n.nodes[s.node]
	x := nd.fleet
	first, members := nd.first+x.base, x.set(s)
	for k := 0; k < len(members) && there < wanted; k++ {
		if members[k].stage == absent {
			n.equip(first+uint32(k), int(x.made))
			n.starts(first+uint32(k), s.spec.Boot)
			s.changed = n.eng.Now()
			there++
		}
	}
	for ; there > wanted; there-- {
		k := x.newest(members)
		x.spares(&members[k])
		n.drains(first+uint32(k), s.spec.Drain)
		s.changed = n.eng.Now()
	}
	if d := x.deploy; d != nil && d.spec.Strategy != BlueGreen {
		n.nextBatch(nd, d)
	}
}

// newest is which of the instances goes first: one that a deploy has taken
// out of service, or that which was started last.
func (x *fleet) newest(members []member) int {
	newest := -1
	for k := range members {
		m := &members[k]
		if x.comesBack(m) {
			return k
		}
		if (m.stage == booting || m.stage == serving) && (newest < 0 || m.born >= members[newest].born) {
			newest = k
		}
	}
	return newest
}
