package main

import (
	"cmp"
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
	out.bindCharts(cmd)
	return cmd
}

func (a *app) run(in *inputFlags, out *outputFlags, flags *gateFlags, trace *traceFlags) error {
	j := a.job("run", 1, in, out)
	if !j.named() {
		return j.refuse()
	}
	spec := j.spec()
	gate := flags.settle(a, j.files, j.report)
	gate.related(a, spec, j.report)
	j.dir = gate.spared(a, out, j.dir, j.files)
	j.checkFiles(runFiles)
	flags.junit.check(a, j.dir, runFiles, j.files, nil, j.report)
	trace.check(a, j.dir, j.files, &flags.junit.fileFlag, j.report)
	done, err := j.begin()
	if err != nil {
		return err
	}
	defer done()

	var r *result.Result
	var traced *result.Trace
	err = j.simulate(spec.Run.Replications, func(o study.Options) (err error) {
		r, traced, err = trace.run(spec, o)
		return err
	})
	if r == nil || broken(err) {
		return j.stopped(err, false)
	}
	r.Warnings = withFindings(j.report, r.Warnings) // before anything is written
	gate.compare(r)
	return conclude(j, &runForms, r, runOutputs(r), cmp.Or(j.stopped(err, true), verdict(in.strict, r), regressed(r)),
		func() error {
			return flags.junit.write(func(w io.Writer) error { return reports.JUnit(w, r, in.strict) })
		},
		func() error { return trace.write(a, out, r, traced) })
}

// runOutputs are the files of a run's report.
func runOutputs(r *result.Result) []output {
	return []output{
		{runFiles[0], func(w io.Writer) error { return reports.JSON(w, r) }},
		{runFiles[1], func(w io.Writer) error { return reports.TimeseriesCSV(w, r) }},
		{runFiles[2], func(w io.Writer) error { return reports.HTML(w, r) }},
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
	known := a.knownDesign(loaded, design, report)
	spec, found := loaded.Spec(known)
	report.Merge(found)
	if spec != nil {
		spec.Source = loaded.Source(known)
	}
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
