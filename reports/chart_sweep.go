package reports

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// A sweepFigure is a figure of a client, or of the point, that is drawn.
type sweepFigure struct {
	label, heading string
	u              unit
	metric         string // of an objective, for its line
	of             func(p *result.SweepPoint, client string) (result.Estimate, bool)
}

// sweepFigures are drawn of each client.
var sweepFigures = []sweepFigure{
	{"p99 latency", "p99 latency", seconds, "p99", func(p *result.SweepPoint, client string) (result.Estimate, bool) {
		if c := p.Clients[client]; c != nil {
			return c.LatencyS["p99"], true
		}
		return result.Estimate{}, false
	}},
	{"ok answers per second", "Ok answers per second", plain, "throughput", func(p *result.SweepPoint, client string) (result.Estimate, bool) {
		if c := p.Clients[client]; c != nil {
			return c.ThroughputRPS, true
		}
		return result.Estimate{}, false
	}},
	{"errors", "Errors", ratio, "errors", func(p *result.SweepPoint, client string) (result.Estimate, bool) {
		if c := p.Clients[client]; c != nil {
			return c.ErrorRatio, true
		}
		return result.Estimate{}, false
	}},
}

// sweepCost is drawn of the point, where it has a price.
var sweepCost = sweepFigure{"cost a month", "Cost a month", plain, "cost", func(p *result.SweepPoint, _ string) (result.Estimate, bool) {
	if p.Cost == nil {
		return result.Estimate{}, false
	}
	return p.Cost.Monthly, true
}}

// mostSweepClients is how many clients a page draws; the table has them all.
const mostSweepClients = 3

// sweepCharts draws a sweep: heat maps where two or more keys have several
// values, and curves over one of them.
func sweepCharts(s *result.Sweep) []*picture {
	g := newSweepGrid(s)
	if g.x < 0 {
		return nil
	}
	var all []*picture
	names := sweepNames(s)
	clients := names.clients[:min(len(names.clients), mostSweepClients)]
	for _, client := range clients {
		if len(g.rest) > 0 {
			all = append(all, g.heatMaps(client, len(clients) > 1)...)
		}
	}
	for _, f := range sweepFigures {
		if len(g.rest) == 0 {
			all = append(all, g.curves(f, clients, false))
			continue
		}
		for _, client := range clients {
			all = append(all, g.curves(f, []string{client}, len(clients) > 1))
		}
	}
	if names.currency != "" {
		f := sweepCost
		f.label += ", " + visible(names.currency)
		f.heading += ", " + visible(names.currency)
		all = append(all, g.curves(f, []string{""}, false))
	}
	return slices.DeleteFunc(all, func(p *picture) bool { return p == nil })
}

// A sweepGrid is a sweep with what its charts have along which axis.
type sweepGrid struct {
	*result.Sweep
	x    int   // the dimension along the bottom, -1 for none
	rest []int // the others that have several values
}

// newSweepGrid puts the load along the bottom, else the last key that is a
// number, else the last.
func newSweepGrid(s *result.Sweep) sweepGrid {
	g := sweepGrid{Sweep: s, x: -1}
	rank := func(i int) int {
		switch d := &s.Dimensions[i]; {
		case d.Path == "load":
			return 2
		case d.Values[0].Number != nil:
			return 1
		}
		return 0
	}
	for i := range s.Dimensions {
		if len(s.Dimensions[i].Values) > 1 && (g.x < 0 || rank(i) >= rank(g.x)) {
			g.x = i
		}
	}
	for i := range s.Dimensions {
		if len(s.Dimensions[i].Values) > 1 && i != g.x {
			g.rest = append(g.rest, i)
		}
	}
	return g
}

// place is where a point stands along the bottom.
func (g sweepGrid) place(p *result.SweepPoint) int {
	return placeOf(&g.Dimensions[g.x], p.Values[g.x])
}

