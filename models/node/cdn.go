package node

import (
	"math"

	"github.com/capsim/capsim/models/evict"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// pops are the points of presence of a CDN.
type pops struct {
	name uint64 // of the node, hashed
}

// place sends each source to the same point of presence, or to the next one
// that is not dead. If all are, it stays at its own.
func (p *pops) place(n *Network, f uint32, in *instr, callee uint16) (inst, pc uint32) {
	nd := in.target
	home := uint32(sim.Mix(n.reqs[n.frames[f].req].source, p.name) % uint64(nd.count))
	pc = in.entry
	if pc == none {
		pc = nd.entry(callee)
	}
	for k := range nd.count {
		inst = nd.first + (home+k)%nd.count
		if n.insts[inst].state < fault.Dead {
			return inst, pc
		}
	}
	return nd.first + home, pc
}

// cdn compiles a CDN, or its shield: for each operation that it keeps the
// answers of a way of its own, for their lifetime, and one for all others.
func (b *builder) cdn(at uint32) {
	node, nd := &b.spec.Nodes[at], &b.nodes[at]
	s := node.CDN
	nd.cache = b.edges(at, s)
	nd.near = s.Shields == None
	if nd.count > 1 {
		nd.placer = &pops{sim.HashName(node.Name)}
	}
	for _, l := range s.Cacheable {
		nd.entries = append(nd.entries, entry{op: uint32(b.op(l.Op)), pc: b.pc()})
		b.latency(at, s.Latency)
		i := b.emit(instr{op: opLookUp, coalesce: s.Coalesce, aged: b.isCDN(s.Origin)})
		b.code[i].miss = b.pc()
		b.fetch(at, s)
		b.emit(instr{op: opKeep, lifetime: l.TTL, aged: b.isCDN(s.Origin)})
		b.code[i].after = b.pc()
		if b.askedByCDN(at) {
			b.emit(instr{op: opTellAge, lifetime: l.TTL})
		}
		b.served(s)
	}
	nd.entries = append(nd.entries, entry{op: anyOp, pc: b.pc()}) // behind those that are kept
	b.latency(at, s.Latency)
	if s.Emergent() {
		b.fetch(at, s)
	} else {
		i := b.emit(instr{op: opLookUp, id: sim.HashName(node.Name, "hit"), ratio: s.HitRatio})
		b.code[i].miss = b.pc()
		b.fetch(at, s)
		b.code[i].after = b.pc()
	}
	b.served(s)
}

// edges makes what the points of presence keep, each for itself.
func (b *builder) edges(at uint32, s *CDNSpec) *caching {
	nd := &b.nodes[at]
	c := &caching{first: nd.first, size: s.Size, byOp: true, limit: s.Capacity}
	if !s.Emergent() {
		return c
	}
	policy, known, err := evict.Parse(s.Policy)
	if !known || err != nil {
		panic("node: no eviction policy " + s.Policy)
	}
	if s.Coalesce && b.flights == nil {
		b.flights = newFlights()
	}
	if s.Warm != nil {
		c.warm = &warmth{Warmth: s.Warm, everywhere: true}
		for _, name := range s.Warm.Ops {
			c.warm.ops = append(c.warm.ops, warmOp{b.op(name), s.lifetime(name)})
		}
	}
	b.rooms(at, c, policy, s.Capacity)
	return c
}

// fetch emits the call of the origin, which does for a request what it would
// without the CDN.
func (b *builder) fetch(at uint32, s *CDNSpec) {
	in := b.call(at, opCall, s.Origin, Policy{Timeout: s.Timeout}, sim.HashName(b.spec.Nodes[at].Name, "origin"))
	in.forward, in.passes, in.aged = s.Origin.Op == "", true, b.isCDN(s.Origin)
	i := b.emit(in)
	b.code[i].after = b.pc()
}

// served emits the end of a request.
func (b *builder) served(s *CDNSpec) {
	if s.EgressPrice > 0 {
		b.emit(instr{op: opServe})
	}
	b.emit(instr{op: opEnd})
}

// isCDN reports whether an origin keeps answers by time itself.
func (b *builder) isCDN(origin Target) bool {
	s := b.spec.Nodes[origin.Node].CDN
	return s != nil && s.Emergent()
}

// askedByCDN reports whether a node is the origin of a CDN.
func (b *builder) askedByCDN(at uint32) bool {
	for i := range b.spec.Nodes {
		if s := b.spec.Nodes[i].CDN; s != nil && s.Origin.Node == int(at) {
			return true
		}
	}
	return false
}

// unborn is when what has not come from the origin yet came from there.
const unborn sim.Time = math.MinInt64

// tellAge tells the CDN that asks another one for what f is about since when
// that has had it: all keep it until the same moment, as if the answer said
// how old it is (RFC 9111, section 4.2.3).
func (n *Network) tellAge(f uint32, in *instr) uint32 {
	fr := &n.frames[f]
	fr.pc++
	p := fr.parent
	if p == none || n.late(f) || !n.code[n.frames[p].pc].aged {
		return f
	}
	nd := n.insts[fr.inst].at
	c := nd.cache
	n.rare[p].born = n.eng.Now()
	if expires, there := c.each[fr.inst-c.first].Expires(c.identity(n, fr.op, n.itemOf(f))); there {
		n.rare[p].born = expires - in.lifetime
	}
	return f
}

// remaining is for how long f keeps what it got from another CDN.
func (n *Network) remaining(f uint32, lifetime sim.Time) sim.Time {
	born := n.rare[f].born
	if born == unborn {
		return lifetime
	}
	return max(1, lifetime-(n.eng.Now()-born))
}

// countServed counts the bytes of the answer to f, if that goes to a client.
func (n *Network) countServed(f uint32) uint32 {
	fr := &n.frames[f]
	fr.pc++
	if q := &n.reqs[fr.req]; n.measuring && n.clients[q.client].hasAnswerSize() && n.fromClient(f) {
		n.insts[fr.inst].at.stats.Egress.Add(uint64(sim.FromNanoseconds(n.answerSize(q)))) // the nearest whole number
	}
	return f
}
