package dist

import (
	"math"

	"github.com/capsim/capsim/sim"
)

// rounded is a continuous law to the nearest whole number: what "exp 4"
// means where things are counted.
type rounded struct {
	Law
	mean, variance float64
}

// newRounded computes the moments of the rounded law. With S(x) = P(X > x),
// E[R] = Σ S(k+½) and E[R²] = Σ (2k+1) S(k+½) over k from 0. Heavy tails make
// those sums slow, so that the differences from E[X] = ∫ S(x) dx and
// E[X²] = ∫ 2x S(x) dx, interval by interval, are added to the moments of X:
// they die out as S becomes straight.
func newRounded(law Law) Law {
	const most, adaptive = 1 << 12, 64
	mean, square := 0.0, 0.0
	beyond := func(x float64) float64 { return 1 - law.CDF(x) }
	moment := func(x float64) float64 { return float64(2*x) * beyond(x) }
	for k := 0.0; k < most; k++ {
		s := beyond(k + 0.5)
		if s < 1e-15 && beyond(k) < 1e-15 {
			break
		}
		first, second := 0.0, 0.0
		if k < adaptive {
			first, second = integrate(beyond, k, k+1, 1e-12), integrate(moment, k, k+1, 1e-12)
		} else { // by Simpson's rule on four parts: here S bends little within 1
			s0, s1, s3, s4 := beyond(k), beyond(k+0.25), beyond(k+0.75), beyond(k+1)
			first = (s0 + float64(4*(s1+s3)) + float64(2*s) + s4) / 12
			second = (float64(2*k*s0) + float64(8*(k+0.25)*s1) + float64(8*(k+0.75)*s3) + float64(4*(k+0.5)*s) + float64(2*(k+1)*s4)) / 12
		}
		mean += s - first
		square += float64((float64(2*k)+1)*s) - second
	}
	m, v := law.Mean(), law.Variance()
	r := rounded{Law: law, mean: m + mean, variance: v}
	if !math.IsInf(v, 1) {
		// E[R²] - E[R]² with E[R] = m + mean, E[X²] = v + m².
		r.variance = max(0, v+square-float64(2*m*mean)-float64(mean*mean))
	}
	return r
}

func (r rounded) Sample(s *sim.Stream) float64 { return math.Floor(r.Law.Sample(s) + 0.5) }

func (r rounded) Mean() float64 { return r.mean }

func (r rounded) Variance() float64 { return r.variance }

// CDF is P(X < floor(x)+½), since halves are rounded up.
func (r rounded) CDF(x float64) float64 {
	if x < 0 {
		return 0
	}
	return below(r.Law, math.Floor(x)+0.5)
}
