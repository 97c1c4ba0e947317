package study

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/dist"
)

// lawQuantities are the quantities that the language has distributions of.
var lawQuantities = []struct {
	name     string
	quantity dist.Quantity
}{{"time", dist.Time}, {"count", dist.Count}, {"key", dist.Key}}

// lawCase changes one parameter of a distribution. Its mean, or its 99th
// percentile, must go where that of the closed form goes, and be there.
type lawCase struct {
	law      string // row and parameter
	from, to string // of a time in ms; a count is the same without units
	figure   string // latencyMean or latencyP99
}

var measureLaws = []lawCase{
	{"constant.1", "constant 5ms", "constant 8ms", latencyMean},
	{"constant.1", "5ms", "8ms", latencyMean},
	{"exp.1", "exp 6ms", "exp 9ms", latencyMean},
	{"uniform.1", "uniform 2ms 9ms", "uniform 6ms 9ms", latencyMean},
	{"uniform.2", "uniform 2ms 9ms", "uniform 2ms 15ms", latencyMean},
	{"normal.mean", "normal mean=5ms sd=1ms", "normal mean=7ms sd=1ms", latencyMean},
	{"normal.sd", "normal mean=9ms sd=1ms", "normal mean=9ms sd=3ms", latencyP99},
	{"lognormal.mean", "lognormal mean=6ms cv=1.5", "lognormal mean=9ms cv=1.5", latencyMean},
	{"lognormal.cv", "lognormal mean=6ms cv=0.5", "lognormal mean=6ms cv=1.5", latencyP99},
	{"lognormal.pN", "lognormal p50=5ms p99=20ms", "lognormal p50=5ms p99=40ms", latencyP99},
	{"lognormal.pN", "lognormal p50=5ms p99=20ms", "lognormal p50=10ms p99=20ms", latencyMean},
	{"gamma.mean", "gamma mean=6ms cv=0.5", "gamma mean=9ms cv=0.5", latencyMean},
	{"gamma.cv", "gamma mean=6ms cv=0.5", "gamma mean=6ms cv=1.5", latencyP99},
	{"erlang.k", "erlang k=1 mean=6ms", "erlang k=9 mean=6ms", latencyP99},
	{"erlang.mean", "erlang k=4 mean=6ms", "erlang k=4 mean=9ms", latencyMean},
	{"weibull.mean", "weibull mean=6ms shape=0.7", "weibull mean=9ms shape=0.7", latencyMean},
	{"weibull.shape", "weibull mean=6ms shape=0.7", "weibull mean=6ms shape=2", latencyP99},
	{"hyperexp.mean", "hyperexp mean=6ms cv=2", "hyperexp mean=9ms cv=2", latencyMean},
	{"hyperexp.cv", "hyperexp mean=6ms cv=1", "hyperexp mean=6ms cv=3", latencyP99},
	{"pareto.min", "pareto min=2ms alpha=3", "pareto min=4ms alpha=3", latencyMean},
	{"pareto.max", "pareto min=2ms max=10ms alpha=1.1", "pareto min=2ms max=90ms alpha=1.1", latencyMean},
	{"pareto.alpha", "pareto min=2ms alpha=3", "pareto min=2ms alpha=6", latencyMean},
	{"quantiles.pN", "quantiles p0=1ms p50=5ms p99=60ms p100=90ms", "quantiles p0=1ms p50=9ms p99=60ms p100=90ms", latencyMean},
	{"empirical.1", "empirical small.csv column=a unit=ms", "empirical large.csv column=a unit=ms", latencyMean},
	{"empirical.column", "empirical small.csv column=a unit=ms", "empirical small.csv column=b unit=ms", latencyMean},
	{"mix.1", "mix 90% exp 4ms, 10% 40ms", "mix 50% exp 4ms, 50% 40ms", latencyMean},
	{"mix.1", "mix 90% exp 4ms, 10% 40ms", "mix 90% exp 4ms, 10% 90ms", latencyMean},
	{"+", "exp 6ms + 1ms", "exp 6ms + 4ms", latencyMean},
	{"truncate", "exp 6ms truncate 20ms", "exp 6ms truncate 8ms", latencyMean},
}

