package arrival

import (
	"math"
	"slices"

	"github.com/capsim/capsim/sim"
)

// forever is beyond the end of every run, and far enough from the largest
// Time for sums.
const forever = sim.Never / 2

// profile is a rate over time: segments that follow each other without gaps,
// the first from before any start, the last until forever.
type profile []segment

// segment is a time over which the rate is linear, or follows a wave.
type segment struct {
	from, to  sim.Time
	perSecond float64 // the rate at from
	slope     float64 // its growth per second, per second
	wave      *Wave   // what the rate follows, instead
}

// newProfile lays out a rate and its ramps.
func newProfile(perSecond float64, ramps []Ramp, load float64) profile {
	rate := float64(perSecond * load)
	at := sim.Time(0)
	var p profile
	for _, r := range ramps {
		target := float64(r.Target * load)
		if r.Duration > 0 && at < forever {
			to := at + min(r.Duration, forever-at)
			p = append(p, segment{from: at, to: to, perSecond: rate, slope: (target - rate) / r.Duration.Seconds()})
			at = to
		}
		rate = target
	}
	p = append(p, segment{from: at, to: forever, perSecond: rate})
	before := p[0].perSecond
	flat := !slices.ContainsFunc(p, func(s segment) bool { return s.slope != 0 || s.perSecond != before })
	if flat {
		return level(before)
	}
	return append(profile{{from: -forever, to: 0, perSecond: before}}, p...)
}

// level is the profile of a rate that never changes.
func level(perSecond float64) profile {
	return profile{{from: -forever, to: forever, perSecond: perSecond}}
}

// rateAt returns the rate at some time within the segment.
func (s *segment) rateAt(t sim.Time) float64 {
	switch {
	case s.wave != nil:
		return s.wave.rate(s.wave.turns(t, 0))
	case s.slope == 0:
		return s.perSecond
	}
	return max(0, s.perSecond+float64(s.slope*(t-s.from).Seconds()))
}

// mass is the expected number of arrivals between two times within the
// segment.
func (s *segment) mass(from, to sim.Time) float64 {
	if s.wave != nil {
		return s.wave.mass(from, 0, float64(to-from))
	}
	return float64((s.rateAt(from) + s.rateAt(to)) / 2 * (to - from).Seconds())
}

// reach returns the seconds after which a rate that grows by slope has summed
// up to mass; +Inf if it never does. Of the two forms of the root of
// rate·x + slope·x²/2 = mass, this one has no cancellation, for small and
// negative slopes too.
func reach(rate, slope, mass float64) float64 {
	switch {
	case slope == 0:
		return mass / rate
	case mass == 0:
		return 0
	}
	square := float64(rate*rate) + float64(2*slope*mass)
	if square < 0 {
		return math.Inf(1)
	}
	return 2 * mass / (rate + math.Sqrt(square))
}
