package study

import (
	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim/stats"
)

// database summarises what the shards of a database answered. Its instances
// are in n already.
func (f *figures) database(n *result.Node, at int) *result.Database {
	spec := f.spec.Nodes[at].Database
	d := &result.Database{Shards: make([]result.Shard, spec.Shards)}
	for k := range d.Shards {
		shard := &d.Shards[k]
		for _, s := range f.snaps {
			shard.Reads += s.Nodes[at].Shards[k].Reads
			shard.Writes += s.Nodes[at].Shards[k].Writes
		}
		d.Reads += shard.Reads
		d.Writes += shard.Writes
		for _, in := range n.PerInstance[k*spec.PerShard() : (k+1)*spec.PerShard()] {
			if u := in.Utilization; u != nil && (shard.Utilization == nil || *u > *shard.Utilization) {
				shard.Utilization = u
			}
		}
	}
	f.replicas(d, at)
	f.failovers(d, at)
	return d
}

// replicas summarises what the replicas of a database lacked, and for how
// long.
func (f *figures) replicas(d *result.Database, at int) {
	d.StaleReadRatio = f.staleReads(at).estimate("no reads")
	if f.snaps[0].Nodes[at].Replication == nil {
		return
	}
	for _, s := range f.snaps {
		d.StaleReads += s.Nodes[at].Replication.Stale
		d.Redirected += s.Nodes[at].Replication.Redirected
	}
	lag := f.times(func(s *node.Snapshot) []*stats.Histogram { return []*stats.Histogram{&s.Nodes[at].Replication.Lag} })
	d.ReplicationLagS = lag.latency(nil)
}

// staleReads is the share of reads that missed the newest write. Without
// replication nothing can be stale.
func (f *figures) staleReads(at int) sample {
	return f.collect(func(s *node.Snapshot) (stale, reads float64) {
		if r := s.Nodes[at].Replication; r != nil {
			return float64(r.Stale), float64(r.Reads)
		}
		for _, shard := range s.Nodes[at].Shards {
			reads += float64(shard.Reads)
		}
		return 0, reads
	})
}
