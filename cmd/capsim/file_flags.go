package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/capsim/capsim/models/kind"
)

// fileFlag is a flag that names a file to write besides the report, "" for
// none.
type fileFlag struct {
	name, example string
	path          string
}

func (f *fileFlag) bind(cmd *cobra.Command, name, example, usage string) {
	f.name, f.example = name, example
	cmd.Flags().StringVar(&f.path, name, "", usage)
}

func (f *fileFlag) flag() string { return "--" + f.name }

// given reports whether a file is to be written.
func (f *fileFlag) given() bool { return f.path != "" }

// check looks, before anything is simulated, whether the file can be written: it
// is not one of those that are read, nor of the others that are written.
func (f *fileFlag) check(a *app, dir string, names []string, inputs *diskFiles, others []*fileFlag, report *kind.Report) {
	if _, given := a.line.values[f.flag()]; !given {
		return
	}
	fail := func(code, message string) {
		report.Add(kind.Diagnostic{Code: code, Pos: argPos(a.line.at(f.flag())), Key: f.flag(), Message: message, Hint: "for example " + f.flag() + " " + f.example})
	}
	if f.path == "" || f.path == "-" {
		fail("E802", "expected the name of a file, got "+kind.QuoteText(f.path))
		return
	}
	if in, same := inputs.inputAt(f.path); same {
		fail("E804", "would overwrite the input "+kind.QuoteText(in))
		return
	}
	for _, name := range names {
		if dir != "" && filepath.Clean(f.path) == filepath.Join(dir, name) {
			fail("E804", "is a file of the report already")
			return
		}
	}
	for _, other := range others {
		if other.given() && filepath.Clean(f.path) == filepath.Clean(other.path) {
			fail("E804", "is the file of "+other.flag()+" too")
			return
		}
	}
	if info, err := os.Stat(f.path); err == nil && info.IsDir() {
		fail("E804", kind.QuoteText(f.path)+" is a directory")
		return
	}
	if report.Failed() {
		return
	}
	if err := tryWriting(filepath.Dir(f.path)); err != nil {
		a.blocked = true
		fail("E804", kind.QuoteText(f.path)+" cannot be written: "+reason(err).Error())
	}
}

// write writes the file, whole or not at all.
func (f *fileFlag) write(draw func(w io.Writer) error) error {
	if !f.given() {
		return nil
	}
	var data bytes.Buffer
	if err := draw(&data); err != nil {
		return fmt.Errorf("%s cannot be drawn: %w", shown(f.path), err)
	}
	dir := filepath.Dir(f.path)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return &fileError{"create", dir, err}
	}
	return replaceFiles(dir, []file{{filepath.Base(f.path), data.Bytes()}})
}

// junitFlag is where the verdicts go as test cases.
type junitFlag struct{ fileFlag }

func (f *junitFlag) bind(cmd *cobra.Command) {
	f.fileFlag.bind(cmd, "junit", "capsim.xml", "write the verdicts to `FILE` as test cases too (JUnit's XML)")
}

// notWith refuses the flag beside another, under which nothing is judged.
func (f *junitFlag) notWith(a *app, other string, report *kind.Report) {
	if at, given := a.line.values["--junit"]; given {
		report.Add(kind.Diagnostic{Code: "E802", Pos: argPos(at), Key: "--junit",
			Message: "does not go with " + other + ", which judges no objectives one by one", Hint: "leave one of the two out"})
	}
}
