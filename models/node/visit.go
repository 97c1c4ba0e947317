package node

import (
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// visit begins the operation at pc on an instance, for the caller f (none: the
// client itself), and returns the frame to go on with.
func (n *Network) visit(f, req, inst, pc uint32, op uint16, seed uint64) uint32 {
	in := &n.insts[inst]
	nd := in.at
	if n.net == nil {
		n.arrived(in, nd)
		if in.state != fault.Up || nd.choosy {
			if in.state >= fault.Dead || n.stageOf(inst) == draining {
				return n.nobodyThere(f, req, in)
			}
			if nd.database != nil && n.unled(nd, inst, op, req) {
				return n.refused(f, req, nd, Unavailable)
			}
			if n.refuses(nd, inst) {
				return n.refused(f, req, nd, Rejected)
			}
		}
	}
	g, fr, c := n.newFrame(inst, pc, req)
	fr.op, fr.parent = op, f
	c.seed = seed
	if f != none {
		caller := &n.cold[f]
		c.parentGen = caller.gen
		caller.child = g
		fr.flags = n.frames[f].flags & isDetached
	}
	if n.rares {
		n.tag(g, f)
	}
	if n.net != nil {
		return n.travel(g)
	}
	return n.admit(g, nd)
}

// arrived counts an attempt that has reached an instance.
func (n *Network) arrived(in *instance, nd *nodeState) {
	if n.measuring {
		nd.stats.Arrivals++
		in.arrivals++
	}
}

// refuses reports whether another request is not let in. Who hangs turns
// nobody away.
func (n *Network) refuses(nd *nodeState, inst uint32) bool {
	in := &n.insts[inst]
	if nd.fleet != nil {
		nd.fleet.members[inst-nd.first].load.came++
	}
	if in.slots != nil && in.slots.full() {
		return true // it is the machine that does, whether the program hangs or not
	}
	if in.state == fault.Hung {
		return false
	}
	if nd.gated && n.turnsAway(nd, inst) {
		return true
	}
	return nd.noRoom(in)
}

// noRoom reports whether all workers are busy and nobody else may wait.
func (nd *nodeState) noRoom(in *instance) bool {
	return nd.concurrency > 0 && in.workers.full() && nd.backlog != None && in.workers.queued >= nd.backlog
}

// refused answers an attempt for which no frame has been made.
func (n *Network) refused(f, req uint32, nd *nodeState, why Status) uint32 {
	if n.measuring {
		nd.stats.Errors[why-1]++
	}
	if f == none {
		n.requestEnded(req, why)
		return none
	}
	return n.answered(f, why)
}

// admit lets the visit in frame g in, to a worker if it needs one.
func (n *Network) admit(g uint32, nd *nodeState) uint32 {
	n.comesInside(g, nd)
	return n.takesIn(g, nd)
}

// comesInside counts the visit in frame g as inside.
func (n *Network) comesInside(g uint32, nd *nodeState) {
	n.enter(nd, n.eng.Now())
	if nd.fleet != nil {
		n.insideChanges(n.frames[g].inst, 1)
		n.frames[g].pc += nd.memberOf(n.frames[g].inst).shift
	}
}

// takesIn lets the visit in frame g, which is inside, begin.
func (n *Network) takesIn(g uint32, nd *nodeState) uint32 {
	if nd.slots != nil {
		n.takeSlot(g)
	}
	if nd.wears {
		n.weighs(g, nd)
	}
	if nd.wire != nil && n.receive(g) {
		return none
	}
	return n.operate(g, nd)
}

// operate lets the visit in frame g begin its operation, once it has a worker.
func (n *Network) operate(g uint32, nd *nodeState) uint32 {
	if nd.concurrency == 0 {
		return g
	}
	now := n.eng.Now()
	fr := &n.frames[g]
	in := &n.insts[fr.inst]
	fr.since = now
	in.workers.account(now)
	if !in.workers.full() {
		in.workers.busy++
		n.getWorker(g, nd, now)
		return g
	}
	fr.state = forWorker
	n.enqueue(&in.workers, g)
	n.armPatience(&nd.queueTimeout, g)
	return none
}

// armPatience arms the longest wait of g in a queue.
func (n *Network) armPatience(t *timed, g uint32) {
	if t.law == nil {
		return
	}
	if t.lane >= 0 {
		n.eng.ArmLane(int(t.lane), g)
		return
	}
	d := sim.FromNanoseconds(n.sample(t, g))
	n.eng.Arm(n.eng.Now()+d, sim.Timer, n.rankOf(g), g)
}

// getWorker gives g a worker; it has waited since g.since.
func (n *Network) getWorker(g uint32, nd *nodeState, now sim.Time) {
	fr := &n.frames[g]
	n.cold[g].waited += now - fr.since
	if n.measuring {
		nd.workers.waited(fr.since, now, fr.req != none)
	}
	fr.flags |= hasWorker
	fr.state = running
	n.cold[g].held = now
}

// waitedTooLong refuses a request that has waited for a worker as long as
// the server lets it.
func (n *Network) waitedTooLong(f uint32) uint32 {
	n.leaveQueue(f)
	if n.frames[f].req == none {
		n.probeAnswers(f, Rejected)
		return none
	}
	return n.leave(f, Rejected)
}

// leaveQueue takes f out of the queue for a worker.
func (n *Network) leaveQueue(f uint32) {
	now := n.eng.Now()
	fr := &n.frames[f]
	in := &n.insts[fr.inst]
	in.workers.account(now)
	n.unlink(&in.workers, f)
	if n.measuring {
		in.at.workers.waited(fr.since, now, false)
	}
}

// enter counts a visit in.
func (n *Network) enter(nd *nodeState, now sim.Time) {
	if n.measuring {
		nd.area.AddProduct(uint64(nd.inside), uint64(now-nd.changed))
		nd.changed = now
	}
	nd.inside++
}

// depart counts the visit of f out.
func (n *Network) depart(nd *nodeState, f uint32) {
	if n.measuring {
		now := n.eng.Now()
		nd.area.AddProduct(uint64(nd.inside), uint64(now-nd.changed))
		nd.changed = now
		nd.sojourns.Add(clipped(n.cold[f].arrived, now))
	}
	nd.inside--
	if nd.fleet != nil {
		n.insideChanges(n.frames[f].inst, -1)
	}
}

// leave ends the program of f with the given status and returns the frame
// to go on with: the one that waited for the answer, if it still does.
func (n *Network) leave(f uint32, status Status) uint32 {
	fr := &n.frames[f]
	if fr.flags&isRoot != 0 {
		n.rootEnded(f, status)
		return none
	}
	if fr.flags&isBranch != 0 {
		if fr.flags&hasMemory != 0 {
			n.free(f)
		}
		return n.deliver(f, status)
	}
	in := &n.insts[fr.inst]
	if fr.flags&hasWorker != 0 {
		n.freeWorker(f, in, in.at)
	}
	if in.at.wire != nil && status == OK && n.answer(f) {
		return none
	}
	return n.left(f, status)
}

// left counts the visit of f out and sends the answer to its caller.
func (n *Network) left(f uint32, status Status) uint32 {
	nd := n.insts[n.frames[f].inst].at
	if n.frames[f].flags&hasMemory != 0 {
		n.free(f)
	}
	n.depart(nd, f)
	if nd.slots != nil {
		n.freeSlot(f, status == OK)
	}
	if n.measuring {
		if status == OK {
			if nd.database != nil {
				nd.database.ended(n, f)
			}
			nd.stats.Completions++
			nd.stats.Response.Record(int64(n.eng.Now() - n.cold[f].arrived))
		} else {
			nd.stats.Errors[status-1]++
		}
	}
	if n.net != nil {
		return n.travelHome(f, status)
	}
	return n.deliver(f, status)
}

// deliver gives the answer of f to whoever waits for it.
func (n *Network) deliver(f uint32, status Status) uint32 {
	fr, c := &n.frames[f], &n.cold[f]
	p := fr.parent
	waits := p == none || n.cold[p].gen == c.parentGen
	if n.hangs && p != none && waits && n.withhold(f, p, status) {
		return none
	}
	if n.tracer != nil {
		n.tracer.delivers(n, f, status, waits)
	}
	if p == none {
		if fr.flags&isDetached == 0 {
			if status == OK {
				n.spend(f)
			}
			n.requestEnded(fr.req, status)
		}
		n.release(f)
		return none
	}
	if waits && fr.flags&isBranch != 0 {
		n.branchLeft(p, f)
	}
	if waits && status == OK {
		n.spend(f)
		n.frames[p].flags |= fr.flags & tookHit
		if n.flights != nil && n.rare[f].held != 0 {
			n.passFlights(f, p)
		}
	}
	n.release(f)
	if !waits {
		return none
	}
	return n.answered(p, status)
}

// spend books the time of an answered visit to its client.
func (n *Network) spend(f uint32) {
	fr, c := &n.frames[f], &n.cold[f]
	q := &n.reqs[fr.req]
	if !q.counted || fr.flags&isDetached != 0 {
		return
	}
	o := &n.clients[q.client].stats.Ops[q.op]
	if n.net != nil && fr.flags&isBranch == 0 {
		o.Network.Add(uint64(n.rare[f].transit))
	}
	if q.tally != 0 {
		n.noteVisit(f, q)
	}
	if c.waited|c.served != 0 {
		if o.Spent == nil {
			o.Spent = make([]Spent, len(n.nodes))
		}
		sp := &o.Spent[n.insts[fr.inst].node]
		sp.Wait.Add(uint64(c.waited))
		sp.Service.Add(uint64(c.served))
	}
}

// freeWorker gives f's worker to the request that has waited longest.
func (n *Network) freeWorker(f uint32, in *instance, nd *nodeState) {
	now := n.eng.Now()
	n.frames[f].flags &^= hasWorker
	st := &in.workers
	st.account(now)
	if n.measuring {
		nd.workers.served(n.cold[f].held, now)
	}
	n.passWorker(st, nd, now)
}

// passWorker gives a worker that has become free to who waits for it.
func (n *Network) passWorker(st *station, nd *nodeState, now sim.Time) {
	if st.queued == 0 {
		st.busy--
		return
	}
	g := n.dequeue(st)
	n.eng.Disarm(g)
	n.getWorker(g, nd, now)
	n.ready = append(n.ready, g)
}
