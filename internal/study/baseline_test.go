package study

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/sim/stats"
)

// estimateFrom is the estimate of observations.
func estimateFrom(values ...float64) result.Estimate {
	mean, half, ok := stats.Interval(values)
	if !ok {
		return result.Estimate{Mean: &mean}
	}
	return result.Estimate{Mean: &mean, HalfWidth: &half}
}

// document is a result with one client whose p99 has these values by
// replication, and nothing else that varies.
func document(fingerprint string, p99 ...float64) *result.Result {
	even := constant(0.5, len(p99))
	return &result.Result{
		Schema: result.Schema, Version: "1", Fingerprint: fingerprint,
		Run: result.Run{Replications: len(p99), DurationS: 60},
		Clients: map[string]*result.Client{"users": {Traffic: result.Traffic{
			OfferedRPS: even, ThroughputRPS: even, ErrorRatio: even, Availability: even,
			LatencyS: result.Latency{"p50": even, "mean": even, "p99": estimateFrom(p99...)},
		}}},
	}
}

func changeOf(t *testing.T, b *result.Baseline, subject, metric string) result.Change {
	t.Helper()
	for _, c := range b.Changes {
		if c.Subject == subject && c.Metric == metric {
			return c
		}
	}
	require.Fail(t, "no such change", "%s %s", subject, metric)
	return result.Change{}
}

// The difference has Welch's interval, as gonum's textbook parts give it.
func TestBaselineDifferenceHasWelchsInterval(t *testing.T) {
	old, now := []float64{0.100, 0.104, 0.098, 0.101}, []float64{0.120, 0.131, 0.118, 0.123, 0.119}
	b := AgainstBaseline(document("a", old...), document("b", now...), 0)
	c := changeOf(t, b, "users", "latency_s.p99")
	va, vb := stat.Variance(old, nil)/4, stat.Variance(now, nil)/5
	df := (va + vb) * (va + vb) / (va*va/3 + vb*vb/4)
	law := distuv.StudentsT{Sigma: 1, Nu: df}
	d := stat.Mean(now, nil) - stat.Mean(old, nil)
	assert.InDelta(t, d, *c.Difference.Mean, 1e-12)
	assert.InEpsilon(t, law.Quantile(0.975)*math.Sqrt(va+vb), *c.Difference.HalfWidth, 1e-6)
	assert.InEpsilon(t, 2*law.CDF(-d/math.Sqrt(va+vb)), *c.P, 1e-6)
	assert.InEpsilon(t, d/stat.Mean(old, nil), *c.Ratio, 1e-12)
	assert.InEpsilon(t, *c.Difference.HalfWidth, *c.Visible, 1e-12, "of a family of one figure that varies")
	assert.Equal(t, result.Regression, c.Verdict)
	assert.Equal(t, result.Regression, b.Verdict)
	assert.Len(t, b.Regressions(), 1)
}

func TestBaselineVerdicts(t *testing.T) {
	steady := []float64{0.100, 0.101, 0.099}
	for _, c := range []struct {
		what      string
		old, now  []float64
		tolerance float64
		want      string
	}{
		{"worse", steady, []float64{0.130, 0.131, 0.129}, 0, result.Regression},
		{"worse by less than the tolerance", steady, []float64{0.130, 0.131, 0.129}, 0.31, result.Tolerated},
		{"worse by more than the tolerance", steady, []float64{0.130, 0.131, 0.129}, 0.29, result.Regression},
		{"better", []float64{0.130, 0.131, 0.129}, steady, 0, result.Improvement},
		{"within the noise", steady, []float64{0.100, 0.108, 0.096}, 0, result.NoDifference},
		{"the same", steady, steady, 0, result.NoDifference},
		{"no noise at all", []float64{0.1, 0.1}, []float64{0.1001, 0.1001}, 0, result.Regression},
		{"rounding", []float64{0.1, 0.1}, []float64{0.1 + 1e-17, 0.1 + 1e-17}, 0, result.NoDifference},
		{"single replications: the point decides", []float64{0.1}, []float64{0.11}, 0, result.Regression},
		{"single replications, the tolerance too", []float64{0.1}, []float64{0.11}, 0.2, result.Tolerated},
		{"a single one against several: their noise", steady, []float64{0.104}, 0, result.NoDifference},
		{"several against a single one", []float64{0.130}, steady, 0, result.Improvement},
	} {
		b := AgainstBaseline(document("a", c.old...), document("b", c.now...), c.tolerance)
		assert.Equal(t, c.want, changeOf(t, b, "users", "latency_s.p99").Verdict, c.what)
	}
}

