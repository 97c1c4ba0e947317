package reports

import (
	"cmp"
	"slices"

	"github.com/capsim/capsim/internal/result"
)

// mostBars is how many bars a chart can bear.
const mostBars = 16

// utilizationChart shows how busy each resource of each node was, the busiest
// on top.
func utilizationChart(r *result.Result) *picture {
	p := &picture{}
	for _, name := range sorted(r.Nodes) {
		for _, resource := range limited(r.Nodes[name]) {
			u := r.Nodes[name].Resources[resource].Utilization.Estimate
			if u.Mean == nil {
				continue
			}
			b := bar{label: name + " " + resource, value: *u.Mean, unit: ratio}
			if u.HalfWidth != nil {
				b.half = *u.HalfWidth
			}
			p.bars = append(p.bars, b)
		}
	}
	if len(p.bars) == 0 {
		return nil
	}
	slices.SortStableFunc(p.bars, func(a, b bar) int { return cmp.Compare(b.value, a.value) })
	if n := len(p.bars); n > mostBars {
		p.remark = "The busiest " + count(mostBars) + " of " + amount(n, "resource") + "; the table of nodes has all."
		p.bars = p.bars[:mostBars]
	}
	p.title = visible(p.bars[0].label) + " is the busiest resource: " + short(p.bars[0].value, ratio) + sooner(p.bars[0], r.Bottleneck)
	p.x = percentAxis("utilisation")
	return p
}

// sooner says what saturates before the resource that is the busiest on the
// mean of its instances, "" where it is that one or chance may have made the
// difference.
func sooner(busiest bar, b *result.Bottleneck) string {
	if b == nil || b.Node+" "+b.Resource == busiest.label || b.SaturatesAtLoad == nil || 1 / *b.SaturatesAtLoad <= busiest.value+busiest.half {
		return ""
	}
	return "; " + visible(b.Node+" "+b.Resource) + " saturates first"
}

// percentAxis goes from nothing to all.
func percentAxis(label string) axis {
	a := axis{label: label + ", %", name: label, unit: ratio, max: 1}
	for percent := 0; percent <= 100; percent += 20 {
		a.ticks = append(a.ticks, tick{float64(percent) / 100, number(float64(percent), 0)})
	}
	return a
}
