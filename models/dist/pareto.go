package dist

import (
	"math"

	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/portable"
)

// pareto has P(X > x) = (low/x)^alpha from low on.
type pareto struct{ low, alpha float64 }

// boundedPareto is pareto given that it is at most high.
type boundedPareto struct {
	low, alpha float64
	span       float64 // log(high/low)
	mass       float64 // what pareto puts on [low, high]
}

func buildPareto(a *args) Law {
	low, alpha := a.positive(a.value("min"), "min"), a.number("alpha", 0.1, 1000)
	if a.err != nil || !a.has("max") {
		return pareto{low, alpha}
	}
	high := a.value("max")
	if a.err == nil && high <= low {
		a.failNamed("max", "E309", "max must be above min, got "+a.text("max"), "")
	}
	if a.err != nil {
		return nil
	}
	span := portable.Log(high / low)
	return boundedPareto{low, alpha, span, -portable.Expm1(-alpha * span)}
}

func (p pareto) Sample(s *sim.Stream) float64 { return p.low * portable.Exp(s.Exp()/p.alpha) }

func (p pareto) Mean() float64 {
	if p.alpha <= 1 {
		return math.Inf(1)
	}
	return p.low * p.alpha / (p.alpha - 1)
}

func (p pareto) Variance() float64 {
	if p.alpha <= 2 {
		return math.Inf(1)
	}
	mean := p.Mean()
	return mean * mean / (p.alpha * (p.alpha - 2))
}

func (p pareto) CDF(x float64) float64 {
	if x <= p.low {
		return 0
	}
	return 1 - portable.Pow(p.low/x, p.alpha)
}

// Sample inverts the distribution function.
func (p boundedPareto) Sample(s *sim.Stream) float64 {
	exponent := -portable.Log1p(-s.Float64()*p.mass) / p.alpha
	return p.low * portable.Exp(min(exponent, p.span))
}

// moment is E[X^k] = alpha low^alpha ∫ x^(k-alpha-1) dx / mass over
// [low, high], which is alpha low^k / mass times the integral of
// e^((k-alpha) y) over y in [0, span].
func (p boundedPareto) moment(k float64) float64 {
	low := p.low
	if k == 2 {
		low *= p.low
	}
	return float64(p.alpha * low / p.mass * expIntegral(k-p.alpha, p.span))
}

func (p boundedPareto) Mean() float64 { return p.moment(1) }

func (p boundedPareto) Variance() float64 {
	mean := p.Mean()
	return max(0, p.moment(2)-float64(mean*mean))
}

func (p boundedPareto) CDF(x float64) float64 {
	if x <= p.low {
		return 0
	}
	return clamp(-portable.Expm1(-p.alpha*portable.Log(x/p.low)) / p.mass)
}
