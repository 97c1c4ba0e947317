package study

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/models/theory"
	"github.com/capsim/capsim/sim/stats"
)

// deviationOf is the standard deviation of a client's latency, from its
// histogram: a bucket is at most 0.8 % wide, which adds half a hundred
// thousandth to the second moment.
func deviationOf(f *figures, client string) result.Estimate {
	at := indexOf(f.spec, client, node.Client)
	var values []float64
	for _, s := range f.snaps {
		for i := range s.Clients {
			if s.Clients[i].Node == at {
				values = append(values, deviation(&s.Clients[i].Ops[0].Latency))
			}
		}
	}
	mean, half, ok := stats.Interval(values)
	if !ok {
		return result.Estimate{Note: "no interval"}
	}
	return result.Estimate{Mean: &mean, HalfWidth: &half}
}

func deviation(h *stats.Histogram) float64 {
	n, squares := float64(h.Count()), 0.0
	mean := h.Sum().Float64() / n / 1e9
	for b := range h.Buckets() {
		middle := (float64(b.Low) + float64(b.High)) / 2e9
		squares += float64(b.Count) * middle * middle
	}
	return math.Sqrt(squares/n - mean*mean)
}

// sharingOracles are of cores that everybody shares: the number there, and the
// mean time, are those of M/M/c whatever the law of service.
func sharingOracles() []oracle {
	row := func(rho float64, cores int, law string, deviates bool, w when, millions float64) oracle {
		lambda := rho * float64(cores) * 1000
		m := theory.MMc{Lambda: lambda, Mu: 1000, C: cores}
		o := oracle{
			name: fmt.Sprintf("M/G/%d-PS rho=%g %s", cores, rho, law), source: "Kleinrock 1967; Sakata, Noguchi and Oizumi 1971; Kelly 1979", when: w,
			topology: web(lambda, fmt.Sprintf("scheduling = \"ps\"\ncores = %d", cores), cpu(law)), rate: lambda, millions: millions,
			relax: 3 * relaxation(lambda, 1000, cores),
			facts: []fact{
				{figure: "users latency mean", exact: m.ResponseMean()},
				{figure: "web in_flight", exact: m.NumberMean()},
				{figure: "web cpu utilization", exact: rho},
				{figure: "web cpu busy", exact: rho * float64(cores)},
			},
		}
		if deviates {
			o.facts = append(o.facts, fact{figure: "users latency deviation", exact: theory.MM1{Lambda: lambda, Mu: 1000}.SharedResponseDeviation()})
		}
		return o
	}
	const spread = "mix 10% exp 5ms, 90% exp 0.555555555ms"
	return []oracle{
		row(0.5, 1, "exp 1ms", true, always, 3),
		row(0.5, 1, "1ms", false, usually, lasting(0.3, 3)),
		row(0.7, 1, spread, false, usually, 8),
		row(0.7, 1, "lognormal mean=1ms cv=2", false, nightly, 12),
		row(0.8, 1, "exp 1ms", true, nightly, 30),
		row(0.9, 1, "1ms", false, nightly, 60),
		row(0.8, 2, spread, false, nightly, 16),
		row(0.8, 4, "1ms", false, usually, lasting(1.7, 4)),
		row(0.875, 8, "lognormal mean=1ms cv=1", false, nightly, 8),
		sizesOracle(),
		ciwOracle("Ciw's M/M/3-PS", 10, 12, 3, 0.085552951, lasting(0.2, 2)),
		ciwOracle("Ciw's M/M/1-PS 3, 5", 3, 5, 1, 0.5, 2),
		ciwOracle("Ciw's M/M/1-PS 4, 5", 4, 5, 1, 1, 8),
		ciwOracle("Ciw's M/M/1-PS 3, 6", 3, 6, 1, 1.0/3, lasting(1.1, 2)),
	}
}

// sizesOracle is of what requests of one size take: in proportion to it, where
// first come first served makes small ones wait as long as large ones.
func sizesOracle() oracle {
	const small, large = 0.4e-3, 4e-3
	m := theory.MG1{Lambda: 700, Mean: (600*small + 100*large) / 700, SCV: 1}
	return oracle{
		name: "M/G/1-PS by size", source: "Kleinrock 1967: E[T|S=x] = x/(1-rho)", when: usually,
		topology: `[client.users]
target = "web"
requests = { small = 600 }
arrivals = "poisson 600/s"
[client.bulk]
target = "web"
requests = { large = 100 }
arrivals = "poisson 100/s"
[server.web]
scheduling = "ps"
on.small = [{ cpu = "0.4ms" }]
on.large = [{ cpu = "4ms" }]
`, rate: 700, millions: lasting(1.9, 7), relax: 0.2,
		facts: []fact{
			{figure: "users latency mean", exact: m.SharedResponseMeanOf(small)},
			{figure: "bulk latency mean", exact: m.SharedResponseMeanOf(large)},
			{figure: "web response mean", exact: m.SharedResponseMean()},
		},
	}
}

