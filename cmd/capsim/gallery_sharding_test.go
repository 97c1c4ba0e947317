package main

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/internal/result"
)

func shardingHotKey(t *testing.T, results map[string]*result.Result) {
	for design, want := range map[string]string{
		"one": "missed", "sixteen-by-range": "missed", "four": "met", "sixteen": "met", "sixty-four": "met", "replicas": "met",
	} {
		assert.Equal(t, []string{want}, verdicts(results[design]), design)
	}

	// One primary bears 1000 a second; 960 are asked for.
	for design, bears := range map[string]float64{"one": 1, "sixteen-by-range": 1.3, "four": 3.1, "sixteen": 7.1, "sixty-four": 10.6} {
		assert.InDelta(t, bears, 0.96**results[design].Bottleneck.SaturatesAtLoad, 0.05, design)
	}
	harmonic := func(n int) (sum float64) {
		for k := range n {
			sum += 1 / float64(k+1)
		}
		return sum
	}
	all := harmonic(100_000)
	assert.InDelta(t, 1.0/12, 1/all, 0.001, "the hottest key")
	first := harmonic(100_000/16) / all
	assert.InDelta(t, 739, 960*first, 1, "the first range")

	// M/M/1 at each shard: the mean over the requests, by the shares that the
	// shards turned out to have.
	for _, design := range []string{"four", "sixteen", "sixty-four"} {
		d := results[design].Nodes["stock"].Database
		mean, most := 0.0, 0.0
		for _, s := range d.Shards {
			share := float64(s.Reads+s.Writes) / float64(d.Reads+d.Writes)
			mean += share / (1000 - 960*share)
			most = math.Max(most, share)
		}
		near(t, mean, results[design].Clients["shoppers"].LatencyS["mean"], 0.01)
		assert.Greater(t, most, 1/all, "no shard can have less than the hottest key")
	}
	assert.Less(t, 0.5, 1/all/(1/(0.96**results["sixty-four"].Bottleneck.SaturatesAtLoad)), "it is most of what its shard does")

	// Replicas bear the looking, the primary every order.
	d := results["replicas"].Nodes["stock"]
	assert.InDelta(t, 192/1000.0, *d.PerInstance[0].Utilization, 0.005)
	for _, in := range d.PerInstance[1:] {
		assert.InDelta(t, 768/3/1000.0, *in.Utilization, 0.005)
	}
}
