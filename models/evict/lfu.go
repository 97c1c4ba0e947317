package evict

import "github.com/capsim/capsim/sim"

// lfu throws out what has been used least often since it was entered, and of
// those what has not been used for longest. One ring holds all entries, the
// most used first and among equals the last used first, and a group those of
// one count, so that a use moves an entry no further than past a group (Shah,
// Mitra and Matani, "An O(1) algorithm for implementing the LFU cache
// eviction scheme", 2010). Counts do not age.
type lfu struct {
	s      *store
	of     []uint32 // the group of an entry
	groups []group
	free   uint32 // the first group that waits to be used again, linked by newest
}

// group is the entries of a count, next to each other in the ring.
type group struct {
	count  uint64
	newest uint32
}

// newLFU makes group 0 for where the ring begins, whose count nobody has.
func newLFU(s *store) *lfu { return &lfu{s: s, of: make([]uint32, 1), groups: make([]group, 1)} }

func (p *lfu) enter(i uint32, _ sim.Time) {
	p.of = reach(p.of, i)
	p.insert(i, 1, p.s.oldest(none))
}

func (p *lfu) use(i uint32, _ sim.Time) {
	g := p.groups[p.of[i]]
	next := p.s.entries[g.newest].prev // the last of those that were used more often
	p.leave(i)
	p.insert(i, g.count+1, next)
}

// insert makes an entry the newest of a count. Before is the last of those
// that were used more often, or as often, as is known to the caller.
func (p *lfu) insert(i uint32, count uint64, before uint32) {
	g := p.of[before]
	if before != none && p.groups[g].count == count {
		before = p.s.entries[p.groups[g].newest].prev
	} else {
		g = p.open(count)
	}
	p.s.link(before, i)
	p.groups[g].newest = i
	p.of[i] = g
}

func (p *lfu) leave(i uint32) {
	g := p.of[i]
	if p.groups[g].newest == i {
		if older := p.s.entries[i].next; older != none && p.of[older] == g {
			p.groups[g].newest = older
		} else {
			p.groups[g].newest, p.free = p.free, g
		}
	}
	p.s.unlink(i)
}

func (p *lfu) victim(uint64, sim.Time) uint32 { return p.s.oldest(none) }

func (p *lfu) clear() {
	p.groups = p.groups[:1]
	p.free = none
}

// open makes a group.
func (p *lfu) open(count uint64) uint32 {
	g := p.free
	if g == none {
		g = uint32(len(p.groups))
		p.groups = append(p.groups, group{})
	} else {
		p.free = p.groups[g].newest
	}
	p.groups[g].count = count
	return g
}
