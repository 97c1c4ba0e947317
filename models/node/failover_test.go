package node

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// replacing is a failover that takes so many milliseconds.
func replacing(detect, promote float64) *FailoverSpec {
	return &FailoverSpec{Promotes: true, Consistent: true, Detect: constantLawOf(detect), Promote: constantLawOf(promote)}
}

// puts is a trace of puts at some milliseconds, each of a key of its own.
func puts(at ...float64) *arrival.Trace {
	t := &arrival.Trace{}
	for k, ms := range at {
		t.Times = append(t.Times, sim.FromNanoseconds(ms*1e6))
		t.Ops = append(t.Ops, "put")
		t.Keys = append(t.Keys, uint64(k))
	}
	return t
}

// endsOf is how the puts ended: ok, time-outs, unavailable.
func endsOf(s *Snapshot) [3]uint64 {
	o := &s.Clients[0].Ops[1]
	return [3]uint64{o.OK, o.Errors[TimedOut-1], o.Errors[Unavailable-1]}
}

func TestAReplicaTakesThePlaceOfAPrimaryThatIsGone(t *testing.T) {
	// The primary goes at 200 ms; 100 ms until that is noticed, 50 ms until the
	// replica takes writes. Lag 20 ms: what is put at 185 and 195 is lost.
	kill := func(length float64, silent bool) fault.Fault {
		f := strikes(fault.Kill, 1, 0, 200, length)
		f.Silent = silent
		return f
	}
	at := []float64{100, 170, 185, 195, 210, 290, 310, 340, 351, 400, 700, 900}
	for _, row := range []struct {
		name      string
		fault     fault.Fault
		ends      [3]uint64
		rto       float64
		failovers uint64
		lost      uint64
		detected  float64
	}{
		{"refusing", kill(400, false), [3]uint64{8, 0, 4}, 150, 1, 2, 300},
		{"silent", kill(400, true), [3]uint64{8, 2, 2}, 150, 1, 2, 300},
		{"back before it is noticed", kill(99, false), [3]uint64{10, 0, 2}, 99, 0, 0, 0},
		{"back before another one is promoted", kill(120, false), [3]uint64{8, 0, 4}, 150, 0, 0, 300},
		{"stands still", strikes(fault.Hang, 1, 0, 200, 400), [3]uint64{8, 2, 2}, 150, 1, 2, 300},
		{"stands still for a moment", strikes(fault.Hang, 1, 0, 200, 99), [3]uint64{11, 1, 0}, 99, 0, 0, 0},
	} {
		spec := replicatedSpec(puts(at...), DatabaseSpec{Replicas: 1, Access: []Access{{Route: ReadPrimary}},
			Replication: ReplicationSpec{Mode: Async, Lag: constantLawOf(20)}, Failover: replacing(100, 50)})
		spec.Nodes[0].Client.Policy.Timeout = 80 * msec
		s := parts(t, spec, row.fault)
		assert.Equal(t, row.ends, endsOf(s), row.name)
		o, f := s.Nodes[1].Failover, s.Faults[0]
		assert.Equal(t, FailoverStats{Failovers: row.failovers, Lost: row.lost}, *o, row.name)
		assert.Equal(t, OutageStats{Outages: 1, Outage: sim.Time(row.rto * 1e6), Longest: sim.Time(row.rto * 1e6), Lost: row.lost}, f.OutageStats, row.name)
		if row.detected > 0 {
			assert.Equal(t, sim.Time(row.detected*1e6), f.Detected, row.name)
		} else {
			assert.Equal(t, sim.Never, f.Detected, row.name)
		}
	}
}

