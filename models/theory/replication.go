package theory

import "math"

// Staleness is how often a read finds that the newest write of its key has
// not arrived at the replica that it reads from. Writes of the key come as a
// Poisson process and each arrives after a lag of its own. The age of the
// newest write is exponential, so that a read is stale with the probability
// ∫ w e^{-wa} P(lag > a) da, which is one minus the Laplace transform of the
// lag at w.
//
// An apply queue that serves in order is the same with the lag that a write
// has in it, as long as the key's writes are a small share of all.
type Staleness struct {
	Writes float64                 // of the key, a second
	Lag    func(w float64) float64 // the Laplace transform of the lag
}

// FixedLag is the transform of a lag that is always the same.
func FixedLag(seconds float64) func(float64) float64 {
	return func(w float64) float64 { return math.Exp(-w * seconds) }
}

// ErlangLag is the transform of a lag of k exponential phases with the given
// mean in all; with k = 1 it is exponential.
func ErlangLag(k int, mean float64) func(float64) float64 {
	mustBeAtLeast("the number of phases of a lag", k, 1)
	mustBePositive("the mean of a lag", mean)
	return func(w float64) float64 { return math.Pow(1+w*mean/float64(k), -float64(k)) }
}

// Ratio is the share of the key's reads that are stale.
func (s Staleness) Ratio() float64 { return 1 - s.Lag(s.Writes) }

// StaleOfMany is the share of all reads that are stale where keys are written
// and read in proportion to some weights, writes a second in all.
func StaleOfMany(weights []float64, writes float64, lag func(float64) float64) float64 {
	sum, stale := 0.0, 0.0
	for _, w := range weights {
		sum += w
	}
	for _, w := range weights {
		stale += w / sum * Staleness{Writes: writes * w / sum, Lag: lag}.Ratio()
	}
	return stale
}
