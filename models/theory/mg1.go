package theory

import "math"

// MG1 is the M/G/1 queue: Poisson arrivals, one server, unlimited room, any
// law of service given by its mean and squared coefficient of variation
// (variance over squared mean: 0 constant, 1 exponential). First come first
// served unless a method says otherwise (Pollaczek 1930; Khinchine 1932).
//
// For the percentiles, which need the whole law of service, see [MPH1] and
// [MDc].
type MG1 struct {
	Lambda float64 // arrival rate, requests per unit of time
	Mean   float64 // mean service time E[S]
	SCV    float64 // squared coefficient of variation of the service time
}

func (m MG1) unstable() bool {
	mustNotBeNegative("the arrival rate of an M/G/1 queue", m.Lambda)
	mustBePositive("the mean service time of an M/G/1 queue", m.Mean)
	mustNotBeNegative("the variability of service in an M/G/1 queue", m.SCV)
	return m.Lambda*m.Mean >= 1
}

// Utilisation returns rho = Lambda E[S], or 1 when overloaded.
func (m MG1) Utilisation() float64 {
	if m.unstable() {
		return 1
	}
	return m.Lambda * m.Mean
}

// WaitMean returns the mean time before service,
// Lambda E[S^2]/(2(1-rho)) with E[S^2] = (1+SCV) E[S]^2.
func (m MG1) WaitMean() float64 {
	if m.unstable() {
		return math.Inf(1)
	}
	rho := m.Lambda * m.Mean
	return rho * m.Mean * (1 + m.SCV) / (2 * (1 - rho))
}

// ResponseMean returns the mean response time.
func (m MG1) ResponseMean() float64 { return m.WaitMean() + m.Mean }

// QueueMean returns the mean number of requests that wait.
func (m MG1) QueueMean() float64 { return Little(m.Lambda, m.WaitMean()) }

// NumberMean returns the mean number of requests in the system.
func (m MG1) NumberMean() float64 { return Little(m.Lambda, m.ResponseMean()) }

// WaitDeviation returns the standard deviation of the time before service,
// the root of E[W]^2 + Lambda E[S^3]/(3(1-rho)). thirdMoment is E[S^3]
// (Kleinrock, Queueing Systems I, sec. 5.7).
func (m MG1) WaitDeviation(thirdMoment float64) float64 {
	mustBePositive("the third moment of service in an M/G/1 queue", thirdMoment)
	if m.unstable() {
		return math.Inf(1)
	}
	wait := m.WaitMean()
	return math.Sqrt(wait*wait + m.Lambda*thirdMoment/(3*(1-m.Lambda*m.Mean)))
}

// SharedResponseMean returns the mean response time under processor sharing,
// E[S]/(1-rho) whatever the law of service (Kleinrock 1967; Sakata, Noguchi
// and Oizumi 1971).
func (m MG1) SharedResponseMean() float64 {
	if m.unstable() {
		return math.Inf(1)
	}
	return m.Mean / (1 - m.Lambda*m.Mean)
}
