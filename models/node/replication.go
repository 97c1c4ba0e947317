package node

import (
	"slices"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/stats"
)

// ReplicationSpec is how the writes of a database get from the primaries to
// their replicas.
type ReplicationSpec struct {
	Mode  ReplicationMode
	Lag   dist.Law // from the end of a write at its primary until a replica has it; nil: none
	Apply dist.Law // work on a core of the replica then, until it is applied; nil: none
}

// Acks is how many of a shard's replicas must have applied a write before it
// is acknowledged. A quorum is more than half of all, the primary among them.
func (r ReplicationSpec) Acks(replicas int) int {
	switch r.Mode {
	case SemiSync:
		return min(1, replicas)
	case Sync:
		return replicas
	case Quorum:
		return (replicas + 1) / 2
	default:
		return 0
	}
}

// ReplicationStats is what a database's replicas had to do with within the
// window.
type ReplicationStats struct {
	Reads      uint64          // reads of an instance, primaries included
	Stale      uint64          // those that missed the newest acknowledged write of their key
	Redirected uint64          // reads that went to a primary because of the reader's own writes
	Lag        stats.Histogram // from each write at the primary until each replica had applied it
}

// replication is how a database's writes get to its replicas, and which of
// them are on the way.
//
// A write is committed when its program is at its end at the primary. From
// then on a frame for each replica waits for the lag and then does the work
// of applying it, for nobody who would wait; the write itself waits, if it has
// to, until enough of them are done. What is applied everywhere is forgotten.
type replication struct {
	first     uint32 // instance of the database
	each      uint32 // replicas of a shard
	strict    bool   // its primaries may change, or have to refuse
	moved     bool   // one has
	bySource  bool   // records of different sources are different ones
	acks      uint32
	mode      ReplicationMode
	lag       timed
	apply     bool   // it takes work
	begin     uint32 // the program that applies a write
	end       uint32 // its last instruction
	version   uint64 // of the newest write
	records   ledger // of a record: the version that each instance has
	authors   ledger // of a source: how many of its writes each instance lacks
	tracks    bool   // somebody asks for authors
	writes    []write
	freeWrite uint32
	late      [][]uint32 // by instance: frames that wait until it is alive again
	unsent    [][]uint32 // by instance: frames that wait until it can send them
	stats     *ReplicationStats
}

// write is one that is not applied everywhere.
type write struct {
	committed sim.Time
	version   uint64
	record    uint32 // its entry in records
	author    uint32 // its entry in authors
	left      uint32 // replicas that have not applied it, and one while they are being told
	acks      uint32 // of those, how many the waiter needs
	waiter    uint32 // the frame of the write; free list
	gen       uint32 // of that
	at        uint32 // the leader whose data it belongs to
	told      bool   // it was acknowledged
	void      bool   // it is lost: another instance was promoted that had not got it
}

// replicas prepares the replication of a database, if it has replicas that may
// lack what somebody writes.
func (b *builder) replicas(at uint32) {
	s, nd := &b.spec.Nodes[at], &b.nodes[at]
	d := s.Database
	if !d.replicates() {
		return
	}
	each := uint32(d.Replicas)
	rp := &replication{
		first: nd.first, each: each, bySource: d.BySource, acks: uint32(d.Acks()),
		records: newLedger(1 + each), authors: newLedger(1 + each), tracks: d.tracks(), freeWrite: none,
		late: make([][]uint32, nd.count), unsent: make([][]uint32, nd.count), stats: &ReplicationStats{}, strict: d.Failover != nil, mode: d.Replication.Mode,
	}
	nd.stats.Replication = rp.stats
	if d.Replication.Lag != nil {
		rp.lag = b.timed(d.Replication.Lag, sim.HashName(s.Name, "replication", "lag"), at, 1)
	}
	rp.begin = b.pc()
	if law := d.Replication.Apply; law != nil {
		rp.apply = true
		b.emit(instr{op: opCPU, time: b.timed(law, sim.HashName(s.Name, "replication", "apply"), at, s.Server.CoreSpeed())})
	}
	rp.end = b.emit(instr{op: opApplied})
	nd.replication = rp
}

// replicates reports whether replicas may lack a write, or are waited for.
func (d *DatabaseSpec) replicates() bool {
	if d == nil || d.Replication.Lag == nil && d.Replication.Apply == nil && d.Acks() == 0 && d.Failover == nil {
		return false // they have it at once
	}
	writes := func(a Access) bool { return a.Kind == Write || a.Kind == Commit }
	return d.Replicas > 0 && slices.ContainsFunc(d.Access, writes)
}

// Acks is how many replicas must have applied a write before it is
// acknowledged.
func (d *DatabaseSpec) Acks() int { return d.Replication.Acks(d.Replicas) }

// tracks reports whether readers are asked for what they have written.
func (d *DatabaseSpec) tracks() bool {
	return slices.ContainsFunc(d.Access, func(a Access) bool { return a.Route == ReadOwn })
}

