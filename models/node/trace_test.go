package node

import (
	"cmp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/sim"
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
	batteryOf(t, 60, 30).each(t, func(seed uint64) {
		spec := madeUp(seed)
		plain, err := NewNetwork(spec, 0).Run(nil)
		require.NoError(t, err)
		s, traced := traceAll(t, spec)
		require.Equal(t, foldOf(plain), foldOf(s), "seed %d", seed)
		for _, x := range traced {
			require.Zero(t, x.Cut)
			for i := range x.Spans {
				require.NotEqual(t, "goes on", x.Spans[i].What, "a state without words")
			}
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

// leaves are the spans that contain no others.
func leaves(x *Traced) []Span {
	parents := map[int]bool{}
	for _, s := range x.Spans {
		parents[s.Parent] = true
	}
	var out []Span
	for i, s := range x.Spans {
		if !parents[i] {
			out = append(out, s)
		}
	}
	return out
}

// Of a request that does one thing after the other, what it does fills its time
// without a gap: a retry after a time-out, a balancer, a call, the network.
func TestWhatASequentialRequestDoesFillsItsTime(t *testing.T) {
	p := Policy{Timeout: 40 * sim.Millisecond, Retries: 3, Backoff: Backoff{Law: constantLawOf(3)}}
	app := server("app", ServerSpec{Concurrency: 1, Backlog: None}, cpu(10), Step{Kind: StepRepeat, ID: 3, Time: constantLawOf(2 / ms), Branches: [][]Step{{cpu(2)}}})
	spec := specFor(1, users(1, p, 0, 5, 9, 300, 301), app)
	spec.Zones = []string{"a"}
	spec.Network = &NetworkSpec{SameZone: constantLawOf(0.25), Internet: constantLawOf(1)}
	s, traced := traceAll(t, spec)
	require.Len(t, traced, 5)
	for _, x := range traced {
		for i := range x.Spans {
			one := &x.Spans[i]
			require.LessOrEqual(t, one.From, one.To)
			if one.Parent >= 0 && !x.Spans[i].GivenUp && !x.Spans[one.Parent].GivenUp {
				p := &x.Spans[one.Parent]
				require.True(t, p.From <= one.From && one.To <= p.To, "%+v in %+v", one, p)
			}
		}
	}
	last := traced[3]
	sum := sim.Time(0)
	for _, one := range leaves(last) {
		sum += one.To - one.From
	}
	assert.Equal(t, 16*sim.Millisecond, last.Took, "1 + 10 + 2 + 2 + 1 ms: nobody is in the way")
	assert.Equal(t, last.Took, sum)
	var what []string
	for _, one := range leaves(last) {
		what = append(what, one.What)
	}
	assert.Equal(t, []string{"network, there", "cpu", "cpu", "cpu", "network, back"}, what)
	assert.Equal(t, int64(35*sim.Millisecond), s.Clients[0].Ops[0].Latency.Max(), "the third waits for two, until 43 ms, and is back at 44 ms")
}

// A request that is tried again shows both attempts, what the first left behind,
// and the pause.
func TestATriedAgainRequestShowsItsAttempts(t *testing.T) {
	p := Policy{Timeout: 15 * sim.Millisecond, Retries: 1, Backoff: Backoff{Law: constantLawOf(30)}}
	_, traced := traceAll(t, specFor(1, users(1, p, 0, 1), server("web", ServerSpec{}, cpu(10))))
	x := traced[1]
	assert.Equal(t, uint64(2), x.Number)
	type row struct {
		kind     SpanKind
		what     string
		from, to float64
	}
	var rows []row
	for _, s := range x.Spans {
		rows = append(rows, row{s.Kind, s.What, float64(s.From) / ms, float64(s.To) / ms})
	}
	assert.Equal(t, []row{
		{SpanRequest, "request", 1, 56},
		{SpanVisit, "request", 1, 20},
		{SpanCall, "attempt 1", 1, 16},
		{SpanWait, "waits for a core", 1, 10},
		{SpanService, "cpu", 10, 20},
		{SpanBackoff, "backs off", 16, 46},
		{SpanVisit, "request", 46, 56},
		{SpanCall, "attempt 2", 46, 56},
		{SpanService, "cpu", 46, 56},
	}, rows)
	assert.True(t, x.Spans[1].GivenUp)
	assert.False(t, x.Spans[1].Booked)
	assert.Equal(t, TimedOut, x.Spans[2].Status)
	assert.True(t, x.Spans[6].Booked)
	assert.Equal(t, 2, x.Spans[1].Parent, "the visit belongs to its attempt")
}

// The requests that a run chooses are those that a look at all of them finds.
func TestTheChosenRequestsAreTheSlowest(t *testing.T) {
	spec := madeUp(7)
	_, all := traceAll(t, spec)
	n := NewNetwork(spec, 0)
	n.Choose(Choice{Slowest: 5, Failed: 3, Sample: 7})
	s, err := n.Run(nil)
	require.NoError(t, err)
	again := NewNetwork(spec, 0)
	again.Trace(s.Chosen)
	_, err = again.Run(nil)
	require.NoError(t, err)
	traced := again.Traced()
	for i := range s.Clients {
		var ok, bad []*Traced
		for _, x := range all {
			switch {
			case x.Client != i || !x.Ended:
			case x.Status == OK:
				ok = append(ok, x)
			default:
				bad = append(bad, x)
			}
		}
		longest := func(a, b *Traced) int {
			return cmp.Or(cmp.Compare(b.Took, a.Took), cmp.Compare(a.Due, b.Due), cmp.Compare(a.seed, b.seed))
		}
		slices.SortFunc(ok, longest)
		slices.SortFunc(bad, longest)
		want := map[uint64]Reason{}
		for _, x := range ok[:min(5, len(ok))] {
			want[x.Number] |= IsSlowest
		}
		for _, x := range bad[:min(3, len(bad))] {
			want[x.Number] |= IsFailed
		}
		got, sample := map[uint64]Reason{}, 0
		for _, x := range traced {
			if x.Client != i {
				continue
			}
			assert.True(t, x.Again())
			if x.Why&IsSample != 0 {
				sample++
			}
			if why := x.Why &^ IsSample; why != 0 {
				got[x.Number] = why
			}
		}
		assert.Equal(t, want, got)
		assert.Equal(t, min(7, len(ok)+len(bad)), sample)
	}
	assert.Greater(t, len(traced), 10)
}

// A request that does too much is cut short, and says so.
func TestARequestOfManySpansIsCut(t *testing.T) {
	rounds := Step{Kind: StepRepeat, ID: 3, Time: constantLawOf(30_000 / ms), Branches: [][]Step{{cpu(0.001)}}}
	_, traced := traceAll(t, specFor(1, users(1, Policy{}, 0), server("web", ServerSpec{}, rounds)))
	require.Len(t, traced, 1)
	assert.Len(t, traced[0].Spans, mostSpans)
	assert.NotZero(t, traced[0].Cut)
	assert.True(t, traced[0].Ended)
}
