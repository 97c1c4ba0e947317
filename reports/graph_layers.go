package reports

import "slices"

// The layout is that of Sugiyama, Tagawa and Toda ("Methods for Visual
// Understanding of Hierarchical System Structures", IEEE Trans. SMC 11(2),
// 1981): break the cycles, put each node into a layer behind all that send to
// it, order the layers so that few arrows cross, and only then give everything
// a place. It reckons in whole numbers, so that every processor draws the same.

// A slot is a place in a layer: of a node, or of a wire that passes through on
// its way to a farther one.
type slot struct {
	node  int // -1 of a wire that passes
	layer int

	left, right []int // the slots of the wires on either side, one for each wire

	x, y, width, height int // of its upper left corner, and of it
	above               int // room above it that nobody else may use
}

// A wire is the way of an edge between two layers that are not the same, from
// left to right: the slots of its ends and those between them. The edge goes
// against it where it had to be turned round to break a cycle.
type wire struct {
	edge    int
	slots   []int
	against bool
}

// A layout is a graph with a place for everything.
type layout struct {
	*graph
	layers [][]int // slots of each layer, from the top
	slots  []slot  // the first ones are the nodes'
	wires  []wire
	loops  []int // edges from a node to itself

	width, height int
}

// newLayout puts the nodes of g into layers and orders them; ok is false where
// too many wires would have to pass too many layers.
func newLayout(g *graph) (l *layout, ok bool) {
	l = &layout{graph: g}
	order, against := g.acyclic()
	l.assign(order, against)
	passing := 0
	for i := range g.edges {
		from, to := g.forward(i, against)
		passing += max(l.slots[to].layer-l.slots[from].layer-1, 0)
	}
	if len(g.nodes)+passing > mostThreads {
		return nil, false
	}
	l.thread(against)
	l.untangle()
	return l, true
}

// acyclic walks through the graph, clients first, and returns its nodes with
// every sender in front of those that it sends to, as far as that goes, and
// which edges go backwards for all that.
func (g *graph) acyclic() (order []int, against []bool) {
	out := make([][]int, len(g.nodes))
	fed := make([]bool, len(g.nodes))
	for i, e := range g.edges {
		if e.from != e.to {
			out[e.from] = append(out[e.from], i)
			fed[e.to] = true
		}
	}
	const unseen, open, done = 0, 1, 2
	state := make([]int, len(g.nodes))
	against = make([]bool, len(g.edges))
	var visit func(n int)
	visit = func(n int) {
		state[n] = open
		for _, i := range out[n] {
			switch to := g.edges[i].to; state[to] {
			case unseen:
				visit(to)
			case open:
				against[i] = true
			}
		}
		state[n] = done
		order = append(order, n)
	}
	for _, wanted := range []func(n int) bool{
		func(n int) bool { return g.nodes[n].kind == "client" },
		func(n int) bool { return !fed[n] },
		func(int) bool { return true },
	} {
		for n := range g.nodes {
			if state[n] == unseen && wanted(n) {
				visit(n)
			}
		}
	}
	slices.Reverse(order)
	return order, against
}

// forward is an edge as it is laid out, from left to right.
func (g *graph) forward(i int, against []bool) (from, to int) {
	e := g.edges[i]
	if against[i] {
		return e.to, e.from
	}
	return e.from, e.to
}

// assign gives each node a layer: one behind the last of those that send to
// it. One that nobody sends to, unless it is a client, stands right in front
// of the first that it sends to.
func (l *layout) assign(order []int, against []bool) {
	l.slots = make([]slot, len(l.nodes))
	place := make([]int, len(order))
	for at, n := range order {
		place[n] = at
		l.slots[n] = slot{node: n}
	}
	edges := make([]int, 0, len(l.edges))
	fed := make([]bool, len(l.nodes))
	for i, e := range l.edges {
		if e.from == e.to {
			l.loops = append(l.loops, i)
			continue
		}
		edges = append(edges, i)
		_, to := l.forward(i, against)
		fed[to] = true
	}
	slices.SortStableFunc(edges, func(a, b int) int {
		from, _ := l.forward(a, against)
		other, _ := l.forward(b, against)
		return place[from] - place[other]
	})
	for _, i := range edges {
		from, to := l.forward(i, against)
		l.slots[to].layer = max(l.slots[to].layer, l.slots[from].layer+1)
	}
	nearest := make([]int, len(l.nodes))
	for _, i := range edges {
		if from, to := l.forward(i, against); nearest[from] == 0 || l.slots[to].layer < nearest[from] {
			nearest[from] = l.slots[to].layer
		}
	}
	for n := range l.nodes {
		if !fed[n] && nearest[n] > 0 && l.nodes[n].kind != "client" {
			l.slots[n].layer = nearest[n] - 1
		}
	}
	for _, n := range order {
		l.enter(n)
	}
}

