package reports

import (
	"math"
	"slices"
	"strconv"
)

// box draws a node: its shape by its kind, and what is written in it.
func (d *drawing) box(n int) {
	node, s, b := &d.nodes[n], &d.slots[n], &d.boxes[n]
	d.out.WriteString("<g>")
	d.text("title", node.whole())
	if stacked(node) {
		for _, up := range []int{stackRoom, stackRoom / 2} {
			d.behind(*s, up)
		}
	}
	if node.bottleneck {
		d.shape(node.kind, s, bordered(palette[1], "2.6"))
	} else {
		d.shape(node.kind, s, bordered(soft, "1.2"))
	}
	y := s.y + (s.height-b.content)/2 + nameSize
	if b.lid > 0 {
		y += b.lid / 2
	}
	d.line(b.name, s, y, nameSize, black, true)
	y += nameRow - 1
	if b.what != "" {
		d.line(b.what, s, y, noteSize, soft, false)
		y += noteRow
	}
	for _, line := range b.detail {
		d.line(line, s, y, noteSize, soft, false)
		y += noteRow
	}
	if b.load != "" {
		d.line(b.load, s, y, noteSize, black, node.bottleneck)
		d.busy(node, s, b.inset, y+barRoom-barHeight)
	}
	d.out.WriteString("</g>\n")
}

// line writes words in the middle of a box.
func (d *drawing) line(words string, s *slot, y, size int, color swatch, bold bool) {
	pairs := []string{"x", strconv.Itoa(s.x + s.width/2), "y", strconv.Itoa(y), "font-size", strconv.Itoa(size), "text-anchor", "middle"}
	if bold {
		pairs = append(pairs, "font-weight", "bold")
	}
	d.text("text", words, append(pairs, filled(color)...)...)
}

// busy draws the bar of how busy a node was: the part of its length that is
// full is the part of the time, or of the places, that was taken.
func (d *drawing) busy(node *graphNode, s *slot, inset, y int) {
	length := s.width - 2*inset
	rect := func(width float64, color swatch) {
		d.element("rect", append([]string{
			"x", strconv.Itoa(s.x + inset), "y", strconv.Itoa(y),
			"width", tenths(width), "height", strconv.Itoa(barHeight),
		}, filled(color)...)...)
	}
	rect(float64(length), rule)
	color := palette[0]
	if node.bottleneck {
		color = palette[1]
	}
	if u := min(max(*node.busy, 0), 1); u > 0 {
		rect(u*float64(length), color)
	}
}

// tenths is a coordinate rounded to a tenth of a point.
func tenths(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

// bordered are the attributes of a box.
func bordered(s swatch, width string) []string {
	return []string{
		"fill", hex(cardFill.color), "stroke", hex(s.color), "stroke-width", width,
		"class", "fill-" + cardFill.class + " stroke-" + s.class,
	}
}

// behind draws one of the boxes behind that of a node of several instances.
func (d *drawing) behind(s slot, up int) {
	s.x, s.width, s.y = s.x+up, s.width-2*up, s.y-up
	d.rect(&s, 3, bordered(soft, "1.2"))
}

func (d *drawing) rect(s *slot, radius int, border []string) {
	d.element("rect", slices.Concat([]string{
		"x", strconv.Itoa(s.x), "y", strconv.Itoa(s.y), "width", strconv.Itoa(s.width), "height", strconv.Itoa(s.height),
		"rx", strconv.Itoa(radius),
	}, border)...)
}

// shape draws the outline of a node. The sides are straight in all of them:
// that is where the wires end.
func (d *drawing) shape(kind string, s *slot, border []string) {
	right, bottom := s.x+s.width, s.y+s.height
	var path way
	switch kind {
	case "client":
		d.rect(s, 16, border)
		return
	case "external":
		d.rect(s, 3, append(slices.Clone(border), "stroke-dasharray", "6 4"))
		return
	case "load_balancer":
		const cut = 12
		path.to("M", s.x+cut, s.y)
		path.to("H", right-cut)
		path.to("L", right, s.y+cut)
		path.to("V", bottom-cut)
		path.to("L", right-cut, bottom)
		path.to("H", s.x+cut)
		path.to("L", s.x, bottom-cut)
		path.to("V", s.y+cut)
		path.to("Z")
	case "database":
		path.to("M", s.x, s.y+bowl)
		path.to("A", s.width/2, bowl, 0, 0, 1, right, s.y+bowl)
		path.to("V", bottom-bowl)
		path.to("A", s.width/2, bowl, 0, 0, 1, s.x, bottom-bowl)
		path.to("V", s.y+bowl)
		path.to("A", s.width/2, bowl, 0, 0, 0, right, s.y+bowl)
	case "cache":
		path = outlined(s, s.x+6, right-6)
	case "queue":
		path = outlined(s, right-6, right-11, right-16)
	case "cdn":
		d.rect(s, 12, border)
		inner := slot{x: s.x + 4, y: s.y + 4, width: s.width - 8, height: s.height - 8}
		d.rect(&inner, 9, border)
		return
	default:
		d.rect(s, 3, border)
		return
	}
	d.element("path", slices.Concat([]string{"d", string(path), "stroke-linejoin", "round"}, border)...)
}

// outlined is a box with lines across, at some x.
func outlined(s *slot, lines ...int) way {
	var path way
	path.to("M", s.x, s.y)
	path.to("H", s.x+s.width)
	path.to("V", s.y+s.height)
	path.to("H", s.x)
	path.to("Z")
	for _, x := range lines {
		path.to("M", x, s.y)
		path.to("V", s.y+s.height)
	}
	return path
}
