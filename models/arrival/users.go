package arrival

import (
	"math"
	"math/bits"

	"github.com/capsim/capsim/sim"
)

// NewUsers makes the users of a closed client from the initial number and the
// stages. Jumps at time 0 become part of Initial, because the number of time
// 0 holds during the warm-up.
func NewUsers(initial int, ramps []Ramp) Users {
	for len(ramps) > 0 && ramps[0].Duration == 0 {
		initial, ramps = roundUsers(ramps[0].Target), ramps[1:]
	}
	return Users{Initial: initial, Ramps: ramps}
}

func roundUsers(n float64) int { return int(math.Floor(min(max(0, n), 1<<53) + 0.5)) }

// Population yields the changes of a number of users in order of time.
type Population struct {
	ramps []Ramp // still to come
	from  sim.Time
	users int // at from
	steps int // users who have come or gone since
}

// Start makes the changes of one replication.
func (u *Users) Start() *Population { return &Population{ramps: u.Ramps, users: u.Initial} }

// Next returns the next change: a jump as a whole, a ramp user by user, each
// when the ramp reaches the next whole number (as in k6: the first of ten who
// come or go within 10 s does so after 1 s). ok is false when there will be
// no more.
func (p *Population) Next() (at sim.Time, delta int, ok bool) {
	for len(p.ramps) > 0 {
		r := p.ramps[0]
		change := roundUsers(r.Target) - p.users
		one := 1
		if change < 0 {
			one = -1
		}
		switch {
		case r.Duration == 0 && change != 0:
			at, delta = p.from, change
			p.next(change)
			return at, delta, true
		case p.steps < change*one:
			p.steps++
			return p.from + part(r.Duration, p.steps, change*one), one, true
		}
		p.next(change)
	}
	return sim.Never, 0, false
}

// next goes on to the next ramp.
func (p *Population) next(change int) {
	p.from += min(p.ramps[0].Duration, forever-p.from)
	p.users += change
	p.steps = 0
	p.ramps = p.ramps[1:]
}

// part returns d·i/n to the nearest nanosecond, i <= n.
func part(d sim.Time, i, n int) sim.Time {
	hi, lo := bits.Mul64(uint64(d), uint64(i))
	lo, carry := bits.Add64(lo, uint64(n)/2, 0)
	quotient, _ := bits.Div64(hi+carry, lo, uint64(n))
	return sim.Time(quotient)
}
