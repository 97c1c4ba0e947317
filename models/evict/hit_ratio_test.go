package evict

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/models/theory"
	"github.com/capsim/capsim/sim"
)

// The hit ratios of an exact LRU that were computed when the traces were
// collected, to all digits that were printed.
func TestLRUOfRealKeysIsExact(t *testing.T) {
	for _, row := range []struct {
		name    string
		lru     [6]float64
		ceiling float64
	}{
		{"web07", [6]float64{.3340, .4558, .5041, .5550, .6267, .6900}, .7309},
		{"web12", [6]float64{.3622, .5578, .6473, .7256, .8070, .8482}, .8561},
		{"orm-busy", [6]float64{.5156, .7264, .8027, .8255, .8597, .8943}, .9406},
	} {
		keys := trace(t, row.name)
		for i, capacity := range []uint64{100, 500, 1000, 2000, 5000, 10000} {
			ratio := hitRatio(choose(t, "lru").New(capacity, sim.Keyed(1)), keys)
			assert.InDelta(t, row.lru[i], ratio, 0.5000001e-4, "%s, %d keys", row.name, capacity)
		}
		for _, choice := range everyChoice(t) {
			ratio := hitRatio(choice.New(math.MaxUint64, sim.Keyed(1)), keys)
			assert.InDelta(t, row.ceiling, ratio, 0.5000001e-4, "%s, %s without limit", row.name, choice)
		}
	}
}

// ratio is the hit ratio that a policy should have.
type ratio struct {
	policy string
	want   float64
}

// measure returns the mean hit ratio of runs with keys of their own, of which
// the first tenth is left out, and its standard error.
func measure(choice Choice, capacity uint64, runs, n int, keys func(seed uint64) *zipf) (mean, se float64) {
	sum, squares := 0.0, 0.0
	for seed := range uint64(runs) {
		z, c := keys(seed+1), choice.New(capacity, sim.Keyed(sim.Mix(seed, 5)))
		hits(c, z.draw(n/10))
		ratio := hitRatio(c, z.draw(n))
		sum += ratio
		squares += ratio * ratio
	}
	mean = sum / float64(runs)
	return mean, math.Sqrt((squares/float64(runs) - mean*mean) / float64(runs-1))
}

// judge asserts that a truth is within four standard errors of a mean, and
// that these are small.
func judge(t *testing.T, what string, truth, mean, se float64) {
	t.Helper()
	assert.LessOrEqual(t, math.Abs(mean-truth), 4*se, "%s: %.5f ± %.5f, in truth %.5f", what, mean, se, truth)
	assert.LessOrEqual(t, se, 0.005*truth, "%s: the interval is too wide", what)
}

// Oracle family A7: exact hit ratios under independent references.
func TestSmallCachesHitAsTheorySays(t *testing.T) {
	for _, c := range []struct {
		n     int
		alpha float64
		m     int
	}{
		{4, 1, 2}, {5, 1.4, 2}, {6, 0.8, 3}, {8, 1, 2}, {8, 1, 4}, {8, 0, 4}, {12, 0.9, 4}, {16, 1.2, 5}, {18, 0.7, 8},
	} {
		irm := theory.IRM{P: theory.ZipfLaw(c.n, c.alpha), M: c.m}
		keys := func(seed uint64) *zipf { return newZipf(c.n, c.alpha, seed) }
		what := fmt.Sprintf("n=%d alpha=%g m=%d", c.n, c.alpha, c.m)
		for _, row := range []ratio{
			{"lru", irm.LRUHitRatio()}, {"fifo", irm.FIFOHitRatio()}, {"random", irm.FIFOHitRatio()},
		} {
			mean, se := measure(choose(t, row.policy), uint64(c.m), 20, 20_000, keys)
			judge(t, row.policy+" "+what, row.want, mean, se)
		}
	}
}

// The same for caches of usual sizes: FIFO and random against Gelenbe's exact
// ratio, LRU against Che's approximation, which errs by less than 1/m; and
// nothing is above what keeping the most popular has.
func TestLargeCachesHitAsTheorySays(t *testing.T) {
	for _, c := range []struct {
		n     int
		alpha float64
		m     int
	}{
		{100, 0.8, 10}, {100, 1, 20}, {1000, 0.8, 50}, {1000, 1, 100}, {10000, 0.8, 500}, {10000, 1, 1000},
	} {
		irm := theory.IRM{P: theory.ZipfLaw(c.n, c.alpha), M: c.m}
		keys := func(seed uint64) *zipf { return newZipf(c.n, c.alpha, seed) }
		const runs, n = 20, 30_000
		what := fmt.Sprintf("n=%d alpha=%g m=%d", c.n, c.alpha, c.m)
		for _, policy := range []string{"fifo", "random"} {
			mean, se := measure(choose(t, policy), uint64(c.m), runs, n, keys)
			judge(t, policy+" "+what, irm.FIFOHitRatio(), mean, se)
		}
		mean, se := measure(choose(t, "lru"), uint64(c.m), runs, n, keys)
		assert.InDelta(t, irm.LRUHitRatioApprox(), mean, 4*se+0.03/float64(c.m), what)
		for _, choice := range everyChoice(t) {
			mean, se := measure(choice, uint64(c.m), 4, n, keys)
			assert.Less(t, mean, irm.BestHitRatio()+4*se, "%s %s", choice, what)
		}
	}
}

