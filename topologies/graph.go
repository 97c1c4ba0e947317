package topologies

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
)

// call is an edge of the call graph: an operation that another calls, how
// often on average per visit, and the step that does it.
type call struct {
	to       int // vertex
	times    float64
	step     uint64
	attempts float64 // if none ends well
	target   int     // node that the step names
	later    bool    // a message: nobody waits for what it leads to
}

// callGraph has a vertex for each operation of each server.
type callGraph struct {
	r        *resolver
	node, op []int // of a vertex
	first    []int // vertex of a node's first operation
	out      [][]call
	routes   int      // edges so far
	outside  [][]call // external services that a vertex calls, by node
	caches   [][]int  // caches and external services that a vertex uses
	lbs      [][]int  // balancers that a vertex sends through
}

// graph looks at the topology as a whole. It runs only on one that has no
// errors.
func (r *resolver) graph() {
	g := newCallGraph(r)
	if g.routes > maxRoutes {
		r.report.Add(kind.Diagnostic{Code: "E703", Pos: r.file.src.start(), Key: r.file.name,
			Message: fmt.Sprintf("more than %d routes from operations to servers", maxRoutes)})
		return
	}
	reached := g.reachable()
	r.endless(g)
	if r.report.Failed() {
		return
	}
	r.deadlocks(g.waiting(), reached)
	r.poolDeadlocks(g.waiting(), reached)
	r.amplified(g)
	r.timeless(g)
	r.lossy()
	r.stuck()
	r.tracedColumns(g)
}

func newCallGraph(r *resolver) *callGraph {
	g := &callGraph{r: r, first: make([]int, len(r.spec.Nodes))}
	for i := range r.spec.Nodes {
		g.first[i] = len(g.node)
		if s := r.spec.Nodes[i].Server; s != nil {
			for k := range s.Ops {
				g.node, g.op = append(g.node, i), append(g.op, k)
			}
		}
	}
	g.out = make([][]call, len(g.node))
	g.caches, g.lbs = make([][]int, len(g.node)), make([][]int, len(g.node))
	g.outside = make([][]call, len(g.node))
	for v := range g.node {
		g.steps(v, r.spec.Nodes[g.node[v]].Server.Ops[g.op[v]].Steps, 1)
	}
	return g
}

// vertex returns the vertex of an operation; every operation exists by now.
func (g *callGraph) vertex(server int, op string) int {
	return g.first[server] + g.r.ops[server][op]
}

// parts returns the vertices that a request for an operation comes to: of a
// transaction both phases.
func (g *callGraph) parts(server int, op string) []int {
	var out []int
	for _, part := range g.r.spec.Nodes[server].Parts(g.r.ops[server][op]) {
		out = append(out, g.first[server]+part.Op)
	}
	return out
}

// steps adds what a list of steps calls, each step done so many times per
// visit. It returns how often the list is got through.
func (g *callGraph) steps(v int, steps []node.Step, times float64) float64 {
	for i := range steps {
		s := &steps[i]
		switch s.Kind {
		case node.StepCall:
			g.call(v, s, times)
		case node.StepPublish:
			g.publish(v, s, times)
		case node.StepGet, node.StepSet, node.StepInvalidate:
			g.caches[v] = append(g.caches[v], s.Target.Node)
			if s.Kind == node.StepGet {
				miss, _ := g.r.spec.Nodes[s.Target.Node].Misses("")
				g.steps(v, s.Branches[0], float64(times*miss))
			}
		case node.StepChoose:
			sum := 0.0
			for _, w := range s.Weights {
				sum += w
			}
			for k, branch := range s.Branches {
				g.steps(v, branch, float64(times*s.Weights[k])/sum)
			}
		case node.StepParallel, node.StepSpawn:
			for _, branch := range s.Branches {
				g.steps(v, branch, times)
			}
		case node.StepRepeat:
			rounds := s.Time.Mean()
			if math.IsNaN(rounds) { // a column of a trace: unknown here
				rounds = 0
			}
			g.steps(v, s.Branches[0], float64(times*rounds))
		case node.StepFail:
			times = float64(times * (1 - s.Ratio))
		}
		// How often a fallback is taken is not known here.
		g.steps(v, s.Fallback, 0)
	}
	return times
}

