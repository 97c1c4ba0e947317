package dist

import (
	"github.com/capsim/capsim/sim"
)

// gamma has density x^(shape-1) e^(-x/scale) / (Γ(shape) scale^shape):
// mean shape·scale, coefficient of variation 1/√shape. With a whole shape it
// is the Erlang distribution, the sum of so many exponentials.
type gamma struct{ shape, scale float64 }

func buildGamma(a *args) Law {
	mean, cv := a.positive(a.value("mean"), "mean"), a.number("cv", 0.001, 100)
	if a.err != nil {
		return nil
	}
	shape := 1 / (cv * cv)
	return gamma{shape, mean / shape}
}

func buildErlang(a *args) Law {
	k := a.wholeNamed("k", 1)
	if a.err == nil && k > 1e6 {
		a.failNamed("k", "E309", "k must be from 1 to 1000000, got "+a.text("k"), "")
	}
	mean := a.positive(a.value("mean"), "mean")
	if a.err != nil {
		return nil
	}
	return gamma{k, mean / k}
}

func (g gamma) Sample(s *sim.Stream) float64 { return g.scale * s.Gamma(g.shape) }

func (g gamma) Mean() float64 { return g.shape * g.scale }

func (g gamma) Variance() float64 { return g.shape * g.scale * g.scale }

func (g gamma) CDF(x float64) float64 {
	if x <= 0 {
		return 0
	}
	return lowerGamma(g.shape, x/g.scale)
}
