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
