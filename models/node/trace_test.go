package node

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/stats"
)

// traceAll runs a replication in which every counted request is traced.
func traceAll(t *testing.T, spec *Spec) (*Snapshot, []*Traced) {
	t.Helper()
	n := NewNetwork(spec, 0)
	n.Trace(nil)
	n.tracer.all = true
	s, err := n.Run(nil)
	require.NoError(t, err)
	return s, n.Traced()
}

// booked adds up what the spans of answered visits say of where time went.
func booked(spec *Spec, s *Snapshot, traced []*Traced) [][]OpStats {
	out := make([][]OpStats, len(s.Clients))
	for i := range out {
		out[i] = make([]OpStats, len(s.Clients[i].Ops))
		for k := range out[i] {
			out[i][k].Spent = make([]Spent, len(spec.Nodes))
		}
	}
	for _, x := range traced {
		o := &out[x.Client][x.Op]
		if x.Ended && x.Status == OK {
			o.OK++
			o.Latency.Record(int64(x.Took))
		}
		for i := range x.Spans {
			one := &x.Spans[i]
			if one.Parent < 0 || !x.Spans[one.Parent].Booked {
				continue
			}
			took := uint64(one.To - one.From)
			switch one.Kind {
			case SpanWait:
				o.Spent[one.Node].Wait.Add(took)
			case SpanService:
				o.Spent[one.Node].Service.Add(took)
			case SpanNetwork:
				if x.Spans[one.Parent].Kind == SpanVisit {
					o.Network.Add(took)
				}
			}
		}
	}
	return out
}

// What the spans add up to is what the run itself has booked, to the
// nanosecond, and watching changes nothing.
func TestSpansAreTheTimeThatTheRunBooks(t *testing.T) {
	spent, network := 0.0, 0.0
	batteryOf(t, 200, 30).each(t, func(seed uint64) {
		spec := madeUp(seed)
		plain, err := NewNetwork(spec, 0).Run(nil)
		require.NoError(t, err)
		s, traced := traceAll(t, spec)
		require.Equal(t, foldOf(plain), foldOf(s), "seed %d", seed)
		for _, x := range traced {
			require.Zero(t, x.Cut)
		}
		for i, ops := range booked(spec, s, traced) {
			for k := range ops {
				o, want := &ops[k], &s.Clients[i].Ops[k]
				require.Equal(t, want.OK, o.OK)
				require.Equal(t, want.Latency.Sum(), o.Latency.Sum())
				require.Equal(t, want.Latency.Max(), o.Latency.Max())
				require.Equal(t, want.Network, o.Network, "seed %d: network", seed)
				for at := range spec.Nodes {
					require.Equal(t, want.SpentAt(at), o.Spent[at], "seed %d, client %d at %s", seed, i, spec.Nodes[at].Name)
					spent += o.Spent[at].Service.Float64()
				}
				network += o.Network.Float64()
			}
		}
	})
	assert.Greater(t, spent, 1e9)
	assert.Greater(t, network, 1e9)
}

func foldOf(s *Snapshot) string {
	print := sim.NewFingerprint()
	s.Fold(print)
	return print.String()
}

// Of a request that does one thing after the other, what it does fills its time
// without a gap.
func TestWhatASequentialRequestDoesFillsItsTime(t *testing.T) {
	_ = stats.Sum128{}
}
