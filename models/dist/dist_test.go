package dist

import (
	"fmt"
	"io"
	"io/fs"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/sim"
)

// files is an Env that holds its files.
type files map[string]string

func (f files) Open(name string) (io.ReadCloser, error) {
	text, ok := f[name]
	if !ok {
		return nil, fmt.Errorf("open: %w", fs.ErrNotExist)
	}
	return io.NopCloser(strings.NewReader(text)), nil
}

var testFiles = files{
	"latencies.csv": "user,latency_ms\na,1\nb,2.5\nc,2.5\nd,40\ne,0\n",
	"counts.csv":    "n\n3\n1\n2\n",
}

// sampled are the laws of the battery: the examples of every row that can be
// drawn from, and what the examples leave out.
func sampled(t *testing.T) map[string]Law {
	t.Helper()
	laws, err := parseSampled()
	require.NoError(t, err)
	return laws
}

var parseSampled = sync.OnceValues(func() (map[string]Law, error) {
	laws := map[string]Law{}
	var failed error
	add := func(q Quantity, text string) {
		law, err := Parse(text, q, testFiles)
		if err != nil {
			failed = fmt.Errorf("%s: %w", text, err)
			return
		}
		if _, ok := law.(Trace); !ok {
			laws[q.String()+": "+text] = law
		}
	}
	for i := range table {
		for q := Time; q <= Key; q++ {
			if table[i].Fits(q) && q != Size { // sizes are drawn as times are
				for _, example := range table[i].Examples {
					add(q, inUnits(example, q))
				}
			}
		}
	}
	for _, text := range []string{
		"exp 6ms + 0.3ms", "exp 6ms truncate 5ms", "exp 6ms + 1ms truncate 3s", "exp 6ms truncate 9ms + 1ms",
		"normal mean=5ms sd=10ms", "normal mean=1s sd=1ms truncate 999ms", "gamma mean=6ms cv=2", "gamma mean=6ms cv=0.05",
		"weibull mean=6ms shape=3", "hyperexp mean=6ms cv=1", "pareto min=2ms max=10s alpha=1", "pareto min=2ms max=10s alpha=2",
		"pareto min=2ms alpha=1 truncate 1s", "pareto min=1ms alpha=0.9 truncate 20ms", "pareto min=2ms alpha=12",
		"quantiles p0=1ms p20=3ms p40=3ms p100=7ms", "lognormal p99=40ms p5=1ms", "lognormal mean=6ms cv=1.5 truncate 20ms",
		"mix 50% 2ms, 50% (uniform 1ms 4ms + 1ms) truncate 4.5ms", "mix 30% exp 4ms + 2ms, 70% 5ms",
		"mix 90% exp 1ms, 10% (mix 50% exp 5ms, 50% exp 9ms) + 1ms", "empirical latencies.csv column=latency_ms unit=ms truncate 3ms",
		"mix 40% empirical latencies.csv column=latency_ms unit=ms, 60% exp 1ms + 1ms truncate 41.5ms", "erlang k=1 mean=2us",
	} {
		add(Time, text)
		if law := laws["times: "+text]; law != nil {
			laws["times: scaled "+text] = Scale(law, 0.75)
		}
	}
	for _, text := range []string{
		"exp 0.7", "exp 3 truncate 5", "lognormal mean=4 cv=2", "uniform 0.2 0.9", "geometric 1", "geometric 20 truncate 9",
		"integers 0..9 truncate 5", "pareto min=1 alpha=3 + 2", "empirical counts.csv column=n", "mix 50% geometric 3, 50% 7 truncate 8",
	} {
		add(Count, text)
	}
	for _, text := range []string{
		"zipf s=0 n=10", "zipf s=1 n=100", "zipf s=1.4 n=1000", "zipf s=1 n=2M", "zipf s=0.5 n=2M", "zipf s=3 n=2M", "zipf s=0 n=2M",
		"zipf s=1.1 n=9007199254740992", "uniform n=7", "integers 5..9",
	} {
		add(Key, text)
	}
	return laws, failed
})

// inUnits writes an example of times as one of another quantity.
func inUnits(example string, q Quantity) string {
	switch q {
	case Size:
		return strings.NewReplacer("=ms", "=kB", "=us", "=B", "ms", "kB", "2s", "2MB", "10s", "10MB").Replace(example)
	case Count:
		example = strings.NewReplacer(" unit=ms", "", " unit=us", "", "2s", "2k", "10s", "10k").Replace(example)
		if !strings.HasPrefix(example, "empirical") {
			example = strings.ReplaceAll(example, "ms", "")
		} else {
			example = "empirical counts.csv column=n"
		}
	case Key:
		return strings.ReplaceAll(example, "ms", "")
	}
	return example
}

