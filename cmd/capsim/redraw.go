package main

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/topologies"
)

// redrawHint is said of a file that cannot be drawn again.
const redrawHint = "give a topology, or the .json that a verb of capsim wrote"

// drawing is a document with all that is made of it: the files of its report,
// the answer, and the exit status that it asks for.
type drawing struct {
	names  []string
	files  []output
	answer func(a *app, f *outputFlags) error
	ended  func(strict bool) error
}

// drawn puts a document together with how it is drawn.
func drawn[T any](forms *rendering[T], names []string, document T, ended func(strict bool) error) drawing {
	return drawing{names, forms.files(names, document), func(a *app, f *outputFlags) error { return forms.answer(a, f, document) }, ended}
}

// drawingOf is how a document that was read back is drawn: by what the verb
// that wrote it would have used.
func drawingOf(document any) drawing {
	judged := func(results ...*result.Result) func(bool) error {
		return func(strict bool) error { return verdict(strict, results...) }
	}
	switch d := document.(type) {
	case *result.Result:
		out := drawn(&runForms, runFiles, d, func(strict bool) error { return cmp.Or(verdict(strict, d), regressed(d)) })
		out.files = runOutputs(d)
		return out
	case *result.Comparison:
		return drawn(&compareForms, compareFiles, d, judged(d.Designs...))
	case *result.WhatIf:
		var each []*result.Result
		for i := range d.Designs {
			each = append(each, d.Designs[i].Baseline)
		}
		return drawn(&whatIfForms, whatIfFiles, d, judged(each...))
	case *result.DrillReport:
		return drawn(&drillForms, drillFiles, d, func(strict bool) error { return drillVerdict(strict, d) })
	case *result.DrillMap:
		return drawn(&mapForms, mapFiles, d, judged())
	case *result.Stress:
		return drawn(&stressForms, stressFiles, d, func(strict bool) error { return stressVerdict(strict, d) })
	case *result.Soak:
		out := drawn(&soakForms, soakFiles[:3], d, judged(d.Result))
		out.names, out.files = soakFiles, soakOutputs(d)
		return out
	case *result.Sweep:
		return drawn(&sweepForms, sweepFiles[:3], d, func(strict bool) error { return sweepVerdict(strict, d) })
	case *result.Plan:
		return drawn(&planForms, planFiles, d, func(strict bool) error { return planEnded(nil, nil, d, strict) })
	case *result.Report:
		return drawn(&reportForms, reportFiles, d, judged(d.Result))
	case *result.Estimates:
		return drawn(&estimateForms, estimateFiles, d, judged())
	}
	panic(fmt.Sprintf("capsim: a document that nothing draws: %T", document))
}

// redraw draws a document that an earlier command wrote, and simulates
// nothing.
func (j *job) redraw(cmd *cobra.Command) error {
	j.onlyDrawn(cmd, j.report)
	document := j.document("report", j.files, j.names[0], j.report)
	d := drawing{}
	if document != nil {
		d = drawingOf(document)
	}
	d.keep(j.dir, j.files)
	j.checkFiles(d.names)
	done, err := j.begin()
	if err != nil {
		return err
	}
	defer done()
	if err := j.writeReport(j.dir, j.out, d.files); err != nil {
		return err
	}
	if err := d.answer(j.app, j.out); err != nil {
		return err
	}
	return d.ended(j.in.strict)
}

// keep leaves out the file that the document was read from: beside it, it need
// not be written anew.
func (d *drawing) keep(dir string, files *diskFiles) {
	own := func(name string) bool {
		_, same := files.inputAt(filepath.Join(dir, name))
		return dir != "" && same && strings.EqualFold(filepath.Ext(name), ".json")
	}
	d.names = slices.DeleteFunc(slices.Clone(d.names), own)
	d.files = slices.DeleteFunc(slices.Clone(d.files), func(o output) bool { return own(o.name) })
}

// drawFlags are those that say how a document is drawn; the others say what is
// simulated.
var drawFlags = []string{"out", "charts", "format", "diagnostics", "strict", "quiet", "no-color", "help"}

// onlyDrawn refuses flags that are about simulations.
func (a *app) onlyDrawn(cmd *cobra.Command, report *kind.Report) {
	for _, name := range sortedFlags(cmd) {
		if at, given := a.line.values["--"+name]; given && !slices.Contains(drawFlags, name) {
			report.Add(kind.Diagnostic{Code: "E802", Pos: argPos(at), Key: "--" + name,
				Message: "goes with a topology; a document is only drawn", Hint: "give the topology that the document is of, or leave out --" + name})
		}
	}
}

// document reads any of the documents for a verb.
func (a *app) document(verb string, files *diskFiles, name string, report *kind.Report) any {
	asked := kind.Diagnostic{Pos: argPos(a.line.names[0]), Key: verb, Hint: redrawHint}
	return readDocument(files, name, asked, report, func(err error) kind.Diagnostic {
		code, message := topologies.FileProblem(err)
		return kind.Diagnostic{Code: code, Pos: kind.Pos{File: name, Line: 1, Col: 1}, Message: message}
	}, result.ReadAny)
}

// isDocument reports whether a file is a JSON document and no topology: by its
// ending, else by its first character, with which no topology can begin. What
// was read of standard input for that is put back.
func isDocument(files *diskFiles, name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".json":
		return true
	case ".toml":
		return false
	}
	if name == "-" {
		in := bufio.NewReader(files.stdin)
		files.stdin = in
		return beginsAsDocument(in)
	}
	f, err := files.Open(name)
	if err != nil {
		return false
	}
	found := beginsAsDocument(bufio.NewReader(f))
	return f.Close() == nil && found
}

// mostBlank is how much white space may stand in front of a document.
const mostBlank = 1024

func beginsAsDocument(in *bufio.Reader) bool {
	begin, _ := in.Peek(mostBlank) // a shorter file is no error
	return bytes.HasPrefix(bytes.TrimLeft(begin, " \t\r\n"), []byte("{"))
}
