package stats

import (
	"cmp"
	"math"
	"slices"

	"github.com/capsim/capsim/sim/portable"
)

// TrendFewest is how many observations it takes to tell a trend. Below it the
// normal approximation of the test does not hold (R. O. Gilbert, Statistical
// Methods for Environmental Pollution Monitoring, Van Nostrand Reinhold 1987,
// 16.4).
const TrendFewest = 10

// Trend says whether a series goes one way, and how fast.
type Trend struct {
	S        int     // pairs that rise less pairs that fall, earlier against later
	Variance float64 // of S if there is no trend: ties and autocorrelation considered
	Z        float64 // S, corrected for continuity, in standard deviations
	P        float64 // probability of so large a Z, either way, without a trend

	Slope     float64 // median of the slopes of all pairs
	Low, High float64 // its 95 % confidence interval
	Intercept float64 // median of y − Slope·x
}

// At is the line of the trend at x.
func (t Trend) At(x float64) float64 { return t.Intercept + float64(t.Slope*x) }

// FindTrend tests the series y at the moments x, which ascend, for a trend by
// Mann and Kendall (H. B. Mann, Econometrica 13, 1945; M. G. Kendall, Rank
// Correlation Methods, 1975): S counts the pairs that rise against those that
// fall, whatever by. Its variance is that of Kendall with ties, times a
// correction after K. H. Hamed and A. R. Rao ("A modified Mann-Kendall trend
// test for autocorrelated data", Journal of Hydrology 204, 1998) where
// neighbours resemble each other. Of their own, which takes the sample's
// autocorrelation at every lag that is significant, one series in seven
// without a trend was taken for one at a first autocorrelation of 0.5. Where
// what is left wanders like a random walk, as the sum of many leaks does, S
// can tell nothing, however clear the trend: there it is enough that the steps
// have a mean. The slope is that of P. K. Sen (Journal of the American Statistical Association
// 63, 1968), with its interval, as in Gilbert 1987, 16.5. ok is false with
// fewer than ten observations.
func FindTrend(x, y []float64) (t Trend, ok bool) {
	if len(x) != len(y) {
		panic("stats: a trend needs a moment for each observation")
	}
	n := len(y)
	if n < TrendFewest {
		return t, false
	}
	slopes := make([]float64, 0, n*(n-1)/2)
	for i := range n {
		for j := i + 1; j < n; j++ {
			if !(x[j] > x[i]) {
				panic("stats: observations out of order")
			}
			t.S += cmp.Compare(y[j], y[i])
			slopes = append(slopes, (y[j]-y[i])/(x[j]-x[i]))
		}
	}
	slices.Sort(slopes)
	t.Slope = middle(slopes)
	rest := make([]float64, n)
	for i := range n {
		rest[i] = y[i] - float64(t.Slope*x[i])
	}
	first := firstAutocorrelation(rest)
	t.Variance = kendallVariance(y) * inflation(n, first)
	slices.Sort(rest)
	t.Intercept = middle(rest)
	t.Z, t.P = significance(t.S, t.Variance)
	if first > wandering {
		t.P = driftOf(y)
	}
	t.Low, t.High = slopeInterval(slopes, t.Variance)
	return t, true
}

// significance returns S in standard deviations and the probability of it.
func significance(s int, variance float64) (z, p float64) {
	if s == 0 || variance == 0 {
		return 0, 1
	}
	z = (float64(s) - float64(cmp.Compare(s, 0))) / math.Sqrt(variance)
	return z, 2 * portable.NormalCDF(-math.Abs(z))
}

// kendallVariance is the variance of S without a trend, with ties.
func kendallVariance(y []float64) float64 {
	term := func(n int) float64 { return float64(n) * float64(n-1) * float64(2*n+5) }
	sum := term(len(y))
	sorted := slices.Sorted(slices.Values(y))
	for i := 0; i < len(sorted); {
		j := i
		for j < len(sorted) && sorted[j] == sorted[i] {
			j++
		}
		sum -= float64(term(j - i))
		i = j
	}
	return sum / 18
}

