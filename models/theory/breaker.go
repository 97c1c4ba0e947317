package theory

import "math"

// Breaker is a circuit breaker that opens after Consecutive failures in a row,
// stays open for a time Open in which it rejects everything, then lets the
// next request through to try: if that one fails it opens again, else it
// closes and counts from nought. Requests are Poisson of rate Lambda, fail
// independently with probability Failure, and take no time.
//
// From one opening to the next the breaker renews itself, so that every rate
// is a mean per cycle over the mean length of a cycle (renewal reward: Ross,
// Stochastic Processes, 1996, sec. 3.6).
type Breaker struct {
	Lambda      float64 // arrival rate, requests per unit of time
	Failure     float64 // probability that a request fails
	Consecutive int     // failures in a row that open it
	Open        float64 // time for which it stays open
}

func (b Breaker) check() {
	mustBePositive("the arrival rate at a breaker", b.Lambda)
	mustBeProbability("the failure probability at a breaker", b.Failure)
	mustBeAtLeast("the failures that open a breaker", b.Consecutive, 1)
	mustNotBeNegative("the time that a breaker stays open", b.Open)
}

// row returns p^k, the probability that k requests in a row fail.
func (b Breaker) row() float64 {
	b.check()
	return math.Pow(b.Failure, float64(b.Consecutive))
}

// TripAttemptsMean returns the mean number of requests from closing until the
// breaker opens: (1-p^k)/(p^k(1-p)) = 1/p + ... + 1/p^k, +Inf if nothing fails
// (Feller, An Introduction to Probability Theory, vol. 1, XIII.7).
func (b Breaker) TripAttemptsMean() float64 {
	b.check()
	sum := 0.0
	for range b.Consecutive {
		sum = (1 + sum) / b.Failure
	}
	return sum
}

// OpenFraction returns the fraction of time for which the breaker is open. A
// cycle from closing to closing holds 1/(1-p) open spells, as many waits of
// 1/Lambda for the request that tries, and the closed spell; the sum
// simplifies to Lambda Open p^k/(1 + Lambda Open p^k).
func (b Breaker) OpenFraction() float64 {
	share := b.Lambda * b.Open * b.row()
	return share / (1 + share)
}

// RejectedFraction returns the fraction of requests that find the breaker
// open. Poisson arrivals see time averages, so it equals OpenFraction.
func (b Breaker) RejectedFraction() float64 { return b.OpenFraction() }

// Throughput returns the rate of requests that are let through, those that
// fail included.
func (b Breaker) Throughput() float64 {
	return b.Lambda / (1 + b.Lambda*b.Open*b.row())
}

// Goodput returns the rate of requests that succeed.
func (b Breaker) Goodput() float64 { return b.Throughput() * (1 - b.Failure) }

// ErrorRatio returns the fraction of requests that are rejected or fail.
func (b Breaker) ErrorRatio() float64 { return 1 - (1-b.OpenFraction())*(1-b.Failure) }

// OpeningRate returns how often the breaker opens, a try that fails counting
// as another time: Lambda p^k/(1 + Lambda Open p^k).
func (b Breaker) OpeningRate() float64 { return b.Throughput() * b.row() }
