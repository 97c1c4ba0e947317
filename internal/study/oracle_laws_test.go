package study

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/models/theory"
)

// The operational laws (Denning and Buzen 1978) tie figures of different parts of the
// result to each other. They hold for every topology, whatever its laws of
// time, to within what the ends of the window cut off. (For Little's law and
// the utilisation law of every node see holdOperationalLaws, which looks at
// every oracle too.)
const lawRun = "\n[run]\nduration = \"20m\"\nwarmup = \"10s\"\nreplications = 2\n"

func lawOutcome(t *testing.T, topology string) outcome {
	t.Helper()
	outcomes, err := runAll([]*node.Spec{specOf(t, topology+lawRun)}, Options{})
	require.NoError(t, err)
	holdOperationalLaws(t, outcomes[0])
	return outcomes[0]
}

func TestForcedFlowAndServiceDemand(t *testing.T) {
	// Each request works once at the web; it looks in the cache twice; four in
	// ten look-ups miss and call the database, which works three times and a
	// half on average.
	out := lawOutcome(t, `
[client.users]
target = "lb"
arrivals = "poisson 100/s"
[load_balancer.lb]
targets = ["web"]
policy = "least-connections"
[server.web]
instances = 2
concurrency = 8
on.request = [{ cpu = "lognormal mean=10ms cv=1" }, { repeat = 2, steps = [{ get = "cache", miss = [{ call = "db" }] }] }]
[cache.cache]
hit_ratio = "60%"
latency = "exp 1ms"
[server.db]
cores = 2
on.request = [{ repeat = "geometric 3.5", steps = [{ cpu = "gamma mean=4ms cv=0.5" }] }]
`)
	x := *out.Clients["users"].ThroughputRPS.Mean
	for _, c := range []struct {
		node          string
		visits, times float64 // per request; of work per visit
		service       float64
	}{
		{"lb", 1, 0, 0},
		{"web", 1, 1, 0.010},
		{"cache", 2, 0, 0},
		{"db", 0.8, 3.5, 0.004},
	} {
		n := out.Nodes[c.node]
		assert.InEpsilon(t, c.visits*x, *n.ThroughputRPS.Mean, 0.01, "%s: forced flow, X_i = V_i X", c.node)
		if c.service > 0 {
			demand := theory.Demand(c.visits*c.times, c.service)
			assert.InEpsilon(t, x*demand, *n.Resources["cpu"].Busy.Mean, 0.01, "%s: busy = X D", c.node)
			assert.InEpsilon(t, c.service, *n.Resources["cpu"].ServiceS.Mean.Mean, 0.01, "%s: the work that the file asks for", c.node)
		}
	}
	// The response law, R = sum of V_i R_i, of what is in series: what the web
	// does itself, and what it waits for.
	web, cache, db := out.Nodes["web"], out.Nodes["cache"], out.Nodes["db"]
	own := *web.Resources["cpu"].WaitS["mean"].Mean + *web.Resources["cpu"].ServiceS.Mean.Mean + *web.Resources["workers"].WaitS["mean"].Mean
	parts := own + 2**cache.ResponseS["mean"].Mean + 0.8**db.ResponseS["mean"].Mean
	assert.InEpsilon(t, parts, *out.Clients["users"].LatencyS["mean"].Mean, 0.01, "R = sum of V_i R_i")
	assert.InEpsilon(t, *web.ResponseS["mean"].Mean, *out.Nodes["lb"].ResponseS["mean"].Mean, 1e-9, "a balancer costs nothing")
}

func TestRequestsAreConservedThroughFailures(t *testing.T) {
	// Everything that can end a request at once: time-outs, refusals at the
	// backlog and of the queue's time limit, failures, tries again.
	out := lawOutcome(t, `
[client.users]
target = "web"
arrivals = "poisson 400/s"
timeout = "60ms"
retries = { max = 2, backoff = "exp 20ms", jitter = "full" }
[server.web]
cores = 4
concurrency = 12
backlog = 6
queue_timeout = "30ms"
on.request = [{ cpu = "exp 8ms" }, { fail = "3%" }, { parallel = [[{ call = "db", timeout = "25ms", retries = 1 }], [{ wait = "exp 5ms" }]] }]
[server.db]
cores = 2
on.request = [{ cpu = "hyperexp mean=3ms cv=2" }]
`)
	c, web, db := out.Clients["users"], out.Nodes["web"], out.Nodes["db"]
	for _, kind := range []string{"timeout", "rejected", "failed"} {
		assert.Positive(t, c.Errors[kind], kind)
	}
	assert.Greater(t, c.Attempts, c.Offered)
	for name, n := range out.Nodes {
		ended := n.Completions
		for _, e := range n.Errors {
			ended += e
		}
		// What was there at one end of the window and not at the other.
		assert.InDelta(t, float64(n.Arrivals), float64(ended), 100, "%s: arrivals = completions + errors + in flight", name)
	}
	assert.InEpsilon(t, float64(c.Attempts), float64(web.Arrivals), 1e-3, "every attempt arrives")
	assert.Greater(t, db.Arrivals, web.Completions, "the calls that were tried again arrive too")
}

