package topologies

import "github.com/capsim/capsim/models/node"

// idleness finds the operations that never take any time.
type idleness struct {
	g     *callGraph
	state []uint8 // 0 not looked at, 1 being looked at, 2 idle, 3 not
}

func newIdleness(g *callGraph) *idleness { return &idleness{g, make([]uint8, len(g.node))} }

// operation reports whether an operation never takes any time. One that
// calls itself does not count as such: it is looked at elsewhere.
func (s *idleness) operation(v int) bool {
	if s.state[v] == 0 {
		s.state[v] = 1
		n := &s.g.r.spec.Nodes[s.g.node[v]]
		if s.steps(n.Server.Ops[s.g.op[v]].Steps) && !waitsForReplicas(n.Database, s.g.op[v]) {
			s.state[v] = 2
		} else {
			s.state[v] = 3
		}
	}
	return s.state[v] == 2
}

// waitsForReplicas reports whether an operation of a database is a write that
// waits for replicas, to which it takes some time to get.
func waitsForReplicas(d *node.DatabaseSpec, op int) bool {
	return d != nil && d.Acks() > 0 && (d.Access[op].Kind == node.Write || d.Access[op].Kind == node.Commit) &&
		(takesTime(d.Replication.Lag) || takesTime(d.Replication.Apply))
}

func (s *idleness) steps(steps []node.Step) bool {
	for i := range steps {
		if !s.step(&steps[i]) {
			return false
		}
	}
	return true
}

func (s *idleness) step(step *node.Step) bool {
	switch step.Kind {
	case node.StepCPU, node.StepWait:
		return !takesTime(step.Time)
	case node.StepDisk:
		return !takesTime(step.Time) && !takesTime(step.Ops) && !takesTime(step.Bytes)
	case node.StepSpawn:
		return true // nobody waits for it
	case node.StepCall:
		if s.g.r.delays(step.Target.Node) {
			return false
		}
		for _, end := range s.g.r.servers(step.Target.Node, step.Target.Op) {
			if !s.operation(s.g.vertex(end.server, end.op)) {
				return false
			}
		}
		return true
	case node.StepPublish:
		return !takesTime(s.g.r.spec.Nodes[step.Target.Node].Queue.Latency)
	case node.StepGet, node.StepSet, node.StepInvalidate:
		if takesTime(s.g.r.spec.Nodes[step.Target.Node].Cache.Latency) {
			return false
		}
	}
	for _, branch := range step.Branches {
		if !s.steps(branch) {
			return false
		}
	}
	return true
}

// components finds the sets of vertices that lead to each other: the
// strongly connected components of more than one vertex, and single vertices
// that lead to themselves (Tarjan 1972, without recursion). It returns the
// number of each vertex's component, -1 for none, and the members of each.
func components(n int, edges func(v int, visit func(int))) (of []int, members [][]int) {
	of = make([]int, n)
	index, low := make([]int, n), make([]int, n)
	onStack := make([]bool, n)
	for v := range of {
		of[v], index[v] = -1, -1
	}
	type frame struct {
		v    int
		next []int
	}
	count := 0
	var stack []int
	var frames []frame
	enter := func(v int) {
		index[v], low[v] = count, count
		count++
		stack, onStack[v] = append(stack, v), true
		f := frame{v: v}
		edges(v, func(w int) { f.next = append(f.next, w) })
		frames = append(frames, f)
	}
	for root := range n {
		if index[root] >= 0 {
			continue
		}
		for enter(root); len(frames) > 0; {
			f := &frames[len(frames)-1]
			if len(f.next) > 0 {
				w := f.next[0]
				f.next = f.next[1:]
				if index[w] < 0 {
					enter(w)
				} else if onStack[w] {
					low[f.v] = min(low[f.v], index[w])
				}
				continue
			}
			v := f.v
			frames = frames[:len(frames)-1]
			if len(frames) > 0 {
				up := frames[len(frames)-1].v
				low[up] = min(low[up], low[v])
			}
			if low[v] != index[v] {
				continue
			}
			at := len(stack) - 1
			for stack[at] != v {
				at--
			}
			set := append([]int(nil), stack[at:]...)
			stack = stack[:at]
			for _, w := range set {
				onStack[w] = false
			}
			circular := len(set) > 1
			edges(v, func(w int) { circular = circular || w == v })
			if circular {
				for _, w := range set {
					of[w] = len(members)
				}
				members = append(members, set)
			}
		}
	}
	return of, members
}
