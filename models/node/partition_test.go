package node

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// one is an instance of a node.
func one(node, instance int) []fault.Span {
	return []fault.Span{{Node: node, First: instance, Count: 1}}
}

// parted makes a partition, in milliseconds; length 0 is to the end.
func parted(a, b []fault.Span, at, length float64) fault.Fault {
	f := strikes(fault.Partition, 0, 0, at, length)
	f.Sides = [2][]fault.Span{a, b}
	f.Where = slices.Concat(a, b)
	return f
}

// standing lists what stands in a zone, of some kinds of node or of all.
func standing(spec *Spec, zone int, kinds ...Kind) []fault.Span {
	var out []fault.Span
	for i := range spec.Nodes {
		n := &spec.Nodes[i]
		for k := range max(1, n.Instances) {
			if n.Zone(k) == zone && (kinds == nil || slices.Contains(kinds, n.Kind)) {
				out = append(out, fault.Span{Node: i, First: k, Count: 1})
			}
		}
	}
	return out
}

// parts runs a second of a system that is parted.
func parts(t *testing.T, spec *Spec, faults ...fault.Fault) *Snapshot {
	t.Helper()
	spec.Faults = faults
	n := NewNetwork(spec, 0)
	s, err := n.Run(nil)
	require.NoError(t, err)
	n.advance(n.eng.Now() + 100*sim.Second)
	for i := range n.probers {
		n.stopProber(n.probers[i].frame)
	}
	require.Empty(t, n.leftover())
	return s
}

func TestAPartitionSwallowsWhatIsSentWhileItLasts(t *testing.T) {
	// Work of 10 ms on many cores, a time-out of 30 ms, parted from 5 to 25 ms.
	// No network: what is asked for at 0 is answered at 10, into the void; what
	// is asked for at 12 gets nowhere; what is asked for at 25 does. With 2 ms on
	// the way, 4 is sent before and arrives at 6, but its answer of 16 is lost;
	// that of 14 comes too early, of 23 is sent at 25, when it is over.
	for _, row := range []struct {
		way          float64
		at           []float64
		ok, arrivals uint64
	}{
		{0, []float64{0, 12, 25, 40}, 2, 3},
		{2, []float64{4, 14, 25, 40}, 2, 3},
		{2, []float64{-8 + 12, 3}, 0, 2},
	} {
		spec := specFor(1, users(1, Policy{Timeout: 30 * msec}, row.at...), server("web", ServerSpec{Cores: 9}, cpu(10)))
		if row.way > 0 {
			spec.Network = &NetworkSpec{Internet: constantLawOf(row.way)}
		}
		s := parts(t, spec, parted(one(0, 0), one(1, 0), 5, 20))
		late := uint64(len(row.at)) - row.ok
		assert.Equal(t, [4]uint64{row.ok, late, 0, 0}, ends(s, 0), "%+v", row)
		assert.Equal(t, row.arrivals, s.Nodes[1].Arrivals, "%+v", row)
		assert.Equal(t, row.arrivals, s.Nodes[1].Completions, "what arrives is done")
		assert.Equal(t, 25*msec, s.Faults[0].Recovered)
	}
	// What is sent at 12 is there at 14, when it has been parted for a millisecond.
	spec := specFor(1, users(1, Policy{Timeout: 30 * msec}, 0), server("web", ServerSpec{}, cpu(10)))
	spec.Network = &NetworkSpec{Internet: constantLawOf(2)}
	s := parts(t, spec, parted(one(1, 0), one(0, 0), 13, 20))
	assert.Equal(t, [4]uint64{1, 0, 0, 0}, ends(s, 0))
	assert.InDelta(t, 14*ms, float64(s.Clients[0].Ops[0].Latency.Max()), 0)
}

func TestWithoutATimeOutWhatAPartitionSwallowsIsNeverOver(t *testing.T) {
	spec := specFor(1, users(1, Policy{}, 0, 7, 60), server("web", ServerSpec{}, cpu(10)))
	spec.Faults = []fault.Fault{parted(one(0, 0), one(1, 0), 5, 20)}
	s, err := NewNetwork(spec, 0).Run(nil)
	require.NoError(t, err)
	assert.Equal(t, [4]uint64{1, 0, 0, 0}, ends(s, 0))
	assert.Equal(t, uint64(2), s.Clients[0].Ops[0].Unfinished)
}

