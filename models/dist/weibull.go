package dist

import (
	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/portable"
)

// weibull is scale·E^(1/shape), E standard exponential: heavier than
// exponential for shape < 1. Mean = scale Γ(1+1/shape), second moment
// scale² Γ(1+2/shape) (Johnson, Kotz and Balakrishnan, Continuous Univariate
// Distributions 1, 1994, chapter 21).
type weibull struct{ mean, shape, scale float64 }

func buildWeibull(a *args) Law {
	mean, shape := a.positive(a.value("mean"), "mean"), a.number("shape", 0.1, 100)
	if a.err != nil {
		return nil
	}
	return weibull{mean, shape, mean / portable.Gamma(1+1/shape)}
}

func (w weibull) Sample(s *sim.Stream) float64 {
	return w.scale * portable.Pow(s.Exp(), 1/w.shape)
}

func (w weibull) Mean() float64 { return w.mean }

func (w weibull) Variance() float64 {
	square := portable.LogGamma(1+2/w.shape) - float64(2*portable.LogGamma(1+1/w.shape))
	return portable.Expm1(square) * w.mean * w.mean
}

func (w weibull) CDF(x float64) float64 {
	if x <= 0 {
		return 0
	}
	return -portable.Expm1(-portable.Pow(x/w.scale, w.shape))
}
