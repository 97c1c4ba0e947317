package evict

import (
	"math/bits"

	"github.com/capsim/capsim/sim"
)

const (
	sketchRows  = 4
	sketchMost  = 15 // of a counter of four bits
	sketchAges  = 10 // uses for each entry of the cache, until all counters are halved
	sketchWords = 8  // at least
)

// sketch estimates how often keys have been used lately: a count-min sketch
// (Cormode and Muthukrishnan 2005) of four counters of four bits for a key,
// which are halved now and then. A word has sixteen counters, and there are
// at least as many words as entries, as in Caffeine's FrequencySketch.
type sketch struct {
	words  []uint64 // a power of two
	added  int      // since the last halving, and half of those before
	period int
}

// fit makes the sketch large enough for a store. Keys lie by the last bits of
// their hashes: twice the table, one half a copy of the other, estimates what
// it did before.
func (k *sketch) fit(s *store) {
	if len(k.words) < s.count {
		k.words = append(k.words, k.words...)
		if len(k.words) == 0 {
			k.words = make([]uint64, sketchWords)
		}
	}
	size := max(1, s.used/uint64(s.count)) // of an entry, on average
	k.period = int(min(sketchAges*min(s.capacity/size, 1<<40), 1<<40))
}

// clear forgets all uses, and keeps the room.
func (k *sketch) clear() {
	clear(k.words)
	k.added = 0
}

// count is the least of the counters of a key: too many, if others share all
// of them, and never too few, but for ageing.
func (k *sketch) count(key uint64) int {
	hash, least := sim.HashWord(key), uint64(sketchMost)
	for row := range sketchRows {
		word, shift := place(hash, row, len(k.words))
		least = min(least, k.words[word]>>shift&sketchMost)
	}
	return int(least)
}

// add counts a use.
func (k *sketch) add(key uint64) {
	hash, grown := sim.HashWord(key), false
	for row := range sketchRows {
		if word, shift := place(hash, row, len(k.words)); k.words[word]>>shift&sketchMost < sketchMost {
			k.words[word] += 1 << shift
			grown = true
		}
	}
	if !grown {
		return
	}
	if k.added++; k.added >= k.period {
		k.age()
	}
}

// place is where the counter of a key in a row lies, by the hash of the key.
// The rows share the words: a key has one of four places of four counters, the
// same in each.
func place(hash uint64, row, words int) (word uint64, shift uint) {
	word = sim.MixHashed(uint64(row), hash) & uint64(words-1)
	return word, uint(hash>>62)*16 + uint(row)*4
}

// age halves all counters. Those that were odd lose half a use, a quarter of
// one for each key.
func (k *sketch) age() {
	odd := 0
	for i, word := range k.words {
		odd += bits.OnesCount64(word & 0x1111111111111111)
		k.words[i] = word >> 1 & 0x7777777777777777
	}
	k.added = (k.added - odd/sketchRows) / 2
}