// heavy laws have no fourth moment to judge a sample variance by, or one that
// a sample of this size does not see.
var heavy = []string{"pareto", "cv=3", "lognormal", "s=1.1 n=9007199254740992", "s=3 n=2M", "mix 95%"}

func TestEveryLawDrawsWhatItSays(t *testing.T) {
	const n = 200_000
	laws := sampled(t)
	draws := make([]float64, n)
	for name, law := range laws {
		s := sim.Named(1, 0, name, "test")
		sum := 0.0
		for i := range draws {
			draws[i] = law.Sample(&s)
			sum += draws[i]
		}
		slices.Sort(draws)
		require.GreaterOrEqual(t, draws[0], 0.0, name)
		require.False(t, math.IsInf(draws[n-1], 0) || math.IsNaN(sum), name)

		mean, variance := sum/n, 0.0
		fourth := 0.0
		for _, x := range draws {
			square := (x - mean) * (x - mean)
			variance += square / n
			fourth += square * square / n
		}
		assert.InDelta(t, law.Mean(), mean, 5*math.Sqrt(law.Variance()/n)+1e-12*mean, "mean of %s", name)
		if !slices.ContainsFunc(heavy, func(h string) bool { return strings.Contains(name, h) }) {
			se := math.Sqrt(max(0, fourth-variance*variance) / n)
			assert.InDelta(t, law.Variance(), variance, 5*se+1e-9*variance, "variance of %s", name)
		}
		// P(D > 2.3/√n) = 5e-5 for a continuous law, less for others.
		assert.Less(t, kolmogorov(draws, law), 2.3/math.Sqrt(n), "distribution of %s", name)
	}
}

// kolmogorov is the largest distance between a sorted sample and its law. At
// a jump both sides are compared.
func kolmogorov(sorted []float64, law Law) float64 {
	worst, n := 0.0, float64(len(sorted))
	for i := 0; i < len(sorted); {
		j := i
		for j < len(sorted) && sorted[j] == sorted[i] {
			j++
		}
		if i/16 != j/16 { // every sixteenth draw is near enough, and every jump that matters
			worst = max(worst, math.Abs(law.CDF(sorted[i])-float64(j)/n), math.Abs(below(law, sorted[i])-float64(i)/n))
		}
		i = j
	}
	return worst
}

func TestEveryLawIsReproducibleAndAllocatesNothing(t *testing.T) {
	for name, law := range sampled(t) {
		a, b := sim.Keyed(7), sim.Keyed(7)
		for range 100 {
			require.Equal(t, law.Sample(&a), law.Sample(&b), name)
		}
		assert.Zero(t, testing.AllocsPerRun(100, func() { law.Sample(&a) }), name)
	}
}

func TestEveryDistributionFunctionRisesFromZeroToOne(t *testing.T) {
	for name, law := range sampled(t) {
		last := 0.0
		top := law.Mean() + 10*math.Sqrt(law.Variance())
		for i := range 501 {
			x := top * float64(i) / 500
			p := law.CDF(x)
			if p < last-1e-15 || p > 1 {
				require.Fail(t, "falls or exceeds 1", "%s at %g: %g after %g", name, x, p, last)
			}
			last = p
		}
		assert.Zero(t, law.CDF(-1), name)
		assert.InDelta(t, 1, law.CDF(1e300), 1e-9, name)
		assert.False(t, math.IsNaN(law.Variance()) || law.Variance() < 0, name)
	}
}

// The closed forms of mean and variance against the integral of the
// distribution function, which is what truncated laws use.
func TestMomentsAgreeWithTheDistributionFunction(t *testing.T) {
	for name, law := range sampled(t) {
		if strings.HasPrefix(name, "keys") || slices.ContainsFunc([]string{"alpha=2.5", "alpha=1.1", "alpha=3"}, func(h string) bool { return strings.Contains(name, h) }) {
			continue
		}
		far := 10 * law.Mean()
		for law.CDF(far) < 1-1e-15 {
			far *= 2
		}
		mass, mean, variance := cut(law, far)
		assert.InDelta(t, 1, mass, 1e-12, name)
		assert.InEpsilon(t, law.Mean(), mean, 1e-7, "mean of %s", name)
		assert.InDelta(t, law.Variance(), variance, 2e-6*law.Variance()+1e-12, "variance of %s", name)
	}
}

