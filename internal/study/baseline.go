package study

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/sim/stats"
)

// baselineLevel is the chance that noise alone makes a regression, or an
// improvement, of any of the judged figures.
const baselineLevel = 0.05

// AgainstBaseline compares a run with an earlier one that only a document is
// left of. Judged are the clients' figures and the cost of a month; those of
// nodes say why. tolerance is the share of its earlier value by which a judged
// figure may become worse and be no regression.
//
// Clients' figures, and the cost, are paired by replication if the same customers
// came: with the same seed over the same time. Their differences are then the means of those
// of the replications that both have, as in [Compare], of which the doubt is
// known: percentiles of all replications together may differ where those of each
// do not. All else counts as independent, with
// standard errors from the half-widths and Welch's degrees of freedom, which is
// on the safe side. Of a single replication nobody knows how much
// it would vary: it is taken to vary as the other run does, and where both
// are single the point decides, as it does for objectives.
func AgainstBaseline(old, now *result.Result, tolerance float64) *result.Baseline {
	c := &comparer{old: old, now: now}
	c.out = &result.Baseline{
		Schema: result.BaselineSchema, Version: old.Version, Title: old.Title, Design: old.Design, Seed: old.Seed,
		Fingerprint: old.Fingerprint, Run: old.Run, Tolerance: tolerance,
		Identical: old.Fingerprint != "" && old.Fingerprint == now.Fingerprint,
		Notes:     []string{}, Missing: []string{}, Added: []string{}, Changes: []result.Change{},
	}
	c.pairable = old.Seed == now.Seed && old.Run.DurationS == now.Run.DurationS && old.Run.WarmupS == now.Run.WarmupS
	c.settings()
	c.clients()
	c.cost()
	c.nodes()
	c.decide(true)
	c.decide(false)
	c.out.Verdict = result.NoDifference
	switch {
	case len(c.out.Regressions()) > 0:
		c.out.Verdict = result.Regression
	case len(c.out.Improvements()) > 0:
		c.out.Verdict = result.Improvement
	}
	return c.out
}

// ClientInCommon reports whether two documents are about the same customers,
// or some of them.
func ClientInCommon(a, b *result.Result) bool {
	for _, name := range sortedKeys(a.Clients) {
		if b.Clients[name] != nil {
			return true
		}
	}
	return false
}

func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }

// preference tells which way is better.
type preference int

const (
	explains preference = iota // neither by itself
	lower
	higher
)

// comparer collects the changes, and what they were made from.
type comparer struct {
	old, now *result.Result
	out      *result.Baseline
	tests    []test // one for each change
	pairable bool   // replication i of both had the same customers
}

// test is what is known of a difference: its standard error, NaN where there
// is none to know, and the degrees of freedom of that.
type test struct {
	better  preference
	err, df float64
}

func (c *comparer) note(format string, args ...any) {
	c.out.Notes = append(c.out.Notes, fmt.Sprintf(format, args...))
}

// settings notes how the two runs were not made alike.
func (c *comparer) settings() {
	a, b := c.old, c.now
	if a.Version != b.Version {
		c.note("the baseline was made by capsim %s, which may have simulated otherwise", a.Version)
	}
	if a.Design != b.Design {
		c.note("the baseline is of %s", designPhrase(a.Design))
	}
	if a.Run.DurationS != b.Run.DurationS {
		c.note("the baseline measured %g s, this run %g s", a.Run.DurationS, b.Run.DurationS)
	}
	if a.Truncated {
		c.note("the run of the baseline was interrupted")
	}
	if b.Truncated {
		c.note("this run was interrupted")
	}
	if c.pairable && a.Run.Replications != b.Run.Replications && min(a.Run.Replications, b.Run.Replications) > 1 {
		c.note("the baseline has %d replications, this run %d: clients are compared by those that both have", a.Run.Replications, b.Run.Replications)
	}
	if a.Run.Replications == 1 && b.Run.Replications == 1 {
		c.note("both runs are single replications: the points decide, and noise may")
	} else if a.Run.Replications == 1 || b.Run.Replications == 1 {
		c.note("one of the runs is a single replication, and is taken to vary as the other does")
	}
}

func designPhrase(name string) string {
	if name == "" {
		return "the file as it stands"
	}
	return "design " + name
}

