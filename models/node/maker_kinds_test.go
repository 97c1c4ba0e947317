package node

import (
	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// ailing draws the faults that kill nobody. It is a stream of its own.
func ailing(seed uint64) *maker { return &maker{s: sim.Keyed(sim.Mix(seed, 96))} }

// ailments lets things be slow, err, be delayed and be flushed, and more come.
func (m *maker) ailments(seed uint64) {
	p := ailing(seed)
	for i := range m.spec.Nodes {
		if c := m.spec.Nodes[i].Client; c != nil {
			p.steady(c)
		}
	}
	if p.chance(30) {
		return
	}
	for range 1 + p.below(8) {
		f := fault.Fault{
			Kind: fault.Slow + fault.Kind(p.below(5)), At: sim.Time(p.below(900)) * msec, For: sim.Time(1+p.below(300)) * msec,
			Factor: []float64{1.5, 3, 10}[p.below(3)], Ratio: []float64{0.1, 0.5, 1}[p.below(3)], Add: p.law(5),
		}
		if p.chance(20) {
			f.For = 0
		}
		var may []int
		for i := range m.spec.Nodes {
			if strikable(f.Kind, &m.spec.Nodes[i]) {
				may = append(may, i)
			}
		}
		if len(may) == 0 { // no client of whom more could come
			continue
		}
		i := may[p.below(len(may))]
		at := fault.Span{Node: i, Count: max(1, m.spec.Nodes[i].Instances)}
		if p.chance(50) {
			at.First, at.Count = p.below(at.Count), 1
		}
		if f.Kind == fault.Flush {
			f.For = 0
		}
		f.Where = []fault.Span{at}
		m.spec.Faults = append(m.spec.Faults, f)
	}
}

// steady lets a client send for a second by a rate, or have users, of either of
// which there may be more.
func (m *maker) steady(c *ClientSpec) {
	second := []arrival.Ramp{{Duration: sim.Second, Target: 200}, {}}
	switch {
	case m.chance(40):
		text := []string{"poisson 200/s", "constant 200/s"}[m.below(2)]
		plan, problem := arrival.Parse(text, second, 1)
		if problem != nil {
			panic(problem)
		}
		c.Open = plan
	case c.Session == nil && m.chance(30):
		users := arrival.NewUsers(5, []arrival.Ramp{{Duration: sim.Second, Target: 9}, {}})
		c.Open, c.Closed, c.Think = nil, &users, m.law(20)
	}
}

// strikable reports whether such a fault may strike a node.
func strikable(k fault.Kind, n *Node) bool {
	switch k {
	case fault.Surge:
		if n.Client == nil {
			return false
		}
		return n.Client.Open == nil || arrival.CanSurge(n.Client.Open)
	case fault.Flush:
		return n.Kind == Cache || n.Kind == CDN
	}
	return n.Kind != Client
}
