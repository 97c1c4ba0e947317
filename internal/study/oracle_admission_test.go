package study

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/models/theory"
)

// connected is a server whose requests do nothing but ask a database that is
// never busy, over a pool of connections: the pool is the only queue.
func connected(rate float64, pool, law string) string {
	return web(rate, "pool.db = { "+pool+" }", `{ call = "db" }`) + fmt.Sprintf("[server.db]\non.request = [%s]\n", wait(law))
}

// poolOracles are of pools in front of a server for everybody: the queue is
// that of M/M/c (A1.1), with a constant time-out of M/M/c+D (A1.6), with an
// exponential one of M/M/c+M (Erlang A).
func poolOracles() []oracle {
	plain := func(lambda, mu float64, c int, w when, millions float64) oracle {
		m := theory.MMc{Lambda: lambda, Mu: mu, C: c}
		return oracle{
			name: fmt.Sprintf("pool of %d lambda=%g mu=%g", c, lambda, mu), source: "M/M/c: Kleinrock, Queueing Systems I, ch. 3", when: w,
			topology: connected(lambda, fmt.Sprintf("size = %d", c), exponential(1/mu)), rate: lambda, millions: millions, relax: relaxation(lambda, mu, c),
			facts: append(responseFacts("users latency", m.ResponseQuantile),
				fact{figure: "users latency mean", exact: m.ResponseMean()},
				fact{figure: "web pool.db wait mean", exact: m.WaitMean()},
				fact{figure: "web pool.db queue", exact: m.QueueMean()},
				fact{figure: "web pool.db utilization", exact: m.Utilisation()},
				fact{figure: "web pool.db busy", exact: lambda / mu},
				fact{figure: "web in_flight", exact: m.NumberMean()},
				fact{figure: "db in_flight", exact: lambda / mu}),
		}
	}
	constant := func(lambda, mu float64, c int, tau float64, w when, millions float64) oracle {
		m := theory.MMcD{Lambda: lambda, Mu: mu, C: c, Tau: tau}
		return oracle{
			name: fmt.Sprintf("pool of %d lambda=%g mu=%g tau=%g", c, lambda, mu, tau), source: "M/M/c+D: Barrer 1957, Zeltyn and Mandelbaum 2005", when: w,
			topology: connected(lambda, fmt.Sprintf("size = %d, acquire_timeout = %q", c, seconds(tau)), exponential(1/mu)),
			rate:     lambda, millions: millions, relax: 5 * (1/mu + tau),
			facts: []fact{
				{figure: "users errors", exact: m.TimeoutProbability()},
				{figure: "users latency mean", exact: m.ServedResponseMean()},
				{figure: "db throughput", exact: m.Throughput()},
				{figure: "web pool.db queue", exact: lambda * m.WaitMean()},
				{figure: "web pool.db utilization", exact: m.Utilisation()},
				{figure: "web pool.db wait mean", exact: m.ServedWaitMean()},
			},
		}
	}
	impatient := func(lambda, mu float64, c int, theta float64, w when, millions float64) oracle {
		m := theory.ErlangA{Lambda: lambda, Mu: mu, C: c, Theta: theta}
		return oracle{
			name: fmt.Sprintf("pool of %d lambda=%g mu=%g theta=%g", c, lambda, mu, theta), source: "M/M/c+M: Palm 1957, Mandelbaum and Zeltyn 2007", when: w,
			topology: connected(lambda, fmt.Sprintf("size = %d, acquire_timeout = %q", c, exponential(1/theta)), exponential(1/mu)),
			rate:     lambda, millions: millions, relax: 5 / min(mu, theta),
			facts: []fact{
				{figure: "users errors", exact: m.AbandonProbability()},
				{figure: "users latency mean", exact: m.ServedWaitMean() + 1/mu},
				{figure: "web pool.db queue", exact: m.QueueMean()},
				{figure: "web pool.db utilization", exact: m.Utilisation()},
				{figure: "web pool.db wait mean", exact: m.ServedWaitMean()},
			},
		}
	}
	return []oracle{
		plain(800, 1000, 1, nightly, 6),
		plain(2100, 1000, 3, usually, 8),
		plain(18000, 1000, 20, nightly, 30),
		constant(900, 1000, 1, 0.002, always, 1.3),
		constant(10000, 1000, 9, 0.0005, usually, 2.5),
		constant(4000, 1000, 4, 0.001, nightly, 3),
		impatient(5000, 1000, 5, 500, usually, 3),
		impatient(1200, 1000, 1, 1000, nightly, 2),
	}
}

