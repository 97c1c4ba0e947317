package theory

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// mh2cWaits holds, for the requests that have arrived together as it were, the
// probability of each state of the servers (second index: how many are at a
// first kind of service) while so many services (first index, and one more)
// have to end before their own begins.
type mh2cWaits [][]float64

// follow fills in the laws of the times. full is the law of the states with
// all servers busy and no queue, r what each longer queue follows by.
func (m *MH2c) follow(full *mat.VecDense, r *mat.Dense) {
	m.jumps = float64(m.servers) * math.Max(m.rates[0], m.rates[1])
	var waits mh2cWaits
	level := full
	for mat.Sum(level) > mh2cNegligible*(1-m.rho()) {
		waits = append(waits, append([]float64{}, level.RawVector().Data...))
		next := mat.NewVecDense(m.servers+1, nil)
		next.MulVec(r.T(), level)
		level = next
	}
	// In service of the first and of the second kind.
	served := [2]float64{(1 - m.waitProbability) * m.p, (1 - m.waitProbability) * (1 - m.p)}
	for {
		waiting := waits.total()
		present := waiting + served[0] + served[1]
		m.waiting = append(m.waiting, waiting)
		m.present = append(m.present, present)
		if present <= mh2cNegligible {
			return
		}
		begun := m.jump(waits)
		for len(waits) > 0 && sum(waits[len(waits)-1]) < mh2cNegligible*mh2cNegligible {
			waits = waits[:len(waits)-1]
		}
		for kind, p := range [2]float64{m.p, 1 - m.p} {
			served[kind] = served[kind]*(1-m.rates[kind]/m.jumps) + begun*p
		}
	}
}

// jump moves waits on by one jump and returns the probability that has left
// them for a service. Services of a kind end at their rate, the rest of the
// jumps change nothing.
func (m *MH2c) jump(waits mh2cWaits) (begun float64) {
	for ahead, states := range waits {
		kept := make([]float64, len(states))
		for first, p := range states {
			one, two := m.ending(m.servers, first)
			kept[first] += p * (1 - (one+two)/m.jumps)
			if ahead == 0 {
				begun += p * (one + two) / m.jumps
			}
		}
		if ahead+1 < len(waits) {
			m.shorten(kept, waits[ahead+1])
		}
		waits[ahead] = kept
	}
	return begun
}

// shorten adds to states what the next longer wait loses to it by a service
// that ends, each followed by one of a kind drawn afresh.
func (m *MH2c) shorten(states, longer []float64) {
	for first, p := range longer {
		one, two := m.ending(m.servers, first)
		one, two = p*one/m.jumps, p*two/m.jumps
		states[first] += one*m.p + two*(1-m.p)
		if first > 0 {
			states[first-1] += one * (1 - m.p)
		}
		if first < m.servers {
			states[first+1] += two * m.p
		}
	}
}

func (w mh2cWaits) total() float64 {
	total := 0.0
	for i := len(w) - 1; i >= 0; i-- {
		total += sum(w[i])
	}
	return total
}

func sum(v []float64) float64 {
	total := 0.0
	for _, x := range v {
		total += x
	}
	return total
}

// Utilisation returns the fraction of its time that a server is busy:
// rho = Lambda E[S]/c, or 1 when overloaded.
func (m *MH2c) Utilisation() float64 { return math.Min(1, m.rho()) }

// WaitProbability returns P(W > 0), the probability that all servers are busy.
func (m *MH2c) WaitProbability() float64 { return m.waitProbability }

// QueueMean returns the mean number of requests that wait.
func (m *MH2c) QueueMean() float64 { return m.queueMean }

// WaitMean returns the mean time before service.
func (m *MH2c) WaitMean() float64 { return m.queueMean / m.lambda }

// ResponseMean returns the mean response time.
func (m *MH2c) ResponseMean() float64 { return m.WaitMean() + m.serviceMean() }

// NumberMean returns the mean number of requests in the system.
func (m *MH2c) NumberMean() float64 { return Little(m.lambda, m.ResponseMean()) }

// WaitSurvival returns P(W > t) for t >= 0.
func (m *MH2c) WaitSurvival(t float64) float64 { return m.after(m.waiting, t) }

// ResponseSurvival returns P(T > t).
func (m *MH2c) ResponseSurvival(t float64) float64 { return m.after(m.present, t) }

// after returns the mean of left over the Poisson number of jumps in a time t.
func (m *MH2c) after(left []float64, t float64) float64 {
	if left == nil { // overloaded
		return 1
	}
	return math.Min(1, poissonMean(m.jumps*math.Max(t, 0), left))
}

// WaitQuantile returns the q-quantile of the waiting time, 0 for q up to the
// probability that there is no wait at all.
func (m *MH2c) WaitQuantile(q float64) float64 {
	mustBeQuantile(q)
	if m.waiting == nil {
		return math.Inf(1)
	}
	return quantile(m.WaitSurvival, q, m.ResponseMean())
}

// ResponseQuantile returns the q-quantile of the response time.
func (m *MH2c) ResponseQuantile(q float64) float64 {
	mustBeQuantile(q)
	if m.present == nil {
		return math.Inf(1)
	}
	return quantile(m.ResponseSurvival, q, m.ResponseMean())
}
