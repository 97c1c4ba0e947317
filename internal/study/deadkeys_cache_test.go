package study

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/internal/result"
)

// Topologies of caches that fill.
const (
	keyCache = `[client.users]
target = "web"
arrivals = "poisson 500/s"
keys = "zipf s=0.8 n=2000"
[server.web]
on.request = [{ get = "near", miss = [{ wait = "exp 20ms" }] }]
[cache.near]
policy = "lru"
capacity = 200
latency = "exp 1ms"
`
	keyTimed = `[client.users]
target = "web"
arrivals = "poisson 500/s"
keys = "zipf s=0.8 n=2000"
[server.web]
on.request = [{ get = "near", miss = [{ wait = "exp 50ms" }] }]
[cache.near]
ttl = "1s"
coalesce = false
`
	keySized = `[client.users]
target = "web"
arrivals = "poisson 500/s"
keys = "zipf s=0.8 n=2000"
[server.web]
on.request = [{ get = "near", miss = [{ wait = "exp 20ms" }] }]
[cache.near]
memory = "2MB"
object_size = "exp 10kB"
`
	// Every second of all requests writes, and what it writes is read again.
	keyWrites = `[client.users]
target = "web"
arrivals = "poisson 500/s"
keys = "zipf s=0.8 n=2000"
requests = { read = 1, write = 1 }
[server.web]
on.read = [{ get = "near", miss = [{ wait = "exp 20ms" }] }]
on.write = [{ invalidate = "near" }]
[cache.near]
capacity = 200
`
	keyThrough = `[client.users]
target = "near"
arrivals = "poisson 500/s"
keys = "zipf s=0.8 n=2000"
[cache.near]
capacity = 200
latency = "1ms"
origin = "web"
timeout = "1s"
[server.web]
on.request = [{ wait = "exp 20ms" }]
[server.slow]
on.request = [{ wait = "exp 50ms" }]
`
	cacheHits  = "nodes/near/cache/hit_ratio"
	cacheWaits = "nodes/near/response_s/mean"
)

// coldStart has no warm-up, and a window in which a cold cache does not fill.
var coldStart = strings.Replace(keyCache, "capacity = 200", "capacity = 1000", 1) + "[run]\nduration = \"2s\"\nwarmup = \"0s\"\nreplications = 5\n"

var busyCache = strings.Replace(keyCache, `latency = "exp 1ms"`, "latency = \"exp 1ms\"\ncores = 1", 1)

// cacheCounts are counters of the cache, before and after.
func cacheCounts(of func(c *result.Cache) uint64, check func(t *testing.T, before, after uint64)) func(t *testing.T, before, after keyAnswer) {
	return func(t *testing.T, before, after keyAnswer) {
		check(t, of(before.Nodes["near"].Cache), of(after.Nodes["near"].Cache))
	}
}

var cacheCases = []keyCase{
	{key: "cache.capacity", base: keyCache, old: "capacity = 200", new: "capacity = 400", figure: cacheHits, want: up},
	{key: "cache.capacity", base: keyCache, old: "capacity = 200", new: "capacity = 400", figure: latencyMean, want: down},
	{key: "cache.policy", base: keyCache, old: `"lru"`, new: `"fifo"`, figure: cacheHits, want: down},
	{key: "cache.policy", base: keyCache, old: `"lru"`, new: `"sieve"`, figure: cacheHits, want: up},
	{key: "cache.policy", base: strings.Replace(keyCache, `"lru"`, `"sampled-lru 1"`, 1) + "[run]\nduration = \"60s\"\nwarmup = \"5s\"\nreplications = 5\n", old: `"sampled-lru 1"`, new: `"sampled-lru 64"`, figure: cacheHits, want: up},
	{key: "cache.memory", base: keySized, old: `memory = "2MB"`, new: `memory = "4MB"`, figure: cacheHits, want: up},
	{key: "cache.object_size", base: keySized, old: `"exp 10kB"`, new: `"exp 20kB"`, figure: cacheHits, want: down},
	// A c7g.medium has 2 GiB: room for 210 items of 10 MB, where there was room for 20.
	{key: "cache.type", base: strings.NewReplacer(`memory = "2MB"`, `memory = "200MB"`, "10kB", "10MB").Replace(keySized), old: `memory = "200MB"`, new: `type = "aws:c7g.medium"`, figure: cacheHits, want: up},
	{key: "cache.ttl", base: keyTimed, old: `ttl = "1s"`, new: `ttl = "500ms"`, figure: cacheHits, want: down},
	{key: "cache.ttl", base: keyCache, old: "capacity = 200", new: "capacity = 200\nttl = \"100ms\"", figure: cacheHits, want: down},
	{key: "cache.coalesce", base: keyTimed, old: "coalesce = false", new: "coalesce = true",
		effect: cacheCounts(func(c *result.Cache) uint64 { return c.Coalesced }, func(t *testing.T, before, after uint64) {
			assert.Zero(t, before)
			assert.Greater(t, after, uint64(100))
		})},
	{key: "cache.warm", base: coldStart, old: "capacity = 1000", new: "capacity = 1000\nwarm = true", figure: cacheHits, want: up},
	{key: "cache.instances", base: keyCache, old: "capacity = 200", new: "capacity = 200\ninstances = 3", figure: cacheHits, want: up},
	{key: "cache.instances", base: busyCache, old: "capacity = 200", new: "capacity = 200\ninstances = 3", figure: cacheWaits, want: down},
	{key: "cache.cores", base: busyCache, old: "cores = 1", new: "cores = 2", figure: "nodes/near/resources/cpu/utilization", want: down},
	{key: "cache.cores", base: busyCache, old: "cores = 1", new: "cores = 2", figure: cacheWaits, want: down},
	{key: "cache.origin", base: keyThrough, old: `"web"`, new: `"slow"`, figure: latencyMean, want: up},
	{key: "cache.timeout", base: keyThrough, old: `timeout = "1s"`, new: `timeout = "10ms"`, figure: errorRatio, want: up},
	{key: "step.get.key", base: keyCache, old: `get = "near",`, new: `get = "near", key = "zipf s=2 n=2000",`, figure: cacheHits, want: up},
	{key: "step.invalidate", base: keyWrites, old: `{ invalidate = "near" }`, new: "", figure: cacheHits, want: up},
	{key: "step.set", base: keyWrites, old: `{ invalidate = "near" }`, new: `{ set = "near" }`, figure: cacheHits, want: up},
	{key: "step.invalidate.key", base: keyWrites, old: `{ invalidate = "near" }`, new: `{ invalidate = "near", key = "uniform n=2000" }`, figure: cacheHits, want: up},
	{key: "step.set.key", base: strings.Replace(keyWrites, "invalidate", "set", 1), old: `{ set = "near" }`, new: `{ set = "near", key = "uniform n=1M" }`, figure: cacheHits, want: down},
	{key: "objective.cache.cpu", base: `objectives = ["near cpu < 90%"]` + "\n" + busyCache, old: "near cpu < 90%", new: "near cpu < 10%",
		effect: func(t *testing.T, before, after keyAnswer) {
			of := before.estimate(t, "nodes/near/resources/cpu/utilization")
			assert.Equal(t, result.Objective{Text: "near cpu < 90%", Actual: of, Verdict: result.Met}, demanded(t, before))
			assert.Equal(t, result.Objective{Text: "near cpu < 10%", Actual: of, Verdict: result.Missed}, demanded(t, after))
		}},
}
