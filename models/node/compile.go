package node

import (
	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/sim"
)

// NewNetwork makes fresh state for one replication of a checked topology. It
// cannot fail: what could go wrong has been refused when spec was made.
func NewNetwork(spec *Spec, replication int) *Network {
	n := &Network{
		spec: spec, replication: replication, end: spec.Run.Duration,
		freeFrame: none, freeRequest: none, freeJoin: none,
		snap: &Snapshot{Replication: replication},
	}
	n.snap.WindowSize = windowSize(spec)
	b := &builder{Network: n, ops: map[string]uint16{}, columns: map[string]int32{}, builds: make([][]build, len(spec.Nodes))}
	b.features()
	b.place()
	b.point()
	for i := range spec.Nodes {
		b.program(uint32(i))
	}
	b.link()
	b.health()
	b.faulty()
	b.fleets()
	b.scaling()
	b.deploys()
	for i := range n.clients {
		b.client(&n.clients[i])
	}
	return n
}

// windowSize returns how long a row of the series is: the duration in 60 to
// 120 rows of a round length, fewer if there are very many nodes.
func windowSize(spec *Spec) sim.Time {
	rows := sim.Time(120)
	if len(spec.Nodes) > 200 {
		rows = max(12, rows*200/sim.Time(len(spec.Nodes)))
	}
	return roundLength(spec.Run.Duration, rows)
}

// roundLength is the shortest round length that divides a time into at most so
// many parts.
func roundLength(whole, parts sim.Time) sim.Time {
	least := (whole + parts - 1) / parts
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
	ops      map[string]uint16
	stepName string // of the step that is being compiled
	columns  map[string]int32
	ends     []uint32    // of the operations of the node that is being compiled
	host     *ServerSpec // what its instances are that it is being compiled for
	builds   [][]build   // by node
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
		b.opNames = append(b.opNames, name)
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
			backlog: None, stats: &b.snap.Nodes[i], hop: sim.HashWord(sim.HashName(s.Name, "hop")),
		}
		cores, workers, order := 0, 0, FCFS
		if s.Client != nil {
			b.clients = append(b.clients, client{node: uint32(i), index: uint32(len(b.clients)), spec: s.Client, idle: none})
		}
		if s.Server != nil {
			nd.concurrency, nd.backlog = int32(s.Server.Concurrency), int32(s.Server.Backlog)
			cores, workers, order = s.Server.Cores, s.Server.Concurrency, s.Server.Scheduling
			if s.Wired() {
				nd.wire = &netInterface{perSecond: s.Server.Network}
			}
			if s.Server.HasDisk() {
				nd.disk = &meter{}
			}
		}
		if s.Cache != nil {
			cores = s.Cache.Cores
		}
		nd.worked = s.Server != nil || cores > 0
		if s.Kind == LoadBalancer && s.Balancer.Connections > 0 {
			workers = s.Balancer.Connections // nobody waits for one
			nd.concurrency, nd.backlog = int32(workers), 0
		}
		if s.Kind == LoadBalancer && s.Balancer.PerTarget > 0 {
			nd.conns = &meter{}
		}
		if s.Database != nil && s.Database.Connections > 0 {
			nd.slots = &meter{}
		}
		if s.Kind != Client {
			nd.stats.Series = make([]NodeWindow, rows)
		}
		for k := range nd.count {
			in := instance{
				node: uint32(i), zone: int32(s.Zone(int(k))),
				cpu: newStation(cores, order, &nd.cpu), workers: newStation(workers, order.queueing(), &nd.workers),
			}
			if nd.wire != nil {
				wire := newStation(1, FCFS, &nd.wire.meter)
				in.wire = &wire
			}
			if nd.disk != nil {
				disk := newStation(s.Server.Disk.Channels(), order.queueing(), nd.disk)
				in.disk = &disk
			}
			if nd.slots != nil {
				slots := newStation(s.Database.Connections, FCFS, nd.slots)
				in.slots = &slots
			}
			if order > ByPriority {
				b.interruptible(&in.cpu, s.Server)
			}
			b.insts = append(b.insts, in)
		}
	}
}

// interruptible prepares cores that are shared, or taken away again. They are
// those of the next instance.
func (b *builder) interruptible(st *station, s *ServerSpec) {
	st.turns = &turns{quantum: s.Quantum}
	if st.order != ProcessorSharing {
		return
	}
	clock, fr, _ := b.newFrame(uint32(len(b.insts)), 0, none)
	fr.state = ticking
	st.sharing = &sharing{clock: clock}
}

