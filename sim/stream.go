package sim

import "math/bits"

// Stream is a small counter-based generator of random numbers (SplitMix64,
// Steele, Lea and Flood 2014). It is a plain value: copying it forks it, and
// a stream keyed by what a draw is for gives the same numbers whatever else
// has been drawn.
type Stream struct{ state uint64 }

const gamma = 0x9e3779b97f4a7c15 // 2^64 / golden ratio, odd

// Mix hashes two words into one. It is neither commutative nor associative,
// so that (request, step, visit) and (request, visit, step) differ.
func Mix(a, b uint64) uint64 { return MixHashed(a, HashWord(b)) }

// HashWord hashes a word for MixHashed: Mix(a, b) = MixHashed(a, HashWord(b)).
func HashWord(b uint64) uint64 { return finalize(b + gamma) }

// MixHashed is Mix for a second word that was hashed beforehand.
func MixHashed(a, hashed uint64) uint64 { return finalize(a ^ hashed) }

// finalize is Stafford's variant 13 of the MurmurHash3 finalizer, a
// bijection.
func finalize(z uint64) uint64 {
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

// HashName hashes a path of names. Each part is followed by a separator that
// no name may hold, so that ("ab", "c") and ("a", "bc") differ.
func HashName(parts ...string) uint64 {
	h := uint64(0xcbf29ce484222325) // FNV-1a, 64 bits
	for _, p := range parts {
		for i := range len(p) {
			h = (h ^ uint64(p[i])) * 0x100000001b3
		}
		h = (h ^ 0xff) * 0x100000001b3
	}
	return finalize(h)
}

// Keyed returns the stream of the key.
func Keyed(key uint64) Stream { return Stream{state: key} }

// Named returns the stream that belongs to a purpose of a named thing in one
// replication of a run.
func Named(seed uint64, replication int, name, purpose string) Stream {
	return Keyed(Mix(Mix(seed, uint64(replication)), HashName(name, purpose)))
}

// Uint64 returns 64 random bits.
func (s *Stream) Uint64() uint64 {
	s.state += gamma
	return finalize(s.state)
}

// Float64 returns a number in [0, 1), a multiple of 2^-53.
func (s *Stream) Float64() float64 { return float64(s.Uint64()>>11) * 0x1p-53 }

// Open returns a number in (0, 1): never 0, so that its logarithm is finite.
func (s *Stream) Open() float64 { return (float64(s.Uint64()>>12) + 0.5) * 0x1p-52 }

// Below returns a whole number in [0, n), each as likely (Lemire 2019). It
// panics if n is 0.
func (s *Stream) Below(n uint64) uint64 {
	if n == 0 {
		panic("sim: Below(0)")
	}
	hi, lo := bits.Mul64(s.Uint64(), n)
	if lo < n {
		for threshold := -n % n; lo < threshold; {
			hi, lo = bits.Mul64(s.Uint64(), n)
		}
	}
	return hi
}
