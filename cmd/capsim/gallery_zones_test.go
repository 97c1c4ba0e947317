package main

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

// lostUntilFoundOut is the mean number of requests that reach dead machines, so
// many of all, before a health check has found all of them out: each by itself,
// after one to two intervals. (Family A8: share × time, for each.)
func lostUntilFoundOut(rate, interval float64, dead, all int) float64 {
	share := func(in float64) float64 { // each is still in rotation with that probability
		sum := 0.0
		for k := range dead + 1 {
			ways := math.Gamma(float64(dead+1)) / math.Gamma(float64(k+1)) / math.Gamma(float64(dead-k+1))
			sum += ways * math.Pow(in, float64(k)) * math.Pow(1-in, float64(dead-k)) * float64(k) / float64(all-dead+k)
		}
		return sum
	}
	const parts = 1000
	area := interval * share(1)
	for i := range parts {
		area += interval / parts * share(1-(float64(i)+0.5)/parts)
	}
	return rate * area
}

func zoneFailover(t *testing.T, results map[string]*result.Result) {
	for design, want := range map[string][]string{
		"unwatched": {"missed", "met"}, "checked": {"missed", "met"}, "no-spare": {"missed", "missed"},
		"black-hole": {"missed", "met"}, "ejected": {"met", "met"}, "retried": {"met", "met"},
	} {
		assert.Equal(t, want, verdicts(results[design]), design)
	}
	errors := func(design string) result.Estimate { return results[design].Clients["users"].ErrorRatio }
	const rate, window = 320.0, 180.0
	near(t, 60/window/3, errors("unwatched"), 0.02)
	near(t, lostUntilFoundOut(rate, 5, 4, 12)/rate/window, errors("checked"), 0.1)
	assert.Greater(t, *errors("black-hole").Mean-*errors("black-hole").HalfWidth, *errors("checked").Mean+*errors("checked").HalfWidth)
	assert.InDelta(t, 4*(3+1)/rate/window, *errors("ejected").Mean, 1e-5, "three each, and one when it is tried again")
	assert.Less(t, *errors("retried").Mean, 1/50e3)

	// Twelve machines of 50 requests a second each; eight for a minute.
	up := 12*window - 4*60
	near(t, rate*window*(1-60/window/3)/50/up, results["unwatched"].Nodes["app"].Resources["cpu"].Utilization.Estimate, 0.01)
	assert.InDelta(t, 0.53, rate/50/12, 0.005)
	assert.InDelta(t, 0.80, rate/50/8, 0.005)
	assert.InDelta(t, 0.71, rate/50/9, 0.005)
	assert.Greater(t, rate/50/6, 1.0)
	p99 := *results["no-spare"].Clients["users"].LatencyS["p99"].Mean
	assert.True(t, p99 > 4 && p99 < 5, "until their users give up: %v", p99)

	f := results["checked"].Faults
	require.Len(t, f, 1)
	assert.Equal(t, "kill zone:b", f[0].What)
	assert.InDelta(t, 60+5+5.0/5, *f[0].DetectedS, 1.2, "the first of four that are uniform within an interval")
	assert.InDelta(t, 120+5+5*4.0/5, *f[0].RecoveredS, 1.2, "and the last")
}
