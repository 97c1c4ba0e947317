package reports

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A stack is a bar of several parts, one behind the other, and says their sum.
type stack struct {
	label string
	parts []barPart
	unit  unit
}

type barPart struct {
	length float64
	hue    int
}

// A key says what a hue of the stacks means.
type key struct {
	label string
	hue   int
}

// sum is the length of all parts.
func (s stack) sum() float64 {
	sum := 0.0
	for _, part := range s.parts {
		sum += part.length
	}
	return sum
}

// drawnStacks fills the parts and writes the sums beside them.
type drawnStacks struct {
	stacks []stack
	keys   []key
}

// Plot implements plot.Plotter.
func (d drawnStacks) Plot(c draw.Canvas, g *plot.Plot) {
	x, y := g.Transforms(&c)
	for i, s := range d.stacks {
		middle, end := y(-float64(i)), 0.0
		for _, part := range s.parts {
			from := x(end)
			end += part.length
			c.SetColor(hue(part.hue))
			tooltip(c, s.label+d.meaning(part.hue)+": "+short(part.length, s.unit)+" of "+short(s.sum(), s.unit))
			c.Fill(vg.Rectangle{
				Min: vg.Point{X: from, Y: middle - barThickness/2},
				Max: vg.Point{X: x(end), Y: middle + barThickness/2},
			}.Path())
		}
		c.FillText(textStyle(text.XLeft, text.YCenter), vg.Point{X: x(end) + 5, Y: middle}, short(end, s.unit))
	}
}

// meaning is what a hue of the stacks is, after a comma; "" where all have one.
func (d drawnStacks) meaning(hue int) string {
	for _, k := range d.keys {
		if k.hue == hue {
			return ", " + k.label
		}
	}
	return ""
}

// setStacks makes the vertical axis of g the names of the stacks.
func (p *picture) setStacks(g *plot.Plot) {
	var labels []string
	for _, s := range p.stacks {
		labels = append(labels, s.label)
	}
	setRows(g, labels)
	g.X.Max = figureRoom * p.x.max
}

// A placedKey is a key with where its sample begins, and in which row.
type placedKey struct {
	key
	left vg.Length
	row  int
}

// placedKeys puts the keys into rows of so much width.
func (p *picture) placedKeys(width vg.Length) (placed []placedKey, rows int) {
	style := textStyle(text.XLeft, text.YCenter)
	left := vg.Length(0)
	for _, k := range p.keys {
		wide := 16 + style.Width(k.label)
		if left > 0 && left+wide > width {
			left = 0
			rows++
		}
		placed = append(placed, placedKey{k, left, rows})
		left += wide + legendGap
	}
	if len(placed) > 0 {
		rows++
	}
	return placed, rows
}

// keyLegend writes what the hues of stacks mean along the top of c, and returns
// the height that it took.
func (p *picture) keyLegend(c draw.Canvas) vg.Length {
	style := textStyle(text.XLeft, text.YCenter)
	placed, rows := p.placedKeys(c.Size().X - 4)
	for _, k := range placed {
		x, y := c.Min.X+4+k.left, c.Max.Y-legendRow*(vg.Length(k.row)+0.5)
		c.SetColor(hue(k.hue))
		c.Fill(dot(vg.Point{X: x + 6, Y: y}, 5))
		c.FillText(style, vg.Point{X: x + 16, Y: y}, k.label)
	}
	return legendRow * vg.Length(rows)
}
