package theory

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

const (
	mh2cLoadMax    = 0.995 // utilisation above which NewMH2c declines
	mh2cServersMax = 64    // servers above which it does
	mh2cNegligible = 1e-16 // probability below which a wait is not followed
)

// MH2c is the M/H2/c queue: Poisson arrivals, service that is exponential of
// one of two means, c identical servers, one queue, first come first served.
//
// The Markov chain of the number in system and of how many of the busy servers
// are at a service of the first kind is solved exactly: above c its levels
// repeat, and their law is geometric in a matrix R (Neuts, Matrix-Geometric
// Solutions, 1981), found by logarithmic reduction (Latouche and Ramaswami
// 1993). The laws of the times follow by uniformisation: a request waits while
// as many services end as stand before it. Their probabilities have an
// absolute error of about 1e-14. Dozens of servers near saturation take some
// seconds.
type MH2c struct {
	lambda, p float64
	rates     [2]float64 // of the two kinds of service
	servers   int

	waitProbability, queueMean float64
	jumps                      float64   // rate of the jumps that the times are followed by
	waiting, present           []float64 // by jumps since arrival: probability of still waiting, of still being there
}

// NewMH2c solves the queue with arrival rate lambda and service of mean mean1
// with probability p and of mean2 otherwise. An overloaded queue is solved too
// (its means are +Inf). It is an error if there are more than 64 servers, or
// if the utilisation is between 0.995 and 1, too close to saturation.
func NewMH2c(lambda, p, mean1, mean2 float64, servers int) (*MH2c, error) {
	mustBePositive("the arrival rate of an M/H2/c queue", lambda)
	mustBeProbability("the probability of a service of the first kind", p)
	mustBePositive("a mean service time of an M/H2/c queue", mean1)
	mustBePositive("a mean service time of an M/H2/c queue", mean2)
	mustBeAtLeast("the number of servers of an M/H2/c queue", servers, 1)
	m := &MH2c{lambda: lambda, p: p, rates: [2]float64{1 / mean1, 1 / mean2}, servers: servers}
	switch rho := m.rho(); {
	case servers > mh2cServersMax:
		return nil, fmt.Errorf("an M/H2/c queue is solved for at most %d servers, got %d", mh2cServersMax, servers)
	case rho >= 1:
		m.waitProbability, m.queueMean = 1, math.Inf(1)
		return m, nil
	case rho > mh2cLoadMax:
		return nil, fmt.Errorf("an M/H2/%d queue at utilisation %v is too close to saturation to be solved", servers, rho)
	}
	full, r, err := m.solve()
	if err != nil {
		return nil, fmt.Errorf("an M/H2/%d queue has no usable solution: %w", servers, err)
	}
	m.follow(full, r)
	return m, nil
}

func (m *MH2c) serviceMean() float64 { return m.p/m.rates[0] + (1-m.p)/m.rates[1] }

func (m *MH2c) rho() float64 { return m.lambda * m.serviceMean() / float64(m.servers) }

// ending returns the rates at which services of the two kinds end when busy
// servers are at work, first of them at one of the first kind.
func (m *MH2c) ending(busy, first int) (one, two float64) {
	return float64(first) * m.rates[0], float64(busy-first) * m.rates[1]
}

// down returns the rates of moving from a level with busy servers at work,
// first of them at the first kind of service, to the level below; with a
// queue, the server takes its next request at once.
func (m *MH2c) down(busy int, queue bool) *mat.Dense {
	below := busy
	if queue {
		below++
	}
	rates := mat.NewDense(busy+1, below, nil)
	add := func(from, to int, rate float64) {
		if rate > 0 {
			rates.Set(from, to, rates.At(from, to)+rate)
		}
	}
	for first := range busy + 1 {
		one, two := m.ending(busy, first)
		if !queue {
			add(first, first-1, one)
			add(first, first, two)
			continue
		}
		add(first, first, one*m.p)
		add(first, first-1, one*(1-m.p))
		add(first, first+1, two*m.p)
		add(first, first, two*(1-m.p))
	}
	return rates
}

