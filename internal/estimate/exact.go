package estimate

import (
	"math"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/node"
)

// judge finds out which nodes theory is exact for, and why it is not for the
// others.
func (m *model) judge() {
	whole := m.whole()
	for i := range m.places {
		p := &m.places[i]
		p.clean, p.reason = m.keepsProductForm(p)
		p.own = p.reason
	}
	for i := range m.places {
		p := &m.places[i]
		switch {
		case whole != "":
			p.exact, p.reason = false, whole
		default:
			p.exact, p.reason = m.exactAt(p)
		}
	}
}

// plain reports whether product form may hold at all.
func (m *model) plain() bool { return m.whole() == "" }

// whole is what keeps the topology as a whole from product form, "" if
// nothing does.
func (m *model) whole() string {
	open, closed := 0, 0
	for _, s := range m.sources {
		c := m.spec.Nodes[s.node].Client
		p := c.Policy
		switch {
		case c.Open != nil && !arrival.IsPoisson(c.Open):
			return "arrivals of " + m.spec.Nodes[s.node].Name + " are not Poisson"
		case c.Session != nil:
			return "sessions are taken for independent requests"
		case c.Closed != nil && len(c.Closed.Ramps) > 0:
			return "the number of users changes"
		case p.Timeout > 0 || p.Deadline > 0 || p.Retries > 0 || p.Hedged || p.Breaker != nil:
			return "time-outs and retries are left out"
		case c.Open != nil:
			open++
		default:
			closed++
		}
	}
	switch {
	case len(m.spec.Faults) > 0 || len(m.spec.Deploys) > 0:
		return "faults and deploys are left out"
	case closed > 1 || open > 0 && closed > 0:
		return "users of several clients, or users beside open arrivals, are a fixed point"
	case m.spec.Network != nil && m.spec.Network.Loss > 0:
		return "lost messages are left out"
	case m.flow.Guessed:
		return "how a balancer shares out among unlike targets is not known"
	}
	return ""
}

// keepsProductForm reports whether a node lets Poisson arrivals leave as
// Poisson departures, and requests be at it independently of others: FCFS with
// exponential service that is alike for all, processor sharing, and pure
// delays (Baskett, Chandy, Muntz and Palacios 1975).
func (m *model) keepsProductForm(p *place) (bool, string) {
	n := p.node
	switch {
	case n.Queue != nil:
		return false, "a broker delivers when its consumer has room"
	case keeps(n):
		return false, "the hit ratio is an approximation"
	case n.Cache != nil && n.Cache.Coalesce, n.CDN != nil && n.CDN.Coalesce:
		return false, "misses that wait for each other are left out"
	case n.Balancer != nil:
		return m.balancerIsPlain(n.Balancer)
	case n.Server == nil && len(p.groups) == 0:
		return true, ""
	}
	if reason := serverIsPlain(n); reason != "" {
		return false, reason
	}
	if reason := m.stepsArePlain(n); reason != "" {
		return false, reason
	}
	if n.Server != nil && n.Server.Concurrency > 0 {
		if !p.onlyCores() || n.Server.Backlog != node.None || n.Server.QueueTimeout != nil {
			return false, "workers are held for the whole operation: a flow-equivalent server"
		}
	}
	if p.among > 1 && n.Database == nil && (p.by != bySplit || !p.known) {
		return false, "instances are not chosen at random"
	}
	if d := n.Database; d != nil && d.Replicas > 0 {
		return false, "which replica is asked is not random"
	}
	d := p.all(func(w *work) *demand { return &w.cpu })
	shared := n.Server != nil && n.Server.Scheduling == node.ProcessorSharing
	if !shared && d.visits > 0 && !d.exponential {
		return false, "service is not exponential and alike for all: two moments"
	}
	if n.Server != nil && n.Server.Scheduling.Ranks() {
		return false, "priorities"
	}
	if n.Server != nil && n.Server.Scheduling == node.RoundRobin {
		return false, "round-robin is taken for processor sharing"
	}
	if d := p.all(func(w *work) *demand { return &w.disk }); d.visits > 0 && !d.exponential {
		return false, "service of the disk is not exponential and alike for all: two moments"
	}
	return true, ""
}

