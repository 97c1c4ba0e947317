package study

import (
	"slices"
	"strings"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
)

// planOrder says which values of each dimension are no better than which,
// whatever the others are.
type planOrder struct {
	below [][][]bool // by dimension: value i is no better than value j
	why   []string   // the dimension has no order; "" where it has one
	last  []bool     // the dimension is of a node that nothing stands behind
	node  []string   // that the dimension is of
}

// noBetter reports whether a design has no more of anything than another.
func (o *planOrder) noBetter(a, b []int) bool {
	for d := range a {
		if !o.below[d][a[d]][b[d]] {
			return false
		}
	}
	return true
}

// onlyOf reports whether all dimensions in which two designs differ are such.
func (o *planOrder) onlyOf(a, b []int, such func(d int) bool) bool {
	for d := range a {
		if a[d] != b[d] && !such(d) {
			return false
		}
	}
	return true
}

// count is how many designs of the whole space have no more of anything than
// one.
func (o *planOrder) count(at []int) int {
	n := 1
	for d := range at {
		here := 0
		for v := range o.below[d] {
			if o.below[d][v][at[d]] {
				here++
			}
		}
		n *= here
	}
	return n
}

// orders finds the order of each dimension's values: by what they make of the
// nodes, with the first values of the others. What may spoil it is looked for
// under every value of every dimension.
func (s *planning) orders(variants [][]*node.Spec) *planOrder {
	o := &planOrder{}
	for d := range s.plan.Dimensions {
		specs, values := variants[d], len(variants[d])
		all := slices.Concat(variants...)
		name, more, why := moreOf(s.plan.Dimensions[d].Path, all)
		if why == "" {
			why = spoiled(all, name)
		}
		struck := s.struck(d, values)
		below := make([][]bool, values)
		for i := range below {
			below[i] = make([]bool, values)
			for j := range below[i] {
				below[i][j] = i == j || why == "" && more(nodeNamed(specs[j], name), nodeNamed(specs[i], name)) && bearsMore(struck[j], struck[i], name)
			}
		}
		o.below, o.why = append(o.below, below), append(o.why, why)
		o.node = append(o.node, name)
		o.last = append(o.last, why == "" && !slices.ContainsFunc(all, func(spec *node.Spec) bool { return !last(spec, nodeNamed(spec, name)) }))
	}
	return o
}

// variants are the specifications of each value of each dimension, beside the
// first values of the others.
func (s *planning) variants() [][]*node.Spec {
	variants := make([][]*node.Spec, len(s.plan.Dimensions))
	for d := range s.plan.Dimensions {
		for v := range s.plan.Dimensions[d].Values {
			variants[d] = append(variants[d], s.spec(s.alone(d, v), -1))
		}
	}
	return variants
}

// alone is the point of a value of a dimension beside the first values of the
// others.
func (s *planning) alone(d, v int) int {
	at := make([]int, len(s.plan.Dimensions))
	at[d] = v
	return s.pointAt(at)
}

// struck are, for each value of a dimension, its specifications without and with
// each of the faults.
func (s *planning) struck(d, values int) [][]*node.Spec {
	out := make([][]*node.Spec, values)
	for v := range out {
		for k := -1; k < len(s.plan.Survive); k++ {
			out[v] = append(out[v], s.spec(s.alone(d, v), k))
		}
	}
	return out
}

func nodeNamed(spec *node.Spec, name string) *node.Node {
	i := slices.IndexFunc(spec.Nodes, func(n node.Node) bool { return n.Name == name })
	if i < 0 {
		return nil
	}
	return &spec.Nodes[i]
}

// moreOf says how the values of a key compare: more(a, b) reports whether a
// node with the one has at least as much as with the other. Why says that they
// do not, "" if they do. More is never worse only of what is nothing but a
// resource: instances among which nothing but the load decides, cores that do
// not hinder each other, the speed of the network, memory that is a limit.
func moreOf(path string, specs []*node.Spec) (name string, more func(a, b *node.Node) bool, why string) {
	family, rest, _ := strings.Cut(path, ".")
	end := strings.LastIndexByte(rest, '.')
	if end < 0 || family != node.Server.String() && family != node.Database.String() && family != node.Cache.String() {
		return "", nil, "nobody knows which of its values is more"
	}
	name = strings.Trim(rest[:end], `"'`)
	n := nodeNamed(specs[0], name)
	if slices.ContainsFunc(specs, func(spec *node.Spec) bool { return nodeNamed(spec, name) == nil }) {
		return "", nil, "not every design has " + name
	}
	if n.Deployed {
		return "", nil, "deploys change what is there"
	}
	switch key := rest[end+1:]; {
	case key == "instances" && n.Kind == node.Server:
		return name, moreInstances, chosenBy(specs, name)
	case key == "cores", key == "type", key == "speed", key == "network":
		return name, moreMachine, machinesOf(specs, name)
	case key == "memory" && n.Server != nil:
		return name, moreMachine, machinesOf(specs, name)
	case (key == "capacity" || key == "memory") && n.Kind == node.Cache:
		return name, moreRoom, roomsOf(specs, name)
	case key == "hit_ratio" && n.Kind == node.Cache:
		return name, moreHits, ""
	}
	return "", nil, "more of it may be worse"
}

