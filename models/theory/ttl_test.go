package theory

import (
	"container/heap"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTTLCacheByHand(t *testing.T) {
	c := TTLCache{Rates: []float64{3, 1}, Lifetime: 2}
	assert.InDelta(t, 3.0/7+1.0/3, c.MissRate(), 1e-12)
	assert.InDelta(t, 1-(3.0/7+1.0/3)/4, c.HitRatio(), 1e-12)
	assert.InDelta(t, 1-2*(1.5/4+0.5/2)/4, c.Part(2).HitRatio(), 1e-12, "each of two gets half")
	assert.InDelta(t, c.HitRatio(), c.BehindPlaces(1), 1e-12, "one place misses what the cache behind it misses")
	endless := TTLCache{Rates: []float64{5}, Lifetime: 1e9}
	assert.InDelta(t, 1, endless.HitRatio(), 1e-8)
	assert.Zero(t, TTLCache{Rates: []float64{5}}.HitRatio(), "nothing is kept for no time")
}

func TestCoalescedSharesAreAll(t *testing.T) {
	hits, misses, waits := Coalesced(100, 0.5, 0.02)
	assert.InDelta(t, 1, hits+misses+waits, 1e-12)
	assert.InDelta(t, 50.0/53, hits, 1e-12)
	hits, misses, waits = Coalesced(100, 0.5, 0)
	assert.InDelta(t, TTLCache{Rates: []float64{100}, Lifetime: 0.5}.HitRatio(), hits, 1e-12)
	assert.InDelta(t, 1.0/51, misses, 1e-12)
	assert.Zero(t, waits)
}

// times is a heap of the next requests at some places.
type times []struct {
	at    float64
	place int
}

func (h times) Len() int           { return len(h) }
func (h times) Less(i, j int) bool { return h[i].at < h[j].at }
func (h times) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *times) Push(x any)        { panic("no more places") }
func (h *times) Pop() any          { panic("no fewer places") }

// TestPlacesAgreeWithPlayingThem plays one item at several places by
// itself.
func TestPlacesAgreeWithPlayingThem(t *testing.T) {
	const places, rate, lifetime, requests = 4, 7.0, 0.6, 2_000_000
	random := rand.New(rand.NewPCG(1, 2))
	next := make(times, places)
	for i := range next {
		next[i].at, next[i].place = random.ExpFloat64()*places/rate, i
	}
	heap.Init(&next)
	until, behind := [places]float64{}, 0.0
	misses := 0
	for range requests {
		one := &next[0]
		if now := one.at; until[one.place] <= now {
			misses++
			if behind <= now {
				behind = now + lifetime
			}
			until[one.place] = behind
		}
		one.at += random.ExpFloat64() * places / rate
		heap.Fix(&next, 0)
	}
	want := TTLCache{Rates: []float64{rate}, Lifetime: lifetime}.BehindPlaces(places)
	got := 1 - float64(misses)/requests
	assert.InDelta(t, want, got, 4*math.Sqrt(want*(1-want)/requests))
}