func TestUsersAndTheirThinkingMakeTheThroughput(t *testing.T) {
	const users, think = 40, 2.0
	out := lawOutcome(t, `
[client.users]
target = "web"
users = 40
think = "2s"
[server.web]
cores = 2
on.request = [{ cpu = "weibull mean=60ms shape=0.7" }, { call = "db" }]
[server.db]
on.request = [{ cpu = "exp 40ms" }]
`)
	c := out.Clients["users"]
	x, r := *c.ThroughputRPS.Mean, *c.LatencyS["mean"].Mean
	assert.InEpsilon(t, theory.InteractiveResponse(users, x, think), r, 0.01, "R = N/X - Z")
	assert.InEpsilon(t, users, theory.Little(x, r+think), 1e-3, "all users think or wait")
	assert.InEpsilon(t, theory.Little(x, r), *out.Nodes["web"].InFlight.Mean, 1e-3, "who does not think is here")
}

// TestClosedNetworkStaysWithinItsBounds is the example of qncsaba.m of the
// `queueing` package of GNU Octave: N=20, D=(9.2,8), Z=120: X <= .109,
// R >= 64.
func TestClosedNetworkStaysWithinItsBounds(t *testing.T) {
	network := theory.ClosedNetwork{Think: 120, Stations: []theory.ClosedStation{{Demand: 9.2, Servers: 1}, {Demand: 8, Servers: 1}}}
	bounds := network.Bounds(20)
	assert.InDelta(t, 0.109, bounds.ThroughputMax, 5e-4)
	assert.InDelta(t, 64, bounds.ResponseMin, 1e-9)
	text := route(closedClient(20, "exp 2m"), steps(call("one"), call("two")), stop{"one", 1, 9.2}, stop{"two", 1, 8})
	outcomes, err := runAll([]*node.Spec{specOf(t, text+runTable(2e6, 5e4, 2, 1))}, Options{})
	require.NoError(t, err)
	c := outcomes[0].Clients["users"]
	assert.Less(t, *c.ThroughputRPS.Mean, bounds.ThroughputMax)
	assert.Greater(t, *c.ThroughputRPS.Mean, bounds.ThroughputMin)
	assert.Greater(t, *c.LatencyS["mean"].Mean, bounds.ResponseMin)
}

// TestStartUpBias compares what an M/M/1 that was empty a while ago holds on
// average with the solution of its Kolmogorov equations: what
// a warm-up has to outlast.
func TestStartUpBias(t *testing.T) {
	if !usually.now() {
		t.Skip("a hundred thousand runs")
	}
	for _, c := range []struct {
		rho   float64
		when  when
		until float64 // in mean service times of 1 ms
		runs  int
		at    []float64
	}{
		{0.8, usually, 20, 110_000, []float64{1, 2, 5, 10, 20}},
		{0.5, nightly, 100, 300_000, []float64{1, 2, 5, 10, 20, 50, 100}},
		{0.8, nightly, 200, 250_000, []float64{2, 10, 50, 100, 200}},
		{0.9, nightly, 200, 250_000, []float64{2, 10, 50, 100, 200}},
	} {
		if !c.when.now() {
			continue
		}
		t.Run(fmt.Sprintf("rho=%g until %g", c.rho, c.until), func(t *testing.T) {
			m := theory.MM1{Lambda: c.rho * 1000, Mu: 1000}
			text := web(m.Lambda, "", cpu("exp 1ms")) + fmt.Sprintf("\n[run]\nduration = %q\nwarmup = \"0s\"\ndrain = \"0s\"\n", seconds(c.until/1000))
			askOften(t, text, c.runs, len(c.at), func(s *node.Snapshot, values []float64) {
				for i, at := range c.at {
					values[i] = s.Nodes[1].Series[rowBefore(s, at/1000)].InFlight
				}
			}, func(s *node.Snapshot, i int) float64 {
				to := c.at[i] / 1000
				return meanBetween(m.NumberMeanAt, to-s.WindowSize.Seconds(), to)
			})
		})
	}
}

