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

// Files is how a topology reaches the file system: its own text, traces and
// data of distributions.
type Files interface {
	// Open opens a regular file for reading. It must not block on anything
	// else. Its error wraps fs.ErrNotExist, fs.ErrPermission, ErrDirectory or
	// ErrIrregular where it is one of these.
	Open(name string) (io.ReadCloser, error)
	// List returns the names in a directory, for "did you mean"; it may
	// return none.
	List(directory string) []string
}

// Reasons of a Files for not opening something that exists.
var (
	ErrDirectory = errors.New("is a directory")
	ErrIrregular = errors.New("is not a regular file")
)

// Options are what the command line adds to a file.
type Options struct {
	Set  []Setting // merged over the design, in this order
	Load float64   // multiplies open rates, users and the speed of traces; 0 is 1
	Seed *uint64   // replaces run.seed, which TOML can only give up to 2^63-1
}

// Setting is one --set PATH=VALUE, or a flag that is short for one.
type Setting struct {
	Text string // PATH=VALUE
	Flag string // "--duration" where it was not --set
	Arg  int    // which argument of the command, from 1
}

// File is a topology file that could be read. It is for one goroutine: it
// remembers the traces that it has read.
type File struct {
	name    string
	src     *source
	sources []string // the file, and those that it extends, one through the other
	root    *kind.Table
	whole   *kind.Table // the same with its designs, and whatever else is taken out
	designs []*kind.Entry
	sets    []*setting
	files   Files
	opts    Options
	parsed  *kind.Report // what reading found, errors that are no obstacle to checking included
	traces  map[traceKey]*loadedTrace
	faults  *[]*kind.Value // of a drill, instead of the file's; nil: the file's
	known   *kind.Descriptions
	atPoint bool // of a space: what describes spaces is left out
}

// Load reads a topology file, and those that it extends. The File is nil if the report says that it
// cannot be read or is not TOML; otherwise what it means is found out by
// [File.Spec].
func Load(files Files, name string, opts Options) (*File, *kind.Report) {
	report := &kind.Report{}
	root, src, sources := readChain(files, name, report)
	if root == nil {
		return nil, report
	}
	f := &File{
		name: name, src: src, sources: sources, root: root, whole: root,
		files: files, opts: opts, parsed: report, traces: map[traceKey]*loadedTrace{},
		known: &kind.Descriptions{},
	}
	f.takeDesigns()
	for _, s := range opts.Set {
		if one := parseSetting(s, report); one != nil {
			f.sets = append(f.sets, one)
		}
	}
	return f, report
}

// fileProblem puts an error of a Files in words.
func fileProblem(err error) (code, message string) {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "E001", "no such file"
	case errors.Is(err, fs.ErrPermission):
		return "E003", "permission denied"
	case errors.Is(err, ErrDirectory):
		return "E002", "is a directory"
	case errors.Is(err, ErrIrregular):
		return "E004", "is not a regular file"
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return "E005", "cannot be read: " + err.Error()
}

// nearFile is a hint at a file with a similar name.
func nearFile(files Files, name string) string {
	near := kind.Nearest(filepath.Base(name), files.List(filepath.Dir(name)))
	if len(near) == 0 {
		return ""
	}
	for i := range near {
		near[i] = filepath.Join(filepath.Dir(name), near[i])
	}
	return "did you mean " + strings.Join(near, " or ") + "?"
}

// takeDesigns moves the [design] tables out of the tree.
func (f *File) takeDesigns() {
	e := f.root.Get("design")
	if e == nil {
		return
	}
	rest := &kind.Table{Pos: f.root.Pos}
	for _, other := range f.root.Entries {
		if other != e {
			rest.Add(other)
		}
	}
	f.root = rest
	if e.Value.Type != kind.TypeTable {
		f.parsed.Add(kind.Diagnostic{Code: "E204", Pos: e.Value.Pos, Key: "design", Message: "expected a table, got " + e.Value.Type.String(),
			Hint: "a design is written [design.NAME]"})
		return
	}
	for _, design := range e.Value.Table.Entries {
		d := kind.Diagnostic{Pos: design.KeyPos, Key: kind.JoinKey("design", design.Key)}
		switch {
		case design.Value.Type != kind.TypeTable:
			d.Code, d.Message = "E204", "expected a table of changes, got "+design.Value.Type.String()
			d.Hint = `a design has a name: [design.NAME], then server.app = { cores = 16 }`
			f.parsed.Add(d)
		case kindRow(design.Key) != nil && !changesNodes(design.Value.Table):
			d.Code, d.Message = "E203", "a design needs a name"
			d.Hint = "write [design.NAME] above"
			f.parsed.Add(d)
		case len(f.designs) == maxDesigns:
			d.Code, d.Message = "E703", fmt.Sprintf("more than %d designs", maxDesigns)
			f.parsed.Add(d)
			return
		default:
			f.checkDesign(design)
			f.designs = append(f.designs, design)
		}
	}
}

// changesNodes reports whether a table has any key of the top level: whether
// it may be a design.
func changesNodes(t *kind.Table) bool {
	return slices.ContainsFunc(t.Keys(), func(key string) bool { return slices.Contains(topKeys(), key) })
}

// checkDesign refuses what a design cannot change, and names that cannot be
// used.
func (f *File) checkDesign(design *kind.Entry) {
	if d, bad := badName(design, kind.JoinKey("design", design.Key)); bad {
		f.parsed.Add(d)
	}
	for _, e := range design.Value.Table.Entries {
		if slices.Contains(Shared(), e.Key) {
			f.parsed.Add(kind.Diagnostic{
				Code: "E202", Pos: e.KeyPos, Key: kind.JoinKey(kind.JoinKey("design", design.Key), e.Key),
				Message: "this key belongs at the top of the file, not in a design",
				Hint:    "all designs of a file share it, so that they can be compared",
			})
		}
	}
}

// Name is the path that the file was loaded from.
func (f *File) Name() string { return f.name }

// Designs lists the designs in the order of the file, each by name.
func (f *File) Designs() []string {
	names := make([]string, len(f.designs))
	for i, d := range f.designs {
		names[i] = d.Key
	}
	return names
}

// NodeName is a node of a file, and the key of its kind ("server").
type NodeName struct{ Kind, Name string }

// Nodes lists the nodes of the file as it stands, in the order of the file.
func (f *File) Nodes() []NodeName {
	var list []NodeName
	for _, e := range f.root.Entries {
		if kindRow(e.Key) != nil && e.Value.Type == kind.TypeTable {
			for _, name := range e.Value.Table.Keys() {
				list = append(list, NodeName{e.Key, name})
			}
		}
	}
	return list
}

// Check looks at the file as it stands and at each of its designs, and
// returns all that is to be said about any of them.
func (f *File) Check() *kind.Report {
	_, all := f.Spec("")
	for _, name := range f.Designs() {
		_, report := f.Spec(name)
		all.Merge(report)
	}
	return all
}

// resolvePath is the path of a file that a value names: it counts from the
// folder of the file in which the value stands, or of the topology for what
// the command line gives.
func (f *File) resolvePath(v *kind.Value, name string) string {
	file := v.Pos.File
	if !slices.Contains(f.sources, file) {
		file = f.name
	}
	return besides(file, name)
}

// hasDesign reports whether there is a design of that name.
func (f *File) hasDesign(name string) bool { return slices.Contains(f.Designs(), name) }
