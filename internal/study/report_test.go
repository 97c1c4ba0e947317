package study

import (
	"io"
	"math"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/topologies"
)

const reportText = `
run = { duration = "10s", warmup = "1s", replications = 2 }
objectives = ["users errors < 5%"]
client.users = { target = "app", arrivals = "poisson 40/s", timeout = "1s" }
server.app = { instances = 2, on.request = [{ cpu = "exp 10ms" }] }
design.one = { server.app.instances = 1 }
design.two = { server.app.instances = 2 }`

// reportPlanOf is what the verb makes of a file.
func reportPlanOf(t *testing.T, text string) ReportPlan {
	t.Helper()
	file, found := topologies.Load(keyFiles{"a.toml": text}, "a.toml", topologies.Options{})
	require.NotNil(t, file, found.Diagnostics())
	drills, found := file.Drills("", nil, true)
	require.NotNil(t, drills.Spec, found.Diagnostics())
	spec := specOf(t, text)
	p := ReportPlan{
		Spec: spec, Stress: &StressPlan{Spec: spec, Steady: topologies.Steady(spec)},
		Drills: &DrillPlan{Spec: drills.Spec, AnyOf: drills.AnyOf, WorstFirst: true}, Designs: &ComparePlan{Loads: []float64{1}},
	}
	for _, name := range file.Designs() {
		one, found := file.Spec(name)
		require.NotNil(t, one, found.Diagnostics())
		p.Designs.Specs = append(p.Designs.Specs, one)
	}
	return p
}

// Each part is what its verb finds, and each is told of once.
func TestAReportIsWhatItsVerbsFind(t *testing.T) {
	p := reportPlanOf(t, reportText)
	var parts []string
	ended := 0
	p.Watch = func(part string, about int) (func(done, total int), func()) {
		parts = append(parts, part)
		assert.Positive(t, about)
		return nil, func() { ended++ }
	}
	r, err := Report(p, Options{Version: "1"})
	require.NoError(t, err)
	assert.Equal(t, []string{"today", "headroom", "failures", "designs"}, parts)
	assert.Equal(t, 4, ended)
	assert.Empty(t, r.Missing)
	assert.False(t, r.Truncated)

	one, err := Run(p.Spec, Options{Version: "1"})
	require.NoError(t, err)
	assert.Equal(t, one, r.Result)
	stress, err := Stress(*p.Stress, Options{Version: "1"})
	require.NoError(t, err)
	assert.Equal(t, stress, r.Stress)
	drill, err := Drill(*p.Drills, Options{Version: "1"})
	require.NoError(t, err)
	assert.Equal(t, drill, r.Drill)
	designs, err := CompareDesigns(*p.Designs, Options{Version: "1"})
	require.NoError(t, err)
	assert.Equal(t, designs, r.Comparison)
}

// The runway is compound growth: so many periods later the traffic is what is
// held.
func TestTheRunwayIsCompoundGrowth(t *testing.T) {
	x := &reporting{plan: ReportPlan{Stress: &StressPlan{Growth: &GrowthPlan{Rate: 0.4, Period: "year"}}}}
	held, low, high := 2.0, 1.8, 2.2
	fresh := func(s *result.Stress) *result.Report {
		x.out = &result.Report{Stress: s}
		x.runway()
		return x.out
	}
	r := fresh(&result.Stress{Held: result.Estimate{Mean: &held}, Low: &low, High: &high})
	require.Len(t, r.Runway, 4)
	for i, rate := range []float64{0.4, 0.02, 0.05, 0.1} {
		g := r.Runway[i]
		assert.InDelta(t, rate, g.RatePer, 0)
		for _, end := range []struct{ load, periods float64 }{{held, *g.Periods}, {low, *g.Earliest}, {high, *g.Latest}} {
			assert.InDelta(t, end.load, math.Pow(1+rate, end.periods), 1e-12)
		}
	}
	assert.InDelta(t, 35.00278878, *r.Runway[1].Periods, 1e-7) // the rule of 70: doubled after 35 months of 2 %
	x.plan.Stress.Growth = &GrowthPlan{Rate: 0.05, Period: "month"}
	assert.Len(t, fresh(&result.Stress{Held: result.Estimate{Mean: &held}}).Runway, 3)

	below, most := 0.9, 64.0
	for _, c := range []struct {
		stress *result.Stress
		why    string
	}{
		{nil, "without the load that is held there is nothing to grow into"},
		{&result.Stress{HeldAt: &most, Held: result.Estimate{Note: result.SearchInterrupted + ": held"}}, "the search for the load that is held was interrupted"},
		{&result.Stress{HeldAt: &most}, "no limit was found, so there is no date for it"},
		{&result.Stress{}, "no load is held, today's neither"},
		{&result.Stress{Held: result.Estimate{Mean: &below}}, "today's load is more than it holds already"},
	} {
		r := fresh(c.stress)
		assert.Empty(t, r.Runway)
		assert.Equal(t, c.why, r.WhyMissing(result.RunwayPart))
	}
}

// Stopped in a part, a report has the parts before it, what the part had, and
// says of the others that they are not there.
func TestAReportThatIsStopped(t *testing.T) {
	p := reportPlanOf(t, reportText)
	for _, c := range []struct {
		during  string
		after   int // so many simulations of that part
		missing []string
	}{
		{"today", 1, []string{"headroom", "failures", "runway", "designs"}},
		{"headroom", 4, []string{"failures", "designs"}},
		{"failures", 4, []string{"designs"}},
		{"designs", 2, nil},
	} {
		var stop atomic.Bool
		p.Watch = func(part string, _ int) (func(done, total int), func()) {
			return func(done, _ int) { stop.Store(stop.Load() || part == c.during && done >= c.after) }, func() {}
		}
		r, err := Report(p, Options{Parallel: 1, Stop: &stop})
		require.ErrorIs(t, err, node.ErrStopped, c.during)
		require.NotNil(t, r, c.during)
		assert.True(t, r.Truncated)
		for _, part := range c.missing {
			assert.NotEmpty(t, r.WhyMissing(part), "%s: %s", c.during, part)
		}
		assert.Equal(t, len(c.missing) < 4, r.Stress != nil, c.during)
		assert.Equal(t, len(c.missing) < 2, r.Drill != nil, c.during)
	}
	var stop atomic.Bool
	stop.Store(true)
	r, err := Report(p, Options{Stop: &stop})
	require.ErrorIs(t, err, node.ErrStopped)
	assert.Nil(t, r)
}

// A limit that only a later part comes to leaves that part out; any other
// error is that of the whole.
func TestLimitsOfAReport(t *testing.T) {
	x := &reporting{out: &result.Report{}}
	part := func(err error) reportPart {
		return reportPart{name: result.FailuresPart, study: func(Options) error { return err }}
	}
	require.NoError(t, x.later(part(&node.LimitError{What: "rounds", Limit: 7})))
	assert.Contains(t, x.out.WhyMissing(result.FailuresPart), "a limit was reached: ")
	x.out.Missing = nil
	assert.ErrorIs(t, x.later(part(node.ErrStopped)), node.ErrStopped)
	assert.Equal(t, "the report was interrupted before any of it was finished", x.out.WhyMissing(result.FailuresPart))
	x.out.Missing = nil
	assert.ErrorIs(t, x.later(part(io.ErrUnexpectedEOF)), io.ErrUnexpectedEOF)
	assert.Empty(t, x.out.Missing)
}
