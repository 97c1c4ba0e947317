package study

import (
	"errors"
	"slices"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim/portable"
)

// How sure a plan is, and of what.
const (
	planDoubt    = 0.05 // that any decision is wrong by more than the zone
	indifference = 0.01 // of an objective: nearer to it, either answer is right
	planLooks    = 4    // after each of which there are twice as many replications
	planFewest   = 3    // replications at the first look
	planMost     = 100  // and at the last
)

// race decides by simulation whether a design is feasible.
//
// It is a sequential test of feasibility in the presence of several
// constraints (the problem of Batur and Kim, Finding feasible systems in the
// presence of constraints on multiple performance measures, ACM TOMACS 20(3),
// 2010), by repeated confidence intervals (Jennison and Turnbull, Group
// Sequential Methods with Applications to Clinical Trials, 2000, chapter 9):
// after n, 2n, 4n … replications, n being those of the file, the Student t
// interval of each objective's figure is looked at. The design is
//
//   - rejected as soon as one of them lies beyond its objective (those of times
//     on a logarithmic scale),
//   - accepted as soon as all of them lie within,
//   - decided by the figures themselves where the interval is narrower than
//     the indifference zone, or after the last look; then it is said not to be
//     separated.
//
// The levels add up to the doubt of the whole plan (Bonferroni): design number
// j that is raced has 1/(j(j+1)) of it, which adds up to 1 however many there
// are; each look an equal part of that; and to reject, each objective an equal
// part again. To accept, all must be within, and no part is needed (the
// intersection-union test: Berger, Multiparameter hypothesis testing and
// acceptance sampling, Technometrics 24, 1982). The designs see the same
// customers, which Bonferroni's inequality does not mind.
type race struct {
	cases []raceCase
	ended bool
	bad   []blame
	asked []int // of the limits, by dimension; nil: it was not seen to the end
}

// raceCase is the design without a fault, or during one.
type raceCase struct {
	what    string
	f       *figures
	limit   string
	sides   []side // by objective
	settled bool
	values  [][]float64 // by objective and replication
	pooled  []float64   // by objective
}

// side is where a figure lies.
type side uint8

const (
	unclear side = iota
	within
	beyond
	close2within // not separated: the figure itself decides
	close2beyond
	absent // it has no figure, and none can be asked for
)

func (s side) good() bool { return s == within || s == close2within || s == absent }
func (s side) bad() bool  { return s == beyond || s == close2beyond }

// feasible reports whether all is within.
func (r *race) feasible() bool {
	for i := range r.cases {
		if c := &r.cases[i]; c.limit != "" || !c.settled || c.failed() {
			return false
		}
	}
	return true
}

// separated reports whether the answer is one that the test gave, and not the
// figure alone.
func (r *race) separated() bool {
	loose := false
	for i := range r.cases {
		c := &r.cases[i]
		if c.limit != "" {
			return true
		}
		for _, s := range c.sides {
			if s == beyond {
				return true
			}
			loose = loose || s == close2within || s == close2beyond
		}
	}
	return !loose
}

func (c *raceCase) failed() bool {
	for _, s := range c.sides {
		if s.bad() {
			return true
		}
	}
	return false
}

// looks are the numbers of replications after which there is a look.
func looks(replications int) []int {
	var list []int
	n := min(max(replications, planFewest), planMost)
	for range planLooks {
		list = append(list, n)
		if n == planMost {
			break
		}
		n = min(2*n, planMost)
	}
	return list
}

// race simulates a design until it is decided, or has been looked at so many
// times.
func (s *planning) race(point, most int) (*race, error) {
	r, err := s.start(point)
	if err != nil {
		return nil, err
	}
	number := float64(len(s.tried) + 1)
	list := looks(r.cases[0].f.spec.Run.Replications)
	list = list[:min(most, len(list))]
	other := s.counterpart(point)
	accept := planDoubt / (number * (number + 1)) / float64(len(list))
	if other != nil {
		if list[0] > pairsFewest {
			list = slices.Insert(list, 0, pairsFewest)
		}
		accept = planDoubt / (number * (number + 1)) / float64(2*len(list)) // each look is two tests
	}
	reject := accept
	if n := len(r.cases[0].f.spec.Objectives) * (1 + len(s.plan.Survive)); n > 1 {
		reject /= float64(n)
	}
	order := s.likelyFirst(len(r.cases))
	for k, n := range list {
		for _, i := range order {
			c := &r.cases[i]
			if c.settled || r.ended {
				continue
			}
			if err := s.lap(c, n); err != nil {
				return nil, err
			}
			var beside *raceCase
			if other != nil && i < len(other.cases) {
				beside = &other.cases[i]
			}
			c.judge(beside, accept, reject, k == len(list)-1)
			r.ended = c.limit != "" || c.failed()
			if c.limit != "" {
				r.asked = nil
			}
			if r.ended {
				s.likely = i
			}
		}
		if r.ended || r.feasible() {
			break
		}
	}
	r.bad = s.blames(r)
	return r, nil
}

// likelyFirst is the order in which the cases of a design are simulated: the one
// that the last design failed in comes first, since this one may too, and is
// then not simulated in the others.
func (s *planning) likelyFirst(cases int) []int {
	var order []int
	for i := range cases {
		order = append(order, i)
	}
	if s.likely > 0 && s.likely < cases {
		order = slices.Insert(slices.Delete(order, s.likely, s.likely+1), 0, s.likely)
	}
	return order
}

