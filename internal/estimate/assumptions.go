package estimate

import (
	"fmt"
	"slices"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/node"
)

// assume notes once what is left out, or taken for something simpler.
func (m *model) assume(at int, format string, args ...any) {
	a := Assumption{at, fmt.Sprintf(format, args...)}
	if !slices.Contains(m.assumed, a) {
		m.assumed = append(m.assumed, a)
	}
}

// assumptions says where the file is not what theory takes it for: of the
// whole file first, then of each node.
func (m *model) assumptions() {
	found := m.assumed
	m.assumed = nil
	if n := len(m.spec.Faults); n > 0 {
		m.assume(node.None, "%s left out: as if nothing went wrong", counted(n, "fault"))
	}
	if n := len(m.spec.Deploys); n > 0 {
		m.assume(node.None, "%s left out: as if nothing were replaced", counted(n, "deploy"))
	}
	if m.spec.Network != nil && m.spec.Network.Loss > 0 {
		m.assume(node.None, "lost messages are left out")
	}
	if m.flow.Guessed {
		m.assume(node.None, "a balancer shares out among unlike targets in proportion to what each can bear")
	}
	if m.loops {
		m.assume(node.None, "operations call each other in a circle: the inner round is taken for no time")
	}
	for i := range m.spec.Nodes {
		for _, a := range found {
			if a.Node == i {
				m.assume(i, "%s", a.Text)
			}
		}
		m.assumptionsOf(i)
	}
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what + " is"
	}
	return fmt.Sprintf("%d %ss are", n, what)
}

func (m *model) assumptionsOf(i int) {
	n := &m.spec.Nodes[i]
	switch {
	case n.Client != nil:
		m.ofClient(i, n.Client)
	case m.rate(i) == 0:
		m.assume(i, "nobody asks it for anything")
	case n.Balancer != nil:
		m.ofBalancer(i, n.Balancer)
	case n.Server != nil:
		m.ofServer(i, n)
	case n.Queue != nil:
		m.ofQueue(i, n.Queue)
	case keeps(n):
		m.ofCache(i, n)
	case n.Cache != nil && n.Cache.Coalesce, n.CDN != nil && n.CDN.Coalesce:
		m.assume(i, "each miss goes for its item by itself; coalesced ones would wait for the first")
	}
}

func (m *model) ofClient(i int, c *node.ClientSpec) {
	if c.Open != nil && !arrival.IsPoisson(c.Open) {
		scv, independent := arrival.Variability(c.Open)
		switch {
		case !c.Open.Stationary():
			m.assume(i, "its rate changes: the mean over the window is taken, %.4g/s", c.MeanRate(m.spec.Run.Duration))
		case independent || scv == 0:
			m.assume(i, "arrivals are not Poisson: two moments (squared coefficient of variation %.3g)", scv)
		default:
			m.assume(i, "arrivals depend on each other (bursts, batches or a trace): two moments, index of dispersion %.3g", scv)
		}
	}
	if c.Closed != nil && len(c.Closed.Ramps) > 0 {
		m.assume(i, "the number of users changes: that of the start is taken, %d", c.Closed.Initial)
	}
	if c.Session != nil {
		m.assume(i, "the requests of a session are taken for independent ones")
	}
	p := c.Policy
	if t := cmpTime(p); t > 0 {
		m.assume(i, "its time-out of %.4g s is left out", t)
	}
	m.ofPolicy(i, p, "")
}

// cmpTime is the time-out of an attempt, else of the whole request, in seconds.
func cmpTime(p node.Policy) float64 {
	if p.Timeout > 0 {
		return p.Timeout.Seconds()
	}
	return p.Deadline.Seconds()
}

// ofPolicy says what is left out of what a caller does.
func (m *model) ofPolicy(i int, p node.Policy, to string) {
	if p.Retries > 0 {
		m.assume(i, "retries%s bring no load: only the time that they take after errors that are known is counted", to)
	}
	if p.Hedged {
		m.assume(i, "hedges%s are left out", to)
	}
	if p.Breaker != nil {
		m.assume(i, "breakers%s stay closed", to)
	}
}

func (m *model) ofBalancer(i int, b *node.BalancerSpec) {
	if b.Connections > 0 || b.PerTarget > 0 {
		m.assume(i, "its limits of connections are left out")
	}
	if b.Attempts.Timeout > 0 {
		m.assume(i, "its time-out of %.4g s is left out", b.Attempts.Timeout.Seconds())
	}
	m.ofPolicy(i, b.Attempts, "")
	if b.Sticky != nil {
		m.assume(i, "sticky: as if each request went to an instance at random")
	}
}

