package stats

import (
	"fmt"
	"iter"
	"math"
	"math/bits"
)

const (
	subBits = 7            // log2 of the buckets to an octave
	perPage = 1 << subBits // buckets
	pages   = 64 - subBits // page 0 for values below 128, then one per octave up to 2^63
)

// Histogram counts values, which are whole nanoseconds from 0, in log-linear
// buckets: values below 256 exactly, larger ones in 128 equal buckets to each
// octave, so that a bucket is at most 0.8 % wide. Buckets come in pages, one
// to an octave, allocated when first touched. The zero value is ready for
// use; do not copy one that is in use, because copies share their pages.
type Histogram struct {
	page  [pages]*[perPage]uint64
	count uint64
	sum   Sum128
	min   int64
	max   int64
}

// Bucket is a bucket that has values: Count of them from Low to High, both
// inclusive, in nanoseconds.
type Bucket struct {
	Low, High int64
	Count     uint64
}

// Record counts a value. It panics if the value is negative.
func (h *Histogram) Record(v int64) {
	if v < 0 {
		negative(v)
	}
	octave := bits.Len64(uint64(v) >> subBits)
	page := h.page[octave]
	if page == nil {
		page = h.touch(octave)
	}
	page[uint64(v)>>(shiftOf(octave)&63)%perPage]++ // &63 spares a test of the shift
	if v < h.min || h.count == 0 {
		h.min = v
	}
	if v > h.max {
		h.max = v
	}
	h.count++
	h.sum.Add(uint64(v))
}

func negative(v int64) { panic(fmt.Sprintf("stats: a histogram cannot hold %d", v)) }

// touch allocates a page. It is kept out of line because it happens once.
//
//go:noinline
func (h *Histogram) touch(octave int) *[perPage]uint64 {
	h.page[octave] = new([perPage]uint64)
	return h.page[octave]
}

// shiftOf is log2 of the width of the buckets of a page: 1 in the first two.
func shiftOf(octave int) int { return max(octave, 1) - 1 }

// bucketOf returns the bounds of a bucket, inclusive.
func bucketOf(octave, index int) (low, high int64) {
	if octave == 0 {
		return int64(index), int64(index)
	}
	shift := shiftOf(octave)
	low = int64(perPage+index) << shift
	return low, low + (1<<shift - 1)
}

// Bounds returns the bounds of the bucket that a value is counted in, inclusive.
// It panics if the value is negative.
func Bounds(v int64) (low, high int64) {
	if v < 0 {
		negative(v)
	}
	octave := bits.Len64(uint64(v) >> subBits)
	return bucketOf(octave, int(uint64(v)>>shiftOf(octave)%perPage))
}

// Merge adds all that other counted. Whatever the order in which histograms
// are merged, the result is the same.
func (h *Histogram) Merge(other *Histogram) {
	if other.count == 0 {
		return
	}
	for octave, from := range other.page {
		if from == nil {
			continue
		}
		to := h.page[octave]
		if to == nil {
			to = h.touch(octave)
		}
		for i, c := range from {
			to[i] += c
		}
	}
	if h.count == 0 || other.min < h.min {
		h.min = other.min
	}
	h.max = max(h.max, other.max)
	h.count += other.count
	h.sum.AddSum(other.sum)
}

// Reset forgets all values but keeps the pages.
func (h *Histogram) Reset() {
	for _, p := range h.page {
		if p != nil {
			*p = [perPage]uint64{}
		}
	}
	h.count, h.sum, h.min, h.max = 0, Sum128{}, 0, 0
}

// Count returns how many values there are.
func (h *Histogram) Count() uint64 { return h.count }

// Sum returns the exact sum of the values, in nanoseconds.
func (h *Histogram) Sum() Sum128 { return h.sum }

// Min returns the smallest value exactly, in nanoseconds; 0 if there is none.
func (h *Histogram) Min() int64 { return h.min }

// Max returns the largest value exactly, in nanoseconds; 0 if there is none.
func (h *Histogram) Max() int64 { return h.max }

