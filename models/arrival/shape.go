package arrival

import (
	"math"

	"github.com/capsim/capsim/sim"
)

// segment is a stretch of time on which the rate is a straight line.
type segment struct {
	from   sim.Time
	length float64 // seconds; +Inf for the last
	rate   float64 // per second, at from
	slope  float64 // per second squared
	before float64 // requests due before from
}

// shape is a rate over time: straight lines, one after the other, the last
// of them level and without end.
type shape []segment

// newShape returns the rate that starts from a rate at time 0 and follows
// the ramps.
func newShape(rate float64, ramps []Ramp) shape {
	var s shape
	at, before := sim.Time(0), 0.0
	for _, r := range ramps {
		if seconds := r.Duration.Seconds(); seconds > 0 {
			g := segment{from: at, length: seconds, rate: rate, slope: (r.Target - rate) / seconds, before: before}
			s = append(s, g)
			before += g.area(seconds)
			at += r.Duration
		}
		rate = r.Target
	}
	return append(s, segment{from: at, length: math.Inf(1), rate: rate, before: before})
}

// area is how many requests are due in the first t seconds of the segment.
func (g *segment) area(t float64) float64 {
	return float64(t * (g.rate + float64(g.slope*t/2)))
}

// reach returns after how many seconds of the segment so many requests have
// been due: the root of slope/2·t² + rate·t = n, in the form that does not
// cancel when the slope is small.
func (g *segment) reach(n float64) float64 {
	root := math.Sqrt(max(0, float64(g.rate*g.rate)+float64(2*g.slope*n)))
	return 2 * n / (g.rate + root)
}

// started returns the shape for a run that begins at start: until time 0 the
// rate of time 0 holds.
func (s shape) started(start sim.Time) shape {
	lead := segment{from: start, length: (-start).Seconds(), rate: s[0].rate}
	early := lead.area(lead.length)
	out := shape{lead}
	for _, g := range s {
		g.before += early
		out = append(out, g)
	}
	return out
}

// mean returns the mean rate from time 0 to end.
func (s shape) mean(end sim.Time) float64 {
	if end <= 0 {
		return s[0].rate
	}
	sum := 0.0
	for i := range s {
		if t := min(s[i].length, (end - s[i].from).Seconds()); t > 0 {
			sum += s[i].area(t)
		}
	}
	return sum / end.Seconds()
}

// level reports whether the rate never changes.
func (s shape) level() bool { return len(s) == 1 }

// cursor walks along a shape as the number of requests that are due grows.
type cursor struct {
	shape shape
	i     int
}

// at returns when the n-th request is due (n may be fractional), or false if
// the rate stays at 0 before that many are.
func (c *cursor) at(n float64) (sim.Time, bool) {
	for c.i+1 < len(c.shape) && c.shape[c.i+1].before <= n {
		c.i++
	}
	g := &c.shape[c.i]
	if n -= g.before; n <= 0 {
		return g.from, g.rate > 0 || g.slope > 0
	}
	if c.i+1 == len(c.shape) && !(g.rate > 0) {
		return 0, false
	}
	return g.from + sim.FromNanoseconds(min(g.reach(n), g.length)*1e9), true
}
