package estimate

import (
	"math"
	"slices"

	"github.com/capsim/capsim/models/node"
)

// visit is how long something lasts that ends well, and how likely that is.
type visit struct {
	moments
	ok    float64
	exact bool // so far as the stations on the way are
	pure  bool // exponential: one visit to a station that keeps M/M/1's law
	steps int  // of those that take time
}

func nothing() visit { return visit{ok: 1, exact: true} }

// then is one after the other.
func (v visit) then(o visit) visit {
	out := visit{moments: v.plus(o.moments), ok: float64(v.ok * o.ok), exact: v.exact && o.exact, steps: v.steps + o.steps}
	out.pure = v.pure && o.steps == 0 || o.pure && v.steps == 0
	return out
}

// lasting is something that takes a time.
func lasting(m moments) visit {
	v := visit{moments: m, ok: 1, exact: true}
	if m.mean > 0 {
		v.steps = 1
	}
	return v
}

// either adds up cases, each with a probability.
type either struct {
	moments
	ok    float64
	exact bool
	only  visit
	cases int
}

func (e *either) add(p float64, v visit) {
	if p == 0 {
		return
	}
	if e.cases == 0 {
		e.exact, e.only = true, v
	}
	e.cases++
	e.mix(p, v.moments)
	e.ok += float64(p * v.ok)
	e.exact = e.exact && v.exact
}

func (e *either) visit() visit {
	switch e.cases {
	case 0:
		return nothing()
	case 1:
		return e.only
	}
	return visit{moments: e.settled(), ok: min(1, e.ok), exact: e.exact, steps: 1}
}

// alone is a visit to an operation that nobody else is there to delay. What it
// calls is as it is.
func (m *model) alone(at, k int) visit {
	before := m.bare
	m.bare = true
	v := m.run(at, k, m.places[at].node.Server.Ops[k].Steps)
	m.bare = before
	return v
}

// serve is a visit to operation k of a server or a database, or to a cache.
func (m *model) serve(at, k int) visit {
	p := &m.places[at]
	switch p.state[k] {
	case 1:
		m.loops = true
		return nothing()
	case 2:
		return p.visits[k]
	}
	p.state[k] = 1
	if !m.idle {
		m.prepare(at)
	}
	v := nothing()
	waits := either{}
	for g := range p.groups {
		waits.add(float64(p.groups[g].share[k]*float64(p.groups[g].count)), m.admission(&p.groups[g]))
	}
	before := m.bare
	m.bare = m.idle
	if p.node.Server != nil {
		v = waits.visit().then(m.run(at, k, p.node.Server.Ops[k].Steps))
	} else {
		v = m.atCores(at, k, timeOf(p.node.Cache.Latency, 1))
	}
	m.bare = before
	v = v.then(m.acknowledged(p, k))
	v.exact = v.exact && p.exact
	v.pure = v.pure && p.clean && p.among < 2 && !m.only && len(p.groups) == 1 && p.groups[0].cpu.servers == 1 && p.groups[0].cpu.service.scv() == 1
	p.visits[k], p.state[k] = v, 2
	return v
}

// admission is the wait for a worker.
func (m *model) admission(g *group) visit {
	if !g.crewed || m.idle {
		return nothing()
	}
	v := lasting(waitMoments(g.hold, g.holdOdds))
	v.ok = 1 - g.crew.lost
	return v
}

// atCores is service at the cores of a node, and the wait for it.
func (m *model) atCores(at, k int, service moments) visit {
	if m.bare {
		return lasting(service)
	}
	p, all := &m.places[at], either{}
	for g := range p.groups {
		wait, stretch := m.cpuWait(p, &p.groups[g], k)
		longer := float64((1 + stretch) * (1 + stretch))
		spent := moments{float64(service.mean * (1 + stretch)), float64(service.variance * longer)}
		all.add(float64(p.groups[g].share[k]*float64(p.groups[g].count)), visit{moments: wait.plus(spent), ok: 1, exact: true, steps: 1, pure: len(p.groups) == 1 && stretch == 0})
	}
	v := all.visit()
	v.ok = 1
	return v
}

