package node

import (
	"fmt"
	"slices"

	"github.com/capsim/capsim/models/dist"
)

// DatabaseSpec is what makes a group of servers a database: which of them is
// asked for what. Its instances stand in the order shard 0 primary, shard 0
// replica 0, …, shard 1 primary, ….
type DatabaseSpec struct {
	Shards, Replicas int
	By               ShardBy
	BySource         bool     // what decides the shard is the address; else the item
	Keys             uint64   // of ByRange: how many there are
	Connections      int      // requests that may be inside each instance; 0: no limit
	Connect          dist.Law // before each call that goes over no pool; nil: none
	Access           []Access // of each of the server's Ops
	Replication      ReplicationSpec
	Failover         *FailoverSpec // nil: nobody takes the place of a primary
}

// Access is how an operation of a database reaches its instances.
type Access struct {
	Kind   AccessKind
	Route  ReadRoute // of a read or a scatter
	Shards int       // of a transaction: how many take part
	Commit int       // of a transaction: the operation of its second phase
}

// AccessKind is a table of a database's operations.
type AccessKind uint8

// The kinds of access. A commit is the second phase of a transaction, an
// operation that nobody asks for by itself.
const (
	Read AccessKind = iota
	Write
	Scatter
	Transaction
	Commit
)

// String returns the kind's table in the language.
func (k AccessKind) String() string {
	return [...]string{"read", "write", "scatter", "transaction", "commit"}[k]
}

// CommitOf is how the second phase of a transaction is called.
func CommitOf(op string) string { return "commit of " + op }

// PerShard is how many instances a shard has.
func (d *DatabaseSpec) PerShard() int { return 1 + d.Replicas }

// instanceName is how instance i is called.
func (d *DatabaseSpec) instanceName(name string, i int) string {
	if d.Shards > 1 {
		name = fmt.Sprintf("%s.shard[%d]", name, i/d.PerShard())
	}
	if r := i % d.PerShard(); r > 0 {
		return fmt.Sprintf("%s.replica[%d]", name, r-1)
	}
	return name + ".primary"
}

// zone is where instance i stands, of some zones: a shard's primary and its
// replicas in different ones as far as there are so many, and the primaries
// of different shards too.
func (d *DatabaseSpec) zone(i, zones int) int {
	return (i/d.PerShard() + i%d.PerShard()) % zones
}

// Part is what a request for an operation of a node leads to there: visits to
// one of its operations, by index.
type Part struct {
	Op     int
	Visits float64
}

// Parts returns what one request for operation k of the node leads to: of a
// server one visit, of a database as many as shards take part.
func (n *Node) Parts(k int) []Part {
	if n.Database == nil {
		return []Part{{k, 1}}
	}
	switch a := n.Database.Access[k]; a.Kind {
	case Scatter:
		return []Part{{k, float64(n.Database.Shards)}}
	case Transaction:
		return []Part{{k, float64(a.Shards)}, {a.Commit, float64(a.Shards)}}
	default:
		return []Part{{k, 1}}
	}
}

// Hidden reports whether operation k is one that nobody can ask for.
func (n *Node) Hidden(k int) bool { return n.Database != nil && n.Database.Access[k].Kind == Commit }

// Gone reports whether no operation is left that can be done without some
// instances: of a single shard, whose primary may be all that is ever asked. Of
// several shards others are left.
func (d *DatabaseSpec) Gone(without func(i int) bool) bool {
	return d.Shards == 1 && !slices.ContainsFunc(d.Access, func(a Access) bool {
		from, to := 0, 1
		if d.Replicas > 0 && (a.Route == ReadReplicas || a.Route == ReadNearest) {
			to = d.PerShard()
			if a.Route == ReadReplicas {
				from = 1
			}
		}
		for i := from; i < to; i++ {
			if !without(i) {
				return true
			}
		}
		return false
	})
}

// ReadsReplicas reports whether any operation may go to a replica.
func (d *DatabaseSpec) ReadsReplicas() bool {
	return d.Replicas > 0 && slices.ContainsFunc(d.Access, func(a Access) bool { return a.Route != "" && a.Route != ReadPrimary })
}
