package study

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

// Figures that many cases move.
const (
	latencyMean = "clients/users/latency_s/mean"
	latencyP99  = "clients/users/latency_s/p99"
	errorRatio  = "clients/users/error_ratio"
	throughput  = "clients/users/throughput_rps"
	offeredRPS  = "clients/users/offered_rps"
)

// Topologies that many cases change.
const (
	keyOneCore = `[client.users]
target = "web"
arrivals = "poisson 80/s"
[server.web]
cores = 1
on.request = [{ cpu = "exp 10ms" }]
`
	keyOverload = `[client.users]
target = "web"
arrivals = "constant 200/s"
[server.web]
cores = 1
on.request = [{ cpu = "10ms" }]
`
	keyWorkers = `[client.users]
target = "web"
arrivals = "poisson 200/s"
[server.web]
concurrency = 1
backlog = 4
queue_timeout = "50ms"
on.request = [{ wait = "exp 10ms" }]
`
	keyClosed = `[client.users]
target = "web"
users = 4
think = "exp 100ms"
[server.web]
on.request = [{ wait = "exp 10ms" }]
`
	keyTwoOps = `[client.users]
target = "web"
arrivals = "poisson 100/s"
requests = { quick = 9, slow = 1 }
[server.web]
on.quick = [{ wait = "exp 10ms" }]
on.slow = { steps = [{ wait = "exp 50ms" }] }
`
	keyFour = `[client.users]
target = "lb"
arrivals = "poisson 300/s"
keys = "uniform n=1000"
[load_balancer.lb]
targets = ["web"]
policy = "round-robin"
[server.web]
instances = 4
on.request = [{ cpu = "exp 10ms" }]
`
	keyFlaky = `[client.users]
target = "web"
arrivals = "poisson 100/s"
retries = { max = 2, backoff = "100ms", jitter = "none" }
[server.web]
on.request = [{ fail = "40%" }, { wait = "exp 10ms" }]
`
	keyBehind = `[client.users]
target = "web"
arrivals = "poisson 100/s"
[server.web]
on.request = [{ call = "near" }]
[server.near]
on.request = [{ wait = "exp 10ms" }]
[server.far]
on.request = [{ wait = "exp 50ms" }]
`
	keySteps = `[client.users]
target = "web"
arrivals = "poisson 100/s"
[server.web]
on.request = [{ wait = "exp 10ms" }]
`
	keyCached = `[client.users]
target = "web"
arrivals = "poisson 100/s"
[server.web]
on.request = [{ get = "near", miss = [{ wait = "exp 50ms" }] }]
[cache.near]
hit_ratio = "80%"
latency = "exp 1ms"
[cache.far]
hit_ratio = "80%"
latency = "exp 20ms"
`
)

var topCases = []keyCase{
	{key: "capsim", base: keyOneCore, new: "capsim = 1", effect: sameNumbers},
	{key: "capsim", base: keyOneCore, new: "capsim = 2", effect: func(t *testing.T, before, after keyAnswer) {
		assert.Empty(t, before.refused)
		assert.Equal(t, []string{"E208"}, after.refused)
	}},
	{key: "title", base: keyOneCore, new: `title = "An evening"`, effect: func(t *testing.T, before, after keyAnswer) {
		assert.Empty(t, before.Title)
		assert.Equal(t, "An evening", after.Title)
		sameNumbers(t, before, after)
	}},
	{key: "objectives", base: keyOneCore, new: `objectives = ["users p99 < 10s"]`, effect: func(t *testing.T, before, after keyAnswer) {
		assert.Empty(t, before.Objectives)
		require.Len(t, after.Objectives, 1)
		assert.Equal(t, "users p99 < 10s", after.Objectives[0].Text)
		assert.Equal(t, result.Met, after.Objectives[0].Verdict)
	}},
	{key: "design", base: keyOneCore + "[design.big]\nserver.web = { cores = 4 }\n", design: "big", figure: latencyMean, want: down},
}

// sameNumbers demands that not one count differs.
func sameNumbers(t *testing.T, before, after keyAnswer) {
	t.Helper()
	require.Empty(t, after.refused)
	assert.Equal(t, before.Fingerprint, after.Fingerprint)
}

var runCases = []keyCase{
	{key: "run.duration", base: keyOverload, old: `duration = "10s"`, new: `duration = "20s"`, figure: latencyMean, want: up},
	{key: "run.warmup", base: keyOverload, old: `warmup = "1s"`, new: `warmup = "8s"`, figure: latencyMean, want: up},
	{key: "run.warmup", base: keyOneCore, old: `warmup = "1s"`, new: `warmup = "auto"`, effect: func(t *testing.T, before, after keyAnswer) {
		assert.Equal(t, 1.0, before.Run.WarmupS)
		assert.NotEqual(t, 1.0, after.Run.WarmupS)
		assert.Contains(t, after.Topology.Nodes[0].Name, "users")
	}},
	{key: "run.drain", base: keyOverload + keyRun, old: `duration = "10s"`, new: "duration = \"10s\"\ndrain = \"100ms\"", figure: "clients/users/availability", want: down},
	{key: "run.replications", base: keyOneCore, old: "replications = 5", new: "replications = 20", effect: func(t *testing.T, before, after keyAnswer) {
		assert.Equal(t, 5, before.Run.Replications)
		assert.Equal(t, 20, after.Run.Replications)
		assert.Less(t, *after.estimate(t, latencyMean).HalfWidth, *before.estimate(t, latencyMean).HalfWidth)
	}},
	{key: "run.seed", base: keyOneCore, old: "replications = 5", new: "replications = 5\nseed = 2", effect: func(t *testing.T, before, after keyAnswer) {
		assert.Equal(t, []uint64{1, 2}, []uint64{before.Seed, after.Seed})
		assert.NotEqual(t, before.Fingerprint, after.Fingerprint)
		assert.Error(t, moved(before.estimate(t, latencyMean), after.estimate(t, latencyMean), differs), "other customers, the same world")
	}},
}