// Who stands on neither side reaches both, and two partitions that overlap
// part until the second ends.
func TestAPartitionPartsItsSidesAndNobodyElse(t *testing.T) {
	at := []float64{10, 20, 30, 40}
	other := users(2, Policy{Timeout: 5 * msec}, at...)
	other.Name = "zother"
	spec := specFor(1, users(1, Policy{Timeout: 5 * msec}, at...), server("web", ServerSpec{}, asks(2, Policy{Timeout: 3 * msec, Retries: 1})), server("zdb", ServerSpec{}, cpu(1)), other)
	s := parts(t, spec, parted(one(1, 0), one(2, 0), 5, 20), parted(one(2, 0), one(1, 0), 15, 20))
	assert.Equal(t, [4]uint64{1, 3, 0, 0}, ends(s, 0))
	assert.Equal(t, [4]uint64{4, 0, 0, 0}, ends(s, 1))
	assert.Equal(t, []sim.Time{25 * msec, 35 * msec}, []sim.Time{s.Faults[0].Recovered, s.Faults[1].Recovered})
}

// Probes do not get through either: a balancer that looks after its targets
// finds out who is on the other side, and nobody else.
func TestHealthChecksAndEjectionsFindOutAPartition(t *testing.T) {
	var at []float64
	for k := range 400 {
		at = append(at, float64(k)*2)
	}
	looks := HealthSpec{Interval: 10 * msec, Timeout: 10 * msec, Unhealthy: 2, Healthy: 2, HTTP: true}
	for name, b := range map[string]Node{"tcp": checked(looks, 1), "http": checked(looks, 1), "ejects": lb("round-robin", 1)} {
		if b.Balancer.Health == nil {
			b.Balancer.Ejects, b.Balancer.Attempts = &EjectionSpec{Consecutive: 2, For: 20 * msec}, Policy{Timeout: 10 * msec}
		} else {
			b.Balancer.Health.HTTP = name == "http"
		}
		b.Zones = []int{0}
		spec := specFor(1, users(2, Policy{Timeout: 40 * msec}, at...), in(spread(server("app", ServerSpec{Concurrency: 9}, cpu(0.1)), 4), 0, 1), b)
		spec.Zones = []string{"a", "b"}
		s := parts(t, spec, parted(standing(spec, 0), standing(spec, 1), 200, 300))
		f := s.Faults[0]
		assert.InDelta(t, float64(220*msec), float64(f.Detected), float64(21*msec), name)
		assert.InDelta(t, float64(520*msec), float64(f.Recovered), float64(21*msec), name)
		lost := ends(s, 0)[1]
		if name == "ejects" {
			// Two of each at first; and then one of each every 30 ms.
			assert.InDelta(t, 4+2*300/30, lost, 3, name)
			assert.Equal(t, lost, endings(s, 0)[TimedOut])
		} else {
			// Half of the requests until then: one in 4 ms.
			assert.InDelta(t, float64(f.Detected-200*msec)/float64(4*msec), float64(lost), 3, name)
		}
		assert.Greater(t, s.Nodes[1].Instances[0].Arrivals, s.Nodes[1].Instances[1].Arrivals, name)
	}
}

// A partition between others is none of a balancer's business, even if it
// loses a target of which one of them is.
func TestWhatABalancerFindsOutIsItsOwnPartition(t *testing.T) {
	b := checked(HealthSpec{Interval: 10 * msec, Timeout: 10 * msec, Unhealthy: 1, Healthy: 1}, 1)
	spec := specFor(1, users(2, Policy{Timeout: 40 * msec}, 1), spread(server("app", ServerSpec{}, cpu(1)), 2), b, server("zdb", ServerSpec{}, cpu(1)))
	s := parts(t, spec, strikes(fault.Kill, 1, 0, 100, 300), parted(one(1, 0), one(3, 0), 90, 100))
	assert.Less(t, s.Faults[0].Detected, 121*msec)
	assert.Equal(t, sim.Never, s.Faults[1].Detected)
	assert.Equal(t, 190*msec, s.Faults[1].Recovered, "though the target is dead")
}

