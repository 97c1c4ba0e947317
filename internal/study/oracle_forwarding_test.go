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
)

// forwardingOracles are of what a balancer does besides choosing.
func forwardingOracles() []oracle {
	return []oracle{
		centralQueue(4, 0.8, "round-robin", usually, 8),
		centralQueue(2, 0.5, "least-connections", always, 3),
		centralQueue(10, 0.9, "random", nightly, 40),
		limitedQueue(2, 5, 0.9, usually, 2),
		limitedQueue(1, 1, 1.5, always, 1),
		limitedBalancer(3, 8, 1.1, usually, 2),
		limitedBalancer(1, 4, 0.8, always, 1.6),
		retriesElsewhere(0.3, 1, always, 1),
		retriesElsewhere(0.5, 3, usually, 2),
		attemptTimeouts(0.010, 0.008, usually, 1.2),
		directShortestQueue(2, 0.8, usually, 7),
	}
}

// centralQueue is M/M/c: a balancer that sends each server of one core one
// request at a time, and keeps the others.
func centralQueue(c int, rho float64, policy string, w when, millions float64) oracle {
	lambda := rho * float64(c) * 1000
	m := theory.MMc{Lambda: lambda, Mu: 1000, C: c}
	o := oracle{
		name: fmt.Sprintf("maxconn 1 is M/M/%d rho=%g %s", c, rho, policy), source: "Erlang 1917; Gross and Harris, sec. 2.3", when: w,
		topology: strings.Replace(balanced(c, rho, policy), "[load_balancer.web]\n", "[load_balancer.web]\nmax_connections_per_target = 1\n", 1),
		rate:     lambda, millions: millions, relax: relaxation(lambda, 1000, c),
		facts: []fact{
			{figure: "users latency mean", exact: m.ResponseMean()},
			{figure: "web in_flight", exact: m.NumberMean()},
			{figure: "web connections utilization", exact: rho},
			{figure: "web connections busy", exact: rho * float64(c)},
			{figure: "web connections queue", exact: m.QueueMean()},
			{figure: "web connections wait mean", exact: m.WaitMean()},
		},
	}
	o.facts = append(o.facts, responseFacts("users latency", m.ResponseQuantile)...)
	return o
}

// limitedQueue is M/M/c/(c+q): q may wait in the balancer.
func limitedQueue(c, q int, rho float64, w when, millions float64) oracle {
	lambda := rho * float64(c) * 1000
	m := theory.MMcK{Lambda: lambda, Mu: 1000, C: c, K: c + q}
	return oracle{
		name: fmt.Sprintf("maxconn 1 and a queue of %d is M/M/%d/%d rho=%g", q, c, c+q, rho), source: "Gross and Harris, sec. 2.4", when: w,
		topology: strings.Replace(balanced(c, rho, "round-robin"), "[load_balancer.web]\n",
			fmt.Sprintf("[load_balancer.web]\nmax_connections_per_target = 1\nqueue = %d\n", q), 1),
		rate: lambda, millions: millions, relax: float64(c+q) / 1000,
		facts: []fact{
			{figure: "users errors", exact: m.BlockingProbability()},
			{figure: "users latency mean", exact: m.ResponseMean()},
			{figure: "web throughput", exact: m.Throughput()},
			{figure: "web connections queue", exact: m.QueueMean()},
			{figure: "web connections utilization", exact: m.Utilisation()},
		},
	}
}

// limitedBalancer is M/M/c/K: a balancer that lets K in, before one server of
// c cores.
func limitedBalancer(c, k int, rho float64, w when, millions float64) oracle {
	lambda := rho * float64(c) * 1000
	m := theory.MMcK{Lambda: lambda, Mu: 1000, C: c, K: k}
	return oracle{
		name: fmt.Sprintf("max_connections %d is M/M/%d/%d rho=%g", k, c, k, rho), source: "Gross and Harris, sec. 2.4", when: w,
		topology: clientOf(lambda, "") + fmt.Sprintf("[load_balancer.web]\nmax_connections = %d\ntargets = [\"app\"]\n[server.app]\ncores = %d\non.request = [%s]\n", k, c, cpu("exp 1ms")),
		rate:     lambda, millions: millions, relax: float64(k) / 1000,
		facts: []fact{
			{figure: "users errors", exact: m.BlockingProbability()},
			{figure: "users latency mean", exact: m.ResponseMean()},
			{figure: "web in_flight", exact: m.NumberMean()},
			{figure: "web connections busy", exact: m.NumberMean()},
			{figure: "web connections utilization", exact: m.NumberMean() / float64(k)},
		},
	}
}

