package evict

import "github.com/capsim/capsim/sim"

// LRU throws out what has not been used for longest.
type LRU struct {
	capacity, used uint64
	index          map[uint64]uint32
	entries        []entry // a ring through entry 0: next is the newest, prev the oldest
	free           uint32
}

type entry struct {
	key, size  uint64
	expires    sim.Time
	prev, next uint32
}

// NewLRU makes an empty cache.
func NewLRU(capacity uint64) *LRU {
	return &LRU{capacity: capacity, index: map[uint64]uint32{}, entries: make([]entry, 1)}
}

// Get looks a key up.
func (c *LRU) Get(key uint64, now sim.Time) Found {
	i, ok := c.index[key]
	switch {
	case !ok:
		return Miss
	case c.entries[i].expires <= now:
		c.drop(i)
		return Expired
	}
	c.unlink(i)
	c.front(i)
	return Hit
}

// Put enters or renews a key.
func (c *LRU) Put(key, size uint64, _, expires sim.Time) (evicted int) {
	c.Remove(key)
	if size > c.capacity {
		return 0
	}
	for c.used+size > c.capacity {
		c.drop(c.entries[0].prev)
		evicted++
	}
	i := c.free
	if i == 0 {
		i = uint32(len(c.entries))
		c.entries = append(c.entries, entry{})
	} else {
		c.free = c.entries[i].next
	}
	c.entries[i] = entry{key: key, size: size, expires: expires}
	c.index[key] = i
	c.used += size
	c.front(i)
	return evicted
}

// Remove takes a key out.
func (c *LRU) Remove(key uint64) bool {
	i, ok := c.index[key]
	if ok {
		c.drop(i)
	}
	return ok
}

// Len is the number of entries.
func (c *LRU) Len() int { return len(c.index) }

// Used is the sum of their sizes.
func (c *LRU) Used() uint64 { return c.used }

// Clear empties the cache.
func (c *LRU) Clear() { *c = *NewLRU(c.capacity) }

func (c *LRU) front(i uint32) {
	first := c.entries[0].next
	c.entries[i].prev, c.entries[i].next = 0, first
	c.entries[first].prev, c.entries[0].next = i, i
}

func (c *LRU) unlink(i uint32) {
	e := &c.entries[i]
	c.entries[e.prev].next, c.entries[e.next].prev = e.next, e.prev
}

func (c *LRU) drop(i uint32) {
	c.unlink(i)
	e := &c.entries[i]
	delete(c.index, e.key)
	c.used -= e.size
	e.next, c.free = c.free, i
}
