package evict

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/sim"
)

func TestEveryRowIsDescribed(t *testing.T) {
	for _, p := range Table {
		assert.NotEmpty(t, p.Doc, p.Name)
		found, ok := Lookup(p.Name)
		assert.True(t, ok)
		assert.Equal(t, p.Doc, found.Doc)
	}
	_, ok := Lookup("mru")
	assert.False(t, ok)
}

func TestParseReadsTheWordsOfTheLanguage(t *testing.T) {
	for _, choice := range everyChoice(t) {
		again := choose(t, choice.String())
		assert.Equal(t, choice.N, again.N)
		assert.Equal(t, choice.Name, again.Name)
	}
	assert.Equal(t, 10, choose(t, "  sampled-lru   10 ").N)
	for _, row := range []struct{ text, problem string }{
		{"lru 5", `lru takes no number, got "5"`},
		{"sampled-lru", `sampled-lru takes one number, the number of samples, as in "sampled-lru 5"`},
		{"sampled-lru 5 6", `sampled-lru takes one number, the number of samples, as in "sampled-lru 5"`},
		{"sampled-lru five", `the number of samples must be a whole number from 1 to 64, got "five"`},
		{"sampled-lru 0", `the number of samples must be a whole number from 1 to 64, got "0"`},
		{"sampled-lru 65", `the number of samples must be a whole number from 1 to 64, got "65"`},
	} {
		_, known, err := Parse(row.text)
		assert.True(t, known, row.text)
		assert.EqualError(t, err, row.problem)
	}
	for _, text := range []string{"", "mru", "LRU"} {
		_, known, err := Parse(text)
		assert.False(t, known, text)
		assert.NoError(t, err)
	}
}

// What every policy must do, whatever it throws out.
func TestEveryPolicyIsACache(t *testing.T) {
	for _, choice := range everyChoice(t) {
		t.Run(choice.String(), func(t *testing.T) {
			c := choice.New(10, sim.Keyed(1))
			assert.Equal(t, Miss, c.Get(1, 0))
			assert.False(t, c.Remove(1))

			assert.Zero(t, c.Put(1, 4, 0, 100))
			assert.Equal(t, Hit, c.Get(1, 99))
			assert.Zero(t, c.Put(1, 4, 99, 200), "renewed")
			assert.Equal(t, Hit, c.Get(1, 199))
			assert.Equal(t, 1, c.Len())
			assert.Equal(t, Expired, c.Get(1, 200))
			assert.Equal(t, Miss, c.Get(1, 200))
			assert.Zero(t, c.Len()+int(c.Used()))

			assert.Zero(t, c.Put(2, 3, 0, 100))
			assert.Zero(t, c.Put(2, 5, 0, sim.Never), "another size")
			assert.Equal(t, uint64(5), c.Used())
			assert.Zero(t, c.Put(3, 5, 0, 100))
			assert.Equal(t, 2, c.Put(4, 10, 200, sim.Never), "what has expired takes room until it goes")
			assert.Equal(t, Hit, c.Get(4, 200))
			assert.Zero(t, c.Put(4, 11, 200, sim.Never), "too large, and the old one is not valid any more")
			assert.Zero(t, c.Len()+int(c.Used()))
			assert.Equal(t, Miss, c.Get(4, 200))

			assert.Zero(t, c.Put(5, 10, 0, sim.Never))
			assert.True(t, c.Remove(5))
			assert.Zero(t, c.Len()+int(c.Used()))
		})
	}
}

// A cache that was cleared is as good as new, but for where its draws are.
func TestClearForgetsEverything(t *testing.T) {
	for _, choice := range everyChoice(t) {
		used, fresh := choice.New(50, sim.Keyed(1)), choice.New(50, sim.Keyed(1))
		hits(used, newZipf(200, 0.8, 1).draw(5000))
		used.Clear()
		assert.Zero(t, used.Len()+int(used.Used()), choice)
		assert.Equal(t, Miss, used.Get(0, 0), choice)
		if tiny, ok := used.(*cache).policy.(*tinyLFU); ok {
			assert.Zero(t, tiny.counts.count(0), "uses of the most popular key")
		}
		keys := newZipf(200, 0.8, 2).draw(5000)
		if got, want := hits(used, keys), hits(fresh, keys); choice.Name == "random" || choice.Name == "sampled-lru" || choice.Name == "w-tinylfu" {
			assert.InDelta(t, want, got, 150, choice)
		} else {
			assert.Equal(t, want, got, choice)
		}
	}
}

