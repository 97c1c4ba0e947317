package sim

import (
	"hash/fnv"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mathext"

	"github.com/capsim/capsim/sim/portable"
)

// variate is one way to draw, with what theory says of it.
type variate struct {
	name                     string
	draw                     func(s *Stream) float64
	cdf                      func(x float64) float64
	mean, variance, kurtosis float64 // kurtosis 3 is the normal's
	bits                     uint64  // pinned hash of the first 10 000 draws of seed 1
}

func variates() []variate {
	all := []variate{
		{"Exp", (*Stream).Exp, func(x float64) float64 { return -portable.Expm1(-x) }, 1, 1, 9, 0x8a9912882f868637},
		{"Normal", (*Stream).Normal, portable.NormalCDF, 0, 1, 3, 0xc7edeb66d88c66cd},
	}
	for _, g := range []struct {
		name  string
		shape float64
		bits  uint64
	}{
		{"Gamma(0.05)", 0.05, 0x43cb994496a2d11c},
		{"Gamma(0.5)", 0.5, 0xf4c801e4c903d95b},
		{"Gamma(1)", 1, 0x340b0643e77e6ed4},
		{"Gamma(2.5)", 2.5, 0xc54f273e7fa2d8b},
		{"Gamma(400)", 400, 0xe2ae0cd18ffeb2fd},
	} {
		a := g.shape
		all = append(all, variate{
			g.name,
			func(s *Stream) float64 { return s.Gamma(a) },
			func(x float64) float64 { return mathext.GammaIncReg(a, x) },
			a, a, 3 + 6/a, g.bits,
		})
	}
	return all
}

func TestVariatesHaveTheirMeanAndVariance(t *testing.T) {
	const n = 1_000_000
	for _, v := range variates() {
		s, sum, squares := Keyed(1), 0.0, 0.0
		for range n {
			x := v.draw(&s) - v.mean
			sum += x
			squares += x * x
		}
		assert.InDelta(t, v.mean, v.mean+sum/n, 4*math.Sqrt(v.variance/n), "%s: mean", v.name)
		assert.InDelta(t, v.variance, squares/n, 4*v.variance*math.Sqrt((v.kurtosis-1)/n), "%s: variance", v.name)
	}
}

// The greatest distance between the empirical distribution and the true one;
// 1.95/√n is exceeded once in a thousand samples (Kolmogorov 1933).
func TestVariatesFollowTheirDistribution(t *testing.T) {
	for _, v := range variates() {
		n := 200_000
		if v.name == "Exp" || v.name == "Normal" {
			n = 1_000_000
		}
		s, xs := Keyed(2), make([]float64, n)
		for i := range xs {
			xs[i] = v.draw(&s)
		}
		slices.Sort(xs)
		worst := 0.0
		for i, x := range xs {
			p := v.cdf(x)
			worst = max(worst, p-float64(i)/float64(n), float64(i+1)/float64(n)-p)
		}
		assert.Less(t, worst, 1.95/math.Sqrt(float64(n)), v.name)
	}
}

// A fault in one kind of strip (the corners accepted too often, say) moves
// half a per cent of the draws by less than the width of a strip, which the
// test above does not see. Counts between the edges of the strips do: their χ²
// has as many degrees of freedom as there are bins less one.
func TestZigguratsFillTheirStripsEvenly(t *testing.T) {
	const n = 10_000_000
	for _, c := range []struct {
		name string
		z    *ziggurat
		draw func(s *Stream) float64
		cdf  func(x float64) float64 // of the magnitude
	}{
		{"Exp", &expZiggurat, (*Stream).Exp, func(x float64) float64 { return -portable.Expm1(-x) }},
		{"Normal", &normalZiggurat, func(s *Stream) float64 { return math.Abs(s.Normal()) }, func(x float64) float64 { return 1 - 2*portable.NormalCDF(-x) }},
	} {
		var bounds []float64 // the corners of the strips and their middles
		for i := 1; i < 256; i++ {
			end := c.z.strips[i].unit * (1 << 53)
			if i > 1 {
				bounds = append(bounds, (bounds[len(bounds)-1]+end)/2)
			}
			bounds = append(bounds, end)
		}
		// A table of equal cells finds the bin in few steps.
		const cells = 4096
		scale := cells / c.z.edge
		first := make([]int, cells+1)
		for k := range first {
			first[k], _ = slices.BinarySearch(bounds, float64(k)/scale)
		}
		counts := make([]float64, len(bounds)+1)
		s := Keyed(3)
		for range n {
			x := c.draw(&s)
			bin := len(bounds)
			if x < c.z.edge {
				for bin = first[int(x*scale)]; bounds[bin] <= x; bin++ {
				}
			}
			counts[bin]++
		}
		chi2, below := 0.0, 0.0
		for i, count := range counts {
			upto := 1.0
			if i < len(bounds) {
				upto = c.cdf(bounds[i])
			}
			expected := n * (upto - below)
			require.Greater(t, expected, 5.0)
			chi2 += (count - expected) * (count - expected) / expected
			below = upto
		}
		df := float64(len(counts) - 1)
		assert.InDelta(t, df, chi2, 4*math.Sqrt(2*df), c.name)
		tail := n * (1 - c.cdf(c.z.edge))
		assert.InDelta(t, tail, counts[len(bounds)], 4*math.Sqrt(tail), "%s: beyond the last strip", c.name)
	}
}

