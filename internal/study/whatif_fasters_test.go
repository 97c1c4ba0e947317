package study

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
)

// hasEverything has each resource that can be made better, at so little load that
// times are what the laws say.
const hasEverything = `
zones = ["a", "b"]
run = { duration = "60s", warmup = "0s", replications = 1 }
[client.u]
target = "cdn"
arrivals = "poisson 20/s"
keys = "uniform n=50"
[network]
same_zone = "exp 1ms"
cross_zone = "exp 2ms"
internet = "exp 5ms"
between = [{ zones = ["a", "b"], delay = "exp 3ms" }]
[cdn.cdn]
origin = "lb"
hit_ratio = "30%"
latency = "exp 4ms"
[load_balancer.lb]
targets = ["app"]
overhead = "exp 1ms"
max_connections = 1000
max_connections_per_target = 30
[server.app]
instances = 2
cores = 2
concurrency = 64
memory = "1GiB"
memory_per_request = "1MB"
network = "1Gbps"
disk = { iops = 1000 }
gc = { every = "5s", pause = "10ms" }
rate_limit = "500/s burst=100"
pool.db = { size = 20 }
on.request = [
  { cpu = "exp 6ms" }, { disk = { ops = "4" } }, { wait = "exp 3ms" },
  { get = "fixed", miss = [] }, { get = "lru", miss = [] }, { choose = [{ weight = 1, steps = [{ cpu = "4ms" }] }] },
  { call = "db.read_it" }, { call = "db.write_it" }, { call = "pay" }, { publish = "mails" },
]
[server.app.on]
[server.mailer]
cores = 1
concurrency = 3
on.send = [{ wait = "exp 2ms" }]
[cache.fixed]
hit_ratio = "80%"
latency = "exp 1ms"
cores = 1
[cache.lru]
policy = "lru"
capacity = 20
latency = "exp 1ms"
[database.db]
replicas = 1
replication = { mode = "sync", lag = "exp 4ms", apply = "exp 1ms" }
max_connections = 50
connect = "exp 1ms"
[database.db.read]
read_it = [{ cpu = "exp 1ms" }]
[database.db.write]
write_it = [{ disk = "exp 2ms" }]
[external.pay]
latency = "exp 20ms"
[queue.mails]
consumer = "mailer.send"
latency = "exp 2ms"
[[deploy]]
at = "30s"
target = "app"
strategy = "rolling"
set = { cores = 3 }
`