// clients compares what the clients saw.
func (c *comparer) clients() {
	for _, name := range c.common(sortedKeys(c.old.Clients), sortedKeys(c.now.Clients)) {
		a, b := c.old.Clients[name], c.now.Clients[name]
		figure := func(metric string, x, y result.Estimate, better preference) {
			var pairs []float64
			if c.pairable {
				pairs = pairsOf(a.ByReplication[metric], b.ByReplication[metric])
			}
			c.add(name, metric, x, y, better, pairs...)
		}
		for _, p := range []string{"p50", "p99", "mean"} {
			figure("latency_s."+p, a.LatencyS[p], b.LatencyS[p], lower)
		}
		figure("throughput_rps", a.ThroughputRPS, b.ThroughputRPS, higher)
		figure("error_ratio", a.ErrorRatio, b.ErrorRatio, lower)
		figure("availability", a.Availability, b.Availability, higher)
		c.offered(name, a.OfferedRPS, b.OfferedRPS)
	}
}

// pairsOf are the differences of the replications that both have a value of.
func pairsOf(old, now []*float64) []float64 {
	var d []float64
	for i := range min(len(old), len(now)) {
		if old[i] != nil && now[i] != nil {
			d = append(d, *now[i]-*old[i])
		}
	}
	return d
}

// noticed is the least difference of the traffic that is worth a note.
const noticed = 0.01

// offered notes that a client did not send as much.
func (c *comparer) offered(name string, a, b result.Estimate) {
	if a.Mean != nil && b.Mean != nil && math.Abs(*b.Mean-*a.Mean) > noticed**a.Mean {
		c.note("%s sent %.3g requests a second, and %.3g in the baseline", name, *b.Mean, *a.Mean)
	}
}

// cost compares what a month costs.
func (c *comparer) cost() {
	a, b := c.old.Cost, c.now.Cost
	switch {
	case a == nil && b == nil:
	case a == nil:
		c.note("the baseline has no costs")
	case b == nil:
		c.note("the baseline has costs, this run has none")
	case a.Currency != b.Currency:
		c.note("the costs are in %s, those of the baseline in %s", b.Currency, a.Currency)
	default:
		if !slices.Equal(a.Without, b.Without) {
			c.note("the costs are not of the same nodes: others than in the baseline have no price")
		}
		c.out.Currency = b.Currency
		var pairs []float64
		if c.pairable && (a.ByReplication != nil || b.ByReplication != nil) {
			pairs = pairsOf(monthsOf(a, c.old.Run.Replications), monthsOf(b, c.now.Run.Replications))
		}
		c.add("cost", "monthly", a.Monthly, b.Monthly, lower, pairs...)
		c.add("cost", "per_million_requests", a.PerMillionRequests, b.PerMillionRequests, explains)
	}
}

// monthsOf is what a month costs by replication: the same in each where the
// document says nothing else.
func monthsOf(c *result.Cost, replications int) []*float64 {
	switch list := c.ByReplication["monthly"]; {
	case list != nil:
		return list
	case c.Monthly.HalfWidth == nil || *c.Monthly.HalfWidth > 0: // an older document
		return nil
	}
	return slices.Repeat([]*float64{c.Monthly.Mean}, min(replications, mostPairs))
}

// mostPairs is more than the replications that a run may have.
const mostPairs = 10_000

// nodes compares what explains the rest: how busy the nodes were, and how
// often caches had the answer.
func (c *comparer) nodes() {
	for _, name := range c.common(sortedKeys(c.old.Nodes), sortedKeys(c.now.Nodes)) {
		a, b := c.old.Nodes[name], c.now.Nodes[name]
		for _, resource := range sortedKeys(a.Resources) {
			x, y := a.Resources[resource], b.Resources[resource]
			if y != nil && x.Utilization.Mean != nil && y.Utilization.Mean != nil {
				c.add(name, resource+".utilization", x.Utilization.Estimate, y.Utilization.Estimate, explains)
			}
		}
		if a.Cache != nil && b.Cache != nil {
			c.add(name, "cache.hit_ratio", a.Cache.HitRatio, b.Cache.HitRatio, explains)
		}
	}
}

// common are the names that both have; it notes those that one lacks.
func (c *comparer) common(old, now []string) []string {
	var both []string
	for _, name := range old {
		if slices.Contains(now, name) {
			both = append(both, name)
		} else {
			c.out.Missing = append(c.out.Missing, name)
		}
	}
	for _, name := range now {
		if !slices.Contains(old, name) {
			c.out.Added = append(c.out.Added, name)
		}
	}
	return both
}

