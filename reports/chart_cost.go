package reports

import (
	"cmp"
	"slices"

	"github.com/capsim/capsim/internal/result"
)

// costChart shows what the items of the cost come to a month, the dearest on
// top. One item alone is its own sum, and makes no chart.
func costChart(r *result.Result) *picture {
	if r.Cost == nil {
		return nil
	}
	p := &picture{}
	total := 0.0
	for _, line := range r.Cost.Lines {
		if line.Monthly == nil || *line.Monthly <= 0 {
			continue
		}
		total += *line.Monthly
		p.bars = append(p.bars, bar{label: line.Node + " " + line.Item, value: *line.Monthly, unit: money})
	}
	if len(p.bars) < 2 {
		return nil
	}
	slices.SortStableFunc(p.bars, func(a, b bar) int { return cmp.Compare(b.value, a.value) })
	first := p.bars[0]
	if n := len(p.bars); n > mostBars {
		p.remark = "The dearest " + count(mostBars) + " of " + amount(n, "item") + "; the table of costs has all."
		p.bars = p.bars[:mostBars]
	}
	p.title = visible(first.label) + ": " + short(first.value/total, ratio) + " of the cost"
	p.x = linearAxis(visible(r.Cost.Currency)+" a month", first.value, money)
	return p
}