// out returns the rate of leaving each state of a level with busy servers at
// work, on the diagonal.
func (m *MH2c) out(busy int) *mat.Dense {
	rates := mat.NewDense(busy+1, busy+1, nil)
	for first := range busy + 1 {
		one, two := m.ending(busy, first)
		rates.Set(first, first, m.lambda+one+two)
	}
	return rates
}

// solve returns the stationary law of the states with exactly c requests, by
// how many are at a first kind of service, and the matrix R by which each
// level above follows from the one below; it fills in the means.
func (m *MH2c) solve() (full *mat.VecDense, r *mat.Dense, err error) {
	r, err = m.geometric()
	if err != nil {
		return nil, nil, err
	}
	// From the top down, law(n) = law(n-1) steps[n].
	steps := make([]*mat.Dense, m.servers+1)
	above, returning := r, m.down(m.servers, true)
	for n := m.servers; n >= 1; n-- {
		var back, inverse mat.Dense
		back.Mul(above, returning)
		back.Sub(m.out(n), &back)
		if err := inverse.Inverse(&back); err != nil {
			return nil, nil, err
		}
		steps[n] = mat.NewDense(n, n+1, nil)
		for first := range n {
			for to := range n + 1 {
				steps[n].Set(first, to, m.lambda*(m.p*inverse.At(first+1, to)+(1-m.p)*inverse.At(first, to)))
			}
		}
		above, returning = steps[n], m.down(n, false)
	}
	law := mat.NewVecDense(1, []float64{1})
	total := 0.0
	for n := 1; n <= m.servers; n++ {
		total += mat.Sum(law)
		next := mat.NewVecDense(n+1, nil)
		next.MulVec(steps[n].T(), law)
		law = next
	}
	// Levels c, c+1, ... sum to law (I-R)^-1, and the queue to R (I-R)^-2.
	var rest, inverse mat.Dense
	rest.Sub(identity(m.servers+1), r)
	if err := inverse.Inverse(&rest); err != nil {
		return nil, nil, err
	}
	var waiting, queue mat.VecDense
	waiting.MulVec(inverse.T(), law)
	queue.MulVec(r.T(), &waiting)
	queue.MulVec(inverse.T(), &queue)
	total += mat.Sum(&waiting)
	m.waitProbability = mat.Sum(&waiting) / total
	m.queueMean = mat.Sum(&queue) / total
	law.ScaleVec(1/total, law)
	return law, r, nil
}

// geometric returns R, from the matrix G of the probabilities with which a
// level is first left downwards.
func (m *MH2c) geometric() (*mat.Dense, error) {
	size := m.servers + 1
	down, out := m.down(m.servers, true), m.out(m.servers)
	up, fall := mat.NewDense(size, size, nil), mat.NewDense(size, size, nil)
	for i := range size {
		up.Set(i, i, m.lambda/out.At(i, i))
		for j := range size {
			fall.Set(i, j, down.At(i, j)/out.At(i, i))
		}
	}
	g, climbed := mat.DenseCopyOf(fall), mat.DenseCopyOf(up)
	for range 60 { // each round doubles the levels seen
		var both, other, inverse, next, add mat.Dense
		both.Mul(up, fall)
		other.Mul(fall, up)
		both.Add(&both, &other)
		both.Sub(identity(size), &both)
		if err := inverse.Inverse(&both); err != nil {
			return nil, err
		}
		next.Mul(up, up)
		up.Mul(&inverse, &next)
		next.Reset()
		next.Mul(fall, fall)
		fall.Mul(&inverse, &next)
		add.Mul(climbed, fall)
		g.Add(g, &add)
		next.Reset()
		next.Mul(climbed, up)
		climbed.Copy(&next)
		if mat.Max(&add) <= 1e-17 {
			break
		}
	}
	var back, r mat.Dense
	back.Scale(m.lambda, g)
	back.Sub(out, &back)
	if err := r.Inverse(&back); err != nil {
		return nil, err
	}
	r.Scale(m.lambda, &r)
	return &r, nil
}
