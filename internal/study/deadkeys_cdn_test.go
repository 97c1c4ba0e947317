package study

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/internal/result"
)

// keyEdge is a CDN that keeps some of what it is asked for.
const keyEdge = `[client.users]
target = "edge"
arrivals = "poisson 300/s"
requests = { page = 4, cart = 1 }
keys = "zipf s=0.9 n=300"
response_size = "10kB"
[cdn.edge]
origin = "web"
cacheable = { page = "2s" }
capacity = 50
latency = "exp 5ms"
egress_price = 0.05
[server.web]
on.page = [{ wait = "exp 20ms" }]
on.cart = [{ wait = "exp 20ms" }]
[server.fast]
on.page = [{ wait = "exp 2ms" }]
on.cart = [{ wait = "exp 2ms" }]
`

const (
	edgeHits   = "nodes/edge/cache/hit_ratio"
	shieldHits = "nodes/edge.shield/cache/hit_ratio"
	webAnswers = "nodes/web/throughput_rps"
)

var (
	keyShielded = strings.Replace(keyEdge, "capacity = 50\n", "capacity = 50\npops = 5\nshield = true\n", 1)
	keyHeavy    = strings.Replace(keyEdge, "capacity = 50\n", "memory = \"1MB\"\nobject_size = \"20kB\"\n", 1)
	keyHeavier  = strings.Replace(keyShielded, "capacity = 50\n", "memory = \"1MB\"\nobject_size = \"20kB\"\n", 1)
	keyLongLife = strings.Replace(keyEdge, "cacheable = { page = \"2s\" }\ncapacity = 50\n", "cacheable = { page = \"1h\" }\ncapacity = 100\n", 1)
	keyFront    = strings.Replace(strings.Replace(keyEdge, "keys = \"zipf s=0.9 n=300\"\n", "", 1), `{ page = "2s" }`, `{ page = "50ms" }`, 1)
	keyChance   = strings.Replace(keyEdge, "cacheable = { page = \"2s\" }\ncapacity = 50\n", "hit_ratio = \"50%\"\n", 1)
)

var cdnCases = []keyCase{
	{key: "cdn.origin", base: keyEdge, old: `origin = "web"`, new: `origin = "fast"`, figure: latencyMean, want: down},
	{key: "cdn.origin", base: strings.Replace(keyEdge, `on.cart = [{ wait = "exp 20ms" }]`, `on.cart = [{ wait = "exp 90ms" }]`, 1),
		old: `origin = "web"`, new: `origin = "web.page"`, figure: "clients/users/ops/cart/latency_s/mean", want: down},
	{key: "cdn.cacheable", base: keyEdge, old: `page = "2s"`, new: `page = "200ms"`, figure: edgeHits, want: down},
	{key: "cdn.cacheable", base: keyEdge, old: `page = "2s"`, new: `page = "2s", cart = "2s"`, figure: "clients/users/ops/cart/latency_s/mean", want: down},
	{key: "cdn.hit_ratio", base: keyChance, old: "50%", new: "90%", figure: edgeHits, want: up},
	{key: "cdn.hit_ratio", base: keyChance, old: "50%", new: "90%", figure: webAnswers, want: down},
	{key: "cdn.pops", base: keyEdge, old: "capacity = 50", new: "capacity = 50\npops = 5", figure: edgeHits, want: down},
	{key: "cdn.shield", base: keyShielded, old: "shield = true", new: "shield = false", figure: webAnswers, want: up},
	{key: "cdn.shield", base: keyShielded, old: "shield = true", new: "shield = {}", effect: sameNumbers},
	{key: "cdn.shield.latency", base: keyShielded, old: "shield = true", new: `shield = { latency = "50ms" }`, figure: latencyMean, want: up},
	{key: "cdn.shield.capacity", base: keyShielded, old: "shield = true", new: "shield = { capacity = 300 }", figure: shieldHits, want: up},
	{key: "cdn.shield.memory", base: keyHeavier, old: "shield = true", new: `shield = { memory = "6MB" }`, figure: shieldHits, want: up},
	{key: "cdn.capacity", base: keyEdge, old: "capacity = 50", new: "capacity = 150", figure: edgeHits, want: up},
	{key: "cdn.memory", base: keyHeavy, old: `"1MB"`, new: `"3MB"`, figure: edgeHits, want: up},
	{key: "cdn.memory", base: keyHeavy, old: "memory = \"1MB\"\nobject_size = \"20kB\"", new: "capacity = 50", effect: sameNumbers},
	{key: "cdn.object_size", base: keyHeavy, old: `"20kB"`, new: `"60kB"`, figure: edgeHits, want: down},
	{key: "cdn.policy", base: keyLongLife, old: "capacity = 100", new: "capacity = 100\npolicy = \"fifo\"", figure: edgeHits, want: down},
	{key: "cdn.warm", base: strings.Replace(keyLongLife, "300/s", "30/s", 1), old: "capacity = 100", new: "capacity = 100\nwarm = true", figure: edgeHits, want: up},
	{key: "cdn.coalesce", base: keyFront, old: "capacity = 50", new: "capacity = 50\ncoalesce = true", figure: webAnswers, want: down},
	{key: "cdn.latency", base: keyEdge, old: `"exp 5ms"`, new: `"exp 20ms"`, figure: latencyMean, want: up},
	{key: "cdn.timeout", base: keyEdge, old: "capacity = 50", new: "capacity = 50\ntimeout = \"40ms\"", figure: "nodes/edge/response_s/p99", want: down},
	{key: "cdn.timeout", base: keyEdge, old: "capacity = 50", new: "capacity = 50\ntimeout = \"40ms\"", figure: errorRatio, want: up},
	{key: "cdn.egress_price", base: keyEdge, old: "0.05", new: "0.08", figure: "cost/monthly", want: up},
	{key: "cdn.egress_price", base: keyEdge + "[network]\negress_price = 0.05\n", old: "egress_price = 0.05\n[server.web]", new: "[server.web]",
		figure: "cost/monthly", want: down},
}

