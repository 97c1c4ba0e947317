package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/theory"
)

func indexVersusScan(t *testing.T, results map[string]*result.Result) {
	t.Helper()
	mean := func(design string) float64 { return *results[design].Clients["users"].LatencyS["mean"].Mean }
	for design, want := range map[string]string{"index": "met", "scan": "missed", "all-columns": "met", "report-by-index": "missed", "report-by-scan": "missed"} {
		assert.Equal(t, []string{want}, verdicts(results[design]), design)
	}
	// Three pages, 20 rows of 100 bytes on pages of their own and their parts of
	// a leaf; a tenth of 21.05 pages from the disk.
	const rows, fanout = 20, 368.0
	core := 3*0.8 + rows*(0.25+0.3+0.8*(1+1/fanout))
	disk := 0.1 * (1 + rows*(1+1/fanout)) * 100
	assert.InEpsilon(t, (core+disk)/1e6, mean("index"), 0.005)
	assert.InDelta(t, rows*0.9e-6, mean("all-columns")-mean("index"), 0.2e-6, "300 bytes more a row")
	assert.InDelta(t, 1.6, (core+rows*0.9)/core, 0.05)
	scan := results["scan"].Nodes["orders"].Resources
	assert.InEpsilon(t, 0.42, *scan["cpu"].ServiceS.Mean.Mean, 0.01)
	assert.InEpsilon(t, 0.61, *scan["disk"].ServiceS.Mean.Mean, 0.01)
	assert.InDelta(t, 0.61, *scan["disk"].Utilization.Mean, 0.02)
	assert.InEpsilon(t, 5.7, mean("report-by-index"), 0.01)
	assert.InEpsilon(t, 1.3, mean("report-by-scan"), 0.02)
}

func readReplicas(t *testing.T, results map[string]*result.Result) {
	t.Helper()
	for design, want := range map[string][]string{
		"primary-only": {"missed", "met"}, "two-replicas": {"met", "missed"}, "four-replicas": {"met", "missed"},
		"read-your-writes": {"met", "missed"}, "quorum": {"met", "missed"}, "sync": {"missed", "met"},
	} {
		assert.Equal(t, want, verdicts(results[design]), design)
	}
	stale := func(design string) float64 { return *results[design].Nodes["orders"].Database.StaleReadRatio.Mean }
	assert.InEpsilon(t, 1.0/45, stale("two-replicas"), 0.1)
	assert.InEpsilon(t, stale("two-replicas"), stale("four-replicas"), 0.05, "each replica is as late as before")
	assert.Zero(t, results["sync"].Nodes["orders"].Database.StaleReads)
	own := results["read-your-writes"].Nodes["orders"].Database
	assert.InEpsilon(t, 1.0/50, float64(own.Redirected)/float64(own.Reads), 0.1)
	assert.Zero(t, results["two-replicas"].Nodes["orders"].Database.Redirected)
	// The primary of two replicas writes only: it is an M/M/1.
	within(t, theory.MM1{Lambda: 820 * 0.15, Mu: 500}.ResponseMean(), results["two-replicas"].Clients["shoppers"].Ops["save"].LatencyS["mean"])
	assert.InDelta(t, 0.94, results["primary-only"].Bottleneck.Utilization, 0.005)
}
