package study

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/models/theory"
	"github.com/capsim/capsim/topologies"
)

// stations are designs of one node: cores that work at a speed, one work of
// 10 ms on average, so many seconds of a minute's window.
func stations(t *testing.T, head string, designs ...string) []*node.Spec {
	t.Helper()
	var specs []*node.Spec
	for i, d := range designs {
		s := specOf(t, head+"\nserver.app = { "+d+", on.request = [{ cpu = \"exp 10ms\" }] }\n")
		s.Design = string(rune('a' + i))
		specs = append(specs, s)
	}
	return specs
}

const stationHead = `
run = { duration = "1000s", warmup = "50s", replications = 12 }
objectives = ["users mean < 100ms"]
client.users = { target = "app", arrivals = "poisson 50/s" }`

func curveDifference(t *testing.T, c *result.Comparison, load float64, metric string) result.LoadDifference {
	t.Helper()
	for _, d := range c.Curves.Differences {
		if d.Load == load && d.Metric == metric && d.Subject == "users" {
			return d
		}
	}
	require.FailNow(t, "no such difference", "%g %s", load, metric)
	return result.LoadDifference{}
}

// One fast core beats two of half the speed at every load, by what theory
// says: no verdict turns.
func TestDifferencesAgainstLoadAgreeWithTheory(t *testing.T) {
	loads := []float64{0.4, 0.8, 1.2, 1.6}
	c, err := CompareDesigns(ComparePlan{Specs: stations(t, stationHead, "cores = 1", "cores = 2, speed = 0.5"), Loads: loads}, Options{})
	require.NoError(t, err)
	for _, load := range loads {
		exact := theory.MMc{Lambda: 50 * load, Mu: 50, C: 2}.ResponseMean() - theory.MMc{Lambda: 50 * load, Mu: 100, C: 1}.ResponseMean()
		d := curveDifference(t, c, load, "latency_s.mean")
		require.NotNil(t, d.Difference.Difference.HalfWidth)
		assert.InDelta(t, exact, *d.Difference.Difference.Mean, 2**d.Difference.Difference.HalfWidth, "load %g", load)
		assert.Less(t, *d.Difference.Difference.HalfWidth, 0.1*exact, "load %g: an interval that wide shows nothing", load)
		assert.True(t, d.Significant)
	}
	assert.Empty(t, c.Curves.Crossings)
	// Both saturate at 100 requests a second, and meet a mean of 100 ms close to it.
	for i, servers := range []theory.MMc{{Mu: 100, C: 1}, {Mu: 50, C: 2}} {
		exact := rootAt(0.1, 2-1e-9, func(load float64) float64 {
			m := servers
			m.Lambda = 50 * load
			return 0.1 - m.ResponseMean()
		})
		held := c.Curves.Designs[i].Held
		require.NotNil(t, held.Mean)
		assert.InDelta(t, exact, *held.Mean, 2.5**held.HalfWidth)
		assert.InEpsilon(t, exact, *held.Mean, 0.02)
		assert.InDelta(t, *held.Mean-1, *c.Curves.Designs[i].Headroom.Mean, 1e-12)
	}
}

// Two cores of 0.7 of the speed are slower at light load and faster near the
// saturation of the single one: the verdict turns where theory says.
func TestTheVerdictTurnsWhereTheorySays(t *testing.T) {
	c, err := CompareDesigns(ComparePlan{Specs: stations(t, stationHead, "cores = 1", "cores = 2, speed = 0.7"), Loads: []float64{0.4, 0.8, 1.2, 1.6, 1.8}}, Options{})
	require.NoError(t, err)
	exact := rootAt(0.2, 1.9, func(load float64) float64 {
		return theory.MMc{Lambda: 50 * load, Mu: 70, C: 2}.ResponseMean() - theory.MMc{Lambda: 50 * load, Mu: 100, C: 1}.ResponseMean()
	})
	found := false
	for _, k := range c.Curves.Crossings {
		if k.Metric != "latency_s.mean" {
			continue
		}
		found = true
		assert.Equal(t, "a", k.Below)
		assert.Equal(t, "b", k.Above)
		assert.Less(t, k.Low, exact)
		assert.Greater(t, k.High, exact)
		assert.Less(t, k.High-k.Low, 0.25, "what was searched is closer than the common loads")
		require.NotNil(t, k.Load.HalfWidth)
		assert.InDelta(t, exact, *k.Load.Mean, 2**k.Load.HalfWidth+0.005)
		assert.Less(t, *k.Load.HalfWidth, 0.05)
	}
	assert.True(t, found, "%+v", c.Curves.Crossings)
	var said []string
	for _, s := range c.Verdict.Statements {
		said = append(said, s.Design+": "+s.Text)
	}
	assert.Contains(t, strings.Join(said, "\n"), "the mean latency of users turns at")
	assert.Contains(t, strings.Join(said, "\n"), "lower with a below it, with b above")
}

