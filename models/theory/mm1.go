package theory

import "math"

// MM1 is the M/M/1 queue: Poisson arrivals, exponential service, one server,
// first come first served, unlimited room. Its response time is exponential
// with rate Mu-Lambda (Kleinrock, Queueing Systems I, 1975, ch. 3).
//
// With exponential service the mean response time and the law of the number
// in system are the same under processor sharing.
type MM1 struct {
	Lambda float64 // arrival rate, requests per unit of time
	Mu     float64 // service rate, requests per unit of time
}

func (m MM1) check() {
	mustNotBeNegative("the arrival rate of an M/M/1 queue", m.Lambda)
	mustBePositive("the service rate of an M/M/1 queue", m.Mu)
}

// Utilisation returns the fraction of time that the server is busy:
// rho = Lambda/Mu, or 1 when overloaded.
func (m MM1) Utilisation() float64 {
	m.check()
	return math.Min(1, m.Lambda/m.Mu)
}

// NumberMean returns the mean number of requests in the system,
// rho/(1-rho).
func (m MM1) NumberMean() float64 { return Little(m.Lambda, m.ResponseMean()) }

// QueueMean returns the mean number of requests that wait, rho^2/(1-rho).
func (m MM1) QueueMean() float64 { return Little(m.Lambda, m.WaitMean()) }

// WaitMean returns the mean time before service, rho/(Mu-Lambda).
func (m MM1) WaitMean() float64 {
	if m.unstable() {
		return math.Inf(1)
	}
	return m.Lambda / m.Mu / (m.Mu - m.Lambda)
}

// ResponseMean returns the mean response time, 1/(Mu-Lambda).
func (m MM1) ResponseMean() float64 {
	if m.unstable() {
		return math.Inf(1)
	}
	return 1 / (m.Mu - m.Lambda)
}

// ResponseSurvival returns P(T > t) = exp(-(Mu-Lambda) t). With t a client's
// timeout it is the fraction of requests that time out when the server
// finishes the abandoned work all the same.
func (m MM1) ResponseSurvival(t float64) float64 {
	if m.unstable() || t <= 0 {
		return 1
	}
	return math.Exp(-(m.Mu - m.Lambda) * t)
}

// WaitSurvival returns P(W > t) = rho exp(-(Mu-Lambda) t), for t >= 0.
func (m MM1) WaitSurvival(t float64) float64 {
	return m.Utilisation() * m.ResponseSurvival(t)
}

// ResponseQuantile returns the q-quantile of the response time,
// -ln(1-q)/(Mu-Lambda).
func (m MM1) ResponseQuantile(q float64) float64 {
	mustBeQuantile(q)
	if m.unstable() {
		return math.Inf(1)
	}
	return -math.Log1p(-q) / (m.Mu - m.Lambda)
}

// WaitQuantile returns the q-quantile of the waiting time, 0 for q up to the
// probability 1-rho that there is no wait at all.
func (m MM1) WaitQuantile(q float64) float64 {
	mustBeQuantile(q)
	if m.unstable() {
		return math.Inf(1)
	}
	rho := m.Lambda / m.Mu
	if rho <= 1-q {
		return 0
	}
	return math.Log(rho/(1-q)) / (m.Mu - m.Lambda)
}

func (m MM1) unstable() bool {
	m.check()
	return m.Lambda >= m.Mu
}