// enter puts a slot at the end of its layer.
func (l *layout) enter(s int) {
	for len(l.layers) <= l.slots[s].layer {
		l.layers = append(l.layers, nil)
	}
	layer := l.slots[s].layer
	l.layers[layer] = append(l.layers[layer], s)
}

// thread leads every edge through the layers between its ends.
func (l *layout) thread(against []bool) {
	for i, e := range l.edges {
		if e.from == e.to {
			continue
		}
		from, to := l.forward(i, against)
		w := wire{edge: i, slots: []int{from}, against: against[i]}
		for layer := l.slots[from].layer + 1; layer < l.slots[to].layer; layer++ {
			s := len(l.slots)
			l.slots = append(l.slots, slot{node: -1, layer: layer})
			l.enter(s)
			w.slots = append(w.slots, s)
		}
		w.slots = append(w.slots, to)
		for k, s := range w.slots[1:] {
			before := w.slots[k]
			l.slots[before].right = append(l.slots[before].right, s)
			l.slots[s].left = append(l.slots[s].left, before)
		}
		l.wires = append(l.wires, w)
	}
}

// sweeps is how often the layers are gone through for a better order.
const sweeps = 24

// untangle orders the layers so that few wires cross: each slot goes to where
// its neighbours are on average, forwards and backwards by turns, and the best
// order of all is kept.
func (l *layout) untangle() {
	best, fewest := l.copyOrder(), l.crossings()
	for turn := 0; turn < sweeps && fewest > 0; turn++ {
		for k := range l.layers {
			if turn%2 == 0 {
				l.sortLayer(k, func(s *slot) []int { return s.left })
			} else {
				l.sortLayer(len(l.layers)-1-k, func(s *slot) []int { return s.right })
			}
		}
		if n := l.crossings(); n < fewest {
			best, fewest = l.copyOrder(), n
		}
	}
	l.layers = best
}

func (l *layout) copyOrder() [][]int {
	layers := make([][]int, len(l.layers))
	for k := range l.layers {
		layers[k] = slices.Clone(l.layers[k])
	}
	return layers
}

// positions is where in its layer each slot stands.
func (l *layout) positions() []int {
	at := make([]int, len(l.slots))
	for _, layer := range l.layers {
		for i, s := range layer {
			at[s] = i
		}
	}
	return at
}

// sortLayer orders a layer by the mean position of the neighbours on one side.
// Slots without any stay where they are, and the others go around them.
func (l *layout) sortLayer(k int, side func(*slot) []int) {
	at := l.positions()
	sum := func(s int) (total, n int) {
		neighbours := side(&l.slots[s])
		for _, other := range neighbours {
			total += at[other]
		}
		return total, len(neighbours)
	}
	var moving []int
	for _, s := range l.layers[k] {
		if len(side(&l.slots[s])) > 0 {
			moving = append(moving, s)
		}
	}
	slices.SortStableFunc(moving, func(a, b int) int {
		totalA, a1 := sum(a)
		totalB, b1 := sum(b)
		return totalA*b1 - totalB*a1
	})
	for i, s := range l.layers[k] {
		if len(side(&l.slots[s])) > 0 {
			l.layers[k][i], moving = moving[0], moving[1:]
		}
	}
}

// crossings counts how many pairs of wires cross between neighbouring layers.
func (l *layout) crossings() int {
	at := l.positions()
	total := 0
	for k, layer := range l.layers {
		if k+1 == len(l.layers) {
			break
		}
		passed := make([]int, len(l.layers[k+1])) // how many wires before this one end at each place
		for _, s := range layer {
			ends := make([]int, 0, len(l.slots[s].right))
			for _, to := range l.slots[s].right {
				ends = append(ends, at[to])
			}
			for _, end := range ends {
				for below := end + 1; below < len(passed); below++ {
					total += passed[below]
				}
			}
			for _, end := range ends {
				passed[end]++
			}
		}
	}
	return total
}
