package theory

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The tables in the tests of this package were computed independently of it:
// from the textbook formulas in SciPy and 40-digit arithmetic (mpmath), by
// solving Markov chains and inverting transforms numerically. They are printed
// to 8 significant digits, which a relative difference of 1e-7 respects.
const tableTolerance = 1e-7

// assertTable asserts that got is the value want of such a table.
func assertTable(t *testing.T, what string, want, got float64) {
	t.Helper()
	assertWithin(t, what, want, got, tableTolerance)
}

// assertWithin asserts that got differs from want by at most the relative
// tolerance; from 0 by at most the tolerance itself.
func assertWithin(t *testing.T, what string, want, got, tolerance float64) {
	t.Helper()
	if want == 0 {
		assert.InDelta(t, want, got, tolerance, what)
		return
	}
	assert.InEpsilon(t, want, got, tolerance, what)
}

// assertPrinted asserts that got, rounded to the digits that a publication
// prints, is the value printed.
func assertPrinted(t *testing.T, what string, want, got float64, decimals int) {
	t.Helper()
	assert.InDelta(t, want, got, 0.5000001*math.Pow10(-decimals), what)
}

func TestBirthDeathLawSumsToOneFarFromZero(t *testing.T) {
	l := poisson(1e6)
	sum := l.mean(func(int) float64 { return 1 })
	mean := l.mean(func(n int) float64 { return float64(n) })
	assert.InDelta(t, 1, sum, 1e-12)
	assertWithin(t, "mean", 1e6, mean, 1e-12)
	assert.Positive(t, l.first)
	assert.Zero(t, l.at(0))
}

func TestPoissonLawAgreesWithItsFormulaInTheFarTail(t *testing.T) {
	l := poisson(3)
	logGamma, _ := math.Lgamma(101)
	assertWithin(t, "P(N=100)", math.Exp(100*math.Log(3)-3-logGamma), l.at(100), 1e-11)
	assert.Equal(t, 1.0, poisson(0).at(0))
}

func TestBisectStopsAtTheLastBit(t *testing.T) {
	root := bisect(func(x float64) bool { return x*x < 2 }, 0, 2)
	assertWithin(t, "root of 2", math.Sqrt2, root, 4e-16)
	tiny := bisect(func(x float64) bool { return x < 1e-200 }, 0, 1)
	assertWithin(t, "tiny root", 1e-200, tiny, 1e-14)
}

func TestQuantileOfAnAtomAtZeroIsZero(t *testing.T) {
	survival := func(t float64) float64 { return 0.3 * math.Exp(-t) }
	assert.Zero(t, quantile(survival, 0.7, 1))
	assertWithin(t, "q=0.97", math.Log(10), quantile(survival, 0.97, 1), 1e-12)
}

func TestArgumentsThatNoTopologyProducesPanic(t *testing.T) {
	require.PanicsWithValue(t, "theory: a quantile lies strictly between 0 and 1, got 1", func() {
		MM1{Lambda: 0.5, Mu: 1}.ResponseQuantile(1)
	})
	for name, broken := range map[string]func(){
		"negative rate":        func() { MM1{Lambda: -1, Mu: 1}.WaitMean() },
		"NaN rate":             func() { MM1{Lambda: math.NaN(), Mu: 1}.WaitMean() },
		"no service":           func() { MMc{Lambda: 1, Mu: 0, C: 2}.ResponseMean() },
		"no servers":           func() { MMc{Lambda: 1, Mu: 1}.ResponseMean() },
		"fewer places":         func() { MMcK{Lambda: 1, Mu: 1, C: 3, K: 2}.Throughput() },
		"too many places":      func() { MMcK{Lambda: 1, Mu: 1, C: 3, K: MaxPlaces + 1}.Throughput() },
		"infinite patience":    func() { ErlangA{Lambda: 1, Mu: 1, C: 1}.QueueMean() },
		"not a distribution":   func() { Hyperexponential([]float64{0.5, 0.6}, []float64{1, 2}) },
		"lengths differ":       func() { ResponseLaw([]float64{1}, nil) },
		"rank beyond the size": func() { OrderStatistic{K: 3, N: 2, Mu: 1}.Mean() },
		"no latency law":       func() { Hedge{Delay: 1}.Mean() },
		"negative delay":       func() { Hedge{Call: ExponentialLatency(1), Delay: -1}.Load() },
		"improbable failure":   func() { Retries{Max: 1, Failure: 1.5}.AttemptsMean() },
		"unknown jitter":       func() { Backoff{First: 1, Jitter: 3}.PauseMean(1) },
		"no burst":             func() { TokenBucket{Lambda: 1, Rate: 1}.Throughput() },
		"no row of failures":   func() { Breaker{Lambda: 1}.OpenFraction() },
		"class without work":   func() { MG1Priority{{Lambda: 1}}.WaitMean(0) },
		"no steps of a rate":   func() { MMct{Mu: 1, C: 1}.NumberMeanAt(1) },
		"no users":             func() { _, _ = ClosedNetwork{Think: 1}.Solve(0) },
	} {
		assert.Panics(t, broken, name)
	}
}