func TestACacheOnTheOtherSideIsAMissAndGetsNothing(t *testing.T) {
	// A miss costs 1 + 5 ms; during the partition 3 ms of time-out and 5 ms.
	app := server("app", ServerSpec{}, looksUp(Policy{Timeout: 3 * msec}, pause(5)))
	spec := specFor(1, about(users(1, Policy{}, 0, 20, 40, 60), 7, 8, 7, 8), app, keeping(CacheSpec{Capacity: 10}))
	s := parts(t, spec, parted(one(1, 0), one(2, 0), 10, 20))
	assert.Equal(t, [3]uint64{1, 3, 0}, lookUps(s, 2))
	sum, _ := latencies(s, 0)
	assert.InDelta(t, 6+8+1+6, sum, 0, "8 could not be entered")
}

// deliveries of a queue to the other side are swallowed, and so are the
// answers: they come back at the visibility time-out, or when it is over.
func TestQueuesDeliverAgainWhatAPartitionSwallowed(t *testing.T) {
	for _, row := range []struct {
		visibility sim.Time
		fates      [7]uint64
		total      float64 // of both messages
	}{
		// The first is delivered at 0 and worked on until 10, in vain, and again
		// at 50; the second, which finds no room before, at 60.
		{0, [7]uint64{2, 3, 1, 2}, 60 + 50},
		// The first is sent at 15, 30 and 45 too.
		{15 * msec, [7]uint64{2, 6, 4, 2}, 60 + 50},
	} {
		spec := specFor(1, users(1, Policy{}, 0, 20), mail(2, QueueSpec{Visibility: row.visibility}), worker(10))
		s := parts(t, spec, parted(one(1, 0), one(2, 0), 5, 45))
		assert.Equal(t, row.fates, fates(s, 1), "%v", row.visibility)
		assert.InDelta(t, row.total*ms, s.Nodes[1].Queue.Total.Sum().Float64(), 0, "%v", row.visibility)
	}
}

func TestPublishersOnTheOtherSideTimeOut(t *testing.T) {
	spec := specFor(1, users(1, Policy{Timeout: 10 * msec}, 0, 20, 60), mail(2, QueueSpec{}), worker(10))
	s := parts(t, spec, parted(one(1, 0), one(0, 0), 5, 45))
	assert.Equal(t, [4]uint64{2, 1, 0, 0}, ends(s, 0))
	assert.Equal(t, [7]uint64{2, 2, 0, 2}, fates(s, 1))
}

func TestTransactionsNeedBothPhasesOnEveryShard(t *testing.T) {
	// Prepare and commit take 10 ms each; parted from the second shard.
	for _, row := range []struct {
		at     float64
		served []uint64 // by each shard
	}{
		{-1, []uint64{2, 2}},
		{0, []uint64{1, 0}},  // the first prepares alone
		{15, []uint64{2, 2}}, // both commit, but nobody hears of it
	} {
		spec := specFor(1, users(1, Policy{Timeout: 50 * msec}, 0), holds(DatabaseSpec{Shards: 2}, Access{Kind: Transaction, Shards: 2}, cpu(10)))
		spec.Nodes[0].Client.Ops[0].Name = "request"
		faults := []fault.Fault{parted(one(0, 0), one(1, 1), row.at, 100)}
		if row.at < 0 {
			faults = nil
		}
		s := parts(t, spec, faults...)
		assert.Equal(t, row.at < 0, ends(s, 0)[0] == 1, "%+v", row)
		assert.Equal(t, row.served, arrivals(s, 1), "%+v", row)
	}
}