func (m *model) balancerIsPlain(b *node.BalancerSpec) (bool, string) {
	switch {
	case b.Connections > 0 || b.PerTarget > 0:
		return false, "limits of connections are left out"
	case b.Attempts.Timeout > 0 || b.Attempts.Retries > 0:
		return false, "time-outs and retries are left out"
	}
	return true, ""
}

// serverIsPlain is what the instances of a node do that no queue does, "" if
// nothing.
func serverIsPlain(n *node.Node) string {
	v := n.Server
	switch {
	case v == nil:
		return ""
	case n.Changing():
		return "the number of instances changes; it is taken at the start"
	case len(v.Pools) > 0:
		return "connections of a pool are held for whole calls"
	case v.Collector != nil:
		return "pauses for garbage are left out"
	case v.UsesMemory():
		return "memory is left out"
	case v.RateLimit != nil || v.Shed > 0:
		return "requests that are refused are left out"
	case v.Network > 0:
		return "waits for the network are approximated"
	case n.Database != nil && n.Database.Connections > 0:
		return "connections that are refused are left out"
	case n.Database != nil && (n.Database.Replication.Lag != nil || n.Database.Replication.Apply != nil):
		return "data replication is left out"
	}
	return ""
}

// stepsArePlain is what requests do at a node that no network of queues with
// product form knows, "" if nothing.
func (m *model) stepsArePlain(n *node.Node) string {
	reason := ""
	if n.Server == nil {
		return ""
	}
	for _, op := range n.Server.Ops {
		node.EachStep(op.Steps, func(s *node.Step) {
			p := s.Policy
			switch {
			case s.Kind == node.StepParallel && len(s.Branches) > 1:
				reason = "branches at once: as if they were independent"
			case s.Kind == node.StepSpawn:
				reason = "what goes on by itself comes along with what it came from"
			case s.Kind == node.StepPublish:
				reason = "messages come along with what published them"
			case p.Timeout > 0 || p.Hedged || p.Breaker != nil || p.Retries > 0:
				reason = "time-outs and retries are left out"
			case s.Falls:
				reason = "fallbacks take the time of an ok call"
			}
			if _, traced := s.Time.(dist.Trace); traced {
				reason = "how long a column of a trace lasts is not known"
			}
		})
	}
	if n.Database != nil {
		for _, a := range n.Database.Access {
			if a.Kind == node.Scatter || a.Kind == node.Transaction {
				reason = "shards at once: as if they were independent"
			}
		}
	}
	return reason
}

// all is the demand of all operations that are asked for.
func (p *place) all(of func(*work) *demand) demand {
	out := demand{}
	for k := range p.work {
		d := of(&p.work[k])
		if d.visits == 0 {
			continue
		}
		if out.visits == 0 {
			out = *d
			continue
		}
		out.exponential = out.exponential && d.exponential && d.each == out.each
		out.visits += d.visits
	}
	return out
}

// onlyCores reports whether every operation is one visit to the cores and
// nothing else.
func (p *place) onlyCores() bool {
	if p.node.Server == nil {
		return true
	}
	for _, op := range p.node.Server.Ops {
		if len(op.Steps) != 1 || op.Steps[0].Kind != node.StepCPU {
			return false
		}
	}
	return true
}

