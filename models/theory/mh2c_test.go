package theory

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
)

func newMH2c(t *testing.T, lambda, p, mean1, mean2 float64, servers int) *MH2c {
	t.Helper()
	q, err := NewMH2c(lambda, p, mean1, mean2, servers)
	require.NoError(t, err)
	return q
}

// Oracle table A2.4.
func TestMH2cAgreesWithTheTable(t *testing.T) {
	for _, row := range []struct {
		lambda, p, mean1, mean2 float64
		servers                 int
		rho, busy, wait, total  float64
	}{
		{1.6, 0.3, 2, 4.0 / 7, 2, 0.8, 0.71419738, 2.5060643, 3.5060643},
		{2.4, 0.3, 2, 4.0 / 7, 3, 0.8, 0.65206321, 1.5065535, 2.5065535},
		{1.6, 0.1, 5, 5.0 / 9, 2, 0.8, 0.7190923, 4.7442844, 5.7442844},
		{3.2, 0.1, 5, 5.0 / 9, 4, 0.8, 0.61143781, 1.893597, 2.893597},
		{4.5, 0.1, 5, 5.0 / 9, 5, 0.9, 0.77453591, 4.0321652, 5.0321652},
	} {
		q := newMH2c(t, row.lambda, row.p, row.mean1, row.mean2, row.servers)
		assertWithin(t, "rho", row.rho, q.Utilisation(), 1e-14)
		assertTable(t, "P(N >= c)", row.busy, q.WaitProbability())
		assertTable(t, "E[W]", row.wait, q.WaitMean())
		assertTable(t, "E[T]", row.total, q.ResponseMean())
		assertTable(t, "L", row.lambda*row.total, q.NumberMean())
		wait := Latency{Mean: q.WaitMean(), Survival: q.WaitSurvival}
		assertWithin(t, "E[W], by its law", q.WaitMean(), wait.meanBeyond(0), 1e-10)
		response := Latency{Mean: q.ResponseMean(), Survival: q.ResponseSurvival}
		assertWithin(t, "E[T], by its law", q.ResponseMean(), response.meanBeyond(0), 1e-10)
		assertWithin(t, "P(W > 0)", q.WaitProbability(), q.WaitSurvival(0), 1e-12)
		assertWithin(t, "T p99", 0.01, q.ResponseSurvival(q.ResponseQuantile(0.99)), 1e-10)
	}
}

func TestMH2cOfOneServerIsMPH1(t *testing.T) {
	q := newMH2c(t, 0.7, 0.1, 5, 5.0/9, 1)
	one := MPH1{0.7, Hyperexponential([]float64{0.1, 0.9}, []float64{5, 5.0 / 9})}
	assertWithin(t, "E[W]", one.WaitMean(), q.WaitMean(), 1e-12)
	for _, at := range []float64{0.5, 0.95, 0.99, 0.999} {
		assertWithin(t, "W", one.WaitQuantile(at), q.WaitQuantile(at), 1e-10)
		assertWithin(t, "T", one.ResponseQuantile(at), q.ResponseQuantile(at), 1e-10)
	}
	assert.Zero(t, q.WaitQuantile(0.2))
}

func TestMH2cOfEqualMeansIsMMc(t *testing.T) {
	for _, p := range []float64{0, 0.3, 1} {
		for _, c := range []int{1, 3, 16} {
			lambda := 0.9 * float64(c) * 2
			q, plain := newMH2c(t, lambda, p, 0.5, 0.5, c), MMc{lambda, 2, c}
			assertWithin(t, "P(W > 0)", plain.WaitProbability(), q.WaitProbability(), 1e-12)
			assertWithin(t, "E[W]", plain.WaitMean(), q.WaitMean(), 1e-12)
			assertWithin(t, "W p99", plain.WaitQuantile(0.99), q.WaitQuantile(0.99), 1e-10)
			assertWithin(t, "T p99.9", plain.ResponseQuantile(0.999), q.ResponseQuantile(0.999), 1e-10)
		}
	}
}

func TestMH2cAtItsLimits(t *testing.T) {
	q := newMH2c(t, 2, 0.5, 1, 1, 2)
	assert.Equal(t, math.Inf(1), q.ResponseMean())
	assert.Equal(t, math.Inf(1), q.WaitQuantile(0.5))
	assert.Equal(t, math.Inf(1), q.ResponseQuantile(0.5))
	assert.Equal(t, 1.0, q.WaitSurvival(5))
	assert.Equal(t, 1.0, q.Utilisation())
	_, err := NewMH2c(1.999, 0.5, 1, 1, 2)
	assert.ErrorContains(t, err, "too close to saturation")
	_, err = NewMH2c(1, 0.5, 1, 1, 65)
	assert.ErrorContains(t, err, "at most 64 servers")
	// Hardly anybody waits.
	rare := newMH2c(t, 1e-3, 0.1, 5, 5.0/9, 2)
	assert.Less(t, rare.WaitProbability(), 1e-6)
	assertWithin(t, "T", 1, rare.ResponseMean(), 1e-5)
}

// The same chain cut at 150 requests and solved whole.
func TestMH2cAgreesWithTheChainSolvedWhole(t *testing.T) {
	const lambda, p, mean1, mean2, servers, last = 2.1, 0.2, 3.0, 0.4, 3, 150
	index := map[[2]int]int{} // number in system and at a first kind of service
	for n := range last + 1 {
		for first := range min(n, servers) + 1 {
			index[[2]int{n, first}] = len(index)
		}
	}
	balance := mat.NewDense(len(index), len(index), nil)
	move := func(n, first, toN, toFirst int, rate float64) {
		if from, to := index[[2]int{n, first}], index[[2]int{toN, toFirst}]; rate > 0 {
			balance.Set(to, from, balance.At(to, from)+rate)
			balance.Set(from, from, balance.At(from, from)-rate)
		}
	}
	for n := range last + 1 {
		for first := range min(n, servers) + 1 {
			one, two := float64(first)/mean1, float64(min(n, servers)-first)/mean2
			switch {
			case n < servers:
				move(n, first, n+1, first+1, lambda*p)
				move(n, first, n+1, first, lambda*(1-p))
			case n < last:
				move(n, first, n+1, first, lambda)
			}
			if n <= servers {
				move(n, first, n-1, first-1, one)
				move(n, first, n-1, first, two)
				continue
			}
			move(n, first, n-1, first, one*p+two*(1-p))
			move(n, first, n-1, first-1, one*(1-p))
			move(n, first, n-1, first+1, two*p)
		}
	}
	for i := range len(index) {
		balance.Set(0, i, 1)
	}
	right, law := mat.NewVecDense(len(index), nil), mat.VecDense{}
	right.SetVec(0, 1)
	require.NoError(t, law.SolveVec(balance, right))
	busy, queue := 0.0, 0.0
	for state, i := range index {
		if state[0] >= servers {
			busy += law.AtVec(i)
			queue += float64(state[0]-servers) * law.AtVec(i)
		}
	}
	q := newMH2c(t, lambda, p, mean1, mean2, servers)
	assertWithin(t, "P(N >= c)", busy, q.WaitProbability(), 1e-10)
	assertWithin(t, "Lq", queue, q.QueueMean(), 1e-10)
}
