package node

import (
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/sim"
)

// Purposes of the draws of sizes.
var (
	purposeRequestSize  = sim.HashName("request", "size")
	purposeResponseSize = sim.HashName("response", "size")
)

// netInterface is what passes through the network interface of a server.
type netInterface struct {
	perSecond float64 // bytes; 0: no limit
	meter     meter
}

// size returns the bytes of the request, or of its answer. They are the
// same whoever asks, because they are drawn from the request's seed.
func (n *Network) size(q *request, law dist.Law, purpose uint64) float64 {
	if law == nil {
		return 0
	}
	n.scratch = sim.Keyed(sim.Mix(q.seed, purpose))
	return law.Sample(&n.scratch)
}

// hasAnswerSize reports whether the answers to a client have a size.
func (c *client) hasAnswerSize() bool { return c.sizes != nil || c.spec.ResponseSize != nil }

// answerSize is the bytes of the answer to a request.
func (n *Network) answerSize(q *request) float64 {
	c := &n.clients[q.client]
	if c.sizes != nil {
		return c.sizes[q.row]
	}
	return n.size(q, c.spec.ResponseSize, purposeResponseSize)
}

// fromClient reports whether visit g is one that a client itself asked for,
// directly or through balancers: its sizes are those of the request.
func (n *Network) fromClient(g uint32) bool {
	for {
		p := n.frames[g].parent
		switch {
		case p == none:
			return n.frames[g].flags&isDetached == 0
		case n.cold[p].gen != n.cold[g].parentGen:
			return false
		case n.code[n.frames[p].pc].op == opAttempt:
			return true
		case n.code[n.frames[p].pc].op != opForward && !n.code[n.frames[p].pc].passes && !n.code[n.frames[p].pc].standsBetween():
			return false
		}
		g = p
	}
}

// receive lets the request of visit g through the network interface. It
// returns false if nothing has to pass.
func (n *Network) receive(g uint32) bool {
	q := &n.reqs[n.frames[g].req]
	law := n.clients[q.client].spec.RequestSize
	if law == nil || !n.fromClient(g) {
		return false
	}
	return n.transmit(g, n.size(q, law, purposeRequestSize), receiving)
}

// answer lets the answer of visit g through the network interface. It returns
// false if nothing has to pass.
func (n *Network) answer(g uint32) bool {
	q := &n.reqs[n.frames[g].req]
	if !n.clients[q.client].hasAnswerSize() || !n.fromClient(g) {
		return false
	}
	return n.transmit(g, n.answerSize(q), sending)
}

// transmit sends bytes through the interface, behind those that came before.
func (n *Network) transmit(g uint32, bytes float64, direction state) bool {
	i := n.frames[g].inst
	if !(bytes > 0) || n.bandwidth(i) == 0 {
		return false
	}
	n.queueUp(g, n.insts[i].wire, direction)
	return true
}

// wireTime is how long the request or the answer of visit g takes to pass.
func (n *Network) wireTime(g uint32) sim.Time {
	fr := &n.frames[g]
	q := &n.reqs[fr.req]
	bytes := 0.0
	if fr.state == receiving {
		bytes = n.size(q, n.clients[q.client].spec.RequestSize, purposeRequestSize)
	} else {
		bytes = n.answerSize(q)
	}
	return sim.FromNanoseconds(bytes / n.bandwidth(fr.inst) * 1e9)
}

// transmitted ends what g had on the wire and goes on: into the server, or
// back to the caller.
func (n *Network) transmitted(g uint32) uint32 {
	fr := &n.frames[g]
	inst := &n.insts[fr.inst]
	n.complete(g, inst.wire)
	direction := fr.state
	fr.state = running
	if direction == receiving {
		return n.operate(g, inst.at)
	}
	return n.left(g, OK)
}

// countEgress counts the bytes of an answer that goes out to the internet:
// to a client, or to a CDN. What a CDN sends has a price of its own.
func (n *Network) countEgress(g uint32) {
	q := &n.reqs[n.frames[g].req]
	if !n.clients[q.client].hasAnswerSize() || !n.measuring || !n.goesOut(g) || !n.fromClient(g) {
		return
	}
	n.snap.Egress.Add(uint64(sim.FromNanoseconds(n.answerSize(q)))) // the nearest whole number
}

// goesOut reports whether the answer of visit g goes to the internet: to a
// client there, or to a CDN, of which a shield may stand anywhere. What a CDN
// sends has a price of its own.
func (n *Network) goesOut(g uint32) bool {
	if n.insts[n.frames[g].inst].at.kind == CDN {
		return false
	}
	p := n.frames[g].parent
	return n.insts[n.callerOf(g)].zone == beyond || p != none && n.insts[n.frames[p].inst].at.kind == CDN
}
