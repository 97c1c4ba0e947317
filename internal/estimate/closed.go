package estimate

// station is what a fixed number of requests share: servers, and the seconds
// that each request needs of them in all.
type station struct {
	demand  float64
	servers int // 0: as many as needed, a pure delay
}

// ratios describes the constants of a network that a fixed number of requests
// never leave: r[n] = G(n-1)/G(n), for n from 1 on, which also is its
// throughput with n of them (Buzen 1973). The constants themselves would soon
// be too large, or too small, for any number.
type ratios []float64

// newRatios is the network of one station.
func newRatios(s station, most int) ratios {
	r := make(ratios, most+1)
	for n := 1; n <= most; n++ {
		at := n
		if s.servers > 0 {
			at = min(n, s.servers)
		}
		r[n] = float64(at) / s.demand
	}
	return r
}

// with adds a station: G'(n) = Σ f(k) G(n-k), where f(k) = f(k-1) D/min(k, c).
// From c on the weights are geometric, which a running sum takes care of. All
// terms are kept relative to G(n).
func (r ratios) with(s station) ratios {
	c := s.servers
	if c > len(r) {
		c = len(r)
	}
	out := make(ratios, len(r))
	unit, before, tail := 1.0, 1.0, 0.0 // unit is G(n) itself, smaller and smaller beside the rest of a busy network
	for n := 1; n < len(r); n++ {
		tail = float64(float64(tail*(s.demand/float64(c))) * r[n])
		sum, term := unit, unit
		for k := 1; k <= min(n, c); k++ {
			term = float64(float64(term*(s.demand/float64(k))) * r[n-k+1])
			if k < c {
				sum += term
			} else {
				tail += term
			}
			if term == 0 {
				break
			}
		}
		now := sum + tail
		out[n] = float64(before/now) * r[n]
		if before = now; now > 1e100 {
			unit, before, tail = unit/1e100, before/1e100, tail/1e100
		}
	}
	return out
}

// throughputs are those of a closed network with 1, 2, … most requests; nil
// where there is nothing that takes time.
func throughputs(stations []station, most int) ratios {
	// Delays come first: beside them all numbers stay moderate.
	delay := station{}
	for _, s := range stations {
		if s.servers == 0 {
			delay.demand += s.demand
		}
	}
	var r ratios
	if delay.demand > 0 {
		r = newRatios(delay, most)
	}
	for _, s := range stations {
		switch {
		case s.demand == 0 || s.servers == 0:
		case r == nil:
			r = newRatios(s, most)
		default:
			r = r.with(s)
		}
	}
	return r
}

// numberAt is the mean number at a station of a closed network with n requests,
// of which the ratios without the station and with it are given.
func numberAt(s station, without, all ratios, n int) float64 {
	if s.demand == 0 {
		return 0
	}
	if s.servers == 0 {
		return float64(all[n] * s.demand)
	}
	if without == nil {
		return float64(n)
	}
	// P(k) = f(k) G'(n-k)/G(n), relative to that of k = 0.
	mean, p, sum := 0.0, 1.0, 1.0
	for k := 1; k <= n; k++ {
		p = float64(float64(p*(s.demand/float64(min(k, s.servers)))) * without[n-k+1])
		sum += p
		mean += float64(float64(k) * p)
		if mean > 1e200 {
			mean, p, sum = mean/1e200, p/1e200, sum/1e200
		}
	}
	return mean / sum
}

// mostConvolution bounds the work of an exact solution.
const mostConvolution = 3_000_000

// product is a closed network that has product form.
type product struct {
	stations []station
	users    int
}

// affordable reports whether it can be solved exactly in good time.
func (p product) affordable() bool {
	work := 0
	for _, s := range p.stations {
		work += min(max(s.servers, 1), p.users)
		if s.servers == 0 {
			work += min(p.users, 200)
		}
	}
	return work*len(p.stations)*p.users <= mostConvolution
}

// solve returns the throughput and the mean number at each station.
func (p product) solve() (throughput float64, numbers []float64) {
	all := throughputs(p.stations, p.users)
	if all == nil {
		return 0, nil
	}
	for i, s := range p.stations {
		rest := make([]station, 0, len(p.stations))
		rest = append(append(rest, p.stations[:i]...), p.stations[i+1:]...)
		numbers = append(numbers, numberAt(s, throughputs(rest, p.users), all, p.users))
	}
	return all[p.users], numbers
}
