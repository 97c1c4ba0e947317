package reports

import (
	"math"
	"slices"

	"github.com/capsim/capsim/internal/result"
)

// mostDrawn is how many drills of a page are drawn; the tables have them all.
const mostDrawn = 12

// drillCharts show a drill over time: the errors of each client, and its 99th
// percentile of latency, with the fault as a band, and the twin in grey behind.
func drillCharts(r *result.DrillReport, d *result.Drill) []*picture {
	if !d.Began || d.Limit != "" || d.Series == nil || r.Baseline.Series == nil {
		return nil
	}
	struck := *r.Baseline
	struck.Series = d.Series
	var out []*picture
	for _, c := range [...]struct {
		metric, label string
		u             unit
	}{{"errors_rps", "errors per second", plain}, {"latency_p99_s", "p99 latency", seconds}} {
		if p := drillChart(r.Baseline, &struck, c.metric, c.label, c.u); p != nil {
			p.title = drillLabel(d) + ": " + drillTitle(&struck, c.metric, c.u)
			markDrill(p, d, r.Baseline.Run.DurationS)
			out = append(out, p)
		}
	}
	return out
}

// drillChart draws one metric of all clients, of the twin in grey.
func drillChart(calm, struck *result.Result, metric, label string, u unit) *picture {
	all := tracks(struck, named(metric))
	if metric == "errors_rps" {
		all = slices.DeleteFunc(all, func(t track) bool { return t.peak().y == 0 })
	}
	all = largest(all, mostLines/2)
	p := overTime(label, u, all, sorted(calm.Clients), struck)
	if p == nil {
		return nil
	}
	for _, t := range tracks(calm, named(metric)) {
		if !slices.ContainsFunc(all, func(o track) bool { return o.subject == t.subject }) {
			continue
		}
		p.lines = append(p.lines, line{
			label: t.subject + " without the fault", behind: true, dash: 1 + max(slices.Index(sorted(calm.Clients), t.subject), 0), points: t.points,
		})
	}
	_, high, _ := extent(p.lines)
	p.y = linearAxis(label, high, u)
	return p
}

// drillTitle says what is to be seen.
func drillTitle(r *result.Result, metric string, u unit) string {
	top := highest(tracks(r, named(metric)))
	if u == plain {
		u = perSecond
	}
	return visible(top.subject) + " " + metricLabel(metric) + " peak at " + short(top.peak().y, u) + whenPhrase(top.peak(), r)
}

// markDrill draws the fault as a band, and when it was detected and over.
func markDrill(p *picture, d *result.Drill, end float64) {
	if d.AtS == nil {
		return
	}
	to := end
	if d.ForS != nil {
		to = min(end, *d.AtS+*d.ForS)
	}
	p.bands = append(p.bands, band{from: *d.AtS, to: to})
	mark := func(at float64, label string) {
		if at <= end && !math.IsNaN(at) {
			p.marks = append(p.marks, tick{at, label})
		}
	}
	if d.DetectedS != nil {
		mark(*d.DetectedS, "detected")
	}
	latest := -1.0
	for _, name := range sorted(d.Clients) {
		c := d.Clients[name]
		if c.RecoveryS.Mean == nil {
			return // somebody never was
		}
		latest = max(latest, *c.RecoveryS.Mean)
	}
	if latest > 0 {
		mark(*d.AtS+latest, "back")
	}
}
