package estimate

import (
	"math"
	"slices"

	"github.com/capsim/capsim/sim/portable"
)

// The tail of a time of which only two moments are known is that of a gamma
// law where they vary no more than an exponential one does, of a lognormal law
// where they vary at least twice as much, and in between something between.

// quantile is the q-quantile of a time with these moments, by a fitted law.
func (m moments) quantile(q float64) float64 {
	scv := m.scv()
	switch {
	case m.mean == 0 || scv == 0 || math.IsInf(m.mean, 1):
		return m.mean
	case math.IsNaN(scv) || math.IsInf(scv, 1):
		return math.NaN()
	case scv == 1:
		return -float64(m.mean * portable.Log1p(-q))
	}
	z := portable.NormalQuantile(q)
	share := min(max(scv-1, 0), 1)
	x := 0.0
	if share < 1 {
		x = float64((1 - share) * gammaQuantile(z, min(scv, 1)))
	}
	if share > 0 {
		x += float64(share * lognormalQuantile(z, max(scv, 1)))
	}
	return float64(m.mean * x)
}

// gammaQuantile is that of a gamma law of mean 1, at the normal quantile z
// (Wilson and Hilferty 1931; at an exponential law's 99 % it is off by 0.1 %).
func gammaQuantile(z, scv float64) float64 {
	root := max(0, 1-scv/9+float64(z*math.Sqrt(scv))/3)
	return float64(float64(root*root) * root)
}

// lognormalQuantile is that of a lognormal law of mean 1.
func lognormalQuantile(z, scv float64) float64 {
	square := portable.Log1p(scv)
	return portable.Exp(float64(z*math.Sqrt(square)) - float64(square/2))
}

// cdf is the probability of at most x by the fitted law.
func (m moments) cdf(x float64) float64 {
	scv := m.scv()
	if m.mean == 0 || scv == 0 {
		if x >= m.mean {
			return 1
		}
		return 0
	}
	if x <= 0 {
		return 0
	}
	at := portable.Log(x / m.mean)
	if scv <= 1 {
		root := portable.Exp(at / 3)
		return portable.NormalCDF((root - 1 + scv/9) * 3 / math.Sqrt(scv))
	}
	square := portable.Log1p(scv)
	return portable.NormalCDF((at + float64(square/2)) / math.Sqrt(square))
}

// steps of the integral over the time until enough branches are done.
const integralSteps = 48

// enoughOf is the time until need of some independent branches are done, each
// of times by its fitted law: ∫ P(T > t) dt and 2 ∫ t P(T > t) dt.
func enoughOf(parts []moments, need int) moments {
	if len(parts) == 1 {
		return parts[0]
	}
	if len(parts) == 0 {
		return moments{}
	}
	horizon := 0.0
	for _, p := range parts {
		if math.IsInf(p.mean, 1) || math.IsInf(p.variance, 1) || math.IsNaN(p.variance) {
			return withoutLaw(parts, need)
		}
		horizon = max(horizon, p.mean+float64(8*math.Sqrt(p.variance)))
	}
	if horizon == 0 {
		return moments{}
	}
	// t = horizon u² has more points where the laws begin.
	first, second, last := 0.0, 0.0, 1.0
	from := 0.0
	for k := 1; k <= integralSteps; k++ {
		u := float64(k) / integralSteps
		to := float64(horizon * float64(u*u))
		now := 1 - done(parts, need, to)
		area := float64((last + now) / 2 * (to - from))
		first += area
		second += float64(area * (from + to))
		from, last = to, now
	}
	return moments{first, max(0, second-float64(first*first))}
}

// withoutLaw is the need-th shortest of the means.
func withoutLaw(parts []moments, need int) moments {
	sorted := slices.Clone(parts)
	slices.SortFunc(sorted, func(a, b moments) int {
		switch {
		case a.mean < b.mean:
			return -1
		case a.mean > b.mean:
			return 1
		}
		return 0
	})
	return sorted[need-1]
}

// done is the probability that need of the branches are done by t.
func done(parts []moments, need int, t float64) float64 {
	if need == len(parts) {
		p := 1.0
		for i, m := range parts {
			if i > 0 && m == parts[i-1] {
				continue
			}
			alike := 1
			for i+alike < len(parts) && parts[i+alike] == m {
				alike++
			}
			p = float64(p * whole(m.cdf(t), alike))
		}
		return p
	}
	exactly := make([]float64, need+1) // the last: so many or more
	exactly[0] = 1
	for _, m := range parts {
		f := m.cdf(t)
		exactly[need] += float64(exactly[need-1] * f)
		for k := need - 1; k > 0; k-- {
			exactly[k] = float64(exactly[k]*(1-f)) + float64(exactly[k-1]*f)
		}
		exactly[0] = float64(exactly[0] * (1 - f))
	}
	return exactly[need]
}

// whole is p to the n.
func whole(p float64, n int) float64 {
	result := 1.0
	for ; n > 0; n /= 2 {
		if n%2 == 1 {
			result = float64(result * p)
		}
		p = float64(p * p)
	}
	return result
}
