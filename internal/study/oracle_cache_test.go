package study

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/models/theory"
	"github.com/capsim/capsim/topologies"
)

// cacheOracles are caches under the independent reference model, as whole
// simulations.
func cacheOracles() []oracle {
	out := []oracle{
		referenced("lru", 4, 1, 2, always), // the exact values of A7 in ORACLES.md
		referenced("lru", 5, 1.4, 2, usually),
		referenced("lru", 8, 1, 4, usually),
		referenced("lru", 16, 1.2, 5, usually),
		referenced("lru", 18, 0.7, 8, nightly),
		referenced("fifo", 8, 1, 4, usually),
		referenced("fifo", 12, 0.9, 4, nightly),
		referenced("random", 5, 1.4, 2, usually), // PUB 9: LINE's cache of random replacement
		referenced("random", 16, 1.2, 5, nightly),
		{
			name: "TTL 10 s, Zipf(1) over 1000 items, 100/s", source: "renewal theory, λT/(1+λT) for each item; A7 in ORACLES.md", when: usually,
			topology: askedFor("zipf s=1 n=1000", 100, `ttl = "10s"`), rate: 100, millions: lasting(0.3, 1), relax: 10,
			facts: []fact{{figure: "redis hits", exact: 0.71477301, slack: 5e-9}},
		},
		coalesced(2, 3, usually, 3.5),
		coalesced(0.5, 3, usually, lasting(0.7, 3.5)),
	}
	for _, row := range [][2]float64{{1, 5}, {0.1, 10}, {5, 2}} {
		lambda, ttl := row[0], row[1]
		out = append(out, oracle{
			name: fmt.Sprintf("TTL λ=%g T=%g", lambda, ttl), source: "renewal theory; A7 in ORACLES.md", when: usually,
			topology: askedFor("uniform n=100", 100*lambda, fmt.Sprintf("ttl = %q", fmt.Sprint(ttl, "s"))), rate: 100 * lambda, millions: lasting(0.25, 0.4), relax: ttl,
			facts: []fact{{figure: "redis hits", exact: theory.TTLHitRatio(lambda, ttl)}},
		})
	}
	return append(out, servedLatency(3, 0.5, usually))
}

// askedFor is a server that gets each request's item from a cache. A miss
// costs no time, as the model wants it.
func askedFor(keys string, rate float64, cache string) string {
	return clientOf(rate, fmt.Sprintf("keys = %q", keys)) +
		"[server.web]\non.request = [{ get = \"redis\" }]\n[cache.redis]\n" + cache + "\n"
}

// referenced is a cache of m of n items, asked for by a Zipf law.
func referenced(policy string, n int, alpha float64, m int, w when) oracle {
	irm := theory.IRM{P: theory.ZipfLaw(n, alpha), M: m}
	exact, source := irm.LRUHitRatio(), "King, IFIP 1971"
	if policy != "lru" {
		exact, source = irm.FIFOHitRatio(), "Gelenbe, IEEE Trans. Comp. 1973"
	}
	return oracle{
		name: fmt.Sprintf("%s n=%d alpha=%g m=%d", policy, n, alpha, m), source: source, when: w,
		topology: askedFor(fmt.Sprintf("zipf s=%g n=%d", alpha, n), 1000, fmt.Sprintf("capacity = %d\npolicy = %q", m, policy)),
		rate:     1000, millions: lasting(0.12, 0.4), relax: 0.1,
		facts: []fact{{figure: "redis hits", exact: exact}},
	}
}

// coalesced is items that are kept for T from the moment each was fetched,
// which takes D, exponential with mean d: in each cycle of 1/λ + d + T one
// request misses, λd wait for it and λT find it.
func coalesced(lambda, d float64, w when, millions float64) oracle {
	const ttl = 4.0
	topology := clientOf(10*lambda, "keys = \"uniform n=10\"") +
		fmt.Sprintf("[server.web]\non.request = [{ get = \"redis\", miss = [{ call = \"db\" }] }]\n[server.db]\non.request = [{ wait = \"exp %gs\" }]\n[cache.redis]\nttl = \"%gs\"\ncoalesce = true\n", d, ttl)
	cycle := 1 + float64(lambda*d) + float64(lambda*ttl)
	return oracle{
		name: fmt.Sprintf("coalescing λ=%g d=%g", lambda, d), source: "renewal theory: a cycle is an idle time, a fetch and a life", when: w,
		topology: topology, rate: 10 * lambda, millions: millions, relax: d + ttl,
		facts: []fact{
			{figure: "redis coalesced", exact: float64(lambda*d) / cycle},
			{figure: "db throughput", exact: 10 * lambda / cycle},
			// Those who wait have come at any moment of the fetch: λE[D²]/2.
			{figure: "users latency mean", exact: (d + lambda*d*d) / cycle},
		},
	}
}

