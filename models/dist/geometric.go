package dist

import (
	"math"

	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/portable"
)

// geometric is the number of trials up to the first success: whole numbers
// k = 1, 2, … with probability p(1-p)^(k-1), mean 1/p.
//
// It is 1 + floor(E/λ) with E standard exponential and λ = -log(1-p)
// (L. Devroye, Non-Uniform Random Variate Generation, 1986, X.2.2).
type geometric struct{ mean, lambda float64 }

func buildGeometric(a *args) Law {
	mean := a.place(0)
	if a.err == nil && mean < 1 {
		a.failAt(a.positional[0], "E309", "the mean must be at least 1, got "+quote(a.positional[0].text),
			"the smallest number that geometric gives is 1")
	}
	if mean == 1 {
		return Constant{1}
	}
	return geometric{mean, -portable.Log1p(-1 / mean)}
}

func (g geometric) Sample(s *sim.Stream) float64 { return 1 + math.Floor(s.Exp()/g.lambda) }

func (g geometric) Mean() float64 { return g.mean }

func (g geometric) Variance() float64 { return g.mean * (g.mean - 1) }

func (g geometric) CDF(x float64) float64 {
	if x < 1 {
		return 0
	}
	return -portable.Expm1(-g.lambda * math.Floor(x))
}
