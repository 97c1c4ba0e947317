package theory

import (
	"math"
	"testing"
)

// Two exponential calls of rates a and b: the sooner takes 1/(a+b), the later
// 1/a + 1/b - 1/(a+b).
func TestBranchesOfTwoExponentialCalls(t *testing.T) {
	calls := []Latency{ExponentialLatency(1), ExponentialLatency(1.0 / 3)}
	assertWithin(t, "any", 0.25, Branches{1, calls}.Mean(), 1e-13)
	assertWithin(t, "all", 1+1.0/3-0.25, Branches{2, calls}.Mean(), 1e-13)
	assertWithin(t, "all, P(T > 40)", math.Exp(-40), Branches{2, calls}.Survival(40), 1e-13)
	assertWithin(t, "any, p99", math.Log(100)/4, Branches{1, calls}.Quantile(0.99), 1e-13)
}

func TestBranchesOfOneLawAreAFanOut(t *testing.T) {
	call := LogNormalLatency(1, 2)
	calls := []Latency{call, call, call, call, call}
	for need := 1; need <= 5; need++ {
		b, f := Branches{need, calls}, FanOut{Need: need, N: 5, Call: call}
		assertWithin(t, "mean", f.Mean(), b.Mean(), 1e-11)
		assertWithin(t, "p99", f.Quantile(0.99), b.Quantile(0.99), 1e-11)
	}
}

// A constant 2 beside an exponential call of mean 1: E[max] = 2 + e^-2.
func TestBranchesOneOfWhichIsConstant(t *testing.T) {
	calls := []Latency{ConstantLatency(2), ExponentialLatency(1)}
	assertWithin(t, "all", 2+math.Exp(-2), Branches{2, calls}.Mean(), 1e-13)
	assertWithin(t, "any", 1-math.Exp(-2), Branches{1, calls}.Mean(), 1e-13)
	assertWithin(t, "median of all", 2, Branches{2, calls}.Quantile(0.5), 1e-13)
}