func TestEachResourceIsMadeBetterAlone(t *testing.T) {
	text := replaceOnce(t, hasEverything, "[server.app.on]\n", "")
	spec := specsOf(t, text)[0]
	before, err := Run(spec, Options{})
	require.NoError(t, err)
	mean := func(e result.Estimate) float64 { return *e.Mean }
	service := func(name, resource string) func(r *result.Result) float64 {
		return func(r *result.Result) float64 { return mean(r.Nodes[name].Resources[resource].ServiceS.Mean) }
	}
	response := func(name string) func(r *result.Result) float64 {
		return func(r *result.Result) float64 { return mean(r.Nodes[name].ResponseS["mean"]) }
	}
	capacity := func(name, resource string) func(r *result.Result) float64 {
		return func(r *result.Result) float64 {
			require.NotNil(t, r.Nodes[name].Resources[resource], "%s %s", name, resource)
			require.NotNil(t, r.Nodes[name].Resources[resource].Capacity.Mean, "%s %s", name, resource)
			return mean(r.Nodes[name].Resources[resource].Capacity.Estimate)
		}
	}
	misses := func(name string) func(r *result.Result) float64 {
		return func(r *result.Result) float64 { return 1 - mean(r.Nodes[name].Cache.HitRatio) }
	}
	client := func(r *result.Result) float64 { return mean(r.Clients["u"].LatencyS["mean"]) }
	known := map[string]struct {
		change string
		figure func(r *result.Result) float64
		want   float64 // the figure with the better one, as a share of what it was; 0: only less, or at most the same
		within float64
	}{
		"app cpu":                   {"time on its cores ÷ 1.1", service("app", "cpu"), 1 / 1.1, 0.002},
		"app disk":                  {"time on its disk ÷ 1.1", service("app", "disk"), 1 / 1.1, 0.002},
		"app wait":                  {"its waits ÷ 1.1", client, 0, 0},
		"app network":               {"its bandwidth × 1.1", client, 0, 0},
		"app workers":               {"workers 64 → 71", capacity("app", "workers"), 71.0 / 64, 0.002},
		"app pool.db":               {"connections 20 → 22", capacity("app", "pool.db"), 22.0 / 20, 0.002},
		"app rate_limit":            {"its rate limit × 1.1", client, 0, 0},
		"app memory":                {"its memory × 1.1", capacity("app", "memory"), 1.1, 0.002},
		"app gc":                    {"its pauses for garbage ÷ 1.1", func(r *result.Result) float64 { return mean(r.Nodes["app"].GC.PauseS["mean"]) }, 1 / 1.1, 0.002},
		"cdn latency":               {"its latency ÷ 1.1", client, 0, 0},
		"cdn misses":                {"its misses ÷ 1.1", misses("cdn"), 1 / 1.1, 0.05},
		"db cpu":                    {"time on its cores ÷ 1.1", service("db", "cpu"), 1 / 1.1, 0.002},
		"db disk":                   {"time on its disk ÷ 1.1", service("db", "disk"), 1 / 1.1, 0.002},
		"db connections":            {"connections 50 → 55", capacity("db", "connections"), 1.1, 0.002},
		"db connect":                {"time to connect ÷ 1.1", client, 0, 0},
		"db replication":            {"its lag ÷ 1.1", func(r *result.Result) float64 { return mean(r.Nodes["db"].Database.ReplicationLagS["mean"]) }, 1 / 1.1, 0.1},
		"fixed cpu":                 {"its latency ÷ 1.1", service("fixed", "cpu"), 1 / 1.1, 0.002},
		"fixed misses":              {"its misses ÷ 1.1", misses("fixed"), 1 / 1.1, 0.05},
		"lru latency":               {"its latency ÷ 1.1", response("lru"), 1 / 1.1, 0.002},
		"lru capacity":              {"its capacity × 1.1", misses("lru"), 28.0 / 30, 0.03},
		"lb overhead":               {"its overhead ÷ 1.1", client, 0, 0},
		"lb connections":            {"connections 1000 → 1100", client, 0, 0},
		"lb connections per target": {"connections per target 30 → 33", client, 0, 0},
		"mailer wait":               {"its waits ÷ 1.1", response("mailer"), 1 / 1.1, 0.002},
		"mailer workers":            {"workers 3 → 4", capacity("mailer", "workers"), 4.0 / 3, 0.002},
		"mails latency":             {"its latency ÷ 1.1", client, 0, 0},
		"pay latency":               {"its latency ÷ 1.1", response("pay"), 1 / 1.1, 0.002},
		"network same_zone":         {"time of messages ÷ 1.1", client, 0, 0},
		"network cross_zone":        {"time of messages ÷ 1.1", client, 0, 0},
		"network internet":          {"time of messages ÷ 1.1", client, 0, 0},
		"network a to b":            {"time of messages ÷ 1.1", client, 0, 0},
	}
	seen := map[string]bool{}
	for _, f := range spec.Fasters(10) {
		name := f.Node + " " + f.Resource
		k, ok := known[name]
		if !assert.True(t, ok, name) {
			continue
		}
		seen[name] = true
		assert.Equal(t, k.change, f.Change, name)
		after, err := Run(f.Spec, Options{})
		require.NoError(t, err, name)
		if k.want > 0 {
			assert.InEpsilon(t, k.want*k.figure(before), k.figure(after), k.within, name)
		} else {
			assert.LessOrEqual(t, k.figure(after), k.figure(before)*1.001, name)
		}
		assert.Equal(t, before.Clients["u"].Offered, after.Clients["u"].Offered, "%s: the same customers", name)
	}
	for name := range known {
		assert.True(t, seen[name], name)
	}
	// Nothing of all that is left in the design itself.
	again, err := Run(spec, Options{})
	require.NoError(t, err)
	assert.Equal(t, before.Fingerprint, again.Fingerprint)
}

// A consumer with more workers is given more messages: one without the other
// would be worth nothing.
func TestMoreWorkersOfAConsumerMayHoldMoreMessages(t *testing.T) {
	text := replaceOnce(t, hasEverything, "[server.app.on]\n", "")
	spec := specsOf(t, text)[0]
	prefetch := func(s *node.Spec) int {
		for i := range s.Nodes {
			if s.Nodes[i].Queue != nil {
				return s.Nodes[i].Queue.Prefetch
			}
		}
		return 0
	}
	for _, f := range spec.Fasters(10) {
		want := 3
		if f.Node == "mailer" && f.Resource == "workers" {
			want = 4
		}
		assert.Equal(t, want, prefetch(f.Spec), "%s %s", f.Node, f.Resource)
	}
}
