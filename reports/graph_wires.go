package reports

import "strconv"

// A way is the path of a line in SVG.
type way []byte

func (w *way) to(command string, coordinates ...int) {
	*w = append(*w, command...)
	for i, c := range coordinates {
		if i > 0 {
			*w = append(*w, ' ')
		}
		*w = strconv.AppendInt(*w, int64(c), 10)
	}
}

// wire draws the way of an edge: straight while it passes nodes and beside its
// label, bent between.
func (d *drawing) wire(i, start, end int) {
	w := &d.wires[i]
	last := len(w.slots) - 1
	var path way
	from := &d.slots[w.slots[0]]
	x, y := from.x+from.width, start
	if w.against {
		path.to("M", x+arrowLength-1, y)
	} else {
		path.to("M", x, y)
	}
	for k, s := range w.slots[1:] {
		next := &d.slots[s]
		bend, nextY := next.x-curveRoom, next.middle()
		tip := next.x
		if k+1 == last {
			nextY = end
			if !w.against {
				tip -= arrowLength - 1
			}
		}
		path.to("H", bend)
		path.to("C", bend+curveRoom/2, y, bend+curveRoom/2, nextY, tip, nextY)
		if k+1 < last {
			path.to("H", next.x+next.width)
		}
		y = nextY
	}
	d.out.WriteString("<g>")
	d.text("title", d.whole(&d.edges[w.edge]))
	d.element("path", append([]string{"d", string(path)}, stroked(soft, "1.2")...)...)
	if w.against {
		d.arrow(x, start, 1)
	} else {
		d.arrow(d.slots[w.slots[last]].x, end, -1)
	}
	if d.labels[i] != "" {
		at := x + labelRoom/2
		if w.against {
			at += arrowLength / 2
		}
		d.label(d.labels[i], at, start-3, "start")
	}
	d.out.WriteString("</g>\n")
}

// arrow draws a head whose point is at x, y; away is the side that it comes
// from: 1 for the right, -1 for the left.
func (d *drawing) arrow(x, y, away int) {
	var path way
	back := x + away*arrowLength
	path.to("M", x, y)
	path.to("L", back, y-arrowHalf)
	path.to("V", y+arrowHalf)
	path.to("Z")
	d.element("path", append([]string{"d", string(path)}, filled(soft)...)...)
}

// label writes the operations of an edge.
func (d *drawing) label(words string, x, y int, anchor string) {
	pairs := []string{"x", strconv.Itoa(x), "y", strconv.Itoa(y), "font-size", strconv.Itoa(opSize)}
	if anchor != "start" {
		pairs = append(pairs, "text-anchor", anchor)
	}
	d.text("text", words, append(pairs, filled(soft)...)...)
}

// loop draws the arrow of a node that asks itself, above it.
func (d *drawing) loop(i int) {
	const from, to, high = 44, 22, 24 // from the right side; above the box
	e := &d.edges[i]
	s := &d.slots[e.from]
	right := s.x + s.width
	var path, head way
	path.to("M", right-from, s.y)
	path.to("C", right-from, s.y-high, right-to, s.y-high, right-to, s.y-arrowLength+1)
	head.to("M", right-to, s.y)
	head.to("L", right-to-arrowHalf, s.y-arrowLength)
	head.to("H", right-to+arrowHalf)
	head.to("Z")
	d.out.WriteString("<g>")
	d.text("title", d.whole(e))
	d.element("path", append([]string{"d", string(path)}, stroked(soft, "1.2")...)...)
	d.element("path", append([]string{"d", string(head)}, filled(soft)...)...)
	if words := d.ruler.clip(e.label(opColumns), opSize, false, s.width-from-10); words != "" {
		d.label(words, right-from-5, s.y-stackRoom-4, "end")
	}
	d.out.WriteString("</g>\n")
}
