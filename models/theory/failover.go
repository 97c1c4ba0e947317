package theory

import "math"

// ShortestLag is the mean of the shortest of n lags, given the probability that
// a lag is longer than a time, integrated in steps until it is negligible. At w
// acknowledged writes a second that wait for nobody, as many as w times that
// are on no replica yet at any time: each write by itself, the number that is
// on its way is that of an M/G/∞ queue whose service is the shortest lag.
func ShortestLag(n int, longer func(t float64) float64, step float64) float64 {
	sum := 0.0
	for k := 0; ; k++ {
		p := 1.0
		for range n {
			p *= longer((float64(k) + 0.5) * step)
		}
		sum += p * step
		if p < 1e-12 {
			return sum
		}
	}
}

// Standby is the unavailability of a primary that fails after a time of mean
// mttf and is replaced by a standby that takes over after detection and
// promotion: a renewal process, in which nothing else matters than the means.
func Standby(mttf, detect, promote float64) float64 {
	return (detect + promote) / (mttf + detect + promote)
}

// Outage is how long a primary is missing on average whose repair takes an
// exponential time of mean repair: until it is back, if that is before anybody
// has noticed, and else until a standby has taken its place.
func Outage(repair, detect, promote float64) float64 {
	noticed := math.Exp(-detect / repair)
	return repair*(1-noticed) + promote*noticed
}
