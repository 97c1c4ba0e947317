package reports

import (
	"math"
	"slices"

	"github.com/capsim/capsim/internal/result"
)

// mostDrifting is how many of the figures that drift are drawn; the table has
// them all.
const mostDrifting = 6

// driftCharts show what drifts over time, with the line of its trend thin
// behind, and where something gives in.
func driftCharts(s *result.Soak) []*picture {
	var out []*picture
	for i := range s.Trends {
		if t := &s.Trends[i]; t.Drifts && len(out) < mostDrifting {
			if p := driftChart(s.Result, t); p != nil {
				out = append(out, p)
			}
		}
	}
	return out
}

func driftChart(r *result.Result, t *result.Trend) *picture {
	all := tracks(r, func(subject, metric string) bool { return subject == t.Subject && metric == t.Metric })
	u := metricUnit(t.Metric)
	label := metricLabel(t.Metric)
	p := overTime(label, u, all, []string{t.Subject}, r)
	if p == nil || t.From == nil || t.To == nil {
		return p
	}
	p.lines = append(p.lines, line{label: "trend", behind: true, dash: 1, points: []point{{x: 0, y: math.Max(*t.From, 0)}, {x: t.UntilS, y: *t.To}}})
	_, high, _ := extent(p.lines)
	p.y = linearAxis(label, high, u)
	word := " grows"
	if *t.PerHour < 0 {
		word = " falls"
	}
	p.title = visible(t.Subject) + " " + label + word + " from " + short(*t.From, u) + " to " + short(*t.To, u)
	if t.UntilS < r.Run.DurationS {
		p.title += " in " + roughly(t.UntilS)
	}
	if g := t.NextLimit; g != nil && g.AtS <= r.Run.DurationS {
		p.marks = append(p.marks, tick{g.AtS, g.What})
	}
	return p
}

// drawDrifts puts what drifts in front of the other pictures of a page.
func (v *resultView) drawDrifts(s *result.Soak) error {
	f := frame{}
	for i, p := range driftCharts(s) {
		if err := f.chart("drift-"+string(rune('1'+i)), p); err != nil {
			return err
		}
	}
	if len(f.Charts) > 0 {
		v.Sections = slices.Insert(v.Sections, 0, section{"What drifts", f.Charts})
		v.alive(f.Charts)
	}
	return nil
}
