package reports

import (
	"image/color"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/capsim/capsim/internal/result"
)

// A tile is a rectangle of a heat map; rows count from the top.
type tile struct {
	from, to float64 // on the horizontal axis
	row      int
	hue      swatch
	share    float64 // of the colour, the rest is the paper
	label    string  // in its middle
	title    string  // under the pointer
}

// tiles are a heat map.
type tiles struct {
	rows  []string
	tiles []tile
	marks []tick  // upright in a row, which is named by label: see rowMark
	key   []keyed // what the colours mean
}

type keyed struct {
	hue   swatch
	label string
}

const tileGap vg.Length = 1

// Plot implements plot.Plotter.
func (t *tiles) Plot(c draw.Canvas, g *plot.Plot) {
	x, y := g.Transforms(&c)
	for _, one := range t.tiles {
		box := vg.Rectangle{
			Min: vg.Point{X: x(one.from), Y: y(-float64(one.row)-0.5) + tileGap},
			Max: vg.Point{X: x(one.to), Y: y(-float64(one.row)+0.5) - tileGap},
		}
		k := one.hue.color
		c.SetColor(color.NRGBA{k.R, k.G, k.B, uint8(255 * one.share)})
		tooltip(c, one.title)
		c.Fill(box.Path())
		if one.label != "" {
			c.FillText(textStyle(text.XCenter, text.YCenter), vg.Point{X: (box.Min.X + box.Max.X) / 2, Y: (box.Min.Y + box.Max.Y) / 2}, one.label)
		}
	}
	for _, m := range t.marks {
		row, _ := strconv.Atoi(m.label)
		at := x(m.at)
		c.StrokeLine2(draw.LineStyle{Color: ink.color, Width: 2}, at, y(-float64(row)-0.5)+tileGap, at, y(-float64(row)+0.5)-tileGap)
	}
}

// legend writes what the colours mean along the top of c, and returns the
// height that it took.
func (t *tiles) legend(c draw.Canvas) vg.Length {
	if len(t.key) == 0 {
		return 0
	}
	style := textStyle(text.XLeft, text.YCenter)
	const side vg.Length = 10
	x, y := c.Min.X+4, c.Max.Y-legendRow/2
	for _, k := range t.key {
		width := side + 5 + style.Width(k.label)
		if x > c.Min.X+4 && x+width > c.Max.X {
			x, y = c.Min.X+4, y-legendRow
		}
		c.SetColor(k.hue.color)
		c.Fill(vg.Rectangle{Min: vg.Point{X: x, Y: y - side/2}, Max: vg.Point{X: x + side, Y: y + side/2}}.Path())
		c.FillText(style, vg.Point{X: x + side + 5, Y: y}, k.label)
		x += width + legendGap
	}
	return c.Max.Y - y + legendRow/2
}

// What the states look like.
var stateHues = []struct {
	state string
	hue   swatch
	says  string
}{
	{result.MapBack, palette[5], "comes back"},
	{result.MapMending, palette[4], "on its way back"},
	{result.MapStuck, palette[1], "stuck"},
	{result.MapOverloaded, rule, "overloaded without it"},
}

// statesChart shows what each trigger does at each load.
func statesChart(m *result.DrillMap) *picture {
	if len(m.Triggers) == 0 || len(m.Loads) < 2 {
		return nil
	}
	half := (m.Loads[1] - m.Loads[0]) / 2
	first, last := m.Loads[0]-half, m.Loads[len(m.Loads)-1]+half
	h := &tiles{}
	seen := map[string]bool{}
	for i := range m.Triggers {
		t := &m.Triggers[i]
		h.rows = append(h.rows, triggerLabel(m, t))
		for k := 0; k < len(m.Loads); {
			state, from := m.StateAt(t, m.Loads[k]), k
			for k < len(m.Loads) && m.StateAt(t, m.Loads[k]) == state {
				k++
			}
			seen[state] = true
			loads := loadText(m.Loads[from])
			if from < k-1 {
				loads += " to " + loadText(m.Loads[k-1])
			}
			for _, s := range stateHues {
				if s.state == state {
					h.tiles = append(h.tiles, tile{from: m.Loads[from] - half, to: m.Loads[k-1] + half, row: i, hue: s.hue, share: 1, title: h.rows[i] + ", load " + loads + ": " + s.says})
				}
			}
		}
		if r := t.RecoveryLoad; r != nil && *r > 0 {
			first = min(first, *r-half)
			h.marks = append(h.marks, tick{*r, strconv.Itoa(i)})
		}
	}
	for _, s := range stateHues {
		if seen[s.state] {
			h.key = append(h.key, keyed{s.hue, s.says})
		}
	}
	title := "The system comes back from every trigger"
	if m.TippingLoad != nil {
		title = "A trigger leaves the system stuck from " + loadText(*m.TippingLoad) + " of the load on"
	}
	p := &picture{title: title, x: between("load, as a multiple of the file's", first, last), tiles: h}
	if len(h.marks) > 0 {
		p.remark = "An upright bar marks the load to which it must be lowered to come back from being stuck."
	}
	return p
}

// between is an axis from one number to another.
func between(label string, from, to float64) axis {
	a := axis{label: label, name: label, kind: numberKind, min: from, max: to}
	distance := niceStep(to-from, 8)
	decimals := decimalsFor(distance, 1)
	for i := int(from/distance) - 1; float64(i)*distance <= to; i++ {
		if v := float64(i) * distance; v >= from {
			a.ticks = append(a.ticks, tick{v, number(v, decimals)})
		}
	}
	return a
}

// tippingChart is the heat map of the tipping loads: how large a trigger is
// and how long it lasts. It needs some of both.
func tippingChart(m *result.DrillMap) *picture {
	var sizes, lengths []string
	place := func(list *[]string, label string) int {
		for i, one := range *list {
			if one == label {
				return i
			}
		}
		*list = append(*list, label)
		return len(*list) - 1
	}
	h := &tiles{}
	for i := range m.Triggers {
		t := &m.Triggers[i]
		if t.ForS == nil || sizeText(m, t.Size) == "" {
			return nil
		}
		row, column := place(&sizes, sizeText(m, t.Size)), place(&lengths, span(*t.ForS))
		one := tile{from: float64(column) - 0.49, to: float64(column) + 0.49, row: row, hue: palette[5], share: 0.35, label: "none"}
		if t.TippingLoad != nil {
			one.hue, one.label, one.share = palette[1], loadText(*t.TippingLoad), 0.3
			if m.LimitLoad != nil && *m.LimitLoad > *m.TippingLoad {
				one.share += 0.5 * (*m.LimitLoad - *t.TippingLoad) / (*m.LimitLoad - *m.TippingLoad)
			}
		}
		one.title = sizes[row] + ", " + lengths[column] + ": " + one.label
		h.tiles = append(h.tiles, one)
	}
	if m.TippingLoad == nil || len(sizes) < 2 || len(lengths) < 2 {
		return nil
	}
	h.rows = sizes
	x := axis{label: "how long the trigger lasts", min: -0.5, max: float64(len(lengths)) - 0.5}
	for i, l := range lengths {
		x.ticks = append(x.ticks, tick{float64(i), l})
	}
	return &picture{
		title: "The load at which each trigger tips the system: " + loadText(*m.TippingLoad) + " at the least",
		x:     x, tiles: h,
	}
}
