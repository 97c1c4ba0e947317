package study

import (
	"cmp"
	"math"
	"slices"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim/stats"
)

// WhatIfPercent is by how much each resource is made better in turn: enough to
// be seen, and little enough for the bottleneck to stay where it is.
const WhatIfPercent = 10

// WhatIfRuns is how many replications WhatIf simulates of a design.
func WhatIfRuns(spec *node.Spec) int {
	return spec.Run.Replications * (1 + len(spec.Fasters(WhatIfPercent)))
}

// WhatIf simulates designs as they are, and then again with each of their
// resources a little better, under the same customers and after the same
// warm-up. The idea is that of causal profiling (C. Curtsinger and E. D.
// Berger, "Coz: Finding Code that Counts with Causal Profiling", SOSP 2015);
// where they slow everything else down, a simulator can do what it says.
//
// Stopped early, it returns what had been finished with node.ErrStopped.
func WhatIf(specs []*node.Spec, opt Options) (*result.WhatIf, error) {
	w := &result.WhatIf{
		Schema: result.WhatIfSchema, Version: opt.Version, Title: specs[0].Title,
		Percent: WhatIfPercent, Designs: []result.WhatIfDesign{},
	}
	done, total := 0, 0
	for _, s := range specs {
		total += WhatIfRuns(s)
	}
	for _, s := range specs {
		part := opt
		if opt.Progress != nil {
			part.Progress = func(k, _ int) { opt.Progress(min(done+k, total), total) }
		}
		d, err := whatIf(s, part)
		if d != nil {
			w.Designs = append(w.Designs, *d)
		}
		if err != nil {
			w.Truncated = true
			return w, err
		}
		done += WhatIfRuns(s)
	}
	return w, nil
}

// whatIf is what each resource of a design is worth.
func whatIf(spec *node.Spec, opt Options) (*result.WhatIfDesign, error) {
	base, err := runAll([]*node.Spec{spec}, opt)
	if len(base) == 0 {
		return nil, err
	}
	d := &result.WhatIfDesign{
		Design: spec.Design, Baseline: base[0].Result, Resources: []result.Worth{},
	}
	if err != nil {
		return d, err
	}
	before := base[0].figures
	n := len(before.snaps)
	p := &ticker{show: opt.Progress, done: n, total: WhatIfRuns(spec)}
	var worths []worth
	for _, faster := range before.spec.Fasters(WhatIfPercent) {
		after := newFigures(faster.Spec)
		if err = after.replicate(n, opt, p); err != nil {
			break // the replications that it has are no match for all of the baseline's
		}
		worths = append(worths, worthOf(before, after, &faster, d.Baseline))
	}
	judgeWorths(worths)
	for _, x := range worths {
		d.Resources = append(d.Resources, x.Worth)
	}
	return d, err
}

// worth is a result.Worth, and what its tests are made from.
type worth struct {
	result.Worth
	benefits []float64   // by replication
	effects  [][]float64 // of each effect, its differences by replication
}

// worthOf compares a design with a better resource with what it is.
func worthOf(before, after *figures, f *node.Faster, r *result.Result) worth {
	w := worth{Worth: result.Worth{Node: f.Node, Resource: f.Resource, Change: f.Change, Effects: []result.Effect{}}}
	if n := r.Nodes[f.Node]; n != nil && n.Resources[f.Resource] != nil {
		w.Utilization = n.Resources[f.Resource].Utilization.Mean
	}
	offered := 0.0
	for _, c := range before.snaps[0].Clients {
		offered += float64(r.Clients[before.spec.Nodes[c.Node].Name].Offered)
	}
	w.benefits = make([]float64, len(before.snaps))
	for _, c := range before.snaps[0].Clients {
		name := before.spec.Nodes[c.Node].Name
		client := r.Clients[name]
		share := float64(client.Offered) / max(offered, 1)
		latency := "latency_s.p99"
		if client.LatencyS["p99"].Mean == nil {
			latency = "latency_s.mean"
		}
		for _, fig := range compared {
			if fig.kind != node.Client || fig.metric == "latency_s.p50" {
				continue
			}
			a, b := fig.of(before, c.Node), fig.of(after, c.Node)
			switch fig.metric {
			case latency:
				w.add(a, b, -share)
			case "throughput_rps":
				w.add(a, b, share)
			}
			w.effect(name, fig.metric, a, b, client)
		}
	}
	mean, half, ok := stats.Interval(w.benefits)
	w.Benefit.Mean = &mean
	if ok {
		w.Benefit.HalfWidth = &half
	}
	return w
}

