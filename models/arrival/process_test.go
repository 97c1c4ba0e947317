package arrival

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/sim"
)

// all collects the arrivals of a process that has no trace, up to a time.
func all(t *testing.T, p Process, until sim.Time) []sim.Time {
	t.Helper()
	var out []sim.Time
	for {
		at, row, ok := p.Next()
		if !ok || at >= until {
			return out
		}
		if row != -1 || len(out) > 0 && at < out[len(out)-1] {
			require.Fail(t, "goes back or has a row", "%d, row %d", at, row)
		}
		out = append(out, at)
	}
}

func plan(t *testing.T, text string, ramps ...Ramp) Plan {
	t.Helper()
	p, err := Parse(text, ramps, 1)
	require.Nil(t, err, text)
	return p
}

// within counts the arrivals from one second to another.
func within(times []sim.Time, from, to float64) float64 {
	n := 0.0
	for _, at := range times {
		if s := at.Seconds(); s >= from && s < to {
			n++
		}
	}
	return n
}

func TestConstantBringsExactlyItsRate(t *testing.T) {
	for _, row := range []struct {
		text string
		end  sim.Time
		want int
	}{
		{"constant 10/s", 10 * sim.Second, 100}, {"constant 3/s", 10 * sim.Second, 30}, {"constant 7/min", 60 * sim.Second, 7},
		{"constant 1k/s", 10 * sim.Second, 10_000}, {"constant 3M/h", 36 * sim.Second, 30_000}, {"constant 0.1/s", 100 * sim.Second, 10},
		{"constant 1M/ms", 100, 100},
	} {
		for _, start := range []sim.Time{0, -row.end / 3, -7 * row.end} {
			times := all(t, plan(t, row.text).Start(start, nil), row.end)
			assert.Equal(t, start, times[0], row.text)
			if start == 0 {
				assert.Len(t, times, row.want, row.text)
			}
			assert.InDelta(t, row.want, within(times, 0, row.end.Seconds()), 1, row.text)
		}
	}
}

func TestConstantDoesNotDrift(t *testing.T) {
	p := startRegular(newProfile(3, nil, 1), -5, nil).(*regular)
	p.count = 3_000_000_000
	at, _, ok := p.Next()
	assert.True(t, ok)
	assert.Equal(t, 1_000_000_000*sim.Second-5, at)
}

// 0 to 100/s in 10 s, level for 20 s, a jump to 300/s for 5 s, down to 0 in
// 10 s; then, after 10 s of nothing, 40/s.
var stages = []Ramp{
	{10 * sim.Second, 100}, {20 * sim.Second, 100}, {0, 300}, {5 * sim.Second, 300},
	{10 * sim.Second, 0}, {10 * sim.Second, 0}, {0, 40},
}

var areas = []struct{ from, to, want float64 }{
	{-5, 0, 0}, {0, 5, 125}, {5, 10, 375}, {10, 30, 2000}, {30, 35, 1500}, {35, 40, 1125}, {40, 45, 375}, {45, 55, 0}, {55, 65, 400},
}

func TestStagesOfConstantFollowTheIntegral(t *testing.T) {
	times := all(t, plan(t, "constant", stages...).Start(-5*sim.Second, nil), 65*sim.Second)
	for _, a := range areas {
		assert.InDelta(t, a.want, within(times, a.from, a.to), 1, "%v", a)
	}
	assert.Len(t, times, 5900)
	assert.Zero(t, times[0])
	// Λ(t) = 5t² passes 1, 2, 3 at √(k/5) s.
	for k := range 4 {
		assert.InDelta(t, math.Sqrt(float64(k)/5), times[k].Seconds(), 1e-9)
	}
	assert.Equal(t, 55*sim.Second, times[5500])
}

func TestStagesOfPoissonFollowTheIntegral(t *testing.T) {
	const runs = 100
	counts := make([][]float64, len(areas))
	for seed := range uint64(runs) {
		s := sim.Keyed(sim.Mix(seed, 1))
		times := all(t, plan(t, "", stages...).Start(-5*sim.Second, &s), 65*sim.Second)
		for i, a := range areas {
			counts[i] = append(counts[i], within(times, a.from, a.to))
		}
	}
	for i, a := range areas {
		mean, variance := 0.0, 0.0
		for _, n := range counts[i] {
			mean += n / runs
		}
		for _, n := range counts[i] {
			variance += (n - mean) * (n - mean) / (runs - 1)
		}
		assert.InDelta(t, a.want, mean, 4*math.Sqrt(a.want/runs)+1e-9, "mean of %v", a)
		assert.InDelta(t, a.want, variance, 4*a.want*math.Sqrt(2.0/runs)+1e-9, "a Poisson count's variance is its mean: %v", a)
	}
}

