package theory

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestShortestLag(t *testing.T) {
	exponential := func(t float64) float64 { return math.Exp(-t / 0.02) }
	for n := 1; n <= 5; n++ {
		assert.InDelta(t, 0.02/float64(n), ShortestLag(n, exponential, 1e-6), 1e-8, "the minimum of exponentials")
	}
	fixed := func(t float64) float64 {
		if t < 0.03 {
			return 1
		}
		return 0
	}
	uniform := func(t float64) float64 { return max(0, 1-t) }
	assert.InDelta(t, 0.03, ShortestLag(3, fixed, 1e-6), 1e-6)
	assert.InDelta(t, 1.0/4, ShortestLag(3, uniform, 1e-5), 1e-5, "the first of three")
}

func TestStandby(t *testing.T) {
	assert.InDelta(t, 1.0/11, Standby(100, 4, 6), 1e-15)
	assert.Zero(t, Standby(100, 0, 0))
	assert.InDelta(t, 10, Outage(1e12, 4, 6), 1e-3, "nobody is repaired in time")
	assert.InDelta(t, 1e-6, Outage(1e-6, 4, 6), 1e-15, "everybody is")
	assert.InDelta(t, 2*(1-math.Exp(-1))+3*math.Exp(-1), Outage(2, 2, 3), 1e-15)
}
