package reports

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// planCharts draws the front of a plan, and the margins of its winner.
func planCharts(p *result.Plan) []*picture {
	var all []*picture
	if c := frontChart(p); c != nil {
		all = append(all, c)
	}
	if c := marginChart(p); c != nil {
		all = append(all, c)
	}
	return all
}

// steepFront is how many times the least p99 the largest must be for a
// logarithmic axis.
const steepFront = 8

// frontChart draws cost against p99 of all designs that were simulated.
func frontChart(p *result.Plan) *picture {
	met, missed, front := line{label: "meets all", dots: true}, line{label: "misses one", hue: 1, dots: true}, line{label: "front", hue: 2, thin: true}
	low, high, dear := math.Inf(1), 0.0, 0.0
	for i := range p.Simulated {
		d := &p.Simulated[i]
		if d.Monthly.Mean == nil || d.P99S.Mean == nil {
			continue
		}
		at := point{x: *d.Monthly.Mean, y: *d.P99S.Mean}
		if d.P99S.HalfWidth != nil {
			at.half = *d.P99S.HalfWidth
		}
		low, high, dear = min(low, at.y), max(high, at.y), max(dear, at.x)
		to := &missed
		if d.Verdict == result.Met {
			to = &met
		}
		to.points, to.doubts = append(to.points, at), append(to.doubts, at)
		if onFront(p, d) {
			front.points = append(front.points, at)
		}
	}
	if high == 0 || dear == 0 {
		return nil
	}
	out := &picture{
		title: "What a lower p99 costs: the designs that were simulated", x: linearAxis(visible(p.Currency)+" a month", dear*1.02, plain),
	}
	limit := line{label: "objective", hue: 3, dash: 1, thin: true}
	for _, text := range p.Objectives {
		if u, v, known := objectiveUnit(text); known && u == seconds && len(limit.points) == 0 && isP99(text) {
			limit.label = visible(text)
			limit.points = []point{{x: out.x.min, y: v}, {x: out.x.max, y: v}}
			low, high = min(low, v), max(high, v)
		}
	}
	out.y = linearAxis("p99 latency of the slowest client", high*1.05, seconds)
	if high > steepFront*low && low > 0 {
		out.y = logAxis("p99 latency of the slowest client", low, high*1.05, seconds)
	}
	for _, l := range []line{met, missed, front, limit} {
		if len(l.points) > 0 {
			out.lines = append(out.lines, l)
		}
	}
	if w := p.Winner; w != nil && w.Monthly.Mean != nil {
		out.marks = []tick{{at: *w.Monthly.Mean, label: "winner"}}
		if w.P99S.Mean != nil {
			out.title = "The winner has a p99 of " + short(*w.P99S.Mean, seconds) + " for " + short(*w.Monthly.Mean, money) + " " + visible(p.Currency) + " a month"
		}
	}
	return out
}

// isP99 reports whether an objective is about a 99th percentile.
func isP99(text string) bool {
	return slices.Contains(strings.Fields(text), "p99")
}

// marginChart draws how much of what each objective allows the winner has left.
func marginChart(p *result.Plan) *picture {
	if p.Winner == nil {
		return nil
	}
	out := &picture{title: "What the objectives leave to the winner", x: percentAxis("share of what is allowed that is not used")}
	for i := range p.Winner.Cases {
		c := &p.Winner.Cases[i]
		for k := range c.Objectives {
			o := &c.Objectives[k]
			if o.Margin == nil {
				continue
			}
			b := bar{label: duringFault(o.Text, c.What), value: min(max(*o.Margin, 0), 1), unit: ratio}
			if o.MarginHalfWidth != nil {
				b.half = *o.MarginHalfWidth
			}
			out.bars = append(out.bars, b)
		}
	}
	if len(out.bars) == 0 {
		return nil
	}
	least := slices.MinFunc(out.bars, func(a, b bar) int { return cmp.Compare(a.value, b.value) })
	out.title = "The winner has least left of " + visible(least.label) + ": " + short(least.value, ratio)
	return out
}
