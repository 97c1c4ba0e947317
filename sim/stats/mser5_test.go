package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// second is the distance of the observations in these tests.
const second = 1_000_000_000

func detect(n int, x func(i int) float64) *MSER5 {
	m := NewMSER5()
	for i := range n {
		m.Add(int64(i+1)*second, x(i))
	}
	return m
}

func TestMSER5CutsAKnownTransient(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	m := detect(10_000, func(i int) float64 { // level 100 for 1500 observations, then 10
		if i < 1500 {
			return 100 + r.NormFloat64()
		}
		return 10 + r.NormFloat64()
	})
	at, exceeds := m.Cut()
	assert.False(t, exceeds)
	assert.GreaterOrEqual(t, at, int64(1500*second), "no part of the transient stays")
	assert.LessOrEqual(t, at, int64(1600*second))

	m = detect(10_000, func(i int) float64 { return 10 - 10*math.Exp(-float64(i)/400) + r.NormFloat64() })
	at, exceeds = m.Cut()
	assert.False(t, exceeds)
	assert.GreaterOrEqual(t, at, int64(600*second), "1.5 time constants")
	assert.LessOrEqual(t, at, int64(3000*second))
}

func TestMSER5LeavesSteadySeriesAlmostAlone(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	var cuts []int64
	for range 101 {
		at, exceeds := detect(5000, func(int) float64 { return 10 + r.NormFloat64() }).Cut()
		assert.False(t, exceeds)
		cuts = append(cuts, at)
	}
	slices.Sort(cuts)
	assert.Less(t, cuts[50], int64(100*second), "the median cut is below 2 %% of the series")
}

func TestMSER5CutsNothingOfAConstant(t *testing.T) {
	for _, x := range []float64{0, 5, 0.1, 1e300} {
		at, exceeds := detect(1003, func(int) float64 { return x }).Cut()
		assert.Zero(t, at, "%v", x)
		assert.False(t, exceeds, "%v", x)
	}
}

func TestMSER5SaysWhenTheTransientExceedsHalf(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for name, x := range map[string]func(i int) float64{
		"never settles":  func(i int) float64 { return float64(i) + 50*r.NormFloat64() },
		"settles at 0.6": func(i int) float64 { return max(3000-float64(i), 0) + r.NormFloat64() },
		"settles at 0.7": func(i int) float64 { return max(3500-float64(i), 0) + r.NormFloat64() },
	} {
		at, exceeds := detect(5000, x).Cut()
		assert.True(t, exceeds, name)
		assert.LessOrEqual(t, at, int64(2500*second), "%s: the cut lies in the first half", name)
		assert.Greater(t, at, int64(2000*second), "%s: and leaves out what it can", name)
	}
}

// Too little to judge by is not the same as steady.
func TestMSER5NeedsTenBatches(t *testing.T) {
	for _, n := range []int{0, 1, 49} {
		m := detect(n, func(int) float64 { return 1 })
		at, exceeds := m.Cut()
		assert.Zero(t, at)
		assert.True(t, exceeds)
		assert.False(t, m.Enough())
	}
	m := detect(50, func(int) float64 { return 1 })
	_, exceeds := m.Cut()
	assert.False(t, exceeds)
	assert.True(t, m.Enough())
}

// The rule as the paper writes it, over whole batches of five.
func TestMSER5MatchesItsDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for range 50 {
		n := 50 + r.IntN(400)
		xs := make([]float64, n)
		for i := range xs {
			xs[i] = math.Exp(-float64(i)/20) + 0.2*r.NormFloat64()
		}
		var means []float64
		for i := 0; i+5 <= n; i += 5 {
			means = append(means, (xs[i]+xs[i+1]+xs[i+2]+xs[i+3]+xs[i+4])/5)
		}
		best, least := 0, math.Inf(1)
		for d := 0; d <= len(means)/2; d++ {
			rest, mean, squares := means[d:], 0.0, 0.0
			for _, y := range rest {
				mean += y / float64(len(rest))
			}
			for _, y := range rest {
				squares += (y - mean) * (y - mean)
			}
			if s := squares / float64(len(rest)*len(rest)); s < least {
				best, least = d, s
			}
		}
		at, _ := detect(n, func(i int) float64 { return xs[i] }).Cut()
		assert.Equal(t, int64(5*best)*second, at)
	}
}

func TestMSER5StaysSmallOnLongSeries(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	const n = 1_000_000
	m := detect(n, func(i int) float64 { return 10*math.Exp(-float64(i)/20_000) + r.NormFloat64() })
	require.Less(t, len(m.batches), mserBatches)
	require.LessOrEqual(t, cap(m.batches), mserBatches*5/4)
	at, exceeds := m.Cut()
	assert.False(t, exceeds)
	assert.Greater(t, at, int64(60_000*second), "three time constants")
	assert.Less(t, at, int64(250_000*second))
	assert.Zero(t, testing.AllocsPerRun(100_000, func() { m.Add(n*second, 1) }))
}

func TestMSER5JoinsNeighbouringBatches(t *testing.T) {
	const n = 5*mserBatches + 1000
	m := detect(n, func(i int) float64 { return float64(i) })
	require.Len(t, m.batches, n/10)
	for i, b := range m.batches {
		require.Equal(t, mserEntry{mean: float64(10*i) + 4.5, end: int64(10*i+10) * second}, b)
	}
}

func TestMSER5PanicsOnWhatCannotBe(t *testing.T) {
	m := NewMSER5()
	m.Add(5, 1)
	assert.Panics(t, func() { m.Add(4, 1) })
	assert.Panics(t, func() { m.Add(5, math.NaN()) })
	assert.Panics(t, func() { m.Add(5, math.Inf(1)) })
	assert.NotPanics(t, func() { m.Add(5, 1) })
}
