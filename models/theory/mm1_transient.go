package theory

// NumberMeanAt returns the mean number of requests in an M/M/1 queue that was
// empty a time t ago: the bias that a warm-up has to outlast. It is exact for
// any load, overload included.
//
// The Kolmogorov equations dp/dt = pQ are solved by uniformisation (Jensen
// 1953; Grassmann 1977): jumps of a Poisson process of rate Lambda+Mu drive a
// reflected random walk, so that every term of the sum is positive. The work
// grows with (Lambda+Mu)t times the length the queue reaches.
func (m MM1) NumberMeanAt(t float64) float64 {
	m.check()
	mustNotBeNegative("a time", t)
	rate := m.Lambda + m.Mu
	jumps := poisson(rate * t)
	up := m.Lambda / rate
	walk := []float64{1} // law of the walk after j jumps
	number, mean := 0.0, 0.0
	for j := 0; ; j++ {
		mean += jumps.at(j) * number
		if j >= jumps.first+len(jumps.p)-1 {
			return mean
		}
		walk, number = reflectedStep(walk, up)
	}
}

// reflectedStep moves a random walk that steps up with probability up and
// otherwise down, staying at zero when it is there. It returns the new law
// and its mean. The far tail, below anything that double precision can add to
// the mean, is cut.
func reflectedStep(walk []float64, up float64) ([]float64, float64) {
	const negligible = 1e-30
	next := make([]float64, len(walk)+1)
	for n, p := range walk {
		next[n+1] += p * up
		next[max(n-1, 0)] += p * (1 - up)
	}
	for len(next) > 1 && next[len(next)-1] < negligible {
		next = next[:len(next)-1]
	}
	mean := 0.0
	for n, p := range next {
		mean += float64(n) * p
	}
	return next, mean
}
