package theory

// MGInf is the M/G/infinity system: Poisson arrivals, any law of service, a
// server for everybody. Response time is service time, and the number in
// system is Poisson of mean Lambda E[S] (Takacs 1962).
type MGInf struct {
	Lambda float64 // arrival rate, requests per unit of time
	Mean   float64 // mean service time E[S]
}

func (m MGInf) law() discreteLaw {
	mustNotBeNegative("the arrival rate of an M/G/inf system", m.Lambda)
	mustNotBeNegative("the mean service time of an M/G/inf system", m.Mean)
	return poisson(m.Lambda * m.Mean)
}

// ResponseMean returns the mean response time, E[S].
func (m MGInf) ResponseMean() float64 { return m.Mean }

// NumberMean returns the mean, and the variance, of the number in system.
func (m MGInf) NumberMean() float64 { return Little(m.Lambda, m.Mean) }

// NumberProbability returns the fraction of time with exactly n in system.
func (m MGInf) NumberProbability(n int) float64 { return m.law().at(n) }

// NumberSurvival returns the fraction of time with more than n in system.
func (m MGInf) NumberSurvival(n int) float64 {
	return m.law().mean(func(k int) float64 {
		if k > n {
			return 1
		}
		return 0
	})
}
