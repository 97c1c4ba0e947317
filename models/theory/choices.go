package theory

import "math"

// PowerOfChoices is the supermarket model: Poisson arrivals to very many
// exponential servers, each request sent to the one of D servers drawn at
// random that has the fewest requests (Vvedenskaya, Dobrushin and Karpelevich
// 1996; Mitzenmacher, IEEE TPDS 12(10), 2001). With N servers the mean is
// larger by a part of the order 1/N.
type PowerOfChoices struct {
	D      int
	Lambda float64 // arrivals at one server
	Mu     float64
}

// tail is the share of servers that have at least n requests:
// ρ^((D^n − 1) ÷ (D − 1)).
func (m PowerOfChoices) tail(n int) float64 {
	rho := m.Lambda / m.Mu
	if m.D == 1 {
		return math.Pow(rho, float64(n))
	}
	d := float64(m.D)
	return math.Pow(rho, (math.Pow(d, float64(n))-1)/(d-1))
}

// NumberMean returns the mean number of requests at a server.
func (m PowerOfChoices) NumberMean() float64 {
	sum := 0.0
	for n := 1; ; n++ {
		p := m.tail(n)
		sum += p
		if p < 1e-17*sum {
			return sum
		}
	}
}

// ResponseMean returns the mean response time.
func (m PowerOfChoices) ResponseMean() float64 { return m.NumberMean() / m.Lambda }

// ResponseSurvival returns P(T > t): a request finds at least n requests if
// all D servers have as many, and is there until n+1 services are over.
func (m PowerOfChoices) ResponseSurvival(t float64) float64 {
	var found []float64
	for n := 0; ; n++ {
		p := math.Pow(m.tail(n), float64(m.D))
		found = append(found, p)
		if p < 1e-17 {
			return poissonMean(m.Mu*math.Max(t, 0), found)
		}
	}
}

// ResponseQuantile returns the q-quantile of the response time.
func (m PowerOfChoices) ResponseQuantile(q float64) float64 {
	return quantile(m.ResponseSurvival, q, m.ResponseMean())
}
