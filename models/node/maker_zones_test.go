package node

import (
	"slices"

	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// parting draws what concerns zones and partitions. It is a stream of its own.
func parting(seed uint64) *maker { return &maker{s: sim.Keyed(sim.Mix(seed, 98))} }

// parted decides whether a system without a network may lose messages all the
// same, to partitions: then everybody who waits for an answer has a time-out.
func (m *maker) parted(seed uint64) {
	if m.spec.Network == nil {
		m.lossy = parting(seed).chance(50)
	}
}

// failsIn are the kinds of node that fail with their zone.
var failsIn = []Kind{LoadBalancer, Server, Cache, Queue, Database}

// partitions lets zones fail, and parts the system where everybody has a
// time-out.
func (m *maker) partitions(seed uint64) {
	p := parting(seed)
	p.below(100)
	zones := len(m.spec.Zones)
	for range p.below(4) {
		f := fault.Fault{Kind: fault.Kind(p.below(2)), At: sim.Time(p.below(900)) * msec, For: sim.Time(1+p.below(200)) * msec}
		f.Silent = f.Kind == fault.Kill && m.lossy && p.chance(50)
		p.byChance(&f)
		if f.Where = standing(m.spec, p.below(zones), failsIn...); len(f.Where) > 0 && p.chance(50) {
			m.spec.Faults = append(m.spec.Faults, f)
		}
		if !m.lossy {
			continue
		}
		f = fault.Fault{Kind: fault.Partition, At: sim.Time(p.below(900)) * msec, For: sim.Time(1+p.below(200)) * msec}
		p.byChance(&f)
		f.Sides = p.sides(m.spec)
		if f.Where = slices.Concat(f.Sides[0], f.Sides[1]); len(f.Sides[0]) > 0 && len(f.Sides[1]) > 0 {
			m.spec.Faults = append(m.spec.Faults, f)
		}
	}
}

// byChance lets a fault of a zone, or a partition, come by chance, if it is so
// drawn.
func (m *maker) byChance(f *fault.Fault) {
	if m.chance(25) {
		f.For, f.AsOne, f.MTTF, f.MTTR = 0, true, m.oneOf(50, 300), m.oneOf(10, 100)
	}
}

// sides draws the sides of a partition: two zones, or two sets of nodes.
func (m *maker) sides(spec *Spec) (sides [2][]fault.Span) {
	if zones := len(spec.Zones); zones > 1 && m.chance(60) {
		a := m.below(zones)
		return [2][]fault.Span{standing(spec, a), standing(spec, (a+1+m.below(zones-1))%zones)}
	}
	for i := range spec.Nodes {
		for k := range max(1, spec.Nodes[i].Instances) {
			if side := m.below(3); side < 2 {
				sides[side] = append(sides[side], fault.Span{Node: i, First: k, Count: 1})
			}
		}
	}
	return sides
}