func TestShapedPoissonOfALevelRateIsTheHomogeneousOne(t *testing.T) {
	flat := newProfile(1000, nil, 1)
	cut := profile{
		{from: -forever, to: 0, perSecond: 1000}, {from: 0, to: sim.Second, perSecond: 1000}, {from: sim.Second, to: forever, perSecond: 1000},
	}
	a, b := sim.Keyed(1), sim.Keyed(1)
	p, q := startPoisson(flat, -sim.Second, &a), startPoisson(cut, -sim.Second, &b)
	for range 3000 {
		x, _, _ := p.Next()
		y, _, _ := q.Next()
		require.InDelta(t, float64(x), float64(y), 2)
	}
}

func TestPoissonIsPoissonAtEveryRate(t *testing.T) {
	const n = 100_000
	for text, gap := range map[string]float64{"poisson 1k/s": 1e6, "poisson 300M/s": 1000.0 / 300, "poisson 1/h": 3600e9} {
		s := sim.Keyed(3)
		p := plan(t, text).Start(-sim.Second, &s)
		last := -sim.Second
		var sum, squares float64
		for range n {
			at, _, ok := p.Next()
			if !ok {
				require.Fail(t, "ends")
			}
			x := float64(at-last) / gap
			sum, squares, last = sum+x, squares+x*x, at
		}
		mean := sum / n
		assert.InDelta(t, 1, mean, 4/math.Sqrt(n), text)
		// Whole nanoseconds add 1/6 ns² to the variance of a gap.
		assert.InDelta(t, 1+1/(6*gap*gap), squares/n-mean*mean, 4*math.Sqrt(8.0/n), text)
	}
}

func TestSlowRatesEndQuietly(t *testing.T) {
	s := sim.Keyed(1)
	p := startPoisson(newProfile(1e-12, nil, 1), 0, &s)
	at, row, ok := p.Next()
	assert.Equal(t, sim.Never, at)
	assert.Equal(t, -1, row)
	assert.False(t, ok)
	for _, text := range []string{"poisson", "constant"} {
		p := plan(t, text, Ramp{sim.Second, 10}, Ramp{0, 0}).Start(0, &s)
		assert.Less(t, len(all(t, p, sim.Never)), 30, text)
		_, _, ok = p.Next()
		assert.False(t, ok, "after the end comes nothing more")
	}
}

func TestGentleSlopesAreExact(t *testing.T) {
	// From 100/s to 100.000001/s in 1000 s: the root must not cancel.
	times := all(t, plan(t, "constant 100/s", Ramp{1000 * sim.Second, 100.000001}).Start(0, nil), 1000*sim.Second)
	assert.Len(t, times, 100_001)
	for k, at := range times {
		seconds := at.Seconds()
		if passed := 100*seconds + 0.5e-9*seconds*seconds; math.Abs(passed-float64(k)) > 2e-7 {
			require.Fail(t, "off the integral", "arrival %d at %g", k, passed)
		}
	}
}

func TestWarmUpHoldsTheRateOfTimeZero(t *testing.T) {
	times := all(t, plan(t, "constant 50/s", Ramp{10 * sim.Second, 0}).Start(-4*sim.Second, nil), sim.Never)
	assert.InDelta(t, 200, within(times, -4, 0), 1)
	assert.InDelta(t, 250, within(times, 0, 10), 1)
	assert.Equal(t, -4*sim.Second, times[0])

	jump := all(t, plan(t, "constant 50/s", Ramp{0, 10}, Ramp{10 * sim.Second, 10}).Start(-4*sim.Second, nil), 10*sim.Second)
	assert.Len(t, jump, 140, "a jump at time 0 is the rate of time 0")
}

func TestLoadMultipliesRates(t *testing.T) {
	p, err := Parse("poisson 100/s", []Ramp{{10 * sim.Second, 300}}, 2)
	require.Nil(t, err)
	assert.Equal(t, 200.0, p.MeanRate(0))
	assert.InDelta(t, 400, p.MeanRate(10*sim.Second), 1e-9)
	assert.InDelta(t, 500, p.MeanRate(20*sim.Second), 1e-9)
	assert.False(t, p.Stationary())
	p, err = Parse("poisson 100/s", []Ramp{{10 * sim.Second, 100}}, 2)
	require.Nil(t, err)
	assert.True(t, p.Stationary(), "stages that change nothing")
	assert.Equal(t, 200.0, p.MeanRate(sim.Second))
}

