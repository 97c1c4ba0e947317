package evict

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/capsim/capsim/sim"
)

// Policy is a row of the Table.
type Policy struct {
	Name   string // in the language
	Doc    string // what goes
	Source string // who says so; empty for what everybody knows
	// Samples is what the number after the name means; empty if there is
	// none. It is a whole number from 1 to MaxSamples.
	Samples string

	make func(s *store, samples int, stream sim.Stream) policy
}

// MaxSamples is the largest number that may follow the name of a policy.
const MaxSamples = 64

// Table lists the policies in the order of the manual. Nobody writes to it.
var Table = []Policy{
	{
		Name: "lru", Doc: "what has not been used for longest goes",
		make: func(s *store, _ int, _ sim.Stream) policy { return newLRU(s) },
	},
	{
		Name: "fifo", Doc: "what came first goes, however often it has been used",
		make: func(s *store, _ int, _ sim.Stream) policy { return newFIFO(s) },
	},
	{
		Name: "lfu", Doc: "what has been used least often since it came goes, of those what has not been used for longest; counts do not age",
		Source: "the lists of K. Shah, A. Mitra, D. Matani, \"An O(1) algorithm for implementing the LFU cache eviction scheme\", 2010",
		make:   func(s *store, _ int, _ sim.Stream) policy { return newLFU(s) },
	},
	{
		Name: "random", Doc: "any goes, each as likely",
		make: func(s *store, _ int, stream sim.Stream) policy { return newRandom(s, stream) },
	},
	{
		Name: "sieve", Doc: "a hand goes around in the order of entry and takes the first that has not been used since it passed last",
		Source: "Y. Zhang et al., NSDI 2024",
		make:   func(s *store, _ int, _ sim.Stream) policy { return newSieve(s) },
	},
	{
		Name: "s3fifo", Doc: "first in, first out, through a small queue (10 %); what is used twice there, or comes back soon after, goes on to the main queue, where each use gives one more round",
		Source: "J. Yang et al., SOSP 2023",
		make:   func(s *store, _ int, _ sim.Stream) policy { return newS3FIFO(s) },
	},
	{
		Name: "w-tinylfu", Doc: "what is new passes through a window (1 %), and stays only if it has been used more often of late than what would have to go, by a sketch that ages; the rest is a segmented LRU (80 % protected)",
		Source: "G. Einziger, R. Friedman, B. Manes, ACM Transactions on Storage 13(4), 2017, as in Caffeine, without its adaptation of the window",
		make:   func(s *store, _ int, stream sim.Stream) policy { return newTinyLFU(s, tinyWindow, stream) },
	},
	{
		Name: "sampled-lru", Doc: "what has been idle for longest, of a few that are drawn each time and a pool of 16 candidates of before, by a clock that ticks once a second",
		Source:  "Redis 7, maxmemory-policy allkeys-lru with maxmemory-samples (evict.c)",
		Samples: "the number of samples",
		make:    func(s *store, samples int, stream sim.Stream) policy { return newSampledLRU(s, samples, stream) },
	},
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

// Choice is a policy with its parameter.
type Choice struct {
	Policy
	N int // samples; 0 for a policy without
}

// Parse reads a choice: the name of a policy and, for those that take one, a
// number. The error says what is wrong with the number; known is false if no
// policy has that name.
func Parse(text string) (choice Choice, known bool, err error) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return Choice{}, false, nil
	}
	p, ok := Lookup(words[0])
	switch {
	case !ok:
		return Choice{}, false, nil
	case p.Samples == "" && len(words) > 1:
		return Choice{}, true, fmt.Errorf("%s takes no number, got %q", p.Name, strings.Join(words[1:], " "))
	case p.Samples == "":
		return Choice{Policy: p}, true, nil
	case len(words) != 2:
		return Choice{}, true, fmt.Errorf("%s takes one number, %s, as in \"%s 5\"", p.Name, p.Samples, p.Name)
	}
	n, err := strconv.Atoi(words[1])
	if err != nil || n < 1 || n > MaxSamples {
		return Choice{}, true, fmt.Errorf("%s must be a whole number from 1 to %d, got %q", p.Samples, MaxSamples, words[1])
	}
	return Choice{Policy: p, N: n}, true, nil
}

// String is the choice in the words of the language.
func (c Choice) String() string {
	if c.Samples == "" {
		return c.Name
	}
	return c.Name + " " + strconv.Itoa(c.N)
}

// New makes an empty cache that holds sizes up to a sum. Entries of size 1
// make that a number of objects. Draws come from the stream.
func (c Choice) New(capacity uint64, stream sim.Stream) Cache {
	s := newStore(capacity)
	return &cache{s, c.make(s, c.N, stream)}
}
