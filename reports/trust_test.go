package reports

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

// small is a result whose figures can be added up by hand.
func small() *result.Result {
	e := func(mean, half float64) result.Estimate { return result.Estimate{Mean: &mean, HalfWidth: &half} }
	theory := func(mean float64, exact bool) *result.Theory {
		u := 0.5
		return &result.Theory{Utilization: &u, ResponseMeanS: &mean, Exact: exact, Note: "a note"}
	}
	users := &result.Client{Traffic: result.Traffic{
		Offered: 100, OK: 90, Unfinished: 3, Errors: map[string]uint64{"timeout": 5, "failed": 2},
		LatencyS: result.Latency{"mean": e(0.1, 0.01), "p99": e(0.2, 0.01)},
		Spent: result.TimeSpent{
			"app":     result.Spent{Wait: e(0.01, 0.001), Service: e(0.05, 0.002)},
			"db":      result.Spent{Wait: e(0.02, 0.001), Service: e(0.005, 0.001)},
			"idle":    result.Spent{Wait: e(0, 0), Service: e(0, 0)},
			"backoff": e(0.015, 0.001), "network": e(0, 0),
		},
	}}
	slow := 0.2
	users.Slowest = &result.Slowest{
		AtLeastS: &slow, Requests: 12, OneIn: 4, LatencyMeanS: e(0.25, 0.02),
		Spent: result.TimeSpent{"db": result.Spent{Wait: e(0.2, 0.01), Service: e(0.005, 0.001)}, "network": e(0.045, 0)},
	}
	busy := &result.Resource{Utilization: result.Optional{Estimate: e(0.51, 0.01)}}
	return &result.Result{
		Seed: 7, Run: result.Run{DurationS: 10, Replications: 5},
		Clients: map[string]*result.Client{"users": users},
		Nodes: map[string]*result.Node{
			"app": {Kind: "server", ResponseS: result.Latency{"mean": e(0.105, 0.01)}, Theory: theory(0.1, true), Resources: map[string]*result.Resource{"cpu": busy}},
			"db":  {Kind: "server", ResponseS: result.Latency{"mean": e(0.036, 0.001)}, Theory: theory(0.04, false)},
			"lb":  {Kind: "load_balancer", Theory: &result.Theory{Note: "theory has no answer"}},
		},
	}
}

func TestTrustIsToldInFigures(t *testing.T) {
	r := small()
	lines := trustLines(r)
	assert.Contains(t, lines[0], "5 independent replications (seed 7)")
	assert.Equal(t, "users: p99 is known to ± 5 % of its value.", lines[1])
	assert.Equal(t, "users: 100 requests offered, 90 ok, 7 ended in an error, 3 unfinished: none is missing.", lines[2])
	assert.Equal(t, "Queueing theory has an answer for 2 of 3 nodes, exact for 1; the mean responses differ by at most 10 %, at db.", lines[4])

	r.Clients["users"].OK++
	assert.Contains(t, trustLines(r)[2], "do NOT add up")
	r.Truncated = true
	assert.Contains(t, trustLines(r), truncatedLine)
	r.Run.Replications = 1
	assert.Contains(t, trustLines(r)[0], "no intervals")
	r.Clients["users"].LatencyS["p99"] = result.Estimate{Note: "needs 1000 samples"}
	assert.Contains(t, trustLines(r), "users: no p99 can be given: needs 1000 samples.")
	assert.Empty(t, trustLines(&result.Result{}))
}

func TestTheoryStandsBesideTheSimulation(t *testing.T) {
	got := theoryTable(small(), &footnotes{})
	require.Len(t, got.Rows, 3)
	var cells [][]string
	for _, row := range got.Rows {
		var texts []string
		for _, c := range row {
			texts = append(texts, c.figure.String())
		}
		cells = append(cells, texts)
	}
	assert.Equal(t, []string{"app", "51.0 ± 1.0 %", "50.0 %", "105 ± 10 ms", "= 100 ms", "+5 %", "a note"}, cells[0])
	assert.Equal(t, "−10 %", cells[1][5])
	assert.Equal(t, []string{"lb", "", "", "—", "", "", "theory has no answer"}, cells[2])
}

