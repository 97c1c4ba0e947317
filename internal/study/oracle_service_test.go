package study

import (
	"fmt"
	"math"

	"github.com/capsim/capsim/models/theory"
)

// service is a law of service in the language, of which its mean (in
// seconds) and squared coefficient of variation decide the means of M/G/1,
// and the whole law the percentiles.
type service struct {
	name, law string
	mean, scv float64
	phases    *theory.PhaseType // nil if the law is not of phase type
}

func phases(p theory.PhaseType) *theory.PhaseType { return &p }

// boundedPareto is the law of density ~ x^(-alpha-1) between two bounds in
// seconds; E[X^k] is in Harchol-Balter, Performance Modeling and Design of
// Computer Systems, 2013, sec. 20.
func boundedPareto(name, law string, low, high, alpha float64) service {
	moment := func(k float64) float64 {
		scale := alpha * math.Pow(low, alpha) / (1 - math.Pow(low/high, alpha))
		return scale * (math.Pow(low, k-alpha) - math.Pow(high, k-alpha)) / (alpha - k)
	}
	mean := moment(1)
	return service{name, law, mean, moment(2)/(mean*mean) - 1, nil}
}

// services have a mean of 1 ms but for the bounded Pareto laws.
func services() map[string]service {
	all := map[string]service{}
	for _, s := range []service{
		{"E2", "erlang k=2 mean=1ms", 1e-3, 0.5, phases(theory.Erlang(2, 1e-3))},
		{"E4", "erlang k=4 mean=1ms", 1e-3, 0.25, phases(theory.Erlang(4, 1e-3))},
		{"Gamma(0.5)", "gamma mean=1ms cv=1.41421356237309505", 1e-3, 2, nil},
		{"LogN(cv=0.5)", "lognormal mean=1ms cv=0.5", 1e-3, 0.25, nil},
		{"LogN(cv=1)", "lognormal mean=1ms cv=1", 1e-3, 1, nil},
		{"LogN(cv=2)", "lognormal mean=1ms cv=2", 1e-3, 4, nil},
		{"H2(0.1)", "mix 10% exp 5ms, 90% exp 0.555555555ms", 1e-3, 41.0 / 9, phases(theory.Hyperexponential([]float64{0.1, 0.9}, []float64{5e-3, 1e-3 * 5 / 9}))},
		{"H2(0.3)", "mix 30% exp 2ms, 70% exp 0.571428571ms", 1e-3, 13.0 / 7, phases(theory.Hyperexponential([]float64{0.3, 0.7}, []float64{2e-3, 1e-3 * 4 / 7}))},
		boundedPareto("BPareto(H=100)", "pareto min=0.3ms max=100ms alpha=1.5", 0.3e-3, 0.1, 1.5),
		boundedPareto("BPareto(H=1000)", "pareto min=0.2ms max=1s alpha=1.5", 0.2e-3, 1, 1.5),
	} {
		all[s.name] = s
	}
	return all
}

