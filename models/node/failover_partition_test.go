package node

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// apartSpec is a database with a primary in zone a and replicas in zones b, c
// and so on, with a client in zone a and one in zone b. The fault keeps zone a
// from all others from 700 to 1700 ms.
func apartSpec(d DatabaseSpec, a, b *arrival.Trace) (*Spec, fault.Fault) {
	spec := replicatedSpec(a, d)
	spec.Nodes[0].Client.Policy.Timeout = 40 * msec
	other := spec.Nodes[0]
	client := *other.Client
	client.Open = arrival.TracePlan{Trace: b, Speed: 1, Load: 1}
	other.Name, other.Client = "d", &client
	spec.Nodes = []Node{spec.Nodes[0], other, spec.Nodes[1]}
	spec.Nodes[0].Client.Target.Node, client.Target.Node = 2, 2
	spec.Zones = []string{"a", "b", "c", "d", "e"}[:1+d.Replicas]
	spec.Nodes[0].Zones, spec.Nodes[1].Zones = []int{0}, []int{1}
	for k := range spec.Zones {
		spec.Nodes[2].Zones = append(spec.Nodes[2].Zones, k)
	}
	var far []fault.Span
	for k := range d.Replicas {
		far = append(far, standing(spec, 1+k)...)
	}
	return spec, parted(standing(spec, 0), far, 700, 1000)
}

func TestWhoTakesWritesDuringAPartition(t *testing.T) {
	// 100 ms until it is noticed, 50 ms more until somebody is promoted; lag
	// 20 ms. Each side puts before, at the beginning, when it has been noticed,
	// later, and afterwards.
	at := []float64{600, 690, 710, 820, 900, 1600, 1800}
	for _, row := range []struct {
		name      string
		replicas  int
		spec      *FailoverSpec
		near, far [3]uint64 // ok, time-outs, unavailable
		failovers uint64
		lost      uint64
		rto       float64
	}{
		// The primary refuses at once; its two replicas promote one of them. What
		// both put at 690 has not left it.
		{name: "consistent", replicas: 2, spec: replacing(100, 50), near: [3]uint64{3, 0, 4}, far: [3]uint64{5, 1, 1}, failovers: 1, lost: 2, rto: 150},
		// Of two instances neither is most of them.
		{name: "consistent pair", replicas: 1, spec: replacing(100, 50), near: [3]uint64{3, 0, 4}, far: [3]uint64{3, 1, 3}, rto: 1000},
		{name: "available", replicas: 2, spec: &FailoverSpec{Promotes: true, Detect: constantLawOf(100), Promote: constantLawOf(50)},
			near: [3]uint64{7, 0, 0}, far: [3]uint64{5, 1, 1}, failovers: 1, rto: 150},
		{name: "available pair", replicas: 1, spec: &FailoverSpec{Promotes: true, Detect: constantLawOf(100), Promote: constantLawOf(50)},
			near: [3]uint64{7, 0, 0}, far: [3]uint64{5, 1, 1}, failovers: 1, rto: 150},
		{name: "refused, nobody promoted", replicas: 2, spec: &FailoverSpec{Consistent: true}, near: [3]uint64{3, 0, 4}, far: [3]uint64{3, 4, 0}, rto: 1000},
		{name: "nothing said", replicas: 2, near: [3]uint64{7, 0, 0}, far: [3]uint64{3, 4, 0}},
	} {
		near, far := puts(at...), puts(at...)
		for k := range far.Keys {
			far.Keys[k] += 100
		}
		spec, f := apartSpec(DatabaseSpec{Replicas: row.replicas, Access: []Access{{Route: ReadPrimary}},
			Replication: ReplicationSpec{Mode: Async, Lag: constantLawOf(20)}, Failover: row.spec}, near, far)
		s := parts(t, spec, f)
		ends := func(c int) [3]uint64 {
			o := &s.Clients[c].Ops[1]
			return [3]uint64{o.OK, o.Errors[TimedOut-1], o.Errors[Unavailable-1]}
		}
		assert.Equal(t, row.near, ends(0), row.name)
		assert.Equal(t, row.far, ends(1), row.name)
		assert.Equal(t, FailoverStats{Failovers: row.failovers, Lost: row.lost}, *s.Nodes[2].Failover, row.name)
		assert.Equal(t, sim.Time(row.rto*1e6), s.Faults[0].Longest, row.name)
	}
}

