package study

import (
	"math"

	"github.com/capsim/capsim/sim/portable"
)

// The same customers come to every design, so that two that are nearly the same
// differ by much less than either of them varies. Of a design that is much like
// one that was simulated, the differences between their replications, pair by
// pair, therefore tell in a few replications what its own figures tell in many:
// its figure is that of the other, plus the mean difference; and the interval
// around it is the sum of that of the other and that of the difference, each at
// half the level (Bonferroni; common random numbers: Law, Simulation Modeling
// and Analysis, 5th edition 2015, 10.2 and 11.2).

const (
	// pairsFewest is how many pairs of replications must be there.
	pairsFewest = 4
	// pairsSteady is the share of what a figure varies by that its differences
	// vary by at least: a few that are all the same do not show that the rest are.
	pairsSteady = 0.002
	// pairsNear is the share of the indifference zone that a difference must be
	// known to, for what was decided of the other by its figure to hold.
	pairsNear = 0.5
)

// counterpart is the design, of those simulated, that is most like another: it
// differs in the fewest dimensions, and then least in what theory thinks. Nil if
// there is none.
func (s *planning) counterpart(point int) *race {
	if len(s.tried) == 0 {
		return nil
	}
	c := &s.all[s.places[point]]
	var best *planned
	fewest, least := 0, 0.0
	for _, i := range s.tried {
		o := &s.all[i]
		if o.state == planShown || o.race == nil {
			continue
		}
		apart := 0
		for d := range c.at {
			if c.at[d] != o.at[d] {
				apart++
			}
		}
		score := math.Abs(c.score - o.score)
		if best == nil || apart < fewest || apart == fewest && score < least {
			best, fewest, least = o, apart, score
		}
	}
	if best == nil {
		return nil
	}
	return best.race
}

// extend keeps the figures of each objective, that of all replications and those
// of each, NaN where one has none: what they are made of is let go.
func (c *raceCase) extend() {
	c.pooled = make([]float64, len(c.f.spec.Objectives))
	if c.values == nil {
		c.values = make([][]float64, len(c.f.spec.Objectives))
	}
	for k := range c.values {
		o := &c.f.spec.Objectives[k]
		c.pooled[k] = valueOr(c.f.judge(o).Actual.Mean, math.NaN())
		for i := len(c.values[k]); i < len(c.f.snaps); i++ {
			one := newFigures(c.f.spec)
			one.snaps = c.f.snaps[i : i+1]
			c.values[k] = append(c.values[k], valueOr(one.judge(o).Actual.Mean, math.NaN()))
		}
	}
}

func valueOr(x *float64, none float64) float64 {
	if x == nil {
		return none
	}
	return *x
}

// pairedSide says where the figure of an objective lies, by its differences
// from those of another design in the same case; unclear where they cannot tell.
func (c *raceCase) pairedSide(other *raceCase, k int, accept, reject float64) side {
	o := &c.f.spec.Objectives[k]
	n := min(len(c.values[k]), len(other.values[k]))
	if n < pairsFewest || o.Metric == "recovery" {
		return unclear
	}
	d, ok := pair(c.values[k][:n], other.values[k], other.pooled[k], isTime(o))
	if !ok {
		return unclear
	}
	half := func(level float64) float64 {
		own := float64(d.once * portable.StudentTQuantile(1-float64(level/2), float64(n-1)))
		return own + float64(d.others*portable.StudentTQuantile(1-float64(level/2), float64(len(other.values[k])-1)))
	}
	for _, level := range []float64{reject, accept} {
		side := unclear
		switch a, b := holds(d.at(d.figure-half(level)), o.Compare, o.Value), holds(d.at(d.figure+half(level)), o.Compare, o.Value); {
		case a && b && level == accept:
			side = within
		case !a && !b && level == reject:
			side = beyond
		}
		if side != unclear {
			return side
		}
	}
	width := zone(o)
	if d.log {
		width = indifference
	}
	if s := other.sides[k]; s != close2within && s != close2beyond || float64(d.once*portable.StudentTQuantile(1-accept, float64(n-1))) > pairsNear*width {
		return unclear
	}
	if holds(d.at(d.figure), o.Compare, o.Value) {
		return close2within
	}
	return close2beyond
}

// pairing is what the figure of a design is reckoned to be, by another's.
type pairing struct {
	log    bool // logarithms of times
	figure float64
	once   float64 // the standard error of the mean difference
	others float64 // and that of the other's figure
}

// at is a figure as an objective has it.
func (d *pairing) at(x float64) float64 {
	if d.log {
		return portable.Exp(x)
	}
	return x
}

// pair compares figures with those of the other design, of which there are no
// fewer and which are pooled to one. It fails where a replication has none.
func pair(mine, others []float64, pooled float64, log bool) (d pairing, ok bool) {
	d.log = log
	scale := func(x float64) float64 {
		if log {
			return portable.Log(x)
		}
		return x
	}
	var all, apart []float64
	for i, x := range others {
		if x != x || log && x <= 0 {
			return d, false
		}
		all = append(all, scale(x))
		if i < len(mine) {
			if mine[i] != mine[i] || log && mine[i] <= 0 {
				return d, false
			}
			apart = append(apart, scale(mine[i])-scale(x))
		}
	}
	_, varies := meanAndSpread(all)
	by, spread := meanAndSpread(apart)
	d.figure = scale(pooled) + by
	d.others = varies / math.Sqrt(float64(len(all)))
	d.once = max(spread, pairsSteady*varies) / math.Sqrt(float64(len(apart)))
	return d, true
}

// meanAndSpread are the mean and the standard deviation of values.
func meanAndSpread(values []float64) (mean, spread float64) {
	for _, x := range values {
		mean += x
	}
	mean /= float64(len(values))
	for _, x := range values {
		spread += float64((x - mean) * (x - mean))
	}
	return mean, math.Sqrt(spread / float64(len(values)-1))
}