// ciwOracle is an expectation of the tests of Ciw, commit 05f17273,
// tests/test_processor_sharing.py; its unit of time is a second here.
func ciwOracle(name string, lambda, mu float64, cores int, response, millions float64) oracle {
	return oracle{
		name: name, source: "github.com/CiwPython/Ciw, tests/test_processor_sharing.py", when: usually,
		topology: web(lambda, fmt.Sprintf("scheduling = \"ps\"\ncores = %d", cores), cpu(exponential(1/mu))),
		rate:     lambda, millions: millions, relax: relaxation(lambda, mu, cores),
		facts: []fact{{figure: "users latency mean", exact: response, slack: 5e-9}},
	}
}

// classes is a server of clients by priority, the highest first: users, gold
// and so on upwards from the lowest.
func classes(scheduling string, cores int, rates []float64, laws []string) string {
	names := classNames(len(rates))
	text := fmt.Sprintf("[server.web]\ncores = %d\nscheduling = %q\n", cores, scheduling)
	for i, name := range names {
		text += fmt.Sprintf("on.%s = [{ cpu = %q }]\n", name, laws[i])
	}
	for i, name := range names {
		text += fmt.Sprintf("[client.%s]\ntarget = \"web\"\narrivals = \"poisson %g/s\"\nrequests = { %s = 1 }\npriority = %d\n", name, rates[i], name, 100-i)
	}
	return text
}

func classNames(n int) []string { return []string{"first", "second", "third"}[:n] }

// rankingOracles are of priorities that interrupt, and of those that do not,
// at one core and at several.
func rankingOracles() []oracle {
	response := func(exact []float64) []fact {
		var facts []fact
		for i, name := range classNames(len(exact)) {
			facts = append(facts, fact{figure: name + " latency mean", exact: exact[i]})
		}
		return facts
	}
	single := func(name string, q theory.MG1Priority, laws []string, w when, millions float64) []oracle {
		var rates, waiting, interrupted []float64
		total := 0.0
		for k, c := range q {
			rates = append(rates, c.Lambda)
			waiting, interrupted = append(waiting, q.ResponseMean(k)), append(interrupted, q.PreemptiveResponseMean(k))
			total += c.Lambda
		}
		return []oracle{
			{
				name: name + " preemptive", source: "Kleinrock, Queueing Systems II, sec. 3.6", when: w,
				topology: classes("preemptive-priority", 1, rates, laws), rate: total, millions: millions, relax: 0.2, facts: response(interrupted),
			},
			{
				name: name, source: "Cobham 1954", when: w,
				topology: classes("priority", 1, rates, laws), rate: total, millions: millions, relax: 0.2, facts: response(waiting),
			},
		}
	}
	many := func(cores int, rates []float64, preempt bool, w when, millions float64) oracle {
		q := theory.MMcPriority{Lambda: rates, Mu: 1000, C: cores}
		o := oracle{
			name: fmt.Sprintf("M/M/%d of %d classes", cores, len(rates)), source: "Cobham 1954", when: w,
			topology: classes("priority", cores, rates, []string{"exp 1ms", "exp 1ms", "exp 1ms"}), millions: millions, relax: 0.1,
		}
		var exact []float64
		for k, lambda := range rates {
			o.rate += lambda
			if preempt {
				exact = append(exact, q.PreemptiveResponseMean(k))
			} else {
				exact = append(exact, q.ResponseMean(k))
			}
		}
		if preempt {
			o.name, o.source = o.name+" preemptive", "Buzen and Bondi 1983"
			o.topology = classes("preemptive-priority", cores, rates, []string{"exp 1ms", "exp 1ms", "exp 1ms"})
		}
		o.facts = response(exact)
		return o
	}
	three := []string{"exp 1ms", "exp 1ms", "exp 1ms"}
	all := single("M/M/1 of three classes", theory.MG1Priority{{Lambda: 300, Mean: 1e-3, SCV: 1}, {Lambda: 300, Mean: 1e-3, SCV: 1}, {Lambda: 200, Mean: 1e-3, SCV: 1}}, three, usually, lasting(9, 16))
	all = append(all, single("M/G/1 of unlike laws", theory.MG1Priority{{Lambda: 400, Mean: 0.5e-3, SCV: 0}, {Lambda: 300, Mean: 1e-3, SCV: 1}, {Lambda: 200, Mean: 1e-3, SCV: 41.0 / 9}},
		[]string{"0.5ms", "exp 1ms", "mix 10% exp 5ms, 90% exp 0.555555555ms"}, nightly, 30)...)
	all = append(all, single("M/M/1 of unlike means", theory.MG1Priority{{Lambda: 400, Mean: 0.5e-3, SCV: 1}, {Lambda: 300, Mean: 1e-3, SCV: 1}, {Lambda: 150, Mean: 2e-3, SCV: 1}},
		[]string{"exp 0.5ms", "exp 1ms", "exp 2ms"}, nightly, 30)...)
	return append(all,
		many(3, []float64{900, 900, 600}, true, usually, 8),
		many(3, []float64{900, 900, 600}, false, usually, 8),
		many(8, []float64{3000, 3600}, true, nightly, 10),
	)
}

