package theory

import "math"

// SharedResponseMeanOf returns the mean response time, under processor
// sharing, of requests that need the given service: x/(1-rho), in proportion
// to what they ask for (Kleinrock 1967).
func (m MG1) SharedResponseMeanOf(service float64) float64 {
	mustNotBeNegative("a service time", service)
	if m.unstable() {
		return math.Inf(1)
	}
	return service / (1 - m.Lambda*m.Mean)
}

// SharedResponseDeviation returns the standard deviation of the response time
// under processor sharing, the root of (2+rho)/(2-rho)/(mu(1-rho))^2 (Coffman,
// Muntz and Trotter 1970).
func (m MM1) SharedResponseDeviation() float64 {
	if m.unstable() {
		return math.Inf(1)
	}
	rho := m.Lambda / m.Mu
	return math.Sqrt((2+rho)/(2-rho)) / (m.Mu * (1 - rho))
}

// LastFirstResponseDeviation returns the standard deviation of the response
// time when who came last is served next and nobody is interrupted. The wait's
// second moment is that of first come first served, 2 rho/(mu(1-rho))^2, over
// 1-rho (Takacs 1963); the mean is the same.
func (m MM1) LastFirstResponseDeviation() float64 {
	if m.unstable() {
		return math.Inf(1)
	}
	rho := m.Lambda / m.Mu
	gap := m.Mu * (1 - rho)
	wait := m.WaitMean()
	return math.Sqrt(2*rho/(gap*gap*(1-rho)) - wait*wait + 1/(m.Mu*m.Mu))
}

// Scalability is the Universal Scalability Law (N. J. Gunther, Guerrilla
// Capacity Planning, 2007): what a machine of several cores does, in cores
// that do not hinder each other.
type Scalability struct {
	Contention float64 // alpha, the share of the work that only one can do at a time
	Coherency  float64 // beta, the cost of each pair that must agree
}

// Capacity returns n/(1 + alpha(n-1) + beta n(n-1)).
func (s Scalability) Capacity(n float64) float64 {
	s.check()
	mustBePositive("a number of cores", n)
	return n / (1 + s.Contention*(n-1) + s.Coherency*n*(n-1))
}

// Peak returns the number of cores that does the most, the root of
// (1-alpha)/beta; +Inf where more always do more.
func (s Scalability) Peak() float64 {
	s.check()
	return math.Sqrt((1 - s.Contention) / s.Coherency)
}

func (s Scalability) check() {
	mustBeProbability("contention", s.Contention)
	mustNotBeNegative("coherency", s.Coherency)
}
