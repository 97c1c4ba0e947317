package stats

import (
	"math"

	"github.com/capsim/capsim/sim/portable"
)

// TwoSided is the probability that noise alone moves a difference at least so
// many standard errors away from zero, to either side (Student's t).
func TwoSided(errors, df float64) float64 {
	return min(1, 2*portable.StudentTCDF(-math.Abs(errors), df))
}

// Reach is how many standard errors a difference must be away from zero for
// TwoSided to be at most p.
func Reach(p, df float64) float64 {
	return portable.StudentTQuantile(1-float64(p/2), df)
}

// StandardErrorOf is the standard error behind an interval of so many
// observations: what [Interval] made the half-width from. n is at least 2.
func StandardErrorOf(half float64, n int) float64 {
	return half / portable.StudentTQuantile(0.5+confidence/2, float64(n-1))
}

// Welch is the standard error of the difference of two means that have nothing
// to do with each other, and its degrees of freedom (see [UnpairedInterval]).
// Without any error there is no doubt: infinitely many.
func Welch(errA, dfA, errB, dfB float64) (err, df float64) {
	varA, varB := float64(errA*errA), float64(errB*errB)
	if varA+varB == 0 {
		return 0, math.Inf(1)
	}
	// In shares of the whole, which neither overflow nor vanish.
	shareA, shareB := varA/(varA+varB), varB/(varA+varB)
	df = 1 / (float64(shareA*shareA)/dfA + float64(shareB*shareB)/dfB)
	return math.Sqrt(varA + varB), max(df, 1)
}
