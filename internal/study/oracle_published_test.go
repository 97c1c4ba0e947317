package study

import (
	"fmt"
	"math"
	"strings"

	"github.com/capsim/capsim/models/theory"
)

// publishedOracles are numbers that others printed, with the digits that they
// printed: the slack is half a unit of the last.
func publishedOracles() []oracle {
	var rows []oracle
	rows = append(rows, textbookStations()...)
	rows = append(rows, openModels()...)
	rows = append(rows, closedModels()...)
	rows = append(rows, peersClosedForms()...)
	return append(rows, fanOutPrinted()...)
}

// textbookStations are regression tests of the `queueing` package of GNU
// Octave (github.com/mmarzolla/queueing, commit 5de78ea4: qsmmm.m, qsmmmk.m;
// those of the latter with other parameters are among the oracles of M/M/c/K),
// and examples of Bronson's Schaum's Outline of Operations Research.
func textbookStations() []oracle {
	mmm := func(c int, w when, millions, queue, response float64) oracle {
		return oracle{
			name: fmt.Sprintf("qsmmm M/M/%d", c), source: "queueing, qsmmm.m", when: w,
			topology: web(9, fmt.Sprintf("cores = %d", c), cpu("exp 200ms")), rate: 9, millions: millions, relax: relaxation(9, 5, c),
			facts: []fact{
				{figure: "web cpu queue", exact: queue, slack: 5e-4},
				{figure: "users latency mean", exact: response, slack: 5e-4},
			},
		}
	}
	return []oracle{
		mmm(2, nightly, 50, 7.674, 1.053),
		mmm(4, usually, 13, 0.105, 0.212),
		{
			name: "qsmmmk M/M/2/5", source: "queueing, qsmmmk.m, lambda=3 mu=2", when: usually,
			topology: web(3, "concurrency = 2\nbacklog = 3", wait("exp 0.5s")), rate: 3, millions: 3.2, relax: 5,
			facts: []fact{
				{figure: "users errors", exact: 0.085113, slack: 1e-6},
				{figure: "web in_flight", exact: 2.00595, slack: 1e-5},
				{figure: "web workers wait mean", exact: 0.230857, slack: 1e-6}, // these are cut, not rounded
			},
		},
		{
			name: "Bronson 23.3", source: "Bronson: 24/h, 30/h, one server", when: usually,
			topology: "[client.users]\ntarget = \"web\"\narrivals = \"poisson 24/h\"\n[server.web]\non.request = [{ cpu = \"exp 2m\" }]\n",
			rate:     24.0 / 3600, millions: 8, relax: relaxation(24, 30, 1) * 3600,
			facts: []fact{
				{figure: "web in_flight", exact: 4},
				{figure: "users latency mean", exact: 3600.0 / 6},
				{figure: "web cpu utilization", exact: 0.8},
			},
		},
		{
			name: "Bronson 23.14", source: "Bronson: 30/h, 1.5 min, one server", when: usually,
			topology: "[client.users]\ntarget = \"web\"\narrivals = \"poisson 30/h\"\n[server.web]\non.request = [{ cpu = \"exp 1.5m\" }]\n",
			rate:     30.0 / 3600, millions: 8, relax: relaxation(30, 40, 1) * 3600,
			facts: []fact{
				{figure: "web cpu queue", exact: 2.25},
				{figure: "web cpu wait mean", exact: 4.5 * 60},
				{figure: "web cpu utilization", exact: 0.75},
			},
		},
		{
			// 300 a year and 2 days of service, told in hours instead of days:
			// capsim's time ends after 146 years.
			name: "Bronson 24.6", source: "Bronson: 300/365 d, 2 d, three servers, each day as an hour", when: usually,
			topology: "[client.users]\ntarget = \"web\"\narrivals = \"poisson 0.8219178082191781/h\"\n[server.web]\ncores = 3\non.request = [{ cpu = \"exp 2h\" }]\n",
			rate:     300.0 / 365 / 3600, millions: 7, relax: 20 * 3600,
			facts: []fact{
				{figure: "web cpu queue", exact: 0.352, slack: 5e-4},
				{figure: "web in_flight", exact: 1.996, slack: 5e-4},
				{figure: "web cpu wait mean", exact: 0.001175 * 365 * 3600, slack: 5e-7 * 365 * 3600},
				{figure: "users latency mean", exact: 0.006654 * 365 * 3600, slack: 5e-7 * 365 * 3600},
			},
		},
	}
}

