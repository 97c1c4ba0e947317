package reports

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sizes of a chart, in points. It is drawn for half the width of a page and
// must still be read when a phone shows it at three quarters of that.
const (
	chartWidth    vg.Length = 480
	chartHeight   vg.Length = 300
	narrowWidth   vg.Length = 400 // of one that no script draws for the width of a phone
	fontSize      vg.Length = 12
	lineWidth     vg.Length = 1.6
	thinWidth     vg.Length = 0.7
	dotSize       vg.Length = 3.2 // half of a dot
	legendRow     vg.Length = 17
	legendSample  vg.Length = 22
	legendGap     vg.Length = 16
	legendColumns           = 34 // of a label
	barRow        vg.Length = 26
	barThickness  vg.Length = 14
	barMargins    vg.Length = 56 // axis and labels above and below the bars
	capWidth      vg.Length = 5
	figureRoom              = 1.25 // of the length of the longest bar: its figure stands beside it
	mostColumns             = 400  // in which a line may differ
)

// svg draws p by gonum/plot as an SVG without any style attribute.
func (p *picture) svg() (string, error) {
	canvas := newTitledCanvas(p.width(), p.height())
	p.paint(draw.New(canvas))
	var drawn bytes.Buffer
	if _, err := canvas.WriteTo(&drawn); err != nil {
		return "", fmt.Errorf("reports: chart %s: %w", p.id, err)
	}
	clean, err := restyled(drawn.Bytes(), p.class(), visible(p.title), canvas.titles)
	if err != nil {
		return "", fmt.Errorf("reports: chart %s: %w", p.id, err)
	}
	return clean, nil
}

// fewColumns is how many columns of a heat map have room for their figures on
// a phone.
const fewColumns = 4

// width is how wide p is drawn.
func (p *picture) width() vg.Length {
	if len(p.bars) > 0 || len(p.effects) > 0 || len(p.stacks) > 0 || p.scattered() || p.tiles != nil && len(p.x.ticks) <= fewColumns {
		return narrowWidth
	}
	return chartWidth
}

// scattered tells whether p has points that no script draws.
func (p *picture) scattered() bool {
	return p.x.kind == noKind && slices.ContainsFunc(p.lines, func(l line) bool { return l.dots })
}

// class is that of p on a page.
func (p *picture) class() string {
	if p.width() == narrowWidth {
		return "chart narrow"
	}
	return "chart"
}

// height is how high p is drawn.
func (p *picture) height() vg.Length {
	height := chartHeight
	if len(p.bars) > 0 {
		height = barMargins + barRow*vg.Length(len(p.bars))
	}
	if len(p.effects) > 0 {
		height = barMargins + barRow*vg.Length(len(p.effects))
	}
	if len(p.stacks) > 0 {
		_, rows := p.placedKeys(p.width() - 4)
		height = barMargins + legendRow*vg.Length(rows) + barRow*vg.Length(len(p.stacks))
	}
	if p.tiles != nil {
		height = max(height/2, barMargins+legendRow+barRow*vg.Length(len(p.tiles.rows)))
	}
	return height
}

// paint draws p on an area of its size.
func (p *picture) paint(area draw.Canvas) {
	area.Max.Y -= p.legend(area)
	area.Max.Y -= p.keyLegend(area)
	if p.tiles != nil {
		area.Max.Y -= p.tiles.legend(area)
	}
	area.Max.Y -= p.heading(area)
	p.plot().Draw(draw.Crop(area, 2, -8, 2, -6))
}

// textStyle is the lettering of a chart.
func textStyle(x text.XAlignment, y text.YAlignment) text.Style {
	return text.Style{
		Color:   ink.color,
		Font:    font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, fontSize),
		XAlign:  x,
		YAlign:  y,
		Handler: plot.DefaultTextHandler,
	}
}

// clipLabel cuts a label such as "NAME throughput" to so many columns, but not
// its last word, which tells it from the others of the same name.
func clipLabel(label string, columns int) string {
	at := strings.LastIndexByte(label, ' ')
	if at < 0 || len(label)-at >= columns/2 {
		return clipName(label, columns)
	}
	return clipName(label[:at], columns-(len(label)-at)) + label[at:]
}

