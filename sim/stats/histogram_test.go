package stats

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sorted is the dumb twin of a histogram.
type sorted []int64

func (s sorted) quantile(p float64) float64 {
	return float64(s[rankOf(p, uint64(len(s)))-1])
}

// spread returns values over all octaves.
func spread(r *rand.Rand, n int) sorted {
	s := make(sorted, n)
	for i := range s {
		s[i] = int64(r.Uint64() >> (1 + r.IntN(63)))
	}
	return s
}

func histogramOf(values []int64) *Histogram {
	h := &Histogram{}
	for _, v := range values {
		h.Record(v)
	}
	return h
}

// content is all that a histogram tells, in a form that compares.
type content struct {
	count    uint64
	sum      Sum128
	min, max int64
	buckets  []Bucket
}

func contentOf(h *Histogram) content {
	return content{h.Count(), h.Sum(), h.Min(), h.Max(), slices.Collect(h.Buckets())}
}

var someQuantiles = []float64{0, 0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1}

func checkAgainstTwin(t *testing.T, values sorted) {
	t.Helper()
	h := histogramOf(values)
	slices.Sort(values)
	n := len(values)

	require.EqualValues(t, n, h.Count())
	assert.Equal(t, values[0], h.Min())
	assert.Equal(t, values[n-1], h.Max())
	total := new(big.Int)
	for _, v := range values {
		total.Add(total, big.NewInt(v))
	}
	assert.Equal(t, total, h.Sum().big())
	mean, _ := new(big.Float).Quo(new(big.Float).SetInt(total), big.NewFloat(float64(n))).Float64()
	assert.InEpsilon(t, mean+1, h.Mean()+1, 1e-15)

	below, last := uint64(0), int64(-1)
	for b := range h.Buckets() {
		require.Greater(t, b.Low, last)
		require.GreaterOrEqual(t, b.High, b.Low)
		if b.Low < 256 {
			require.Equal(t, b.Low, b.High)
		}
		require.LessOrEqual(t, b.High-b.Low+1, max(1, b.Low/128), "a bucket is at most 0.8 %% wide")
		from, _ := slices.BinarySearch(values, b.Low)
		to, _ := slices.BinarySearch(values, b.High+1)
		if b.High == math.MaxInt64 {
			to = n
		}
		require.EqualValues(t, to-from, b.Count)
		below, last = below+b.Count, b.High
	}
	require.EqualValues(t, n, below)

	previous := math.Inf(-1)
	for _, p := range someQuantiles {
		got, ok := h.Quantile(p)
		require.True(t, ok)
		want := values.quantile(p)
		assert.LessOrEqual(t, math.Abs(got-want), want/128, "quantile %v of %d: %v, want %v", p, n, got, want)
		assert.GreaterOrEqual(t, got, previous, "quantiles ascend")
		previous = got
		rank := rankOf(p, uint64(n))
		assert.Equal(t, uint64(n)-rank, h.Beyond(p))
		v := values[rank-1]
		atMost, _ := slices.BinarySearchFunc(values, v, func(a, b int64) int { // first above v
			if a <= b {
				return -1
			}
			return 1
		})
		at := h.share(v)
		assert.InDelta(t, float64(atMost)/float64(n), h.ShareAtMost(v), at+1e-12, "share at most %d", v)
	}
}

// share is how much of the values lie in the bucket of v.
func (h *Histogram) share(v int64) float64 {
	for b := range h.Buckets() {
		if b.Low <= v && v <= b.High {
			return float64(b.Count) / float64(h.Count())
		}
	}
	return 0
}

func TestHistogramMatchesASortedSlice(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{1, 2, 3, 10, 100, 1000, 20_000} {
		checkAgainstTwin(t, spread(r, n))
		narrow := make(sorted, n)
		for i := range narrow {
			narrow[i] = 5_000_000 + int64(r.ExpFloat64()*1e6)
		}
		checkAgainstTwin(t, narrow)
	}
	checkAgainstTwin(t, sorted{0, 1, 127, 128, 255, 256, 257, 511, 512, math.MaxInt64 - 1, math.MaxInt64})
}

func FuzzHistogram(f *testing.F) {
	f.Add(uint64(1), uint16(10))
	f.Add(uint64(7), uint16(300))
	f.Fuzz(func(t *testing.T, seed uint64, n uint16) {
		checkAgainstTwin(t, spread(rand.New(rand.NewPCG(seed, 0)), int(n)+1))
	})
}

func TestHistogramOfAConstantIsThatConstant(t *testing.T) {
	const v = 5_000_000
	h := &Histogram{}
	for range 1000 {
		h.Record(v)
	}
	for _, p := range someQuantiles {
		q, ok := h.Quantile(p)
		assert.True(t, ok)
		assert.Equal(t, float64(v), q, "quantile %v", p)
	}
	assert.Equal(t, float64(v), h.Mean())
	assert.Zero(t, h.ShareAtMost(v-1))
	assert.Equal(t, 1.0, h.ShareAtMost(v))
}

func TestHistogramInterpolatesWithinItsBuckets(t *testing.T) {
	h := &Histogram{}
	for v := int64(1_000_000); v < 2_000_000; v += 10 {
		h.Record(v)
	}
	for p := 0.001; p < 1; p += 0.001 {
		q, _ := h.Quantile(p)
		assert.InDelta(t, 1e6+1e6*p, q, 20, "quantile %v", p)
		assert.InDelta(t, p, h.ShareAtMost(int64(1e6+1e6*p)), 2e-5)
	}
}

func TestHistogramsMergeInAnyOrderToTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	var parts []*Histogram
	var all sorted
	for i := range 12 {
		values := spread(r, 50*i) // the first is empty
		if i%3 == 0 {
			for k := range values {
				values[k] %= 1000
			}
		}
		parts = append(parts, histogramOf(values))
		all = append(all, values...)
	}
	want := contentOf(histogramOf(all))
	for range 20 {
		r.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		var left, right, both Histogram
		for i, p := range parts {
			if i < len(parts)/2 {
				left.Merge(p)
			} else {
				right.Merge(p)
			}
		}
		both.Merge(&right)
		both.Merge(&left)
		assert.Equal(t, want, contentOf(&both))
	}
}

func TestMergeKeepsTheExtremes(t *testing.T) {
	var h Histogram
	h.Merge(histogramOf([]int64{70, 90}))
	assert.Equal(t, [2]int64{70, 90}, [2]int64{h.Min(), h.Max()}, "into an empty one")
	h.Merge(&Histogram{})
	assert.Equal(t, [2]int64{70, 90}, [2]int64{h.Min(), h.Max()}, "of an empty one")
	h.Merge(histogramOf([]int64{80}))
	assert.Equal(t, [2]int64{70, 90}, [2]int64{h.Min(), h.Max()}, "of one within")
	h.Merge(histogramOf([]int64{60, 100}))
	assert.Equal(t, [2]int64{60, 100}, [2]int64{h.Min(), h.Max()}, "of one around")
}

func TestMergeLeavesTheOtherAlone(t *testing.T) {
	a, b := histogramOf([]int64{1, 2, 3}), histogramOf([]int64{2, 1_000_000})
	want := contentOf(b)
	a.Merge(b)
	a.Record(1_000_000)
	assert.Equal(t, want, contentOf(b))
}

func TestEmptyHistogramHasNoFigures(t *testing.T) {
	h := histogramOf([]int64{3, 70_000})
	h.Reset()
	for _, h := range []*Histogram{h, {}} {
		q, ok := h.Quantile(0.5)
		assert.False(t, ok)
		assert.True(t, math.IsNaN(q))
		assert.True(t, math.IsNaN(h.Mean()))
		assert.True(t, math.IsNaN(h.ShareAtMost(10)))
		assert.Equal(t, content{}, contentOf(h))
		assert.Zero(t, h.Beyond(0.5))
	}
	h.Record(9)
	assert.Equal(t, content{1, Sum128{0, 9}, 9, 9, []Bucket{{9, 9, 1}}}, contentOf(h), "after a reset the old extremes are forgotten")
}

func TestHistogramPanicsOnWhatCannotBe(t *testing.T) {
	h := histogramOf([]int64{1})
	assert.PanicsWithValue(t, "stats: a histogram cannot hold -1", func() { h.Record(-1) })
	for _, p := range []float64{-0.1, 1.1, 50, math.NaN()} {
		assert.Panics(t, func() { h.Quantile(p) }, "%v", p)
		assert.Panics(t, func() { h.Beyond(p) }, "%v", p)
		assert.Panics(t, func() { MinSamples(p) }, "%v", p)
	}
	assert.EqualValues(t, 1, h.Count())
}

func TestHistogramAllocatesOnlyOnFirstTouch(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	values := spread(r, 1000)
	h := histogramOf(values)
	var merged Histogram
	merged.Merge(h)
	assert.Zero(t, testing.AllocsPerRun(10, func() {
		h.Reset()
		for _, v := range values {
			h.Record(v)
		}
		merged.Merge(h)
	}))
}

// Ranks as a person counts them: 0.07 of 100 is 7, though 0.07*100 exceeds 7
// in float64.
func TestRanksOfDecimalQuantilesAreExact(t *testing.T) {
	for _, n := range []uint64{1, 2, 7, 10, 100, 1000, 12_345, 1_000_000, 999_999_999} {
		for thousandths := range uint64(1001) {
			p := float64(thousandths) / 1000
			want := max((thousandths*n+999)/1000, 1)
			require.Equal(t, want, rankOf(p, n), "%v of %d", p, n)
		}
	}
	assert.EqualValues(t, 99, rankOf(0.99, 100))
	assert.EqualValues(t, 999_990, rankOf(0.99999, 1_000_000))
	assert.EqualValues(t, 999_991, rankOf(0.999990000001, 1_000_000))
	assert.EqualValues(t, uint64(math.MaxUint64), rankOf(1, math.MaxUint64))
}

func TestMinSamplesLeaveTenBeyond(t *testing.T) {
	for _, c := range []struct {
		p    float64
		want uint64
	}{
		{0, 11}, // the rank is at least 1
		{0.5, 20}, {0.9, 100}, {0.95, 200}, {0.99, 1000}, {0.999, 10_000}, {0.9999, 100_000},
		{0.99999, 1_000_000}, {0.999999, 10_000_000}, {0.9999999, 100_000_000}, {0.07, 11}, {1.0 / 3, 15},
		{1, math.MaxUint64},
	} {
		assert.Equal(t, c.want, MinSamples(c.p), "%v", c.p)
	}
	r := rand.New(rand.NewPCG(5, 5))
	for range 2000 {
		p := math.Floor(r.Float64()*1e4) / 1e4
		n := MinSamples(p)
		require.GreaterOrEqual(t, n-rankOf(p, n), uint64(10), "%v", p)
		require.Less(t, n-1-rankOf(p, n-1), uint64(10), "%v", p)
	}
}

func BenchmarkHistogramRecord(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	values := make([]int64, 4096)
	for i := range values {
		values[i] = int64(r.ExpFloat64() * 1e7)
	}
	var h Histogram
	for i := 0; b.Loop(); i++ {
		h.Record(values[i%len(values)])
	}
}
