package node

import (
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/evict"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// caching is a cache in operation.
type caching struct {
	first uint32        // of the node's instances
	each  []evict.Cache // of each instance; nil: a fixed share of the look-ups finds its item
	ring  *itemRing     // which instance keeps an item; nil: the only one
	limit uint64        // of what each instance keeps; 0: none
	size  dist.Law      // bytes of an entry; nil: each counts as one
	aging []expiryLine  // of each instance, where only their time bounds the entries; nil: something else does
	byOp  bool          // each operation has items of its own
	ops   []uint16      // that have been entered, if byOp

	warm *warmth // what it has from the start; nil: nothing

	entered, gone int64 // entries, for the law of their conservation
}

// purposeObjectSize is of the draw of an item's size.
var purposeObjectSize = sim.HashName("object", "size")

// holder is the instance that keeps an item.
func (c *caching) holder(item uint64) uint32 {
	if c.ring == nil {
		return c.first
	}
	return c.first + c.ring.of(item)
}

// place sends a call to the instance that keeps what it is about.
func (c *caching) place(n *Network, f uint32, in *instr, callee uint16) (inst, pc uint32) {
	pc = in.entry
	if pc == none {
		pc = in.target.entry(callee)
	}
	return c.holder(n.about(f, in)), pc
}

// identity is what an entry is known by.
func (c *caching) identity(n *Network, op uint16, item uint64) uint64 {
	if !c.byOp {
		return item
	}
	return sim.Mix(n.opHashes[op], item)
}

// itemOf is the item that visit f is about.
func (n *Network) itemOf(f uint32) uint64 {
	if n.rares {
		return n.rare[f].key
	}
	return n.reqs[n.frames[f].req].key
}

// lookUp decides whether the cache has what it is asked for, at the end of
// its latency. A get is answered either way, and told which; whoever asks for
// the thing itself gets it from the origin on a miss.
func (n *Network) lookUp(f uint32, in *instr) uint32 {
	fr := &n.frames[f]
	nd := n.insts[fr.inst].at
	c := nd.cache
	id := uint64(0)
	if c.each != nil || in.coalesce { // else it does not matter what is asked for
		id = c.identity(n, fr.op, n.itemOf(f))
	}
	if in.aged {
		n.rare[f].born = unborn
	}
	hit := false
	if c.each == nil {
		s := sim.Keyed(sim.MixHashed(n.cold[f].seed, in.hashed))
		hit = s.Float64() < in.ratio
	} else {
		hit = n.find(nd, fr.inst, id)
	}
	// A caller that has given up has taken it for a miss, whatever is there.
	if in.miss == none && n.late(f) {
		fr.pc = in.after
		return f
	}
	if !hit && in.coalesce && n.follow(f, id) {
		return none
	}
	return n.lookedUp(f, in, hit)
}

// countLookUp counts a look-up that found its item or did not. A get that
// fails, for whatever reason, has not found it.
func (n *Network) countLookUp(nd *nodeState, hit bool) {
	switch {
	case !n.measuring:
		n.tellPilot(nd, hit)
	case hit:
		nd.stats.Hits++
	default:
		nd.stats.Misses++
	}
}

// lookedUp counts a look-up of f, and goes on.
func (n *Network) lookedUp(f uint32, in *instr, hit bool) uint32 {
	fr := &n.frames[f]
	n.countLookUp(n.insts[fr.inst].at, hit)
	switch {
	case hit:
		fr.flags |= tookHit
		fr.pc = in.after
	case in.miss == none:
		fr.pc = in.after
	default:
		fr.pc = in.miss
	}
	return f
}

// find looks an entry up at an instance.
func (n *Network) find(nd *nodeState, inst uint32, id uint64) bool {
	c := nd.cache
	switch c.each[inst-c.first].Get(id, n.eng.Now()) {
	case evict.Hit:
		return true
	case evict.Expired:
		n.expired(nd)
	}
	return false
}

func (n *Network) expired(nd *nodeState) {
	nd.cache.gone++
	if n.measuring {
		nd.stats.Expirations++
	}
}

// fill enters what f's get has missed, at the instance that keeps it.
func (n *Network) fill(f uint32, in *instr) uint32 {
	item := n.about(f, in)
	if at := in.target.cache.holder(item); n.cuts == nil || !n.cut(n.frames[f].inst, at) {
		n.put(in.target, at, 0, item, in.lifetime)
	}
	n.frames[f].pc++
	return f
}

// keepItem enters what visit f is about, at the instance where it is.
func (n *Network) keepItem(f uint32, in *instr) uint32 {
	fr := &n.frames[f]
	lifetime := in.lifetime
	if in.aged {
		lifetime = n.remaining(f, lifetime)
	}
	n.put(n.insts[fr.inst].at, fr.inst, fr.op, n.itemOf(f), lifetime)
	fr.pc++
	return f
}

// put enters an item for a time (0: for ever), and lets those go on that wait
// for it. An instance that is dead takes nothing.
func (n *Network) put(nd *nodeState, inst uint32, op uint16, item uint64, lifetime sim.Time) {
	if n.insts[inst].state >= fault.Dead {
		return
	}
	c, now := nd.cache, n.eng.Now()
	id := c.identity(n, op, item)
	if c.each != nil {
		expires := sim.Never
		if lifetime > 0 && lifetime < sim.Never-max(now, 0) {
			expires = now + lifetime
		}
		n.purge(nd, inst, now)
		evicted := n.enterAt(c, inst, id, now, expires)
		if n.measuring {
			nd.stats.Evictions += uint64(evicted)
		}
		c.noteOp(op)
		n.fills(inst, c)
	}
	if n.flights != nil {
		n.filled(inst, id)
	}
}

// enterAt enters an identity at an instance, and returns how many others had
// to go.
func (n *Network) enterAt(c *caching, inst uint32, id uint64, now, expires sim.Time) int {
	k := inst - c.first
	before := c.each[k].Len()
	evicted := c.each[k].Put(id, n.objectSize(c, id), now, expires)
	c.entered += int64(c.each[k].Len() - before + evicted)
	c.gone += int64(evicted)
	if c.aging != nil {
		c.aging[k].push(id, expires)
	}
	return evicted
}

// objectSize is how much of its room an entry takes: always the same.
func (n *Network) objectSize(c *caching, id uint64) uint64 {
	if c.size == nil {
		return 1
	}
	n.scratch = sim.Keyed(sim.Mix(id, purposeObjectSize))
	return max(1, uint64(c.size.Sample(&n.scratch)+0.5))
}

// noteOp remembers an operation that has entries.
func (c *caching) noteOp(op uint16) {
	if !c.byOp {
		return
	}
	for _, known := range c.ops {
		if known == op {
			return
		}
	}
	c.ops = append(c.ops, op)
}

// invalidate takes out what visit f is about: for all operations, and
// wherever balancers may have brought it.
func (n *Network) invalidate(f uint32) uint32 {
	fr := &n.frames[f]
	c := n.insts[fr.inst].at.cache
	item := n.itemOf(f)
	for k := range c.each {
		if n.cut(fr.inst, c.first+uint32(k)) {
			continue
		}
		if !c.byOp {
			c.take(k, item)
		}
		for _, op := range c.ops {
			c.take(k, c.identity(n, op, item))
		}
	}
	fr.pc++
	return f
}

func (c *caching) take(k int, id uint64) {
	if c.each[k].Remove(id) {
		c.gone++
	}
}

// empty lets a cache forget what instance i kept.
func (n *Network) empty(i uint32) {
	if n.insts[i].at.cache.each != nil {
		n.clear(i)
	}
	if n.flights != nil {
		n.endFlights(i)
	}
}

// checkCache checks the laws of a cache: what was entered has gone or is
// there, and there is room for all that is there.
func (n *Network) checkCache(at uint32, nd *nodeState) {
	c := nd.cache
	there := int64(0)
	for _, one := range c.each {
		there += int64(one.Len())
		n.check(at, c.limit == 0 || one.Used() <= c.limit, "a cache keeps more than it has room for")
	}
	n.check(at, c.entered == c.gone+there, "entries of the cache are not conserved")
}

// expiryLine is when entries expire, in the order in which they were made.
type expiryLine struct {
	ring  []expiry
	first int
	count int
}

type expiry struct {
	id uint64
	at sim.Time
}

func (l *expiryLine) push(id uint64, at sim.Time) {
	if l.count == len(l.ring) {
		larger := make([]expiry, max(16, 2*l.count))
		for i := range l.count {
			larger[i] = l.ring[(l.first+i)%len(l.ring)]
		}
		l.ring, l.first = larger, 0
	}
	l.ring[(l.first+l.count)%len(l.ring)] = expiry{id, at}
	l.count++
}

func (l *expiryLine) clear() { l.first, l.count = 0, 0 }

// purge drops what has expired at an instance where nothing but its time
// bounds what it keeps.
func (n *Network) purge(nd *nodeState, inst uint32, now sim.Time) {
	c := nd.cache
	if c.aging == nil {
		return
	}
	l := &c.aging[inst-c.first]
	for l.count > 0 && l.ring[l.first].at <= now {
		n.find(nd, inst, l.ring[l.first].id) // drops it, unless it has been renewed
		if l.first++; l.first == len(l.ring) {
			l.first = 0
		}
		l.count--
	}
}
