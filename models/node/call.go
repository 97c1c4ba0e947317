package node

import (
	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/sim"
)

// send makes an attempt at f's call: the first, or a further one.
func (n *Network) send(f uint32) uint32 {
	fr, c := &n.frames[f], &n.cold[f]
	in := &n.code[fr.pc]
	seed := sim.MixHashed(c.seed, in.attempt(c.count))
	callee := in.callee
	if in.op == opAttempt {
		if q := &n.reqs[n.frames[f].req]; q.counted {
			n.clients[q.client].stats.Ops[q.op].Attempts++
		}
		if in.forward {
			callee = fr.op
		}
	}
	if in.timeout >= 0 {
		n.eng.ArmLane(int(in.timeout), f)
	}
	fr.state = forAnswer
	inst, pc := n.destination(in, callee)
	return n.visit(f, fr.req, inst, pc, callee, seed)
}

// destination returns the instance that gets a call, and where the operation
// begins. The instances of a node take turns.
func (n *Network) destination(in *instr, callee uint16) (inst, pc uint32) {
	nd := in.target
	inst, pc = nd.first, in.entry
	if nd.count > 1 {
		inst += nd.turn
		if nd.turn++; nd.turn == nd.count {
			nd.turn = 0
		}
	}
	if pc == none {
		pc = nd.entry(callee)
	}
	return inst, pc
}

// attempt returns the identity, for sim.MixHashed, of an attempt at a call.
func (in *instr) attempt(count uint32) uint64 {
	if count == 0 {
		return in.hashed
	}
	return sim.HashWord(sim.Mix(in.id, uint64(count)))
}

// entry returns where an operation begins. The checks have made sure that
// there is one.
func (nd *nodeState) entry(op uint16) uint32 {
	for _, e := range nd.entries {
		if e.op == uint32(op) || e.op == anyOp {
			return e.pc
		}
	}
	panic("node: an operation that the target does not have")
}

// anyOp is the operation of nodes that take any.
const anyOp = 1<<32 - 1

// callAnswered goes on behind f's call, tries again, or fails.
func (n *Network) callAnswered(f uint32, in *instr, status Status) uint32 {
	fr, c := &n.frames[f], &n.cold[f]
	if in.timeout >= 0 {
		n.eng.Disarm(f)
	}
	c.child = none
	fr.state = running
	if status == OK {
		hit := fr.flags&tookHit != 0
		fr.flags &^= tookHit
		c.count = 0
		switch {
		case in.op == opAttempt:
			n.rootEnded(f, OK)
			return none
		case in.op == opGet && hit:
			fr.pc = in.after
		default:
			fr.pc++
		}
		return f
	}
	if c.count < in.retries && status != BreakerOpen {
		c.count++
		return n.backOff(f, in)
	}
	c.count = 0
	if in.op == opGet { // a failed look-up is a miss
		fr.pc++
		return f
	}
	return n.leave(f, status)
}

// backOff waits before the next attempt.
func (n *Network) backOff(f uint32, in *instr) uint32 {
	d := n.pause(f, in)
	if d == 0 {
		return n.send(f)
	}
	n.reqs[n.frames[f].req].backoff += d
	n.frames[f].state = inBackoff
	n.eng.Schedule(n.eng.Now()+d, sim.Timer, n.rankOf(f), f)
	return none
}

// pause draws how long to wait before retry number count, with its jitter.
func (n *Network) pause(f uint32, in *instr) sim.Time {
	c, b := &n.cold[f], &in.backoff
	s := sim.Keyed(sim.Mix(sim.MixHashed(c.seed, in.pause.hashed), uint64(c.count)))
	var d float64
	switch {
	case b.Doubling:
		d = float64(b.First) * float64(uint64(1)<<min(c.count-1, 62))
		if b.Max > 0 {
			d = min(d, float64(b.Max))
		}
	case b.Law == nil:
		return 0
	case in.pause.kind == traceLaw:
		d = n.sample(&in.pause, f)
	default:
		n.scratch = s
		d = b.Law.Sample(&n.scratch)
		s = n.scratch
	}
	switch b.Jitter {
	case FullJitter:
		d = float64(d * s.Float64())
	case EqualJitter:
		d = float64(d/2) + float64(d/2*s.Float64())
	}
	return sim.FromNanoseconds(d)
}

