package estimate

import "math"

// Limits of the fixed point of users.
const (
	mostRounds = 400
	closeBy    = 1e-8
)

// solve finds how many requests users send who wait for their answers, and
// leaves the waits as they then are.
func (m *model) solve() {
	m.lightest()
	m.settle()
	if !m.hasUsers() {
		return
	}
	if m.solveExactly() {
		return
	}
	for i := range m.places {
		m.places[i].exact = false
		if m.places[i].reason == "" {
			m.places[i].reason = "users who wait for their answers: a fixed point"
		}
	}
	for i := range m.sources {
		if s := &m.sources[i]; s.users > 0 {
			s.rate = float64(s.users) / (max(s.think+s.least, 1e-9))
		}
	}
	m.settle()
	step := 1.0
	last := math.Inf(1)
	for range mostRounds {
		moved := 0.0
		for i := range m.sources {
			s := &m.sources[i]
			if s.users == 0 {
				continue
			}
			all, _ := m.answer(*s)
			next := 0.0
			if total := s.think + all.mean; !math.IsInf(total, 1) {
				next = float64(s.users) / max(total, 1e-12)
			}
			moved = max(moved, math.Abs(next-s.rate)/max(next, s.rate, 1e-300))
			s.rate += float64(step * (next - s.rate))
		}
		m.settle()
		if moved < closeBy || math.IsNaN(moved) {
			break
		}
		if moved > float64(0.99*last) {
			step = max(0.05, step*0.7)
		}
		last = moved
	}
}

func (m *model) hasUsers() bool {
	for _, s := range m.sources {
		if s.users > 0 {
			return true
		}
	}
	return false
}

// lightest finds how long a request of each client lasts if it is alone.
func (m *model) lightest() {
	m.settle()
	m.idle = true
	for i := range m.sources {
		all, _ := m.answer(m.sources[i])
		m.sources[i].least = all.mean
	}
	m.idle = false
}

// resource is a station of the network as a whole: so many alike of them.
type resource struct {
	line  *line
	count int
}

// solveExactly solves a network of one kind of users that has product form.
func (m *model) solveExactly() bool {
	if len(m.sources) != 1 || !m.plain() {
		return false
	}
	for i := range m.places {
		if p := &m.places[i]; !p.clean && m.rateAt(i) > 0 {
			return false
		}
	}
	s := &m.sources[0]
	s.rate = 1
	m.settle()
	m.fixed = true
	for i := range m.places {
		m.prepare(i)
	}
	net, found := product{users: s.users}, []resource(nil)
	delay := s.think + s.least
	for i := range m.places {
		for g := range m.places[i].groups {
			group := &m.places[i].groups[g]
			for _, l := range []*line{&group.cpu, &group.disk} {
				if l.rate == 0 || l.service.mean == 0 {
					continue
				}
				for range group.count {
					net.stations = append(net.stations, station{l.load(), l.servers})
					delay -= l.load()
				}
				found = append(found, resource{l, group.count})
			}
		}
	}
	if delay > 1e-12*(s.think+s.least) {
		net.stations = append(net.stations, station{delay, 0})
	}
	if !net.affordable() {
		m.fixed = false
		return false
	}
	throughput, numbers := net.solve()
	at := 0
	for _, r := range found {
		// At rate 1 the rate of the line is the visits of a request.
		r.line.wait = max(0, numbers[at]/float64(throughput*r.line.rate)-r.line.service.mean)
		r.line.odds = min(1, float64(throughput*r.line.load())/float64(r.line.servers))
		at += r.count
	}
	s.rate = throughput
	m.settle()
	return true
}

// rateAt is how often a node is visited for each request of the only client.
func (m *model) rateAt(i int) float64 {
	total := 0.0
	for k := range m.places[i].work {
		total += m.flow.Visits(m.sources[0].node)[m.flow.Row(i, k)]
	}
	return total
}
