package theory

// Hedge is a call of which a second copy is sent if there is no answer after
// a delay d; the first answer counts. Without queueing, and with copies whose
// times X1 and X2 are independent and of one law, the answer comes after
// min(X1, d+X2), and a share P(X > d) of the calls is sent twice (Dean and
// Barroso, "The tail at scale", CACM 56(2), 2013).
type Hedge struct {
	Call  Latency // time of one copy
	Delay float64 // d, in the unit of Call
}

func (h Hedge) check() {
	h.Call.check()
	mustNotBeNegative("the delay of a hedge", h.Delay)
}

// Load returns the second copies per call, P(X > d).
func (h Hedge) Load() float64 {
	h.check()
	return h.Call.Survival(h.Delay)
}

// Survival returns P(T > t): P(X > t) before d, and from d on
// P(X > t) P(X > t-d).
func (h Hedge) Survival(t float64) float64 {
	h.check()
	if t < h.Delay {
		return h.Call.Survival(t)
	}
	return h.Call.Survival(t) * h.Call.Survival(t-h.Delay)
}

// Mean returns the mean time to the answer.
func (h Hedge) Mean() float64 {
	h.check()
	return h.Call.meanUpTo(h.Delay) + h.overlap()
}

// overlap returns the mean time for which both copies are on their way, until
// the first answer: the integral of P(X > d+u) P(X > u).
func (h Hedge) overlap() float64 {
	var cuts []float64
	for _, step := range h.Call.Steps {
		cuts = append(cuts, step, step-h.Delay)
	}
	return integrateAll(func(u float64) float64 {
		return h.Call.Survival(h.Delay+u) * h.Call.Survival(u)
	}, h.Call.Mean, cuts...)
}

// Quantile returns the q-quantile of the time to the answer.
func (h Hedge) Quantile(q float64) float64 {
	h.check()
	return quantile(h.Survival, q, h.Call.Mean)
}

// WorkMean returns the time that the copies of a call take together if the
// slower is finished all the same: E[X] (1 + P(X > d)).
func (h Hedge) WorkMean() float64 { return h.Call.Mean * (1 + h.Load()) }

// CancelledWorkMean returns the time that the copies of a call take together
// if the slower stops at the first answer.
func (h Hedge) CancelledWorkMean() float64 { return h.Mean() + h.overlap() }

// Latency returns the law of the time to the answer, for a fan-out of hedged
// calls.
func (h Hedge) Latency() Latency {
	steps := append([]float64{h.Delay}, h.Call.Steps...)
	for _, step := range h.Call.Steps {
		steps = append(steps, step+h.Delay)
	}
	return Latency{Mean: h.Mean(), Survival: h.Survival, Steps: steps}
}
