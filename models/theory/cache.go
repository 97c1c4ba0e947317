package theory

import (
	"math"
	"math/bits"
	"slices"
)

// IRM is a cache of M objects, all as large, under the independent reference
// model: each request asks for object i with probability P[i], whatever was
// asked for before.
type IRM struct {
	P []float64 // sums to 1
	M int
}

// ZipfLaw returns the probabilities of objects 1 to n in proportion to
// 1/i^alpha.
func ZipfLaw(n int, alpha float64) []float64 {
	mustBeAtLeast("the number of objects", n, 1)
	mustNotBeNegative("alpha", alpha)
	p, sum := make([]float64, n), 0.0
	for i := range p {
		p[i] = math.Pow(float64(i+1), -alpha)
	}
	for _, v := range slices.Backward(p) { // the small ones first
		sum += v
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

func (c IRM) check() {
	mustBeDistribution("the probabilities of the objects", c.P, len(c.P))
	mustBeAtLeast("the size of the cache", c.M, 1)
}

// LRUHitRatio returns the hit ratio of least recently used (King, "Analysis of
// demand paging algorithms", IFIP 1971). The cache holds the set S with the
// probability that these are the last objects asked for, which follows from
// those of its subsets. It takes time and memory in proportion to 2^n: at most
// 24 objects.
func (c IRM) LRUHitRatio() float64 {
	c.check()
	n := len(c.P)
	if n > 24 {
		panic("theory: too many objects for the exact hit ratio of LRU")
	}
	if c.M >= n {
		return 1
	}
	probability, mass, hit := make([]float64, 1<<n), make([]float64, 1<<n), 0.0
	probability[0] = 1
	for set := uint(1); set < 1<<n; set++ {
		least := set & -set
		mass[set] = mass[set^least] + c.P[bits.TrailingZeros(least)]
		size := bits.OnesCount(set)
		if size > c.M {
			continue
		}
		for rest := set; rest != 0; rest &= rest - 1 {
			i := bits.TrailingZeros(rest)
			without := set &^ (1 << i)
			probability[set] += probability[without] * c.P[i] / (1 - mass[without])
		}
		if size == c.M {
			hit += probability[set] * mass[set]
		}
	}
	return hit
}

// FIFOHitRatio returns the hit ratio of first in, first out, and of random
// eviction, which is the same (Gelenbe, "A unified approach to the evaluation
// of a class of replacement algorithms", IEEE Trans. Computers 22(6), 1973):
// the cache holds the set S with a probability in proportion to the product of
// its p. With e(k) the elementary symmetric polynomial of the p, which sums
// the products of all sets of k, the ratio of misses is (M+1) e(M+1) / e(M).
//
// To stay within floating point, e(k) is taken as the law of a sum of
// independent indicators with odds p t, which is e(k) t^k but for a constant.
func (c IRM) FIFOHitRatio() float64 {
	c.check()
	if c.M >= len(c.P) {
		return 1
	}
	t := c.fifoTime()
	law := make([]float64, c.M+2)
	law[0] = 1
	for _, p := range c.P {
		q := p * t / (1 + p*t)
		for k := len(law) - 1; k > 0; k-- {
			law[k] = law[k]*(1-q) + law[k-1]*q
		}
		law[0] *= 1 - q
	}
	return 1 - float64(c.M+1)*law[c.M+1]/(law[c.M]*t)
}

// LRUTimeApprox returns the characteristic time of least recently used, in
// requests: how long an object stays that is not asked for again (Che, Tung
// and Wang, IEEE JSAC 20(7), 2002), the root of sum of 1-exp(-p t) = M.
func (c IRM) LRUTimeApprox() float64 {
	c.check()
	if c.M >= len(c.P) {
		return math.Inf(1)
	}
	return c.timeOf(func(x float64) float64 { return -math.Expm1(-x) })
}

// LRUHitRatioApprox returns Che's approximation of the hit ratio of least
// recently used.
func (c IRM) LRUHitRatioApprox() float64 {
	t, hit := c.LRUTimeApprox(), 0.0
	for _, p := range c.P {
		hit += p * -math.Expm1(-p*t)
	}
	return hit
}

// FIFOHitRatioApprox returns the approximation by a characteristic time for
// first in, first out (Fricker, Robert and Roberts, ITC 2012; Martina,
// Garetto and Leonardi, INFOCOM 2014): sum of p t/(1+p t) = M.
func (c IRM) FIFOHitRatioApprox() float64 {
	c.check()
	if c.M >= len(c.P) {
		return 1
	}
	t, hit := c.fifoTime(), 0.0
	for _, p := range c.P {
		hit += p * p * t / (1 + p*t)
	}
	return hit
}

// BestHitRatio returns the hit ratio of keeping the M most popular objects:
// no policy that does not know the future has a higher one.
func (c IRM) BestHitRatio() float64 {
	c.check()
	sorted, hit := slices.Sorted(slices.Values(c.P)), 0.0
	for _, p := range sorted[max(0, len(sorted)-c.M):] {
		hit += p
	}
	return hit
}

func (c IRM) fifoTime() float64 {
	return c.timeOf(func(x float64) float64 { return x / (1 + x) })
}

// timeOf solves sum of there(p t) = M for t.
func (c IRM) timeOf(there func(x float64) float64) float64 {
	short := func(t float64) bool {
		sum := 0.0
		for _, p := range c.P {
			sum += there(p * t)
		}
		return sum < float64(c.M)
	}
	high := 1.0
	for short(high) {
		high *= 2
	}
	return bisect(short, 0, high)
}

// TTLHitRatio returns the hit ratio of an object that is asked for at rate
// lambda and expires ttl after it was fetched, in a cache without limit:
// lambda ttl requests hit for each that misses. The mean will do if ttl is
// random.
func TTLHitRatio(lambda, ttl float64) float64 {
	mustBePositive("lambda", lambda)
	mustNotBeNegative("the time to live", ttl)
	return lambda * ttl / (1 + lambda*ttl)
}

// SlidingTTLHitRatio is [TTLHitRatio] if each request lets the object live
// for ttl from then: a hit is a request that comes within ttl of the last.
func SlidingTTLHitRatio(lambda, ttl float64) float64 {
	mustBePositive("lambda", lambda)
	mustNotBeNegative("the time to live", ttl)
	return -math.Expm1(-lambda * ttl)
}
