package theory

import "math"

// waveCutsMax is the most half waves over which a service time is followed.
const waveCutsMax = 1_000_000

// MtGInf is the M(t)/G/infinity system under a wave: Poisson arrivals of rate
// Lambda + Amplitude sin(2 pi t/Period), any law of service, a server for
// everybody. The number in system at any time is Poisson, of mean
//
//	m(t) = integral over u > 0 of rate(t-u) P(S > u),
//
// itself a wave about Lambda E[S] that lags behind the arrivals (Eick, Massey
// and Whitt, "M(t)/G/inf queues with sinusoidal arrival rates", Management
// Science 39(2), 1993).
type MtGInf struct {
	Lambda    float64 // mean arrival rate, requests per unit of time
	Amplitude float64 // of the arrival rate, at most Lambda
	Period    float64 // of the wave
	Service   Latency // law of the service time
}

func (m MtGInf) check() {
	mustNotBeNegative("the arrival rate of an M(t)/G/inf system", m.Lambda)
	mustNotBeNegative("the amplitude of an arrival rate", m.Amplitude)
	mustBePositive("the period of a wave", m.Period)
	m.Service.check()
	if m.Amplitude > m.Lambda {
		panic("theory: the amplitude of an arrival rate is above its mean")
	}
}

func (m MtGInf) speed() float64 { return 2 * math.Pi / m.Period }

// RateAt returns the arrival rate at time t.
func (m MtGInf) RateAt(t float64) float64 {
	m.check()
	return m.Lambda + m.Amplitude*math.Sin(m.speed()*t)
}

// memory returns the integrals of P(S > u) cos(speed u) and of
// P(S > u) sin(speed u) over u from 0 to end, at most half a wave at a time.
func (m MtGInf) memory(end float64) (cosine, sine float64) {
	survival, speed := m.Service.Survival, m.speed()
	low := 0.0
	for cut := 0; low < end && cut < waveCutsMax && survival(low) > 1e-17; cut++ {
		high := math.Min(low+math.Min(m.Period/2, math.Max(m.Service.Mean, low)), end)
		for _, step := range m.Service.Steps {
			if step > low && step < high {
				high = step
			}
		}
		cosine += integrate(func(u float64) float64 { return survival(u) * math.Cos(speed*u) }, low, high)
		sine += integrate(func(u float64) float64 { return survival(u) * math.Sin(speed*u) }, low, high)
		low = high
	}
	return cosine, sine
}

// NumberMeanAt returns the mean, and the variance, of the number in system at
// time t, when arrivals have gone on for ever.
func (m MtGInf) NumberMeanAt(t float64) float64 {
	m.check()
	cosine, sine := m.memory(math.Inf(1))
	angle := m.speed() * t
	return m.Lambda*m.Service.Mean + m.Amplitude*(math.Sin(angle)*cosine-math.Cos(angle)*sine)
}

// NumberMeanFromEmpty returns the mean, and the variance, of the number in
// system at time t when it was empty at time 0.
func (m MtGInf) NumberMeanFromEmpty(t float64) float64 {
	m.check()
	if t <= 0 {
		return 0
	}
	cosine, sine := m.memory(t)
	angle := m.speed() * t
	return m.Lambda*m.Service.meanUpTo(t) + m.Amplitude*(math.Sin(angle)*cosine-math.Cos(angle)*sine)
}

// NumberAmplitude returns by how much the mean number in system rises above
// and falls below Lambda E[S]. For exponential service it is
// Amplitude E[S]/sqrt(1+x^2) with x = 2 pi E[S]/Period.
func (m MtGInf) NumberAmplitude() float64 {
	m.check()
	return m.Amplitude * math.Hypot(m.memory(math.Inf(1)))
}

// Lag returns by how much the wave of the number in system trails that of the
// arrival rate, between 0 and half a period: the peak comes at Period/4 + Lag.
// For exponential service it is atan(x) Period/(2 pi); for short services it
// tends to E[S^2]/(2 E[S]).
func (m MtGInf) Lag() float64 {
	m.check()
	cosine, sine := m.memory(math.Inf(1))
	return math.Atan2(sine, cosine) / m.speed()
}
