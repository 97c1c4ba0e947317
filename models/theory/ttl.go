package theory

import "math"

// TTLCache is a cache that keeps each item for a fixed time from when it was
// entered, and has room for all: independent Poisson requests for each, and
// what is missed is there at once.
type TTLCache struct {
	Rates    []float64 // requests per second for each item
	Lifetime float64   // seconds
}

// HitRatio is the share of the requests that find their item. One that is
// entered answers λT further requests on average, and then the next one
// misses: λT of 1 + λT (J. Jung, A. W. Berger, H. Balakrishnan, Modeling
// TTL-based Internet Caches, INFOCOM 2003).
func (c TTLCache) HitRatio() float64 { return 1 - c.MissRate()/c.rate() }

// MissRate is how many requests a second do not find their item.
func (c TTLCache) MissRate() float64 {
	sum := 0.0
	for _, rate := range c.Rates {
		sum += rate / (1 + rate*c.Lifetime)
	}
	return sum
}

func (c TTLCache) rate() float64 {
	sum := 0.0
	for _, rate := range c.Rates {
		sum += rate
	}
	return sum
}

// Part is the cache at one of several places that share the requests evenly
// and at random.
func (c TTLCache) Part(places int) TTLCache {
	part := TTLCache{Lifetime: c.Lifetime}
	for _, rate := range c.Rates {
		part.Rates = append(part.Rates, rate/float64(places))
	}
	return part
}

// BehindPlaces is the hit ratio of caches at several places that share the
// requests evenly and at random, and get what they miss from this cache,
// which tells them how old it is: all keep an item until the same moment.
// Between two moments at which this cache fetches an item, T + 1/λ apart, the
// place that asked for it misses once, and each other one once if it is asked
// within T: with probability 1 − exp(−λT/n).
func (c TTLCache) BehindPlaces(places int) float64 {
	missed := 0.0
	for _, rate := range c.Rates {
		others := float64(places-1) * -math.Expm1(-rate*c.Lifetime/float64(places))
		missed += rate * (1 + others) / (1 + rate*c.Lifetime)
	}
	return 1 - missed/c.rate()
}

// Coalesced is what becomes of the requests for one item if the fetch of what
// is missed takes a time on average, and those who come meanwhile wait for
// it: the shares that find it, that fetch it, and that wait.
func Coalesced(rate, lifetime, fetch float64) (hits, misses, waits float64) {
	cycle := 1 + rate*(lifetime+fetch)
	return rate * lifetime / cycle, 1 / cycle, rate * fetch / cycle
}