// call adds the edges of one step: a balancer shares its calls out.
func (g *callGraph) call(v int, s *node.Step, times float64) {
	if g.r.spec.Nodes[s.Target.Node].Kind == node.External {
		g.caches[v] = append(g.caches[v], s.Target.Node)
		g.outside[v] = append(g.outside[v], call{s.Target.Node, times, s.ID, attemptsOf(&s.Policy), s.Target.Node, false})
		return
	}
	servers := g.r.servers(s.Target.Node, s.Target.Op)
	if g.routes += len(servers); g.routes > maxRoutes {
		return // reported by graph
	}
	relayed := g.r.relayed(s.Target.Node, s.Target.Op)
	total := 0.0
	for _, end := range servers {
		total += g.r.weightOf(s.Target.Node, end.server, s.Target.Op)
	}
	for _, end := range servers {
		share := float64(end.part*g.r.weightOf(s.Target.Node, end.server, s.Target.Op)) / total
		for _, part := range g.r.spec.Nodes[end.server].Parts(g.r.ops[end.server][end.op]) {
			g.out[v] = append(g.out[v], call{g.first[end.server] + part.Op, float64(times * share * part.Visits), s.ID, float64(attemptsOf(&s.Policy) * relayed), s.Target.Node, false})
		}
	}
	if g.r.spec.Nodes[s.Target.Node].PassesOn() {
		g.lbs[v] = append(g.lbs[v], s.Target.Node)
	}
}

// starts are the vertices that a client's requests come to first.
func (g *callGraph) starts(c *node.ClientSpec) []int {
	var out []int
	for _, t := range g.r.queueEnds(c.Target.Node) {
		out = append(out, g.vertex(t.Node, t.Op))
	}
	for _, op := range c.Ops {
		name := op.Name
		if c.Target.Op != "" {
			name = c.Target.Op
		}
		for _, end := range g.r.servers(c.Target.Node, name) {
			out = append(out, g.parts(end.server, end.op)...)
		}
	}
	return out
}

// from marks the vertices that can be reached from some.
func (g *callGraph) from(starts []int) []bool {
	seen := make([]bool, len(g.node))
	stack := slices.Clone(starts)
	for len(stack) > 0 {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[v] {
			continue
		}
		seen[v] = true
		for _, c := range g.out[v] {
			stack = append(stack, c.to)
		}
	}
	return seen
}

// reachable warns of nodes that no client leads to (W401), and returns the
// vertices that one does.
func (g *callGraph) reachable() []bool {
	var starts []int
	nodes := make([]bool, len(g.r.spec.Nodes))
	var pass func(int)
	pass = func(i int) {
		if nodes[i] {
			return
		}
		nodes[i] = true
		for _, t := range g.r.onward(i) {
			pass(t)
		}
		if q := g.r.spec.Nodes[i].Queue; q != nil && q.DeadLetter != node.None {
			pass(q.DeadLetter)
		}
	}
	for i := range g.r.spec.Nodes {
		if c := g.r.spec.Nodes[i].Client; c != nil {
			starts = append(starts, g.starts(c)...)
			nodes[i] = true
			pass(c.Target.Node)
		}
	}
	seen := g.from(starts)
	for v := range seen {
		if !seen[v] {
			continue
		}
		nodes[g.node[v]] = true
		for _, list := range [][]int{g.caches[v], g.lbs[v]} {
			for _, at := range list {
				pass(at)
			}
		}
	}
	for i, n := range g.r.nodes {
		if !nodes[i] && n.shields == nil {
			d := n.at.Problem("W401", "no request reaches "+kind.QuoteText(n.name)).WithHint("let something call it, or delete it")
			d.Pos = n.keyPos
			g.r.report.Add(d)
		}
	}
	return seen
}

// label is how people call a vertex.
func (g *callGraph) label(v int) string {
	n := &g.r.spec.Nodes[g.node[v]]
	return kind.Cut(n.Name) + "." + kind.Cut(n.Server.Ops[g.op[v]].Name)
}

// circle returns a shortest way from a vertex back to itself within its
// component, as vertices, and the step that it begins with.
func (g *callGraph) circle(v int, within func(int) bool) (path []int, step uint64) {
	type crumb struct {
		from int
		step uint64
	}
	came := map[int]crumb{}
	queue := []int{v}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, c := range g.out[at] {
			if c.to == v {
				step = c.step
				for ; at != v; at = came[at].from {
					path = append(path, at)
					step = came[at].step
				}
				path = append(path, v)
				slices.Reverse(path)
				return path, step
			}
			if _, seen := came[c.to]; !seen && within(c.to) {
				came[c.to] = crumb{at, c.step}
				queue = append(queue, c.to)
			}
		}
	}
	return nil, 0
}

// endless refuses calls that multiply without end (E403): a set of
// operations that call each other, in which each visit leads to one further
// visit or more on average.
func (r *resolver) endless(g *callGraph) {
	component, members := components(len(g.node), func(v int, visit func(int)) {
		for _, c := range g.out[v] {
			visit(c.to)
		}
	})
	for id, vertices := range members {
		growth := g.growth(vertices, func(v int) bool { return component[v] == id })
		if growth < 1-tolerance {
			continue
		}
		path, step := g.circle(slices.Min(vertices), func(v int) bool { return component[v] == id })
		labels := make([]string, 0, len(path)+1)
		for _, v := range path {
			labels = append(labels, g.label(v))
		}
		message := "requests can never leave: " + shortPath(append(labels, labels[0]))
		if growth > 1+tolerance {
			message = fmt.Sprintf("requests multiply without end: each round of %s leads to %.3g further rounds", shortPath(append(labels, labels[0])), growth)
		}
		r.report.Add(r.places[step].At(callKey(r.places[step]), "E403", message).WithHint("a choose step with an empty alternative would let some requests leave"))
	}
}

