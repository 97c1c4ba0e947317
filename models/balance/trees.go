package balance

import (
	"math"
	"math/bits"
)

// ranks counts which of some instances may be chosen, and finds them by their
// number among those: a Fenwick tree (P. Fenwick, Software: Practice and
// Experience 24(3), 1994).
type ranks []int32

// newRanks counts every one of n instances.
func newRanks(n int) ranks {
	r := make(ranks, n+1)
	for i := 1; i <= n; i++ {
		r[i] = int32(i & -i)
	}
	return r
}

func (r ranks) add(i int, by int32) {
	for i++; i < len(r); i += i & -i {
		r[i] += by
	}
}

// before returns how many are counted with a number below i.
func (r ranks) before(i int) int {
	sum := int32(0)
	for ; i > 0; i -= i & -i {
		sum += r[i]
	}
	return int(sum)
}

// find returns the k-th that is counted, from 0.
func (r ranks) find(k int) int {
	at, left := 0, int32(k)
	for step := 1 << (bits.Len(uint(len(r)-1)) - 1); step > 0; step /= 2 {
		if next := at + step; next < len(r) && r[next] <= left {
			at = next
			left -= r[next]
		}
	}
	return at
}

// sums keeps the sums of weights over ever larger stretches, each computed
// from the two below it, so that no error grows however often one changes.
type sums struct {
	half int // leaf i is tree[half+i]
	tree []float64
}

func newSums(n int) *sums {
	half := powerOfTwoFrom(n)
	return &sums{half, make([]float64, 2*half)}
}

func (s *sums) get(i int) float64 { return s.tree[s.half+i] }

func (s *sums) set(i int, weight float64) {
	at := s.half + i
	s.tree[at] = weight
	for at /= 2; at > 0; at /= 2 {
		s.tree[at] = s.tree[2*at] + s.tree[2*at+1]
	}
}

func (s *sums) total() float64 { return s.tree[1] }

// find returns the leaf in whose stretch the share u, below 1, of the total
// lies. It has a weight above 0 if any has.
func (s *sums) find(u float64) int {
	u *= s.tree[1]
	at := 1
	for at < s.half {
		at *= 2
		// Rounding may lead a hair beyond the last: never into nothing.
		if left := s.tree[at]; u >= left && s.tree[at+1] > 0 {
			u -= left
			at++
		}
	}
	return at - s.half
}

// lowest finds the least of some numbers, of equals the first from a given
// place on, in turn.
type lowest struct {
	half int
	tree []int32 // the least of each stretch
}

const never = 1<<31 - 1 // more than any number of requests

func newLowest(n int) lowest {
	half := powerOfTwoFrom(n)
	l := lowest{half, make([]int32, 2*half)}
	for i := half + n; i < 2*half; i++ {
		l.tree[i] = never
	}
	for i := half - 1; i > 0; i-- {
		l.tree[i] = min(l.tree[2*i], l.tree[2*i+1])
	}
	return l
}

func (l *lowest) set(i int, value int32) {
	at := l.half + i
	l.tree[at] = value
	for at > 1 {
		least := min(l.tree[at], l.tree[at^1])
		at /= 2
		if l.tree[at] == least {
			return
		}
		l.tree[at] = least
	}
}

// first returns the first of the least, in turn from number start on.
func (l *lowest) first(start int) int {
	least := l.tree[1]
	at := l.half + start
	for l.tree[at] != least {
		// To the stretch on the right: the sibling of the first above that is
		// a left one; behind the last, the whole once more.
		for at&1 == 1 {
			at /= 2
		}
		at++
	}
	for at < l.half {
		at *= 2
		if l.tree[at] != least {
			at++
		}
	}
	return at - l.half
}

// rank is what a tournament is decided by: first, then second.
type rank struct{ first, second float64 }

// tournament finds the least of some ranks, of equals the first.
type tournament struct {
	half int // that of number i is best[half+i]
	best []contender
}

// contender is who has the least rank of a stretch.
type contender struct {
	rank
	who int32
}

// newTournament begins with all ranks alike.
func newTournament(n int) *tournament {
	t := &tournament{}
	t.over(make([]contender, 2*powerOfTwoFrom(n)), n, func(int) rank { return rank{} })
	return t
}

// over plays everything anew, in the place that it is given.
func (t *tournament) over(best []contender, n int, of func(i int) rank) {
	t.half, t.best = len(best)/2, best
	for i := range t.half {
		best[t.half+i] = contender{rank{math.Inf(1), math.Inf(1)}, int32(i)}
		if i < n {
			best[t.half+i].rank = of(i)
		}
	}
	for at := t.half - 1; at > 0; at-- {
		best[at] = best[2*at]
		if best[2*at+1].ahead(&best[at]) {
			best[at] = best[2*at+1]
		}
	}
}

// ahead reports whether a wins against b: of equals the first does.
func (a *contender) ahead(b *contender) bool {
	if a.first != b.first {
		return a.first < b.first
	}
	return a.second < b.second || a.second == b.second && a.who < b.who
}

func (t *tournament) set(i int, r rank) {
	at, who := t.half+i, int32(i)
	now := contender{r, who} // the best of what has been played anew
	t.best[at] = now
	for ; at > 1; at /= 2 {
		above := &t.best[at/2]
		if above.who == who {
			// It had won here: it or its successor meets the neighbour again.
			if other := &t.best[at^1]; other.ahead(&now) {
				now = *other
			}
		} else if !now.ahead(above) {
			return
		}
		*above = now
	}
}

func (t *tournament) winner() contender { return t.best[1] }

// powerOfTwoFrom returns the least power of two that is n or more.
func powerOfTwoFrom(n int) int { return 1 << bits.Len(uint(max(n, 1)-1)) }
