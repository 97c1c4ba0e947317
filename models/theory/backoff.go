package theory

import (
	"fmt"
	"math"
)

// Jitter is how a pause d between attempts is spread.
type Jitter int

// The kinds of jitter (Brooker, "Exponential backoff and jitter", 2015): none;
// full, uniform from 0 to d; equal, d/2 and uniform up to d/2 more.
const (
	NoJitter Jitter = iota
	FullJitter
	EqualJitter
)

// Backoff is the pause before each retry: First, then twice as long each time
// up to Longest, spread by its jitter. The zero Backoff does not pause.
type Backoff struct {
	First   float64 // pause before the first retry
	Longest float64 // limit of the doubling; 0 is none
	Jitter  Jitter
}

func (b Backoff) check() {
	mustNotBeNegative("the first pause of a backoff", b.First)
	mustNotBeNegative("the longest pause of a backoff", b.Longest)
	if b.Jitter < NoJitter || b.Jitter > EqualJitter {
		panic(fmt.Sprintf("theory: there is no jitter of number %d", b.Jitter))
	}
}

// pause returns the pause before retry i, counted from 1, without jitter.
func (b Backoff) pause(i int) float64 {
	b.check()
	mustBeAtLeast("the number of a retry", i, 1)
	d := math.Ldexp(b.First, i-1)
	if b.Longest > 0 {
		d = math.Min(d, b.Longest)
	}
	return d
}

// PauseMean returns the mean pause before retry i, counted from 1: d, d/2 with
// full jitter, 3d/4 with equal jitter.
func (b Backoff) PauseMean(i int) float64 {
	return b.pause(i) * [...]float64{NoJitter: 1, FullJitter: 0.5, EqualJitter: 0.75}[b.Jitter]
}

// PauseDeviation returns the standard deviation of the pause before retry i:
// 0, d/sqrt(12) with full jitter, half that with equal jitter.
func (b Backoff) PauseDeviation(i int) float64 {
	return b.pause(i) * [...]float64{NoJitter: 0, FullJitter: 1, EqualJitter: 0.5}[b.Jitter] / math.Sqrt(12)
}

// TotalMean returns the mean of the pauses before the first so many retries,
// together.
func (b Backoff) TotalMean(retries int) float64 {
	sum := 0.0
	for i := 1; i <= retries; i++ {
		sum += b.PauseMean(i)
	}
	return sum
}