// servedLatency is a cache whose latency is work on c cores: an M/M/c queue.
func servedLatency(c int, rho float64, w when) oracle {
	rate := rho * float64(c) * 1000
	m := theory.MMc{Lambda: rate, Mu: 1000, C: c}
	return oracle{
		name: fmt.Sprintf("latency on %d cores rho=%g", c, rho), source: "Erlang C", when: w,
		topology: clientOf(rate, "keys = \"zipf s=1 n=100\"") +
			fmt.Sprintf("[server.web]\non.request = [{ get = \"redis\" }]\n[cache.redis]\nlatency = \"exp 1ms\"\ncores = %d\ncapacity = 10\n", c),
		rate: rate, millions: 3, relax: relaxation(rate, 1000, c),
		facts: []fact{
			{figure: "redis response mean", exact: m.ResponseMean()},
			{figure: "redis cpu utilization", exact: rho},
			{figure: "redis cpu queue", exact: m.QueueMean()},
		},
	}
}

// lookedUp is the share of a cache's look-ups that were hits ("redis hits") or
// coalesced.
func lookedUp(f *figures, w []string) result.Estimate {
	at := indexOf(f.spec, w[0], node.Cache)
	all := func(s *node.Snapshot) uint64 {
		n := &s.Nodes[at]
		return n.Hits + n.Misses + n.Coalesced
	}
	of := func(s *node.Snapshot) uint64 { return s.Nodes[at].Hits }
	if w[1] == "coalesced" {
		of = func(s *node.Snapshot) uint64 { return s.Nodes[at].Coalesced }
	}
	return f.ratio(of, all, "no look-ups")
}

// The real key traces, through the whole simulator: the hit ratios of LRU to
// all digits that the data's own page prints.
func TestRealKeyTracesHaveTheirExactHitRatios(t *testing.T) {
	rows := []struct {
		trace    string
		accesses int
		ratios   map[int]string // by capacity
	}{
		{"web07", 76118, map[int]string{100: "0.3340", 500: "0.4558", 1000: "0.5041", 2000: "0.5550", 5000: "0.6267", 10000: "0.6900"}},
		{"web12", 95607, map[int]string{100: "0.3622", 500: "0.5578", 1000: "0.6473", 2000: "0.7256", 5000: "0.8070", 10000: "0.8482"}},
	}
	for _, row := range rows {
		for capacity, want := range row.ratios {
			got := replayKeys(t, row.trace, row.accesses, fmt.Sprintf("capacity = %d", capacity))
			assert.Equal(t, want, fmt.Sprintf("%.4f", got), "%s at %d", row.trace, capacity)
		}
	}
}

// replayKeys is the hit ratio of a cache through which a real trace of keys
// goes, one after the other.
func replayKeys(t *testing.T, trace string, accesses int, cache string) float64 {
	t.Helper()
	text := fmt.Sprintf(`[client.users]
target = "web"
arrivals = { trace = "cache-keys-%s.txt.gz", format = "keys", rate = "1000/s" }
[server.web]
on.request = [{ get = "redis", miss = [{ wait = "1us" }] }]
[cache.redis]
%s
[run]
duration = "%dms"
warmup = "0s"
replications = 1
`, trace, cache, accesses)
	file, report := topologies.Load(measuredFiles{"../../models/evict/testdata", text}, "measured.toml", topologies.Options{})
	require.NotNil(t, file, "%v", report)
	spec, report := file.Spec("")
	require.False(t, report.Failed(), "%v", report)
	outcomes, err := runAll([]*node.Spec{spec}, Options{})
	require.NoError(t, err)
	c := outcomes[0].Nodes["redis"].Cache
	require.Equal(t, uint64(accesses), c.Hits+c.Misses)
	return *c.HitRatio.Mean
}

// A trace of 600,000 keys replays in less than a second.
func TestALargeKeyTraceReplaysQuickly(t *testing.T) {
	if testing.Short() {
		t.Skip("600,000 requests")
	}
	began := time.Now()
	got := replayKeys(t, "orm-busy", 600_000, "capacity = 1000")
	assert.Equal(t, "0.8027", fmt.Sprintf("%.4f", got))
	t.Logf("600,000 requests in %v, reading them included", time.Since(began))
}
