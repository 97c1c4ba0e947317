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

// drawnStacks fills the parts and writes the sums beside them.
type drawnStacks []stack

// Plot implements plot.Plotter.
func (stacks drawnStacks) Plot(c draw.Canvas, g *plot.Plot) {
	x, y := g.Transforms(&c)
	for i, s := range stacks {
		middle, sum := y(-float64(i)), 0.0
		for _, part := range s.parts {
			from := x(sum)
			sum += part.length
			c.SetColor(hue(part.hue))
			c.Fill(vg.Rectangle{
				Min: vg.Point{X: from, Y: middle - barThickness/2},
				Max: vg.Point{X: x(sum), Y: middle + barThickness/2},
			}.Path())
		}
		c.FillText(textStyle(text.XLeft, text.YCenter), vg.Point{X: x(sum) + 5, Y: middle}, short(sum, s.unit))
	}
}

// setStacks makes the vertical axis of g the names of the stacks.
func (p *picture) setStacks(g *plot.Plot) {
	var labels []string
	for _, s := range p.stacks {
		labels = append(labels, s.label)
	}
	setRows(g, labels)
	g.X.Max = 1.16 * p.x.max // room for the figure beside the longest
}

// keyLegend writes what the hues of stacks mean along the top of c, and returns
// the height that it took.
func (p *picture) keyLegend(c draw.Canvas) vg.Length {
	if len(p.keys) == 0 {
		return 0
	}
	style := textStyle(text.XLeft, text.YCenter)
	x, y := c.Min.X+4, c.Max.Y-legendRow/2
	for _, k := range p.keys {
		c.SetColor(hue(k.hue))
		c.Fill(dot(vg.Point{X: x + 6, Y: y}, 5))
		c.FillText(style, vg.Point{X: x + 16, Y: y}, k.label)
		x += 16 + style.Width(k.label) + legendGap
	}
	return legendRow
}
