package arrival

import "github.com/capsim/capsim/sim"

func startPoisson(p profile, start sim.Time, s *sim.Stream) Process {
	if len(p) == 1 && p[0].perSecond > 0 {
		return &homogeneous{stream: s, gap: 1e9 / p[0].perSecond, clock: clock{at: start}}
	}
	return &inhomogeneous{stream: s, profile: p, clock: clock{at: start}}
}

// clock is a moment with a fraction of a nanosecond, so that rounding each
// gap cannot shift a rate: at 100 M/s, gaps of 10 ns to the nearest would.
type clock struct {
	at       sim.Time
	fraction float64 // in [0, 1)
}

// advance moves the clock on by nanoseconds; false beyond forever.
func (c *clock) advance(ns float64) bool {
	if !(ns < float64(forever)) {
		return false
	}
	ns += c.fraction
	whole := sim.Time(ns) // ns is in [0, forever]: the conversion is exact everywhere
	if c.at > forever-whole {
		return false
	}
	c.at += whole
	c.fraction = ns - float64(whole)
	return true
}

// homogeneous is the Poisson process of one rate.
type homogeneous struct {
	clock
	stream *sim.Stream
	gap    float64 // mean, in nanoseconds
}

// Next goes on by an exponential gap.
func (h *homogeneous) Next() (sim.Time, int, bool) {
	if !h.advance(float64(h.gap * h.stream.Exp())) {
		return sim.Never, -1, false
	}
	return h.at, -1, true
}

// inhomogeneous is the Poisson process of a rate that follows a profile.
type inhomogeneous struct {
	clock
	stream  *sim.Stream
	profile profile // what of it is still to come
}

// Next goes on until the cumulative rate has grown by an exponential amount.
func (h *inhomogeneous) Next() (sim.Time, int, bool) {
	amount := h.stream.Exp()
	for len(h.profile) > 0 {
		seg := &h.profile[0]
		if h.at < seg.to {
			if seg.wave != nil {
				return h.nextOf(seg.wave, amount)
			}
			rate := h.rate(seg)
			ns := float64(1e9 * reach(rate, seg.slope, amount))
			left := float64(seg.to-h.at) - h.fraction
			if ns < left && h.advance(ns) {
				return h.at, -1, true
			}
			amount = max(0, amount-float64((rate+seg.rateAt(seg.to))/2*(left/1e9)))
			h.clock = clock{at: seg.to}
		}
		h.profile = h.profile[1:]
	}
	return sim.Never, -1, false
}

// nextOf is Next on a wave, behind which there is nothing.
func (h *inhomogeneous) nextOf(w *Wave, amount float64) (sim.Time, int, bool) {
	periods, ns := w.after(h.at, h.fraction, amount, h.at)
	if periods < 0 || h.at > forever-periods {
		h.profile = nil
		return sim.Never, -1, false
	}
	h.at += periods
	if !h.advance(ns) {
		return sim.Never, -1, false
	}
	return h.at, -1, true
}

// rate returns the rate at the clock's moment.
func (h *inhomogeneous) rate(seg *segment) float64 {
	if seg.slope == 0 {
		return seg.perSecond
	}
	seconds := (float64(h.at-seg.from) + h.fraction) / 1e9
	return max(0, seg.perSecond+float64(seg.slope*seconds))
}
