package study

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/topologies"
)

// planSpace is the space of a file's [plan].
func planSpace(t *testing.T, text string) PlanSpace {
	t.Helper()
	file, found := topologies.Load(keyFiles{"a.toml": text}, "a.toml", topologies.Options{})
	require.NotNil(t, file, found.Diagnostics())
	asked := file.Planned("", found)
	space := file.PlanSpace(asked, nil, found)
	require.NotNil(t, space, found.Diagnostics())
	file = file.AtLoad(asked.Load)
	file.CheckPoints("", space, found, nil)
	require.False(t, found.Failed(), found.Diagnostics())
	at := func(f *topologies.File, point int) *node.Spec {
		spec, _ := f.Point("", space.At(point))
		return spec
	}
	p := PlanSpace{
		Load: asked.Load, Survive: asked.Survive, Points: space.Len(), Seed: 1,
		Spec:   func(point int) *node.Spec { return at(file, point) },
		Struck: func(point, fault int) *node.Spec { return at(file.Struck(asked, fault), point) },
	}
	for _, d := range space.Dimensions {
		one := result.SweepDimension{Path: d.Path}
		for _, v := range d.Values {
			value := result.SweepValue{Text: v.Text}
			if v.Numeric {
				value.Number = &v.Number
			}
			one.Values = append(one.Values, value)
		}
		p.Dimensions = append(p.Dimensions, one)
	}
	return p
}

func plansOf(t *testing.T, text string) (PlanSpace, *result.Plan) {
	t.Helper()
	space := planSpace(t, text)
	p, err := Plan(space, Options{})
	require.NoError(t, err)
	c := p.Counts
	assert.Equal(t, c.Designs, c.Screened+c.Pruned+c.Costlier+c.Simulated+c.Unsettled, "each design is counted once: %+v", c)
	return space, p
}

const (
	planTypes = `"aws:m7i.large", "aws:m7i.xlarge", "aws:m7i.2xlarge", "aws:c7i.large", "aws:c7i.xlarge", "aws:c7i.2xlarge"`

	// Fleets of a queue each, of which one kind of machine has more memory for
	// more money, and nothing to do with it.
	planFleets = `objectives = ["users p99 < 60ms"]
[run]
duration = "30s"
warmup = "10s"
replications = 4
[client.users]
target = "lb"
arrivals = "poisson 600/s"
[load_balancer.lb]
targets = ["web"]
policy = "least-connections"
price_per_hour = 0.03
[server.web]
instances = 2
type = "aws:m7i.large"
on.request = [{ cpu = "exp 10ms" }]
[plan]
vary = { "server.web.instances" = "1..8", "server.web.type" = [` + planTypes + `] }
`

	// Two tiers, of which either may be what lacks.
	planTiers = `objectives = ["users p95 < 90ms", "users mean < 40ms"]
[run]
duration = "30s"
warmup = "10s"
replications = 4
[client.users]
target = "web"
arrivals = "poisson 200/s"
[server.web]
type = "aws:m7i.large"
on.request = [{ cpu = "exp 10ms" }, { call = "db" }]
[server.db]
type = "aws:m7i.large"
on.request = [{ cpu = "lognormal mean=12ms cv=1.5" }]
[plan]
vary = { "server.web.instances" = "1..5", "server.db.instances" = "1..5", "server.web.type" = ["aws:m7i.large", "aws:c7i.large"] }
load = 1.2
`

	// Workers, more of which are no better by nature: each takes memory, and
	// what is left of the machine's is too little for all of them.
	planWorkers = `objectives = ["users errors < 1%", "users p99 < 250ms"]
[run]
duration = "30s"
warmup = "10s"
replications = 4
[client.users]
target = "web"
arrivals = "poisson 300/s"
timeout = "1s"
[server.web]
type = "aws:m7i.large"
memory = "1GB"
memory_per_request = "constant 40MB"
boot = "5s"
backlog = 20
on.request = [{ cpu = "exp 8ms" }, { wait = "exp 40ms" }]
[plan]
vary = { "server.web.concurrency" = [4, 8, 16, 24, 32], "server.web.instances" = "1..8" }
`

	// A cache that may save machines behind it.
	planCaches = `objectives = ["users p99 < 90ms"]
[run]
duration = "30s"
warmup = "10s"
replications = 4
[catalog.small]
cores = 1
memory = "20MB"
price_per_hour = 0.02
[catalog.middle]
cores = 1
memory = "200MB"
price_per_hour = 0.06
[catalog.large]
cores = 1
memory = "1500MB"
price_per_hour = 0.3
[client.users]
target = "web"
arrivals = "poisson 400/s"
keys = "zipf s=0.9 n=2000"
[server.web]
type = "aws:m7i.xlarge"
on.request = [{ get = "kept", miss = [{ call = "db" }] }]
[cache.kept]
type = "small"
object_size = "constant 1MB"
policy = "lru"
latency = "exp 0.4ms"
[server.db]
type = "aws:m7i.large"
on.request = [{ cpu = "exp 12ms" }]
[plan]
vary = { "cache.kept.type" = ["small", "middle", "large"], "server.db.instances" = "1..6", "server.db.type" = ["aws:m7i.large", "aws:c7i.large"] }
`

	// Machines of which one may break.
	planBreaks = `objectives = ["users p99 < 100ms", "users errors < 1%"]
zones = ["a", "b"]
[run]
duration = "30s"
warmup = "10s"
replications = 4
[client.users]
target = "lb"
arrivals = "poisson 300/s"
retries = { max = 2 }
[load_balancer.lb]
targets = ["web"]
policy = "round-robin"
health_check = { interval = "100ms", unhealthy = 2 }
price_per_hour = 0.03
[server.web]
instances = 2
type = "aws:m7i.large"
on.request = [{ cpu = "exp 10ms" }]
[plan]
vary = { "server.web.instances" = "2..10", "server.web.type" = ["aws:m7i.large", "aws:m7i.xlarge", "aws:c7i.large"] }
survive = ["kill web[0]", "kill zone:b"]
`

	// Cores that hinder each other: beyond some number more are worse.
	planRetrograde = `objectives = ["users p99 < 80ms"]
[run]
duration = "30s"
warmup = "10s"
replications = 4
[catalog.s2]
cores = 2
price_per_hour = 0.1
[catalog.s4]
cores = 4
price_per_hour = 0.2
[catalog.s8]
cores = 8
price_per_hour = 0.25
[catalog.s16]
cores = 16
price_per_hour = 0.3
[client.users]
target = "web"
arrivals = "poisson 180/s"
[server.web]
type = "s2"
scaling = { contention = 0.1, coherency = 0.02 }
on.request = [{ cpu = "exp 10ms" }]
[plan]
vary = { "server.web.type" = ["s2", "s4", "s8", "s16"], "server.web.instances" = "1..5" }
`
)