func TestWhatWasJustEnteredIsThere(t *testing.T) {
	for _, choice := range everyChoice(t) {
		c, z := choice.New(100, sim.Keyed(1)), newZipf(1000, 0.7, 3)
		for i := range 20_000 {
			key := z.next()
			size := 1 + key%17
			c.Put(key, size, 0, sim.Never)
			require.Equal(t, Hit, c.Get(key, 0), "%s, step %d", choice, i)
			require.LessOrEqual(t, c.Used(), uint64(100))
		}
	}
}

func TestTheSameDrawsHaveTheSameHits(t *testing.T) {
	keys := newZipf(1000, 0.8, 1).draw(20_000)
	for _, choice := range everyChoice(t) {
		first := hits(choice.New(100, sim.Keyed(7)), keys)
		assert.Equal(t, first, hits(choice.New(100, sim.Keyed(7)), keys), choice)
	}
	random := choose(t, "random")
	assert.NotEqual(t, hits(random.New(100, sim.Keyed(7)), keys), hits(random.New(100, sim.Keyed(8)), keys))
}

func TestNothingIsAllocatedOnceTheCacheIsFull(t *testing.T) {
	for _, choice := range everyChoice(t) {
		c, keys := choice.New(1000, sim.Keyed(1)), newZipf(5000, 0.8, 1).draw(200_000)
		hits(c, keys)
		c.Clear() // keeps its room
		hits(c, keys)
		// One run of many: AllocsPerRun rounds an average down.
		assert.Zero(t, testing.AllocsPerRun(1, func() { hits(c, keys) }), choice)
		assert.Zero(t, testing.AllocsPerRun(1, func() {
			for range 100 {
				c.Clear()
				hits(c, keys[:2000])
			}
		}), "%s, emptied again and again", choice)
	}
}

// A capacity without limit costs nothing, and each entry at most 48 bytes, with
// the index and what the policy notes, at any size. (What S3-FIFO throws out
// leaves ghosts, which cost as much.)
func TestMemoryGrowsWithTheEntries(t *testing.T) {
	for _, choice := range everyChoice(t) {
		allowed := 48.0
		if choice.Name == "w-tinylfu" {
			allowed = 64 // the sketch has a word or two for each
		}
		for _, n := range []int{5_000, 50_000, 333_333, 1_000_000} {
			if n > 50_000 && choice.Name != "lru" && (n > 500_000 || testing.Short()) {
				break
			}
			before := heap()
			c := choice.New(math.MaxUint64, sim.Keyed(1))
			for key := range uint64(n) {
				c.Put(key, 1, 0, sim.Never)
			}
			bytes := float64(heap()-before) / float64(n)
			t.Logf("%s, %d entries: %.1f bytes each", choice, n, bytes)
			assert.Less(t, bytes, allowed, "%s, %d entries", choice, n)
			runtime.KeepAlive(c)
		}
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkZipf looks up keys of a million, a tenth of which fit, or all of
// them, and enters those that are missing.
func BenchmarkZipf(b *testing.B) {
	const n = 1_000_000
	keys := newZipf(n, 0.99, 1).draw(4 << 20)
	for _, choice := range everyChoice(b) {
		for _, capacity := range []uint64{n / 10, n} {
			b.Run(fmt.Sprintf("%s/%d", choice, capacity), func(b *testing.B) {
				c := choice.New(capacity, sim.Keyed(1))
				hits(c, keys)
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					at := i & (4<<20 - 1)
					hits(c, keys[at:at+1])
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Mlookups/s")
			})
		}
	}
}

// BenchmarkRealKeys replays a real trace of 600,000 keys.
func BenchmarkRealKeys(b *testing.B) {
	keys := trace(b, "orm-busy")
	for _, choice := range everyChoice(b) {
		b.Run(choice.String(), func(b *testing.B) {
			for b.Loop() {
				hits(choice.New(1000, sim.Keyed(1)), keys)
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/trace")
		})
	}
}