// wholeLaws are only for counts.
var wholeLaws = []lawCase{
	{"integers.1", "integers 1..9", "integers 1..19", latencyMean},
	{"geometric.1", "geometric 4", "geometric 9", latencyMean},
}

// lawCases are those of distributions of times, in a wait step; of counts, as
// rounds of a step that takes a millisecond; and of keys.
func lawCases() []keyCase {
	times := `[client.users]
target = "web"
arrivals = "poisson 300/s"
[server.web]
on.request = [{ wait = "LAW" }]
`
	counts := strings.Replace(times, `{ wait = "LAW" }`, `{ repeat = "LAW", steps = [{ wait = "1ms" }] }`, 1)
	var cases []keyCase
	for _, l := range measureLaws {
		cases = append(cases, l.of(dist.Time, "time", times, 1e-9), l.of(dist.Count, "count", counts, 1e-3))
	}
	for _, l := range wholeLaws {
		cases = append(cases, l.of(dist.Count, "count", counts, 1e-3))
	}
	return append(cases, otherLaws...)
}

// of makes a case of it; unit is how many seconds one of its unit takes.
func (l lawCase) of(q dist.Quantity, name, topology string, unit float64) keyCase {
	if q == dist.Count {
		l.from = strings.ReplaceAll(strings.ReplaceAll(l.from, " unit=ms", ""), "ms", "")
		l.to = strings.ReplaceAll(strings.ReplaceAll(l.to, " unit=ms", ""), "ms", "")
	}
	return keyCase{
		key: "law." + name + "." + l.law, base: strings.Replace(topology, "LAW", l.from, 1), old: `"` + l.from + `"`, new: `"` + l.to + `"`,
		effect: func(t *testing.T, before, after keyAnswer) {
			a, b := before.estimate(t, l.figure), after.estimate(t, l.figure)
			was, is := l.closed(t, l.from, q)*unit, l.closed(t, l.to, q)*unit
			require.Greater(t, math.Abs(is-was), 0.05*was, "the closed forms differ")
			want := up
			if is < was {
				want = down
			}
			assert.NoError(t, moved(a, b, want))
			near(t, was, a)
			near(t, is, b)
		},
	}
}

// near demands an estimate within three half-widths, which are eight standard
// errors of five replications, and what a bucket of a histogram is wide.
func near(t *testing.T, exact float64, e result.Estimate) {
	t.Helper()
	assert.InDelta(t, exact, *e.Mean, 3**e.HalfWidth+bucketWidth*exact, "the closed form")
}

// closed is the figure as theory has it, in the unit of the law.
func (l lawCase) closed(t *testing.T, text string, q dist.Quantity) float64 {
	t.Helper()
	law, problem := dist.Parse(text, q, keyFiles{})
	require.Nil(t, problem, "%s: %v", text, problem)
	if l.figure == latencyMean {
		return law.Mean()
	}
	low, high := 0.0, 1e12
	for range 200 {
		if mid := (low + high) / 2; law.CDF(mid) < 0.99 {
			low = mid
		} else {
			high = mid
		}
	}
	return high
}

