package dist

import (
	"math"
	"slices"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/sim"
)

// truncated is another law drawn again until it is below a limit.
type truncated struct {
	Law
	limit          float64
	mass           float64 // the share of draws that are kept
	mean, variance float64
}

// leastKept is the smallest share of draws below the limit of a truncated
// law: 1000 draws for each one kept.
const leastKept = 1e-3

// truncate cuts a law off.
func truncate(law Law, limit float64, t token) (Law, *kind.LiteralError) {
	bad := func(code, message, hint string) *kind.LiteralError {
		return &kind.LiteralError{Code: code, Message: message, Hint: hint, Offset: t.at, Len: t.length}
	}
	if _, ok := law.(Trace); ok {
		return nil, bad("E206", "the value of a trace column cannot be drawn again", `a trace takes "+", not truncate`)
	}
	mass := below(law, limit)
	if mass < leastKept {
		return nil, bad("E309", "the distribution must lie below truncate at least once in 1000 draws, got truncate "+quote(t.text),
			"no draw, or next to none, would be kept")
	}
	switch l := law.(type) {
	case Constant:
		return law, nil
	case empirical:
		return newEmpirical(l.values[:l.below(limit)]), nil
	}
	mass, mean, variance := cut(law, limit)
	return truncated{law, limit, mass, mean, variance}, nil
}

// Sample draws a thousand times at most, on average.
func (l truncated) Sample(s *sim.Stream) float64 {
	for {
		if x := l.Law.Sample(s); x < l.limit {
			return x
		}
	}
}

func (l truncated) Mean() float64 { return l.mean }

func (l truncated) Variance() float64 { return l.variance }

func (l truncated) CDF(x float64) float64 {
	if x >= l.limit {
		return 1
	}
	return clamp(l.Law.CDF(x) / l.mass)
}

// cut gives the probability of a value below c, and the mean and variance
// given that it is.
func cut(law Law, c float64) (mass, mean, variance float64) {
	switch l := law.(type) {
	case Constant:
		return below(l, c), l.Value, 0
	case empirical:
		n := l.below(c)
		kept := newEmpirical(l.values[:n])
		return float64(n) / float64(len(l.values)), kept.mean, kept.variance
	case shifted:
		mass, mean, variance = cut(l.Law, c-l.by)
		return mass, mean + l.by, variance
	case truncated:
		mass, mean, variance = cut(l.Law, min(c, l.limit))
		return mass / l.mass, mean, variance
	case mix:
		return l.cut(c)
	case integers:
		mass = below(l, c)
		kept := integers{l.low, uint64(math.Floor(float64(mass*float64(l.n)) + 0.5))}
		if kept.n == 0 {
			return 0, 0, 0
		}
		return mass, kept.Mean(), kept.Variance()
	case geometric, rounded:
		mass = below(law, c)
		mean, variance = cutWhole(law, c, mass)
		return mass, mean, variance
	}
	if mass = below(law, c); mass == 0 {
		return 0, 0, 0
	}
	mean, variance = truncatedMoments(law, c, mass)
	return mass, mean, variance
}

// cut weighs what is left of each part.
func (m mix) cut(c float64) (mass, mean, variance float64) {
	type left struct{ mass, mean, variance float64 }
	parts := make([]left, len(m.parts))
	for i, p := range m.parts {
		l := &parts[i]
		l.mass, l.mean, l.variance = cut(p.Law, c)
		l.mass = float64(l.mass * p.share)
		mass += l.mass
		mean += float64(l.mass * l.mean)
	}
	if mass == 0 {
		return 0, 0, 0
	}
	mean /= mass
	for _, l := range parts {
		off := l.mean - mean
		variance += float64(l.mass * (l.variance + float64(off*off)))
	}
	return mass, mean, variance / mass
}

// cutWhole sums over the whole numbers k from 0: with S(k) = P(X > k) given
// that X < c, E[X] = Σ S(k) and E[X²] = Σ (2k+1) S(k). Beyond 65536 a sum is
// as good as an integral.
func cutWhole(law Law, c, mass float64) (mean, variance float64) {
	if mass == 0 {
		return 0, 0
	}
	s := func(k float64) float64 {
		if k >= c-1 {
			return 0
		}
		return clamp(1 - law.CDF(k)/mass)
	}
	const direct = 1 << 16
	square := 0.0
	for k := 0.0; k < min(c, direct); k++ {
		p := s(k)
		if p == 0 {
			break
		}
		mean += p
		square += float64((float64(2*k) + 1) * p)
	}
	if c > direct {
		mean += octaves(func(y float64) float64 { return s(direct + y) }, c-direct)
		square += octaves(func(y float64) float64 { return 2 * (direct + y) * s(direct+y) }, c-direct)
	}
	return mean, max(0, square-float64(mean*mean))
}

// below returns how many of the values are below x.
func (e empirical) below(x float64) int {
	n, _ := slices.BinarySearch(e.values, x)
	return n
}