// number is the value of a place along the bottom; its number where it has
// none.
func (g sweepGrid) number(place int) float64 {
	if n := g.Dimensions[g.x].Values[place].Number; n != nil {
		return *n
	}
	return float64(place)
}

// label says which values of the other dimensions a point has.
func (g sweepGrid) label(p *result.SweepPoint, of []int) string {
	var parts []string
	for _, i := range of {
		parts = append(parts, shortPath(g.Sweep, i)+" = "+visible(p.Values[i]))
	}
	return strings.Join(parts, ", ")
}

// axis is the bottom of a chart: a scale, of doubling steps a logarithmic one,
// or a place for each value.
func (g sweepGrid) axis() axis {
	d := &g.Dimensions[g.x]
	title := visible(d.Path)
	if d.Path == "load" {
		title = "load, as a multiple of the file's"
	}
	if d.Values[0].Number == nil {
		a := axis{label: title, min: -0.5, max: float64(len(d.Values)) - 0.5}
		for i, v := range d.Values {
			a.ticks = append(a.ticks, tick{float64(i), clip(visible(v.Text), max(6, 60/len(d.Values)))})
		}
		return a
	}
	if d.Unit != "" {
		title += ", " + d.Unit
	}
	low, high := math.Inf(1), math.Inf(-1)
	for i := range d.Values {
		low, high = min(low, g.number(i)), max(high, g.number(i))
	}
	if low > 0 && high >= 16*low {
		return logAxis(title, low, high, plain)
	}
	return between(title, low, high)
}

// curves draws one figure of some clients over the bottom: a line for each
// client, or of one client for each combination of the other values.
func (g sweepGrid) curves(f sweepFigure, clients []string, named bool) *picture {
	var lines []line
	at := map[string]int{}
	for i := range g.Points {
		p := &g.Points[i]
		for k, client := range clients {
			e, ok := f.of(p, client)
			if !ok || e.Mean == nil {
				continue
			}
			label := g.label(p, g.rest)
			if len(g.rest) == 0 && client != "" {
				label = client
			}
			n, known := at[label]
			if !known {
				n = len(lines)
				at[label] = n
				hue := n
				if len(g.rest) == 0 {
					hue = k
				}
				lines = append(lines, line{label: label, hue: hue})
			}
			one := point{x: g.number(g.place(p)), y: *e.Mean}
			if e.HalfWidth != nil {
				one.half = *e.HalfWidth
				lines[n].doubts = append(lines[n].doubts, one)
			}
			lines[n].points = append(lines[n].points, one)
		}
	}
	for i := range lines {
		along := func(a, b point) int { return cmp.Compare(a.x, b.x) }
		slices.SortFunc(lines[i].points, along)
		slices.SortFunc(lines[i].doubts, along)
		lines[i].points = g.apart(lines[i].points)
	}
	low, high, ok := extent(lines)
	if !ok || len(lines) > 2*mostLines || high <= 0 {
		return nil
	}
	p := &picture{title: g.title(f, clients, named), x: g.axis(), lines: lines}
	for i, l := range g.goals(f, clients, p.x) {
		l.hue = len(lines) + i
		p.lines = append(p.lines, l)
	}
	p.title += g.span(f, lines)
	_, high, _ = extent(p.lines)
	p.y = linearAxis(f.label, high, f.u)
	if f.u == ratio {
		p.y = linearAxis(f.label, min(high, 1), f.u)
	}
	if low > 0 && high > 50*low && f.u == seconds {
		p.y = logAxis(f.label, low, high, f.u)
	}
	return p
}

