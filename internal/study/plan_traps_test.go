package study

import (
	"math"
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
	trapZones = `objectives = ["users errors < 10.8%"]
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
vary = { "server.web.instances" = "1..7" }
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

// Where more of a node may be worse, its values have no order, and the result
// says why.
func TestMoreOfANodeMayBeWorse(t *testing.T) {
	const text = `objectives = ["users p99 < 100ms"]
zones = ["a", "b"]
[client.users]
target = "lb"
arrivals = "poisson 50/s"
[load_balancer.lb]
targets = ["web"]
[server.web]
on.request = [{ cpu = "exp 10ms" }, { call = "db" }]
[server.db]
on.request = [{ cpu = "exp 10ms" }]
[plan]
vary = { "server.web.instances" = [1, 2] }
`
	for _, tt := range []struct{ name, old, new, why string }{
		{"as it stands", "", "", ""},
		{"shared cores behind", "[server.db]", "[server.db]\nscheduling = \"ps\"", "db does not serve first come, first served"},
		{"shared cores at the end", "[server.web]\non.request = [{ cpu = \"exp 10ms\" }, { call = \"db\" }]", "[server.web]\nscheduling = \"ps\"\non.request = [{ cpu = \"exp 10ms\" }]", ""},
		{"a common rotation", `["web"]`, `["web", "db"]`, "lb shares requests out among it and others"},
		{"far zones", "[plan]", "[network]\ncross_zone = \"5ms\"\n[plan]", "between these time passes"},
		{"users of several kinds", `arrivals = "poisson 50/s"`, "users = 50\nrequests = { request = 1, other = 1 }", "come again sooner"},
		{"users of one kind", `arrivals = "poisson 50/s"`, "users = 50", ""},
		{"scaled by what is inside", "[server.db]", "[server.db]\nautoscale = { max = 4, target = \"concurrency 5\" }", "how many instances of db there are"},
		{"nobody waits", `"exp 10ms" }, { call = "db" }]`, `"exp 10ms" }, { spawn = [{ call = "mid" }] }]` + "\n[server.mid]\non.request = [{ call = \"db\" }]", ""},
		{"nobody waits for it", `{ call = "db" }]`, `{ spawn = [{ call = "mid" }] }]` + "\n[server.mid]\non.request = [{ call = \"db\" }]", "nobody waits for it"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			changed := text
			if tt.old != "" {
				require.Contains(t, text, tt.old)
				changed = strings.Replace(text, tt.old, tt.new, 1)
			}
			if strings.HasSuffix(tt.why, "waits for it") {
				changed = strings.Replace(changed, `"server.web.instances"`, `"server.mid.instances"`, 1)
			}
			if strings.Contains(tt.name, "kind") {
				changed = strings.Replace(changed, "[server.web]\n", "[server.web]\non.other = [{ cpu = \"exp 1ms\" }]\n", 1)
			}
			s := &planning{plan: planSpace(t, changed), winner: -1}
			o := s.orders(s.variants())
			if tt.why == "" {
				assert.Empty(t, o.why[0])
			} else {
				assert.Contains(t, o.why[0], tt.why)
			}
		})
	}
}

// Two instances bear the loss of the first of two zones better than three.
func TestMoreInstancesMayBearLess(t *testing.T) {
	s := &planning{plan: planSpace(t, trapZones), winner: -1}
	o := s.orders(s.variants())
	assert.Empty(t, o.why[0])
	assert.True(t, o.noBetter([]int{0}, []int{1}))
	assert.False(t, o.noBetter([]int{1}, []int{2}), "one of two is left, and one of three")
	assert.True(t, o.noBetter([]int{1}, []int{3}), "one of two, and two of four")
	assert.True(t, o.noBetter([]int{2}, []int{3}))
}

// A design that misses only what more does not help with, or what others might
// do better, does not speak for those with less.
func TestWhatMoreNeverMakesWorse(t *testing.T) {
	const text = `objectives = ["users p99 < 100ms", "users availability > 99%", "web p99 < 50ms", "web cpu < 60%", "web cpu > 20%", "users throughput < 70/s", "cost < 100"]
[client.users]
target = "web"
arrivals = "poisson 50/s"
[server.web]
price_per_hour = 0.1
on.request = [{ cpu = "exp 10ms" }]
[plan]
vary = { "server.web.instances" = [1, 2] }
`
	spec := planSpace(t, text).Spec(0)
	want := []struct {
		name  string
		every bool
	}{{"users", true}, {"users", true}, {"web", false}, {"web", false}, {"", false}, {"", false}, {"", false}}
	require.Len(t, spec.Objectives, len(want))
	for k := range want {
		name, every := neverWorse(spec, &spec.Objectives[k])
		assert.Equal(t, want[k].name, name, spec.Objectives[k].Text)
		assert.Equal(t, want[k].every, every, spec.Objectives[k].Text)
	}
}

// Differences between designs tell what their figures do not yet.
func TestPairsTellSmallDifferences(t *testing.T) {
	others := []float64{10, 14, 9, 12, 11, 13, 8, 11}
	mine := []float64{10.2, 14.21, 9.19, 12.2}
	d, ok := pair(mine, others, 11, false)
	require.True(t, ok)
	assert.InDelta(t, 11.2, d.figure, 1e-9)
	assert.InDelta(t, 0.0082/2, d.once, 1e-4, "the standard deviation of four differences, by the root of four")
	assert.InDelta(t, 2.0/math.Sqrt(8), d.others, 1e-9)
	_, ok = pair([]float64{10, math.NaN(), 9, 12}, others, 11, false)
	assert.False(t, ok, "a replication without a figure")
	d, ok = pair(others[:4], others, 11, true)
	require.True(t, ok)
	assert.InDelta(t, 11, d.at(d.figure), 1e-9)
	assert.Positive(t, d.once, "a few that are the same do not show that all are")
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
