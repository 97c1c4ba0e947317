package evict

import "github.com/capsim/capsim/sim"

const (
	s3fifoSmall    = 10 // per cent of the capacity
	s3fifoPromotes = 2  // uses in the small queue lead to the main one
	s3fifoUses     = 3  // are counted at most
)

// s3fifo has three first-in first-out queues: a small one that what is new
// passes through, a main one for what was used there, and one of ghosts, the
// keys that left the small one otherwise, which enter the main one if they
// come back. In the main queue an entry that was used goes around once for
// each use (Yang et al., SOSP 2023, algorithm 1). The small queue gives
// something up as soon as it has a tenth of the capacity; the ghosts would
// fill what remains.
type s3fifo struct {
	s      *store
	main   uint32 // a ring; the small queue is that of number 0
	uses   []uint8
	isMain []bool
	small  uint64 // the sizes in the small queue
	ghosts *store
}

func newS3FIFO(s *store) *s3fifo {
	return &s3fifo{s: s, main: s.ring(), ghosts: newStore(s.capacity - share(s.capacity, s3fifoSmall))}
}

func (p *s3fifo) enter(i uint32, _ sim.Time) {
	p.uses, p.isMain = reach(p.uses, i), reach(p.isMain, i)
	p.uses[i] = 0
	if ghost := p.ghosts.find(p.s.entries[i].key); ghost != none {
		p.forget(ghost)
		p.toMain(i)
		return
	}
	p.isMain[i] = false
	p.small += p.s.entries[i].size
	p.s.link(none, i)
}

func (p *s3fifo) use(i uint32, _ sim.Time) {
	if p.uses[i] < s3fifoUses {
		p.uses[i]++
	}
}

func (p *s3fifo) leave(i uint32) {
	if !p.isMain[i] {
		p.small -= p.s.entries[i].size
	}
	p.s.unlink(i)
}

func (p *s3fifo) victim(uint64, sim.Time) uint32 {
	if p.small > 0 && p.small >= share(p.s.capacity, s3fifoSmall) || p.s.oldest(p.main) == p.main {
		// Until one goes, as the authors' own program has it (libCacheSim,
		// S3FIFO.c), which lets the main queue give back later what it gets.
		for i := p.s.oldest(none); i != none; i = p.s.oldest(none) {
			if p.uses[i] < s3fifoPromotes {
				p.haunt(i)
				return i
			}
			p.leave(i)
			p.uses[i] = 0
			p.toMain(i)
		}
	}
	for {
		i := p.s.oldest(p.main)
		if p.uses[i] == 0 {
			return i
		}
		p.uses[i]--
		p.s.unlink(i)
		p.s.link(p.main, i)
	}
}

func (p *s3fifo) clear() {
	p.small = 0
	p.ghosts.empty()
}

func (p *s3fifo) toMain(i uint32) {
	p.isMain[i] = true
	p.s.link(p.main, i)
}

// haunt makes a ghost of what leaves the small queue; the oldest ghosts go
// for good.
func (p *s3fifo) haunt(i uint32) {
	e := p.s.entries[i]
	if e.size > p.ghosts.capacity {
		return
	}
	for p.ghosts.used > p.ghosts.capacity-e.size {
		p.forget(p.ghosts.oldest(none))
	}
	p.ghosts.link(none, p.ghosts.add(e.key, e.size, 0))
}

func (p *s3fifo) forget(ghost uint32) {
	p.ghosts.unlink(ghost)
	p.ghosts.remove(ghost)
}

// share is so many per cent of a capacity, rounded down.
func share(capacity, percent uint64) uint64 {
	return capacity/100*percent + capacity%100*percent/100
}