func TestWhereTheTimeWent(t *testing.T) {
	r := small()
	all := spentCharts(r)
	require.Len(t, all, 2)
	assert.Equal(t, "users: of 100 ms on average, 50 ms in service at app", all[0].title)
	assert.Equal(t, "users, the slowest 1 %: of 250 ms, 200 ms waiting at db", all[1].title)
	require.Len(t, all[0].stacks, 3, "nothing of what took no time")
	assert.Equal(t, stack{"app", []barPart{{0.05, 0}, {0.01, 1}}, seconds}, all[0].stacks[0])
	assert.Equal(t, "db", all[0].stacks[1].label)
	assert.Equal(t, stack{"pauses between attempts", []barPart{{0.015, 3}}, seconds}, all[0].stacks[2])
	assert.Len(t, all[0].keys, 3)

	table := spentTable(r, &footnotes{})
	var rows []string
	for _, row := range table.Rows {
		text := ""
		for _, c := range row[1:] {
			text += c.figure.String() + "|"
		}
		rows = append(rows, text)
	}
	assert.Equal(t, []string{
		"app|50.0 ± 2.0 ms|10.0 ± 1.0 ms|60.0 %||||",
		"db|5.0 ± 1.0 ms|20.0 ± 1.0 ms|25.0 %|5.0 ± 1.0 ms|200 ± 10 ms|82.0 %|",
		"pauses between attempts|15.0 ± 1.0 ms||15.0 %||||",
	}, rows[:3])
	assert.Equal(t, "network||||45.0 ± 0 ms||18.0 %|", rows[3])
	assert.Equal(t, "users, the slowest 1 %: 12 requests that took 200 ms or longer, of one in 4 that were followed.", spentLines(r)[1])
	r.Clients["users"].Slowest = &result.Slowest{Note: "too few"}
	assert.Equal(t, "users, the slowest 1 %: too few.", spentLines(r)[1])
	assert.Len(t, spentCharts(r), 1)
	r.Clients["users"].Slowest = nil
	assert.Len(t, spentTable(r, &footnotes{}).Columns, 5, "no columns of what nobody looked at")
}

func TestTitlesOfLoadsSayWhatBecomesOfThem(t *testing.T) {
	l := line{label: "p99", points: []point{{x: 2, y: 1.2}, {x: 0.5, y: 0.1}, {x: 1, y: 0}}}
	assert.Equal(t, "users p99 goes from 100 ms at ×0.5 to 1.2 s at ×2 of today's load", l.fromTo("users p99", seconds))
	assert.Empty(t, line{points: l.points[:1]}.fromTo("x", seconds))
	flat := line{points: []point{{x: 1, y: 0.1}, {x: 2, y: 0.1}}}
	assert.Equal(t, "p50 is 100 ms from ×1 to ×2 of today's load", flat.fromTo("p50", seconds))

	errors := []line{{points: []point{{x: 1, y: 0}, {x: 2, y: 0.1}}}, {points: []point{{x: 1.5, y: 0.02}, {x: 3, y: 0.3}}}}
	assert.Equal(t, "Errors from ×1.5 of today's load on, at most 30 %, at ×3", beginning("Errors", errors))

	costs := []line{{label: "dear", points: []point{{x: 0.5, y: 1}, {x: 1.1, y: 20}}}, {label: "cheap", points: []point{{x: 0.4, y: 90}, {x: 1.1, y: 10}}}}
	assert.Equal(t, "cheap is the cheapest at ×1.1 of today's load: 10 USD", cheapestTitle(costs, "USD"))
	assert.Empty(t, cheapestTitle(costs[:1], "USD"))
	costs = append(costs, line{label: "other", points: []point{{x: 1.1, y: 10.001}}})
	assert.Equal(t, "cheap and other are the cheapest at ×1.1 of today's load: 10 USD", cheapestTitle(costs, "USD"))
	assert.Equal(t, "All designs cost the same at ×1.1 of today's load: 10 USD", cheapestTitle(costs[1:], "USD"))
}

