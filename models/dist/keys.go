package dist

import "github.com/capsim/capsim/sim/portable"

// KeyCount is how many keys a law of keys may give, from 0 on: one more than
// the largest.
func KeyCount(law Law) uint64 {
	switch l := law.(type) {
	case zipf:
		return uint64(l.n)
	case integers:
		return uint64(l.low) + l.n
	}
	key, _ := Constancy(law)
	return uint64(key) + 1
}

// KeyShare is the probability of a key.
func KeyShare(law Law, key uint64) float64 {
	x := float64(key)
	switch l := law.(type) {
	case zipf:
		if x >= l.n {
			return 0
		}
		return portable.Pow(x+1, -l.s) / l.harmonic
	case integers:
		if x < l.low || x >= l.low+float64(l.n) {
			return 0
		}
		return 1 / float64(l.n)
	}
	if always, _ := Constancy(law); x == always {
		return 1
	}
	return 0
}
