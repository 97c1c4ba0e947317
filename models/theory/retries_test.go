package theory

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Oracle table A9, first part.
func TestRetriesAgreeWithTheTable(t *testing.T) {
	for _, row := range []struct {
		failure           float64
		max               int
		attempts, success float64
	}{
		{0.01, 1, 1.01, 0.9999},
		{0.01, 3, 1.010101, 0.99999999},
		{0.01, 5, 1.010101, 1},
		{0.1, 1, 1.1, 0.99},
		{0.1, 3, 1.111, 0.9999},
		{0.1, 5, 1.11111, 0.999999},
		{0.3, 1, 1.3, 0.91},
		{0.3, 3, 1.417, 0.9919},
		{0.3, 5, 1.42753, 0.999271},
		{0.5, 1, 1.5, 0.75},
		{0.5, 3, 1.875, 0.9375},
		{0.5, 5, 1.96875, 0.984375},
		{0.9, 1, 1.9, 0.19},
		{0.9, 3, 3.439, 0.3439},
		{0.9, 5, 4.68559, 0.468559},
	} {
		r := Retries{Max: row.max, Failure: row.failure}
		assertTable(t, "attempts", row.attempts, r.AttemptsMean())
		assertTable(t, "success", row.success, r.SuccessProbability())
		assertWithin(t, "errors", 1, r.ErrorRatio()+r.SuccessProbability(), 1e-15)
		mean, sum := 0.0, 0.0
		for n := 0; n <= row.max+2; n++ {
			mean += float64(n) * r.AttemptsProbability(n)
			sum += r.AttemptsProbability(n)
		}
		assertWithin(t, "law", 1, sum, 1e-14)
		assertWithin(t, "mean of the law", r.AttemptsMean(), mean, 1e-14)
	}
}

func TestRetriesAtTheirLimits(t *testing.T) {
	dead := Retries{Max: 3, Failure: 1}
	assert.Equal(t, 4.0, dead.AttemptsMean())
	assert.Equal(t, 1.0, dead.ErrorRatio())
	assert.Zero(t, dead.SuccessProbability())
	assert.True(t, math.IsNaN(dead.SuccessTimeMean(RetryTimes{Failed: 1})))
	well := Retries{Max: 3}
	assert.Equal(t, 1.0, well.AttemptsMean())
	assert.Equal(t, 1.0, well.SuccessProbability())
	// Retried for ever, attempts are geometric.
	assertWithin(t, "for ever", 1/0.3, Retries{Max: 10_000, Failure: 0.7}.AttemptsMean(), 1e-14)
}

// Oracle section A9: p = 0.2, 3 retries, failures of 1 s, a success of 0.1 s,
// pauses of 0.1, 0.2 and 0.4 s.
func TestRetriedCallTakesWhatItsAttemptsAndPausesTake(t *testing.T) {
	r := Retries{Max: 3, Failure: 0.2}
	times := RetryTimes{Failed: 1, Success: 0.1, Pauses: Backoff{First: 0.1}}
	assertTable(t, "time", 0.38064, r.TimeMean(times))
	// Those that succeed, after 0, 1, 2 or 3 failures, by hand; and the rest.
	ok := 0.8*0.1 + 0.16*1.2 + 0.032*2.4 + 0.0064*3.8
	assertWithin(t, "of successes", ok/(1-0.0016), r.SuccessTimeMean(times), 1e-14)
	assertWithin(t, "of all", ok+0.0016*(4+0.7), r.TimeMean(times), 1e-14)
	assertWithin(t, "in pauses", 0.2*0.1+0.04*0.2+0.008*0.4, r.PauseMean(times.Pauses), 1e-14)
	times.Pauses.Jitter = FullJitter
	assertWithin(t, "with jitter", 0.0312/2, r.PauseMean(times.Pauses), 1e-14)
}

// Oracle section A9: three tiers of three retries multiply to 64 attempts.
func TestRetriesOfAChainMultiply(t *testing.T) {
	outage := RetryChain{Max: []int{3, 3, 3}, Failure: 1}
	assert.Equal(t, 64.0, outage.AttemptsMean())
	assert.Equal(t, 4.0, outage.HopAttemptsMean(1))
	assert.Equal(t, 1.0, outage.ErrorRatio())
	// By hand, p = 1/2 and one retry at each of two hops: the nearer hop's
	// call fails one time in four.
	half := RetryChain{Max: []int{1, 1}, Failure: 0.5}
	assertWithin(t, "attempts", 1.5*1.25, half.AttemptsMean(), 1e-15)
	assertWithin(t, "near hop", 1.25, half.HopAttemptsMean(0), 1e-15)
	assertWithin(t, "far hop", 1.5, half.HopAttemptsMean(1), 1e-15)
	assertWithin(t, "errors", 1.0/16, half.ErrorRatio(), 1e-15)
	one := RetryChain{Max: []int{2}, Failure: 0.3}
	assert.Equal(t, Retries{2, 0.3}.AttemptsMean(), one.AttemptsMean())
}

