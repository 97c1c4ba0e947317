package reports

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

// randomGraph is a topology of up to fifty nodes, with cycles, nodes that ask
// themselves and nodes that nobody asks.
func randomGraph(seed uint64) *result.Topology {
	rng := rand.New(rand.NewPCG(1, seed))
	kinds := []string{"client", "load_balancer", "server", "cache", "external", "cdn", "database", "queue"}
	t := &result.Topology{}
	n := 1 + rng.IntN(50)
	for i := range n {
		t.Nodes = append(t.Nodes, result.TopologyNode{
			Name: strings.Repeat("n", rng.IntN(30)) + fmt.Sprint(i), Kind: kinds[rng.IntN(len(kinds))], Instances: rng.IntN(4),
			Detail: strings.Repeat("word, ", rng.IntN(12)),
		})
	}
	for range rng.IntN(3 * n) {
		op := ""
		if rng.IntN(3) > 0 {
			op = strings.Repeat("o", 1+rng.IntN(12))
		}
		t.Edges = append(t.Edges, result.Edge{From: t.Nodes[rng.IntN(n)].Name, To: t.Nodes[rng.IntN(n)].Name, Op: op})
	}
	return t
}

func drawn(t *testing.T, topology *result.Topology) *drawing {
	t.Helper()
	d, err := newDrawing(newGraph(topology, nil, nil))
	require.NoError(t, err)
	return d
}

func TestNoNodeCoversAnotherAndAllAreInThePicture(t *testing.T) {
	for seed := range uint64(200) {
		d := drawn(t, randomGraph(seed))
		for i := range d.slots {
			a := &d.slots[i]
			assert.GreaterOrEqual(t, a.x, graphMargin, "seed %d", seed)
			assert.GreaterOrEqual(t, a.y-a.above, graphMargin, "seed %d", seed)
			assert.LessOrEqual(t, a.x+a.width, d.width-graphMargin, "seed %d", seed)
			assert.LessOrEqual(t, a.y+a.height, d.height-graphMargin, "seed %d", seed)
			for k := range i {
				b := &d.slots[k]
				apart := a.x+a.width < b.x || b.x+b.width < a.x ||
					a.y+a.height+wireGap <= b.y-b.above || b.y+b.height+wireGap <= a.y-a.above
				assert.True(t, apart, "seed %d: %d and %d", seed, i, k)
			}
		}
	}
}

func TestEveryEdgeLeadsFromItsSenderToItsTarget(t *testing.T) {
	for seed := range uint64(200) {
		d := drawn(t, randomGraph(seed))
		starts, ends := d.ports(true), d.ports(false)
		for i, w := range d.wires {
			e := d.edges[w.edge]
			from, to := w.slots[0], w.slots[len(w.slots)-1]
			if w.against {
				from, to = to, from
			}
			assert.Equal(t, [2]int{e.from, e.to}, [2]int{from, to}, "seed %d", seed)
			for k, s := range w.slots {
				assert.Equal(t, d.slots[w.slots[0]].layer+k, d.slots[s].layer, "one layer at a time, to the right")
				passes := k > 0 && k < len(w.slots)-1
				assert.Equal(t, passes, d.slots[s].node < 0, "seed %d: no wire goes through a node", seed)
			}
			first, last := &d.slots[w.slots[0]], &d.slots[w.slots[len(w.slots)-1]]
			assert.True(t, starts[i] > first.y && starts[i] < first.y+first.height, "seed %d", seed)
			assert.True(t, ends[i] > last.y && ends[i] < last.y+last.height, "seed %d", seed)
		}
		assert.Len(t, slices.Concat(d.loops, make([]int, len(d.wires))), len(d.edges), "each once")
	}
}

// A label stands on the straight beginning of its wire, which is long enough,
// and no two of those are closer than a line of words.
func TestLabelsHaveRoom(t *testing.T) {
	labels := 0
	for seed := range uint64(200) {
		d := drawn(t, randomGraph(seed))
		starts := d.ports(true)
		for i, w := range d.wires {
			if d.labels[i] == "" {
				continue
			}
			labels++
			s := &d.slots[w.slots[0]]
			straight := d.slots[w.slots[1]].x - curveRoom - (s.x + s.width)
			assert.LessOrEqual(t, d.ruler.width(d.labels[i], opSize, false)+labelRoom, straight, "seed %d", seed)
			for k := range i {
				if d.slots[d.wires[k].slots[0]].layer == s.layer {
					assert.GreaterOrEqual(t, max(starts[i]-starts[k], starts[k]-starts[i]), portGap, "seed %d", seed)
				}
			}
		}
	}
	assert.Greater(t, labels, 1000, "there is something to look at")
}

// crossed counts crossings pair by pair.
func (l *layout) crossed() int {
	at := l.positions()
	var pieces [][3]int // layer, and where it begins and ends
	for _, w := range l.wires {
		for k, s := range w.slots[1:] {
			pieces = append(pieces, [3]int{l.slots[s].layer, at[w.slots[k]], at[s]})
		}
	}
	total := 0
	for i, a := range pieces {
		for _, b := range pieces[:i] {
			if a[0] == b[0] && (a[1]-b[1])*(a[2]-b[2]) < 0 {
				total++
			}
		}
	}
	return total
}

