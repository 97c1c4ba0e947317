package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

func rollingVersusInPlace(t *testing.T, results map[string]*result.Result) {
	for design, want := range map[string][]string{
		"one-at-a-time": {"met", "met"}, "two-at-a-time": {"missed", "met"}, "in-place": {"missed", "met"}, "blue-green": {"met", "met"},
	} {
		assert.Equal(t, want, verdicts(results[design]), design)
	}
	deploy := func(design string) *result.Deploy {
		require.Len(t, results[design].Deploys, 1)
		return &results[design].Deploys[0]
	}
	assert.Zero(t, deploy("one-at-a-time").FailedRequests)
	assert.Zero(t, deploy("blue-green").FailedRequests)
	assert.Greater(t, deploy("two-at-a-time").FailedRequests, uint64(5*1000))
	// Four times the boot, and the ends of what was there; once the boot.
	assert.InDelta(t, 180+4*90, *deploy("one-at-a-time").FinishedS, 5)
	assert.InDelta(t, 180+90, *deploy("in-place").FinishedS, 1)
	assert.InEpsilon(t, 5*140*90, float64(deploy("in-place").FailedRequests), 0.01, "all that come meanwhile")
	assert.InDelta(t, 4, *results["one-at-a-time"].Nodes["app"].Instances.Mean, 1e-9)
	assert.InDelta(t, 4+4*90.0/900, *results["blue-green"].Nodes["app"].Instances.Mean, 0.005)
}