// Oracle section A9: first pause 0.1 s, doubled up to 5 s.
func TestBackoffAgreesWithTheTable(t *testing.T) {
	b := Backoff{First: 0.1, Longest: 5}
	for retries, want := range map[int]float64{0: 0, 3: 0.7, 5: 3.1, 8: 16.3} {
		assertTable(t, "none", want, b.TotalMean(retries))
		full, equal := b, b
		full.Jitter, equal.Jitter = FullJitter, EqualJitter
		assertTable(t, "full", want/2, full.TotalMean(retries))
		assertTable(t, "equal", want*0.75, equal.TotalMean(retries))
	}
	assert.Zero(t, b.PauseDeviation(3))
	b.Jitter = FullJitter
	assertWithin(t, "full", 0.4/math.Sqrt(12), b.PauseDeviation(3), 1e-15)
	b.Jitter = EqualJitter
	assertWithin(t, "equal", 5/math.Sqrt(48), b.PauseDeviation(9), 1e-15)
	assertWithin(t, "the hundredth", 3.75, b.PauseMean(100), 1e-15)
	assert.Zero(t, Backoff{}.TotalMean(5))
	assertWithin(t, "no limit", 0.1*1024, Backoff{First: 0.1}.PauseMean(11), 1e-15)
}

// Exponential attempts of mean 1: p = e^-tau, and a success takes
// 1 - tau p/(1-p) on average.
func TestTimedRetriesOfExponentialAttempts(t *testing.T) {
	r := TimedRetries{Call: ExponentialLatency(1), Timeout: 2, Max: 2, Pauses: Backoff{First: 0.5}}
	p := math.Exp(-2)
	assertWithin(t, "p", p, r.Retries().Failure, 1e-15)
	assertWithin(t, "errors", math.Exp(-6), r.ErrorRatio(), 1e-14)
	assertWithin(t, "attempts", 1+p+p*p, r.AttemptsMean(), 1e-14)
	assertWithin(t, "a success", 1-2*p/(1-p), r.Times().Success, 1e-13)
	// E[min(X, tau)] is 1-p for each attempt made.
	assertWithin(t, "time", (1+p+p*p)*(1-p)+p*0.5+p*p*1, r.TimeMean(), 1e-13)
	law := Latency{Mean: r.SuccessTimeMean(), Survival: r.SuccessSurvival, Steps: []float64{2, 2.5, 4.5, 5.5, 7.5}}
	assertWithin(t, "mean of the law", law.Mean, law.meanBeyond(0), 1e-12)
	assertWithin(t, "p99", 0.01, r.SuccessSurvival(r.SuccessQuantile(0.99)), 1e-12)
	assert.Zero(t, r.SuccessSurvival(7.5))
	r.Pauses.Jitter = FullJitter
	assert.Panics(t, func() { r.SuccessSurvival(1) })
}

// A time-out that nothing reaches changes nothing; retried for ever at no
// cost, exponential attempts that time out are as good as one that does not.
func TestTimedRetriesAtTheirLimits(t *testing.T) {
	call := LogNormalLatency(1, 2)
	r := TimedRetries{Call: call, Timeout: 1e6, Max: 3}
	assertWithin(t, "mean", 1, r.SuccessTimeMean(), 1e-12)
	assertWithin(t, "p99", call.Quantile(0.99), r.SuccessQuantile(0.99), 1e-12)
	r = TimedRetries{Call: ExponentialLatency(1), Timeout: 0.3, Max: 500}
	assertWithin(t, "mean", 1, r.SuccessTimeMean(), 1e-12)
	assertWithin(t, "P(T > 2)", math.Exp(-2), r.SuccessSurvival(2), 1e-12)
	hopeless := TimedRetries{Call: ConstantLatency(1), Timeout: 0.3, Max: 2}
	assert.Equal(t, 1.0, hopeless.ErrorRatio())
	assertWithin(t, "time", 0.9, hopeless.TimeMean(), 1e-15)
}
