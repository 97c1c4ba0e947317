package estimate

import (
	"math"

	"github.com/capsim/capsim/models/node"
)

// prepare finds how long visits wait at a node, at the rates of now.
func (m *model) prepare(i int) {
	p := &m.places[i]
	if p.ready || len(p.groups) == 0 {
		return
	}
	p.ready = true
	for g := range p.groups {
		m.queues(p, &p.groups[g])
	}
	if v := p.node.Server; v != nil && v.Concurrency > 0 && !m.fixed {
		for g := range p.groups {
			m.crew(p, &p.groups[g])
		}
	}
}

// queues finds the waits for the cores and the disk of a group.
func (m *model) queues(p *place, g *group) {
	cores, channels, arrive := 0, 1, p.arrive
	switch {
	case p.node.Server != nil:
		cores, channels = p.node.Server.Cores, p.node.Server.Disk.Channels()
	default:
		cores = p.node.Cache.Cores
	}
	among := max(1, p.among)
	if p.node.Database != nil && !g.role {
		among = 1 // shards and primaries are not chosen
	}
	m.line(p, g, &g.cpu, cores, func(w *work) *demand { return &w.cpu })
	m.line(p, g, &g.disk, channels, func(w *work) *demand { return &w.disk })
	for _, l := range []*line{&g.cpu, &g.disk} {
		l.among, l.arrive = among, arrive
		if m.fixed {
			continue // it is known
		}
		if l == &g.disk && g.cpu.rate > 0 {
			l.arrive = 1 // what comes from the cores is mixed already
		}
		by := p.by
		if l == &g.disk && by == byTurn && g.cpu.rate > 0 {
			by = bySplit
		}
		l.wait, l.odds, l.before = l.queue.waitAmong(l.among, by, l.before)
	}
}

// line fills in what comes to a station of one instance of a group.
func (m *model) line(p *place, g *group, l *line, servers int, of func(*work) *demand) {
	l.queue = queue{servers: servers, seen: m.seen}
	mean, second := 0.0, 0.0
	for k := range p.work {
		d, row := of(&p.work[k]), m.flow.Row(p.at, k)
		l.rate += float64(float64(m.rates[row]*g.share[k]) * d.visits)
		l.closed += float64(float64(m.closed[row]*g.share[k]) * d.visits)
		mean += float64(float64(m.rates[row]*g.share[k]) * d.mean)
		second += float64(float64(m.rates[row]*g.share[k]) * d.second)
	}
	if l == &g.cpu && g.role {
		m.applied(p, func(rate float64, one moments) {
			l.rate += rate
			mean += float64(rate * one.mean)
			second += float64(rate * (one.variance + float64(one.mean*one.mean)))
		})
	}
	if l.rate > 0 {
		l.service.mean = mean / l.rate
		l.service.variance = max(0, second/l.rate-float64(l.service.mean*l.service.mean))
		shared := p.node.Server != nil && (p.node.Server.Scheduling == node.ProcessorSharing || p.node.Server.Scheduling == node.RoundRobin)
		if scv := l.service.scv(); math.Abs(scv-1) < 1e-9 || shared && l == &g.cpu { // where cores are shared it does not matter
			l.service.variance = float64(l.service.mean * l.service.mean)
		}
	}
}

// applied calls with the writes that a replica applies, which primaries of its
// shard have done.
func (m *model) applied(p *place, with func(rate float64, one moments)) {
	d := p.node.Database
	if d.Replication.Apply == nil {
		return
	}
	for k, a := range d.Access {
		if a.Kind == node.Write || a.Kind == node.Commit {
			with(m.rates[m.flow.Row(p.at, k)]/float64(d.Shards), timeOf(d.Replication.Apply, p.node.Server.CoreSpeed()))
		}
	}
}

