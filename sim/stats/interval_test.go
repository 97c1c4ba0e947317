package stats

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Darwin's maize (R. A. Fisher, The Design of Experiments, 1935, section
// 17): 15 differences in height between crossed and self-fertilised plants,
// in eighths of an inch. Fisher gives the mean as 20.933 and its standard
// error as 9.746; t of 14 degrees of freedom is 2.145.
func TestIntervalOfDarwinsMaize(t *testing.T) {
	differences := []float64{49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48}
	mean, half, ok := Interval(differences)
	assert.True(t, ok)
	assert.InDelta(t, 20.933, mean, 0.0005)
	assert.InDelta(t, 9.746*2.14479, half, 0.002)

	selfed := make([]float64, len(differences))
	crossed := make([]float64, len(differences))
	for i, d := range differences {
		selfed[i] = float64(100 + 7*i)
		crossed[i] = selfed[i] + d
	}
	pairedMean, pairedHalf, ok := PairedInterval(crossed, selfed)
	assert.True(t, ok)
	assert.Equal(t, mean, pairedMean)
	assert.Equal(t, half, pairedHalf)
}

func TestIntervalNeedsTwoValues(t *testing.T) {
	mean, half, ok := Interval(nil)
	assert.False(t, ok)
	assert.True(t, math.IsNaN(mean) && math.IsNaN(half))

	mean, half, ok = Interval([]float64{7})
	assert.False(t, ok)
	assert.Equal(t, 7.0, mean)
	assert.True(t, math.IsNaN(half))

	// t of 1 degree of freedom is 12.7062, s/√2 is ½.
	mean, half, ok = Interval([]float64{1, 2})
	assert.True(t, ok)
	assert.Equal(t, 1.5, mean)
	assert.InDelta(t, 6.3531, half, 1e-4)
}

func TestIntervalOfEqualValuesHasNoWidth(t *testing.T) {
	values := make([]float64, 20)
	for i := range values {
		values[i] = 0.1
	}
	mean, half, ok := Interval(values)
	assert.True(t, ok)
	assert.Equal(t, 0.1, mean)
	assert.Zero(t, half)
}

// A large mean over a small spread would lose the spread in the difference
// of two sums.
func TestIntervalIsAccurateFarFromZero(t *testing.T) {
	values, shifted := make([]float64, 100), make([]float64, 100)
	for i := range values {
		values[i] = float64(i%7) / 1024
		shifted[i] = values[i] + 1<<30
	}
	mean, half, _ := Interval(values)
	shiftedMean, shiftedHalf, _ := Interval(shifted)
	assert.InDelta(t, mean, shiftedMean-1<<30, 1e-6)
	assert.InEpsilon(t, half, shiftedHalf, 1e-6)
}

// 95 % of the intervals hold the truth; 4000 of them, within 4 standard
// errors of the binomial.
func TestIntervalHoldsTheTruthAsOftenAsItSays(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	const studies, replications = 4000, 5
	held := 0
	for range studies {
		var values [replications]float64
		for i := range values {
			values[i] = 10 + 3*r.NormFloat64()
		}
		if mean, half, _ := Interval(values[:]); math.Abs(mean-10) <= half {
			held++
		}
	}
	assert.InDelta(t, 0.95, float64(held)/studies, 4*math.Sqrt(0.95*0.05/studies))
}

func TestPairedIntervalPanicsOnUnequalLengths(t *testing.T) {
	assert.Panics(t, func() { PairedInterval([]float64{1, 2}, []float64{1}) })
}

// Two samples of R's documentation of t.test, extra sleep by two drugs (A. R.
// Cushny and A. R. Peebles 1905): t.test(extra ~ group) gives an interval of
// (-3.3654832, 0.2054832) with 17.776 degrees of freedom.
func TestUnpairedIntervalOfStudentsSleepData(t *testing.T) {
	first := []float64{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0}
	second := []float64{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4}
	mean, half, ok := UnpairedInterval(first, second)
	assert.True(t, ok)
	assert.InDelta(t, 1.58, mean, 1e-12)
	assert.InDelta(t, (3.3654832+0.2054832)/2, half, 1e-6)

	mean, half, ok = UnpairedInterval([]float64{2, 2}, []float64{5, 5, 5})
	assert.True(t, ok)
	assert.Equal(t, 3.0, mean)
	assert.Zero(t, half)

	_, half, ok = UnpairedInterval([]float64{2}, []float64{5, 6})
	assert.False(t, ok)
	assert.True(t, math.IsNaN(half))
}