func TestWhoIsBackFirstIsPromotedIfNobodyIsLeft(t *testing.T) {
	// All are killed at 200; the replica is back at 500, the primary at 600, or
	// the other way round. Only the replica has lost something, once it leads.
	for _, row := range []struct {
		primary, replica float64
		ends             [3]uint64
		failovers, lost  uint64
		rto              float64
	}{
		{400, 300, [3]uint64{5, 0, 1}, 1, 1, 300},
		{300, 400, [3]uint64{5, 0, 1}, 0, 0, 300},
	} {
		spec := replicatedSpec(puts(100, 195, 400, 510, 610, 900), DatabaseSpec{Replicas: 1, Access: []Access{{Route: ReadPrimary}},
			Replication: ReplicationSpec{Mode: Async, Lag: constantLawOf(20)}, Failover: replacing(100, 50)})
		s := parts(t, spec, strikes(fault.Kill, 1, 0, 200, row.primary), strikes(fault.Kill, 1, 1, 200, row.replica))
		assert.Equal(t, row.ends, endsOf(s), "%+v", row)
		assert.Equal(t, FailoverStats{Failovers: row.failovers, Lost: row.lost}, *s.Nodes[1].Failover, "%+v", row)
		assert.Equal(t, sim.Time(row.rto*1e6), s.Faults[0].Longest, "%+v", row)
	}
}

// All are replaced at once, for longer than a failover takes, and back at the
// same instant: the primary lacks nothing, and is chosen again.
func TestWhoIsBackAtTheSameInstantIsChosenFrom(t *testing.T) {
	spec := replicatedSpec(puts(100, 195, 400, 510, 610, 900), DatabaseSpec{Replicas: 2, Access: []Access{{Route: ReadPrimary}},
		Replication: ReplicationSpec{Mode: Async, Lag: constantLawOf(20)}, Failover: replacing(100, 50)})
	_, s := rollout(t, spec, nil, replaces(InPlace, 1, 3, 200, 100, 300))
	assert.Equal(t, [3]uint64{5, 0, 1}, endsOf(s))
	assert.Equal(t, FailoverStats{}, *s.Nodes[1].Failover)
}

// The order of importance: a failover keeps no write from being acknowledged
// that the replicas which are left can carry.
func TestNobodyWaitsForAnOldPrimaryThatIsAway(t *testing.T) {
	for _, row := range []struct {
		mode ReplicationMode
		ok   uint64
	}{{Async, 3}, {SemiSync, 3}, {Sync, 3}, {Quorum, 1}} { // of two instances one is no quorum
		spec := replicatedSpec(puts(100, 400, 500), DatabaseSpec{Replicas: 1, Access: []Access{{Route: ReadPrimary}},
			Replication: ReplicationSpec{Mode: row.mode, Lag: constantLawOf(20)}, Failover: replacing(100, 50)})
		spec.Nodes[0].Client.Policy.Timeout = 80 * msec
		s := parts(t, spec, strikes(fault.Kill, 1, 0, 200, 2000))
		assert.Equal(t, row.ok, s.Clients[0].Ops[1].OK, row.mode)
		assert.Zero(t, s.Nodes[1].Failover.Lost, row.mode)
	}
}

// carried is a write as the dumb implementation keeps it.
type carried struct {
	key   uint64
	at    sim.Time
	told  sim.Time   // Never: not at all
	there []sim.Time // by instance: when it was applied; Never: not at all
	lost  bool
}