// openModels are those of queueing's qnos.m, given by visit counts. A request
// comes to the first station before and after each visit of another.
func openModels() []oracle {
	visits := func(second, third int) string {
		return steps(call("one"), repeat(fmt.Sprint(second), steps(call("two"), call("one"))), repeat(fmt.Sprint(third), steps(call("three"), call("one"))))
	}
	return []oracle{
		{
			name: "Bolch et al., example 34.1", source: "queueing, qnos.m, lambda=3 V=(16,7,8) S=(.01,.02,.03)", when: usually,
			topology: route(clientOf(3, ""), visits(7, 8), stop{"one", 1, 0.01}, stop{"two", 1, 0.02}, stop{"three", 1, 0.03}),
			rate:     3, millions: 1.5, relax: 10,
			facts: []fact{
				{figure: "one response mean", exact: 0.0192, slack: 5e-5},
				{figure: "two response mean", exact: 0.0345, slack: 5e-5},
				{figure: "three response mean", exact: 0.107, slack: 5e-4},
				{figure: "one cpu utilization", exact: 0.48},
				{figure: "two cpu utilization", exact: 0.42},
				{figure: "three cpu utilization", exact: 0.72},
			},
		},
		{
			name: "Lazowska et al., p. 113", source: "queueing, qnos.m, lambda=.3 V=(121,70,50) S=(.005,.03,.027)", when: nightly,
			topology: route(clientOf(0.3, ""), visits(70, 50), stop{"one", 1, 0.005}, stop{"two", 1, 0.03}, stop{"three", 1, 0.027}),
			rate:     0.3, millions: 0.13, relax: 100,
			facts: []fact{
				{figure: "one cpu utilization", exact: 0.182, slack: 5.1e-4}, // 0.1815
				{figure: "one throughput", exact: 36.3, slack: 5e-2},
				{figure: "one in_flight", exact: 0.222, slack: 5e-4},
			},
		},
	}
}

// closedModels are those of queueing's qncsmva.m.
func closedModels() []oracle {
	jain := oracle{
		name: "Jain, example 34.2", source: "queueing, qncsmva.m, S=(.125,.3,.2) V=(16,10,5) Z=4 N=20", when: usually,
		topology: route(closedClient(20, "exp 4s"), steps(call("one"), repeat("10", steps(call("two"), call("one"))), repeat("5", steps(call("three"), call("one")))),
			stop{"one", 1, 0.125}, stop{"two", 1, 0.3}, stop{"three", 1, 0.2}),
		rate: 0.3332465, millions: 0.25, relax: 120,
		facts: []fact{{figure: "users throughput", exact: 0.3332465, slack: 5e-8}, {figure: "two cpu utilization", exact: 0.3332465 * 3, slack: 1.5e-7}},
	}
	bolch3 := oracle{
		name: "Bolch et al., example 8.3", source: "queueing, qncsmva.m, S=(.02,.2,.4,.6) V=(1,.4,.2,.1) N=6", when: usually,
		topology: route(closedClient(6, ""), steps(call("one"), choose(0.4, call("two"), 0.2, call("three"), 0.1, call("four"), 0.3, "")),
			stop{"one", 1, 0.02}, stop{"two", 1, 0.2}, stop{"three", 1, 0.4}, stop{"four", 1, 0.6}),
		rate: 9.92, millions: 7, relax: 10,
		facts: []fact{{figure: "users throughput", exact: 9.920, slack: 5e-4}},
	}
	bolch4 := oracle{
		name: "Bolch et al., example 8.4", source: "queueing, qncsmva.m, S=(.5,.6,.8,1) V=(1,.5,.5,1) N=3, the first of two servers, the last of any number", when: usually,
		topology: route(closedClient(3, ""), steps(call("one"), choose(1, call("two"), 1, call("three")), call("four")),
			stop{"one", 2, 0.5}, stop{"two", 1, 0.6}, stop{"three", 1, 0.8}) +
			fmt.Sprintf("[server.four]\non.request = [%s]\n", wait("exp 1s")),
		rate: 1.218, millions: 0.5, relax: 10,
		facts: []fact{{figure: "users throughput", exact: 1.218, slack: 5e-4}},
	}
	add := func(o *oracle, figure string, names []string, values ...float64) {
		for i, v := range values {
			o.facts = append(o.facts, fact{figure: names[i] + " " + figure, exact: v, slack: 5e-4})
		}
	}
	names := []string{"one", "two", "three", "four"}
	add(&jain, "response mean", names, .373, 4.854, .300)
	add(&jain, "in_flight", names, 1.991, 16.177, .500)
	add(&bolch3, "response mean", names, .025, .570, 1.140, 1.244)
	add(&bolch3, "in_flight", names, .244, 2.261, 2.261, 1.234)
	add(&bolch3, "cpu utilization", names, .198, .794, .794, .595)
	add(&bolch4, "in_flight", names, .624, .473, .686, 1.217)
	add(&bolch4, "throughput", names, 1.218, .609, .609, 1.218)
	return []oracle{jain, bolch3, bolch4}
}

