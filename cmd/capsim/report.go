package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/capsim/capsim/models/kind"
)

// output is a file of a report: its name, and what draws it.
type output struct {
	name string
	draw func(w io.Writer) error
}

// file is a file of a report that has been drawn.
type file struct {
	name string
	data []byte
}

// reportDir is where the report goes, "" for nowhere.
func (f *outputFlags) reportDir(topology, design string) string {
	switch f.out {
	case "-":
		return ""
	case "":
		base := strings.TrimSuffix(filepath.Base(topology), filepath.Ext(topology))
		if strings.Trim(base, ".-") == "" {
			base = "stdin"
		}
		if design != "" {
			base += "-" + fitForPath(design)
		}
		return filepath.Join("reports", "out", base)
	}
	return f.out
}

// fitForPath makes a name of the file fit for a path.
func fitForPath(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, s)
}

// checkReport looks, before anything is simulated, whether a report may and
// can be written to a folder, and notes what is in the way.
func (a *app) checkReport(dir string, names []string, inputs *diskFiles, report *kind.Report) {
	if dir == "" || report.Failed() {
		return
	}
	fail := func(message, hint string) {
		report.Add(kind.Diagnostic{Code: "E804", Pos: argPos(a.line.at("--out")), Key: "--out", Message: message, Hint: hint})
	}
	if name, same := inputs.inputAt(dir); same {
		fail("this is the input "+kind.QuoteText(name)+", not a folder for the report", "for example --out reports/out")
		return
	}
	for _, name := range names {
		if in, same := inputs.inputAt(filepath.Join(dir, name)); same {
			fail("the report would overwrite the input "+kind.QuoteText(in), "choose another folder")
			return
		}
	}
	if err := tryWriting(dir); err != nil {
		a.blocked = true
		fail("the report cannot be written to "+kind.QuoteText(dir)+": "+reason(err).Error(), "choose another folder, or --out - for no files")
	}
}

// tryWriting creates a file in a folder, or in the nearest one above it that
// exists, and removes it again.
func tryWriting(dir string) error {
	for {
		info, err := os.Stat(dir)
		switch {
		case err == nil && !info.IsDir():
			return errors.New("not a directory")
		case err == nil:
			f, err := createTemporary(dir, "try")
			if err != nil {
				return err
			}
			closing := f.Close()
			return errors.Join(closing, os.Remove(f.Name()))
		case !os.IsNotExist(err) || filepath.Dir(dir) == dir:
			return err
		}
		dir = filepath.Dir(dir)
	}
}

// writeReport draws the files of a report and writes them to its folder.
func (a *app) writeReport(dir string, f *outputFlags, outputs []output) error {
	if dir == "" {
		return nil
	}
	outputs, err := withCharts(outputs, f.forms)
	if err != nil {
		return err
	}
	files := make([]file, len(outputs))
	names := make([]string, len(outputs))
	for i, out := range outputs {
		var data bytes.Buffer
		if err := out.draw(&data); err != nil {
			return fmt.Errorf("%s cannot be drawn: %w", out.name, err)
		}
		files[i], names[i] = file{out.name, data.Bytes()}, out.name
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return &fileError{"create", dir, err}
	}
	if err := replaceFiles(dir, files); err != nil {
		return err
	}
	if !f.quiet && f.format == "table" && a.diagnostics == "text" {
		a.note("wrote %s to %s", strings.Join(names, ", "), shown(dir))
	}
	if old := otherCharts(dir, names, f.forms); len(old) > 0 && !f.quiet && a.diagnostics == "text" {
		a.note("%s also has charts that are not of this report: %s", shown(filepath.Join(dir, chartsFolder)), strings.Join(old, ", "))
	}
	return nil
}
