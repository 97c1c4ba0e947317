package arrival

import (
	"math"
	"strconv"

	"github.com/capsim/capsim/sim"
)

// modulated is the Plan of a Poisson process whose rate jumps between two
// values after exponential times.
type modulated struct {
	on, off phase
}

// phase is one of the two states.
type phase struct {
	perSecond float64
	stay      float64 // mean, in nanoseconds
}

// maxJumps is how many changes of phase there may be for one arrival on
// average: an arrival is found by going through the phases before it.
const maxJumps = 10_000

func buildBursty(a *arguments) Plan {
	peak := a.factor("peak")
	on, off := a.duration("on"), a.duration("off")
	if a.err != nil {
		return nil
	}
	share := float64(on) / (float64(on) + float64(off))
	if peak < 1 {
		a.failNamed("peak", "E302", "peak must be at least 1x, the mean, got "+a.text("peak"), "on is when more comes, off when less")
		return nil
	}
	if peak*a.rate > maxRate {
		a.failNamed("peak", "E705", "the rate while on must be at most 1G/s, one request a nanosecond", "")
		return nil
	}
	// off·rate(off) = (on + off)·mean - on·peak·mean
	left := (float64(on) + float64(off) - float64(peak*float64(on))) / float64(off)
	if left < -1e-9 {
		most := strconv.FormatFloat(math.Floor(1e6/share)/1e6, 'f', -1, 64) + "x"
		a.failNamed("peak", "E309", "peak must be at most "+most+", got "+a.text("peak")+
			": on for "+percent(share)+" of the time, it would bring more than the mean by itself", "a shorter on or a longer off allows for a higher peak")
		return nil
	}
	if jumps := 2e9 / (float64(on) + float64(off)) / a.rate; jumps > maxJumps {
		a.failNamed("on", "E309", "on and off are too short for this rate: they would change "+strconv.FormatFloat(jumps, 'g', 3, 64)+
			" times between two arrivals; at most 10000 are allowed", "changes that fast cannot be told from poisson")
		return nil
	}
	return modulated{
		on:  phase{float64(peak * a.rate), float64(on)},
		off: phase{float64(max(0, left) * a.rate), float64(off)},
	}
}

func percent(share float64) string { return strconv.FormatFloat(100*share, 'g', 3, 64) + "%" }

// plain writes a number in full.
func plain(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// Start begins on or off with the probabilities of any moment. The phases
// have random numbers of their own: another rate or peak has its bursts at
// the same times.
func (p modulated) Start(start sim.Time, s *sim.Stream) Process { return p.begin(start, s) }

func (p modulated) begin(start sim.Time, s *sim.Stream) *bursts {
	b := &bursts{stream: s, clock: clock{at: start}, on: p.on, off: p.off, phases: aside(s, "phases")}
	b.isOn = b.phases.Float64()*(p.on.stay+p.off.stay) < p.on.stay
	b.stay()
	return b
}

// MeanRate returns the mean of both rates.
func (p modulated) MeanRate(sim.Time) float64 {
	return (float64(p.on.perSecond*p.on.stay) + float64(p.off.perSecond*p.off.stay)) / (p.on.stay + p.off.stay)
}

// Stationary is true: bursts come and go, but no moment is special.
func (p modulated) Stationary() bool { return true }

// aside returns a stream of its own for another purpose, without drawing from
// the one that it comes from.
func aside(s *sim.Stream, purpose string) sim.Stream {
	fork := *s
	return sim.Keyed(sim.Mix(fork.Uint64(), sim.HashName("arrivals", purpose)))
}

// bursts is the Process of a modulated.
type bursts struct {
	clock
	stream  *sim.Stream
	phases  sim.Stream
	on, off phase
	isOn    bool
	left    float64 // nanoseconds of the present phase
}

// stay draws how long the phase that has begun lasts.
func (b *bursts) stay() { b.left = float64(b.now().stay * b.phases.Exp()) }

func (b *bursts) now() *phase {
	if b.isOn {
		return &b.on
	}
	return &b.off
}

// Next goes on until the cumulative rate has grown by an exponential amount.
func (b *bursts) Next() (sim.Time, int, bool) {
	amount := b.stream.Exp()
	for {
		rate := b.now().perSecond / 1e9
		if ns := amount / rate; ns < b.left { // +Inf where nothing comes
			b.left -= ns
			if !b.advance(ns) {
				break
			}
			return b.at, -1, true
		}
		amount = max(0, amount-float64(rate*b.left))
		if !b.advance(b.left) {
			break
		}
		b.isOn = !b.isOn
		b.stay()
	}
	return sim.Never, -1, false
}
