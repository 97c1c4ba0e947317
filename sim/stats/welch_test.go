package stats

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"gonum.org/v1/gonum/stat/distuv"
)

func TestTwoSidedIsTwiceTheTailOfStudentsT(t *testing.T) {
	for _, df := range []float64{1, 4, 7.3, 30} {
		judge := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}
		for _, x := range []float64{0.5, 2, 6} {
			assert.InEpsilon(t, 2*judge.CDF(-x), TwoSided(x, df), 1e-9)
			assert.InEpsilon(t, 2*judge.CDF(-x), TwoSided(-x, df), 1e-9)
			assert.InEpsilon(t, x, Reach(TwoSided(x, df), df), 1e-6)
		}
	}
	assert.InDelta(t, 1, TwoSided(0, 4), 1e-12)
}

// An interval can be taken apart again: Welch from half-widths is Welch from
// the observations.
func TestWelchFromHalfWidthsIsWelchFromObservations(t *testing.T) {
	a, b := []float64{10, 12, 11, 15, 9}, []float64{14, 18, 13}
	wantMean, wantHalf, ok := UnpairedInterval(a, b)
	assert.True(t, ok)
	meanA, halfA, _ := Interval(a)
	meanB, halfB, _ := Interval(b)
	err, df := Welch(StandardErrorOf(halfA, 5), 4, StandardErrorOf(halfB, 3), 2)
	assert.InDelta(t, wantMean, meanB-meanA, 1e-12)
	assert.InDelta(t, wantHalf, Reach(0.05, df)*err, 1e-12)
	err, df = Welch(0, 4, 0, 4)
	assert.Zero(t, err)
	assert.True(t, math.IsInf(df, 1))
}
