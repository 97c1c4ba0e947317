package reports

// thinLine is how wide wires and borders are, and thickLine the border of the
// bottleneck, in points.
const thinLine, thickLine = "1.2", "2.6"

// wire draws the way of an edge: straight while it passes nodes and beside its
// label, bent between.
func (d *drawing) wire(p pen, i, start, end int) {
	w := &d.wires[i]
	last := len(w.slots) - 1
	var path way
	from := &d.slots[w.slots[0]]
	left := from.x + from.width
	x, y := left, start
	if w.against {
		path.to('M', x+arrowLength-1, y)
	} else {
		path.to('M', x, y)
	}
	for k, s := range w.slots[1:] {
		next := &d.slots[s]
		bend, nextY, tip := next.x-curveRoom, next.middle(), next.x
		if k+1 == last {
			nextY = end
			if !w.against {
				tip -= arrowLength - 1
			}
		}
		if bend > x { // beside labels
			path.to('H', bend)
		}
		path.to('C', bend+curveRoom/2, y, bend+curveRoom/2, nextY, tip, nextY)
		if k+1 < last {
			path.to('H', next.x+next.width)
		}
		x, y = next.x+next.width, nextY
	}
	p.begin(d.whole(&d.edges[w.edge]))
	p.path(path, stroked(soft, thinLine))
	if w.against {
		arrow(p, left, start, 1)
	} else {
		arrow(p, d.slots[w.slots[last]].x, end, -1)
	}
	if d.labels[i] != "" {
		at := spot{x: left + labelRoom/2, y: start - 5}
		if w.against {
			at.x += arrowLength / 2
		}
		p.words(d.labels[i], at, opSize, false, soft)
	}
	p.end()
}

// arrow draws a head whose point is at x, y; away is the side that it comes
// from: 1 for the right, -1 for the left.
func arrow(p pen, x, y, away int) {
	back := x + away*arrowLength
	var head way
	head.to('M', x, y)
	head.to('L', back, y-arrowHalf)
	head.to('V', y+arrowHalf)
	head.to('Z')
	p.path(head, filled(soft))
}

// loop draws the arrow of a node that asks itself, above it.
func (d *drawing) loop(p pen, i int) {
	const from, to, high = 44, 22, 24 // from the right side; above the box
	e := &d.edges[i]
	s := &d.slots[e.from]
	right := s.x + s.width
	var path, head way
	path.to('M', right-from, s.y)
	path.to('C', right-from, s.y-high, right-to, s.y-high, right-to, s.y-arrowLength+1)
	head.to('M', right-to, s.y)
	head.to('L', right-to-arrowHalf, s.y-arrowLength)
	head.to('H', right-to+arrowHalf)
	head.to('Z')
	p.begin(d.whole(e))
	p.path(path, stroked(soft, thinLine))
	p.path(head, filled(soft))
	if words := d.ruler.clip(e.label(opColumns), opSize, false, s.width-from-10); e.label(opColumns) != "" {
		p.words(words, spot{right - from - 5, s.y - stackRoom - 4, "end"}, opSize, false, soft)
	}
	p.end()
}
