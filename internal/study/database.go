package study

import (
	"github.com/capsim/capsim/internal/result"
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
	return d
}
