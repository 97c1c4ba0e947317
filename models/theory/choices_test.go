package theory

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Table A5.2 of ORACLES.md, which an independent program computed.
func TestPowerOfChoices(t *testing.T) {
	for _, c := range []struct {
		lambda             float64
		mean               [4]float64 // of 1, 2, 3 and 5 choices
		median, p99, p99p9 float64    // of 2
	}{
		{0.5, [4]float64{2, 1.265686, 1.1252441, 1.03125}, 0.90158686, 5.5753628, 8.1813995},
		{0.7, [4]float64{3.3333333, 1.6144538, 1.3568422, 1.1680925}, 1.214112, 6.5606995, 9.3661226},
		{0.9, [4]float64{10, 2.6140574, 2.027856, 1.6328812}, 2.2018724, 8.7909702, 11.931616},
		{0.99, [4]float64{100, 5.4319966, 3.8578465, 2.9016828}, 5.1021594, 13.496775, 17.146565},
	} {
		for i, d := range []int{1, 2, 3, 5} {
			assert.InEpsilon(t, c.mean[i], PowerOfChoices{D: d, Lambda: c.lambda, Mu: 1}.ResponseMean(), 1e-6)
			assert.InEpsilon(t, c.mean[i]/50, PowerOfChoices{D: d, Lambda: 50 * c.lambda, Mu: 50}.ResponseMean(), 1e-6)
		}
		m := PowerOfChoices{D: 2, Lambda: c.lambda, Mu: 1}
		for q, want := range map[float64]float64{0.5: c.median, 0.99: c.p99, 0.999: c.p99p9} {
			assert.InEpsilon(t, want, m.ResponseQuantile(q), 1e-6)
		}
	}
	assert.InEpsilon(t, 3.3333333, MM1{Lambda: 0.7, Mu: 1}.ResponseMean(), 1e-6, "one choice is none")
}

// Ciw 3.2.7, docs, join-shortest-queue: the Markov chain solved (PUB 6 of
// ORACLES.md). With exponential work it does not matter that they share their
// processors.
func TestJSQOfCiw(t *testing.T) {
	m, err := NewJSQ(3, 8, 10)
	assert.NoError(t, err)
	for n, want := range []float64{0.443243, 0.354595, 0.144564, 0.041834} {
		assert.InDelta(t, want, m.NumberProbability(n), 1e-6)
	}
	assert.InEpsilon(t, 0.104755, m.ResponseMean(), 1e-5)
}