// meanBetween is the mean of a function over an interval, by Simpson's rule on
// eight parts.
func meanBetween(f func(float64) float64, from, to float64) float64 {
	const parts = 8
	step := (to - from) / parts
	sum := 0.0
	for i := range parts {
		a := from + float64(i)*step
		sum += f(a) + 4*f(a+step/2) + f(a+step)
	}
	return sum / (6 * parts)
}

// rowBefore is the row of the series that ends at a time in seconds.
func rowBefore(s *node.Snapshot, at float64) int {
	return int(math.Round(at/s.WindowSize.Seconds())) - 1
}

// TestOracleOfConcurrentWaitsIsPoisson looks at M/D/inf for a
// nanosecond, twice the service time after it was empty: what is in flight
// then has the stationary law exactly.
func TestOracleOfConcurrentWaitsIsPoisson(t *testing.T) {
	if !usually.now() {
		t.Skip("a hundred thousand runs")
	}
	m := theory.MGInf{Lambda: 50, Mean: 0.2}
	mean, variance := m.NumberMean(), m.NumberMean() // of a Poisson law
	exact := []float64{mean, variance}
	runs := 100_000
	if nightly.now() {
		runs = 1_500_000
		exact = append(exact, m.NumberProbability(10), m.NumberSurvival(15))
	}
	text := web(m.Lambda, "", wait("200ms")) + "\n[run]\nduration = \"400000001ns\"\nwarmup = \"0s\"\ndrain = \"0s\"\n"
	askOften(t, text, runs, len(exact), func(s *node.Snapshot, values []float64) {
		rows := s.Nodes[1].Series
		n := rows[len(rows)-1].InFlight
		all := []float64{n, (n - mean) * (n - mean), 0, 0}
		if n == 10 {
			all[2] = 1
		}
		if n > 15 {
			all[3] = 1
		}
		copy(values, all)
	}, func(_ *node.Snapshot, i int) float64 { return exact[i] })
}

// askOften makes very many short runs of a topology and judges the means of
// what each tells like the figures of an oracle, with the same second try.
func askOften(t *testing.T, text string, runs, figures int, tell func(*node.Snapshot, []float64), exact func(*node.Snapshot, int) float64) {
	t.Helper()
	judge := func(seed uint64, runs int) (wrong []string) {
		spec := specOf(t, text+fmt.Sprintf("seed = %d\n", seed))
		values := make([][]float64, figures)
		for k := range values {
			values[k] = make([]float64, runs)
		}
		var first *node.Snapshot
		require.NoError(t, each(runs, 0, func(i int) error {
			s, err := node.NewNetwork(spec, i).Run(nil)
			if err != nil {
				return err
			}
			told := make([]float64, figures)
			tell(s, told)
			for k, x := range told {
				values[k][i] = x
			}
			if i == 0 {
				first = s
			}
			return nil
		}))
		for k, v := range values {
			mean, se := meanAndError(v)
			truth := exact(first, k)
			t.Logf("%.6g, exactly %.6g: %.2f standard errors off; the standard error is %.2f %%", mean, truth, math.Abs(mean-truth)/se, 100*se/truth)
			if math.Abs(mean-truth) > standardErrors*se || se > 0.005*truth {
				wrong = append(wrong, fmt.Sprintf("figure %d: %.6g ± %.2g (standard error), exactly %.8g", k, mean, se, truth))
			}
		}
		return wrong
	}
	if wrong := judge(1, runs); len(wrong) > 0 {
		t.Logf("rerun with seed 2 and four times the runs, because: %v", wrong)
		assert.Empty(t, judge(2, 4*runs))
	}
}

func meanAndError(values []float64) (mean, se float64) {
	n := float64(len(values))
	for _, x := range values {
		mean += x / n
	}
	squares := 0.0
	for _, x := range values {
		squares += (x - mean) * (x - mean)
	}
	return mean, math.Sqrt(squares / (n - 1) / n)
}
