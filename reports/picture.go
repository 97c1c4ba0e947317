package reports

import (
	"math"
	"strings"
)

// A picture is a chart in data coordinates: what is to be seen, not how it is
// drawn. Title is a sentence that says what to see.
type picture struct {
	id       string
	title    string
	x, y     axis
	lines    []line
	bars     []bar    // horizontal, the first on top; then there are no lines
	effects  []effect // differences, the first on top; then there are no lines
	stacks   []stack  // bars of several parts, the first on top; then there are no lines
	keys     []key    // of the stacks
	tiles    *tiles   // a heat map; then there is nothing else
	bands    []band   // shaded behind the lines
	marks    []tick
	uprights []upright
	remark   string
}

// A band is a part of the horizontal axis.
type band struct{ from, to float64 }

// An upright is a place on the horizontal axis that belongs to the lines of a
// hue.
type upright struct {
	at  float64
	hue int
}

// An axis says what is measured along it, from where to where, and where the
// ticks are. A logarithmic axis has positive values only.
type axis struct {
	label       string // name, and the unit where the ticks have none
	name        string
	kind        axisKind
	unit        unit
	min, max    float64
	ticks       []tick
	logarithmic bool
}

// An axisKind says what a page's script may do with a horizontal axis.
type axisKind string

const (
	noKind         axisKind = ""           // places without distances: nothing to zoom into
	timeKind       axisKind = "time"       // seconds since the start of the window
	numberKind     axisKind = "number"     // a load, a number of instances
	percentileKind axisKind = "percentile" // places of tailPlace
)

// A tick without a label is a small one.
type tick struct {
	at    float64
	label string
}

// A line is one figure over x. A y that is NaN interrupts it. Lines of one hue
// belong together, and a dash tells them apart.
type line struct {
	label  string
	hue    int // index into the palette
	dash   int // index into the dashes; 0 is solid
	thin   bool
	behind bool // what the others are compared with: grey, and behind them
	dots   bool // its points are not joined
	points []point
	doubts []point // y and its half width, drawn as a band where they are joined, else as bars
}

// A point is a place on a chart; half is the half width of y's interval.
type point struct {
	x, y, half float64
}

// A bar is a value of 0..1 with its interval.
type bar struct {
	label       string
	value, half float64
	unit        unit
}

// mostLines is how many lines a chart can bear.
const mostLines = 8

// extent is the range of the finite y of some lines, their doubts included;
// ok is false where there is none.
func extent(lines []line) (low, high float64, ok bool) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, l := range lines {
		for _, p := range l.points {
			if finite(p.y) {
				low, high = min(low, p.y), max(high, p.y)
			}
		}
		for _, p := range l.doubts {
			if finite(p.y + p.half) {
				high = max(high, p.y+p.half)
			}
		}
	}
	return low, high, low <= high
}

func finite(v float64) bool {
	return !math.IsNaN(v) && !math.IsInf(v, 0)
}

// thinned is points with at most four to each of so many columns: the first,
// the lowest, the highest and the last, which is all that a column of pixels
// can show (Jugel et al., "M4", VLDB 2014). Gaps are kept.
func thinned(points []point, columns int) []point {
	if len(points) <= 4*columns {
		return points
	}
	var kept []point
	for c := range columns {
		from, to := c*len(points)/columns, (c+1)*len(points)/columns
		low, high, gap := from, from, false
		for i := from; i < to; i++ {
			y := points[i].y
			gap = gap || math.IsNaN(y)
			if !(y >= points[low].y) {
				low = i
			}
			if !(y <= points[high].y) {
				high = i
			}
		}
		if gap {
			kept = append(kept, points[from:to]...)
			continue
		}
		last := -1
		for _, i := range [...]int{from, min(low, high), max(low, high), to - 1} {
			if i > last {
				kept = append(kept, points[i])
				last = i
			}
		}
	}
	return kept
}