// atDisk is service at the disk of a node, and the wait for it.
func (m *model) atDisk(at, k int, service moments) visit {
	if m.bare {
		return lasting(service)
	}
	p, all := &m.places[at], either{}
	for g := range p.groups {
		l := &p.groups[g].disk
		all.add(float64(p.groups[g].share[k]*float64(p.groups[g].count)), lasting(m.limited(l).plus(service)))
	}
	v := all.visit()
	v.ok = 1
	return v
}

// run is what a list of steps lasts.
func (m *model) run(at, k int, steps []node.Step) visit {
	v := nothing()
	for i := range steps {
		v = v.then(m.step(at, k, &steps[i]))
	}
	return v
}

func (m *model) step(at, k int, s *node.Step) visit {
	server := m.places[at].node.Server
	switch s.Kind {
	case node.StepCPU:
		return m.atCores(at, k, timeOf(s.Time, server.CoreSpeed()))
	case node.StepDisk:
		mean, variance := server.DiskTime(s)
		return m.atDisk(at, k, moments{mean, variance})
	case node.StepWait:
		return lasting(timeOf(s.Time, server.Speed))
	case node.StepCall, node.StepGet, node.StepSet, node.StepInvalidate, node.StepPublish:
		return m.call(at, k, s)
	case node.StepChoose:
		e := either{}
		for j, b := range s.Branches {
			e.add(m.flow.Begun(s, j), m.run(at, k, b))
		}
		return e.visit()
	case node.StepParallel:
		return m.parallel(at, k, s)
	case node.StepRepeat:
		return m.repeat(at, k, s)
	case node.StepFail:
		v := nothing()
		v.ok = 1 - s.Ratio
		return v
	}
	return nothing() // memory, and what goes on by itself
}

func (m *model) repeat(at, k int, s *node.Step) visit {
	one := m.run(at, k, s.Branches[0])
	rounds := moments{s.Time.Mean(), s.Time.Variance()}
	if math.IsInf(one.mean, 1) {
		return one
	}
	v := visit{moments: one.times(rounds), ok: 1, exact: one.exact, steps: one.steps}
	if one.ok < 1 {
		v.ok = whole(one.ok, int(min(rounds.mean, 1e6)+0.5))
	}
	// So many exponential times as a geometric law says are one.
	geometric := math.Abs(rounds.variance-float64(rounds.mean*(rounds.mean-1))) < 1e-9*rounds.mean
	v.pure = one.pure && (geometric || rounds.mean == 1)
	return v
}

// parallel is the time until enough branches have ended, which wait for cores
// each by itself.
func (m *model) parallel(at, k int, s *node.Step) visit {
	parts, v := make([]moments, 0, len(s.Branches)), nothing()
	for _, b := range s.Branches {
		one := m.run(at, k, b)
		parts = append(parts, one.moments)
		v.ok = float64(v.ok * one.ok)
	}
	need := s.Need
	if need == 0 {
		need = len(parts)
	}
	if need < len(parts) {
		v.ok = 1 // others take the place of those that fail
	}
	if len(parts) > 0 {
		v.moments = enoughOf(parts, need)
	}
	v.exact = len(parts) < 2
	v.steps = 2
	return v
}

// call is a request to another node, with the wait for a connection and what
// is done about errors.
func (m *model) call(at, k int, s *node.Step) visit {
	hop := lasting(m.hop(at, s.Target.Node))
	held := hop.then(m.request(s.Target.Node, s.Target.Op, s.Kind)).then(hop)
	p := &m.places[at]
	if pool := poolOf(p.node.Server, s); pool >= 0 {
		e := either{}
		for g := range p.groups {
			e.add(float64(p.groups[g].share[k]*float64(p.groups[g].count)), lasting(m.poolWait(p, &p.groups[g], pool, held.moments)))
		}
		held = e.visit().then(held)
		held.exact = false
	} else if d := m.spec.Nodes[s.Target.Node].Database; d != nil && d.Connect != nil {
		held = lasting(timeOf(d.Connect, 1)).then(held)
	}
	v := m.retried(held, s.Policy)
	if s.Kind == node.StepGet {
		v.ok = 1 // a failed look-up is a miss
		e := either{}
		missing := m.flow.Begun(s, 0)
		e.add(1-missing, nothing())
		e.add(missing, m.run(at, k, s.Branches[0]))
		v = v.then(e.visit())
	}
	if s.Falls && v.ok < 1 {
		e := either{}
		e.add(v.ok, visit{moments: v.moments, ok: 1, exact: v.exact, steps: v.steps})
		e.add(1-v.ok, visit{moments: v.moments, ok: 1}.then(m.run(at, k, s.Fallback)))
		v = e.visit()
	}
	return v
}

