package theory

import "math"

// MMc is the M/M/c queue: Poisson arrivals, exponential service, c identical
// servers, one queue, first come first served, unlimited room. A request
// waits with probability ErlangC, and then for an exponential time of rate
// c Mu - Lambda (Gross, Shortle, Thompson and Harris, sec. 2.3).
//
// The law of the number in system, and so every mean, also holds for c cores
// under processor sharing (each request on at most one core) with any law of
// service of mean 1/Mu; the quantiles do not.
type MMc struct {
	Lambda float64 // arrival rate, requests per unit of time
	Mu     float64 // service rate of one server, requests per unit of time
	C      int     // servers
}

func (m MMc) check() {
	mustNotBeNegative("the arrival rate of an M/M/c queue", m.Lambda)
	mustBePositive("the service rate of an M/M/c queue", m.Mu)
	mustBeAtLeast("the number of servers of an M/M/c queue", m.C, 1)
}

// capacity returns the rate of c busy servers.
func (m MMc) capacity() float64 { return float64(m.C) * m.Mu }

func (m MMc) unstable() bool {
	m.check()
	return m.Lambda >= m.capacity()
}

// Utilisation returns the fraction of its time that a server is busy:
// rho = Lambda/(c Mu), or 1 when overloaded.
func (m MMc) Utilisation() float64 {
	m.check()
	return math.Min(1, m.Lambda/m.capacity())
}

// WaitProbability returns P(W > 0), the Erlang C formula.
func (m MMc) WaitProbability() float64 {
	m.check()
	return ErlangC(m.C, m.Lambda/m.Mu)
}

// WaitMean returns the mean time before service.
func (m MMc) WaitMean() float64 {
	if m.unstable() {
		return math.Inf(1)
	}
	return m.WaitProbability() / (m.capacity() - m.Lambda)
}

// ResponseMean returns the mean response time.
func (m MMc) ResponseMean() float64 { return m.WaitMean() + 1/m.Mu }

// QueueMean returns the mean number of requests that wait.
func (m MMc) QueueMean() float64 { return Little(m.Lambda, m.WaitMean()) }

// NumberMean returns the mean number of requests in the system.
func (m MMc) NumberMean() float64 { return Little(m.Lambda, m.ResponseMean()) }

// NumberProbability returns the fraction of time with exactly n requests in
// the system: a Poisson law of mean Lambda/Mu up to c, then a geometric tail
// of ratio rho. It is 0 for every n when overloaded.
func (m MMc) NumberProbability(n int) float64 {
	mustBeAtLeast("a number of requests", n, 0)
	if m.unstable() {
		return 0
	}
	load, rho := poisson(m.Lambda/m.Mu), m.Lambda/m.capacity()
	total := load.at(m.C)/(1-rho) + load.mean(func(k int) float64 {
		if k < m.C {
			return 1
		}
		return 0
	})
	if n <= m.C {
		return load.at(n) / total
	}
	return load.at(m.C) * math.Pow(rho, float64(n-m.C)) / total
}

// WaitSurvival returns P(W > t) for t >= 0.
func (m MMc) WaitSurvival(t float64) float64 {
	if m.unstable() {
		return 1
	}
	return m.WaitProbability() * math.Exp(-(m.capacity()-m.Lambda)*math.Max(t, 0))
}

// WaitQuantile returns the q-quantile of the waiting time, 0 for q up to the
// probability that there is no wait at all.
func (m MMc) WaitQuantile(q float64) float64 {
	mustBeQuantile(q)
	if m.unstable() {
		return math.Inf(1)
	}
	wait := m.WaitProbability()
	if wait <= 1-q {
		return 0
	}
	return math.Log(wait/(1-q)) / (m.capacity() - m.Lambda)
}

// ResponseSurvival returns P(T > t), where T is a wait W followed by an
// independent exponential service.
func (m MMc) ResponseSurvival(t float64) float64 {
	if m.unstable() || t <= 0 {
		return 1
	}
	return responseSurvival(m.WaitProbability(), m.capacity()-m.Lambda, m.Mu, t)
}

// ResponseQuantile returns the q-quantile of the response time.
func (m MMc) ResponseQuantile(q float64) float64 {
	mustBeQuantile(q)
	if m.unstable() {
		return math.Inf(1)
	}
	wait, drain := m.WaitProbability(), m.capacity()-m.Lambda
	return quantile(func(t float64) float64 {
		return responseSurvival(wait, drain, m.Mu, t)
	}, q, m.ResponseMean())
}

// responseSurvival returns P(W + S > t), where W is 0 with probability
// 1-wait and otherwise exponential of rate drain, and S is exponential of
// rate mu. Written with the faster and the slower of the two rates, their
// convolution neither overflows nor cancels, however close they are.
func responseSurvival(wait, drain, mu, t float64) float64 {
	fast, slow := math.Max(drain, mu), math.Min(drain, mu)
	overlap := t
	if fast > slow {
		overlap = -math.Expm1(-(fast-slow)*t) / (fast - slow)
	}
	both := math.Exp(-fast*t) + fast*math.Exp(-slow*t)*overlap
	return (1-wait)*math.Exp(-mu*t) + wait*both
}
