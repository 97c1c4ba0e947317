package main

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

// soaked is what capsim soak tells of a topology of the gallery.
func soaked(t *testing.T, name, duration string) *result.Soak {
	t.Helper()
	_, document := capsim(t, "soak", filepath.Join(galleryDir, name+".toml"), "--duration", duration, "--out", "-", "--format", "json", "--quiet")
	s := &result.Soak{}
	require.NoError(t, json.Unmarshal([]byte(document), s))
	return s
}

func soakMemoryLeak(t *testing.T, results map[string]*result.Result) {
	r := results[""]
	assert.Equal(t, []string{"met", "met"}, verdicts(r))
	assert.Zero(t, r.Nodes["app"].MemoryKills)
	for _, w := range r.Warnings {
		t.Error(w) // a short run sees nothing
	}

	// 20/s · 2 kB fill 2 GB − 600 MB. What requests inside hold is some MB.
	const full = 1.4e9 / 40e3
	coming := soaked(t, "soak-memory-leak", "1h")
	g := coming.Gives
	require.NotNil(t, g)
	assert.Equal(t, "app", g.Subject)
	assert.Equal(t, "memory full", g.What)
	assert.False(t, g.Seen)
	assert.InEpsilon(t, full, g.AtS, 0.01)
	assert.InEpsilon(t, full, *g.EarliestS, 0.01)
	assert.InEpsilon(t, full, *g.LatestS, 0.01, "it is told narrowly")
	for _, trend := range coming.Trends {
		assert.Equal(t, trend.Metric == "memory_bytes", trend.Drifts, "%s %s", trend.Subject, trend.Metric)
		if trend.Drifts {
			assert.InEpsilon(t, 2*144e6, *trend.PerHour, 0.01)
		}
	}

	seen := soaked(t, "soak-memory-leak", "24h")
	require.NotNil(t, seen.Gives)
	assert.True(t, seen.Gives.Seen)
	assert.InEpsilon(t, full, seen.Gives.AtS, 0.01)
	assert.InEpsilon(t, seen.Gives.AtS, g.AtS, 0.005, "the first hour has told")
	assert.EqualValues(t, 4, seen.Result.Nodes["app"].MemoryKills, "each instance twice")
}
