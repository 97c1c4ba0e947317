package main

import (
	"errors"
	"slices"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/internal/study"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/topologies"
)

// job is one use of a verb that simulates. A verb makes one, reads what is its
// own, begins, simulates, and ends with what it found.
type job struct {
	*app
	in  *inputFlags
	out *outputFlags

	report   *kind.Report // what is wrong with the input
	options  topologies.Options
	parallel int
	names    []string // files of the command line; none if that is wrong
	files    *diskFiles
	dir      string // where the report goes; "" if nowhere
	caught   *interrupt
}

// job reads what all such verbs are told alike; limit is how many files one
// takes, -1 for any number.
func (a *app) job(verb string, limit int, in *inputFlags, out *outputFlags) *job {
	j := &job{app: a, in: in, out: out, report: a.findings(), files: &diskFiles{stdin: a.stdin}}
	j.options = in.settle(a, j.report)
	j.parallel = out.settle(a, j.report)
	j.names = a.line.files(j.report, verb, 1, limit)
	if len(j.names) > 0 {
		j.dir = out.reportDir(j.names[0], in.design)
	}
	return j
}

// named reports whether there is a file to look at. If not, all that is wrong
// has been found.
func (j *job) named() bool { return len(j.names) > 0 }

// refuse prints what is wrong.
func (j *job) refuse() error { return j.app.refuse(j.report) }

// spec is the design of the file that is asked for; nil if anything is wrong
// with it.
func (j *job) spec() *node.Spec {
	return j.specOf(j.files, j.names[0], j.in.design, j.options, j.report)
}

// checkFiles sees whether the files of the report can be written.
func (j *job) checkFiles(names []string) { j.checkReport(j.dir, names, j.files, j.report) }

// begin keeps the folder of the report for this process until done is called,
// and prints what was found in the input. It returns an error if either forbids
// to go on.
func (j *job) begin() (done func(), err error) {
	if j.report.Failed() || j.in.strict && j.report.Warnings() > 0 {
		return nil, j.refuse()
	}
	release := j.reserve(j.dir, j.report)
	if j.report.Failed() {
		return nil, j.refuse()
	}
	if !j.out.quiet {
		j.print(j.report, "")
	}
	return func() {
		release() // before a second signal may end the process
		if j.caught != nil {
			j.caught.release()
		}
	}, nil
}

// simulate carries a study out, until it ends or a signal comes, and shows how
// many of its runs are done; how many they are may turn out on the way. With none
// it shows nothing.
func (j *job) simulate(runs int, carryOut func(study.Options) error) error {
	j.caught = catchInterrupt()
	o := study.Options{Version: version, Parallel: j.parallel, Stop: &j.caught.stop}
	if runs > 0 {
		show, wipe := progress(j.stderr, j.out.quiet, runs)
		defer wipe()
		o.Progress = show
	}
	return carryOut(o)
}

// broken reports whether a study ended with an error that is no signal's.
func broken(err error) bool { return err != nil && !errors.Is(err, node.ErrStopped) }

// stopped is the error to end with when a study ended early, with the figures
// of what had been finished or with none; nil if it did not.
func (j *job) stopped(err error, figures bool) error {
	switch {
	case err == nil || broken(err):
		return err
	case figures:
		return &exitError{j.caught.status(), errors.New("interrupted; the figures are of the replications that had been finished")}
	}
	return &exitError{j.caught.status(), errors.New("interrupted before a replication was finished; there are no figures")}
}

// withFindings are the warnings of a document, after those about the input: who
// reads it may never see the terminal.
func withFindings(report *kind.Report, warnings []result.Warning) []result.Warning {
	found := []result.Warning{} // the document has a list, be it empty
	for _, d := range report.Diagnostics() {
		if d.Severity() == kind.Warning {
			found = append(found, result.Warning{Code: d.Code, Message: d.Key + ": " + d.Message})
		}
	}
	return append(slices.Clip(found), warnings...)
}

// conclude writes the report, what else is to be written, and the answer; ended
// is what the verb ends with then.
func conclude[T any](j *job, forms *rendering[T], document T, report []output, ended error, further ...func() error) error {
	if err := j.writeReport(j.dir, j.out, report); err != nil {
		return err
	}
	for _, write := range further {
		if err := write(); err != nil {
			return err
		}
	}
	if err := forms.answer(j.app, j.out, document); err != nil {
		return err
	}
	return ended
}
