package node

import (
	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/sim"
)

// forward sends the attempt in f on to the instance that the policy picks.
func (n *Network) forward(f uint32) uint32 {
	fr, c := &n.frames[f], &n.cold[f]
	b := n.insts[fr.inst].balancer
	key := n.reqs[fr.req].key
	if n.rares {
		key = n.rare[f].key
	}
	now := n.eng.Now()
	r := balance.Request{Hash: sim.Mix(n.opHashes[fr.op], key), Source: n.reqs[fr.req].source, Now: now}
	i := b.group.Pick(r, n.avoided(f), &b.stream)
	b.group.Sent(i)
	fr.since = now
	c.count = uint32(i)
	fr.state = forAnswer
	inst := b.insts[i]
	target, gen := n.insts[inst].at, c.gen
	late := fr.parent != none && n.cold[fr.parent].gen != c.parentGen
	g := n.visit(f, fr.req, inst, target.entry(fr.op), fr.op, c.seed)
	if late && n.cold[f].gen == gen {
		// Its caller went while it was on its way here: nobody would tell the
		// balancer to forget it if the answer never came.
		n.abandon(f, false, OK)
	}
	return g
}

// avoided is the instance that the other copy of a hedged attempt went to
// through this balancer, balance.Nobody if there is none.
func (n *Network) avoided(f uint32) int {
	p := n.frames[f].parent
	if p == none || n.frames[p].flags&isCopy == 0 || n.cold[p].gen != n.cold[f].parentGen {
		return balance.Nobody
	}
	copied := n.sibling(p)
	if copied == none {
		return balance.Nobody
	}
	other := n.cold[copied].child
	if other == none || n.frames[other].inst != n.frames[f].inst || n.frames[other].state != forAnswer {
		return balance.Nobody
	}
	return int(n.cold[other].count)
}

// backendAnswered counts the attempt in f as answered.
func (n *Network) backendAnswered(f uint32) {
	fr := &n.frames[f]
	g, i, now := n.insts[fr.inst].balancer.group, int(n.cold[f].count), n.eng.Now()
	g.Answered(i, now-fr.since, now)
	g.Done(i)
}

// settleBackend counts the attempt in f, which is given up, as no longer in
// flight.
func (n *Network) settleBackend(f uint32) {
	fr := &n.frames[f]
	g, i, now := n.insts[fr.inst].balancer.group, int(n.cold[f].count), n.eng.Now()
	g.GivenUp(i, now-fr.since, now)
	g.Done(i)
}