// retried is a call with its further attempts after errors.
func (m *model) retried(v visit, p node.Policy) visit {
	fail := 1 - v.ok
	if fail <= 0 || p.Retries == 0 || math.IsInf(v.mean, 1) {
		return v
	}
	attempts, one := 0.0, 1.0
	for range min(p.Retries+1, 1000) {
		attempts += one
		one = float64(one * fail)
	}
	v.mean = float64(attempts*v.mean) + float64((attempts-1)*backoffOf(p.Backoff))
	v.ok, v.pure, v.exact = 1-one, false, false
	return v
}

// request is a request for an operation of a node, from when it is there until
// the answer leaves.
func (m *model) request(at int, op string, kind node.StepKind) visit {
	n := &m.spec.Nodes[at]
	switch {
	case n.Server != nil:
		return m.operation(at, op)
	case kind == node.StepSet || kind == node.StepInvalidate:
		return m.itself(at)
	}
	key := passage{at, op}
	known := m.passing[key]
	if known == nil {
		known = &passed{busy: true}
		m.passing[key] = known
		v := m.itself(at)
		e, hops := either{}, 0.0
		for _, w := range m.flow.Ways(at, op) {
			hop := lasting(m.hop(at, w.Node))
			e.add(w.Part, hop.then(m.request(w.Node, w.Op, node.StepCall)).then(hop))
			hops += w.Part
		}
		if n.Balancer == nil || hops == 0 {
			e.add(max(0, 1-hops), nothing())
		}
		v = v.then(e.visit())
		known.visit, known.busy = v, false
	} else if known.busy {
		m.loops = true
		return nothing()
	}
	return known.visit
}

// itself is what a node takes that is no server, without what it asks.
func (m *model) itself(at int) visit {
	n := &m.spec.Nodes[at]
	switch {
	case n.Balancer != nil:
		return lasting(timeOf(n.Balancer.Overhead, 1))
	case n.External != nil:
		v := lasting(timeOf(n.External.Latency, 1))
		v.ok = 1 - n.External.ErrorRatio
		return v
	case n.CDN != nil:
		return lasting(timeOf(n.CDN.Latency, 1))
	case n.Queue != nil:
		return lasting(timeOf(n.Queue.Latency, 1))
	case n.Cache != nil && n.Cache.Cores > 0 && n.Cache.Latency != nil:
		return m.serve(at, 0)
	case n.Cache != nil:
		return lasting(timeOf(n.Cache.Latency, 1))
	}
	return nothing()
}

// operation is a request for an operation of a server, or of a database with
// all of its phases and shards.
func (m *model) operation(at int, op string) visit {
	row := m.flow.RowOf(at, op)
	if row == node.None {
		return nothing()
	}
	n, first := &m.spec.Nodes[at], m.flow.Row(at, 0)
	if n.Database == nil {
		return m.serve(at, row-first)
	}
	v := nothing()
	for _, part := range n.Parts(row - first) {
		one := m.serve(at, part.Op)
		if shards := int(part.Visits); shards > 1 {
			one.moments = enoughOf(slices.Repeat([]moments{one.moments}, min(shards, 64)), min(shards, 64))
			one.ok, one.exact, one.pure = whole(one.ok, shards), false, false
		}
		v = v.then(one)
	}
	return v
}

// acknowledged is what a write waits for: so many replicas must have applied
// it.
func (m *model) acknowledged(p *place, k int) visit {
	d := p.node.Database
	if d == nil || d.Acks() == 0 || d.Replicas == 0 || d.Access[k].Kind != node.Write && d.Access[k].Kind != node.Commit {
		return nothing()
	}
	lag := timeOf(d.Replication.Lag, 1).plus(timeOf(d.Replication.Apply, p.node.Server.CoreSpeed()))
	v := lasting(enoughOf(slices.Repeat([]moments{lag}, d.Replicas), min(d.Acks(), d.Replicas)))
	v.exact = false
	return v
}