var clientCases = []keyCase{
	{key: "client.target", base: keyBehind, old: `target = "web"`, new: `target = "far"`, figure: latencyMean, want: up},
	{key: "client.arrivals", base: keyOneCore, old: "poisson 80/s", new: "poisson 20/s", figure: offeredRPS, want: down},
	{key: "client.stages", base: keyOneCore, old: `arrivals = "poisson 80/s"`, new: "arrivals = \"poisson 80/s\"\nstages = [{ duration = \"0s\", target = \"40/s\" }]", figure: offeredRPS, want: down},
	{key: "client.stages.duration", base: keyStages, old: `duration = "5s"`, new: `duration = "10s"`, figure: offeredRPS, want: down},
	{key: "client.stages.target", base: keyStages, old: `target = "100/s"`, new: `target = "200/s"`, figure: offeredRPS, want: up},
	{key: "client.stages.target", base: keyClosed, old: "users = 4", new: "users = 4\nstages = [{ duration = \"1s\", target = 16 }]", figure: throughput, want: up},
	{key: "client.users", base: keyClosed, old: "users = 4", new: "users = 8", figure: throughput, want: up},
	{key: "client.think", base: keyClosed, old: "exp 100ms", new: "exp 300ms", figure: throughput, want: down},
	{key: "client.requests", base: keyTwoOps, old: "{ quick = 9, slow = 1 }", new: "{ quick = 1, slow = 9 }", figure: latencyMean, want: up},
	{key: "client.requests", base: keyTwoOps, old: "{ quick = 9, slow = 1 }", new: "{ quick = 1, slow = 9 }", figure: "clients/users/ops/slow/offered_rps", want: up},
	{key: "client.keys", base: keyFour, old: `"uniform n=1000"` + keyFourRest, new: `"uniform n=1"` + keyFourHash, figure: latencyMean, want: up},
	{key: "client.timeout", base: keySteps, old: `target = "web"`, new: "target = \"web\"\ntimeout = \"20ms\"", figure: errorRatio, want: up},
}

// keyStages ramps up from nothing; keyFourRest is what follows the keys of
// keyFour, keyFourHash the same with a policy that looks at them.
const (
	keyStages = `[client.users]
target = "web"
arrivals = "poisson 1/s"
stages = [{ duration = "5s", target = "100/s" }]
[server.web]
on.request = [{ wait = "exp 10ms" }]
`
	keyFourRest = "\n[load_balancer.lb]\ntargets = [\"web\"]\npolicy = \"round-robin\""
	keyFourHash = "\n[load_balancer.lb]\ntargets = [\"web\"]\npolicy = \"url-hash\""
)

// retriesOf makes the cases of the retries of a caller: the key, the
// topology, what it says after retries =, and whether retries are seen in
// the ratio of errors.
var retryCases = []keyCase{
	{key: "client.retries", base: keyFlaky, old: keyFlakyRetries, new: "retries = 5", figure: errorRatio, want: down},
	{key: "client.retries.max", base: keyFlaky, old: "max = 2", new: "max = 5", figure: errorRatio, want: down},
	{key: "client.retries.backoff", base: keyFlaky, old: `backoff = "100ms"`, new: `backoff = "exp 300ms"`, figure: latencyMean, want: up},
	{key: "client.retries.backoff", base: keyFlaky, old: `"100ms"`, new: `"doubling 100ms"`, figure: latencyMean, want: up},
	{key: "client.retries.backoff", base: keyFlaky, old: `"100ms"`, new: `"doubling 10ms max 20ms"`, figure: latencyMean, want: down},
	{key: "client.retries.jitter=none", base: keyFlakyFull, old: `jitter = "full"`, new: `jitter = "none"`, figure: latencyMean, want: up},
	{key: "client.retries.jitter=full", base: keyFlaky, old: `jitter = "none"`, new: `jitter = "full"`, figure: latencyMean, want: down},
	{key: "client.retries.jitter=equal", base: keyFlaky, old: `jitter = "none"`, new: `jitter = "equal"`, figure: latencyMean, want: down},
	{key: "client.retries.jitter=equal", base: keyFlakyFull, old: `jitter = "full"`, new: `jitter = "equal"`, figure: latencyMean, want: up},
}
