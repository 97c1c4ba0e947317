package study

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// The write outage of a fault that comes once is the longest of its shards', of
// one that comes by chance the mean of all that it brought about.
func TestTheWriteOutageOfARandomFaultIsTheMean(t *testing.T) {
	spec := &node.Spec{Nodes: []node.Node{{Name: "orders", Kind: node.Database, Database: &node.DatabaseSpec{}}}}
	spec.Faults = slices.Grow(spec.Faults, 2)[:2]
	for k := range spec.Faults {
		spec.Faults[k].Where = slices.Grow(spec.Faults[k].Where, 1)[:1]
	}
	spec.Faults[1].MTTF = sim.Second
	run := func(outages uint64, sum, longest sim.Time, lost uint64) *node.Snapshot {
		o := node.OutageStats{Outages: outages, Outage: sum * sim.Second, Longest: longest * sim.Second, Lost: lost}
		return &node.Snapshot{Faults: []node.FaultStats{{OutageStats: o}, {OutageStats: o}}}
	}
	f := &figures{spec: spec, snaps: []*node.Snapshot{run(3, 12, 9, 4), run(1, 8, 8, 2)}}
	for k, want := range []float64{8.5, 5} {
		var one result.Fault
		f.outage(&one, k)
		require.NotNil(t, one.RTOS)
		assert.InDelta(t, want, *one.RTOS, 1e-12)
		assert.InDelta(t, 3, *one.RPOWrites, 1e-12)
	}
}
