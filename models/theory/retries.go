package theory

import "math"

// Retries is a call that is tried again, up to Max times, while it fails.
// Attempts fail independently with probability Failure: no queueing, or a load
// that its retries hardly change. The number of attempts is geometric, cut
// at Max+1.
type Retries struct {
	Max     int     // further attempts after the first
	Failure float64 // probability that an attempt fails
}

func (r Retries) check() {
	mustBeAtLeast("the number of retries", r.Max, 0)
	mustBeProbability("the failure probability of an attempt", r.Failure)
}

// AttemptsMean returns the attempts per call, the retry amplification:
// 1 + p + ... + p^Max = (1-p^(Max+1))/(1-p).
func (r Retries) AttemptsMean() float64 {
	r.check()
	sum := 0.0
	for range r.Max + 1 {
		sum = 1 + r.Failure*sum
	}
	return sum
}

// AttemptsProbability returns the probability of exactly n attempts.
func (r Retries) AttemptsProbability(n int) float64 {
	r.check()
	switch {
	case n < 1 || n > r.Max+1:
		return 0
	case n == r.Max+1:
		return math.Pow(r.Failure, float64(r.Max))
	}
	return math.Pow(r.Failure, float64(n-1)) * (1 - r.Failure)
}

// ErrorRatio returns the probability that the call fails for good,
// p^(Max+1).
func (r Retries) ErrorRatio() float64 {
	r.check()
	return math.Pow(r.Failure, float64(r.Max+1))
}

// SuccessProbability returns the probability that an attempt succeeds in the
// end, 1 - p^(Max+1).
func (r Retries) SuccessProbability() float64 {
	if r.Failure == 0 {
		return 1
	}
	return -math.Expm1(float64(r.Max+1) * math.Log(r.Failure))
}

// RetryTimes is what the attempts and pauses of a retried call take.
type RetryTimes struct {
	Failed  float64 // mean time of an attempt that fails
	Success float64 // mean time of one that succeeds
	Pauses  Backoff // wait before each retry
}

// TimeMean returns the mean time until the call succeeds or is given up:
// sum over i = 0..Max of p^i ((1-p) success + p failed), plus p^i times the
// pause before retry i.
func (r Retries) TimeMean(t RetryTimes) float64 {
	t.check()
	sum := r.AttemptsMean() * ((1-r.Failure)*t.Success + r.Failure*t.Failed)
	return sum + r.PauseMean(t.Pauses)
}

// PauseMean returns the mean time that a call spends in pauses, the sum over
// i = 1..Max of p^i times the pause before retry i.
func (r Retries) PauseMean(b Backoff) float64 {
	r.check()
	sum, reached := 0.0, 1.0
	for i := 1; i <= r.Max; i++ {
		reached *= r.Failure
		sum += reached * b.PauseMean(i)
	}
	return sum
}

// SuccessTimeMean returns the mean latency of the calls that succeed, failed
// attempts and pauses included: success after i retries has probability
// p^i(1-p)/(1-p^(Max+1)) among them. NaN if none can.
func (r Retries) SuccessTimeMean(t RetryTimes) float64 {
	t.check()
	r.check()
	sum, before, reached := 0.0, 0.0, 1-r.Failure
	for i := 0; i <= r.Max; i++ {
		if i > 0 {
			before += t.Failed + t.Pauses.PauseMean(i)
			reached *= r.Failure
		}
		sum += reached * (before + t.Success)
	}
	return sum / r.SuccessProbability()
}

func (t RetryTimes) check() {
	mustNotBeNegative("the time of a failed attempt", t.Failed)
	mustNotBeNegative("the time of an attempt that succeeds", t.Success)
	t.Pauses.check()
}

// RetryChain is a chain of hops that each retry their call to the next: the
// client calls the first node, that calls the second, and so on. Every attempt
// at the last node fails independently with probability Failure; the others
// fail when their own call has failed for good, and then only.
type RetryChain struct {
	Max     []int   // retries of each hop, from the client on
	Failure float64 // probability that an attempt at the last node fails
}

// hops returns each hop's retries with the failure probability of one of its
// attempts, p for the last hop and p^(Max+1) of the hop beyond for the others.
func (c RetryChain) hops() []Retries {
	mustBeAtLeast("the number of hops of a chain", len(c.Max), 1)
	hops := make([]Retries, len(c.Max))
	p := c.Failure
	for i := len(c.Max) - 1; i >= 0; i-- {
		hops[i] = Retries{Max: c.Max[i], Failure: p}
		p = hops[i].ErrorRatio()
	}
	return hops
}

// AttemptsMean returns the attempts at the last node for each request of the
// client: the product of the hops' own. When all fail that is the product of
// Max+1.
func (c RetryChain) AttemptsMean() float64 {
	product := 1.0
	for _, hop := range c.hops() {
		product *= hop.AttemptsMean()
	}
	return product
}

// HopAttemptsMean returns the attempts of one hop, from 0 at the client, for
// each request that it has to serve.
func (c RetryChain) HopAttemptsMean(hop int) float64 { return c.hops()[hop].AttemptsMean() }

// ErrorRatio returns the probability that the client's request fails for good.
func (c RetryChain) ErrorRatio() float64 { return c.hops()[0].ErrorRatio() }
