package study

import (
	"slices"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/sim/stats"
)

// A crossing is looked for between two loads at which a difference is sure,
// with opposite signs, by so many further loads, or until they are that close.
const (
	crossingSteps = 4
	crossingWidth = 0.02 // of the load
	mostCrossings = 3    // that are looked for; of others the common loads must do
)

// turning is a difference whose sign turns.
type turning struct {
	design, k int     // x.loads[i].pairs[design][k]
	low, high float64 // the loads on both sides
}

// turnings finds where differences turn: neighbours among the loads at which
// each is sure.
func (x *comparing) turnings() []turning {
	if len(x.loads) == 0 {
		return nil
	}
	x.correctLoads()
	var all []turning
	for design := 1; design < len(x.short); design++ {
		for k := range x.width(design) {
			last, sign := 0.0, 0.0
			for _, l := range x.loads {
				d := l.at(design, k)
				if d == nil || !d.Significant || d.Difference.Difference.Mean == nil || l.why == result.CrossingLoad {
					continue
				}
				now := signOf(*d.Difference.Difference.Mean)
				if now*sign < 0 {
					all = append(all, turning{design, k, last, l.load})
				}
				last, sign = l.load, now
			}
		}
	}
	return all
}

// width is how many figures a design is compared in.
func (x *comparing) width(design int) int {
	n := 0
	for _, l := range x.loads {
		n = max(n, len(l.pairs[design]))
	}
	return n
}

// at is a difference at a load, nil where a limit was reached.
func (l *loadCompared) at(design, k int) *difference {
	if k >= len(l.pairs[design]) {
		return nil
	}
	return l.pairs[design][k]
}

