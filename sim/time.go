package sim

// Time is a moment or a span of simulated time in nanoseconds. Time 0 is the
// start of the measured window; the warm-up lies before it.
type Time int64

// Units of time.
const (
	Nanosecond  Time = 1
	Microsecond      = 1000 * Nanosecond
	Millisecond      = 1000 * Microsecond
	Second           = 1000 * Millisecond
)

// Never is later than any moment that a simulation reaches.
const Never Time = 1<<63 - 1

// Seconds returns t in seconds.
func (t Time) Seconds() float64 { return float64(t) / 1e9 }

// FromNanoseconds rounds a sampled number of nanoseconds to the nearest
// Time. What is negative or not a number becomes 0, what is too large a
// hundred years: conversions of floats out of range differ between
// processors.
func FromNanoseconds(ns float64) Time {
	const century = 3_155_760_000 * Second
	if !(ns > 0) {
		return 0
	}
	if ns >= float64(century) {
		return century
	}
	return Time(float64(ns) + 0.5) // the conversion keeps a product from being fused with the sum
}