// exactAt reports whether the figures of a node are exact.
func (m *model) exactAt(p *place) (bool, string) {
	if m.only {
		for i := range m.places {
			if o := &m.places[i]; !o.clean && m.rate(i) > 0 {
				return false, m.of(o)
			}
		}
		return true, ""
	}
	for i, feeds := range m.feeders(p) {
		if o := &m.places[i]; feeds && o != p && !o.clean && o.node.Client == nil {
			return false, m.of(o)
		}
	}
	if p.clean {
		return true, ""
	}
	// The last station may be any queue for which Poisson arrivals are solved.
	if p.node.Server == nil || serverIsPlain(p.node) != "" || m.stepsArePlain(p.node) != "" || !p.onlyCores() || m.often(p.at) > 1 || p.node.Database != nil {
		return false, p.reason
	}
	v, d := p.node.Server, p.all(func(w *work) *demand { return &w.cpu })
	order := v.Scheduling == node.FCFS || v.Scheduling == node.LIFO
	one := v.Cores == 1 && (v.Concurrency == 0 || v.Backlog == node.None)
	limited := v.Concurrency > 0 && v.Concurrency <= v.Cores && v.QueueTimeout == nil
	switch {
	case !order || v.QueueTimeout != nil:
		return false, p.reason
	case p.among > 1 && (p.among != p.groups[0].count || p.by != byTurn || !one || !d.exponential || v.Concurrency > 0):
		return false, p.reason
	case one && p.among == 1 && v.Concurrency == 0, one && p.by == byTurn && d.exponential && v.Concurrency == 0:
		return true, "" // M/G/1, E_k/M/1
	case d.exponential && p.among == 1 && limited:
		return true, "" // M/M/c/K
	}
	return false, p.reason
}

// of is a reason with the node that it is of.
func (m *model) of(p *place) string { return p.node.Name + ": " + p.own }

// feeders are the nodes that a request may have been at before it comes to the
// queue of a node: its callers and whatever they call besides, and of those
// that it calls itself, where it comes back from them to its own queue.
func (m *model) feeders(p *place) []bool {
	seen := make([]bool, len(m.places))
	var reach func(i int)
	reach = func(i int) {
		if i == node.None || seen[i] {
			return
		}
		seen[i] = true
		if i == p.at {
			return
		}
		for _, t := range m.spec.Nodes[i].Targets() {
			reach(t.Node)
		}
	}
	for i, calls := range m.spec.Callers(p.at) {
		if calls && i != p.at {
			reach(i)
		}
	}
	if p.node.Server != nil && comesBack(p.node.Server) {
		for _, t := range p.node.Targets() {
			reach(t.Node)
		}
	}
	return seen
}

// comesBack reports whether any operation asks for cores or the disk behind a
// call.
func comesBack(v *node.ServerSpec) bool {
	for _, op := range v.Ops {
		called, back := false, false
		node.EachStep(op.Steps, func(s *node.Step) {
			back = back || called && (s.Kind == node.StepCPU || s.Kind == node.StepDisk)
			called = called || s.Calls() || s.Kind == node.StepRepeat
		})
		if back {
			return true
		}
	}
	return false
}

// often is how many times a request may come to a node, +Inf where that has
// no limit.
func (m *model) often(at int) float64 {
	most, busy := 0.0, make([]bool, len(m.places))
	var visits func(i int) float64
	var steps func(list []node.Step) float64
	steps = func(list []node.Step) float64 {
		sum := 0.0
		for i := range list {
			s := &list[i]
			if s.Calls() {
				sum += visits(s.Target.Node)
			}
			inner := 0.0
			for _, b := range s.Branches {
				one := steps(b)
				if s.Kind == node.StepChoose {
					inner = max(inner, one)
				} else {
					inner += one
				}
			}
			if s.Kind == node.StepRepeat && inner > 0 {
				if rounds, always := dist.Constancy(s.Time); !always || rounds != 1 {
					inner = math.Inf(1)
				}
			}
			sum += inner
		}
		return sum
	}
	visits = func(i int) float64 {
		if i == at {
			return 1
		}
		n := &m.spec.Nodes[i]
		if busy[i] {
			return math.Inf(1)
		}
		busy[i] = true
		defer func() { busy[i] = false }()
		found := 0.0
		if n.Server != nil {
			for k := range n.Server.Ops {
				found = max(found, steps(n.Server.Ops[k].Steps))
			}
			return found
		}
		for _, t := range n.Targets() {
			found = max(found, visits(t.Node))
		}
		return found
	}
	for _, s := range m.sources {
		most = max(most, visits(s.node))
	}
	return most
}
