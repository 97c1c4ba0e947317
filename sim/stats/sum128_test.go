package stats

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

func (s Sum128) big() *big.Int {
	b := new(big.Int).SetUint64(s.Hi)
	return b.Lsh(b, 64).Or(b, new(big.Int).SetUint64(s.Lo))
}

// word returns integers of all sizes, often at the edges.
func word(r *rand.Rand) uint64 {
	v := r.Uint64() >> r.IntN(64)
	switch r.IntN(4) {
	case 0:
		return v | (1<<r.IntN(64) - 1)
	case 1:
		return v &^ (1<<r.IntN(64) - 1)
	}
	return v
}

func TestSum128MatchesBigIntegers(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 20_000 {
		s := Sum128{word(r) >> 2, word(r)}
		u := Sum128{word(r) >> 2, word(r)}
		a, b := word(r)>>2, word(r)
		want := s.big()

		s.Add(b)
		want.Add(want, new(big.Int).SetUint64(b))
		assert.Equal(t, want, s.big())

		s.AddProduct(a, b)
		want.Add(want, new(big.Int).Mul(new(big.Int).SetUint64(a), new(big.Int).SetUint64(b)))
		assert.Equal(t, want, s.big())

		assert.Equal(t, s.big().Cmp(u.big()), s.Cmp(u))
		before := s
		s.AddSum(u)
		want.Add(want, u.big())
		assert.Equal(t, want, s.big())
		s.Sub(u)
		assert.Equal(t, before, s)
	}
}

func TestSum128ConvertsToTheNearestFloat(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	cases := []Sum128{
		{},
		{0, 1},
		{0, 1<<53 + 1},
		{0, math.MaxInt64},
		{0, 1 << 63},
		{0, math.MaxUint64},
		{1, 0},
		{1, 1},
		{1 << 52, 1 << 63},          // a tie, to even
		{1<<52 + 1, 1 << 63},        // a tie, away from odd
		{1 << 52, 1<<63 + 1},        // just above a tie
		{1<<53 + 1, 0},              // a tie in the high word
		{1<<53 + 1, 1},              // just above it
		{1<<63 + 1<<10, 0},          // a tie, all bits in use
		{1<<63 + 1<<10, 1},          // just above it
		{math.MaxUint64, 1<<64 - 1}, // rounds up to 2^128
	}
	for range 20_000 {
		cases = append(cases, Sum128{word(r) >> r.IntN(65), word(r)})
	}
	for _, s := range cases {
		want, _ := new(big.Float).SetInt(s.big()).Float64()
		assert.Equal(t, want, s.Float64(), "%v", s)
		assert.Equal(t, s.big().Sign() == 0, s.IsZero())
	}
}

func TestSum128PanicsBelowZero(t *testing.T) {
	s := Sum128{1, 5}
	assert.Panics(t, func() { s.Sub(Sum128{1, 6}) })
	s = Sum128{1, 5}
	assert.NotPanics(t, func() { s.Sub(Sum128{1, 5}) })
	assert.True(t, s.IsZero())
}

func BenchmarkSum128AddProduct(b *testing.B) {
	var s Sum128
	for i := uint64(0); b.Loop(); i++ {
		s.AddProduct(i, i)
	}
}