func TestUsersComeAndGoAlongTheRamps(t *testing.T) {
	type change struct {
		at    sim.Time
		delta int
	}
	const ms = sim.Millisecond
	for _, row := range []struct {
		users Users
		want  []change
	}{
		{
			Users{2, []Ramp{{4 * sim.Second, 6}, {2 * sim.Second, 6}, {0, 3}, {2 * sim.Second, 1}}},
			[]change{{1000 * ms, 1}, {2000 * ms, 1}, {3000 * ms, 1}, {4000 * ms, 1}, {6000 * ms, -3}, {7000 * ms, -1}, {8000 * ms, -1}},
		},
		{Users{0, []Ramp{{1, 3}, {0, 0}, {0, 2}}}, []change{{0, 1}, {1, 1}, {1, 1}, {1, -3}, {1, 2}}},
		{Users{5, nil}, nil},
		{Users{5, []Ramp{{sim.Second, 5}}}, nil},
	} {
		var got []change
		p := row.users.Start()
		for {
			at, delta, ok := p.Next()
			if !ok {
				assert.Equal(t, sim.Never, at)
				break
			}
			got = append(got, change{at, delta})
		}
		assert.Equal(t, row.want, got)
	}
}

func TestJumpOfUsersAtTimeZeroHoldsDuringTheWarmUp(t *testing.T) {
	u := NewUsers(500, []Ramp{{0, 20}, {0, 30}, {sim.Second, 40}})
	assert.Equal(t, Users{30, []Ramp{{sim.Second, 40}}}, u)
	assert.Equal(t, Users{Initial: 500}, NewUsers(500, nil))
}

func TestBadArrivalsSayWhatIsWrongAndWhere(t *testing.T) {
	for _, row := range []struct {
		text, code, marks, says string
	}{
		{"", "E301", "", "empty text"},
		{"poison 8/s", "E205", "poison", `did you mean "poisson"?`},
		{"weibull 800/s cv=2", "E205", "weibull", `as in "poisson 800/s" or "constant 800/s" or "gamma 800/s cv=2"`},
		{"800/s", "E205", "800/s", `"poisson 800/s" or "constant 800/s"`},
		{"poisson", "E206", "poisson", "lacks its rate"},
		{"poisson batch=3", "E206", "poisson", "lacks its rate"},
		{"poisson 800/s 3", "E206", "3", `poisson takes no "3"`},
		{"poisson 800/s btach=3", "E206", "btach=3", `no parameter "btach"; did you mean "batch"?`},
		{"poisson 800/s batch = 3", "E206", "batch", "expected batch=value without spaces"},
		{"poisson 800/s batch=", "E206", "batch=", "a value must follow"},
		{"poisson 8/s batch=2 batch=3", "E207", "batch=3", "given twice"},
		{"poisson 8/s batch=0", "E302", "0", "at least one request"},
		{"constant 8/s batch=1000000", "E705", "1000000", "65536"},
		{"constant 8/s batch=x", "E999", "x", "no count"},
		{"constant 8M/s batch=1000", "E705", "constant 8M/s batch=1000", "at most 1G/s"},
		{"gamma 800/s", "E206", "gamma", "gamma lacks cv=NUMBER, standard deviation / mean"},
		{"gamma cv=2", "E206", "gamma", "lacks its rate"},
		{"gamma 800/s cv=x", "E301", "x", "number"},
		{"gamma 800/s cv=0", "E309", "0", "cv must be from 0.01 to 100"},
		{"gamma 800/s peak=4x", "E206", "peak=4x", `gamma has no parameter "peak"`},
		{"bursty 800/s peak=4x on=10s", "E206", "bursty", "lacks off=DURATION"},
		{"bursty 800/s on=10s peek=4x off=60s", "E206", "peek=4x", `did you mean "peak"?`},
		{"bursty 800/s peak=8x on=10s off=60s", "E309", "8x", "peak must be at most 7x"},
		{"bursty 800/s peak=3x on=20s off=10s", "E309", "3x", "peak must be at most 1.5x"},
		{"bursty 800/s peak=0.5 on=10s off=60s", "E302", "0.5", "at least 1x"},
		{"bursty 800/s peak=2 on=10 off=60s", "E301", "10", "needs a unit"},
		{"bursty 800/s peak=2 on=10s off=0s", "E302", "0s", "off must be more than 0s"},
		{"bursty 1/h peak=2 on=1ms off=3ms", "E309", "1ms", "1.8e+06 times between two arrivals"},
		{"bursty 800M/s peak=2 on=1ms off=3ms", "E705", "2", "1G/s"},
		{"poisson 80", "E301", "80", `"80/s" or "80/min"`},
		{"  poisson   800rps", "E301", "rps", `did you mean "800/s"?`},
		{"poisson 0/s", "E302", "0/s", "must be > 0"},
		{"poisson -8/s", "E302", "-8/s", "must not be negative"},
		{"poisson nan/s", "E303", "nan/s", "finite"},
		{"constant 2G/s", "E705", "constant 2G/s", "at most 1G/s"},
	} {
		_, err := Setting{Batch: counted}.Parse(row.text)
		require.NotNil(t, err, row.text)
		assert.Equal(t, row.code, err.Code, row.text)
		assert.Equal(t, row.marks, row.text[err.Offset:err.Offset+err.Len], row.text)
		assert.Contains(t, err.Message+"\n"+err.Hint, row.says, row.text)
	}
	_, err := Parse("poisson 0/s", []Ramp{{sim.Second, 0}}, 1)
	require.NotNil(t, err)
	assert.Equal(t, "E302", err.Code)
}

