package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/theory"
)

// verticalVersusHorizontal: what the designs hold and how they fail is in
// docs/vertical-vs-horizontal.md, whose test asks for it.
func verticalVersusHorizontal(t *testing.T, results map[string]*result.Result) {
	law := theory.Scalability{Contention: 0.04, Coherency: 0.0008}
	for design, machines := range map[string][2]float64{"vertical": {1, 16}, "largest": {1, 32}, "hybrid": {2, 8}, "horizontal": {8, 2}, "sticky": {8, 2}} {
		r := results[design]
		assert.Equal(t, []string{"met", "met"}, verdicts(r), design)
		assert.InEpsilon(t, 100*machines[0]*law.Capacity(machines[1])/450, *r.Bottleneck.SaturatesAtLoad, 0.01, design)
	}
	assert.InDelta(t, 8.9, law.Capacity(16), 0.05)
	assert.InDelta(t, 34.6, law.Peak(), 0.1)

	cost := func(design string) float64 { return *results[design].Cost.Monthly.Mean }
	assert.InDelta(t, 730*16*0.0504, cost("vertical"), 1e-6)
	assert.InDelta(t, 2*cost("vertical"), cost("largest"), 1e-6)
	assert.InDelta(t, cost("vertical")+730*4*0.0408, cost("horizontal"), 1e-6, "two balancers and two stores")
	assert.InDelta(t, cost("horizontal"), cost("hybrid"), 1e-6, "a core costs the same")
	assert.InDelta(t, cost("vertical")+730*2*0.0408, cost("sticky"), 1e-6)

	// Each core of a large machine is slower, idle or not.
	p99 := func(design string) float64 { return *results[design].Clients["users"].LatencyS["p99"].Mean }
	assert.Greater(t, p99("largest"), 1.5*p99("vertical"))
	assert.Greater(t, p99("vertical"), 1.2*p99("hybrid"))
	assert.Greater(t, p99("hybrid"), 1.2*p99("horizontal"))
	assert.Greater(t, p99("sticky"), p99("horizontal"))
}

func verticalUpgrade(t *testing.T, results map[string]*result.Result) {
	for design, away := range map[string]bool{"vertical": true, "largest": true, "hybrid": false, "horizontal": false, "sticky": false} {
		r := results[design]
		require.Len(t, r.Deploys, 1, design)
		if away {
			assert.Equal(t, []string{"met", "missed"}, verdicts(r), design)
			assert.InEpsilon(t, 3*450*30, float64(r.Deploys[0].FailedRequests), 0.03, "%s: all that come in 30 s", design)
			continue
		}
		assert.Equal(t, []string{"met", "met"}, verdicts(r), design)
		assert.Zero(t, r.Deploys[0].FailedRequests, design)
	}
	assert.InDelta(t, 20+8*30, *results["horizontal"].Deploys[0].FinishedS, 8, "one after the other, and a second each for sessions under way")
}

func verticalYear(t *testing.T, results map[string]*result.Result) {
	const away = 1.0 / 721
	for design, want := range map[string]string{"one": "missed", "two": "met", "two-and-a-balancer": "missed", "two-and-two-balancers": "met"} {
		assert.Equal(t, []string{want}, verdicts(results[design]), design)
	}
	lost := func(design string) float64 { return *results[design].Clients["users"].ErrorRatio.Mean }
	assert.InEpsilon(t, away, lost("one"), 0.2)
	assert.InEpsilon(t, away, lost("two-and-a-balancer"), 0.2)
	assert.Less(t, lost("two"), 10*away*away)
	assert.Less(t, lost("two-and-two-balancers"), 10*away*away)
	assert.InDelta(t, 12, 8760*away, 0.2, "hours a year")
}

func verticalData(t *testing.T, results map[string]*result.Result) {
	for design, want := range map[string]string{"one": "missed", "bigger": "met", "replicas": "met", "shards": "met", "hot-shard": "met"} {
		assert.Equal(t, []string{want, "met"}, verdicts(results[design]), design)
	}
	law := theory.Scalability{Contention: 0.04, Coherency: 0.0008}
	assert.InDelta(t, 5.5, law.Capacity(32)/law.Capacity(2), 0.05)
	assert.InEpsilon(t, 16**results["one"].Cost.Monthly.Mean, *results["bigger"].Cost.Monthly.Mean, 1e-9)
	assert.InEpsilon(t, 4**results["one"].Cost.Monthly.Mean, *results["shards"].Cost.Monthly.Mean, 1e-9)
	for _, design := range []string{"one", "bigger", "shards", "hot-shard"} {
		assert.Zero(t, results[design].Nodes["orders"].Database.StaleReads, design)
	}
	assert.Greater(t, *results["replicas"].Nodes["orders"].Database.StaleReadRatio.Mean, 0.005)

	hottest := func(design string) (most, mean float64) {
		all := results[design].Nodes["orders"].PerInstance
		for _, i := range all {
			most, mean = max(most, *i.Utilization), mean+*i.Utilization/float64(len(all))
		}
		return most, mean
	}
	even, shared := hottest("shards")
	hot, same := hottest("hot-shard")
	assert.InEpsilon(t, shared, same, 0.01, "as much to do")
	assert.Greater(t, hot, 1.5*even, "and one shard has most of it")
	assert.Less(t, *results["hot-shard"].Bottleneck.SaturatesAtLoad, 0.65**results["shards"].Bottleneck.SaturatesAtLoad)

	// Every write comes to the one primary: 310 a second, of 2 ms on 2 cores
	// that do the work of 1.92.
	primary := results["replicas"].Nodes["orders"].PerInstance[0]
	assert.InDelta(t, 310*0.002/law.Capacity(2), *primary.Utilization, 0.01)
}
