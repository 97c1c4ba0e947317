package study

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
)

// Spaces that were made to mislead a plan: more of something is worse, or not
// what it seems.
const (
	trapHead = `[run]
duration = "30s"
warmup = "5s"
replications = 4
`
	// A pool of front servers, each with one worker that waits for the database.
	// The fewer they are, the fewer requests share the database's one core, which
	// does better by one after the other (M/D/1: a mean of 30 ms) than by sharing
	// it out (50 ms). The theory of shared cores does not see it coming.
	trapShares = `objectives = ["users mean < 36ms"]
` + trapHead + `[client.users]
target = "front"
arrivals = "poisson 80/s"
[server.front]
price_per_hour = 0.01
concurrency = 1
on.request = [{ call = "db" }]
[server.db]
scheduling = "ps"
price_per_hour = 0.1
on.request = [{ cpu = "10ms" }]
[plan]
vary = { "server.front.instances" = "1..12" }
`
	// An odd number of instances in two zones leaves fewer, of those that there
	// are, when the first zone is lost, than the even number below it.
	trapZones = `objectives = ["users errors < 12%"]
zones = ["a", "b"]
` + trapHead + `[client.users]
target = "lb"
arrivals = "poisson 100/s"
[load_balancer.lb]
targets = ["web"]
policy = "random"
zones = ["b"]
price_per_hour = 0.01
[server.web]
type = "aws:m7i.large"
on.request = [{ cpu = "exp 3ms" }]
[plan]
vary = { "server.web.instances" = "1..8" }
survive = ["kill zone:a at 5s for 6s"]
`
	// Slow servers in the same rotation as fast ones: each of them takes a share.
	trapRotation = `objectives = ["users mean < 30ms"]
` + trapHead + `[client.users]
target = "lb"
arrivals = "poisson 50/s"
[load_balancer.lb]
targets = ["fast", "slow"]
policy = "round-robin"
[server.fast]
instances = 2
cores = 4
price_per_hour = 0.2
on.request = [{ cpu = "exp 10ms" }]
[server.slow]
cores = 4
price_per_hour = 0.02
on.request = [{ cpu = "exp 60ms" }]
[plan]
vary = { "server.slow.instances" = "1..6", "server.fast.instances" = "1..8" }
`
	// What a design costs depends on how much it calls somebody who is paid by
	// call, which a larger cache spares. A design that only costs too much says
	// nothing of smaller ones.
	trapCalls = `objectives = ["users p99 < 60ms", "cost < 500"]
` + trapHead + `[catalog.small]
cores = 1
memory = "20MB"
price_per_hour = 0.02
[catalog.middle]
cores = 1
memory = "300MB"
price_per_hour = 0.06
[catalog.large]
cores = 1
memory = "1500MB"
price_per_hour = 0.9
[client.users]
target = "web"
arrivals = "poisson 100/s"
keys = "zipf s=0.9 n=2000"
[server.web]
type = "aws:m7i.large"
on.request = [{ cpu = "exp 4ms" }, { get = "kept", miss = [{ call = "maps" }] }]
[cache.kept]
type = "large"
object_size = "constant 1MB"
policy = "lru"
[external.maps]
latency = "exp 5ms"
price_per_call = 0.000002
[plan]
vary = { "cache.kept.type" = ["small", "middle", "large"], "server.web.instances" = "1..4", "server.web.type" = ["aws:m7i.large", "aws:c7i.large"] }
`
	// Instances that come and go: what they cost depends on how many are needed.
	trapScaled = `objectives = ["users p99 < 150ms"]
` + trapHead + `[client.users]
target = "lb"
arrivals = "poisson 220/s"
[load_balancer.lb]
targets = ["web"]
policy = "least-connections"
price_per_hour = 0.01
[server.web]
type = "aws:m7i.large"
on.request = [{ cpu = "exp 10ms" }]
autoscale = { min = 1, max = 8, target = "cpu 50%", every = "5s", boot = "2s", cooldown = "10s" }
[plan]
vary = { "server.web.autoscale.min" = "1..6", "server.web.type" = ["aws:m7i.large", "aws:m7i.xlarge", "aws:c7i.large", "aws:c7i.xlarge"] }
`
	// 450 designs, among which workers make no difference where there are enough.
	trapMany = `objectives = ["users p95 < 36ms", "users mean < 15ms"]
[run]
duration = "10s"
warmup = "3s"
replications = 4
[client.users]
target = "web"
arrivals = "poisson 300/s"
[server.web]
type = "aws:m7i.large"
concurrency = 4
on.request = [{ cpu = "exp 8ms" }, { call = "db" }]
[server.db]
type = "aws:m7i.large"
on.request = [{ cpu = "exp 4ms" }]
[plan]
vary = { "server.web.instances" = "1..5", "server.web.type" = ["aws:m7i.large", "aws:m7i.xlarge", "aws:c7i.large"], "server.web.concurrency" = [2, 3, 4, 6, 8, 12, 16, 24, 32, 48], "server.db.instances" = "1..3" }
`
)

