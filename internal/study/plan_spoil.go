package study

import (
	"fmt"
	"slices"
	"strings"

	"github.com/capsim/capsim/models/node"
)

// More of one node may make others worse. This file says where.

// spoiled says why more of a node may be worse, whatever there is more of; "" if
// none of the reasons holds.
func spoiled(specs []*node.Spec, name string) string {
	for _, spec := range specs {
		if why := spoiledIn(spec, slices.IndexFunc(spec.Nodes, func(n node.Node) bool { return n.Name == name })); why != "" {
			return why
		}
	}
	return ""
}

func spoiledIn(spec *node.Spec, at int) string {
	clients := 0
	for i := range spec.Nodes {
		n := &spec.Nodes[i]
		switch {
		case n.Client != nil:
			clients++
		case n.Server == nil || n.Server.Autoscale == nil:
		case i == at:
			return "it is autoscaled, and more of it means fewer instances"
		case !byCores(n):
			return "how many instances of " + n.Name + " there are depends on how fast others are"
		}
	}
	for i := range spec.Nodes {
		if c := spec.Nodes[i].Client; c != nil && c.Closed != nil && (clients > 1 || len(c.Ops) > 1) {
			return "users who are served sooner come again sooner, and take from the others"
		}
	}
	if last(spec, &spec.Nodes[at]) {
		return ""
	}
	behind := reachable(spec, at)
	for i := range spec.Nodes {
		if v := spec.Nodes[i].Server; v != nil && (behind[i] || i == at) && v.Scheduling != node.FCFS {
			return fmt.Sprintf("%s does not serve first come, first served, and what waits before it waits in another order", spec.Nodes[i].Name)
		}
	}
	if unawaited(spec)[at] {
		return "nobody waits for it, and it takes from those for whom somebody does"
	}
	return ""
}

// byCores reports whether the number of instances of an autoscaled node follows
// how busy its cores are.
func byCores(n *node.Node) bool { return strings.HasPrefix(n.Server.Autoscale.Text, "cpu") }

// callees are the nodes that a node sends to; async those of them whose answers
// nobody waits for.
func callees(spec *node.Spec, i int) (all, async []int) {
	n := &spec.Nodes[i]
	switch {
	case n.Client != nil:
		all = append(all, n.Client.Target.Node)
	case n.Balancer != nil:
		all = slices.Concat(n.Balancer.Ways()...)
	case n.CDN != nil:
		all = append(all, n.CDN.Origin.Node)
	case n.Cache != nil && n.Cache.Origin != nil:
		all = append(all, n.Cache.Origin.Node)
	case n.Queue != nil:
		all = append(all, n.Queue.Consumer.Node)
		async = all
	case n.Server != nil:
		for _, op := range n.Server.Ops {
			node.EachStep(op.Steps, func(s *node.Step) {
				if s.Calls() {
					all = append(all, s.Target.Node)
				}
				if s.Kind == node.StepSpawn {
					node.EachStep(s.Branches[0], func(s *node.Step) {
						if s.Calls() {
							async = append(async, s.Target.Node)
						}
					})
				}
			})
		}
	}
	return all, async
}

// reachable marks the nodes that requests come to from a node, itself not unless
// they come back.
func reachable(spec *node.Spec, from ...int) []bool {
	seen := make([]bool, len(spec.Nodes))
	for len(from) > 0 {
		i := from[0]
		from = from[1:]
		all, _ := callees(spec, i)
		for _, to := range all {
			if !seen[to] {
				seen[to] = true
				from = append(from, to)
			}
		}
	}
	return seen
}

// unawaited marks the nodes that do work for which nobody waits.
func unawaited(spec *node.Spec) []bool {
	out := make([]bool, len(spec.Nodes))
	for i := range spec.Nodes {
		_, async := callees(spec, i)
		for _, to := range async {
			out[to] = true
			for k, behind := range reachable(spec, to) {
				out[k] = out[k] || behind
			}
		}
	}
	return out
}

// placed says why the place of another instance may be worse than those of the
// first ones: the way to it is longer, or its kind is served worse.
func placed(spec *node.Spec, n *node.Node) string {
	if net := spec.Network; net != nil && len(n.Zones) > 1 && (net.CrossZone != nil || len(net.Between) > 0) {
		return "its instances stand in several zones, and between these time passes"
	}
	for i := range spec.Nodes {
		b := spec.Nodes[i].Balancer
		if b == nil || !leadsTo(spec, b, n.Name) {
			continue
		}
		for _, way := range b.Ways() {
			if len(way) > 1 {
				return spec.Nodes[i].Name + " shares requests out among it and others"
			}
		}
	}
	return ""
}

// spare is how many instances of a node fault number k leaves alone, and the share
// that it strikes.
func spare(spec *node.Spec, k int, name string) (left int, share float64) {
	i := slices.IndexFunc(spec.Nodes, func(n node.Node) bool { return n.Name == name })
	all, struck := spec.Nodes[i].AtStart(), 0
	for _, where := range spec.Faults[k].Where {
		if where.Node == i {
			struck += where.Count
		}
	}
	return all - struck, float64(struck) / float64(max(1, all))
}

