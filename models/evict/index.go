package evict

import (
	"math/bits"

	"github.com/capsim/capsim/sim"
)

// index finds the number of an entry by its key: a table of open addressing
// with linear probing (Knuth, The Art of Computer Programming 3, 6.4,
// algorithms L and R). A slot is a word of 32 bits: below, the number of the
// entry; above, in the bits that no number needs, some of the hash of its
// key, so that few entries are looked at in vain.
type index struct {
	slots []uint32 // 0: empty
	taken int
	low   uint8 // bits of a number
}

// Three slots of four are taken at most: then 2.5 are looked at for a key
// that is there, and 8.5 for one that is not.
const (
	minSlots    = 16
	loadNumer   = 3
	loadDenom   = 4
	growByNumer = 5
	growByDenom = 4
)

// home is where a hash belongs: multiplying instead of dividing allows any
// number of slots (Lemire 2019).
func (x *index) home(hash uint64) int {
	hi, _ := bits.Mul64(hash, uint64(len(x.slots)))
	return int(hi)
}

// word is what a slot holds for an entry.
func (x *index) word(hash uint64, i uint32) uint32 { return uint32(hash)<<x.low | i }

// step is the next slot.
func (x *index) step(at int) int {
	if at++; at == len(x.slots) {
		return 0
	}
	return at
}

func (x *index) find(entries []entry, key uint64) uint32 {
	if x.taken == 0 {
		return none
	}
	hash := sim.HashWord(key)
	tag, mask := uint32(hash)<<x.low, uint32(1)<<x.low-1
	for at := x.home(hash); ; at = x.step(at) {
		word := x.slots[at]
		if word == 0 {
			return none
		}
		if word&^mask == tag && entries[word&mask].key == key {
			return word & mask
		}
	}
}

// insert enters a key that is not there.
func (x *index) insert(entries []entry, key uint64, i uint32) {
	if loadDenom*(x.taken+1) > loadNumer*len(x.slots) || uint64(i)>>x.low != 0 {
		x.grow(entries, i)
	}
	hash := sim.HashWord(key)
	x.place(hash, i)
	x.taken++
}

func (x *index) place(hash uint64, i uint32) {
	at := x.home(hash)
	for x.slots[at] != 0 {
		at = x.step(at)
	}
	x.slots[at] = x.word(hash, i)
}

// grow makes a larger table, for numbers of entries up to one at least.
func (x *index) grow(entries []entry, i uint32) {
	old, mask := x.slots, uint32(1)<<x.low-1
	x.slots = make([]uint32, max(minSlots, len(old)*growByNumer/growByDenom))
	x.low = uint8(max(bits.Len(uint(len(x.slots))), bits.Len32(i)))
	for _, word := range old {
		if word != 0 {
			x.place(sim.HashWord(entries[word&mask].key), word&mask)
		}
	}
}

// remove takes out the number of a key, and moves the ones behind it up, so
// that none is cut off from its home.
func (x *index) remove(entries []entry, key uint64, i uint32) {
	hash := sim.HashWord(key)
	hole, word := x.home(hash), x.word(hash, i)
	for x.slots[hole] != word {
		hole = x.step(hole)
	}
	mask := uint32(1)<<x.low - 1
	for at := x.step(hole); x.slots[at] != 0; at = x.step(at) {
		home := x.home(sim.HashWord(entries[x.slots[at]&mask].key))
		if !between(hole, home, at) {
			x.slots[hole], hole = x.slots[at], at
		}
	}
	x.slots[hole] = 0
	x.taken--
}

// between reports whether who goes around from a hole to a place passes the
// home: then what lies at the place must not move to the hole.
func between(hole, home, at int) bool {
	if hole < at {
		return hole < home && home <= at
	}
	return hole < home || home <= at
}
