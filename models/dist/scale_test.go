package dist

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/sim"
)

// The same draw gives so many times as much, of every kind of law.
func TestScaledLawsGiveTheSameDrawsScaled(t *testing.T) {
	for name, law := range sampled(t) {
		a, b := sim.Named(1, 0, name, "test"), sim.Named(1, 0, name, "test")
		twice := Scale(law, 2)
		for range 100 {
			assert.Equal(t, 2*law.Sample(&a), twice.Sample(&b), name)
		}
		assert.Equal(t, 2*law.Mean(), twice.Mean(), name)
		assert.Equal(t, 4*law.Variance(), twice.Variance(), name)
		assert.Equal(t, law.CDF(law.Mean()), twice.CDF(2*law.Mean()), name)
	}
	assert.Nil(t, Scale(nil, 2))
	assert.Equal(t, Constant{6}, Scale(Constant{3}, 2), "a constant stays one, with its lane")
	assert.Equal(t, Exponential{6}, Scale(Exponential{3}, 2))
	looked := Scale(Trace{Column: "ms", Scale: 1e6, Shift: 5}, 2).(Trace)
	assert.InDelta(t, 2*Trace{Column: "ms", Scale: 1e6, Shift: 5}.Value(7), looked.Value(7), 0)
}
