package theory

import (
	"errors"
	"math"
)

// ClosedNetwork is a network that a fixed number of users never leave: each
// thinks, sends a request, waits for it to pass through the stations, and
// thinks again. Service is exponential with first come first served, or of
// any law with processor sharing or no queueing at all; think time is of any
// law. It is solved exactly by Buzen's convolution (Buzen 1973; Bruell and
// Balbo 1980 for several servers), which for single servers agrees with mean
// value analysis (Reiser and Lavenberg 1980).
type ClosedNetwork struct {
	Think    float64 // mean think time Z
	Stations []ClosedStation
}

// ClosedStation is a station of a [ClosedNetwork].
type ClosedStation struct {
	Demand  float64 // service demand D = V S: visits per request times mean service time
	Servers int     // servers, or InfiniteServers
}

// ClosedSolution is the steady state of a [ClosedNetwork].
type ClosedSolution struct {
	Throughput   float64 // requests per unit of time
	ResponseMean float64 // mean time per request at all stations, thinking excluded
	Stations     []ClosedStationSolution
}

// ClosedStationSolution is the steady state of one station.
type ClosedStationSolution struct {
	NumberMean   float64 // mean number of requests there
	ResponseMean float64 // mean time per request, summed over its visits
	Utilisation  float64 // per server; 0 with InfiniteServers
}

func (n ClosedNetwork) check() {
	mustNotBeNegative("the mean think time of a closed network", n.Think)
	for _, s := range n.Stations {
		mustNotBeNegative("a service demand of a closed network", s.Demand)
		mustBeAtLeast("the number of servers of a station", s.Servers, 1)
	}
}

// Solve returns the steady state with the given number of users. The work
// grows as users times the sum of the servers, times the number of stations
// with several servers. It is an error if users neither think nor are served:
// their throughput would be infinite.
func (n ClosedNetwork) Solve(users int) (ClosedSolution, error) {
	n.check()
	mustBeAtLeast("the number of users of a closed network", users, 1)
	total := n.Think
	for _, s := range n.Stations {
		total += s.Demand
	}
	if total == 0 {
		return ClosedSolution{}, errors.New("users who neither think nor ask for service have no throughput")
	}
	g := n.constants(users, -1)
	throughput := g[users-1].over(g[users])
	solution := ClosedSolution{
		Throughput:   throughput,
		ResponseMean: math.Max(0, float64(users)/throughput-n.Think),
		Stations:     make([]ClosedStationSolution, len(n.Stations)),
	}
	for i, s := range n.Stations {
		number := 0.0
		switch {
		case s.Servers >= users:
			number = throughput * s.Demand
		case s.Servers == 1:
			// The arrival theorem: an arrival sees the network with one user less.
			for k := 1; k <= users; k++ {
				number = g[k-1].over(g[k]) * s.Demand * (1 + number)
			}
		default:
			number = n.numberMean(i, users, g[users])
		}
		station := ClosedStationSolution{NumberMean: number, ResponseMean: number / throughput}
		if s.Servers != InfiniteServers {
			station.Utilisation = throughput * s.Demand / float64(s.Servers)
		}
		solution.Stations[i] = station
	}
	return solution, nil
}

// constants returns the normalising constants G(0), ..., G(users) of the
// network without the station named except (-1: of the whole network).
// Throughput with k users is G(k-1)/G(k).
func (n ClosedNetwork) constants(users, except int) []wide {
	delay := n.Think
	for i, s := range n.Stations {
		if i != except && s.Servers >= users {
			delay += s.Demand
		}
	}
	g := make([]wide, users+1)
	g[0] = newWide(1)
	for k := 1; k <= users; k++ {
		g[k] = g[k-1].scaled(delay / float64(k))
	}
	for i, s := range n.Stations {
		if i != except && s.Servers < users {
			g = s.convolve(g)
		}
	}
	return g
}

// weights returns the weights f(0), ..., f(last) of k requests at the station:
// f(k) = f(k-1) D/min(k, c).
func (s ClosedStation) weights(last int) []wide {
	f := make([]wide, last+1)
	f[0] = newWide(1)
	for k := 1; k <= last; k++ {
		f[k] = f[k-1].scaled(s.Demand / float64(min(k, s.Servers)))
	}
	return f
}

// convolve adds the station to a network with constants g. From c requests on
// the weights are geometric, which a running sum takes care of.
func (s ClosedStation) convolve(g []wide) []wide {
	c := s.Servers
	f := s.weights(c)
	sum := make([]wide, len(g))
	var tail wide // sum over k >= c of f(k) g(n-k)
	for n := range g {
		tail = tail.scaled(s.Demand / float64(c))
		if n >= c {
			tail = tail.plus(f[c].times(g[n-c]))
		}
		sum[n] = tail
		for k := 0; k < c && k <= n; k++ {
			sum[n] = sum[n].plus(f[k].times(g[n-k]))
		}
	}
	return sum
}

// numberMean returns the mean number of requests at station i, from the
// probability f(k) G'(users-k)/G(users) of k there, G' without the station.
func (n ClosedNetwork) numberMean(i, users int, total wide) float64 {
	f := n.Stations[i].weights(users)
	rest := n.constants(users, i)
	mean := 0.0
	for k := 1; k <= users; k++ {
		mean += float64(k) * f[k].times(rest[users-k]).over(total)
	}
	return mean
}

// ClosedBounds are the asymptotic bounds of a closed network. All but
// ThroughputMin hold whatever the laws of service.
type ClosedBounds struct {
	ThroughputMax float64 // min(1/max(D_i/c_i), N/(D+Z)), D the sum of the D_i
	ThroughputMin float64 // N/(N D+Z): every user waits for all the others, everywhere
	ResponseMin   float64 // max(D, N max(D_i/c_i) - Z)
	Saturation    float64 // the N at which the two parts of ThroughputMax meet
}

// Bounds returns the bounds for the given number of users (Muntz
// and Wong 1974; Lazowska et al. 1984, ch. 5). Stations with infinitely many
// servers delay users as thinking does.
func (n ClosedNetwork) Bounds(users int) ClosedBounds {
	n.check()
	mustBeAtLeast("the number of users of a closed network", users, 1)
	all, queueing, delay, largest := 0.0, 0.0, n.Think, 0.0
	for _, s := range n.Stations {
		all += s.Demand
		if s.Servers == InfiniteServers {
			delay += s.Demand
			continue
		}
		queueing += s.Demand
		largest = math.Max(largest, s.Demand/float64(s.Servers))
	}
	population := float64(users)
	return ClosedBounds{
		ThroughputMax: math.Min(1/largest, population/(all+n.Think)),
		ThroughputMin: population / (population*queueing + delay),
		ResponseMin:   math.Max(all, population*largest-n.Think),
		Saturation:    (all + n.Think) / largest,
	}
}
