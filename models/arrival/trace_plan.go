package arrival

import "github.com/capsim/capsim/sim"

// TracePlan replays a trace, its first row at the start of the run.
type TracePlan struct {
	Trace  *Trace
	Speed  float64 // divides the gaps; more than 0
	Load   float64 // divides them further; unless it is 1 the trace repeats
	Repeat bool    // start over at the end
}

// Start makes the process of one replication.
func (p TracePlan) Start(start sim.Time, _ *sim.Stream) Process {
	return &replay{plan: p, start: start, factor: p.Speed * p.Load, repeat: (p.Repeat || p.Load != 1) && p.period() > 0}
}

// period is how long one pass takes: one mean gap longer than the trace, so
// that the last row of a pass and the first of the next are as far apart as
// others.
func (p TracePlan) period() sim.Time {
	n := len(p.Trace.Times)
	if n < 2 {
		return 0
	}
	last := p.Trace.Times[n-1]
	return last + last/sim.Time(n-1)
}

// MeanRate returns the mean number of requests per second from the first row
// on.
func (p TracePlan) MeanRate(end sim.Time) float64 {
	if end <= 0 {
		return 0
	}
	r, n := p.Start(0, nil), 0
	for {
		if at, _, ok := r.Next(); !ok || at >= end {
			return float64(n) / end.Seconds()
		}
		n++
	}
}

// Stationary is false: what a trace does at its beginning is no transient.
func (p TracePlan) Stationary() bool { return false }

type replay struct {
	plan   TracePlan
	start  sim.Time
	factor float64
	repeat bool
	row    int
	passed sim.Time // time of the passes behind
}

func (r *replay) Next() (sim.Time, int, bool) {
	times := r.plan.Trace.Times
	if r.row == len(times) {
		if !r.repeat {
			return 0, -1, false
		}
		r.row = 0
		r.passed += r.plan.period()
	}
	at := r.start + sim.FromNanoseconds(float64(r.passed+times[r.row])/r.factor)
	r.row++
	return at, r.row - 1, true
}
