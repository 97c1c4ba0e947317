package study

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Topologies in which somebody calls near. CARE stands for what the caller
// does about slow and bad answers; if it does nothing, 40 % of the calls fail,
// and some take long.
const (
	keyNear = `[server.near]
on.request = [{ fail = "40%" }, { wait = "exp 10ms" }]
`
	keyNearSlow = `[server.near]
on.request = [{ wait = "mix 90% 5ms, 10% 100ms" }]
`
	keyCareClient = `[client.users]
target = "near"
arrivals = "poisson 100/s"
CARE
`
	keyCareCall = `[client.users]
target = "web"
arrivals = "poisson 100/s"
[server.web]
on.request = [{ call = "near", CARE }]
`
	keyCarePolicy = `[client.users]
target = "web"
arrivals = "poisson 100/s"
[server.web]
on.request = [{ call = "near", policy = "careful" }]
[policy.careful]
CARE
`
	keyCareGet = `[client.users]
target = "web"
arrivals = "poisson 100/s"
[server.web]
on.request = [{ get = "near", CARE }]
[cache.near]
hit_ratio = 1
`
	keyGetTimesOut = `latency = "exp 10ms"
`
	keyGetSlow = `latency = "mix 90% 5ms, 10% 100ms"
`
)

// cares is a topology with care taken.
func cares(topology, care string) string { return strings.Replace(topology, "CARE", care, 1) }

var keyFlakyPolicy = cares(keyCarePolicy+keyNear, keyRetries)

// careCases are those of everybody who calls: the client, call, get, and a
// policy that a call names. A failed get is a miss; here it fails the request.
func careCases() []keyCase {
	failing := `timeout = "5ms", fallback = [{ fail = 1 }], CARE`
	return slices.Concat(
		breakerOf("client", keyCareClient+keyNear),
		breakerOf("step.call", keyCareCall+keyNear),
		breakerOf("step.get", cares(keyCareGet, failing)+keyGetTimesOut),
		breakerOf("policy", keyCarePolicy+keyNear),
		hedgeOf("client", keyCareClient+keyNearSlow),
		hedgeOf("step.call", keyCareCall+keyNearSlow),
		hedgeOf("step.get", keyCareGet+keyGetSlow),
		hedgeOf("policy", keyCarePolicy+keyNearSlow),
		fallbackOf("step.call", keyCareCall+keyNear),
		fallbackOf("policy", keyCarePolicy+keyNear),
		[]keyCase{
			{key: "step.get.fallback", base: cares(keyCareGet, `timeout = "5ms", miss = [{ wait = "exp 50ms" }]`) + keyGetTimesOut,
				old: `timeout = "5ms"`, new: `timeout = "5ms", fallback = []`, figure: latencyMean, want: down},
			{key: "policy.timeout", base: cares(keyCarePolicy+keyNearSlow, `timeout = "1s"`), old: `timeout = "1s"`, new: `timeout = "20ms"`, figure: errorRatio, want: up},
		},
	)
}

// breakerOf changes the keys of a breaker. While it is open everything fails,
// instead of the 40 % or more that would.
func breakerOf(caller, topology string) []keyCase {
	ratio := cares(topology, `breaker = { error_ratio = "30%", window = "2s", min = 50, open = "1s" }`)
	row := cares(topology, `breaker = { consecutive = 3, open = "1s" }`)
	return []keyCase{
		{key: caller + ".breaker.error_ratio", base: ratio, old: `"30%"`, new: `"90%"`, figure: errorRatio, want: down},
		{key: caller + ".breaker.window", base: ratio, old: `"2s"`, new: `"100ms"`, figure: errorRatio, want: down},
		{key: caller + ".breaker.min", base: ratio, old: "min = 50", new: "min = 5000", figure: errorRatio, want: down},
		{key: caller + ".breaker.consecutive", base: row, old: "consecutive = 3", new: "consecutive = 50", figure: errorRatio, want: down},
		{key: caller + ".breaker.consecutive", base: row, old: "consecutive = 3", new: "consecutive = 50", effect: opensBefore},
		{key: caller + ".breaker.open", base: row, old: `open = "1s"`, new: `open = "50ms"`, figure: errorRatio, want: down},
	}
}

// opensBefore demands that most calls were not sent before the change, and all
// of them after it.
func opensBefore(t *testing.T, before, after keyAnswer) {
	t.Helper()
	require.Empty(t, before.refused)
	assert.Less(t, before.Nodes["near"].Arrivals, before.Clients["users"].Offered/2)
	assert.Equal(t, after.Clients["users"].Offered, after.Nodes["near"].Arrivals)
}

func hedgeOf(caller, topology string) []keyCase {
	late := cares(topology, `hedge = "200ms"`)
	return []keyCase{
		{key: caller + ".hedge", base: late, old: `"200ms"`, new: `"10ms"`, figure: latencyMean, want: down},
		{key: caller + ".hedge", base: late, old: `"200ms"`, new: `"10ms"`, effect: func(t *testing.T, before, after keyAnswer) {
			assert.Equal(t, before.Nodes["near"].Arrivals, before.Clients["users"].Offered, "too late for any")
			assert.Greater(t, after.Nodes["near"].Arrivals, after.Clients["users"].Offered)
		}},
	}
}

func fallbackOf(caller, topology string) []keyCase {
	fails := cares(topology, `fallback = [{ fail = 1 }]`)
	return []keyCase{
		{key: caller + ".fallback", base: fails, old: `[{ fail = 1 }]`, new: `[]`, figure: errorRatio, want: down},
		{key: caller + ".fallback", base: fails, old: `[{ fail = 1 }]`, new: `[{ wait = "exp 50ms" }]`, figure: latencyMean, want: up},
	}
}

