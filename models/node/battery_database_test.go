package node

import (
	"slices"

	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// stored is an operation of the database.
func (m *maker) stored() Target {
	return Target{Node: m.database, Op: []string{"all", "get", "move", "put"}[m.below(4)]}
}

// failovers draws how primaries are replaced, if they are. It is a stream of its
// own.
func (m *maker) failovers(seed uint64) {
	p := &maker{s: sim.Keyed(sim.Mix(seed, 97))}
	for i := range m.spec.Nodes {
		if d := m.spec.Nodes[i].Database; d != nil && d.Replicas > 0 && p.chance(70) {
			d.Failover = &FailoverSpec{Promotes: p.chance(80), Consistent: p.chance(50), Detect: p.law(20), Promote: p.law(20)}
		}
	}
}

// store makes a database with an operation of each kind.
func (m *maker) store() Node {
	m.storing = true
	n := m.server(m.servers - 1)
	d := &DatabaseSpec{
		Shards: 1 + m.below(5), Replicas: m.below(4), BySource: m.chance(30), Keys: 100,
		By: []ShardBy{ByHash, ByModulo, ByRange, ByConsistentHash}[m.below(4)],
	}
	if m.chance(50) {
		d.Connections = 1 + m.below(6)
	}
	if m.chance(50) {
		d.Connect = m.law(1)
	}
	d.Replication.Mode = []ReplicationMode{Async, SemiSync, Sync, Quorum}[m.below(4)]
	if m.chance(70) {
		d.Replication.Lag = m.law(5)
	}
	if m.chance(50) {
		d.Replication.Apply = m.law(0.5)
	}
	routes := []ReadRoute{ReadPrimary, ReadReplicas, ReadNearest, ReadOwn}
	n.Server.Balance, n.Server.Ops = "", nil
	for _, name := range []string{"all", "commit of move", "get", "move", "put"} {
		n.Server.Ops = append(n.Server.Ops, Operation{Name: name, Steps: m.steps(m.servers-1, 1)})
	}
	m.storing = false
	d.Access = []Access{
		{Kind: Scatter, Route: routes[m.below(4)]},
		{Kind: Commit},
		{Kind: Read, Route: routes[m.below(4)]},
		{Kind: Transaction, Shards: 1 + m.below(d.Shards), Commit: 1},
		{Kind: Write},
	}
	n.Name, n.Kind, n.Database, n.Instances = "y", Database, d, d.Shards*d.PerShard()
	return n
}

// unsteered lists shards that are not led by one instance although nothing
// keeps them from it.
func (n *Network) unsteered() []string {
	var list []string
	for i := range n.nodes {
		d := n.nodes[i].database
		if d == nil || d.helm == nil {
			continue
		}
		for k := range d.helm.shards {
			s, first := &d.helm.shards[k], d.first+uint32(k)*d.per
			back := false // somebody who has lost its office, and stands still for its garbage no longer
			for i, out := range s.out {
				back = back || out && n.insts[first+uint32(i)].state == fault.Up
			}
			switch {
			case slices.ContainsFunc(s.adrift, func(t sim.Time) bool { return t != sim.Never }):
				// something has no end
			case len(s.leaders) != 1, s.closed != sim.Never, back:
				list = append(list, "a shard with "+itoa(len(s.leaders))+" primaries, of "+n.spec.Nodes[i].Name)
			}
		}
	}
	return list
}
