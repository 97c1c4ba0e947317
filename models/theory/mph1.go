package theory

import "math"

// MPH1 is the M/G/1 queue whose service law is of phase type, first come
// first served: the percentiles that Pollaczek and Khinchine's means leave
// out.
//
// The wait is a geometric number of independent residual service times, each
// with the law of the phase at which a server in the middle of a service is
// found (Pollaczek-Khinchine transform, read as a series by Benes 1957), which
// makes it of phase type too: P(W > 0) = rho, and after each residual another
// follows with probability rho (Neuts 1981, sec. 2.2; Asmussen, Applied
// Probability and Queues, III.4).
type MPH1 struct {
	Lambda  float64   // arrival rate, requests per unit of time
	Service PhaseType // law of the service time
}

// rho returns the offered utilisation.
func (m MPH1) rho() float64 {
	mustNotBeNegative("the arrival rate of an M/PH/1 queue", m.Lambda)
	mustBeAtLeast("the number of phases of service", len(m.Service.initial), 1)
	return m.Lambda * m.Service.Mean()
}

// Utilisation returns rho = Lambda E[S], or 1 when overloaded.
func (m MPH1) Utilisation() float64 { return math.Min(1, m.rho()) }

// wait returns the law of the waiting time of a stable queue.
func (m MPH1) wait() PhaseType {
	rho := m.rho()
	n := len(m.Service.initial)
	wait := newPhaseType(n)
	visits := m.Service.visits()
	for i := range n {
		// visits[i]/E[S] is the chance of finding service in phase i.
		wait.initial[i] = m.Lambda * visits[i]
	}
	for i := range n {
		copy(wait.rates[i], m.Service.rates[i])
		for j := range n {
			wait.rates[i][j] += m.Service.exits[i] * wait.initial[j]
		}
		wait.exits[i] = m.Service.exits[i] * (1 - rho)
	}
	return wait
}

// WaitMean returns the mean time before service.
func (m MPH1) WaitMean() float64 {
	if m.rho() >= 1 {
		return math.Inf(1)
	}
	return m.wait().Mean()
}

// ResponseMean returns the mean response time.
func (m MPH1) ResponseMean() float64 { return m.WaitMean() + m.Service.Mean() }

// WaitSurvival returns P(W > t) for t >= 0.
func (m MPH1) WaitSurvival(t float64) float64 {
	if m.rho() >= 1 {
		return 1
	}
	return m.wait().Survival(t)
}

// WaitQuantile returns the q-quantile of the waiting time, 0 for q up to the
// probability that there is no wait at all.
func (m MPH1) WaitQuantile(q float64) float64 {
	mustBeQuantile(q)
	if m.rho() >= 1 {
		return math.Inf(1)
	}
	return m.wait().Quantile(q)
}

// ResponseSurvival returns P(T > t).
func (m MPH1) ResponseSurvival(t float64) float64 {
	if m.rho() >= 1 {
		return 1
	}
	return m.wait().plus(m.Service).Survival(t)
}

// ResponseQuantile returns the q-quantile of the response time.
func (m MPH1) ResponseQuantile(q float64) float64 {
	mustBeQuantile(q)
	if m.rho() >= 1 {
		return math.Inf(1)
	}
	return m.wait().plus(m.Service).Quantile(q)
}
