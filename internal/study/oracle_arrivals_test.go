package study

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/models/theory"
	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/topologies"
)

// arriving is a topology of one client whose arrivals are written out.
func arriving(arrivals, server, steps string) string {
	return fmt.Sprintf("[client.users]\ntarget = \"web\"\n%s\n[server.web]\n%s\non.request = [%s]\n", arrivals, server, steps)
}

// mh2cOracles are of the Markov chain of M/H2/c, solved to 8 digits, with a
// mean service time of 1 ms.
func mh2cOracles() []oracle {
	laws := services()
	row := func(name string, lambda float64, c int, waits, wait float64, w when, millions float64) oracle {
		s := laws[name]
		return oracle{
			name: fmt.Sprintf("M/%s/%d lambda=%g", name, c, lambda), source: "the Markov chain, solved", when: w,
			topology: web(lambda*1000, fmt.Sprintf("cores = %d", c), cpu(s.law)), rate: lambda * 1000, millions: millions,
			relax: relaxation(lambda*1000, 1000, c) * (1 + s.scv),
			facts: []fact{
				{figure: "users latency mean", exact: (wait + 1) * 1e-3, slack: 1e-11},
				{figure: "web cpu wait mean", exact: wait * 1e-3, slack: 1e-11},
				{figure: "web cpu waits", exact: waits, slack: 1e-8},
				{figure: "web cpu queue", exact: lambda * wait, slack: 1e-7},
				{figure: "web cpu utilization", exact: lambda / float64(c)},
			},
		}
	}
	return []oracle{
		row("H2(0.3)", 1.6, 2, 0.71419738, 2.5060643, nightly, 22),
		row("H2(0.3)", 2.4, 3, 0.65206321, 1.5065535, usually, 11),
		row("H2(0.1)", 1.6, 2, 0.7190923, 4.7442844, nightly, 60),
		row("H2(0.1)", 3.2, 4, 0.61143781, 1.893597, nightly, 70),
		row("H2(0.1)", 4.5, 5, 0.77453591, 4.0321652, nightly, 250),
	}
}

// gammaGaps is the law of a gap with a gamma distribution: its transform is
// (1 + s m/k)^(-k) with k = 1/cv².
func gammaGaps(mean, cv float64) theory.InterarrivalLaw {
	shape := 1 / (cv * cv)
	return theory.InterarrivalLaw{Mean: mean, Complement: func(s float64) float64 {
		return -math.Expm1(-shape * math.Log1p(s*mean/shape))
	}}
}

// interrupted writes hyperexponential gaps, of mean m1 with probability p and
// else of m2, as bursts between which nothing comes: a Poisson process that is
// switched on and off is that very renewal process (A. Kuczura, Bell System
// Technical Journal 52(3), 1973). The peak is a millionth short of the
// greatest, which would be no number of the language.
func interrupted(p, m1, m2 float64) string {
	x, y := 1/m1, 1/m2
	rate := p*x + (1-p)*y
	resume := x * y / rate
	stop := x + y - rate - resume
	mean := rate * resume / (resume + stop)
	return fmt.Sprintf("bursty %s peak=%.7fx on=%s off=%s", perSecond(mean), rate/mean-1e-6, seconds(1/stop), seconds(1/resume))
}

