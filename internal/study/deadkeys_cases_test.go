package study

import (
	"slices"
	"strings"
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
[server.more]
on.request = [{ cpu = "exp 10ms" }]
`
	keyRetries = `retries = { max = 2, backoff = "100ms", jitter = "none" }`
	keyFlaky   = `[client.users]
target = "web"
arrivals = "poisson 100/s"
` + keyRetries + `
[server.web]
on.request = [{ fail = "40%" }, { wait = "exp 10ms" }]
`
	keyFlakyCall = `[client.users]
target = "web"
arrivals = "poisson 100/s"
[server.web]
on.request = [{ call = "near", ` + keyRetries + ` }]
[server.near]
on.request = [{ fail = "40%" }, { wait = "exp 10ms" }]
`
	keySlowCache = `[client.users]
target = "web"
arrivals = "poisson 100/s"
[server.web]
on.request = [{ get = "near", timeout = "5ms", ` + keyRetries + ` }]
[cache.near]
hit_ratio = 1
latency = "exp 10ms"
`
	keyStages = `[client.users]
target = "web"
arrivals = "poisson 1/s"
stages = [{ duration = "5s", target = "100/s" }]
[server.web]
on.request = [{ wait = "exp 10ms" }]
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

// Variations of them.
var (
	keyHashed     = strings.Replace(keyFour, "round-robin", "url-hash", 1)
	keyRegular    = strings.Replace(keyOneCore, "poisson", "constant", 1)
	keyNamed      = keyStep(`{ wait = "exp 10ms", name = "page" }`)
	keyParallel   = keyStep(`{ parallel = [[{ wait = "exp 10ms" }]] }`)
	keyRepeat     = keyStep(`{ repeat = 3, steps = [{ wait = "exp 10ms" }] }`)
	keyChoices    = `choose = [{ weight = 9, steps = [] }, { weight = 1, steps = [{ wait = "exp 90ms" }] }]`
	keyChoose     = keyStep("{ " + keyChoices + " }")
	keySet        = strings.Replace(keyCached, keyGet, `{ set = "near" }`, 1)
	keyInvalidate = strings.Replace(keyCached, keyGet, `{ invalidate = "near" }`, 1)
)

// keyGet is the step of keyCached.
const keyGet = `{ get = "near", miss = [{ wait = "exp 50ms" }] }`

// keyStep is keySteps with another step.
func keyStep(step string) string {
	return strings.Replace(keySteps, `{ wait = "exp 10ms" }`, step, 1)
}

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
	{key: "currency", base: keyOneCore + "price_per_hour = 0.1\n", new: `currency = "EUR"`, effect: func(t *testing.T, before, after keyAnswer) {
		assert.Equal(t, "USD", before.Cost.Currency)
		assert.Equal(t, "EUR", after.Cost.Currency)
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
	}},
	{key: "run.drain", base: keyOverload + keyRun, old: `duration = "10s"`, new: "duration = \"10s\"\ndrain = \"100ms\"", figure: "clients/users/availability", want: down},
	{key: "run.replications", base: keyOneCore, old: "replications = 5", new: "replications = 40", effect: func(t *testing.T, before, after keyAnswer) {
		assert.Equal(t, 5, before.Run.Replications)
		assert.Equal(t, 40, after.Run.Replications)
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
	{key: "client.keys", base: keyHashed, old: `"uniform n=1000"`, new: `"uniform n=1"`, figure: latencyMean, want: up},
	{key: "client.timeout", base: keySteps, old: `target = "web"`, new: "target = \"web\"\ntimeout = \"20ms\"", figure: errorRatio, want: up},
}

// retryCases are those of everybody who may try again. Who calls, and what
// shows how often, differs.
func retryCases() []keyCase {
	return slices.Concat(
		retriesOf("client", keyFlaky, errorRatio, down),
		retriesOf("step.call", keyFlakyCall, errorRatio, down),
		retriesOf("step.get", keySlowCache, "nodes/near/throughput_rps", up),
		retriesOf("policy", keyFlakyPolicy, errorRatio, down),
	)
}

func retriesOf(caller, base, tried string, want direction) []keyCase {
	full := strings.Replace(base, `"none"`, `"full"`, 1)
	const all = `["timeout", "rejected", "unavailable", "failed"]`
	return []keyCase{
		{key: caller + ".retries.on", base: base, old: "max = 2", new: `max = 2, on = ["unavailable"]`, figure: tried, want: -want},
		{key: caller + ".retries.on", base: base, old: "max = 2", new: `max = 2, on = ` + all, effect: sameNumbers},
		{key: caller + ".retries.budget", base: base, old: "max = 2", new: `max = 2, budget = "1%"`, figure: tried, want: -want},
		{key: caller + ".retries", base: base, old: keyRetries, new: "retries = 5", figure: tried, want: want},
		{key: caller + ".retries.max", base: base, old: "max = 2", new: "max = 5", figure: tried, want: want},
		{key: caller + ".retries.backoff", base: base, old: `"100ms"`, new: `"exp 300ms"`, figure: latencyMean, want: up},
		{key: caller + ".retries.backoff", base: base, old: `"100ms"`, new: `"doubling 100ms"`, figure: latencyMean, want: up},
		{key: caller + ".retries.backoff", base: base, old: `"100ms"`, new: `"doubling 100ms max 100ms"`, effect: sameNumbers},
		{key: caller + ".retries.jitter=none", base: full, old: `"full"`, new: `"none"`, figure: latencyMean, want: up},
		{key: caller + ".retries.jitter=full", base: base, old: `"none"`, new: `"full"`, figure: latencyMean, want: down},
		{key: caller + ".retries.jitter=equal", base: base, old: `"none"`, new: `"equal"`, figure: latencyMean, want: down},
		{key: caller + ".retries.jitter=equal", base: full, old: `"full"`, new: `"equal"`, figure: latencyMean, want: up},
	}
}

var serverCases = []keyCase{
	{key: "server.cores", base: keyOneCore, old: "cores = 1", new: "cores = 2", figure: latencyMean, want: down},
	{key: "server.instances", base: keyOneCore, old: "cores = 1", new: "cores = 1\ninstances = 2", figure: latencyMean, want: down},
	{key: "server.speed", base: keyOneCore, old: "cores = 1", new: "cores = 1\nspeed = 2", figure: "nodes/web/resources/cpu/utilization", want: down},
	{key: "server.speed", base: keySteps, old: "[server.web]", new: "[server.web]\nspeed = \"0.5x\"", figure: latencyMean, want: up},
	{key: "server.concurrency", base: keyWorkers, old: "concurrency = 1", new: "concurrency = 2", figure: errorRatio, want: down},
	{key: "server.backlog", base: keyWorkers, old: "backlog = 4", new: "backlog = 0", figure: errorRatio, want: up},
	{key: "server.queue_timeout", base: keyWorkers, old: `"50ms"`, new: `"exp 5ms"`, figure: errorRatio, want: up},
	{key: "server.on", base: keyTwoOps, old: `on.quick = [{ wait = "exp 10ms" }]`, new: "on.quick = []", figure: "clients/users/ops/quick/latency_s/mean", want: down},
	{key: "server.on.steps", base: keyTwoOps, old: `{ steps = [{ wait = "exp 50ms" }] }`, new: `{ steps = [{ wait = "exp 200ms" }] }`, figure: "clients/users/ops/slow/latency_s/mean", want: up},
}

var stepCases = []keyCase{
	{key: "step.name", base: keySteps, old: `[{ wait = "exp 10ms" }]`, new: `[{ wait = "exp 10ms", name = "page" }]`, effect: func(t *testing.T, before, after keyAnswer) {
		assert.NotEqual(t, before.Fingerprint, after.Fingerprint, "a name is another identity")
	}},
	{key: "step.name", base: keyNamed, old: `[{ wait`, new: `[{ fail = 0 }, { wait`, effect: sameNumbers},
	{key: "step.name", base: keySteps, old: `[{ wait`, new: `[{ fail = 0 }, { wait`, effect: func(t *testing.T, before, after keyAnswer) {
		assert.NotEqual(t, before.Fingerprint, after.Fingerprint, "without a name it is the place that counts")
	}},
	{key: "step.cpu", base: keyOneCore, old: `cpu = "exp 10ms"`, new: `cpu = "exp 5ms"`, figure: "nodes/web/resources/cpu/utilization", want: down},
	{key: "step.wait", base: keySteps, old: `wait = "exp 10ms"`, new: `wait = "exp 20ms"`, figure: latencyMean, want: up},
	{key: "step.call", base: keyBehind, old: `call = "near"`, new: `call = "far"`, figure: latencyMean, want: up},
	{key: "step.call", base: keyBehind, old: `call = "near"`, new: `call = "far"`, figure: "nodes/far/throughput_rps", want: up},
	{key: "step.call.timeout", base: keyBehind, old: `call = "near"`, new: `call = "near", timeout = "10ms"`, figure: errorRatio, want: up},
	{key: "step.get", base: keyCached, old: `get = "near"`, new: `get = "far"`, figure: latencyMean, want: up},
	{key: "step.get.miss", base: keyCached, old: `miss = [{ wait = "exp 50ms" }]`, new: `miss = []`, figure: latencyMean, want: down},
	{key: "step.get.timeout", base: keyCached, old: `get = "near"`, new: `get = "near", timeout = "1ms"`, figure: latencyMean, want: up},
	{key: "step.set", base: keyCached, old: keyGet, new: `{ set = "near" }`, effect: noLookUps},
	{key: "step.set", base: keySet, old: `set = "near"`, new: `set = "far"`, figure: latencyMean, want: up},
	{key: "step.invalidate", base: keyInvalidate, old: `invalidate = "near"`, new: `invalidate = "far"`, figure: latencyMean, want: up},
	{key: "step.choose", base: keyChoose, old: keyChoices, new: "choose = [{ weight = 1, steps = [] }]", figure: latencyMean, want: down},
	{key: "step.choose.weight", base: keyChoose, old: "weight = 9", new: "weight = 0.1", figure: latencyMean, want: up},
	{key: "step.choose.steps", base: keyChoose, old: "exp 90ms", new: "exp 30ms", figure: latencyMean, want: down},
	{key: "step.parallel", base: keyParallel, old: `[{ wait = "exp 10ms" }]]`, new: `[{ wait = "exp 10ms" }], [{ wait = "exp 10ms" }]]`, figure: latencyMean, want: up},
	{key: "step.repeat", base: keyRepeat, old: "repeat = 3", new: `repeat = "integers 1..9"`, figure: latencyMean, want: up},
	{key: "step.repeat.steps", base: keyRepeat, old: "exp 10ms", new: "exp 20ms", figure: latencyMean, want: up},
	{key: "step.fail", base: keySteps, old: `[{ wait`, new: `[{ fail = "10%" }, { wait`, figure: errorRatio, want: up},
}

func noLookUps(t *testing.T, before, after keyAnswer) {
	t.Helper()
	assert.NotZero(t, before.Nodes["near"].Cache.Hits)
	assert.Zero(t, after.Nodes["near"].Cache.Hits+after.Nodes["near"].Cache.Misses, "a set looks nothing up")
	assert.Equal(t, before.Clients["users"].Offered, after.Nodes["near"].Arrivals, "and goes to the cache")
}

var otherNodeCases = []keyCase{
	{key: "cache.hit_ratio", base: keyCached, old: `hit_ratio = "80%"` + "\nlatency = \"exp 1ms\"", new: `hit_ratio = 0.2` + "\nlatency = \"exp 1ms\"", figure: latencyMean, want: up},
	{key: "cache.latency", base: keyCached, old: `latency = "exp 1ms"`, new: `latency = "exp 30ms"`, figure: latencyMean, want: up},
	{key: "load_balancer.targets", base: keyFour, old: `["web"]`, new: `["web", "more"]`, figure: latencyMean, want: down},
	{key: "load_balancer.policy=random", base: keyFour, old: "round-robin", new: "random", figure: latencyMean, want: up},
	{key: "load_balancer.policy=round-robin", base: keyHashed, old: "url-hash", new: "round-robin", figure: latencyMean, want: down},
	{key: "load_balancer.policy=least-connections", base: keyFour, old: "round-robin", new: "least-connections", figure: latencyMean, want: down},
	{key: "load_balancer.policy=url-hash", base: keyFour, old: "round-robin", new: "url-hash", figure: latencyMean, want: up},
}

var arrivalCases = []keyCase{
	{key: "arrivals.poisson", base: keyOneCore, old: "poisson 80/s", new: "poisson 40/s", figure: offeredRPS, want: down},
	{key: "arrivals.poisson", base: keyRegular, old: "constant", new: "poisson", figure: latencyMean, want: up},
	{key: "arrivals.constant", base: keyOneCore, old: "poisson 80/s", new: "constant 80/s", figure: latencyMean, want: down},
	{key: "arrivals.constant", base: keyRegular, old: "constant 80/s", new: "constant 40/s", figure: offeredRPS, want: down},
}
