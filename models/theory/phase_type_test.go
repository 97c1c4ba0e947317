package theory

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Oracle table A4.1, second part: the response times of tandems of M/M/1
// queues.
func TestHypoexponentialAgreesWithTheTable(t *testing.T) {
	for _, row := range []struct {
		rates               []float64
		t50, t95, t99, t999 float64
	}{
		{[]float64{0.3, 0.5, 0.2}, 9.0225183, 22.46842, 30.83883, 42.514237},
		{[]float64{0.5, 1.5}, 2.1151536, 6.8016533, 10.021241, 14.62644},
	} {
		law := Hypoexponential(row.rates...)
		assertTable(t, "p50", row.t50, law.Quantile(0.5))
		assertTable(t, "p95", row.t95, law.Quantile(0.95))
		assertTable(t, "p99", row.t99, law.Quantile(0.99))
		assertTable(t, "p99.9", row.t999, law.Quantile(0.999))
	}
}

// Reference computed with 50 digits (mpmath): the upper incomplete gamma
// function.
func TestErlangKeepsItsDigitsInTheTail(t *testing.T) {
	law := Erlang(5, 5)
	assertWithin(t, "P(T>20)", 1.69447439301e-5, law.Survival(20), 1e-11)
	assertWithin(t, "mean", 5, law.Mean(), 1e-13)
	assertWithin(t, "P(T>300)", math.Exp(-300)*(1+300+45000+4.5e6+3.375e8), law.Survival(300), 1e-11)
}

func TestNearlyEqualRatesDoNotCancel(t *testing.T) {
	equal, nearly := Hypoexponential(1, 1, 1), Hypoexponential(1-1e-9, 1, 1+1e-9)
	assertWithin(t, "P(T>10)", equal.Survival(10), nearly.Survival(10), 1e-11)
}

func TestHyperexponentialWithRatesFarApart(t *testing.T) {
	law := Hyperexponential([]float64{0.01, 0.99}, []float64{100, 1e-4})
	assertWithin(t, "mean", 1.000099, law.Mean(), 1e-12)
	assertWithin(t, "P(T>200)", 0.01*math.Exp(-2), law.Survival(200), 1e-8)
	assertWithin(t, "p99.9", 100*math.Log(10), law.Quantile(0.999), 1e-8)
}

func TestSumOfPhaseTypesCarriesTheAtomAtZero(t *testing.T) {
	half := Hyperexponential([]float64{1}, []float64{1})
	half.initial[0] = 0.5 // otherwise 0
	sum := half.plus(Erlang(1, 2))
	assertWithin(t, "mean", 2.5, sum.Mean(), 1e-13)
	assertWithin(t, "P(T>0)", 1, sum.Survival(0), 1e-13)
	assert.Zero(t, half.Quantile(0.5))
}
