package theory

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// jsqWidths[k] is the greatest difference between the longest and the
// shortest of k queues that is followed. Even at jsqLoadMax a greater one
// changes the mean by less than 1 part in 10^8.
var jsqWidths = [...]int{1: 0, 2: 30, 3: 20, 4: 14}

// jsqLoadMax is the utilisation above which NewJSQ declines.
const jsqLoadMax = 0.95

// JSQ is join-the-shortest-queue: Poisson arrivals, each sent to whichever of
// several identical exponential servers has the fewest requests, with a queue
// of its own, first come first served. How ties are broken does not matter.
// It is what least-connections balancing does when a server works on one
// request at a time.
//
// No closed form is known. The stationary law of the Markov chain is computed
// by block elimination over the total number of requests (linear level
// reduction: Gaver, Jacobs and Latouche 1984), leaving out states in which
// the queues differ so much that they are never seen; the relative error of
// the mean is below 1e-8. Four servers near saturation take some seconds.
type JSQ struct {
	lambda, mu float64
	number     []float64 // number[n]: probability of n requests at all servers together
	shortest   []float64 // shortest[n]: probability that every server has at least n requests
}

// NewJSQ solves servers identical servers of rate mu fed by arrivals of total
// rate lambda. It is an error if there are more than 4 servers, or if the
// utilisation is above 0.95: the chain is then too large.
func NewJSQ(servers int, lambda, mu float64) (*JSQ, error) {
	mustBeAtLeast("the number of servers", servers, 1)
	mustBePositive("an arrival rate", lambda)
	mustBePositive("a service rate", mu)
	if servers >= len(jsqWidths) {
		return nil, fmt.Errorf("join-the-shortest-queue is solved for at most %d servers, got %d", len(jsqWidths)-1, servers)
	}
	rho := lambda / mu / float64(servers)
	if rho > jsqLoadMax {
		return nil, fmt.Errorf("join-the-shortest-queue is solved up to a utilisation of %v, got %v", jsqLoadMax, rho)
	}
	width := jsqWidths[servers]
	top := servers*width + int(math.Ceil(-40/math.Log(rho))) // beyond, less than e^-40 is left
	levels := make([][]jsqState, top+1)
	for n := range levels {
		levels[n] = jsqLevel(nil, nil, n, servers, width)
	}
	steps, err := jsqReduce(levels, lambda, mu)
	if err != nil {
		return nil, err
	}
	m := &JSQ{lambda: lambda, mu: mu, number: make([]float64, top+1), shortest: make([]float64, top+1)}
	law := mat.NewDense(1, 1, []float64{1})
	total := 0.0
	for n, level := range levels {
		if n > 0 {
			var next mat.Dense
			next.Mul(law, steps[n])
			law = &next
		}
		for i, state := range level {
			p := law.At(0, i)
			total += p
			m.number[n] += p
			m.shortest[state[0]] += p
		}
	}
	for n := top; n >= 0; n-- {
		m.number[n] /= total
		m.shortest[n] /= total
		if n < top {
			m.shortest[n] += m.shortest[n+1]
		}
	}
	return m, nil
}

// jsqState holds the numbers of requests at the servers, ascending.
type jsqState []int

// with returns the state with the i-th number changed by delta.
func (s jsqState) with(i, delta int) jsqState {
	next := slices.Clone(s)
	next[i] += delta
	slices.Sort(next)
	return next
}

// jsqLevel appends to level the states that begin with prefix and have left
// more requests at the servers that remain, in lexical order.
func jsqLevel(level []jsqState, prefix jsqState, left, servers, width int) []jsqState {
	remain := servers - len(prefix)
	if remain == 0 {
		if left == 0 {
			level = append(level, slices.Clone(prefix))
		}
		return level
	}
	from, to := 0, left
	if len(prefix) > 0 {
		from, to = prefix[len(prefix)-1], min(left, prefix[0]+width)
	}
	for v := from; v <= to && v*remain <= left; v++ {
		level = jsqLevel(level, append(prefix, v), left-v, servers, width)
	}
	return level
}

// jsqReduce returns the matrices R with law(n) = law(n-1) R[n], where law(n)
// is the stationary law on the states with n requests in all. From the top,
// R[n] = up(n-1) (out(n) - R[n+1] down(n+1))^-1, of the rates of moving up a
// level, out of a state, and down a level.
func jsqReduce(levels [][]jsqState, lambda, mu float64) ([]*mat.Dense, error) {
	steps := make([]*mat.Dense, len(levels))
	var returned mat.Dense // R[n+1] down(n+1)
	for n := len(levels) - 1; n >= 1; n-- {
		below, here := levels[n-1], levels[n]
		down := mat.NewDense(len(here), len(below), nil)
		balance := mat.NewDense(len(here), len(here), nil)
		for i, state := range here {
			out := jsqDepartures(down.RawRowView(i), state, below, mu)
			if n < len(levels)-1 {
				out += lambda
			}
			balance.Set(i, i, out)
		}
		if !returned.IsEmpty() {
			balance.Sub(balance, &returned)
		}
		var inverse mat.Dense
		if err := inverse.Inverse(balance); err != nil {
			return nil, fmt.Errorf("join-the-shortest-queue has no usable solution: %w", err)
		}
		steps[n] = mat.NewDense(len(below), len(here), nil)
		for i, state := range below {
			next, _ := slices.BinarySearchFunc(here, state.with(0, 1), slices.Compare)
			for j := range here {
				steps[n].Set(i, j, lambda*inverse.At(next, j))
			}
		}
		returned.Reset()
		returned.Mul(steps[n], down)
	}
	return steps, nil
}

// jsqDepartures adds to row the rates at which state goes to the states of the
// level below, and returns their sum. A departure that would leave the queues
// further apart than is followed is left out.
func jsqDepartures(row []float64, state jsqState, below []jsqState, mu float64) float64 {
	out := 0.0
	for i, n := range state {
		if n == 0 {
			continue
		}
		if next, ok := slices.BinarySearchFunc(below, state.with(i, -1), slices.Compare); ok {
			row[next] += mu
			out += mu
		}
	}
	return out
}

// NumberProbability returns the fraction of time with exactly n requests at
// all servers together.
func (m *JSQ) NumberProbability(n int) float64 {
	if n < 0 || n >= len(m.number) {
		return 0
	}
	return m.number[n]
}

// NumberMean returns the mean number of requests at all servers together.
func (m *JSQ) NumberMean() float64 {
	sum := 0.0
	for n, p := range m.number {
		sum += float64(n) * p
	}
	return sum
}

// ResponseMean returns the mean response time.
func (m *JSQ) ResponseMean() float64 { return m.NumberMean() / m.lambda }

// ResponseSurvival returns P(T > t): a request that joins a server with n
// requests is there until n+1 services are over, so after j services it still
// is if there were at least j.
func (m *JSQ) ResponseSurvival(t float64) float64 {
	return poissonMean(m.mu*math.Max(t, 0), m.shortest)
}

// ResponseQuantile returns the q-quantile of the response time.
func (m *JSQ) ResponseQuantile(q float64) float64 {
	return quantile(m.ResponseSurvival, q, m.ResponseMean())
}