// span says from what to what a figure goes: along the only line, else from the
// least of all lines to the most.
func (g sweepGrid) span(f sweepFigure, lines []line) string {
	if g.Dimensions[g.x].Values[0].Number != nil && len(lines) == 1 {
		if first, last, ok := lines[0].ends(); ok {
			return ": " + short(first.y, f.u) + " to " + short(last.y, f.u)
		}
		return ""
	}
	least, most := point{y: math.Inf(1)}, point{y: math.Inf(-1)}
	var ofLeast, ofMost string
	for _, l := range lines {
		for _, p := range l.points {
			if p.y < least.y {
				least, ofLeast = p, l.label
			}
			if p.y > most.y {
				most, ofMost = p, l.label
			}
		}
	}
	if !(least.y < most.y) {
		return ": " + short(most.y, f.u) + " everywhere"
	}
	at := func(p point, label string) string {
		if label = visible(label); label != "" {
			label += ", "
		}
		return short(p.y, f.u) + " (" + label + shortPath(g.Sweep, g.x) + " = " + g.valueAt(p.x) + ")"
	}
	return ": " + at(least, ofLeast) + " to " + at(most, ofMost)
}

// valueAt is the value along the bottom that stands at a place.
func (g sweepGrid) valueAt(x float64) string {
	for i, v := range g.Dimensions[g.x].Values {
		if g.number(i) == x {
			return visible(v.Text)
		}
	}
	return short(x, plain)
}

// apart parts the points of values that are no numbers: nothing lies between
// them.
func (g sweepGrid) apart(points []point) []point {
	if g.Dimensions[g.x].Values[0].Number != nil {
		return points
	}
	var out []point
	for _, p := range points {
		out = append(out, p, point{x: p.x, y: math.NaN()})
	}
	return out
}

// title says what a chart of a figure shows.
func (g sweepGrid) title(f sweepFigure, clients []string, named bool) string {
	title := f.heading + " over " + visible(g.Dimensions[g.x].Path)
	if named {
		title = visible(clients[0]) + ": " + title
	}
	return title
}

// goals are lines at the values that objectives demand of a figure.
func (g sweepGrid) goals(f sweepFigure, clients []string, x axis) []line {
	var lines []line
	for _, text := range sweepNames(g.Sweep).objectives {
		words := strings.Fields(text)
		of := len(words) > 1 && slices.Contains(clients, words[0]) && words[1] == f.metric || len(words) > 0 && words[0] == f.metric
		_, limit, known := objectiveUnit(text)
		if !of || !known || !(limit > 0) {
			continue
		}
		lines = append(lines, line{label: "objective " + text, dash: 1, thin: true, points: []point{{x: x.min, y: limit}, {x: x.max, y: limit}}})
	}
	return lines
}

// What verdicts look like on a heat map, and how they are marked.
var verdictHues = []struct {
	verdict string
	hue     swatch
	mark    string
	says    string
}{
	{result.Met, palette[5], "", "all objectives met"},
	{result.Undecided, palette[4], "?", "undecided (?)"},
	{result.Missed, palette[1], "✗", "missed (✗)"},
	{"", rule, "", "no objective"},
}

const (
	mostMaps      = 6  // heat maps of one client
	mostColumnsOf = 14 // of a heat map that says its values
	roomyColumns  = 7  // that say them with their units
)

// heatMaps draws the p99 of a client over the bottom and that of the other
// dimensions which has the most values, a map for each combination of those
// that are left.
func (g sweepGrid) heatMaps(client string, named bool) []*picture {
	down := slices.MaxFunc(g.rest, func(a, b int) int { return len(g.Dimensions[a].Values) - len(g.Dimensions[b].Values) })
	others := slices.DeleteFunc(slices.Clone(g.rest), func(i int) bool { return i == down })
	var combos []string
	first := map[string]*result.SweepPoint{}
	for i := range g.Points {
		key := g.label(&g.Points[i], others)
		if first[key] == nil {
			first[key] = &g.Points[i]
			combos = append(combos, key)
		}
	}
	var all []*picture
	for _, combo := range combos[:min(len(combos), mostMaps)] {
		p := g.heatMap(client, down, func(p *result.SweepPoint) bool { return g.label(p, others) == combo })
		if p == nil {
			continue
		}
		p.title = "p99 latency by " + visible(g.Dimensions[down].Path) + " and " + visible(g.Dimensions[g.x].Path) + p.tiles.best()
		if named {
			p.title = visible(client) + ": " + p.title
		}
		if combo != "" {
			p.title += ", at " + combo
		}
		if len(combos) > mostMaps {
			p.remark = "One of " + amount(len(combos), "map") + "; the table has all points."
		}
		all = append(all, p)
	}
	return all
}