// moreHits reports whether at least as many look-ups find what they look for, in a
// cache of which the file says how many do.
func moreHits(a, b *node.Node) bool {
	return !a.Cache.Emergent() && !b.Cache.Emergent() && a.Cache.HitRatio >= b.Cache.HitRatio
}

func moreInstances(a, b *node.Node) bool { return a.Instances >= b.Instances }

// chosenBy says why more instances of a server may be worse: some choice of an
// instance does not go by the load, or each of them brings load of its own.
func chosenBy(specs []*node.Spec, name string) string {
	for _, spec := range specs {
		n := nodeNamed(spec, name)
		if why := placed(spec, n); why != "" {
			return why
		}
		if len(n.Server.Pools) > 0 {
			return "each instance has connections of its own"
		}
		if chosenByHash(n.Server.Balance) {
			return "which instance serves a request is decided by a hash"
		}
		for i := range spec.Nodes {
			b := spec.Nodes[i].Balancer
			if b == nil || !leadsTo(spec, b, name) {
				continue
			}
			if b.Sticky != nil || chosenByHash(b.Policy) {
				return "which instance serves a request is not decided by the load"
			}
		}
	}
	return ""
}

func chosenByHash(policy string) bool { return strings.HasSuffix(policy, "-hash") }

func leadsTo(spec *node.Spec, b *node.BalancerSpec, name string) bool {
	for _, way := range b.Ways() {
		for _, to := range way {
			if spec.Nodes[to].Name == name {
				return true
			}
		}
	}
	return false
}

// moreMachine reports whether a machine has at least as much of everything.
func moreMachine(a, b *node.Node) bool {
	if a.Cache != nil {
		return moreRoom(a, b)
	}
	x, y := a.Server, b.Server
	return x.Cores >= y.Cores && x.CoreSpeed() >= y.CoreSpeed() && moreDisk(x, y) && (!x.UsesMemory() || unlimited(float64(x.Memory)) >= unlimited(float64(y.Memory))) &&
		unlimited(x.Network) >= unlimited(y.Network)
}

// moreDisk reports whether a machine's disk does at least as much, where it is
// used.
func moreDisk(x, y *node.ServerSpec) bool {
	a, b := x.Disk, y.Disk
	return !x.HasDisk() || a.Channels() == b.Channels() && unlimited(a.Ops) >= unlimited(b.Ops) && unlimited(a.Bandwidth) >= unlimited(b.Bandwidth)
}

// unlimited makes a limit of 0, which is none, the highest.
func unlimited(limit float64) float64 {
	if limit == 0 {
		return inf
	}
	return limit
}

// machinesOf says why machines of a node have no order.
func machinesOf(specs []*node.Spec, name string) string {
	if n := nodeNamed(specs[0], name); n.Cache != nil {
		return roomsOf(specs, name)
	}
	if slices.ContainsFunc(specs, func(spec *node.Spec) bool { return nodeNamed(spec, name).Server.Collector != nil }) {
		return "pauses for garbage depend on the size of the heap"
	}
	return ""
}

// moreRoom reports whether a cache has at least as much room.
func moreRoom(a, b *node.Node) bool {
	x, y := a.Cache, b.Cache
	return unlimited(float64(x.Capacity)) >= unlimited(float64(y.Capacity)) && x.Cores >= y.Cores
}

// roomsOf says why room in a cache has no order: only of LRU is it known that
// a larger one holds all that a smaller one does (Mattson, Gecsei, Slutz and
// Traiger, Evaluation techniques for storage hierarchies, 1970).
func roomsOf(specs []*node.Spec, name string) string {
	for _, spec := range specs {
		if c := nodeNamed(spec, name).Cache; c.Emergent() && c.Policy != "lru" {
			return "with " + c.Policy + " a larger cache may hold less of what is wanted"
		}
	}
	return ""
}

// dimensions describes the dimensions for the result.
func (s *planning) dimensions() []result.PlanDimension {
	var out []result.PlanDimension
	for d := range s.plan.Dimensions {
		one := result.PlanDimension{SweepDimension: s.plan.Dimensions[d]}
		if s.order != nil {
			one.Monotone, one.Why = s.order.why[d] == "", s.order.why[d]
		}
		out = append(out, one)
	}
	return out
}