// add counts the change of a figure, as a share of what it is on average, for
// the benefit of each replication.
func (w *worth) add(a, b sample, weight float64) {
	values := a.values()
	mean, _, _ := stats.Interval(values)
	if !(mean > 0) {
		return
	}
	for k := range w.benefits {
		if a.den[k] > 0 && b.den[k] > 0 {
			w.benefits[k] += float64(weight * ((b.num[k]/b.den[k] - a.num[k]/a.den[k]) / mean))
		}
	}
}

// effect notes how a figure of a client differs. A percentile that the
// baseline has too few samples for has no effect to tell.
func (w *worth) effect(client, metric string, a, b sample, r *result.Client) {
	now := clientFigure(r, metric)
	e := result.Effect{Client: client, Metric: metric, Baseline: now}
	var d []float64
	if now.Mean == nil {
		e.Difference.Note = now.Note
	} else {
		e.Difference = paired(a, b)
		for k := range a.num {
			if a.den[k] > 0 && b.den[k] > 0 {
				d = append(d, b.num[k]/b.den[k]-a.num[k]/a.den[k])
			}
		}
	}
	w.Effects, w.effects = append(w.Effects, e), append(w.effects, d)
}

// clientFigure is an estimate of a client by its path in the document.
func clientFigure(r *result.Client, metric string) result.Estimate {
	switch metric {
	case "throughput_rps":
		return r.ThroughputRPS
	case "error_ratio":
		return r.ErrorRatio
	case "latency_s.mean":
		return r.LatencyS["mean"]
	}
	return r.LatencyS["p99"]
}

// chance is the probability that noise alone makes a mean difference as large.
// sure says that there is no noise, or nothing to know of it: then the mean
// decides, as the point does where there is one replication.
func chance(d []float64) (p, err, df, mean float64, sure bool) {
	mean, half, ok := stats.Interval(d)
	if !ok || half == 0 {
		return 0, 0, 0, mean, true
	}
	err, df = stats.StandardErrorOf(half, len(d)), float64(len(d)-1)
	return stats.TwoSided(mean/err, df), err, df, mean, false
}

// whatIfLevel is the chance of any false finding among the benefits of a
// design, and of any among its effects.
const whatIfLevel = 0.05

// judgeWorths gives the resources their verdicts, all together, and puts the
// one that helps most first.
func judgeWorths(worths []worth) {
	family := newFamily(whatIfLevel)
	effects := newFamily(whatIfLevel)
	for i := range worths {
		w := &worths[i]
		family.test(w.benefits, func(believed bool, p, visible *float64) {
			w.P, w.Visible, w.Verdict = p, visible, w.verdict(believed)
		})
		for k := range w.effects {
			effects.test(w.effects[k], func(believed bool, _, _ *float64) { w.Effects[k].Significant = believed })
		}
	}
	family.settle()
	effects.settle()
	slices.SortStableFunc(worths, func(a, b worth) int {
		return cmp.Or(cmp.Compare(order[a.Verdict], order[b.Verdict]), cmp.Compare(*b.Benefit.Mean, *a.Benefit.Mean))
	})
}

// order is how the verdicts stand.
var order = map[string]int{result.Helps: 0, result.Hurts: 1, result.NotSeen: 2, result.NoEffect: 3}

func (w *worth) verdict(believed bool) string {
	switch {
	case believed && *w.Benefit.Mean > 0:
		return result.Helps
	case believed:
		return result.Hurts
	case w.unmoved():
		return result.NoEffect
	}
	return result.NotSeen
}

// unmoved reports whether nothing differs in any replication.
func (w *worth) unmoved() bool {
	return !slices.ContainsFunc(w.effects, func(d []float64) bool {
		return slices.ContainsFunc(d, func(x float64) bool { return x != 0 })
	})
}

// family is tests that are believed together (Holm). Differences without any
// noise are no tests.
type family struct {
	level float64
	p     []float64
	tests []familyTest
}

type familyTest struct {
	p, err, df float64
	tell       func(believed bool, p, visible *float64)
}

func newFamily(level float64) *family { return &family{level: level} }

// test takes the differences of a figure by replication; tell gets the answer.
func (f *family) test(d []float64, tell func(believed bool, p, visible *float64)) {
	if len(d) == 0 {
		tell(false, nil, nil)
		return
	}
	p, err, df, mean, sure := chance(d)
	if sure {
		tell(mean != 0 && !math.IsNaN(mean), nil, nil)
		return
	}
	f.p, f.tests = append(f.p, p), append(f.tests, familyTest{p, err, df, tell})
}

func (f *family) settle() {
	believed := stats.Holm(f.p, f.level)
	left := len(f.p)
	for _, yes := range believed {
		if yes {
			left--
		}
	}
	for i := range f.tests {
		t := &f.tests[i]
		visible := float64(stats.Reach(f.level/float64(max(left, 1)), t.df) * t.err)
		t.tell(believed[i], &t.p, &visible)
	}
}