// gim1Oracles are queues with gaps that are not exponential. What an arrival
// sees is not what an observer sees, who comes at any time.
func gim1Oracles() []oracle {
	const mu = 1000.0
	row := func(name, arrivals string, gaps theory.InterarrivalLaw, w when, millions float64) oracle {
		m := theory.GIM1{Interarrival: gaps, Mu: mu}
		rho := m.Utilisation()
		o := oracle{
			name: fmt.Sprintf("%s/M/1 rho=%.3g", name, rho), source: "Kleinrock, Queueing Systems I, ch. 6", when: w,
			topology: arriving(fmt.Sprintf("arrivals = %q", arrivals), "cores = 1", cpu("exp 1ms")),
			rate:     rho * mu, millions: millions, relax: 4 * relaxation(rho*mu, mu, 1),
			facts: []fact{
				{figure: "users latency mean", exact: m.ResponseMean()},
				{figure: "web cpu waits", exact: m.WaitProbability()},
				{figure: "web cpu wait mean", exact: m.WaitMean()},
				{figure: "web cpu utilization", exact: rho},
				{figure: "web in_flight", exact: m.NumberMean()},
			},
		}
		o.facts = append(o.facts, responseFacts("users latency", m.ResponseQuantile)...)
		return o
	}
	erlang := func(k int, rho float64, w when, millions float64) oracle {
		text := fmt.Sprintf("gamma %s cv=%.17g", perSecond(rho*mu), 1/math.Sqrt(float64(k)))
		return row(fmt.Sprintf("E%d", k), text, theory.ErlangArrivals(k, 1/(rho*mu)), w, millions)
	}
	gamma := func(cv, rho float64, w when, millions float64) oracle {
		text := fmt.Sprintf("gamma %s cv=%g", perSecond(rho*mu), cv)
		return row(fmt.Sprintf("Gamma(cv=%g)", cv), text, gammaGaps(1/(rho*mu), cv), w, millions)
	}
	hyper := func(rho float64, w when, millions float64) oracle {
		m1, m2 := 5/(rho*mu), 5.0/9/(rho*mu)
		return row("H2", interrupted(0.1, m1, m2), theory.HyperexponentialArrivals([]float64{0.1, 0.9}, []float64{m1, m2}), w, millions)
	}
	return []oracle{
		erlang(2, 0.5, always, 2), erlang(2, 0.8, nightly, 9), erlang(2, 0.9, nightly, 40),
		erlang(4, 0.5, nightly, 2), erlang(4, 0.8, usually, 7), erlang(4, 0.9, nightly, 30),
		gamma(2, 0.5, usually, 3.5), gamma(2, 0.8, nightly, 50), gamma(0.3, 0.8, nightly, 7),
		hyper(0.5, usually, 3.5), hyper(0.8, nightly, 70), hyper(0.9, nightly, 300),
	}
}

// batchOracles have requests that come together: of M[X]/M/1 the mean number
// is rho (1 + E[X²]/E[X]) / (2 (1 - rho)).
func batchOracles() []oracle {
	row := func(name, batch string, rho, mean, square float64, w when, millions float64) oracle {
		const mu = 1000.0
		number := rho * (1 + square/mean) / (2 * (1 - rho))
		return oracle{
			name: fmt.Sprintf("M[%s]/M/1 rho=%g", name, rho), source: "Gross and Harris, sec. 3.1", when: w,
			topology: arriving(fmt.Sprintf("arrivals = \"poisson %s batch=%s\"", perSecond(rho*mu/mean), batch), "cores = 1", cpu("exp 1ms")),
			rate:     rho * mu, millions: millions, relax: relaxation(rho*mu, mu, 1) * mean,
			facts: []fact{
				{figure: "web in_flight", exact: number},
				{figure: "users latency mean", exact: number / (rho * mu)},
				{figure: "web cpu utilization", exact: rho},
			},
		}
	}
	return []oracle{
		row("4", "4", 0.5, 4, 16, always, 2),
		row("geometric 4", "geometric 4", 0.5, 4, 28, usually, 6),
		row("geometric 4", "geometric 4", 0.8, 4, 28, nightly, 50),
		row("1..9", "integers 1..9", 0.8, 5, 95.0/3, nightly, 50),
	}
}

