package topologies

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/capsim/capsim/models/kind"
)

// lineage reads a file and those that it extends, one after the other.
type lineage struct {
	files  Files
	report *kind.Report
	names  []string // of the files so far, as they are reached
	bytes  int      // of them together
	counts counts   // of them together
	trees  []*kind.Table
}

// readChain reads a file, and what it extends into one tree: the tables of
// each are merged over those of the file that it extends, as the changes of a
// design are. sources are the names of the files, the first one first.
func readChain(files Files, name string, report *kind.Report) (root *kind.Table, src *source, sources []string) {
	c := &lineage{files: files, report: report}
	var from *kind.Value
	for at := name; ; {
		s, tree := c.read(at, from)
		if tree == nil {
			return nil, nil, nil
		}
		if src == nil {
			src = s
		}
		e := tree.Get("extends")
		if e == nil {
			return c.merged(), src, c.names
		}
		if e.Value.Type != kind.TypeString || e.Value.Text == "" {
			d := extendsProblem(e.Value, "E204", "expected the name of a file, got "+e.Value.Type.String())
			if e.Value.Type == kind.TypeString {
				d.Code, d.Message = "E302", "must not be empty"
			}
			report.Add(d.WithHint(`for example extends = "base.toml"`))
			return nil, nil, nil
		}
		from, at = e.Value, besides(at, e.Value.Text)
	}
}

func extendsProblem(v *kind.Value, code, message string) kind.Diagnostic {
	return kind.Diagnostic{Code: code, Pos: v.Pos, Key: "extends", Message: message}
}

// besides is the path of a file that another names: relative to that one's
// folder. It is never "-", which stands for standard input.
func besides(file, name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	path := filepath.Join(filepath.Dir(file), name)
	if path == "-" {
		return "." + string(filepath.Separator) + path
	}
	return path
}

// read takes in one file, the one that the value from names unless it is the
// first. The tree is nil if it cannot be read, or is not TOML.
func (c *lineage) read(name string, from *kind.Value) (*source, *kind.Table) {
	if from != nil && !c.mayFollow(name, from) {
		return nil, nil
	}
	c.names = append(c.names, name)
	data, ok := c.data(name, from)
	if !ok {
		return nil, nil
	}
	src := newSource(name, data)
	c.report.AddSource(name, data)
	if !guardAfter(src, c.report, &c.counts) {
		return nil, nil
	}
	tree, ok := parseTOML(src, c.report)
	if !ok {
		return nil, nil
	}
	c.trees = append(c.trees, tree)
	if e := tree.Get("capsim"); e != nil && from != nil { // those before it may say something else
		d := &kind.Decoder{Report: c.report}
		new(version).Read(d.At(e.Value, "capsim"))
	}
	return src, tree
}

// mayFollow refuses circles and chains that are too long.
func (c *lineage) mayFollow(name string, from *kind.Value) bool {
	if i := slices.Index(c.names, name); i >= 0 {
		circle := make([]string, 0, len(c.names)+1)
		for _, n := range append(slices.Clone(c.names[i:]), name) {
			circle = append(circle, kind.Cut(n))
		}
		c.report.Add(extendsProblem(from, "E506", "files extend each other in a circle: "+strings.Join(circle, " → ")))
		return false
	}
	if len(c.names) > maxExtends {
		c.report.Add(extendsProblem(from, "E702", fmt.Sprintf("more than %d files extend each other", maxExtends)))
		return false
	}
	return true
}

// data reads all of a file, at most one byte more than is allowed.
func (c *lineage) data(name string, from *kind.Value) ([]byte, bool) {
	fail := func(code, message, hint string) {
		d := kind.Diagnostic{Code: code, Pos: kind.Pos{File: name, Line: 1, Col: 1}, Key: name, Message: message, Hint: hint}
		if from != nil {
			d = extendsProblem(from, code, message+": "+kind.QuoteText(name)).WithHint(hint)
		}
		c.report.Add(d)
	}
	in, err := c.files.Open(name)
	if err != nil {
		code, message := FileProblem(err)
		hint := ""
		switch {
		case errors.Is(err, fs.ErrNotExist):
			if from != nil {
				code = "E503"
			}
			hint = nearFile(c.files, name)
		case code == "E002":
			hint = "give a .toml file"
		}
		fail(code, message, hint)
		return nil, false
	}
	defer in.Close() // read only: nothing can be lost
	data, err := io.ReadAll(io.LimitReader(in, int64(maxFile-c.bytes)+1))
	if err != nil {
		code, message := FileProblem(err)
		fail(code, message, "")
		return nil, false
	}
	if c.bytes += len(data); c.bytes > maxFile {
		message := "the file is larger than 4 MiB"
		if from != nil {
			message = "the files that extend each other are larger than 4 MiB together"
		}
		fail("E701", message, "put long data in a trace or a data file")
		return nil, false
	}
	if n := len(data); n > 0 && data[n-1] != '\n' {
		data = append(data, '\n') // so that what is left open is left open at the end of a line
	}
	return data, true
}

// merged is the tree of all files.
func (c *lineage) merged() *kind.Table {
	root := &kind.Table{Pos: c.trees[0].Pos}
	for _, tree := range slices.Backward(c.trees) {
		for _, e := range tree.Entries {
			if e.Key != "extends" {
				mergeEntry(root, e)
			}
		}
	}
	return root
}
