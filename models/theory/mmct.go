package theory

import "math"

// MMct is the M(t)/M/c queue, empty at time 0, whose arrival rate is constant
// from step to step; the last step goes on for ever. It is solved exactly: the
// Kolmogorov equations by uniformisation (Jensen 1953; Grassmann 1977), with
// positive terms only. Any load may pass.
type MMct struct {
	Steps []RateStep
	Mu    float64 // service rate of one server, requests per unit of time
	C     int     // servers
}

// RateStep is an arrival rate that holds for some time.
type RateStep struct {
	Lambda   float64 // arrival rate, requests per unit of time
	Duration float64 // of no matter in the last step
}

// lawAt returns the law of the number in system at time t.
func (m MMct) lawAt(t float64) []float64 {
	mustBePositive("the service rate of an M(t)/M/c queue", m.Mu)
	mustBeAtLeast("the number of servers of an M(t)/M/c queue", m.C, 1)
	mustBeAtLeast("the number of steps of an arrival rate", len(m.Steps), 1)
	mustNotBeNegative("a time", t)
	law := []float64{1}
	for i, step := range m.Steps {
		mustNotBeNegative("an arrival rate", step.Lambda)
		span := t
		if i < len(m.Steps)-1 {
			mustNotBeNegative("the duration of a step", step.Duration)
			span = math.Min(t, step.Duration)
		}
		law = m.after(law, step.Lambda, span)
		t -= span
	}
	return law
}

// after returns the law a time t after it was the one given, under a constant
// arrival rate: the mean over a Poisson number of jumps.
func (m MMct) after(law []float64, lambda, t float64) []float64 {
	rate := lambda + float64(m.C)*m.Mu
	jumps := poisson(rate * t)
	var sum []float64
	for j := 0; j < jumps.first+len(jumps.p); j++ {
		for len(sum) < len(law) {
			sum = append(sum, 0)
		}
		weight := jumps.at(j)
		for n, p := range law {
			sum[n] += weight * p
		}
		law = m.jump(law, lambda/rate, m.Mu/rate)
	}
	return sum
}

// jump returns the law after one jump, up with probability up and down with
// probability down for each busy server. The far tail, too small to tell, is
// cut.
func (m MMct) jump(law []float64, up, down float64) []float64 {
	const negligible = 1e-30
	next := make([]float64, len(law)+1)
	for n, p := range law {
		busy := float64(min(n, m.C))
		next[n+1] += p * up
		next[max(n-1, 0)] += p * down * busy
		next[n] += p * down * (float64(m.C) - busy)
	}
	for len(next) > 1 && next[len(next)-1] < negligible {
		next = next[:len(next)-1]
	}
	return next
}

// NumberMeanAt returns the mean number in system at time t.
func (m MMct) NumberMeanAt(t float64) float64 {
	return discreteLaw{p: m.lawAt(t)}.mean(func(n int) float64 { return float64(n) })
}

// QueueMeanAt returns the mean number waiting at time t.
func (m MMct) QueueMeanAt(t float64) float64 {
	return discreteLaw{p: m.lawAt(t)}.mean(func(n int) float64 { return float64(max(n-m.C, 0)) })
}

// WaitProbabilityAt returns the probability that all servers are busy at
// time t.
func (m MMct) WaitProbabilityAt(t float64) float64 {
	return discreteLaw{p: m.lawAt(t)}.mean(func(n int) float64 {
		if n >= m.C {
			return 1
		}
		return 0
	})
}
