package theory

import "math"

// MM1Retrial is the M/M/1 retrial queue: Poisson arrivals, one exponential
// server, no room to wait. A request that finds the server busy comes back
// after an exponential time of rate Theta, again and again until it is served
// (Falin and Templeton, Retrial Queues, 1997, sec. 1.2).
type MM1Retrial struct {
	Lambda float64 // arrival rate of first attempts, requests per unit of time
	Mu     float64 // service rate
	Theta  float64 // one over the mean pause of each request that waits to retry
}

func (m MM1Retrial) rho() float64 {
	mustNotBeNegative("the arrival rate of a retrial queue", m.Lambda)
	mustBePositive("the service rate of a retrial queue", m.Mu)
	mustBePositive("the rate of retrials", m.Theta)
	return m.Lambda / m.Mu
}

// BlockingProbability returns the fraction of first attempts that find the
// server busy: rho, or 1 when overloaded.
func (m MM1Retrial) BlockingProbability() float64 { return math.Min(1, m.rho()) }

// OrbitMean returns the mean number of requests between two attempts,
// rho^2/(1-rho) + Lambda rho/(Theta(1-rho)).
func (m MM1Retrial) OrbitMean() float64 {
	rho := m.rho()
	if rho >= 1 {
		return math.Inf(1)
	}
	return rho * (rho + m.Lambda/m.Theta) / (1 - rho)
}

// WaitMean returns the mean time before service, over all requests.
func (m MM1Retrial) WaitMean() float64 {
	if m.rho() == 0 {
		return 0
	}
	return m.OrbitMean() / m.Lambda
}

// ResponseMean returns the mean time from the first attempt to the end of
// service.
func (m MM1Retrial) ResponseMean() float64 { return m.WaitMean() + 1/m.Mu }

// AttemptsMean returns the attempts per request, 1 + Theta times the wait.
func (m MM1Retrial) AttemptsMean() float64 { return 1 + m.Theta*m.WaitMean() }