// A write that waits for replicas which its primary cannot reach fails when it
// may take no writes, and is not lost: nobody was told that it stands.
func TestWhoWaitsAtAPrimaryOnTheWrongSideIsToldSo(t *testing.T) {
	spec, f := apartSpec(DatabaseSpec{Replicas: 2, Access: []Access{{Route: ReadPrimary}},
		Replication: ReplicationSpec{Mode: Sync, Lag: constantLawOf(20)}, Failover: replacing(100, 50)}, puts(600, 690, 1800), puts(600, 1000, 1800))
	s := parts(t, spec, f)
	near, far := &s.Clients[0].Ops[1], &s.Clients[1].Ops[1]
	assert.Equal(t, [2]uint64{2, 1}, [2]uint64{near.OK, near.Errors[Unavailable-1]})
	assert.Equal(t, uint64(3), far.OK, "the old primary is not waited for")
	assert.Zero(t, s.Nodes[2].Failover.Lost)
	assert.Equal(t, int64(20*msec), far.Latency.Max())
}

// A list of all writes of both sides finds the same conflicts: of a record that
// both have written while they could not know of each other, the writes of the
// side that does not have the newest.
func TestConflictsAreThoseOfAListOfAllWrites(t *testing.T) {
	total := uint64(0)
	for replicas := 1; replicas <= 3; replicas++ {
		for seed := range uint64(8) {
			near, far := getsAndPuts(seed, 2000), getsAndPuts(100+seed, 2000)
			for _, trace := range []*arrival.Trace{near, far} {
				for k := range trace.Keys {
					trace.Keys[k] = sim.Mix(seed, trace.Keys[k]<<8|uint64(k)%97) % 400
				}
			}
			d := DatabaseSpec{Replicas: replicas, Access: []Access{{Route: ReadPrimary}},
				Replication: ReplicationSpec{Mode: Async, Lag: constantLawOf(20)},
				Failover:    &FailoverSpec{Promotes: true, Detect: constantLawOf(100), Promote: constantLawOf(50)}}
			spec, f := apartSpec(d, near, far)
			s := parts(t, spec, f)
			mine := writesWithin(near, 680*msec, 1700*msec) // what was on its way when it began does not get through
			theirs := writesWithin(far, 850*msec, 1700*msec)
			// What the far side wrote before it was cut off went through the primary.
			for key, list := range writesWithin(far, 680*msec, 700*msec) {
				mine[key] = append(mine[key], list...)
			}
			want := uint64(0)
			for key, list := range mine {
				other := theirs[key]
				switch {
				case len(other) == 0:
				case slices.Max(list) > slices.Max(other):
					want += uint64(len(other))
				default:
					want += uint64(len(list))
				}
			}
			assert.Equal(t, want, s.Nodes[2].Failover.Conflicts, "%d replicas, seed %d", replicas, seed)
			assert.Zero(t, s.Nodes[2].Failover.Lost)
			total += want
		}
	}
	assert.Greater(t, total, uint64(1000))
}

// writesWithin lists when each key is put in an interval.
func writesWithin(trace *arrival.Trace, from, to sim.Time) map[uint64][]sim.Time {
	out := map[uint64][]sim.Time{}
	for k, at := range trace.Times {
		if trace.Ops[k] == "put" && at > from && at < to {
			out[trace.Keys[k]] = append(out[trace.Keys[k]], at)
		}
	}
	return out
}

// Two primaries that meet again end with the data of both, everywhere.
func TestAfterAPartitionEverybodyHasEverything(t *testing.T) {
	near, far := puts(600, 900, 1000), puts(610, 950, 1100)
	far.Keys = []uint64{7, 1, 8}
	far.Times, far.Ops, far.Keys = append(far.Times, 1701*msec, 1800*msec), append(far.Ops, "get", "get"), append(far.Keys, 2, 2)
	spec, f := apartSpec(DatabaseSpec{Replicas: 2, Access: []Access{{Route: ReadPrimary}}, Replication: ReplicationSpec{Mode: Async, Lag: constantLawOf(20)},
		Failover: &FailoverSpec{Promotes: true, Detect: constantLawOf(100), Promote: constantLawOf(50)}}, near, far)
	s := parts(t, spec, f)
	assert.Equal(t, uint64(1), s.Nodes[2].Failover.Conflicts, "key 1: 900 gives way to 950")
	assert.Equal(t, uint64(1), s.Nodes[2].Replication.Stale, "at 1701 the primary has not yet got what was put at 1000; at 1800 it has")
}
