package theory

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// transform integrates s e^(-st) P(A > t), which is 1 - A*(s).
func transform(law Latency, s float64) float64 {
	return integrateAll(func(t float64) float64 { return s * math.Exp(-s*t) * law.Survival(t) }, math.Min(law.Mean, 1/s), law.Steps...)
}

func TestInterarrivalTransformsAreThoseOfTheirLaws(t *testing.T) {
	uniform := Latency{Mean: 2, Steps: []float64{1, 3}, Survival: func(t float64) float64 {
		return math.Min(1, math.Max(0, (3-t)/2))
	}}
	for _, s := range []float64{1e-9, 1e-4, 0.01, 0.3, 2, 50} {
		assertWithin(t, "lognormal", transform(LogNormalLatency(2, 0.5), s), LogNormalArrivals(2, 0.5).Complement(s), 1e-11)
		assertWithin(t, "wide lognormal", transform(LogNormalLatency(2, 3), s), LogNormalArrivals(2, 3).Complement(s), 1e-11)
		assertWithin(t, "uniform", transform(uniform, s), UniformArrivals(1, 3).Complement(s), 1e-11)
		assertWithin(t, "Erlang", ErlangArrivals(3, 2).Complement(s), GammaArrivals(3, 2).Complement(s), 1e-14)
	}
	// Half a uniform law: the two forms meet at the width where one takes over.
	for _, s := range []float64{0.999e-3, 1.001e-3} {
		assertWithin(t, "uniform from 0", -math.Expm1(-s/2+s*s/24), UniformArrivals(0, 1).Complement(s), 1e-9)
	}
	assert.Panics(t, func() { UniformArrivals(2, 2) })
}

// Near saturation 1-sigma tends to 2(1-rho)/(1+cv^2) (Kingman 1962).
func TestInterarrivalLawsNearSaturation(t *testing.T) {
	const gap = 1e-7
	for _, row := range []struct {
		law InterarrivalLaw
		scv float64
	}{
		{GammaArrivals(0.5, 1/(1-gap)), 2},
		{LogNormalArrivals(1/(1-gap), 1.5), 2.25},
		{UniformArrivals(0, 2/(1-gap)), 1.0 / 3},
	} {
		assertWithin(t, "1-sigma", 2*gap/(1+row.scv), 1/GIM1{row.law, 1}.ResponseMean(), 1e-5)
	}
}

// Oracle section A2.5: an arrival finds the server busy with probability
// sigma, where over time it is busy for rho.
func TestGIM1LawsOverTimeAndAtArrivals(t *testing.T) {
	q := GIM1{ConstantArrivals(1 / 0.8), 1}
	number, queue, sum, found := 0.0, 0.0, 0.0, 0.0
	for n := -1; n < 400; n++ {
		p := q.NumberProbability(n)
		sum += p
		number += float64(n) * p
		queue += math.Max(0, float64(n-1)) * p
		found += q.ArrivalNumberProbability(n)
	}
	assertWithin(t, "law", 1, sum, 1e-13)
	assertWithin(t, "law at arrivals", 1, found, 1e-13)
	assertWithin(t, "L", q.NumberMean(), number, 1e-12)
	assertWithin(t, "Lq", q.QueueMean(), queue, 1e-12)
	assertTable(t, "busy, to an arrival", 0.6286298, 1-q.ArrivalNumberProbability(0))
	assertWithin(t, "busy", 0.8, 1-q.NumberProbability(0), 1e-14)
	assertWithin(t, "W p99", 0.01, q.WaitSurvival(q.WaitQuantile(0.99)), 1e-13)
	assertWithin(t, "P(W > 0)", q.WaitProbability(), q.WaitSurvival(0), 1e-15)
	over := GIM1{ConstantArrivals(1), 1}
	assert.Equal(t, math.Inf(1), over.QueueMean())
	assert.Zero(t, over.NumberProbability(3))
	assert.Equal(t, 1.0, over.WaitSurvival(3))
	poisson := GIM1{GammaArrivals(1, 1/0.8), 1}
	assertWithin(t, "Poisson", 0.2*0.8*0.8, poisson.NumberProbability(2), 1e-12)
}
