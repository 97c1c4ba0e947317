package study

import (
	"fmt"
	"math"

	"github.com/capsim/capsim/models/theory"
)

// databaseOracles are the rows of A11 and A6.1 of ORACLES.md that are about
// shards: queues of their own, the slowest of all, two-phase commit.
func databaseOracles() []oracle {
	return []oracle{
		scatterOver(3, usually, lasting(0.15, 0.5)), scatterOver(10, usually, lasting(0.1, 0.3)), scatterOver(100, usually, 0.1), scatterOver(1000, nightly, 0.1),
		twoPhase(2, 2, usually, lasting(0.14, 0.5)), twoPhase(3, 8, usually, lasting(0.12, 0.4)), twoPhase(5, 5, usually, lasting(0.1, 0.3)), twoPhase(10, 64, usually, lasting(0.13, 0.2)),
		preparedAndLogged(2, usually, lasting(0.08, 0.5)), preparedAndLogged(3, usually, lasting(0.08, 0.4)), preparedAndLogged(5, nightly, 0.4), preparedAndLogged(10, nightly, 0.3),
		evenShards("modulo", 1, 0.8, "exp 1ms", 1, usually, 8),
		evenShards("modulo", 4, 0.8, "exp 1ms", 1, usually, 8),
		evenShards("range", 4, 0.7, "constant 1ms", 0, usually, lasting(1.1, 2)),
		evenShards("modulo", 8, 0.7, "hyperexp mean=1ms cv=2", 4, nightly, 20),
		skewedShards("0.8", 8, 1000, 3500, nightly, 8),
		skewedShards("1", 8, 1000, 3000, usually, lasting(1.7, 5)),
		writeLimit(1, 3, usually, 8), writeLimit(4, 3, usually, lasting(0.25, 2)),
	}
}

// orders is a client of a database.
func orders(rate float64, keys, lines string) string {
	return fmt.Sprintf("[client.users]\ntarget = \"orders\"\narrivals = \"poisson %g/s\"\nkeys = %q\n[database.orders]\n%s\n", rate, keys, lines)
}

func scatterOver(n int, w when, millions float64) oracle {
	m := theory.OrderStatistic{K: n, N: n, Mu: 1000}
	o := oracle{
		name: fmt.Sprintf("scatter over %d shards", n), source: "Renyi 1953; ORACLES.md A6.1", when: w, rate: 1000, millions: millions, relax: 0.002,
		topology: orders(1000, "uniform n=1k", fmt.Sprintf("shards = %d\nscatter.request = [%s]", n, wait("exp 1ms"))),
		facts: []fact{
			{figure: "users latency mean", exact: m.Mean()},
			{figure: "orders throughput", exact: 1000 * float64(n)},
			{figure: "orders response mean", exact: 1e-3},
		},
	}
	o.facts = append(o.facts, responseFacts("users latency", m.Quantile)...)
	return o
}

// twoPhase is a commit over n of some shards without queues: E = 2 H_n.
func twoPhase(n, shards int, w when, millions float64) oracle {
	m := theory.OrderStatistic{K: n, N: n, Mu: 1000}
	return oracle{
		name: fmt.Sprintf("2PC over %d of %d shards", n, shards), source: "ORACLES.md A11: 2 H_n", when: w, rate: 1000, millions: millions, relax: 0.004,
		topology: orders(1000, "uniform n=1k", fmt.Sprintf("shards = %d\ntransaction.request = { shards = %d, steps = [%s] }", shards, n, wait("exp 1ms"))),
		facts: []fact{
			{figure: "users latency mean", exact: 2 * m.Mean()},
			{figure: "orders throughput", exact: 2000 * float64(n)},
		},
	}
}

