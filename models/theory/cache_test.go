package theory

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Oracle table A7, first part.
func TestSmallCachesAgreeWithTheTable(t *testing.T) {
	for _, row := range []struct {
		n                                     int
		alpha                                 float64
		m                                     int
		lru, lruApprox, fifo, fifoApprox, lfu float64
	}{
		{4, 1, 2, 0.60384542, 0.5972283, 0.58857143, 0.56862367, 0.72},
		{5, 1.4, 2, 0.61662673, 0.60823487, 0.590396, 0.55635048, 0.74845171},
		{6, 0.8, 3, 0.5916388, 0.58910211, 0.57328939, 0.56235208, 0.7020662},
		{8, 1, 2, 0.38466557, 0.37603634, 0.37126406, 0.35306527, 0.55190539},
		{8, 1, 4, 0.66260232, 0.66333639, 0.62827701, 0.61560774, 0.76653526},
		{8, 0, 4, 0.5, 0.5, 0.5, 0.5, 0.5},
		{12, 0.9, 4, 0.49293453, 0.49037981, 0.4644308, 0.45339536, 0.63745747},
		{16, 1.2, 5, 0.62071619, 0.62216952, 0.56846184, 0.55427736, 0.74419402},
		{18, 0.7, 8, 0.56836403, 0.56837204, 0.53815837, 0.53365857, 0.68127856},
	} {
		c := IRM{ZipfLaw(row.n, row.alpha), row.m}
		assertTable(t, "LRU", row.lru, c.LRUHitRatio())
		assertTable(t, "LRU, approximately", row.lruApprox, c.LRUHitRatioApprox())
		assertTable(t, "FIFO", row.fifo, c.FIFOHitRatio())
		assertTable(t, "FIFO, approximately", row.fifoApprox, c.FIFOHitRatioApprox())
		assertTable(t, "the best", row.lfu, c.BestHitRatio())
	}
}

// Oracle table A7, second part.
func TestLargeCachesAgreeWithTheTable(t *testing.T) {
	for _, row := range []struct {
		n                                 int
		alpha                             float64
		m                                 int
		lru, time, fifoApprox, fifo, best float64
		first, last                       float64 // hit ratios of objects 1 and m under LRU
	}{
		{100, 0.8, 10, 0.26326083, 11.745624, 0.23605947, 0.23919438, 0.43827455, 0.76400349, 0.2045512},
		{100, 1, 20, 0.56793752, 33.124369, 0.50455474, 0.50773591, 0.69355655, 0.99831429, 0.2733269},
		{1000, 0.8, 50, 0.26161915, 59.689049, 0.22666108, 0, 0.42132974, 0.97889872, 0.15527662},
		{1000, 1, 100, 0.57652462, 180.92893, 0.52024858, 0, 0.69299281, 1, 0.21471362},
		{10000, 0.8, 500, 0.33118623, 653.37122, 0.29374716, 0, 0.47562674, 1, 0.15384194},
		{10000, 1, 1000, 0.67560179, 2352.1784, 0.630906, 0, 0.76479078, 1, 0.2136255},
		{100000, 0.9, 5000, 0.51519632, 8652.2741, 0.47454303, 0, 0.63114732, 1, 0.16702018},
		{1000000, 0.8, 10000, 0.23190535, 12106.143, 0.20730545, 0, 0.36240723, 1, 0.097068618},
	} {
		c := IRM{ZipfLaw(row.n, row.alpha), row.m}
		time := c.LRUTimeApprox()
		assertTable(t, "LRU, approximately", row.lru, c.LRUHitRatioApprox())
		assertTable(t, "the characteristic time", row.time, time)
		assertTable(t, "FIFO, approximately", row.fifoApprox, c.FIFOHitRatioApprox())
		assertTable(t, "the best", row.best, c.BestHitRatio())
		assertTable(t, "object 1", row.first, -math.Expm1(-c.P[0]*time))
		assertTable(t, "object m", row.last, -math.Expm1(-c.P[row.m-1]*time))
		if row.fifo > 0 {
			assertTable(t, "FIFO", row.fifo, c.FIFOHitRatio())
		}
		if row.n <= 10000 {
			// The approximation approaches the truth as caches grow.
			assert.InDelta(t, c.FIFOHitRatio(), c.FIFOHitRatioApprox(), 0.07/float64(row.m))
		}
	}
}

// LINE's Markov chain of a cache of 2 among 5 objects (PUB 9).
func TestFIFOAgreesWithTheMarkovChainOfLINE(t *testing.T) {
	assertWithin(t, "random", 0.5903959955829898, IRM{ZipfLaw(5, 1.4), 2}.FIFOHitRatio(), 1e-14)
	uniform := IRM{ZipfLaw(5, 0), 2}
	assertWithin(t, "uniform, FIFO", 0.4, uniform.FIFOHitRatio(), 1e-14)
	assertWithin(t, "uniform, LRU", 0.4, uniform.LRUHitRatio(), 1e-14)
}

func TestCacheThatHoldsEverythingAlwaysHits(t *testing.T) {
	c := IRM{ZipfLaw(7, 1), 7}
	for _, ratio := range []float64{c.LRUHitRatio(), c.FIFOHitRatio(), c.LRUHitRatioApprox(), c.FIFOHitRatioApprox(), c.BestHitRatio()} {
		assertWithin(t, "hit ratio", 1, ratio, 1e-12)
	}
	assert.Panics(t, func() { IRM{ZipfLaw(25, 1), 7}.LRUHitRatio() })
	assert.Panics(t, func() { IRM{[]float64{0.5, 0.4}, 1}.BestHitRatio() })
}

// Oracle table A7, third part.
func TestTimesToLiveAgreeWithTheTable(t *testing.T) {
	for _, row := range []struct{ lambda, ttl, fixed, sliding float64 }{
		{0.1, 10, 0.5, 0.63212056},
		{1, 1, 0.5, 0.63212056},
		{1, 5, 0.83333333, 0.99326205},
		{0.01, 60, 0.375, 0.45118836},
		{5, 2, 0.90909091, 0.9999546},
	} {
		assertTable(t, "fixed", row.fixed, TTLHitRatio(row.lambda, row.ttl))
		assertTable(t, "sliding", row.sliding, SlidingTTLHitRatio(row.lambda, row.ttl))
	}
	fixed, sliding := 0.0, 0.0
	for _, p := range ZipfLaw(1000, 1) {
		fixed += p * TTLHitRatio(100*p, 10)
		sliding += p * SlidingTTLHitRatio(100*p, 10)
	}
	assertTable(t, "fixed, Zipf", 0.71477301, fixed)
	assertTable(t, "sliding, Zipf", 0.79086883, sliding)
}