// Plans find what simulating everything finds, or a design that nobody could
// tell from it: one that is within the indifference zone of an objective. The
// exhaustive search is as plain as can be, with more replications than the
// plan looks at first. Nor is anything feasible that pruning or screening
// rejected unseen.
func TestPlansFindWhatSimulatingEverythingFinds(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		most       int // simulated
	}{
		{"fleets", planFleets, 16}, {"tiers", planTiers, 16}, {"workers", planWorkers, 40}, {"caches", planCaches, 30}, {"breaks", planBreaks, 16},
		{"retrograde", planRetrograde, 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			findsWhatEverythingFinds(t, tt.text, tt.most)
		})
	}
}

// findsWhatEverythingFinds compares the plan of a space, which may simulate so
// many designs, with simulating all of them.
func findsWhatEverythingFinds(t *testing.T, text string, most int) {
	t.Helper()
	space := planSpace(t, text)
	space.Most = PlanMost
	s := &planning{plan: space, winner: -1}
	require.NoError(t, s.look())
	require.NoError(t, s.search())
	p := s.tell(false)
	all := everything(t, space, 8)
	best := cheapestOf(all, 0)
	require.GreaterOrEqual(t, best, 0, "some design is feasible, or the space shows nothing")
	require.NotNil(t, p.Winner, "%+v", p.Counts)
	t.Logf("%d designs: %+v, winner %v at %.2f; everything: point %d at %.2f", space.Points, p.Counts, p.Winner.Values, *p.Winner.Monthly.Mean, best, all[best].cost)
	assert.LessOrEqual(t, p.Counts.Simulated, most)
	assert.Zero(t, p.Counts.Unsettled)
	if p.Winner.Point != best {
		strict, loose := cheapestOf(all, 2*indifference), cheapestOf(all, -2*indifference)
		assert.GreaterOrEqual(t, *p.Winner.Monthly.Mean, all[loose].cost-1e-6, "cheaper than anything that is nearly feasible")
		assert.LessOrEqual(t, *p.Winner.Monthly.Mean, all[strict].cost+1e-6, "dearer than what is clearly feasible")
		assert.Greater(t, all[p.Winner.Point].margin, -2*indifference, "the winner is feasible, or nearly")
	}
	for i := range s.all {
		if c := &s.all[i]; c.state == planPruned || c.state == planScreened {
			assert.Less(t, all[c.point].margin, 2*indifference, "point %d was rejected unseen: %s", c.point, c.why)
		}
	}
	for i := range p.Simulated {
		one := &p.Simulated[i]
		if m := all[one.Point].margin; one.Role == result.PlanDecided && math.Abs(m) > 2*indifference {
			assert.Equal(t, m > 0, one.Verdict == result.Met, "%v: margin %.3f", one.Values, m)
		}
	}
}

// outcomeOf is a design of an exhaustive search: the least margin of its
// objectives, and its cost.
type outcomeOf struct{ margin, cost float64 }

// everything simulates all designs.
func everything(t *testing.T, space PlanSpace, replications int) []outcomeOf {
	t.Helper()
	all := make([]outcomeOf, space.Points)
	for i := range all {
		all[i].margin = math.Inf(1)
		specs := []*node.Spec{space.Spec(i)}
		for k := range space.Survive {
			specs = append(specs, space.Struck(i, k))
		}
		for _, spec := range specs {
			one := *spec
			one.Run.Replications = replications
			r, err := Run(&one, Options{})
			require.NoError(t, err)
			all[i].cost = *r.Cost.Monthly.Mean
			for k := range r.Objectives {
				if m, _ := marginOf(r.Objectives[k].Actual, &spec.Objectives[k]); m != nil {
					all[i].margin = min(all[i].margin, *m)
				} else {
					all[i].margin = math.Inf(-1)
				}
			}
		}
	}
	return all
}

// cheapestOf is the cheapest with at least such a margin, -1 if there is none.
func cheapestOf(all []outcomeOf, margin float64) int {
	best := -1
	for i := range all {
		if all[i].margin > margin && (best < 0 || all[i].cost < all[best].cost-1e-6) {
			best = i
		}
	}
	return best
}
