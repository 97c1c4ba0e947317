package reports

import (
	"maps"
	"slices"
	"strconv"

	"github.com/capsim/capsim/internal/result"
)

// compareRows are the rows of a comparison that are about loads and losses.
func compareRows(c *result.Comparison, labels []string) [][]string {
	var rows [][]string
	add := func(label, subject, metric string, e result.Estimate, load string) {
		if e.Mean != nil {
			rows = append(rows, []string{cellText(label), "", cellText(subject), cellText(metric), exact(e.Mean), exact(e.HalfWidth), "", load})
		}
	}
	if c.Curves != nil {
		for i := range c.Curves.Designs {
			d := &c.Curves.Designs[i]
			add(labels[i], "capacity", "held_load", d.Held, "")
			for k := range d.Points {
				p := &d.Points[k]
				load := exact(&p.Load)
				for _, name := range slices.Sorted(maps.Keys(p.Clients)) {
					q := p.Clients[name]
					add(labels[i], name, "offered_rps", q.OfferedRPS, load)
					add(labels[i], name, "throughput_rps", q.ThroughputRPS, load)
					add(labels[i], name, "error_ratio", q.ErrorRatio, load)
					for _, metric := range slices.Sorted(maps.Keys(q.LatencyS)) {
						add(labels[i], name, "latency_s."+metric, q.LatencyS[metric], load)
					}
				}
				if p.Monthly != nil && p.PerMillionRequests != nil {
					add(labels[i], "cost", "monthly", *p.Monthly, load)
					add(labels[i], "cost", "per_million_requests", *p.PerMillionRequests, load)
				}
			}
		}
		for _, d := range c.Curves.Differences {
			rows = append(rows, []string{
				cellText(designLabel(d.Design)), cellText(designLabel(d.Baseline)), cellText(d.Subject), cellText(d.Metric),
				exact(d.Difference.Difference.Mean), exact(d.Difference.Difference.HalfWidth), strconv.FormatBool(d.Significant), exact(&d.Load),
			})
		}
		for _, k := range c.Curves.Crossings {
			rows = append(rows, []string{
				cellText(designLabel(k.Design)), cellText(designLabel(k.Baseline)), cellText(k.Subject), "crossing." + cellText(k.Metric),
				exact(k.Load.Mean), exact(k.Load.HalfWidth), "", "",
			})
		}
	}
	for i := range c.Failures {
		for _, l := range c.Failures[i].Losses {
			add(labels[i], l.What, "failed_ratio", l.FailedRatio, "")
			if l.Verdict != "" && l.Verdict != result.Undecided {
				met := 0.0
				if l.Verdict == result.Met {
					met = 1
				}
				add(labels[i], l.What, "objectives_met", result.Estimate{Mean: &met}, "")
			}
		}
	}
	return rows
}