// linearAxis begins at zero and ends a little above high; its labels are
// plain numbers, so the label of the axis must name the unit.
func linearAxis(label string, high float64, u unit) axis {
	if high < 1e-12 { // nothing but zeros
		high = 1
	}
	s := scale(high, u)
	a := axis{label: label + unitWord(s), name: label, unit: u}
	distance := niceStep(high/s.factor, 5)
	decimals := decimalsFor(distance, 1)
	for i := 0; ; i++ {
		v := distance * float64(i)
		a.ticks = append(a.ticks, tick{v * s.factor, number(v, decimals)})
		if a.max = v * s.factor; a.max >= high {
			return a
		}
	}
}

// unitWord is the unit of a step, for the label of an axis.
func unitWord(s step) string {
	if s.suffix == "" {
		return ""
	}
	return ", " + strings.TrimSpace(s.suffix)
}

// niceStep is the 1, 2 or 5 times a power of ten that divides a range into at
// most n parts.
func niceStep(length float64, n int) float64 {
	raw := length / float64(n)
	power := math.Pow10(int(math.Floor(math.Log10(raw))))
	for _, f := range [...]float64{1, 2, 5} {
		if f*power >= raw*(1-1e-9) {
			return f * power
		}
	}
	return 10 * power
}

// leastOfLog is where a logarithmic axis begins at the lowest: a billionth of
// a second, or of anything.
const leastOfLog = 1e-9

// logAxis spans low to high, both positive, in steps of 1, 2 and 5; its labels
// have units.
func logAxis(label string, low, high float64, u unit) axis {
	a := axis{label: label, name: label, kind: numberKind, unit: u, logarithmic: true}
	low = max(low, leastOfLog)
	high = max(high, low)
	first := int(math.Floor(math.Log10(low)))
	last := int(math.Ceil(math.Log10(high)))
	sparse := last-first > 3
	for e := first; e <= last; e++ {
		for _, f := range [...]float64{1, 2, 5} {
			v := f * math.Pow10(e)
			t := tick{at: v}
			if f == 1 || !sparse {
				t.label = short(v, u)
			}
			a.ticks = append(a.ticks, t)
		}
	}
	for len(a.ticks) > 1 && a.ticks[1].at <= low {
		a.ticks = a.ticks[1:]
	}
	for n := len(a.ticks); n > 1 && a.ticks[n-2].at >= high; n-- {
		a.ticks = a.ticks[:n-1]
	}
	a.min, a.max = a.ticks[0].at, a.ticks[len(a.ticks)-1].at
	return a
}

// timeAxis spans the windows of a run, in the largest unit that gives whole
// steps.
func timeAxis(from, to float64) axis {
	const label = "time in the measured window"
	steps := [...]struct {
		distance, factor float64
		unit             string
	}{
		{1, 1, "s"}, {2, 1, "s"}, {5, 1, "s"}, {10, 1, "s"}, {20, 1, "s"},
		{60, 60, "min"}, {120, 60, "min"}, {300, 60, "min"}, {600, 60, "min"}, {1200, 60, "min"},
		{3600, 3600, "h"}, {7200, 3600, "h"}, {14_400, 3600, "h"}, {43_200, 3600, "h"},
	}
	const most = 6
	distance, factor, name := 86_400*max(niceStep((to-from)/86_400, most), math.Ceil((to-from)/86_400/most)), 86_400.0, "d"
	if to-from < 1 {
		distance, factor, name = niceStep(max(to-from, 1e-9), most), 1, "s"
	}
	for _, s := range steps {
		if to-from >= 1 && (to-from)/s.distance <= most {
			distance, factor, name = s.distance, s.factor, s.unit
			break
		}
	}
	a := axis{label: label + ", " + name, name: label, kind: timeKind, unit: seconds, min: from, max: to}
	decimals := decimalsFor(distance/factor, 1)
	for i := math.Ceil(from / distance); i*distance <= to*(1+1e-9); i++ {
		a.ticks = append(a.ticks, tick{i * distance, number(i*distance/factor, decimals)})
	}
	return a
}
