package arrival

import (
	"math"

	"github.com/capsim/capsim/sim"
)

// Pace is by how much the arrivals of a plan are hastened from a time on.
type Pace struct {
	From   sim.Time
	Factor float64 // above 0: how many times as many come
}

// Paced is the same plan with so many times the rate from each time on, the
// first of them for all time before as well. Times between arrivals are
// divided by the factor, so that the same requests come, only sooner or later.
func Paced(p Plan, paces []Pace) Plan {
	if len(paces) == 1 && paces[0].Factor == 1 {
		return p
	}
	return paced{p, paces}
}

type paced struct {
	Plan
	paces []Pace // the first counts from 0
}

// inner is the time of the plan itself at some time.
func (p paced) inner(at sim.Time) sim.Time {
	if at <= 0 {
		return stretched(at, p.paces[0].Factor)
	}
	sum := sim.Time(0)
	for i, one := range p.paces {
		from, to := max(0, one.From), at
		if i+1 < len(p.paces) {
			to = min(at, p.paces[i+1].From)
		}
		if to > from || i == 0 {
			sum += stretched(to-from, one.Factor)
		}
	}
	return sum
}

// stretched multiplies a time, [forever] at most.
func stretched(t sim.Time, factor float64) sim.Time {
	x := math.Floor(float64(float64(t)*factor) + 0.5)
	return sim.Time(min(max(x, -float64(forever)), float64(forever)))
}

func (p paced) Start(start sim.Time, s *sim.Stream) Process {
	return &pacedProcess{process: p.Plan.Start(p.inner(start), s), paces: p.paces}
}

// MeanRate is of plans whose rate does not change otherwise.
func (p paced) MeanRate(end sim.Time) float64 {
	if end <= 0 {
		return 0
	}
	inner := p.inner(end)
	return p.Plan.MeanRate(inner) * (float64(inner) / float64(end))
}

func (p paced) Stationary() bool { return len(p.paces) == 1 && p.Plan.Stationary() }

// surge hastens what comes beyond the plan's own as well.
func (p paced) surge(times float64, start, from sim.Time, base, own *sim.Stream) Process {
	further := p.Plan.(surging).surge(times, p.inner(start), p.inner(from), base, own)
	return &pacedProcess{process: further, paces: p.paces}
}

type pacedProcess struct {
	process  Process
	paces    []Pace
	from, at sim.Time // of the first pace left: when it began, in the plan's own time and outside
}

func (p *pacedProcess) Next() (sim.Time, int, bool) {
	inner, row, ok := p.process.Next()
	if !ok {
		return sim.Never, row, false
	}
	for len(p.paces) > 1 {
		next := p.from + stretched(p.paces[1].From-p.at, p.paces[0].Factor)
		if inner < next {
			break
		}
		p.from, p.at, p.paces = next, p.paces[1].From, p.paces[1:]
	}
	return p.at + stretched(inner-p.from, 1/p.paces[0].Factor), row, true
}

// Held is a plan whose rate stays as it is at a time; ok is false of a trace,
// which has no rate.
func Held(p Plan, at sim.Time) (held Plan, ok bool) {
	switch one := p.(type) {
	case shaped:
		return shaped{one.row, level(one.profile.rateAt(at))}, true
	case batches:
		inner, ok := Held(one.Plan, at)
		return batches{inner, one.size}, ok
	case paced, TracePlan:
		return p, false
	}
	return p, true // it has one rate only
}

// rateAt is the rate at a time.
func (p profile) rateAt(at sim.Time) float64 {
	for i := range p {
		if at < p[i].to {
			return p[i].rateAt(at)
		}
	}
	return p[len(p)-1].perSecond
}