// afterwards replays a trace through the loss of the primary at gone and the
// promotion of a replica at back, with a list of writes. Lags are those that
// were drawn, in that order.
func afterwards(trace *arrival.Trace, d DatabaseSpec, lags []float64, gone, back sim.Time) (stale, lost uint64) {
	var writes []carried
	next := func() sim.Time {
		lag := sim.FromNanoseconds(lags[0])
		lags = lags[1:]
		return lag
	}
	leader, turn, promoted := 0, 0, false
	newest := func(i int, key uint64, now sim.Time) int {
		best := -1
		for k, w := range writes {
			if w.key == key && !w.lost && w.there[i] <= now {
				best = k
			}
		}
		return best
	}
	promote := func() {
		promoted = true
		has := func(i, k int) bool { return newest(i, writes[k].key, gone) >= k }
		best, fewest := 0, 0
		for i := 1; i <= d.Replicas; i++ {
			lacks := 0
			for k, w := range writes {
				if w.told != sim.Never && !has(i, k) {
					lacks++
				}
			}
			if best == 0 || lacks < fewest {
				best, fewest = i, lacks
			}
		}
		leader = best
		void, kept := make([]bool, len(writes)), make([]bool, len(writes))
		for k := range writes {
			void[k] = true
			for i := 1; i <= d.Replicas; i++ {
				void[k] = void[k] && !has(i, k)
			}
			kept[k] = !void[k] && !has(leader, k)
		}
		for k := range writes {
			w := &writes[k]
			if w.lost = void[k]; w.lost && w.told != sim.Never {
				lost++
			}
			for i := 1; i <= d.Replicas; i++ {
				switch lag := w.there[i] - w.at; {
				case w.there[i] < gone || w.lost || w.there[i] >= back: // there, never there, or still on its way
				case i == leader:
					w.there[i] = back
				default:
					next() // it is drawn again, by the same key
					w.there[i] = back + lag
				}
			}
			if kept[k] {
				w.there[leader] = back
			}
		}
	}
	for n, now := range trace.Times {
		if now >= back && !promoted {
			promote()
		}
		up := func(i int) bool { return i != 0 || now < gone }
		if trace.Ops[n] == "get" {
			var others []int
			for i := 0; i <= d.Replicas; i++ {
				if up(i) && i != leader {
					others = append(others, i)
				}
			}
			at := leader
			if len(others) > 0 {
				at = others[turn%len(others)]
				turn++
			}
			known := -1
			for k, w := range writes {
				if w.key == trace.Keys[n] && w.told <= now && !w.lost {
					known = k
				}
			}
			has := newest(at, trace.Keys[n], now)
			if now >= gone && now < back { // what was on its way stays there
				has = newest(at, trace.Keys[n], gone)
			}
			if known > has {
				stale++
			}
			continue
		}
		if !up(leader) {
			continue
		}
		w := carried{key: trace.Keys[n], at: now, told: sim.Never}
		var acks []sim.Time
		for i := 0; i <= d.Replicas; i++ {
			w.there = append(w.there, now)
			if i != leader {
				if w.there[i] = now + next(); i == 0 {
					w.there[i] = sim.Never // it is not back
				} else {
					acks = append(acks, w.there[i])
				}
			}
		}
		slices.Sort(acks)
		need := d.Replication.Acks(d.Replicas)
		if need > len(acks) && d.Replication.Mode != Quorum {
			need = len(acks)
		}
		switch {
		case need == 0:
			w.told = now
		case need <= len(acks) && !(now < gone && acks[need-1] >= gone):
			w.told = acks[need-1]
		}
		writes = append(writes, w)
	}
	return stale, lost
}

// A list of all writes, through which everything looks from the beginning, finds
// the same writes lost and the same reads stale across a failover.
func TestAFailoverIsJudgedAsByAListOfAllWrites(t *testing.T) {
	lostOf := map[ReplicationMode]uint64{}
	for _, mode := range []ReplicationMode{Async, SemiSync, Quorum, Sync} {
		for replicas := 1; replicas <= 4; replicas++ {
			for seed := range uint64(5) {
				var lags []float64
				trace := getsAndPuts(100*seed+uint64(replicas), 3000)
				d := DatabaseSpec{Replicas: replicas, Access: []Access{{Route: ReadReplicas}}, Failover: replacing(70, 30),
					Replication: ReplicationSpec{Mode: mode, Lag: noted{dist.Exponential{MeanValue: 40 * ms}, &lags}}}
				spec := replicatedSpec(trace, d)
				spec.Nodes[0].Client.Policy.Timeout = sim.Second
				s := parts(t, spec, strikes(fault.Kill, 1, 0, 1500, 10000))
				stale, lost := afterwards(trace, d, lags, 1500*msec, 1600*msec)
				about := fmt.Sprintf("%s, %d replicas, seed %d", mode, replicas, seed)
				assert.Equal(t, lost, s.Nodes[1].Failover.Lost, about)
				assert.Equal(t, uint64(1), s.Nodes[1].Failover.Failovers, about)
				assert.Equal(t, stale, s.Nodes[1].Replication.Stale, about)
				lostOf[mode] += lost
			}
		}
	}
	assert.Greater(t, lostOf[Async], uint64(100))
	assert.Zero(t, lostOf[SemiSync], "one replica has it, and is asked")
	assert.Zero(t, lostOf[Quorum])
	assert.Zero(t, lostOf[Sync])
}