const (
	keyPolicies = `[client.users]
target = "web"
arrivals = "poisson 100/s"
[server.web]
on.request = [{ call = "near", policy = "calm" }, { get = "lookup", policy = "quiet" }]
[server.near]
on.request = [{ wait = "exp 10ms" }]
[cache.lookup]
hit_ratio = 1
latency = "exp 10ms"
[policy.quiet]
timeout = "2s"
[policy.calm]
timeout = "1s"
[policy.hasty]
timeout = "5ms"
fallback = [{ fail = 1 }]
`
	keyGivesUp = `[client.users]
target = "web"
arrivals = "poisson 200/s"
timeout = "50ms"
[server.web]
cores = 1
on.request = [{ cpu = "10ms" }]
`
	keySession = `[client.users]
target = "web"
arrivals = "poisson 30/s"
session = { length = 5, think = "exp 100ms" }
[server.web]
on.request = [{ wait = "exp 10ms" }]
`
	keyHashedCall = `[client.users]
target = "web"
arrivals = "poisson 300/s"
keys = "uniform n=1"
sources = "uniform n=1000"
[server.web]
on.request = [{ call = "lb", key = "source" }]
[load_balancer.lb]
targets = ["near"]
policy = "url-hash"
[server.near]
instances = 4
on.request = [{ cpu = "exp 10ms" }]
`
	keyExternal = `[client.users]
target = "web"
arrivals = "poisson 100/s"
[server.web]
on.request = [{ call = "near" }]
[external.near]
latency = "exp 10ms"
error_ratio = "1%"
`
	memoryBusy = "nodes/web/resources/memory/busy"
	webCPU     = "nodes/web/resources/cpu/utilization"
)

var (
	keyMemory  = keyStep(`{ memory = "20MB" }, { wait = "exp 10ms" }`)
	keySpawn   = keyStep(`{ spawn = [{ cpu = "exp 5ms" }] }, { wait = "exp 10ms" }`)
	keySlowest = keyStep(`{ parallel = [[{ wait = "exp 10ms" }], [{ wait = "exp 50ms" }]], need = "all" }`)
)

var callCases = []keyCase{
	{key: "client.deadline", base: keyFlaky, old: keyRetries, new: keyRetries + "\ndeadline = \"90ms\"", figure: errorRatio, want: up},
	{key: "client.deadline", base: keySteps, old: `target = "web"`, new: "target = \"web\"\ndeadline = \"20ms\"", figure: errorRatio, want: up},
	{key: "client.cancel", base: keyGivesUp, old: `timeout = "50ms"`, new: "timeout = \"50ms\"\ncancel = true", figure: errorRatio, want: down},
	{key: "client.session.length", base: keySession, old: "length = 5", new: `length = "geometric 9"`, figure: offeredRPS, want: up},
	{key: "client.session.length", base: keySession, old: "length = 5", new: `length = 2`, figure: offeredRPS, want: down},
	{key: "client.session.think", base: keySession, old: `"exp 100ms"`, new: `"exp 3s"`, figure: offeredRPS, want: down},
	{key: "client.sources", base: keyHashedCall, old: `sources = "uniform n=1000"`, new: `sources = "uniform n=1"`, figure: latencyMean, want: up},
	{key: "step.call.key", base: keyHashedCall, old: `"source"`, new: `"item"`, figure: latencyMean, want: up},
	{key: "step.call.key", base: strings.Replace(keyHashedCall, `, key = "source"`, "", 1), old: `call = "lb"`, new: `call = "lb", key = "item"`, effect: sameNumbers},
	{key: "step.call.key", base: strings.Replace(keyHashedCall, `"source"`, `"item"`, 1), old: `"item"`, new: `"uniform n=1000"`, figure: latencyMean, want: down},
	{key: "step.memory", base: keyMemory, old: `"20MB"`, new: `"uniform 20MB 60MB"`, figure: memoryBusy, want: up},
	{key: "step.spawn", base: keySpawn, old: "exp 5ms", new: "exp 9ms", figure: webCPU, want: up},
	{key: "step.spawn", base: keySpawn, old: `[{ cpu = "exp 5ms" }]`, new: `[{ cpu = "exp 5ms" }, { fail = 1 }]`, figure: errorRatio, effect: func(t *testing.T, before, after keyAnswer) {
		assert.Equal(t, before.Clients["users"].OK, after.Clients["users"].OK, "how it ends changes nothing")
	}},
	{key: "step.parallel.need", base: keySlowest, old: `"all"`, new: `"any"`, figure: latencyMean, want: down},
	{key: "step.parallel.need", base: keySlowest, old: `"all"`, new: `2`, effect: sameNumbers},
	{key: "step.call.policy", base: keyPolicies, old: `policy = "calm"`, new: `policy = "hasty"`, figure: errorRatio, want: up},
	{key: "step.get.policy", base: keyPolicies, old: `policy = "quiet"`, new: `policy = "hasty"`, figure: errorRatio, want: up},
	{key: "policy", base: keyPolicies, old: "[policy.calm]\ntimeout = \"1s\"\n[policy.hasty]", new: "[policy.hasty]\ntimeout = \"1s\"\n[policy.calm]", figure: errorRatio, want: up},
	{key: "external.latency", base: keyExternal, old: `"exp 10ms"`, new: `"exp 20ms"`, figure: latencyMean, want: up},
	{key: "external.error_ratio", base: keyExternal, old: `"1%"`, new: `"9%"`, figure: errorRatio, want: up},
}
