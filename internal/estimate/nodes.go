package estimate

import (
	"math"
	"slices"

	"github.com/capsim/capsim/models/node"
)

// node is what is asked of a node, and how long it takes to answer.
func (m *model) node(i int) Node {
	p := &m.places[i]
	n := Node{Node: i, Instances: p.node.AtStart(), Arrivals: m.rate(i), Utilization: math.NaN(), HitRatio: math.NaN()}
	m.prepare(i)
	n.Resources = m.resources(p)
	if len(n.Resources) > 0 {
		n.Utilization = min(1, n.Resources[0].Utilization)
	}
	if p.node.Cache != nil || p.node.CDN != nil {
		n.HitRatio = m.hits(i)
	}
	n.Response = m.response(p)
	n.Rejected = m.rejected(p)
	if !n.Response.Exact {
		n.Why = p.reason
		if n.Why == "" {
			n.Why = "what it waits for is approximated"
		}
	}
	return n
}

// hits is the hit ratio of a cache over all that it is asked, and may have.
func (m *model) hits(i int) float64 {
	p := &m.places[i]
	if !keeps(p.node) {
		share, _ := p.node.Misses("")
		return 1 - share
	}
	asked, found := 0.0, 0.0
	for _, a := range m.askings(i) {
		if p.node.CDN != nil && m.stores[i].ttl(m.stores[i].named(a.op)) == 0 {
			continue // it passes that on without a look
		}
		asked += a.rate
		found += float64(a.rate * (1 - m.misses(i, a.op)))
	}
	if asked == 0 {
		return math.NaN()
	}
	return found / asked
}

// response is the mean response of a node, over all that it is asked.
func (m *model) response(p *place) Time {
	all, total := either{}, m.rate(p.at)
	if p.node.Server != nil || len(p.groups) > 0 && p.node.Origin() == nil {
		for k := range p.work {
			if rate := m.rates[m.flow.Row(p.at, k)]; rate > 0 {
				all.add(rate/total, m.serve(p.at, k))
			}
		}
		return m.timeOf(all.visit())
	}
	asked := m.askings(p.at)
	sum := 0.0
	for _, a := range asked {
		sum += a.rate
	}
	for _, a := range asked {
		if a.rate > 0 {
			all.add(a.rate/sum, m.request(p.at, a.op, node.StepCall))
		}
	}
	if all.cases == 0 {
		all.add(1, m.itself(p.at))
	}
	v := all.visit()
	v.exact = v.exact && p.exact
	return m.timeOf(v)
}

// rejected is the share of visits that finds no place.
func (m *model) rejected(p *place) float64 {
	lost, total := 0.0, 0.0
	for g := range p.groups {
		for k := range p.work {
			part := float64(float64(m.rates[m.flow.Row(p.at, k)]*p.groups[g].share[k]) * float64(p.groups[g].count))
			total += part
			lost += float64(part * p.groups[g].crew.lost)
		}
	}
	if total == 0 {
		return 0
	}
	return lost / total
}

// askings lists what a node that is no server is asked for, and how often.
func (m *model) askings(at int) []stream {
	if m.asked == nil {
		m.asked = make([][]stream, len(m.spec.Nodes))
		for _, s := range m.sources {
			m.asks(s, s.rate, func(at int, one stream) {
				k := slices.IndexFunc(m.asked[at], func(o stream) bool { return o.op == one.op })
				if k < 0 {
					m.asked[at] = append(m.asked[at], stream{op: one.op, rate: one.rate})
				} else {
					m.asked[at][k].rate += one.rate
				}
			})
		}
	}
	return m.asked[at]
}

// resources lists what of a node has a limit.
func (m *model) resources(p *place) []Resource {
	var out []Resource
	n := p.node
	if len(p.groups) == 0 {
		return m.placesOf(p)
	}
	each := func(name string, capacity float64, of func(g *group) (busy, wait float64)) {
		r := Resource{Name: name, Capacity: float64(capacity * float64(n.AtStart()))}
		weight := 0.0
		for i := range p.groups {
			g := &p.groups[i]
			busy, wait := of(g)
			r.Busy += float64(busy * float64(g.count))
			r.Hottest = max(r.Hottest, busy/capacity)
			if in := float64(busy * float64(g.count)); in > 0 {
				r.Wait += float64(in * wait)
				weight += in
			}
		}
		if weight > 0 {
			r.Wait /= weight
		}
		r.Utilization = r.Busy / r.Capacity
		if m.only { // users who wait for their answers cannot ask for more than there is
			r.Utilization, r.Hottest = min(1, r.Utilization), min(1, r.Hottest)
		}
		out = append(out, r)
	}
	ofLine := func(line func(g *group) *line) func(g *group) (float64, float64) {
		return func(g *group) (float64, float64) { l := line(g); return l.load(), l.wait }
	}
	cores := 0
	if n.Server != nil {
		cores = n.Server.Cores
	} else {
		cores = n.Cache.Cores
	}
	each("cpu", float64(cores), ofLine(func(g *group) *line { return &g.cpu }))
	if n.Server == nil {
		return out
	}
	if n.Server.HasDisk() {
		each("disk", float64(n.Server.Disk.Channels()), ofLine(func(g *group) *line { return &g.disk }))
	}
	if n.Server.Network > 0 {
		each("network", 1, func(*group) (float64, float64) { return m.wires(p) / float64(n.AtStart()), math.NaN() })
	}
	if n.Server.Concurrency > 0 {
		each("workers", float64(n.Server.Concurrency), func(g *group) (float64, float64) { return m.workers(p, g) })
	}
	for k, pool := range n.Server.Pools {
		each("pool."+m.spec.Nodes[pool.To].Name, float64(pool.Size), ofLine(func(g *group) *line { return &g.pools[k] }))
	}
	return out
}

