package stats

import (
	"math"

	"github.com/capsim/capsim/sim/portable"
)

// PairedPValue is the chance of differences as far from zero as these, one of
// each replication, where there is none in truth: Student's t test of both
// sides. ok is false with fewer than two.
func PairedPValue(differences []float64) (p float64, ok bool) {
	mean, err, ok := standardError(differences)
	if !ok {
		return math.NaN(), false
	}
	return twoSided(mean, err, float64(len(differences)-1)), true
}

// UnpairedPValue is the same of the difference of two means by Welch's test:
// see [UnpairedInterval].
func UnpairedPValue(a, b []float64) (p float64, ok bool) {
	meanA, errorA, okA := standardError(a)
	meanB, errorB, okB := standardError(b)
	if !okA || !okB {
		return math.NaN(), false
	}
	err, df := Welch(errorA, float64(len(a)-1), errorB, float64(len(b)-1))
	return twoSided(meanB-meanA, err, df), true
}

// twoSided is the chance of a mean so many standard errors from zero.
func twoSided(mean, err, df float64) float64 {
	switch {
	case mean == 0:
		return 1
	case err == 0:
		return 0
	}
	return min(2*portable.StudentTCDF(-math.Abs(mean)/err, df), 1)
}
