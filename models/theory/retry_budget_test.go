package theory

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func solveBudget(t *testing.T, ratio, kept, failure float64, retries int) BudgetedRetries {
	t.Helper()
	s, err := RetryBudget{ratio, kept}.Solve(Retries{retries, failure})
	require.NoError(t, err)
	return s
}

// By hand. Half a token a call, one kept, one retry: a call that finds nothing
// cannot be retried, any other can, so that p/(1+p) of them find nothing.
func TestRetryBudgetOfOneTokenHasItsClosedForm(t *testing.T) {
	for _, p := range []float64{0.01, 0.3, 0.9, 1} {
		s := solveBudget(t, 0.5, 1, p, 1)
		assertWithin(t, "retries", p/(1+p), s.RetriesMean, 1e-14)
		assertWithin(t, "errors", 2*p*p/(1+p), s.ErrorRatio, 1e-14)
		// A token a call pays for one retry each, never for a second.
		s = solveBudget(t, 1, 1, p, 5)
		assertWithin(t, "one each", p, s.RetriesMean, 1e-14)
		assertWithin(t, "errors of one each", p*p, s.ErrorRatio, 1e-14)
	}
}

func TestRetryBudgetAtItsLimits(t *testing.T) {
	// When everything fails each token becomes a retry, 10 % more attempts.
	for _, ratio := range []float64{0.1, 0.15, 0.35, 0.025} {
		s := solveBudget(t, ratio, 10, 1, 3)
		assertWithin(t, "outage", ratio, s.RetriesMean, 1e-12)
		assert.Equal(t, 1+ratio, RetryBudget{ratio, 10}.AmplificationMax())
	}
	// An ample budget is none.
	r := Retries{Max: 2, Failure: 0.3}
	s := solveBudget(t, 2, 10, 0.3, 2)
	assertWithin(t, "ample", r.AttemptsMean()-1, s.RetriesMean, 1e-14)
	assertWithin(t, "ample, errors", r.ErrorRatio(), s.ErrorRatio, 1e-14)
	// Nothing fails, nothing is added, nothing kept is above the tokens.
	assert.Zero(t, solveBudget(t, 0.1, 10, 0, 2).RetriesMean)
	assert.Equal(t, BudgetedRetries{ErrorRatio: 0.3}, solveBudget(t, 0, 10, 0.3, 2))
	assertWithin(t, "a part of a unit", solveBudget(t, 0.5, 3, 0.4, 2).RetriesMean, solveBudget(t, 0.5, 3.3, 0.4, 2).RetriesMean, 1e-15)
}

// The retries made are below the lesser of the demand and the ratio, and come
// to it as more tokens are kept.
func TestRetryBudgetTendsToTheLesserOfDemandAndRatio(t *testing.T) {
	for _, p := range []float64{0.02, 0.08, 0.3, 0.8} {
		r := Retries{Max: 2, Failure: p}
		limit := RetryBudget{0.1, 10}.RetriesMeanApprox(r)
		last := 0.0
		for _, kept := range []float64{1, 3, 10, 99} {
			s := solveBudget(t, 0.1, kept, p, 2)
			assert.LessOrEqual(t, s.RetriesMean, limit*(1+1e-12))
			assert.GreaterOrEqual(t, s.RetriesMean, last*(1-1e-12))
			last = s.RetriesMean
		}
		assertWithin(t, "99 kept", limit, last, 1e-3)
	}
}

// The same chain, played: five million calls.
func TestRetryBudgetAgreesWithPlayingIt(t *testing.T) {
	const calls, ratio, kept, p, retries = 5_000_000, 1, 100, 0.1, 3 // in tenths of a token
	random := rand.New(rand.NewPCG(1, 2))
	tokens, made, failed := kept, 0, 0
	for range calls {
		tokens = min(tokens+ratio, kept)
		for left := retries; ; left-- {
			if random.Float64() >= p {
				break
			}
			if left == 0 || tokens < 10 {
				failed++
				break
			}
			tokens -= 10
			made++
		}
	}
	s := solveBudget(t, 0.1, 10, p, retries)
	assertWithin(t, "retries", float64(made)/calls, s.RetriesMean, 0.005)
	assertWithin(t, "errors", float64(failed)/calls, s.ErrorRatio, 0.02)
}

func TestRetryBudgetsOfAChainMultiply(t *testing.T) {
	assertWithin(t, "three hops", 1.331, RetryAmplificationMax(RetryBudget{0.1, 10}, RetryBudget{0.1, 10}, RetryBudget{0.1, 10}), 1e-15)
	assert.Equal(t, 1.0, RetryAmplificationMax())
}

func TestRetryBudgetDeclinesWhatIsTooFine(t *testing.T) {
	_, err := RetryBudget{0.1 + 1e-7, 10}.Solve(Retries{1, 0.5})
	assert.ErrorContains(t, err, "whole steps of 0.0001")
	_, err = RetryBudget{0.1003, 10}.Solve(Retries{1, 0.5})
	assert.ErrorContains(t, err, "too fine")
	assert.Panics(t, func() { _ = RetryBudget{0.1, 0.5}.AmplificationMax() })
}
