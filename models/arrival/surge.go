package arrival

import "github.com/capsim/capsim/sim"

// surging is a Plan of which more can come for a time.
type surging interface {
	Plan
	// surge starts a process of the same kind with so many times the rate.
	// It yields arrivals from a time on; the plan's own process, of the
	// stream base, began at start.
	surge(times float64, start, from sim.Time, base, own *sim.Stream) Process
}

// CanSurge reports whether more of a plan can come: there is no more of a
// trace than it holds.
func CanSurge(p Plan) bool {
	switch one := p.(type) {
	case batches:
		return CanSurge(one.Plan)
	case paced:
		return CanSurge(one.Plan)
	}
	_, ok := p.(surging)
	return ok
}

// Surge starts what comes from a time on beyond the plan's own arrivals, if
// there are to be factor times as many in all. It draws from a stream of its
// own. Base is the stream of the plan's process as it was when that began, at
// start: bursts are the same.
func Surge(p Plan, factor float64, start, from sim.Time, base, own *sim.Stream) Process {
	return p.(surging).surge(factor-1, start, from, base, own)
}

// surge starts the further arrivals of a rate that may follow stages or a
// wave. Those at regular gaps fall between the plan's own.
func (p shaped) surge(times float64, _, from sim.Time, _, own *sim.Stream) Process {
	process := p.row.start(p.profile.times(times), from, own)
	if r, ok := process.(*regular); ok {
		r.count = 0.5
	}
	return process
}

// times is the profile of so many times the rate.
func (p profile) times(x float64) profile {
	out := make(profile, len(p))
	for i, s := range p {
		s.perSecond, s.slope = float64(s.perSecond*x), float64(s.slope*x)
		if s.wave != nil {
			w := *s.wave
			w.Mean, w.Amplitude = float64(w.Mean*x), float64(w.Amplitude*x)
			s.wave = &w
		}
		out[i] = s
	}
	return out
}

func (p renewal) surge(times float64, _, from sim.Time, _, own *sim.Stream) Process {
	p.perSecond = float64(p.perSecond * times)
	return p.Start(from, own)
}

// surge goes through the phases of the plan's own process, which have random
// numbers of their own, up to the time.
func (p modulated) surge(times float64, start, from sim.Time, base, own *sim.Stream) Process {
	p.on.perSecond, p.off.perSecond = float64(p.on.perSecond*times), float64(p.off.perSecond*times)
	b := p.begin(start, base)
	b.stream = own
	for {
		ahead := float64(from-b.at) - b.fraction
		if ahead < b.left {
			b.left -= ahead
			b.clock = clock{at: from}
			return b
		}
		b.advance(b.left)
		b.isOn = !b.isOn
		b.stay()
	}
}

func (p batches) surge(times float64, start, from sim.Time, base, own *sim.Stream) Process {
	sizes := aside(own, "batch")
	return &batched{process: p.Plan.(surging).surge(times, start, from, base, own), size: p.size, stream: sizes}
}
