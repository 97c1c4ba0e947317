package theory

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Oracle section A13: 80/s onto 100/s, 130/s for a minute.
func TestFluidOverloadAgreesWithTheExample(t *testing.T) {
	f := FluidOverload{Base: 80, Peak: 130, Capacity: 100, Duration: 60}
	assertWithin(t, "backlog", 1800, f.BacklogMax(), 1e-15)
	assertWithin(t, "delay", 18, f.DelayMax(), 1e-15)
	assertWithin(t, "drain", 90, f.DrainTime(), 1e-15)
	assertWithin(t, "mean delay", 9, f.DelayMean(), 1e-15)
	assertWithin(t, "area", 1800*150/2, f.BacklogArea(), 1e-15)
	assertWithin(t, "area by its curve", f.BacklogArea(), integrate(f.BacklogAt, 0, 60)+integrate(f.BacklogAt, 60, 150), 1e-13)
	assert.Zero(t, f.BacklogAt(151))
	assert.Zero(t, f.BacklogAt(-1))
}

// Oracle section A10: a backlog of messages.
func TestDrainAgreesWithTheExamples(t *testing.T) {
	assertWithin(t, "6000", 300, Drain(6000, 80, 100), 1e-15)
	assertWithin(t, "10000", 200, Drain(10000, 0, 50), 1e-15)
	assert.Equal(t, math.Inf(1), Drain(1, 5, 5))
	assert.Zero(t, Drain(0, 5, 5))
}

func TestFluidOverloadAtItsLimits(t *testing.T) {
	stuck := FluidOverload{Base: 100, Peak: 130, Capacity: 100, Duration: 60}
	assert.Equal(t, math.Inf(1), stuck.DrainTime())
	assert.Equal(t, math.Inf(1), stuck.BacklogArea())
	assert.Equal(t, math.Inf(1), stuck.DelayMean())
	none := FluidOverload{Base: 100, Peak: 100, Capacity: 100, Duration: 60}
	assert.Zero(t, none.BacklogArea())
	assert.Zero(t, none.DelayMean())
	assert.Panics(t, func() { FluidOverload{Base: 1, Peak: 2, Capacity: 3}.BacklogMax() })
}

// Oracle table A13, a step of overload in a queue started empty.
func TestMMctAgreesWithTheTable(t *testing.T) {
	for _, row := range []struct {
		base, peak    float64
		c             int
		from, lasts   float64
		number, queue [6]float64
	}{
		{0.5, 1.5, 1, 20, 20, [6]float64{0.974846, 7.1518, 12.3558, 7.9928, 4.90609, 1.21588}, [6]float64{0.478135, 6.18742, 11.3668, 7.11699, 4.16268, 0.698811}},
		{6, 14, 10, 20, 10, [6]float64{6.15194, 28.8056, 48.8625, 29.5563, 15.2904, 6.16471}, [6]float64{0.151946, 18.8384, 38.8651, 20.0044, 7.24016, 0.159604}},
		{2, 5, 4, 10, 30, [6]float64{2.16898, 20.6212, 35.8793, 11.1491, 3.08983, 2.17391}, [6]float64{0.171283, 16.6569, 31.8865, 8.06588, 0.924115, 0.173913}},
	} {
		m := MMct{Steps: []RateStep{{row.base, row.from}, {row.peak, row.lasts}, {Lambda: row.base}}, Mu: 1, C: row.c}
		for i, part := range []float64{0, 0.5, 1, 1.5, 2, 4} {
			at := row.from + part*row.lasts
			assertWithin(t, "L", row.number[i], m.NumberMeanAt(at), 5e-6)
			assertWithin(t, "Lq", row.queue[i], m.QueueMeanAt(at), 5e-6)
		}
	}
}

func TestMMctAtItsLimits(t *testing.T) {
	one := MMct{Steps: []RateStep{{Lambda: 0.8}}, Mu: 1, C: 1}
	assertWithin(t, "from empty", MM1{0.8, 1}.NumberMeanAt(20), one.NumberMeanAt(20), 1e-13)
	many := MMct{Steps: []RateStep{{Lambda: 3.5}}, Mu: 1, C: 5}
	long := MMc{3.5, 1, 5}
	assertWithin(t, "in the end", long.NumberMean(), many.NumberMeanAt(400), 1e-11)
	assertWithin(t, "in the end, waiting", long.WaitProbability(), many.WaitProbabilityAt(400), 1e-11)
	assert.Zero(t, many.NumberMeanAt(0))
	// With a server for everybody a step is followed exponentially.
	wide := MMct{Steps: []RateStep{{2, 3}, {Lambda: 0}}, Mu: 1, C: 60}
	assertWithin(t, "a server each", 2*(1-math.Exp(-3))*math.Exp(-2), wide.NumberMeanAt(5), 1e-12)
}
