package main

import (
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/internal/study"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/reports"
	"github.com/capsim/capsim/topologies"
)

// soakFiles are the files of a soak's report.
var soakFiles = []string{"soak.json", "soak.csv", "timeseries.csv", "soak.html"}

// What a soak is if nothing is said. The file's [run] is of ordinary runs,
// which are too short to see anything wear out.
const (
	soakDuration     = "24h"
	soakReplications = "1"
)

func soakCommand(a *app) *cobra.Command {
	var in inputFlags
	var out outputFlags
	cmd := &cobra.Command{
		Use: "soak FILE", Short: "looks for slow degradation: a long run, and what drifts in it",
		Long: "Simulates a long run (24h, one replication, unless --duration and --replications say\n" +
			"otherwise) and tests memory, latencies, errors, queues and requests in flight for a\n" +
			"trend, window by window: what drifts, how fast, and when something gives if it goes on.\n" +
			"Each request costs a microsecond or more: 100/s for 24h are 8.6 million requests, and\n" +
			"take some ten seconds; a tenth of the traffic (--load 0.1) drifts as its requests do.",
		Example: "capsim soak topologies/soak-memory-leak.toml\n" +
			"capsim soak shop.toml --duration 72h --set server.app.leak_per_request=2kB",
		RunE: func(*cobra.Command, []string) error { return a.soak(&in, &out) },
	}
	cmd.ValidArgsFunction = completeFiles
	in.bind(cmd, true)
	out.bind(cmd)
	out.bindCharts(cmd)
	for _, f := range []struct{ name, value string }{{"duration", soakDuration}, {"replications", soakReplications}} {
		flag := cmd.Flags().Lookup(f.name)
		flag.Usage = strings.Replace(flag.Usage, "the file's", f.value, 1)
	}
	return cmd
}

func (a *app) soak(in *inputFlags, out *outputFlags) error {
	report := a.findings()
	options := in.settle(a, report)
	a.soakDefaults(&options)
	parallel := out.settle(a, report)
	names := a.line.files(report, "soak", 1, 1)
	if len(names) == 0 {
		return a.refuse(report)
	}
	files := &diskFiles{stdin: a.stdin}
	spec := a.specOf(files, names[0], in.design, options, report)
	dir := out.reportDir(names[0], in.design)
	a.checkReport(dir, soakFiles, files, report)
	release, err := a.begin(report, in, out, dir)
	if err != nil {
		return err
	}
	defer release()

	caught := catchInterrupt()
	defer caught.release()
	show, wipe := progress(a.stderr, out.quiet, 100*spec.Run.Replications)
	s, err := study.Soak(spec, study.Options{Version: version, Parallel: parallel, Stop: &caught.stop, Progress: show})
	wipe()
	if s == nil || err != nil && !errors.Is(err, node.ErrStopped) {
		return stoppedOr(err, caught, false)
	}
	carryWarnings(report, s.Result)
	if err := a.writeReport(dir, out, soakOutputs(s)); err != nil {
		return err
	}
	if err := soakForms.answer(a, out, s); err != nil {
		return err
	}
	if err != nil {
		return stoppedOr(err, caught, true)
	}
	return verdict(in.strict, s.Result)
}

// soakOutputs are the files of a soak's report.
func soakOutputs(s *result.Soak) []output {
	return []output{
		{soakFiles[0], func(w io.Writer) error { return reports.SoakJSON(w, s) }},
		{soakFiles[1], func(w io.Writer) error { return reports.SoakCSV(w, s) }},
		{soakFiles[2], func(w io.Writer) error { return reports.TimeseriesCSV(w, s.Result) }},
		{soakFiles[3], func(w io.Writer) error { return reports.SoakHTML(w, s) }},
	}
}

// soakDefaults sets the length of a soak, and how often it is run, where the
// command line does not.
func (a *app) soakDefaults(o *topologies.Options) {
	for _, d := range []struct{ key, value string }{{"duration", soakDuration}, {"replications", soakReplications}} {
		given := slices.ContainsFunc(o.Set, func(s topologies.Setting) bool { return strings.HasPrefix(s.Text, "run."+d.key+"=") })
		if !given {
			o.Set = append(o.Set, topologies.Setting{Text: "run." + d.key + "=" + d.value, Flag: "soak"})
		}
	}
}
