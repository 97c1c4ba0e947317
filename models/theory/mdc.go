package theory

import (
	"fmt"
	"math"
	"math/cmplx"

	"gonum.org/v1/gonum/dsp/fourier"
)

// mdcLoadMax is the utilisation above which NewMDc declines: the table that
// the waiting-time law needs grows as 1/(1-rho).
const mdcLoadMax = 0.99999

// MDc is the M/D/c queue: Poisson arrivals, constant service, c identical
// servers, one queue, first come first served. M/D/1 is c = 1.
//
// Because service is constant, the queue left behind at times a service apart
// is a random walk: Lq' = max(Lq + A - c, 0) with A Poisson of mean Lambda D.
// Its generating function is known from the roots of z^c = e^(a(z-1)) inside
// the unit circle (Crommelin 1932), and the law of the wait from that of Lq
// (Franx, "A simple solution for the M/D/c waiting time distribution", 2001).
//
// Means keep all their digits. Probabilities have an absolute error of about
// 1e-14: ample for a p99.999, not for the rarest of events.
type MDc struct {
	lambda, service float64
	servers         int
	queueMean       float64
	queueAtMost     []float64 // queueAtMost[n] = P(Lq <= n); nil when overloaded
}

// NewMDc solves the M/D/c queue with arrival rate lambda and constant service
// time service. An overloaded queue is solved too (its means are +Inf); the
// error is for utilisations between 0.99999 and 1, too close to saturation.
func NewMDc(lambda, service float64, servers int) (*MDc, error) {
	mustNotBeNegative("the arrival rate of an M/D/c queue", lambda)
	mustBePositive("the service time of an M/D/c queue", service)
	mustBeAtLeast("the number of servers of an M/D/c queue", servers, 1)
	m := &MDc{lambda: lambda, service: service, servers: servers}
	load, c := lambda*service, float64(servers)
	rho := load / c
	switch {
	case rho >= 1:
		m.queueMean = math.Inf(1)
	case rho > mdcLoadMax:
		return nil, fmt.Errorf("an M/D/%d queue at utilisation %v is too close to saturation for its waiting time to be computed", servers, rho)
	case rho == 0:
		m.queueAtMost = []float64{1}
	default:
		roots := crommelinRoots(load, servers)
		m.queueMean = crommelinMean(load, servers, roots)
		m.queueAtMost = crommelinQueue(load, servers, roots)
	}
	return m, nil
}

// crommelinRoots returns the c-1 roots of z^c = e^(load(z-1)) inside the unit
// circle: one near each c-th root of unity w other than 1, where
// z = w e^(load(z-1)/c), found by Newton's method.
func crommelinRoots(load float64, c int) []complex128 {
	rho := complex(load/float64(c), 0)
	roots := make([]complex128, 0, c-1)
	for k := 1; k < c; k++ {
		w := cmplx.Rect(1, 2*math.Pi*float64(k)/float64(c))
		z := w * cmplx.Exp(-rho)
		for range 100 {
			image := w * cmplx.Exp(rho*(z-1))
			next := z - (z-image)/(1-rho*image)
			done := cmplx.Abs(next-z) <= 4e-16
			z = next
			if done {
				break
			}
		}
		roots = append(roots, z)
	}
	return roots
}

// crommelinMean returns E[Lq], the derivative of the generating function at 1.
// Where the queue is short that sum cancels, and Spitzer's identity takes its
// place: E[Lq] is the sum over k of E[(A(k)-kc)+]/k, A(k) the arrivals of k
// services (Spitzer 1956). Its terms are positive and decay at least as
// exp(-k c (1-rho)^2/2).
func crommelinMean(load float64, servers int, roots []complex128) float64 {
	c := float64(servers)
	if c*(1-load/c)*(1-load/c) < 0.5 {
		mean := (load*load - c*(c-1)) / (2 * (c - load))
		for _, z := range roots {
			mean += real(1 / (1 - z))
		}
		return mean
	}
	mean := 0.0
	for k := 1; ; k++ {
		excess := poisson(float64(k) * load).mean(func(n int) float64 {
			return float64(max(n-k*servers, 0))
		})
		mean += excess / float64(k)
		if excess <= 1e-17*mean {
			return mean
		}
	}
}

