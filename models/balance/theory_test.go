package balance

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/capsim/capsim/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// chiSquare is Pearson's statistic of counts against shares.
func chiSquare(counts, shares []float64) float64 {
	n, chi2 := 0.0, 0.0
	for _, c := range counts {
		n += c
	}
	for i, c := range counts {
		want := n * shares[i]
		chi2 += (c - want) * (c - want) / want
	}
	return chi2
}

// The example of the change that brought it to nginx 1.3.1, in 2012.
func TestSmoothWeightedRoundRobinGoesAsInNginx(t *testing.T) {
	g := NewGroup("weighted-round-robin", Options{Instances: 3, Weights: []float64{5, 1, 1}})
	var b strings.Builder
	for range 14 {
		b.WriteByte("abc"[g.Pick(Request{}, Nobody, nil)])
	}
	assert.Equal(t, "aabacaaaabacaa", b.String())
}

// What was gained and lost is settled now and then: nobody notices.
func TestSmoothWeightedRoundRobinKeepsItsTurnForEver(t *testing.T) {
	g := NewGroup("weighted-round-robin", Options{Instances: 3, Weights: []float64{5, 1, 1}})
	const period = "aabacaa"
	for k := range 3 * smoothPeriod {
		require.Equal(t, period[k%7], "abc"[g.Pick(Request{}, Nobody, nil)], k)
	}
}

// Every policy whose row says so gives each its weight's share, and no other
// does.
func TestWeightsAreShares(t *testing.T) {
	weights := []float64{1, 3, 0.5, 2}
	shares := []float64{1 / 6.5, 3 / 6.5, 0.5 / 6.5, 2 / 6.5}
	const n = 65_000
	for _, row := range Table {
		o := Options{Instances: 4, VirtualNodes: 20_000}
		if row.Weighted {
			o.Weights = weights
		}
		g := NewGroup(row.Name, o)
		s, hashes := sim.Keyed(3), sim.Keyed(4)
		counts := make([]float64, 4)
		for range n {
			i := g.Pick(request(&hashes), Nobody, &s)
			counts[i]++
		}
		switch {
		case !row.Weighted, row.Name == "power-of-two": // elsewhere
		case strings.HasPrefix(row.Name, "weighted-"):
			for i := range counts {
				assert.InDelta(t, n*shares[i], counts[i], 2, "%s", row.Name)
			}
		case row.Name == "consistent-hash": // and the shares of the ring vary
			for i := range counts {
				assert.InEpsilon(t, n*shares[i], counts[i], 0.04)
			}
		default:
			assert.Less(t, chiSquare(counts, shares), 16.3, "%s: chi-square with 3 degrees of freedom, 0.1 %%", row.Name)
		}
	}
}

// With different numbers of requests in flight, the one with rank k from the
// top (0: most) is chosen if all others that are drawn are ahead of it:
// C(k, d-1) ÷ C(n, d).
func TestPowerOfChoicesDrawsDifferentInstances(t *testing.T) {
	const n, draws = 6, 60_000
	for _, d := range []int{2, 3, 5} {
		for _, weights := range [][]float64{nil, {2, 2, 2, 2, 2, 2}} {
			g := NewGroup("power-of-two", Options{Instances: n, Choices: d, Weights: weights})
			load(g, 5, 4, 3, 2, 1, 0)
			s := sim.Keyed(9)
			counts := make([]float64, n)
			for range draws {
				counts[g.Pick(Request{}, Nobody, &s)]++
			}
			shares := make([]float64, 0, n)
			for k := range n {
				shares = append(shares, choose(k, d-1)/choose(n, d))
				if shares[k] == 0 {
					assert.Zero(t, counts[k])
				}
			}
			assert.Less(t, chiSquare(counts[d-1:], shares[d-1:]), 20.5, "chi-square with at most 5 degrees of freedom, 0.1 %%")
		}
	}
}

