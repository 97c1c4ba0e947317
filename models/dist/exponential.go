package dist

import (
	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/portable"
)

// Exponential has density e^(-x/m)/m, with m = MeanValue.
type Exponential struct{ MeanValue float64 }

func buildExponential(a *args) Law { return Exponential{a.positive(a.place(0), "mean")} }

// Sample draws m·E, E standard exponential.
func (e Exponential) Sample(s *sim.Stream) float64 { return e.MeanValue * s.Exp() }

// Mean returns m.
func (e Exponential) Mean() float64 { return e.MeanValue }

// Variance returns m².
func (e Exponential) Variance() float64 { return e.MeanValue * e.MeanValue }

// CDF returns 1 - e^(-x/m).
func (e Exponential) CDF(x float64) float64 {
	if x <= 0 {
		return 0
	}
	return -portable.Expm1(-x / e.MeanValue)
}