// applying is how many seconds of core it takes the replicas to apply one write
// by operation k.
func (n *Node) applying(k int) float64 {
	d := n.Database
	if d == nil || d.Replication.Apply == nil || d.Access[k].Kind != Write && d.Access[k].Kind != Commit {
		return 0
	}
	return float64(float64(d.Replicas) * known(d.Replication.Apply.Mean()) / 1e9 / n.Server.CoreSpeed())
}

// sees compiles that operation k of a node sees what has been applied when it
// begins.
func (b *builder) sees(at uint32, k int) {
	d := b.spec.Nodes[at].Database
	if d.replicates() && (d.Access[k].Kind == Read || d.Access[k].Kind == Scatter) {
		b.emit(instr{op: opSnapshot})
	}
}

// commits compiles that operation k of a node has written something at its
// end.
func (b *builder) commits(at uint32, k int) {
	d := b.spec.Nodes[at].Database
	if d.replicates() && (d.Access[k].Kind == Write || d.Access[k].Kind == Commit) {
		b.emit(instr{op: opCommit, id: sim.HashName(b.spec.Nodes[at].Name, "commit")})
	}
}

// shard returns the shard that an instance belongs to, and which of its
// instances it is, 0 if it is the one that is the primary at first.
func (rp *replication) shard(inst uint32) (shard, number uint32) {
	k := inst - rp.first
	return k / (1 + rp.each), k % (1 + rp.each)
}

// record is what f reads or writes.
func (n *Network) record(f uint32, rp *replication) uint64 {
	q := &n.reqs[n.frames[f].req]
	key := q.key
	if n.rares {
		key = n.rare[f].key
	}
	if rp.bySource {
		key = sim.Mix(key, q.source)
	}
	return key
}

// replicate runs an instruction of f that has to do with replicas.
func (n *Network) replicate(f uint32, in *instr) uint32 {
	switch in.op {
	case opSnapshot:
		return n.snapshot(f)
	case opCommit:
		return n.commit(f, in)
	default:
		return n.applied(f)
	}
}

// snapshot begins f's read: what it sees is decided now.
func (n *Network) snapshot(f uint32) uint32 {
	fr := &n.frames[f]
	fr.pc++
	if !n.measuring {
		return f
	}
	rp := n.insts[fr.inst].at.replication
	rp.stats.Reads++
	shard, k := rp.shard(fr.inst)
	if k == 0 && !rp.moved {
		return f
	}
	e := rp.records.find(shard, n.record(f, rp))
	if e != none && rp.records.entries[e].acked > rp.records.of(e)[k] {
		rp.stats.Stale++
	}
	return f
}

// lacks reports whether an instance lacks a write of the source that f works
// for, who then must not read there.
func (n *Network) lacks(f, inst uint32) bool {
	rp := n.insts[inst].at.replication
	if rp == nil || !n.misses(rp, inst, n.reqs[n.frames[f].req].source) {
		return false
	}
	if n.measuring {
		rp.stats.Redirected++
	}
	return true
}

// commit ends f's write at the primary: its replicas are told, and it waits
// for as many as it has to.
func (n *Network) commit(f uint32, in *instr) uint32 {
	inst := n.frames[f].inst
	rp := n.insts[inst].at.replication
	if rp.strict && n.unled(n.insts[inst].at, inst, n.frames[f].op, n.frames[f].req) {
		return n.leave(f, Unavailable)
	}
	shard, own := rp.shard(inst)
	rp.version++
	w := rp.newWrite()
	one := &rp.writes[w]
	*one = write{
		committed: n.eng.Now(), version: rp.version, record: rp.records.begin(shard, n.record(f, rp)), author: none,
		left: rp.each + 1, acks: rp.acksNow(n.insts[inst].at.database, shard), waiter: f, gen: n.cold[f].gen, at: inst,
	}
	rp.records.of(one.record)[own] = rp.version
	if rp.tracks {
		one.author = rp.authors.begin(shard, n.reqs[n.frames[f].req].source)
		for k := range rp.authors.of(one.author) {
			if uint32(k) != own {
				rp.authors.of(one.author)[k]++
			}
		}
	}
	if one.acks == 0 {
		rp.acknowledge(w)
	}
	seed := sim.MixHashed(n.cold[f].seed, in.hashed)
	for k := range 1 + rp.each {
		if k != own {
			n.ship(f, rp, w, inst-own+k, sim.Mix(seed, uint64(k)-1))
		}
	}
	waits := rp.writes[w].acks > 0
	rp.finish(w)
	fr := &n.frames[f]
	if waits {
		fr.state, fr.since = forReplicas, n.eng.Now()
		return none
	}
	fr.pc++
	return f
}

