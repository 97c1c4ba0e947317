package theory

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// PhaseType is the law of the time that a Markov process takes to leave its
// phases: a sum or mixture of exponentials. It includes the exponential,
// Erlang, hyperexponential and hypoexponential laws and is closed under
// addition (Neuts, Matrix-Geometric Solutions, 1981, ch. 2).
//
// Build one with [Erlang], [Hyperexponential] or [Hypoexponential].
type PhaseType struct {
	initial []float64   // probability of starting in each phase; what is missing from 1 is an atom at 0
	rates   [][]float64 // rates[i][j], i != j: from phase i to j
	exits   []float64   // rate of leaving for good from each phase
}

// Erlang returns the law of the sum of k exponentials with the given total
// mean; k = 1 is the exponential law. Work grows with k^3: it is meant for k
// up to some dozens.
func Erlang(k int, mean float64) PhaseType {
	mustBeAtLeast("the number of phases of an Erlang law", k, 1)
	mustBePositive("the mean of an Erlang law", mean)
	rates := make([]float64, k)
	for i := range rates {
		rates[i] = float64(k) / mean
	}
	return Hypoexponential(rates...)
}

// Hypoexponential returns the law of the sum of independent exponentials with
// the given rates, equal ones included.
func Hypoexponential(rates ...float64) PhaseType {
	mustBeAtLeast("the number of phases of a hypoexponential law", len(rates), 1)
	law := newPhaseType(len(rates))
	law.initial[0] = 1
	for i, rate := range rates {
		mustBePositive("a rate of a hypoexponential law", rate)
		if i+1 < len(rates) {
			law.rates[i][i+1] = rate
		} else {
			law.exits[i] = rate
		}
	}
	return law
}

// Hyperexponential returns the law that is exponential of mean means[i] with
// probability probabilities[i]. The probabilities must sum to 1.
func Hyperexponential(probabilities, means []float64) PhaseType {
	mustBeAtLeast("the number of phases of a hyperexponential law", len(means), 1)
	mustBeDistribution("the probabilities of a hyperexponential law", probabilities, len(means))
	law := newPhaseType(len(means))
	for i, mean := range means {
		mustBePositive("a mean of a hyperexponential law", mean)
		law.initial[i] = probabilities[i]
		law.exits[i] = 1 / mean
	}
	return law
}

func newPhaseType(phases int) PhaseType {
	law := PhaseType{
		initial: make([]float64, phases),
		rates:   make([][]float64, phases),
		exits:   make([]float64, phases),
	}
	for i := range law.rates {
		law.rates[i] = make([]float64, phases)
	}
	return law
}

// visits returns the mean time spent in each phase, the initial law times the
// inverse of the negated generator.
func (l PhaseType) visits() []float64 {
	n := len(l.initial)
	balance := mat.NewDense(n, n, nil)
	for i := range n {
		out := l.exits[i]
		for j, rate := range l.rates[i] {
			out += rate
			balance.Set(j, i, balance.At(j, i)-rate)
		}
		balance.Set(i, i, balance.At(i, i)+out)
	}
	var visits mat.VecDense
	if err := visits.SolveVec(balance, mat.NewVecDense(n, l.initial)); err != nil {
		panic(fmt.Sprintf("theory: the phases of a law are left at rates too far apart: %v", err))
	}
	return visits.RawVector().Data
}

// Mean returns the expectation.
func (l PhaseType) Mean() float64 {
	sum := 0.0
	for _, t := range l.visits() {
		sum += t
	}
	return sum
}

// Survival returns P(T > t): the initial law times exp(t generator), summed.
// The exponential is a power series of non-negative matrices over a short
// time (uniformisation, Jensen 1953), then squared until it spans t, so that
// no term is ever subtracted and rare events keep their digits. The relative
// error is about 1e-16 times t times the fastest rate.
func (l PhaseType) Survival(t float64) float64 {
	n := len(l.initial)
	fastest := 0.0
	for i := range n {
		out := l.exits[i]
		for _, rate := range l.rates[i] {
			out += rate
		}
		fastest = math.Max(fastest, out)
	}
	t = math.Max(t, 0)
	squarings := 0
	step := fastest * t
	for step > 1 {
		step /= 2
		squarings++
	}
	flow := l.uniformised(fastest, step)
	for range squarings {
		flow.Mul(mat.DenseCopyOf(flow), mat.DenseCopyOf(flow))
	}
	survival := 0.0
	for i, p := range l.initial {
		for j := range n {
			survival += p * flow.At(i, j)
		}
	}
	return math.Min(1, survival)
}

// uniformised returns exp(step (P - I)), where P is the jump matrix of the
// process watched at rate fastest and step <= 1.
func (l PhaseType) uniformised(fastest, step float64) *mat.Dense {
	n := len(l.initial)
	jump := mat.NewDense(n, n, nil)
	for i := range n {
		out := l.exits[i]
		for j, rate := range l.rates[i] {
			out += rate
			jump.Set(i, j, rate/fastest)
		}
		jump.Set(i, i, jump.At(i, i)+1-out/fastest)
	}
	sum, term := identity(n), identity(n)
	for k := 1; k <= 20; k++ { // 1/20! is below the rounding error
		term.Mul(mat.DenseCopyOf(term), jump)
		term.Scale(step/float64(k), term)
		sum.Add(sum, term)
	}
	sum.Scale(math.Exp(-step), sum)
	return sum
}

func identity(n int) *mat.Dense {
	m := mat.NewDense(n, n, nil)
	for i := range n {
		m.Set(i, i, 1)
	}
	return m
}

// Quantile returns the q-quantile; 0 for q up to the probability of 0.
func (l PhaseType) Quantile(q float64) float64 {
	return quantile(l.Survival, q, l.Mean())
}

// plus returns the law of the sum of two independent times: the second starts
// when the first ends, at once if the first is 0.
func (l PhaseType) plus(next PhaseType) PhaseType {
	n, m := len(l.initial), len(next.initial)
	sum := newPhaseType(n + m)
	copy(sum.initial, l.initial)
	skip := 1.0
	for _, p := range l.initial {
		skip -= p
	}
	for j, p := range next.initial {
		sum.initial[n+j] = math.Max(0, skip) * p
		sum.exits[n+j] = next.exits[j]
		copy(sum.rates[n+j][n:], next.rates[j])
	}
	for i := range n {
		copy(sum.rates[i], l.rates[i])
		for j, p := range next.initial {
			sum.rates[i][n+j] = l.exits[i] * p
		}
	}
	return sum
}