// bearsMore reports whether a number of instances bears each fault at least as
// well as another: of three instances in two zones, a zone that is lost may leave
// one, and of two as well.
func bearsMore(a, b []*node.Spec, name string) bool {
	for k := range a {
		if a[k] == nil || b[k] == nil || len(a[k].Faults) != len(b[k].Faults) {
			return false
		}
		for j := range a[k].Faults {
			f := &a[k].Faults[j]
			if f.Random() && !f.AsOne {
				continue
			}
			leftA, shareA := spare(a[k], j, name)
			leftB, shareB := spare(b[k], j, name)
			differ := leftA != leftB || shareA != shareB
			if differ && f.Kind.String() == "partition" || leftA < leftB || shareA > shareB {
				return false
			}
		}
	}
	return true
}

// blame is an objective that a design missed, nil for a limit of the simulation,
// and of which dimensions more would not have been worse for what stands behind
// them.
type blame struct {
	objective *node.Objective
	free      []bool
}

// blames lists what a design failed by. What more of a node can make worse is
// what stands behind it, which then gets more at once: nothing, if the design was
// calm, or there is nothing, or what there is was at ease. Where requests meet
// others that did not come through it, that must have been at ease in any case.
func (s *planning) blames(r *race) []blame {
	var out []blame
	for i := range r.cases {
		c := &r.cases[i]
		var bad []*node.Objective
		if c.limit != "" {
			bad = append(bad, nil)
		}
		for k, side := range c.sides {
			if side.bad() {
				bad = append(bad, &c.f.spec.Objectives[k])
			}
		}
		if len(bad) == 0 || s.order == nil {
			continue
		}
		calm := c.limit == "" && c.f.calm()
		free := make([]bool, len(s.order.node))
		for d, name := range s.order.node {
			free[d] = (calm || s.order.last[d] || s.order.why[d] == "" && c.limit == "" && c.f.easyBehind(name)) && c.easyShared(name)
		}
		for _, o := range bad {
			out = append(out, blame{o, free})
		}
	}
	return out
}

// Behind a node all is at ease where requests wait for less than a tenth of the
// time that they are worked on, and next to none of them is refused.
const (
	easyWaits = 0.1
	easyLost  = 0.001
)

// easyBehind reports whether what stands behind a node was at ease.
func (f *figures) easyBehind(name string) bool {
	at := slices.IndexFunc(f.spec.Nodes, func(n node.Node) bool { return n.Name == name })
	for i, behind := range reachable(f.spec, at) {
		if behind && !f.easy(i) {
			return false
		}
	}
	return true
}

// easyShared reports whether all was at ease where requests that a node let
// through met others.
func (c *raceCase) easyShared(name string) bool {
	at := slices.IndexFunc(c.f.spec.Nodes, func(n node.Node) bool { return n.Name == name })
	if at < 0 {
		return false // its values have no order
	}
	return !slices.ContainsFunc(shared(c.f.spec, at), func(i int) bool { return c.limit != "" || !c.f.easy(i) })
}

func (f *figures) easy(at int) bool {
	waits, works, came, lost := 0.0, 0.0, 0.0, 0.0
	for _, s := range f.snaps {
		n := &s.Nodes[at]
		came += float64(n.Arrivals)
		lost += float64(total(n.Errors[:]))
		for _, r := range []*node.ResourceStats{n.CPU, n.Disk, n.Workers, n.Network, n.Connections} {
			if r == nil {
				continue
			}
			waits += r.Queue.Float64()
			if r != n.Workers && r != n.Connections {
				works += r.Busy.Float64()
			}
		}
		for _, p := range n.Pools {
			waits += p.Queue.Float64()
		}
	}
	return waits <= float64(easyWaits*works) && lost <= float64(easyLost*came)
}

// neverWorse says of which node's dimensions more is never worse for an
// objective: of all (every), of one, or of none. What a client sees gets better
// with more of anything; what a node sees with more of itself, but others may
// then send to it in bursts; and money, or too much of something, not at all.
func neverWorse(spec *node.Spec, o *node.Objective) (name string, every bool) {
	if o == nil {
		return "", true
	}
	upwards := o.Metric == "availability" || o.Metric == "within" || o.Metric == "throughput" || o.Metric == "hit_ratio"
	downwards := isTime(o) && o.Metric != "recovery" || o.Metric == "errors" || o.Metric == "cpu" || o.Metric == "disk" || o.Metric == "queue"
	if o.Node == node.None || !(upwards && strings.HasPrefix(o.Compare, ">") || downwards && strings.HasPrefix(o.Compare, "<")) {
		return "", false
	}
	n := &spec.Nodes[o.Node]
	return n.Name, n.Client != nil
}
