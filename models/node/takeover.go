package node

import (
	"cmp"
	"slices"

	"github.com/capsim/capsim/models/fault"
)

// active calls with every write of a shard that is not applied everywhere and
// not lost.
func (rp *replication) active(shard uint32, with func(w uint32, one *write)) {
	for w := range rp.writes {
		one := &rp.writes[w]
		if one.left > 0 && !one.void && rp.records.entries[one.record].shard == shard {
			with(uint32(w), one)
		}
	}
}

// acksNow is how many instances must have a write of a shard before it is
// acknowledged. Who has lost its office is not waited for until it is back; a
// quorum it leaves no smaller.
func (rp *replication) acksNow(d *database, shard uint32) uint32 {
	if d.helm == nil || !rp.strict || rp.mode == Quorum {
		return rp.acks
	}
	others := rp.each
	for _, out := range d.helm.shards[shard].out {
		if out {
			others--
		}
	}
	return min(rp.acks, others)
}

// lacking counts the acknowledged writes of a shard that an instance has
// neither got nor a newer one of their record.
func (n *Network) lacking(d *database, shard, i uint32) int {
	rp := n.insts[i].at.replication
	if rp == nil {
		return 0
	}
	_, k := rp.shard(i)
	count := 0
	rp.active(shard, func(_ uint32, one *write) {
		if one.told && rp.records.of(one.record)[k] < one.version {
			count++
		}
	})
	return count
}

// takeOver makes the data of p what counts in its shard, and returns how many
// acknowledged writes are lost by that. First p gets what it lacks and another
// instance that it can reach has. What nobody has who counts is lost, and taken
// back wherever it is.
func (n *Network) takeOver(d *database, shard, p uint32) (lost uint64) {
	rp := n.insts[p].at.replication
	if rp == nil {
		return 0
	}
	rp.moved = true
	s := &d.helm.shards[shard]
	rp.active(shard, func(_ uint32, one *write) {
		if slices.Contains(s.leaders, one.at) {
			return // he who took it leads on the other side of a partition
		}
		switch at := n.holder(d, rp, shard, p, one); {
		case at == none:
			one.void = true
			if one.told {
				lost++
			}
		case d.leads(at):
			one.at = at
		default:
			one.at = p
			has := &rp.records.of(one.record)[p-d.firstOf(p)]
			*has = max(*has, one.version)
		}
	})
	rp.rewind(shard, p-d.firstOf(p))
	n.reroute(d, rp, shard, p)
	return lost
}

// holder is an instance that counts and has a write, or a newer one of its
// record: p, one that p can reach, or a leader elsewhere; none if nobody is.
func (n *Network) holder(d *database, rp *replication, shard, p uint32, one *write) uint32 {
	s, first, has := &d.helm.shards[shard], d.firstOf(p), rp.records.of(one.record)
	if has[p-first] >= one.version {
		return p
	}
	for k := range has {
		i := first + uint32(k)
		if has[k] >= one.version && n.insts[i].state == fault.Up && !n.cut(p, i) && !d.leads(i) {
			return i
		}
	}
	for _, l := range s.leaders {
		if has[l-first] >= one.version {
			return l
		}
	}
	return none
}

// rewind takes the lost writes of a shard back where they are, to what the new
// primary, its instance p, has of their records. From now on the newest write
// that was acknowledged is the newest that is not lost.
func (rp *replication) rewind(shard, p uint32) {
	for w := range rp.writes {
		one := &rp.writes[w]
		if one.left == 0 || !one.void || rp.records.entries[one.record].shard != shard {
			continue
		}
		has := rp.records.of(one.record)
		for k := range has {
			if has[k] == one.version {
				has[k] = has[p]
			}
		}
		if e := &rp.records.entries[one.record]; e.acked == one.version {
			e.acked = 0
		}
		one.acks, one.waiter = 0, none
	}
	rp.active(shard, func(_ uint32, one *write) {
		if one.told {
			e := &rp.records.entries[one.record]
			e.acked = max(e.acked, one.version)
		}
	})
}

// reroute lets the writes that are on the way to instances of a shard come from
// who has them now, if who sent them is not to be reckoned with any more.
func (n *Network) reroute(d *database, rp *replication, shard, p uint32) {
	first := d.firstOf(p)
	for f := range n.frames {
		fr := &n.frames[f]
		if (fr.state == shipped || fr.state == late) && first <= fr.inst && fr.inst < first+d.per {
			if one := &rp.writes[n.cold[f].count]; !one.void {
				n.cold[f].limit = one.at
			}
		}
	}
	for i := first; i < first+d.per; i++ {
		queue := &rp.unsent[i-rp.first]
		n.inOrder(rp, *queue)
		list := slices.Clone(*queue)
		*queue = (*queue)[:0]
		for _, b := range list {
			switch {
			case rp.writes[n.cold[b].count].void, n.frames[b].inst == p && n.cold[b].limit == p:
				n.dropWrite(b)
			case n.cold[b].limit == i:
				*queue = append(*queue, b)
			default:
				n.sendWrite(b)
			}
		}
	}
	n.sendKept()
}

// dropWrite forgets frame b, whose instance needs its write no more.
func (n *Network) dropWrite(b uint32) {
	rp, w := n.insts[n.frames[b].inst].at.replication, n.cold[b].count
	if one := &rp.writes[w]; one.author != none {
		_, k := rp.shard(n.frames[b].inst)
		rp.authors.of(one.author)[k]--
	}
	n.acked(rp, w)
	n.release(b)
}

