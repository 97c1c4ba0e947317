package node

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
	external int
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
	switch m.below(13) {
	case 0:
		s.Kind, s.Time = StepCPU, m.law(2)
	case 12:
		m.disk(&s)
	case 1:
		s.Kind, s.Time = StepWait, m.law(2)
	case 2, 3, 4:
		m.call(&s, i, depth)
	case 5:
		s.Kind, s.Target, s.Policy = StepGet, Target{Node: m.cache}, m.policy()
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
	if i+1 < m.servers && m.chance(80) {
		s.Target = Target{Node: i + 1 + m.below(m.servers-i-1), Op: "request"}
		if m.chance(50) {
			s.Target.Node += m.servers
		}
	}
	switch m.below(4) {
	case 0:
		s.Key.Source = true
	case 1:
		s.Key.Law = dist.Constant{Value: 3}
	}
	if !m.storing && m.chance(30) {
		s.Target = m.stored()
	}
	m.fallback(s, i, depth)
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
		if m.lossy || m.chance(60) {
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
	to := Target{Node: m.below(2) * m.servers}
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
	m.cache, m.external, m.database = 2*m.servers, 2*m.servers+1, 2*m.servers+4
	m.network()
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
		Node{Name: "u", Kind: Cache, Instances: 1, Zones: m.zones(), Cache: &CacheSpec{HitRatio: 0.5, Latency: m.law(0.3)}},
		Node{Name: "v", Kind: External, Instances: 1, External: &ExternalSpec{Latency: m.law(4), ErrorRatio: 0.1}},
		m.client("w"), m.client("x"), m.store())
	m.troubles()
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
			Node: m.below(2*m.servers + 4),
		}
		if f.Node >= 2*m.servers+2 {
			f.Node = m.database
		}
		if m.chance(20) {
			f.For += 2 * sim.Second // beyond the window
		}
		f.Silent = f.Kind == fault.Kill && m.lossy && m.chance(50)
		f.Count = m.spec.Nodes[f.Node].Instances
		if m.chance(50) {
			f.First, f.Count = m.below(f.Count), 1
		}
		m.spec.Faults = append(m.spec.Faults, f)
	}
}

// leftover lists what is not back on the free lists, and what is not empty,
// although nothing happens any more.
func (n *Network) leftover() []string {
	var list []string
	for f := range n.frames {
		if s := n.frames[f].state; s != free && s != source && s != ticking {
			list = append(list, "a frame at "+n.spec.Nodes[n.insts[n.frames[f].inst].node].Name+" in state "+itoa(int(s)))
		}
	}
	requests, joins := 0, 0
	for r := n.freeRequest; r != none; r = n.reqs[r].refs {
		requests++
	}
	for j := n.freeJoin; j != none; j = n.joins[j].next {
		joins++
	}
	if requests != len(n.reqs) || joins != len(n.joins) {
		list = append(list, itoa(len(n.reqs)-requests)+" requests, "+itoa(len(n.joins)-joins)+" joins")
	}
	for i := range n.nodes {
		nd, base := &n.nodes[i], uint64(0)
		if v := n.spec.Nodes[i].Server; v != nil {
			base = v.MemoryBase * uint64(nd.count)
		}
		if nd.inside != 0 || nd.memory != base || nd.shared != nil && nd.shared.sent() != 0 {
			list = append(list, "requests, memory or attempts at "+n.spec.Nodes[i].Name)
		}
		if rp := nd.replication; rp != nil && (rp.records.used > 0 || rp.authors.used > 0 || rp.pending() > 0) {
			list = append(list, "writes that are not applied everywhere, of "+n.spec.Nodes[i].Name)
		}
		for k := range nd.pools {
			for _, p := range nd.pools[k].each {
				if p.busy+p.queued != 0 {
					list = append(list, "connections that are used, or waited for, at "+n.spec.Nodes[i].Name)
				}
			}
		}
	}
	for i := range n.insts {
		in := &n.insts[i]
		left := sentBy(in)
		if in.slots != nil {
			left += in.slots.busy
		}
		for st := range in.stations() {
			left += st.busy + st.queued
			if st.turns != nil {
				left += int32(len(st.turns.bench))
			}
		}
		if left != 0 {
			list = append(list, "busy channels or attempts at "+n.spec.Nodes[in.node].Name)
		}
	}
	return list
}

// TestNothingIsLeftWhenAllTrafficHasEnded runs made-up systems, overloaded
// ones included, until nothing happens any more. The laws are checked in
// every run.
func TestNothingIsLeftWhenAllTrafficHasEnded(t *testing.T) {
	ends := [1 + Errors]uint64{}
	var stored [3]uint64 // reads, writes, and what was rejected where connections are few
	var cancelled, offered, tried, pooled, overfull, stale, redirected, lagged uint64
	seeds := uint64(300)
	if testing.Short() {
		seeds = 60
	}
	for seed := range seeds {
		spec := madeUp(seed)
		var prints []string
		for range 2 {
			n := NewNetwork(spec, 0)
			s, err := n.Run(nil)
			require.NoError(t, err, "seed %d", seed)
			print := sim.NewFingerprint()
			s.Fold(print)
			prints = append(prints, print.String())
			n.advance(n.eng.Now() + 100*sim.Second)
			for i := range n.probers {
				n.stopProber(n.probers[i].frame)
			}
			require.Empty(t, n.leftover(), "seed %d", seed)
			for c := range s.Clients {
				for k, count := range endings(s, c) {
					ends[k] += count
				}
				offered += s.Clients[c].Ops[0].Offered
				tried += attempts(s, c)
				require.Zero(t, s.Clients[c].Ops[0].Unfinished, "seed %d", seed)
			}
			for k := range s.Nodes {
				cancelled += s.Nodes[k].Cancelled
				for _, p := range s.Nodes[k].Pools {
					pooled += p.Served
				}
				if r := s.Nodes[k].Replication; r != nil {
					stale, redirected, lagged = stale+r.Stale, redirected+r.Redirected, lagged+r.Lag.Count()
				}
				if s.Nodes[k].Overfull != nil {
					overfull++
				}
				for _, shard := range s.Nodes[k].Shards {
					stored[0] += shard.Reads
					stored[1] += shard.Writes
				}
				if spec.Nodes[k].Database != nil && s.Nodes[k].Connections != nil {
					stored[2] += s.Nodes[k].Errors[Rejected-1]
				}
			}
		}
		require.Equal(t, prints[0], prints[1], "seed %d", seed)
	}
	least := seeds * 10 / 3
	for _, what := range stored {
		assert.Greater(t, what, least, "the battery has a gap: %v", stored)
	}
	for _, how := range []Status{OK, TimedOut, Rejected, Unavailable, Failed, BreakerOpen} {
		assert.Greater(t, ends[how], least, "the battery has a gap: %d", how)
	}
	assert.Greater(t, cancelled, least)
	assert.Greater(t, tried, offered)
	assert.Greater(t, pooled, least)
	assert.Greater(t, overfull, seeds/30)
	assert.Greater(t, stale, seeds/30)
	if !testing.Short() {
		assert.Greater(t, redirected, seeds/30)
	}
	assert.Greater(t, lagged, least)
}