func choose(n, k int) float64 {
	c := 1.0
	for i := range k {
		c *= float64(n-i) / float64(i+1)
	}
	return c
}

func TestPowerOfTwoBreaksTiesAtRandom(t *testing.T) {
	g := NewGroup("power-of-two", Options{Instances: 5})
	s := sim.Keyed(2)
	counts := make([]float64, 5)
	for range 50_000 {
		counts[g.Pick(Request{}, Nobody, &s)]++
	}
	assert.Less(t, chiSquare(counts, []float64{0.2, 0.2, 0.2, 0.2, 0.2}), 18.5, "chi-square with 4 degrees of freedom, 0.1 %")
}

// PUB 1: the mean number of requests at a server where two of N are drawn
// with replacement; N. Gast and B. Van Houdt, "A Refined Mean Field
// Approximation", SIGMETRICS 2018, their simulations (github.com/ngast/rmf_tool,
// commit 237675b2).
func TestPowerOfTwoAgainstGast(t *testing.T) {
	for _, c := range []struct {
		n         int
		rho, want float64
		steps     int
	}{
		{10, 0.7, 1.2193, 8_000_000},
		{20, 0.7, 1.1737, 8_000_000},
		{10, 0.8, 1.72992, 12_000_000},
		{50, 0.7, 1.1471, 8_000_000},
	} {
		t.Run(fmt.Sprint(c.n, c.rho), func(t *testing.T) {
			t.Parallel()
			mean, err := queues(c.n, c.rho, c.steps)
			tolerance := 0.005*c.want + 4*err
			assert.InDelta(t, c.want, mean, tolerance)
			assert.Less(t, err, 0.004*c.want, "the estimate must be good enough to tell")
			if c.n == 10 {
				different := queuesOf(Options{Instances: c.n}, c.rho, c.steps/4)
				assert.Greater(t, c.want-different, 0.01, "two different ones are better")
			}
		})
	}
}

// queues simulates N exponential servers of rate 1 in steps of equal mean
// length: an arrival, or the end of a service at one of the servers, if it has
// any. It returns the mean number at a server and its standard error.
func queues(n int, rho float64, steps int) (mean, err float64) {
	const batches = 20
	g := NewGroup("power-of-two", Options{Instances: n, replacement: true})
	s := sim.Keyed(1)
	queuesRun(g, &s, rho, steps/10)
	var means [batches]float64
	for b := range means {
		means[b] = queuesRun(g, &s, rho, steps/batches)
		mean += means[b] / batches
	}
	for _, m := range means {
		err += (m - mean) * (m - mean) / (batches - 1) / batches
	}
	return mean, math.Sqrt(err)
}

func queuesOf(o Options, rho float64, steps int) float64 {
	g := NewGroup("power-of-two", o)
	s := sim.Keyed(1)
	return queuesRun(g, &s, rho, steps)
}

func queuesRun(g *Group, s *sim.Stream, rho float64, steps int) float64 {
	area := 0.0
	for range steps {
		area += float64(g.total)
		if s.Float64()*(1+rho) < rho {
			g.Sent(g.Pick(Request{}, Nobody, s))
		} else if i := int(s.Below(uint64(g.Len()))); g.InFlight(i) > 0 {
			g.Done(i)
		}
	}
	return area / float64(steps) / float64(g.Len())
}

// arcs returns the share of the ring that leads to each instance.
func arcs(p *ring, n int) []float64 {
	share := make([]float64, n)
	last := p.points[len(p.points)-1].at
	for _, pt := range p.points {
		share[pt.instance] += float64(pt.at-last) / (1 << 64) // modulo 2^64
		last = pt.at
	}
	return share
}

func namesFrom(s *sim.Stream, n int) []uint64 {
	names := make([]uint64, n)
	for i := range names {
		names[i] = s.Uint64()
	}
	return names
}

