package estimate

import "math"

// crew is an instance whose workers are held for a whole operation: behind the
// line for a worker is a small network with at most as many requests as there
// are workers, and it works as fast as that network lets so many through (a
// flow-equivalent server: Chandy, Herzog and Woo 1975; Courtois 1977). It is
// exact where the cores are all that a request needs.
type crew struct {
	workers  int
	backlog  int // places in the line; -1: no limit
	rate     float64
	users    int     // most requests that there may ever be, of closed clients; 0: no limit
	thinking float64 // rate of each user who is elsewhere, with users
	stations []station
}

// crowd is what becomes of it.
type crowd struct {
	inside   float64 // mean number that has a worker
	waiting  float64 // mean number in line
	lost     float64 // share of arrivals that finds no place in line
	capacity float64 // requests per second with all workers held
	waits    float64 // probability that an arrival finds all workers held
}

// mostLine bounds how far a line is followed.
const mostLine = 200_000

// negligible is a probability, or a mean number, that is no more than rounding.
const negligible = 1e-9

// crowd solves the birth and death of requests at the instance.
func (c crew) crowd() crowd {
	through := throughputs(c.stations, c.workers)
	if through == nil {
		return crowd{capacity: math.Inf(1)}
	}
	out := crowd{capacity: through[c.workers]}
	limit := c.backlog
	if limit < 0 {
		limit = mostLine
	}
	last := c.workers + min(limit, mostLine)
	if c.users > 0 {
		last = min(last, c.users)
	}
	if c.users == 0 && c.backlog < 0 {
		if c.rate >= out.capacity {
			return crowd{inside: float64(c.workers), waiting: math.Inf(1), capacity: out.capacity, waits: 1}
		}
		last = c.workers
	}
	p, sum := 1.0, 1.0
	for n := 1; n <= last; n++ {
		p = float64(p * c.comes(n-1) / through[min(n, c.workers)])
		sum += p
		out.inside += float64(p * float64(min(n, c.workers)))
		if n >= c.workers {
			out.waiting += float64(p * float64(n-c.workers))
			out.waits += p
		}
		if sum > 1e200 {
			p, sum, out.inside, out.waiting, out.waits = p/1e200, sum/1e200, out.inside/1e200, out.waiting/1e200, out.waits/1e200
		}
		if p < 1e-18*sum && n > c.workers {
			break
		}
	}
	full := p
	if c.users == 0 && c.backlog < 0 {
		// Beyond, each further one is as likely as the last times x.
		x := c.rate / out.capacity
		rest := float64(p*x) / (1 - x)
		sum += rest
		out.inside += float64(rest * float64(c.workers))
		out.waiting += rest / (1 - x)
		out.waits += rest
		full = 0
	}
	if c.users > 0 {
		full = 0
		if last < c.users {
			full = p
		}
	}
	out.inside, out.waiting, out.waits = out.inside/sum, out.waiting/sum, out.waits/sum
	if out.lost = full / sum; out.lost < negligible {
		out.lost = 0
	}
	if out.waiting < negligible {
		out.waiting, out.waits = 0, 0
	}
	return out
}

// comes is the rate of arrivals with n there.
func (c crew) comes(n int) float64 {
	if c.users == 0 {
		return c.rate
	}
	return c.rate + float64(c.thinking*float64(max(0, c.users-n)))
}