// tailOracles are of Dean and Barroso, The Tail at Scale, Communications of
// the ACM 56(2), 2013: a request that needs the answers of all leaves is slow
// if one of them is.
func tailOracles() []oracle {
	fan := func(leaves int, leaf string) string {
		return "{ parallel = [" + strings.TrimSuffix(strings.Repeat("["+wait(leaf)+"], ", leaves), ", ") + "] }"
	}
	slow := func(name, leaf string, leaves int, share float64, w when, millions float64) oracle {
		return oracle{
			name: name, source: "Dean and Barroso 2013", when: w,
			topology: clientOf(100, `timeout = "500ms"`) + fmt.Sprintf("[server.web]\non.request = [%s]\n", fan(leaves, leaf)),
			rate:     100, millions: millions, relax: 0.2,
			facts: []fact{{figure: "users errors", exact: share}},
		}
	}
	// The median of the greatest of 100 is the 0.5^(1/100) quantile of one,
	// which lies between p99 and p100 on a line of logarithms.
	greatest := func(q float64) float64 { return 0.010 * math.Pow(10, (math.Pow(q, 0.01)-0.99)/0.01) }
	return []oracle{
		slow("1 in 100 of 100 leaves", "mix 99% 10ms, 1% 1s", 100, 1-math.Pow(0.99, 100), usually, 0.035),
		slow("1 in 10000 of 2000 leaves", "mix 99.99% 10ms, 0.01% 1s", 2000, 1-math.Pow(0.9999, 2000), nightly, 0.22),
		{
			name: "p50, p95, p99 of a leaf and of all 100", source: "Dean and Barroso 2013", when: nightly,
			topology: web(100, "", fan(100, "quantiles p0=0.2ms p50=1ms p95=5ms p99=10ms p100=100ms")), rate: 100, millions: 0.4, relax: 0.1,
			facts: []fact{
				{figure: "users latency p50", exact: greatest(0.5)},
				{figure: "users latency p95", exact: greatest(0.95)},
				{figure: "users latency p99", exact: greatest(0.99)},
			},
		},
	}
}

// presentAt is how many requests are in flight at the end of each run of a
// topology, which begins empty: with no time to drain they stay unfinished.
func presentAt(t *testing.T, topology string, at float64, runs int, exact float64) {
	t.Helper()
	text := topology + fmt.Sprintf("\n[run]\nduration = %q\nwarmup = \"0s\"\ndrain = \"0s\"\n", seconds(at))
	askOften(t, text, runs, 1, func(s *node.Snapshot, values []float64) {
		values[0] = float64(s.Clients[0].Ops[0].Unfinished)
	}, func(*node.Snapshot, int) float64 { return exact })
}

// TestOracleOfASineToInfinitelyManyServers looks at M(t)/G/inf, whose number
// is Poisson with the mean m(t) = ∫ λ(u) P(S > t-u) du (Eick, Massey and
// Whitt, Management Science 39, 1993), integrated numerically to 8 digits.
// The rate is 10 + 6 sin(2πt/24), here a hundred times as much.
func TestOracleOfASineToInfinitelyManyServers(t *testing.T) {
	times := []float64{3, 6, 12, 18, 24, 48}
	for _, row := range []struct {
		law  string
		mean []float64
	}{
		{"exp 1s", []float64{12.506349, 15.594, 11.469989, 4.3848558, 8.5299587, 8.5299587}},
		{"exp 6s", []float64{29.309375, 54.30927, 70.395681, 47.44232, 42.891105, 43.676683}},
		{"erlang k=4 mean=6s", []float64{35.480373, 68.74726, 80.978693, 42.810674, 38.352446, 38.353733}},
		{"lognormal mean=6s cv=1", []float64{32.45738, 58.528567, 70.672168, 44.047604, 41.911777, 43.197948}},
		{"6s", []float64{36.712618, 82.918312, 82.918312, 37.081688, 37.081688, 37.081688}},
	} {
		for i, at := range times {
			if !nightly.now() && (!usually.now() || i > 2 || row.law != "exp 1s" && i != 1) {
				continue
			}
			t.Run(fmt.Sprintf("%s at %g s", row.law, at), func(t *testing.T) {
				const scale = 100
				text := arriving(`wave = { mean = "1000/s", amplitude = "600/s", period = "24s" }`, "", wait(row.law))
				mean := scale * row.mean[i]
				runs := int(60_000/mean) + 20
				presentAt(t, text, at, runs, mean)
			})
		}
	}
}

