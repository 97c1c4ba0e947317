package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/theory"
)

func cacheStampede(t *testing.T, results map[string]*result.Result) {
	assert.Equal(t, []string{"missed"}, verdicts(results["each-for-himself"]))
	assert.Equal(t, []string{"met"}, verdicts(results["one-at-a-time"]))
	assert.Equal(t, []string{"met"}, verdicts(results["twice-the-cores"]))

	// One at a time: each page is made once in the time that it takes to be
	// asked for, made and to expire, 1/λ + D + T.
	pages := theory.ZipfLaw(500, 1)
	assert.InDelta(t, 1.0/7, pages[0], 0.005, "every seventh is for the most popular")
	one, crowd, four := results["one-at-a-time"], results["each-for-himself"], results["twice-the-cores"]
	making := *one.Nodes["renderer"].ResponseS["mean"].Mean
	made := 0.0
	for _, p := range pages {
		made += 1 / (1/(300*p) + making + 60)
	}
	// Ten minutes begin and end with what expires every minute, so that a
	// little more of it falls into them than on average.
	assert.InEpsilon(t, made, *one.Nodes["renderer"].ThroughputRPS.Mean, 0.015)
	assert.Less(t, *one.Nodes["renderer"].ThroughputRPS.HalfWidth, 0.01*made)
	assert.InDelta(t, 8, made, 0.6, "eight expire in a second")

	assert.Greater(t, *crowd.Nodes["renderer"].Resources["cpu"].Utilization.Mean, 0.999, "it never ends")
	assert.Zero(t, crowd.Nodes["redis"].Cache.Coalesced)
	again := four.Nodes["redis"].Cache.Misses - four.Nodes["redis"].Cache.Expirations
	assert.Greater(t, again, uint64(1000), "pages that were being made already")
}

func cacheSizes(t *testing.T, results map[string]*result.Result) {
	// What LRU keeps of this trace if a miss takes no time (the data's own
	// page). Here it takes 20 ms and more, in which the same is missed again.
	exact := map[string]float64{"500": 0.5578, "1000": 0.6473, "2000": 0.7256, "5000": 0.8070, "all": 0.8561}
	hits := func(design string) float64 { return *results[design].Nodes["redis"].Cache.HitRatio.Mean }
	for design, most := range exact {
		assert.Less(t, hits(design), most, design)
		assert.Greater(t, hits(design), most-0.03, design)
	}
	assert.InDelta(t, 0.27, hits("5000")-hits("500"), 0.005)
	assert.InDelta(t, 0.05, hits("1000-s3fifo")-hits("1000"), 0.005)
	assert.Less(t, hits("1000-fifo"), hits("1000")-0.03)
	for design, want := range map[string]string{"500": "missed", "1000": "missed", "2000": "met", "5000": "met", "all": "met", "1000-s3fifo": "missed", "1000-fifo": "missed"} {
		assert.Equal(t, []string{want, "met"}, verdicts(results[design]), design)
	}
	for _, r := range results {
		assert.Equal(t, uint64(5*95607), r.Nodes["redis"].Cache.Hits+r.Nodes["redis"].Cache.Misses, "the whole trace")
	}
}
