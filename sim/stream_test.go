package sim

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Reference values of SplitMix64 with seed 1234567: the test vector that the
// xoshiro authors' splitmix64.c gives, as quoted by many ports.
func TestStreamIsSplitMix64(t *testing.T) {
	s := Keyed(1234567)
	for _, want := range []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821} {
		assert.Equal(t, want, s.Uint64())
	}
}

func TestStreamsOfDifferentKeysDiffer(t *testing.T) {
	seen := map[uint64]bool{}
	for seed := range uint64(20) {
		for rep := range 20 {
			for _, name := range []string{"app", "db"} {
				for _, purpose := range []string{"policy", "arrivals"} {
					s := Named(seed, rep, name, purpose)
					seen[s.Uint64()] = true
				}
			}
		}
	}
	assert.Len(t, seen, 20*20*4)
	assert.NotEqual(t, HashName("ab", "c"), HashName("a", "bc"))
	assert.NotEqual(t, Mix(1, 2), Mix(2, 1))
}

func TestBelowIsUniform(t *testing.T) {
	s := Keyed(5)
	var counts [7]float64
	const n = 140_000
	for range n {
		counts[s.Below(7)]++
	}
	chi2 := 0.0
	for _, c := range counts {
		chi2 += (c - n/7) * (c - n/7) / (n / 7)
	}
	assert.Less(t, chi2, 22.5, "chi-square with 6 degrees of freedom, 0.1 %")
}

// Streams whose keys differ in a counter must not be correlated: the draws
// of neighbouring requests are taken from such.
func TestNeighbouringKeysAreUncorrelated(t *testing.T) {
	const n = 200_000
	var sum, sumXY, sumXX float64
	prev := 0.0
	for i := range uint64(n) {
		s := Keyed(Mix(Mix(42, i), 99))
		x := s.Float64() - 0.5
		sum += x
		sumXX += x * x
		sumXY += x * prev
		prev = x
	}
	assert.InDelta(t, 0, sum/n, 4*0.2887/447, "mean")
	assert.InDelta(t, 1.0/12, sumXX/n, 0.001, "variance")
	assert.InDelta(t, 0, sumXY/n*12, 4.0/447, "correlation of neighbours")
}

func TestFromNanosecondsRoundsAndClamps(t *testing.T) {
	nan := 0.0
	nan /= nan
	assert.Equal(t, Time(3), FromNanoseconds(2.5))
	assert.Equal(t, Time(2), FromNanoseconds(2.49))
	assert.Zero(t, FromNanoseconds(-1))
	assert.Zero(t, FromNanoseconds(nan))
	assert.Equal(t, FromNanoseconds(1e300), FromNanoseconds(1e19))
}
