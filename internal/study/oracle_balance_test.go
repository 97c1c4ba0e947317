package study

import (
	"fmt"
	"strings"

	"github.com/capsim/capsim/models/theory"
)

// balancerOracles are k servers behind a balancer, each with a queue of its
// own.
func balancerOracles() []oracle {
	return []oracle{
		randomSplit(3, 0.7, usually, 5),
		randomSplit(2, 0.8, nightly, 15),
		randomSplit(4, 0.9, nightly, 60),

		roundRobin(2, 0.8, false, usually, 9),
		roundRobin(4, 0.5, false, always, 1.6),
		roundRobin(10, 0.8, true, usually, 5),
		roundRobin(3, 0.7, true, nightly, 4),
		roundRobin(16, 0.8, false, nightly, 8),
		roundRobin(2, 0.9, false, nightly, 40),
		roundRobin(8, 0.9, false, nightly, 30),

		shortestQueue(2, 0.8, usually, 7),
		shortestQueue(3, 0.7, usually, 2.5),
		shortestQueue(2, 0.5, nightly, 2),
		shortestQueue(4, 0.8, nightly, 12),
		shortestQueue(2, 0.9, nightly, 40),
		shortestQueue(3, 0.9, nightly, 50),
		shortestQueue(3, 8.0/30, usually, 1), // PUB 6: Ciw's join-shortest-queue

		// Two different servers are drawn: the Markov chain, A5.1 of ORACLES.md.
		fewerOfTwo(3, 0.5, 1.3520035, 6.0093947, usually, 1.5),
		fewerOfTwo(3, 0.8, 2.5099998, 10.419327, usually, lasting(2.2, 8)),
		fewerOfTwo(3, 0.9, 4.2740772, 17.867582, nightly, 40),
		fewerOfTwo(4, 0.5, 1.3244608, 5.8634887, nightly, 2),
		fewerOfTwo(4, 0.8, 2.3301562, 9.347388, nightly, 12),

		fewestOf(2, 0.7, nightly, 8),
		fewestOf(2, 0.9, usually, 4),
		fewestOf(3, 0.9, nightly, 8),
		fewestOf(5, 0.8, nightly, 8),

		weightedShares("random", usually, 2),
		weightedShares("ip-hash", nightly, 2),
	}
}

// balanced is a balancer in front of servers of one core at a load of rho,
// with a mean service of 1 ms. The servers are instances of one node, or
// nodes of their own.
func balanced(k int, rho float64, policy string) string {
	nodes, instances := 1, k
	if k <= 3 {
		nodes, instances = k, 1
	}
	var names []string
	var b strings.Builder
	for i := range nodes {
		name := "app" + string(rune('a'+i))
		names = append(names, fmt.Sprintf("%q", name))
		fmt.Fprintf(&b, "[server.%s]\ninstances = %d\non.request = [%s]\n", name, instances, cpu("exp 1ms"))
	}
	return clientOf(rho*float64(k)*1000, "") +
		fmt.Sprintf("[load_balancer.web]\npolicy = %q\ntargets = [%s]\n", policy, strings.Join(names, ", ")) + b.String()
}

func randomSplit(k int, rho float64, w when, millions float64) oracle {
	m := theory.RandomSplit(k, rho*float64(k)*1000, 1000)
	o := oracle{
		name: fmt.Sprintf("random over %d M/M/1 rho=%g", k, rho), source: "a Poisson stream split at random is Poisson; Kleinrock, Queueing Systems I, ch. 3", when: w,
		topology: balanced(k, rho, "random"), rate: rho * float64(k) * 1000, millions: millions, relax: relaxation(rho*1000, 1000, 1),
		facts: []fact{
			{figure: "users latency mean", exact: m.ResponseMean()},
			{figure: "web in_flight", exact: float64(k) * m.NumberMean()},
			{figure: "appa cpu utilization", exact: rho},
		},
	}
	o.facts = append(o.facts, responseFacts("users latency", m.ResponseQuantile)...)
	return o
}