// mg1Oracles are Pollaczek and Khinchine's means, and the percentiles where
// the law is of phase type or they were computed otherwise.
func mg1Oracles() []oracle {
	laws := services()
	row := func(name string, rho float64, w when, millions float64, more ...fact) oracle {
		s := laws[name]
		lambda := rho / s.mean
		m := theory.MG1{Lambda: lambda, Mean: s.mean, SCV: s.scv}
		o := oracle{
			name: fmt.Sprintf("M/%s/1 rho=%g", name, rho), source: "Pollaczek 1930, Khinchine 1932", when: w,
			topology: web(lambda, "cores = 1", cpu(s.law)), rate: lambda, millions: millions,
			relax: relaxation(lambda, 1/s.mean, 1) * (1 + s.scv),
			facts: []fact{
				{figure: "users latency mean", exact: m.ResponseMean()},
				{figure: "web cpu wait mean", exact: m.WaitMean()},
				{figure: "web in_flight", exact: m.NumberMean()},
				{figure: "web cpu queue", exact: m.QueueMean()},
				{figure: "web cpu utilization", exact: rho},
				{figure: "web cpu waits", exact: rho},
			},
		}
		if s.phases != nil {
			p := theory.MPH1{Lambda: lambda, Service: *s.phases}
			o.facts = append(o.facts, responseFacts("users latency", p.ResponseQuantile)...)
			o.facts = append(o.facts, waitFacts("web cpu wait", rho, p.WaitQuantile)...)
		}
		o.facts = append(o.facts, more...)
		return o
	}
	return []oracle{
		row("E2", 0.5, always, 2.5),
		row("E4", 0.8, usually, 11),
		row("Gamma(0.5)", 0.5, usually, 3.5),
		row("LogN(cv=0.5)", 0.8, usually, 8),
		row("LogN(cv=1)", 0.7, usually, 10, computedPercentiles(9.20492, 15.5593, 2.13241, 10.4142, 16.7787)...),
		row("H2(0.1)", 0.5, usually, 16),

		row("E2", 0.8, nightly, 12),
		row("E4", 0.5, nightly, 2),
		row("Gamma(0.5)", 0.8, nightly, 14),
		row("LogN(cv=0.5)", 0.5, nightly, 2),
		row("LogN(cv=1)", 0.5, nightly, 6),
		row("LogN(cv=1)", 0.8, nightly, 15),
		row("LogN(cv=2)", 0.5, nightly, 45),
		row("LogN(cv=2)", 0.7, nightly, 75, computedPercentiles(25.2253, 51.3203, 2.77967, 26.5714, 52.688)...),
		row("LogN(cv=2)", 0.8, nightly, 110),
		row("H2(0.1)", 0.7, nightly, 20),
		row("H2(0.1)", 0.8, nightly, 40),
		row("H2(0.3)", 0.5, nightly, 6),
		row("H2(0.3)", 0.7, nightly, 8),
		row("H2(0.3)", 0.8, nightly, 18),
		row("BPareto(H=100)", 0.5, nightly, 60),
		row("BPareto(H=100)", 0.7, nightly, 75, computedPercentiles(34.0514, 70.0525, 1.79562, 35.2329, 71.239)...),
		row("BPareto(H=100)", 0.8, nightly, 100),
		row("BPareto(H=1000)", 0.5, nightly, 2400),
	}
}

// computedPercentiles are percentiles in ms of the wait and of the response,
// where no closed form is known: the wait is a geometric number of residual
// service times (Benes 1957), whose laws were convolved by Fourier transforms
// with two step widths that agree to five digits.
func computedPercentiles(w95, w99, t50, t95, t99 float64) []fact {
	return []fact{
		{figure: "web cpu wait p95", exact: w95 * 1e-3},
		{figure: "web cpu wait p99", exact: w99 * 1e-3},
		{figure: "users latency p50", exact: t50 * 1e-3},
		{figure: "users latency p95", exact: t95 * 1e-3},
		{figure: "users latency p99", exact: t99 * 1e-3},
	}
}

// bucketWidth is the width of a histogram's bucket at most, relative to what
// is in it.
const bucketWidth = 0.008

