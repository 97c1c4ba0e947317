package node

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// noted is a law that remembers what was drawn from it.
type noted struct {
	dist.Law
	drawn *[]float64
}

func (l noted) Sample(s *sim.Stream) float64 {
	x := l.Law.Sample(s)
	*l.drawn = append(*l.drawn, x)
	return x
}

// replicatedSpec is a database of one shard that is asked by a trace: gets and
// puts that take no time.
func replicatedSpec(t *arrival.Trace, d DatabaseSpec) *Spec {
	d.Shards, d.By = 1, ByHash
	d.Access = []Access{{Kind: Read, Route: d.Access[0].Route}, {Kind: Write}}
	return &Spec{
		Zones: []string{"a"},
		Run:   Run{Duration: t.Times[len(t.Times)-1] + sim.Second, Drain: 100 * sim.Second, Replications: 1, Seed: 7},
		Nodes: []Node{
			{Name: "c", Kind: Client, Instances: 1, Client: &ClientSpec{
				Target: Target{Node: 1}, Ops: []WeightedOp{{Name: "get", Weight: 1}, {Name: "put", Weight: 1}},
				Open: arrival.TracePlan{Trace: t, Speed: 1, Load: 1},
			}},
			{Name: "db", Kind: Database, Instances: 1 + d.Replicas, Database: &d, Server: &ServerSpec{
				Cores: 1, Speed: 1, Backlog: None, Ops: []Operation{{Name: "get"}, {Name: "put"}},
			}},
		},
	}
}

// getsAndPuts is some thousand gets and puts of a few keys by a few sources.
func getsAndPuts(seed uint64, number int) *arrival.Trace {
	s, at := sim.Keyed(seed), sim.Time(0)
	trace := &arrival.Trace{}
	for range number {
		at += sim.FromNanoseconds(s.Exp() * ms)
		trace.Times = append(trace.Times, at)
		trace.Ops = append(trace.Ops, []string{"get", "put"}[s.Below(2)])
		trace.Keys = append(trace.Keys, s.Below(10))
		trace.Sources = append(trace.Sources, s.Below(7))
	}
	return trace
}

// listed is a write as the dumb implementation keeps it: when it was
// acknowledged, and when each replica had it.
type listed struct {
	key, source uint64
	acked       sim.Time
	applied     []sim.Time
}

// judgeReads looks through all writes for each read of the trace. Ship says
// when a replica has a write that is sent to it, and when its primary hears.
func judgeReads(trace *arrival.Trace, d DatabaseSpec, ship func(r int, sent sim.Time) (applied, heard sim.Time)) (stale, redirected uint64) {
	var writes []listed
	acks, turn := d.Replication.Acks(d.Replicas), 0
	for i, now := range trace.Times {
		if trace.Ops[i] == "put" {
			w := listed{key: trace.Keys[i], source: trace.Sources[i]}
			var acknowledged []sim.Time
			for r := range d.Replicas {
				applied, heard := ship(r, now)
				w.applied = append(w.applied, applied)
				acknowledged = append(acknowledged, heard)
			}
			slices.Sort(acknowledged)
			if w.acked = now; acks > 0 {
				w.acked = acknowledged[acks-1]
			}
			writes = append(writes, w)
			continue
		}
		r, newest, has := turn%d.Replicas, -1, -1
		turn++
		own := false
		for k, w := range writes {
			if w.source == trace.Sources[i] && w.applied[r] > now {
				own = true
			}
			if w.key == trace.Keys[i] && w.acked <= now {
				newest = k
			}
			if w.key == trace.Keys[i] && w.applied[r] <= now {
				has = k
			}
		}
		switch {
		case own && d.Access[0].Route == ReadOwn:
			redirected++
		case newest > has:
			stale++
		}
	}
	return stale, redirected
}