// crommelinQueue returns P(Lq <= n), n = 0, 1, ..., by evaluating the
// generating function (c-a)(z-1)/(z^c - e^(a(z-1))) prod (z-z_k)/(1-z_k) on
// the unit circle and transforming back (Abate and Whitt 1992). The number of
// points is such that the tail beyond, which folds back, is below 1e-18.
func crommelinQueue(load float64, c int, roots []complex128) []float64 {
	// The tail decays as z^-n with z > 1 the real root of c ln z = a(z-1).
	servers := float64(c)
	high := 2.0
	for servers*math.Log(high) > load*(high-1) {
		high *= 2
	}
	low := servers / load // between 1 and the root, where c ln z - a(z-1) is largest
	decay := math.Log(bisect(func(z float64) bool {
		return servers*math.Log(z) > load*(z-1)
	}, low, high))
	points := 256
	for float64(points)*decay < 42 {
		points *= 2
	}
	transform := make([]complex128, points/2+1)
	transform[0] = 1
	for j := 1; j < len(transform); j++ {
		z := cmplx.Rect(1, -2*math.Pi*float64(j)/float64(points))
		g := complex(servers-load, 0) * (z - 1) /
			(cmplx.Pow(z, complex(servers, 0)) - cmplx.Exp(complex(load, 0)*(z-1)))
		for _, root := range roots {
			g *= (z - root) / (1 - root)
		}
		transform[j] = g
	}
	atMost := fourier.NewFFT(points).Sequence(nil, transform)
	sum := 0.0
	for n, p := range atMost {
		sum += math.Max(0, p/float64(points))
		atMost[n] = math.Min(1, sum)
	}
	return atMost
}

// Utilisation returns rho = Lambda D / c, or 1 when overloaded.
func (m *MDc) Utilisation() float64 {
	return math.Min(1, m.lambda*m.service/float64(m.servers))
}

// QueueMean returns the mean number of requests that wait.
func (m *MDc) QueueMean() float64 { return m.queueMean }

// NumberMean returns the mean number of requests in the system.
func (m *MDc) NumberMean() float64 { return m.queueMean + m.lambda*m.service }

// WaitMean returns the mean time before service.
func (m *MDc) WaitMean() float64 {
	if m.lambda == 0 {
		return 0
	}
	return m.queueMean / m.lambda
}

// ResponseMean returns the mean response time.
func (m *MDc) ResponseMean() float64 { return m.WaitMean() + m.service }

// WaitProbability returns P(W > 0).
func (m *MDc) WaitProbability() float64 { return m.WaitSurvival(0) }

// WaitSurvival returns P(W > t) for t >= 0. Let kD be the first whole number of
// services beyond t. Busy servers start kc requests in any time kD, so a
// request is in service a time t after it comes if fewer than kc were ahead of
// it a time kD before that: those in queue then, and the arrivals of the time
// kD-t until it came. P(W <= t) is the sum over j < kc of
// P(Lq <= kc-1-j) Poisson(j; Lambda (kD-t)), all of it positive (Franx 2001).
func (m *MDc) WaitSurvival(t float64) float64 {
	if m.queueAtMost == nil {
		return 1
	}
	t = math.Max(t, 0)
	periods := math.Floor(t/m.service) + 1
	places := periods*float64(m.servers) - 1
	if places > 1e15 { // beyond any queue in the table
		return 0
	}
	arrivals := poisson(math.Max(0, m.lambda*(periods*m.service-t)))
	survival := 0.0
	for i, p := range arrivals.p {
		switch rest := int(places) - (arrivals.first + i); {
		case rest < 0:
			survival += p
		case rest < len(m.queueAtMost):
			survival += p * (1 - m.queueAtMost[rest])
		}
	}
	return survival
}

// WaitQuantile returns the q-quantile of the waiting time, 0 for q up to the
// probability that there is no wait at all.
func (m *MDc) WaitQuantile(q float64) float64 {
	mustBeQuantile(q)
	if m.queueAtMost == nil {
		return math.Inf(1)
	}
	return quantile(m.WaitSurvival, q, m.service)
}

// ResponseQuantile returns the q-quantile of the response time: constant
// service adds to every wait alike.
func (m *MDc) ResponseQuantile(q float64) float64 {
	return m.WaitQuantile(q) + m.service
}