// callTimedOut ends an attempt because f's time is up. What was asked for
// goes on being done, but nobody waits for it.
func (n *Network) callTimedOut(f uint32) uint32 {
	c := &n.cold[f]
	n.giveUp(f)
	c.gen++
	return n.answered(f, TimedOut)
}

// giveUp tells what f has called that f has gone. A balancer drops the
// attempt, and no longer counts it against the instance; a server works on.
func (n *Network) giveUp(f uint32) {
	g := n.cold[f].child
	if g == none || n.frames[g].state == free || n.code[n.frames[g].pc].op != opForward {
		return
	}
	n.settleBackend(g)
	n.giveUp(g)
	nd := n.insts[n.frames[g].inst].at
	n.depart(nd, g)
	if n.measuring {
		nd.stats.Errors[TimedOut-1]++
	}
	n.release(g)
}

// forward sends the attempt in f on to the instance that the policy picks.
func (n *Network) forward(f uint32) uint32 {
	fr, c := &n.frames[f], &n.cold[f]
	b := n.insts[fr.inst].at.balancer
	q := &n.reqs[n.frames[f].req]
	i := b.policy.Pick(&b.backends, balance.Request{Hash: sim.Mix(n.opHashes[fr.op], q.key)}, &b.stream)
	b.backends.InFlight[i]++
	c.count = uint32(i)
	fr.state = forAnswer
	inst := b.insts[i]
	target := n.insts[inst].at
	return n.visit(f, fr.req, inst, target.entry(fr.op), fr.op, c.seed)
}

// settleBackend counts the attempt in f as no longer in flight.
func (n *Network) settleBackend(f uint32) {
	b := n.insts[n.frames[f].inst].at.balancer
	b.backends.InFlight[n.cold[f].count]--
}

// visit begins the operation at pc on an instance, for the caller f (none: the
// client itself), and returns the frame to go on with.
func (n *Network) visit(f, req, inst, pc uint32, op uint16, seed uint64) uint32 {
	in := &n.insts[inst]
	nd := in.at
	now := n.eng.Now()
	if n.measuring {
		nd.stats.Arrivals++
		in.arrivals++
	}
	wait := false
	if nd.concurrency > 0 && in.workers.full() {
		if nd.backlog != None && in.workers.queued >= nd.backlog {
			if n.measuring {
				nd.stats.Errors[Rejected-1]++
			}
			if f == none {
				n.requestEnded(req, Rejected)
				return none
			}
			return n.answered(f, Rejected)
		}
		wait = true
	}
	g, fr, c := n.newFrame(inst, pc, req)
	fr.op, fr.parent = op, f
	c.seed = seed
	if f != none {
		caller := &n.cold[f]
		c.parentGen = caller.gen
		caller.child = g
	}
	n.enter(nd, now)
	if nd.concurrency == 0 {
		return g
	}
	fr.since = now
	in.workers.account(now)
	if !wait {
		in.workers.busy++
		n.getWorker(g, nd, now)
		return g
	}
	fr.state = forWorker
	n.enqueue(&in.workers, g)
	n.armQueueTimeout(g, nd)
	return none
}

func (n *Network) armQueueTimeout(g uint32, nd *nodeState) {
	t := &nd.queueTimeout
	if t.law == nil {
		return
	}
	if t.lane >= 0 {
		n.eng.ArmLane(int(t.lane), g)
		return
	}
	d := sim.FromNanoseconds(n.sample(t, g))
	n.eng.Arm(n.eng.Now()+d, sim.Timer, nd.rank, g)
}

