package theory

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// OrderStatistic is the time of the K-th fastest of N independent exponential
// times of rate Mu, as of K answers out of N parallel calls that never queue;
// K = N waits for the slowest. The gap after the j-th answer is exponential of
// rate (N-j)Mu (Renyi 1953).
type OrderStatistic struct {
	K, N int     // 1 <= K <= N
	Mu   float64 // rate of each time
}

func (o OrderStatistic) check() {
	mustBeAtLeast("the rank of an order statistic", o.K, 1)
	mustBeAtLeast("the number of parallel times", o.N, o.K)
	mustBePositive("the rate of a parallel time", o.Mu)
}

// Mean returns the expectation, (1/(N-K+1) + ... + 1/N)/Mu.
func (o OrderStatistic) Mean() float64 {
	o.check()
	return harmonic(o.N-o.K+1, o.N, 1) / o.Mu
}

// Deviation returns the standard deviation.
func (o OrderStatistic) Deviation() float64 {
	o.check()
	return math.Sqrt(harmonic(o.N-o.K+1, o.N, 2)) / o.Mu
}

// Survival returns P(T > t): fewer than K of the N are done by t.
func (o OrderStatistic) Survival(t float64) float64 {
	o.check()
	if t <= 0 {
		return 1
	}
	return mathext.RegIncBeta(float64(o.N-o.K+1), float64(o.K), math.Exp(-o.Mu*t))
}

// Quantile returns the q-quantile; for K = N it is -ln(1-q^(1/N))/Mu.
func (o OrderStatistic) Quantile(q float64) float64 {
	o.check()
	mustBeQuantile(q)
	if o.K == o.N {
		return -math.Log(-math.Expm1(math.Log(q)/float64(o.N))) / o.Mu
	}
	return quantile(o.Survival, q, o.Mean())
}

// harmonic returns the sum of 1/i^power for i from first to last, small terms
// first.
func harmonic(first, last int, power float64) float64 {
	sum := 0.0
	for i := last; i >= first; i-- {
		sum += math.Pow(float64(i), -power)
	}
	return sum
}