func signOf(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

// correctLoads marks what is significant at the common loads, all of them
// together. Loads that were tried because of what was found there are no
// tests of their own.
func (x *comparing) correctLoads() result.Correction {
	var all []*difference
	for _, l := range x.loads {
		for _, pairs := range l.pairs {
			if l.why == result.CommonLoad {
				all = append(all, pairs...)
			}
		}
	}
	return correct(all)
}

// turns are the figures whose crossing is worth further simulations.
var turns = []string{"latency_s.p99", "per_million_requests", "latency_s.mean"}

// cross narrows down where verdicts turn.
func (x *comparing) cross() error {
	if !x.curved() {
		return nil
	}
	looked := 0
	var all []turning
	for _, metric := range turns {
		for _, t := range x.turnings() {
			if x.sample(t).Metric == metric && x.held(t) {
				all = append(all, t)
			}
		}
	}
	for _, t := range all {
		if looked++; looked > mostCrossings {
			return nil
		}
		for range crossingSteps {
			t = x.narrowed(t)
			if t.high <= t.low*(1+crossingWidth) {
				break
			}
			load := x.root(t)
			// Not closer to an end than a tenth: the straight line that root
			// draws may lead there again and again.
			tenth := (t.high - t.low) / 10
			load = min(max(load, t.low+tenth), t.high-tenth)
			load = manyDigits(load)
			if x.simulated(load) {
				break // nothing new would come of it
			}
			if err := x.simulate([]float64{load}, result.CrossingLoad); err != nil {
				return err
			}
		}
	}
	return nil
}

// simulated reports whether all designs were simulated at a load.
func (x *comparing) simulated(load float64) bool {
	return slices.ContainsFunc(x.loads, func(l *loadCompared) bool { return l.load == load })
}

// held reports whether one of the two designs holds the load at which a
// difference turns: what happens when neither does is worth no further search.
func (x *comparing) held(t turning) bool {
	for _, i := range []int{0, t.design} {
		if c := x.capacities[i]; c.Load.Mean == nil || *c.Load.Mean >= t.low {
			return true
		}
	}
	return false
}

// sample is the difference that turns, at any load.
func (x *comparing) sample(t turning) *difference {
	for _, l := range x.loads {
		if d := l.at(t.design, t.k); d != nil {
			return d
		}
	}
	return nil
}

// manyDigits rounds a load to four.
func manyDigits(x float64) float64 { return rounded(x, 1000) }

// between are the loads from one side of a turning to the other, with what
// the difference is there.
func (x *comparing) between(t turning) (loads []float64, ds []*difference) {
	for _, l := range x.loads {
		if d := l.at(t.design, t.k); d != nil && d.Difference.Difference.Mean != nil && l.load >= t.low && l.load <= t.high {
			loads, ds = append(loads, l.load), append(ds, d)
		}
	}
	return loads, ds
}

// narrowed brings both sides as close together as what was simulated allows:
// to the last neighbours that the sign differs at.
func (x *comparing) narrowed(t turning) turning {
	loads, ds := x.between(t)
	first := signOf(*ds[0].Difference.Difference.Mean)
	for i := range loads {
		if signOf(*ds[i].Difference.Difference.Mean) != first {
			t.low, t.high = loads[max(i-1, 0)], loads[i]
			return t
		}
	}
	return t
}

// root is where a straight line between both sides meets zero.
func (x *comparing) root(t turning) float64 {
	loads, ds := x.between(t)
	n := len(loads) - 1
	return zeroBetween(loads[0], *ds[0].Difference.Difference.Mean, loads[n], *ds[n].Difference.Difference.Mean)
}

// zeroBetween is where the straight line through (low, p) and (high, q) meets
// zero. What does so outside is as if it did at that end.
func zeroBetween(low, p, high, q float64) float64 {
	if p == q {
		return (low + high) / 2
	}
	return low + float64((high-low)*min(max(p/(p-q), 0), 1))
}

// rootsOfEach is where each replication turns by itself between the loads at
// which the difference is sure: further apart than where the mean turns is
// known to lie, or noise would seem to be less than it is. The sign is that of
// the difference at the lower end.
func (x *comparing) rootsOfEach(t turning) []float64 {
	loads, ds := x.between(t)
	sign := signOf(*ds[0].Difference.Difference.Mean)
	n := len(ds[0].pairs)
	for _, d := range ds {
		n = min(n, len(d.pairs))
	}
	var each []float64
	for r := range n {
		values := make([]float64, len(ds))
		for i, d := range ds {
			values[i] = float64(sign * d.pairs[r])
		}
		each = append(each, turnOf(loads, values))
	}
	return each
}

// turnOf is the mean of where values change their sign along the loads; the
// end beyond which they do if nowhere.
func turnOf(loads, values []float64) float64 {
	sum, n := 0.0, 0
	for i := 1; i < len(values); i++ {
		if (values[i-1] > 0) != (values[i] > 0) {
			sum += zeroBetween(loads[i-1], values[i-1], loads[i], values[i])
			n++
		}
	}
	switch {
	case n > 0:
		return sum / float64(n)
	case values[0] > 0:
		return loads[len(loads)-1]
	}
	return loads[0]
}

// crossings are all turnings, as close as they were looked at.
func (x *comparing) crossings() []result.Crossing {
	all := []result.Crossing{}
	for _, t := range x.turnings() {
		d := x.sample(t)
		c := result.Crossing{
			Baseline: d.Baseline, Design: d.Design, Subject: d.Subject, Metric: d.Metric,
			Below: d.Baseline, Above: d.Design, Low: t.low, High: t.high,
		}
		_, ds := x.between(t)
		if *ds[0].Difference.Difference.Mean < 0 { // the design has the lower value at first
			c.Below, c.Above = d.Design, d.Baseline
		}
		c.Low, c.High = x.sides(t)
		sure := t
		sure.low, sure.high = c.Low, c.High
		c.Load = estimateOf(x.root(x.narrowed(t)), x.rootsOfEach(sure))
		all = append(all, c)
	}
	return all
}

// sides are the closest loads before and behind a turning at which the
// difference excludes zero.
func (x *comparing) sides(t turning) (low, high float64) {
	loads, ds := x.between(t)
	first := signOf(*ds[0].Difference.Difference.Mean)
	low = t.low
	for i := range loads {
		e := ds[i].Difference.Difference
		switch {
		case !excludesZero(e):
		case signOf(*e.Mean) == first:
			low = loads[i]
		default:
			return low, loads[i]
		}
	}
	return low, t.high
}

// conclude writes down what is known of the curves.
func (x *comparing) conclude() {
	if x.Curves == nil {
		return
	}
	c := x.Curves
	c.Designs, c.Differences, c.Crossings = []result.DesignCurve{}, []result.LoadDifference{}, []result.Crossing{}
	c.Correction = x.correctLoads()
	for i, k := range x.capacities {
		c.Designs = append(c.Designs, x.designCurve(i, k))
	}
	for _, l := range x.loads {
		for _, pairs := range l.pairs {
			for _, d := range pairs {
				if l.why == result.CrossingLoad {
					d.Significant = excludesZero(d.Difference.Difference)
				}
				c.Differences = append(c.Differences, result.LoadDifference{Load: l.load, Difference: d.Difference})
			}
		}
	}
	c.Crossings = x.crossings()
}

func (x *comparing) designCurve(i int, k *Capacity) result.DesignCurve {
	out := result.DesignCurve{
		Design: x.Designs[i].Design, Held: k.Load, Low: k.Low, High: k.High, HeldAt: k.HeldAt, MissedAt: k.MissedAt,
		Headroom: headroomOf(k.Load), Breaks: k.Breaks, DurationS: k.search.spec.Run.Duration.Seconds(), WarmupS: k.WarmupS, Unasked: []string{}, Points: []result.CurvePoint{},
	}
	if i > 0 {
		out.HeldDifference = x.heldDifference(k)
	}
	for _, c := range k.Criteria {
		if !c.Asked {
			out.Unasked = append(out.Unasked, c.Text)
		}
	}
	for _, l := range x.loads {
		out.Points = append(out.Points, l.points[i])
	}
	held, missed := k.search.bracket()
	for _, p := range []*loadPoint{held, missed} {
		if p == nil || slices.ContainsFunc(out.Points, func(o result.CurvePoint) bool { return o.Load == p.load }) {
			continue
		}
		point := curvePoint(p.f, p.load, p.limit, x.opt.Version)
		point.Why = result.BreakingLoad
		out.Points = append(out.Points, point)
	}
	slices.SortFunc(out.Points, func(a, b result.CurvePoint) int { return int(signOf(a.Load - b.Load)) })
	return out
}

// heldDifference is by how much more a design holds than the first: in each
// replication by itself where the same customers came to both.
func (x *comparing) heldDifference(k *Capacity) *result.Estimate {
	first := x.capacities[0]
	if first.Load.Mean == nil || k.Load.Mean == nil {
		return nil
	}
	more := *k.Load.Mean - *first.Load.Mean
	a, b := first.search.crossings(*first.Load.Mean), k.search.crossings(*k.Load.Mean)
	if !clientInCommon(first.search.spec, k.search.spec) {
		e := result.Estimate{Mean: &more}
		if _, half, ok := stats.UnpairedInterval(a, b); ok {
			e.HalfWidth = &half
		}
		return &e
	}
	var each []float64
	for r := range min(len(a), len(b)) {
		each = append(each, b[r]-a[r])
	}
	e := estimateOf(more, each)
	return &e
}
