package study

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Topologies of what servers let in and hold.
const (
	keyPooled = `[client.users]
target = "web"
arrivals = "poisson 100/s"
[server.web]
pool.near = { size = 3, acquire_timeout = "2s" }
on.request = [{ call = "near" }]
[server.near]
on.request = [{ wait = "exp 20ms" }]
[server.far]
on.request = [{ wait = "exp 20ms" }]
`
	keyOpening = `[client.users]
target = "web"
arrivals = "poisson 100/s"
[server.web]
pool.near = { size = 20, connect = "1us" }
on.request = [{ call = "near", timeout = "20ms", retries = { max = 9 } }]
[server.near]
on.request = [{ wait = "exp 20ms" }]
`
	keyRated = `[client.users]
target = "web"
arrivals = "poisson 100/s"
[server.web]
rate_limit = "120/s burst=5"
on.request = [{ wait = "exp 10ms" }]
`
	keyShed = `[client.users]
target = "web"
arrivals = "poisson 150/s"
[server.web]
concurrency = 2
shed = { delay = "200ms" }
on.request = [{ wait = "exp 20ms" }]
[run]
duration = "20s"
warmup = "5s"
replications = 5
`
	keyHolding = `[client.users]
target = "web"
arrivals = "poisson 100/s"
[server.web]
memory = "1GB"
memory_base = "100MB"
memory_per_request = "20MB"
on.request = [{ wait = "exp 100ms" }]
`
	poolWait   = "nodes/web/resources/pool.near/wait_s/mean"
	memoryUsed = "nodes/web/resources/memory/utilization"
)

var admissionCases = []keyCase{
	{key: "server.pool", base: keyPooled, old: "pool.near = { size = 3, acquire_timeout = \"2s\" }\n", new: "", figure: latencyMean, want: down},
	{key: "server.pool", base: keyPooled, old: "pool.near", new: "pool.far", figure: latencyMean, want: down},
	{key: "server.pool.size", base: keyPooled, old: "size = 3", new: "size = 9", figure: poolWait, want: down},
	{key: "server.pool.acquire_timeout", base: keyPooled, old: `"2s"`, new: `"exp 10ms"`, figure: errorRatio, want: up},
	{key: "server.pool.connect", base: keyOpening, old: `"1us"`, new: `"exp 5ms"`, figure: latencyMean, want: up},
	{key: "server.pool.connect", base: keyPooled, old: `"2s"`, new: `"2s", connect = "30ms"`, effect: paidOnce},
	{key: "server.rate_limit", base: keyRated, old: "120/s", new: "90/s", figure: errorRatio, want: up},
	{key: "server.rate_limit", base: keyRated, old: " burst=5", new: " burst=50", figure: errorRatio, want: down},
	{key: "server.rate_limit", base: keyRated, old: " burst=5", new: "", figure: errorRatio, want: up},
	{key: "server.shed.delay", base: keyShed, old: `"200ms"`, new: `"20ms"`, figure: latencyMean, want: down},
	{key: "server.shed.delay", base: keyShed, old: "shed = { delay = \"200ms\" }\n", new: "", figure: latencyMean, want: up},
	{key: "server.memory", base: keyHolding, old: `"1GB"`, new: `"2GB"`, figure: memoryUsed, want: down},
	{key: "server.memory_base", base: keyHolding, old: `"100MB"`, new: `"500MB"`, figure: memoryUsed, want: up},
	{key: "server.memory_per_request", base: keyHolding, old: `"20MB"`, new: `"exp 40MB"`, figure: memoryUsed, want: up},
}

// paidOnce demands that opening connections takes no more than what the first
// few calls of each replication pay, before the window.
func paidOnce(t *testing.T, before, after keyAnswer) {
	t.Helper()
	require.Empty(t, after.refused)
	assert.Equal(t, before.Clients["users"].OK, after.Clients["users"].OK)
	a, b := *before.Clients["users"].LatencyS["mean"].Mean, *after.Clients["users"].LatencyS["mean"].Mean
	assert.InDelta(t, a, b, 1e-4)
}
