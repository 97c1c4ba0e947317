package node

import (
	"math"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/evict"
	"github.com/capsim/capsim/sim"
)

// The operations of a cache that steps ask for. No operation of a file has
// such a name, and a read-through passes on those that have.
const (
	cacheGet        = "(get)"
	cacheSet        = "(set)"
	cacheInvalidate = "(invalidate)"
)

// cache compiles a cache: what it keeps, and what it does for each of its
// callers.
func (b *builder) cache(at uint32) {
	s, nd := &b.spec.Nodes[at], &b.nodes[at]
	nd.cache = b.caching(at, s.Cache)
	if nd.cache.ring != nil {
		nd.placer = nd.cache
	}
	lookUp := instr{op: opLookUp, id: sim.HashName(s.Name, "hit"), ratio: s.Cache.HitRatio, coalesce: s.Cache.Coalesce, miss: none}
	for _, step := range []struct {
		name string
		does opcode
	}{{cacheGet, opLookUp}, {cacheSet, opKeep}, {cacheInvalidate, opInvalidate}} {
		nd.entries = append(nd.entries, entry{op: uint32(b.op(step.name)), pc: b.pc()})
		b.latency(at, s.Cache.Latency)
		if step.does == opLookUp {
			i := b.emit(lookUp)
			b.code[i].after = b.pc()
		} else {
			b.emit(instr{op: step.does, lifetime: s.Cache.TTL})
		}
		b.emit(instr{op: opEnd})
	}
	if s.Cache.Origin != nil {
		nd.entries = append(nd.entries, entry{op: anyOp, pc: b.pc()})
		b.latency(at, s.Cache.Latency)
		b.readThrough(at, lookUp, *s.Cache.Origin, Policy{Timeout: s.Cache.Timeout}, s.Cache.TTL)
	}
}

// latency emits what each request at a cache takes: time on its cores, if it
// has any.
func (b *builder) latency(at uint32, law dist.Law) {
	if law == nil {
		law = dist.Constant{}
	}
	in := instr{op: opWait, time: b.timed(law, sim.HashName(b.spec.Nodes[at].Name, "latency"), at, 1)}
	if c := b.spec.Nodes[at].Cache; c != nil && c.Cores > 0 {
		in.op = opCPU
	}
	b.emit(in)
}

// readThrough emits a look-up, and behind it the way to the origin of what is
// not there: it is kept for a time (0: for ever).
func (b *builder) readThrough(at uint32, lookUp instr, origin Target, p Policy, lifetime sim.Time) {
	i := b.emit(lookUp)
	b.code[i].miss = b.pc()
	b.callOrigin(at, origin, p)
	b.emit(instr{op: opKeep, lifetime: lifetime})
	b.code[i].after = b.pc()
	b.emit(instr{op: opEnd})
}

// callOrigin emits the call of what stands behind a cache, for the operation
// that it was asked for if the target names none.
func (b *builder) callOrigin(at uint32, origin Target, p Policy) {
	in := b.call(at, opCall, origin, p, sim.HashName(b.spec.Nodes[at].Name, "origin"))
	in.forward = origin.Op == ""
	in.passes = true
	i := b.emit(in)
	b.code[i].after = b.pc()
}

// caching makes what the instances of a cache keep, empty but for what is
// there from the start.
func (b *builder) caching(at uint32, s *CacheSpec) *caching {
	nd := &b.nodes[at]
	c := &caching{first: nd.first, size: s.Size, limit: s.Capacity, byOp: s.Origin != nil && s.Origin.Op == ""}
	if nd.count > 1 {
		c.ring = newItemRing(b.spec.Nodes[at].Name, int(nd.count))
	}
	if s.Coalesce && b.flights == nil {
		b.flights = newFlights()
	}
	if !s.Emergent() {
		return c
	}
	policy, known, err := evict.Parse(s.Policy)
	if !known || err != nil {
		panic("node: no eviction policy " + s.Policy)
	}
	if s.Warm != nil {
		c.warm = &warmth{Warmth: s.Warm, ops: []warmOp{{0, s.TTL}}}
		if c.byOp {
			c.warm.ops = nil
			for _, name := range s.Warm.Ops {
				c.warm.ops = append(c.warm.ops, warmOp{b.op(name), s.TTL})
			}
		}
	}
	b.rooms(at, c, policy, s.Capacity)
	return c
}

// rooms gives each instance of a node an empty cache of its own. Without a
// capacity nothing but time bounds it.
func (b *builder) rooms(at uint32, c *caching, policy evict.Choice, capacity uint64) {
	count := b.nodes[at].count
	if capacity == 0 {
		capacity = math.MaxUint64
		c.aging = make([]expiryLine, count)
	}
	for k := range count {
		stream := sim.Named(b.spec.Run.Seed, b.replication, b.spec.Nodes[at].InstanceName(int(k)), "evict")
		c.each = append(c.each, policy.New(capacity, stream))
	}
}
