package theory

import "math"

// ErlangB returns the probability that all c servers are busy in a system
// without waiting room (M/G/c/c), where an arrival then is lost. a is the
// offered load in erlangs, arrival rate times mean service time. The law of
// service does not matter (Erlang 1917; insensitivity: Sevast'yanov 1957).
//
// The recursion on the number of servers, B(k) = a B(k-1)/(k + a B(k-1)), has
// no factorial and no subtraction, so it is safe for any c and a. It takes at
// most c steps, fewer where the probability falls below the smallest number.
func ErlangB(c int, a float64) float64 {
	mustBeAtLeast("the number of servers", c, 0)
	mustNotBeNegative("an offered load", a)
	b := 1.0
	for k := 1; k <= c && b > 0; k++ {
		b = a * b / (float64(k) + a*b)
	}
	return b
}

// ErlangC returns the probability that an arrival has to wait in M/M/c with
// unlimited room: C = c B/(c - a(1-B)) with B = ErlangB(c, a). It is 1 when
// the offered load a is c or more (Erlang 1917; Gross, Shortle, Thompson and
// Harris, sec. 2.3).
func ErlangC(c int, a float64) float64 {
	mustBeAtLeast("the number of servers", c, 1)
	b := ErlangB(c, a)
	servers := float64(c)
	if a >= servers {
		return 1
	}
	return servers * b / (servers - a + a*b)
}

// ErlangCUtilisation returns the utilisation rho at which an arrival to M/M/c
// waits with the given probability: ErlangC(c, c rho) = waitProbability. What
// is left, 1 - rho, is the headroom that c servers need; it shrinks roughly
// as 1/sqrt(c) (the square-root staffing rule of Halfin and Whitt, 1981).
func ErlangCUtilisation(c int, waitProbability float64) float64 {
	mustBeQuantile(waitProbability)
	return bisect(func(rho float64) bool {
		return ErlangC(c, float64(c)*rho) < waitProbability
	}, 0, 1)
}

// MGcc is the M/G/c/c loss system: Poisson arrivals, any law of service, c
// servers and nowhere to wait.
type MGcc struct {
	Lambda float64 // arrival rate, requests per unit of time
	Mean   float64 // mean service time
	C      int     // servers
}

// BlockingProbability returns the fraction of arrivals that are lost.
func (m MGcc) BlockingProbability() float64 {
	mustNotBeNegative("the arrival rate of an M/G/c/c system", m.Lambda)
	mustBePositive("the mean service time of an M/G/c/c system", m.Mean)
	return ErlangB(m.C, m.Lambda*m.Mean)
}

// Throughput returns the rate of requests that are served.
func (m MGcc) Throughput() float64 {
	return m.Lambda * (1 - m.BlockingProbability())
}

// NumberMean returns the mean number of busy servers, which is the carried
// load in erlangs.
func (m MGcc) NumberMean() float64 { return m.Throughput() * m.Mean }

// Utilisation returns the fraction of its time that a server is busy, on
// average over the servers.
func (m MGcc) Utilisation() float64 {
	return math.Min(1, m.NumberMean()/float64(m.C))
}