// heatMap draws the p99 of a client at some of the points.
func (g sweepGrid) heatMap(client string, down int, shown func(*result.SweepPoint) bool) *picture {
	x, y := &g.Dimensions[g.x], &g.Dimensions[down]
	h := &tiles{}
	for _, v := range y.Values {
		h.rows = append(h.rows, shortPath(g.Sweep, down)+" "+visible(v.Text))
	}
	u := g.commonStep(client)
	seen := map[string]bool{}
	for i := range g.Points {
		p := &g.Points[i]
		c := p.Clients[client]
		if !shown(p) || c == nil {
			continue
		}
		verdict, _ := pointVerdict(p)
		seen[verdict] = true
		place := float64(g.place(p))
		one := tile{from: place - 0.49, to: place + 0.49, row: placeOf(y, p.Values[down]), share: 0.55}
		for _, v := range verdictHues {
			if v.verdict == verdict {
				one.hue = v.hue
				one.label = tileLabel(c.LatencyS["p99"].Mean, u, len(x.Values)) + v.mark
				one.title = h.rows[one.row] + ", " + shortPath(g.Sweep, g.x) + " " + visible(p.Values[g.x]) + ": p99 " + estimateText(c.LatencyS["p99"], seconds) + ", " + v.says
			}
		}
		h.tiles = append(h.tiles, one)
	}
	if len(h.tiles) == 0 || len(x.Values) > 3*mostColumnsOf || len(h.rows) > 3*mostColumnsOf {
		return nil
	}
	for _, v := range verdictHues {
		if seen[v.verdict] && len(seen) > 1 || v.verdict != "" && seen[v.verdict] {
			h.key = append(h.key, keyed{v.hue, v.says})
		}
	}
	a := axis{label: visible(x.Path), min: -0.5, max: float64(len(x.Values)) - 0.5}
	if len(x.Values) > roomyColumns && len(x.Values) <= mostColumnsOf {
		a.label += "; p99 in" + u.suffix
	}
	for i, v := range x.Values {
		if every := 1 + len(x.Values)/(mostColumnsOf+1); i%every == 0 {
			a.ticks = append(a.ticks, tick{float64(i), clip(visible(v.Text), max(5, 60/len(x.Values)))})
		}
	}
	return &picture{x: a, tiles: h}
}

// best counts the places of a heat map at which all objectives are met.
func (t *tiles) best() string {
	met, judged := 0, 0
	for _, one := range t.tiles {
		for _, v := range verdictHues {
			if v.hue == one.hue && v.verdict != "" {
				judged++
				if v.verdict == result.Met {
					met++
				}
			}
		}
	}
	if judged == 0 {
		return ""
	}
	return ": objectives met at " + strconv.Itoa(met) + " of " + amount(judged, "point")
}

// commonStep is the scale of times that suits the least p99 of a client.
func (g sweepGrid) commonStep(client string) step {
	least := math.Inf(1)
	for i := range g.Points {
		if c := g.Points[i].Clients[client]; c != nil && c.LatencyS["p99"].Mean != nil {
			least = min(least, *c.LatencyS["p99"].Mean)
		}
	}
	if !finite(least) {
		return step{0, 1, " s"}
	}
	return scale(least, seconds)
}

// tileLabel is a time in a heat map of so many columns.
func tileLabel(v *float64, u step, columns int) string {
	switch {
	case v == nil && columns <= mostColumnsOf:
		return noNumber
	case v == nil || columns > mostColumnsOf:
		return ""
	case columns <= roomyColumns:
		return short(*v, seconds)
	}
	return trimZeros(newFigure(*v/u.factor, nil, plain, 2))
}