// show simulates a design as run would, without deciding anything.
func (s *planning) show(point int) (*race, error) {
	r, err := s.start(point)
	if err != nil {
		return nil, err
	}
	r.cases = r.cases[:1]
	c := &r.cases[0]
	if err := s.lap(c, looks(c.f.spec.Run.Replications)[0]); err != nil {
		return nil, err
	}
	c.judge(nil, 0.025, 0.025, true)
	return r, nil
}

// start lays out the cases of a design. All have the warm-up of the design
// without a fault.
func (s *planning) start(point int) (*race, error) {
	base := s.spec(point, -1)
	r := &race{cases: []raceCase{{f: newFigures(base)}}, asked: make([]int, len(s.plan.Dimensions))}
	if err := s.pilot(r, base); err != nil || r.cases[0].limit != "" {
		return r, err
	}
	for k, what := range s.plan.Survive {
		struck := s.spec(point, k)
		if struck == nil {
			return nil, ErrNoDesign
		}
		struck.Run.Warmup = base.Run.Warmup
		r.cases = append(r.cases, raceCase{what: what, f: newFigures(struck)})
	}
	for i := range r.cases {
		f := r.cases[i].f
		f.keep = func(one *node.Snapshot) { s.asks(r, f.spec, one.Asked) }
	}
	return r, nil
}

// lap brings a case to so many replications.
func (s *planning) lap(c *raceCase, n int) error {
	if c.limit != "" {
		return nil
	}
	before := len(c.f.snaps)
	err := c.f.replicate(n, s.opt.quietly(), &ticker{})
	s.jobs += len(c.f.snaps) - before
	if s.opt.Progress != nil {
		s.opt.Progress(len(s.tried), min(s.plan.Most, len(s.tried)+1+len(s.tried)/4))
	}
	var limit *node.LimitError
	if errors.As(err, &limit) {
		c.limit = limit.Error()
		return nil
	}
	return err
}

// quietly is the same without anybody watching.
func (o Options) quietly() Options {
	o.Progress = nil
	return o
}

// judge looks where each figure lies, by itself and by the same case of a design
// that is much like it, which may be nil.
func (c *raceCase) judge(other *raceCase, accept, reject float64, last bool) {
	if c.limit != "" {
		return
	}
	c.sides = make([]side, len(c.f.spec.Objectives))
	c.settled = true
	c.extend()
	for k := range c.sides {
		c.sides[k] = c.f.sideOf(&c.f.spec.Objectives[k], accept, reject, last)
		if s := c.sides[k]; other != nil && len(other.sides) > 0 && s != within && s != beyond && s != absent {
			if paired := c.pairedSide(other, k, accept, reject); paired != unclear {
				c.sides[k] = paired
			}
		}
		c.settled = c.settled && c.sides[k] != unclear
	}
}

// sideOf says where a figure lies, with the levels to accept and to reject,
// each of one side.
func (f *figures) sideOf(o *node.Objective, accept, reject float64, last bool) side {
	j := f.judge(o)
	e := j.Actual
	if e.Mean == nil {
		switch {
		case j.Verdict == result.Missed:
			return beyond
		case e.Note == noFault, e.Note == noPrice, e.Note == "no requests", last:
			return absent
		}
		return unclear
	}
	if n := len(f.snaps); e.HalfWidth != nil && n > 1 {
		once := *e.HalfWidth / portable.StudentTQuantile(0.975, float64(n-1)) // the standard error
		half := func(level float64) float64 { return float64(once * portable.StudentTQuantile(1-level, float64(n-1))) }
		if lies(e, half(reject), o) == beyond {
			return beyond
		}
		if lies(e, half(accept), o) == within {
			return within
		}
		if half(accept) > zone(o) && !last {
			return unclear
		}
	}
	if holds(*e.Mean, o.Compare, o.Value) {
		return close2within
	}
	return close2beyond
}

// lies says on which side of an objective all of an interval lies. Times vary
// by factors, and are compared on a logarithmic scale: of those of a busy system
// the distribution is so skew that few replications would tell little else.
func lies(e result.Estimate, half float64, o *node.Objective) side {
	low, high := *e.Mean-half, *e.Mean+half
	if isTime(o) && *e.Mean > 0 {
		factor := portable.Exp(half / *e.Mean)
		low, high = *e.Mean/factor, float64(*e.Mean*factor)
	}
	switch a, b := holds(low, o.Compare, o.Value), holds(high, o.Compare, o.Value); {
	case a && b:
		return within
	case !a && !b:
		return beyond
	}
	return unclear
}

// isTime reports whether an objective is about a time.
func isTime(o *node.Objective) bool {
	return o.Quantile > 0 || o.Metric == "mean" || o.Metric == "max" || o.Metric == "recovery"
}

// zone is the indifference zone of an objective: a hundredth of its value, or
// of what lacks to 1 where that is what it allows.
func zone(o *node.Objective) float64 {
	if isShare(o.Metric) && o.Value < 1 {
		return float64(indifference * (1 - o.Value))
	}
	return float64(indifference * o.Value)
}