// Zone is the zone of instance k, None if it stands beyond the internet.
func (n *Node) Zone(k int) int {
	if len(n.Zones) == 0 {
		return None
	}
	if n.Database != nil {
		return n.Zones[n.Database.zone(k, len(n.Zones))]
	}
	if n.twice() {
		k %= n.Most() // the second set stands where the first does
	}
	return n.Zones[k%len(n.Zones)]
}

// features finds out what the topology needs that others do without.
func (b *builder) features() {
	if s := b.spec.Network; s != nil {
		b.net = newWires(s, len(b.spec.Zones))
	}
	b.cancels = b.spec.mortal()
	for i := range b.spec.Nodes {
		s := &b.spec.Nodes[i]
		if s.Balancer != nil {
			row, _ := balance.Lookup(s.Balancer.Policy)
			b.sourced = b.sourced || row.Hashes == balance.HashesSource
		}
		if s.Client != nil {
			b.cancels = b.cancels || s.Client.Cancel
			for _, op := range s.Client.Ops {
				b.rares = b.rares || op.Priority != 0
			}
		}
		if s.Balancer != nil && s.Balancer.Sticky != nil {
			b.sourced = b.sourced || s.Balancer.Sticky.Source
			b.owned = b.owned || !s.Balancer.Sticky.Source
		}
		b.sourced = b.sourced || s.CDN != nil && s.Instances > 1
		b.sourced = b.sourced || s.Database != nil && (s.Database.BySource || s.Database.tracks())
		if s.Server != nil {
			b.rares = b.rares || s.Server.Scheduling.Ranks()
			b.turning = b.turning || s.Server.Scheduling > ByPriority
			row, _ := balance.Lookup(s.Server.Balance)
			b.sourced = b.sourced || row.Hashes == balance.HashesSource
			for _, op := range s.Server.Ops {
				b.rares = b.rares || op.Priority != nil
				EachStep(op.Steps, func(step *Step) {
					b.rares = b.rares || step.Key.Source || step.Key.Law != nil
					b.sourced = b.sourced || step.Key.Source
				})
			}
		}
	}
}

// EachStep visits every step of a list, those inside others too.
func EachStep(steps []Step, visit func(*Step)) {
	for i := range steps {
		visit(&steps[i])
		for _, branch := range steps[i].Branches {
			EachStep(branch, visit)
		}
		EachStep(steps[i].Fallback, visit)
	}
}

// HasDisk reports whether the server has disk steps.
func (s *ServerSpec) HasDisk() bool { return s.hasStep(StepDisk) }

func (s *ServerSpec) hasStep(what StepKind) bool {
	has := false
	for i := range s.Ops {
		EachStep(s.Ops[i].Steps, func(step *Step) { has = has || step.Kind == what })
	}
	return has
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

// client prepares a client; all columns and operations are known by now.
func (b *builder) client(c *client) {
	name := b.spec.Nodes[c.node].Name
	seed := b.spec.Run.Seed
	c.seed = sim.Mix(sim.Mix(seed, uint64(b.replication)), sim.HashName(name))
	c.stream = sim.Named(seed, b.replication, name, "arrivals")
	rows := make([]ClientWindow, b.rows())
	b.snap.Clients = append(b.snap.Clients, ClientStats{
		Node: int(c.node), Ops: make([]OpStats, len(c.spec.Ops)),
		Series: rows, Timeline: b.timeline(c),
	})
	c.following.mask = nobody
	if b.spec.Follow {
		c.following = newFollowing(len(b.spec.Nodes))
	}
	weights := make([]float64, len(c.spec.Ops))
	for i, op := range c.spec.Ops {
		c.ops = append(c.ops, b.op(op.Name))
		weights[i] = op.Weight
	}
	c.weights = newPicker(weights)
	p := c.spec.Policy
	c.direct = p.Timeout == 0 && p.Retries == 0 && c.attempt.care == nil && c.attempt.target.shared == nil && c.attempt.target.placer == nil && (b.net == nil || b.net.loss == 0) && !b.silent() && b.cuts == nil
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
	c.keys, c.sources, c.sizes = t.Keys, t.Sources, t.Sizes
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
