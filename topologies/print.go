package topologies

import (
	"fmt"
	"io"
	"math"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
)

// printWidth is the longest line that an array may fill.
const printWidth = 100

// Print writes a design, "" for the file as it stands, as it would be
// simulated: with the file that it extends and the changes of the design and
// of the command line merged in, and what was left out, with its default, in
// comments. A comment says where each value is from. Read again it means the
// same. The file must be right; the error is the writer's.
func (f *File) Print(w io.Writer, design string) error {
	spec, report := f.Spec(design)
	if spec == nil {
		panic("topologies: Print of a file with errors: " + report.Diagnostics()[0].Headline())
	}
	p := &printer{defaults: spec.Defaults, origins: true}
	f.print(p, design)
	_, err := io.WriteString(w, p.b.String())
	return err
}

func (f *File) print(p *printer, design string) {
	root := f.overlaid(design, &kind.Report{})
	fillSets(root)
	f.relocate(root, "")
	if !p.origins {
		inOrder(root)
	}
	f.printFlags(p, root)
	run := &kind.Entry{Key: "run", Value: &kind.Value{Type: kind.TypeTable, Table: &kind.Table{}}}
	var nodes []*kind.Entry
	for _, e := range root.Entries {
		switch {
		case kindRow(e.Key) != nil:
			nodes = append(nodes, e)
		case e.Key == "run":
			run = e
			if !tellsTime(root) { // the time of day is that of other designs
				run.Value.Table.Entries = slices.DeleteFunc(run.Value.Table.Entries, func(e *kind.Entry) bool { return e.Key == "start" })
			}
		default:
			p.entry("", e)
		}
	}
	for _, d := range p.defaults {
		if !strings.Contains(d.Key, ".") && root.Get(d.Key) == nil {
			p.left(d.Key, d.Value)
		}
	}
	p.table("run", "run", run.Value.Table)
	for _, e := range nodes {
		for _, n := range e.Value.Table.Entries {
			p.table(e.Key+"."+tomlKey(n.Key), kind.JoinKey(e.Key, n.Key), n.Value.Table)
		}
	}
}

// inOrder sorts the keys of a table, and of the tables in it: what a file
// means does not depend on their order.
func inOrder(t *kind.Table) {
	slices.SortStableFunc(t.Entries, func(a, b *kind.Entry) int { return strings.Compare(a.Key, b.Key) })
	for _, e := range t.Entries {
		inOrderWithin(e.Value)
	}
}

func inOrderWithin(v *kind.Value) {
	switch v.Type {
	case kind.TypeTable:
		inOrder(v.Table)
	case kind.TypeArray:
		for _, item := range v.Items {
			inOrderWithin(item)
		}
	}
}

// longestSource is how long a Source may be, in bytes: every result carries it.
const longestSource = 64 << 10

// Source is what [File.Print] writes, without its comments and with the keys in
// the order of the alphabet: it does not tell how the file is called, or where
// in it something stands. It is "" where it is too long to go with every
// result, or the file is not right by itself (a drill may bring faults in place
// of its own).
func (f *File) Source(design string) string {
	if len(f.src.data) > longestSource {
		return "" // and printing it would take long
	}
	if spec, _ := f.Spec(design); spec == nil {
		return ""
	}
	p := &printer{}
	if f.print(p, design); p.b.Len() > longestSource {
		return ""
	}
	return p.b.String()
}

// tellsTime reports whether the time of day matters to a file.
func tellsTime(t *kind.Table) bool {
	return slices.ContainsFunc(t.Entries, func(e *kind.Entry) bool {
		return e.Key == "daily" || e.Key == "schedule" || e.Value.Type == kind.TypeTable && tellsTime(e.Value.Table)
	})
}

