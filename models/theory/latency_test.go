package theory

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The mean of each law is the integral of its survival function.
func TestLatencyMeansAreTheIntegralsOfTheirSurvival(t *testing.T) {
	for name, law := range map[string]Latency{
		"exponential": ExponentialLatency(3),
		"constant":    ConstantLatency(3),
		"Erlang":      ErlangLatency(4, 3),
		"lognormal":   LogNormalLatency(3, 2),
		"wide":        LogNormalLatency(3, 10),
		"mixture":     MixedLatency([]float64{0.99, 0.01}, []Latency{ExponentialLatency(0.01), LogNormalLatency(1, 1)}),
		"two steps":   MixedLatency([]float64{0.9, 0.1}, []Latency{ConstantLatency(1), ConstantLatency(20)}),
		"M/M/2":       {Mean: MMc{1, 1, 2}.ResponseMean(), Survival: MMc{1, 1, 2}.ResponseSurvival},
	} {
		assertWithin(t, name, law.Mean, law.meanBeyond(0), 1e-12)
		assertWithin(t, name+" to half its mean and on", law.Mean, law.meanUpTo(law.Mean/2)+law.meanBeyond(law.Mean/2), 1e-12)
		assertWithin(t, name+" to twice its mean", law.Mean, law.meanUpTo(2*law.Mean)+law.meanBeyond(2*law.Mean), 1e-12)
		assert.Equal(t, 1.0, law.Survival(0), name)
	}
}

func TestLatencyQuantiles(t *testing.T) {
	assertWithin(t, "exponential", 3*math.Log(100), ExponentialLatency(3).Quantile(0.99), 1e-13)
	assertWithin(t, "constant", 3, ConstantLatency(3).Quantile(0.5), 1e-13)
	assertWithin(t, "Erlang", Erlang(4, 6).Quantile(0.99), ErlangLatency(4, 6).Quantile(0.99), 1e-12)
	// The median of a lognormal law is mean/sqrt(1+cv^2).
	assertWithin(t, "lognormal", 1/math.Sqrt(5), LogNormalLatency(1, 2).Quantile(0.5), 1e-13)
	steps := MixedLatency([]float64{0.9, 0.1}, []Latency{ConstantLatency(1), ConstantLatency(20)})
	assertWithin(t, "below the step", 1, steps.Quantile(0.89), 1e-13)
	assertWithin(t, "above the step", 20, steps.Quantile(0.91), 1e-13)
}

func TestIntegralsOfKnownValue(t *testing.T) {
	assertWithin(t, "half a wave", 2, integrate(math.Sin, 0, math.Pi), 1e-14)
	assertWithin(t, "a root at the end", 2.0/3, integrate(math.Sqrt, 0, 1), 1e-14)
	assertWithin(t, "a tail", math.Exp(-2), integrateTail(func(x float64) float64 { return math.Exp(-x) }, 2, 1), 1e-14)
	assert.Zero(t, integrate(math.Sin, 1, 1))
}
