package node

import (
	"slices"

	"github.com/capsim/capsim/sim"
)

// sendTo sends f's call to its target, from frame g: f itself, or the one that
// has a connection for it.
func (n *Network) sendTo(f, g uint32, in *instr, callee uint16, seed uint64) uint32 {
	if d := in.target.database; d != nil {
		if pc := d.door(callee).begin(f != g); pc != none {
			return n.ask(f, g, d, pc, callee, seed)
		}
	}
	inst, pc := n.place(f, in, callee)
	return n.visit(g, n.frames[g].req, inst, pc, callee, seed)
}

// ask makes the frame that stands between f's call and the visits to a
// database, at the caller's side: it opens a connection, or asks several
// shards. Frame g waits for it.
func (n *Network) ask(f, g uint32, d *database, pc uint32, callee uint16, seed uint64) uint32 {
	in := &n.code[n.frames[f].pc]
	shard, key, priority := d.shardFor(n, f, in), uint64(0), int32(0)
	if n.rares {
		key, priority = n.about(f, in), n.priorityAt(f)
	}
	a, fr, c := n.newFrame(n.frames[f].inst, pc, n.frames[f].req)
	fr.flags, fr.op, fr.parent = isBranch|n.frames[g].flags&isDetached, callee, g
	c.seed, c.parentGen = seed, n.cold[g].gen
	n.cold[g].child = a
	if n.frames[f].flags&isCopy != 0 {
		n.cold[f].count = none // it has not gone to any instance yet
	}
	n.rare[a] = rareFrame{key: key, priority: priority, shard: shard}
	return a
}

// scatter lets several shards do a phase of what f asks for, each called from
// a branch of its own.
func (n *Network) scatter(f uint32, in *instr) uint32 {
	d := in.target.database
	n.frames[f].state = forChildren
	c := &n.cold[f]
	c.count, c.limit = in.need, in.need
	join := n.newJoin()
	c.child = join
	if in.need < d.shards {
		d.draw(n.rare[f].shard, in.need, n.cold[f].seed)
	}
	for i := range in.need {
		shard := i
		if in.need < d.shards {
			shard = d.drawn[i]
		}
		b := n.branch(f, in.branches[0], sim.Mix(in.id, uint64(shard)))
		n.rare[b].shard = shard
		n.ready = append(n.ready, b)
		n.joins[join].kids = append(n.joins[join].kids, b)
	}
	return none
}

// purposeShards is the purpose of the draw of a transaction's shards.
var purposeShards = sim.HashName("transaction", "shards")

// draw fills drawn with the shards of a transaction: home, and others that
// are different, each set of them as likely as any (R. W. Floyd's algorithm;
// J. Bentley, Programming Pearls, CACM 30(9), 1987). The same seed draws the
// same.
func (d *database) draw(home, number uint32, seed uint64) {
	s := sim.Keyed(sim.Mix(seed, purposeShards))
	d.drawn = append(d.drawn[:0], home)
	d.draws++
	if d.draws == 0 { // once in four thousand million draws
		clear(d.seen)
		d.draws = 1
	}
	others := d.shards - 1
	for j := others - (number - 1); j < others; j++ {
		k := uint32(s.Below(uint64(j) + 1))
		if d.seen[k] == d.draws {
			k = j
		}
		d.seen[k] = d.draws
		if k >= home { // home is not among those that are numbered here
			d.drawn = append(d.drawn, k+1)
		} else {
			d.drawn = append(d.drawn, k)
		}
	}
}

// sendPart calls the shard that branch b is for.
func (n *Network) sendPart(b uint32, in *instr) uint32 {
	d, fr := in.target.database, &n.frames[b]
	one := d.door(fr.op)
	f := b // without a copy there is nobody to avoid
	if p := n.pooledBy(fr.parent); n.cold[fr.parent].gen == n.cold[b].parentGen && n.frames[p].flags&isCopy != 0 {
		f = p
	}
	inst := d.choose(n, one.access, n.rare[b].shard, b, f)
	if f != b {
		n.cold[f].count = inst
	}
	fr.state = forAnswer
	return n.visit(b, fr.req, inst, in.entry, fr.op, n.cold[b].seed)
}

// dial opens a connection for the call that f stands for.
func (n *Network) dial(f uint32, in *instr) uint32 {
	fr := &n.frames[f]
	d := sim.FromNanoseconds(n.sample(&in.time, f))
	if d == 0 {
		fr.pc++
		return f
	}
	fr.state, fr.since, n.cold[f].limit = opening, n.eng.Now(), uint32(OK)
	n.eng.Arm(n.eng.Now()+d, sim.Completion, in.time.rank, f)
	return none
}

// standsBetween reports whether frames at such an instruction stand between a
// call and the visits to a database.
func (in *instr) standsBetween() bool {
	return in.op == opPart || in.op == opScatter || in.op == opDial
}

// dropBetween ends frame g, which stands between a call that was given up and the
// visits to a database: what is not sent yet is not sent any more, and the
// visits that are under way go on for nobody.
func (n *Network) dropBetween(g uint32, why Status) {
	n.eng.Disarm(g)
	child, kids := uint32(none), []uint32(nil)
	switch n.stateOf(g) {
	case running:
		if i := slices.Index(n.ready, g); i >= 0 {
			n.ready[i] = none
		}
	case forAnswer:
		child = n.cold[g].child
	case forChildren:
		kids = n.endJoin(g)
	}
	n.release(g)
	n.abandon(child, false, why)
	for _, b := range kids {
		n.dropBetween(b, why)
	}
}

// closeDatabase fills in the figures of a database and checks its laws.
func (n *Network) closeDatabase(at uint32, nd *nodeState) {
	d := nd.database
	nd.stats.Shards = slices.Clone(d.shares)
	if nd.slots == nil {
		return
	}
	for i := nd.first; i < nd.first+nd.count; i++ {
		st := n.insts[i].slots
		st.account(n.eng.Now())
		n.gather(at, st, uint64(n.upTime(i)))
	}
	n.checkMeter(at, nd.slots, "connections")
	nd.stats.Connections = &nd.slots.ResourceStats
}
