package reports

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// percentilesChart shows the latency of each client by percentile, on the
// logarithmic axis of the tail that users of HdrHistogram know: every step to
// the right is a tenth of the requests that were left.
func percentilesChart(r *result.Result) *picture {
	p := &picture{}
	for i, name := range sorted(r.Clients) {
		if l := curveLine(&r.Clients[name].Traffic); len(l.points) > 1 {
			l.label, l.hue = name, i
			p.lines = append(p.lines, l)
		}
	}
	if name := mainClient(r); name != "" {
		if found := tailTitle(&r.Clients[name].Traffic); found != "" {
			p.title = visible(name) + ": " + found
		}
	}
	return finishPercentiles(p)
}

// percentilesOfDesigns lays the curves of all designs over each other: a hue
// per design, a dash per client, or a picture per client where one cannot bear
// them all.
func percentilesOfDesigns(c *result.Comparison) []*picture {
	clients := union(c, func(r *result.Result) []string { return sorted(r.Clients) })
	all := &picture{title: "Latency by percentile, every design"}
	var single []*picture
	for dash, name := range clients {
		p := &picture{title: visible(name) + ": " + cmp.Or(p99Title(c, name), "latency by percentile, every design"), lines: linesOfDesigns(c, name)}
		single = append(single, finishPercentiles(p))
		for _, l := range linesOfDesigns(c, name) {
			l.dash = dash
			if len(clients) > 1 {
				l.label += ": " + name
			}
			all.lines = append(all.lines, l)
		}
	}
	if len(clients) == 1 {
		all.title = cmp.Or(p99Title(c, clients[0]), all.title)
	}
	if len(clients) > 1 && len(all.lines) > mostLines {
		return single
	}
	return []*picture{finishPercentiles(all)}
}

// linesOfDesigns are the curves of a client, one per design.
func linesOfDesigns(c *result.Comparison, client string) []line {
	labels := designLabels(c)
	var lines []line
	for i, r := range c.Designs {
		if r.Clients[client] == nil {
			continue
		}
		if l := curveLine(&r.Clients[client].Traffic); len(l.points) > 1 {
			l.label, l.hue = labels[i], i
			lines = append(lines, l)
		}
	}
	return lines
}

// tailTitle is the finding of a curve: what half, nearly all and all but very
// few requests stay within, as far as it can be told.
func tailTitle(t *result.Traffic) string {
	var said []string
	for _, p := range [...]struct{ name, share string }{{"p50", "half"}, {"p99", "99 %"}, {"p99.9", "99.9 %"}} {
		if e := t.LatencyS[p.name]; e.Mean != nil {
			said = append(said, p.share+" within "+short(*e.Mean, seconds))
		}
	}
	return strings.Join(said, ", ")
}

// curveLine is the part of a curve that can be told: at least ten samples lie
// beyond each of its points, as for every percentile of the document.
func curveLine(t *result.Traffic) line {
	const beyond = 10
	var l line
	for _, p := range t.Curve {
		q, latency := p[0], p[1]
		if q >= 0 && q < 1 && float64(t.OK)*(1-q) >= beyond*(1-1e-9) && latency >= 0 && finite(latency) {
			l.points = append(l.points, point{x: tailPlace(q), y: latency})
		}
	}
	l.doubts = curveDoubts(t, l.points)
	return l
}

// curveDoubts are the intervals of the points of a curve: known at the
// percentiles of the document, and between two of these in proportion, the half
// width as a share of the latency.
func curveDoubts(t *result.Traffic, points []point) []point {
	var known []point // y is the share
	for _, p := range [...]struct {
		name string
		q    float64
	}{{"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}, {"p99.9", 0.999}} {
		if e := t.LatencyS[p.name]; e.Mean != nil && e.HalfWidth != nil && *e.Mean > 0 {
			known = append(known, point{x: tailPlace(p.q), y: *e.HalfWidth / *e.Mean})
		}
	}
	var doubts []point
	for _, p := range points {
		for i := 1; i < len(known); i++ {
			a, b := known[i-1], known[i]
			const slack = 1e-9
			if p.x < a.x-slack || p.x > b.x+slack || len(doubts) > 0 && doubts[len(doubts)-1].x == p.x {
				continue
			}
			part := (p.x - a.x) / (b.x - a.x)
			doubts = append(doubts, point{p.x, p.y, p.y * (a.y + float64(part*(b.y-a.y)))})
		}
	}
	return doubts
}

// tailPlace is where a quantile stands: log10(1/(1-q)).
func tailPlace(q float64) float64 {
	return -math.Log10(1 - q)
}

// finishPercentiles gives a picture of curves its axes. A latency axis that
// spans two decades or more is logarithmic.
func finishPercentiles(p *picture) *picture {
	if len(p.lines) == 0 {
		return nil
	}
	if n := len(p.lines); n > mostLines {
		p.remark = "The first " + amount(mostLines, "curve") + " of " + count(uint64(n)) + "."
		p.lines = p.lines[:mostLines]
	}
	if p.title == "" {
		p.title = "Latency by percentile"
	}
	if slices.ContainsFunc(p.lines, func(l line) bool { return len(l.doubts) > 1 }) {
		p.remark = strings.TrimSpace(p.remark + " The shade is the 95 % interval, as far as p99.9.")
	}
	const label = "latency"
	_, high, _ := extent(p.lines)
	p.y = linearAxis(label, high, seconds)
	if low := lowestOfBody(p.lines); high/low >= 100 {
		p.y = logAxis(label+" (log scale)", low, high, seconds)
	}
	const along = "percentile of ok requests (log scale of the rest)"
	p.x = axis{label: along, name: along, kind: percentileKind}
	for _, l := range p.lines {
		p.x.max = max(p.x.max, l.points[len(l.points)-1].x)
	}
	p.x.ticks = []tick{{0, ""}, {tailPlace(0.5), "50 %"}}
	for nines := 1; float64(nines) <= max(p.x.max, 1); nines++ {
		p.x.ticks = append(p.x.ticks, tick{float64(nines), nineLabel(nines)})
	}
	return p
}

// nineLabel is the percentile of so many nines: "90 %", "99 %", "99.9 %".
func nineLabel(nines int) string {
	if nines == 1 {
		return "90 %"
	}
	return number(100-math.Pow10(2-nines), nines-2) + " %"
}

// lowestOfBody is the lowest latency above zero, the fastest tenth of the
// requests aside: their minimum may be next to nothing, and a logarithmic axis
// would spend half of its length on it.
func lowestOfBody(lines []line) float64 {
	const body = 0.1
	low := math.Inf(1)
	for _, l := range lines {
		for _, p := range l.points {
			if p.y > 0 && p.x >= tailPlace(body)*(1-1e-9) {
				low = min(low, p.y)
			}
		}
	}
	return low
}
