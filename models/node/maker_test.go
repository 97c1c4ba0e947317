package node

import (
	"slices"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// maker makes up specifications. Calls lead from servers to servers of a
// higher number only, so that they end. With loss, everybody who waits for an
// answer has a time-out.
type maker struct {
	s        sim.Stream
	spec     *Spec
	servers  int // nodes 0 to servers−1; the balancer before server i is node servers+i
	cache    int
	queues   int // two; the last server, which publishes nothing, is their consumer
	external int
	front    int // a read-through before server 0
	through  int // one before the external service
	edge     int // a CDN before server 0, and behind it its shield
	database int
	storing  bool // steps are being made for the database, which does not call itself
	id       uint64
	lossy    bool
}

func (m *maker) below(n int) int { return int(m.s.Below(uint64(n))) }

func (m *maker) chance(percent int) bool { return m.below(100) < percent }

func (m *maker) law(milliseconds float64) dist.Law {
	if m.chance(50) {
		return constantLawOf(milliseconds)
	}
	return dist.Exponential{MeanValue: milliseconds * ms}
}

func (m *maker) oneOf(times ...sim.Time) sim.Time { return times[m.below(len(times))] * msec }

func (m *maker) policy() Policy {
	var p Policy
	if m.lossy || m.chance(40) {
		p.Timeout = m.oneOf(2, 5, 20)
	}
	if m.chance(40) {
		p.Retries = 1 + m.below(3)
		switch m.below(3) {
		case 0:
			p.Backoff = Backoff{Law: m.law(3), Jitter: FullJitter}
		case 1:
			p.Backoff = Backoff{Doubling: true, First: 2 * msec, Max: 9 * msec, Jitter: EqualJitter}
		}
		if m.chance(30) {
			p.Budget = 0.2
		}
		if m.chance(30) {
			p.On = 1<<TimedOut | 1<<Rejected
		}
	}
	if m.chance(35) {
		p.Hedged, p.Hedge = true, m.oneOf(0, 1, 4)
	}
	switch m.below(5) {
	case 0:
		p.Breaker = &Breaker{Consecutive: 1 + m.below(4), Open: m.oneOf(5, 50)}
	case 1:
		p.Breaker = &Breaker{Ratio: 0.4, Window: m.oneOf(20, 100), Least: 1 + m.below(9), Open: m.oneOf(5, 50)}
	}
	return p
}

func (m *maker) steps(i, depth int) []Step {
	var out []Step
	for range 1 + m.below(3) {
		out = append(out, m.step(i, depth))
	}
	return out
}

func (m *maker) step(i, depth int) Step {
	m.id++
	s := Step{ID: sim.Mix(m.id, 5)}
	if depth > 2 {
		s.Kind, s.Time = StepCPU, m.law(1)
		return s
	}
	lists := func(n int) {
		for range n {
			s.Branches = append(s.Branches, m.steps(i, depth+1))
		}
	}
	switch m.below(15) {
	case 14:
		m.publish(&s, i, depth)
	case 0:
		s.Kind, s.Time = StepCPU, m.law(2)
	case 13:
		m.about(&s)
		if s.Kind, s.Target = StepSet, (Target{Node: m.cache}); m.chance(50) {
			s.Kind = StepInvalidate
		}
		if m.lossy { // it would wait without end
			s.Kind, s.Time, s.Key = StepCPU, m.law(1), KeyOf{}
		}
	case 12:
		m.disk(&s)
	case 1:
		s.Kind, s.Time = StepWait, m.law(2)
	case 2, 3, 4:
		m.call(&s, i, depth)
	case 5:
		s.Kind, s.Target, s.Policy = StepGet, Target{Node: m.cache}, m.policy()
		m.about(&s)
		lists(1)
		m.fallback(&s, i, depth)
	case 6:
		s.Kind, s.Weights = StepChoose, []float64{2, 1}
		lists(2)
	case 7:
		s.Kind = StepParallel
		lists(3)
		s.Need = m.below(4)
	case 8:
		s.Kind, s.Time = StepRepeat, dist.Constant{Value: float64(m.below(3))}
		lists(1)
	case 9:
		s.Kind, s.Ratio = StepFail, 0.05
	case 10:
		s.Kind, s.Time = StepMemory, dist.Constant{Value: 1000}
	default:
		s.Kind = StepSpawn
		lists(1)
	}
	return s
}

func (m *maker) disk(s *Step) {
	s.Kind, s.Time = StepDisk, m.law(2)
	if m.chance(50) {
		s.Time, s.Ops = nil, dist.Constant{Value: float64(1 + m.below(3))}
		if m.chance(50) {
			s.Bytes = dist.Exponential{MeanValue: 4000}
		}
	}
}

func (m *maker) call(s *Step, i, depth int) {
	s.Kind, s.Policy = StepCall, m.policy()
	s.Target = Target{Node: m.external}
	if m.chance(30) {
		s.Target = Target{Node: m.through, Op: "request"}
	}
	if i+1 < m.servers && m.chance(80) {
		s.Target = Target{Node: i + 1 + m.below(m.servers-i-1), Op: "request"}
		if m.chance(50) {
			s.Target.Node += m.servers
		}
	}
	if !m.storing && m.chance(30) {
		s.Target = m.stored()
	}
	m.about(s)
	m.fallback(s, i, depth)
}

func (m *maker) about(s *Step) {
	switch m.below(4) {
	case 0:
		s.Key.Source = true
	case 1:
		s.Key.Law = dist.Constant{Value: 3}
	}
}

func (m *maker) fallback(s *Step, i, depth int) {
	if m.chance(25) {
		s.Falls, s.Fallback = true, m.steps(i, depth+1)
	}
}

func (m *maker) zones() []int {
	if m.chance(30) {
		return []int{m.below(len(m.spec.Zones))}
	}
	return []int{0, len(m.spec.Zones) - 1}
}

func (m *maker) network() {
	m.spec.Zones = []string{"a", "b", "c"}[:1+m.below(3)]
	if m.chance(25) {
		return
	}
	net := &NetworkSpec{SameZone: m.law(0.2), CrossZone: m.law(1), Internet: m.law(2), Between: []ZoneDelay{{A: 0, B: 0, Delay: m.law(0.1)}}}
	if m.chance(20) {
		net.SameZone = nil
	}
	if m.chance(50) {
		m.lossy, net.Loss = true, 0.03
	}
	m.spec.Network = net
}

func (m *maker) server(i int) Node {
	v := &ServerSpec{Cores: 1 + m.below(3), Speed: 1, Backlog: None, Scheduling: Discipline(m.below(6)), Quantum: m.oneOf(1, 3)}
	switch m.below(3) {
	case 0:
		v.Concurrency, v.Backlog = 1+m.below(8), m.below(20)
	case 1:
		v.Concurrency, v.QueueTimeout = 1+m.below(8), m.law(8)
	}
	if m.chance(30) {
		v.Scaling = Scaling{Contention: 0.1, Coherency: 0.05}
	}
	if m.chance(60) {
		v.Disk = Disk{Ops: 2000, Bandwidth: float64(m.below(2)) * 4e6, Depth: m.below(3)}
	}
	v.Ops = []Operation{{Name: "request", Steps: m.steps(i, 0)}}
	if m.chance(20) {
		low := int32(-3)
		v.Ops[0].Priority = &low
	}
	if m.chance(40) {
		v.Balance = balance.Table[m.below(len(balance.Table))].Name
	}
	m.admission(v)
	return Node{Name: "s" + itoa(i), Kind: Server, Instances: 1 + m.below(3), Zones: m.zones(), Server: v}
}

// relay lets a balancer do more than to choose.
func (m *maker) relay(i int, b *Node) {
	s := b.Balancer
	s.Queue = None
	if m.chance(30) {
		return
	}
	b.Instances = 1 + m.below(3)
	if m.chance(30) {
		s.Overhead = m.law(0.5)
	}
	if m.chance(30) {
		s.Connections = 1 + m.below(20)
	}
	if m.chance(50) {
		s.PerTarget = 1 + m.below(3)
		switch m.below(3) {
		case 0:
			s.Queue = m.below(4)
		case 1:
			s.QueueTimeout = m.law(5)
		}
	}
	if m.chance(40) {
		s.Sticky = &Sticky{Source: m.chance(50), TTL: m.oneOf(1, 20, 1000)}
	}
	if m.chance(50) {
		p := m.policy()
		s.Attempts = Policy{Timeout: p.Timeout, Retries: p.Retries, On: p.On, Backoff: p.Backoff, Budget: p.Budget}
	}
	if m.chance(20) {
		s.SlowStart = 50 * msec
	}
	if i+1 < m.servers && m.chance(30) {
		s.Routes = []Route{{Ops: []string{"other"}, To: i + 1}, {Ops: []string{"request"}, To: m.servers + i + 1}}
	}
}

// admission limits what a server lets in and sends out.
func (m *maker) admission(v *ServerSpec) {
	if m.chance(20) {
		v.RateLimit = &RateLimit{Tokens: 1, Per: uint64(5 * msec), Burst: 1 + uint64(m.below(4))}
	}
	if v.Concurrency > 0 && m.chance(30) {
		v.Shed = m.oneOf(1, 5)
	}
	if m.chance(30) {
		v.Memory, v.MemoryBase, v.MemoryPerRequest = 20_000, 5_000, dist.Constant{Value: 1000}
	}
	var called []int
	EachStep(v.Ops[0].Steps, func(s *Step) {
		if (s.Kind == StepCall || s.Kind == StepGet) && !slices.Contains(called, s.Target.Node) {
			called = append(called, s.Target.Node)
		}
	})
	slices.Sort(called)
	for _, to := range called {
		p := Pool{To: to, Size: 1 + m.below(4)}
		// Those who wait for an item keep their connections, one of which who
		// fetches it may need for another.
		if m.lossy || to == m.cache || m.chance(60) {
			p.AcquireTimeout = m.law(5)
		}
		if m.chance(60) {
			p.Connect = m.law(2)
		}
		if m.chance(60) {
			v.Pools = append(v.Pools, p)
		}
	}
}

// client sends some hundred requests within a second, and then none.
func (m *maker) client(name string) Node {
	t := &arrival.Trace{}
	for range 100 + m.below(300) {
		t.Times = append(t.Times, sim.Time(m.below(1000))*msec)
	}
	slices.Sort(t.Times)
	to := Target{Node: []int{0, m.servers, m.front, 0, m.servers, m.front, m.edge}[m.below(7)]}
	if m.chance(20) {
		to = m.stored()
	}
	c := &ClientSpec{
		Target: to, Ops: []WeightedOp{{Name: "request", Weight: 1, Priority: int32(m.below(3))}},
		Open: arrival.TracePlan{Trace: t, Speed: 1, Load: 1}, Policy: m.policy(), Cancel: m.chance(50),
	}
	if m.chance(40) {
		c.Policy.Deadline = m.oneOf(3, 10, 50)
	}
	if m.chance(30) {
		c.Session = &Session{Length: dist.Constant{Value: 3}, Think: m.law(9)}
	}
	if m.chance(50) {
		c.Keys = dist.Constant{Value: float64(m.below(100))}
	}
	if m.chance(50) {
		c.Sources = dist.Constant{Value: 2}
	}
	if m.chance(70) {
		c.Keys = keysOf("zipf s=1 n=20")
	}
	if m.chance(15) {
		c.Target.Node = m.queues
	}
	n := Node{Name: name, Kind: Client, Instances: 1, Client: c}
	if m.chance(50) {
		n.Zones = []int{0}
	}
	return n
}

func madeUp(seed uint64) *Spec {
	m := &maker{s: sim.Keyed(sim.Mix(seed, 99)), spec: &Spec{
		Run: Run{Duration: sim.Second, Warmup: sim.Time(seed%2) * 300 * msec, Drain: 100 * sim.Second, Replications: 1, Seed: seed}}}
	m.servers = 1 + m.below(4)
	m.cache, m.external, m.front, m.through, m.edge = 2*m.servers, 2*m.servers+1, 2*m.servers+4, 2*m.servers+5, 2*m.servers+6
	m.queues = 2*m.servers + 8
	m.queues, m.database = 2*m.servers+8, 2*m.servers+10
	m.network()
	m.parted(seed)
	for i := range m.servers {
		m.spec.Nodes = append(m.spec.Nodes, m.server(i))
	}
	for i := range m.servers {
		behind := []int{i}
		if i+1 < m.servers && m.chance(30) {
			behind = append(behind, m.servers+i+1)
		}
		b := lb(balance.Table[m.below(len(balance.Table))].Name, behind...)
		b.Name, b.Zones = "t"+itoa(i), m.zones()
		b.Balancer.Choices, b.Balancer.VirtualNodes, b.Balancer.LoadFactor = 2+m.below(3), 1+m.below(9), []float64{0, 1, 1.5}[m.below(3)]
		if m.chance(50) {
			for range behind {
				b.Balancer.Weights = append(b.Balancer.Weights, float64(1+m.below(3))/2)
			}
		}
		m.relay(i, &b)
		m.spec.Nodes = append(m.spec.Nodes, b)
	}
	m.spec.Nodes = append(m.spec.Nodes,
		m.keeper("u", nil),
		Node{Name: "v", Kind: External, Instances: 1, External: &ExternalSpec{Latency: m.law(4), ErrorRatio: 0.1}},
		m.client("w"), m.client("x"),
		m.keeper("y", &Target{Node: 0}), m.keeper("z", &Target{Node: m.external}))
	m.spec.Nodes = append(m.spec.Nodes, m.cdn()...)
	m.spec.Nodes = append(m.spec.Nodes, m.queue("zz1", m.queues+1), m.queue("zz2", None))
	m.spec.Nodes = append(m.spec.Nodes, m.store())
	m.troubles()
	m.failovers(seed)
	m.partitions(seed)
	m.scaling()
	m.ailments(seed)
	m.s = sim.Keyed(sim.Mix(seed, 98)) // whatever else is drawn stays as it is
	m.decays()
	return m.spec
}

// troubles makes things go wrong, and lets balancers look for it.
func (m *maker) troubles() {
	for i := m.servers; i < 2*m.servers; i++ {
		b := m.spec.Nodes[i].Balancer
		if m.chance(30) {
			b.Health = &HealthSpec{Interval: m.oneOf(3, 20), Timeout: m.oneOf(2, 9), Unhealthy: 1 + m.below(3), Healthy: 1 + m.below(2), HTTP: m.chance(70)}
		}
		if m.chance(30) {
			b.Ejects = &EjectionSpec{Consecutive: 1 + m.below(4), For: m.oneOf(5, 50)}
		}
	}
	if m.chance(40) {
		return
	}
	for range 1 + m.below(6) {
		f := fault.Fault{
			At: sim.Time(m.below(900)) * msec, For: sim.Time(1+m.below(200)) * msec, Kind: fault.Kind(m.below(2)),
		}
		at := fault.Span{Node: m.below(2*m.servers + 9)}
		if at.Node >= 2*m.servers+2 { // beyond the clients
			at.Node += 2
		}
		if m.chance(25) {
			at.Node = m.queues + m.below(2)
		}
		if m.chance(20) {
			f.For += 2 * sim.Second // beyond the window
		}
		f.Silent = f.Kind == fault.Kill && m.lossy && m.chance(50)
		at.Count = m.spec.Nodes[at.Node].Instances
		if m.chance(50) {
			at.First, at.Count = m.below(at.Count), 1
		}
		f.Where = []fault.Span{at}
		if m.chance(30) { // again and again
			f.At, f.For, f.MTTF, f.MTTR, f.Crews = f.At/2, 0, m.oneOf(20, 100, 400), m.oneOf(1, 30), m.below(3)
		}
		m.spec.Faults = append(m.spec.Faults, f)
	}
}
