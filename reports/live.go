package reports

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
)

// A liveChart is what the script of a page draws in place of an SVG: the same
// lines as numbers, for values under the pointer and for zoom. Every text in it
// has gone through visible, and html/template escapes it for where it stands.
type liveChart struct {
	X      liveAxis     `json:"x"`
	Y      liveAxis     `json:"y"`
	Tables []liveTable  `json:"tables"`
	Bands  [][2]number4 `json:"bands"`
	Marks  []liveMark   `json:"marks"`

	Uprights []liveUpright `json:"uprights"`
}

// A liveUpright is a line across the chart that belongs to those of a hue.
type liveUpright struct {
	At  number4 `json:"at"`
	Hue string  `json:"hue"`
}

// A liveAxis is an axis, and how its values are said.
type liveAxis struct {
	Label string     `json:"label"`
	Kind  axisKind   `json:"kind"`
	Log   bool       `json:"log"`
	Min   number4    `json:"min"`
	Max   number4    `json:"max"`
	Ticks []liveMark `json:"ticks"` // of percentiles; of the others the script finds some at each zoom
	Steps []liveStep `json:"steps"` // of the unit
}

// A liveStep is a scale of a unit, used from that magnitude on.
type liveStep struct {
	From   float64 `json:"from"`
	Factor float64 `json:"factor"`
	Suffix string  `json:"suffix"`
}

// A liveTable holds the lines that have their points at the same places.
type liveTable struct {
	X     []number4  `json:"x"`
	Lines []liveLine `json:"lines"`
}

// A liveLine is a line; Half are the half widths of the intervals of Y, nil
// where there are none.
type liveLine struct {
	Label string    `json:"label"`
	Hue   string    `json:"hue"`
	Dash  []float64 `json:"dash"`
	Order int       `json:"order"` // in the legend
	Thin  bool      `json:"thin"`
	Dots  bool      `json:"dots"`
	Y     []number4 `json:"y"`
	Half  []number4 `json:"half"`
}

// A liveMark is a place on an axis with a name.
type liveMark struct {
	At    number4 `json:"at"`
	Label string  `json:"label"`
}

// number4 is a number of a chart: no screen shows more than five figures of
// one. What is not finite is null, a gap.
type number4 float64

// MarshalJSON writes v with five significant figures.
func (v number4) MarshalJSON() ([]byte, error) {
	if !finite(float64(v)) {
		return []byte("null"), nil
	}
	const figures = 5
	return strconv.AppendFloat(nil, float64(v), 'g', figures, 64), nil
}

var _ json.Marshaler = number4(0)

// mostRows is how many points of a line a page holds; a screen has no more
// columns.
const mostRows = 2000

// live is p for the script, nil where there is nothing to point at.
func (p *picture) live() *liveChart {
	if len(p.lines) == 0 || p.x.kind == noKind {
		return nil
	}
	c := &liveChart{X: liveAxisOf(p.x), Y: liveAxisOf(p.y), Bands: [][2]number4{}, Marks: liveMarks(p.marks), Uprights: []liveUpright{}}
	if p.x.kind == percentileKind {
		c.X.Ticks = liveMarks(p.x.ticks)
	}
	for _, b := range p.bands {
		c.Bands = append(c.Bands, [2]number4{number4(b.from), number4(b.to)})
	}
	for _, u := range p.uprights {
		c.Uprights = append(c.Uprights, liveUpright{number4(u.at), palette[u.hue%len(palette)].class})
	}
	for _, l := range p.layered() {
		points := thinned(l.points, mostRows/4)
		at := xsOf(points)
		i := slices.IndexFunc(c.Tables, func(t liveTable) bool { return slices.Equal(t.X, at) })
		if i < 0 {
			i = len(c.Tables)
			c.Tables = append(c.Tables, liveTable{X: at})
		}
		drawn := liveLineOf(l, points)
		drawn.Order = slices.IndexFunc(p.lines, func(o line) bool { return o.label == l.label })
		c.Tables[i].Lines = append(c.Tables[i].Lines, drawn)
	}
	return c
}

func liveAxisOf(a axis) liveAxis {
	out := liveAxis{
		Label: visible(a.name), Kind: a.kind, Log: a.logarithmic,
		Min: number4(a.min), Max: number4(a.max), Ticks: []liveMark{},
	}
	for _, s := range unitSteps[a.unit] {
		out.Steps = append(out.Steps, liveStep{s.from, s.factor, s.suffix})
	}
	return out
}

func liveMarks(ticks []tick) []liveMark {
	out := []liveMark{}
	for _, t := range ticks {
		out = append(out, liveMark{number4(t.at), visible(t.label)})
	}
	return out
}

func xsOf(points []point) []number4 {
	var out []number4
	for _, p := range points {
		out = append(out, number4(p.x))
	}
	return out
}

func liveLineOf(l line, points []point) liveLine {
	out := liveLine{
		Label: clipLabel(visible(l.label), legendColumns), Hue: l.swatch().class,
		Dash: []float64{}, Thin: l.thin, Dots: l.dots,
	}
	for _, d := range l.dashes() {
		out.Dash = append(out.Dash, d.Points())
	}
	for _, p := range points {
		out.Y = append(out.Y, number4(p.y))
	}
	if len(l.doubts) == 0 {
		return out
	}
	for _, p := range points {
		half := math.NaN()
		if i := slices.IndexFunc(l.doubts, func(d point) bool { return d.x == p.x }); i >= 0 {
			half = l.doubts[i].half
		}
		out.Half = append(out.Half, number4(half))
	}
	return out
}
