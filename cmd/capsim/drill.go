package main

import (
	"cmp"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/internal/study"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/reports"
	"github.com/capsim/capsim/topologies"
)

// drillFiles are the files of a drill's report.
var drillFiles = []string{"drill.json", "drill.csv", "drill.html"}

func drillCommand(a *app) *cobra.Command {
	var in inputFlags
	var out outputFlags
	var junit junitFlag
	var faults []string // read by commandLine, with their places
	var chart mapFlags
	every := false
	cmd := &cobra.Command{
		Use: "drill FILE", Short: "lets things break, each alone, and prints what that does to the clients",
		Long: "Simulates the topology in FILE without any fault, then with each fault of the file, or\n" +
			"each --fault, alone, under the same customers. Prints for each how long it took to be\n" +
			"detected and to recover, which requests failed that would not have, and how much of\n" +
			"the error budget they are. --every lets each instance (one of those that are alike),\n" +
			"each node, each zone and each external service fail in turn, and prints the worst\n" +
			"first. Exit status 1 says that an objective is missed in a drill.\n\n" +
			"A FAULT is what a [[fault]] holds (capsim explain fault), in words: its kind and what it\n" +
			"strikes, then other keys, each before its value. Without at it begins when the traffic\n" +
			"is greatest, without for it lasts a fifth of the window. A name with spaces is quoted.\n\n" +
			"--map takes one fault as a trigger, of several sizes and lengths, at loads from low to\n" +
			"high, and prints the metastability map: the load from which the system stays bad when\n" +
			"the trigger is over, the load to which it must be lowered to come back, and how many\n" +
			"attempts there are for a request meanwhile. Without a fault it is a surge of the client\n" +
			"that sends most. --map simulates each point at most 3 times, or --replications.",
		Example: "capsim drill topologies/web-shop.toml --every\n" +
			"capsim drill shop.toml --fault \"kill app[0] at 60s for 90s\" --fault \"hang orders.primary\"\n" +
			"capsim drill shop.toml --fault \"errors payments error_ratio 30% for 60s\"\n" +
			"capsim drill shop.toml --every --format json --out - | jq -r '.drills[] | .what'\n" +
			"capsim drill shop.toml --map --fault \"slow orders.primary factor 5\" --durations 2s,20s",
		RunE: func(*cobra.Command, []string) error { return a.drill(&in, &out, &junit, &chart, every) },
	}
	cmd.ValidArgsFunction = completeFiles
	cmd.Flags().StringArrayVar(&faults, "fault", nil, "`FAULT` such as \"kill app[0] at 60s for 90s\", instead of the file's (repeatable)")
	cmd.Flags().BoolVar(&every, "every", false, "let everything break that can, each alone, and print the worst first")
	chart.bind(cmd)
	in.bind(cmd, true)
	junit.bind(cmd)
	out.bind(cmd)
	out.bindCharts(cmd)
	return cmd
}

func (a *app) drill(in *inputFlags, out *outputFlags, junit *junitFlag, chart *mapFlags, every bool) error {
	j := a.job("drill", 1, in, out)
	if flags := chart.settle(a, every, j.report); chart.on {
		junit.notWith(a, "--map", j.report)
		return j.drillMap(flags)
	}
	if !j.named() {
		return j.refuse()
	}
	drills := a.drillsOf(j.files, j.names[0], in.design, every, j.options, j.report)
	j.checkFiles(drillFiles)
	junit.check(a, j.dir, drillFiles, j.files, nil, j.report)
	done, err := j.begin()
	if err != nil {
		return err
	}
	defer done()

	var d *result.DrillReport
	err = j.simulate(drills.Spec.Run.Replications*(1+len(drills.Spec.Faults)), func(o study.Options) (err error) {
		d, err = study.Drill(study.DrillPlan{Spec: drills.Spec, AnyOf: drills.AnyOf, Skipped: drills.Skipped, WorstFirst: every}, o)
		return err
	})
	if d == nil || broken(err) {
		return j.stopped(err, false)
	}
	d.Baseline.Warnings = withFindings(j.report, d.Baseline.Warnings)
	return conclude(j, &drillForms, d, drillForms.files(drillFiles, d), cmp.Or(j.stopped(err, true), drillVerdict(in.strict, d)),
		func() error {
			return junit.write(func(w io.Writer) error { return reports.DrillJUnit(w, d, in.strict) })
		})
}

// drillsOf loads a file and finds what is to break in a design of it.
func (a *app) drillsOf(files *diskFiles, name, design string, every bool, o topologies.Options, report *kind.Report) topologies.Drills {
	loaded, found := topologies.Load(files, name, o)
	report.Merge(found)
	if loaded == nil {
		return topologies.Drills{}
	}
	known := a.knownDesign(loaded, design, report)
	drills, found := loaded.Drills(known, a.line.faults, every)
	report.Merge(found)
	if drills.Spec != nil {
		drills.Spec.Source = loaded.Source(known)
	}
	return drills
}

// drillVerdict is the exit status that the drills ask for. The twin is judged
// with them, but cannot miss what is about faults.
func drillVerdict(strict bool, d *result.DrillReport) error {
	judged := []*result.Result{}
	for _, one := range d.Drills {
		if one.Limit != "" {
			return &exitError{exitLimit, errors.New(one.What + ": a limit was reached: " + one.Limit)}
		}
		if one.Began {
			judged = append(judged, &result.Result{Objectives: one.Objectives})
		}
	}
	return verdict(strict, judged...)
}
