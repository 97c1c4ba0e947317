package reports

import (
	"math"
	"strconv"
)

// box draws a node: its shape by its kind, and what is written in it.
func (d *drawing) box(p pen, n int) {
	node, s, b := &d.nodes[n], &d.slots[n], &d.boxes[n]
	p.begin(node.whole())
	if stacked(node) {
		for _, up := range []int{stackRoom, stackRoom / 2} {
			p.rect(s.x+up, s.y-up, s.height, corner, float64(s.width-2*up), bordered(soft, thinLine))
		}
	}
	if node.bottleneck {
		shape(p, node.kind, s, bordered(palette[1], thickLine))
	} else {
		shape(p, node.kind, s, bordered(soft, thinLine))
	}
	y := s.y + (s.height-b.content)/2 + nameSize + b.lid/2
	line := func(words string, size int, bold bool, color swatch) {
		p.words(words, spot{s.x + s.width/2, y, "middle"}, size, bold, color)
	}
	line(b.name, nameSize, true, black)
	y += nameRow - 1
	if b.what != "" {
		line(b.what, noteSize, false, soft)
		y += noteRow
	}
	for _, words := range b.detail {
		line(words, noteSize, false, soft)
		y += noteRow
	}
	if b.load != "" {
		line(b.load, noteSize, node.bottleneck, black)
		d.busy(p, n, y+barRoom-barHeight)
	}
	p.end()
}

// busy draws the bar of how busy a node was: the part of its length that is
// full is the part of the time, or of the places, that was taken.
func (d *drawing) busy(p pen, n, y int) {
	node, s, inset := &d.nodes[n], &d.slots[n], d.boxes[n].inset
	length := float64(s.width - 2*inset)
	color := palette[0]
	if node.bottleneck {
		color = palette[1]
	}
	p.rect(s.x+inset, y, barHeight, 0, length, filled(rule))
	if u := min(max(*node.busy, 0), 1); u > 0 {
		p.rect(s.x+inset, y, barHeight, 0, u*length, filled(color))
	}
}

// tenths is a coordinate rounded to a tenth of a point.
func tenths(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

// corner is how round the corners of most boxes are, in points.
const corner = 3

// shape draws the outline of a node. The sides are straight in all of them:
// that is where the wires end.
func shape(p pen, kind string, s *slot, l look) {
	right, bottom := s.x+s.width, s.y+s.height
	rect := func(radius int) { p.rect(s.x, s.y, s.height, radius, float64(s.width), l) }
	switch kind {
	case "client":
		rect(16)
	case "external":
		l.dashed = true
		rect(corner)
	case "load_balancer":
		const cut = 12
		var path way
		path.to('M', s.x+cut, s.y)
		path.to('H', right-cut)
		path.to('L', right, s.y+cut)
		path.to('V', bottom-cut)
		path.to('L', right-cut, bottom)
		path.to('H', s.x+cut)
		path.to('L', s.x, bottom-cut)
		path.to('V', s.y+cut)
		path.to('Z')
		p.path(path, l)
	case "database":
		var path way
		path.to('M', s.x, s.y+bowl)
		path.to('A', s.width/2, bowl, 0, 0, 1, right, s.y+bowl)
		path.to('V', bottom-bowl)
		path.to('A', s.width/2, bowl, 0, 0, 1, s.x, bottom-bowl)
		path.to('V', s.y+bowl)
		path.to('A', s.width/2, bowl, 0, 0, 0, right, s.y+bowl)
		p.path(path, l)
	case "cache":
		p.path(outlined(s, s.x+6, right-6), l)
	case "queue":
		p.path(outlined(s, right-6, right-11, right-16), l)
	case "cdn":
		rect(12)
		p.rect(s.x+4, s.y+4, s.height-8, 9, float64(s.width-8), l)
	default:
		rect(corner)
	}
}

// outlined is a box with lines across, at some x.
func outlined(s *slot, lines ...int) way {
	var path way
	path.to('M', s.x, s.y)
	path.to('H', s.x+s.width)
	path.to('V', s.y+s.height)
	path.to('H', s.x)
	path.to('Z')
	for _, x := range lines {
		path.to('M', x, s.y)
		path.to('V', s.y+s.height)
	}
	return path
}
