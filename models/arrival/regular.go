package arrival

import (
	"math"

	"github.com/capsim/capsim/sim"
)

// regular has an arrival wherever the cumulative rate passes a whole number,
// 0 included. Times are computed from the count, not from the arrival before:
// billions of rounded gaps would drift.
type regular struct {
	profile profile // what of it is still to come; the first segment begins at or after the start
	passed  float64 // the cumulative rate where it begins
	count   float64 // arrivals so far
	last    sim.Time
}

func startRegular(p profile, start sim.Time, _ *sim.Stream) Process {
	r := &regular{last: start}
	for i := range p {
		if seg := p[i]; seg.to > start {
			if seg.from < start {
				seg.perSecond, seg.from = seg.rateAt(start), start
			}
			r.profile = append(r.profile, seg)
		}
	}
	return r
}

// Next solves for the time at which the cumulative rate passes the count.
func (r *regular) Next() (sim.Time, int, bool) {
	for len(r.profile) > 0 {
		seg := &r.profile[0]
		wanted := max(0, r.count-r.passed)
		mass := seg.mass(seg.from, seg.to)
		if wanted < mass {
			r.count++
			r.last = max(r.last, min(seg.to, seg.passes(wanted, r.last))) // a root is found to within rounding
			return r.last, -1, true
		}
		r.passed += mass
		r.profile = r.profile[1:]
	}
	return sim.Never, -1, false
}

// passes returns when the cumulative rate has grown by mass from the start of
// the segment, which it does within it. Near is the arrival before.
func (s *segment) passes(mass float64, near sim.Time) sim.Time {
	periods, ns := sim.Time(0), 0.0
	switch {
	case s.wave != nil:
		if periods, ns = s.wave.after(s.from, 0, mass, near); periods < 0 {
			return s.to
		}
	case s.slope == 0:
		ns = mass * 1e9 / s.perSecond // not mass/rate·1e9: k·1e9 is exact
	default:
		ns = min(float64(1e9*reach(s.perSecond, s.slope, mass)), float64(s.to-s.from))
	}
	return s.from + periods + sim.Time(math.Floor(ns+0.5))
}
