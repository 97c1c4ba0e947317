package study

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Topologies of memory that fills up, and of pauses.
const (
	keyLeaking = `[client.users]
target = "web"
arrivals = "poisson 100/s"
[server.web]
memory = "600MB"
memory_base = "100MB"
leak_per_request = "1MB"
boot = "900ms"
on.request = [{ wait = "exp 100ms" }]
`
	keyCollected = `[client.users]
target = "web"
arrivals = "poisson 100/s"
[server.web]
gc = { every_allocated = "20MB", allocates = "1MB", pause = "20ms" }
on.request = [{ cpu = "exp 4ms" }]
`
	keyPaced = `[client.users]
target = "web"
arrivals = "poisson 100/s"
[server.web]
gc = { every = "500ms", pause = "20ms" }
on.request = [{ cpu = "exp 4ms" }]
`
	pausedRatio = "nodes/web/gc/paused_ratio"
)

var decayCases = []keyCase{
	{key: "server.leak_per_request", base: keyLeaking, old: `"1MB"`, new: `"exp 3MB"`, figure: errorRatio, want: up},
	{key: "server.leak_per_request", base: keyLeaking, old: "leak_per_request = \"1MB\"\n", new: "memory_per_request = \"1MB\"\n", effect: neverKilled},
	{key: "server.boot", base: keyLeaking, old: `"900ms"`, new: `"3s"`, figure: errorRatio, want: up},
	{key: "server.memory", base: keyLeaking, old: `"600MB"`, new: `"6GB"`, effect: neverKilled},
	{key: "server.gc.every_allocated", base: keyCollected, old: `"20MB"`, new: `"80MB"`, figure: pausedRatio, want: down},
	{key: "server.gc.allocates", base: keyCollected, old: `"1MB"`, new: `"exp 500kB"`, figure: pausedRatio, want: down},
	{key: "server.gc.pause", base: keyCollected, old: `"20ms"`, new: `"exp 100ms"`, figure: latencyMean, want: up},
	{key: "server.gc.every_allocated", base: keyCollected, old: "gc = { every_allocated = \"20MB\", allocates = \"1MB\", pause = \"20ms\" }\n", new: "", figure: latencyMean, want: down},
	{key: "server.gc.every", base: keyPaced, old: `"500ms"`, new: `"100ms"`, figure: latencyMean, want: up},
}

// neverKilled demands that kills for memory are gone.
func neverKilled(t *testing.T, before, after keyAnswer) {
	t.Helper()
	require.Empty(t, after.refused)
	assert.Greater(t, before.Nodes["web"].MemoryKills, uint64(4))
	assert.Greater(t, before.Clients["users"].Errors["unavailable"], uint64(100))
	assert.Zero(t, after.Nodes["web"].MemoryKills)
	assert.Zero(t, after.Clients["users"].Errors["unavailable"])
	assert.InDelta(t, 1, after.Nodes["web"].PerInstance[0].UpRatio, 0)
	assert.Less(t, before.Nodes["web"].PerInstance[0].UpRatio, 0.95)
}
