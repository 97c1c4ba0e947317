package estimate

import (
	"math"

	"github.com/capsim/capsim/sim/portable"
)

// most is up to which utilisation the queue of users who wait for their
// answers is computed as if they were many; beyond that it is the number of
// users that limits it.
const most = 1 - 1e-9

// mostServers bounds the recursion of Erlang's formula; more servers than that
// are taken for so many, as busy.
const mostServers = 20_000

// erlangC is the probability that an arrival has to wait in M/M/c with an
// offered load of a erlangs (Erlang 1917), 1 if that is c or more.
func erlangC(c int, a float64) float64 {
	if c > mostServers {
		a, c = a/float64(c)*mostServers, mostServers
	}
	n := float64(c)
	if a >= n {
		return 1
	}
	b := 1.0
	for k := 1.0; k <= n; k++ {
		ab := float64(a * b)
		b = ab / (k + ab)
	}
	return float64(n*b) / (n - float64(a*(1-b)))
}

// queue is a station: servers with one line before them.
type queue struct {
	servers int
	rate    float64 // arrivals per second, open and closed
	closed  float64 // of these, from users who wait for their answers
	seen    float64 // share of the closed rate that an arrival finds there: its own user is not
	service moments
	arrive  float64 // squared coefficient of variation between arrivals
}

// moments are the first two of a random time.
type moments struct{ mean, variance float64 }

// scv is the squared coefficient of variation, 0 of what takes no time.
func (m moments) scv() float64 {
	if m.mean == 0 {
		return 0
	}
	return m.variance / float64(m.mean*m.mean)
}

func (m moments) plus(o moments) moments {
	return moments{m.mean + o.mean, m.variance + o.variance}
}

// times is the sum of a number of such times, independent of each other, if
// the number has the given moments.
func (m moments) times(n moments) moments {
	return moments{float64(n.mean * m.mean), float64(n.mean*m.variance) + float64(n.variance*float64(m.mean*m.mean))}
}

// mix adds a case that has a probability: of moments about 0.
func (m *moments) mix(p float64, o moments) {
	m.mean += float64(p * o.mean)
	m.variance += float64(p * (o.variance + float64(o.mean*o.mean)))
}

// settled turns moments about 0, that were mixed, into a variance.
func (m moments) settled() moments {
	return moments{m.mean, max(0, m.variance-float64(m.mean*m.mean))}
}

// load is the offered load in erlangs.
func (q queue) load() float64 { return float64(q.rate * q.service.mean) }

// utilization is the load over the servers, which may be above 1.
func (q queue) utilization() float64 { return q.load() / float64(q.servers) }

// wait is the mean time before service, and how likely there is any. Before is
// the wait that users of closed clients found the last time that it was asked.
//
// Of open arrivals the wait of M/M/c is C S/(c (1-ρ)), which is S/c (C + Lq):
// the server that frees next, and those ahead. Users of closed clients are
// limited in number, and an arrival finds one less of them (Reiser and
// Lavenberg 1980; Schweitzer 1979).
func (q queue) wait(before float64) (mean, probability float64) {
	c := float64(q.servers)
	if q.rate == 0 || q.service.mean == 0 {
		return 0, 0
	}
	open := q.rate - q.closed
	openLoad := float64(open*q.service.mean) / c
	if openLoad >= 1 {
		return math.Inf(1), 1
	}
	found := openLoad + float64(float64(q.closed*q.seen)*q.service.mean)/c
	probability = erlangC(q.servers, float64(min(found, most)*c))
	ahead := float64(float64(q.closed*q.seen) * before)
	mean = float64(q.service.mean/c) * (probability + ahead) / (1 - openLoad)
	return float64(mean * q.variability(found)), probability
}

// variability is by how much the wait differs from that of M/M/c: of Poisson
// arrivals (1 + cs²)/2, interpolated for many servers between those of M/M/c
// and M/D/c (Kimura 1986, with the latter of Cosmetatos 1976; exact for one
// server, Pollaczek-Khinchine); of other arrivals (ca² + cs²)/2, less what
// Kraemer and Langenbach-Belz (1976) found where they are more regular.
func (q queue) variability(found float64) float64 {
	cs, ca, c := q.service.scv(), q.arrive, float64(q.servers)
	rho := min(found, most)
	md := 1.0
	if rho > 0 {
		gamma := min(0.24, (1-rho)*(c-1)*(math.Sqrt(4+float64(5*c))-2)/float64(16*c*rho))
		md += gamma
	}
	poisson := (1 + cs) / float64(2*(cs+(1-cs)/md))
	switch {
	case ca == 1 || 1+cs == 0:
		return poisson
	case ca > 1:
		return poisson * (ca + cs) / (1 + cs)
	case ca+cs == 0:
		return 0
	}
	away := 1 - ca
	return poisson * (ca + cs) / (1 + cs) * portable.Exp(-float64(2*(1-rho)*float64(away*away))/float64(3*rho*(ca+cs)))
}

