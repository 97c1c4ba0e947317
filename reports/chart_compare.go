package reports

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// mostComparedClients is how many clients a page of designs draws; the table
// has them all.
const mostComparedClients = 3

// latencyOfDesigns draws, for each client, the median and the 99th percentile
// of all designs against the load.
func latencyOfDesigns(c *result.Comparison) []*picture {
	return ofComparedClients(c, func(client, title string) *picture {
		lines := curveLines(c, "p99", 0, false, func(p *result.CurvePoint) result.Estimate { return p.Clients[client].LatencyS["p99"] })
		lines = append(lines, curveLines(c, "p50", 1, true, func(p *result.CurvePoint) result.Estimate { return p.Clients[client].LatencyS["p50"] })...)
		p := curvePicture(c, lines)
		if p == nil {
			return nil
		}
		for _, text := range objectivesOfDesigns(c) {
			_, limit, known := objectiveUnit(text)
			if m, of := latencyObjective(text, client); of && known && limit > 0 && (m == "p99" || m == "p50") {
				p.lines = append(p.lines, line{label: visible(text), hue: len(palette) - 1, dash: 1, thin: true, points: []point{{x: p.x.min, y: limit}, {x: p.x.max, y: limit}}})
			}
		}
		low, high, _ := extent(p.lines)
		p.title = title + cmp.Or(heldTitle(c), "latency against load, every design")
		p.y = linearAxis("latency of ok requests", high, seconds)
		if low > 0 && high > 10*low {
			p.y = logAxis("latency of ok requests (log scale)", low, high, seconds)
		}
		return p
	})
}

// answersOfDesigns draws ok answers against the load.
func answersOfDesigns(c *result.Comparison) []*picture {
	return ofComparedClients(c, func(client, title string) *picture {
		lines := curveLines(c, "", 0, false, func(p *result.CurvePoint) result.Estimate { return p.Clients[client].ThroughputRPS })
		offered := curveLines(c, "", 1, true, func(p *result.CurvePoint) result.Estimate { return p.Clients[client].OfferedRPS })
		if len(offered) > 0 {
			offered[0].label, offered[0].hue = "offered", len(palette)-1
			lines = append(lines, offered[0]) // the same to all
		}
		finding := mostAnswersTitle(lines[:len(c.Curves.Designs)])
		p := curvePicture(c, lines)
		if p == nil {
			return nil
		}
		_, high, _ := extent(p.lines)
		p.title, p.y = title+cmp.Or(finding, "ok answers against load, every design"), linearAxis("requests per second", high, plain)
		return p
	})
}

// errorsOfDesigns draws the share of requests that end in an error.
func errorsOfDesigns(c *result.Comparison) []*picture {
	return ofComparedClients(c, func(client, title string) *picture {
		p := curvePicture(c, curveLines(c, "", 0, false, func(p *result.CurvePoint) result.Estimate { return p.Clients[client].ErrorRatio }))
		if p == nil {
			return nil
		}
		_, high, _ := extent(p.lines)
		if !(high > 0) {
			return nil
		}
		p.title, p.y = title+beginning("errors", p.lines), linearAxis("share of requests that end in an error", min(math.Max(high, 0.001), 1), ratio)
		return p
	})
}

// costOfDesigns draws what a month, and a million ok answers, cost against the
// load.
func costOfDesigns(c *result.Comparison) []*picture {
	var all []*picture
	for _, f := range []struct {
		title string
		of    func(p *result.CurvePoint) *result.Estimate
	}{
		{"A month costs", func(p *result.CurvePoint) *result.Estimate { return p.Monthly }},
		{"A million ok answers cost", func(p *result.CurvePoint) *result.Estimate { return p.PerMillionRequests }},
	} {
		p := curvePicture(c, curveLines(c, "", 0, false, func(p *result.CurvePoint) result.Estimate {
			if e := f.of(p); e != nil {
				return *e
			}
			return result.Estimate{}
		}))
		if p == nil {
			continue
		}
		low, high, _ := extent(p.lines)
		label := cmp.Or(visible(currencyOf(c)), "cost")
		p.title, p.y = f.title+", against load", linearAxis(label, high, plain)
		if found := cheapestTitle(p.lines, label); found != "" {
			p.title = f.title + ": " + found
		}
		if low > 0 && high > 30*low {
			p.y = logAxis(label+" (log scale)", low, high, plain)
		}
		all = append(all, p)
	}
	return all
}