func (m *model) ofQueue(i int, q *node.QueueSpec) {
	m.assume(i, "messages go on to the consumer at once; redeliveries, dead letters and a full queue are left out")
	if q.Partitions > 0 {
		m.assume(i, "partitions get the same")
	}
}

func (m *model) ofCache(i int, n *node.Node) {
	policy := ""
	if n.Cache != nil {
		policy = n.Cache.Policy
	} else {
		policy = n.CDN.Policy
	}
	switch policy {
	case "lru", "fifo", "random", "":
		m.assume(i, "hit ratio by the characteristic time of %s (Che's approximation): keys asked for independently, the cache warm, nothing invalidated", policy)
	default:
		m.assume(i, "hit ratio as if %s were lru (Che's approximation): keys asked for independently, the cache warm, nothing invalidated", policy)
	}
	if n.Cache != nil && n.Cache.Coalesce || n.CDN != nil && n.CDN.Coalesce {
		m.assume(i, "each miss goes for its item by itself; coalesced ones would wait for the first")
	}
}

func (m *model) ofServer(i int, n *node.Node) {
	v, p := n.Server, &m.places[i]
	if v.Autoscale != nil {
		m.assume(i, "autoscaled: at the number of instances of the start, %d", n.AtStart())
	}
	if v.Concurrency > 0 && !p.onlyCores() {
		m.assume(i, "%d workers are held for the whole operation: a flow-equivalent server, approximate", v.Concurrency)
	}
	if v.QueueTimeout != nil {
		m.assume(i, "its queue_timeout is left out")
	}
	if v.RateLimit != nil {
		m.assume(i, "its rate limit is left out: nothing is refused")
	}
	if v.Shed > 0 {
		m.assume(i, "its shedding is left out: nothing is refused")
	}
	if v.Collector != nil {
		m.assume(i, "pauses for garbage are left out")
	}
	if v.UsesMemory() {
		m.assume(i, "memory is left out")
	}
	for _, pool := range v.Pools {
		m.assume(i, "pool of %d to %s: a queue by itself (M/G/c) for connections that are held for the mean time of a call", pool.Size, m.spec.Nodes[pool.To].Name)
	}
	if d := n.Database; d != nil {
		if d.Connections > 0 {
			m.assume(i, "max_connections is left out: nothing is refused")
		}
		if d.Replicas > 0 && d.Failover != nil {
			m.assume(i, "no failover: primaries stay")
		}
	}
	m.ofStations(i, p)
	m.ofSteps(i, v)
}

// ofStations says how the waits at a server are approximated.
func (m *model) ofStations(i int, p *place) {
	v := p.node.Server
	d := p.all(func(w *work) *demand { return &w.cpu })
	switch {
	case v.Scheduling == node.ProcessorSharing:
	case v.Scheduling == node.RoundRobin:
		m.assume(i, "round-robin: as if the cores were shared")
	case v.Scheduling.Ranks() && d.visits > 0:
		m.assume(i, "priorities as in M/G/1 (Cobham), scaled for several cores")
	case d.visits > 0 && !d.exponential:
		m.assume(i, "service is not exponential and alike for all: two moments")
	}
	if p.among > 1 && p.node.Database == nil {
		switch p.by {
		case byLeast:
			m.assume(i, "least-connections among %d instances: nearly one queue for all", p.among)
		case byTwo:
			m.assume(i, "power-of-two among %d instances: between one queue for all and random choices", p.among)
		case byTurn:
			m.assume(i, "each of %d instances in turn gets more regular arrivals: two moments", p.among)
		case bySplit:
			if !p.known {
				m.assume(i, "hashed among %d instances: as if at random, and each got the same", p.among)
			}
		}
	}
}

// ofSteps says what of its programs is left out.
func (m *model) ofSteps(i int, v *node.ServerSpec) {
	for _, op := range v.Ops {
		node.EachStep(op.Steps, func(s *node.Step) {
			if _, traced := s.Time.(dist.Trace); traced {
				m.assume(i, "how long steps last that a column of a trace decides is not known")
			}
			switch s.Kind {
			case node.StepParallel:
				if len(s.Branches) > 1 {
					m.assume(i, "branches at once: as if they were independent of each other")
				}
			case node.StepSpawn:
				m.assume(i, "what is spawned brings load, and does not hold anybody up")
			}
			if !s.Calls() {
				return
			}
			to := " of calls to " + m.spec.Nodes[s.Target.Node].Name
			if s.Policy.Timeout > 0 {
				m.assume(i, "the time-out%s, %.4g s, is left out", to, s.Policy.Timeout.Seconds())
			}
			m.ofPolicy(i, s.Policy, to)
			if s.Falls {
				m.assume(i, "fallbacks%s run after errors that are known only", to)
			}
		})
	}
}
