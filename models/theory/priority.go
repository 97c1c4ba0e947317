package theory

import "math"

// PriorityClass is a class of requests at an M/G/1 queue: Poisson arrivals and
// a law of service given by its mean and squared coefficient of variation.
type PriorityClass struct {
	Lambda float64 // arrival rate, requests per unit of time
	Mean   float64 // mean service time E[S]
	SCV    float64 // squared coefficient of variation of the service time
}

// load returns the share of a server that the class asks for.
func (c PriorityClass) load() float64 { return c.Lambda * c.Mean }

// residual returns the work left in the service under way, on average over
// time: Lambda E[S^2]/2.
func (c PriorityClass) residual() float64 { return c.load() * c.Mean * (1 + c.SCV) / 2 }

// MG1Priority is the M/G/1 queue with classes of priority, the first served
// first, and first come first served within a class. Classes count from 0.
//
// A class is stable if it and those above it together ask for less than the
// server; its means are then finite whatever comes below.
type MG1Priority []PriorityClass

// loads returns the load of the classes above k, and of those and k.
func (q MG1Priority) loads(k int) (above, through float64) {
	for i, c := range q[:k+1] {
		mustNotBeNegative("the arrival rate of a class", c.Lambda)
		mustBePositive("the mean service time of a class", c.Mean)
		mustNotBeNegative("the variability of service of a class", c.SCV)
		above = through
		through += q[i].load()
	}
	return above, through
}

// WaitMean returns the mean time before service in class k, when a service
// once begun is finished: W0/((1-a)(1-b)), with a the load above the class, b
// that load and its own, and W0 the sum over all classes of Lambda E[S^2]/2
// (Cobham 1954). Of classes that the server cannot keep up with, the first
// gets what is left of it and the others nothing.
func (q MG1Priority) WaitMean(k int) float64 {
	above, through := q.loads(k)
	if through >= 1 {
		return math.Inf(1)
	}
	residual, load := 0.0, 0.0
	for _, c := range q {
		served := c.load()
		if served > 0 && load+served > 1 {
			c.Lambda *= math.Max(0, 1-load) / served
		}
		load += served
		residual += c.residual()
	}
	return residual / ((1 - above) * (1 - through))
}

// ResponseMean returns the mean response time of class k under the same
// discipline.
func (q MG1Priority) ResponseMean(k int) float64 { return q.WaitMean(k) + q[k].Mean }

// PreemptiveResponseMean returns the mean response time of class k when an
// arrival of a higher class interrupts its service, which is resumed where it
// stopped: E[S]/(1-a) + R/((1-a)(1-b)), R being the sum of Lambda E[S^2]/2
// down to the class (Kleinrock, Queueing Systems II, sec. 3.6).
func (q MG1Priority) PreemptiveResponseMean(k int) float64 {
	above, through := q.loads(k)
	if through >= 1 {
		return math.Inf(1)
	}
	residual := 0.0
	for _, c := range q[:k+1] {
		residual += c.residual()
	}
	return q[k].Mean/(1-above) + residual/((1-above)*(1-through))
}

// MMcPriority is the M/M/c queue with classes of priority, the first served
// first, all with the same exponential service, and first come first served
// within a class. Classes count from 0.
type MMcPriority struct {
	Lambda []float64 // arrival rate of each class, requests per unit of time
	Mu     float64   // service rate of one server
	C      int       // servers
}

// first returns the queue of the first k classes alone.
func (q MMcPriority) first(k int) MMc {
	m := MMc{Mu: q.Mu, C: q.C}
	for _, lambda := range q.Lambda[:k] {
		mustNotBeNegative("the arrival rate of a class", lambda)
		m.Lambda += lambda
	}
	return m
}

// WaitMean returns the mean time before service in class k, when a service
// once begun is finished: C/(c Mu (1-a)(1-b)), with C the probability that
// all servers are busy and a and b the utilisation by the classes above and
// by those and k (Cobham 1954).
func (q MMcPriority) WaitMean(k int) float64 {
	above, through, all := q.first(k), q.first(k+1), q.first(len(q.Lambda))
	if through.unstable() {
		return math.Inf(1)
	}
	return all.WaitProbability() / (all.capacity() * (1 - above.Utilisation()) * (1 - through.Utilisation()))
}

// ResponseMean returns the mean response time of class k under the same
// discipline.
func (q MMcPriority) ResponseMean(k int) float64 { return q.WaitMean(k) + 1/q.Mu }

// PreemptiveResponseMean returns the mean response time of class k when an
// arrival of a higher class takes a server from the lowest, whose service is
// resumed later. The classes down to any one are then an M/M/c queue by
// themselves, so that a class has the difference of two (Buzen and Bondi
// 1983). It holds too where an interrupted service is drawn afresh.
func (q MMcPriority) PreemptiveResponseMean(k int) float64 {
	above, through := q.first(k), q.first(k+1)
	if through.unstable() {
		return math.Inf(1)
	}
	mustBePositive("the arrival rate of a class", q.Lambda[k])
	return (through.NumberMean() - above.NumberMean()) / q.Lambda[k]
}
