package node

import (
	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/sim"
)

// bindings remembers which instance each user or address is bound to, until
// ttl after its last request. It is a hash table with open addressing. What
// has expired is thrown out when it would have to grow, so that it holds a
// few times as much as lives at most, and is used again and again.
type bindings struct {
	ttl   sim.Time
	slots []binding // a power of two of them
	spare []binding // as many, empty, for the next sweep; nil: none yet
	used  int       // slots, expired ones included
}

type binding struct {
	owner uint64
	last  sim.Time // when it was last used
	inst  int32    // +1; 0: the slot is free
}

// leastBindings is how many slots there are to begin with.
const leastBindings = 64

func newBindings(ttl sim.Time) *bindings {
	return &bindings{ttl: ttl, slots: make([]binding, leastBindings)}
}

// slot returns where an owner's binding is, or would be.
func (b *bindings) slot(owner uint64) *binding {
	mask := uint64(len(b.slots) - 1)
	for i := sim.Mix(owner, 0) & mask; ; i = (i + 1) & mask {
		if s := &b.slots[i]; s.inst == 0 || s.owner == owner {
			return s
		}
	}
}

// find returns the instance that an owner is bound to, balance.Nobody if
// there is none, and lets the binding live on.
func (b *bindings) find(owner uint64, now sim.Time) int32 {
	s := b.slot(owner)
	if s.inst == 0 || b.expired(s, now) {
		return balance.Nobody
	}
	s.last = now
	return s.inst - 1
}

func (b *bindings) expired(s *binding, now sim.Time) bool { return now-s.last > b.ttl }

// bind binds an owner to an instance.
func (b *bindings) bind(owner uint64, inst int32, now sim.Time) {
	s := b.slot(owner)
	if s.inst == 0 {
		if 2*(b.used+1) > len(b.slots) {
			b.sweep(now)
			s = b.slot(owner)
		}
		b.used++
	}
	*s = binding{owner, now, inst + 1}
}

// sweep throws out what has expired, and makes room for four times what is
// left.
func (b *bindings) sweep(now sim.Time) {
	live := 0
	for i := range b.slots {
		if s := &b.slots[i]; s.inst != 0 && !b.expired(s, now) {
			live++
		}
	}
	size := len(b.slots)
	for size < 4*live {
		size *= 2
	}
	old := b.slots
	if len(b.spare) == size {
		b.slots = b.spare
	} else {
		b.slots = make([]binding, size)
	}
	for i := range old {
		if s := &old[i]; s.inst != 0 && !b.expired(s, now) {
			*b.slot(s.owner) = *s
		}
	}
	clear(old)
	b.spare, b.used = old, live
}