// roundRobin deals in turn, through a balancer or by callers themselves.
func roundRobin(k int, rho float64, direct bool, w when, millions float64) oracle {
	lambda := rho * float64(k) * 1000
	m := theory.RoundRobin(k, lambda, 1000)
	o := oracle{
		name: fmt.Sprintf("round robin over %d M/M/1 rho=%g", k, rho), source: "E_k/M/1, Kleinrock, Queueing Systems I, ch. 6", when: w,
		topology: balanced(k, rho, "round-robin"), rate: lambda, millions: millions, relax: relaxation(rho*1000, 1000, 1),
		facts: []fact{{figure: "users latency mean", exact: m.ResponseMean()}},
	}
	if direct {
		o.name += " without a balancer"
		o.topology = web(lambda, fmt.Sprintf("instances = %d", k), cpu("exp 1ms"))
		o.facts = append(o.facts,
			fact{figure: "web in_flight", exact: float64(k) * m.NumberMean()},
			fact{figure: "web cpu waits", exact: m.WaitProbability()},
			fact{figure: "web cpu utilization", exact: rho})
	}
	o.facts = append(o.facts, responseFacts("users latency", m.ResponseQuantile)...)
	return o
}

// shortestQueue is least-connections where a server does one request at a
// time. How ties are broken does not matter.
func shortestQueue(k int, rho float64, w when, millions float64) oracle {
	lambda := rho * float64(k) * 1000
	o := oracle{
		name: fmt.Sprintf("least connections over %d M/M/1 rho=%g", k, rho), source: "the Markov chain, solved: Gaver, Jacobs and Latouche 1984", when: w,
		topology: balanced(k, rho, "least-connections"), rate: lambda, millions: millions, relax: relaxation(rho*1000, 1000, 1),
	}
	if !w.now() {
		return o // the chain takes a while to solve
	}
	m, err := theory.NewJSQ(k, lambda, 1000)
	if err != nil {
		panic(err)
	}
	o.facts = []fact{
		{figure: "users latency mean", exact: m.ResponseMean()},
		{figure: "web in_flight", exact: lambda * m.ResponseMean()},
		{figure: "appa cpu utilization", exact: rho},
	}
	o.facts = append(o.facts, responseFacts("users latency", m.ResponseQuantile)...)
	return o
}

// fewerOfTwo is power-of-two over few servers, in units of the mean service.
func fewerOfTwo(k int, rho, mean, p99 float64, w when, millions float64) oracle {
	lambda := rho * float64(k) * 1000
	return oracle{
		name: fmt.Sprintf("power of two over %d M/M/1 rho=%g", k, rho), source: "the Markov chain, solved (A5.1)", when: w,
		topology: balanced(k, rho, "power-of-two"), rate: lambda, millions: millions, relax: relaxation(rho*1000, 1000, 1),
		facts: []fact{
			{figure: "users latency mean", exact: mean / 1000, slack: 1e-5 * mean / 1000},
			{figure: "users latency p99", exact: p99 / 1000, slack: 1e-5 * p99 / 1000},
			{figure: "appa cpu utilization", exact: rho},
		},
	}
}

// manyServers are so many that the supermarket model is off by less than
// 0.3 %: its error is of the order of 1 ÷ servers, and 1.7 % with 100 of them
// at a load of 0.9 (PUB 1).
const manyServers = 1000

// fewestOf is power-of-two with d choices over very many servers.
func fewestOf(d int, rho float64, w when, millions float64) oracle {
	m := theory.PowerOfChoices{D: d, Lambda: rho * 1000, Mu: 1000}
	lambda := rho * manyServers * 1000
	return oracle{
		name: fmt.Sprintf("fewest of %d over %d M/M/1 rho=%g", d, manyServers, rho), source: "Vvedenskaya, Dobrushin, Karpelevich 1996; Mitzenmacher 2001", when: w,
		topology: strings.Replace(balanced(manyServers, rho, "power-of-two"), "targets", fmt.Sprintf("choices = %d\ntargets", d), 1),
		rate:     lambda, millions: millions, relax: 0.001 / (1 - rho), // queues are short
		facts: []fact{
			{figure: "users latency mean", exact: m.ResponseMean(), slack: 0.003 * m.ResponseMean()},
			{figure: "users latency p99", exact: m.ResponseQuantile(0.99), slack: 0.003 * m.ResponseQuantile(0.99)},
			{figure: "appa cpu utilization", exact: rho},
		},
	}
}