// rateLimitOracles are of Poisson arrivals at a token bucket.
func rateLimitOracles() []oracle {
	row := func(lambda, rate float64, burst int, w when, millions float64) oracle {
		b := theory.TokenBucket{Lambda: lambda, Rate: rate, Burst: burst}
		return oracle{
			name: fmt.Sprintf("lambda=%g rate=%g burst=%d", lambda, rate, burst), source: "the bucket's deficit is the work of M/D/1/K; Gross et al., sec. 5.1.7", when: w,
			topology: web(lambda, fmt.Sprintf("rate_limit = \"%g/s burst=%d\"", rate, burst), wait("1ms")), rate: lambda, millions: millions, relax: 20 * float64(burst) / rate,
			facts: []fact{
				{figure: "users errors", exact: b.RejectProbability()},
				{figure: "users throughput", exact: b.Throughput()},
			},
		}
	}
	return []oracle{
		row(500, 500, 1, always, 0.2),
		row(500, 500, 10, usually, 6),
		row(400, 500, 3, usually, 1),
		row(900, 500, 10, usually, 0.4),
		row(100, 300, 2, nightly, 1),
	}
}

// memoryOracles are of Little's law: what requests hold is their number.
func memoryOracles() []oracle {
	row := func(name string, topology string, rate, number, relax float64, w when, millions float64) oracle {
		return oracle{
			name: name, source: "Little 1961", when: w, topology: topology, rate: rate, millions: millions, relax: relax,
			facts: []fact{
				{figure: "web memory busy", exact: 3e8 + 2e6*number},
				{figure: "web memory utilization", exact: (3e8 + 2e6*number) / 1e9},
			},
		}
	}
	const keys = "memory = \"1GB\"\nmemory_base = \"300MB\"\nmemory_per_request = "
	one := theory.MM1{Lambda: 800, Mu: 1000}
	return []oracle{
		row("M/M/1", web(800, keys+`"2MB"`, cpu("exp 1ms")), 800, one.NumberMean(), relaxation(800, 1000, 1), always, lasting(0.3, 3)),
		row("M/M/inf", web(100, keys+`"2MB"`, wait("exp 500ms")), 100, 50, 1, usually, lasting(0.1, 1)),
		row("M/M/inf, each its own size", web(100, keys+`"exp 2MB"`, wait("exp 500ms")), 100, 50, 1, usually, lasting(0.1, 1)),
	}
}

// Twice as much comes as can be done, and clients wait for 0.5 s. Without
// shedding nearly all that is done is too late (every worker's queue is
// longer than that); with it the server goes on answering at its capacity.
func TestSheddingKeepsGoodputUnderOverload(t *testing.T) {
	const overloaded = `[client.users]
target = "web"
arrivals = "poisson 200/s"
timeout = "500ms"
[server.web]
cores = 1
concurrency = 1
SHED
on.request = [{ cpu = "exp 10ms" }]
[run]
duration = "2m"
warmup = "20s"
drain = "1m"
replications = 3
`
	goodput := func(shed string) float64 {
		outcomes, err := runAll([]*node.Spec{specOf(t, strings.Replace(overloaded, "SHED", shed, 1))}, Options{})
		require.NoError(t, err)
		return *outcomes[0].Clients["users"].ThroughputRPS.Mean
	}
	assert.Less(t, goodput(""), 5.0)
	assert.Greater(t, goodput(`shed = { delay = "200ms" }`), 95.0)
}

func TestKillsForMemoryAreToldOf(t *testing.T) {
	text := web(100, "instances = 2\nmemory = \"100MB\"\nmemory_base = \"40MB\"\nmemory_per_request = \"20MB\"\nboot = \"100ms\"", wait("exp 20ms")) + runTable(20, 1, 3, 1)
	outcomes, err := runAll([]*node.Spec{specOf(t, text)}, Options{})
	require.NoError(t, err)
	out := outcomes[0]
	require.Len(t, out.Warnings, 1)
	assert.Equal(t, "W907", out.Warnings[0].Code)
	assert.Regexp(t, `^web: an instance ran out of memory and was killed [0-9]+ times: up to 120 MB were needed of the 100 MB that it had; web\[[01]\] was the first, [0-9.]+ m?s into replication 0; it happened in 3 of 3 replications$`, out.Warnings[0].Message)
	n := out.Nodes["web"]
	assert.Greater(t, n.MemoryKills, uint64(50))
	assert.Less(t, *n.Resources["memory"].Utilization.Mean, 1.0)
	for _, i := range n.PerInstance {
		assert.Less(t, i.UpRatio, 0.97)
	}

	enough := strings.Replace(text, "100MB", "900MB", 1)
	outcomes, err = runAll([]*node.Spec{specOf(t, enough)}, Options{})
	require.NoError(t, err)
	assert.Empty(t, outcomes[0].Warnings)
	assert.Zero(t, outcomes[0].Nodes["web"].MemoryKills)
}

func TestAPoolThatSaturatesIsToldOf(t *testing.T) {
	text := connected(900, "size = 8", exponential(0.01)) + runTable(20, 1, 3, 1)
	outcomes, err := runAll([]*node.Spec{specOf(t, text)}, Options{})
	require.NoError(t, err)
	out := outcomes[0]
	assert.Equal(t, "pool.db", out.Bottleneck.Resource)
	assert.Equal(t, "web", out.Bottleneck.Node)
	assert.Equal(t, "W901", out.Warnings[0].Code)
	assert.Contains(t, out.Warnings[0].Message, "web: pool.db saturated and falling behind")
	spent := out.Clients["users"].Spent
	assert.Contains(t, spent, "web", "the wait for a connection is that of the caller")
}
