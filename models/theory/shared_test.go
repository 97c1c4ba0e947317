package theory

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Oracle table A2.6.
func TestProcessorSharingAgreesWithTheTable(t *testing.T) {
	for _, row := range []struct{ rho, response, number, variance float64 }{
		{0.5, 2, 1, 6.6666667},
		{0.7, 3.3333333, 2.3333333, 23.076923},
		{0.8, 5, 4, 58.333333},
		{0.9, 10, 9, 263.63636},
	} {
		m := MM1{Lambda: row.rho, Mu: 1}
		assertTable(t, "E[T]", row.response, m.ResponseMean())
		assertTable(t, "L", row.number, m.NumberMean())
		assertTable(t, "Var T", row.variance, math.Pow(m.SharedResponseDeviation(), 2))
		assertTable(t, "E[T | S = 3]", 3*row.response, MG1{Lambda: row.rho, Mean: 1, SCV: 4}.SharedResponseMeanOf(3))
	}
	assert.True(t, math.IsInf(MM1{Lambda: 1, Mu: 1}.SharedResponseDeviation(), 1))
	assert.True(t, math.IsInf(MG1{Lambda: 1, Mean: 1}.SharedResponseMeanOf(1), 1))
}

// Ciw's tests of its processor sharing (commit 05f17273): M/M/1 and M/M/3.
func TestProcessorSharingAgreesWithCiw(t *testing.T) {
	assertTable(t, "3, 5", 0.5, MM1{3, 5}.ResponseMean())
	assertTable(t, "4, 5", 1, MM1{4, 5}.ResponseMean())
	for n, p := range []float64{.4321329639889196, .3601108033240997, .1500461680517082, .041679491125474505, .011577636423742918} {
		assert.InDelta(t, p, MMc{Lambda: 10, Mu: 12, C: 3}.NumberProbability(n), 1e-14)
	}
}

// The busy period decides how long one waits who is overtaken by all that come
// later: the moments of the wait, from those of the busy period that begins
// with the rest of a service, by numbers.
func TestServingTheLastFirstSpreadsTheWait(t *testing.T) {
	const lambda, mu = 0.6, 1.0
	m := MM1{Lambda: lambda, Mu: mu}
	// With probability rho one waits for a busy period, which has the mean
	// 1/(mu-lambda) and the second moment 2 mu/(mu-lambda)^3.
	second := lambda / mu * 2 * mu / math.Pow(mu-lambda, 3)
	first := lambda / mu / (mu - lambda)
	assert.InDelta(t, first, m.WaitMean(), 1e-12)
	assert.InDelta(t, second-first*first+1/(mu*mu), math.Pow(m.LastFirstResponseDeviation(), 2), 1e-12)
	assert.True(t, math.IsInf(MM1{Lambda: 2, Mu: 1}.LastFirstResponseDeviation(), 1))
}

// Oracle table A14.1, and Gunther's figures as the R package usl has them
// (CRAN, tests/coef.R and tests/peak-scalability.R).
func TestScalabilityAgreesWithTheTable(t *testing.T) {
	for _, row := range []struct {
		law  Scalability
		at   []float64 // of 1, 2, 4, … cores
		peak float64
	}{
		{Scalability{0.02, 0.02}, []float64{1, 1.8867925, 3.0769231, 3.539823, 2.6229508, 1.4911463, 0.77201448}, 7},
		{Scalability{0.05, 0}, []float64{1, 1.9047619, 3.4782609, 5.9259259, 9.1428571, 12.54902, 15.421687}, math.Inf(1)},
		{Scalability{0.05, 0.0005}, []float64{1, 1.9029496, 3.4602076, 5.8055152, 8.5561497, 10.505581, 10.3795}, 43.588989},
		{Scalability{0.1, 0.001}, []float64{1, 1.814882, 3.0487805, 4.5558087, 5.8394161, 6.2843676, 5.6477233}, 30},
		{Scalability{0, 0}, []float64{1, 2, 4, 8, 16, 32, 64}, math.Inf(1)},
		{Scalability{0.03, 0.0001}, []float64{1, 1.9413706, 3.6656891, 6.5811122, 10.854817, 15.769761, 19.433985}, 98.488578},
	} {
		for i, want := range row.at {
			assertTable(t, "C(n)", want, row.law.Capacity(math.Pow(2, float64(i))))
		}
		if math.IsInf(row.peak, 1) {
			assert.True(t, math.IsInf(row.law.Peak(), 1))
		} else {
			assertTable(t, "peak", row.peak, row.law.Peak())
		}
	}
	for n, want := range map[float64]float64{1: 1, 2: 1.8868, 4: 3.0769, 6: 3.5294, 8: 3.5398, 10: 3.3557} {
		assert.InDelta(t, want, Scalability{0.02, 0.02}.Capacity(n), 5e-5)
	}
	assert.InDelta(t, 316.0696, Scalability{0.001, 1e-5}.Peak(), 5e-5)
}
