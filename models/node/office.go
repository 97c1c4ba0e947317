package node

import (
	"slices"

	"github.com/capsim/capsim/models/fault"
)

// A fault of a primary strikes whoever is the primary of that shard when it
// begins, and stays with that instance until it ends. One that comes by chance
// belongs to the office: of each instance that may hold it the clock runs as
// long as it does.

// eligible lists the instances that a fault may come to strike.
func (b *builder) eligible(f *fault.Fault) []uint32 {
	return b.instancesAt(b.offices(f.Where))
}

// offices widens the spans that mean a primary to all of its shard.
func (b *builder) offices(spans []fault.Span) []fault.Span {
	if !slices.ContainsFunc(spans, func(s fault.Span) bool { return s.Leads }) {
		return spans
	}
	spans = slices.Clone(spans)
	for i := range spans {
		if s := &spans[i]; s.Leads {
			s.Count = b.spec.Nodes[s.Node].Database.PerShard()
		}
	}
	return spans
}

// findLeaders lets fault k, which begins, strike the primaries that there are
// now where it is to strike primaries. Of a shard that has none it is who led
// last, of one that has two the newer.
func (n *Network) findLeaders(k int) {
	f, t := &n.spec.Faults[k], n.faults.targets[k]
	for i, at := 0, 0; i < len(f.Where); i++ {
		where := &f.Where[i]
		if where.Leads {
			leader := n.leader(where)
			// On the other side of a partition it cannot stand as well.
			if !slices.Contains(t, leader) {
				if n.ofPartition(k) {
					sides := n.cuts.sides[k]
					sides[leader], sides[t[at]] = sides[t[at]], 0
				}
				t[at] = leader
			}
		}
		at += where.Count
	}
}

// leader is the primary that a span means at present.
func (n *Network) leader(s *fault.Span) uint32 {
	d := n.nodes[s.Node].database
	h := &d.helm.shards[uint32(s.First)/d.per]
	if len(h.leaders) > 0 {
		return h.leaders[len(h.leaders)-1]
	}
	return h.last
}

// clockedBy lists the sets of instances that fail one by one because of a
// fault that comes by chance, and whether what fails is who holds an office.
func (b *builder) clockedBy(f *fault.Fault) (insts []uint32, office []bool) {
	for _, where := range f.Where {
		wide := b.instancesAt(b.offices([]fault.Span{where}))
		insts = append(insts, wide...)
		for range wide {
			office = append(office, where.Leads)
		}
	}
	return insts, office
}

// takesOffice lets the clocks of an instance run, or stand still, that belong
// to the office that it has taken or lost.
func (n *Network) takesOffice(i uint32) {
	if n.faults.chance == nil {
		return
	}
	for _, k := range n.faults.chance.ofInst[i] {
		d := &n.faults.chance.each[k]
		if !d.office || d.frame == none || d.broken {
			continue
		}
		switch away := n.isAway(d); {
		case away && !d.stands:
			n.stopClock(d)
		case !away && d.stands:
			n.startClock(d)
		}
	}
}