// lastOracles are of who came last being served first: the same mean as first
// come first served, and a larger spread.
func lastOracles() []oracle {
	row := func(rho float64, w when, millions float64) oracle {
		m := theory.MM1{Lambda: rho * 1000, Mu: 1000}
		return oracle{
			name: fmt.Sprintf("M/M/1-LIFO rho=%g", rho), source: "Takacs 1963", when: w,
			topology: web(m.Lambda, `scheduling = "lifo"`, cpu("exp 1ms")), rate: m.Lambda, millions: millions, relax: relaxation(m.Lambda, 1000, 1),
			facts: []fact{
				{figure: "users latency mean", exact: m.ResponseMean()},
				{figure: "web cpu queue", exact: m.QueueMean()},
				{figure: "users latency deviation", exact: m.LastFirstResponseDeviation()},
			},
		}
	}
	return []oracle{row(0.5, usually, 8), row(0.7, nightly, 60)}
}

// scalabilityOracles keep all cores of a machine busy.
func scalabilityOracles() []oracle {
	row := func(contention, coherency float64, cores int, printed float64, w when) oracle {
		exact := theory.Scalability{Contention: contention, Coherency: coherency}.Capacity(float64(cores)) * 1000
		o := oracle{
			name: fmt.Sprintf("USL %g %g at %d cores", contention, coherency, cores), source: "Gunther 2007; R package usl", when: w,
			topology: fmt.Sprintf("[client.users]\ntarget = \"web\"\nusers = %d\nthink = \"0s\"\n[server.web]\ncores = %d\nscaling = { contention = %g, coherency = %g }\non.request = [{ cpu = \"exp 1ms\" }]\n",
				cores+4, cores, contention, coherency),
			rate: exact, millions: lasting(0.12, 1), relax: 0.1,
			facts: []fact{{figure: "users throughput", exact: exact}, {figure: "web cpu utilization", exact: 1}},
		}
		if printed > 0 {
			o.facts = append(o.facts, fact{figure: "users throughput", exact: printed * 1000, slack: 0.05})
		}
		return o
	}
	return []oracle{
		row(0.02, 0.02, 2, 1.8868, usually), row(0.02, 0.02, 6, 3.5294, usually), row(0.02, 0.02, 8, 3.5398, always), row(0.02, 0.02, 10, 3.3557, usually),
		row(0.02, 0.02, 64, 0, nightly), row(0.05, 0, 32, 0, nightly), row(0.1, 0.001, 16, 0, nightly), row(0, 0, 4, 4, usually),
		openMachine(0.03, 0.0005, 16, 0.8),
	}
}

// openMachine is an open queue at cores that hinder each other: M/M/c of
// slower cores.
func openMachine(contention, coherency float64, cores int, rho float64) oracle {
	capacity := theory.Scalability{Contention: contention, Coherency: coherency}.Capacity(float64(cores)) * 1000
	m := theory.MMc{Lambda: rho * capacity, Mu: capacity / float64(cores), C: cores}
	return oracle{
		name: fmt.Sprintf("M/M/%d with USL", cores), source: "Gunther 2007; Erlang C", when: usually,
		topology: web(m.Lambda, fmt.Sprintf("cores = %d\nscaling = { contention = %g, coherency = %g }", cores, contention, coherency), cpu("exp 1ms")),
		rate:     m.Lambda, millions: 7, relax: relaxation(m.Lambda, m.Mu, cores),
		facts: []fact{
			{figure: "users latency mean", exact: m.ResponseMean()}, {figure: "web cpu utilization", exact: rho}, {figure: "web cpu waits", exact: m.WaitProbability()},
		},
	}
}