// legend writes what the lines are along the top of c, in rows, and returns
// the height that it took. A single line needs none.
func (p *picture) legend(c draw.Canvas) vg.Length {
	if len(p.lines) < 2 {
		return 0
	}
	style := textStyle(text.XLeft, text.YCenter)
	x, y := c.Min.X+4, c.Max.Y-legendRow/2
	for _, l := range p.lines {
		label := clipLabel(visible(l.label), legendColumns)
		width := legendSample + 5 + style.Width(label)
		if x > c.Min.X+4 && x+width > c.Max.X {
			x, y = c.Min.X+4, y-legendRow
		}
		if l.dots {
			c.SetColor(l.color())
			c.Fill(dot(vg.Point{X: x + legendSample/2, Y: y}, dotSize))
		} else {
			c.StrokeLine2(l.style(), x, y, x+legendSample, y)
		}
		c.FillText(style, vg.Point{X: x + legendSample + 5, Y: y}, label)
		x += width + legendGap
	}
	return c.Max.Y - y + legendRow/2
}

// heading writes the label of the vertical axis above it, where it can be read
// without turning one's head, and returns the height that it took.
func (p *picture) heading(c draw.Canvas) vg.Length {
	if p.y.label == "" {
		return 0
	}
	style := textStyle(text.XLeft, text.YCenter)
	c.FillText(style, vg.Point{X: c.Min.X + 4, Y: c.Max.Y - legendRow/2}, p.y.label)
	return legendRow
}

func (l line) style() draw.LineStyle {
	width := lineWidth
	if l.thin {
		width = thinWidth
	}
	return draw.LineStyle{Color: l.color(), Width: width, Dashes: l.dashes()}
}

// swatch is the colour of l.
func (l line) swatch() swatch {
	if l.behind {
		return soft
	}
	return palette[l.hue%len(palette)]
}

func (l line) color() color.RGBA { return l.swatch().color }

// layered are the lines as they are drawn, those behind the others first.
func (p *picture) layered() []line {
	above := slices.DeleteFunc(slices.Clone(p.lines), func(l line) bool { return l.behind })
	behind := slices.DeleteFunc(slices.Clone(p.lines), func(l line) bool { return !l.behind })
	return append(behind, above...)
}

// dashes tells l from another line of its hue.
func (l line) dashes() []vg.Length {
	return dash(l.dash + 2*(l.hue/len(palette)))
}

// plot makes gonum's plot of p, without title, legend and background.
func (p *picture) plot() *plot.Plot {
	g := plot.New()
	g.BackgroundColor = nil
	setAxis(&g.X, p.x)
	setAxis(&g.Y, p.y)
	g.X.Label.TextStyle = textStyle(text.XCenter, text.YBottom)
	g.Y.Label.Text = "" // see heading
	g.X.Tick.Label = textStyle(text.XCenter, text.YTop)
	g.Y.Tick.Label = textStyle(text.XRight, text.YCenter)
	grid := plotter.NewGrid()
	grid.Horizontal = draw.LineStyle{Color: rule.color, Width: 0.7}
	grid.Vertical = grid.Horizontal
	if len(p.bars) > 0 {
		grid.Horizontal.Color = nil
		p.setBars(g)
	}
	if len(p.effects) > 0 {
		grid.Horizontal.Color = nil
		p.setEffects(g)
	}
	if len(p.stacks) > 0 {
		grid.Horizontal.Color = nil
		p.setStacks(g)
	}
	for _, b := range p.bands {
		g.Add(b)
	}
	if p.tiles != nil {
		setRows(g, p.tiles.rows)
		g.Add(p.tiles)
		return g
	}
	g.Add(grid)
	for _, l := range p.lines {
		if l.banded() {
			g.Add(drawnDoubt{l})
		}
	}
	for _, l := range p.layered() {
		g.Add(drawnLine{l, p})
	}
	if len(p.uprights) > 0 {
		g.Add(drawnUprights(p.uprights))
	}
	if len(p.marks) > 0 {
		g.Add(drawnMarks(p.marks))
	}
	if len(p.bars) > 0 {
		g.Add(drawnBars(p.bars))
	}
	if len(p.effects) > 0 {
		g.Add(drawnEffects(p.effects))
	}
	if len(p.stacks) > 0 {
		g.Add(drawnStacks{p.stacks, p.keys})
	}
	return g
}