// weightedShares splits a Poisson stream by weights 1 and 3: each part is a
// Poisson stream in front of an M/M/1. The first node has two instances.
func weightedShares(policy string, w when, millions float64) oracle {
	const rate = 2000.0 // 400 for each instance of appa, 1200 for the one of appb
	a, b := theory.MM1{Lambda: 400, Mu: 1000}, theory.MM1{Lambda: 1200, Mu: 2000}
	return oracle{
		name: policy + " by weight", source: "a Poisson stream split at random is Poisson; Kleinrock, Queueing Systems I, ch. 3", when: w,
		topology: clientOf(rate, "") + fmt.Sprintf("[load_balancer.web]\npolicy = %q\ntargets = [\"appa\", { name = \"appb\", weight = 3 }]\n", policy) +
			fmt.Sprintf("[server.appa]\ninstances = 2\non.request = [%s]\n[server.appb]\non.request = [%s]\n", cpu("exp 1ms"), cpu("exp 0.5ms")),
		rate: rate, millions: millions, relax: relaxation(1200, 2000, 1),
		facts: []fact{
			{figure: "appa cpu utilization", exact: 0.4},
			{figure: "appb cpu utilization", exact: 0.6},
			{figure: "appa response mean", exact: a.ResponseMean()},
			{figure: "appb response mean", exact: b.ResponseMean()},
			{figure: "users latency mean", exact: 0.4*a.ResponseMean() + 0.6*b.ResponseMean()},
		},
	}
}

// scatterOracles ask n at once and wait for the slowest, where nobody
// queues: the greatest of n exponential times.
func scatterOracles() []oracle {
	row := func(n int, called bool, w when, millions float64) oracle {
		const rate = 1000.0
		branch := wait("exp 1ms")
		if called {
			branch = call("leaf")
		}
		branches := strings.TrimSuffix(strings.Repeat("["+branch+"], ", n), ", ")
		m := theory.OrderStatistic{K: n, N: n, Mu: 1000}
		o := oracle{
			name: fmt.Sprintf("greatest of %d", n), source: "Renyi 1953", when: w,
			topology: web(rate, "", "{ parallel = ["+branches+"] }"), rate: rate, millions: millions, relax: 0.002,
			facts: []fact{
				{figure: "users latency mean", exact: m.Mean()},
				{figure: "web in_flight", exact: rate * m.Mean()},
			},
		}
		if called {
			o.name += ", called"
			o.topology += fmt.Sprintf("[server.leaf]\non.request = [%s]\n", wait("exp 1ms"))
			o.facts = append(o.facts,
				fact{figure: "leaf throughput", exact: float64(n) * rate},
				fact{figure: "leaf in_flight", exact: float64(n)},
				fact{figure: "leaf response mean", exact: 1e-3})
		}
		o.facts = append(o.facts, responseFacts("users latency", m.Quantile)...)
		return o
	}
	return []oracle{
		row(2, false, always, 0.2),
		row(3, true, nightly, 0.5),
		row(5, true, usually, 0.2),
		row(10, false, usually, 0.15),
		row(20, false, nightly, 0.4),
		row(100, false, usually, 0.1),
		row(1000, false, nightly, 0.1),
	}
}

// forkJoinOracles send a task to each of n queues and wait for the slowest.
// Only two are solved exactly; what is known of more is an approximation
// whose authors found it within 5 % of their simulations.
func forkJoinOracles() []oracle {
	row := func(n int, rho float64, w when, millions float64) oracle {
		lambda := rho * 1000
		m := theory.ForkJoin{Branches: n, Lambda: lambda, Mu: 1000}
		mean, err := m.ResponseMean()
		slack, source := 0.0, "Flatto and Hahn 1984, Nelson and Tantawi 1988"
		if n > 2 {
			mean, err = m.ResponseMeanApprox()
			slack, source = 0.05*mean, "Nelson and Tantawi 1988, an approximation"
		}
		if err != nil {
			panic(err)
		}
		var branches []string
		var b strings.Builder
		for i := range n {
			name := "leaf" + string(rune('a'+i))
			branches = append(branches, "["+call(name)+"]")
			fmt.Fprintf(&b, "[server.%s]\non.request = [%s]\n", name, cpu("exp 1ms"))
		}
		one := theory.MM1{Lambda: lambda, Mu: 1000}
		return oracle{
			name: fmt.Sprintf("fork-join of %d rho=%g", n, rho), source: source, when: w,
			topology: web(lambda, "", "{ parallel = ["+strings.Join(branches, ", ")+"] }") + b.String(),
			rate:     lambda, millions: millions, relax: 2 * relaxation(lambda, 1000, 1),
			facts: []fact{
				{figure: "users latency mean", exact: mean, slack: slack},
				{figure: "leafa response mean", exact: one.ResponseMean()},
				{figure: "leafb cpu utilization", exact: rho},
			},
		}
	}
	return []oracle{
		row(2, 0.2, nightly, 1),
		row(2, 0.5, always, 1),
		row(2, 0.7, nightly, 5),
		row(2, 0.8, usually, 10),
		row(2, 0.9, nightly, 40),
		row(4, 0.5, nightly, 2),
		row(8, 0.8, nightly, 10),
	}
}