// The same customers, each a third slower: nearly all of the noise cancels.
func TestBaselinePairsWhatHasTheSameCustomers(t *testing.T) {
	values := []float64{0.10, 0.14, 0.08, 0.12}
	slower := []float64{0.1101, 0.1499, 0.0902, 0.1298}
	with := func(r *result.Result, values ...float64) *result.Result {
		pointers := make([]*float64, len(values))
		for i := range values {
			pointers[i] = &values[i]
		}
		r.Clients["users"].ByReplication = map[string][]*float64{"latency_s.p99": pointers}
		return r
	}
	old, now := with(document("a", values...), values...), with(document("b", slower...), slower...)
	c := changeOf(t, AgainstBaseline(old, now, 0), "users", "latency_s.p99")
	_, half, _ := stats.PairedInterval(slower, values)
	assert.True(t, c.Paired)
	assert.InDelta(t, half, *c.Difference.HalfWidth, 1e-15)
	assert.Equal(t, result.Regression, c.Verdict)

	for what, change := range map[string]func(r *result.Result){
		"another seed":      func(r *result.Result) { r.Seed++ },
		"another duration":  func(r *result.Result) { r.Run.DurationS++ },
		"another warm-up":   func(r *result.Result) { r.Run.WarmupS++ },
		"an older document": func(r *result.Result) { r.Clients["users"].ByReplication = nil },
		"a single pair": func(r *result.Result) {
			r.Clients["users"].ByReplication["latency_s.p99"] = []*float64{&values[0], nil, nil, nil}
		},
	} {
		old := with(document("a", values...), values...)
		change(old)
		c := changeOf(t, AgainstBaseline(old, now, 0), "users", "latency_s.p99")
		assert.False(t, c.Paired, what)
		assert.Equal(t, result.NoDifference, c.Verdict, what)
	}
}

// What is paired is said of the replications that both have: neither more of them
// nor a percentile of all of them together is a regression where each is what it
// was.
func TestBaselineDifferencesAreThoseOfThePairs(t *testing.T) {
	const text = `
run = { duration = "60s", replications = %d, warmup = "0s" }
client.users = { target = "web", arrivals = "poisson 5/s" }
server.web = { cores = 2, on.request = [{ cpu = "exp 50ms" }] }`
	short, long := ranFor(t, fmt.Sprintf(text, 4)), ranFor(t, fmt.Sprintf(text, 8))
	for _, pair := range [][2]*result.Result{{short, long}, {long, short}} {
		b := AgainstBaseline(pair[0], pair[1], 0)
		assert.Equal(t, result.NoDifference, b.Verdict)
		c := changeOf(t, b, "users", "latency_s.mean")
		assert.True(t, c.Paired)
		assert.Zero(t, *c.Difference.Mean)
		assert.Contains(t, b.Notes, fmt.Sprintf("the baseline has %d replications, this run %d: clients are compared by those that both have",
			pair[0].Run.Replications, pair[1].Run.Replications))
	}
	other := *short
	client := *short.Clients["users"]
	client.LatencyS = maps.Clone(client.LatencyS)
	pooled := *client.LatencyS["p99"].Mean * 1.02
	client.LatencyS["p99"] = result.Estimate{Mean: &pooled, HalfWidth: client.LatencyS["p99"].HalfWidth}
	other.Clients, other.Fingerprint = map[string]*result.Client{"users": &client}, "other"
	assert.Equal(t, result.NoDifference, AgainstBaseline(short, &other, 0).Verdict, "each replication has the p99 that it had")
}

// Machines that cost more are not hidden by calls that vary from replication to
// replication, but are the same calls.
func TestBaselinePairsWhatTheSameCustomersCost(t *testing.T) {
	const text = `
run = { duration = "60s", replications = 4, warmup = "0s" }
client.users = { target = "web", arrivals = "poisson 20/s" }
server.web = { price_per_hour = %g, on.request = [{ call = "maps" }] }
external.maps = { latency = "5ms", price_per_call = %g }`
	dear := func(hour, call float64) *result.Result { return ranFor(t, fmt.Sprintf(text, hour, call)) }
	old := dear(0.1, 0.001)
	require.Greater(t, *old.Cost.Monthly.HalfWidth, 100.0)
	b := AgainstBaseline(old, dear(0.12, 0.001), 0)
	c := changeOf(t, b, "cost", "monthly")
	assert.True(t, c.Paired)
	assert.InDelta(t, 14.6, *c.Difference.Mean, 1e-6)
	assert.InDelta(t, 0, *c.Difference.HalfWidth, 1e-6)
	assert.Equal(t, result.Regression, b.Verdict)

	fixed := dear(60, 0)
	assert.Nil(t, fixed.Cost.ByReplication, "the same in each")
	c = changeOf(t, AgainstBaseline(fixed, old, 0), "cost", "monthly")
	assert.True(t, c.Paired)
	assert.InEpsilon(t, *old.Cost.Monthly.HalfWidth, *c.Difference.HalfWidth, 1e-9)

	older := *old
	cost := *old.Cost
	cost.ByReplication, older.Cost = nil, &cost
	c = changeOf(t, AgainstBaseline(&older, dear(0.12, 0.001), 0), "cost", "monthly")
	assert.False(t, c.Paired)
	assert.Equal(t, result.NoDifference, c.Verdict)
}

