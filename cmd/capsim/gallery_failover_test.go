package main

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

func primaryFailover(t *testing.T, results map[string]*result.Result) {
	for design, want := range map[string][]string{
		"async": {"missed", "met", "met"}, "semi-sync": {"met", "met", "met"}, "sync": {"met", "missed", "met"},
		"pair": {"missed", "met", "met"}, "no-failover": {"met", "met", "missed"}, "quick": {"missed", "met", "met"},
	} {
		assert.Equal(t, want, verdicts(results[design]), design)
	}
	// The shorter and the longer of two lognormal lags of mean m and cv 1:
	// 2mΦ(−σ/√2), and 2m less that.
	const lag, writes, window = 0.030, 200.0, 120.0
	shorter := 2 * lag * math.Erfc(math.Sqrt(math.Ln2)/2) / 2
	longer := 2*lag - shorter
	assert.InDelta(t, 0.017, shorter, 0.0005)
	assert.InDelta(t, 0.043, longer, 0.0005)
	for design, lost := range map[string]float64{"async": writes * shorter, "quick": writes * shorter, "pair": writes * lag} {
		f := results[design].Faults
		require.Len(t, f, 1)
		assert.InDelta(t, lost, *f[0].RPOWrites, 4*math.Sqrt(lost/10), design)
		assert.EqualValues(t, 10, results[design].Nodes["orders"].Database.Failovers, design)
	}
	mean := func(design string) float64 {
		return *results[design].Clients["shoppers"].Ops["place"].LatencyS["mean"].Mean
	}
	// For half a minute, until the old primary is back, one lag is all there is.
	with, alone := 30.0+30, 30.0
	assert.InDelta(t, (shorter*with+lag*alone)/(with+alone), mean("semi-sync")-mean("async"), 0.0005)
	assert.InDelta(t, (longer*with+lag*alone)/(with+alone), mean("sync")-mean("async"), 0.001)
	for design, outage := range map[string]float64{"async": 30, "semi-sync": 30, "sync": 30, "pair": 30, "no-failover": 60, "quick": 5} {
		r := results[design]
		require.NotNil(t, r.Faults[0].RTOS, design)
		assert.InDelta(t, outage, *r.Faults[0].RTOS, 1e-9, design)
		near(t, 0.4*outage/window, r.Clients["shoppers"].ErrorRatio, 0.05)
	}
	assert.Zero(t, results["no-failover"].Nodes["orders"].Database.Failovers)
}
