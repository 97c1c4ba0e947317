package theory

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Oracle table A2.2, first part: percentiles from Talbot inversion of the
// Pollaczek-Khinchine transform in 30 digits. Service has mean 1.
func TestMPH1AgreesWithTheTable(t *testing.T) {
	for _, row := range []struct {
		name                         string
		rho                          float64
		service                      PhaseType
		w50, w95, w99, t50, t95, t99 float64
	}{
		{"Erlang-2", 0.8, Erlang(2, 1), 1.8183907, 10.242757, 16.130583, 2.8943043, 11.318038, 17.205864},
		{"Erlang-4", 0.8, Erlang(4, 1), 1.5502322, 8.4319071, 13.242206, 2.5942301, 9.4762188, 14.286518},
		{"H2", 0.7, Hyperexponential([]float64{0.3, 0.7}, []float64{2, 4.0 / 7}), 1.3497682, 13.141254, 21.458125, 2.5642192, 14.402566, 22.719437},
		{"H2", 0.7, Hyperexponential([]float64{0.1, 0.9}, []float64{5, 5.0 / 9}), 1.7837428, 27.252789, 45.29642, 2.9983063, 28.597404, 46.641036},
	} {
		q := MPH1{Lambda: row.rho, Service: row.service}
		assertTable(t, row.name+" W p50", row.w50, q.WaitQuantile(0.5))
		assertTable(t, row.name+" W p95", row.w95, q.WaitQuantile(0.95))
		assertTable(t, row.name+" W p99", row.w99, q.WaitQuantile(0.99))
		assertTable(t, row.name+" T p50", row.t50, q.ResponseQuantile(0.5))
		assertTable(t, row.name+" T p95", row.t95, q.ResponseQuantile(0.95))
		assertTable(t, row.name+" T p99", row.t99, q.ResponseQuantile(0.99))
	}
}

func TestMPH1MeansAreThoseOfMG1(t *testing.T) {
	laws := map[float64]PhaseType{ // by squared coefficient of variation
		0.25:     Erlang(4, 1),
		41.0 / 9: Hyperexponential([]float64{0.1, 0.9}, []float64{5, 5.0 / 9}),
	}
	for scv, service := range laws {
		for _, rho := range []float64{0.3, 0.7, 0.999} {
			phases, moments := MPH1{rho, service}, MG1{rho, 1, scv}
			assertWithin(t, "E[W]", moments.WaitMean(), phases.WaitMean(), 1e-10)
			assertWithin(t, "E[T]", moments.ResponseMean(), phases.ResponseMean(), 1e-10)
			assertWithin(t, "rho", rho, phases.Utilisation(), 1e-12)
		}
	}
}

func TestMPH1WithExponentialServiceIsMM1(t *testing.T) {
	phases, special := MPH1{0.8, Erlang(1, 1)}, MM1{0.8, 1}
	assertWithin(t, "P(W>9)", special.WaitSurvival(9), phases.WaitSurvival(9), 1e-12)
	assertWithin(t, "P(T>9)", special.ResponseSurvival(9), phases.ResponseSurvival(9), 1e-12)
	assertWithin(t, "W p99", special.WaitQuantile(0.99), phases.WaitQuantile(0.99), 1e-12)
	assert.Zero(t, phases.WaitQuantile(0.1))
}

func TestMPH1OverloadedHasNoSteadyState(t *testing.T) {
	q := MPH1{2, Erlang(2, 1)}
	for _, mean := range []float64{
		q.WaitMean(), q.ResponseMean(), q.WaitQuantile(0.5), q.ResponseQuantile(0.5),
	} {
		assert.Equal(t, math.Inf(1), mean)
	}
	assert.Equal(t, 1.0, q.Utilisation())
	assert.Equal(t, 1.0, q.WaitSurvival(10))
	assert.Equal(t, 1.0, q.ResponseSurvival(10))
}
