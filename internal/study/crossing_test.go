package study

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/node"
)

// loadsAt makes loads with the scores of their replications for one criterion.
func loadsAt(loads []float64, scores ...[]float64) []*loadPoint {
	var out []*loadPoint
	for i, load := range loads {
		p := &loadPoint{load: load, figure: []float64{0}, known: []bool{true}}
		for _, list := range scores {
			p.scores = append(p.scores, []float64{list[i]})
		}
		out = append(out, p)
	}
	return out
}

func TestCrossingsOfReplications(t *testing.T) {
	points := loadsAt([]float64{1, 2, 3, 4})
	for _, one := range []struct {
		scores []float64
		near   float64
		want   float64 // 0: there is none
	}{
		{[]float64{3, 2, 1, -1}, 3, 3.5},
		{[]float64{3, 1, -1, -2}, 3, 2.5},
		{[]float64{1, -1, 1, -1}, 3.2, 3.5},              // of two, that which is nearer
		{[]float64{1, -1, 1, -1}, 1.2, 1.5},              //
		{[]float64{4, 3, 2, 1}, 3, 5},                    // it would cross beyond
		{[]float64{-1, -2, -3, -4}, 3, 0.5},              // or before; half of the least load at least
		{[]float64{-0.25, -1.25, -3, -4}, 3, 0.75},       //
		{[]float64{1, 1, 1, 1}, 3, 0},                    // level: nowhere
		{[]float64{1, 1, 1, 0.99}, 3, 8},                 // nearly level: at most twice the highest load
		{[]float64{2, 1, 0, -1}, 3, 3},                   // 0 is no longer above
		{[]float64{best, best, best, worst}, 3, 3.99900}, // from all to nothing
	} {
		got, ok := crossingOf(points, one.scores, one.near)
		assert.Equal(t, one.want > 0, ok, "%v", one.scores)
		assert.InDelta(t, one.want, got, 1e-5, "%v", one.scores)
	}
	_, ok := crossingOf(points[:1], []float64{1}, 1)
	assert.False(t, ok, "one load says nothing")
}

func TestScoresAreAboveNothingExactlyWithinTheObjective(t *testing.T) {
	for _, c := range []criterion{
		{compare: "<", value: 0.2, inverse: true}, {compare: "<=", value: 0.01}, {compare: ">", value: 0.99, share: true},
		{compare: ">=", value: 700}, {compare: "<", value: 0},
	} {
		last := math.Inf(1)
		for _, part := range []float64{0, 0.1, 0.5, 0.9, 0.999, 1.001, 1.01, 2, 100} {
			x := c.value * part
			if c.compare[0] == '>' {
				x = c.value * (2 - part)
			}
			if c.value == 0 {
				x = part - 0.9995
			}
			s := c.score(x)
			assert.Equal(t, c.holds(x), s > 0, "%+v of %v: %v", c, x, s)
			assert.LessOrEqual(t, s, last, "it falls")
			assert.GreaterOrEqual(t, s, -1.0)
			last = s
		}
		assert.InDelta(t, worst, c.score(math.NaN()), 0, "no latency: nothing was answered")
	}
}

// A load that ends at a limit of the simulation is one that is not held.
func TestALimitIsALoadThatIsMissed(t *testing.T) {
	s := &search{spec: &node.Spec{}, criteria: []criterion{{text: "p", compare: "<", value: 1, inverse: true}}}
	s.spec.Run.Replications = 2
	s.opt.Width = 0.01
	s.points = loadsAt([]float64{1, 2}, []float64{3, 1}, []float64{2, 1})
	for _, p := range s.points {
		p.figure[0] = 0.5
	}
	s.points = append(s.points, &loadPoint{load: 2.01, limit: "requests in flight: the limit is 9"})
	held, missed := s.bracket()
	assert.InDelta(t, 2, held.load, 0)
	assert.InDelta(t, 2.01, missed.load, 0)
	assert.Zero(t, s.next(held, missed))
	c := s.capacity()
	require.NotNil(t, c.Load.Mean)
	assert.InDelta(t, 2.005, *c.Load.Mean, 0.0051)
	assert.Equal(t, "requests in flight: the limit is 9", c.Breaks)
	require.NotNil(t, c.Load.HalfWidth, "where the replications go on as they do")
}

// However a search is begun, it closes its bracket in a few steps, on one
// figure that grows as that of a queue does, and on one that jumps.
func TestSearchesCloseTheirBrackets(t *testing.T) {
	for _, figure := range []func(load float64) float64{
		func(load float64) float64 { return 0.1 / max(3.7-load, 1e-9) },
		func(load float64) float64 {
			if load < 2.345 {
				return 0
			}
			return 50
		},
		func(load float64) float64 { return load * load * load / 40 },
		func(load float64) float64 { return 0.5 + load/1000 },
	} {
		for _, hint := range []struct{ guess, saturates float64 }{{0, 0}, {2.3, 0}, {0.4, 0}, {90, 0}, {0, 3.7}, {0, 0.2}, {0, 60}} {
			s := &search{spec: &node.Spec{}, guess: hint.guess, saturates: hint.saturates, criteria: []criterion{{text: "p", compare: "<", value: 1, inverse: true}}}
			s.opt.Width = 0.01
			try := func(load float64) {
				p := loadsAt([]float64{load})[0]
				p.figure[0] = figure(load)
				i := 0
				for i < len(s.points) && s.points[i].load < load {
					i++
				}
				s.points = append(s.points[:i:i], append([]*loadPoint{p}, s.points[i:]...)...)
			}
			try(1)
			steps := 0
			for ; steps < 40; steps++ {
				held, missed := s.bracket()
				load := s.next(held, missed)
				if load == 0 {
					break
				}
				try(load)
			}
			assert.Less(t, steps, 19, "%+v", hint)
			held, missed := s.bracket()
			if missed == nil {
				assert.GreaterOrEqual(t, held.load, min(s.most(), 60), "%+v", hint)
				continue
			}
			require.NotNil(t, held)
			assert.LessOrEqual(t, missed.load/held.load, 1.0101, "%+v", hint)
			assert.Less(t, figure(held.load), 1.0)
			assert.GreaterOrEqual(t, figure(missed.load), 1.0)
		}
	}
}
