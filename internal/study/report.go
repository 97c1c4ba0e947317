package study

import (
	"errors"
	"slices"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
)

// ReportPlan is what a report is made of. A part that is nil is left out;
// Missing says why.
type ReportPlan struct {
	Spec    *node.Spec
	Stress  *StressPlan
	Drills  *DrillPlan
	Designs *ComparePlan
	Missing []result.MissingPart

	// Watch is told of each part that begins, and about how many simulations it
	// takes; it returns who is told of its progress, and of its end. nil:
	// nobody.
	Watch func(part string, about int) (show func(done, total int), end func())
}

// todayPart is the first part, which is always there.
const todayPart = "today"

// Report simulates a design as it is today, searches for the load that it
// holds, lets everything that can break do so, and compares it with the other
// designs. Stopped early it returns what was finished, marked as truncated,
// with node.ErrStopped; nil if nothing was. A limit that a later part comes to
// leaves that part out.
func Report(p ReportPlan, opt Options) (*result.Report, error) {
	x := &reporting{plan: p, opt: opt}
	err := x.part(todayPart, p.Spec.Run.Replications, func(opt Options) (err error) {
		r, err := Run(p.Spec, opt)
		if r != nil {
			x.out = reportOf(r)
			x.out.Missing = append(x.out.Missing, p.Missing...)
		}
		return err
	})
	if x.out == nil {
		return nil, err
	}
	for _, part := range x.parts() {
		switch {
		case part.study == nil:
		case err != nil:
			x.missing(part.name, "the report was interrupted before it was looked at")
		default:
			err = x.later(part)
		}
	}
	if err != nil && !errors.Is(err, node.ErrStopped) {
		return nil, err
	}
	x.out.Truncated = err != nil
	x.runway()
	return x.out, err
}

func reportOf(r *result.Result) *result.Report {
	return &result.Report{
		Schema: result.ReportSchema, Version: r.Version, Title: r.Title, Design: r.Design,
		Missing: []result.MissingPart{}, Runway: []result.Growth{}, Result: r,
	}
}

// reporting is a report under way.
type reporting struct {
	plan ReportPlan
	opt  Options
	out  *result.Report
}

// reportPart is a part after the first; its study is nil where it is left out.
type reportPart struct {
	name  string
	about int
	study func(Options) error
}

func (x *reporting) parts() []reportPart {
	p := x.plan
	all := []reportPart{{name: result.HeadroomPart}, {name: result.FailuresPart}, {name: result.DesignsPart}}
	if p.Stress != nil {
		all[0].about = 20 * p.Stress.Spec.Run.Replications
		all[0].study = func(opt Options) (err error) {
			x.out.Stress, err = Stress(*p.Stress, opt)
			return err
		}
	}
	if p.Drills != nil {
		all[1].about = (1 + len(p.Drills.Spec.Faults)) * p.Drills.Spec.Run.Replications
		all[1].study = func(opt Options) (err error) {
			x.out.Drill, err = Drill(*p.Drills, opt)
			return err
		}
	}
	if p.Designs != nil {
		all[2].about = len(p.Designs.Specs) * p.Spec.Run.Replications
		all[2].study = func(opt Options) (err error) {
			x.out.Comparison, err = CompareDesigns(*p.Designs, opt)
			if c := x.out.Comparison; c != nil && len(c.Designs) == 0 {
				x.out.Comparison = nil
			}
			return err
		}
	}
	return all
}

// part makes one part, watched.
func (x *reporting) part(name string, about int, study func(Options) error) error {
	opt := x.opt
	opt.Progress = nil
	if x.plan.Watch != nil {
		show, end := x.plan.Watch(name, about)
		defer end()
		opt.Progress = show
	}
	return study(opt)
}

// later makes a part after the first. What it had when it was stopped is kept.
func (x *reporting) later(p reportPart) error {
	err := x.part(p.name, p.about, p.study)
	var limit *node.LimitError
	switch {
	case errors.As(err, &limit):
		x.missing(p.name, "a limit was reached: "+limit.Error())
		return nil
	case errors.Is(err, node.ErrStopped) && x.lacks(p.name):
		x.missing(p.name, "the report was interrupted before any of it was finished")
	}
	return err
}

func (x *reporting) lacks(part string) bool {
	switch part {
	case result.HeadroomPart:
		return x.out.Stress == nil
	case result.FailuresPart:
		return x.out.Drill == nil
	}
	return x.out.Comparison == nil
}

func (x *reporting) missing(part, why string) {
	x.out.Missing = append(x.out.Missing, result.MissingPart{Part: part, Why: why})
}

// usualGrowths are the rates for which a report tells how long the headroom
// lasts, whatever the traffic really does.
var usualGrowths = []GrowthPlan{{Rate: 0.02, Period: "month"}, {Rate: 0.05, Period: "month"}, {Rate: 0.10, Period: "month"}}

// runway tells when growth uses the headroom up.
func (x *reporting) runway() {
	s := x.out.Stress
	switch {
	case s == nil:
		x.missing(result.RunwayPart, "without the load that is held there is nothing to grow into")
	case s.Interrupted():
		x.missing(result.RunwayPart, "the search for the load that is held was interrupted")
	case s.Held.Mean == nil && s.HeldAt != nil:
		x.missing(result.RunwayPart, "no limit was found, so there is no date for it")
	case s.Held.Mean == nil:
		x.missing(result.RunwayPart, "no load is held, today's neither")
	case *s.Held.Mean < 1:
		x.missing(result.RunwayPart, "today's load is more than it holds already")
	default:
		asked := x.plan.Stress.Growth
		if asked != nil {
			x.out.Runway = append(x.out.Runway, *growthTo(*asked, s.Held.Mean, s.Low, s.High))
		}
		for _, g := range usualGrowths {
			if asked == nil || g != *asked {
				x.out.Runway = append(x.out.Runway, *growthTo(g, s.Held.Mean, s.Low, s.High))
			}
		}
	}
	slices.SortStableFunc(x.out.Missing, func(a, b result.MissingPart) int { return partOrder(a.Part) - partOrder(b.Part) })
}

// partOrder is where a part stands in a report.
func partOrder(part string) int {
	return slices.Index([]string{result.HeadroomPart, result.FailuresPart, result.RunwayPart, result.DesignsPart}, part)
}