// crew finds the wait for a worker, and what the waits for cores and disk
// are where no more requests than workers can be there.
func (m *model) crew(p *place, g *group) {
	v, rate, closed := p.node.Server, 0.0, 0.0
	cpu, disk, other := 0.0, 0.0, 0.0
	for k := range p.work {
		row := m.flow.Row(p.at, k)
		part := float64(m.rates[row] * g.share[k])
		if part == 0 {
			continue
		}
		rate += part
		closed += float64(m.closed[row] * g.share[k])
		own := p.work[k].cpu.mean + p.work[k].disk.mean
		alone := m.alone(p.at, k)
		cpu += float64(part * p.work[k].cpu.mean)
		disk += float64(part * p.work[k].disk.mean)
		other += float64(part * max(0, alone.mean-own))
	}
	g.crewed = true
	g.hold, g.holdOdds, g.crew = 0, 0, crowd{capacity: math.Inf(1)}
	if rate == 0 {
		return
	}
	cpu, disk, other = cpu/rate, disk/rate, other/rate
	if math.IsInf(other, 1) {
		g.hold, g.holdOdds, g.crew.capacity = other, 1, 0
		return
	}
	if other < 1e-12*(cpu+disk) {
		other = 0 // rounding
	}
	c := crew{
		workers: v.Concurrency, backlog: v.Backlog, rate: rate - closed,
		stations: []station{{other, 0}, {cpu, v.Cores}, {disk, v.Disk.Channels()}},
	}
	if v.Backlog == node.None {
		c.backlog = -1
	}
	m.crowdOf(&c, g, closed, cpu+disk+other)
	g.held = cpu + disk + other
	m.spread(p, g, cpu, disk)
}

// crowdOf solves the instance; users who come again when they have an answer
// come the slower the more of them are there.
func (m *model) crowdOf(c *crew, g *group, closed, least float64) {
	if closed == 0 {
		g.crew = c.crowd()
		return
	}
	for _, s := range m.sources {
		c.users += s.users
	}
	c.users = max(1, (c.users+g.count-1)/g.count)
	there := g.crew.inside + g.crew.waiting
	if there == 0 || there >= float64(c.users) {
		there = min(float64(closed*least), float64(c.users)/2)
	}
	for range 30 {
		c.thinking = closed / max(1e-9, float64(c.users)-there)
		g.crew = c.crowd()
		now := g.crew.inside + g.crew.waiting
		if math.Abs(now-there) < 1e-9*float64(c.users) {
			break
		}
		there = (there + now) / 2
	}
	c.rate += closed
}

// spread tells the wait for a worker from those for cores and disk, and lets
// the policy and the variation of service count as they do without workers.
func (m *model) spread(p *place, g *group, cpu, disk float64) {
	in := 0.0
	for k := range p.work {
		in += float64(m.rates[m.flow.Row(p.at, k)] * g.share[k])
	}
	taken := float64(in * (1 - g.crew.lost))
	factor := m.likeness(p, g)
	g.hold, g.holdOdds = float64(g.crew.waiting/taken*factor), g.crew.waits
	if m.fed(p) {
		g.hold, g.holdOdds = 0, 0
	}
	excess := max(0, g.crew.inside/taken-g.held) * factor
	if math.IsInf(g.crew.waiting, 1) {
		return
	}
	// Longer lines have more of it.
	weight := func(l *line, d float64) float64 {
		return float64(float64(d*min(l.utilization(), 1)) * max(l.odds, 1e-9))
	}
	a, b := weight(&g.cpu, cpu), weight(&g.disk, disk)
	if a+b == 0 || excess == 0 {
		g.cpu.wait, g.disk.wait = 0, 0
		return
	}
	perVisit := func(l *line, part float64) float64 {
		if l.rate == 0 {
			return 0
		}
		return float64(excess*part) / (a + b) * in / l.rate
	}
	g.cpu.wait, g.disk.wait = perVisit(&g.cpu, a), perVisit(&g.disk, b)
}

// likeness is by how much the waits at a group differ from those of M/M/c with
// arrivals that are shared out at random.
func (m *model) likeness(p *place, g *group) float64 {
	q := g.cpu.queue
	if workers := p.node.Server.Concurrency; workers <= q.servers || float64(g.crew.capacity)*1.01 < float64(q.servers)/max(q.service.mean, 1e-300) {
		rate := 0.0
		for k := range p.work {
			rate += float64(m.rates[m.flow.Row(p.at, k)] * g.share[k])
		}
		scv := 1.0
		if q.rate > 0 && workers <= q.servers {
			scv = q.service.scv()
		}
		if rate > 0 {
			s := float64(p.node.Server.Concurrency) / g.crew.capacity
			q = queue{servers: p.node.Server.Concurrency, rate: rate, service: moments{s, float64(scv * float64(s*s))}, arrive: p.arrive}
		}
	}
	q.closed, q.arrive = 0, p.arrive
	plain := q
	plain.arrive, plain.service.variance = 1, float64(q.service.mean*q.service.mean)
	base, _ := plain.wait(0)
	found, _, _ := q.waitAmong(max(1, g.cpu.among), p.by, [2]float64{})
	switch {
	case base == 0 || math.IsInf(base, 1) || math.IsInf(found, 1):
		return q.variability(min(q.utilization(), most))
	}
	return found / base
}

