package study

import (
	"strings"
	"testing"

	"github.com/capsim/capsim/internal/result"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func resultOf(t *testing.T, text string) *result.Result {
	t.Helper()
	r, err := Run(specOf(t, text), Options{})
	require.NoError(t, err)
	return r
}

// What is refused or given up keeps a resource less busy than it is asked to
// be: the load at which it saturates follows from what is asked.
func TestBottleneckCountsWhatWasRefused(t *testing.T) {
	r := resultOf(t, `
run = { duration = "60s", replications = 3, warmup = "1s" }
client.c = { target = "s", arrivals = "poisson 150/s" }
server.s = { cores = 1, concurrency = 1, backlog = 0, on.request = [{ cpu = "exp 10ms" }] }`)
	require.NotNil(t, r.Bottleneck.SaturatesAtLoad)
	assert.InEpsilon(t, 1/1.5, *r.Bottleneck.SaturatesAtLoad, 0.03)
	assert.InDelta(t, 0.6, r.Bottleneck.Utilization, 0.02, "a loss system at 1.5 erlangs carries 0.6")
}

// Requests that are sent again are work that the traffic equations leave out:
// a resource that they keep busy does not saturate at a load as if they came
// once.
func TestBottleneckCountsWhatIsSentAgain(t *testing.T) {
	r := resultOf(t, `
run = { duration = "60s", replications = 3, warmup = "1s" }
client.c = { target = "s", arrivals = "poisson 50/s", retries = { max = 1 } }
server.s = { cores = 1, on.request = [{ cpu = "5ms" }, { fail = "100%" }] }`)
	assert.InDelta(t, 0.5, r.Bottleneck.Utilization, 0.02)
	require.NotNil(t, r.Bottleneck.SaturatesAtLoad)
	assert.InEpsilon(t, 2, *r.Bottleneck.SaturatesAtLoad, 0.04, "100/s that take 5 ms each")
	r = resultOf(t, `
run = { duration = "60s", replications = 3, warmup = "1s" }
client.c = { target = "s", arrivals = "poisson 50/s" }
server.s = { cores = 1, on.request = [{ cpu = "exp 5ms" }] }`)
	assert.InEpsilon(t, 4, *r.Bottleneck.SaturatesAtLoad, 1e-9, "what is exact stays so: chance does not move it")
}

// Half of the attempts fail, and each is made once more: the traffic equations
// know of the first ones only.
func TestRetriesCountTowardsTheSaturation(t *testing.T) {
	const text = `
run = { duration = "200s", warmup = "0s" }
[client.users]
target = "web"
arrivals = "poisson 50/s"
retries = 1
[server.web]
cores = 1
on.request = [{ cpu = "exp 5ms" }, { fail = 0.5 }]
`
	r := resultOf(t, text)
	require.NotNil(t, r.Bottleneck.SaturatesAtLoad)
	assert.InEpsilon(t, 1/0.375, *r.Bottleneck.SaturatesAtLoad, 0.03)
	assert.InEpsilon(t, 1, *r.Bottleneck.SaturatesAtLoad*r.Bottleneck.Utilization, 1e-9)
	r = resultOf(t, strings.Replace(text, "retries = 1\n", "", 1))
	assert.Equal(t, 4.0, *r.Bottleneck.SaturatesAtLoad, "without them the equations are exact")
}

func TestBottleneckMayBeTheWorkers(t *testing.T) {
	r := resultOf(t, `
run = { duration = "60s", replications = 3, warmup = "1s" }
client.c = { target = "s", arrivals = "poisson 100/s", timeout = "100ms" }
server.s = { concurrency = 10, backlog = 5, on.request = [{ cpu = "exp 5ms" }, { wait = "200ms" }] }`)
	assert.Equal(t, "workers", r.Bottleneck.Resource)
	assert.InEpsilon(t, 10/20.8, *r.Bottleneck.SaturatesAtLoad, 0.05, "100/s that hold a worker for 200 ms and the time on the core")
}

func TestBottleneckMayBeAPoolOrTheNetwork(t *testing.T) {
	r := resultOf(t, `
run = { duration = "60s", replications = 3, warmup = "1s" }
client.c = { target = "s", arrivals = "poisson 100/s" }
server.s = { pool.db = { size = 4, acquire_timeout = "0s" }, on.request = [{ call = "db" }] }
server.db = { on.request = [{ wait = "exp 80ms" }] }`)
	assert.Equal(t, "pool.db", r.Bottleneck.Resource)
	assert.Less(t, r.Bottleneck.Utilization, 0.9)
	assert.InEpsilon(t, 4/8.0, *r.Bottleneck.SaturatesAtLoad, 1e-9, "100/s that hold a connection for 80 ms")
	r = resultOf(t, `
run = { duration = "10s", replications = 2, warmup = "1s" }
client.c = { target = "s", arrivals = "poisson 50/s", request_size = "20kB", response_size = "80kB" }
server.s = { network = "1MB/s", instances = 2, on.request = [] }`)
	assert.Equal(t, "network", r.Bottleneck.Resource)
	assert.InEpsilon(t, 2/5.0, *r.Bottleneck.SaturatesAtLoad, 1e-9, "5 MB/s for two interfaces of 1 MB/s")
}

// A mean over traffic that changes says little about when it is too much.
func TestBottleneckOfChangingTrafficHasNoSaturationLoad(t *testing.T) {
	r := resultOf(t, `
run = { duration = "10s", replications = 2 }
client.c = { target = "s", arrivals = "poisson 50/s", stages = [{ duration = "5s", target = "90/s" }] }
server.s = { on.request = [{ cpu = "exp 10ms" }] }`)
	assert.Nil(t, r.Bottleneck.SaturatesAtLoad)
	r = resultOf(t, `
run = { duration = "10s", replications = 2 }
client.c = { target = "s", users = 5, think = "exp 50ms" }
server.s = { on.request = [{ cpu = "exp 10ms" }] }`)
	assert.Nil(t, r.Bottleneck.SaturatesAtLoad)
}

func TestTimedOutLookUpIsAMiss(t *testing.T) {
	r := resultOf(t, `
run = { duration = "10s", replications = 2, warmup = "1s" }
client.c = { target = "s", arrivals = "poisson 50/s" }
server.s = { on.request = [{ get = "cache", timeout = "2ms", miss = [{ wait = "3ms" }] }] }
cache.cache = { hit_ratio = 1, latency = "50ms" }`)
	c := r.Nodes["cache"].Cache
	assert.Zero(t, c.Hits)
	assert.NotZero(t, c.Misses)
	assert.InDelta(t, 0.005, *r.Clients["c"].LatencyS["mean"].Mean, 1e-9)
}

// The time that a call waits before it tries again is part of the latency.
func TestTimeSpentHoldsTheBackOffOfCalls(t *testing.T) {
	r := resultOf(t, `
run = { duration = "100s", replications = 3, warmup = "0s" }
client.c = { target = "g", arrivals = "poisson 50/s" }
server.g = { on.request = [{ call = "s", retries = { max = 1, backoff = "100ms" } }] }
server.s = { on.request = [{ wait = "10ms" }, { fail = "50%" }] }`)
	backoff, ok := r.Clients["c"].Spent["backoff"].(result.Estimate)
	require.True(t, ok)
	// Of requests that end well, one in three took the retry.
	assert.InDelta(t, 0.1/3, *backoff.Mean, 0.002)
}