// keepUnsent keeps the write in frame b at the instance that it is to be sent
// from, which is dead, stands still, or has lost its office.
func (n *Network) keepUnsent(b uint32) {
	rp := n.insts[n.frames[b].inst].at.replication
	n.frames[b].state = late
	queue := &rp.unsent[n.cold[b].limit-rp.first]
	*queue = append(*queue, b)
}

// sendUnsent lets an instance that is there again send the writes that it still
// has to, each after its lag, in the order in which they were written.
func (n *Network) sendUnsent(i uint32) {
	rp := n.insts[i].at.replication
	if rp == nil || n.insts[i].at.database.isOut(i) {
		return
	}
	queue := &rp.unsent[i-rp.first]
	n.inOrder(rp, *queue)
	list := slices.Clone(*queue)
	*queue = (*queue)[:0]
	for _, b := range list {
		n.sendWrite(b)
	}
}

// inOrder orders frames by the writes that they carry.
func (n *Network) inOrder(rp *replication, frames []uint32) {
	slices.SortFunc(frames, func(a, b uint32) int {
		v, w := n.cold[a].count, n.cold[b].count
		return cmp.Or(cmp.Compare(rp.writes[v].version, rp.writes[w].version), cmp.Compare(n.frames[a].inst, n.frames[b].inst))
	})
}

// failWaiting fails the writes of a shard that wait for replicas at an instance
// that is no primary any more, or may take no writes because it cannot reach
// most of its shard. They stand there all the same.
func (n *Network) failWaiting(d *database, shard uint32) {
	rp := n.nodes[d.helm.node].replication
	if rp == nil || rp.acks == 0 {
		return
	}
	rp.active(shard, func(_ uint32, one *write) {
		f := one.waiter
		if one.acks == 0 || f == none || n.cold[f].gen != one.gen || n.stateOf(f) != forReplicas {
			return
		}
		i := n.frames[f].inst
		if d.leads(i) && (n.insts[i].state != fault.Up || n.well(d, i)) {
			return
		}
		one.acks, one.waiter = 0, none
		n.cold[f].waited += n.eng.Now() - n.frames[f].since
		n.frames[f].state = running // it commits once more, and is refused
		n.ready = append(n.ready, f)
	})
}

// unite ends the reign of one of two leaders that can reach each other: of the
// one that was promoted first. What both sides have written to the same record
// is a conflict; the newest write stands, whoever took it.
func (n *Network) unite(d *database, shard uint32) {
	s := &d.helm.shards[shard]
	for k := 0; k < len(s.leaders); k++ {
		for j := k + 1; j < len(s.leaders); j++ {
			a, b := s.leaders[k], s.leaders[j]
			if n.cut(a, b) || !n.well(d, a) || !n.well(d, b) {
				continue
			}
			n.reconcile(d, shard, a, b)
			s.leaders = slices.Delete(s.leaders, k, k+1)
			n.dropIdle(a)
			n.takesOffice(a)
			k--
			break
		}
	}
}

// reconcile counts the conflicts between what leaders a and b have written
// without knowing of each other, and leaves all of it to b.
func (n *Network) reconcile(d *database, shard, a, b uint32) {
	rp := n.insts[a].at.replication
	if rp == nil {
		return
	}
	newest := make([][2]uint64, len(rp.records.entries))
	each := func(with func(one *write, side int)) {
		for f := range n.frames {
			fr := &n.frames[f]
			if fr.state != shipped && fr.state != late || fr.inst != a && fr.inst != b {
				continue
			}
			one := &rp.writes[n.cold[f].count]
			switch {
			case one.void || !one.told:
			case one.at == a && fr.inst == b:
				with(one, 0)
			case one.at == b && fr.inst == a:
				with(one, 1)
			}
		}
	}
	each(func(one *write, side int) {
		newest[one.record][side] = max(newest[one.record][side], one.version)
	})
	each(func(one *write, side int) {
		if v := newest[one.record]; n.measuring && v[1-side] > v[side] {
			d.helm.stats.Conflicts++
		}
	})
	rp.active(shard, func(_ uint32, one *write) {
		if one.at == a {
			one.at = b
		}
	})
}

// sendKept sends the writes that were kept because of a partition and can be
// sent now.
func (n *Network) sendKept() {
	if n.cuts == nil {
		return
	}
	kept := n.cuts.kept
	left := kept[:0]
	for _, b := range kept {
		if n.cut(n.cold[b].limit, n.frames[b].inst) {
			left = append(left, b)
			continue
		}
		n.sendWrite(b)
	}
	n.cuts.kept = left
}

// waitsToSend keeps the write in frame b, whose lag is over, where it is if it
// cannot be sent.
func (n *Network) waitsToSend(b uint32) bool {
	from, d := n.cold[b].limit, n.insts[n.frames[b].inst].at.database
	switch {
	case n.faults == nil:
		return false
	case n.insts[from].state != fault.Up || d.isOut(from):
		n.keepUnsent(b)
	case d.helm.strict() && n.cut(from, n.frames[b].inst):
		n.keepWrite(b)
	default:
		return false
	}
	return true
}

// misses reports whether an instance lacks a write of a source.
func (n *Network) misses(rp *replication, inst uint32, source uint64) bool {
	shard, k := rp.shard(inst)
	e := rp.authors.find(shard, source)
	return e != none && rp.authors.of(e)[k] != 0
}
