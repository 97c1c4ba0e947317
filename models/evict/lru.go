package evict

import "github.com/capsim/capsim/sim"

// lru throws out what has not been used for longest: one ring in the order of
// use.
type lru struct{ s *store }

func newLRU(s *store) *lru { return &lru{s} }

func (p *lru) enter(i uint32, _ sim.Time) { p.s.link(none, i) }

func (p *lru) use(i uint32, _ sim.Time) {
	p.s.unlink(i)
	p.s.link(none, i)
}

func (p *lru) leave(i uint32) { p.s.unlink(i) }

func (p *lru) victim(uint64, sim.Time) uint32 { return p.s.oldest(none) }

func (p *lru) clear() {}