// printFlags adds the flags that are no keys of the file.
func (f *File) printFlags(p *printer, root *kind.Table) {
	if f.opts.Load != 0 && f.opts.Load != 1 {
		fmt.Fprintf(&p.b, "# to be simulated with --load %v\n", f.opts.Load)
	}
	switch seed := f.opts.Seed; {
	case seed == nil:
	case *seed > math.MaxInt64:
		fmt.Fprintf(&p.b, "# to be simulated with --seed %d\n", *seed)
	default:
		one := &setting{keys: []string{"run", "seed"}, flag: "--seed", value: &kind.Value{Type: kind.TypeInteger, Raw: strconv.FormatUint(*seed, 10)}}
		f.applySetting(root, one, &kind.Report{})
	}
}

// printer writes tables of TOML.
type printer struct {
	b        strings.Builder
	defaults []node.Default // for comments
	origins  bool           // tell where each value is from
}

// table writes a table with a header, and what it leaves out.
func (p *printer) table(header, at string, t *kind.Table) {
	if p.b.Len() > 0 {
		p.b.WriteByte('\n')
	}
	p.b.WriteString("[" + header + "]\n")
	for _, e := range t.Entries {
		p.entry("", e)
	}
	for _, d := range p.defaults {
		if key, found := strings.CutPrefix(d.Key, at+"."); found {
			p.left(key, d.Value)
		}
	}
}

// left writes what was left out, and what is used for it.
func (p *printer) left(key, value string) {
	p.noted("# "+key+" = "+value, "default")
}

// noteColumn is where comments begin, after lines that are no longer.
const noteColumn = 44

// noted writes a line and a comment behind it.
func (p *printer) noted(line, note string) {
	if !p.origins {
		p.b.WriteString(line + "\n")
		return
	}
	gap := max(2, noteColumn-utf8.RuneCountInString(line[strings.LastIndexByte(line, '\n')+1:]))
	p.b.WriteString(line + strings.Repeat(" ", gap) + "# " + note + "\n")
}

// origin says where a value is from: a line of the file, a design, a flag.
func origin(v *kind.Value) string {
	at := ""
	if v.Pos.File != "" && v.Pos.File != kind.CommandLine {
		name := path.Base(filepath.ToSlash(v.Pos.File))
		if _, position := kind.Invisible(name); position > 0 {
			name = kind.QuoteText(name)
		}
		at = name + ":" + strconv.Itoa(v.Pos.Line)
	}
	switch name, design := strings.CutPrefix(v.Origin, DesignKey+"."); {
	case design:
		return "design " + strings.TrimSuffix(name, ".") + ", " + at
	case v.Origin != "":
		return strings.TrimSpace(v.Origin)
	}
	return at
}

// entry writes a key and its value; a table within a table as dotted keys.
func (p *printer) entry(prefix string, e *kind.Entry) {
	key := prefix + tomlKey(e.Key)
	if e.Value.Type == kind.TypeTable && len(e.Value.Table.Entries) > 0 {
		for _, inner := range e.Value.Table.Entries {
			p.entry(key+".", inner)
		}
		return
	}
	line := key + " = " + oneLine(e.Value)
	if e.Value.Type != kind.TypeArray || len([]rune(line)) <= printWidth {
		p.noted(line, origin(e.Value))
		return
	}
	p.noted(key+" = [", origin(e.Value))
	for _, item := range e.Value.Items {
		p.b.WriteString("  " + oneLine(item) + ",\n")
	}
	p.b.WriteString("]\n")
}

// oneLine is a value on one line, but for strings of several.
func oneLine(v *kind.Value) string {
	var parts []string
	switch v.Type {
	case kind.TypeArray:
		for _, item := range v.Items {
			parts = append(parts, oneLine(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case kind.TypeTable:
		if len(v.Table.Entries) == 0 {
			return "{}"
		}
		for _, e := range v.Table.Entries {
			parts = append(parts, tomlKey(e.Key)+" = "+oneLine(e.Value))
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	}
	return v.Raw
}

// tomlKey is a key as TOML wants it.
func tomlKey(key string) string {
	if bare := kind.JoinKey("", key); bare == key {
		return key
	}
	return quoteTOML(key)
}
