package theory

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Oracle table A12.
func TestStalenessAgreesWithTheTable(t *testing.T) {
	for _, row := range []struct{ writes, lag, fixed, exponential, erlang float64 }{
		{0.1, 0.5, 0.048770575, 0.047619048, 0.048475725},
		{1, 0.1, 0.095162582, 0.090909091, 0.094049355},
		{1, 1, 0.63212056, 0.5, 0.5904},
		{10, 0.1, 0.63212056, 0.5, 0.5904},
		{0.01, 30, 0.25918178, 0.23076923, 0.25119947},
	} {
		assertTable(t, "fixed", row.fixed, Staleness{row.writes, FixedLag(row.lag)}.Ratio())
		assertTable(t, "exponential", row.exponential, Staleness{row.writes, ErlangLag(1, row.lag)}.Ratio())
		assertTable(t, "Erlang-4", row.erlang, Staleness{row.writes, ErlangLag(4, row.lag)}.Ratio())
	}
}

func TestStalenessOfZipfKeysAgreesWithTheTable(t *testing.T) {
	var weights []float64
	for i := range 100 {
		weights = append(weights, 1/float64(i+1))
	}
	stale := StaleOfMany(weights, 50, FixedLag(0.1))
	assertTable(t, "all from replicas", 0.22128095, stale)
	assertTable(t, "a quarter from the primary", 0.16596071, stale*3/4)
}

// The transform is the integral that it stands for.
func TestStalenessIsTheIntegralOverTheAgeOfTheNewestWrite(t *testing.T) {
	const w, mean = 3.0, 0.4
	erlang := func(a float64) float64 { // P(lag > a), two phases
		x := 2 * a / mean
		return math.Exp(-x) * (1 + x)
	}
	direct := integrateTail(func(a float64) float64 { return w * math.Exp(-w*a) * erlang(a) }, 0, mean)
	assert.InDelta(t, direct, Staleness{w, ErlangLag(2, mean)}.Ratio(), 1e-9)
}
