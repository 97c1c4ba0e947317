package node

import (
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// database is the shards of a node in operation. It chooses the instance that
// gets a call; see scatter.go for calls that several get.
type database struct {
	spec  *DatabaseSpec
	first uint32 // of its instances
	per   uint32 // instances of a shard
	zones uint32 // 0: nobody reads what is nearest
	helm  *helm  // nil: nothing may go wrong
	sharding
	turns  []uint32     // of each shard's reads: in turn among all, and among those of each zone
	doors  []door       // as Spec.Ops
	shares []ShardStats // of each shard

	drawn []uint32 // the shards of the transaction that is being begun
	seen  []uint32 // by shard: the draw that it was last in
	draws uint32
}

// door is how an operation of a database is asked for.
type door struct {
	op     uint32
	access *Access
	visit  uint32 // where what an instance does begins
	end    uint32 // and ends
	ask    uint32 // where what is done at the caller's side begins; none: it just calls
	dial   uint32 // the same for a call that goes over no pool
}

// begin is what is done at the caller's side, none if it just calls.
func (d *door) begin(pooled bool) uint32 {
	if pooled {
		return d.ask
	}
	return d.dial
}

// database compiles what is done at the side of those who call a database.
// The programs of its operations are there already.
func (b *builder) database(at uint32) {
	s, nd := &b.spec.Nodes[at], &b.nodes[at]
	if s.Database == nil {
		return
	}
	d := &database{
		spec: s.Database, first: nd.first, per: uint32(s.Database.PerShard()), sharding: newSharding(s.Name, s.Database),
		shares: make([]ShardStats, s.Database.Shards), seen: make([]uint32, s.Database.Shards),
	}
	for k := range s.Server.Ops {
		d.doors = append(d.doors, door{
			op: nd.entries[k].op, access: &d.spec.Access[k], visit: nd.entries[k].pc, end: b.ends[k], ask: none, dial: none,
		})
		if d.spec.Access[k].Route == ReadNearest {
			d.zones = uint32(len(b.spec.Zones))
		}
	}
	d.turns = make([]uint32, d.shards*(1+d.zones))
	for k := range d.doors {
		b.door(at, d, k)
	}
	nd.database, nd.placer = d, d
}

// door compiles how operation k is asked for, if the caller has more to do
// than to call.
func (b *builder) door(at uint32, d *database, k int) {
	s, one := &b.spec.Nodes[at], &d.doors[k]
	kind, op := one.access.Kind, s.Server.Ops[k].Name
	several := kind == Scatter || kind == Transaction
	if kind == Commit || !several && d.spec.Connect == nil {
		return
	}
	one.dial = b.pc()
	if law := d.spec.Connect; law != nil {
		b.emit(instr{op: opDial, time: b.timed(law, sim.HashName(s.Name, "connect"), at, 1)})
	}
	part := func(visit uint32) uint32 {
		return b.emit(instr{op: opPart, node: at, entry: visit, target: &b.nodes[at]})
	}
	if !several {
		part(one.visit)
		return
	}
	one.ask = b.pc()
	phase := func(name string, visit uint32) {
		need := d.shards
		if kind == Transaction {
			need = uint32(one.access.Shards)
		}
		i := b.emit(instr{op: opScatter, id: sim.HashName(s.Name, op, name), need: need, node: at, target: &b.nodes[at]})
		b.code[i].branches = []uint32{part(visit)}
		b.code[i].after = b.pc()
	}
	phase("shard", one.visit)
	if kind == Transaction {
		phase("commit", d.doors[one.access.Commit].visit)
	}
	b.emit(instr{op: opEnd})
}

// door returns how an operation is asked for. The checks have made sure that
// there is one.
func (d *database) door(op uint16) *door {
	for i := range d.doors {
		if d.doors[i].op == uint32(op) {
			return &d.doors[i]
		}
	}
	panic("node: an operation that the database does not have")
}

// place chooses the instance that gets f's call.
func (d *database) place(n *Network, f uint32, in *instr, callee uint16) (inst, pc uint32) {
	one := d.door(callee)
	return d.choose(n, one.access, d.shardFor(n, f, in), f, f), one.visit
}

// shardFor is the shard that has the key of f's call.
func (d *database) shardFor(n *Network, f uint32, in *instr) uint32 {
	switch {
	case d.shards == 1:
		return 0
	case d.spec.BySource:
		return d.sharding.of(n.reqs[n.frames[f].req].source)
	}
	return d.sharding.of(n.about(f, in))
}

// choose returns the instance of a shard that gets a call which goes out from
// frame g for the call of frame f, g itself if nothing stands between.
func (d *database) choose(n *Network, a *Access, shard, g, f uint32) uint32 {
	primary := d.primary(n, shard, n.frames[g].inst)
	if a.Kind != Read && a.Kind != Scatter || a.Route == ReadPrimary || d.per == 1 {
		return primary
	}
	first, skip, turn := d.first+shard*d.per, uint32(none), shard*(1+d.zones)
	last := first + d.per
	if a.Route.fromReplicas() && d.leads(primary) {
		if skip = primary; d.helm.strict() && !n.anyReplica(d, shard) {
			return primary
		}
	}
	avoid := uint32(none)
	if n.frames[f].flags&isCopy != 0 {
		if other := n.sibling(f); other != none {
			avoid = n.cold[other].count
		}
	}
	zone := int32(beyond)
	if a.Route == ReadNearest {
		zone = n.insts[n.frames[g].inst].zone
		if zone != beyond && n.someIn(first, last, zone) {
			turn += 1 + uint32(zone)
		} else {
			zone = beyond
		}
	}
	inst := n.inTurn(first, last, zone, avoid, skip, &d.turns[turn])
	if a.Route == ReadOwn && n.lacks(f, inst) {
		return primary
	}
	return inst
}

// someIn reports whether one of some instances stands in a zone, and is there.
func (n *Network) someIn(first, last uint32, zone int32) bool {
	for i := first; i < last; i++ {
		if n.insts[i].zone == zone && n.insts[i].state < fault.Dead {
			return true
		}
	}
	return false
}

// inTurn chooses among the instances from first to before last that stand in
// a zone (beyond: wherever they stand), but for one to be skipped: among those
// that are up and not to be avoided, else among those that are up, else among
// all.
func (n *Network) inTurn(first, last uint32, zone int32, avoid, skip uint32, turn *uint32) uint32 {
	able := func(i uint32, level int) bool {
		in := &n.insts[i]
		return i != skip && (zone == beyond || in.zone == zone) && (level > 1 || in.state < fault.Dead) && (level > 0 || i != avoid)
	}
	for level := 0; ; level++ {
		number := uint32(0)
		for i := first; i < last; i++ {
			if able(i, level) {
				number++
			}
		}
		if number == 0 {
			continue
		}
		k := *turn % number
		*turn++
		for i := first; i < last; i++ {
			if able(i, level) {
				if k == 0 {
					return i
				}
				k--
			}
		}
	}
}

// ended counts a visit to an instance of the database that ended well.
func (d *database) ended(n *Network, f uint32) {
	fr := &n.frames[f]
	s := &d.shares[(fr.inst-d.first)/d.per]
	switch one := d.door(fr.op); one.access.Kind {
	case Read, Scatter:
		s.Reads++
	case Write:
		s.Writes++
	default:
		if fr.pc != one.end { // it commits; who prepares has written nothing yet
			s.Writes++
		}
	}
}

// takeSlot counts a request that comes in as a connection.
func (n *Network) takeSlot(g uint32) {
	st := n.insts[n.frames[g].inst].slots
	now := n.eng.Now()
	st.account(now)
	st.busy++
	if n.measuring {
		st.meter.waited(now, now, true)
	}
}

// freeSlot ends the connection of f, which leaves; ok says that it was
// answered.
func (n *Network) freeSlot(f uint32, ok bool) {
	st := n.insts[n.frames[f].inst].slots
	now := n.eng.Now()
	st.account(now)
	st.busy--
	switch {
	case !n.measuring:
	case ok:
		st.meter.served(n.insideSince(f), now)
	default:
		st.meter.brokenOff(n.insideSince(f), now)
	}
}