// edgeDemands are the objectives that a CDN may have.
func edgeDemands() []keyCase {
	var cases []keyCase
	for _, m := range []metricCase{
		{"cdn.mean", "edge mean < 1s", "edge mean < 1ms", "nodes/edge/response_s/mean"},
		{"cdn.p", "edge p95 < 1s", "edge p95 < 1ms", "nodes/edge/response_s/p95"},
		{"cdn.max", "edge max < 10s", "edge max < 1ms", "nodes/edge/response_s/max"},
		{"cdn.throughput", "edge throughput > 50/s", "edge throughput > 900/s", "nodes/edge/throughput_rps"},
		{"cdn.hit_ratio", "edge hit_ratio > 10%", "edge hit_ratio > 95%", edgeHits},
		{"cdn.hit_ratio", "edge.shield hit_ratio > 10%", "edge.shield hit_ratio > 95%", shieldHits},
	} {
		cases = append(cases, m.over(keyShielded, func(t *testing.T, met, missed keyAnswer) {
			figure := met.estimate(t, m.figure)
			assert.Equal(t, result.Objective{Text: m.met, Actual: figure, Verdict: result.Met}, demanded(t, met))
			assert.Equal(t, result.Objective{Text: m.missed, Actual: figure, Verdict: result.Missed}, demanded(t, missed))
		}))
	}
	failing := strings.Replace(keyEdge, `on.cart = [{ wait = "exp 20ms" }]`, `on.cart = [{ fail = "50%" }]`, 1)
	for _, m := range []metricCase{
		{metric: "cdn.errors", met: "edge errors < 20%", missed: "edge errors < 1%"},
		{metric: "cdn.availability", met: "edge availability > 80%", missed: "edge availability > 99%"},
	} {
		cases = append(cases, m.over(failing, func(t *testing.T, met, missed keyAnswer) {
			n := met.Nodes["edge"]
			share := float64(n.Errors["failed"]) / float64(n.Arrivals)
			if m.metric == "cdn.availability" {
				share = float64(n.Completions) / float64(n.Arrivals)
			}
			assert.InDelta(t, share, *demanded(t, met).Actual.Mean, 0.002)
			assert.Equal(t, result.Met, demanded(t, met).Verdict)
			assert.Equal(t, result.Missed, demanded(t, missed).Verdict)
		}))
	}
	return cases
}

// over makes a case of an objective of some topology.
func (m metricCase) over(base string, effect func(t *testing.T, before, after keyAnswer)) keyCase {
	return keyCase{key: "objective." + m.metric, base: "objectives = [\"" + m.met + "\"]\n" + base, old: m.met, new: m.missed, effect: effect}
}
