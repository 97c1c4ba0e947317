package reports

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Plot shades the band from bottom to top.
func (b band) Plot(c draw.Canvas, g *plot.Plot) {
	x, _ := g.Transforms(&c)
	c.SetColor(rule.color)
	c.Fill(vg.Rectangle{
		Min: vg.Point{X: x(max(b.from, g.X.Min)), Y: c.Min.Y},
		Max: vg.Point{X: x(min(b.to, g.X.Max)), Y: c.Max.Y},
	}.Path())
}

// drawnUprights are upright lines without names: their hue says whose they are.
type drawnUprights []upright

// Plot implements plot.Plotter.
func (all drawnUprights) Plot(c draw.Canvas, g *plot.Plot) {
	x, _ := g.Transforms(&c)
	for _, u := range all {
		at := x(u.at)
		c.StrokeLine2(draw.LineStyle{Color: hue(u.hue), Width: 1.4, Dashes: dash(2)}, at, c.Min.Y, at, c.Max.Y)
	}
}

// paperAlpha is how much of what is behind a name is hidden, of 255.
const paperAlpha = 204

// drawnMarks are upright lines with their names at the top, each a line lower
// than the one before, so that neighbours can be read.
type drawnMarks []tick

// Plot implements plot.Plotter.
func (marks drawnMarks) Plot(c draw.Canvas, g *plot.Plot) {
	x, _ := g.Transforms(&c)
	for i, m := range marks {
		at, align, gap := x(m.at), text.XLeft, vg.Length(4)
		if m.at > (g.X.Min+g.X.Max)/2 {
			align, gap = text.XRight, -gap
		}
		c.StrokeLine2(draw.LineStyle{Color: ink.color, Width: 1, Dashes: dash(2)}, at, c.Min.Y, at, c.Max.Y)
		style := textStyle(align, text.YTop)
		width := style.Width(m.label)
		left := at + gap
		if align == text.XRight {
			left -= width
		}
		c.SetColor(color.NRGBA{R: paper.color.R, G: paper.color.G, B: paper.color.B, A: paperAlpha})
		c.Fill(vg.Rectangle{
			Min: vg.Point{X: left, Y: c.Max.Y - 2 - vg.Length(i+1)*legendRow},
			Max: vg.Point{X: left + width, Y: c.Max.Y - 2 - vg.Length(i)*legendRow},
		}.Path())
		c.FillText(style, vg.Point{X: at + gap, Y: c.Max.Y - 3 - vg.Length(i)*legendRow}, m.label)
	}
}
