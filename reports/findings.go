package reports

import (
	"cmp"
	"slices"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// ends are the leftmost and the rightmost point of a line that has a value; ok
// is false where there are not two.
func (l line) ends() (first, last point, ok bool) {
	var points []point
	for _, p := range l.points {
		if finite(p.y) {
			points = append(points, p)
		}
	}
	if len(points) < 2 {
		return first, last, false
	}
	byPlace := func(a, b point) int { return cmp.Compare(a.x, b.x) }
	return slices.MinFunc(points, byPlace), slices.MaxFunc(points, byPlace), true
}

// fromTo says what becomes of a line over loads: "shoppers p99 goes from 121 ms
// at ×0.2 to 1.2 s at ×2"; "" of one with a single point.
func (l line) fromTo(name string, u unit) string {
	first, last, ok := l.ends()
	if !ok {
		return ""
	}
	before, after := short(first.y, u), short(last.y, u)
	if before == after {
		return name + " is " + after + " from " + times(first.x) + " to " + times(last.x) + " of today's load"
	}
	return name + " goes from " + before + " at " + times(first.x) + " to " + after + " at " + times(last.x) + " of today's load"
}

// beginning says from which load on a share is above nothing: "errors from ×1.7
// on, 34 % at ×2.3".
func beginning(name string, lines []line) string {
	at, worst := 0.0, point{}
	for _, l := range lines {
		for _, p := range l.points {
			if !(p.y > 0) {
				continue
			}
			if at == 0 || p.x < at {
				at = p.x
			}
			if p.y > worst.y {
				worst = p
			}
		}
	}
	return name + " from " + times(at) + " of today's load on, at most " + short(worst.y, ratio) + ", at " + times(worst.x)
}

// mostAnswersTitle says which design answers most at any load, and which least:
// "most ok answers: horizontal 1530/s at ×3.4, vertical 844/s at ×1.9"; "" where
// there are not two with answers.
func mostAnswersTitle(designs []line) string {
	type peak struct {
		label string
		at    point
	}
	var peaks []peak
	for _, l := range designs {
		best := point{}
		for _, p := range l.points {
			if p.y > best.y {
				best = p
			}
		}
		if best.y > 0 {
			peaks = append(peaks, peak{l.label, best})
		}
	}
	if len(peaks) < 2 {
		return ""
	}
	byHeight := func(a, b peak) int { return cmp.Compare(a.at.y, b.at.y) }
	most, least := slices.MaxFunc(peaks, byHeight), slices.MinFunc(peaks, byHeight)
	says := func(p peak) string { return visible(p.label) + " " + short(p.at.y, perSecond) + " at " + times(p.at.x) }
	return "most ok answers: " + says(most) + ", " + says(least)
}

// keepsUp is the share of what is offered that must be answered ok for the
// answers to keep up with it.
const keepsUp = 0.99

// keepingUpTitle says up to which load the ok answers keep up with what is
// offered.
func keepingUpTitle(client string, ok, offered line) string {
	last, at := -1, func(x float64) int {
		return slices.IndexFunc(offered.points, func(o point) bool { return o.x == x })
	}
	for i, p := range ok.points {
		k := at(p.x)
		if k < 0 || p.y < keepsUp*offered.points[k].y {
			break
		}
		last = i
	}
	switch {
	case last < 0:
		return client + " ok answers are fewer than what is offered at every load that was tried"
	case last == len(ok.points)-1:
		return client + " ok answers keep up with what is offered at every load that was tried"
	}
	p := ok.points[last]
	return client + " ok answers keep up with what is offered as far as " + times(p.x) + ", " + short(p.y, perSecond)
}

// heldTitle says which design holds most, and which least; "" where nobody has
// looked or they are the same.
func heldTitle(c *result.Comparison) string {
	if c.Curves == nil {
		return ""
	}
	labels := designLabels(c)
	most, least := -1, -1
	held := func(i int) float64 { return *c.Curves.Designs[i].Held.Mean }
	for i := range c.Curves.Designs {
		if c.Curves.Designs[i].Held.Mean == nil || i >= len(labels) {
			continue
		}
		if most < 0 || held(i) > held(most) {
			most = i
		}
		if least < 0 || held(i) < held(least) {
			least = i
		}
	}
	if most < 0 || times(held(most)) == times(held(least)) {
		return ""
	}
	return "Loads that are held: " + labels[most] + " " + times(held(most)) + " of today's, " + labels[least] + " " + times(held(least))
}

// cheapestTitle says which design has the lowest line at today's load, or at
// the load next to it; "" where there is only one.
func cheapestTitle(lines []line, currency string) string {
	if len(lines) < 2 {
		return ""
	}
	today := func(l line) (point, bool) {
		best, found := point{}, false
		for _, p := range l.points {
			if !found || max(p.x, 1)/min(p.x, 1) < max(best.x, 1)/min(best.x, 1) {
				best, found = p, true
			}
		}
		return best, found
	}
	names, low := []string{}, point{}
	for _, l := range lines {
		p, ok := today(l)
		switch {
		case !ok || p.x <= 0:
		case len(names) > 0 && p.x == low.x && short(p.y, money) == short(low.y, money):
			names = append(names, l.label)
		case len(names) == 0 || p.y < low.y:
			names, low = []string{l.label}, p
		}
	}
	at := " at " + times(low.x) + " of today's load: " + short(low.y, money) + " " + currency
	switch n := len(names); {
	case n == 0:
		return ""
	case n == 1:
		return names[0] + " is the cheapest" + at
	case n == len(lines):
		return "All designs cost the same" + at
	default:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1] + " are the cheapest" + at
	}
}

// p99Title says which design has the shortest 99th percentile of a client, and
// which the longest; "" where there is nothing to choose from.
func p99Title(c *result.Comparison, client string) string {
	labels := designLabels(c)
	best, worst := -1, -1
	p99 := func(i int) *float64 {
		if x := c.Designs[i].Clients[client]; x != nil {
			return x.LatencyS["p99"].Mean
		}
		return nil
	}
	for i := range c.Designs {
		v := p99(i)
		if v == nil {
			continue
		}
		if best < 0 || *v < *p99(best) {
			best = i
		}
		if worst < 0 || *v > *p99(worst) {
			worst = i
		}
	}
	if best < 0 || short(*p99(best), seconds) == short(*p99(worst), seconds) {
		return ""
	}
	return "p99 is " + short(*p99(best), seconds) + " with " + labels[best] + ", " + short(*p99(worst), seconds) + " with " + labels[worst]
}