// A list of all writes, through which each read looks from the beginning,
// finds the same reads stale.
func TestEveryReadIsJudgedAsByAListOfAllWrites(t *testing.T) {
	for _, mode := range []ReplicationMode{Async, SemiSync, Quorum, Sync} {
		for _, route := range []ReadRoute{ReadReplicas, ReadOwn} {
			for replicas := 1; replicas <= 4; replicas++ {
				var lags []float64
				trace := getsAndPuts(uint64(replicas), 3000)
				d := DatabaseSpec{Replicas: replicas, Access: []Access{{Route: route}}, Replication: ReplicationSpec{
					Mode: mode, Lag: noted{dist.Exponential{MeanValue: 20 * ms}, &lags}}}
				n := NewNetwork(replicatedSpec(trace, d), 0)
				s, err := n.Run(nil)
				require.NoError(t, err)
				left := lags
				stale, redirected := judgeReads(trace, d, func(_ int, sent sim.Time) (applied, heard sim.Time) {
					at := sent + sim.FromNanoseconds(left[0])
					left = left[1:]
					return at, at
				})
				got := s.Nodes[1].Replication
				assert.Equal(t, stale, got.Stale, "%s, %s, %d replicas", mode, route, replicas)
				assert.Equal(t, redirected, got.Redirected, "%s, %s, %d replicas", mode, route, replicas)
				everywhere := d.Replication.Acks(replicas) == replicas
				assert.Equal(t, everywhere, stale == 0, "%s, %s, %d replicas: only what is not everywhere can be missed", mode, route, replicas)
				assert.Equal(t, uint64(len(lags)), got.Lag.Count())
				forgotten(t, n)
			}
		}
	}
}

// forgotten demands that nothing is kept of writes that are applied
// everywhere.
func forgotten(t *testing.T, n *Network) {
	t.Helper()
	n.advance(n.eng.Now() + 100*sim.Second)
	require.Empty(t, n.leftover())
}

// pending counts the writes that are kept.
func (rp *replication) pending() int {
	free := 0
	for w := rp.freeWrite; w != none; w = rp.writes[w].waiter {
		free++
	}
	return len(rp.writes) - free
}

// What a dead replica misses it applies when it is back, from the beginning,
// and one that hangs goes on with; a write that needs it waits so long.
func TestReplicaThatWasAwayCatchesUp(t *testing.T) {
	for _, row := range []struct {
		how    fault.Kind
		apply  dist.Law
		writes [4]sim.Time
	}{
		{fault.Kill, nil, [4]sim.Time{4, 4, 150, 140}},
		{fault.Kill, constantLawOf(3), [4]sim.Time{7, 208, 156, 149}},
		{fault.Hang, nil, [4]sim.Time{4, 4, 150, 140}},
		{fault.Hang, constantLawOf(3), [4]sim.Time{7, 207, 155, 148}},
	} {
		trace := &arrival.Trace{
			Times: []sim.Time{100 * msec, 195 * msec, 250 * msec, 260 * msec, 270 * msec},
			Ops:   []string{"put", "put", "put", "put", "get"}, Keys: []uint64{1, 2, 3, 4, 1},
		}
		spec := replicatedSpec(trace, DatabaseSpec{Replicas: 2, Access: []Access{{Route: ReadPrimary}},
			Replication: ReplicationSpec{Mode: Sync, Lag: constantLawOf(4), Apply: row.apply}})
		spec.Faults = []fault.Fault{{At: 200 * msec, For: 200 * msec, Kind: row.how, Where: []fault.Span{{Node: 1, First: 2, Count: 1}}}}
		n := NewNetwork(spec, 0)
		s, err := n.Run(nil)
		require.NoError(t, err)
		put, sum := &s.Clients[0].Ops[1], sim.Time(0)
		for _, d := range row.writes {
			sum += d * msec
		}
		assert.Equal(t, int64(slices.Max(row.writes[:])*msec), put.Latency.Max(), "%+v", row)
		assert.Equal(t, int64(slices.Min(row.writes[:])*msec), put.Latency.Min(), "%+v", row)
		assert.InDelta(t, float64(sum), put.Latency.Sum().Float64(), 0.5, "%+v", row)
		forgotten(t, n)
	}
}

// A caller who gives up does not take the write back; who cancels frees its
// worker, and the replicas have it all the same.
func TestWriteThatIsGivenUpIsWritten(t *testing.T) {
	for _, cancel := range []bool{false, true} {
		trace := &arrival.Trace{Times: []sim.Time{100 * msec, 101 * msec, 180 * msec}, Ops: []string{"put", "get", "get"}, Keys: []uint64{1, 1, 1}}
		spec := replicatedSpec(trace, DatabaseSpec{Replicas: 1, Access: []Access{{Route: ReadReplicas}},
			Replication: ReplicationSpec{Mode: Sync, Lag: constantLawOf(50)}})
		spec.Nodes[0].Client.Policy.Timeout, spec.Nodes[0].Client.Cancel = 20*msec, cancel
		n := NewNetwork(spec, 0)
		s, err := n.Run(nil)
		require.NoError(t, err)
		assert.Equal(t, uint64(1), s.Clients[0].Ops[1].Errors[TimedOut-1])
		assert.Equal(t, uint64(1), s.Nodes[1].Replication.Lag.Count(), "it is applied")
		assert.Zero(t, s.Nodes[1].Replication.Stale, "before it is acknowledged nobody can miss it")
		held := 50 * msec
		if cancel {
			held = 20 * msec
		}
		assert.Equal(t, float64(held), s.Nodes[1].InFlight.Float64(), "cancel %v", cancel)
		forgotten(t, n)
	}
}