// Replicas on the other side get what they have missed when it is over, each
// write after its lag; the primary learns then of what they have.
func TestReplicasCatchUpAfterAPartition(t *testing.T) {
	// Parted from 200 to 300 ms from the first replica; a lag of 20 ms. Writes at
	// 150, 190 (applied at 210, which the primary does not hear of), 220 and 350.
	for _, row := range []struct {
		mode   ReplicationMode
		writes [4]float64
	}{
		{Async, [4]float64{0, 0, 0, 0}},
		{SemiSync, [4]float64{20, 20, 20, 20}},
		{Quorum, [4]float64{20, 20, 20, 20}},
		{Sync, [4]float64{20, 110, 100, 20}},
	} {
		trace := &arrival.Trace{
			Times: []sim.Time{150 * msec, 190 * msec, 220 * msec, 225 * msec, 245 * msec, 246 * msec, 310 * msec, 311 * msec, 350 * msec, 400 * msec, 401 * msec},
			Ops:   []string{"put", "put", "put", "get", "get", "get", "get", "get", "put", "get", "get"},
			Keys:  []uint64{1, 2, 3, 2, 3, 3, 3, 3, 4, 3, 3},
		}
		spec := replicatedSpec(trace, DatabaseSpec{Replicas: 2, Access: []Access{{Route: ReadReplicas}}, Replication: ReplicationSpec{Mode: row.mode, Lag: constantLawOf(20)}})
		s := parts(t, spec, parted(one(1, 0), one(1, 1), 200, 100))
		put, r := &s.Clients[0].Ops[1], s.Nodes[1].Replication
		sum := 0.0
		for _, d := range row.writes {
			sum += d
		}
		assert.InDelta(t, sum*ms, put.Latency.Sum().Float64(), 0, row.mode)
		assert.InDelta(t, slices.Max(row.writes[:])*ms, float64(put.Latency.Max()), 1, row.mode)
		assert.InDelta(t, 100*ms, float64(r.Lag.Max()), 1, "it is there at 320")
		assert.InDelta(t, (7*20+100)*ms, r.Lag.Sum().Float64(), 0, row.mode)
		// The reads at 245 or 246 and 310 or 311 at the first replica miss 3, if
		// it has been acknowledged; what is asked of 2 at 225 is there.
		stale := uint64(2)
		if row.mode == Sync {
			stale = 0
		}
		assert.Equal(t, stale, r.Stale, row.mode)
	}
}

// A list of all writes, through which each read looks from the beginning,
// finds the same reads stale across a partition.
func TestReadsDuringAPartitionAreJudgedAsByAListOfAllWrites(t *testing.T) {
	const begins, ends = 700 * msec, 1700 * msec
	for _, mode := range []ReplicationMode{Async, SemiSync, Quorum, Sync} {
		for replicas := 1; replicas <= 4; replicas++ {
			trace := getsAndPuts(uint64(replicas), 3000)
			d := DatabaseSpec{Replicas: replicas, Access: []Access{{Route: ReadReplicas}}, Replication: ReplicationSpec{Mode: mode, Lag: constantLawOf(20)}}
			s := parts(t, replicatedSpec(trace, d), parted(one(1, 0), one(1, 1), begins.Seconds()*1e3, (ends-begins).Seconds()*1e3))
			stale, _ := judgeReads(trace, d, func(r int, sent sim.Time) (applied, heard sim.Time) {
				cut := func(t sim.Time) bool { return r == 0 && t >= begins && t < ends }
				if cut(sent) {
					sent = ends
				}
				applied, heard = sent+20*msec, sent+20*msec
				if cut(heard) {
					heard = ends
				}
				return applied, heard
			})
			assert.Equal(t, stale, s.Nodes[1].Replication.Stale, "%s, %d replicas", mode, replicas)
			if mode != Sync && !(mode == SemiSync && replicas == 1) && !(mode == Quorum && replicas == 1) {
				assert.Greater(t, stale, uint64(100), "%s, %d replicas", mode, replicas)
			}
		}
	}
}