// workers is how many workers are asked for, where the cores are not what
// limits them, and the wait for one.
func (m *model) workers(p *place, g *group) (busy, wait float64) {
	in := 0.0
	for k := range p.work {
		in += float64(m.rates[m.flow.Row(p.at, k)] * g.share[k])
	}
	if !g.crewed || m.fixed || in == 0 {
		return float64(in * g.held), g.hold
	}
	busy = min(g.crew.inside, float64(p.node.Server.Concurrency))
	// Asked for more than there is: as much as would have to be done at once.
	if asked := in / g.crew.capacity; asked > 1 {
		busy = float64(asked * float64(p.node.Server.Concurrency))
	}
	return busy, g.hold
}

// wires is how many network interfaces of a node are needed.
func (m *model) wires(p *place) float64 {
	total := 0.0
	for _, s := range m.sources {
		for k := range p.work {
			total += float64(s.rate * m.flow.Wire(s.node)[m.flow.Row(p.at, k)])
		}
	}
	return total
}

// placesOf is what the consumers of a queue have for its messages.
func (m *model) placesOf(p *place) []Resource {
	if p.node.Queue == nil {
		return nil
	}
	places := m.spec.Places(p.node.Queue)
	if places == node.None {
		return nil
	}
	c := p.node.Queue.Consumer
	held := m.request(c.Node, c.Op, node.StepCall).moments
	l := queue{servers: places, rate: m.rate(p.at), service: held, arrive: 1, seen: 1}
	alone := moments{m.aloneAt(c).mean, 0}
	if math.IsInf(held.mean, 1) || math.IsNaN(held.variance) || math.IsInf(held.variance, 1) {
		l.service = alone
	}
	wait, _ := l.wait(0)
	// What waits for the consumer holds its place too, so that these may all be
	// held where it is not they that are short: as many as are held at once
	// though nobody waits are asked for.
	asked := float64(l.rate*alone.mean) / float64(places)
	busy := l.load()
	if asked < 1 {
		busy = min(busy, float64(places))
	}
	return []Resource{{Name: "places", Capacity: float64(places), Busy: busy, Utilization: busy / float64(places), Hottest: busy / float64(places), Wait: wait, asked: asked}}
}

// aloneAt is what an operation lasts if nobody waits for its server.
func (m *model) aloneAt(c node.Target) visit {
	return m.alone(c.Node, max(0, m.flow.RowOf(c.Node, c.Op)-m.flow.Row(c.Node, 0)))
}

// fed reports whether a server is sent no more than it has workers for: all
// that comes to it are messages of queues whose places are no more than that.
// What would wait for a worker waits in the queue then.
func (m *model) fed(p *place) bool {
	sent, places := 0.0, 0
	for i := range m.spec.Nodes {
		q := m.spec.Nodes[i].Queue
		if q == nil || q.Consumer.Node != p.at {
			continue
		}
		has := m.spec.Places(q)
		if has == node.None {
			return false
		}
		sent += m.rate(i)
		places += has
	}
	all := m.rate(p.at)
	return places > 0 && places <= p.node.Server.Concurrency*max(1, p.node.Most()) && math.Abs(all-sent) <= 1e-9*all
}

// rounding is what equal figures may differ by.
const rounding = 1e-9

// bottleneck is the resource of which most is asked, for what it has.
func (m *model) bottleneck(e *Estimate) *Bottleneck {
	var b *Bottleneck
	for i := range e.Nodes {
		for _, r := range e.Nodes[i].Resources {
			at := r.Hottest
			switch r.Name {
			case "places":
				at = r.asked
			case "workers":
				at = m.crewed(&m.places[e.Nodes[i].Node])
			}
			if b != nil && b.Resource == "places" && at > float64(b.Utilization*(1-rounding)) {
				b = nil // it is the consumer that makes its places scarce
			}
			if at > 0 && !math.IsNaN(at) && (b == nil || at > b.Utilization) {
				b = &Bottleneck{Node: e.Nodes[i].Node, Resource: r.Name, Utilization: at}
			}
		}
	}
	if b != nil && !m.hasUsers() {
		b.SaturatesAt = 1 / b.Utilization
	}
	return b
}

// crewed is the rate at which visits come over that with all workers held,
// where it is not the cores or the disk that limit that rate; else 0.
func (m *model) crewed(p *place) float64 {
	most := 0.0
	for i := range p.groups {
		g := &p.groups[i]
		if !g.crewed {
			continue
		}
		in := 0.0
		for k := range p.work {
			in += float64(m.rates[m.flow.Row(p.at, k)] * g.share[k])
		}
		asked := 0.0
		if g.crew.capacity > 0 {
			asked = in / g.crew.capacity
		} else if in > 0 {
			asked = math.Inf(1)
		}
		if asked > float64(1.001*max(g.cpu.utilization(), g.disk.utilization())) {
			most = max(most, asked)
		}
	}
	if math.IsInf(most, 1) {
		return 0 // what it waits for is the bottleneck
	}
	return most
}