func TestOrderingCountsCrossingsAndLeavesFew(t *testing.T) {
	before, after := 0, 0
	for seed := range uint64(100) {
		g := newGraph(randomGraph(seed), nil, nil)
		order, against := g.acyclic()
		raw := &layout{graph: g}
		raw.assign(order, against)
		raw.thread(against)
		assert.Equal(t, raw.crossed(), raw.crossings(), "seed %d", seed)
		l, ok := newLayout(g)
		require.True(t, ok)
		assert.Equal(t, l.crossed(), l.crossings(), "seed %d", seed)
		assert.LessOrEqual(t, l.crossings(), raw.crossings(), "seed %d", seed)
		before, after = before+raw.crossings(), after+l.crossings()
	}
	assert.Less(t, after*2, before, "half of them at least are gone")
}

func TestATreeIsDrawnWithoutCrossings(t *testing.T) {
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(2, seed))
		tree := &result.Topology{}
		for i := 1; i < 40; i++ {
			tree.Edges = append(tree.Edges, result.Edge{From: fmt.Sprint("n", rng.IntN(i)), To: fmt.Sprint("n", i)})
		}
		assert.Zero(t, drawn(t, tree).crossings(), "seed %d", seed)
	}
}

func TestOnlyEdgesOfACycleGoBackwards(t *testing.T) {
	for seed := range uint64(50) {
		topology := randomGraph(seed)
		place := map[string]int{}
		for i, n := range topology.Nodes {
			place[n.Name] = i
		}
		topology.Edges = slices.DeleteFunc(topology.Edges, func(e result.Edge) bool { return place[e.From] >= place[e.To] })
		for _, w := range drawn(t, topology).wires {
			assert.False(t, w.against, "seed %d", seed)
		}
	}
	ring := &result.Topology{Edges: []result.Edge{{From: "a", To: "b"}, {From: "b", To: "c"}, {From: "c", To: "a"}}}
	d := drawn(t, ring)
	require.Len(t, d.wires, 3)
	assert.True(t, d.wires[2].against, "the last one, back to where the walk began")
	assert.Len(t, d.layers, 3)
}

func TestClientsStandOnTheLeft(t *testing.T) {
	d := drawn(t, &result.Topology{
		Nodes: []result.TopologyNode{{Name: "db", Kind: "database"}, {Name: "near", Kind: "client"}, {Name: "far", Kind: "client"}},
		Edges: []result.Edge{{From: "far", To: "lb"}, {From: "lb", To: "app"}, {From: "app", To: "db"}, {From: "near", To: "db"}, {From: "idle", To: "db"}},
	})
	layer := map[string]int{}
	for n := range d.nodes {
		layer[d.nodes[n].name] = d.slots[n].layer
	}
	assert.Equal(t, map[string]int{"near": 0, "far": 0, "lb": 1, "app": 2, "idle": 2, "db": 3}, layer)
}

// The places of a layer are those of least squares: moving any group of
// neighbours that is free to move makes it worse.
func TestPlacesAreAsNearAsTheyCanBe(t *testing.T) {
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(3, seed))
		l := &layout{graph: &graph{}, layers: [][]int{nil, nil}}
		const n = 6
		for i := range n { // the wishes, as slots of the layer before
			l.slots = append(l.slots, slot{y: rng.IntN(300), height: 2})
			l.layers[0] = append(l.layers[0], i)
		}
		for i := range n {
			s := slot{layer: 1, height: 20 + 2*rng.IntN(20), left: []int{i}}
			if rng.IntN(3) == 0 {
				s.node = -1
			}
			l.slots = append(l.slots, s)
			l.layers[1] = append(l.layers[1], n+i)
		}
		l.pack(1, func(s *slot) []int { return s.left })
		cost := func() (sum int) {
			for _, s := range l.layers[1] {
				y, weight := l.wish(&l.slots[s], l.slots[s].left)
				sum += weight * (l.slots[s].y - y) * (l.slots[s].y - y)
			}
			return sum
		}
		apart := func() bool {
			for i := 1; i < n; i++ {
				a, b := &l.slots[n+i-1], &l.slots[n+i]
				if b.y < a.y+a.height+gapBetween(a, b) {
					return false
				}
			}
			return true
		}
		require.True(t, apart(), "seed %d", seed)
		least := cost()
		for from := range n {
			for to := from + 1; to <= n; to++ {
				for _, by := range []int{-2, 2} { // one is lost by rounding
					for i := from; i < to; i++ {
						l.slots[n+i].y += by
					}
					if apart() {
						assert.GreaterOrEqual(t, cost(), least, "seed %d: %d to %d by %d", seed, from, to, by)
					}
					for i := from; i < to; i++ {
						l.slots[n+i].y -= by
					}
				}
			}
		}
	}
}

func TestATopologyThatIsTooLargeHasNoPicture(t *testing.T) {
	large := &result.Topology{}
	for i := range mostPictured + 1 {
		large.Nodes = append(large.Nodes, result.TopologyNode{Name: fmt.Sprint(i)})
	}
	_, err := newDrawing(newGraph(large, nil, nil))
	assert.ErrorIs(t, err, ErrLargeGraph)
	none, err := topologyPicture(&result.Result{Topology: *large})
	assert.NoError(t, err)
	assert.Nil(t, none)
	large.Nodes = large.Nodes[1:]
	_, err = newDrawing(newGraph(large, nil, nil))
	assert.NoError(t, err)
	for i := range large.Nodes { // a chain, and from each node to the last
		if i > 0 {
			large.Edges = append(large.Edges, result.Edge{From: large.Nodes[i-1].Name, To: large.Nodes[i].Name},
				result.Edge{From: large.Nodes[i-1].Name, To: large.Nodes[mostPictured-1].Name})
		}
	}
	_, err = newDrawing(newGraph(large, nil, nil))
	assert.ErrorIs(t, err, ErrLargeGraph)
	none, err = topologyPicture(&result.Result{})
	assert.NoError(t, err)
	assert.Nil(t, none, "nothing to draw")
}