// Mean returns the mean of the values, in nanoseconds; NaN if there is none.
func (h *Histogram) Mean() float64 {
	if h.count == 0 {
		return math.NaN()
	}
	return h.sum.Float64() / float64(h.count)
}

// Quantile returns the value of rank ceil(p n) among the n values in
// ascending order, in nanoseconds, interpolated within its bucket; the first
// and the last rank are exact. ok is false if there are no values. It panics
// unless 0 <= p <= 1.
func (h *Histogram) Quantile(p float64) (ns float64, ok bool) {
	rank := rankOf(p, h.count)
	switch {
	case h.count == 0:
		return math.NaN(), false
	case rank == 1:
		return float64(h.min), true
	case rank == h.count:
		return float64(h.max), true
	}
	below := uint64(0)
	for b := range h.Buckets() {
		if below+b.Count >= rank {
			low, high := max(b.Low, h.min), min(b.High, h.max)
			place := (float64(rank-below) - 0.5) / float64(b.Count)
			return float64(low) + float64(float64(high-low)*place), true
		}
		below += b.Count
	}
	panic("stats: the buckets of a histogram hold fewer values than it counted")
}

// Beyond returns how many values have a higher rank than that of Quantile(p).
// It panics unless 0 <= p <= 1.
func (h *Histogram) Beyond(p float64) uint64 { return h.count - rankOf(p, h.count) }

// ShareAtMost returns the share of the values that are at most v
// nanoseconds, interpolated within the bucket of v; NaN if there are none.
func (h *Histogram) ShareAtMost(v int64) float64 {
	switch {
	case h.count == 0:
		return math.NaN()
	case v < h.min:
		return 0
	case v >= h.max:
		return 1
	}
	below := 0.0
	for b := range h.Buckets() {
		if v < b.Low {
			break
		}
		if v >= b.High {
			below += float64(b.Count)
			continue
		}
		low, high := max(b.Low, h.min), min(b.High, h.max)
		below += float64(float64(b.Count) * (float64(v-low+1) / float64(high-low+1)))
	}
	return below / float64(h.count)
}

// Buckets yields the buckets that have values, in ascending order.
func (h *Histogram) Buckets() iter.Seq[Bucket] {
	return func(yield func(Bucket) bool) {
		for octave, p := range h.page {
			if p == nil {
				continue
			}
			for i, c := range p {
				if c == 0 {
					continue
				}
				low, high := bucketOf(octave, i)
				if !yield(Bucket{low, high, c}) {
					return
				}
			}
		}
	}
}

// MinSamples returns the smallest number of samples of which 10 lie beyond
// the quantile p: 1000 for 0.99. It is the largest uint64 for p = 1, where no
// number is enough, and panics unless 0 <= p <= 1.
func MinSamples(p float64) uint64 {
	const beyond = 10
	rankOf(p, 0) // checks p
	guess := beyond / (1 - p)
	if guess > 1<<62 {
		return math.MaxUint64
	}
	n := uint64(int64(guess))
	for n-rankOf(p, n) < beyond {
		n++
	}
	for n > beyond && n-1-rankOf(p, n-1) >= beyond {
		n--
	}
	return n
}

// rankOf returns ceil(p n), at least 1 and at most n. p is meant as the
// decimal fraction that a person wrote: a product that exceeds a whole number
// by no more than the rounding of p and of the product is that number, so
// that 0.07 of 100 is 7, though 0.07*100 > 7 in float64.
func rankOf(p float64, n uint64) uint64 {
	if !(p >= 0 && p <= 1) {
		panic(fmt.Sprintf("stats: a quantile must lie between 0 and 1, got %v", p))
	}
	if n <= 1 {
		return n
	}
	product := float64(p * float64(n))
	if product >= 1<<62 {
		return n
	}
	rank := math.Ceil(product - float64(product*0x1p-51))
	return min(max(uint64(int64(rank)), 1), n)
}
