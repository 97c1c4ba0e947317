package arrival

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/sim"
)

// What a plan becomes at another load is what its text means at that load.
func TestALoadedPlanIsWhatItsTextMeansAtThatLoad(t *testing.T) {
	ramps := []Ramp{{Duration: 10 * sim.Second, Target: 50}, {Target: 20}}
	wave := Wave{Mean: 30, Amplitude: 10, Period: 7 * sim.Second, Origin: 3 * sim.Second}
	four := func(string) (Count, *kind.LiteralError) { return fours{}, nil }
	for _, one := range []struct {
		text    string
		setting Setting
	}{
		{"poisson 40/s", Setting{}},
		{"constant 40/s", Setting{}},
		{"gamma 40/s cv=2", Setting{}},
		{"bursty 40/s peak=4x on=1s off=6s", Setting{}},
		{"poisson 40/s batch=geometric 4", Setting{Batch: four}},
		{"poisson 40/s", Setting{Ramps: ramps}},
		{"constant", Setting{Ramps: ramps}},
		{"poisson", Setting{Wave: &wave}},
	} {
		for _, load := range []float64{0.37, 1, 2.9} {
			plain, err := one.setting.Parse(one.text)
			assert.Nil(t, err, one.text)
			at := one.setting
			at.Load = load
			want, err := at.Parse(one.text)
			assert.Nil(t, err, one.text)
			s, u := sim.Keyed(7), sim.Keyed(7)
			a, b := all(t, want.Start(-sim.Second, &s), 30*sim.Second), all(t, Loaded(plain, load).Start(-sim.Second, &u), 30*sim.Second)
			if assert.Len(t, b, len(a), "%s at %g", one.text, load) {
				for i := range a { // a slope may differ in its last bit
					assert.LessOrEqual(t, math.Abs(float64(a[i]-b[i])), 1.0, "%s at %g, %d", one.text, load, i)
				}
			}
		}
	}
}

type fours struct{}

func (fours) Mean() float64                { return 4 }
func (fours) Sample(s *sim.Stream) float64 { return 4 }

func TestALoadedTraceDividesItsGapsAndRepeats(t *testing.T) {
	trace := &Trace{Times: []sim.Time{0, sim.Second, 2 * sim.Second}}
	process := Loaded(TracePlan{Trace: trace, Speed: 2}, 2).Start(0, nil)
	for i := range 6 {
		at, row, ok := process.Next()
		assert.True(t, ok)
		assert.Equal(t, i%3, row)
		assert.Equal(t, sim.Time(i)*sim.Second/4, at)
	}
	once := Loaded(TracePlan{Trace: trace, Speed: 2}, 1).Start(0, nil)
	for range 3 {
		_, _, ok := once.Next()
		assert.True(t, ok)
	}
	_, _, ok := once.Next()
	assert.False(t, ok, "at load 1 it does not repeat, as before")
	both := Loaded(Loaded(TracePlan{Trace: trace}, 4), 0.5).(TracePlan)
	assert.InDelta(t, 2, both.Load, 0)
}

func TestLoadedUsersAreRounded(t *testing.T) {
	u := Users{Initial: 5, Ramps: []Ramp{{Duration: sim.Second, Target: 9}, {Target: 1}}}
	assert.Equal(t, Users{Initial: 3, Ramps: []Ramp{{Duration: sim.Second, Target: 5}, {Target: 1}}}, u.Loaded(0.5))
}
