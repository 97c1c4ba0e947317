package node

import (
	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/sim"
)

// NewNetwork makes fresh state for one replication of a checked topology. It
// cannot fail: what could go wrong has been refused when spec was made.
func NewNetwork(spec *Spec, replication int) *Network {
	n := &Network{
		spec: spec, replication: replication, end: spec.Run.Duration,
		freeFrame: none, freeRequest: none,
		snap: &Snapshot{Replication: replication},
	}
	n.snap.WindowSize = windowSize(spec)
	b := &builder{Network: n, ops: map[string]uint16{}, columns: map[string]int32{}}
	b.place()
	b.point()
	for i := range spec.Nodes {
		b.program(uint32(i))
	}
	for i := range n.clients {
		b.client(&n.clients[i])
	}
	b.link()
	return n
}

// windowSize returns how long a row of the series is: the duration in 60 to
// 120 rows of a round length, fewer if there are very many nodes.
func windowSize(spec *Spec) sim.Time {
	rows := sim.Time(120)
	if len(spec.Nodes) > 200 {
		rows = max(12, rows*200/sim.Time(len(spec.Nodes)))
	}
	least := (spec.Run.Duration + rows - 1) / rows
	for unit := sim.Time(1); ; unit *= 10 {
		for _, k := range []sim.Time{1, 2, 5} {
			if k*unit >= least {
				return k * unit
			}
		}
		if unit >= 60*sim.Second { // minutes and hours are rounder than 100 s
			break
		}
	}
	for _, k := range []sim.Time{60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400} {
		if k*sim.Second >= least {
			return k * sim.Second
		}
	}
	return least
}

// builder compiles a specification. Its maps number the names of operations
// and trace columns; nothing is iterated that is not ordered.
type builder struct {
	*Network
	ops     map[string]uint16
	columns map[string]int32
}

// op returns the number of an operation.
func (b *builder) op(name string) uint16 {
	if name == "" {
		name = "request"
	}
	i, ok := b.ops[name]
	if !ok {
		if len(b.ops) > MaxOperations {
			panic("node: more names of operations than the checks allow")
		}
		i = uint16(len(b.ops))
		b.ops[name] = i
		b.opHashes = append(b.opHashes, sim.HashName(name))
	}
	return i
}

// column returns the number of a trace's column.
func (b *builder) column(name string) int32 {
	i, ok := b.columns[name]
	if !ok {
		i = int32(len(b.columns))
		b.columns[name] = i
	}
	return i
}

// place makes the nodes and their instances.
func (b *builder) place() {
	rows := b.rows()
	b.nodes = make([]nodeState, len(b.spec.Nodes))
	b.snap.Nodes = make([]NodeStats, len(b.spec.Nodes))
	for i := range b.spec.Nodes {
		s, nd := &b.spec.Nodes[i], &b.nodes[i]
		*nd = nodeState{
			kind: s.Kind, rank: uint32(i), first: uint32(len(b.insts)), count: uint32(max(1, s.Instances)),
			speed: 1, backlog: None, stats: &b.snap.Nodes[i],
		}
		cores, workers := 0, 0
		switch s.Kind {
		case Client:
			b.clients = append(b.clients, client{node: uint32(i), index: uint32(len(b.clients)), spec: s.Client})
		case LoadBalancer:
			nd.balancer = &balancer{}
		case Server:
			nd.speed, nd.concurrency, nd.backlog = s.Server.Speed, int32(s.Server.Concurrency), int32(s.Server.Backlog)
			cores, workers = s.Server.Cores, s.Server.Concurrency
		}
		if s.Kind != Client {
			nd.stats.Series = make([]NodeWindow, rows)
		}
		for range nd.count {
			b.insts = append(b.insts, instance{node: uint32(i), cpu: newStation(cores), workers: newStation(workers)})
		}
	}
}