// setAxis gives one of gonum's axes the range, ticks and label of a.
func setAxis(g *plot.Axis, a axis) {
	g.Min, g.Max = a.min, a.max
	g.Padding = 0
	g.Label.Text = a.label
	g.Label.Padding = 3
	g.LineStyle = draw.LineStyle{Color: ink.color, Width: 0.8}
	g.Tick.LineStyle = g.LineStyle
	g.Tick.Length = 4
	if a.logarithmic {
		g.Scale = plot.LogScale{}
	}
	var marks plot.ConstantTicks
	for _, t := range a.ticks {
		marks = append(marks, plot.Tick{Value: t.at, Label: t.label})
	}
	g.Tick.Marker = marks
}

// setBars makes the vertical axis of g the names of the bars.
func (p *picture) setBars(g *plot.Plot) {
	var labels []string
	for _, b := range p.bars {
		labels = append(labels, b.label)
	}
	setRows(g, labels)
	g.X.Max = figureRoom * p.x.max
}

// setRows makes the vertical axis of g the names of rows, from the top.
func setRows(g *plot.Plot, labels []string) {
	var names plot.ConstantTicks
	for i, label := range labels {
		names = append(names, plot.Tick{Value: -float64(i), Label: clipName(visible(label), legendColumns)})
	}
	g.Y.Min, g.Y.Max = 0.5-float64(len(labels)), 0.5
	g.Y.Tick.Marker = names
	g.Y.Tick.Length = 0
}

// drawnLine strokes a line, its gaps and its doubts.
type drawnLine struct {
	line
	of *picture
}

// Plot implements plot.Plotter.
func (l drawnLine) Plot(c draw.Canvas, g *plot.Plot) {
	x, y := g.Transforms(&c)
	var piece []vg.Point
	end := func() {
		switch len(piece) {
		case 0:
		case 1: // a window between two gaps
			c.SetColor(l.color())
			c.Fill(dot(piece[0], lineWidth))
		default:
			c.StrokeLines(l.style(), c.ClipLinesXY(piece)...)
		}
		piece = nil
	}
	for _, p := range thinned(l.points, mostColumns) {
		if math.IsNaN(p.y) {
			end()
			continue
		}
		low := p.y
		if _, logarithmic := g.Y.Scale.(plot.LogScale); logarithmic {
			low = g.Y.Min / 2 // below the axis, where the line is clipped; zero has no logarithm
		}
		if l.dots {
			c.SetColor(l.color())
			tooltip(c, l.label+": "+short(p.y, l.of.y.unit)+within(p.half, l.of.y.unit)+" at "+short(p.x, l.of.x.unit)+" "+l.of.x.name)
			c.Fill(dot(vg.Point{X: x(p.x), Y: y(max(p.y, low))}, dotSize))
			continue
		}
		piece = append(piece, vg.Point{X: x(p.x), Y: y(max(p.y, low))})
	}
	end()
	if !l.banded() {
		l.bars(c, g)
	}
}

// dot is a square around a point.
func dot(at vg.Point, half vg.Length) vg.Path {
	return vg.Rectangle{
		Min: vg.Point{X: at.X - half, Y: at.Y - half},
		Max: vg.Point{X: at.X + half, Y: at.Y + half},
	}.Path()
}

// drawnBars fills the bars and writes their figures beside them.
type drawnBars []bar

// Plot implements plot.Plotter.
func (bars drawnBars) Plot(c draw.Canvas, g *plot.Plot) {
	x, y := g.Transforms(&c)
	for i, b := range bars {
		middle := y(-float64(i))
		c.SetColor(hue(0))
		tooltip(c, b.label+": "+short(b.value, b.unit)+within(b.half, b.unit))
		c.Fill(vg.Rectangle{
			Min: vg.Point{X: x(0), Y: middle - barThickness/2},
			Max: vg.Point{X: x(b.value), Y: middle + barThickness/2},
		}.Path())
		end := x(b.value)
		if b.half > 0 {
			style := draw.LineStyle{Color: ink.color, Width: 1.2}
			low, high := x(max(b.value-b.half, 0)), x(min(b.value+b.half, g.X.Max/figureRoom))
			c.StrokeLine2(style, low, middle, high, middle)
			c.StrokeLine2(style, low, middle-capWidth/2, low, middle+capWidth/2)
			c.StrokeLine2(style, high, middle-capWidth/2, high, middle+capWidth/2)
			end = max(end, high)
		}
		c.FillText(textStyle(text.XLeft, text.YCenter), vg.Point{X: end + 5, Y: middle}, short(b.value, b.unit))
	}
}