func TestDistributionFunctionsAgreeWithGonum(t *testing.T) {
	parse := func(text string) Law {
		law, err := Parse(text, Count, nil)
		require.Nil(t, err)
		return law.(rounded).Law
	}
	for _, row := range []struct {
		law  Law
		want func(float64) float64
	}{
		{parse("gamma mean=6 cv=0.5"), distuv.Gamma{Alpha: 4, Beta: 4.0 / 6}.CDF},
		{parse("gamma mean=6 cv=2"), distuv.Gamma{Alpha: 0.25, Beta: 0.25 / 6}.CDF},
		{parse("pareto min=2 alpha=1.5"), distuv.Pareto{Xm: 2, Alpha: 1.5}.CDF},
		{parse("exp 6"), distuv.Exponential{Rate: 1.0 / 6}.CDF},
		{parse("lognormal mean=6 cv=1.5"), distuv.LogNormal{Mu: math.Log(6) - math.Log(3.25)/2, Sigma: math.Sqrt(math.Log(3.25))}.CDF},
		{parse("weibull mean=6 shape=0.7"), distuv.Weibull{K: 0.7, Lambda: 6 / math.Gamma(1+1/0.7)}.CDF},
	} {
		for _, x := range []float64{0.01, 0.5, 2.1, 5, 6, 7, 20, 100} {
			assert.InDelta(t, row.want(x), row.law.CDF(x), 1e-12)
		}
	}
	for _, a := range []float64{0.01, 0.5, 1, 10, 1000, 1e6} {
		for _, ratio := range []float64{0.5, 0.99, 1, 1.01, 1.5} {
			assert.InDelta(t, mathext.GammaIncReg(a, a*ratio), lowerGamma(a, a*ratio), 1e-9, "%g %g", a, ratio)
		}
	}
}

func TestKnownMoments(t *testing.T) {
	for _, row := range []struct {
		text     string
		mean, sd float64 // milliseconds
	}{
		{"5ms", 5, 0},
		{"exp 6ms", 6, 6},
		{"uniform 2ms 8ms", 5, math.Sqrt(3)},
		{"lognormal mean=6ms cv=1.5", 6, 9},
		{"gamma mean=6ms cv=0.5", 6, 3},
		{"erlang k=4 mean=6ms", 6, 3},
		{"hyperexp mean=6ms cv=3", 6, 18},
		{"weibull mean=6ms shape=1", 6, 6},
		{"weibull mean=6ms shape=0.5", 6, 6 * math.Sqrt(5)},
		{"pareto min=2ms alpha=3", 3, math.Sqrt(3)},
		{"mix 50% 2ms, 50% 4ms", 3, 1},
		{"exp 6ms + 4ms", 10, 6},
		// E[X | X < c] = m - c/(e^(c/m)-1) for the exponential.
		{"exp 6ms truncate 6ms", 6 - 6/(math.E-1), 6 * math.Sqrt(1-math.E/((math.E-1)*(math.E-1)))},
		// The half-normal: σ√(2/π) when the mean is far below σ.
		{"normal mean=1ns sd=1ms", math.Sqrt(2 / math.Pi), math.Sqrt(1 - 2/math.Pi)},
		{"quantiles p0=1ms p100=2.718281828ms", math.E - 1, math.Sqrt((math.E*math.E-1)/2 - (math.E-1)*(math.E-1))},
		{"empirical latencies.csv column=latency_ms unit=ms", 9.2, math.Sqrt((1.0+6.25+6.25+1600)/5 - 9.2*9.2)},
	} {
		law, err := Parse(row.text, Time, testFiles)
		require.Nil(t, err, row.text)
		assert.InEpsilon(t, row.mean, law.Mean()/1e6, 1e-6, row.text)
		assert.InDelta(t, row.sd, math.Sqrt(law.Variance())/1e6, 1e-6*row.mean, row.text)
	}
}

func TestPercentilesAreHitExactly(t *testing.T) {
	for text, want := range map[string][2]float64{
		"lognormal p50=5ms p99=40ms":                {0.5, 0.99},
		"lognormal p5=5ms p99.9=40ms":               {0.05, 0.999},
		"quantiles p0=1ms p25=5ms p75=40ms p100=1s": {0.25, 0.75},
	} {
		law, err := Parse(text, Time, nil)
		require.Nil(t, err, text)
		assert.InDelta(t, want[0], law.CDF(5e6), 1e-12, text)
		assert.InDelta(t, want[1], law.CDF(40e6), 1e-12, text)
	}
}

