package node

import "github.com/capsim/capsim/sim"

// tag gives a new visit what it takes over from its caller: the priority,
// and what the call is about.
func (n *Network) tag(g, f uint32) {
	r := &n.rare[g]
	*r = rareFrame{}
	q := &n.reqs[n.frames[g].req]
	r.key, r.priority = q.key, n.priorityOf(q)
	if f != none {
		r.priority = n.priorityAt(f)
		switch in := &n.code[n.frames[f].pc]; {
		case in.op == opForward, in.op == opPooled, in.op == opPart:
			r.key = n.rare[f].key
		case in.key != nil:
			r.key = n.keyOf(f, in, q)
		}
	}
	nd := n.insts[n.frames[g].inst].at
	for i := range nd.entries {
		if e := &nd.entries[i]; e.pc == n.frames[g].pc && e.priority != nil {
			r.priority = *e.priority
		}
	}
}

// inherit gives a branch what it has in common with the visit that it is a
// part of.
func (n *Network) inherit(b, f uint32) {
	if n.rares {
		n.rare[b] = rareFrame{key: n.rare[f].key, priority: n.priorityAt(f)}
	}
}

// priorityAt is the priority that f works at.
func (n *Network) priorityAt(f uint32) int32 {
	if n.frames[f].flags&isRoot != 0 {
		return n.priorityOf(&n.reqs[n.frames[f].req])
	}
	return n.rare[f].priority
}

func (n *Network) priorityOf(q *request) int32 { return n.clients[q.client].spec.Ops[q.op].Priority }

// keyOf is what a call with a key of its own is about: the same for each of
// its attempts.
func (n *Network) keyOf(f uint32, in *instr, q *request) uint64 {
	if in.key.kind == noLaw {
		return q.source
	}
	n.scratch = sim.Keyed(sim.MixHashed(n.cold[f].seed, in.key.hashed))
	return uint64(in.key.law.Sample(&n.scratch))
}

// about is the item that f's call is about.
func (n *Network) about(f uint32, in *instr) uint64 {
	fr := &n.frames[f]
	q := &n.reqs[fr.req]
	switch {
	case in.key != nil:
		return n.keyOf(f, in, q)
	case n.rares && fr.flags&isCopy != 0:
		return n.about(fr.parent, in)
	case n.rares && fr.flags&isRoot == 0:
		return n.rare[f].key
	}
	return q.key
}

// placer chooses the instance of a node that gets f's call for an operation,
// and says where that begins: for nodes of which not every instance will do.
type placer interface {
	place(n *Network, f uint32, in *instr, callee uint16) (inst, pc uint32)
}
