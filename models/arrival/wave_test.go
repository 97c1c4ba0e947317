package arrival

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/sim"
)

// judged is the integral of a wave's rate from one second to another, by the
// formula with cosines.
func (w Wave) judged(from, to float64) float64 {
	period, origin := w.Period.Seconds(), w.Origin.Seconds()
	cosine := func(t float64) float64 { return math.Cos(2 * math.Pi * (t - origin) / period) }
	return w.Mean*(to-from) + w.Amplitude*period/(2*math.Pi)*(cosine(from)-cosine(to))
}

var waves = []Wave{
	{Mean: 20, Amplitude: 15, Period: 60 * sim.Second},
	{Mean: 20, Amplitude: 20, Period: 60 * sim.Second}, // the rate is 0 for a moment
	{Mean: 3, Amplitude: 2.9, Period: 7 * sim.Second, Origin: 5 * sim.Second},
	{Mean: 1000, Amplitude: 1, Period: sim.Millisecond, Origin: -100 * sim.Second},
	Daily(1200, 150, 20*3600*sim.Second),
}

func TestWavesAreTheIntegralOfTheirRate(t *testing.T) {
	for _, w := range waves {
		p := w.profile(1)
		for i := range 100 {
			from := sim.Time(i) * w.Period / 37
			for _, length := range []sim.Time{w.Period / 1000, w.Period / 3, w.Period, 5*w.Period/2 + 1} {
				want := w.judged(from.Seconds(), (from + length).Seconds())
				assert.InDelta(t, want, p[1].mass(from, from+length), 1e-9*max(1, want))
			}
			assert.InDelta(t, w.Mean+w.Amplitude*math.Sin(2*math.Pi*float64(from-w.Origin)/float64(w.Period)), p[1].rateAt(from), 1e-9*w.Mean)
		}
		assert.InDelta(t, w.Mean, shaped{&Table[0], p}.MeanRate(10*w.Period), 1e-9*w.Mean)
	}
}

func TestTheTimeAfterWhichSoManyComeInvertsTheIntegral(t *testing.T) {
	for _, w := range waves {
		for i := range 200 {
			from := sim.Time(i) * w.Period / 41
			for _, mass := range []float64{0, 1e-9, 1, 0.3 * w.perPeriod(), w.perPeriod(), 12.75 * w.perPeriod()} {
				whole, ns := w.after(from, 0.25, mass, from+sim.Time(i%3)*w.Period/7)
				require.GreaterOrEqual(t, whole, sim.Time(0))
				got := w.mass(from, 0.25, float64(whole)+ns)
				assert.InDelta(t, mass, got, 1e-8*max(1, mass), "%v from %d", w, from)
			}
		}
		whole, _ := w.after(0, 0, math.Inf(1), 0)
		assert.Equal(t, sim.Time(-1), whole)
	}
}

func TestDailyTrafficPeaksAtItsHour(t *testing.T) {
	const hour = 3600 * sim.Second
	w := Daily(1200, 150, 20*hour)
	assert.InDelta(t, 1200, w.rate(w.turns(20*hour, 0)), 1e-9)
	assert.InDelta(t, 150, w.rate(w.turns(8*hour, 0)), 1e-9)
	assert.InDelta(t, 675, w.rate(w.turns(14*hour, 0)), 1e-9)
	assert.InDelta(t, 1200, w.rate(w.turns(-4*hour+7*day, 0)), 1e-9)
}

func TestConstantArrivalsOfAWaveFollowTheIntegral(t *testing.T) {
	for _, w := range waves[:3] {
		times := all(t, startRegular(w.profile(1), -10*sim.Second, nil), 100*w.Period)
		before := 10 * w.rate(w.turns(0, 0))
		assert.InDelta(t, before, within(times, -10, 0), 1)
		for k, at := range times {
			if at > 0 {
				require.InDelta(t, float64(k), before+w.judged(0, at.Seconds()), 2e-6*float64(k), "arrival %d", k)
			}
		}
		assert.InDelta(t, before+100*w.perPeriod(), float64(len(times)), 1, "no drift")
	}
}

func TestPoissonArrivalsOfAWaveFollowTheIntegral(t *testing.T) {
	const runs, parts = 150, 6
	for _, w := range waves[:3] {
		counts := make([][]float64, parts)
		width := w.Period.Seconds() / parts
		for seed := range uint64(runs) {
			s := sim.Keyed(sim.Mix(seed, 1))
			times := all(t, startPoisson(w.profile(1), -sim.Second, &s), 3*w.Period)
			for i := range counts {
				from := (float64(i) + parts) * width // in the second period
				counts[i] = append(counts[i], within(times, from, from+width))
			}
		}
		for i := range counts {
			want := w.judged(float64(i)*width, float64(i+1)*width)
			mean, variance := moments(counts[i])
			assert.InDelta(t, want, mean, 4.5*math.Sqrt(want/runs)+1e-9, "mean of part %d", i)
			assert.InDelta(t, want, variance, 4.5*want*math.Sqrt((2+1/want)/runs)+1e-9, "variance of part %d", i)
		}
	}
}

func TestAWaveWithoutAmplitudeIsALevel(t *testing.T) {
	w := Wave{Mean: 5, Period: sim.Second}
	assert.Equal(t, level(10), w.profile(2))
	s := sim.Keyed(1)
	_, homogenous := startPoisson(w.profile(1), 0, &s).(*homogeneous)
	assert.True(t, homogenous)
}

func TestRareWavesEndQuietly(t *testing.T) {
	w := Wave{Mean: 1e-12, Amplitude: 1e-12, Period: sim.Second}
	s := sim.Keyed(1)
	_, _, ok := startPoisson(w.profile(1), 0, &s).Next()
	assert.False(t, ok)
	p := startRegular(w.profile(1), 0, &s)
	for range 3 {
		at, _, _ := p.Next()
		assert.GreaterOrEqual(t, at, sim.Time(0))
	}
}
