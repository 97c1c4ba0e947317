package study

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/theory"
)

// replicated is a database whose records are written and read at random, so
// many times a second in all.
func replicated(writes, reads float64, keys, database string) string {
	return fmt.Sprintf(`[client.writers]
target = "db.put"
arrivals = "poisson %s"
keys = %q
[client.readers]
target = "db.get"
arrivals = "poisson %s"
keys = %q
[database.db]
%s
write.put = []
`, perSecond(writes), keys, perSecond(reads), keys, database)
}

// stalenessOracles are of how often a replica lacks the newest write of what
// is read: the share in closed form, for lags that are independent, and for
// those that a queue of writes brings.
func stalenessOracles() []oracle {
	const source = "design/ORACLES.md, A12: P = ∫ w e^(-wa) P(lag > a) da"
	row := func(w when, writes, lag float64, law string, transform func(float64) float64, millions float64) oracle {
		const keys = 50
		return oracle{
			name: fmt.Sprintf("w=%g lag %s", writes, law), source: source, when: w,
			topology: replicated(keys*writes, 2*keys*writes, "uniform n=50",
				fmt.Sprintf("replicas = 1\nroute_reads = \"replicas\"\nreplication = { lag = %q }\nread.get = []", law)),
			rate: 3 * keys * writes, millions: millions, relax: lag,
			facts: []fact{
				{figure: "db stale_reads", exact: theory.Staleness{Writes: writes, Lag: transform}.Ratio()},
				{figure: "db lag mean", exact: lag, slack: 1e-9 * lag},
			},
		}
	}
	both := func(w when, writes, lag, millions float64) []oracle {
		ms := fmt.Sprintf("%gms", 1000*lag)
		return []oracle{
			row(w, writes, lag, ms, theory.FixedLag(lag), millions),
			row(w, writes, lag, "exp "+ms, theory.ErlangLag(1, lag), millions),
			row(w, writes, lag, "erlang k=4 mean="+ms, theory.ErlangLag(4, lag), millions),
		}
	}
	var all []oracle
	all = append(all, both(nightly, 0.1, 0.5, 6)...)
	all = append(all, both(usually, 1, 0.1, lasting(2.2, 3))...)
	all = append(all, both(always, 1, 1, lasting(0.35, 1))...)
	all = append(all, both(nightly, 10, 0.1, 1)...)
	all = append(all, both(nightly, 0.01, 30, 2)...)
	return append(all, zipfStaleness(source, 0.22128095), zipfStaleness(source, 0.16596071), applyOracle(1), applyOracle(5), readBackOracle())
}

// zipfStaleness is of keys of which some are written and read more than
// others; the second row reads a quarter from the primary.
func zipfStaleness(source string, exact float64) oracle {
	o := oracle{
		name: fmt.Sprintf("zipf keys, %.4g stale", exact), source: source, when: usually,
		topology: replicated(50, 100, "zipf s=1 n=100", "replicas = 1\nreplication = { lag = \"100ms\" }\nread.get = { route = \"replicas\", steps = [] }"),
		rate:     150, millions: 1.5, relax: 0.1,
		facts: []fact{{figure: "db stale_reads", exact: exact}},
	}
	if exact < 0.2 {
		o.topology += `read.fresh = { route = "primary", steps = [] }
[client.careful]
target = "db.fresh"
arrivals = "poisson 33.333333333/s"
keys = "zipf s=1 n=100"
`
	}
	return o
}

// applyOracle is of a replica that applies writes one after the other on its
// core: the lag of a write is its time in an M/M/1 queue, which does not
// depend on what comes after it.
func applyOracle(keys int) oracle {
	const lambda, mu = 500.0, 1000.0
	m := theory.MM1{Lambda: lambda, Mu: mu}
	return oracle{
		name: fmt.Sprintf("apply queue, %d keys", keys), source: "design/ORACLES.md, A12: lag ~ Exp(mu - lambda)", when: usually,
		topology: replicated(lambda, lambda, fmt.Sprintf("uniform n=%d", keys),
			"replicas = 1\nroute_reads = \"replicas\"\nreplication = { apply = \"exp 1ms\" }\nread.get = []"),
		rate: 2 * lambda, millions: 2, relax: relaxation(lambda, mu, 1),
		facts: append(responseFacts("db lag", m.ResponseQuantile),
			fact{figure: "db lag mean", exact: m.ResponseMean()},
			fact{figure: "db stale_reads", exact: theory.Staleness{Writes: lambda / float64(keys), Lag: theory.ErlangLag(1, m.ResponseMean())}.Ratio()},
			fact{figure: "db cpu busy", exact: lambda / mu}),
	}
}

// acknowledgementOracles are of writes that wait until some of their replicas
// have them, of exponential lags that never queue.
func acknowledgementOracles() []oracle {
	row := func(w when, mode string, replicas, acks int) oracle {
		wait := theory.OrderStatistic{K: acks, N: replicas, Mu: 100}
		return oracle{
			name: fmt.Sprintf("%s, %d replicas", mode, replicas), source: "Renyi 1953", when: w,
			topology: replicated(200, 10, "uniform n=1M",
				fmt.Sprintf("replicas = %d\nreplication = { mode = %q, lag = \"exp 10ms\" }\nread.get = []", replicas, mode)),
			rate: 210, millions: lasting(0.25, 2), relax: 0.01,
			facts: append(responseFacts("writers latency", wait.Quantile),
				fact{figure: "writers latency mean", exact: wait.Mean()},
				fact{figure: "db workers busy", exact: 200 * wait.Mean()},
				fact{figure: "db lag mean", exact: 0.01}),
		}
	}
	return []oracle{
		row(usually, "sync", 3, 3), row(nightly, "sync", 1, 1), row(usually, "semi-sync", 3, 1),
		row(usually, "quorum", 4, 2), row(nightly, "quorum", 2, 1), row(nightly, "quorum", 5, 3),
	}
}

// readBack writes something, thinks, and reads it again.
func readBack(route string) string {
	return fmt.Sprintf(`[client.users]
target = "app"
arrivals = "poisson 500/s"
keys = "uniform n=1G"
[server.app]
on.request = [{ call = "db.put" }, { wait = "20ms" }, { call = "db.get" }]
[database.db]
replicas = 2
route_reads = %q
replication = { lag = "exp 10ms" }
read.get = []
write.put = []
`, route)
}

// readBackOracle is of those who read what they have written after a delay d:
// a replica lacks it with the probability P(lag > d).
func readBackOracle() oracle {
	return oracle{
		name: "read back after 20ms", source: "design/ORACLES.md, A12: P = G(d)", when: usually,
		topology: readBack("replicas"), rate: 500, millions: lasting(0.5, 1), relax: 0.02,
		facts: []fact{{figure: "db stale_reads", exact: math.Exp(-2)}, {figure: "db lag mean", exact: 0.01}},
	}
}

// With read-your-writes nobody ever misses what he has written himself: just
// those who would have missed it read at the primary.
func TestReadYourWritesNeverMissesOne(t *testing.T) {
	run := runTable(100, 1, 4, 1)
	plain := resultOf(t, readBack("replicas")+run).Nodes["db"].Database
	assert.Zero(t, plain.Redirected)
	require.Greater(t, plain.StaleReads, uint64(20_000))
	tracked := resultOf(t, readBack("read-your-writes")+run).Nodes["db"].Database
	assert.Zero(t, tracked.StaleReads)
	assert.Zero(t, *tracked.StaleReadRatio.Mean)
	assert.Equal(t, plain.Reads, tracked.Reads)
	assert.Equal(t, plain.StaleReads, tracked.Redirected)
}
