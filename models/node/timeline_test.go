package node

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/sim"
)

// demands are objectives of a client of all kinds that a timeline keeps.
func demands(client int) []Objective {
	return []Objective{
		{Node: client, Metric: "mean", Compare: "<", Value: 0.01},
		{Node: client, Metric: "p90", Quantile: 0.9, Compare: "<", Value: 0.02},
		{Node: client, Metric: "max", Compare: "<=", Value: 0.03},
		{Node: client, Metric: "errors", Compare: "<", Value: 0.01},
		{Node: client, Metric: "availability", Compare: ">", Value: 0.9},
		{Node: client, Metric: "within", Within: 15 * msec, Compare: ">=", Value: 0.9},
		{Node: client, Metric: "throughput", Compare: ">", Value: 10},
		{Node: client, Metric: "mean", Compare: ">", Value: 0.01}, // bounds nothing that is suffered
		{Node: client, Metric: "recovery", Compare: "<", Value: 10},
	}
}

// A timeline changes nothing that is counted elsewhere, and adds up to it.
func TestTimelinesAddUpToTheRunAndChangeNothing(t *testing.T) {
	kept, bad := uint64(0), uint64(0)
	for seed := range uint64(100) {
		spec := madeUp(seed)
		client := -1
		for i := range spec.Nodes {
			if spec.Nodes[i].Kind == Client {
				client = i
				spec.Objectives = append(spec.Objectives, demands(i)...)
			}
		}
		require.GreaterOrEqual(t, client, 0)
		var prints []string
		for _, keeps := range []bool{false, true} {
			spec.Timeline = keeps
			s, err := NewNetwork(spec, 0).Run(nil)
			require.NoError(t, err, "seed %d", seed)
			print := sim.NewFingerprint()
			s.Fold(print)
			prints = append(prints, print.String())
			for c := range s.Clients {
				tl := s.Clients[c].Timeline
				require.Equal(t, keeps, tl != nil)
				if !keeps {
					continue
				}
				require.Len(t, tl.Goals, 7)
				o := &s.Clients[c].Ops[0]
				require.Len(t, s.Clients[c].Ops, 1)
				var sum Cell
				offered, of, count := uint64(0), [7]uint64{}, [7]uint64{}
				for i, cell := range tl.Cells {
					offered += uint64(cell.Offered)
					sum.OK += cell.OK
					sum.Latency += cell.Latency
					for k := range tl.Goals {
						of[k] += uint64(tl.Goals[k].Of[i])
						count[k] += tl.Goals[k].Count[i]
					}
				}
				failed := uint64(0)
				for _, e := range o.Errors {
					failed += e
				}
				assert.Equal(t, o.Offered, offered)
				assert.Equal(t, o.OK, uint64(sum.OK))
				assert.InDelta(t, o.Latency.Sum().Float64(), float64(sum.Latency), 0.5)
				assert.Equal(t, [7]uint64{o.OK, o.OK, o.OK, o.Offered, o.Offered, o.Offered, 0}, of, "seed %d", seed)
				assert.Equal(t, [7]uint64{sum.Latency, count[1], count[2], failed, o.OK, o.Within[0], o.Answered}, count, "seed %d", seed)
				assert.GreaterOrEqual(t, count[1], count[2], "more are slower than 20 ms than than 30")
				kept, bad = kept+o.OK, bad+count[1]
			}
		}
		assert.Equal(t, prints[0], prints[1], "seed %d", seed)
	}
	assert.Greater(t, kept, uint64(1000))
	assert.Greater(t, bad, uint64(100))
}
