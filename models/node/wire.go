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
		case n.code[n.frames[p].pc].op != opForward:
			return false
		}
		g = p
	}
}

// receive lets the request of visit g through the network interface. It
// returns false if nothing has to pass.
func (n *Network) receive(g uint32, nd *nodeState) bool {
	q := &n.reqs[n.frames[g].req]
	law := n.clients[q.client].spec.RequestSize
	if law == nil || !n.fromClient(g) {
		return false
	}
	return n.transmit(g, nd, n.size(q, law, purposeRequestSize), receiving)
}

// answer lets the answer of visit g through the network interface. It returns
// false if nothing has to pass.
func (n *Network) answer(g uint32, nd *nodeState) bool {
	q := &n.reqs[n.frames[g].req]
	if !n.clients[q.client].hasAnswerSize() || !n.fromClient(g) {
		return false
	}
	return n.transmit(g, nd, n.answerSize(q), sending)
}

// transmit sends bytes through the interface, behind those that came before.
func (n *Network) transmit(g uint32, nd *nodeState, bytes float64, direction state) bool {
	if !(bytes > 0) {
		return false
	}
	now := n.eng.Now()
	inst := &n.insts[n.frames[g].inst]
	n.frames[g].since = now
	inst.wire.account(now)
	if inst.wire.full() {
		n.frames[g].state = direction + 1 // in the queue
		n.enqueue(&inst.wire, g)
		return true
	}
	inst.wire.busy++
	n.onWire(g, nd, bytes, direction)
	return true
}

// onWire occupies the interface; g has waited for it since g.since.
func (n *Network) onWire(g uint32, nd *nodeState, bytes float64, direction state) {
	now := n.eng.Now()
	fr := &n.frames[g]
	n.cold[g].waited += now - fr.since
	if n.measuring {
		nd.wire.meter.waited(fr.since, now, true)
	}
	fr.since, fr.state = now, direction
	at := now + sim.FromNanoseconds(bytes/nd.wire.perSecond*1e9)
	if n.cancels {
		n.eng.Arm(at, sim.Completion, nd.rank, g)
		return
	}
	n.eng.Schedule(at, sim.Completion, nd.rank, g)
}

// transmitted ends what g had on the wire and goes on: into the server, or
// back to the caller.
func (n *Network) transmitted(g uint32) uint32 {
	now := n.eng.Now()
	fr := &n.frames[g]
	inst := &n.insts[fr.inst]
	n.cold[g].served += now - fr.since
	if n.measuring {
		inst.at.wire.meter.served(fr.since, now)
	}
	n.nextOnWire(inst, now)
	direction := fr.state
	fr.state = running
	if direction == receiving {
		return n.operate(g, inst.at)
	}
	return n.left(g, OK)
}

// nextOnWire gives an interface that has become free to who waits for it.
func (n *Network) nextOnWire(inst *instance, now sim.Time) {
	st := &inst.wire
	st.account(now)
	if st.queued == 0 {
		st.busy--
		return
	}
	g := n.dequeue(st)
	q := &n.reqs[n.frames[g].req]
	if n.frames[g].state == toReceive {
		n.onWire(g, inst.at, n.size(q, n.clients[q.client].spec.RequestSize, purposeRequestSize), receiving)
		return
	}
	n.onWire(g, inst.at, n.answerSize(q), sending)
}

// leaveWire takes g off the wire, or out of the queue for it.
func (n *Network) leaveWire(g uint32, from state) {
	now := n.eng.Now()
	fr := &n.frames[g]
	inst := &n.insts[fr.inst]
	if from == receiving || from == sending {
		if n.measuring {
			inst.at.wire.meter.brokenOff(fr.since, now)
		}
		n.nextOnWire(inst, now)
		return
	}
	inst.wire.account(now)
	n.unlink(&inst.wire, g)
	if n.measuring {
		inst.at.wire.meter.waited(fr.since, now, false)
	}
}

// countEgress counts the bytes of an answer that goes out to the internet.
func (n *Network) countEgress(g uint32) {
	q := &n.reqs[n.frames[g].req]
	if !n.clients[q.client].hasAnswerSize() || !n.measuring || n.callerZone(g) != beyond || !n.fromClient(g) {
		return
	}
	n.snap.Egress.Add(uint64(sim.FromNanoseconds(n.answerSize(q)))) // the nearest whole number
}
