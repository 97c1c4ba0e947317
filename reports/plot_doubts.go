package reports

import (
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// bandAlpha is how dense the band of an interval is, of 255: bands of two lines
// that overlap, and the grid below, can still be seen.
const bandAlpha = 51

// banded reports whether the intervals of l make a band: its points are joined,
// so that something lies between two intervals.
func (l line) banded() bool {
	gap := func(p point) bool { return math.IsNaN(p.y) }
	return len(l.doubts) > 1 && !l.dots && !slices.ContainsFunc(l.points, gap)
}

// drawnDoubt fills the band between the ends of the intervals of a line.
type drawnDoubt struct {
	line
}

// Plot implements plot.Plotter.
func (l drawnDoubt) Plot(c draw.Canvas, g *plot.Plot) {
	x, y := g.Transforms(&c)
	at := func(p point, v float64) vg.Point {
		return vg.Point{X: x(p.x), Y: y(min(max(v, g.Y.Min), g.Y.Max))}
	}
	var upper, lower []vg.Point
	for _, p := range l.doubts {
		if p.x < g.X.Min || p.x > g.X.Max {
			continue
		}
		upper = append(upper, at(p, p.y+p.half))
		lower = append(lower, at(p, p.y-p.half))
	}
	if len(upper) < 2 {
		return
	}
	slices.Reverse(lower)
	var outline vg.Path
	outline.Move(upper[0])
	for _, p := range append(upper[1:], lower...) {
		outline.Line(p)
	}
	outline.Close()
	shade := l.color()
	c.SetColor(color.NRGBA{R: shade.R, G: shade.G, B: shade.B, A: bandAlpha})
	c.Fill(outline)
}

// bars draws each interval by itself, with caps.
func (l drawnLine) bars(c draw.Canvas, g *plot.Plot) {
	x, y := g.Transforms(&c)
	style := draw.LineStyle{Color: l.color(), Width: 1}
	for _, p := range l.doubts {
		if p.x < g.X.Min || p.x > g.X.Max || p.y < g.Y.Min || p.y > g.Y.Max {
			continue
		}
		at, low, high := x(p.x), y(max(p.y-p.half, g.Y.Min)), y(min(p.y+p.half, g.Y.Max))
		c.StrokeLine2(style, at, low, at, high)
		c.StrokeLine2(style, at-capWidth/2, low, at+capWidth/2, low)
		c.StrokeLine2(style, at-capWidth/2, high, at+capWidth/2, high)
	}
}
