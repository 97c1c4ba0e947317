package theory

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// SlowProbability returns the probability that at least one of n independent
// calls is slow, each with probability p: 1-(1-p)^n (Dean and Barroso, "The
// tail at scale", CACM 56(2), 2013).
func SlowProbability(p float64, n int) float64 {
	mustBeProbability("the probability of a slow call", p)
	mustBeAtLeast("the number of parallel calls", n, 0)
	if n == 0 {
		return 0
	}
	return -math.Expm1(float64(n) * math.Log1p(-p))
}

// FanOut is N independent parallel calls of one law, done when Need of them
// have succeeded and given up when that has become impossible. A call fails
// with probability Failure, whatever time it takes. Need = N without failures
// waits for the slowest.
//
// The number of calls that have succeeded by t is binomial, so that everything
// follows from the incomplete beta function (David and Nagaraja, Order
// Statistics, 2003, sec. 2.1). For exponential calls that never fail
// [OrderStatistic] has closed forms.
type FanOut struct {
	Need, N int     // 1 <= Need <= N
	Call    Latency // time of each call
	Failure float64 // probability that a call fails
}

func (f FanOut) check() {
	mustBeAtLeast("the number of answers needed", f.Need, 1)
	mustBeAtLeast("the number of parallel calls", f.N, f.Need)
	mustBeProbability("the failure probability of a call", f.Failure)
	f.Call.check()
}

// SuccessProbability returns the probability that Need calls succeed.
func (f FanOut) SuccessProbability() float64 {
	f.check()
	if f.Failure == 0 {
		return 1
	}
	return mathext.RegIncBeta(float64(f.Need), float64(f.N-f.Need+1), 1-f.Failure)
}

// Survival returns P(T > t) of the fan-outs that succeed; NaN if none can.
func (f FanOut) Survival(t float64) float64 {
	success := f.SuccessProbability()
	if t < 0 {
		return 1
	}
	slow := f.Failure + (1-f.Failure)*f.Call.Survival(t)
	early := mathext.RegIncBeta(float64(f.N-f.Need+1), float64(f.Need), math.Min(1, slow)) // fewer than Need by t
	return math.Max(0, early-(1-success)) / success
}

// Mean returns the mean time of the fan-outs that succeed.
func (f FanOut) Mean() float64 {
	f.check()
	return integrateAll(f.Survival, f.Call.Mean, f.Call.Steps...)
}

// Quantile returns the q-quantile of the time of the fan-outs that succeed.
// For the slowest of all it is that of one call at q^(1/N).
func (f FanOut) Quantile(q float64) float64 {
	f.check()
	mustBeQuantile(q)
	if f.Need == f.N {
		return tailQuantile(f.Call.Survival, -math.Expm1(math.Log(q)/float64(f.N)), f.Call.Mean)
	}
	return quantile(f.Survival, q, f.Call.Mean)
}
