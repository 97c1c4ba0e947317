package reports

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/capsim/capsim/internal/result"
)

// A titledCanvas draws SVG and keeps which surface has which title: what a
// browser shows under the pointer, without a script. The strokes are not
// counted.
type titledCanvas struct {
	*vgsvg.Canvas
	surfaces int
	titles   map[int]string // of surfaces, by their number
}

func newTitledCanvas(width, height vg.Length) *titledCanvas {
	return &titledCanvas{Canvas: vgsvg.New(width, height), titles: map[int]string{}}
}

// Fill implements vg.Canvas.
func (c *titledCanvas) Fill(path vg.Path) {
	c.Canvas.Fill(path)
	c.surfaces++
}

// tooltip names the surface that is filled next. A canvas that is not of a page
// has no use for it.
func tooltip(c draw.Canvas, text string) {
	within := c.Canvas
	for {
		switch t := within.(type) {
		case *titledCanvas:
			t.titles[t.surfaces] = visible(text)
			return
		case draw.Canvas: // gonum puts one around another
			within = t.Canvas
		case *draw.Canvas:
			within = t.Canvas
		default:
			return
		}
	}
}

// estimateText is an estimate as a title says it.
func estimateText(e result.Estimate, u unit) string {
	switch {
	case e.Mean == nil:
		return noNumber
	case e.HalfWidth == nil:
		return short(*e.Mean, u)
	}
	return short(*e.Mean, u) + within(*e.HalfWidth, u)
}

// within is the interval of an estimate as a title says it, "" where it has
// none.
func within(half float64, u unit) string {
	if !(half > 0) {
		return ""
	}
	return " ± " + short(half, u)
}