// wandering is the first autocorrelation from which on a series may as well be
// a random walk. Tried by simulation: over 600 series of 100 values without a trend,
// autocorrelated by 0 to 1, at most one in fourteen is taken for one at 5 %.
const wandering = 0.7

// firstAutocorrelation is that between neighbours, of the ranks of what is left
// without the slope, freed of its bias: −(2+4ρ)/n where a line has been taken
// away (F. H. C. Marriott and J. A. Pope, Biometrika 41, 1954). It is from 0 to
// 0.99.
func firstAutocorrelation(rest []float64) float64 {
	ranks, n := ranksOf(rest), float64(len(rest))
	mean := float64((n + 1) / 2)
	squares, products := 0.0, 0.0
	for i, r := range ranks {
		squares += float64((r - mean) * (r - mean))
		if i > 0 {
			products += float64((ranks[i-1] - mean) * (r - mean))
		}
	}
	if squares == 0 {
		return 0
	}
	return max(0, min((float64(n*products/squares)+2)/(n-4), 0.99))
}

// inflation is the factor by which the variance of S is larger because
// neighbours resemble each other: the sum of Hamed and Rao over the
// autocorrelations, taken as the powers of the first one as in S. Yue and
// C. Wang (Water Resources Management 18, 2004).
func inflation(observations int, first float64) float64 {
	n, sum, rho := float64(observations), 0.0, 1.0
	for lag := 1.0; lag < n-2 && first > 0; lag++ {
		rho *= first
		sum += float64((n - lag) * (n - lag - 1) * (n - lag - 2) * rho)
	}
	return 1 + 2*sum/(n*(n-1)*(n-2))
}

// driftOf is the probability of a random walk that goes so far if it has no
// drift: Student's test of the mean of its steps.
func driftOf(y []float64) float64 {
	steps := make([]float64, len(y)-1)
	for i := range steps {
		steps[i] = y[i+1] - y[i]
	}
	mean, err, _ := standardError(steps)
	switch {
	case mean == 0:
		return 1
	case err == 0:
		return 0
	}
	return 2 * portable.StudentTCDF(-math.Abs(mean/err), float64(len(steps)-1))
}

// ranksOf returns the ranks from 1, the mean of them for equal values.
func ranksOf(y []float64) []float64 {
	order := make([]int, len(y))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(y[a], y[b]) })
	ranks := make([]float64, len(y))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && y[order[j]] == y[order[i]] {
			j++
		}
		for k := i; k < j; k++ {
			ranks[order[k]] = float64(i+1+j) / 2
		}
		i = j
	}
	return ranks
}

// slopeInterval is the interval of the median of sorted slopes.
func slopeInterval(slopes []float64, variance float64) (low, high float64) {
	c := float64(portable.NormalQuantile(0.5+confidence/2) * math.Sqrt(variance))
	n := float64(len(slopes))
	return slopeAt(slopes, float64((n-c)/2)), slopeAt(slopes, float64((n+c)/2)+1)
}

// slopeAt interpolates between ranks, counted from 1.
func slopeAt(slopes []float64, rank float64) float64 {
	rank = min(max(rank, 1), float64(len(slopes)))
	below := math.Floor(rank)
	i := int(below) - 1
	if i+1 == len(slopes) {
		return slopes[i]
	}
	return slopes[i] + float64((rank-below)*(slopes[i+1]-slopes[i]))
}

func middle(sorted []float64) float64 {
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return float64(0.5 * (sorted[n/2-1] + sorted[n/2]))
}

// Holm tells which of several tests, of which these are the p-values, are
// significant if the chance of any false alarm among them is to stay below
// level, however they depend on each other (S. Holm, Scandinavian Journal of
// Statistics 6, 1979).
func Holm(p []float64, level float64) []bool {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	out := make([]bool, len(p))
	for k, i := range order {
		if !(p[i]*float64(len(p)-k) < level) {
			break
		}
		out[i] = true
	}
	return out
}
