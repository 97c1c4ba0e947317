package arrival

import "github.com/capsim/capsim/sim"

// Poisson arrivals come independently of each other. A rate that changes is
// followed exactly: exponential increments of the expected number are pushed
// through the inverse of its integral (Çinlar 1975, Introduction to
// Stochastic Processes, section 4.7).
type Poisson struct{ rate shape }

// Start makes the process of one replication.
func (p Poisson) Start(start sim.Time, s *sim.Stream) Process {
	if p.rate.level() {
		if p.rate[0].rate <= 0 {
			return nothing{}
		}
		return &poisson{at: float64(start), gap: 1e9 / p.rate[0].rate, stream: s}
	}
	return &shapedPoisson{cursor: cursor{shape: p.rate.started(start)}, stream: s}
}

// MeanRate returns the mean number of requests per second.
func (p Poisson) MeanRate(end sim.Time) float64 { return p.rate.mean(end) }

// Stationary reports whether the rate never changes.
func (p Poisson) Stationary() bool { return p.rate.level() }

type poisson struct {
	at, gap float64 // nanoseconds
	stream  *sim.Stream
}

func (p *poisson) Next() (sim.Time, int, bool) {
	p.at += float64(p.gap * p.stream.Exp())
	return toTime(p.at), -1, true
}

// toTime rounds a moment, which may lie before time 0, to the nearest
// nanosecond.
func toTime(ns float64) sim.Time {
	if ns < 0 {
		return -sim.FromNanoseconds(-ns)
	}
	return sim.FromNanoseconds(ns)
}

type shapedPoisson struct {
	cursor
	due    float64 // expected number so far
	stream *sim.Stream
}

func (p *shapedPoisson) Next() (sim.Time, int, bool) {
	p.due += p.stream.Exp()
	at, ok := p.at(p.due)
	return at, -1, ok
}

// nothing never comes.
type nothing struct{}

func (nothing) Next() (sim.Time, int, bool) { return 0, -1, false }