// ofComparedClients makes a picture of each client, its name in the title
// where there are several.
func ofComparedClients(c *result.Comparison, draw func(client, title string) *picture) []*picture {
	if c.Curves == nil {
		return nil
	}
	clients := union(c, func(r *result.Result) []string { return sorted(r.Clients) })
	var all []*picture
	for _, name := range clients[:min(len(clients), mostComparedClients)] {
		title := ""
		if len(clients) > 1 {
			title = visible(name) + ": "
		}
		if p := draw(name, title); p != nil {
			if title == "" {
				p.title = strings.ToUpper(p.title[:1]) + p.title[1:]
			}
			all = append(all, p)
		}
	}
	return all
}

// curveLines are one figure of each design against the load.
func curveLines(c *result.Comparison, suffix string, dash int, thin bool, of func(p *result.CurvePoint) result.Estimate) []line {
	if c.Curves == nil {
		return nil
	}
	labels := designLabels(c)
	var lines []line
	for i := range c.Curves.Designs {
		l := line{label: strings.TrimSpace(labels[i] + " " + suffix), hue: i, dash: dash, thin: thin}
		for k := range c.Curves.Designs[i].Points {
			p := &c.Curves.Designs[i].Points[k]
			e := of(p)
			if p.Limit != "" || e.Mean == nil {
				continue
			}
			one := point{x: p.Load, y: *e.Mean}
			if e.HalfWidth != nil && !thin {
				one.half = *e.HalfWidth
				l.doubts = append(l.doubts, one)
			}
			l.points = append(l.points, one)
		}
		lines = append(lines, l)
	}
	return lines
}

// curvePicture is a chart against the load, with what each design holds.
func curvePicture(c *result.Comparison, lines []line) *picture {
	lines = slices.DeleteFunc(lines, func(l line) bool { return len(l.points) == 0 })
	if len(lines) == 0 {
		return nil
	}
	loads := allLoads(c.Curves)
	low, high := loads[0], loads[len(loads)-1]
	const title = "load, as a multiple of today's"
	p := &picture{x: between(title, 0, high), lines: lines}
	if n := 2 * mostLines; len(lines) > n {
		p.remark = "The first " + amount(n, "curve") + " of " + count(uint64(len(lines))) + "."
		p.lines = lines[:n]
	}
	if high > 30*low {
		p.x = logAxis(title, low, high, plain)
	}
	if p.x.min <= 1 && 1 <= p.x.max {
		p.marks = append(p.marks, tick{1, "today"})
	}
	for i := range c.Curves.Designs {
		if d := &c.Curves.Designs[i]; d.Low != nil && d.High != nil && *d.Low < p.x.max && *d.High > p.x.min {
			p.bands = append(p.bands, band{max(*d.Low, p.x.min), min(*d.High, p.x.max)})
		}
		if m := c.Curves.Designs[i].Held.Mean; m != nil && *m <= p.x.max && *m >= p.x.min {
			p.uprights = append(p.uprights, upright{*m, i})
		}
	}
	if len(p.uprights) > 0 {
		p.remark = strings.TrimSpace(p.remark + " The dotted line of a design's colour marks the load that it holds, the shade is its 95 % interval.")
	}
	return p
}

// objectivesOfDesigns are those of all designs, each once.
func objectivesOfDesigns(c *result.Comparison) []string {
	return union(c, func(r *result.Result) []string {
		var texts []string
		for _, o := range r.Objectives {
			texts = append(texts, o.Text)
		}
		return texts
	})
}