// peersClosedForms are printed by the demonstrations of PDQ
// (github.com/DrQz/pdq-qnm-pkg) and the tutorials of LINE
// (github.com/imperial-qore/line-solver). Their stations
// share the processor; with exponential service the means are those of first
// come first served.
func peersClosedForms() []oracle {
	rows := []oracle{
		{
			name: "PDQ AWS-Tomcat", source: "PDQ: N=400, 300 threads, S=.444 Z=0", when: usually,
			topology: closedClient(400, "") + "[server.web]\nconcurrency = 300\non.request = [{ wait = \"exp 0.444s\" }]\n",
			rate:     675.6757, millions: 0.4, relax: 2,
			facts: []fact{
				{figure: "users throughput", exact: 675.6757, slack: 5e-5},
				{figure: "users latency mean", exact: 0.5920, slack: 5e-5},
				{figure: "web workers queue", exact: 100},
			},
		},
		pdqClosed("PDQ ebiz", "PDQ: N=10 Z=0 D=9.8/2.5/.72/9.8 ms", 10, 92.3945, 5e-5, 0.1082315, 5e-8, 0.1, 0.0098, 0.0025, 0.00072, 0.0098),
		pdqClosed("PDQ httpd", "PDQ: N=5, D=10.9 ms and 16 of .275 ms", 5, 91.7335, 5e-5, 0.054506, 5e-7, 0.1, httpd()...),
		{
			name: "LINE tut04 random", source: "LINE: lambda=1, two servers of 2/s", when: always,
			topology: clientOf(1, "") + "[load_balancer.web]\npolicy = \"random\"\ntargets = [\"app\"]\n[server.app]\ninstances = 2\non.request = [{ cpu = \"exp 500ms\" }]\n",
			rate:     1, millions: 0.3, relax: relaxation(0.5, 2, 1),
			facts: []fact{{figure: "users latency mean", exact: 0.66667, slack: 5e-6}},
		},
		{
			name: "LINE tut04 round robin", source: "LINE: lambda=1, two servers of 2/s", when: usually,
			topology: clientOf(1, "") + "[load_balancer.web]\npolicy = \"round-robin\"\ntargets = [\"app\"]\n[server.app]\ninstances = 2\non.request = [{ cpu = \"exp 500ms\" }]\n",
			rate:     1, millions: 0.3, relax: relaxation(0.5, 2, 1),
			facts: []fact{{figure: "users latency mean", exact: 0.57735, slack: 5e-6}},
		},
		{
			name: "LINE tut03", source: "LINE: machine repair N=3 Z=2, two servers of .25", when: usually,
			topology: closedClient(3, "exp 2s") + "[server.web]\ncores = 2\non.request = [{ cpu = \"exp 250ms\" }]\n",
			rate:     1.33242, millions: 0.1, relax: 2,
			facts: []fact{
				{figure: "users throughput", exact: 1.33242, slack: 5e-6},
				{figure: "users latency mean", exact: 0.25154, slack: 5e-6},
			},
		},
		headroom(),
	}
	// LINE tut08: N=16, Z=1, the share p to a station of rate .75, the rest to
	// one of .5: the mean time of a cycle, thinking included.
	for _, r := range []struct {
		p, cycle, slack float64
		when            when
	}{{0.1, 28.8, 0.05, nightly}, {0.3, 22.4, 0.05, nightly}, {0.5, 16.0134, 5e-5, usually}, {0.6105, 13.638237, 5e-7, usually}, {0.7, 14.9416, 5e-5, nightly}, {0.9, 19.2, 0.05, nightly}} {
		rows = append(rows, oracle{
			name: fmt.Sprintf("LINE tut08 p=%g", r.p), source: "LINE: closed, N=16 Z=1, two stations of .75 and .5", when: r.when,
			topology: route(closedClient(16, "exp 1s"), choose(r.p, call("one"), 1-r.p, call("two")), stop{"one", 1, 1 / 0.75}, stop{"two", 1, 2}),
			rate:     16 / r.cycle, millions: 0.4, relax: 500,
			facts: []fact{
				{figure: "users latency mean", exact: r.cycle - 1, slack: r.slack},
				{figure: "users throughput", exact: 16 / r.cycle, slack: 16 / r.cycle * r.slack / r.cycle},
			},
		})
	}
	return rows
}