// otherLaws have no closed form of their own: a column of a trace is looked
// up; what a key does is a matter of the policy that looks at it.
var otherLaws = []keyCase{
	{key: "law.time.empirical.unit", base: keyStep(`{ wait = "empirical small.csv column=a unit=ms" }`), old: "unit=ms", new: "unit=us", figure: latencyMean, want: down},
	{key: "law.time.trace.1", base: keyTraced, old: "service_us", new: "longer_us", figure: latencyMean, want: up},
	{key: "law.time.trace.unit", base: keyTraced, old: "unit=us", new: "unit=ns", figure: latencyMean, want: down},
	{key: "law.time.+", base: keyTraced, old: "unit=us", new: "unit=us + 20ms", figure: latencyMean, want: up},
	{key: "law.count.trace.1", base: strings.Replace(keyTraced, `wait = "trace service_us unit=us"`, `repeat = "trace few", steps = [{ wait = "10ms" }]`, 1), old: "trace few", new: "trace many", figure: latencyMean, want: up},
	{key: "law.key.constant.1", base: keyFastOrSlow, old: `"constant 1"`, new: `"constant 2"`, figure: latencyMean, want: differs},
	{key: "law.key.integers.1", base: keyHashed, old: `"uniform n=1000"`, new: `"integers 7..7"`, figure: latencyMean, want: up},
	{key: "law.key.uniform.n", base: keyHashed, old: `n=1000`, new: `n=2`, figure: latencyMean, want: up},
	{key: "law.key.zipf.s", base: strings.Replace(keyHashed, "uniform n=1000", "zipf s=0 n=1000", 1), old: "s=0", new: "s=2", figure: latencyMean, want: up},
	{key: "law.key.zipf.n", base: strings.Replace(keyHashed, "uniform n=1000", "zipf s=0.5 n=1000", 1), old: "n=1000", new: "n=2", figure: latencyMean, want: up},
}

const keyFastOrSlow = `[client.users]
target = "lb"
arrivals = "poisson 50/s"
keys = "constant 1"
[load_balancer.lb]
targets = ["fast", "slow"]
policy = "url-hash"
[server.fast]
on.request = [{ wait = "exp 10ms" }]
[server.slow]
on.request = [{ wait = "exp 90ms" }]
`

// keyTraces replays even.csv: 100 requests a second for ten seconds.
const keyTraces = `[client.users]
target = "lb"
arrivals = { trace = "even.csv", format = "csv", columns = { time = "t" }, unit = "ms" }
[load_balancer.lb]
targets = ["web"]
policy = "url-hash"
[server.web]
instances = 4
on.request = [{ cpu = "8ms" }]
on.slow = [{ cpu = "30ms" }]
[run]
duration = "20s"
warmup = "0s"
drain = "60s"
replications = 2
`

var (
	keyTraced = strings.Replace(keyTraces, `{ cpu = "8ms" }`, `{ wait = "trace service_us unit=us" }`, 1)
	keyItems  = strings.Replace(keyOnlySlow, `time = "t"`, `time = "t", key = "same"`, 1)
	keySlowly = strings.Replace(keyTraces, `time = "t" }, unit = "ms"`, `time = "milli" }, unit = "s"`, 1)
	keyLog    = strings.Replace(keyTraces, keyTraceForm, `{ trace = "day.clf", format = "clf" }`, 1)
)

const keyTraceForm = `{ trace = "even.csv", format = "csv", columns = { time = "t" }, unit = "ms" }`

// keyOnlySlow has requests of 30 ms: too much for one instance of the four.
var keyOnlySlow = strings.Replace(keyTraces, "8ms", "30ms", 1)

