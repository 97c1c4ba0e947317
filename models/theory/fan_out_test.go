package theory

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Oracle table A6.3, first part; the figures of Dean and Barroso (2013) are the
// third ("63% of user requests") and the fourth ("almost one in five").
func TestSlowRequestsAgreeWithTheTailAtScale(t *testing.T) {
	for _, row := range []struct {
		p    float64
		n    int
		want float64
	}{
		{0.01, 1, 0.01},
		{0.01, 10, 0.095617925},
		{0.01, 100, 0.63396766},
		{0.0001, 2000, 0.18127743},
		{0.001, 100, 0.095207853},
		{0.0001, 1000, 0.095167106},
	} {
		assertTable(t, "P(slow)", row.want, SlowProbability(row.p, row.n))
		// One call in 1/p takes longer than its (1-p)-quantile.
		call := ExponentialLatency(1)
		f := FanOut{Need: row.n, N: row.n, Call: call}
		assertTable(t, "P(T > t)", row.want, f.Survival(-math.Log(row.p)))
	}
	assertPrinted(t, "one in a hundred, 100 servers", 0.63, SlowProbability(0.01, 100), 2)
	assertPrinted(t, "one in ten thousand, 2000 servers", 0.18, SlowProbability(0.0001, 2000), 2)
	assert.Zero(t, SlowProbability(0.01, 0))
	assert.Equal(t, 1.0, SlowProbability(1, 3))
}

func TestFanOutOfExponentialCallsIsTheirOrderStatistic(t *testing.T) {
	for _, c := range []struct{ need, n int }{{1, 1}, {1, 3}, {2, 3}, {3, 3}, {95, 100}, {1000, 1000}} {
		f := FanOut{Need: c.need, N: c.n, Call: ExponentialLatency(0.25)}
		o := OrderStatistic{K: c.need, N: c.n, Mu: 4}
		assertWithin(t, "mean", o.Mean(), f.Mean(), 1e-11)
		assertWithin(t, "survival", o.Survival(0.3), f.Survival(0.3), 1e-11)
		assertWithin(t, "p99.9", o.Quantile(0.999), f.Quantile(0.999), 1e-11)
		assert.Equal(t, 1.0, f.SuccessProbability())
		assert.Equal(t, 1.0, f.Survival(-1))
	}
}

// By hand: two calls of mean 1 that fail half the time, one answer needed.
// Three times in four somebody answers; in two of those three only one of the
// two succeeds, after 1, in the third both do, the first after 1/2.
func TestFanOutOfCallsThatFail(t *testing.T) {
	f := FanOut{Need: 1, N: 2, Call: ExponentialLatency(1), Failure: 0.5}
	assertWithin(t, "success", 0.75, f.SuccessProbability(), 1e-14)
	assertWithin(t, "mean", (2*1+0.5)/3, f.Mean(), 1e-12)
	assertWithin(t, "survival", (2*math.Exp(-2)+math.Exp(-4))/3, f.Survival(2), 1e-12)
	assertWithin(t, "quantile", 0.01, f.Survival(f.Quantile(0.99)), 1e-10)

	all := FanOut{Need: 3, N: 3, Call: ExponentialLatency(1), Failure: 0.1}
	assertWithin(t, "all succeed", 0.729, all.SuccessProbability(), 1e-14)
	assertWithin(t, "all of them, mean", 11.0/6, all.Mean(), 1e-12)
	assertWithin(t, "all of them, p99", OrderStatistic{3, 3, 1}.Quantile(0.99), all.Quantile(0.99), 1e-12)
}

// What Dean and Barroso's hedging does: a hundred leaves, each hedged after
// its 95th percentile, cost 5 % more calls and cut the tail of the slowest.
func TestHedgedLeavesCutTheTailOfAFanOut(t *testing.T) {
	leaf := LogNormalLatency(1, 2)
	hedged := Hedge{Call: leaf, Delay: leaf.Quantile(0.95)}
	plain := FanOut{Need: 100, N: 100, Call: leaf}
	better := FanOut{Need: 100, N: 100, Call: hedged.Latency()}
	assertWithin(t, "load", 0.05, hedged.Load(), 1e-12)
	assert.Less(t, better.Quantile(0.99), plain.Quantile(0.99)/4)
	tail := 1 - math.Pow(0.99, 0.01)
	assertWithin(t, "p99", tail, hedged.Survival(better.Quantile(0.99)), 1e-9)
	assert.Less(t, better.Mean(), plain.Mean())
}
