package stats

import (
	"math"

	"github.com/capsim/capsim/sim/portable"
)

// confidence is the probability with which an interval holds the truth.
const confidence = 0.95

// Interval returns the mean of independent observations, one of each
// replication, and the half-width of its 95 % confidence interval by
// Student's t distribution. ok is false with fewer than two observations:
// then half is NaN, and with none the mean too.
func Interval(values []float64) (mean, half float64, ok bool) {
	n := float64(len(values))
	if len(values) == 0 {
		return math.NaN(), math.NaN(), false
	}
	// Relative to the first value, so that equal values have exactly their
	// own mean and no spread.
	first, sum := values[0], 0.0
	for _, v := range values {
		sum += v - first
	}
	mean = first + sum/n
	if len(values) == 1 {
		return mean, math.NaN(), false
	}
	squares := 0.0
	for _, v := range values {
		squares += float64((v - mean) * (v - mean))
	}
	t := portable.StudentTQuantile(0.5+confidence/2, n-1)
	return mean, float64(t * math.Sqrt(squares/(n-1)/n)), true
}

// PairedInterval is [Interval] for the differences a[i] - b[i]: of designs
// that met the same customers in replication i. It panics if the numbers of
// replications differ.
func PairedInterval(a, b []float64) (mean, half float64, ok bool) {
	if len(a) != len(b) {
		panic("stats: paired samples differ in length")
	}
	differences := make([]float64, len(a))
	for i := range a {
		differences[i] = a[i] - b[i]
	}
	return Interval(differences)
}

// UnpairedInterval is the difference of the means of b and a and the
// half-width of its 95 % confidence interval where the two have nothing to do
// with each other, and may vary by different amounts: B. L. Welch, "The
// generalization of Student's problem when several different population
// variances are involved", Biometrika 34, 1947. ok is false unless both have
// two observations; then half is NaN.
func UnpairedInterval(a, b []float64) (mean, half float64, ok bool) {
	meanA, errorA, okA := standardError(a)
	meanB, errorB, okB := standardError(b)
	mean = meanB - meanA
	if !okA || !okB {
		return mean, math.NaN(), false
	}
	err, df := Welch(errorA, float64(len(a)-1), errorB, float64(len(b)-1))
	if err == 0 {
		return mean, 0, true
	}
	return mean, float64(Reach(1-confidence, df) * err), true
}

// standardError returns the mean of observations and its standard error.
func standardError(values []float64) (mean, err float64, ok bool) {
	mean, half, ok := Interval(values)
	if !ok {
		return mean, half, false
	}
	return mean, StandardErrorOf(half, len(values)), true
}
