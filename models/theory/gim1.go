package theory

import "math"

// GIM1 is the GI/M/1 queue: independent, identically distributed times between
// arrivals, exponential service, one server, first come first served.
//
// An arrival finds the server busy with probability sigma, the root in (0, 1)
// of sigma = A*(Mu(1-sigma)), where A* is the Laplace transform of the
// interarrival time; the response time is exponential with rate Mu(1-sigma)
// (Kleinrock, Queueing Systems I, ch. 6). The server is busy for a fraction
// rho of the time, which is another number: only Poisson arrivals see time
// averages.
type GIM1 struct {
	Interarrival InterarrivalLaw
	Mu           float64 // service rate, requests per unit of time
}

// InterarrivalLaw is the law of the time A between arrivals, as far as a
// GI/M/1 queue depends on it.
type InterarrivalLaw struct {
	// Mean is E[A], one over the arrival rate.
	Mean float64
	// Complement returns 1 - A*(s) = E[1 - exp(-sA)] for s >= 0. It must keep
	// its digits for small s, which is why it is not A* itself.
	Complement func(s float64) float64
}

// ErlangArrivals returns the law of an Erlang interarrival time of k phases;
// k = 1 is a Poisson stream.
func ErlangArrivals(k int, mean float64) InterarrivalLaw {
	mustBeAtLeast("the number of phases of an Erlang law", k, 1)
	mustBePositive("the mean of an Erlang law", mean)
	phases := float64(k)
	return InterarrivalLaw{mean, func(s float64) float64 {
		return -math.Expm1(-phases * math.Log1p(s*mean/phases))
	}}
}

// ConstantArrivals returns the law of a constant interval.
func ConstantArrivals(interval float64) InterarrivalLaw {
	mustBePositive("an interval between arrivals", interval)
	return InterarrivalLaw{interval, func(s float64) float64 {
		return -math.Expm1(-s * interval)
	}}
}

// HyperexponentialArrivals returns the law that is exponential of mean
// means[i] with probability probabilities[i].
func HyperexponentialArrivals(probabilities, means []float64) InterarrivalLaw {
	mustBeDistribution("the probabilities of a hyperexponential law", probabilities, len(means))
	total := 0.0
	for i, mean := range means {
		mustBePositive("a mean of a hyperexponential law", mean)
		total += probabilities[i] * mean
	}
	return InterarrivalLaw{total, func(s float64) float64 {
		sum := 0.0
		for i, p := range probabilities {
			sum += p * s * means[i] / (1 + s*means[i])
		}
		return sum
	}}
}

// rho returns the offered utilisation.
func (m GIM1) rho() float64 {
	mustBePositive("the mean interarrival time of a GI/M/1 queue", m.Interarrival.Mean)
	mustBePositive("the service rate of a GI/M/1 queue", m.Mu)
	return 1 / (m.Interarrival.Mean * m.Mu)
}

// idle returns 1 - sigma, the probability that an arrival finds the server
// idle; 0 when overloaded.
func (m GIM1) idle() float64 {
	if m.rho() >= 1 {
		return 0
	}
	// x = 1-sigma solves x = 1 - A*(Mu x), whose right side is above x from 0
	// to the root and below it from there to 1.
	return bisect(func(x float64) bool {
		return m.Interarrival.Complement(m.Mu*x) > x
	}, 0, 1)
}

// WaitProbability returns sigma, the probability that an arrival has to wait.
func (m GIM1) WaitProbability() float64 { return 1 - m.idle() }

// Utilisation returns the fraction of time that the server is busy: rho, or 1
// when overloaded.
func (m GIM1) Utilisation() float64 { return math.Min(1, m.rho()) }

// WaitMean returns the mean time before service.
func (m GIM1) WaitMean() float64 {
	idle := m.idle()
	return (1 - idle) / (m.Mu * idle) // +Inf when overloaded
}

// ResponseMean returns the mean response time, 1/(Mu(1-sigma)). It holds
// under processor sharing too.
func (m GIM1) ResponseMean() float64 { return 1 / (m.Mu * m.idle()) }

// NumberMean returns the mean number of requests in the system, over time.
func (m GIM1) NumberMean() float64 { return m.ResponseMean() / m.Interarrival.Mean }

// QueueMean returns the mean number of requests that wait, over time.
func (m GIM1) QueueMean() float64 { return m.WaitMean() / m.Interarrival.Mean }

// NumberProbability returns the fraction of time with exactly n in the system:
// 1-rho for n = 0, else rho(1-sigma) sigma^(n-1).
func (m GIM1) NumberProbability(n int) float64 {
	switch {
	case n < 0:
		return 0
	case n == 0:
		return 1 - m.Utilisation()
	}
	return m.Utilisation() / m.WaitProbability() * m.ArrivalNumberProbability(n)
}

// ArrivalNumberProbability returns the fraction of arrivals that find exactly
// n in the system, (1-sigma) sigma^n.
func (m GIM1) ArrivalNumberProbability(n int) float64 {
	if n < 0 {
		return 0
	}
	idle := m.idle()
	return idle * math.Pow(1-idle, float64(n))
}

// WaitSurvival returns P(W > t) = sigma P(T > t) for t >= 0.
func (m GIM1) WaitSurvival(t float64) float64 {
	return m.WaitProbability() * m.ResponseSurvival(t)
}

// ResponseSurvival returns P(T > t).
func (m GIM1) ResponseSurvival(t float64) float64 {
	return math.Exp(-m.Mu * m.idle() * math.Max(t, 0))
}

// ResponseQuantile returns the q-quantile of the response time.
func (m GIM1) ResponseQuantile(q float64) float64 {
	mustBeQuantile(q)
	return -math.Log1p(-q) / (m.Mu * m.idle())
}

// WaitQuantile returns the q-quantile of the waiting time, 0 for q up to the
// probability that there is no wait at all.
func (m GIM1) WaitQuantile(q float64) float64 {
	mustBeQuantile(q)
	idle := m.idle()
	if 1-idle <= 1-q {
		return 0
	}
	return math.Log((1-idle)/(1-q)) / (m.Mu * idle)
}

// RoundRobin returns what one of the given number of identical servers of rate
// mu sees when Poisson arrivals of total rate lambda are dealt to them in
// turn: every k-th arrival of a Poisson stream, E_k/M/1.
func RoundRobin(servers int, lambda, mu float64) GIM1 {
	mustBeAtLeast("the number of servers", servers, 1)
	mustBePositive("an arrival rate", lambda)
	share := lambda / float64(servers)
	return GIM1{Interarrival: ErlangArrivals(servers, 1/share), Mu: mu}
}

// RandomSplit returns what one of the given number of identical servers of
// rate mu sees when Poisson arrivals of total rate lambda choose a server at
// random: a Poisson stream again, of rate lambda/servers.
func RandomSplit(servers int, lambda, mu float64) MM1 {
	mustBeAtLeast("the number of servers", servers, 1)
	return MM1{Lambda: lambda / float64(servers), Mu: mu}
}