func TestInfiniteVarianceIsLegalInfiniteMeanIsNot(t *testing.T) {
	law, err := Parse("pareto min=2ms alpha=1.5", Time, nil)
	require.Nil(t, err)
	assert.InEpsilon(t, 6e6, law.Mean(), 1e-12)
	assert.True(t, math.IsInf(law.Variance(), 1))
	for _, text := range []string{"pareto min=2ms alpha=1", "pareto min=2ms alpha=0.5 + 1ms", "mix 50% exp 1ms, 50% pareto min=2ms alpha=1"} {
		_, err = Parse(text, Time, nil)
		require.NotNil(t, err, text)
		assert.Equal(t, "E308", err.Code)
	}
	law, err = Parse("mix 50% exp 1ms, 50% pareto min=2ms alpha=1.5", Time, nil)
	require.Nil(t, err)
	assert.True(t, math.IsInf(law.Variance(), 1))
}

func TestZipfProbabilitiesAreExact(t *testing.T) {
	z := func(text string) Law {
		law, err := Parse(text, Key, nil)
		require.Nil(t, err)
		return law
	}
	for _, n := range []float64{1, 10, 63, 64, 65, 100, 5000} {
		for _, s := range []float64{0, 0.5, 0.99, 1, 2, 20} {
			total, sum := 0.0, 0.0
			for k := 1.0; k <= n; k++ {
				total += math.Pow(k, -s)
			}
			law := z(fmt.Sprintf("zipf s=%g n=%g", s, n))
			for k := 1.0; k <= n; k++ {
				sum += math.Pow(k, -s)
				require.InDelta(t, sum/total, law.CDF(k-1), 1e-12)
			}
		}
	}
	// Every cell of the table gives back the weight that went in.
	weights := []float64{5, 1, 0, 3, 0.001, 11}
	table := aliasTable(weights)
	got := make([]float64, len(weights))
	for i, c := range table {
		got[i] += float64(c.threshold) / 0x1p32 / 6
		got[c.alias] += (1 - float64(c.threshold)/0x1p32) / 6
	}
	for i, w := range weights {
		assert.InDelta(t, w/20.001, got[i], 1e-9)
	}
}

func TestConstancyAndTraceAreRecognised(t *testing.T) {
	for text, want := range map[string]float64{"5ms": 5e6, "constant 5ms + 1ms": 6e6, "5ms truncate 6ms": 5e6, "mix 100% 5ms, 0% exp 1ms": 5e6} {
		law, err := Parse(text, Time, nil)
		require.Nil(t, err, text)
		value, ok := Constancy(law)
		assert.True(t, ok, text)
		assert.Equal(t, want, value, text)
	}
	law, err := Parse("exp 6ms", Time, nil)
	require.Nil(t, err)
	assert.Equal(t, Exponential{6e6}, law)
	_, ok := Constancy(law)
	assert.False(t, ok)

	law, err = Parse("trace 'service us' unit=us + 0.3ms", Time, nil)
	require.Nil(t, err)
	assert.Equal(t, Trace{Column: "service us", Scale: 1000, Shift: 300_000}, law)
	assert.Equal(t, 2_300_000.0, law.(Trace).Value(2000))
	assert.Panics(t, func() { s := sim.Keyed(1); law.Sample(&s) })
	law, err = Parse("trace rows", Count, nil)
	require.Nil(t, err)
	assert.Equal(t, Trace{Column: "rows", Scale: 1}, law)
}

func TestTableIsDocumented(t *testing.T) {
	for q := Time; q <= Key; q++ {
		names := map[string]bool{}
		for _, row := range Table(q) {
			assert.False(t, names[row.Name], "%s twice for %s", row.Name, q)
			names[row.Name] = true
			assert.NotEmpty(t, row.Doc, row.Name)
			assert.NotEmpty(t, row.Examples, row.Name)
			assert.NotEmpty(t, row.Parameters, row.Name)
			for _, p := range row.Parameters {
				assert.True(t, p.Form != "" && p.Doc != "", row.Name)
			}
		}
	}
	for _, a := range aliases {
		assert.True(t, slices.ContainsFunc(table, func(r Row) bool { return r.Name == a.name }), a.name)
	}
}

func ExampleParse() {
	law, err := Parse("lognormal p50=5ms p99=40ms + 0.3ms", Time, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	s := sim.Named(1, 0, "app", "cpu")
	fmt.Printf("mean %s, a draw %s\n", kind.FormatDuration(int64(law.Mean())), kind.FormatDuration(int64(law.Sample(&s))))
	_, err = Parse("exponental 6ms", Time, nil)
	fmt.Println(err)
	// Output:
	// mean 7.755376ms, a draw 5.517929ms
	// E205: unknown distribution "exponental"; did you mean "exp"?
}