// diskOracles are of disks: steps of a time, of operations, and of the longer
// of operations and bytes.
func diskOracles() []oracle {
	exponentialDisk := theory.MMc{Lambda: 1400, Mu: 1000, C: 2}
	facts := func(response, wait, rho float64) []fact {
		return []fact{
			{figure: "users latency mean", exact: response}, {figure: "web disk wait mean", exact: wait}, {figure: "web disk utilization", exact: rho},
		}
	}
	constant := func(c int) oracle {
		m, err := theory.NewMDc(700, float64(c)*1e-3, c)
		if err != nil {
			panic(err)
		}
		return oracle{
			name: fmt.Sprintf("M/D/%d disk of 1000 iops", c), source: "Crommelin 1932", when: usually,
			topology: web(700, fmt.Sprintf("disk = { iops = 1000, depth = %d }", c), "{ disk = { ops = 1 } }"), rate: 700, millions: 3, relax: 0.1 * float64(c),
			facts: facts(m.ResponseMean(), m.WaitMean(), 0.7),
		}
	}
	// max(a, X) of an exponential X of mean m.
	const a, m = 1e-3, 0.64e-3
	beyond := math.Exp(-a / m)
	mean, square := a+m*beyond, a*a+2*beyond*(a*m+m*m)
	longer := theory.MG1{Lambda: 600, Mean: mean, SCV: square/(mean*mean) - 1}
	return []oracle{
		{
			name: "M/M/2 disk", source: "Erlang C", when: usually,
			topology: web(1400, "cores = 4\ndisk = { depth = 2 }", `{ disk = "exp 1ms" }`), rate: 1400, millions: 3, relax: relaxation(1400, 1000, 2),
			facts: facts(exponentialDisk.ResponseMean(), exponentialDisk.WaitMean(), 0.7),
		},
		constant(1), constant(3),
		{
			name: "M/G/1 disk of operations and bytes", source: "Pollaczek and Khinchine", when: usually,
			topology: web(600, `disk = { iops = 2000, bandwidth = "100MB/s" }`, `{ disk = { ops = 2, bytes = "exp 64kB" } }`), rate: 600, millions: 3, relax: 0.1,
			facts: facts(longer.ResponseMean(), longer.WaitMean(), 600*mean),
		},
	}
}

// Turns of next to nothing share the cores, endless ones serve first come
// first served: with the same customers, the figures meet.
func TestTurnsLieBetweenSharingAndFirstComeFirstServed(t *testing.T) {
	of := func(scheduling string) *result.Result {
		r, err := Run(specOf(t, web(700, fmt.Sprintf("cores = 2\nspeed = 0.5\nscheduling = %q", scheduling), cpu("mix 10% exp 5ms, 90% exp 0.555555555ms"))+runTable(20, 1, 5, 1)), Options{})
		assert.NoError(t, err)
		return r
	}
	mean := func(r *result.Result) float64 { return *r.Clients["users"].LatencyS["mean"].Mean }
	shared, first := of("ps"), of("fcfs")
	endless := of("round-robin 10h")
	assert.Equal(t, first.Clients["users"], endless.Clients["users"])
	assert.InDelta(t, *first.Nodes["web"].Resources["cpu"].Queue.Mean, *endless.Nodes["web"].Resources["cpu"].Queue.Mean, 0)
	last := math.Inf(1)
	for _, q := range []struct {
		turn string
		off  float64
	}{{"5ms", 0.5}, {"500us", 0.1}, {"50us", 0.01}, {"5us", 0.001}} {
		off := math.Abs(mean(of("round-robin "+q.turn))/mean(shared) - 1)
		t.Logf("turns of %s: %.3g off sharing", q.turn, off)
		assert.Less(t, off, q.off, q.turn)
		assert.Less(t, off, last, "shorter turns are nearer")
		last = off
	}
	assert.Greater(t, mean(first)/mean(shared), 1.3, "which is far from first come first served")
}