// preparedAndLogged writes to the coordinator's log instead of the second
// phase: E = H_n + 1.
func preparedAndLogged(n int, w when, millions float64) oracle {
	m := theory.OrderStatistic{K: n, N: n, Mu: 1000}
	return oracle{
		name: fmt.Sprintf("prepare on %d, and a log", n), source: "ORACLES.md A11: H_n + 1", when: w, rate: 1000, millions: millions, relax: 0.004,
		topology: web(1000, "", call("orders.move")+", "+wait("exp 1ms")) +
			fmt.Sprintf("[database.orders]\nshards = %d\ntransaction.move = { shards = %d, steps = [%s], commit = [] }\n", n, n, wait("exp 1ms")),
		facts: []fact{{figure: "users latency mean", exact: m.Mean() + 1e-3}},
	}
}

// evenShards are M/G/1 queues: Pollaczek and Khinchine.
func evenShards(by string, shards int, rho float64, service string, cv2 float64, w when, millions float64) oracle {
	rate := rho * 1000 * float64(shards)
	m := theory.MG1{Lambda: rho * 1000, Mean: 1e-3, SCV: cv2}
	return oracle{
		name: fmt.Sprintf("%d shards by %s, %s, rho=%g", shards, by, service, rho), source: "Pollaczek-Khinchine at each shard; Kleinrock, Queueing Systems I, ch. 5", when: w,
		topology: orders(rate, "uniform n=8000", fmt.Sprintf("shards = %d\nshard_by = %q\nread.request = [%s]", shards, by, cpu(service))),
		rate:     rate, millions: millions, relax: relaxation(rho*1000, 1000, 1),
		facts: []fact{
			{figure: "users latency mean", exact: m.ResponseMean()},
			{figure: "orders cpu utilization", exact: rho},
			{figure: "orders in_flight", exact: float64(shards) * m.NumberMean()},
		},
	}
}

// skewedShards are M/M/1 queues of different loads: keys by their rank modulo
// the shards.
func skewedShards(s string, shards, n int, rate float64, w when, millions float64) oracle {
	var exponent float64
	_, _ = fmt.Sscan(s, &exponent)
	shares, sum := make([]float64, shards), 0.0
	for k := range n {
		p := math.Pow(float64(k+1), -exponent)
		shares[k%shards] += p
		sum += p
	}
	latency, hottest := 0.0, 0.0
	for _, p := range shares {
		latency += p / sum / (1000 - rate*p/sum)
		hottest = max(hottest, rate*p/sum)
	}
	return oracle{
		name: fmt.Sprintf("Zipf %s over %d shards", s, shards), source: "M/M/1 at each shard; ORACLES.md A11", when: w,
		topology: orders(rate, fmt.Sprintf("zipf s=%s n=%d", s, n), fmt.Sprintf("shards = %d\nshard_by = \"modulo\"\nread.request = [%s]", shards, cpu("exp 1ms"))),
		rate:     rate, millions: millions, relax: relaxation(hottest, 1000, 1),
		facts: []fact{{figure: "users latency mean", exact: latency}},
	}
}

// writeLimit is what replicas cannot do: every write goes to the primary of
// its shard. At a load of 0.8 a single one queues, and four hardly do.
func writeLimit(shards, replicas int, w when, millions float64) oracle {
	const rate = 800.0
	m := theory.MG1{Lambda: rate / float64(shards), Mean: 1e-3, SCV: 1}
	return oracle{
		name: fmt.Sprintf("writes to %d primaries", shards), source: "M/M/1 at each primary", when: w,
		topology: orders(rate, "uniform n=8000", fmt.Sprintf("shards = %d\nreplicas = %d\nshard_by = \"modulo\"\nwrite.request = [%s]", shards, replicas, cpu("exp 1ms"))),
		rate:     rate, millions: millions, relax: relaxation(rate/float64(shards), 1000, 1),
		facts: []fact{
			{figure: "users latency mean", exact: m.ResponseMean()},
			{figure: "orders cpu utilization", exact: rate / 1000 / float64(shards*(1+replicas))},
		},
	}
}
