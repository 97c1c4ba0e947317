package node

import "github.com/capsim/capsim/sim"

// send makes an attempt at f's call: the first, or a further one.
func (n *Network) send(f uint32) uint32 {
	fr, c := &n.frames[f], &n.cold[f]
	in := &n.code[fr.pc]
	if in.target.shared != nil {
		n.rare[f].choice = none
	}
	if in.care != nil {
		return n.sendCarefully(f, in)
	}
	if in.passes {
		return n.dispatch(f, in, c.seed) // the origin does what it would if it had been asked itself
	}
	return n.dispatch(f, in, sim.MixHashed(c.seed, in.attempt(c.count)))
}

// dispatch sends the request of f's call. Its draws are keyed by seed.
func (n *Network) dispatch(f uint32, in *instr, seed uint64) uint32 {
	fr := &n.frames[f]
	callee := in.callee
	if in.op == opAttempt {
		q := &n.reqs[fr.req]
		if q.counted {
			n.clients[q.client].stats.tried(q)
		}
	}
	if in.forward {
		callee = fr.op
	}
	fr.state = forAnswer
	if in.timeout >= 0 || in.care != nil {
		n.armTimeout(f, in)
	}
	if in.via != 0 {
		return n.acquire(f, in, callee, seed)
	}
	return n.sendTo(f, f, in, callee, seed)
}

// place returns where the call of f goes: the two copies of a hedged attempt
// to different instances if they can.
func (n *Network) place(f uint32, in *instr, callee uint16) (inst, pc uint32) {
	switch {
	case in.target.placer != nil:
		inst, pc = in.target.placer.place(n, f, in, callee)
		if n.frames[f].flags&isCopy != 0 { // which it has seen to
			n.cold[f].count = inst
		}
		return inst, pc
	case in.target.shared != nil:
		inst, pc = n.destination(in, callee)
		inst = n.chooseShared(f, in, callee)
	default:
		inst, pc = n.destination(in, callee)
	}
	if n.frames[f].flags&isCopy != 0 {
		inst = n.elsewhere(f, in, inst)
		n.cold[f].count = inst
	}
	return inst, pc
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
	if n.tracer != nil {
		n.tracer.attempted(n, f, status)
	}
	fr, c := &n.frames[f], &n.cold[f]
	if in.timeout >= 0 || in.care != nil {
		n.eng.Disarm(f)
	}
	c.child = none
	if in.target.shared != nil {
		n.settleShared(f, in, status, true)
	}
	if fr.flags&isCopy != 0 {
		return n.copyAnswered(f, status)
	}
	fr.state = running
	if in.care != nil {
		n.tell(f, in, status)
	}
	if status == OK {
		hit := fr.flags&tookHit != 0
		fr.flags &^= tookHit
		c.count = 0
		switch {
		case in.op == opAttempt:
			n.rootEnded(f, OK)
			return none
		case in.op == opGet && !hit:
			fr.pc = in.miss
		default:
			fr.pc = in.after
		}
		return f
	}
	if c.count < in.retries && in.retryOn.Has(status) && n.mayRetry(f, in) {
		c.count++
		return n.backOff(f, in)
	}
	c.count = 0
	if in.op == opGet { // a failed look-up is a miss
		n.countLookUp(in.target, false)
	}
	switch {
	case in.fallback != none:
		fr.pc = in.fallback
		return f
	case in.op == opGet:
		fr.pc = in.miss
		return f
	}
	return n.leave(f, status)
}

// backOff waits before the next attempt.
func (n *Network) backOff(f uint32, in *instr) uint32 {
	d := n.pause(f, in)
	if d == 0 {
		return n.again(f, in)
	}
	at := n.eng.Now() + d
	if in.care != nil && in.care.deadline > 0 {
		at = min(at, n.deadline(f, in))
	}
	fr := &n.frames[f]
	fr.state, fr.since = inBackoff, n.eng.Now()
	n.eng.Arm(at, sim.Timer, n.rankOf(f), f)
	return none
}

// pauseOver makes the next attempt, unless the deadline came first.
func (n *Network) pauseOver(f uint32) uint32 {
	fr := &n.frames[f]
	in := &n.code[fr.pc]
	if fr.flags&isDetached == 0 {
		n.reqs[fr.req].backoff += n.eng.Now() - fr.since
	}
	if in.care != nil && in.care.deadline > 0 && n.eng.Now() >= n.deadline(f, in) {
		n.cold[f].count = 0
		return n.leave(f, TimedOut)
	}
	return n.again(f, in)
}

// again makes a further attempt: at f's call, or of a balancer.
func (n *Network) again(f uint32, in *instr) uint32 {
	if in.op == opForward {
		return n.forward(f)
	}
	return n.send(f)
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
// goes on being done unless the client cancels, but nobody waits for it.
func (n *Network) callTimedOut(f uint32) uint32 {
	if n.code[n.frames[f].pc].op == opDeliver {
		return n.becomesVisible(f)
	}
	n.abandon(n.cold[f].child, n.reqs[n.frames[f].req].cancel, TimedOut)
	n.cold[f].gen++
	return n.answered(f, TimedOut)
}
