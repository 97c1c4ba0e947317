package main

import (
	"cmp"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/internal/study"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/reports"
	"github.com/capsim/capsim/topologies"
)

// runFiles are the files of a run's report.
var runFiles = []string{"result.json", "timeseries.csv", "report.html"}

func runCommand(a *app) *cobra.Command {
	var in inputFlags
	var out outputFlags
	var gate gateFlags
	var trace traceFlags
	cmd := &cobra.Command{
		Use: "run FILE", Short: "simulates one design, prints the summary, writes the report",
		Long: "Simulates the topology in FILE (- is standard input), prints a summary and writes\n" +
			"report.html, result.json and timeseries.csv. --baseline compares it with the result.json of\n" +
			"an earlier run: what became worse beyond its interval, and by more than the tolerance, is\n" +
			"a regression, and exit status 1. --trace writes what some requests of the first replication\n" +
			"went through, for ui.perfetto.dev; --profile where simulated time went, for go tool pprof.",
		Example: "capsim run topologies/web-shop.toml\n" +
			"capsim run shop.toml --design vertical --load 1.5 --set server.app.instances=8\n" +
			"capsim run shop.toml --format json --out - | jq .clients.shoppers.latency_s.p99\n" +
			"capsim run shop.toml --baseline baseline.json --tolerance 5% --junit capsim.xml\n" +
			"capsim run shop.toml --trace trace.json --profile profile.pb.gz",
		RunE: func(*cobra.Command, []string) error { return a.run(&in, &out, &gate, &trace) },
	}
	cmd.ValidArgsFunction = completeFiles
	in.bind(cmd, true)
	gate.bind(cmd)
	trace.bind(cmd)
	out.bind(cmd)
	return cmd
}

func (a *app) run(in *inputFlags, out *outputFlags, flags *gateFlags, trace *traceFlags) error {
	report := a.findings()
	options := in.settle(a, report)
	parallel := out.settle(a, report)
	names := a.line.files(report, "run", 1, 1)
	if len(names) == 0 {
		return a.refuse(report)
	}
	files := &diskFiles{stdin: a.stdin}
	spec := a.specOf(files, names[0], in.design, options, report)
	gate := flags.settle(a, files, report)
	gate.related(a, spec, report)
	dir := gate.spared(a, out, out.reportDir(names[0], in.design), files)
	a.checkReport(dir, runFiles, files, report)
	flags.junit.check(a, dir, runFiles, files, nil, report)
	trace.check(a, dir, files, &flags.junit.fileFlag, report)
	release, err := a.begin(report, in, out, dir)
	if err != nil {
		return err
	}
	defer release()

	caught := catchInterrupt()
	defer caught.release()
	show, wipe := progress(a.stderr, out.quiet, spec.Run.Replications)
	r, traced, err := trace.run(spec, study.Options{Version: version, Parallel: parallel, Stop: &caught.stop, Progress: show})
	wipe()
	if r == nil || err != nil && !errors.Is(err, node.ErrStopped) {
		return stoppedOr(err, caught, false)
	}
	carryWarnings(report, r) // before anything is written
	gate.compare(r)
	if err := a.writeReport(dir, out, []output{
		{runFiles[0], func(w io.Writer) error { return reports.JSON(w, r) }},
		{runFiles[1], func(w io.Writer) error { return reports.TimeseriesCSV(w, r) }},
		{runFiles[2], func(w io.Writer) error { return reports.HTML(w, r) }},
	}); err != nil {
		return err
	}
	if err := flags.junit.write(func(w io.Writer) error { return reports.JUnit(w, r, in.strict) }); err != nil {
		return err
	}
	if err := trace.write(a, out, r, traced); err != nil {
		return err
	}
	if err := runForms.answer(a, out, r); err != nil {
		return err
	}
	if err != nil {
		return stoppedOr(err, caught, true)
	}
	return cmp.Or(verdict(in.strict, r), regressed(r))
}

// carryWarnings puts what was found in the input in front of what was found
// in the figures: who reads the result may never see the terminal.
func carryWarnings(report *kind.Report, results ...*result.Result) {
	found := []result.Warning{} // the document has a list, be it empty
	for _, d := range report.Diagnostics() {
		if d.Severity() == kind.Warning {
			found = append(found, result.Warning{Code: d.Code, Message: d.Key + ": " + d.Message})
		}
	}
	for _, r := range results {
		r.Warnings = append(slices.Clone(found), r.Warnings...)
	}
}

// specOf loads a file and checks one design of it. What is wrong is added to
// the report; the specification is nil if anything is.
func (a *app) specOf(files *diskFiles, name, design string, o topologies.Options, report *kind.Report) *node.Spec {
	loaded, found := topologies.Load(files, name, o)
	report.Merge(found)
	if loaded == nil {
		return nil
	}
	return a.design(loaded, design, report)
}

// design checks a design of a file, the one of --design or the file as it
// stands.
func (a *app) design(loaded *topologies.File, design string, report *kind.Report) *node.Spec {
	spec, found := loaded.Spec(a.knownDesign(loaded, design, report))
	report.Merge(found)
	return spec
}

// knownDesign is the design of --design, or none if the file has none of that
// name: what is wrong with the rest can be said all the same.
func (a *app) knownDesign(loaded *topologies.File, design string, report *kind.Report) string {
	if at, given := a.line.values["--design"]; given && !slices.Contains(loaded.Designs(), design) {
		report.Add(unknownDesign(at, design, loaded.Designs()))
		return ""
	}
	return design
}

func unknownDesign(arg int, design string, known []string) kind.Diagnostic {
	d := kind.Diagnostic{Code: "E501", Pos: argPos(arg), Key: "--design",
		Message: "unknown design " + kind.QuoteText(design) + kind.DidYouMean(design, known), Hint: "the file has no designs"}
	if len(known) > 0 {
		d.Hint = "the designs are " + kind.Cut(strings.Join(known, ", "))
	}
	return d
}

// begin keeps the folder of the report for this process, and prints what was
// found in the input. It returns an error if either forbids to simulate.
func (a *app) begin(report *kind.Report, in *inputFlags, out *outputFlags, dir string) (release func(), err error) {
	if report.Failed() || in.strict && report.Warnings() > 0 {
		return nil, a.refuse(report)
	}
	release = a.reserve(dir, report)
	if report.Failed() {
		return nil, a.refuse(report)
	}
	if !out.quiet {
		a.print(report, "")
	}
	return release, nil
}

// stoppedOr is the error to end with when a study ended early, with the
// figures of what had been finished or with none.
func stoppedOr(err error, caught *interrupt, figures bool) error {
	switch {
	case !errors.Is(err, node.ErrStopped):
		return err
	case figures:
		return &exitError{caught.status(), errors.New("interrupted; the figures are of the replications that had been finished")}
	}
	return &exitError{caught.status(), errors.New("interrupted before a replication was finished; there are no figures")}
}

// verdict is the exit status that the objectives ask for.
func verdict(strict bool, results ...*result.Result) error {
	for _, r := range results {
		for _, o := range r.Objectives {
			if o.Verdict == result.Missed || strict && o.Verdict == result.Undecided {
				return &exitError{status: exitMissed}
			}
		}
	}
	return nil
}
