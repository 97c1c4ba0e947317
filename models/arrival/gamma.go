package arrival

import "github.com/capsim/capsim/sim"

// renewal is the Plan of independent gaps with a gamma distribution.
type renewal struct {
	perSecond float64
	shape     float64 // 1/cv²
}

func buildGamma(a *arguments) Plan {
	cv := a.number("cv", 0.01, 100)
	if a.err != nil {
		return nil
	}
	return renewal{a.rate, 1 / float64(cv*cv)}
}

// Start begins between two arrivals, as a process does that has been going on
// for ever: the gap around the start is one of size-biased length, of which a
// uniform part is left (Cox 1962, section 5.4). Of a gamma law that length is
// the gamma law of a shape larger by 1. So the expected number of arrivals is
// the rate times the time from the very start.
func (p renewal) Start(start sim.Time, s *sim.Stream) Process {
	g := &gammaGaps{stream: s, shape: p.shape, scale: 1e9 / p.perSecond / p.shape, clock: clock{at: start}}
	g.first = float64(g.scale*s.Gamma(p.shape+1)) * s.Open()
	return g
}

// MeanRate returns the rate.
func (p renewal) MeanRate(sim.Time) float64 { return p.perSecond }

// Stationary is true.
func (p renewal) Stationary() bool { return true }

// gammaGaps is the Process of a renewal.
type gammaGaps struct {
	clock
	stream       *sim.Stream
	shape, scale float64 // the scale in nanoseconds
	first        float64 // nanoseconds to the first arrival; -1 after it
}

// Next goes on by a gap.
func (g *gammaGaps) Next() (sim.Time, int, bool) {
	gap := g.first
	if gap < 0 {
		gap = float64(g.scale * g.stream.Gamma(g.shape))
	}
	g.first = -1
	if !g.advance(gap) {
		return sim.Never, -1, false
	}
	return g.at, -1, true
}