// What a document has by replication is what its estimates are made from.
func TestFiguresByReplicationMakeTheEstimates(t *testing.T) {
	spec := specsOf(t, "[run]\nduration = \"40s\"\nwarmup = \"0s\"\nreplications = 3\n[client.u]\ntarget = \"a\"\narrivals = \"poisson 50/s\"\ntimeout = \"100ms\"\n"+
		"[server.a]\non.request = [{ cpu = \"exp 15ms\" }]\n")[0]
	r, err := Run(spec, Options{})
	require.NoError(t, err)
	c := r.Clients["u"]
	require.Len(t, c.ByReplication, 6)
	for metric, e := range map[string]result.Estimate{
		"latency_s.mean": c.LatencyS["mean"], "latency_s.p50": c.LatencyS["p50"], "latency_s.p99": c.LatencyS["p99"],
		"throughput_rps": c.ThroughputRPS, "error_ratio": c.ErrorRatio, "availability": c.Availability,
	} {
		var values []float64
		for _, v := range c.ByReplication[metric] {
			require.NotNil(t, v, metric)
			values = append(values, *v)
		}
		mean, half, _ := stats.Interval(values)
		require.NotNil(t, e.Mean, metric)
		assert.InEpsilon(t, *e.Mean, mean, 0.2, metric) // pooled, not averaged
		assert.InEpsilon(t, *e.HalfWidth, half, 1e-6, metric)
	}
	single := *spec
	single.Run.Replications = 1
	r, err = Run(&single, Options{})
	require.NoError(t, err)
	assert.Nil(t, r.Clients["u"].ByReplication)
}

// A prediction interval: one further observation lies within t(n−1)·s·√(1+1/n).
func TestBaselineOfASingleReplicationVariesAsTheOtherDoes(t *testing.T) {
	values := []float64{0.100, 0.104, 0.098, 0.101}
	want := distuv.StudentsT{Sigma: 1, Nu: 3}.Quantile(0.975) * stat.StdDev(values, nil) * math.Sqrt(1+1.0/4)
	for _, b := range []*result.Baseline{
		AgainstBaseline(document("a", values...), document("b", 0.11), 0),
		AgainstBaseline(document("a", 0.11), document("b", values...), 0),
	} {
		assert.InEpsilon(t, want, *changeOf(t, b, "users", "latency_s.p99").Difference.HalfWidth, 1e-6)
	}
}

// Which way is worse depends on the figure; nodes explain and are not judged.
func TestBaselineKnowsWhichWayIsWorse(t *testing.T) {
	old, now := document("a", 1, 1), document("b", 1, 1)
	number := func(x float64) result.Estimate { return constant(x, 2) }
	set := func(r *result.Result, x float64) {
		c := r.Clients["users"]
		c.ThroughputRPS, c.ErrorRatio, c.Availability = number(x), number(x), number(x)
		c.LatencyS["mean"], c.LatencyS["p50"] = number(x), number(x)
		r.Cost = &result.Cost{Currency: "USD", Monthly: number(x), PerMillionRequests: number(x)}
		r.Nodes = map[string]*result.Node{"app": {
			Resources: map[string]*result.Resource{
				"cpu": {Utilization: result.Optional{Estimate: number(x)}}, "workers": {},
			},
			Cache: &result.Cache{HitRatio: number(x)},
		}}
	}
	set(old, 0.5)
	set(now, 0.6)
	want := map[string]string{
		"throughput_rps": result.Improvement, "availability": result.Improvement, "error_ratio": result.Regression,
		"latency_s.mean": result.Regression, "latency_s.p50": result.Regression, "latency_s.p99": result.NoDifference,
		"monthly": result.Regression, "per_million_requests": result.Changed,
		"cpu.utilization": result.Changed, "cache.hit_ratio": result.Changed,
	}
	got := map[string]string{}
	for _, c := range AgainstBaseline(old, now, 0).Changes {
		got[c.Metric] = c.Verdict
	}
	assert.Equal(t, want, got)
	back := AgainstBaseline(now, old, 0)
	assert.Equal(t, result.Regression, changeOf(t, back, "users", "throughput_rps").Verdict)
	assert.Equal(t, result.Improvement, changeOf(t, back, "cost", "monthly").Verdict)
	assert.Equal(t, "USD", back.Currency)
}

