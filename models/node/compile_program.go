package node

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/sim"
)

// program compiles the programs of a node.
func (b *builder) program(at uint32) {
	s, nd := &b.spec.Nodes[at], &b.nodes[at]
	nd.choosy = nd.concurrency > 0 && nd.backlog != None || nd.slots != nil
	switch s.Kind {
	case Client:
		nd.entries = []entry{{op: anyOp, pc: b.pc()}}
		in := b.call(at, opAttempt, s.Client.Target, s.Client.Policy, 0)
		in.forward = s.Client.Target.Op == ""
		b.emit(in)
	case LoadBalancer:
		b.balancer(at)
	case Cache:
		b.cache(at)
	case CDN:
		b.cdn(at)
	case Queue:
		b.queue(at)
	case External:
		nd.entries = []entry{{op: anyOp, pc: b.pc()}}
		if l := s.External.Latency; l != nil {
			b.emit(instr{op: opWait, time: b.timed(l, sim.HashName(s.Name, "latency"), at, 1)})
		}
		answer := instr{op: opFail, id: sim.HashName(s.Name, "error"), ratio: s.External.ErrorRatio}
		if b.spoiled(at) {
			answer.op = opAnswer
		}
		b.emit(answer)
		b.emit(instr{op: opEnd})
	case Server, Database:
		b.shared(at)
		nd.queueTimeout = b.timeout(s.Server.QueueTimeout, sim.HashName(s.Name, "queue_timeout"), at)
		nd.rate, nd.shed = s.Server.RateLimit, s.Server.Shed
		nd.gated = nd.rate != nil || nd.shed > 0
		nd.choosy = nd.choosy || nd.gated
		if nd.rate != nil {
			nd.buckets = make([]bucket, nd.count)
		}
		b.pools(at)
		b.memory(at)
		b.collectors(at)
		b.ends = b.ends[:0]
		b.replicas(at)
		b.programs(at)
		b.database(at)
	}
}

func (b *builder) pc() uint32 { return uint32(len(b.code)) }

func (b *builder) emit(in instr) uint32 {
	switch in.op {
	case opAttempt, opCall, opGet, opForward, opDeliver:
		in.hashed = sim.HashWord(sim.Mix(in.id, 0))
	default:
		in.hashed = sim.HashWord(in.id)
	}
	b.code = append(b.code, in)
	b.stepNames = append(b.stepNames, b.stepName)
	return uint32(len(b.code) - 1)
}

func (b *builder) steps(at uint32, steps []Step) {
	within := b.stepName
	for i := range steps {
		b.stepName = strconv.Itoa(i + 1)
		if within != "" {
			b.stepName = within + "." + b.stepName
		}
		b.step(at, &steps[i])
	}
	b.stepName = within
}

func (b *builder) step(at uint32, s *Step) {
	switch s.Kind {
	case StepCPU:
		b.emit(instr{op: opCPU, time: b.timed(s.Time, s.ID, at, b.host.CoreSpeed())})
	case StepDisk:
		b.disk(at, s)
	case StepWait:
		b.emit(instr{op: opWait, time: b.timed(s.Time, s.ID, at, b.host.Speed)})
	case StepCall, StepPublish:
		b.request(at, b.keyed(b.call(at, opCall, s.Target, s.Policy, s.ID), s), s)
	case StepSet, StepInvalidate:
		in := b.keyed(b.call(at, opCall, s.Target, s.Policy, s.ID), s)
		in.callee = b.op(cacheSet)
		if s.Kind == StepInvalidate {
			in.callee = b.op(cacheInvalidate)
		}
		b.request(at, in, s)
	case StepGet:
		in := b.keyed(b.call(at, opGet, s.Target, s.Policy, s.ID), s)
		in.callee = b.op(cacheGet)
		b.request(at, in, s)
	case StepChoose:
		i := b.emit(instr{op: opChoose, id: s.ID, choice: newPicker(s.Weights)})
		b.branches(at, i, s.Branches, opJump)
	case StepParallel:
		i := b.emit(instr{op: opParallel, id: s.ID, need: uint32(cmp.Or(s.Need, len(s.Branches)))})
		b.branches(at, i, s.Branches, opEnd)
	case StepRepeat:
		i := b.emit(instr{op: opRepeat, id: s.ID, time: b.law(s.Time, s.ID)})
		b.steps(at, s.Branches[0])
		b.emit(instr{op: opEnd})
		b.code[i].after = b.pc()
	case StepFail:
		b.emit(instr{op: opFail, id: s.ID, ratio: s.Ratio})
	case StepMemory:
		b.emit(instr{op: opMemory, time: b.law(s.Time, s.ID)})
	case StepSpawn:
		i := b.emit(instr{op: opSpawn, id: s.ID})
		b.steps(at, s.Branches[0])
		b.emit(instr{op: opEnd})
		b.code[i].after = b.pc()
	}
}

// keyed lets a call be about what its step says.
func (b *builder) keyed(in instr, s *Step) instr {
	if s.Key.Source || s.Key.Law != nil {
		key := b.law(s.Key.Law, sim.Mix(s.ID, sim.HashName("key")))
		in.key = &key
	}
	return in
}

