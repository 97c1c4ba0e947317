package reports

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// An effect is a difference with its interval, to either side of zero.
type effect struct {
	label       string
	value, half float64
	u           unit
	hue         int // of one that is more than noise: worseHue, betterHue; 0: noise
}

const (
	worseHue  = 1 // vermilion
	betterHue = 2 // green
)

// color of an effect: what may be noise is drawn in ink.
func (e effect) swatch() swatch {
	if e.hue == 0 {
		return ink
	}
	return palette[e.hue]
}

// effectAxis spans all effects with their intervals, and zero.
func effectAxis(label string, effects []effect, u unit) axis {
	low, high := 0.0, 0.0
	for _, e := range effects {
		low, high = min(low, e.value-e.half), max(high, e.value+e.half)
	}
	if high-low < 1e-12 { // nothing but zeros
		low, high = -0.01, 0.01
	}
	s := scale(max(high, -low), u)
	a := axis{label: label + unitWord(s)}
	distance := niceStep((high-low)/s.factor, 5)
	decimals := decimalsFor(distance, 1)
	first := math.Floor(low / s.factor / distance)
	for i := first; ; i++ {
		v := distance * i
		a.ticks = append(a.ticks, tick{v * s.factor, number(v, decimals)})
		if v*s.factor >= high {
			a.min, a.max = first*distance*s.factor, v*s.factor
			return a
		}
	}
}

// setEffects makes the vertical axis of g the names of the effects, and leaves
// room for the figures beside them.
func (p *picture) setEffects(g *plot.Plot) {
	var labels []string
	for _, e := range p.effects {
		labels = append(labels, e.label)
	}
	setRows(g, labels)
	g.X.Max = p.x.max + (p.x.max-p.x.min)*0.3
}

// drawnEffects draws each effect as a point with its interval, and a line at
// zero: an interval that does not touch it is a difference.
type drawnEffects []effect

// Plot implements plot.Plotter.
func (effects drawnEffects) Plot(c draw.Canvas, g *plot.Plot) {
	x, y := g.Transforms(&c)
	c.StrokeLine2(draw.LineStyle{Color: ink.color, Width: 1}, x(0), c.Min.Y, x(0), c.Max.Y)
	for i, e := range effects {
		middle := y(-float64(i))
		style := draw.LineStyle{Color: e.swatch().color, Width: 2}
		low, high := x(e.value-e.half), x(e.value+e.half)
		if e.half > 0 {
			c.StrokeLine2(style, low, middle, high, middle)
			c.StrokeLine2(style, low, middle-capWidth/2, low, middle+capWidth/2)
			c.StrokeLine2(style, high, middle-capWidth/2, high, middle+capWidth/2)
		}
		c.SetColor(style.Color)
		tooltip(c, e.label+": "+signed(short(e.value, e.u), e.value)+within(e.half, e.u))
		c.Fill(dot(vg.Point{X: x(e.value), Y: middle}, 3.5))
		c.FillText(textStyle(text.XLeft, text.YCenter), vg.Point{X: max(x(0), high) + 6, Y: middle},
			signed(short(e.value, e.u), e.value))
	}
}