// Oracle family A7, times to live: keys in a Poisson stream, no limit.
func TestTimesToLiveHitAsTheorySays(t *testing.T) {
	const rate = 100.0
	want, mean, squares := 0.0, 0.0, 0.0
	for _, p := range theory.ZipfLaw(1000, 1) {
		want += p * theory.TTLHitRatio(rate*p, 10)
	}
	const runs, n = 10, 20_000
	for seed := range uint64(runs) {
		z, gaps, now, hits := newZipf(1000, 1, seed), sim.Keyed(seed+99), sim.Time(0), 0
		c := choose(t, "lru").New(math.MaxUint64, sim.Keyed(1))
		for i := range n + 5000 {
			now += sim.FromNanoseconds(-1e9 / rate * math.Log(gaps.Open()))
			key := z.next()
			found := c.Get(key, now)
			if found != Hit {
				c.Put(key, 1, now, now+10*sim.Second)
			} else if i >= 5000 {
				hits++
			}
		}
		ratio := float64(hits) / n
		mean += ratio / runs
		squares += ratio * ratio / runs
	}
	judge(t, "ttl", want, mean, math.Sqrt((squares-mean*mean)/(runs-1)))
}

// PUB 9: LINE's examples; 1.1807919439343 hits a unit of time of 1.99999992
// requests.
func TestCachesOfLINE(t *testing.T) {
	zipf5 := func(seed uint64) *zipf { return newZipf(5, 1.4, seed) }
	mean, se := measure(choose(t, "random"), 2, 20, 40_000, zipf5)
	judge(t, "random of 5", 1.1807919439343/1.99999992, mean, se)
	uniform := func(seed uint64) *zipf { return newZipf(5, 0, seed) }
	for _, policy := range []string{"lru", "fifo"} {
		mean, se := measure(choose(t, policy), 2, 20, 40_000, uniform)
		judge(t, policy+", uniform", 0.4, mean, se)
	}
	// Its tutorial 6 simulated 20,000 events, half a point of standard error.
	mean, _ = measure(choose(t, "lru"), 50, 10, 20_000, func(seed uint64) *zipf { return newZipf(1000, 1.4, seed) })
	assert.InDelta(t, 0.8195, mean, 0.002, "LRU, tutorial 6")
	assert.InDelta(t, 2.42026/2.93425, mean, 4*math.Sqrt(0.82*0.18/20_000*2), "LRU, tutorial 6, as printed")
}

// PUB 13: foyer's pull request #303, 5 million requests for 10,000 objects. Its
// S3-FIFO had no ghosts (they came with #400), and what it calls LFU is a
// W-TinyLFU of its own with a window of a tenth and counters of 16 bits: these
// two are not the policies of those who invented them.
func TestHitRatiosOfFoyer(t *testing.T) {
	const n = 2_000_000
	drawn := map[float64][]uint64{}
	for _, alpha := range []float64{0.9, 1} {
		drawn[alpha] = newZipf(10_000, alpha, 1).draw(n + n/10)
	}
	for _, row := range []struct {
		alpha     float64
		m         uint64
		fifo, lru float64
	}{
		{0.9, 50, 16.24, 19.22}, {0.9, 100, 22.55, 26.20}, {0.9, 500, 41.05, 45.56}, {0.9, 1000, 51.06, 55.68}, {0.9, 2500, 66.81, 71.17},
		{1.0, 50, 26.62, 31.10}, {1.0, 100, 34.38, 39.17}, {1.0, 500, 54.04, 58.76}, {1.0, 1000, 63.15, 67.60}, {1.0, 2500, 76.18, 79.95},
	} {
		for _, printed := range []ratio{{"fifo", row.fifo}, {"lru", row.lru}} {
			c, keys := choose(t, printed.policy).New(row.m, sim.Keyed(1)), drawn[row.alpha]
			hits(c, keys[:n/10])
			assert.InDelta(t, printed.want, 100*hitRatio(c, keys[n/10:]), 0.3, "%s, alpha %g, %d", printed.policy, row.alpha, row.m)
		}
	}
}

// PUB 13: cachekit's benchmark, 200,000 requests from the start.
func TestHitRatiosOfCachekit(t *testing.T) {
	for _, printed := range []ratio{{"lru", 80.17}, {"fifo", 76.77}, {"random", 76.98}, {"lfu", 82.57}, {"s3fifo", 82.49}} {
		mean := 0.0
		for seed := range uint64(10) {
			mean += 100 * hitRatio(choose(t, printed.policy).New(4096, sim.Keyed(seed)), newZipf(16384, 1, seed).draw(200_000)) / 10
		}
		assert.InDelta(t, printed.want, mean, 0.3, printed.policy)
	}
	uniform := hitRatio(choose(t, "lru").New(4096, sim.Keyed(1)), newZipf(16384, 0, 1).draw(200_000))
	assert.InDelta(t, 24.6, 100*uniform, 0.3, "uniform")
}
