package study

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/internal/result"
)

// designIs is a design that costs so much a month, with the verdicts of its
// objectives.
func designIs(name string, monthly float64, verdicts ...string) *result.Result {
	r := &result.Result{Design: name, Cost: &result.Cost{Currency: "USD", Monthly: result.Estimate{Mean: &monthly}}}
	for _, v := range verdicts {
		r.Objectives = append(r.Objectives, result.Objective{Verdict: v})
	}
	return r
}

// lossesOf is what came of each part that a design lost.
func lossesOf(name string, skipped []string, verdicts ...string) result.DesignFailure {
	f := result.DesignFailure{Design: name, Skipped: skipped}
	for _, v := range verdicts {
		f.Losses = append(f.Losses, result.Loss{What: "kill app", Verdict: v})
	}
	f.Survives = survives(&f)
	return f
}

// A recommendation says no more than is known: undecided is neither met nor
// missed, and a design that promises nothing meets no promise.
func TestRecommendationsSayWhatIsUndecided(t *testing.T) {
	const met, missed, undecided = result.Met, result.Missed, result.Undecided
	all := func(f ...result.DesignFailure) []result.DesignFailure { return f }
	for _, tt := range []struct {
		name     string
		designs  []*result.Result
		failures []result.DesignFailure
		want     string
	}{
		{"missed", []*result.Result{designIs("a", 1, missed), designIs("b", 2, undecided, missed)}, nil,
			"none: no design meets all objectives at today's load"},
		{"undecided", []*result.Result{designIs("a", 1, met, undecided), designIs("b", 2, undecided)}, nil,
			"none: no design surely meets all objectives at today's load; a and b are undecided"},
		{"one of two", []*result.Result{designIs("a", 1, undecided), designIs("b", 2, met)}, nil,
			"b: the only design that surely meets all objectives at today's load; a is undecided"},
		{"the cheapest", []*result.Result{designIs("a", 1, met), designIs("b", 2, met), designIs("c", 3, missed)}, nil,
			"a: the cheapest design that meets all objectives at today's load"},
		{"as cheap", []*result.Result{designIs("a", 2, met), designIs("b", 2.001, met), designIs("c", 3, met)}, nil,
			"none: a and b cost the same, and the least of those that meet all objectives at today's load"},
		{"without objectives", []*result.Result{designIs("a", 1), designIs("b", 2, met)}, nil,
			"b: the only design that meets all objectives at today's load"},
		{"none stated", []*result.Result{designIs("a", 1), designIs("b", 2)}, nil,
			"none: the file states no objectives, so nothing says what is good enough"},
		{"losses missed", []*result.Result{designIs("a", 1, met), designIs("b", 2, met)}, all(lossesOf("a", nil, missed), lossesOf("b", nil, met, missed, undecided)),
			"a: the cheapest design that meets all objectives at today's load (none survives every single loss)"},
		{"losses undecided", []*result.Result{designIs("a", 1, met), designIs("b", 2, met)}, all(lossesOf("a", nil, missed), lossesOf("b", nil, undecided)),
			"a: the cheapest design that meets all objectives at today's load (none surely survives every single loss)"},
		{"losses not tried", []*result.Result{designIs("a", 1, met)}, all(lossesOf("a", []string{"more"}, met)),
			"a: the only design that meets all objectives at today's load (none surely survives every single loss)"},
		{"survived", []*result.Result{designIs("a", 1, met), designIs("b", 2, met)}, all(lossesOf("a", nil, undecided), lossesOf("b", nil, met)),
			"b: the only design that surely meets all objectives at today's load, also with any single instance or zone lost"},
	} {
		c := &result.Comparison{Designs: tt.designs, Failures: tt.failures}
		c.Verdict = decide(c)
		assert.Equal(t, tt.want, c.Verdict.Recommendation, tt.name)
	}
}

// With one replication there are no intervals: the cost of machines that are
// always there is known all the same, and what differs by nothing is not told.
func TestVerdictsOfASingleReplication(t *testing.T) {
	value := func(x float64) result.Estimate { return result.Estimate{Mean: &x} }
	c := &result.Comparison{
		Designs: []*result.Result{designIs("a", 100, result.Met), designIs("b", 80, result.Met)},
		Differences: []result.Difference{
			{Baseline: "a", Design: "b", Subject: "cost", Metric: "monthly", Difference: value(-20)},
			{Baseline: "a", Design: "b", Subject: "users", Metric: "latency_s.p99", Difference: value(0.001)},
			{Baseline: "a", Design: "b", Subject: "users", Metric: "error_ratio", Difference: value(0)},
		},
	}
	var said []string
	for _, s := range decide(c).Statements {
		said = append(said, s.Design+": "+s.Text)
	}
	assert.Equal(t, []string{
		"b: 20 % cheaper than a at today's load (80 USD a month instead of 100 USD)",
		"b: p99 of users undecided against a at today's load: +1 ms",
	}, said)
}

// What designs hold is told apart only if they promise the same.
func TestWhatDesignsHoldIsOfTheSameObjectives(t *testing.T) {
	held := func(design string, load float64) result.DesignCurve {
		half := 0.01
		return result.DesignCurve{Design: design, Held: result.Estimate{Mean: &load, HalfWidth: &half}}
	}
	for text, want := range map[string]string{
		"x": "holds 2.00 ± 0.01 × today's load, a 1.00 ± 0.01 (1.00 ± 0.10 more)",
		"y": "holds 2.00 ± 0.01 × today's load, a 1.00 ± 0.01: they hold different things",
	} {
		a, b := designIs("a", 1, result.Met), designIs("b", 1, result.Met)
		a.Objectives[0].Text, b.Objectives[0].Text = "x", text
		c := &result.Comparison{Designs: []*result.Result{a, b}, Curves: &result.Curves{Designs: []result.DesignCurve{held("a", 1), held("b", 2)}}}
		more, half := 1.0, 0.1
		c.Curves.Designs[1].HeldDifference = &result.Estimate{Mean: &more, HalfWidth: &half}
		var said []string
		for _, s := range decide(c).Statements {
			said = append(said, s.Text)
		}
		assert.Equal(t, []string{want}, said)
	}
}