// A11: of M instances with V points each, a share is Beta(V, (M−1)·V): its
// coefficient of variation is sqrt((M−1) ÷ (M·V+1)), and with one point each
// the greatest is H_M ÷ M on average.
func TestConsistentHashIsAsUnevenAsItMustBe(t *testing.T) {
	for _, c := range []struct {
		m, v  int
		cv    float64
		rings int
	}{
		{4, 1, 0.77459667, 4000}, {10, 10, 0.29851116, 2000}, {10, 100, 0.094820931, 1000}, {50, 100, 0.098985051, 200},
	} {
		s := sim.Keyed(11)
		squares, greatest := 0.0, 0.0
		for range c.rings {
			p := newRing(Options{Instances: c.m, VirtualNodes: c.v, Names: namesFrom(&s, c.m)})
			shares := arcs(p, c.m)
			for _, a := range shares {
				squares += (a*float64(c.m) - 1) * (a*float64(c.m) - 1)
			}
			greatest += slices.Max(shares) * float64(c.m)
		}
		n := float64(c.rings * c.m)
		assert.InEpsilon(t, c.cv, math.Sqrt(squares/n), 5/math.Sqrt(n), "M=%d V=%d", c.m, c.v)
		if c.v == 1 {
			assert.InEpsilon(t, 2.0833333, greatest/float64(c.rings), 0.02, "H_4")
		}
	}
}

// The keys of an instance that leaves, and only those, go elsewhere; when it
// comes back they return. One that is added takes 1 ÷ (M+1) of all.
func TestConsistentHashMovesOnlyWhatItMust(t *testing.T) {
	const m, keys = 10, 20_000
	s := sim.Keyed(5)
	names := namesFrom(&s, m+1)
	g := NewGroup("consistent-hash", Options{Instances: m, Names: names[:m]})
	where := func(g *Group) []int {
		out := make([]int, keys)
		for k := range out {
			out[k] = g.Pick(Request{Hash: sim.Mix(uint64(k), 0)}, Nobody, nil)
		}
		return out
	}
	before := where(g)
	g.Bar(3, Unhealthy)
	for k, i := range where(g) {
		if before[k] == 3 {
			require.NotEqual(t, 3, i)
		} else {
			require.Equal(t, before[k], i)
		}
	}
	g.Admit(3, Unhealthy)
	require.Equal(t, before, where(g))

	moved := 0.0
	larger := NewGroup("consistent-hash", Options{Instances: m + 1, Names: names})
	for k, i := range where(larger) {
		if i != before[k] {
			require.Equal(t, m, i, "a key moves to the new one or not at all")
			moved++
		}
	}
	// The share of the new one is Beta(160, 1600), and the keys sample it.
	sd := math.Sqrt(0.0909*0.909/1761 + 0.0909*0.909/keys)
	assert.InDelta(t, 0.090909091, moved/keys, 4*sd)
}

// The other hashes keep in place, too, what belongs to those that stay.
func TestHashesKeepWhatBelongsToThoseThatStay(t *testing.T) {
	for _, name := range []string{"ip-hash", "url-hash"} {
		g := NewGroup(name, Options{Instances: 7})
		for k := range uint64(5000) {
			r := Request{Hash: sim.Mix(k, 0), Source: k}
			before := g.Pick(r, Nobody, nil)
			g.Bar(2, Full)
			if after := g.Pick(r, Nobody, nil); before != 2 {
				require.Equal(t, before, after, name)
			}
			g.Admit(2, Full)
		}
	}
}

