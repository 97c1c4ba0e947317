package study

import (
	"errors"
	"slices"
	"strings"

	"github.com/capsim/capsim/models/node"
)

// A number of workers, or of connections in a pool, is a limit and nothing
// else: as long as no instance is asked for more at once, it makes no
// difference how high it is. The same happens then at the same times, event by
// event, so that a design that was simulated stands for all that differ from it
// in limits which were never reached, whether there are more or fewer of these.
// That is exact, and holds where more of the limit might be worse.
//
// planLimit is a dimension whose values are such a limit.
type planLimit struct {
	node   string
	pool   string // whose connections they are; "": workers
	values []int  // by value
}

// limits finds the dimensions that are limits, from what each of their values
// makes of the node beside the first values of the others.
func (s *planning) limits(variants [][]*node.Spec) []*planLimit {
	out := make([]*planLimit, len(variants))
	for d, specs := range variants {
		out[d] = limitOf(s.plan.Dimensions[d].Path, specs)
	}
	return out
}

// limitOf is the limit that a key is, nil if it is none.
func limitOf(path string, specs []*node.Spec) *planLimit {
	family, rest, _ := strings.Cut(path, ".")
	l := &planLimit{}
	var is bool
	if l.node, is = strings.CutSuffix(rest, ".concurrency"); !is {
		if rest, is = strings.CutSuffix(rest, ".size"); !is {
			return nil
		}
		if l.node, l.pool, is = strings.Cut(rest, ".pool."); !is {
			return nil
		}
	}
	if family != node.Server.String() {
		return nil
	}
	l.node, l.pool = strings.Trim(l.node, `"'`), strings.Trim(l.pool, `"'`)
	for _, spec := range specs {
		n := l.in(spec)
		if n == 0 || !onlyLimits(spec, nodeNamed(spec, l.node)) {
			return nil
		}
		l.values = append(l.values, n)
	}
	return l
}

// onlyLimits reports whether nothing but who is let in depends on the limits of
// a node: a queue pushes as many messages as its consumer has workers, and
// instances that come and go may have other limits.
func onlyLimits(spec *node.Spec, n *node.Node) bool {
	for i := range spec.Nodes {
		if q := spec.Nodes[i].Queue; q != nil && spec.Nodes[q.Consumer.Node].Name == n.Name {
			return false
		}
	}
	return !n.Deployed && n.Server.Autoscale == nil
}

// in is how high the limit is in a specification; 0: there is none.
func (l *planLimit) in(spec *node.Spec) int {
	n := nodeNamed(spec, l.node)
	switch {
	case n == nil || n.Server == nil:
		return 0
	case l.pool == "":
		return n.Server.Concurrency
	}
	if k := l.poolOf(spec, n); k >= 0 {
		return n.Server.Pools[k].Size
	}
	return 0
}

// poolOf is which of the pools of a node it is; -1: none.
func (l *planLimit) poolOf(spec *node.Spec, n *node.Node) int {
	for k := range n.Server.Pools {
		if spec.Nodes[n.Server.Pools[k].To].Name == l.pool {
			return k
		}
	}
	return -1
}

// asked is how much of the limit an instance was asked for at once at most, in
// a run.
func (l *planLimit) asked(spec *node.Spec, asked []node.Asked) int {
	i := slices.IndexFunc(spec.Nodes, func(n node.Node) bool { return n.Name == l.node })
	if l.pool != "" {
		return asked[i].Pools[l.poolOf(spec, &spec.Nodes[i])]
	}
	return asked[i].Workers
}

// asks adds what a run of a design asked of the limits.
func (s *planning) asks(r *race, spec *node.Spec, asked []node.Asked) {
	for d, l := range s.bounds {
		if l != nil {
			r.asked[d] = max(r.asked[d], l.asked(spec, asked))
		}
	}
}

// alike reports whether what happened to a design that was simulated is what
// happens to another, event by event.
func (s *planning) alike(f, c *planned) bool { return slices.Equal(s.likeness(f, c), c.at) }

// likeness are the places of a design that is alike one that was simulated, and
// as near to another as such a design can be.
func (s *planning) likeness(f, c *planned) []int {
	at := slices.Clone(f.at)
	for d, l := range s.bounds {
		if l != nil && f.race.asked != nil && f.race.asked[d] <= min(l.values[f.at[d]], l.values[c.at[d]]) {
			at[d] = c.at[d]
		}
	}
	return at
}

// standsFor decides all designs that are alike one that was simulated. They
// cost the same: a limit has no price.
func (s *planning) standsFor(i int) {
	f := &s.all[i]
	for k := range s.all {
		if c := &s.all[k]; c.state == planOpen && s.alike(f, c) {
			c.by, c.alike = i, true
			if c.state = planServed; f.state == planMissed {
				c.state = planPruned
			}
		}
	}
}

// room is how high the limits of a design are, in places: of designs that are
// nothing but that apart, the one with most stands for most.
func (s *planning) room(at []int) int {
	sum := 0
	for d, l := range s.bounds {
		for v := range s.plan.Dimensions[d].Values {
			if l != nil && l.values[v] < l.values[at[d]] {
				sum++
			}
		}
	}
	return sum
}

// pilot finds the warm-up of a design, and what it asks of the limits.
func (s *planning) pilot(r *race, spec *node.Spec) error {
	if spec.Run.Warmup != node.Auto {
		return nil
	}
	n := node.NewNetwork(spec, node.Pilot)
	found, _, err := n.FindWarmup(s.opt.Stop)
	if limit, is := errors.AsType[*node.LimitError](err); is {
		spec.Run.Warmup, r.cases[0].limit, r.asked = 0, limit.Error(), nil
		return nil
	}
	if err != nil {
		return err
	}
	s.asks(r, spec, n.Asked())
	spec.Run.Warmup = found
	return nil
}
