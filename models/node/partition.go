package node

import (
	"slices"

	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/models/fault"
)

// cuts are the partitions of a topology. While one lasts nothing that is sent
// on one side of it gets to the other; what was sent before does. Its sides are
// sets of instances, clients among them.
type cuts struct {
	sides [][]uint8 // as Spec.Faults: on which side of it each instance is, 0 on none; nil: it is no partition
	open  []int     // the faults that part somebody now
	kept  []uint32  // frames: writes that are to be sent to replicas afterwards
	deaf  []uint32  // frames: writes that replicas have, whose primaries are to learn of it
}

// partitions prepares the partitions that begin within the window.
func (b *builder) partitions() {
	list := b.spec.Faults
	if !slices.ContainsFunc(list, func(f fault.Fault) bool { return f.Kind == fault.Partition && f.At < b.end }) {
		return
	}
	b.cuts = &cuts{sides: make([][]uint8, len(list))}
	for k := range list {
		if list[k].Kind != fault.Partition {
			continue
		}
		b.cuts.sides[k] = make([]uint8, len(b.insts))
		for side, spans := range list[k].Sides {
			for _, i := range b.instancesAt(spans) {
				b.cuts.sides[k][i] = uint8(1 + side)
			}
		}
	}
	if b.net == nil { // what is sent takes no time, but may not get through
		b.net = newWires(&NetworkSpec{}, len(b.spec.Zones))
	}
}

// instancesAt lists the instances of some spans.
func (b *builder) instancesAt(spans []fault.Span) []uint32 {
	var out []uint32
	for _, at := range spans {
		first := b.nodes[at.Node].first + uint32(at.First)
		for i := range uint32(at.Count) {
			out = append(out, first+i)
		}
	}
	return out
}

// cut reports whether a partition keeps two instances from each other.
func (n *Network) cut(a, b uint32) bool {
	if n.cuts == nil {
		return false
	}
	for _, k := range n.cuts.open {
		if n.cuts.parts(k, a, b) {
			return true
		}
	}
	return false
}

// parts reports whether two instances are on different sides of partition k.
func (x *cuts) parts(k int, a, b uint32) bool {
	s, t := x.sides[k][a], x.sides[k][b]
	return s != t && s != 0 && t != 0
}

// ofPartition reports whether fault k is a partition.
func (n *Network) ofPartition(k int) bool { return n.cuts != nil && n.cuts.sides[k] != nil }

// befalls lets fault k begin at some of the instances that it strikes.
func (n *Network) befalls(k int, insts []uint32) {
	switch f := &n.spec.Faults[k]; f.Kind {
	case fault.Partition:
		n.cuts.open = append(n.cuts.open, k)
		n.steer(insts, k, false)
	case fault.Slow, fault.Errors, fault.Latency:
		n.ails(insts, f, true)
	case fault.Surge:
		n.swells(insts, f, true)
	case fault.Flush:
		n.flush(k, insts)
	default:
		n.afflict(insts, f)
	}
}

// passes lets fault k end at some of the instances that it strikes.
func (n *Network) passes(k int, insts []uint32) {
	switch f := &n.spec.Faults[k]; f.Kind {
	case fault.Partition:
		n.joinsAgain(k)
	case fault.Slow, fault.Errors, fault.Latency:
		n.ails(insts, f, false)
	case fault.Surge:
		n.swells(insts, f, false)
	case fault.Flush: // it was over at once
	default:
		n.relieve(insts, f)
	}
}

// joinsAgain ends partition k: replicas get what they have missed, primaries
// learn of what replicas have, and queues that nobody will acknowledge any more
// what they have sent.
func (n *Network) joinsAgain(k int) {
	x := n.cuts
	x.open = slices.DeleteFunc(x.open, func(other int) bool { return other == k })
	n.steer(n.faults.targets[k], None, false)
	n.sendKept()
	left := x.deaf[:0]
	for _, b := range x.deaf {
		if n.cut(n.cold[b].limit, n.frames[b].inst) {
			left = append(left, b)
			continue
		}
		n.tellPrimary(b)
	}
	x.deaf = left
	for _, q := range n.brokers {
		for i := range q.takers {
			if at := q.takers[i].inst; x.parts(k, q.inst, at) && !n.cut(q.inst, at) {
				n.swallowed(q, at)
				q.offer(n, uint32(i))
			}
		}
		n.handOut(q)
	}
}

// keepWrite keeps the write in frame b until its replica can be reached.
func (n *Network) keepWrite(b uint32) {
	n.frames[b].state = late
	n.cuts.kept = append(n.cuts.kept, b)
}

// sendWrite sends the write in frame b on its way to its replica.
func (n *Network) sendWrite(b uint32) {
	fr := &n.frames[b]
	rp := n.insts[fr.inst].at.replication
	fr.state, fr.since = shipped, n.eng.Now()
	if rp.lag.law != nil {
		n.after(b, &rp.lag)
		return
	}
	if b = n.shippedTo(b); b != none {
		n.ready = append(n.ready, b)
	}
}

// keepAnswer keeps frame b, whose replica has applied its write, until the
// primary can learn of it. It returns false if that can be now.
func (n *Network) keepAnswer(b uint32) bool {
	if n.cuts == nil || !n.cut(n.cold[b].limit, n.frames[b].inst) {
		return false
	}
	n.frames[b].state = late
	n.cuts.deaf = append(n.cuts.deaf, b)
	return true
}

// tellPrimary ends frame b, whose primary learns that its write is applied.
func (n *Network) tellPrimary(b uint32) {
	n.acked(n.insts[n.frames[b].inst].at.replication, n.cold[b].count)
	n.release(b)
}

// concerns reports whether fault k is why balancer b takes an instance out of
// rotation: of a partition only who is on the other side.
func (n *Network) concerns(k int, b *balancer, inst uint32) bool {
	if n.ofPartition(k) {
		return n.cuts.parts(k, b.inst, inst)
	}
	return slices.Contains(n.faults.targets[k], inst)
}

// passed reports whether what fault k struck, some or all of it, is well again,
// every balancer believes so, and no shard is without a primary because of it.
func (n *Network) passed(k int, insts []uint32) bool {
	if n.snap.Faults[k].Closed > 0 {
		return false
	}
	if !n.ofPartition(k) {
		return n.inRotation(insts)
	}
	for _, i := range insts {
		for _, at := range n.faults.watches[i] {
			if n.cuts.parts(k, at.balancer.inst, i) && !at.trusted() {
				return false
			}
		}
	}
	return true
}

// trusted reports whether the balancer takes its member to be well.
func (at *watch) trusted() bool {
	w := &at.balancer.ways[at.way]
	return w.group.Barred(at.member)&(balance.Unhealthy|balance.Ejected) == 0 && (w.outliers == nil || w.outliers[at.member].state == trusted)
}
