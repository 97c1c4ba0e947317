package evict

import "github.com/capsim/capsim/sim"

// none is the number of no entry. The entry of that number is where the
// first ring begins and ends.
const none = 0

// entry is one of the cache, or where a ring begins and ends. 32 bytes.
type entry struct {
	key, size  uint64
	expires    sim.Time
	prev, next uint32 // towards the newer, towards the older; for the policy to use otherwise
}

// store holds entries, by number and by key. The policies link them.
type store struct {
	capacity, used uint64
	count          int
	entries        []entry
	free           uint32 // the first of those that wait to be used again, linked by next
	rings          uint32 // so many entries, at the start, are rings
	index
}

func newStore(capacity uint64) *store {
	s := &store{capacity: capacity}
	s.ring()
	return s
}

// ring makes an empty ring. That of number 0 is there from the start; others
// are made before the first entry comes.
func (s *store) ring() uint32 {
	i := uint32(len(s.entries))
	s.entries = append(s.entries, entry{prev: i, next: i})
	s.rings++
	return i
}

// find returns the entry of a key, or none.
func (s *store) find(key uint64) uint32 { return s.index.find(s.entries, key) }

// add makes an entry for a key that has none.
func (s *store) add(key, size uint64, expires sim.Time) uint32 {
	i := s.free
	if i != none {
		s.free = s.entries[i].next
	} else {
		i = uint32(len(s.entries))
		s.grow()
	}
	s.entries[i] = entry{key: key, size: size, expires: expires}
	s.index.insert(s.entries, key, i)
	s.count++
	s.used += size
	return i
}

// grow adds an entry. Go would enlarge a long array by a quarter: more than
// a cache of millions wants to pay for room that it will hardly use.
func (s *store) grow() {
	if n := len(s.entries); n == cap(s.entries) && n >= 1024 {
		larger := make([]entry, n, n+n/16)
		copy(larger, s.entries)
		s.entries = larger
	}
	s.entries = append(s.entries, entry{})
}

// remove forgets an entry, which the policy has unlinked.
func (s *store) remove(i uint32) {
	e := &s.entries[i]
	s.index.remove(s.entries, e.key, i)
	s.count--
	s.used -= e.size
	e.next, s.free = s.free, i
}

// empty forgets all entries, and keeps the room for as many.
func (s *store) empty() {
	s.used, s.count, s.free = 0, 0, none
	s.entries = s.entries[:s.rings]
	for i := range s.rings {
		s.entries[i].prev, s.entries[i].next = i, i
	}
	clear(s.slots)
	s.taken = 0
}

// link puts an entry into a ring: in front as the newest, if it is given the
// ring itself, or between a newer entry and the next older one.
func (s *store) link(newer, i uint32) {
	older := s.entries[newer].next
	s.entries[i].prev, s.entries[i].next = newer, older
	s.entries[newer].next, s.entries[older].prev = i, i
}

// unlink takes an entry out of its ring.
func (s *store) unlink(i uint32) {
	e := &s.entries[i]
	s.entries[e.prev].next, s.entries[e.next].prev = e.next, e.prev
}

// oldest is the end of a ring; the ring itself if that is empty.
func (s *store) oldest(ring uint32) uint32 { return s.entries[ring].prev }