func TestWhichDesignHoldsMost(t *testing.T) {
	held := func(v float64) result.Estimate { return result.Estimate{Mean: &v} }
	p99 := func(v float64) map[string]*result.Client {
		return map[string]*result.Client{"users": {Traffic: result.Traffic{LatencyS: result.Latency{"p99": held(v)}}}}
	}
	c := &result.Comparison{
		Designs: []*result.Result{{Design: "a", Clients: p99(0.3)}, {Design: "b", Clients: p99(0.1)}, {Design: "c"}},
		Curves:  &result.Curves{Designs: make([]result.DesignCurve, 3)},
	}
	assert.Empty(t, heldTitle(c))
	c.Curves.Designs[0].Held, c.Curves.Designs[1].Held = held(1.5), held(2)
	assert.Equal(t, "Loads that are held: b ×2 of today's, a ×1.5", heldTitle(c))
	assert.Equal(t, "p99 is 100 ms with b, 300 ms with a", p99Title(c, "users"))
	assert.Empty(t, p99Title(c, "nobody"))
	c.Curves.Designs[1].Held = held(1.5001)
	assert.Empty(t, heldTitle(c), "as far as it is told they hold the same")
}

func TestNoDesignIsNamedWhereSeveralAreTheSame(t *testing.T) {
	of := func(design string, at float64) result.DesignEstimate {
		return result.DesignEstimate{Design: design, Bottleneck: &result.Bottleneck{SaturatesAtLoad: &at}}
	}
	e := &result.Estimates{Designs: []result.DesignEstimate{of("a", 4.7619), of("b", 4.762), of("c", 2)}}
	assert.Equal(t, "No design saturates later than at ×4.76 of this load", saturationChart(e).title)
	e.Designs = e.Designs[1:]
	assert.Equal(t, "b saturates last, at ×4.76 of this load", saturationChart(e).title)
}

// What is said of the bottleneck is what the other figures of the page say: of
// a primary beside an idle replica the mean of both tells little.
func TestBottleneckNamesItsBusiestInstance(t *testing.T) {
	of := func(v float64) *float64 { return &v }
	r := &result.Result{
		Bottleneck: &result.Bottleneck{Node: "db", Resource: "cpu", Utilization: 0.103, SaturatesAtLoad: of(4.76)},
		Nodes: map[string]*result.Node{"db": {PerInstance: []result.Instance{
			{Name: "db.primary", Utilization: of(0.206)}, {Name: "db.replica[0]", Utilization: of(0)}, {Name: "db.replica[1]"},
		}}},
	}
	assert.Equal(t, "db cpu is 10.3 % busy, db.primary 20.6 %; saturates at 4.76× this load.", bottleneckLine(r))
	r.Nodes["db"].PerInstance[1].Utilization = of(0.2)
	r.Bottleneck.Utilization = 0.203
	assert.Equal(t, "db cpu is 20.3 % busy; saturates at 4.76× this load.", bottleneckLine(r))

	assert.Equal(t, "; db cpu saturates first", sooner(bar{label: "app cpu", value: 0.2, half: 0.009}, r.Bottleneck))
	assert.Empty(t, sooner(bar{label: "app cpu", value: 0.2, half: 0.02}, r.Bottleneck), "as far as one can tell")
	assert.Empty(t, sooner(bar{label: "db cpu"}, r.Bottleneck))
	assert.Empty(t, sooner(bar{label: "app cpu"}, nil))
}

// All of the time is 100 %, however its parts were rounded.
func TestTheWholeTimeIsAHundredPercent(t *testing.T) {
	of := func(v float64) result.Estimate { return result.Estimate{Mean: &v} }
	parts := []spentPart{{place: "web", wait: of(1.1212345678901), service: of(0.0801), node: true}}
	cells := spentCells(parts, "web", of(parts[0].total()*(1+1e-12)), &footnotes{})
	assert.Equal(t, "100 %", cells[2].figure.String())
	cells = spentCells(parts, "web", of(parts[0].total()*1.00001), &footnotes{})
	assert.Equal(t, "99.9990 %", cells[2].figure.String())
}
