package arrival

import (
	"math"

	"github.com/capsim/capsim/sim"
)

// Population yields the moments at which a closed client's users come or go.
type Population struct {
	ramps []Ramp
	from  sim.Time // the present ramp began
	level float64  // where it began
	count int
}

// Start returns the changes from the initial number on.
func (u *Users) Start() *Population {
	return &Population{ramps: u.Ramps, level: float64(u.Initial), count: u.Initial}
}

// Next returns the next change: when, and how many users come (or, negative,
// go). Along a ramp the number of users is the nearest whole number to the
// line, so it changes by one each time the line passes a half.
func (p *Population) Next() (at sim.Time, delta int, ok bool) {
	for len(p.ramps) > 0 {
		r := p.ramps[0]
		end := int(math.Floor(r.Target + 0.5))
		if r.Duration > 0 && p.count != end {
			delta, half := 1, float64(p.count)+0.5
			if end < p.count {
				delta, half = -1, float64(p.count)-0.5
			}
			part := min(1, max(0, (half-p.level)/(r.Target-p.level)))
			p.count += delta
			return p.from + sim.FromNanoseconds(part*float64(r.Duration)), delta, true
		}
		p.from += r.Duration
		p.level = r.Target
		p.ramps = p.ramps[1:]
		if delta := end - p.count; delta != 0 {
			p.count = end
			return p.from, delta, true
		}
	}
	return 0, 0, false
}