func TestBoundedLoadsAreNeverExceeded(t *testing.T) {
	for _, factor := range []float64{1, 1.25, 2} {
		for _, weights := range [][]float64{nil, {1, 2, 1, 4, 1, 1, 2, 1}} {
			g := NewGroup("consistent-hash", Options{Instances: 8, LoadFactor: factor, Weights: weights})
			s := sim.Keyed(6)
			reached := false
			for range 20_000 {
				if s.Below(20) > 0 && g.total < 400 {
					hot := sim.Mix(s.Below(5), 0) // five keys have all the requests
					i := g.Pick(Request{Hash: hot}, Nobody, nil)
					g.Sent(i)
					mean := float64(g.total) / 8
					if weights != nil {
						mean = float64(g.total) / 13 * weights[i]
					}
					require.LessOrEqual(t, float64(g.InFlight(i)), math.Ceil(factor*mean-1e-9))
					reached = reached || g.total > 300
					continue
				}
				for i := range g.Len() { // all that one of them has
					if s.Below(8) == 0 {
						for g.InFlight(i) > 0 {
							g.Done(i)
						}
					}
				}
			}
			assert.True(t, reached)
		}
	}
}

// Slow start: what an instance gets is as much less as its weight, and it is
// whole again when that is.
func TestALowerWeightGetsLess(t *testing.T) {
	for _, row := range Table {
		if row.Name == "least-response-time" || row.Name == "power-of-two" {
			continue // one does not look at weights, the other has no simple share
		}
		g := NewGroup(row.Name, Options{Instances: 4, Weights: []float64{2, 2, 2, 2}, VirtualNodes: 4000})
		share := func() float64 {
			s, hashes := sim.Keyed(3), sim.Keyed(4)
			count := 0.0
			for range 20_000 {
				if g.Pick(request(&hashes), Nobody, &s) == 1 {
					count++
				}
			}
			return count / 20_000
		}
		g.SetWeight(1, 0.5)
		assert.InDelta(t, 0.5/6.5, share(), 0.01, row.Name)
		g.SetWeight(1, 2)
		assert.InDelta(t, 0.25, share(), 0.015, row.Name)
	}
}

// An average jumps up at once and is forgotten with a time constant of 10 s.
func TestLeastResponseTimeIsPeakEWMA(t *testing.T) {
	const ms = sim.Millisecond
	g := NewGroup("least-response-time", Options{Instances: 3})
	now := sim.Time(0)
	pick := func() int { return g.Pick(Request{Now: now}, Nobody, nil) }
	answer := func(i int, took sim.Time) {
		g.Done(i)
		g.Answered(i, took, now)
	}
	for i := range 3 {
		require.Equal(t, i, pick(), "who has not answered comes first")
		g.Sent(i)
	}
	require.Equal(t, 0, pick(), "where nobody has answered, the fewest requests")
	answer(2, 100*ms)
	require.Equal(t, 2, pick(), "who has not answered and has something to do comes last")
	answer(0, 20*ms)
	answer(1, 30*ms)
	require.Equal(t, 0, pick())
	g.Sent(0)
	require.Equal(t, 1, pick(), "20 ms · 2 is more than 30 ms")
	answer(0, 50*ms)
	require.Equal(t, 1, pick(), "a longer time counts at once")
	// Ten seconds later 50 ms has become 50/e = 18.4 ms; an answer of 10 ms
	// makes it 18.4 + (1 - 1/e) · 10 = 24.7 ms. Instance 1 is at 30/e = 11.0.
	now += 10 * sim.Second
	g.Sent(0)
	answer(0, 10*ms)
	assert.InEpsilon(t, 24.715e6, g.policy.(*peakEWMA).seen[0].value, 1e-4)
	g.Sent(1)
	require.Equal(t, 1, pick(), "11.0 ms · 2 is less than 24.7")
	g.Sent(1)
	require.Equal(t, 0, pick(), "11.0 ms · 3 is more")

	average := func() float64 { return g.policy.(*peakEWMA).seen[0].value }
	g.GivenUp(0, 20*ms, now)
	assert.InEpsilon(t, 24.715e6, average(), 1e-4, "it would have taken longer than 20 ms: nothing new")
	g.GivenUp(0, 60*ms, now)
	assert.InEpsilon(t, 60e6, average(), 1e-9, "longer than 60 ms")
}
