package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/internal/study"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/topologies"
)

// planFiles are the files of a plan's report.
var planFiles = []string{"plan.json", "plan.csv", "plan.html"}

func planCommand(a *app) *cobra.Command {
	var in inputFlags
	var out outputFlags
	var vary []string // read by commandLine, with their places
	most := 0
	cmd := &cobra.Command{
		Use: "plan FILE", Short: "finds the cheapest design that meets the objectives, such as 1 to 32 instances of several types",
		Long: "Finds, among the designs of [plan] in FILE, the cheapest that meets all objectives at\n" +
			"the headroom that [plan] asks for, and during each of the faults that it must survive.\n" +
			"A --vary takes the place of what vary has for the same path, or is added.\n\n" +
			"What each design costs is known beforehand. Queueing theory rules out what cannot keep\n" +
			"up, a design that fails speaks for all that have less of everything, and the rest is\n" +
			"simulated, the cheapest first, until no cheaper one is left. The answer names the\n" +
			"winner and its margins, why each neighbour is not it, and the front of cost, p99 and\n" +
			"availability. The exit status is 1 if no design meets the objectives.",
		Example: "capsim plan shop.toml\n" +
			"capsim plan shop.toml --vary server.app.instances=1..32 --vary server.app.type=aws:m7i.large,aws:m7i.xlarge\n" +
			"capsim plan shop.toml --set plan.load=1.5 --set 'plan.survive=[\"kill app[0]\"]' --format json --out -",
		RunE: func(*cobra.Command, []string) error { return a.plan(&in, &out, most) },
	}
	cmd.ValidArgsFunction = completeFiles
	cmd.Flags().StringArrayVar(&vary, "vary", nil, "vary a value, as `PATH=VALUES`: server.app.instances=1..8 (repeatable)")
	cmd.Flags().IntVar(&most, "most", study.PlanMost, "simulate at most `N` designs")
	in.bind(cmd, true)
	out.bind(cmd)
	out.bindCharts(cmd)
	return cmd
}

func (a *app) plan(in *inputFlags, out *outputFlags, most int) error {
	j := a.job("plan", 1, in, out)
	if most < 1 {
		complaints{&a.line, j.report}.add("--most", "", "must be at least 1, got %d", most)
	}
	if !j.named() {
		return j.refuse()
	}
	choice := a.choiceOf(j.files, j.names[0], in.design, j.options, j.report)
	j.checkFiles(planFiles)
	done, err := j.begin()
	if err != nil {
		return err
	}
	defer done()

	space := choice.plan()
	space.Most = most
	var p *result.Plan
	err = j.simulate(1, func(o study.Options) (err error) {
		p, err = study.Plan(space, o)
		return err
	})
	switch {
	case errors.Is(err, study.ErrNoDesign):
		choice.file.CheckPoints(choice.design, choice.space, j.report, nil)
		return j.refuse()
	case broken(err):
		return err
	case p == nil:
		return &exitError{j.caught.status(), errors.New("interrupted before a design was decided; there are no figures")}
	}
	return conclude(j, &planForms, p, planForms.files(planFiles, p), planEnded(err, j.caught, p, in.strict))
}

// planEnded is the exit status of a plan.
func planEnded(err error, caught *interrupt, p *result.Plan, strict bool) error {
	switch {
	case err != nil:
		return &exitError{caught.status(), fmt.Errorf("interrupted; %d designs had been simulated, and cheaper ones may be left", len(p.Simulated))}
	case p.Winner == nil && p.Counts.Unsettled > 0:
		return &exitError{exitLimit, fmt.Errorf("none of the %d designs simulated meets the objectives, and %d were not looked at: --most lets more be simulated", len(p.Simulated), p.Counts.Unsettled)}
	case p.Winner == nil:
		return &exitError{status: exitMissed}
	case p.Counts.Unsettled > 0:
		return &exitError{exitLimit, fmt.Errorf("%d designs that may be cheaper were not looked at: --most lets more be simulated", p.Counts.Unsettled)}
	case strict && undecidedPlan(p.Winner):
		return &exitError{status: exitMissed}
	}
	return nil
}

// undecidedPlan reports whether something about a winner is open.
func undecidedPlan(w *result.PlanDesign) bool {
	for i := range w.Cases {
		for k := range w.Cases[i].Objectives {
			if w.Cases[i].Objectives[k].Verdict == result.Undecided {
				return true
			}
		}
	}
	return !w.Separated
}

// choice is a file and the designs to choose among.
type choice struct {
	file   *topologies.File // at the load of the plan
	design string
	asked  *topologies.Plan
	space  *topologies.Space
	first  *node.Spec
	load   float64 // the multiple of the file's traffic, of the plan and of --load
}

// choiceOf loads a file and checks every design of its plan. The choice has no
// space if the report has errors.
func (a *app) choiceOf(files *diskFiles, name, design string, o topologies.Options, report *kind.Report) choice {
	loaded, found := topologies.Load(files, name, o)
	report.Merge(found)
	if loaded == nil {
		return choice{}
	}
	c := choice{design: a.knownDesign(loaded, design, report)}
	c.asked = loaded.Planned(c.design, report)
	c.space = loaded.PlanSpace(c.asked, a.line.vary, report)
	if c.space == nil {
		return c
	}
	if design != "" && c.space.Varies(topologies.DesignKey) {
		complaints{&a.line, report}.add("--design", "leave out one of them", "the design is varied too")
	}
	c.file, c.load = loaded.AtLoad(c.asked.Load), c.asked.Load*o.Load
	c.file.CheckEnds(c.design, c.space, report) // the combinations are, when they are priced
	if report.Failed() {
		return c
	}
	for k := range c.asked.Survive {
		c.file.Struck(c.asked, k).CheckEnds(c.design, c.space, report)
	}
	c.first, _ = c.file.Point(c.design, c.space.At(0))
	if c.first != nil && len(c.first.Objectives) == 0 {
		report.Add(kind.Diagnostic{Code: "E203", Pos: kind.Pos{File: name, Line: 1, Col: 1}, Key: "objectives",
			Message: "the file has no objectives, so any design is good enough", Hint: `for example objectives = ["shoppers p99 < 400ms", "shoppers errors < 0.1%"]`})
	}
	return c
}

// plan is what is to be decided.
func (c choice) plan() study.PlanSpace {
	p := study.PlanSpace{
		Title: c.first.Title, Design: c.design, Seed: c.first.Run.Seed, Load: c.load, Survive: c.asked.Survive, Points: c.space.Len(),
	}
	for i := range c.space.Dimensions {
		p.Dimensions = append(p.Dimensions, dimensionOf(&c.space.Dimensions[i]))
	}
	p.Spec = func(point int) *node.Spec { return c.at(c.file, point) }
	struck := make([]*topologies.File, len(c.asked.Survive))
	for k := range struck {
		struck[k] = c.file.Struck(c.asked, k)
	}
	p.Struck = func(point, fault int) *node.Spec { return c.at(struck[fault], point) }
	return p
}

// at makes the specification of a design, nil if its values do not go
// together.
func (c choice) at(f *topologies.File, point int) *node.Spec {
	spec, _ := f.Point(c.design, c.space.At(point))
	return spec
}