func TestLedgerForgetsAndFinds(t *testing.T) {
	l := newLedger(3)
	s := sim.Keyed(3)
	pending := map[[2]uint64]int{}
	entry := map[[2]uint64]uint32{}
	for range 20_000 {
		k := [2]uint64{s.Below(4), s.Below(200)}
		if s.Below(2) == 0 || pending[k] == 0 {
			e := l.begin(uint32(k[0]), k[1])
			if pending[k] == 0 {
				assert.Equal(t, []uint64{0, 0, 0}, l.of(e))
				entry[k] = e
			}
			require.Equal(t, entry[k], e)
			l.of(e)[1]++
			pending[k]++
			assert.Equal(t, uint64(pending[k]), l.of(e)[1])
		} else {
			e := l.find(uint32(k[0]), k[1])
			require.Equal(t, entry[k], e)
			l.of(e)[1]--
			l.end(e)
			pending[k]--
		}
		if pending[k] == 0 {
			assert.Equal(t, uint32(none), l.find(uint32(k[0]), k[1]))
		}
	}
	alive := 0
	for _, n := range pending {
		if n > 0 {
			alive++
		}
	}
	assert.Equal(t, alive, l.used)
	assert.Greater(t, alive, 100)
}

// For a million keys nothing is kept in the long run, and nothing allocated.
func TestReplicationAllocatesNothingInTheSteadyState(t *testing.T) {
	trace := getsAndPuts(1, 40_000)
	s := sim.Keyed(9)
	for i := range trace.Keys {
		trace.Keys[i], trace.Sources[i] = s.Below(1_000_000), s.Below(1_000_000)
	}
	spec := replicatedSpec(trace, DatabaseSpec{Replicas: 3, Access: []Access{{Route: ReadOwn}},
		Replication: ReplicationSpec{Mode: Quorum, Lag: dist.Exponential{MeanValue: 30 * ms}, Apply: constantLawOf(0.1)}})
	n := NewNetwork(spec, 0)
	n.start(0)
	n.advance(20 * sim.Second)
	now := n.eng.Now()
	per := testing.AllocsPerRun(5, func() {
		now += 2 * sim.Second
		n.advance(now)
	})
	assert.Zero(t, per)
	assert.Less(t, len(n.nodes[1].replication.records.entries), 400)
}

// Applying writes is work of the replicas, on top of their reads.
func TestLoadsKnowTheWorkOfApplying(t *testing.T) {
	plan, _ := arrival.Parse("poisson 100/s", nil, 1)
	spec := replicatedSpec(&arrival.Trace{Times: []sim.Time{0}}, DatabaseSpec{Replicas: 2, Access: []Access{{Route: ReadReplicas}},
		Replication: ReplicationSpec{Apply: constantLawOf(4)}})
	spec.Nodes[0].Client.Open = plan
	spec.Nodes[1].Server.Ops[0].Steps = []Step{{Kind: StepCPU, Time: constantLawOf(6)}}
	spec.Nodes[1].Server.Ops[1].Steps = []Step{{Kind: StepCPU, Time: constantLawOf(2)}}
	l := spec.Loads()[1]
	assert.InDelta(t, 50*0.006+50*(0.002+2*0.004), l.CPU, 1e-9)
	assert.InDelta(t, 25*0.006+50*0.004, l.Hottest.CPU, 1e-9, "a replica is busier than the primary")
	assert.Equal(t, 1, l.Hottest.Instance)
	assert.False(t, l.Unsure)
	spec.Nodes[1].Database.Access[0].Route = ReadOwn
	assert.True(t, spec.Loads()[1].Unsure, "nobody knows how many go to the primary")
}