// Where nothing parts anybody who talks to each other, nothing changes; and a
// partition that never begins leaves all as it was.
func TestAPartitionOfStrangersChangesNothing(t *testing.T) {
	checked := 0
	for seed := range uint64(60) {
		print := func(at float64) string {
			spec := madeUp(seed)
			w := slices.IndexFunc(spec.Nodes, func(n Node) bool { return n.Name == "w" })
			spec.Faults = nil
			if at >= 0 {
				spec.Faults = []fault.Fault{parted(one(w, 0), one(w+1, 0), at, 100)}
			}
			s, err := NewNetwork(spec, 0).Run(nil)
			require.NoError(t, err)
			if at < 1000 {
				s.Events, s.Faults = 0, nil // it begins and ends
			}
			print := sim.NewFingerprint()
			s.Fold(print)
			return fmt.Sprint(print.String(), spec.Network != nil)
		}
		before := print(-1)
		require.Equal(t, before, print(300), "seed %d", seed)
		checked++
	}
	assert.Equal(t, 60, checked)
	never := func(faults ...fault.Fault) string {
		spec := madeUp(6)
		spec.Faults = faults
		s, err := NewNetwork(spec, 0).Run(nil)
		require.NoError(t, err)
		s.Faults = nil
		print := sim.NewFingerprint()
		s.Fold(print)
		return print.String()
	}
	assert.Equal(t, never(), never(parted(one(0, 0), one(1, 0), 1000, 100)))
}

// Two zones at a known load: when one of them dies, half of the requests are
// lost until the balancer has found out, and the other has twice as much to
// do. (Share of the requests × time to detection: ORACLES.md, family A8.)
func TestAZoneOutageLosesItsShareUntilItIsFoundOut(t *testing.T) {
	for _, silent := range []bool{false, true} {
		spec := checkedPool(Node{}, 10, ServerSpec{Cores: 2}, cpu(0.9))
		b := checked(HealthSpec{Interval: sim.Second, Timeout: 500 * msec, Unhealthy: 2, Healthy: 1, HTTP: true}, 1)
		spec.Zones = []string{"a", "b"}
		spec.Nodes[2] = in(b, 0)
		spec.Nodes[1] = in(spread(spec.Nodes[1], 4), 0, 1)
		spec.Nodes[0].Client.Policy.Timeout = 100 * msec
		f := fault.Fault{Kind: fault.Kill, Silent: silent, At: 2 * sim.Second, For: 5 * sim.Second, Where: standing(spec, 1, Server)}
		require.Len(t, f.Where, 2)
		s := parts(t, spec, f)
		// Each of the two is found out by itself, at its own time; until then it
		// gets a quarter of the requests, or a third once the other is out.
		lost := endings(s, 0)[Unavailable] + endings(s, 0)[TimedOut]
		first := s.Faults[0].Detected - f.At
		least, most := 1*sim.Second, 2*sim.Second
		if silent {
			least, most = 1500*msec, 3*sim.Second
		}
		assert.GreaterOrEqual(t, first, least-sim.Second/2)
		assert.LessOrEqual(t, first, most)
		assert.GreaterOrEqual(t, float64(lost), 0.5*float64(first/msec)-2, "half of a request in a millisecond, until the first")
		assert.LessOrEqual(t, float64(lost), 0.5*float64(most/msec)+2, "and until the second")
		// 1000/s × 0.9 ms on 8 cores, and then on 4 for the time after that.
		up := float64(8*10*sim.Second - 4*5*sim.Second)
		assert.InDelta(t, up, s.Nodes[1].CPU.Capacity.Float64(), 0)
		for k, in := range s.Nodes[1].Instances {
			want := 10 * sim.Second
			if k%2 == 1 {
				want = 5 * sim.Second
			}
			assert.Equal(t, want, in.Up)
		}
	}
}

// A read goes to the nearest instance that is there: if the zone's own is
// dead, to another zone.
func TestTheNearestInstanceThatIsThere(t *testing.T) {
	db := in(holds(DatabaseSpec{Replicas: 2}, Access{Kind: Read, Route: ReadNearest}, cpu(1)), 0, 1, 2)
	app := in(server("app", ServerSpec{}, asks(2, Policy{})), 1)
	spec := specFor(1, users(1, Policy{}, 0, 10, 20, 30, 40, 60), app, db)
	spec.Zones = []string{"a", "b", "c"}
	s := parts(t, spec, fault.Fault{Kind: fault.Kill, At: 15 * msec, For: 30 * msec, Where: []fault.Span{{Node: 2, First: 1, Count: 1}}})
	assert.Equal(t, [4]uint64{6, 0, 0, 0}, ends(s, 0))
	assert.Equal(t, uint64(3), arrivals(s, 2)[1])
	assert.Equal(t, uint64(3), arrivals(s, 2)[0]+arrivals(s, 2)[2])
}
