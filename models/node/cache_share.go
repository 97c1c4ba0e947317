package node

import (
	"slices"

	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/sim"
)

// itemRing says which of the instances of a cache keeps an item.
type itemRing struct{ *balance.Group }

func newItemRing(name string, instances int) *itemRing {
	o := balance.Options{Instances: instances}
	for k := range instances {
		o.Names = append(o.Names, sim.Mix(sim.HashName(name), uint64(k)))
	}
	return &itemRing{balance.NewGroup("consistent-hash", o)}
}

func (r *itemRing) of(item uint64) uint32 {
	return uint32(r.Pick(balance.Request{Hash: sim.HashWord(item)}, balance.Nobody, nil))
}

// hottestHolder finds the instance of a cache that has most to do: each has
// what is asked about its items, and others cannot help it. Where a balancer
// chooses the instance that is not so.
func (t *traffic) hottestHolder(at int, l *Load) {
	n := &t.spec.Nodes[at]
	if n.Instances == 1 || l.CPU == 0 || t.spec.balanced(at) {
		return
	}
	ring := newItemRing(n.Name, n.Instances)
	shares, known := t.spec.sharesOf(at, n.Instances, false, func(law dist.Law) []float64 {
		out := make([]float64, n.Instances)
		shareKeys(law, ring.of, out)
		return out
	})
	l.Unsure = l.Unsure || !known
	most := slices.Max(shares)
	l.Hottest = &Hottest{Instance: slices.Index(shares, most), CPU: float64(l.CPU*most) / float64(n.Cache.Cores)}
}

// balanced reports whether a balancer chooses among the instances of a node.
func (s *Spec) balanced(at int) bool {
	return slices.ContainsFunc(s.Nodes, func(n Node) bool {
		return n.Balancer != nil && slices.ContainsFunc(n.Balancer.Ways(), func(way []int) bool { return slices.Contains(way, at) })
	})
}
