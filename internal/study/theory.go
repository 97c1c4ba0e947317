package study

import (
	"math"

	"github.com/capsim/capsim/internal/estimate"
	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim/portable"
)

// theory puts what queueing theory says of each node beside what was
// simulated.
func (f *figures) theory(r *result.Result) {
	if why := f.transient(); why != "" {
		for _, n := range f.spec.Nodes {
			if x := r.Nodes[n.Name]; x != nil {
				x.Theory = &result.Theory{Note: why}
			}
		}
		return
	}
	e := estimate.Of(f.spec)
	for i := range e.Nodes {
		n := &e.Nodes[i]
		r.Nodes[f.spec.Nodes[n.Node].Name].Theory = theoryOf(&f.spec.Nodes[n.Node], n)
	}
}

// transient is why a run has no steady state for theory to speak of, "" if it
// may have one.
func (f *figures) transient() string {
	s := f.spec
	switch {
	case len(s.Faults) > 0:
		return "theory is of a steady state: here faults come"
	case len(s.Deploys) > 0:
		return "theory is of a steady state: here something is replaced"
	}
	for i := range s.Nodes {
		n := &s.Nodes[i]
		switch {
		case n.Server != nil && n.Server.Autoscale != nil:
			return "theory is of a steady state: here the number of instances follows the load"
		case n.Client != nil && n.Client.Open != nil && !n.Client.Open.Stationary():
			return "theory is of a steady state: here the load changes, or comes from a trace"
		case n.Client != nil && n.Client.Closed != nil && len(n.Client.Closed.Ramps) > 0:
			return "theory is of a steady state: here the number of users changes"
		}
	}
	return ""
}

// theoryOf is what theory says of one node.
func theoryOf(spec *node.Node, n *estimate.Node) *result.Theory {
	t := &result.Theory{Exact: n.Response.Exact, Note: n.Why}
	if u := n.Utilization; !math.IsNaN(u) {
		t.Utilization = &u
	}
	switch m := n.Response.Mean; {
	case n.Arrivals == 0:
		t.Utilization, t.Exact, t.Note = nil, false, "nobody asks it for anything"
	case spec.Queue != nil:
		t.Exact, t.Note = false, "a broker: theory speaks of its consumer"
	case math.IsNaN(m):
		t.Exact, t.Note = false, "theory has no mean for it"
	case math.IsInf(m, 1):
		t.Exact, t.Note = false, "more is asked than it, or what it waits for, can do: there is no steady state"
	default:
		t.ResponseMeanS = &m
	}
	return t
}

// warnTheory warns of nodes for which theory is exact and the simulation says
// something else: the run is too short for its own intervals, or one of the
// two is wrong.
func (f *figures) warnTheory(r *result.Result, add func(code, format string, args ...any)) {
	for i := range f.spec.Nodes {
		n := r.Nodes[f.spec.Nodes[i].Name]
		if n == nil || n.Theory == nil || !n.Theory.Exact {
			continue
		}
		if t := n.Theory.ResponseMeanS; t != nil && f.disagree(n.ResponseS["mean"], *t) {
			add("W912", "%s: its simulated mean response is %.4g ± %.2g ms and theory, which is exact here, says %.4g ms: the run may be too short",
				f.spec.Nodes[i].Name, 1e3**n.ResponseS["mean"].Mean, 1e3**n.ResponseS["mean"].HalfWidth, 1e3**t)
		}
	}
}

// disagree reports whether an estimate is farther from the truth than chance
// explains: beyond the interval that all but one in 16,000 hold (four standard
// errors of many replications), and by more than 1 %.
func (f *figures) disagree(e result.Estimate, truth float64) bool {
	if e.Mean == nil || e.HalfWidth == nil || len(f.snaps) < 2 {
		return false
	}
	df := float64(len(f.snaps) - 1)
	wide := *e.HalfWidth * portable.StudentTQuantile(1-chance/2, df) / portable.StudentTQuantile(0.975, df)
	off := math.Abs(*e.Mean - truth)
	return off > wide && off > 0.01*truth
}

// chance is how likely a normal figure is to be farther than four standard
// errors from the truth.
const chance = 6.33e-5
