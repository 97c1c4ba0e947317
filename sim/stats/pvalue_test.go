package stats

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// The paired test agrees with Student's distribution of another library, and
// rejects at 5 % exactly where the 95 % interval excludes zero.
func TestPairedPValueAgreesWithTheInterval(t *testing.T) {
	for _, shift := range []float64{0, 0.1, 0.5, 1.2, 3, 20} {
		values := []float64{shift + 0.3, shift - 0.9, shift + 1.1, shift - 0.2, shift + 0.4}
		p, ok := PairedPValue(values)
		require.True(t, ok)
		mean, deviation := stat.MeanStdDev(values, nil)
		judge := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: 4}
		assert.InEpsilon(t, 2*judge.CDF(-math.Abs(mean)/(deviation/math.Sqrt(5))), p, 1e-6, "shift %g", shift)
		_, half, _ := Interval(values)
		assert.Equal(t, math.Abs(mean) > half, p < 0.05, "shift %g", shift)
	}
}

// Welch's test rejects exactly where his interval excludes zero.
func TestUnpairedPValueAgreesWithTheInterval(t *testing.T) {
	a := []float64{1, 2, 4, 3}
	for _, shift := range []float64{0, 1, 2, 2.5, 3, 4, 9} {
		b := []float64{shift + 2, shift + 2.4, shift + 3.1, shift + 2.2, shift + 2.8, shift + 2.5}
		p, ok := UnpairedPValue(a, b)
		require.True(t, ok)
		mean, half, _ := UnpairedInterval(a, b)
		assert.Equal(t, math.Abs(mean) > half, p < 0.05, "shift %g: %g ± %g, p = %g", shift, mean, half, p)
	}
	// Ruxton's formula by hand: means 3 and 1, variances 1 and 1 of 3 each give
	// t = 2/√(2/3) = 2.449 with 4 degrees of freedom, p = 0.0705.
	p, _ := UnpairedPValue([]float64{2, 3, 4}, []float64{0, 1, 2})
	assert.InDelta(t, 0.0705, p, 0.0001)
}

func TestPValuesWithoutSpread(t *testing.T) {
	p, ok := PairedPValue([]float64{3, 3, 3})
	assert.True(t, ok)
	assert.Zero(t, p, "always the same difference")
	p, ok = PairedPValue([]float64{0, 0})
	assert.True(t, ok)
	assert.Equal(t, 1.0, p)
	_, ok = PairedPValue([]float64{3})
	assert.False(t, ok)
	_, ok = UnpairedPValue([]float64{3}, []float64{1, 2})
	assert.False(t, ok)
	p, ok = UnpairedPValue([]float64{3, 3}, []float64{1, 1})
	assert.True(t, ok)
	assert.Zero(t, p)
}
