package study

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/node"
)

// Topologies in which a balancer does more than to choose.
const (
	keyLimited = `[client.users]
target = "lb"
arrivals = "poisson 90/s"
[load_balancer.lb]
targets = ["web"]
instances = 1
overhead = "exp 1ms"
max_connections = 1000
max_connections_per_target = 4
queue = 100
queue_timeout = "10s"
timeout = "10s"
[server.web]
cores = 2
on.request = [{ cpu = "exp 20ms" }]
`
	keyRouted = `[client.users]
target = "lb"
arrivals = "poisson 100/s"
requests = { quick = 9, slow = 1 }
[load_balancer.lb]
targets = ["web"]
[[load_balancer.lb.route]]
ops = ["quick", "slow"]
to = "web"
[server.web]
on.quick = [{ wait = "exp 10ms" }]
on.slow = [{ wait = "exp 50ms" }]
[server.more]
on.quick = [{ wait = "exp 1ms" }]
on.slow = [{ wait = "exp 5ms" }]
`
	keyBound = `[client.users]
target = "lb"
users = 6
think = "exp 100ms"
sources = "uniform n=1"
[load_balancer.lb]
targets = ["web"]
policy = "random"
sticky = { by = "cookie", ttl = "10m" }
[server.web]
instances = 4
on.request = [{ cpu = "exp 50ms" }]
`
	keyFlakyBehind = `[client.users]
target = "lb"
arrivals = "poisson 100/s"
[load_balancer.lb]
targets = ["web"]
` + keyRetries + `
[server.web]
on.request = [{ fail = "40%" }, { wait = "exp 10ms" }]
`
	keyDirect = `[client.users]
target = "web"
arrivals = "poisson 300/s"
keys = "zipf s=1 n=1000"
sources = "zipf s=1 n=1000"
[server.web]
instances = 4
balance = "round-robin"
on.request = [{ cpu = "exp 10ms" }]
`
)

func forwardingCases() []keyCase {
	return slices.Concat(directCases(), retriesOf("load_balancer", keyFlakyBehind, errorRatio, down), []keyCase{
		{key: "load_balancer.route", base: keyRouted, old: "[[load_balancer.lb.route]]\nops = [\"quick\", \"slow\"]\nto = \"web\"\n", new: "route = [{ ops = [\"quick\"], to = \"more\" }]\n", figure: "clients/users/ops/quick/latency_s/mean", want: down},
		{key: "load_balancer.route.ops", base: strings.Replace(keyRouted, `to = "web"`, `to = "more"`, 1), old: `["quick", "slow"]`, new: `["quick"]`, figure: "clients/users/ops/slow/latency_s/mean", want: up},
		{key: "load_balancer.route.to", base: keyRouted, old: `to = "web"`, new: `to = "more"`, figure: latencyMean, want: down},
		{key: "load_balancer.sticky.by=cookie", base: keyBound, old: "sticky = { by = \"cookie\", ttl = \"10m\" }\n", new: "", effect: scattered},
		{key: "load_balancer.sticky.by=source", base: keyBound, old: `"cookie"`, new: `"source"`, figure: latencyMean, want: up},
		{key: "load_balancer.sticky.ttl", base: keyBound, old: `"10m"`, new: `"1ms"`, effect: scattered},
		{key: "load_balancer.instances", base: strings.Replace(keyLimited, "= 4\n", "= 1\n", 1), old: "instances = 1", new: "instances = 2", figure: "nodes/lb/resources/connections/capacity", want: up},
		{key: "load_balancer.overhead", base: keyLimited, old: "exp 1ms", new: "exp 200ms", figure: latencyMean, want: up},
		{key: "load_balancer.max_connections", base: keyLimited, old: "= 1000", new: "= 5", figure: "clients/users/availability", want: down},
		{key: "load_balancer.max_connections_per_target", base: keyLimited, old: "= 4\n", new: "= 1\n", figure: "nodes/lb/resources/connections/queue", want: up},
		{key: "load_balancer.queue", base: keyLimited, old: "queue = 100", new: "queue = 1", figure: errorRatio, want: up},
		{key: "load_balancer.queue_timeout", base: keyLimited, old: "queue_timeout = \"10s\"", new: "queue_timeout = \"exp 10ms\"", figure: errorRatio, want: up},
		{key: "load_balancer.timeout", base: keyLimited, old: "\ntimeout = \"10s\"", new: "\ntimeout = \"20ms\"", figure: errorRatio, want: up},
	})
}

// scattered demands that users who were bound to instances no longer are:
// then all instances get about as much.
func scattered(t *testing.T, before, after keyAnswer) {
	t.Helper()
	require.Empty(t, before.refused)
	require.Empty(t, after.refused)
	spread := func(a keyAnswer) float64 {
		most, least := uint64(0), a.Nodes["web"].Arrivals
		for _, in := range a.Nodes["web"].PerInstance {
			most, least = max(most, in.Arrivals), min(least, in.Arrivals)
		}
		return float64(most-least) / float64(a.Nodes["web"].Arrivals)
	}
	assert.Greater(t, spread(before), 0.1)
	assert.Less(t, spread(after), 0.07)
}

// directCases change the policy of direct callers: from in turn, but to in
// turn from at random.
func directCases() []keyCase {
	want := map[string]direction{
		"random": up, "url-hash": up, "ip-hash": up, "consistent-hash": up, "least-connections": down, "weighted-least-connections": down,
	}
	var cases []keyCase
	for _, word := range node.DirectPolicy("").Words() {
		c := keyCase{key: "server.balance=" + word, base: keyDirect, old: `balance = "round-robin"`, new: `balance = "` + word + `"`, figure: latencyMean, want: want[word]}
		switch word {
		case "round-robin", "weighted-round-robin", "power-of-two", "least-response-time":
			c.base, c.old, c.want = strings.Replace(keyDirect, "round-robin", "random", 1), `"random"`, down
			c.new = `"` + word + `"`
		}
		cases = append(cases, c)
	}
	return cases
}
