package study

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/models/theory"
)

// capacityOf finds the capacity of a topology.
func capacityOf(t *testing.T, text string) *Capacity {
	t.Helper()
	c, err := FindCapacity(specOf(t, text), CapacityOptions{})
	require.NoError(t, err)
	return c
}

// station is a client in front of c cores that each take 1 s/μ on average.
func station(seconds string, rate float64, cores int, demand string) string {
	return fmt.Sprintf(`
run = { duration = %q, replications = 5 }
objectives = [%q]
client.users = { target = "app", arrivals = "poisson %g/s" }
server.app = { cores = %d, on.request = [{ cpu = "exp 10ms" }] }`, seconds, demand, rate, cores)
}

// rootAt bisects a falling function.
func rootAt(low, high float64, f func(x float64) float64) float64 {
	for range 200 {
		if middle := (low + high) / 2; f(middle) > 0 {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}

// The load at which an exact percentile, or mean, of M/M/c meets an objective
// is within 1 % of what the search finds, and mostly within its interval.
func TestCapacityOfMMcIsExact(t *testing.T) {
	if !usually.now() {
		t.Skip("takes ten seconds")
	}
	const mu = 100.0
	for _, one := range []struct {
		seconds string
		cores   int
		demand  string
		exact   func(m theory.MMc) float64 // what is left of the objective
	}{
		{"2500s", 1, "users mean < 40ms", func(m theory.MMc) float64 { return 0.04 - m.ResponseMean() }},
		{"1500s", 1, "users p99 < 200ms", func(m theory.MMc) float64 { return 0.2 - m.ResponseQuantile(0.99) }},
		{"600s", 4, "users p99 < 100ms", func(m theory.MMc) float64 { return 0.1 - m.ResponseQuantile(0.99) }},
		{"600s", 4, "users p95 < 50ms", func(m theory.MMc) float64 { return 0.05 - m.ResponseQuantile(0.95) }},
		{"300s", 16, "users p99 < 60ms", func(m theory.MMc) float64 { return 0.06 - m.ResponseQuantile(0.99) }},
	} {
		rate := 0.5 * mu * float64(one.cores)
		exact := rootAt(0, mu*float64(one.cores)*(1-1e-9), func(x float64) float64 {
			return one.exact(theory.MMc{Lambda: x, Mu: mu, C: one.cores})
		}) / rate
		c := capacityOf(t, station(one.seconds, rate, one.cores, one.demand))
		require.NotNil(t, c.Load.Mean, c.Load.Note)
		n := len(c.search.points)
		assert.Less(t, n, 14, "loads that were simulated")
		t.Logf("%d cores, %s: exact %.4f, found %.4f ± %.4f between %g and %g, %d loads, warm-up %g s", one.cores, one.demand, exact, *c.Load.Mean, *c.Load.HalfWidth, *c.HeldAt, *c.MissedAt, n, c.WarmupS)
		assert.InEpsilon(t, exact, *c.Load.Mean, 0.01, "%d cores, %s", one.cores, one.demand)
		assert.LessOrEqual(t, math.Abs(exact-*c.Load.Mean), 2.5**c.Load.HalfWidth, "%d cores, %s", one.cores, one.demand)
		assert.LessOrEqual(t, *c.MissedAt / *c.HeldAt, 1.01)
		assert.Equal(t, one.demand, c.Breaks)
	}
}

// The most load that is tried is rounded too, maybe down: the search must
// still know that it has been there.
func TestTheSearchEndsAtTheMostLoad(t *testing.T) {
	for _, saturates := range []float64{0, 0.3, 1, 10.4906, 10.5219, 99.949, 1234.5678} {
		s := &search{spec: &node.Spec{}, saturates: saturates, opt: CapacityOptions{Width: 0.02}}
		for _, guess := range []float64{0, 5} {
			s.guess = guess
			assert.Zero(t, s.upwards(s.rounded(s.most())), "saturates at %v", saturates)
		}
	}
}
