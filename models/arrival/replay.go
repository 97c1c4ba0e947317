package arrival

import (
	"math"
	"sort"

	"github.com/capsim/capsim/sim"
)

// TracePlan replays a trace. Its first row comes at the start of the
// simulation, which is the start of the warm-up.
type TracePlan struct {
	Trace  *Trace
	Speed  float64 // how many times as fast as recorded; 0 is 1
	Load   float64 // divides the gaps, as Speed does; other than 1 it repeats the trace; 0 is 1
	Repeat bool    // start over at the end
}

// factor is what the trace's times are divided by.
func (p TracePlan) factor() float64 {
	speed, load := p.Speed, p.Load
	if speed == 0 {
		speed = 1
	}
	if load == 0 {
		load = 1
	}
	return speed * load
}

// period is the time from one repetition of the trace to the next, as
// recorded. It is 0 where there is no gap, and then nothing repeats.
func (p TracePlan) period() sim.Time {
	if !p.Repeat && (p.Load == 0 || p.Load == 1) {
		return 0
	}
	return p.Trace.span()
}

// span is from the beginning to the end: the last time and a mean gap, where
// the trace does not know better.
func (t *Trace) span() sim.Time {
	n := len(t.Times)
	if t.Span > 0 || n < 2 {
		return t.Span
	}
	last := t.Times[n-1]
	return last + part(last, 1, n-1)
}

// Length is how long the replay lasts, or one repetition of it.
func (p TracePlan) Length() sim.Time { return scaled(p.Trace.span(), p.factor()) }

// scaled divides a time of the trace; [forever] at most.
func scaled(t sim.Time, factor float64) sim.Time {
	if factor == 1 {
		return min(t, forever)
	}
	return sim.Time(min(math.Floor(float64(t)/factor+0.5), float64(forever)))
}

// Start begins the replay at the first row.
func (p TracePlan) Start(start sim.Time, _ *sim.Stream) Process {
	return &replay{times: p.Trace.Times, start: start, factor: p.factor(), period: p.period()}
}

// MeanRate counts the rows up to end, of a replay that begins at time 0.
func (p TracePlan) MeanRate(end sim.Time) float64 {
	if end <= 0 || len(p.Trace.Times) == 0 {
		return 0
	}
	reach := float64(float64(end) * p.factor()) // in the trace's time
	count := 0.0
	if period := p.period(); period > 0 {
		rounds := math.Floor(reach / float64(period))
		count = float64(rounds * float64(len(p.Trace.Times)))
		reach -= float64(rounds * float64(period))
	}
	count += float64(sort.Search(len(p.Trace.Times), func(i int) bool { return float64(p.Trace.Times[i]) >= reach }))
	return count / end.Seconds()
}

// Stationary is false: nobody knows.
func (p TracePlan) Stationary() bool { return false }

// replay is the Process of a TracePlan.
type replay struct {
	times  []sim.Time
	start  sim.Time
	factor float64
	period sim.Time // 0: once only
	base   sim.Time // of this repetition, in the trace's time
	row    int
}

// Next returns the next row.
func (r *replay) Next() (sim.Time, int, bool) {
	if r.row == len(r.times) {
		if r.period == 0 || r.period > forever/2 || r.base > forever-2*r.period {
			return sim.Never, -1, false
		}
		r.base += r.period
		r.row = 0
	}
	at := scaled(r.base+r.times[r.row], r.factor)
	if at >= forever {
		return sim.Never, -1, false
	}
	r.row++
	return r.start + at, r.row - 1, true
}