// getWorker gives g a worker; it has waited since g.since.
func (n *Network) getWorker(g uint32, nd *nodeState, now sim.Time) {
	fr := &n.frames[g]
	n.cold[g].waited += now - fr.since
	if n.measuring {
		nd.workers.waited(fr.since, now, true)
	}
	fr.flags |= hasWorker
	fr.state = running
	n.cold[g].held = now
}

// waitedTooLong refuses a request that has waited for a worker as long as
// the server lets it.
func (n *Network) waitedTooLong(f uint32) uint32 {
	now := n.eng.Now()
	fr := &n.frames[f]
	in := &n.insts[fr.inst]
	in.workers.account(now)
	n.unlink(&in.workers, f)
	if n.measuring {
		in.at.workers.waited(fr.since, now, false)
	}
	return n.leave(f, Rejected)
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
}

// leave ends the program of f with the given status and returns the frame
// to go on with: the one that waited for the answer, if it still does.
func (n *Network) leave(f uint32, status Status) uint32 {
	fr, c := &n.frames[f], &n.cold[f]
	if fr.flags&isRoot != 0 {
		n.rootEnded(f, status)
		return none
	}
	in := &n.insts[fr.inst]
	if fr.flags&isBranch == 0 {
		nd := in.at
		n.depart(nd, f)
		if n.measuring {
			if status == OK {
				nd.stats.Completions++
				nd.stats.Response.Record(int64(n.eng.Now() - c.arrived))
			} else {
				nd.stats.Errors[status-1]++
			}
		}
		if fr.flags&hasWorker != 0 {
			n.freeWorker(f, in, nd)
		}
	}
	p := fr.parent
	if p == none {
		if status == OK {
			n.spend(f, in.node)
		}
		n.requestEnded(fr.req, status)
		n.release(f)
		return none
	}
	waits := n.cold[p].gen == c.parentGen
	if waits && status == OK {
		n.spend(f, in.node)
		if fr.flags&tookHit != 0 {
			n.frames[p].flags |= tookHit
		}
	}
	n.release(f)
	if !waits {
		return none
	}
	return n.answered(p, status)
}

// spend books the time of an answered visit to its client.
func (n *Network) spend(f, at uint32) {
	c := &n.cold[f]
	if q := &n.reqs[n.frames[f].req]; q.counted && c.waited|c.served != 0 {
		o := &n.clients[q.client].stats.Ops[q.op]
		if o.Spent == nil {
			o.Spent = make([]Spent, len(n.nodes))
		}
		sp := &o.Spent[at]
		sp.Wait.Add(uint64(c.waited))
		sp.Service.Add(uint64(c.served))
	}
}

// freeWorker gives f's worker to the request that has waited longest.
func (n *Network) freeWorker(f uint32, in *instance, nd *nodeState) {
	now := n.eng.Now()
	st := &in.workers
	st.account(now)
	if n.measuring {
		nd.workers.served(n.cold[f].held, now)
	}
	if st.queued == 0 {
		st.busy--
		return
	}
	g := n.dequeue(st)
	n.eng.Disarm(g)
	n.getWorker(g, nd, now)
	n.ready = append(n.ready, g)
}

// lookUp decides whether the cache has what it is asked for, at the end of
// its latency.
func (n *Network) lookUp(f uint32, in *instr) uint32 {
	fr := &n.frames[f]
	s := sim.Keyed(sim.MixHashed(n.cold[f].seed, in.hashed))
	// A caller that has given up takes it for a miss, whatever is there.
	waits := fr.parent == none || n.cold[fr.parent].gen == n.cold[f].parentGen
	hit := s.Float64() < in.ratio && waits
	if hit {
		fr.flags |= tookHit
	}
	if n.measuring {
		st := n.insts[fr.inst].at.stats
		if hit {
			st.Hits++
		} else {
			st.Misses++
		}
	}
	return n.leave(f, OK)
}
