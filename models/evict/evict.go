package evict

import "github.com/capsim/capsim/sim"

// Found is the outcome of a look-up.
type Found uint8

// The outcomes of a look-up.
const (
	Miss    Found = iota // it is not there
	Hit                  // it is
	Expired              // it was there for too long, and is not any more
)

// Cache is a cache of limited size.
type Cache interface {
	// Get looks a key up; a hit counts as a use of it. An entry that has
	// expired by now is removed; until then, or until the policy chooses it,
	// it takes room like any other.
	Get(key uint64, now sim.Time) Found
	// Put enters a key of a size until expires ([sim.Never]: for ever), or
	// renews it, which counts as a use, and returns how many others had to
	// go. What has just been entered is there. One that is larger than the
	// whole cache is not entered, and takes an older entry of its key along.
	Put(key, size uint64, now, expires sim.Time) (evicted int)
	// Expires is when an entry expires, if the key is there. It counts as no
	// use.
	Expires(key uint64) (at sim.Time, there bool)
	// Remove takes a key out, and reports whether it was there.
	Remove(key uint64) bool
	// Len is the number of entries, those that have expired unnoticed too.
	Len() int
	// Used is the sum of their sizes.
	Used() uint64
	// Clear empties the cache, and forgets all that it learned.
	Clear()
}

// policy decides which entry of a store goes. It keeps entries in the rings
// of the store, and what else it knows of them in tables of its own, by
// their numbers.
type policy interface {
	enter(i uint32, now sim.Time)            // a new one
	use(i uint32, now sim.Time)              // found, or renewed
	leave(i uint32)                          // is being taken out, for whatever reason
	victim(size uint64, now sim.Time) uint32 // goes for one of a size to come; there is one
	clear()                                  // the store has been emptied
}

// cache is a store with a policy: all that they have in common.
type cache struct {
	*store
	policy
}

func (c *cache) Get(key uint64, now sim.Time) Found {
	i := c.find(key)
	switch {
	case i == none:
		return Miss
	case c.entries[i].expires <= now:
		c.drop(i)
		return Expired
	}
	c.use(i, now)
	return Hit
}

func (c *cache) Put(key, size uint64, now, expires sim.Time) (evicted int) {
	if i := c.find(key); i != none {
		e := &c.entries[i]
		if e.size == size && e.expires > now {
			e.expires = expires
			c.use(i, now)
			return 0
		}
		c.drop(i) // what has expired or changes its size is entered anew
	}
	if size > c.capacity {
		return 0
	}
	for c.used > c.capacity-size {
		c.drop(c.victim(size, now))
		evicted++
	}
	c.enter(c.add(key, size, expires), now)
	return evicted
}

func (c *cache) Expires(key uint64) (at sim.Time, there bool) {
	i := c.find(key)
	if i == none {
		return 0, false
	}
	return c.entries[i].expires, true
}

func (c *cache) Remove(key uint64) bool {
	i := c.find(key)
	if i == none {
		return false
	}
	c.drop(i)
	return true
}

func (c *cache) Len() int { return c.count }

func (c *cache) Used() uint64 { return c.used }

func (c *cache) Clear() {
	c.empty()
	c.clear()
}

func (c *cache) drop(i uint32) {
	c.leave(i)
	c.remove(i)
}
