package theory

import "math"

// TimedRetries is a call whose attempts take independent times of one law and
// time out after Timeout, up to Max more following, each after its pause.
// Without queueing, an attempt fails with probability p = P(X > Timeout) and
// then has taken Timeout; one that succeeds has the law of X given X <=
// Timeout.
type TimedRetries struct {
	Call    Latency // time of one attempt, if it is left to finish
	Timeout float64 // of each attempt
	Max     int     // further attempts after the first
	Pauses  Backoff // wait before each retry
}

// Retries returns the call as one of independent failures.
func (r TimedRetries) Retries() Retries {
	r.Call.check()
	mustBePositive("a time-out", r.Timeout)
	return Retries{Max: r.Max, Failure: r.Call.Survival(r.Timeout)}
}

// Times returns the mean times of the attempts: a failure takes the time-out,
// a success E[X given X <= tau] = (E[min(X, tau)] - tau p)/(1-p).
func (r TimedRetries) Times() RetryTimes {
	p := r.Retries().Failure
	t := RetryTimes{Failed: r.Timeout, Pauses: r.Pauses}
	if p < 1 {
		t.Success = (r.Call.meanUpTo(r.Timeout) - r.Timeout*p) / (1 - p)
	}
	return t
}

// ErrorRatio returns the probability that every attempt times out.
func (r TimedRetries) ErrorRatio() float64 { return r.Retries().ErrorRatio() }

// AttemptsMean returns the attempts per call.
func (r TimedRetries) AttemptsMean() float64 { return r.Retries().AttemptsMean() }

// TimeMean returns the mean time until the call succeeds or is given up.
func (r TimedRetries) TimeMean() float64 { return r.Retries().TimeMean(r.Times()) }

// SuccessTimeMean returns the mean latency of the calls that succeed.
func (r TimedRetries) SuccessTimeMean() float64 { return r.Retries().SuccessTimeMean(r.Times()) }

// SuccessSurvival returns P(T > t) of the calls that succeed: attempt i starts
// at a time fixed in advance, so the pauses must have no jitter. NaN if none
// can succeed.
func (r TimedRetries) SuccessSurvival(t float64) float64 {
	retries := r.Retries()
	if r.Pauses.Jitter != NoJitter {
		panic("theory: the law of a retried call is known for pauses without jitter")
	}
	sum, start, reached := 0.0, 0.0, 1.0
	for i := 0; i <= r.Max; i++ {
		if i > 0 {
			start += r.Timeout + r.Pauses.PauseMean(i)
			reached *= retries.Failure
		}
		left := math.Min(math.Max(t-start, 0), r.Timeout)
		late := r.Call.Survival(left)
		if t < start {
			late = 1
		}
		sum += reached * (late - retries.Failure)
	}
	return sum / retries.SuccessProbability()
}

// SuccessQuantile returns the q-quantile of the latency of the calls that
// succeed, under the same condition.
func (r TimedRetries) SuccessQuantile(q float64) float64 {
	mustBeQuantile(q)
	return quantile(r.SuccessSurvival, q, r.Timeout)
}
