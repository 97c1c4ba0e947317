// Package evict decides what stays in a cache of limited size: for each of
// the usual policies, which entry goes when another needs its room. A cache
// holds keys, how large each is, and when it expires; what is behind them is
// of no interest here.
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
	// Get looks a key up, which counts as a use of it. An entry that has
	// expired by now is removed.
	Get(key uint64, now sim.Time) Found
	// Put enters a key of a size until expires ([sim.Never]: for ever), or
	// renews it, and returns how many others had to go. One that is larger
	// than the whole cache is not entered.
	Put(key, size uint64, now, expires sim.Time) (evicted int)
	// Remove takes a key out, and reports whether it was there.
	Remove(key uint64) bool
	// Len is the number of entries, those that have expired unnoticed too.
	Len() int
	// Used is the sum of their sizes.
	Used() uint64
	// Clear empties the cache, and forgets all that it learned.
	Clear()
}

// Policy is a row of the Table.
type Policy struct {
	Name string // in the language
	Doc  string
	// New makes an empty cache that holds sizes up to a sum. Entries of size
	// 1 make that a number of objects. Draws come from the stream.
	New func(capacity uint64, stream sim.Stream) Cache
}

// Table lists the policies in the order of the manual. Nobody writes to it.
var Table = []Policy{
	{"lru", "what has not been used for longest goes",
		func(capacity uint64, _ sim.Stream) Cache { return NewLRU(capacity) }},
}

// Lookup returns the policy of a name.
func Lookup(name string) (Policy, bool) {
	for _, p := range Table {
		if p.Name == name {
			return p, true
		}
	}
	return Policy{}, false
}
