package study

import (
	"slices"

	"github.com/capsim/capsim/models/node"
)

// A tier with little to work with is a gate: what comes through it comes one by
// one. With more of it requests come in heaps, which nobody minds who came
// through it himself (he was there sooner, and by more than he now waits); but
// others meet the heaps who did not need the tier. A web server that is all but
// saturated, for example, sends the database a request every 10 ms, between
// which those of another client find it free.

// shared are the nodes where requests that a node let through, or that go on
// after its answer, meet others.
func shared(spec *node.Spec, at int) []int {
	behind, after, others := reachable(spec, at), following(spec, at), reachableWithout(spec, at)
	var out []int
	for i := range spec.Nodes {
		if (behind[i] || after[i]) && others[i] && i != at {
			out = append(out, i)
		}
	}
	return out
}

// reachableWithout marks the nodes that requests come to without a node.
func reachableWithout(spec *node.Spec, at int) []bool {
	seen := make([]bool, len(spec.Nodes))
	list := past(spec, at)
	for _, i := range list {
		seen[i] = true
	}
	for i := range spec.Nodes {
		if spec.Nodes[i].Client != nil {
			list = append(list, i)
		}
	}
	for len(list) > 0 {
		i := list[0]
		list = list[1:]
		all, _ := callees(spec, i)
		for _, to := range all {
			if !seen[to] && to != at {
				seen[to] = true
				list = append(list, to)
			}
		}
	}
	return seen
}

// past are the nodes that a node sends requests to which need only some of what
// it has: those that need no disk pass by those that wait for it.
func past(spec *node.Spec, at int) []int {
	v := spec.Nodes[at].Server
	if v == nil {
		return nil
	}
	var out []int
	for i := range v.Ops {
		cpu, disk, targets := false, false, []int(nil)
		node.EachStep(v.Ops[i].Steps, func(s *node.Step) {
			cpu, disk = cpu || s.Kind == node.StepCPU, disk || s.Kind == node.StepDisk
			if s.Calls() {
				targets = append(targets, s.Target.Node)
			}
		})
		if !cpu && usesAt(v, node.StepCPU) || !disk && v.HasDisk() {
			out = append(out, targets...)
		}
	}
	return out
}

// usesAt reports whether some operation of a server has a step of a kind.
func usesAt(v *node.ServerSpec, kind node.StepKind) bool {
	found := false
	for i := range v.Ops {
		node.EachStep(v.Ops[i].Steps, func(s *node.Step) { found = found || s.Kind == kind })
	}
	return found
}

// following marks the nodes that may have work to do as soon as a node has
// answered.
func following(spec *node.Spec, at int) []bool {
	f := follower{spec: spec, at: at, marked: make([]bool, len(spec.Nodes))}
	for i := range spec.Nodes {
		if v := spec.Nodes[i].Server; v != nil {
			for _, op := range v.Ops {
				f.answered = false
				f.walk(i, op.Steps)
			}
		}
	}
	return f.marked
}

// follower walks through the steps of operations.
type follower struct {
	spec     *node.Spec
	at       int
	marked   []bool
	answered bool // a step before this one waits for the node
}

func (f *follower) walk(server int, steps []node.Step) {
	for k := range steps {
		s := &steps[k]
		if s.Kind == node.StepRepeat {
			f.answered = f.answered || slices.ContainsFunc(s.Branches, f.waits)
		}
		switch {
		case !f.answered:
		case s.Kind == node.StepCPU, s.Kind == node.StepDisk:
			f.marked[server] = true
		case s.Calls():
			f.marked[s.Target.Node] = true
			for i, behind := range reachable(f.spec, s.Target.Node) {
				f.marked[i] = f.marked[i] || behind
			}
		}
		if s.Calls() && f.leads(s.Target.Node) {
			f.answered = true
		}
		for _, branch := range s.Branches {
			// Of look-ups in a larger cache fewer go on to what is done on a miss,
			// and none of them sooner.
			if s.Kind != node.StepGet || s.Target.Node != f.at {
				f.walk(server, branch)
			}
		}
		f.walk(server, s.Fallback)
	}
}

// waits reports whether one of some steps calls the node, or what does.
func (f *follower) waits(steps []node.Step) bool {
	found := false
	node.EachStep(steps, func(s *node.Step) { found = found || s.Calls() && f.leads(s.Target.Node) })
	return found
}

// leads reports whether requests come to the node from another, or it is the node.
func (f *follower) leads(from int) bool { return from == f.at || reachable(f.spec, from)[f.at] }
