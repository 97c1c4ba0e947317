package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/internal/study"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/topologies"
)

// gateFlags make a run a gate of a pipeline: against an earlier result.
type gateFlags struct {
	baseline, tolerance string
	junit               junitFlag
}

func (f *gateFlags) bind(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.baseline, "baseline", "", "compare with `FILE`, the result.json of an earlier run; exit status 1 if it was better")
	cmd.Flags().StringVar(&f.tolerance, "tolerance", "0%", "with --baseline, by which `SHARE` a figure may become worse")
	f.junit.bind(cmd)
}

// gate is what they mean.
type gate struct {
	baseline  *result.Result // nil: none
	tolerance float64
}

// settle reads the earlier result and checks the values.
func (f *gateFlags) settle(a *app, files *diskFiles, report *kind.Report) gate {
	g := gate{}
	c := complaints{&a.line, report}
	_, wanted := a.line.values["--baseline"]
	if _, given := a.line.values["--tolerance"]; given {
		share, err := kind.ParseRatio(f.tolerance)
		switch {
		case err != nil:
			c.add("--tolerance", "for example --tolerance 2%", "%s", err.Message)
		case !wanted:
			c.add("--tolerance", "give an earlier result with --baseline", "goes with --baseline only")
		}
		g.tolerance = share
	}
	if wanted {
		g.baseline = a.earlier(files, f.baseline, report)
	}
	return g
}

// largestDocument is far more than the result of the largest topology.
const largestDocument = 256 << 20

// earlier reads a result document. What is wrong with the file is said of the
// flag, what is wrong inside of the place.
func (a *app) earlier(files *diskFiles, name string, report *kind.Report) *result.Result {
	const flag, hint = "--baseline", "give the result.json of an earlier capsim run"
	at := argPos(a.line.at(flag))
	if name == "" {
		report.Add(kind.Diagnostic{Code: "E802", Pos: at, Key: flag, Message: "must not be empty", Hint: hint})
		return nil
	}
	return readDocument(files, name, kind.Diagnostic{Pos: at, Key: flag, Hint: hint}, report, func(err error) kind.Diagnostic {
		code, message := topologies.FileProblem(err)
		return kind.Diagnostic{Code: code, Pos: at, Message: kind.QuoteText(name) + ": " + message}
	}, result.Read)
}

// readDocument reads a document and notes what is wrong with it: asked has the
// argument that names it, and what would be right; absent says that the file
// cannot be read. It is nothing if something is wrong.
func readDocument[T any](files *diskFiles, name string, asked kind.Diagnostic, report *kind.Report,
	absent func(error) kind.Diagnostic, read func([]byte) (T, error)) (none T) {
	add := func(d kind.Diagnostic) T {
		d.Key, d.Hint = asked.Key, asked.Hint
		report.Add(d)
		return none
	}
	data, err := readAll(files, name)
	if err != nil {
		return add(absent(err))
	}
	if len(data) > largestDocument {
		return add(kind.Diagnostic{Code: "E705", Pos: asked.Pos,
			Message: fmt.Sprintf("%s: is larger than %d MiB", kind.QuoteText(name), largestDocument>>20)})
	}
	document, err := read(data)
	var bad *result.ReadError
	if errors.As(err, &bad) {
		line, col := place(data, bad.Offset)
		return add(kind.Diagnostic{Code: "E807", Pos: kind.Pos{File: name, Line: line, Col: col}, Message: bad.Message})
	}
	return document
}

// readAll reads a file, a byte more than a document may have at most.
func readAll(files *diskFiles, name string) ([]byte, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, largestDocument+1))
	return data, errors.Join(err, f.Close())
}

// place is the line and column of a byte, both from 1.
func place(data []byte, offset int64) (line, col int) {
	before := data[:max(0, min(offset-1, int64(len(data))))] // encoding/json counts the byte itself
	start := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte{'\n'}) + 1, len(bytes.Runes(before[start:])) + 1
}

// related refuses a baseline that is about other customers.
func (g gate) related(a *app, spec *node.Spec, report *kind.Report) {
	if g.baseline == nil || spec == nil {
		return
	}
	now := &result.Result{Clients: map[string]*result.Client{}}
	for i := range spec.Nodes {
		if spec.Nodes[i].Kind == node.Client {
			now.Clients[spec.Nodes[i].Name] = &result.Client{}
		}
	}
	if !study.ClientInCommon(g.baseline, now) {
		report.Add(kind.Diagnostic{Code: "E805", Pos: argPos(a.line.at("--baseline")), Key: "--baseline",
			Message: "is the result of another topology: it has no client in common with this one", Hint: "make a new one: capsim run FILE --out DIR"})
	}
}

// compare puts the comparison into a result.
func (g gate) compare(r *result.Result) {
	if g.baseline != nil {
		r.Baseline = study.AgainstBaseline(g.baseline, r, g.tolerance)
	}
}

// spared is the folder of the report, or "" and a note if the report would
// replace the baseline in the usual folder: the next run would find nothing
// worse any more. (A folder that was asked for is refused, as that of any other
// input.)
func (g gate) spared(a *app, out *outputFlags, dir string, files *diskFiles) string {
	if g.baseline == nil || out.out != "" || dir == "" {
		return dir
	}
	for _, name := range runFiles {
		if in, same := files.inputAt(filepath.Join(dir, name)); same {
			if !out.quiet && a.diagnostics == "text" {
				a.note("no report is written: it would replace the baseline %s; --out DIR puts it elsewhere", shown(in))
			}
			return ""
		}
	}
	return dir
}

// regressed is the exit status that the comparison asks for.
func regressed(r *result.Result) error {
	if r.Baseline != nil && r.Baseline.Verdict == result.Regression {
		return &exitError{status: exitMissed}
	}
	return nil
}
