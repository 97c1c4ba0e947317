package arrival

import "github.com/capsim/capsim/sim"

// Constant arrivals come like the ticks of a clock, the first at the start of
// the run: the k-th is due when k are expected. "constant 10/s" brings
// exactly 100 requests in 10 s.
type Constant struct{ rate shape }

// Start makes the process of one replication.
func (c Constant) Start(start sim.Time, _ *sim.Stream) Process {
	if c.rate.level() {
		if c.rate[0].rate <= 0 {
			return nothing{}
		}
		return &constant{start: start, rate: c.rate[0].rate}
	}
	return &shapedConstant{cursor: cursor{shape: c.rate.started(start)}}
}

// MeanRate returns the mean number of requests per second.
func (c Constant) MeanRate(end sim.Time) float64 { return c.rate.mean(end) }

// Stationary reports whether the rate never changes.
func (c Constant) Stationary() bool { return c.rate.level() }

type constant struct {
	start sim.Time
	rate  float64
	k     uint64
}

// Next computes the time from the number of the arrival, not from the one
// before: gaps that are rounded do not add up.
func (c *constant) Next() (sim.Time, int, bool) {
	at := c.start + sim.FromNanoseconds(float64(c.k)*1e9/c.rate)
	c.k++
	return at, -1, true
}

type shapedConstant struct {
	cursor
	k float64
}

func (c *shapedConstant) Next() (sim.Time, int, bool) {
	at, ok := c.at(c.k)
	c.k++
	return at, -1, ok
}
