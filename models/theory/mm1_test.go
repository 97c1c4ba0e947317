package theory

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Oracle table A1.1.
func TestMM1AgreesWithTheTable(t *testing.T) {
	for _, row := range []struct {
		queue                                          MM1
		rho, number, queueMean, waitMean, responseMean float64
		t50, t95, t99, t999, w95, w99                  float64
	}{
		{MM1{0.5, 1}, 0.5, 1, 0.5, 1, 2, 1.3862944, 5.9914645, 9.2103404, 13.815511, 4.6051702, 7.824046},
		{MM1{0.8, 1}, 0.8, 4, 3.2, 4, 5, 3.4657359, 14.978661, 23.025851, 34.538776, 13.862944, 21.910133},
		{MM1{0.9, 1}, 0.9, 9, 8.1, 9, 10, 6.9314718, 29.957323, 46.051702, 69.077553, 28.903718, 44.998097},
		{MM1{0.95, 1}, 0.95, 19, 18.05, 19, 20, 13.862944, 59.914645, 92.103404, 138.15511, 58.88878, 91.077538},
		{MM1{80, 100}, 0.8, 4, 3.2, 0.04, 0.05, 0.034657359, 0.14978661, 0.23025851, 0.34538776, 0.13862944, 0.21910133},
		{MM1{5, 8}, 0.625, 1.6666667, 1.0416667, 0.20833333, 0.33333333, 0.23104906, 0.99857742, 1.5350567, 2.3025851, 0.84190955, 1.3783889},
	} {
		q := row.queue
		assertTable(t, "rho", row.rho, q.Utilisation())
		assertTable(t, "L", row.number, q.NumberMean())
		assertTable(t, "Lq", row.queueMean, q.QueueMean())
		assertTable(t, "E[W]", row.waitMean, q.WaitMean())
		assertTable(t, "E[T]", row.responseMean, q.ResponseMean())
		assertTable(t, "T p50", row.t50, q.ResponseQuantile(0.5))
		assertTable(t, "T p95", row.t95, q.ResponseQuantile(0.95))
		assertTable(t, "T p99", row.t99, q.ResponseQuantile(0.99))
		assertTable(t, "T p99.9", row.t999, q.ResponseQuantile(0.999))
		assertTable(t, "W p95", row.w95, q.WaitQuantile(0.95))
		assertTable(t, "W p99", row.w99, q.WaitQuantile(0.99))
	}
}

// Bronson, Schaum's Outline of Operations Research, problems 23.3 and 23.14,
// and R. Gunther's PDQ demonstration mm1.R.
func TestMM1AgreesWithTextbooks(t *testing.T) {
	bronson3 := MM1{Lambda: 24, Mu: 30}
	assertWithin(t, "23.3 L", 4, bronson3.NumberMean(), 1e-12)
	assertWithin(t, "23.3 W", 1.0/6, bronson3.ResponseMean(), 1e-12)
	assertWithin(t, "23.3 p0", 0.2, 1-bronson3.Utilisation(), 1e-12)
	bronson14 := MM1{Lambda: 30, Mu: 40} // 1.5 minutes each
	assertWithin(t, "23.14 Lq", 2.25, bronson14.QueueMean(), 1e-12)
	assertWithin(t, "23.14 Wq", 4.5/60, bronson14.WaitMean(), 1e-12)
	assertWithin(t, "23.14 p0", 0.25, 1-bronson14.Utilisation(), 1e-12)
	pdq := MM1{Lambda: 75, Mu: 100}
	assertWithin(t, "mm1.R R", 0.04, pdq.ResponseMean(), 1e-12)
	assertWithin(t, "mm1.R L", 3, pdq.NumberMean(), 1e-12)
}

func TestMM1QuantilesInvertTheSurvivalFunctions(t *testing.T) {
	q := MM1{Lambda: 0.9, Mu: 1}
	assertWithin(t, "T", 1e-6, q.ResponseSurvival(q.ResponseQuantile(1-1e-6)), 1e-9)
	assertWithin(t, "W", 0.01, q.WaitSurvival(q.WaitQuantile(0.99)), 1e-12)
	assert.Zero(t, q.WaitQuantile(0.1))
}

func TestMM1WithoutArrivalsOnlyServes(t *testing.T) {
	q := MM1{Lambda: 0, Mu: 4}
	assert.Equal(t, 0.25, q.ResponseMean())
	assert.Zero(t, q.WaitMean())
	assert.Zero(t, q.WaitQuantile(0.999))
	assert.Zero(t, q.NumberMean())
}

func TestMM1OverloadedHasNoSteadyState(t *testing.T) {
	for _, lambda := range []float64{1, 2} {
		q := MM1{Lambda: lambda, Mu: 1}
		for _, mean := range []float64{
			q.NumberMean(), q.QueueMean(), q.WaitMean(), q.ResponseMean(),
			q.ResponseQuantile(0.5), q.WaitQuantile(0.5),
		} {
			assert.Equal(t, math.Inf(1), mean)
		}
		assert.Equal(t, 1.0, q.Utilisation())
		assert.Equal(t, 1.0, q.ResponseSurvival(100))
	}
}
