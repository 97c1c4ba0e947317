package theory

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Oracle table A1.8, from the Kolmogorov equations.
func TestMM1FillsUpAsTheTable(t *testing.T) {
	times := []float64{1, 2, 5, 10, 20, 50, 100, 200}
	for _, row := range []struct {
		queue MM1
		want  [8]float64
	}{
		{MM1{0.5, 1}, [8]float64{0.33474467, 0.50812434, 0.75108328, 0.89594247, 0.97484582, 0.99924185, 0.99999545, 1}},
		{MM1{0.8, 1}, [8]float64{0.55155186, 0.87758383, 1.4694608, 2.0302816, 2.6476349, 3.405039, 3.7918727, 3.9629823}},
		{MM1{0.9, 1}, [8]float64{0.62614254, 1.0099521, 1.7521833, 2.5306951, 3.5197096, 5.1224797, 6.4439209, 7.6518072}},
	} {
		for i, at := range times {
			// The table's differential equations were solved to 1e-7.
			assertWithin(t, "E[N]", row.want[i], row.queue.NumberMeanAt(at), 2e-7)
		}
	}
}

func TestMM1StartsEmptyAndEndsInSteadyState(t *testing.T) {
	q := MM1{Lambda: 1, Mu: 2}
	assert.Zero(t, q.NumberMeanAt(0))
	assertWithin(t, "first arrivals", 1e-6, q.NumberMeanAt(1e-6), 1e-5)
	assertWithin(t, "steady state", q.NumberMean(), q.NumberMeanAt(500), 1e-12)
}

func TestMM1OverloadedGrowsAtTheExcessRate(t *testing.T) {
	q := MM1{Lambda: 3, Mu: 1}
	assertWithin(t, "growth", 2, (q.NumberMeanAt(60)-q.NumberMeanAt(50))/10, 1e-9)
}