var traceCases = []keyCase{
	{key: "client.arrivals.trace", base: keyTraces, old: "even.csv", new: "sparse.csv", figure: offeredRPS, want: down},
	{key: "client.arrivals.format=csv", base: strings.Replace(keyTraces, `"csv"`, `"combined"`, 1), old: `"combined"`, new: `"csv"`, effect: readOnlySo},
	{key: "client.arrivals.format=clf", base: keyLog, old: `"clf"`, new: `"combined"`, effect: func(t *testing.T, before, after keyAnswer) {
		readOnlySo(t, after, before)
	}},
	{key: "client.arrivals.format=combined", base: strings.Replace(keyLog, "day.clf", "day.combined", 1), old: `"clf"`, new: `"combined"`, effect: readOnlySo},
	{key: "client.arrivals.columns.time", base: keyTraces, old: `time = "t"`, new: `time = "half"`, figure: latencyMean, want: up},
	{key: "client.arrivals.columns.op", base: keyTraces, old: `time = "t"`, new: `time = "t", op = "op"`, figure: latencyMean, want: up},
	{key: "client.arrivals.columns.key", base: keyItems, old: `key = "same"`, new: `key = "item"`, figure: latencyMean, want: down},
	{key: "client.arrivals.unit=s", base: keyTraces, old: `unit = "ms"`, new: `unit = "s"`, figure: offeredRPS, want: down},
	{key: "client.arrivals.unit=ms", base: strings.Replace(keyTraces, `unit = "ms"`, `unit = "s"`, 1), old: `unit = "s"`, new: `unit = "ms"`, figure: offeredRPS, want: up},
	{key: "client.arrivals.unit=us", base: keyTraces, old: `unit = "ms"`, new: `unit = "us"`, figure: latencyMean, want: up},
	{key: "client.arrivals.unit=ns", base: strings.Replace(keyTraces, `unit = "ms"`, `unit = "us"`, 1), old: `unit = "us"`, new: `unit = "ns"`, figure: latencyMean, want: up},
	{key: "client.arrivals.unit=min", base: keySlowly, old: `unit = "s"`, new: `unit = "min"`, figure: offeredRPS, want: down},
	{key: "client.arrivals.unit=h", base: strings.Replace(keySlowly, `"s"`, `"min"`, 1), old: `unit = "min"`, new: `unit = "h"`, figure: offeredRPS, want: down},
	{key: "client.arrivals.speed", base: keyTraces, old: `unit = "ms"`, new: `unit = "ms", speed = 4`, figure: latencyMean, want: up},
	{key: "client.arrivals.repeat", base: keyTraces, old: `unit = "ms"`, new: `unit = "ms", repeat = true`, figure: offeredRPS, want: up},
	{key: "client.arrivals.sort", base: strings.Replace(keyTraces, "even.csv", "shuffled.csv", 1), old: `unit = "ms"`, new: `unit = "ms", sort = true`, effect: readOnlySo},
}

// readOnlySo demands that the trace cannot be read before, and is after: all
// of its rows are sent in each of two replications.
func readOnlySo(t *testing.T, before, after keyAnswer) {
	t.Helper()
	assert.NotEmpty(t, before.refused)
	require.Empty(t, after.refused)
	assert.EqualValues(t, 2*keyRows, after.Clients["users"].Offered)
}

// keyRows is how many rows the traces have.
const keyRows = 1000

// keyData are the traces and data files of the cases. Nobody writes to it.
var keyData = makeKeyData()

func makeKeyData() map[string]string {
	const header = "t,half,milli,op,item,same,service_us,longer_us,few,many\n"
	var even, shuffled, sparse, clf, combined, listed strings.Builder
	even.WriteString(header)
	shuffled.WriteString(header)
	sparse.WriteString(header)
	for i := range keyRows {
		row := fmt.Sprintf("%d,%d,%g,slow,%d,0,%d,%d,%d,%d\n", 10*i, 5*i, float64(i)/1000, i%50, 5000+i, 15000+i, 1+i%3, 4+i%3)
		even.WriteString(row)
		if i%10 == 0 {
			sparse.WriteString(row)
		}
		k := i * 7 % keyRows
		fmt.Fprintf(&shuffled, "%d,%d,0,slow,0,0,1,1,1,1\n", 10*k, 5*k)
		line := fmt.Sprintf(`10.0.0.%d - - [01/Aug/1995:00:00:%02d -0400] "GET /%d HTTP/1.0" 200 %d`, i%200, i/100, i%50, i)
		clf.WriteString(line + "\n")
		fmt.Fprintf(&listed, "item-%d\n", i%50)
		combined.WriteString(line + ` "-" "Mozilla/1.0"` + "\n")
	}
	return map[string]string{
		"fast.toml": keyBase,
		"even.csv":  even.String(), "shuffled.csv": shuffled.String(), "sparse.csv": sparse.String(),
		"day.clf": clf.String(), "day.combined": combined.String(),
		"listed.txt": listed.String(), "same.txt": strings.Repeat("item\n", keyRows), "counted.txt": strings.Repeat("100\n", keyRows/100),
		"small.csv": "a,b\n1,11\n2,12\n3,13\n4,14\n", "large.csv": "a,b\n21,1\n22,1\n23,1\n24,1\n",
	}
}