// alike is the relative difference of numbers that differ by rounding only.
const alike = 1e-12

// add compares a figure, by its differences in each replication if there are
// at least two.
func (c *comparer) add(subject, metric string, a, b result.Estimate, better preference, pairs ...float64) {
	ch := result.Change{
		Subject: subject, Metric: metric, Baseline: a, Current: b,
		Judged: better != explains, Verdict: result.Unknown,
	}
	t := test{better: better, err: math.NaN()}
	switch {
	case a.Mean == nil && b.Mean == nil:
		return
	case a.Mean == nil:
		ch.Difference.Note = "not in the baseline"
	case b.Mean == nil:
		ch.Difference.Note = "only in the baseline"
	default:
		d := *b.Mean - *a.Mean
		t.err, t.df = c.doubt(a, b)
		if mean, half, ok := stats.Interval(pairs); ok {
			d, t.err, t.df = mean, stats.StandardErrorOf(half, len(pairs)), float64(len(pairs)-1)
			ch.Paired = true
		}
		if math.Abs(d) <= float64(alike*max(math.Abs(*a.Mean), math.Abs(*b.Mean))) {
			d = 0
		}
		ch.Difference.Mean, ch.Verdict = &d, result.NoDifference
		if *a.Mean != 0 {
			ratio := d / math.Abs(*a.Mean)
			ch.Ratio = &ratio
		}
		if c.out.Identical && d == 0 {
			t.err, t.df = 0, math.Inf(1)
		}
		if !math.IsNaN(t.err) {
			half := 0.0
			if t.err > 0 {
				half = float64(stats.Reach(1-0.95, t.df) * t.err)
			}
			ch.Difference.HalfWidth = &half
		}
	}
	c.out.Changes, c.tests = append(c.out.Changes, ch), append(c.tests, t)
}

// doubt is the standard error of the difference of two estimates and its
// degrees of freedom; NaN where neither has an interval.
func (c *comparer) doubt(a, b result.Estimate) (err, df float64) {
	n, m := c.old.Run.Replications, c.now.Run.Replications
	haveA, haveB := a.HalfWidth != nil && n > 1, b.HalfWidth != nil && m > 1
	switch {
	case haveA && haveB:
		return stats.Welch(
			stats.StandardErrorOf(*a.HalfWidth, n), float64(n-1), stats.StandardErrorOf(*b.HalfWidth, m), float64(m-1))
	case haveA:
		return float64(stats.StandardErrorOf(*a.HalfWidth, n) * math.Sqrt(float64(n)+1)), float64(n - 1)
	case haveB:
		return float64(stats.StandardErrorOf(*b.HalfWidth, m) * math.Sqrt(float64(m)+1)), float64(m - 1)
	}
	return math.NaN(), math.NaN()
}

// decide finds which differences of a family, the judged figures or the
// others, are more than noise: together, by Holm's procedure. Differences
// without any noise are no part of it: they are what they are.
func (c *comparer) decide(judged bool) {
	var at []int
	var p []float64
	for i := range c.out.Changes {
		ch, t := &c.out.Changes[i], &c.tests[i]
		switch {
		case ch.Judged != judged || ch.Difference.Mean == nil:
		case t.err > 0:
			chance := stats.TwoSided(*ch.Difference.Mean/t.err, t.df)
			ch.P = &chance
			at, p = append(at, i), append(p, chance)
		default: // no noise, or nothing known of it
			c.settle(ch, t, *ch.Difference.Mean != 0)
		}
	}
	believed := stats.Holm(p, baselineLevel)
	left := len(p)
	for _, yes := range believed {
		if yes {
			left--
		}
	}
	for k, i := range at {
		ch, t := &c.out.Changes[i], &c.tests[i]
		visible := float64(stats.Reach(baselineLevel/float64(max(left, 1)), t.df) * t.err)
		ch.Visible = &visible
		c.settle(ch, t, believed[k])
	}
}

// settle gives a change its verdict.
func (c *comparer) settle(ch *result.Change, t *test, believed bool) {
	worse := *ch.Difference.Mean > 0 == (t.better == lower)
	switch {
	case !believed:
	case t.better == explains:
		ch.Verdict = result.Changed
	case !worse:
		ch.Verdict = result.Improvement
	case ch.Ratio != nil && math.Abs(*ch.Ratio) <= c.out.Tolerance:
		ch.Verdict = result.Tolerated
	default:
		ch.Verdict = result.Regression
	}
}
