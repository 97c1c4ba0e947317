package theory

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// retryBudgetUnit is the smallest part of a token that a budget may be made
// of, and retryBudgetStates the most states of its chain.
const (
	retryBudgetUnit   = 1e-4
	retryBudgetStates = 1000
)

// RetryBudget limits retries by tokens: every first attempt adds Ratio tokens,
// at most Kept are kept, and a retry takes one, or is not made (after
// Finagle's RetryBudget).
type RetryBudget struct {
	Ratio float64 // tokens added by a first attempt
	Kept  float64 // most tokens kept, at least 1
}

func (b RetryBudget) check() {
	mustNotBeNegative("the ratio of a retry budget", b.Ratio)
	if !(b.Kept >= 1) || math.IsInf(b.Kept, 1) {
		panic(fmt.Sprintf("theory: a retry budget must keep at least 1 token, got %v", b.Kept))
	}
}

// AmplificationMax returns the most attempts per call over a long time,
// whatever fails: every retry takes a token that a first attempt has added.
func (b RetryBudget) AmplificationMax() float64 {
	b.check()
	return 1 + b.Ratio
}

// RetryAmplificationMax returns the most attempts at the end of a chain of hops
// for each request that enters it, when each hop retries within its budget:
// the product of 1 + Ratio, where without budgets it is that of Max + 1.
func RetryAmplificationMax(hops ...RetryBudget) float64 {
	product := 1.0
	for _, b := range hops {
		product *= b.AmplificationMax()
	}
	return product
}

// RetriesMeanApprox returns the retries per call min(demand, Ratio), the
// demand being those made without a budget. It is the limit of ample Kept, and
// holds whatever the order of events; the true value is below.
func (b RetryBudget) RetriesMeanApprox(r Retries) float64 {
	b.check()
	return math.Min(r.AttemptsMean()-1, b.Ratio)
}

// BudgetedRetries is the steady state of calls retried within a budget.
type BudgetedRetries struct {
	RetriesMean float64 // retries per call
	ErrorRatio  float64 // calls that fail for good
}

// Solve returns the steady state of calls of which each has ended before the
// next begins: attempts that take no time, without pauses. A call that fails
// while the budget holds less than a token fails for good. The tokens are
// then a Markov chain from call to call, solved exactly.
//
// The error is for a Ratio that is not made of whole ten-thousandths, or that
// is so fine that the chain has more than a thousand states.
func (b RetryBudget) Solve(r Retries) (BudgetedRetries, error) {
	b.check()
	r.check()
	ratio, token := math.Round(b.Ratio/retryBudgetUnit), math.Round(1/retryBudgetUnit)
	if math.Abs(ratio*retryBudgetUnit-b.Ratio) > 1e-12*math.Max(1, b.Ratio) {
		return BudgetedRetries{}, fmt.Errorf("a retry budget of %v per call is solved only in whole steps of %v", b.Ratio, retryBudgetUnit)
	}
	// Tokens only ever matter in units of the common divisor of what is added
	// and what is taken: counted down from the full budget they stay in step,
	// and a part of a unit at the top never makes up a token.
	unit := commonDivisor(ratio, token)
	added, taken := int(ratio/unit), int(token/unit)
	top := int(math.Floor(b.Kept/retryBudgetUnit/unit + 1e-9))
	if added == 0 {
		return BudgetedRetries{ErrorRatio: r.Failure}, nil
	}
	if top >= retryBudgetStates {
		return BudgetedRetries{}, fmt.Errorf("a retry budget of %v per call and %v tokens is too fine to be solved", b.Ratio, b.Kept)
	}
	law, err := budgetLaw(top, added, taken, r)
	if err != nil {
		return BudgetedRetries{}, err
	}
	var s BudgetedRetries
	for tokens, share := range law {
		budgetCall(min(tokens+added, top), taken, r, func(left, retries int, p float64, failed bool) {
			s.RetriesMean += share * p * float64(retries)
			if failed {
				s.ErrorRatio += share * p
			}
		})
	}
	return s, nil
}

// budgetCall calls visit for each way in which a call can end that finds so
// many tokens after its own deposit: what is left, how many retries it made,
// with what probability, and whether it failed for good.
func budgetCall(tokens, taken int, r Retries, visit func(left, retries int, p float64, failed bool)) {
	reached := 1.0
	for retries := 0; ; retries++ {
		visit(tokens, retries, reached*(1-r.Failure), false)
		reached *= r.Failure
		if retries == r.Max || tokens < taken {
			visit(tokens, retries, reached, true)
			return
		}
		tokens -= taken
	}
}

// budgetLaw returns the stationary law of the tokens that calls find.
func budgetLaw(top, added, taken int, r Retries) ([]float64, error) {
	balance := mat.NewDense(top+1, top+1, nil)
	for tokens := range top + 1 {
		balance.Set(tokens, tokens, -1)
		budgetCall(min(tokens+added, top), taken, r, func(left, _ int, p float64, _ bool) {
			balance.Set(left, tokens, balance.At(left, tokens)+p)
		})
	}
	right := mat.NewVecDense(top+1, nil)
	for tokens := range top + 1 { // one equation follows from the others
		balance.Set(0, tokens, 1)
	}
	right.SetVec(0, 1)
	var law mat.VecDense
	if err := law.SolveVec(balance, right); err != nil {
		return nil, fmt.Errorf("the retry budget has no usable steady state: %w", err)
	}
	return law.RawVector().Data, nil
}

// commonDivisor returns the greatest common divisor of two whole numbers that
// are not both 0.
func commonDivisor(a, b float64) float64 {
	for b != 0 {
		a, b = b, math.Mod(a, b)
	}
	return a
}
