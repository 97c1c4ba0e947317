package theory

import "math"

// MMcD is the M/M/c+D queue: as M/M/c, but a request that has waited Tau
// leaves without service, as with the usual time-out for a worker or a pooled
// connection; one that has begun service stays. Every load is stable.
//
// The wait V that a request of unlimited patience would be offered has the
// density Lambda p(c-1) exp(Lambda min(x, Tau) - c Mu x), where p(c-1) is the
// probability of c-1 in system (Barrer 1957; Baccelli and Hebuterne 1981;
// Zeltyn and Mandelbaum 2005).
type MMcD struct {
	Lambda float64 // arrival rate, requests per unit of time
	Mu     float64 // service rate of one server, requests per unit of time
	C      int     // servers
	Tau    float64 // longest wait before service
}

// masses returns the probabilities of finding a free server, of waiting and
// being served, and of waiting in vain; and the mean wait of the second kind
// times its probability.
func (m MMcD) masses() (free, served, lost, wait float64) {
	mustNotBeNegative("the arrival rate of an M/M/c+D queue", m.Lambda)
	mustBePositive("the service rate of an M/M/c+D queue", m.Mu)
	mustBeAtLeast("the number of servers of an M/M/c+D queue", m.C, 1)
	mustNotBeNegative("the longest wait of an M/M/c+D queue", m.Tau)
	capacity := float64(m.C) * m.Mu
	// y is the exponent at Tau. If it is positive every mass is divided by
	// e^y, which the normalisation takes out again, so that none overflows.
	y := (m.Lambda - capacity) * m.Tau
	scale := math.Exp(math.Min(0, -y))
	flow := m.Lambda * ErlangB(m.C-1, m.Lambda/m.Mu)
	free = scale
	served = flow * m.Tau * expIntegral(y)
	lost = flow * math.Exp(math.Min(0, y)) / capacity
	wait = flow * m.Tau * m.Tau * expMoment(y)
	total := free + served + lost
	return free / total, served / total, lost / total, wait / total
}

// expIntegral returns the integral of exp(yu) over u in [0, 1], divided by e^y
// if y is positive.
func expIntegral(y float64) float64 {
	if y == 0 {
		return 1
	}
	return -math.Expm1(-math.Abs(y)) / math.Abs(y)
}

// expMoment returns the integral of u exp(yu) over u in [0, 1], divided by e^y
// if y is positive.
func expMoment(y float64) float64 {
	if math.Abs(y) > 1 {
		u := math.Abs(y)
		if y > 0 {
			return (u - 1 + math.Exp(-u)) / (u * u)
		}
		return (1 - (1+u)*math.Exp(-u)) / (u * u)
	}
	sum, term := 0.0, 1.0 // the series of y^n/(n! (n+2)): the closed form cancels near 0
	for n := 0; n < 25; n++ {
		sum += term / float64(n+2)
		term *= y / float64(n+1)
	}
	return sum * math.Exp(math.Min(0, -y))
}

// WaitProbability returns the fraction of arrivals that find no free server.
func (m MMcD) WaitProbability() float64 {
	_, served, lost, _ := m.masses()
	return served + lost
}

// TimeoutProbability returns the fraction of arrivals that leave unserved.
func (m MMcD) TimeoutProbability() float64 {
	_, _, lost, _ := m.masses()
	return lost
}

// WaitMean returns the mean time in queue over all arrivals, those who leave
// unserved included.
func (m MMcD) WaitMean() float64 {
	_, _, lost, wait := m.masses()
	return wait + lost*m.Tau
}

// ServedWaitMean returns the mean time in queue of the requests that are
// served.
func (m MMcD) ServedWaitMean() float64 {
	free, served, _, wait := m.masses()
	return wait / (free + served)
}

// ServedResponseMean returns the mean response time of the requests that are
// served.
func (m MMcD) ServedResponseMean() float64 { return m.ServedWaitMean() + 1/m.Mu }

// Throughput returns the rate of requests that are served.
func (m MMcD) Throughput() float64 {
	free, served, _, _ := m.masses()
	return m.Lambda * (free + served)
}

// Utilisation returns the fraction of its time that a server is busy, on
// average over the servers.
func (m MMcD) Utilisation() float64 {
	return m.Throughput() / (float64(m.C) * m.Mu)
}
