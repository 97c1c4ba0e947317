package stats

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// counting is 1, 2, …, n.
func counting(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i + 1)
	}
	return x
}

func TestTrendsThatArePrinted(t *testing.T) {
	// R. O. Gilbert 1987, page 212: Z = 3.1, with ties.
	gilbert := []float64{20, 20, 20, 20, 15, 20, 20, 30, 27, 26, 23, 35, 25, 28, 70, 26, 24, 34, 32, 23, 50, 30}
	got, ok := FindTrend(counting(len(gilbert)), gilbert)
	require.True(t, ok)
	assert.InDelta(t, 3.1, (float64(got.S)-1)/math.Sqrt(kendallVariance(gilbert)), 0.05)

	// The test of MannKendall.jl: 1 … 100.
	x := counting(100)
	got, _ = FindTrend(x, x)
	assert.Equal(t, 4950, got.S)
	assert.InDelta(t, 112750, kendallVariance(x), 0)
	z, p := significance(4950, 112750)
	assert.InDelta(t, 14.73869998208331, z, 1e-12)
	assert.Less(t, p, 1e-40)
	assert.InDelta(t, 1, got.Slope, 0)
	assert.Equal(t, [2]float64{1, 1}, [2]float64{got.Low, got.High})
	assert.InDelta(t, 500, got.At(500), 1e-9)
}

// Kendall's variance is that of S over all orders of the values: all of them
// are counted.
func TestTheVarianceIsThatOfAllOrders(t *testing.T) {
	for _, y := range [][]float64{{1, 2, 3, 4, 5, 6, 7}, {1, 1, 2, 3, 3, 3, 4}, {5, 5, 5, 5}} {
		sum, squares, count := 0, 0, 0
		permute(slices.Clone(y), 0, func(order []float64) {
			s := 0
			for i := range order {
				for j := i + 1; j < len(order); j++ {
					s += cmp.Compare(order[j], order[i])
				}
			}
			sum, squares, count = sum+s, squares+s*s, count+1
		})
		assert.Zero(t, sum)
		assert.InDelta(t, float64(squares)/float64(count), kendallVariance(y), 1e-9)
	}
}

func permute(y []float64, k int, visit func([]float64)) {
	if k == len(y) {
		visit(y)
		return
	}
	for i := k; i < len(y); i++ {
		y[k], y[i] = y[i], y[k]
		permute(y, k+1, visit)
		y[k], y[i] = y[i], y[k]
	}
}

// Of series without a trend one in twenty is taken for one, also where
// neighbours resemble each other, or not many more: with the variance of
// independent values it would be up to a half. Of those with one the interval of the slope holds it.
func TestFalseAlarmsAndIntervals(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	alarms := func(rho, slope float64) (plain, corrected, held float64) {
		const runs, n = 600, 100
		x := counting(n)
		for range runs {
			y, last := make([]float64, n), r.NormFloat64()
			for i := range y {
				y[i] = last + slope*x[i]
				last = rho*last + math.Sqrt(1-rho*rho)*r.NormFloat64()
			}
			got, ok := FindTrend(x, y)
			require.True(t, ok)
			if _, p := significance(got.S, kendallVariance(y)); p < 0.05 {
				plain++
			}
			if got.P < 0.05 {
				corrected++
			}
			if got.Low <= slope && slope <= got.High {
				held++
			}
		}
		return plain / runs, corrected / runs, held / runs
	}
	plain, corrected, held := alarms(0, 0)
	assert.InDelta(t, 0.05, plain, 0.03)
	assert.InDelta(t, 0.045, corrected, 0.03)
	assert.InDelta(t, 0.955, held, 0.03)

	for _, c := range []struct{ rho, plain float64 }{{0.2, 0.10}, {0.5, 0.24}, {0.8, 0.49}, {0.9, 0.62}, {0.95, 0.72}, {0.9999, 0.86}} {
		plain, corrected, _ = alarms(c.rho, 0)
		assert.InDelta(t, c.plain, plain, 0.06, "autocorrelation %v, not corrected", c.rho)
		assert.Less(t, corrected, 0.09, "autocorrelation %v", c.rho)
	}

	_, corrected, held = alarms(0, 0.02)
	assert.Greater(t, corrected, 0.95, "five sixths of what one observation varies by, over the whole")
	assert.InDelta(t, 0.955, held, 0.03)
}

// What leaks is a sum of what each request leaves: what is left of its slope
// wanders, and yet nothing is clearer.
func TestALeakIsATrend(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 50 {
		y, sum := make([]float64, 40), 0.0
		for i := range y {
			sum += 100 + 10*r.NormFloat64()
			y[i] = sum
		}
		got, ok := FindTrend(counting(40), y)
		require.True(t, ok)
		assert.Less(t, got.P, 1e-3)
		assert.InDelta(t, 100, got.Slope, 8)
	}
}

func TestTrendsThatCannotBeTold(t *testing.T) {
	_, ok := FindTrend(counting(9), counting(9))
	assert.False(t, ok)
	got, ok := FindTrend(counting(20), make([]float64, 20))
	assert.True(t, ok)
	assert.Equal(t, Trend{P: 1}, got, "what never changes has no trend")
	assert.Panics(t, func() { FindTrend(counting(12), counting(11)) })
	assert.Panics(t, func() { FindTrend(make([]float64, 12), counting(12)) })
}

// Holm 1979: with three tests at 5 %, 0.01 must lie below 0.05/3, 0.02 below
// 0.05/2, and what comes after one that does not is none either.
func TestHolmKeepsFalseAlarmsRareOverAllTests(t *testing.T) {
	assert.Equal(t, []bool{true, false, true}, Holm([]float64{0.02, 0.06, 0.01}, 0.05))
	assert.Equal(t, []bool{false, false, true}, Holm([]float64{0.03, 0.04, 0.01}, 0.05))
	assert.Equal(t, []bool{false, false}, Holm([]float64{0.03, 0.04}, 0.05))
	assert.Empty(t, Holm(nil, 0.05))
}
