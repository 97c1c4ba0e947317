package theory

import (
	"math"
	"testing"
)

// Oracle table A6.3: a second copy at once and at the 95th percentile of a
// call, and none.
func TestHedgeAgreesWithTheTable(t *testing.T) {
	exponential := ExponentialLatency(1)
	lognormal := LogNormalLatency(1, 2)
	mixture := MixedLatency([]float64{0.99, 0.01}, []Latency{ExponentialLatency(0.01), ExponentialLatency(1)})
	never := 1e9
	for _, row := range []struct {
		name                                   string
		law                                    Latency
		delay, mean, load, p50, p95, p99, p999 float64
	}{
		{"exponential", exponential, 0, 0.5, 1, 0.34657359, 1.4978661, 2.3025851, 3.4538776},
		{"exponential", exponential, 2.9957323, 0.975, 0.05, 0.69314718, 2.9957323, 3.8004512, 4.9517438},
		{"exponential", exponential, never, 1, 0, 0.69314718, 2.9957323, 4.6051702, 6.9077553},
		{"lognormal", lognormal, 0, 0.36968621, 1, 0.22400991, 1.1729613, 2.2730074, 4.7195986},
		{"lognormal", lognormal, 3.6038473, 0.85780585, 0.05, 0.4472136, 3.6038473, 4.502593, 6.7563886},
		{"lognormal", lognormal, never, 1, 0, 0.4472136, 3.6038473, 8.5554651, 22.548347},
		{"mixture", mixture, 0, 0.0051465396, 1, 0.0035071612, 0.015328561, 0.023952689, 0.038068305},
		{"mixture", mixture, 0.032009806, 0.010158787, 0.05, 0.0070315656, 0.032009806, 0.041441945, 0.058316064},
		{"mixture", mixture, never, 0.0199, 0, 0.0070315656, 0.032009806, 0.072546953, 2.3025851},
	} {
		delay := row.delay
		if row.load == 0.05 {
			delay = row.law.Quantile(0.95)
			assertTable(t, row.name+" p95 of a call", row.delay, delay)
		}
		h := Hedge{Call: row.law, Delay: delay}
		assertTable(t, row.name+" mean", row.mean, h.Mean())
		assertTable(t, row.name+" load", row.load, h.Load())
		assertTable(t, row.name+" p50", row.p50, h.Quantile(0.5))
		assertTable(t, row.name+" p95", row.p95, h.Quantile(0.95))
		assertTable(t, row.name+" p99", row.p99, h.Quantile(0.99))
		assertTable(t, row.name+" p99.9", row.p999, h.Quantile(0.999))
	}
}

// Exponential calls of mean 1 forget how long they have taken: after the delay
// the two copies end at rate 2, so E[T] = 1 - e^-d/2 and, beyond the delay,
// P(T > t) = e^(d-2t).
func TestHedgedExponentialHasItsClosedForm(t *testing.T) {
	for _, d := range []float64{0, 0.1, 1, 5} {
		h := Hedge{Call: ExponentialLatency(1), Delay: d}
		once := math.Exp(-d)
		assertWithin(t, "mean", 1-once/2, h.Mean(), 1e-13)
		assertWithin(t, "survival", math.Exp(d-2*(d+1)), h.Survival(d+1), 1e-13)
		assertWithin(t, "work", 1+once, h.WorkMean(), 1e-13)
		assertWithin(t, "cancelled work", 1, h.CancelledWorkMean(), 1e-13)
	}
}

// Nine calls in ten take 1, the tenth 20; after 5 a second copy goes out and
// comes back at 6 or, one time in ten of those, at 20: the first copy is then
// no later.
func TestHedgedCallsThatTakeOneOfTwoTimes(t *testing.T) {
	call := MixedLatency([]float64{0.9, 0.1}, []Latency{ConstantLatency(1), ConstantLatency(20)})
	h := Hedge{Call: call, Delay: 5}
	assertWithin(t, "load", 0.1, h.Load(), 1e-14)
	assertWithin(t, "mean", 0.9*1+0.09*6+0.01*20, h.Mean(), 1e-13)
	assertWithin(t, "p95", 6, h.Quantile(0.95), 1e-13)
	assertWithin(t, "p99.5", 20, h.Quantile(0.995), 1e-13)
	assertWithin(t, "work", 2.9*1.1, h.WorkMean(), 1e-13)
	assertWithin(t, "cancelled work", 0.9*1+0.09*(6+1)+0.01*(20+15), h.CancelledWorkMean(), 1e-13)
	law := h.Latency()
	assertWithin(t, "integral of its law", law.Mean, law.meanBeyond(0), 1e-13)
}
