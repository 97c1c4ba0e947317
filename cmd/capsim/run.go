package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/internal/study"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/reports"
	"github.com/capsim/capsim/topologies"
)

func runCommand(a *app) *cobra.Command {
	var f simFlags
	cmd := &cobra.Command{
		Use: "run FILE", Short: "simulates one design, prints the summary, writes the report",
		Args: oneFile,
		RunE: func(cmd *cobra.Command, args []string) error { return a.run(cmd, &f, args[0]) },
	}
	f.bind(cmd, true)
	return cmd
}

func oneFile(_ *cobra.Command, args []string) error {
	switch len(args) {
	case 0:
		return &argsError{"needs a topology file, such as topologies/web-shop.toml", 1}
	case 1:
		return nil
	default:
		return &argsError{"takes one file", 3}
	}
}

func (a *app) run(cmd *cobra.Command, f *simFlags, name string) error {
	report := &kind.Report{}
	report.AddArguments(a.args)
	s := f.settle(a, cmd, report)
	spec := a.specOf(name, f.design, s, report)
	if report.Failed() || f.strict && report.Warnings() > 0 {
		return a.refuse(report)
	}
	if !f.quiet {
		if err := a.print(report, ""); err != nil {
			return err
		}
	}
	r, stop, err := a.simulate(f, s, func(o study.Options) (*result.Result, error) { return study.Run(spec, o) })
	if r == nil {
		return stoppedOr(err, stop)
	}
	if err := a.writeReport(f, name, []output{
		{"result.json", func(w io.Writer) error { return reports.JSON(w, r) }},
		{"timeseries.csv", func(w io.Writer) error { return reports.TimeseriesCSV(w, r) }},
		{"report.html", func(w io.Writer) error { return reports.HTML(w, r) }},
	}); err != nil {
		return err
	}
	if err := a.show(f, map[string]func(w io.Writer) error{
		"table":    func(w io.Writer) error { return reports.Text(w, r, a.textOptions(f)) },
		"json":     func(w io.Writer) error { return reports.JSON(w, r) },
		"markdown": func(w io.Writer) error { return reports.Markdown(w, r) },
		"csv":      func(w io.Writer) error { return reports.CSV(w, r) },
	}); err != nil {
		return err
	}
	if stop != 0 {
		return &exitError{status: stop}
	}
	return verdict(f.strict, r)
}

// specOf loads and checks one design of a file. What is wrong is added to
// the report; the specification is nil if anything is.
func (a *app) specOf(name, design string, s settled, report *kind.Report) *node.Spec {
	file, found := topologies.Load(diskFiles{a.stdin}, name, s.options)
	report.Merge(found)
	if file == nil {
		return nil
	}
	if design != "" && !contains(file.Designs(), design) {
		report.Add(unknownDesign(a, design, file.Designs()))
		return nil
	}
	spec, found := file.Spec(design)
	report.Merge(found)
	return spec
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func unknownDesign(a *app, design string, known []string) kind.Diagnostic {
	d := kind.Diagnostic{Code: "E501", Pos: argPos(a.argOf("--design")), Key: "--design", Message: fmt.Sprintf("unknown design %q", kind.Cut(design))}
	if near := kind.DidYouMean(design, known); near != "" {
		d.Message += "; " + near
	}
	d.Hint = "the file has no designs"
	if len(known) > 0 {
		d.Hint = "the designs are " + strings.Join(known, ", ")
	}
	return d
}

// simulate runs a study with a progress bar and signals. Stop is the exit
// status that a signal asks for.
func (a *app) simulate(f *simFlags, s settled, do func(o study.Options) (*result.Result, error)) (r *result.Result, stop int, err error) {
	show, wipe := progress(a.stderr, f.quiet)
	caught := catchInterrupt()
	defer caught.release()
	r, err = do(study.Options{Version: version, Parallel: s.parallel, Stop: &caught.stop, Progress: show})
	wipe()
	return r, caught.status(), err
}

// stoppedOr is the error to end with when there is no result.
func stoppedOr(err error, stop int) error {
	if errors.Is(err, node.ErrStopped) {
		return &exitError{status: stop, cause: errors.New("interrupted before anything was finished")}
	}
	return err
}

// output is a file of the report.
type output struct {
	name string
	draw func(w io.Writer) error
}

// writeReport writes the files of a report to its directory.
func (a *app) writeReport(f *simFlags, name string, files []output) error {
	if f.out == "-" {
		return nil
	}
	dir := f.out
	if dir == "" {
		base := strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
		if name == "-" || base == "" || base == "." {
			base = "stdin"
		}
		if f.design != "" {
			base += "-" + safeName(f.design)
		}
		dir = filepath.Join("reports", "out", base)
	}
	if err := makeDir(dir); err != nil {
		return &fileError{"create", dir, err}
	}
	for _, out := range files {
		if err := writeFile(filepath.Join(dir, out.name), out.draw); err != nil {
			return err
		}
	}
	if !f.quiet && f.format == "table" {
		names := make([]string, len(files))
		for i := range files {
			names[i] = files[i].name
		}
		fmt.Fprintf(a.stderr, "wrote %s to %s\n", strings.Join(names, ", "), dir)
	}
	return nil
}

// safeName makes a name of the file fit for a path.
func safeName(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, s)
}

// show prints the answer in the form that was asked for.
func (a *app) show(f *simFlags, forms map[string]func(w io.Writer) error) error {
	if err := forms[f.format](a.stdout); err != nil {
		return &fileError{"write", "standard output", err}
	}
	return nil
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
