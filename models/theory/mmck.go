package theory

import "math"

// MaxPlaces is the largest K that [MMcK] accepts: its law is a table of up to
// K+1 probabilities.
const MaxPlaces = 1 << 22

// MMcK is the M/M/c/K queue: Poisson arrivals, exponential service, c servers,
// and K places counting those in service. An arrival that finds all K taken is
// rejected. Waiting and response times are those of the accepted requests, who
// find n < K there with probability p(n)/(1-p(K)) (Poisson arrivals see time
// averages: Wolff 1982; Gross, Shortle, Thompson and Harris, sec. 2.4).
type MMcK struct {
	Lambda float64 // arrival rate, requests per unit of time
	Mu     float64 // service rate of one server, requests per unit of time
	C      int     // servers
	K      int     // places, C <= K <= MaxPlaces
}

// law returns the stationary law of the number in system.
func (m MMcK) law() discreteLaw {
	mustNotBeNegative("the arrival rate of an M/M/c/K queue", m.Lambda)
	mustBePositive("the service rate of an M/M/c/K queue", m.Mu)
	mustBeAtLeast("the number of servers of an M/M/c/K queue", m.C, 1)
	mustBeAtLeast("the number of places of an M/M/c/K queue", m.K, m.C)
	if m.K > MaxPlaces {
		panic("theory: an M/M/c/K queue has at most MaxPlaces places")
	}
	return birthDeath(func(n int) float64 {
		return m.Lambda / (float64(min(n, m.C)) * m.Mu)
	}, m.K)
}

// NumberProbability returns the fraction of time with exactly n requests in
// the system.
func (m MMcK) NumberProbability(n int) float64 { return m.law().at(n) }

// BlockingProbability returns the fraction of arrivals that are rejected.
func (m MMcK) BlockingProbability() float64 { return m.law().at(m.K) }

// Throughput returns the rate of accepted, hence served, requests.
func (m MMcK) Throughput() float64 { return m.Mu * m.busy(m.law()) }

// Utilisation returns the fraction of its time that a server is busy, on
// average over the servers.
func (m MMcK) Utilisation() float64 { return m.busy(m.law()) / float64(m.C) }

// busy returns the mean number of busy servers.
func (m MMcK) busy(l discreteLaw) float64 {
	return l.mean(func(n int) float64 { return float64(min(n, m.C)) })
}

// NumberMean returns the mean number of requests in the system.
func (m MMcK) NumberMean() float64 {
	return m.law().mean(func(n int) float64 { return float64(n) })
}

// QueueMean returns the mean number of requests that wait.
func (m MMcK) QueueMean() float64 {
	return m.law().mean(func(n int) float64 { return float64(max(n-m.C, 0)) })
}

// WaitMean returns the mean time before service of an accepted request: one
// that finds n >= c there waits for n-c+1 departures at rate c Mu.
func (m MMcK) WaitMean() float64 {
	departures, accepted := 0.0, 0.0
	for n, p := range m.ahead() {
		departures += float64(n) * p
		accepted += p
	}
	return departures / accepted / (float64(m.C) * m.Mu)
}

// ResponseMean returns the mean response time of an accepted request.
func (m MMcK) ResponseMean() float64 { return m.WaitMean() + 1/m.Mu }

// ahead returns the law of the number of departures that an accepted request
// waits for, before division by the probability of being accepted: 0 if it
// finds a free server.
func (m MMcK) ahead() []float64 {
	l := m.law()
	ahead := make([]float64, m.K-m.C+1)
	for n := l.first; n < min(l.first+len(l.p), m.K); n++ {
		ahead[max(n-m.C+1, 0)] += l.at(n)
	}
	return ahead
}

// ResponseSurvival returns P(T > t) of an accepted request.
func (m MMcK) ResponseSurvival(t float64) float64 {
	return m.survival(m.ahead(), t)
}

// ResponseQuantile returns the q-quantile of the response time of an accepted
// request.
func (m MMcK) ResponseQuantile(q float64) float64 {
	ahead := m.ahead()
	return quantile(func(t float64) float64 {
		return m.survival(ahead, t)
	}, q, 1/m.Mu)
}

// survival watches one accepted request at the ticks of a Poisson process of
// rate c Mu. While it waits every tick is a departure before it; once in
// service each tick is its own completion with probability 1/c. So
// P(T > t) = sum over j of P(j ticks by t) P(still there after j ticks), in
// which every term is positive.
func (m MMcK) survival(ahead []float64, t float64) float64 {
	if t <= 0 {
		return 1
	}
	waiting := make([]float64, len(ahead)) // waiting[j]: more than j departures ahead
	for j := len(ahead) - 2; j >= 0; j-- {
		waiting[j] = waiting[j+1] + ahead[j+1]
	}
	accepted := waiting[0] + ahead[0]
	ticks := poisson(float64(m.C) * m.Mu * t)
	stay := 1 - 1/float64(m.C)
	served, survival := 0.0, 0.0
	for j := range ticks.first + len(ticks.p) {
		served *= stay
		present := 0.0
		if j < len(ahead) {
			served += ahead[j]
			present = waiting[j]
		}
		survival += ticks.at(j) * (present + served)
	}
	return math.Min(1, survival/accepted)
}
