package node

import (
	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/sim"
)

// relay is what a balancer does besides choosing.
type relay struct {
	queue        int // requests that may wait for a connection; None: no limit
	queueTimeout timed
	sticky       *Sticky // nil: no
}

// relay makes an attempt of a balancer that does more than to choose: the
// first, a further one, or the one that has waited for a connection.
func (n *Network) relay(f uint32, in *instr, b *balancer, w *way) uint32 {
	fr, c := &n.frames[f], &n.cold[f]
	switch fr.state {
	case connecting:
		return n.attempt(f, in, w, int(c.limit))
	case turnedAway:
		n.forgetTried(f, in)
		return n.leave(f, Unavailable)
	}
	if c.count == 0 {
		n.rare[f].tried = none
		if in.care != nil {
			n.earnRetries(f, in)
		}
	}
	fr.state = running
	i := n.boundTo(f, in, w)
	if i >= 0 && w.group.Barred(i) == balance.Full {
		return n.wait(f, in, b, w, uint32(i))
	}
	if i < 0 {
		i = n.choose(f, in, b, w)
	}
	if i == balance.Nobody {
		if w.conns != nil && w.someoneIsFull() {
			return n.wait(f, in, b, w, none)
		}
		n.forgetTried(f, in)
		return n.leave(f, Unavailable)
	}
	if w.conns != nil {
		n.takeConnection(f, w, i)
	}
	return n.attempt(f, in, w, i)
}

// attempt sends the request in f on. Each attempt does work of its own; the
// first does what it would without the balancer.
func (n *Network) attempt(f uint32, in *instr, w *way, i int) uint32 {
	c := &n.cold[f]
	seed := c.seed
	if c.count > 0 {
		seed = sim.MixHashed(seed, in.attempt(c.count))
	}
	if w.bound != nil && in.relay.sticky.Source {
		w.bound.bind(n.ownerOf(f, in), int32(i), n.eng.Now())
	}
	if in.timeout >= 0 {
		n.eng.ArmLane(int(in.timeout), f)
	}
	return n.pass(f, w, i, seed)
}

// choose lets the policy choose, among the instances that have not been tried
// if there are any left.
func (n *Network) choose(f uint32, in *instr, b *balancer, w *way) int {
	avoid := n.avoided(f)
	if w.ramp != nil {
		w.ramp.advance(w.group, n.eng.Now())
	}
	j := n.rare[f].tried
	if j == none {
		return w.group.Pick(n.asked(f), avoid, &b.stream)
	}
	tried := n.joins[j].kids
	for _, i := range tried {
		w.group.Bar(int(i), balance.Tried)
	}
	i := w.group.Pick(n.asked(f), avoid, &b.stream)
	for _, k := range tried {
		w.group.Admit(int(k), balance.Tried)
	}
	if i == balance.Nobody {
		i = w.group.Pick(n.asked(f), int(tried[len(tried)-1]), &b.stream)
	}
	return i
}

// relayAnswered passes the answer to f's attempt on, or tries again.
func (n *Network) relayAnswered(f uint32, in *instr, status Status) uint32 {
	if n.tracer != nil {
		n.tracer.attempted(n, f, status)
	}
	c := &n.cold[f]
	if in.timeout >= 0 {
		n.eng.Disarm(f)
	}
	c.child = none
	n.frames[f].state = running
	n.attemptEnded(f, in, status, true)
	c = &n.cold[f] // there may be more frames by now
	if status == OK || c.count >= in.retries || !in.retryOn.Has(status) || n.late(f) || !n.mayRetry(f, in) {
		n.forgetTried(f, in)
		return n.leave(f, status)
	}
	n.remember(f, c.limit)
	c.count++
	return n.backOff(f, in)
}

// relayEnded frees the connection of f's attempt at instance i, and binds the
// user whom a cookie has come to.
func (n *Network) relayEnded(f uint32, b *balancer, w *way, i int, status Status, answered bool) {
	in := &n.code[n.frames[f].pc]
	if s := in.relay.sticky; s != nil && !s.Source && answered && status != TimedOut && status != Unavailable {
		if owner := n.ownerOf(f, in); owner != 0 {
			w.bound.bind(owner, int32(i), n.eng.Now())
		}
	}
	if w.conns != nil {
		n.freeConnection(f, b, w, i, answered)
	}
}

// remember adds an instance to those that f has tried.
func (n *Network) remember(f, i uint32) {
	r := &n.rare[f]
	if r.tried == none {
		r.tried = n.newJoin()
	}
	j := &n.joins[r.tried]
	j.kids = append(j.kids, i)
}

// forgetTried gives back the list of the instances that f has tried.
func (n *Network) forgetTried(f uint32, in *instr) {
	if in.relay == nil || n.rare[f].tried == none {
		return
	}
	j := &n.joins[n.rare[f].tried]
	j.kids, j.next = j.kids[:0], n.freeJoin
	n.freeJoin, n.rare[f].tried = n.rare[f].tried, none
}

// boundTo returns the instance that the request in f is bound to, if it may
// be sent there or may wait for it; balance.Nobody otherwise. A further
// attempt goes elsewhere, and so does the second copy of a hedged one.
func (n *Network) boundTo(f uint32, in *instr, w *way) int {
	if w.bound == nil || n.cold[f].count > 0 {
		return balance.Nobody
	}
	owner := n.ownerOf(f, in)
	if owner == 0 && !in.relay.sticky.Source {
		return balance.Nobody
	}
	i := int(w.bound.find(owner, n.eng.Now()))
	if i < 0 || w.group.Barred(i)&^balance.Full != 0 || i == n.avoided(f) {
		return balance.Nobody
	}
	return i
}

// ownerOf is whom the request in f sticks for: an address, or a user or a
// session, 0 for a single request.
func (n *Network) ownerOf(f uint32, in *instr) uint64 {
	r := n.frames[f].req
	if in.relay.sticky.Source {
		return n.reqs[r].source
	}
	return n.owners[r]
}

// own notes whose request it is.
func (n *Network) own(r uint32, seed, owner uint64) {
	for int(r) >= len(n.owners) {
		n.owners = append(n.owners, 0)
	}
	n.owners[r] = owner
	if owner == seed {
		n.owners[r] = 0
	}
}
