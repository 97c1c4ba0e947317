package arrival

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/sim"
)

// A request each 100 ms, at twice the rate from the start and at half of it
// from 1 s on.
func TestPacesHastenAndDelay(t *testing.T) {
	p := Paced(plan(t, "constant 10/s"), []Pace{{Factor: 2}, {From: sim.Second, Factor: 0.5}})
	once := all(t, plan(t, "constant 10/s").Start(0, nil), 3*sim.Second)
	got := all(t, p.Start(0, nil), 3*sim.Second)
	gap := once[1] - once[0]
	before, after := 0, 0
	for i, at := range got[1:] {
		switch d := at - got[i]; {
		case at <= sim.Second:
			assert.Equal(t, gap/2, d, "at %v", at)
			before++
		case got[i] >= sim.Second:
			assert.Equal(t, 2*gap, d, "at %v", at)
			after++
		}
	}
	assert.Equal(t, int(2*sim.Second/gap), before)
	assert.InDelta(t, float64(sim.Second/gap), float64(after), 1)
	assert.False(t, p.Stationary())
	rate := plan(t, "constant 10/s").MeanRate(sim.Second)
	assert.InDelta(t, 2*rate, p.MeanRate(sim.Second), 1e-9)
	assert.InDelta(t, rate, p.MeanRate(3*sim.Second), 1e-9, "twice as many for 1 s, half as many for 2 s")
}

// The same requests come, sooner or later: also those before time 0.
func TestPacedArrivalsAreThePlansOwn(t *testing.T) {
	for _, text := range []string{"poisson 10/s", "constant 10/s", "gamma 10/s cv=2"} {
		a, b := sim.Named(1, 0, "x", "arrivals"), sim.Named(1, 0, "x", "arrivals")
		own := plan(t, text).Start(-10*sim.Second, &a)
		paced := Paced(plan(t, text), []Pace{{Factor: 2}}).Start(-5*sim.Second, &b)
		for range 1000 {
			x, _, _ := own.Next()
			y, _, _ := paced.Next()
			require.InDelta(t, float64(x)/2, float64(y), 1, text)
		}
	}
	p := plan(t, "poisson 10/s")
	assert.Equal(t, p, Paced(p, []Pace{{Factor: 1}}), "nothing is changed")
	assert.True(t, Paced(p, []Pace{{Factor: 3}}).Stationary())
}

// What a surge adds is hastened like the rest.
func TestPacedPlansSurge(t *testing.T) {
	p := Paced(plan(t, "poisson 10/s"), []Pace{{Factor: 2}})
	require.True(t, CanSurge(p))
	base, own := sim.Named(1, 0, "x", "arrivals"), sim.Named(1, 0, "x", "surge")
	further := all(t, Surge(p, 4, 0, 10*sim.Second, &base, &own), 110*sim.Second)
	want := 100 * 3 * 2 * plan(t, "poisson 10/s").MeanRate(sim.Second)
	assert.InDelta(t, want, float64(len(further)), 5*math.Sqrt(want))
	assert.GreaterOrEqual(t, further[0], 10*sim.Second)
	assert.False(t, CanSurge(Paced(TracePlan{Trace: &Trace{}}, []Pace{{Factor: 2}})), "there is no more of a trace than it holds")
}

func TestARateIsHeld(t *testing.T) {
	p := plan(t, "constant", stages...)
	for _, tt := range []struct {
		at   sim.Time
		rate float64
	}{{-sim.Second, 0}, {5 * sim.Second, 50}, {25 * sim.Second, 100}, {32 * sim.Second, 300}, {1000 * sim.Second, 40}} {
		held, ok := Held(p, tt.at)
		require.True(t, ok)
		assert.True(t, held.Stationary())
		assert.InDelta(t, tt.rate, held.MeanRate(sim.Second), 1e-9, "at %v", tt.at)
	}
	batched, ok := Held(batches{plan(t, "poisson", stages...), fixed(3)}, 25*sim.Second)
	require.True(t, ok)
	assert.InDelta(t, 300, batched.MeanRate(sim.Second), 1e-9, "requests of batches")
	_, ok = Held(TracePlan{Trace: &Trace{}}, 0)
	assert.False(t, ok, "a trace has no rate")
}

// fixed is a batch of always so many.
type fixed float64

func (f fixed) Sample(*sim.Stream) float64 { return float64(f) }
func (f fixed) Mean() float64              { return float64(f) }