// shortPath joins a path with arrows, its middle left out if it is long.
func shortPath(labels []string) string {
	if len(labels) > 8 {
		labels = append(append(slices.Clone(labels[:4]), "…"), labels[len(labels)-3:]...)
	}
	return strings.Join(labels, " → ")
}

// growth is the spectral radius of the mean number of calls among some
// vertices: by power iteration on (matrix + 1), whose bounds (Collatz and
// Wielandt) enclose the radius; 0 if they do not call each other.
func (g *callGraph) growth(vertices []int, within func(int) bool) float64 {
	x := make(map[int]float64, len(vertices))
	calls := 0
	for _, v := range vertices {
		x[v] = 1
		for _, c := range g.out[v] {
			if within(c.to) && c.times > 0 {
				calls++
			}
		}
	}
	if calls == 0 {
		return 0
	}
	low, high := 0.0, math.Inf(1)
	for range 200 {
		next := make(map[int]float64, len(vertices))
		low, high = math.Inf(1), 0
		largest := 0.0
		for _, v := range vertices {
			sum := x[v]
			for _, c := range g.out[v] {
				if within(c.to) {
					sum += float64(c.times * x[c.to])
				}
			}
			next[v] = sum
			low, high, largest = min(low, sum/x[v]-1), max(high, sum/x[v]-1), max(largest, sum)
		}
		if high-low < 1e-12 || low > 1 || high < 1-2*tolerance {
			break
		}
		for _, v := range vertices {
			x[v] = max(next[v]/largest, 1e-300)
		}
	}
	return (low + high) / 2
}

// deadlocks warns (W405) of workers that wait for each other in a circle.
func (r *resolver) deadlocks(g *callGraph, reached []bool) {
	limited := func(i int) bool { return r.spec.Nodes[i].Server.Concurrency > 0 }
	// Among operations that call each other, one server with a limit is
	// enough: the inner request waits for a worker that the outer one holds.
	warned := map[int]bool{}
	warn := func(v int, path string, step uint64) {
		if n := g.node[v]; !warned[n] {
			warned[n] = true
			r.report.Add(r.places[step].At(callKey(r.places[step]), "W405", "can deadlock: "+path).
				WithHint("a worker is held while it waits for its call; give the calls a timeout, or do not call back"))
		}
	}
	component, members := components(len(g.node), func(v int, visit func(int)) {
		for _, c := range g.out[v] {
			visit(c.to)
		}
	})
	for id, vertices := range members {
		at := slices.IndexFunc(vertices, func(v int) bool { return reached[v] && limited(g.node[v]) })
		if at < 0 {
			continue
		}
		if path, step := g.circle(vertices[at], func(v int) bool { return component[v] == id }); path != nil {
			warn(vertices[at], g.waits(path), step)
		}
	}
	// Without such a circle, all servers on the way must have a limit: each
	// can then be full of requests that wait for the next.
	byNode := make([][]int, len(r.spec.Nodes)) // vertices
	for v := range g.node {
		if reached[v] && limited(g.node[v]) {
			byNode[g.node[v]] = append(byNode[g.node[v]], v)
		}
	}
	_, rings := components(len(r.spec.Nodes), func(i int, visit func(int)) {
		for _, v := range byNode[i] {
			for _, c := range g.out[v] {
				if len(byNode[g.node[c.to]]) > 0 {
					visit(g.node[c.to])
				}
			}
		}
	})
	for _, ring := range rings {
		r.ringDeadlock(g, ring, byNode, warn)
	}
}

// ringDeadlock warns of servers that call each other, each of them limited.
func (r *resolver) ringDeadlock(g *callGraph, ring []int, byNode [][]int, warn func(int, string, uint64)) {
	slices.Sort(ring)
	names := make([]string, len(ring))
	for i, at := range ring {
		names[i] = kind.Cut(r.spec.Nodes[at].Name)
	}
	for _, v := range byNode[ring[0]] {
		for _, c := range g.out[v] {
			if slices.Contains(ring, g.node[c.to]) {
				what := "workers of " + strings.Join(names, ", ") + " can all be waiting for each other"
				if len(ring) == 1 {
					what = "all workers of " + names[0] + " can be waiting for a worker of " + names[0]
				}
				warn(v, what, c.step)
				return
			}
		}
	}
}

// waits says who waits for whom along a circle of calls.
func (g *callGraph) waits(path []int) string {
	labels := make([]string, 0, len(path)+1)
	for _, v := range path {
		labels = append(labels, g.label(v))
	}
	return shortPath(append(labels, labels[0]))
}