// point lets instances and clients find their nodes. The slices that the
// pointers lead into do not grow any more.
func (b *builder) point() {
	for i := range b.insts {
		b.insts[i].at = &b.nodes[b.insts[i].node]
	}
	for i := range b.clients {
		c := &b.clients[i]
		c.at = &b.nodes[c.node]
		c.at.client = c
	}
}

// program compiles the programs of a node.
func (b *builder) program(at uint32) {
	s, nd := &b.spec.Nodes[at], &b.nodes[at]
	switch s.Kind {
	case Client:
		nd.entries = []entry{{anyOp, b.pc()}}
		in := b.call(at, opAttempt, s.Client.Target, s.Client.Policy, 0)
		in.forward = s.Client.Target.Op == ""
		b.emit(in)
	case LoadBalancer:
		nd.entries = []entry{{anyOp, b.pc()}}
		b.emit(instr{op: opForward})
		b.balancer(at)
	case Cache:
		latency := s.Cache.Latency
		if latency == nil {
			latency = dist.Constant{}
		}
		wait := instr{op: opWait, time: b.timed(latency, sim.HashName(s.Name, "latency"), at)}
		nd.entries = []entry{{uint32(b.op("get")), b.pc()}}
		b.emit(wait)
		b.emit(instr{op: opLookUp, id: sim.HashName(s.Name, "hit"), ratio: s.Cache.HitRatio})
		nd.entries = append(nd.entries, entry{uint32(b.op("set")), b.pc()})
		b.emit(wait)
		b.emit(instr{op: opEnd})
	case Server:
		nd.queueTimeout = b.timeout(s.Server.QueueTimeout, sim.HashName(s.Name, "queue_timeout"), at)
		for _, op := range s.Server.Ops {
			nd.entries = append(nd.entries, entry{uint32(b.op(op.Name)), b.pc()})
			b.steps(at, op.Steps)
			b.emit(instr{op: opEnd})
		}
	}
}

func (b *builder) balancer(at uint32) {
	s := b.spec.Nodes[at].Balancer
	bal := b.nodes[at].balancer
	for _, t := range s.Targets {
		// A target that is compiled later already has its instances.
		nd := &b.nodes[t]
		for k := range nd.count {
			bal.insts = append(bal.insts, nd.first+k)
		}
	}
	bal.backends.InFlight = make([]int32, len(bal.insts))
	bal.policy = balance.New(s.Policy)
	bal.stream = sim.Named(b.spec.Run.Seed, b.replication, b.spec.Nodes[at].Name, "policy")
}

func (b *builder) pc() uint32 { return uint32(len(b.code)) }

func (b *builder) emit(in instr) uint32 {
	switch in.op {
	case opAttempt, opCall, opGet:
		in.hashed = sim.HashWord(sim.Mix(in.id, 0))
	default:
		in.hashed = sim.HashWord(in.id)
	}
	b.code = append(b.code, in)
	return uint32(len(b.code) - 1)
}

func (b *builder) steps(at uint32, steps []Step) {
	for i := range steps {
		b.step(at, &steps[i])
	}
}

func (b *builder) step(at uint32, s *Step) {
	switch s.Kind {
	case StepCPU:
		b.emit(instr{op: opCPU, time: b.timed(s.Time, s.ID, at)})
	case StepWait:
		b.emit(instr{op: opWait, time: b.timed(s.Time, s.ID, at)})
	case StepCall:
		b.emit(b.call(at, opCall, s.Target, s.Policy, s.ID))
	case StepSet, StepInvalidate:
		in := b.call(at, opCall, s.Target, s.Policy, s.ID)
		in.callee = b.op("set")
		b.emit(in)
	case StepGet:
		in := b.call(at, opGet, s.Target, s.Policy, s.ID)
		in.callee = b.op("get")
		i := b.emit(in)
		b.steps(at, s.Branches[0])
		b.code[i].after = b.pc()
	case StepChoose:
		i := b.emit(instr{op: opChoose, id: s.ID, choice: newPicker(s.Weights)})
		b.branches(at, i, s.Branches, opJump)
	case StepParallel:
		i := b.emit(instr{op: opParallel, id: s.ID})
		b.branches(at, i, s.Branches, opEnd)
	case StepRepeat:
		i := b.emit(instr{op: opRepeat, id: s.ID, time: b.law(s.Time, s.ID)})
		b.steps(at, s.Branches[0])
		b.emit(instr{op: opEnd})
		b.code[i].after = b.pc()
	case StepFail:
		b.emit(instr{op: opFail, id: s.ID, ratio: s.Ratio})
	}
}

