package node

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// troubled makes up a database of few keys that is written to from two zones,
// and much that goes wrong with it.
func troubled(seed uint64) *Spec {
	m := &maker{s: sim.Keyed(sim.Mix(seed, 96))}
	d := DatabaseSpec{
		Shards: 1 + m.below(3), Replicas: 1 + m.below(4), By: ByHash,
		Access: []Access{
			{Kind: Scatter, Route: ReadReplicas}, {Kind: Commit},
			{Kind: Read, Route: []ReadRoute{ReadPrimary, ReadReplicas, ReadNearest, ReadOwn}[m.below(4)]},
			{Kind: Transaction, Shards: 1, Commit: 1}, {Kind: Write},
		},
		Failover: &FailoverSpec{Promotes: m.chance(90), Consistent: m.chance(50), Detect: m.law(20), Promote: m.law(20)},
	}
	d.Replication.Mode = []ReplicationMode{Async, SemiSync, Sync, Quorum}[m.below(4)]
	if m.chance(80) {
		d.Replication.Lag = m.law(15)
	}
	if m.chance(50) {
		d.Replication.Apply = m.law(0.3)
	}
	db := Node{Name: "db", Kind: Database, Instances: d.Shards * d.PerShard(), Database: &d, Zones: []int{0, 1, 2}, Server: &ServerSpec{Cores: 2, Speed: 1, Backlog: None}}
	for k, name := range []string{"all", "commit of move", "get", "move", "put"} {
		db.Server.Ops = append(db.Server.Ops, Operation{Name: name, Steps: []Step{{Kind: StepCPU, ID: uint64(100 + k), Time: m.law(0.3)}}})
	}
	spec := &Spec{Zones: []string{"a", "b", "c"}, Run: Run{Duration: 2 * sim.Second, Drain: 100 * sim.Second, Replications: 1, Seed: seed}}
	for k, name := range []string{"a", "b", "c"} {
		c := users(3, Policy{Timeout: 30 * msec, Retries: m.below(2)})
		c.Name, c.Zones = name, []int{k}
		c.Client.Open = arrival.TracePlan{Trace: m.mixture(), Speed: 1, Load: 1}
		c.Client.Ops = []WeightedOp{{Name: "all", Weight: 1}, {Name: "get", Weight: 4}, {Name: "move", Weight: 1}, {Name: "put", Weight: 4}}
		c.Client.Cancel = m.chance(50)
		spec.Nodes = append(spec.Nodes, c)
	}
	spec.Nodes = append(spec.Nodes, db)
	if m.chance(50) {
		spec.Network = &NetworkSpec{SameZone: constantLawOf(0.1), CrossZone: m.law(1)}
	}
	for range 1 + m.below(8) {
		at, length := float64(m.below(1900)), float64(5+m.below(150))
		switch m.below(3) {
		case 0:
			f := strikes(fault.Kill, 3, m.below(db.Instances), at, length)
			f.Silent = m.chance(30)
			spec.Faults = append(spec.Faults, m.ofPrimaries(f, &d))
		case 1:
			spec.Faults = append(spec.Faults, m.ofPrimaries(strikes(fault.Hang, 3, m.below(db.Instances), at, length), &d))
		case 2:
			a := m.below(3)
			spec.Faults = append(spec.Faults, parted(standing(spec, a), slices.Concat(standing(spec, (a+1)%3), standing(spec, (a+2)%3)), at, length))
		}
	}
	return spec
}

// ofPrimaries lets a fault strike whoever leads, once or again and again, if it
// is so drawn.
func (m *maker) ofPrimaries(f fault.Fault, d *DatabaseSpec) fault.Fault {
	if where := &f.Where[0]; m.chance(40) {
		where.First, where.Leads = where.First/d.PerShard()*d.PerShard(), true
		if m.chance(40) {
			f.MTTF, f.MTTR, f.For, f.Crews = m.oneOf(100, 400), m.oneOf(20, 100), 0, m.below(2)
		}
	}
	return f
}

// mixture is what is asked for during two seconds.
func (m *maker) mixture() *arrival.Trace {
	t := &arrival.Trace{}
	for at := sim.Time(0); at < 1950*msec; at += sim.FromNanoseconds(m.s.Exp() * 7 * ms) {
		t.Times = append(t.Times, at)
		t.Ops = append(t.Ops, []string{"all", "get", "get", "get", "move", "put", "put", "put"}[m.below(8)])
		t.Keys = append(t.Keys, uint64(m.below(20)))
		t.Sources = append(t.Sources, uint64(m.below(9)))
	}
	return t
}

// Whatever happens to its instances, a database comes to rest with one primary
// for each shard and the same data everywhere, and who insists on a majority
// has no conflicts.
func TestAnyTroubleWithDatabasesComesToRest(t *testing.T) {
	var sums FailoverStats
	var stale, alone, outages uint64
	all := batteryOf(t, 400, 80)
	all.each(t, func(seed uint64) {
		spec := troubled(seed)
		n := NewNetwork(spec, 0)
		s, err := n.Run(nil)
		require.NoError(t, err, "seed %d", seed)
		n.advance(n.eng.Now() + 100*sim.Second)
		require.Empty(t, n.leftover(), "seed %d", seed)
		o := s.Nodes[3].Failover
		if d := spec.Nodes[3].Database.Failover; d.Consistent || !d.Promotes {
			require.Zero(t, o.Conflicts, "seed %d", seed)
			alone++
		}
		if !spec.Nodes[3].Database.Failover.Promotes {
			require.Zero(t, o.Failovers+o.Lost, "seed %d", seed)
		}
		sums.Failovers, sums.Lost, sums.Conflicts = sums.Failovers+o.Failovers, sums.Lost+o.Lost, sums.Conflicts+o.Conflicts
		stale += s.Nodes[3].Replication.Stale
		for k := range s.Faults {
			require.Zero(t, s.Faults[k].Closed, "seed %d", seed)
			outages += s.Faults[k].Outages
		}
	})
	if !all.judged {
		return
	}
	t.Log(sums, stale, alone, outages)
	for _, count := range []uint64{sums.Failovers, sums.Lost, sums.Conflicts, stale, alone, outages} {
		assert.Greater(t, count, all.size()/10)
	}
}