func mdcOracles() []oracle {
	row := func(rho float64, c int, w when, millions float64) oracle {
		const service = 1e-3
		lambda := rho * float64(c) / service
		m, err := theory.NewMDc(lambda, service, c)
		if err != nil {
			panic(err)
		}
		o := oracle{
			name: fmt.Sprintf("M/D/%d rho=%g", c, rho), source: "Crommelin 1932, Franx 2001", when: w,
			topology: web(lambda, fmt.Sprintf("cores = %d", c), cpu("1ms")), rate: lambda, millions: millions, relax: relaxation(lambda, 1/service, c),
			facts: []fact{
				{figure: "users latency mean", exact: m.ResponseMean()},
				{figure: "web cpu waits", exact: m.WaitProbability()},
				{figure: "web cpu wait mean", exact: m.WaitMean()},
				{figure: "web in_flight", exact: m.NumberMean()},
				{figure: "web cpu queue", exact: m.QueueMean()},
				{figure: "web cpu utilization", exact: rho},
			},
		}
		o.facts = append(o.facts, waitFacts("web cpu wait", m.WaitProbability(), m.WaitQuantile)...)
		for _, f := range responseFacts("users latency", m.ResponseQuantile) {
			switch beyond := f.exact - service; {
			case beyond > 0.01*service:
				o.facts = append(o.facts, f)
			case beyond == 0:
				// Those who do not wait all take as long: what is told lies
				// somewhere in their bucket of the histogram.
				f.slack = service * bucketWidth
				o.facts = append(o.facts, f)
			}
		}
		return o
	}
	rows := []oracle{
		row(0.5, 1, always, 1),
		row(0.7, 1, nightly, 5),
		row(0.8, 1, usually, 7),
		row(0.9, 1, nightly, 30),
		row(0.95, 1, nightly, 100),
		row(0.5, 2, nightly, 6),
		row(0.8, 2, usually, 8),
		row(0.9, 2, nightly, 40),
		row(0.8, 3, nightly, 12),
		row(0.8, 5, usually, 8),
		row(0.9, 5, nightly, 40),
		row(0.8, 10, nightly, 25),
		row(0.9, 10, nightly, 60),
		row(0.9, 20, nightly, 80),
	}
	// M/D/1 at 0.8: Erlang's alternating sum for the law of the wait, summed
	// in 60 digits.
	rows[2].facts = append(rows[2].facts,
		fact{figure: "web cpu wait<= 0.001", exact: 0.44510819},
		fact{figure: "web cpu wait<= 0.003", exact: 0.76209952})
	return rows
}

// dm1Oracles have constant arrivals: an arrival does not see what an observer
// at any time sees, because only Poisson arrivals do.
func dm1Oracles() []oracle {
	row := func(rho float64, w when, millions float64) oracle {
		const mu = 1000.0
		m := theory.GIM1{Interarrival: theory.ConstantArrivals(1 / (rho * mu)), Mu: mu}
		o := oracle{
			name: fmt.Sprintf("D/M/1 rho=%g", rho), source: "Kleinrock, Queueing Systems I, ch. 6", when: w,
			topology: fmt.Sprintf("[client.users]\ntarget = \"web\"\narrivals = \"constant %s\"\n[server.web]\non.request = [%s]\n", perSecond(rho*mu), cpu("exp 1ms")),
			rate:     rho * mu, millions: millions, relax: relaxation(rho*mu, mu, 1),
			facts: []fact{
				{figure: "users latency mean", exact: m.ResponseMean()},
				{figure: "web cpu waits", exact: m.WaitProbability()},
				{figure: "web cpu utilization", exact: rho},
				{figure: "web in_flight", exact: m.NumberMean()},
			},
		}
		o.facts = append(o.facts, responseFacts("users latency", m.ResponseQuantile)...)
		return o
	}
	return []oracle{row(0.5, nightly, 2), row(0.8, usually, 5), row(0.9, nightly, 20)}
}

// mginfOracles have a server for everybody: what is in flight is Poisson
// whatever the law, and nobody waits. See also
// TestOracleOfConcurrentWaitsIsPoisson.
func mginfOracles() []oracle {
	m := theory.MGInf{Lambda: 50, Mean: 0.2}
	row := func(name, law string, w when, millions float64, more ...fact) oracle {
		return oracle{
			name: "M/" + name + "/inf lambda=50 E[S]=0.2", source: "Takacs 1962", when: w,
			topology: web(50, "", wait(law)), rate: 50, millions: millions, relax: 2,
			facts: append([]fact{
				{figure: "web in_flight", exact: m.NumberMean()},
				{figure: "web workers busy", exact: m.NumberMean()},
				{figure: "users latency mean", exact: m.ResponseMean()},
			}, more...),
		}
	}
	e := theory.OrderStatistic{K: 1, N: 1, Mu: 5}
	return []oracle{
		row("M", "exp 200ms", always, 0.3, responseFacts("users latency", e.Quantile)...),
		row("U", "uniform 100ms 300ms", usually, 0.2,
			fact{figure: "users latency p50", exact: 0.2},
			fact{figure: "users latency p95", exact: 0.29},
			fact{figure: "users latency p99", exact: 0.298}),
		row("LogN", "lognormal mean=200ms cv=2", usually, 0.6),
	}
}
