package node

import (
	"math/big"

	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/stats"
)

// bucket is the rate limit of one instance. It counts exactly, in parts of a
// token so small that a whole number of them flows in each nanosecond.
type bucket struct {
	missing stats.Sum128 // from the full bucket
	since   sim.Time     // when that was so
}

// take takes a token and reports whether there was one. Arrivals are rounded
// to the nanosecond, so one that is due within the next counts as there:
// requests at exactly the rate of the limit all pass.
func (b *bucket) take(r *RateLimit, now sim.Time) bool {
	if !b.missing.IsZero() {
		var flown stats.Sum128
		flown.AddProduct(r.Tokens, uint64(now-b.since))
		if flown.Cmp(b.missing) >= 0 {
			b.missing = stats.Sum128{}
		} else {
			b.missing.Sub(flown)
		}
	}
	b.since = now
	var most stats.Sum128
	most.AddProduct(r.Per, r.Burst-1)
	most.Add(r.Tokens)
	if b.missing.Cmp(most) > 0 {
		return false
	}
	b.missing.Add(r.Per)
	return true
}

// NewRateLimit makes a rate limit of so many requests a second.
func NewRateLimit(perSecond *big.Rat, burst uint64) *RateLimit {
	x := new(big.Rat).Quo(perSecond, new(big.Rat).SetInt64(int64(sim.Second)))
	tokens, per := new(big.Int).Set(x.Num()), new(big.Int).Set(x.Denom())
	for !tokens.IsUint64() || !per.IsUint64() { // more digits than anybody means
		tokens.Rsh(tokens, 1)
		per.Rsh(per, 1)
	}
	r, _ := perSecond.Float64()
	return &RateLimit{Tokens: max(1, tokens.Uint64()), Per: max(1, per.Uint64()), Burst: burst, PerSecond: r}
}

// turnsAway reports whether a server refuses an arrival although there is
// room: because of its rate limit, or because those who wait for a worker
// have waited too long already.
func (n *Network) turnsAway(nd *nodeState, inst uint32) bool {
	if nd.rate != nil && !nd.buckets[inst-nd.first].take(nd.rate, n.eng.Now()) {
		return true
	}
	st := &n.insts[inst].workers
	return nd.shed > 0 && st.queued > 0 && n.eng.Now()-n.frames[n.nextOf(st)].since > nd.shed
}

// nextOf returns the frame that a queue, which is not empty, gives to service
// next.
func (n *Network) nextOf(s *station) uint32 {
	if s.levels == nil {
		return s.head
	}
	head, _ := s.levels.first()
	return *head
}