// A value of 0 has no share: whatever comes is beyond any tolerance.
func TestBaselineOfZeroIsBeyondAnyTolerance(t *testing.T) {
	old, now := document("a", 1, 1), document("b", 1, 1)
	old.Clients["users"].ErrorRatio, now.Clients["users"].ErrorRatio = constant(0, 2), constant(1e-6, 2)
	c := changeOf(t, AgainstBaseline(old, now, 0.9), "users", "error_ratio")
	assert.Nil(t, c.Ratio)
	assert.Equal(t, result.Regression, c.Verdict)
}

func TestBaselineSaysWhatIsNotThere(t *testing.T) {
	old, now := document("a", 1, 2), document("b", 1, 2)
	old.Clients["gone"], now.Clients["new"] = old.Clients["users"], now.Clients["users"]
	old.Nodes = map[string]*result.Node{"cache": {}}
	now.Clients["users"] = &result.Client{}
	old.Version, old.Truncated, old.Design, old.Run.DurationS = "0.1", true, "big", 30
	old.Cost = &result.Cost{}
	b := AgainstBaseline(old, now, 0)
	assert.Equal(t, []string{"gone", "cache"}, b.Missing)
	assert.Equal(t, []string{"new"}, b.Added)
	c := changeOf(t, b, "users", "latency_s.p99")
	assert.Equal(t, result.Unknown, c.Verdict)
	assert.Equal(t, "only in the baseline", c.Difference.Note)
	assert.Equal(t, result.NoDifference, b.Verdict)
	assert.Equal(t, []string{
		"the baseline was made by capsim 0.1, which may have simulated otherwise", "the baseline is of design big",
		"the baseline measured 30 s, this run 60 s", "the run of the baseline was interrupted",
		"the baseline has costs, this run has none",
	}, b.Notes)
}

// With equal fingerprints nothing that is simulated differs: there is no noise
// between the two.
func TestBaselineWithTheSameFingerprintIsTheSameRun(t *testing.T) {
	b := AgainstBaseline(document("a", 1, 2, 3), document("a", 1, 2, 3), 0)
	assert.True(t, b.Identical)
	c := changeOf(t, b, "users", "latency_s.p99")
	assert.Zero(t, *c.Difference.Mean)
	assert.Zero(t, *c.Difference.HalfWidth)
	assert.False(t, AgainstBaseline(document("", 1, 2), document("", 1, 2), 0).Identical)
}

// Five clients with nothing between the runs but noise: a false alarm in not
// more than 5 % of comparisons, though each has 30 figures. Without the
// correction it would be four of five.
func TestBaselineRarelyCriesWolf(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	noisy := func(f string) *result.Result {
		d := document(f, 1, 1, 1, 1, 1)
		d.Clients = map[string]*result.Client{}
		draw := func() result.Estimate {
			return estimateFrom(r.NormFloat64(), r.NormFloat64(), r.NormFloat64(), r.NormFloat64(), r.NormFloat64())
		}
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			d.Clients[name] = &result.Client{Traffic: result.Traffic{
				OfferedRPS: constant(1, 5), ThroughputRPS: draw(), ErrorRatio: draw(), Availability: draw(),
				LatencyS: result.Latency{"p50": draw(), "p99": draw(), "mean": draw()},
			}}
		}
		return d
	}
	const rounds = 2000
	alarms, single := 0, 0
	for range rounds {
		b := AgainstBaseline(noisy("a"), noisy("b"), 0)
		alone := false
		for _, c := range b.Changes {
			alone = alone || *c.P < 0.05
		}
		if b.Verdict != result.NoDifference {
			alarms++
		}
		if alone {
			single++
		}
	}
	assert.Less(t, float64(alarms)/rounds, 0.05+3*math.Sqrt(0.05*0.95/rounds))
	assert.Greater(t, float64(alarms)/rounds, 0.015, "not because nothing is ever seen")
	assert.Greater(t, float64(single)/rounds, 0.5)
}