// waitMoments spreads a mean wait as an exponential one of those who wait at
// all, which it is in M/M/c.
func waitMoments(mean, probability float64) moments {
	if mean == 0 || probability == 0 {
		return moments{}
	}
	each := mean / probability
	return moments{mean, float64(float64(probability*(2-probability)) * float64(each*each))}
}

// dealt is the mean response of one of k servers to which Poisson arrivals are
// dealt in turn, E_k/M/1, exactly: S/(1-σ) with σ = (kλ/(kλ + μ(1-σ)))^k, λ
// being the rate of the one (Kleinrock 1975, section 6.4).
func dealt(k int, rate, service float64) float64 {
	rho := float64(rate * service)
	if rho >= 1 {
		return math.Inf(1)
	}
	phase := float64(float64(float64(k)*rate) * service)
	low, high := 0.0, 1.0
	// Below the root the right side is above σ, beyond it below.
	for range 200 {
		sigma := float64((low + high) / 2)
		base, power := phase/(phase+1-sigma), 1.0
		for n, b := k, base; n > 0; n /= 2 {
			if n%2 == 1 {
				power = float64(power * b)
			}
			b = float64(b * b)
		}
		if power > sigma {
			low = sigma
		} else {
			high = sigma
		}
		if high-low < 1e-15 {
			break
		}
	}
	return service / (1 - low)
}

// policyKind is how arrivals are told apart among instances that each have a
// queue of their own.
type policyKind uint8

const (
	bySplit policyKind = iota // at random, or by a hash
	byTurn
	byLeast // of those in flight
	byTwo   // the less loaded of two
)

// waitAmong is the wait at one of k stations like q, whose rate is that of one
// of them, if arrivals are shared out by a policy.
func (q queue) waitAmong(k int, by policyKind, before [2]float64) (mean, probability float64, found [2]float64) {
	if q.rate == 0 || q.service.mean == 0 {
		return 0, 0, found
	}
	alone := q // splitting at random makes them more like a Poisson process
	alone.arrive = 1 + (q.arrive-1)/float64(k)
	split, p := alone.wait(before[0])
	found[0] = split
	if k == 1 || by == bySplit {
		return split, p, found
	}
	if by == byTurn {
		turn := q
		turn.arrive /= float64(k)
		if q.servers == 1 && q.closed == 0 && q.arrive == 1 && q.service.scv() == 1 {
			return dealt(k, q.rate, q.service.mean) - q.service.mean, p, found
		}
		mean, p = turn.wait(before[0])
		found[0] = mean
		return mean, p, found
	}
	pool := q
	pool.servers, pool.rate, pool.closed = q.servers*k, float64(q.rate*float64(k)), float64(q.closed*float64(k))
	pooled, pp := pool.wait(before[1])
	found[1] = pooled
	if math.IsInf(split, 1) {
		return pooled, pp, found
	}
	if by == byTwo {
		return pooled + float64(shareOfTwo(q.utilization())*max(0, split-pooled)), p, found
	}
	// Join the shortest queue: nearly as good as one queue for all. What it
	// lacks was fitted to exact figures for two to four servers.
	lacks := float64(0.53*(1-1/float64(k))*pp) * q.service.mean / float64(q.servers)
	return min(split, pooled+lacks), max(pp, min(p, pp+lacks/q.service.mean)), found
}

// shareOfTwo is which share of the wait behind random choices is left by the
// better of two, of very many servers: Σ ρ^(2^i-2) - 1 of ρ/(1-ρ)
// (Mitzenmacher 2001).
func shareOfTwo(rho float64) float64 {
	if rho <= 0 || rho >= 1 {
		return 0
	}
	sum := 0.0
	for term := float64(rho * rho); term > 1e-12; term = float64(float64(term*term) * float64(rho*rho)) {
		sum += term
	}
	return float64(sum*(1-rho)) / rho
}
