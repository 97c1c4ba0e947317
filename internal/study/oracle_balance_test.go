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
