package node

import (
	"slices"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// FailoverSpec is how a database replaces a primary that is gone, and what it
// does while a partition keeps one from most of its shard.
type FailoverSpec struct {
	Promotes bool     // somebody takes the place of a primary that is gone
	Detect   dist.Law // until that is noticed; nil: at once
	Promote  dist.Law // and from then on until the new one takes writes; nil: at once
	// Consistent says that a primary takes writes only while it can reach more
	// than half of the instances of its shard, itself counted, and that nobody
	// else is promoted who cannot.
	Consistent bool
}

// FailoverStats is what came of it within the window.
type FailoverStats struct {
	Failovers uint64 // replicas that were promoted
	Lost      uint64 // acknowledged writes that no instance has that counts
	Conflicts uint64 // acknowledged writes that gave way to the other side's of a partition
}

// helm is who takes the writes of each shard of a database, in a topology in
// which something may go wrong. Without a specification of failover it only
// counts for how long nobody does.
type helm struct {
	FailoverSpec
	node   uint32
	seed   uint64
	stats  *FailoverStats
	shards []shardHelm
}

// shardHelm is the helm of a shard. Its instances are numbered from 0 here, the
// one that is the primary at first before the replicas.
type shardHelm struct {
	leaders []uint32   // instances that take writes, in the order of their promotion; two only on two sides of a partition
	last    uint32     // who led, where nobody does
	out     []bool     // by instance: it has lost its office, and is not back
	adrift  []sim.Time // by instance: since when it has reached no leader that is well; Never: it does
	waiting uint32     // the frame of the next thing that is due; none
	detect  sim.Time   // how long that takes this time
	promote sim.Time
	times   uint64   // how often it has been drawn
	closed  sim.Time // since when nobody takes writes; Never: somebody does
	cause   int      // the fault that is to blame for that, None if it is none of the file's
}

// steered prepares who takes the writes of the databases. It comes after the
// faults, without which there is nothing to do.
func (b *builder) steered() {
	for at := range b.nodes {
		d := b.nodes[at].database
		if d == nil {
			continue
		}
		name := b.spec.Nodes[at].Name
		h := &helm{node: uint32(at), seed: sim.Mix(sim.Mix(b.spec.Run.Seed, uint64(b.replication)), sim.HashName(name, "failover")), stats: &FailoverStats{}}
		if d.spec.Failover != nil {
			h.FailoverSpec = *d.spec.Failover
		}
		for s := range d.shards {
			one := shardHelm{leaders: []uint32{d.first + s*d.per}, waiting: none, closed: sim.Never, cause: None}
			for range d.per {
				one.adrift, one.out = append(one.adrift, sim.Never), append(one.out, false)
			}
			h.shards = append(h.shards, one)
		}
		d.helm = h
		b.snap.Nodes[at].Failover = h.stats
		if h.strict() {
			b.nodes[at].choosy = true
		}
	}
}

// strict reports whether an instance may have to refuse because it is no
// primary that may take writes.
func (h *helm) strict() bool { return h != nil && (h.Promotes || h.Consistent) }

// well reports whether an instance of a shard could take writes now.
func (n *Network) well(d *database, i uint32) bool {
	return n.insts[i].state == fault.Up && (!d.helm.Consistent || n.mostOf(d, i))
}

// mostOf reports whether an instance can reach more than half of its shard,
// itself counted. Who is dead is no less a member.
func (n *Network) mostOf(d *database, i uint32) bool {
	if n.cuts == nil || len(n.cuts.open) == 0 {
		return true
	}
	first := d.firstOf(i)
	reached := uint32(0)
	for k := first; k < first+d.per; k++ {
		if k == i || !n.cut(i, k) {
			reached++
		}
	}
	return 2*reached > d.per
}

// firstOf is the first instance of the shard that has an instance.
func (d *database) firstOf(i uint32) uint32 { return i - (i-d.first)%d.per }

// primary is the instance of a shard that is asked by whoever wants its
// primary, at an instance of another node.
func (d *database) primary(n *Network, shard, from uint32) uint32 {
	if d.helm == nil {
		return d.first + shard*d.per
	}
	s := &d.helm.shards[shard]
	if len(s.leaders) == 1 && n.cuts == nil {
		return s.leaders[0]
	}
	for _, l := range s.leaders {
		if !n.cut(from, l) {
			return l
		}
	}
	// It reaches none. Once that has been noticed those it does reach say so.
	first := d.first + shard*d.per
	for k, since := range s.adrift {
		i := first + uint32(k)
		if since != sim.Never && since+s.detect <= n.eng.Now() && n.insts[i].state == fault.Up && !n.cut(from, i) && d.helm.Promotes {
			return i
		}
	}
	if len(s.leaders) > 0 {
		return s.leaders[0]
	}
	return s.last
}

// leads reports whether an instance is a primary of its shard.
func (d *database) leads(i uint32) bool {
	if d.helm == nil {
		return i == d.firstOf(i)
	}
	return slices.Contains(d.helm.shards[(i-d.first)/d.per].leaders, i)
}

// isOut reports whether an instance has lost its office and is not back.
func (d *database) isOut(i uint32) bool {
	return d.helm != nil && d.helm.shards[(i-d.first)/d.per].out[(i-d.first)%d.per]
}

// unled reports whether an instance has to refuse a request because its shard
// has no primary that might do it, or because that is another one.
func (n *Network) unled(nd *nodeState, i uint32, op uint16, req uint32) bool {
	d := nd.database
	if d == nil || !d.helm.strict() || n.insts[i].state != fault.Up {
		return false
	}
	switch one := d.door(op).access; {
	case one.Kind != Read && one.Kind != Scatter:
		return !d.leads(i) || !n.well(d, i)
	case one.Route == ReadPrimary:
		return !d.leads(i)
	case one.Route == ReadOwn:
		return nd.replication != nil && !d.leads(i) && n.misses(nd.replication, i, n.reqs[req].source)
	}
	return false
}

// anyReplica reports whether a replica of the shard is up.
func (n *Network) anyReplica(d *database, shard uint32) bool {
	first := d.first + shard*d.per
	for i := first; i < first+d.per; i++ {
		if n.insts[i].state < fault.Dead && !d.leads(i) {
			return true
		}
	}
	return false
}
