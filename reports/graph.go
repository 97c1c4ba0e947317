package reports

import (
	"slices"
	"strconv"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// A graph is a topology as it is drawn: each node once, one arrow from a node
// to another whatever is asked for along it.
type graph struct {
	title string
	nodes []graphNode
	edges []graphEdge
}

// A graphNode is a node and how busy it was.
type graphNode struct {
	name, kind, detail string
	instances          int

	resource   string   // its busiest, or the one that makes it the bottleneck
	busy       *float64 // 0..1; nil: nobody has looked, or nothing has a limit
	bottleneck bool
}

// A graphEdge is an arrow between two nodes, or from one to itself. Without
// operations, any goes along it.
type graphEdge struct {
	from, to int
	ops      []string
}

// graphOf is the topology of a result, with its title.
func graphOf(r *result.Result) *graph {
	g := newGraph(&r.Topology, r.Nodes, r.Bottleneck)
	g.title = visible(r.Title)
	return g
}

// newGraph takes in a topology and, where it was run, what the nodes did. The
// document may be anybody's: a second node of a name is left out, and one that
// only an edge speaks of is drawn like any other.
func newGraph(t *result.Topology, nodes map[string]*result.Node, b *result.Bottleneck) *graph {
	g := &graph{}
	at := map[string]int{}
	add := func(n graphNode) int {
		if i, known := at[n.name]; known {
			return i
		}
		at[n.name] = len(g.nodes)
		g.nodes = append(g.nodes, n)
		return len(g.nodes) - 1
	}
	for _, n := range t.Nodes {
		drawn := graphNode{name: n.Name, kind: n.Kind, detail: n.Detail, instances: n.Instances}
		drawn.measured(nodes[n.Name], b)
		add(drawn)
	}
	edges := map[[2]int]int{}
	for _, e := range t.Edges {
		ends := [2]int{add(graphNode{name: e.From}), add(graphNode{name: e.To})}
		i, known := edges[ends]
		switch {
		case !known:
			i = len(g.edges)
			edges[ends] = i
			g.edges = append(g.edges, graphEdge{from: ends[0], to: ends[1]})
			if e.Op != "" {
				g.edges[i].ops = []string{e.Op}
			}
		case e.Op == "":
			g.edges[i].ops = nil
		case g.edges[i].ops != nil && !slices.Contains(g.edges[i].ops, e.Op):
			g.edges[i].ops = append(g.edges[i].ops, e.Op)
		}
	}
	return g
}

// measured notes how busy a node was, if it was run.
func (n *graphNode) measured(ran *result.Node, b *result.Bottleneck) {
	n.bottleneck = b != nil && b.Node == n.name
	if n.bottleneck {
		n.resource, n.busy = b.Resource, &b.Utilization
		return
	}
	if ran == nil {
		return
	}
	for _, resource := range limited(ran) {
		u := ran.Resources[resource].Utilization.Mean
		if u != nil && finite(*u) && (n.busy == nil || *u > *n.busy) {
			n.resource, n.busy = resource, u
		}
	}
}

// what says "server × 4".
func (n *graphNode) what() string {
	kind := visible(strings.ReplaceAll(n.kind, "_", " "))
	if n.instances > 1 {
		kind += " × " + strconv.Itoa(n.instances)
	}
	return kind
}

// load says "cpu 62 %", or nothing.
func (n *graphNode) load() string {
	if n.busy == nil {
		return ""
	}
	return visible(n.resource) + " " + short(*n.busy, ratio)
}

// whole says everything about a node in a line.
func (n *graphNode) whole() string {
	said := []string{visible(n.name)}
	for _, part := range []string{n.what(), visible(n.detail), n.load()} {
		if part != "" {
			said = append(said, part)
		}
	}
	if n.bottleneck {
		said = append(said, "the bottleneck")
	}
	return strings.Join(said, ", ")
}

// mostOps is how many operations stand along an arrow.
const mostOps = 3

// label is what stands along an arrow: the first few operations, and how many
// more there are. Without any, nothing.
func (e *graphEdge) label(columns int) string {
	if len(e.ops) == 0 {
		return ""
	}
	said := clipName(visible(e.ops[0]), columns)
	shown := 1
	for _, op := range e.ops[1:min(mostOps, len(e.ops))] {
		longer := said + ", " + visible(op)
		if displayWidth(longer) > columns {
			break
		}
		said, shown = longer, shown+1
	}
	if more := len(e.ops) - shown; more > 0 {
		said += " +" + strconv.Itoa(more)
	}
	return said
}

// whole says everything about an arrow in a line.
func (g *graph) whole(e *graphEdge) string {
	line := visible(g.nodes[e.from].name) + " → " + visible(g.nodes[e.to].name)
	if len(e.ops) == 0 {
		return line
	}
	shown := make([]string, len(e.ops))
	for i, op := range e.ops {
		shown[i] = visible(op)
	}
	return line + ": " + strings.Join(shown, ", ")
}

// headline is the title of the picture: how many nodes there are, and which is
// the bottleneck.
func (g *graph) headline() string {
	line := "Topology of " + amount(len(g.nodes), "node")
	if g.title != "" {
		line = g.title + ": topology of " + amount(len(g.nodes), "node")
	}
	for i := range g.nodes {
		if n := &g.nodes[i]; n.bottleneck {
			return line + "; the bottleneck is " + visible(n.name) + ", " + n.load()
		}
	}
	return line
}
