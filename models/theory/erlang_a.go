package theory

// ErlangA is the M/M/c+M queue: as M/M/c, but a waiting request gives up after
// an exponential patience of rate Theta; one that has begun service stays.
// Giving up makes every load stable (Palm 1957; Mandelbaum and Zeltyn 2007).
type ErlangA struct {
	Lambda float64 // arrival rate, requests per unit of time
	Mu     float64 // service rate of one server, requests per unit of time
	C      int     // servers
	Theta  float64 // rate at which one waiting request gives up, 1/mean patience
}

// law returns the stationary law of the number in system.
func (m ErlangA) law() discreteLaw {
	mustNotBeNegative("the arrival rate of an Erlang A queue", m.Lambda)
	mustBePositive("the service rate of an Erlang A queue", m.Mu)
	mustBeAtLeast("the number of servers of an Erlang A queue", m.C, 1)
	mustBePositive("the rate of giving up of an Erlang A queue", m.Theta)
	return birthDeath(func(n int) float64 { return m.Lambda / m.departures(n) }, -1)
}

// departures returns the rate of leaving, served or not, with n in system.
func (m ErlangA) departures(n int) float64 {
	return float64(min(n, m.C))*m.Mu + float64(max(n-m.C, 0))*m.Theta
}

// WaitProbability returns the fraction of arrivals that find no free server.
func (m ErlangA) WaitProbability() float64 {
	return m.law().mean(func(n int) float64 {
		if n >= m.C {
			return 1
		}
		return 0
	})
}

// QueueMean returns the mean number of requests that wait.
func (m ErlangA) QueueMean() float64 {
	return m.law().mean(func(n int) float64 { return float64(max(n-m.C, 0)) })
}

// AbandonProbability returns the fraction of arrivals that give up:
// Theta Lq / Lambda.
func (m ErlangA) AbandonProbability() float64 { return m.Theta * m.WaitMean() }

// WaitMean returns the mean time in queue over all arrivals, those who give up
// included (Little's law on the queue).
func (m ErlangA) WaitMean() float64 {
	if m.Lambda == 0 {
		return 0
	}
	return m.QueueMean() / m.Lambda
}

// ServedWaitMean returns the mean time in queue of the requests that are
// served. One that finds n >= c waits through the departures from c+1, ...,
// n+1 in system unless it gives up first; which of the two ends a stage does
// not depend on how long the stage lasts.
func (m ErlangA) ServedWaitMean() float64 {
	l := m.law()
	free, served, wait, total := 0.0, 0.0, 0.0, 0.0
	for n := range l.first + len(l.p) {
		if n < m.C {
			free += l.at(n)
			continue
		}
		wait += 1 / m.departures(n+1)
		stays := l.at(n) * float64(m.C) * m.Mu / m.departures(n+1)
		served += stays
		total += stays * wait
	}
	return total / (free + served)
}

// Utilisation returns the fraction of its time that a server is busy, on
// average over the servers.
func (m ErlangA) Utilisation() float64 {
	return m.law().mean(func(n int) float64 { return float64(min(n, m.C)) }) / float64(m.C)
}

// Throughput returns the rate of requests that are served.
func (m ErlangA) Throughput() float64 {
	return m.Utilisation() * float64(m.C) * m.Mu
}
