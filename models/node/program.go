package node

import "github.com/capsim/capsim/sim"

// opcode tells what an instruction does.
type opcode uint8

const (
	opEnd     opcode = iota // the program, or branch, ended well
	opAttempt               // a client sends its request
	opForward               // a balancer sends it on
	opCPU
	opWait
	opCall
	opGet  // a call of a cache that goes on behind the miss steps on a hit
	opFill // enters in the cache what the get before has missed
	opChoose
	opJump
	opParallel
	opRepeat
	opFail
	opMemory
	opSpawn
	opLookUp     // a cache decides whether it has the answer
	opKeep       // a cache enters what it was asked for, or told
	opInvalidate // a cache takes it out
	opTellAge    // a CDN tells another one how old its answer is
	opServe      // a CDN answers a client, for money
	opDisk
	opAccept   // a broker takes a message in
	opDeliver  // and gives it to a consumer
	opProbe    // a health check is answered
	opPooled   // a call goes out over a connection of a pool
	opScatter  // several shards of a database are called
	opPart     // one of them is
	opDial     // a connection to a database is opened
	opSnapshot // a read of a database with replicas begins
	opCommit   // a write to one is done at the primary
	opApplied  // it is at a replica
	opAnswer   // an external service answers, with an error if a fault wants it
)

// instr is one instruction. Operations, whatever their nesting, become flat
// sequences of them.
type instr struct {
	op      opcode
	time    timed // cpu, wait, disk: how long; repeat: how often; memory: how much
	id      uint64
	hashed  uint64 // the same for sim.MixHashed; of a call: of its first attempt
	node    uint32 // target of a call
	target  *nodeState
	callee  uint16 // operation of the target
	entry   uint32 // where it begins, of a server
	forward bool   // the caller's operation is passed on
	passes  bool   // a call that is made for the caller, as a balancer's: of an origin
	via     uint32 // the instruction of the connection that it takes; 0: none, as the first is no such
	pool    uint32 // of that: which of the node's pools

	timeout      int32 // lane; -1: none
	timeoutAfter sim.Time
	retries      uint32
	retryOn      StatusSet
	backoff      Backoff
	pause        timed

	way   uint32 // of a balancer
	relay *relay // what else a balancer does; nil: it chooses

	care     *care    // what else a call has; nil: nothing
	key      *timed   // what a call is about; nil: what the request is
	miss     uint32   // get, look-up: where to go on without the item; none of a look-up that answers either way
	lifetime sim.Time // of an entry; 0: for ever
	coalesce bool     // look-up: one miss at a time for each item
	aged     bool     // look-up, keep, call of an origin: that says how old its answers are
	fallback uint32   // call, get: where to go on after an error; none: the error is passed on

	transfer *transfer // disk: operations and bytes instead of a time
	need     uint32    // parallel: branches that must end well
	after    uint32    // where to go on
	branches []uint32  // where they begin
	choice   picker    // which branch
	ratio    float64   // of failures, of hits
}

// picker draws an index by weight.
type picker struct {
	cumulative []float64 // ascending, the last is the sum
}

func newPicker(weights []float64) picker {
	sum, c := 0.0, make([]float64, len(weights))
	for i, w := range weights {
		sum += w
		c[i] = sum
	}
	return picker{c}
}

func (p picker) pick(s *sim.Stream) int {
	n := len(p.cumulative)
	if n == 1 {
		return 0
	}
	u := s.Float64() * p.cumulative[n-1]
	for i, c := range p.cumulative {
		if u < c {
			return i
		}
	}
	return n - 1
}

// step runs one instruction of f and returns the frame to go on with, none
// if everything waits.
func (n *Network) step(f uint32) uint32 {
	fr := &n.frames[f]
	in := &n.code[fr.pc]
	switch in.op {
	case opCPU:
		n.queueUp(f, &n.insts[fr.inst].cpu, onCore)
		return none
	case opDisk:
		n.queueUp(f, n.insts[fr.inst].disk, onDisk)
		return none
	case opWait:
		fr.since = n.eng.Now()
		fr.state = inDelay
		n.after(f, &in.time)
		return none
	case opAttempt, opCall, opGet:
		return n.send(f)
	case opForward:
		return n.forward(f)
	case opPooled:
		return n.sendPooled(f)
	case opLookUp:
		return n.lookUp(f, in)
	case opEnd:
		return n.leave(f, OK)
	case opChoose:
		s := sim.Keyed(sim.MixHashed(n.cold[f].seed, in.hashed))
		fr.pc = in.branches[in.choice.pick(&s)]
		return f
	case opJump:
		fr.pc = in.after
		return f
	case opParallel:
		return n.fork(f, in)
	case opRepeat:
		n.cold[f].count = 0
		n.cold[f].limit = rounds(n.sample(&in.time, f))
		return n.nextRound(f, in)
	case opFail:
		s := sim.Keyed(sim.MixHashed(n.cold[f].seed, in.hashed))
		if s.Float64() < in.ratio {
			return n.leave(f, Failed)
		}
		fr.pc++
		return f
	case opMemory:
		return n.allocate(f, in)
	case opSpawn:
		b := n.branch(f, fr.pc+1, in.id)
		n.frames[b].flags |= isDetached
		n.frames[b].parent = none
		n.ready = append(n.ready, b)
		n.frames[f].pc = in.after
		return f
	case opProbe:
		n.probeServed(f)
		return none
	default:
		return n.stepOfData(f, in)
	}
}

