package topologies

import (
	"slices"

	"github.com/capsim/capsim/models/node"
)

// replication resolves how the writes of a database get to its replicas.
func (r *resolver) replication(c *node.DatabaseConfig, db *node.DatabaseSpec) {
	db.Replication.Mode = node.Async
	p := c.Replication
	if p == nil {
		return
	}
	db.Replication = node.ReplicationSpec{Mode: p.Mode, Lag: r.timeLaw(p.Lag), Apply: r.timeLaw(p.Apply)}
	const why = "each replica draws its own, and nobody knows which request of the trace"
	r.noTrace(db.Replication.Lag, p.Lag.At, why)
	r.noTrace(db.Replication.Apply, p.Apply.At, why)
}

// idleReplication warns of keys of the replication that change nothing.
func (r *resolver) idleReplication(i int, c *node.DatabaseConfig) {
	p, db := c.Replication, r.spec.Nodes[i].Database
	if p == nil {
		return
	}
	writes := slices.ContainsFunc(db.Access, func(a node.Access) bool { return a.Kind == node.Write || a.Kind == node.Commit })
	switch {
	case c.Replicas == 0:
		r.report.Add(c.AtKey("replication", "W403", "there are no replicas: nothing is replicated").WithHint("for example replicas = 2"))
	case !writes:
		r.report.Add(c.AtKey("replication", "W403", "the database has no writes: nothing is replicated").
			WithHint("for example write.reserve = [{ cpu = \"exp 0.9ms\" }]"))
	case p.Mode != node.Async && db.Replication.Lag == nil && db.Replication.Apply == nil:
		r.report.Add(p.AtKey("mode", "W403", "the replicas have every write at once: nobody waits for them").WithHint("for example lag = \"exp 5ms\""))
	}
}