func TestArrivalsAllocateNothing(t *testing.T) {
	s := sim.Keyed(1)
	for _, p := range []Process{
		plan(t, "poisson 1k/s").Start(0, &s), plan(t, "constant 1k/s").Start(0, &s),
		plan(t, "poisson 1k/s", Ramp{3600 * sim.Second, 2000}).Start(0, &s),
		TracePlan{Trace: &Trace{Times: []sim.Time{0, 5}}, Repeat: true}.Start(0, &s),
	} {
		assert.Zero(t, testing.AllocsPerRun(1000, func() { p.Next() }))
	}
}

func replayed(t *testing.T, p TracePlan, start, until sim.Time) (times []sim.Time, rows []int) {
	t.Helper()
	process := p.Start(start, nil)
	for {
		at, row, ok := process.Next()
		if !ok || at >= until {
			return times, rows
		}
		times, rows = append(times, at), append(rows, row)
	}
}

func TestTraceReplaysFromTheStart(t *testing.T) {
	trace := &Trace{Times: []sim.Time{0, 100, 100, 400}}
	for _, row := range []struct {
		plan  TracePlan
		start sim.Time
		times []sim.Time
		rows  []int
	}{
		{TracePlan{Trace: trace}, 0, []sim.Time{0, 100, 100, 400}, []int{0, 1, 2, 3}},
		{TracePlan{Trace: trace, Speed: 1, Load: 1}, -50, []sim.Time{-50, 50, 50, 350}, []int{0, 1, 2, 3}},
		{TracePlan{Trace: trace, Speed: 3}, 0, []sim.Time{0, 33, 33, 133}, []int{0, 1, 2, 3}},
		// The period is 400 and a mean gap of 133.
		{TracePlan{Trace: trace, Repeat: true}, 0, []sim.Time{0, 100, 100, 400, 533, 633, 633, 933}, []int{0, 1, 2, 3, 0, 1, 2, 3}},
		{TracePlan{Trace: trace, Speed: 2, Load: 2}, 0, []sim.Time{0, 25, 25, 100, 133, 158, 158, 233, 267, 292, 292, 367}, []int{0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3}},
		{TracePlan{Trace: &Trace{Times: []sim.Time{0}}, Repeat: true}, 0, []sim.Time{0}, []int{0}},
		{TracePlan{Trace: &Trace{Times: []sim.Time{0, 0}}, Load: 2}, 0, []sim.Time{0, 0}, []int{0, 1}},
	} {
		until := row.times[len(row.times)-1] + 1
		if row.plan.period() == 0 {
			until = sim.Never
		}
		times, rows := replayed(t, row.plan, row.start, until)
		assert.Equal(t, row.times, times)
		assert.Equal(t, row.rows, rows)
		if row.start == 0 {
			end := row.times[len(row.times)-1] + 1
			for _, e := range []sim.Time{1 + end/3, 1 + end/2, end} {
				n := 0
				for _, at := range times {
					if at < e {
						n++
					}
				}
				assert.InDelta(t, float64(n)/e.Seconds(), row.plan.MeanRate(e), 1.01/e.Seconds())
			}
		}
		assert.False(t, row.plan.Stationary())
	}
	assert.Equal(t, sim.Time(533), TracePlan{Trace: trace}.Length())
	assert.Equal(t, sim.Time(267), TracePlan{Trace: trace, Speed: 2}.Length())
	assert.Zero(t, TracePlan{Trace: trace}.MeanRate(0))
}

func TestEndlessRepetitionStopsBeforeTimeEnds(t *testing.T) {
	p := TracePlan{Trace: &Trace{Times: []sim.Time{0, forever / 10}}, Repeat: true}
	times, _ := replayed(t, p, 0, sim.Never)
	assert.Len(t, times, 10)
	assert.Less(t, times[9], forever)
}

func ExampleParse() {
	plan, err := Parse("constant 2/s", []Ramp{{2 * sim.Second, 2}, {0, 4}}, 1)
	if err != nil {
		return
	}
	process := plan.Start(0, nil)
	for range 6 {
		at, _, _ := process.Next()
		fmt.Print(kind.FormatDuration(int64(at)), " ")
	}
	// Output: 0s 500ms 1s 1.5s 2s 2.25s
}
