package arrival

import (
	"math"
	"testing"

	"github.com/capsim/capsim/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func all(p Process, until sim.Time) []sim.Time {
	var out []sim.Time
	for {
		at, row, ok := p.Next()
		if !ok || at >= until {
			return out
		}
		if row != -1 {
			panic("no trace, no row")
		}
		out = append(out, at)
	}
}

func plan(t *testing.T, text string, ramps ...Ramp) Plan {
	t.Helper()
	p, err := Parse(text, ramps, 1)
	require.Nil(t, err)
	return p
}

func TestConstantBringsExactlyItsRate(t *testing.T) {
	for _, c := range []struct {
		text string
		want int
	}{{"constant 10/s", 100}, {"constant 3/s", 30}, {"constant 7/min", 2}, {"constant 1k/s", 10_000}} {
		s := sim.Keyed(1)
		got := all(plan(t, c.text).Start(0, &s), 10*sim.Second)
		assert.Len(t, got, c.want, c.text)
		assert.Zero(t, got[0])
	}
}

func TestConstantDoesNotDrift(t *testing.T) {
	c := &constant{start: -5, rate: 3, k: 3_000_000_000}
	at, _, _ := c.Next()
	assert.Equal(t, 1_000_000_000*sim.Second-5, at)
}

// stages: 0 to 100/s in 10 s, level 20 s, jump to 300/s for 5 s, down to 0 in
// 10 s, and nothing more.
var ramps = []Ramp{{10 * sim.Second, 100}, {20 * sim.Second, 100}, {0, 300}, {5 * sim.Second, 300}, {10 * sim.Second, 0}}

var areas = []struct{ from, to, want float64 }{
	{0, 5, 125}, {5, 10, 375}, {10, 30, 2000}, {30, 35, 1500}, {35, 40, 1125}, {40, 45, 375}, {45, 100, 0},
}

func TestStagesOfConstantFollowTheIntegral(t *testing.T) {
	s := sim.Keyed(1)
	times := all(plan(t, "constant 0/s", ramps...).Start(0, &s), sim.Never)
	for _, a := range areas {
		assert.InDelta(t, a.want, between(times, a.from, a.to), 1, "%v", a)
	}
	assert.Len(t, times, 5500)
}

func TestStagesOfPoissonFollowTheIntegral(t *testing.T) {
	const runs = 200
	got := make([]float64, len(areas))
	for seed := range uint64(runs) {
		s := sim.Keyed(seed)
		times := all(plan(t, "poisson 0/s", ramps...).Start(0, &s), sim.Never)
		for i, a := range areas {
			got[i] += between(times, a.from, a.to) / runs
		}
	}
	for i, a := range areas {
		assert.InDelta(t, a.want, got[i], 4*math.Sqrt(a.want/runs)+1e-9, "%v", a)
	}
}

func between(times []sim.Time, from, to float64) float64 {
	n := 0.0
	for _, at := range times {
		if s := at.Seconds(); s >= from && s < to {
			n++
		}
	}
	return n
}

func TestWarmupHoldsTheRateOfTimeZero(t *testing.T) {
	s := sim.Keyed(1)
	times := all(plan(t, "constant 50/s", Ramp{10 * sim.Second, 0}).Start(-4*sim.Second, &s), sim.Never)
	assert.InDelta(t, 200, between(times, -4, 0), 1)
	assert.InDelta(t, 250, between(times, 0, 10), 1)
	assert.Equal(t, -4*sim.Second, times[0])
}

func TestPoissonIsPoisson(t *testing.T) {
	s := sim.Keyed(3)
	times := all(plan(t, "poisson 1k/s").Start(-sim.Second, &s), 99*sim.Second)
	n := float64(len(times))
	assert.InDelta(t, 100_000, n, 4*math.Sqrt(100_000))
	var sum, squares float64
	for i := 1; i < len(times); i++ {
		gap := (times[i] - times[i-1]).Seconds() * 1000
		sum += gap
		squares += gap * gap
	}
	mean := sum / n
	assert.InDelta(t, 1, squares/n-mean*mean, 4*math.Sqrt(8/n), "variance of the gaps, in mean gaps squared")
}

func TestLoadMultipliesRates(t *testing.T) {
	p, err := Parse("poisson 100/s", []Ramp{{10 * sim.Second, 300}}, 2)
	require.Nil(t, err)
	assert.InDelta(t, 400, p.MeanRate(10*sim.Second), 1e-9)
	assert.InDelta(t, 500, p.MeanRate(20*sim.Second), 1e-9)
	assert.False(t, p.Stationary())
}

func TestUsersComeAndGoAlongTheRamps(t *testing.T) {
	u := &Users{Initial: 2, Ramps: []Ramp{{4 * sim.Second, 6}, {2 * sim.Second, 6}, {0, 3}, {2 * sim.Second, 1}}}
	p := u.Start()
	type change struct {
		at    sim.Time
		delta int
	}
	var got []change
	for {
		at, delta, ok := p.Next()
		if !ok {
			break
		}
		got = append(got, change{at, delta})
	}
	ms := sim.Millisecond
	assert.Equal(t, []change{{500 * ms, 1}, {1500 * ms, 1}, {2500 * ms, 1}, {3500 * ms, 1}, {6000 * ms, -3}, {6500 * ms, -1}, {7500 * ms, -1}}, got)
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ text, code string }{
		{"poison 8/s", "E205"}, {"poisson", "E206"}, {"poisson 80", "E301"}, {"poisson 0/s", "E302"}, {"poisson nan/s", "E303"}, {"", ""},
	} {
		_, err := Parse(c.text, nil, 1)
		if c.code == "" {
			assert.Nil(t, err)
			continue
		}
		require.NotNil(t, err, c.text)
		assert.Equal(t, c.code, err.Code, c.text)
	}
}
