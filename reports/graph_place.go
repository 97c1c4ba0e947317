package reports

import "slices"

// Distances in the picture of a topology, in points.
const (
	graphMargin   = 10 // around all
	boxGap        = 22 // between nodes of a layer
	wireGap       = 14 // between wires that pass, and from them to a node
	portGap       = 18 // between wires at the side of a node: a label fits between them
	curveRoom     = 58 // between layers, for the wires to bend
	labelRoom     = 16 // beside a label, for its wire's end
	loopRoom      = 26 // above a node that asks itself
	stackRoom     = 8  // above a node of several instances
	straightening = 8  // how much more a wire that passes wants to be straight than a node wants to be even
	settling      = 10 // how often all look for the middle of their neighbours
)

// place gives every slot its place, and the picture its size. labels is how
// long the labels between each layer and the next are.
func (l *layout) place(labels []int) {
	x := graphMargin
	for k, layer := range l.layers {
		width := 0
		for _, s := range layer {
			width = max(width, l.slots[s].width)
		}
		for _, s := range layer {
			l.slots[s].x, l.slots[s].width = x, width
		}
		x += width
		if k+1 < len(l.layers) {
			x += curveRoom
			if labels[k] > 0 {
				x += labels[k] + labelRoom
			}
		}
	}
	l.width = x + graphMargin
	for k := range l.layers {
		l.pack(k, func(s *slot) []int { return nil })
	}
	left := func(s *slot) []int { return s.left }
	right := func(s *slot) []int { return s.right }
	both := func(s *slot) []int { return slices.Concat(s.left, s.right) }
	for turn := range settling {
		side, other := left, right
		if turn >= settling/2 {
			side, other = both, both
		}
		for k := range l.layers {
			l.pack(k, side)
		}
		for k := range slices.Backward(l.layers) {
			l.pack(k, other)
		}
	}
	l.frame()
}

// frame moves all to the upper edge and measures the height.
func (l *layout) frame() {
	if len(l.slots) == 0 {
		l.height = 2 * graphMargin
		return
	}
	top := l.slots[0].y - l.slots[0].above
	for i := range l.slots {
		top = min(top, l.slots[i].y-l.slots[i].above)
	}
	for i := range l.slots {
		s := &l.slots[i]
		s.y += graphMargin - top
		l.height = max(l.height, s.y+s.height+graphMargin)
	}
}

// middle is the height at which a wire leaves or enters a slot, if it is alone.
func (s *slot) middle() int { return s.y + s.height/2 }

// A run is a group of slots of a layer that stand as close together as they
// may, and where the first of them would like to be: sum ÷ weight.
type run struct{ slots, sum, weight int }

func (r run) at() int { return floorDiv(r.sum, r.weight) }

// pack puts each slot of a layer as near as it can be to the middle of its
// neighbours on the given sides, without changing the order and without two
// coming too close: the least squares with that condition, which the "pool
// adjacent violators" of isotonic regression find (Barlow, Bartholomew,
// Bremner and Brunk, "Statistical Inference under Order Restrictions", 1972).
func (l *layout) pack(k int, neighbours func(*slot) []int) {
	var runs []run
	offset := 0 // of a slot from the first, if all stood close together
	offsets := make([]int, len(l.layers[k]))
	for i, s := range l.layers[k] {
		this := &l.slots[s]
		if i > 0 {
			before := &l.slots[l.layers[k][i-1]]
			offset += before.height + this.above + gapBetween(before, this)
		}
		offsets[i] = offset
		wanted, weight := l.wish(this, neighbours(this))
		runs = append(runs, run{1, (wanted - offset) * weight, weight})
		for n := len(runs); n > 1 && runs[n-2].sum*runs[n-1].weight >= runs[n-1].sum*runs[n-2].weight; n-- {
			a, b := runs[n-2], runs[n-1]
			runs = append(runs[:n-2], run{a.slots + b.slots, a.sum + b.sum, a.weight + b.weight})
		}
	}
	i := 0
	for _, r := range runs {
		for range r.slots {
			l.slots[l.layers[k][i]].y = r.at() + offsets[i]
			i++
		}
	}
}

func gapBetween(a, b *slot) int {
	if a.node < 0 || b.node < 0 {
		return wireGap
	}
	return boxGap
}

// wish is the y that a slot would like to have, and how much.
func (l *layout) wish(s *slot, neighbours []int) (y, weight int) {
	if len(neighbours) == 0 {
		return s.y, 1
	}
	total := 0
	for _, other := range neighbours {
		total += l.slots[other].middle()
	}
	weight = 1
	if s.node < 0 {
		weight = straightening
	}
	return floorDiv(total, len(neighbours)) - s.height/2, weight
}

// floorDiv is a ÷ b, rounded down.
func floorDiv(a, b int) int {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// A port is where a wire meets the side of a node.
type port struct{ wire, y int }

// ports spreads the wires on one side of every node over that side, in the
// order of where they come from or go to, and returns the height of each
// wire's beginning or end.
func (l *layout) ports(atStart bool) []int {
	heights := make([]int, len(l.wires))
	at := make([][]port, len(l.nodes))
	for i, w := range l.wires {
		end, next := w.slots[0], w.slots[1]
		if !atStart {
			end, next = w.slots[len(w.slots)-1], w.slots[len(w.slots)-2]
		}
		at[end] = append(at[end], port{i, l.slots[next].middle()})
	}
	for n, side := range at {
		slices.SortStableFunc(side, func(a, b port) int { return a.y - b.y })
		first := l.slots[n].middle() - (len(side)-1)*portGap/2
		for i, p := range side {
			heights[p.wire] = first + i*portGap
		}
	}
	return heights
}