// acknowledge notes that the write's caller may know of it: from now on a
// read that misses it is stale.
func (rp *replication) acknowledge(w uint32) {
	one := &rp.writes[w]
	e := &rp.records.entries[one.record]
	e.acked = max(e.acked, one.version)
	one.waiter, one.told = none, true
}

// ship sends a write of f to a replica.
func (n *Network) ship(f uint32, rp *replication, w, inst uint32, seed uint64) {
	from := n.frames[f].inst
	apart := n.cut(from, inst)
	if !apart && rp.lag.law == nil && !rp.apply && n.insts[inst].state == fault.Up {
		n.has(rp, w, inst)
		n.acked(rp, w)
		return
	}
	b, fr, c := n.newFrame(inst, rp.begin, n.frames[f].req)
	fr.flags, fr.op = isBranch|isDetached, n.frames[f].op
	c.seed, c.count, c.limit = seed, w, from
	n.inherit(b, f)
	if apart {
		n.keepWrite(b)
		return
	}
	n.sendWrite(b)
}

// shippedTo lets the write in frame b be applied, once its replica is alive.
func (n *Network) shippedTo(b uint32) uint32 {
	fr := &n.frames[b]
	switch in := &n.insts[fr.inst]; {
	case in.at.replication.writes[n.cold[b].count].void:
		n.dropWrite(b)
		return none
	case n.waitsToSend(b):
		return none
	case in.state >= fault.Dead:
		n.keepLate(b)
		return none
	}
	fr.state = running
	return b
}

// keepLate keeps the write in frame b for a replica that is dead. It applies
// it when it is back, from the beginning.
func (n *Network) keepLate(b uint32) {
	fr := &n.frames[b]
	rp := n.insts[fr.inst].at.replication
	fr.state, fr.pc = late, rp.begin
	queue := &rp.late[fr.inst-rp.first]
	*queue = append(*queue, b)
}

// applies reports whether frame f applies a write to its replica.
func (n *Network) applies(f uint32) bool {
	fr := &n.frames[f]
	rp := n.insts[fr.inst].at.replication
	return rp != nil && rp.begin <= fr.pc && fr.pc <= rp.end
}

// catchUp lets a replica that is alive again have the writes that it missed,
// in the order in which they were written.
func (n *Network) catchUp(i uint32) {
	rp := n.insts[i].at.replication
	if rp == nil {
		return
	}
	queue := &rp.late[i-rp.first]
	n.inOrder(rp, *queue)
	for _, b := range *queue {
		if b = n.shippedTo(b); b != none {
			n.ready = append(n.ready, b)
		}
	}
	*queue = (*queue)[:0]
}

// applied ends frame b, whose write its replica now has.
func (n *Network) applied(b uint32) uint32 {
	fr := &n.frames[b]
	rp, w := n.insts[fr.inst].at.replication, n.cold[b].count
	n.has(rp, w, fr.inst)
	if rp.writes[w].acks == 0 || !n.keepAnswer(b) {
		n.tellPrimary(b)
	}
	return none
}

// has notes that an instance has a write now.
func (n *Network) has(rp *replication, w, inst uint32) {
	one, now := &rp.writes[w], n.eng.Now()
	_, k := rp.shard(inst)
	if one.author != none {
		rp.authors.of(one.author)[k]--
	}
	if one.void {
		return
	}
	if n.measuring {
		rp.stats.Lag.Record(int64(now - one.committed))
	}
	at := &rp.records.of(one.record)[k]
	*at = max(*at, one.version)
}

// acked lets write w go on, if it has waited for one more replica to have it.
func (n *Network) acked(rp *replication, w uint32) {
	one := &rp.writes[w]
	if one.acks > 0 {
		if one.acks--; one.acks == 0 && n.cold[one.waiter].gen == one.gen {
			n.wake(rp, w)
		}
	}
	rp.finish(w)
}

// wake acknowledges a write that enough replicas have. Where none of them took
// any time, it has not begun to wait.
func (n *Network) wake(rp *replication, w uint32) {
	f := rp.writes[w].waiter
	rp.acknowledge(w)
	if n.stateOf(f) != forReplicas {
		return
	}
	fr := &n.frames[f]
	n.cold[f].waited += n.eng.Now() - fr.since
	fr.state = running
	fr.pc++
	n.ready = append(n.ready, f)
}

func (rp *replication) newWrite() uint32 {
	w := rp.freeWrite
	if w == none {
		rp.writes = append(rp.writes, write{})
		return uint32(len(rp.writes) - 1)
	}
	rp.freeWrite = rp.writes[w].waiter
	return w
}

// finish counts one down who has not applied the write, and forgets it with
// the last.
func (rp *replication) finish(w uint32) {
	one := &rp.writes[w]
	if one.left--; one.left > 0 {
		return
	}
	rp.records.end(one.record)
	if one.author != none {
		rp.authors.end(one.author)
	}
	one.waiter, rp.freeWrite = rp.freeWrite, w
}
