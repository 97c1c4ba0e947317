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

// sweepFiles are the files of a sweep's report; the last is what --resume
// reads.
var sweepFiles = []string{"sweep.json", "sweep.csv", "sweep.html", "sweep.journal"}

func sweepCommand(a *app) *cobra.Command {
	var in inputFlags
	var out outputFlags
	var vary []string // read by commandLine, with their places
	resume := false
	cmd := &cobra.Command{
		Use: "sweep FILE", Short: "simulates every point of a grid, such as 1 to 16 instances at loads from 0.5 to 2",
		Long: "Simulates the topology in FILE at every combination of the values of [sweep] and of\n" +
			"--vary, under the same customers, and prints a row for each. A --vary takes the place\n" +
			"of what [sweep] has for the same path, or is added. PATH is what --set takes, or load,\n" +
			"or design. VALUES are a list (1,2,4), a range (1..16, \"0.25..2 step 0.25\", \"1..64 x2\")\n" +
			"or a list as TOML writes it. The last path changes first.\n\n" +
			"Finished points are kept in the folder of the report. After a kill, --resume goes on\n" +
			"with those that are missing; the report is the same as that of one sweep.\n\n" +
			"A sweep explores: points that miss an objective do not change the exit status, unless\n" +
			"with --strict.",
		Example: "capsim sweep shop.toml --vary server.app.instances=1,2,4,8 --vary \"load=0.25..2 step 0.25\"\n" +
			"capsim sweep shop.toml --resume\n" +
			"capsim sweep shop.toml --vary load=1..4 --format csv --out -",
		RunE: func(*cobra.Command, []string) error { return a.sweep(&in, &out, resume) },
	}
	cmd.ValidArgsFunction = completeFiles
	cmd.Flags().StringArrayVar(&vary, "vary", nil, "vary a value, as `PATH=VALUES`: server.app.instances=1..8 (repeatable)")
	cmd.Flags().BoolVar(&resume, "resume", false, "go on with the sweep that was begun in the folder of the report")
	in.bind(cmd, true)
	out.bind(cmd)
	out.bindCharts(cmd)
	return cmd
}

func (a *app) sweep(in *inputFlags, out *outputFlags, resume bool) error {
	j := a.job("sweep", 1, in, out)
	if !j.named() {
		return j.refuse()
	}
	if resume && j.dir == "" {
		complaints{&a.line, j.report}.add("--resume", "give a folder: --out DIR", "needs the folder of a report, and --out - has none")
	}
	grid := a.gridOf(j.files, j.names[0], in.design, j.options, out.quiet, j.report)
	j.checkFiles(sweepFiles)
	done, err := j.begin()
	if err != nil {
		return err
	}
	defer done()

	points := &journal{dir: j.dir, head: grid.head(j.options, j.files.digest())}
	kept, err := a.openJournal(points, resume, j.report)
	if err != nil {
		return err
	}
	defer points.close()
	plan := grid.plan()
	plan.Kept, plan.Keep = kept, points.keep
	var s *result.Sweep
	err = j.simulate(plan.Points, func(o study.Options) (err error) {
		s, err = study.Sweep(plan, o)
		return err
	})
	ended := sweepStopped(err, j.caught, s)
	if s == nil || broken(err) {
		return ended
	}
	s.Warnings = withFindings(j.report, s.Warnings)
	files := sweepForms.files(sweepFiles, s)
	if ended == nil { // what is in the folder does not tell how often it was resumed
		files = append(files, output{sweepFiles[3], points.inOrder})
		ended = sweepVerdict(in.strict, s)
	}
	return conclude(j, &sweepForms, s, files, ended)
}

// sweepStopped is the error to end with when a sweep ended early, nil if it
// did not.
func sweepStopped(err error, caught *interrupt, s *result.Sweep) error {
	switch {
	case err == nil || !errors.Is(err, node.ErrStopped):
		return err
	case s == nil:
		return &exitError{caught.status(), errors.New("interrupted before a point was finished; there are no figures")}
	}
	return &exitError{caught.status(), fmt.Errorf("interrupted; %d of %d points had been finished, and --resume goes on with the others", len(s.Points), s.Grid)}
}