// branches compiles alternatives, each ending in the given instruction, and
// lets what follows be where instruction i goes on.
func (b *builder) branches(at, i uint32, branches [][]Step, end opcode) {
	var begin, ends []uint32
	for _, steps := range branches {
		begin = append(begin, b.pc())
		b.steps(at, steps)
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
		case opAttempt, opCall, opGet:
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
		timeout: -1, retries: uint32(p.Retries), backoff: p.Backoff,
	}
	if p.Timeout > 0 {
		in.timeout = int32(b.eng.NewLane(p.Timeout, sim.Timer, b.nodes[at].rank))
	}
	in.pause = b.law(p.Backoff.Law, sim.Mix(id, sim.HashName("backoff")))
	return in
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

// timed prepares a law of the time until an event. A constant gets a lane.
func (b *builder) timed(law dist.Law, id uint64, at uint32) timed {
	t := b.law(law, id)
	nd := &b.nodes[at]
	t.speed, t.rank = nd.speed, nd.rank
	if t.kind == constantLaw {
		t.lane = int32(b.eng.NewLane(sim.FromNanoseconds(t.value/nd.speed), sim.Completion, nd.rank))
	}
	return t
}

// client prepares a client; all columns and operations are known by now.
func (b *builder) client(c *client) {
	name := b.spec.Nodes[c.node].Name
	seed := b.spec.Run.Seed
	c.seed = sim.Mix(sim.Mix(seed, uint64(b.replication)), sim.HashName(name))
	c.stream = sim.Named(seed, b.replication, name, "arrivals")
	rows := make([]ClientWindow, b.rows())
	b.snap.Clients = append(b.snap.Clients, ClientStats{
		Node: int(c.node), Ops: make([]OpStats, len(c.spec.Ops)),
		Series: rows,
	})
	weights := make([]float64, len(c.spec.Ops))
	for i, op := range c.spec.Ops {
		c.ops = append(c.ops, b.op(op.Name))
		weights[i] = op.Weight
	}
	c.weights = newPicker(weights)
	c.direct = c.spec.Policy.Timeout == 0 && c.spec.Policy.Retries == 0
	for _, o := range b.spec.Objectives {
		if o.Node == int(c.node) && o.Within > 0 {
			c.limits = append(c.limits, o.Within)
		}
	}
	for i := range c.spec.Ops {
		b.snap.Clients[len(b.snap.Clients)-1].Ops[i].Within = make([]uint64, len(c.limits))
	}
	if p, ok := c.spec.Open.(arrival.TracePlan); ok {
		b.trace(c, p.Trace)
	}
}

// trace gives a client the rows that its requests come from.
func (b *builder) trace(c *client, t *arrival.Trace) {
	c.keys = t.Keys
	if t.Ops != nil {
		number := map[string]uint16{}
		for i, op := range c.spec.Ops {
			number[op.Name] = uint16(i)
		}
		c.rowOps = make([]uint16, len(t.Ops))
		for i, op := range t.Ops {
			c.rowOps[i] = number[op]
		}
	}
	c.columns = make([][]float64, len(b.columns))
	for name, i := range b.columns {
		c.columns[i] = t.Columns[name]
	}
}

// startProcesses starts the arrivals of every client.
func (n *Network) startProcesses(from sim.Time) {
	for i := range n.clients {
		c := &n.clients[i]
		c.stats = &n.snap.Clients[i]
		if c.spec.Open != nil {
			c.process = c.spec.Open.Start(from, &c.stream)
		} else {
			c.people = c.spec.Closed.Start()
		}
	}
}
