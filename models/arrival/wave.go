package arrival

import (
	"math"

	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/portable"
)

// Wave is a rate that swings about a mean:
//
//	rate(t) = Mean + Amplitude sin(2π (t - Origin) / Period)
//
// from time 0 on; before, the rate of time 0 holds.
type Wave struct {
	Mean, Amplitude float64  // requests per second, 0 <= Amplitude <= Mean
	Period          sim.Time // above 0
	Origin          sim.Time // a time at which it passes its mean on the way up
}

// day is the period of daily traffic.
const day = 86_400 * sim.Second

// Daily is the wave of 24 hours between two rates that is highest at peakAt.
func Daily(peak, trough float64, peakAt sim.Time) Wave {
	return Wave{Mean: (peak + trough) / 2, Amplitude: (peak - trough) / 2, Period: day, Origin: peakAt - day/4}
}

// profile lays out the wave, times load.
func (w Wave) profile(load float64) profile {
	w.Mean, w.Amplitude = float64(w.Mean*load), float64(w.Amplitude*load)
	if w.Amplitude == 0 {
		return level(w.Mean)
	}
	return profile{
		{from: -forever, to: 0, perSecond: w.rate(w.turns(0, 0))},
		{from: 0, to: forever, wave: &w},
	}
}

// turns returns where in its period the wave is at t and a fraction of a
// nanosecond, from 0 to 1. The division with remainder is exact, however far
// from the origin t is.
func (w *Wave) turns(t sim.Time, fraction float64) float64 {
	r := (t - w.Origin) % w.Period
	if r < 0 {
		r += w.Period
	}
	return (float64(r) + fraction) / float64(w.Period)
}

// rate returns the requests per second at a place of the period.
func (w *Wave) rate(turns float64) float64 {
	return max(0, w.Mean+float64(w.Amplitude*portable.SinTurns(turns)))
}

// perPeriod is the expected number of arrivals in a whole period.
func (w *Wave) perPeriod() float64 { return w.Mean * w.Period.Seconds() }

// within is the expected number of arrivals over a part of a period, at most
// the whole of it, that begins at a place of it. With u the place, d the part
// and P the period in seconds, the integral of the rate is
//
//	Mean P d + (Amplitude P / π) sin(2π (u + d/2)) sin(π d),
//
// where the difference of two cosines is written as a product, so that short
// parts lose no digits.
func (w *Wave) within(turns, part float64) float64 {
	half := float64(part * 0.5)
	swing := portable.SinTurns(turns+half) * portable.SinTurns(half)
	seconds := w.Period.Seconds()
	return max(0, float64(w.Mean*seconds*part)+float64(w.Amplitude*seconds/math.Pi*swing))
}

// mass is the expected number of arrivals in the nanoseconds that follow a
// time.
func (w *Wave) mass(from sim.Time, fraction, ns float64) float64 {
	periods := math.Floor(ns / float64(w.Period))
	rest := ns - float64(periods*float64(w.Period))
	return float64(periods*w.perPeriod()) + w.within(w.turns(from, fraction), rest/float64(w.Period))
}

// after returns how long it takes from a time until so many arrivals are
// expected: whole periods, and nanoseconds of the one after them. Whole is
// -1 if that is beyond all time. Near is a moment just before the answer, to
// begin the search at.
func (w *Wave) after(from sim.Time, fraction, mass float64, near sim.Time) (whole sim.Time, ns float64) {
	periods := math.Floor(mass / w.perPeriod())
	if !(periods < float64(forever/w.Period)) {
		return -1, 0
	}
	whole = sim.Time(periods) * w.Period
	mass -= float64(periods * w.perPeriod())
	guess := mass / w.perPeriod()
	place := w.turns(from, fraction)
	if since := near - from - whole; since >= 0 && since < w.Period {
		begun := float64(since) / float64(w.Period)
		left := mass - w.within(place, begun)
		guess = begun + left/float64(w.rate(place+begun)*w.Period.Seconds())
	}
	return whole, float64(w.reach(place, mass, guess) * float64(w.Period))
}

// reach returns the part of a period, from a place of it on, in which a
// number of arrivals is expected: Newton's method on [Wave.within], which
// rises, and bisection where that would leave the bracket (the rate may be 0
// for a moment). A step of 2^-28 of the part is the last: the error after it
// is of the order of its square, and of a billionth of the part where the
// rate is 0.
func (w *Wave) reach(turns, mass, guess float64) float64 {
	if mass <= 0 {
		return 0
	}
	low, high := 0.0, 1.0
	part := guess
	if !(part > low && part < high) {
		part = min(mass/w.perPeriod(), 1)
	}
	for range 200 {
		over := w.within(turns, part) - mass
		if over > 0 {
			high = part
		} else {
			low = part
		}
		next := part - over/float64(w.rate(turns+part)*w.Period.Seconds())
		if !(next >= low && next <= high) {
			next = (low + high) / 2
		}
		if math.Abs(next-part) <= float64(0x1p-28*next) {
			return next
		}
		part = next
	}
	return part
}