// stepOfData runs an instruction of the data tier: of a cache, a database or
// a queue, or of those who call them.
func (n *Network) stepOfData(f uint32, in *instr) uint32 {
	switch in.op {
	case opScatter:
		return n.scatter(f, in)
	case opPart:
		return n.sendPart(f, in)
	case opDial:
		return n.dial(f, in)
	case opAccept:
		return n.accept(f)
	case opSnapshot, opCommit, opApplied:
		return n.replicate(f, in)
	case opFill:
		return n.fill(f, in)
	case opKeep:
		return n.keepItem(f, in)
	case opTellAge:
		return n.tellAge(f, in)
	case opAnswer:
		return n.answers(f, in)
	case opServe:
		return n.countServed(f)
	default: // opInvalidate
		return n.invalidate(f)
	}
}

// rounds turns a sampled number into a whole one.
func rounds(x float64) uint32 {
	switch {
	case !(x > 0):
		return 0
	case x > MaxRounds:
		panic(&LimitError{What: "rounds of a repeat step, or requests of a session", Limit: MaxRounds})
	}
	return uint32(x + 0.5)
}

// after schedules the end of f's work or delay.
func (n *Network) after(f uint32, t *timed) {
	if n.slows && n.slowWork(f, t) {
		return
	}
	if t.lane >= 0 {
		n.eng.ArmLane(int(t.lane), f)
		return
	}
	x := n.sample(t, f)
	if t.speed != 1 {
		x /= t.speed
	}
	at := n.eng.Now() + sim.FromNanoseconds(x)
	if n.cancels {
		n.eng.Arm(at, sim.Completion, t.rank, f)
		return
	}
	n.eng.Schedule(at, sim.Completion, t.rank, f)
}

func (n *Network) rankOf(f uint32) uint32 { return n.insts[n.frames[f].inst].at.rank }

func (n *Network) delayDone(f uint32) uint32 {
	fr := &n.frames[f]
	n.cold[f].served += n.eng.Now() - fr.since
	fr.state = running
	fr.pc++
	return f
}

// fork lets the branches of f run, each in a frame of its own that shares
// f's worker and queues for cores by itself.
func (n *Network) fork(f uint32, in *instr) uint32 {
	n.frames[f].state = forChildren
	c := &n.cold[f]
	c.count, c.limit, c.child = uint32(len(in.branches)), in.need, none
	join := uint32(none)
	if n.reqs[n.frames[f].req].cancel {
		join = n.newJoin()
		c.child = join
	}
	for i, pc := range in.branches {
		b := n.branch(f, pc, sim.Mix(in.id, uint64(i)))
		n.ready = append(n.ready, b)
		if join != none {
			n.joins[join].kids = append(n.joins[join].kids, b)
		}
	}
	return none
}

// branchEnded goes on when enough branches of f have ended well, and fails
// once that is impossible. Nobody waits for the others then.
func (n *Network) branchEnded(f uint32, in *instr, status Status) uint32 {
	c := &n.cold[f]
	c.count--
	if status == OK {
		c.limit--
	}
	switch {
	case c.limit == 0:
		n.leaveBranches(f)
		return n.joined(f, in)
	case c.count < c.limit:
		n.leaveBranches(f)
		return n.leave(f, status)
	}
	return none
}

// leaveBranches lets the branches of f that are still under way be.
func (n *Network) leaveBranches(f uint32) {
	n.cold[f].gen++
	if n.code[n.frames[f].pc].op == opScatter {
		for _, b := range n.endJoin(f) {
			n.abandon(b, n.reqs[n.frames[f].req].cancel, OK)
		}
		return
	}
	for _, b := range n.endJoin(f) {
		n.cancel(b, OK)
	}
}

// branch makes a frame for a part of f's visit, with random numbers of its
// own.
func (n *Network) branch(f, pc uint32, id uint64) uint32 {
	b, fr, c := n.newFrame(n.frames[f].inst, pc, n.frames[f].req)
	fr.flags, fr.op, fr.parent = isBranch|n.frames[f].flags&isDetached, n.frames[f].op, f
	c.seed, c.parentGen = sim.Mix(n.cold[f].seed, id), n.cold[f].gen
	n.inherit(b, f)
	return b
}

func (n *Network) joined(f uint32, in *instr) uint32 {
	fr := &n.frames[f]
	fr.state = running
	fr.pc = in.after
	n.cold[f].count = 0
	return f
}

// nextRound runs the body of a repeat once more, or goes on behind it.
func (n *Network) nextRound(f uint32, in *instr) uint32 {
	c := &n.cold[f]
	if c.count == c.limit {
		return n.joined(f, in)
	}
	c.count++
	n.frames[f].state = forChildren
	b := n.branch(f, n.frames[f].pc+1, sim.Mix(in.id, uint64(c.count)))
	n.cold[f].child = b
	return b
}

// answered takes the answer that f waited for.
func (n *Network) answered(f uint32, status Status) uint32 {
	in := &n.code[n.frames[f].pc]
	switch in.op {
	case opAttempt, opCall, opGet:
		return n.callAnswered(f, in, status)
	case opForward:
		if in.relay != nil {
			return n.relayAnswered(f, in, status)
		}
		n.attemptEnded(f, in, status, true)
		return n.leave(f, status)
	case opDeliver:
		return n.delivered(f, status)
	case opPooled:
		return n.pooledAnswered(f, status)
	case opParallel, opScatter:
		return n.branchEnded(f, in, status)
	case opPart:
		return n.leave(f, status)
	default: // opRepeat
		if status != OK {
			return n.leave(f, status)
		}
		return n.nextRound(f, in)
	}
}
