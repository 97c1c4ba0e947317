package theory

import (
	"math"
	"slices"
)

// Latency is the law of a time X that a call takes without queueing, as far as
// hedging, fan-out, time-outs and a system with a server for everybody depend
// on it. Any response time with a survival function will do:
//
//	Latency{Mean: q.ResponseMean(), Survival: q.ResponseSurvival}
type Latency struct {
	Mean     float64                 // E[X]
	Survival func(t float64) float64 // P(X > t) for t >= 0
	Steps    []float64               // where Survival jumps, if anywhere
}

func (l Latency) check() {
	mustBePositive("the mean of a latency", l.Mean)
	if l.Survival == nil {
		panic("theory: a latency needs a survival function")
	}
}

// Quantile returns the q-quantile.
func (l Latency) Quantile(q float64) float64 {
	l.check()
	return quantile(l.Survival, q, l.Mean)
}

// meanUpTo returns E[min(X, t)], the integral of the survival function to t.
func (l Latency) meanUpTo(t float64) float64 {
	if t > l.Mean {
		return l.Mean - l.meanBeyond(t)
	}
	sum, low := 0.0, 0.0
	for _, step := range slices.Sorted(slices.Values(l.Steps)) {
		if step > low && step < t {
			sum += integrate(l.Survival, low, step)
			low = step
		}
	}
	return sum + integrate(l.Survival, low, t)
}

// meanBeyond returns E[max(X-t, 0)].
func (l Latency) meanBeyond(t float64) float64 {
	var cuts []float64
	for _, step := range l.Steps {
		cuts = append(cuts, step-t)
	}
	return integrateAll(func(u float64) float64 { return l.Survival(t + u) }, l.Mean, cuts...)
}

// ExponentialLatency returns the exponential law.
func ExponentialLatency(mean float64) Latency {
	mustBePositive("the mean of an exponential law", mean)
	return Latency{Mean: mean, Survival: func(t float64) float64 {
		return math.Exp(-math.Max(t, 0) / mean)
	}}
}

// ConstantLatency returns the law of a constant.
func ConstantLatency(value float64) Latency {
	mustBePositive("a constant latency", value)
	return Latency{Mean: value, Steps: []float64{value}, Survival: func(t float64) float64 {
		if t < value {
			return 1
		}
		return 0
	}}
}

// ErlangLatency returns the law of the sum of k exponentials of the given
// total mean.
func ErlangLatency(k int, mean float64) Latency {
	mustBeAtLeast("the number of phases of an Erlang law", k, 1)
	mustBePositive("the mean of an Erlang law", mean)
	return Latency{Mean: mean, Survival: func(t float64) float64 {
		x := float64(k) * math.Max(t, 0) / mean // fewer than k events of a Poisson process by x
		sum, term := 0.0, math.Exp(-x)
		for i := 0; i < k; i++ {
			sum += term
			term *= x / float64(i+1)
		}
		return math.Min(1, sum)
	}}
}

// LogNormalLatency returns the lognormal law of the given mean and coefficient
// of variation cv (standard deviation over mean): the logarithm of X is normal
// of variance ln(1+cv^2).
func LogNormalLatency(mean, cv float64) Latency {
	location, width := logNormal(mean, cv)
	return Latency{Mean: mean, Survival: func(t float64) float64 {
		if t <= 0 {
			return 1
		}
		return math.Erfc((math.Log(t)-location)/(width*math.Sqrt2)) / 2
	}}
}

// logNormal returns the mean and the standard deviation of the logarithm.
func logNormal(mean, cv float64) (location, width float64) {
	mustBePositive("the mean of a lognormal law", mean)
	mustBePositive("the coefficient of variation of a lognormal law", cv)
	variance := math.Log1p(cv * cv)
	return math.Log(mean) - variance/2, math.Sqrt(variance)
}

// MixedLatency returns the law that is laws[i] with probability
// probabilities[i].
func MixedLatency(probabilities []float64, laws []Latency) Latency {
	mustBeDistribution("the probabilities of a mixture", probabilities, len(laws))
	mixture := Latency{Survival: func(t float64) float64 {
		sum := 0.0
		for i, p := range probabilities {
			sum += p * laws[i].Survival(t)
		}
		return sum
	}}
	for i, p := range probabilities {
		laws[i].check()
		mixture.Mean += p * laws[i].Mean
		mixture.Steps = append(mixture.Steps, laws[i].Steps...)
	}
	return mixture
}