// fill lets the cache keep what was fetched because it was not there, when
// get has missed it.
func (b *builder) fill(get uint32, cache int) {
	if s := b.spec.Nodes[cache].Cache; s.Emergent() || s.Coalesce {
		in := instr{op: opFill, node: uint32(cache), target: &b.nodes[cache], key: b.code[get].key, lifetime: s.TTL}
		b.emit(in)
	}
}

// request compiles a call with what is done on a miss and after an error.
func (b *builder) request(at uint32, in instr, s *Step) {
	i := b.emit(in)
	b.through(at, i)
	b.code[i].miss = b.pc()
	if s.Kind == StepGet {
		b.steps(at, s.Branches[0])
		b.fill(i, s.Target.Node)
	}
	if s.Falls {
		jump := b.emit(instr{op: opJump})
		b.code[i].fallback = b.pc()
		b.stepName += " fallback"
		b.steps(at, s.Fallback)
		b.stepName = strings.TrimSuffix(b.stepName, " fallback")
		b.code[jump].after = b.pc()
	}
	b.code[i].after = b.pc()
}

// branches compiles alternatives, each ending in the given instruction, and
// lets what follows be where instruction i goes on.
func (b *builder) branches(at, i uint32, branches [][]Step, end opcode) {
	var begin, ends []uint32
	within := b.stepName
	for k, steps := range branches {
		begin = append(begin, b.pc())
		b.stepName = within + "/" + strconv.Itoa(k+1)
		b.steps(at, steps)
		b.stepName = within
		ends = append(ends, b.emit(instr{op: end}))
	}
	b.code[i].branches, b.code[i].after = begin, b.pc()
	for _, e := range ends {
		b.code[e].after = b.pc()
	}
}

// link finds where the operations that are called begin.
func (b *builder) link() {
	for i := range b.code {
		in := &b.code[i]
		switch in.op {
		case opAttempt, opCall, opGet, opDeliver:
			in.target = &b.nodes[in.node]
			if !in.forward {
				in.entry = b.nodes[in.node].entry(in.callee)
			}
		}
	}
	for i := range b.clients {
		c := &b.clients[i]
		c.attempt = &b.code[c.at.entries[0].pc]
	}
}

// call returns the instruction that calls a target.
func (b *builder) call(at uint32, op opcode, t Target, p Policy, id uint64) instr {
	in := instr{
		op: op, id: id, node: uint32(t.Node), callee: b.op(t.Op), entry: none,
		timeout: -1, timeoutAfter: p.Timeout, retries: uint32(p.Retries), retryOn: p.On, backoff: p.Backoff, fallback: none,
	}
	if p.On == 0 {
		in.retryOn = Retried
	}
	if p.Deadline > 0 || p.Hedged || p.Breaker != nil || p.Budget > 0 {
		in.care = b.care(at, p, id)
	}
	if p.Timeout > 0 {
		in.timeout = int32(b.eng.NewLane(p.Timeout, sim.Timer, b.nodes[at].rank))
	}
	in.pause = b.law(p.Backoff.Law, sim.Mix(id, sim.HashName("backoff")))
	return in
}

// care prepares what a call has beyond a time-out and retries.
func (b *builder) care(at uint32, p Policy, id uint64) *care {
	nd := &b.nodes[at]
	c := &care{
		deadline: p.Deadline, hedge: -1, copyID: sim.Mix(id, sim.HashName("copy")), breaker: p.Breaker,
		deposit: int64(float64(p.Budget*oneToken) + 0.5),
		guards:  uint32(len(b.guards)), first: nd.first,
	}
	if p.Hedged {
		c.hedge = int32(b.eng.NewLane(p.Hedge, sim.Timer, nd.rank))
		b.hedges = true
	}
	b.guards = append(b.guards, make([]guard, nd.count)...)
	return c
}

// law prepares a law, in its own unit.
func (b *builder) law(law dist.Law, id uint64) timed {
	t := timed{law: law, hashed: sim.HashWord(id), lane: -1}
	switch l := law.(type) {
	case nil:
	case dist.Constant:
		t.kind, t.value = constantLaw, l.Value
	case dist.Exponential:
		t.kind, t.value = exponentialLaw, l.MeanValue
	case dist.Trace:
		t.kind, t.value, t.shift, t.column = traceLaw, l.Scale, l.Shift, b.column(l.Column)
	default:
		t.kind = otherLaw
	}
	return t
}

// timeout prepares a law of a time-out, which speed does not change.
func (b *builder) timeout(law dist.Law, id uint64, at uint32) timed {
	t := b.law(law, id)
	if t.kind == constantLaw {
		t.lane = int32(b.eng.NewLane(sim.FromNanoseconds(t.value), sim.Timer, b.nodes[at].rank))
	}
	return t
}

// timed prepares a law of the time until an event, which speed divides. A
// constant gets a lane.
func (b *builder) timed(law dist.Law, id uint64, at uint32, speed float64) timed {
	t := b.law(law, id)
	nd := &b.nodes[at]
	t.speed, t.rank = speed, nd.rank
	if t.kind == constantLaw {
		t.lane = int32(b.eng.NewLane(sim.FromNanoseconds(t.value/speed), sim.Completion, nd.rank))
	}
	return t
}
