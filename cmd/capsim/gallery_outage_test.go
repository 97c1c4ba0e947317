package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/internal/result"
)

func judged(t *testing.T, results map[string]*result.Result, want map[string][]string) {
	t.Helper()
	assert.Len(t, results, len(want))
	for design, verdict := range want {
		assert.Equal(t, verdict, verdicts(results[design]), design)
	}
}

func retryStorm(t *testing.T, results map[string]*result.Result) {
	judged(t, results, map[string][]string{
		"once": {"missed", "met"}, "three-times": {"missed", "missed"}, "with-pauses": {"missed", "missed"}, "with-a-budget": {"missed", "met"},
	})
	recovery := func(design string) float64 { return *results[design].Objectives[1].Actual.Mean }
	assert.InDelta(t, 10+15, recovery("once"), 3, "a quarter of a minute after it was mended")
	assert.InDelta(t, 7, recovery("with-a-budget")-recovery("once"), 2)
	for _, design := range []string{"three-times", "with-pauses"} {
		assert.Equal(t, "not within the run", results[design].Objectives[1].Actual.Note)
		c := results[design].Clients["shoppers"]
		assert.Greater(t, float64(c.Attempts), 2.3*float64(c.Offered), design)
	}
	assert.InDelta(t, 0.2, *results["once"].Clients["shoppers"].ErrorRatio.Mean, 0.02, "every fifth")
}

func grayFailure(t *testing.T, results map[string]*result.Result) {
	judged(t, results, map[string][]string{
		"in-turn": {"missed", "missed"}, "least-connections": {"met", "missed"}, "ejected": {"missed", "met"},
		"hedged": {"met", "met"}, "hedged-least-connections": {"met", "met"},
	})
	errors := func(design string) float64 { return *results[design].Clients["users"].ErrorRatio.Mean }
	// It gets 40 a second for 60 s, and does 10 of them. What is left when it is
	// well again, 1800, goes at 100 a second, while 40 come: half a minute more,
	// which is the rest of the run. All of those are late, of 48,000.
	assert.InDelta(t, 40*(60+30)/48000.0, errors("in-turn"), 0.005)
	assert.Zero(t, errors("least-connections"))
	assert.InDelta(t, 0.5, *results["least-connections"].Clients["users"].LatencyS["p99.9"].Mean, 0.05)
	assert.InDelta(t, 0.001, errors("ejected"), 0.0003)
	busy := func(design string) float64 {
		return *results[design].Nodes["app"].Resources["cpu"].Utilization.Mean
	}
	assert.Less(t, busy("hedged"), busy("in-turn")+0.05, "costs the others little")
	for design, r := range results {
		assert.Equal(t, design == "ejected", r.Faults[0].DetectedS != nil, "health checks see nothing: %s", design)
	}
}

func cacheFlush(t *testing.T, results map[string]*result.Result) {
	judged(t, results, map[string][]string{
		"each-for-himself": {"missed", "missed"}, "one-at-a-time": {"missed", "met"}, "short-queue": {"missed", "met"},
	})
	assert.Greater(t, *results["each-for-himself"].Objectives[1].Actual.Mean, 30.0, "half a minute")
	busy := func(design string) float64 {
		return *results[design].Nodes["articles"].Resources["workers"].Utilization.Mean
	}
	assert.Greater(t, busy("each-for-himself"), 2*busy("one-at-a-time"))
}
