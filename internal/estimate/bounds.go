package estimate

import "math"

// Bounds is what no way of queueing can exceed: with so many requests on their
// way, or so many a second. Demands are those of one request over all its
// visits, in seconds of one instance's resource over its servers.
type Bounds struct {
	Demand        float64 // seconds of service that a request needs of all resources
	Delay         float64 // seconds that it takes besides, where nobody ever waits
	ThroughputMax float64 // requests per second, one over the largest demand
	LatencyMin    float64 // asymptotic: nobody waits, or of users N·D - Z

	// Of users: the balanced job bounds (Zahorjan, Sevcik, Eager and Galler
	// 1982), and the number at which they begin to wait for each other. They are
	// 0 of open clients, and the balanced ones where a resource has several
	// servers, or where not all is done one after the other.
	BalancedMax, BalancedMin float64
	SaturationUsers          float64
}

// bounds fills in the bounds of every client. They are those of its own
// requests, without the load of other clients.
func (m *model) bounds(e *Estimate) {
	for i := range e.Clients {
		c := &e.Clients[i]
		b, largest, single := &c.Bounds, 0.0, true
		count := 0.0
		visits := m.flow.Visits(c.Node)
		for at := range m.places {
			p := &m.places[at]
			for g := range p.groups {
				group := &p.groups[g]
				for _, l := range []struct {
					servers int
					of      func(*work) *demand
				}{{group.cpu.servers, func(w *work) *demand { return &w.cpu }}, {group.disk.servers, func(w *work) *demand { return &w.disk }}} {
					d := 0.0
					for k := range p.work {
						d += float64(float64(visits[m.flow.Row(at, k)]*group.share[k]) * l.of(&p.work[k]).mean)
					}
					if d == 0 {
						continue
					}
					b.Demand += float64(d * float64(group.count))
					largest = max(largest, d/float64(l.servers))
					single = single && l.servers == 1
					count += float64(group.count)
				}
			}
		}
		least := m.sourceOf(c.Node).least
		b.Delay = max(0, least-b.Demand)
		b.ThroughputMax = math.Inf(1)
		if largest > 0 {
			b.ThroughputMax = 1 / largest
		}
		// What is done at once, or later, for nobody who waits, is not waited for.
		b.LatencyMin = min(b.Demand+b.Delay, least)
		if c.Users > 0 {
			m.boundsOfUsers(c, largest, count, single)
		}
	}
}

// boundsOfUsers is for a fixed number of users.
func (m *model) boundsOfUsers(c *Client, largest, count float64, single bool) {
	b, n := &c.Bounds, float64(c.Users)
	think, alone := m.sourceOf(c.Node).think, b.LatencyMin
	away := think + b.Delay // nobody waits there
	b.ThroughputMax = min(b.ThroughputMax, n/(alone+think))
	b.LatencyMin = max(alone, float64(n*largest)-think)
	if largest > 0 {
		b.SaturationUsers = (alone + think) / largest
	}
	if !single || b.Demand == 0 || alone < float64(0.999999*b.Demand) {
		return // balanced ones are of work that is done one after the other
	}
	mean := b.Demand / count
	slow := float64(float64((n-1)*largest)*float64(n*b.Demand)) / (float64(n*b.Demand) + away)
	fast := float64(float64((n-1)*mean)*b.Demand) / (b.Demand + away)
	b.BalancedMin = n / (b.Demand + away + slow)
	b.BalancedMax = min(1/largest, n/(b.Demand+away+fast))
}

func (m *model) sourceOf(client int) source {
	for _, s := range m.sources {
		if s.node == client {
			return s
		}
	}
	return source{}
}
