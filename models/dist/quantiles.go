package dist

import (
	"fmt"
	"slices"

	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/portable"
)

// maxPercentiles is how many percentiles one law may be given by.
const maxPercentiles = 64

// quantiles goes through given percentiles; between two of them the
// logarithm of the value grows linearly with the rank. That suits latencies,
// whose percentiles grow by factors: between p50 = 5ms and p99 = 60ms, p74.5
// is 17.3ms and not 32.5ms.
type quantiles struct {
	pieces   []piece
	mean     float64
	variance float64
}

// piece is the law between two percentiles.
type piece struct {
	from, to   float64 // ranks, 0 to 1
	low, high  float64 // values
	log, slope float64 // the logarithm of the value is log + slope·rank
}

func buildQuantiles(a *args) Law {
	given := a.percentiles()
	if a.err != nil {
		return nil
	}
	if len(given) > maxPercentiles {
		a.fail("E309", fmt.Sprintf("at most %d percentiles, got %d", maxPercentiles, len(given)), "")
		return nil
	}
	if len(given) < 2 || given[0].rank != 0 || given[len(given)-1].rank != 100 {
		a.fail("E206", "quantiles needs p0 and p100, the smallest and the largest value, besides any others", a.row.usage())
		return nil
	}
	var q quantiles
	for i, p := range given {
		a.positive(p.value, p.name)
		if i > 0 && a.err == nil && p.value < given[i-1].value {
			a.failNamed(p.name, "E309", p.name+" must not be below "+given[i-1].name+", got "+a.text(p.name), "")
		}
		if i > 0 && a.err == nil {
			q.pieces = append(q.pieces, newPiece(given[i-1], p))
		}
	}
	if a.err != nil {
		return nil
	}
	q.moments()
	return q
}

func newPiece(a, b percentile) piece {
	from, to := a.rank/100, b.rank/100
	log := portable.Log(a.value)
	slope := (portable.Log(b.value) - log) / (to - from)
	return piece{from, to, a.value, b.value, log - float64(slope*from), slope}
}

// moments sums over the pieces: with y linear in the rank from log low to
// log high = log low + t, E[X^k] of a piece is low^k ∫ e^(k t u) du over
// u in [0, 1].
func (q *quantiles) moments() {
	for _, p := range q.pieces {
		t := float64(p.slope * (p.to - p.from))
		q.mean += float64((p.to - p.from) * p.low * expIntegral(t, 1))
	}
	// E[X²] - mean² would cancel where the values are close.
	for _, p := range q.pieces {
		t := float64(p.slope * (p.to - p.from))
		first, second := float64(p.low*expIntegral(t, 1)), float64(p.low*p.low*expIntegral(2*t, 1))
		off := first - q.mean
		q.variance += float64((p.to - p.from) * (max(0, second-float64(first*first)) + float64(off*off)))
	}
}

func (q quantiles) Sample(s *sim.Stream) float64 {
	u := s.Float64()
	i := 0
	for u >= q.pieces[i].to && i < len(q.pieces)-1 {
		i++
	}
	p := &q.pieces[i]
	x := portable.Exp(p.log + float64(p.slope*u))
	return max(p.low, min(p.high, x))
}

func (q quantiles) Mean() float64 { return q.mean }

func (q quantiles) Variance() float64 { return q.variance }

func (q quantiles) CDF(x float64) float64 {
	// The last piece that begins at or below x holds it, or lies below it.
	i, _ := slices.BinarySearchFunc(q.pieces, x, func(p piece, x float64) int {
		if p.low <= x {
			return -1
		}
		return 1
	})
	if i == 0 {
		return 0
	}
	p := q.pieces[i-1]
	if x >= p.high {
		return p.to
	}
	return max(p.from, min(p.to, (portable.Log(x)-p.log)/p.slope))
}
