package main

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/internal/study"
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
	j := a.job("soak", 1, in, out)
	a.soakDefaults(&j.options)
	if !j.named() {
		return j.refuse()
	}
	spec := j.spec()
	j.checkFiles(soakFiles)
	done, err := j.begin()
	if err != nil {
		return err
	}
	defer done()

	var s *result.Soak
	err = j.simulate(100*spec.Run.Replications, func(o study.Options) (err error) {
		s, err = study.Soak(spec, o)
		return err
	})
	if s == nil || broken(err) {
		return j.stopped(err, false)
	}
	s.Result.Warnings = withFindings(j.report, s.Result.Warnings)
	return conclude(j, &soakForms, s, soakOutputs(s), cmp.Or(j.stopped(err, true), verdict(in.strict, s.Result)))
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
