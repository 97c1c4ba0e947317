package main

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/internal/study"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/reports"
)

// traceFlags are where what single requests went through goes, in the formats of
// other tools.
type traceFlags struct{ trace, profile fileFlag }

func (f *traceFlags) bind(cmd *cobra.Command) {
	f.trace.bind(cmd, "trace", "trace.json", "write what the slowest requests, failed ones and a sample went through to `FILE`, for ui.perfetto.dev")
	f.profile.bind(cmd, "profile", "profile.pb.gz", "write where simulated time went to `FILE`, for go tool pprof")
}

func (f *traceFlags) check(a *app, dir string, inputs *diskFiles, junit *fileFlag, report *kind.Report) {
	f.trace.check(a, dir, runFiles, inputs, []*fileFlag{junit}, report)
	f.profile.check(a, dir, runFiles, inputs, []*fileFlag{junit, &f.trace}, report)
}

// run simulates, and traces if anybody wants it: that takes a replication more.
func (f *traceFlags) run(spec *node.Spec, o study.Options) (*result.Result, *result.Trace, error) {
	if f.trace.given() || f.profile.given() {
		return study.RunTraced(spec, o)
	}
	r, err := study.Run(spec, o)
	return r, nil, err
}

// write writes the files that were asked for, and says so. Without a trace, after
// an interruption, there are none.
func (f *traceFlags) write(a *app, out *outputFlags, r *result.Result, t *result.Trace) error {
	if t == nil {
		if (f.trace.given() || f.profile.given()) && a.diagnostics == "text" {
			a.note("interrupted before requests were traced: there is no trace and no profile")
		}
		return nil
	}
	if err := f.trace.write(func(w io.Writer) error { return reports.ChromeTrace(w, t) }); err != nil {
		return err
	}
	if err := f.profile.write(func(w io.Writer) error { return reports.Profile(w, r, t) }); err != nil {
		return err
	}
	if out.quiet || out.format != "table" || a.diagnostics != "text" {
		return nil
	}
	var names []string
	for _, one := range []*fileFlag{&f.trace, &f.profile} {
		if one.given() {
			names = append(names, shown(one.path))
		}
	}
	a.note("wrote %s", strings.Join(names, ", "))
	return nil
}
