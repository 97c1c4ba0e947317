package stats

import (
	"math"
	"math/bits"
)

// Sum128 is an exact sum of unsigned integers, Hi * 2^64 + Lo. The zero value
// is an empty sum, and equal sums compare equal with ==. Sums must stay below
// 2^128: a million requests over the 292 years of an int64 of nanoseconds
// make 2^83.
type Sum128 struct{ Hi, Lo uint64 }

// Add adds v.
func (s *Sum128) Add(v uint64) {
	var carry uint64
	s.Lo, carry = bits.Add64(s.Lo, v, 0)
	s.Hi += carry
}

// AddProduct adds a * b in full.
func (s *Sum128) AddProduct(a, b uint64) {
	hi, lo := bits.Mul64(a, b)
	var carry uint64
	s.Lo, carry = bits.Add64(s.Lo, lo, 0)
	s.Hi += hi + carry
}

// AddSum adds another sum.
func (s *Sum128) AddSum(t Sum128) {
	var carry uint64
	s.Lo, carry = bits.Add64(s.Lo, t.Lo, 0)
	s.Hi += t.Hi + carry
}

// Sub takes t away. It panics if t is larger than s.
func (s *Sum128) Sub(t Sum128) {
	var borrow uint64
	s.Lo, borrow = bits.Sub64(s.Lo, t.Lo, 0)
	s.Hi, borrow = bits.Sub64(s.Hi, t.Hi, borrow)
	if borrow != 0 {
		panic("stats: a sum became negative")
	}
}

// Cmp returns -1, 0 or 1 as s is smaller than, equal to or larger than t.
func (s Sum128) Cmp(t Sum128) int {
	switch {
	case s == t:
		return 0
	case s.Hi < t.Hi || s.Hi == t.Hi && s.Lo < t.Lo:
		return -1
	}
	return 1
}

// IsZero reports whether the sum is 0.
func (s Sum128) IsZero() bool { return s.Hi|s.Lo == 0 }

// Float64 returns the float64 nearest to the sum, ties to even.
func (s Sum128) Float64() float64 {
	if s.Hi == 0 && s.Lo <= math.MaxInt64 {
		return float64(int64(s.Lo))
	}
	lead, rest, exponent := s.Lo, uint64(0), 0
	if s.Hi != 0 {
		zeros := bits.LeadingZeros64(s.Hi)
		lead, rest, exponent = s.Hi<<zeros|s.Lo>>(64-zeros), s.Lo<<zeros, 64-zeros
	}
	// 63 bits, the last of them set if any bit below it is, round like the
	// whole; and the conversion of an int64 is the same on every processor.
	sticky := lead & 1
	if rest != 0 {
		sticky = 1
	}
	return math.Ldexp(float64(int64(lead>>1|sticky)), exponent+1)
}