// pdqClosed visits stations of the given demands once each, without thinking.
func pdqClosed(name, source string, users int, throughput, slack, response, responseSlack, millions float64, demands ...float64) oracle {
	var stops []stop
	var calls []string
	for i, d := range demands {
		stops = append(stops, stop{"s" + string(rune('a'+i)), 1, d})
		calls = append(calls, call(stops[i].name))
	}
	return oracle{
		name: name, source: source, when: usually,
		topology: route(closedClient(users, ""), strings.Join(calls, ", "), stops...),
		rate:     throughput, millions: millions, relax: 1,
		facts: []fact{
			{figure: "users throughput", exact: throughput, slack: slack},
			{figure: "users latency mean", exact: response, slack: responseSlack},
		},
	}
}

func httpd() []float64 {
	demands := []float64{0.0109}
	for range 16 {
		demands = append(demands, 0.275e-3)
	}
	return demands
}

// headroom is the utilisation at which three in ten wait: Netflix printed
// .390 of headroom for four servers.
func headroom() oracle {
	const c, printed = 4, 0.390
	rho := theory.ErlangCUtilisation(c, 0.3)
	if math.Abs(1-rho-printed) > 5e-4 {
		panic("study: theory disagrees with the printed headroom")
	}
	lambda := rho * c * 1000
	return oracle{
		name: "headroom of four servers", source: "Netflix: Erlang C, P(wait)=.3", when: usually,
		topology: web(lambda, "cores = 4", cpu("exp 1ms")), rate: lambda, millions: 2.4, relax: relaxation(lambda, 1000, c),
		facts: []fact{
			{figure: "web cpu waits", exact: 0.3},
			{figure: "web cpu utilization", exact: 1 - printed, slack: 5e-4},
		},
	}
}

// fanOutPrinted is the greatest of n exponential times of 100 us, on average
// 1/1 + … + 1/n of them, as printed in us without decimals.
func fanOutPrinted() []oracle {
	var rows []oracle
	for _, r := range []struct {
		n    int
		us   float64
		when when
	}{{5, 228, nightly}, {10, 293, nightly}, {50, 450, usually}, {100, 519, nightly}, {200, 588, nightly}, {500, 679, nightly}, {1000, 749, nightly}} {
		branches := strings.TrimSuffix(strings.Repeat("["+wait("exp 100us")+"], ", r.n), ", ")
		rows = append(rows, oracle{
			name: fmt.Sprintf("fan-out to %d", r.n), source: "greatest of n exp(100 us)", when: r.when,
			topology: web(100, "", "{ parallel = ["+branches+"] }"), rate: 100, millions: 0.02, relax: 0.001,
			facts: []fact{{figure: "users latency mean", exact: r.us * 1e-6, slack: 0.5e-6}},
		})
	}
	return rows
}
