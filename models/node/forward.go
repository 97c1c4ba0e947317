package node

import (
	"slices"

	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/sim"
)

// forward sends the attempt in f on to the instance that the policy picks.
func (n *Network) forward(f uint32) uint32 {
	fr := &n.frames[f]
	in := &n.code[fr.pc]
	b := n.insts[fr.inst].balancer
	w := &b.ways[in.way]
	if in.relay != nil {
		return n.relay(f, in, b, w)
	}
	i := w.group.Pick(n.asked(f), n.avoided(f), &b.stream)
	if i == balance.Nobody {
		return n.leave(f, Unavailable)
	}
	return n.pass(f, w, i, n.cold[f].seed)
}

// asked is what a policy may know of the request in f.
func (n *Network) asked(f uint32) balance.Request {
	fr := &n.frames[f]
	q := &n.reqs[fr.req]
	key := q.key
	if n.rares {
		key = n.rare[f].key
	}
	return balance.Request{Hash: sim.Mix(n.opHashes[fr.op], key), Source: q.source, Now: n.eng.Now()}
}

// pass sends the attempt in f on to instance i of the way. Its draws are
// keyed by seed.
func (n *Network) pass(f uint32, w *way, i int, seed uint64) uint32 {
	fr, c := &n.frames[f], &n.cold[f]
	w.group.Sent(i)
	c.limit = uint32(i)
	if w.outliers != nil {
		n.tried(f, w, i)
	}
	fr.state, fr.since = forAnswer, n.eng.Now()
	inst := w.insts[i]
	target, gen := n.insts[inst].at, c.gen
	late := n.late(f)
	g := n.visit(f, fr.req, inst, target.entry(fr.op), fr.op, seed)
	if late && n.cold[f].gen == gen {
		// Its caller went while it was on its way here: nobody would tell the
		// balancer to forget it if the answer never came.
		n.abandon(f, false, OK)
	}
	return g
}

// late reports whether the caller of f has gone.
func (n *Network) late(f uint32) bool {
	p := n.frames[f].parent
	return p != none && n.cold[p].gen != n.cold[f].parentGen
}

// avoided is the instance that the other copy of a hedged attempt went to
// through this balancer, balance.Nobody if there is none.
func (n *Network) avoided(f uint32) int {
	p := n.frames[f].parent
	if !n.hedges || p == none || n.cold[p].gen != n.cold[f].parentGen {
		return balance.Nobody
	}
	if p = n.pooledBy(p); n.frames[p].flags&isCopy == 0 {
		return balance.Nobody
	}
	copied := n.sibling(p)
	if copied == none {
		return balance.Nobody
	}
	other := n.sentThrough(copied)
	if other == none || n.frames[other].inst != n.frames[f].inst || n.frames[other].state != forAnswer {
		return balance.Nobody
	}
	return int(n.cold[other].limit)
}

// attemptEnded is where each attempt of a balancer ends: answered says that
// an answer came, or that the balancer itself gave it up as TimedOut; without
// it the caller has gone, and nothing is known of the instance.
func (n *Network) attemptEnded(f uint32, in *instr, status Status, answered bool) {
	b := n.insts[n.frames[f].inst].balancer
	w := &b.ways[in.way]
	i := int(n.cold[f].limit)
	if w.group.Learns() {
		n.observed(w, i, status, n.eng.Now()-n.frames[f].since, answered)
	}
	w.group.Done(i)
	if w.outliers != nil {
		n.judge(f, w, i, status, answered)
	}
	if in.relay != nil {
		n.relayEnded(f, b, w, i, status, answered)
	}
}

// observed learns how an attempt at instance i of a way ended, and how long
// it took; without answered its caller has gone.
func (n *Network) observed(w *way, i int, status Status, took sim.Time, answered bool) {
	if answered && status != TimedOut {
		w.group.Answered(i, took, n.eng.Now())
	} else {
		w.group.GivenUp(i, took, n.eng.Now())
	}
}

// forwards reports whether a balancer has a request in this state in hand:
// it can be dropped.
func (s state) forwards() bool {
	return s == forAnswer || s == inBackoff || s == forConnection || s == connecting || s == turnedAway
}

// stopForwarding lets the balancer drop the request in g, which was in a
// state.
func (n *Network) stopForwarding(g uint32, in *instr, was state) {
	switch was {
	case forAnswer:
		n.attemptEnded(g, in, OK, false)
	case forConnection:
		n.leaveLine(g, in)
	case connecting, turnedAway:
		if i := slices.Index(n.ready, g); i >= 0 {
			n.ready[i] = none
		}
		if b := n.insts[n.frames[g].inst].balancer; was == connecting {
			w, i := &b.ways[in.way], int(n.cold[g].limit)
			n.judge(g, w, i, OK, false)
			n.freeConnection(g, b, w, i, false)
		}
	}
	n.forgetTried(g, in)
}
