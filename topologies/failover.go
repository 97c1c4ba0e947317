package topologies

import "github.com/capsim/capsim/models/node"

// failover resolves how a database replaces a primary that is gone. Without
// replicas nobody can.
func (r *resolver) failover(c *node.DatabaseConfig, db *node.DatabaseSpec) {
	spec := &node.FailoverSpec{Consistent: c.OnPartition == node.Consistent}
	if p := c.Failover; p != nil {
		spec.Promotes = true
		spec.Consistent = c.OnPartition != node.Available
		spec.Detect, spec.Promote = r.timeLaw(p.Detect), r.timeLaw(p.Promote)
		const why = "a failover does not come from a trace"
		r.noTrace(spec.Detect, p.Detect.At, why)
		r.noTrace(spec.Promote, p.Promote.At, why)
	}
	if c.Replicas > 0 && (spec.Promotes || spec.Consistent) {
		db.Failover = spec
	}
}

// idleFailover warns of keys of the failover that change nothing.
func (r *resolver) idleFailover(c *node.DatabaseConfig) {
	switch {
	case c.Has("failover") && c.Replicas == 0:
		r.report.Add(c.AtKey("failover", "W403", "there are no replicas: nobody can take the place of a primary").WithHint("for example replicas = 1"))
	case c.Has("on_partition") && c.Replicas == 0:
		r.report.Add(c.AtKey("on_partition", "W403", "there are no replicas: no partition can part a shard").WithHint("for example replicas = 2"))
	case c.OnPartition == node.Available && c.Failover == nil:
		r.report.Add(c.AtKey("on_partition", "W403", "without failover nobody is promoted on the other side: the primary goes on as it would without this key").
			WithHint(`for example failover = { detect = "10s", promote = "20s" }`))
	}
}
