package main

import (
	"bytes"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/internal/study"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/reports"
)

// graphFormats are the forms of a topology, and graphForms draws them.
var (
	graphFormats = []string{"svg", "mermaid", "dot"}
	graphForms   = map[string]func(io.Writer, *result.Result) error{
		"svg": reports.GraphSVG, "mermaid": reports.GraphMermaid, "dot": reports.GraphDOT,
	}
)

// graphFlags say what is to be drawn, and how.
type graphFlags struct {
	in     inputFlags
	format string
}

func graphCommand(a *app) *cobra.Command {
	var f graphFlags
	cmd := &cobra.Command{
		Use: "graph FILE", Short: "draws the topology as SVG, or writes it for Mermaid or Graphviz",
		Long: "Prints a picture of the topology in FILE (- is standard input): every node with its kind,\n" +
			"its instances and what it is made of, and every arrow with the operations that go along it.\n" +
			"The SVG stands by itself, in light and dark; Mermaid is what wikis and pull requests draw;\n" +
			"DOT is the language of Graphviz. Of the result.json of a run, the picture also shows how\n" +
			"busy each node was, and which is the bottleneck.",
		Example: "capsim graph topologies/web-shop.toml >shop.svg\n" +
			"capsim graph reports/out/web-shop/result.json >shop.svg\n" +
			"capsim graph shop.toml --design vertical --format mermaid\n" +
			"capsim graph shop.toml --format dot | dot -Tpdf -o shop.pdf",
	}
	cmd.RunE = func(*cobra.Command, []string) error { return a.graph(cmd, &f) }
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return []string{"toml", "json"}, cobra.ShellCompDirectiveFilterFileExt
	}
	f.in.bindTopology(cmd, true)
	cmd.Flags().StringVar(&f.format, "format", "svg", "`FORM` of the picture: svg, mermaid or dot")
	return cmd
}

func (a *app) graph(cmd *cobra.Command, f *graphFlags) error {
	report := a.findings()
	options := f.in.settle(a, report)
	complaints{&a.line, report}.oneOf("--format", &f.format, graphFormats...)
	names := a.line.files(report, "graph", 1, 1)
	if len(names) == 0 {
		return a.refuse(report)
	}
	files := &diskFiles{stdin: a.stdin}
	var r *result.Result
	if isDocument(files, names[0]) {
		a.onlyDrawn(cmd, report)
		r = a.resultOf(files, names[0], report)
	} else if spec := a.specOf(files, names[0], f.in.design, options, report); spec != nil {
		r = &result.Result{Title: spec.Title, Topology: study.Topology(spec)}
	}
	if report.Failed() {
		return a.refuse(report)
	}
	var picture bytes.Buffer
	err := graphForms[f.format](&picture, r)
	if errors.Is(err, reports.ErrLargeGraph) {
		report.Add(kind.Diagnostic{Code: "E705", Pos: argPos(a.line.names[0]), Key: "graph", Message: "has " + err.Error(),
			Hint: "--format dot, and let Graphviz lay it out: capsim graph FILE --format dot | dot -Tsvg"})
		return a.refuse(report)
	}
	if err != nil {
		return err
	}
	a.print(report, "")
	return a.say(picture.String())
}

// resultOf reads a document that is, or holds, the result of one design.
func (a *app) resultOf(files *diskFiles, name string, report *kind.Report) *result.Result {
	var r *result.Result
	switch d := a.document("graph", files, name, report).(type) {
	case *result.Result:
		r = d
	case *result.Soak:
		r = d.Result
	case *result.Report:
		r = d.Result
	}
	if r == nil && !report.Failed() {
		report.Add(kind.Diagnostic{Code: "E807", Pos: kind.Pos{File: name, Line: 1, Col: 1}, Key: "graph",
			Message: "holds no result of one design, and so no topology",
			Hint:    "give the topology, or the result.json of a run"})
	}
	return r
}
