package theory

import "math"

// tokenBucketTailLoad is the utilisation up to which the rejections of a
// bucket are summed from the tail of the unlimited queue, which keeps their
// digits when they are rare.
const tokenBucketTailLoad = 0.9999

// TokenBucket is a rate limit: tokens flow in at rate Rate up to Burst, and a
// request takes one or is rejected. Arrivals are Poisson.
//
// What is missing from the full bucket is the work in an M/D/1/K queue of
// service time 1/Rate and K = Burst places, and a request is let through
// exactly when it would find a place there. The queue left behind at
// departures is an embedded Markov chain (Gross, Shortle, Thompson and Harris,
// Fundamentals of Queueing Theory, sec. 5.1.7).
type TokenBucket struct {
	Lambda float64 // arrival rate, requests per unit of time
	Rate   float64 // tokens per unit of time
	Burst  int     // most tokens kept
}

// RejectProbability returns the fraction of requests that are rejected.
func (b TokenBucket) RejectProbability() float64 {
	mustNotBeNegative("the arrival rate at a token bucket", b.Lambda)
	mustBePositive("the rate of a token bucket", b.Rate)
	mustBeAtLeast("the burst of a token bucket", b.Burst, 1)
	rho := b.Lambda / b.Rate
	if rho == 0 {
		return 0
	}
	chain := newDepartureChain(rho)
	inside := 0.0 // sum of the first Burst states, as that of 0 is 1
	for range b.Burst {
		inside += chain.next()
		if inside > 1e250 { // the rest only grows from here
			return 1 - 1/rho
		}
	}
	if rho >= tokenBucketTailLoad {
		// The server idles for 1/inside of the departures.
		return math.Max(0, (1-(1-rho)*inside)/(1+rho*inside))
	}
	// All states together sum to 1/(1-rho).
	beyond := 0.0
	for {
		state := chain.next()
		beyond += state
		if state <= 1e-17*beyond*(1-rho) {
			break
		}
	}
	return (1 - rho) * beyond / (1 + rho*inside)
}

// Throughput returns the rate of requests that are let through.
func (b TokenBucket) Throughput() float64 { return b.Lambda * (1 - b.RejectProbability()) }

// departureChain runs through the stationary law of the number left behind by
// a departure from an M/D/1 queue, up to a factor: state 0 is 1. As many
// steps lead from below a level to above it as back, so that every state is a
// sum of positive terms in the states below.
type departureChain struct {
	none   float64   // probability of no arrival in a service
	more   []float64 // more[n]: probability of more than n
	states []float64
}

func newDepartureChain(rho float64) *departureChain {
	arrivals := poisson(rho)
	c := &departureChain{none: math.Exp(-rho), more: make([]float64, len(arrivals.p))}
	tail := 0.0
	for n := len(arrivals.p) - 1; n >= 0; n-- {
		c.more[n] = tail
		tail += arrivals.p[n]
	}
	return c
}

// next returns the next state.
func (c *departureChain) next() float64 {
	level := len(c.states) - 1
	state := 1.0
	if level >= 0 {
		sum := c.states[0] * c.exceeds(level)
		for i := max(1, level+1-len(c.more)); i <= level; i++ {
			sum += c.states[i] * c.exceeds(level+1-i)
		}
		state = sum / c.none
	}
	c.states = append(c.states, state)
	return state
}

func (c *departureChain) exceeds(n int) float64 {
	if n >= len(c.more) {
		return 0
	}
	return c.more[n]
}