// TestOracleOfAStepOfOverload looks at M(t)/M/c at times within and after an
// overload; the figures are those of Kolmogorov's equations, integrated.
func TestOracleOfAStepOfOverload(t *testing.T) {
	for _, row := range []struct {
		low, high float64
		c         int
		t1, span  float64
		present   []float64 // at t1, t1 + span × (1/2, 1, 3/2, 2, 4)
	}{
		{0.5, 1.5, 1, 20, 20, []float64{0.974846, 7.1518, 12.3558, 7.9928, 4.90609, 1.21588}},
		{6, 14, 10, 20, 10, []float64{6.15194, 28.8056, 48.8625, 29.5563, 15.2904, 6.16471}},
		{2, 5, 4, 10, 30, []float64{2.16898, 20.6212, 35.8793, 11.1491, 3.08983, 2.17391}},
	} {
		for i, after := range []float64{0, 0.5, 1, 1.5, 2, 4} {
			if !nightly.now() && (!usually.now() || row.c != 10 || i != 1 && i != 2) {
				continue
			}
			t.Run(fmt.Sprintf("c=%d at t1 + %g", row.c, after), func(t *testing.T) {
				shape := fmt.Sprintf("arrivals = \"poisson %s\"\nstages = [{ duration = %q, target = %q }, { duration = \"0s\", target = %q }, { duration = %q, target = %q }, { duration = \"0s\", target = %q }]",
					perSecond(row.low), seconds(row.t1), perSecond(row.low), perSecond(row.high), seconds(row.span), perSecond(row.high), perSecond(row.low))
				text := arriving(shape, fmt.Sprintf("cores = %d", row.c), cpu("exp 1s"))
				runs := 6000
				switch {
				case i == 0 || i == 5: // the number is as spread as it is large
					runs = 120_000
				case i > 2:
					runs = 80_000
				case row.c < 10:
					runs = 20_000
				}
				presentAt(t, text, row.t1+after*row.span, runs, row.present[i])
			})
		}
	}
}

// TestFluidOfAStepOfOverload has no chance in it: 130 a second come for a
// minute to a server that does 100, then 80. The last who has to wait more
// than a fluid of requests would make him is known to a nanosecond.
func TestFluidOfAStepOfOverload(t *testing.T) {
	text := arriving("arrivals = \"constant 130/s\"\nstages = [{ duration = \"60s\", target = \"130/s\" }, { duration = \"0s\", target = \"80/s\" }, { duration = \"90s\", target = \"80/s\" }]",
		"cores = 1", cpu("10ms")) + "\n[run]\nwarmup = \"0s\"\nreplications = 1\n"
	out, err := runAll([]*node.Spec{specOf(t, text)}, Options{})
	require.NoError(t, err)
	users := out[0].Clients["users"]
	require.EqualValues(t, 60*130+90*80, users.Offered)
	// Lindley's recursion over the very arrivals.
	free, sum, longest := 0.0, 0.0, 0.0
	for k := range 60*130 + 90*80 {
		at := float64(k) / 130
		if k >= 60*130 {
			at = 60 + float64(k-60*130)/80
		}
		free = max(free, at) + 0.01
		sum += free - at
		longest = max(longest, free-at)
	}
	mean := sum / float64(users.Offered)
	assert.InEpsilon(t, mean, *users.LatencyS["mean"].Mean, 1e-9)
	assert.InEpsilon(t, longest, *users.LatencyS["max"].Mean, 1e-9)
	// The fluid: a backlog of 1800, so 18 s; drained in 90 s; 9 s on average.
	assert.InEpsilon(t, 18, longest, 1e-3)
	assert.InEpsilon(t, 9, mean, 2e-3)
	assert.InDelta(t, 150, free, 0.05)
}

// TestALogReplayedTenTimesAsFastIsTheSameRequests compares the moments at
// which the first lines of NASA's log are replayed.
func TestALogReplayedTenTimesAsFastIsTheSameRequests(t *testing.T) {
	moments := func(speed string) (at []sim.Time, rows []int) {
		files := keyFiles{"case.toml": arriving(`arrivals = { trace = "day.clf", format = "clf"`+speed+` }`, "", wait("1ms"))}
		file, report := topologies.Load(files, "case.toml", topologies.Options{})
		require.NotNil(t, file, report)
		spec, _ := file.Spec("")
		require.NotNil(t, spec)
		process := spec.Nodes[0].Client.Open.Start(0, nil)
		for {
			next, row, ok := process.Next()
			if !ok {
				return at, rows
			}
			at, rows = append(at, next), append(rows, row)
		}
	}
	once, rows := moments("")
	fast, same := moments(", speed = 10")
	require.Len(t, once, keyRows)
	assert.Equal(t, rows, same)
	for i := range once {
		assert.InDelta(t, float64(once[i])/10, float64(fast[i]), 0.51)
	}
}
