package node

import (
	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/sim"
)

// outlier is what a balancer that ejects thinks of one of its targets.
type outlier struct {
	state trust
	inRow int    // errors
	probe uint32 // underTrial: the frame whose attempt was let through
}

// trust is how far a balancer trusts a target.
type trust uint8

const (
	trusted    trust = iota
	out              // it gets nothing
	onTrial          // it gets one request
	underTrial       // which it has
)

// counts reports whether an answer speaks against who gave it. A limit that
// refuses, or a breaker further down, says that there is too much to do, not
// that the machine is broken.
func counts(status Status) bool {
	return status == TimedOut || status == Unavailable || status == Failed
}

// tried notes that the attempt in f has been sent to a member of a way, or has
// got a connection to it.
func (n *Network) tried(f uint32, w *way, member int) {
	if w.outliers == nil {
		return
	}
	if o := &w.outliers[member]; o.state == onTrial {
		o.state, o.probe = underTrial, f
		w.group.Bar(member, balance.Ejected)
	}
}

// judge learns how the attempt in f at a member of a way ended: with an
// answer or a time-out of the balancer's own, or because nobody waited for it
// any more.
func (n *Network) judge(f uint32, w *way, member int, status Status, answered bool) {
	if w.outliers == nil {
		return
	}
	o := &w.outliers[member]
	mine := o.state == underTrial && o.probe == f
	switch {
	case answered && o.state == trusted && status == OK:
		o.inRow = 0
	case answered && o.state == trusted && counts(status):
		if o.inRow++; o.inRow >= n.ejection(f).Consecutive {
			n.eject(f, w, member)
		}
	case !mine:
		// It was sent before.
	case answered && status == OK:
		*o = outlier{}
		n.trusts(n.insts[n.frames[f].inst].balancer, w, member, balance.Ejected)
	case answered && counts(status):
		n.eject(f, w, member)
	default:
		n.tryAgain(n.insts[n.frames[f].inst].balancer, w, member)
	}
}

func (n *Network) ejection(f uint32) *EjectionSpec {
	return n.spec.Nodes[n.insts[n.frames[f].inst].node].Balancer.Ejects
}

// eject takes a target of the balancer that has f out for a while.
func (n *Network) eject(f uint32, w *way, member int) {
	at := n.frames[f].inst
	b, length := n.insts[at].balancer, n.ejection(f).For
	w.outliers[member] = outlier{state: out}
	n.distrusts(b, w, member, balance.Ejected)
	g, fr, c := n.newFrame(at, 0, none)
	fr.state, c.count, c.limit = ejected, uint32(member), n.code[n.frames[f].pc].way
	until := n.eng.Now() + length
	if until < n.eng.Now() {
		until = sim.Never - 1
	}
	n.eng.Arm(until, sim.Timer, n.rankOf(g), g)
}

// ejectionOver lets one request through to a target that was out.
func (n *Network) ejectionOver(g uint32) {
	b := n.insts[n.frames[g].inst].balancer
	w, member := &b.ways[n.cold[g].limit], int(n.cold[g].count)
	n.release(g)
	n.tryAgain(b, w, member)
}

// tryAgain lets the next request through to a target that was out: who waits
// for a connection comes first.
func (n *Network) tryAgain(b *balancer, w *way, member int) {
	w.outliers[member].state = onTrial
	w.group.Admit(member, balance.Ejected)
	if w.conns != nil {
		n.serveLine(b, w, member)
	}
}
