package evict

import "github.com/capsim/capsim/sim"

// fifo throws out what came first, however often it has been used: one ring
// in the order of entry.
type fifo struct{ s *store }

func newFIFO(s *store) *fifo { return &fifo{s} }

func (p *fifo) enter(i uint32, _ sim.Time) { p.s.link(none, i) }

func (p *fifo) use(uint32, sim.Time) {}

func (p *fifo) leave(i uint32) { p.s.unlink(i) }

func (p *fifo) victim(uint64, sim.Time) uint32 { return p.s.oldest(none) }

func (p *fifo) clear() {}