// sweepVerdict is the exit status of a sweep that is whole.
func sweepVerdict(strict bool, s *result.Sweep) error {
	for i := range s.Points {
		if p := &s.Points[i]; p.Limit != "" {
			return &exitError{exitLimit, fmt.Errorf("point %d: a limit was reached: %s", p.Point, p.Limit)}
		}
	}
	if !strict {
		return nil
	}
	for i := range s.Points {
		if err := verdict(true, &result.Result{Objectives: s.Points[i].Objectives}); err != nil {
			return err
		}
	}
	return nil
}

// grid is a file and the space that is swept.
type grid struct {
	file   *topologies.File
	design string
	space  *topologies.Space
	first  *node.Spec // the first point
}

// gridOf loads a file and checks every point of its sweep. The grid has no
// space if the report has errors.
func (a *app) gridOf(files *diskFiles, name, design string, o topologies.Options, quiet bool, report *kind.Report) grid {
	loaded, found := topologies.Load(files, name, o)
	report.Merge(found)
	if loaded == nil {
		return grid{}
	}
	g := grid{file: loaded, design: a.knownDesign(loaded, design, report)}
	of := loaded.Swept(report)
	g.space = loaded.Space(of, a.line.vary, report)
	switch {
	case g.space == nil:
		return g
	case len(g.space.Dimensions) == 0:
		report.Add(kind.Diagnostic{Code: "E203", Pos: kind.Pos{File: name, Line: 1, Col: 1}, Key: "sweep",
			Message: "the file has no [sweep], so there is nothing to vary", Hint: "give it one, or --vary server.app.instances=1..8"})
		return g
	case design != "" && g.space.Varies(topologies.DesignKey):
		complaints{&a.line, report}.add("--design", "leave out one of them", "the design is varied too")
	}
	g.first, _ = loaded.Point(g.design, g.space.At(0))
	if g.first == nil { // and the check says why
		loaded.CheckEnds(g.design, g.space, report)
		return g
	}
	if runs := g.space.Len() * g.first.Run.Replications; runs > maxSweepRuns {
		report.Add(kind.Diagnostic{Code: "E706", Pos: kind.Pos{File: name, Line: 1, Col: 1}, Key: "sweep",
			Message: fmt.Sprintf("%d points × %d replications are %d runs; at most %d are allowed", g.space.Len(), g.first.Run.Replications, runs, maxSweepRuns),
			Hint:    "take fewer values, or --replications 1"})
		return g
	}
	show, wipe := progressOf(a.stderr, quiet, "checking", g.space.Len())
	loaded.CheckPoints(g.design, g.space, report, show)
	wipe()
	return g
}

// maxSweepRuns is how many replications a sweep may have in all.
const maxSweepRuns = 1_000_000

// plan is what is to be simulated.
func (g grid) plan() study.SweepPlan {
	p := study.SweepPlan{Title: g.first.Title, Design: g.design, Seed: g.first.Run.Seed, Points: g.space.Len()}
	for i := range g.space.Dimensions {
		p.Dimensions = append(p.Dimensions, dimensionOf(&g.space.Dimensions[i]))
	}
	p.Spec = func(point int) (*node.Spec, []result.Warning) {
		spec, found := g.file.Point(g.design, g.space.At(point))
		if spec == nil {
			panic("capsim: a point that was right is wrong: " + found.Diagnostics()[0].Headline())
		}
		return spec, withFindings(found, nil)
	}
	return p
}

// dimensionOf describes a dimension for the result. Its values have numbers
// if all of them have, in one unit.
func dimensionOf(d *topologies.Dimension) result.SweepDimension {
	out := result.SweepDimension{Path: d.Path, Unit: d.Values[0].Unit}
	numeric := true
	for _, v := range d.Values {
		numeric = numeric && v.Numeric && v.Unit == out.Unit
	}
	for _, v := range d.Values {
		one := result.SweepValue{Text: v.Text}
		if numeric {
			number := v.Number
			one.Number = &number
		}
		out.Values = append(out.Values, one)
	}
	if !numeric {
		out.Unit = ""
	}
	return out
}