// retriesElsewhere tries again where attempts fail independently of each
// other.
func retriesElsewhere(p float64, retries int, w when, millions float64) oracle {
	const rate = 1000.0
	left := math.Pow(p, float64(retries+1))
	tries := (1 - left) / (1 - p)
	return oracle{
		name: fmt.Sprintf("%d retries of a balancer, p=%g", retries, p), source: "independent attempts", when: w,
		topology: clientOf(rate, "") + fmt.Sprintf("[load_balancer.web]\nretries = %d\ntargets = [\"app\"]\n[server.app]\ninstances = 4\non.request = [{ wait = \"exp 1ms\" }, { fail = %g }]\n", retries, p),
		rate:     rate, millions: millions, relax: 0.002,
		facts: []fact{
			{figure: "users errors", exact: left},
			{figure: "web in_flight", exact: rate * tries * 0.001},
			{figure: "app in_flight", exact: rate * tries * 0.001},
			{figure: "app throughput", exact: rate * (1 - left)},
		},
	}
}

// attemptTimeouts gives an attempt up that takes too long, and makes one
// more: of exponential times, which nobody shortens.
func attemptTimeouts(mean, timeout float64, w when, millions float64) oracle {
	const rate = 1000.0
	q := math.Exp(-timeout / mean)
	short := mean - timeout*q/(1-q) // of those that are in time
	return oracle{
		name: "an attempt times out and is made again", source: "a truncated exponential law", when: w,
		topology: clientOf(rate, "") + fmt.Sprintf("[load_balancer.web]\ntimeout = %q\nretries = 1\ntargets = [\"app\"]\n[server.app]\ninstances = 2\non.request = [%s]\n",
			seconds(timeout), wait(exponential(mean))),
		rate: rate, millions: millions, relax: 3 * mean,
		facts: []fact{
			{figure: "users errors", exact: q * q},
			{figure: "users latency mean", exact: short + timeout*q/(1+q)},
			{figure: "web in_flight", exact: rate * (1 + q) * mean * (1 - q)},
			{figure: "app in_flight", exact: rate * (1 + q) * mean},
		},
	}
}

// directShortestQueue is least-connections without a balancer.
func directShortestQueue(k int, rho float64, w when, millions float64) oracle {
	o := shortestQueue(k, rho, w, millions)
	o.name += " without a balancer"
	o.topology = web(rho*float64(k)*1000, fmt.Sprintf("instances = %d\nbalance = \"least-connections\"", k), cpu("exp 1ms"))
	for i := range o.facts {
		o.facts[i].figure = strings.Replace(o.facts[i].figure, "appa ", "web ", 1)
	}
	return o
}

// Users who are bound by a random choice are spread as a multinomial law
// says, and stay where they are; bound in turn they are spread evenly.
func TestStickyUsersAreSpreadAsTheyWereChosenFor(t *testing.T) {
	const people, instances, runs = 400, 4, 40
	text := fmt.Sprintf("[client.users]\ntarget = \"lb\"\nusers = %d\nthink = \"exp 1s\"\n[load_balancer.lb]\npolicy = POLICY\nsticky = { by = \"cookie\", ttl = \"1h\" }\ntargets = [\"web\"]\n"+
		"[server.web]\ninstances = %d\non.request = [{ wait = \"1ms\" }]\n[run]\nduration = \"50s\"\nwarmup = \"20s\"\nreplications = %d\n", people, instances, runs)
	chiSquare := func(policy string) float64 {
		outcomes, err := runAll([]*node.Spec{specOf(t, strings.Replace(text, "POLICY", fmt.Sprintf("%q", policy), 1))}, Options{})
		require.NoError(t, err)
		sum := 0.0
		for _, s := range outcomes[0].figures.snaps {
			at := indexOf(outcomes[0].figures.spec, "web", node.Server)
			n := &s.Nodes[at]
			for _, in := range n.Instances {
				bound := people * float64(in.Arrivals) / float64(n.Arrivals)
				sum += (bound - people/instances) * (bound - people/instances) / (people / instances)
			}
		}
		return sum
	}
	// The sum is chi-square of 3 degrees of freedom for each run, plus what the
	// requests of 50 s scatter: 1/50 of that.
	const freedom = runs * (instances - 1)
	deviation := math.Sqrt(2 * freedom)
	assert.InDelta(t, freedom*(1+1.0/50), chiSquare("random"), 4*deviation)
	assert.InDelta(t, freedom/50.0, chiSquare("round-robin"), 4*deviation/50)
}
