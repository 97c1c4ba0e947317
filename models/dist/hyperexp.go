package dist

import (
	"math"

	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/portable"
)

// hyperexp is exponential of mean1 with probability p, else of mean2: short
// work mostly, long work now and then. Of the pairs with a given mean and
// coefficient of variation it is the one with balanced means,
// p·mean1 = (1-p)·mean2 = mean/2 (P. J. Kuehn, IEEE Trans. Commun. 27, 1979;
// H. C. Tijms, Stochastic Models, 1994, appendix B).
type hyperexp struct{ mean, cv, p, mean1, mean2 float64 }

func buildHyperexp(a *args) Law {
	mean, cv := a.positive(a.value("mean"), "mean"), a.number("cv", 0, 1000)
	if a.err == nil && cv < 1 {
		a.failNamed("cv", "E309", "cv must be from 1 to 1000, got "+a.text("cv"), `below 1 use "gamma" or "erlang"`)
	}
	if a.err != nil {
		return nil
	}
	square := float64(cv * cv)
	root := math.Sqrt((square - 1) / (square + 1))
	// 1-p = (1-root)/2 without the cancellation.
	rare := 1 / ((square + 1) * (1 + root))
	return hyperexp{mean, cv, 1 - rare, mean / (2 * (1 - rare)), mean / (2 * rare)}
}

func (h hyperexp) Sample(s *sim.Stream) float64 {
	if s.Float64() < h.p {
		return h.mean1 * s.Exp()
	}
	return h.mean2 * s.Exp()
}

func (h hyperexp) Mean() float64 { return h.mean }

func (h hyperexp) Variance() float64 { return h.cv * h.cv * h.mean * h.mean }

func (h hyperexp) CDF(x float64) float64 {
	if x <= 0 {
		return 0
	}
	return float64(-h.p*portable.Expm1(-x/h.mean1)) - float64((1-h.p)*portable.Expm1(-x/h.mean2))
}