// No trap catches a plan: it finds what simulating everything finds.
func TestPlansAreNotMisled(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		most       int // simulated
	}{
		{"shares", trapShares, 12}, {"zones", trapZones, 8}, {"rotation", trapRotation, 48}, {"calls", trapCalls, 24}, {"scaled", trapScaled, 24},
	} {
		t.Run(tt.name, func(t *testing.T) { findsWhatEverythingFinds(t, tt.text, tt.most) })
	}
}

// The same of a space that is as large as can still be simulated whole.
func TestPlansFindWhatSimulatingHundredsFinds(t *testing.T) {
	if testing.Short() {
		t.Skip("it simulates 450 designs")
	}
	findsWhatEverythingFinds(t, trapMany, 40)
}

// A number of workers that was never reached might as well be any other that is
// not: the runs are the same, event by event, which is why one stands for all.
func TestALimitThatWasNotReachedMakesNoDifference(t *testing.T) {
	space := planSpace(t, trapMany)
	s := &planning{plan: space, winner: -1}
	require.NoError(t, s.look())
	run := func(at []int) *node.Snapshot {
		spec := *space.Spec(s.pointAt(at))
		snap, err := node.NewNetwork(&spec, 0).Run(nil)
		require.NoError(t, err)
		return snap
	}
	most := []int{1, 0, 9, 1} // two instances with 48 workers each
	snap := run(most)
	web := 2
	require.Equal(t, "web", space.Spec(0).Nodes[web].Name)
	asked := snap.Asked[web].Workers
	require.Greater(t, asked, 4)
	require.Less(t, asked, 48)
	same, apart := 0, false
	for v, workers := range s.bounds[2].values {
		at := []int{1, 0, v, 1}
		other := run(at)
		equal := other.Events == snap.Events && other.Clients[0].Ops[0].Latency.Mean() == snap.Clients[0].Ops[0].Latency.Mean()
		switch {
		case workers >= asked:
			same++
			assert.True(t, equal, "%d workers, of which %d were asked for", workers, asked)
		default:
			apart = apart || !equal
			assert.Greater(t, other.Asked[web].Workers, workers, "that it was not enough is seen in the other run too")
		}
	}
	assert.Greater(t, same, 1)
	assert.True(t, apart, "too few make a difference")
}

// A space of ten thousand designs is answered with few simulated.
func TestTenThousandDesignsAreAnsweredWithFewSimulated(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		most       int
	}{
		{"shop", shopText(t), 200},
		{"tiers", strings.NewReplacer(`"1..5", "server.db.instances" = "1..5"`, `"1..40", "server.db.instances" = "1..40"`,
			`["aws:m7i.large", "aws:c7i.large"] }`, `["aws:m7i.large", "aws:c7i.large", "aws:m7i.xlarge", "aws:c7i.xlarge", "aws:m7i.2xlarge", "aws:c7i.2xlarge", "aws:m7i.4xlarge"] }`).Replace(planTiers), 50},
	} {
		space := planSpace(t, tt.text)
		require.GreaterOrEqual(t, space.Points, 10_000, tt.name)
		p, err := Plan(space, Options{})
		require.NoError(t, err)
		t.Logf("%s: %+v, %d replications, %v", tt.name, p.Counts, p.Procedure.Replications, p.Winner)
		require.NotNil(t, p.Winner, tt.name)
		assert.Equal(t, result.Met, p.Winner.Verdict)
		assert.LessOrEqual(t, p.Counts.Simulated, tt.most, tt.name)
		assert.Zero(t, p.Counts.Unsettled, tt.name)
	}
}

// shopText is the web shop of the gallery, a shorter one, with 10,080 designs.
func shopText(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../../topologies/web-shop.toml")
	require.NoError(t, err)
	text := strings.Replace(string(data), `"5m"`, `"30s"`, 1)
	require.NotEqual(t, string(data), text)
	return text + `
[plan]
vary = { "server.app.instances" = "1..21", "server.app.type" = ["aws:m7i.large", "aws:m7i.xlarge", "aws:m7i.2xlarge", "aws:m7i.4xlarge",
  "aws:c7i.large", "aws:c7i.xlarge", "aws:c7i.2xlarge", "aws:c7i.4xlarge"], "server.orders.cores" = "2..6", "server.app.concurrency" = "16..192 step 16" }
`
}