// cpuWait is what a visit of operation k waits for a core of a group, and by
// how much its service is stretched because others share the cores.
func (m *model) cpuWait(p *place, g *group, k int) (wait moments, stretch float64) {
	l := &g.cpu
	if p.node.Server == nil || l.wait == 0 {
		return waitMoments(l.wait, l.odds), 0
	}
	switch p.node.Server.Scheduling {
	case node.ProcessorSharing, node.RoundRobin:
		if l.service.mean > 0 {
			return moments{}, l.wait / l.service.mean
		}
	case node.ByPriority, node.Preemptive:
		return m.ranked(p, g, k)
	}
	return m.limited(l), 0
}

// limited is a wait with its variance. Where users wait for their answers the
// line has no longer tail than there are users: it varies as the service of
// those ahead does, and as their number, all but those who think.
func (m *model) limited(l *line) moments {
	w := waitMoments(l.wait, l.odds)
	if !m.only || w.mean == 0 || l.servers == 0 {
		return w
	}
	each, away := l.service.mean/float64(l.servers), 0.0
	for _, s := range m.sources {
		thinking := float64(s.rate * s.think)
		away += float64(thinking * max(0, 1-thinking/float64(max(1, s.users))))
	}
	w.variance = min(w.variance, float64(w.mean*each)+float64(float64(each*each)*away))
	return w
}

// ranked is the wait behind those of the same and of higher priority: W0 over
// (1 - σ of the higher) (1 - σ of those too) (Cobham 1954), with several
// servers scaled from the wait without priorities (Bondi and Buzen 1984). Who
// may interrupt sees nobody below, and stretches the service of those.
func (m *model) ranked(p *place, g *group, k int) (wait moments, stretch float64) {
	l, v := &g.cpu, p.node.Server
	load := l.utilization()
	if load >= 1 && l.closed == 0 {
		load = most
	}
	higher, alike, seconds, all := 0.0, 0.0, 0.0, 0.0
	mine := m.rank(p, k)
	for o := range p.work {
		part := float64(m.rates[m.flow.Row(p.at, o)] * g.share[o])
		rho := float64(part*p.work[o].cpu.mean) / float64(v.Cores)
		all += float64(part * p.work[o].cpu.second)
		switch rank := m.rank(p, o); {
		case rank > mine:
			higher += rho
			seconds += float64(part * p.work[o].cpu.second)
		case rank == mine:
			alike += rho
			seconds += float64(part * p.work[o].cpu.second)
		}
	}
	if higher+alike >= 1 {
		return moments{math.Inf(1), math.Inf(1)}, 0
	}
	base := l.wait
	if math.IsInf(base, 1) {
		base = float64(l.service.mean/float64(v.Cores)*(1+l.service.scv())/2) / (1 - load)
	}
	residual := float64(base * (1 - load))
	if v.Scheduling == node.Preemptive && all > 0 {
		residual = residual * seconds / all
		stretch = 1/(1-higher) - 1
	}
	return waitMoments(residual/float64((1-higher)*(1-higher-alike)), l.odds), stretch
}

// rank is the priority of an operation: its own, or that with which clients
// ask for it.
func (m *model) rank(p *place, k int) int32 {
	op := &p.node.Server.Ops[k]
	if op.Priority != nil {
		return *op.Priority
	}
	for _, s := range m.sources {
		for _, o := range m.spec.Nodes[s.node].Client.Ops {
			if o.Name == op.Name && m.flow.Visits(s.node)[m.flow.Row(p.at, k)] > 0 {
				return o.Priority
			}
		}
	}
	return 0
}

// poolWait is the wait for a connection of a pool that is held for a time.
func (m *model) poolWait(p *place, g *group, pool int, held moments) moments {
	if m.idle {
		return moments{}
	}
	rate := 0.0
	for k := range p.work {
		rate += float64(float64(m.rates[m.flow.Row(p.at, k)]*g.share[k]) * p.work[k].pools[pool])
	}
	l := &g.pools[pool]
	l.queue = queue{servers: p.node.Server.Pools[pool].Size, rate: rate, service: held, arrive: 1, seen: m.seen}
	if m.only {
		l.closed = rate
	}
	if math.IsNaN(held.variance) || math.IsInf(held.variance, 1) {
		l.service.variance = float64(held.mean * held.mean)
	}
	if math.IsInf(held.mean, 1) {
		return held
	}
	l.wait, l.odds = l.queue.wait(l.wait)
	return waitMoments(l.wait, l.odds)
}