// Each replication turns where it does by itself, be it far from the mean of
// all; one that turns to and fro has the middle of it, one that does not turn
// an end.
func TestEachReplicationTurnsByItself(t *testing.T) {
	loads := []float64{1, 2, 3, 5}
	for _, tt := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{1, -1, -2, -3}, 1.5}, {[]float64{3, 2, 1, -1}, 4}, {[]float64{1, -1, 1, -1}, (1.5 + 2.5 + 4) / 3},
		{[]float64{1, 1, 1, 1}, 5}, {[]float64{-1, -1, -1, -1}, 1}, {[]float64{0, 0, 0, 0}, 1},
	} {
		assert.InDelta(t, tt.want, turnOf(loads, tt.values), 1e-12, "%v", tt.values)
	}
}

// A search for where a verdict turns goes between the loads of the curves,
// finer than their two digits, and simulates no load twice.
func TestNoLoadIsSimulatedTwice(t *testing.T) {
	c, err := CompareDesigns(ComparePlan{Specs: stations(t, stationHead, "cores = 1", "cores = 2, speed = 0.7"), Loads: []float64{0.6, 0.8}}, Options{})
	require.NoError(t, err)
	for _, d := range c.Curves.Designs {
		between := 0
		for i, p := range d.Points {
			if i > 0 {
				assert.Less(t, d.Points[i-1].Load, p.Load)
			}
			if p.Why == result.CrossingLoad && p.Load > 0.6 && p.Load < 0.8 && p.Load != twoDigits(p.Load) {
				between++
			}
		}
		assert.Positive(t, between, "loads between those of the curves")
	}
}

const shortStation = `
run = { duration = "20s", warmup = "2s", replications = 3 }
objectives = ["users errors < 1%"]
client.users = { target = "lb", arrivals = "poisson 100/s", retries = { max = 2 } }
load_balancer.lb = { targets = ["app"], instances = 2, health_check = { interval = "100ms", timeout = "50ms", unhealthy = 1 } }
server.app = { instances = INSTANCES, price_per_hour = 0.1, on.request = [{ cpu = "exp 5ms" }] }`

func lossPlan(t *testing.T, instances int) (*node.Spec, DrillPlan) {
	t.Helper()
	text := strings.Replace(shortStation, "INSTANCES", fmt.Sprint(instances), 1)
	file, report := topologies.Load(inMemory(text), "a.toml", topologies.Options{})
	require.NotNil(t, file, report.Diagnostics())
	spec, report := file.Spec("")
	require.NotNil(t, spec, report.Diagnostics())
	d, _ := file.Losses("")
	require.NotNil(t, d.Spec)
	spec.Design = fmt.Sprintf("of-%d", instances)
	return spec, DrillPlan{Spec: d.Spec, AnyOf: d.AnyOf, Skipped: d.Skipped}
}

// A second instance is what it takes to survive the loss of one, and costs
// what an instance costs.
func TestTheLossOfTheOnlyInstanceIsNotSurvived(t *testing.T) {
	var p ComparePlan
	for _, n := range []int{1, 2} {
		spec, losses := lossPlan(t, n)
		p.Specs, p.Losses = append(p.Specs, spec), append(p.Losses, losses)
	}
	p.Loads = []float64{1}
	c, err := CompareDesigns(p, Options{})
	require.NoError(t, err)
	assert.Nil(t, c.Curves)
	require.Len(t, c.Failures, 2)
	what := map[string]result.Loss{}
	for i := range c.Failures {
		for _, l := range c.Failures[i].Losses {
			what[c.Failures[i].Design+" "+l.What] = l
		}
	}
	require.Len(t, what, 4, "%v", what)
	alone, pair := what["of-1 kill app"], what["of-2 kill app[0]"]
	assert.Equal(t, result.Missed, alone.Verdict)
	assert.Greater(t, *alone.FailedRatio.Mean, 0.99, "nobody is there all through the window")
	assert.Equal(t, result.Met, pair.Verdict, "%+v", pair)
	assert.Equal(t, "any of 2", pair.AnyOf)
	assert.InDelta(t, 73.0, *pair.OneMoreMonthly, 1e-9, "0.1 an hour, 730 hours")
	assert.False(t, *c.Failures[0].Survives)
	assert.True(t, *c.Failures[1].Survives)
	require.NotNil(t, c.Verdict.Recommended)
	assert.Equal(t, "of-2", *c.Verdict.Recommended, "dearer, but it survives")
	assert.Equal(t, "of-2: the only design that meets all objectives at today's load, also with any single instance or zone lost", c.Verdict.Recommendation)
	var said []string
	for _, s := range c.Verdict.Statements {
		said = append(said, s.Design+": "+s.Text)
	}
	all := strings.Join(said, "\n")
	assert.Contains(t, all, "of-1: 50 % cheaper than of-2 at today's load (73 USD a month instead of 146 USD)")
	assert.Contains(t, all, "of-2: survives the loss of any single instance: all objectives are met while it is gone")
	assert.Contains(t, all, "of-1: does not survive the loss of app; survives the loss of one of lb, each alone")
}

