package evict

import "github.com/capsim/capsim/sim"

// sieve throws out the first entry that has not been used since a hand passed
// it last. The hand goes from the oldest entry to the newest and around
// again, and entries stay where they are: new ones are the newest, those that
// are spared are not moved (Zhang et al., NSDI 2024, algorithm 1).
type sieve struct {
	s    *store
	used []bool // since the hand passed, by entry
	hand uint32 // the next to look at; none: the oldest
}

func newSieve(s *store) *sieve { return &sieve{s: s} }

func (p *sieve) enter(i uint32, _ sim.Time) {
	p.s.link(none, i)
	p.used = reach(p.used, i)
	p.used[i] = false
}

func (p *sieve) use(i uint32, _ sim.Time) { p.used[i] = true }

func (p *sieve) leave(i uint32) {
	if p.hand == i {
		p.hand = p.s.entries[i].prev
	}
	p.s.unlink(i)
}

func (p *sieve) victim(uint64, sim.Time) uint32 {
	for {
		if p.hand == none {
			p.hand = p.s.oldest(none)
		}
		if !p.used[p.hand] {
			return p.hand // leave moves the hand on
		}
		p.used[p.hand] = false
		p.hand = p.s.entries[p.hand].prev
	}
}

func (p *sieve) clear() { p.hand = none }

// reach makes a table that is indexed by the numbers of entries long enough
// for one of them.
func reach[T any](table []T, i uint32) []T {
	for uint32(len(table)) <= i {
		var zero T
		table = append(table, zero)
	}
	return table
}
