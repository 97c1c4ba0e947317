package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/internal/study"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/reports"
	"github.com/capsim/capsim/topologies"
)

func compareCommand(a *app) *cobra.Command {
	var f simFlags
	cmd := &cobra.Command{
		Use: "compare FILE [FILE…]", Short: "simulates every design of the files under the same customers",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &argsError{"needs a topology file with designs, such as topologies/vertical-vs-horizontal.toml", 1}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.compare(cmd, &f, args) },
	}
	f.bind(cmd, false)
	return cmd
}

func (a *app) compare(cmd *cobra.Command, f *simFlags, names []string) error {
	report := &kind.Report{}
	report.AddArguments(a.args)
	s := f.settle(a, cmd, report)
	specs := a.designsOf(names, s, report)
	if !report.Failed() && len(specs) < 2 {
		report.Add(kind.Diagnostic{Code: "E804", Pos: argPos(a.argOf(names[0])), Key: names[0],
			Message: "there is only one design to compare", Hint: "add [design.NAME] tables to the file, or name a second file"})
	}
	a.sameReplications(names, specs, report)
	if report.Failed() || f.strict && report.Warnings() > 0 {
		return a.refuse(report)
	}
	if !f.quiet {
		if err := a.print(report, ""); err != nil {
			return err
		}
	}
	var c *result.Comparison
	_, stop, err := a.simulate(f, s, func(o study.Options) (*result.Result, error) {
		var err error
		c, err = study.Compare(specs, o)
		return nil, err
	})
	if err != nil && (stop == 0 || len(c.Designs) == 0) {
		return stoppedOr(err, stop)
	}
	if err := a.writeReport(f, names[0], []output{
		{"comparison.json", func(w io.Writer) error { return reports.ComparisonJSON(w, c) }},
		{"comparison.csv", func(w io.Writer) error { return reports.ComparisonCSV(w, c) }},
		{"comparison.html", func(w io.Writer) error { return reports.ComparisonHTML(w, c) }},
	}); err != nil {
		return err
	}
	if err := a.show(f, map[string]func(w io.Writer) error{
		"table":    func(w io.Writer) error { return reports.ComparisonText(w, c, a.textOptions(f)) },
		"json":     func(w io.Writer) error { return reports.ComparisonJSON(w, c) },
		"markdown": func(w io.Writer) error { return reports.ComparisonMarkdown(w, c) },
		"csv":      func(w io.Writer) error { return reports.ComparisonCSV(w, c) },
	}); err != nil {
		return err
	}
	if stop != 0 {
		return &exitError{status: stop}
	}
	return nil
}

// designsOf loads every design of the files; of a file without designs, or
// with a single one, the file as it stands too.
func (a *app) designsOf(names []string, s settled, report *kind.Report) []*node.Spec {
	var specs []*node.Spec
	for _, name := range names {
		file, found := topologies.Load(diskFiles{a.stdin}, name, s.options)
		report.Merge(found)
		if file == nil {
			continue
		}
		designs := file.Designs()
		if len(designs) < 2 {
			designs = append([]string{""}, designs...)
		}
		for _, design := range designs {
			spec, found := file.Spec(design)
			report.Merge(found)
			if spec == nil {
				continue
			}
			if len(names) > 1 {
				named := *spec
				named.Design = designName(name, design)
				spec = &named
			}
			specs = append(specs, spec)
		}
	}
	return specs
}

// designName tells designs of several files apart.
func designName(file, design string) string {
	if design == "" {
		return file
	}
	return file + ":" + design
}

// sameReplications refuses designs that cannot be paired.
func (a *app) sameReplications(names []string, specs []*node.Spec, report *kind.Report) {
	for _, s := range specs {
		first := specs[0].Run
		if s.Run.Replications != first.Replications || s.Run.Duration != first.Duration || s.Run.Seed != first.Seed {
			report.Add(kind.Diagnostic{Code: "E207", Pos: argPos(a.argOf(names[len(names)-1])), Key: "run",
				Message: "the files differ in duration, replications or seed, so that their designs cannot be compared",
				Hint:    "give --duration, --replications and --seed"})
			return
		}
	}
}