// Neither the number of replications at once nor the order in which they end
// is in the document.
func TestComparisonsAreTheSameWithEveryParallel(t *testing.T) {
	var first string
	for _, parallel := range []int{1, 3} {
		one, losses := lossPlan(t, 1)
		two, more := lossPlan(t, 2)
		c, err := CompareDesigns(ComparePlan{Specs: []*node.Spec{one, two}, Losses: []DrillPlan{losses, more}, Loads: []float64{0.5, 1.5}}, Options{Parallel: parallel})
		require.NoError(t, err)
		text, err := json.Marshal(c)
		require.NoError(t, err)
		if first == "" {
			first = string(text)
		}
		assert.True(t, first == string(text), "differs with %d at once", parallel)
	}
}

// Stopped while the curves are made, what was finished is there, and there is
// no verdict.
func TestInterruptedComparisonsKeepTheDesigns(t *testing.T) {
	one, losses := lossPlan(t, 1)
	two, more := lossPlan(t, 2)
	var stop atomic.Bool
	c, err := CompareDesigns(ComparePlan{Specs: []*node.Spec{one, two}, Losses: []DrillPlan{losses, more}}, Options{
		Parallel: 1, Stop: &stop, Progress: func(done, _ int) { stop.Store(stop.Load() || done == 8) },
	})
	require.ErrorIs(t, err, node.ErrStopped)
	assert.True(t, c.Truncated)
	assert.Len(t, c.Designs, 2)
	assert.Nil(t, c.Verdict)
	assert.NotEmpty(t, c.Differences)
}

// Two designs that are alike and meet different customers differ in nothing:
// of 40 comparisons some tests reject by themselves, and hardly any if all of a
// comparison are taken together.
func TestHolmKeepsFalseAlarmsAway(t *testing.T) {
	const head = `
run = { duration = "20s", warmup = "2s", replications = 4, seed = SEED }
client.NAME = { target = "app", arrivals = "poisson 50/s" }`
	alone, alarms := 0, 0
	for seed := range 40 {
		one := strings.Replace(head, "SEED", fmt.Sprint(seed), 1)
		a := stations(t, strings.Replace(one, "NAME", "users", 1), "cores = 1")
		b := stations(t, strings.Replace(one, "NAME", "others", 1), "cores = 1")
		c, err := Compare(append(a, b...), Options{})
		require.NoError(t, err)
		require.NotEmpty(t, c.Differences)
		assert.Equal(t, len(c.Differences), c.Correction.Tests)
		for _, d := range c.Differences {
			assert.True(t, d.Unpaired)
			if *d.PValue < 0.05 {
				alone++
			}
			if d.Significant {
				alarms++
			}
		}
	}
	assert.LessOrEqual(t, alarms, 6, "5 % of 40 comparisons, and some luck")
	assert.Greater(t, alone, 0, "else nothing had to be kept away")
}

func TestChosenLoadsSpanWhatDesignsHold(t *testing.T) {
	at := func(loads ...float64) []*Capacity {
		var all []*Capacity
		for _, l := range loads {
			all = append(all, &Capacity{Load: result.Estimate{Mean: &l}})
		}
		return all
	}
	for _, tt := range []struct {
		held []float64
		want []float64
	}{
		{[]float64{1.15, 1.34}, []float64{0.29, 0.49, 0.69, 0.88, 1, 1.3, 1.5, 1.7}},
		{[]float64{0.5, 0.6}, []float64{0.13, 0.25, 0.38, 0.5, 0.63, 0.75, 0.88, 1}},
		{[]float64{8, 9}, []float64{1, 2.5, 3.9, 5.4, 6.9, 8.3, 9.8, 11}},
		{[]float64{1, 100}, []float64{0.25, 1, 1.5, 3.6, 8.7, 21, 51, 120}},
	} {
		got := chosenLoads(at(tt.held...))
		assert.Contains(t, got, 1.0, "today's load is one of them")
		assert.Len(t, got, commonLoads)
		assert.InDeltaSlice(t, tt.want, got, 0.02, "%v", got)
	}
}

func TestFiguresAreSaidAsPreciselyAsTheyAreKnown(t *testing.T) {
	e := func(mean, half float64) result.Estimate { return result.Estimate{Mean: &mean, HalfWidth: &half} }
	for _, tt := range []struct {
		e    result.Estimate
		u    quantityUnit
		want string
	}{
		{e(-0.0123, 0.0029), secondsUnit, "12 ± 3 ms"},
		{e(0.000799, 0.000077), secondsUnit, "800 ± 80 µs"},
		{e(0.0123, 0.00142), secondsUnit, "12.3 ± 1.4 ms"},
		{e(0.00036, 0.0031), secondsUnit, "0 ± 3 ms"},
		{e(1.234, 0.00001), secondsUnit, "1.23 s"},
		{e(0.382, 0), percentUnit, "38.2 %"},
		{e(835.923, 0), moneyIn("USD"), "836 USD"},
		{e(1.345, 0.147), plainUnit, "1.35 ± 0.15"},
		{e(0, 0), plainUnit, "0"},
		{result.Estimate{}, plainUnit, "?"},
	} {
		assert.Equal(t, tt.want, doubted(tt.e, tt.u))
	}
}
