package study

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/models/theory"
)

// TestIntervalsHoldTheTruthAsOftenAsTheySay makes many studies of M/M/1 at
// 0.8, each with a seed of its own, and counts how often the stated 95 %
// interval of the mean and of p99 holds the truth. Too rarely, and the
// intervals lie; always, and they are so wide that they say nothing.
func TestIntervalsHoldTheTruthAsOftenAsTheySay(t *testing.T) {
	studies, requests := 100, 10_000.0 // of each replication
	// If it is 95 %, then fewer than 89 of 100 hold the truth in 0.4 % of all
	// cases (the binomial law), and all of them in 0.6 %.
	least, most := 0.89, 1.0
	switch {
	case testing.Short():
		t.Skip("two thousand runs")
	case nightly.now():
		studies, requests = 400, 50_000
		least, most = 0.92, 0.98
	}
	m := theory.MM1{Lambda: 800, Mu: 1000}
	figures := []struct {
		name  string
		exact float64
		held  int
		// What the intervals claim, and what they should: the spread of the
		// estimates.
		claimed, spread float64
	}{
		{name: "mean", exact: m.ResponseMean()},
		{name: "p99", exact: m.ResponseQuantile(0.99)},
	}
	text := web(m.Lambda, "", cpu("exp 1ms"))
	for i := range studies {
		spec := specOf(t, text+runTable(requests/m.Lambda, 10*relaxation(m.Lambda, m.Mu, 1), oracleReplications, uint64(1000+i)))
		outcomes, err := runAll([]*node.Spec{spec}, Options{})
		require.NoError(t, err)
		for k := range figures {
			f := &figures[k]
			e := outcomes[0].Clients["users"].LatencyS[f.name]
			require.NotNil(t, e.Mean)
			if holdsTruth(e, f.exact) {
				f.held++
			}
			se := standardError(e)
			f.claimed += se * se
			f.spread += (*e.Mean - f.exact) * (*e.Mean - f.exact)
		}
	}
	for _, f := range figures {
		share, ratio := float64(f.held)/float64(studies), math.Sqrt(f.claimed/f.spread)
		t.Logf("%s: %d of %d intervals (%.1f %%) hold the truth; they claim %.2f times the standard error that there is", f.name, f.held, studies, 100*share, ratio)
		assert.GreaterOrEqual(t, share, least, f.name)
		assert.LessOrEqual(t, share, most, f.name)
		// The estimate of a standard deviation from n values is off by 1/sqrt(2n).
		assert.InDelta(t, 1, ratio, 4/math.Sqrt(2*float64(studies)), f.name)
	}
}

func holdsTruth(e result.Estimate, exact float64) bool {
	return math.Abs(*e.Mean-exact) <= *e.HalfWidth
}
