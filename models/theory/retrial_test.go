package theory

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Oracle table A9, retrials.
func TestMM1RetrialAgreesWithTheTable(t *testing.T) {
	for _, row := range []struct{ lambda, theta, blocked, orbit, total float64 }{
		{0.6, 0.5, 0.6, 2.7, 5.5},
		{0.8, 0.5, 0.8, 9.6, 13},
		{0.8, 5, 0.8, 3.84, 5.8},
		{0.5, 0.1, 0.5, 5.5, 12},
	} {
		m := MM1Retrial{row.lambda, 1, row.theta}
		assertTable(t, "blocked", row.blocked, m.BlockingProbability())
		assertTable(t, "orbit", row.orbit, m.OrbitMean())
		assertTable(t, "total time", row.total, m.ResponseMean())
	}
	// Retried at once it is an M/M/1 queue.
	m := MM1Retrial{0.8, 1, 1e12}
	assertWithin(t, "at once", MM1{0.8, 1}.ResponseMean(), m.ResponseMean(), 1e-11)
	// A wait of 4.5, with an attempt every 2.
	assertWithin(t, "attempts", 3.25, MM1Retrial{0.6, 1, 0.5}.AttemptsMean(), 1e-14)
	assert.Equal(t, math.Inf(1), MM1Retrial{1, 1, 1}.ResponseMean())
	assert.Equal(t, 1.0, MM1Retrial{0, 1, 1}.ResponseMean())
}
