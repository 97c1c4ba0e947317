package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/internal/result"
)

func init() { claims["flash-crowd-autoscale"] = flashCrowd }

func flashCrowd(t *testing.T, results map[string]*result.Result) {
	for design, want := range map[string]string{"three-servers": "missed", "ten-servers": "met", "by-cpu": "missed", "by-requests": "missed", "scheduled": "met"} {
		assert.Equal(t, []string{"met", want}, verdicts(results[design]), design)
	}
	// Of 150/s for 15 minutes and 600/s for 5 all are lost beyond the 300/s that
	// three servers can do, for as long as it takes.
	all := 150.0*900 + 600*300
	lost := func(design string) float64 { return *results[design].Clients["visitors"].ErrorRatio.Mean * all }
	assert.InEpsilon(t, 300.0*300, lost("three-servers"), 0.02)
	assert.InEpsilon(t, 300.0*(15+60), lost("by-requests"), 0.02, "a look, and a boot")
	assert.Zero(t, lost("ten-servers")+lost("scheduled"))
	// By cpu 3 servers become 5, after a look and a boot; after another look at
	// the five, all of it with them, 9, after another boot.
	assert.InEpsilon(t, 300.0*(15+60)+100*(15+60), lost("by-cpu"), 0.02)

	// The schedule holds from 19:58 to the second look after 20:05.
	scheduled := results["scheduled"].Nodes["web"]
	assert.InDelta(t, (10*435+3*765)/1200.0, *scheduled.Instances.Mean, 0.002)
	assert.InDelta(t, 0.55, *scheduled.Instances.Mean/10, 0.01, "just over half of the fleet")
	assert.InDelta(t, *scheduled.Instances.Mean-7*60/1200.0, *scheduled.Fleet.InService.Mean, 0.002, "seven boot for a minute")
	assert.Less(t, *results["by-requests"].Nodes["web"].Instances.Mean, *scheduled.Instances.Mean)
}