func TestZigguratsEndAtTheTopOfTheDensity(t *testing.T) {
	for name, z := range map[string]*ziggurat{"Exp": &expZiggurat, "Normal": &normalZiggurat} {
		area := z.strips[0].unit * (1 << 53) * z.heights[255]
		for i := 1; i < 256; i++ {
			assert.InEpsilon(t, area, z.strips[i].unit*(1<<53)*(z.heights[i-1]-z.heights[i]), 1e-9, "%s, strip %d", name, i)
		}
		assert.Zero(t, z.strips[1].inside, "%s: no part of the topmost strip is certain", name)
	}
}

// Beyond the edge the exponential starts afresh; the normal has the mean
// φ(e)/(1-Φ(e)).
func TestTailsBeyondTheLastStrip(t *testing.T) {
	const n = 20_000
	s, sum := Keyed(4), 0.0
	base := uint64(1<<64-1) &^ 0xff // strip 0, at its far end
	for range n {
		x := s.expOutside(base)
		require.Greater(t, x, expEdge)
		sum += x
	}
	assert.InDelta(t, expEdge+1, sum/n, 4/math.Sqrt(n))

	sum, negative := 0.0, 0
	for range n {
		x := s.normalOutside(base ^ s.Uint64()&(1<<8))
		require.Greater(t, math.Abs(x), normalEdge)
		sum += math.Abs(x)
		if x < 0 {
			negative++
		}
	}
	density := math.Exp(-normalEdge*normalEdge/2) / math.Sqrt(2*math.Pi)
	hazard := density / portable.NormalCDF(-normalEdge)
	deviation := math.Sqrt(1 + normalEdge*hazard - hazard*hazard)
	assert.InDelta(t, hazard, sum/n, 4*deviation/math.Sqrt(n))
	assert.InDelta(t, n/2, negative, 2*math.Sqrt(n))
}

func TestVariatesDrawTheSameBitsEverywhere(t *testing.T) {
	for _, v := range variates() {
		h, s := fnv.New64a(), Keyed(1)
		var word [8]byte
		for range 10_000 {
			b := math.Float64bits(v.draw(&s))
			for i := range word {
				word[i] = byte(b >> (8 * i))
			}
			h.Write(word[:])
		}
		assert.Equal(t, v.bits, h.Sum64(), "%s: 0x%x", v.name, h.Sum64())
	}
}

func TestVariatesAllocateNothing(t *testing.T) {
	s := Keyed(1)
	for _, v := range variates() {
		assert.Zero(t, testing.AllocsPerRun(1000, func() { v.draw(&s) }), v.name)
	}
}

func TestGammaRejectsImpossibleShapes(t *testing.T) {
	s := Keyed(1)
	for _, shape := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		assert.Panics(t, func() { s.Gamma(shape) }, "%v", shape)
	}
	for _, shape := range []float64{1e-300, 1e-3, 1e300} {
		x := s.Gamma(shape)
		assert.False(t, math.IsNaN(x) || x < 0 || math.IsInf(x, 0), "shape %v gives %v", shape, x)
	}
}

func BenchmarkExp(b *testing.B)    { benchmarkVariate(b, (*Stream).Exp) }
func BenchmarkNormal(b *testing.B) { benchmarkVariate(b, (*Stream).Normal) }
func BenchmarkGamma(b *testing.B) {
	benchmarkVariate(b, func(s *Stream) float64 { return s.Gamma(2.5) })
}

func benchmarkVariate(b *testing.B, draw func(s *Stream) float64) {
	s := Keyed(1)
	for b.Loop() {
		draw(&s)
	}
}
