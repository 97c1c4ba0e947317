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
	mean, half, ok := UnpairedInterval(a, b)
	if !ok {
		return math.NaN(), false
	}
	_, errorA, _ := standardError(a)
	_, errorB, _ := standardError(b)
	df := welchFreedom(errorA, errorB, len(a), len(b))
	return twoSided(mean, half/portable.StudentTQuantile(0.5+confidence/2, df), df), true
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
