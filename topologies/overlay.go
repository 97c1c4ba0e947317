package topologies

import (
	"bytes"
	"slices"
	"strings"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
)

// setting is a Setting that could be read.
type setting struct {
	keys  []string
	value *kind.Value
	pos   kind.Pos
	flag  string // "--set " or "--duration": what messages call it
}

// parseSetting reads PATH=VALUE: the path as a dotted key of TOML, the value
// as TOML or, where it is none and cannot be meant as one, as a string.
func parseSetting(s Setting, report *kind.Report) *setting {
	pos := kind.Pos{File: kind.CommandLine, Line: 1, Col: s.Arg, EndCol: s.Arg + 1}
	flag := s.Flag
	if flag == "" {
		flag = "--set "
	}
	fail := func(code, message, hint string) *setting {
		report.Add(kind.Diagnostic{Code: code, Pos: pos, Key: strings.TrimSpace(flag), Message: message, Hint: hint})
		return nil
	}
	path, value, found := cutPath(s.Text)
	switch {
	case len(s.Text) > maxArgument:
		return fail("E704", "longer than 64 KiB", "")
	case !found:
		return fail("E802", "expected PATH=VALUE, got "+kind.QuoteText(s.Text), "for example --set server.app.instances=8")
	case strings.ContainsAny(s.Text, "\r\n"):
		return fail("E802", "must be one line", "")
	}
	one := &setting{pos: pos, flag: flag}
	attempt := parseArgument(s.Arg, path+" = "+value)
	if attempt == nil && !strings.ContainsAny(firstOf(value), `"'[{`) {
		attempt = parseArgument(s.Arg, path+" = "+quoteTOML(value))
	}
	if attempt == nil {
		reason := &kind.Report{}
		src := newSource(kind.CommandLine, []byte(path+" = "+value))
		src.arg = s.Arg
		if guard(src, reason) {
			parseTOML(src, reason)
		}
		for _, d := range reason.Diagnostics() {
			d.Key = strings.TrimSpace(flag)
			report.Add(d)
		}
		return nil
	}
	for t := attempt; ; t = t.Entries[0].Value.Table {
		e := t.Entries[0]
		one.keys = append(one.keys, e.Key)
		if e.Value.Type != kind.TypeTable || len(e.Value.Table.Entries) != 1 || len(one.keys) == countKeys(path) {
			one.value = withOrigin(e.Value, flag)
			return one
		}
	}
}

// cutPath splits PATH=VALUE at the first equals sign outside of quotes.
func cutPath(text string) (path, value string, found bool) {
	quote := byte(0)
	for i := range len(text) {
		switch c := text[i]; {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
		case c == '"' || c == '\'':
			quote = c
		case c == '=':
			return strings.TrimSpace(text[:i]), strings.TrimSpace(text[i+1:]), strings.TrimSpace(text[:i]) != ""
		}
	}
	return "", "", false
}

// countKeys counts the parts of a dotted key that is known to be right.
func countKeys(path string) int {
	n, quote := 1, byte(0)
	for i := range len(path) {
		switch c := path[i]; {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
		case c == '"' || c == '\'':
			quote = c
		case c == '.':
			n++
		}
	}
	return n
}

func firstOf(text string) string {
	if text == "" {
		return ""
	}
	return text[:1]
}

// quoteTOML writes a text as a string of TOML.
func quoteTOML(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// parseArgument reads one line of TOML, nil if it is none. A comment would
// swallow what may be meant as part of the value.
func parseArgument(arg int, line string) *kind.Table {
	report := &kind.Report{}
	src := newSource(kind.CommandLine, []byte(line))
	src.arg = arg
	if !guard(src, report) {
		return nil
	}
	root, ok := parseTOML(src, report)
	if !ok || report.Failed() || len(root.Entries) != 1 {
		return nil
	}
	if bytes.IndexByte(src.data, '#') >= 0 && !strings.Contains(line, `"`) && !strings.Contains(line, "'") {
		return nil
	}
	return root
}

// withOrigin copies a tree and marks each value with what wrote it.
func withOrigin(v *kind.Value, origin string) *kind.Value {
	c := *v
	c.Origin = origin
	if v.Type == kind.TypeArray {
		c.Items = make([]*kind.Value, len(v.Items))
		for i, item := range v.Items {
			c.Items[i] = withOrigin(item, origin)
		}
	}
	if v.Type == kind.TypeTable {
		c.Table = &kind.Table{Pos: v.Table.Pos}
		for _, e := range v.Table.Entries {
			c.Table.Add(&kind.Entry{Key: e.Key, KeyPos: e.KeyPos, Value: withOrigin(e.Value, origin)})
		}
	}
	return &c
}

// overlaid is the tree of a design: the file, the design's changes, and the
// settings of the command line, each merged over the one before.
func (f *File) overlaid(design string, report *kind.Report) *kind.Table {
	root := f.root.Clone()
	for _, d := range f.designs {
		if d.Key != design {
			continue
		}
		path := kind.JoinKey("design", d.Key)
		changes := withOrigin(d.Value, path+".").Table
		for _, e := range changes.Entries {
			if slices.Contains(Shared(), e.Key) {
				continue // reported when the file was read
			}
			f.mergeFamily(root, e, report)
		}
	}
	for _, s := range f.sets {
		f.applySetting(root, s, report)
	}
	f.replaceFaults(root)
	applyTypes(root, report)
	return root
}

// mergeFamily merges one entry of a design over the file. A node that the
// file does not have is taken as a new one if it is complete, else as a
// misspelt one.
func (f *File) mergeFamily(root *kind.Table, e *kind.Entry, report *kind.Report) {
	base := root.Get(e.Key)
	row := kindRow(e.Key)
	if row != nil && e.Value.Type == kind.TypeTable {
		for _, one := range e.Value.Table.Entries {
			if base != nil && base.Value.Type == kind.TypeTable && base.Value.Table.Get(one.Key) != nil {
				continue
			}
			if d, wrong := misspelt(root, row, one); wrong {
				report.Add(d)
				rest := &kind.Table{Pos: e.Value.Table.Pos}
				for _, other := range e.Value.Table.Entries {
					if other != one {
						rest.Add(other)
					}
				}
				value := *e.Value
				value.Table = rest
				e = &kind.Entry{Key: e.Key, KeyPos: e.KeyPos, Value: &value}
			}
		}
		if len(e.Value.Table.Entries) == 0 && base == nil {
			return
		}
	}
	mergeEntry(root, e)
}

// misspelt reports a node of a design that is neither in the file nor
// complete, and resembles one of the file.
func misspelt(root *kind.Table, row *node.KindRow, e *kind.Entry) (kind.Diagnostic, bool) {
	near := kind.Nearest(e.Key, nodeNames(root))
	if len(near) == 0 || e.Value.Type != kind.TypeTable {
		return kind.Diagnostic{}, false
	}
	for _, f := range kind.Describe(row.Config()) {
		if f.Required && e.Value.Table.Get(f.Key) == nil {
			return kind.Diagnostic{
				Code: "E501", Pos: e.KeyPos, Key: e.Value.Origin + kind.JoinKey(row.Key, e.Key),
				Message: "unknown node " + kind.QuoteText(e.Key) + kind.DidYouMean(e.Key, nodeNames(root)),
				Hint:    "a design may add a node, but then it gives all of it: this one has no " + f.Key,
			}, true
		}
	}
	return kind.Diagnostic{}, false
}

// nodeNames lists the names of all nodes of a tree, in the order of the file.
func nodeNames(root *kind.Table) []string {
	var names []string
	for _, e := range root.Entries {
		if kindRow(e.Key) != nil && e.Value.Type == kind.TypeTable {
			names = append(names, e.Value.Table.Keys()...)
		}
	}
	return names
}

// mergeEntry puts an entry into a table: tables are merged key by key,
// anything else is replaced.
func mergeEntry(into *kind.Table, e *kind.Entry) {
	have := into.Get(e.Key)
	if have == nil || have.Value.Type != kind.TypeTable || e.Value.Type != kind.TypeTable {
		into.Set(e)
		return
	}
	for _, inner := range e.Value.Table.Entries {
		mergeEntry(have.Value.Table, inner)
	}
}

// applySetting merges one setting over a tree. Its path must lead into a
// node that is there, or into a table of the top level.
func (f *File) applySetting(root *kind.Table, s *setting, report *kind.Report) {
	fail := func(code, message, hint string) {
		key := s.flag
		if strings.HasSuffix(key, " ") || strings.HasSuffix(key, ".") {
			key += joinKeys(s.keys)
		}
		report.Add(kind.Diagnostic{Code: code, Pos: s.pos, Key: key, Message: message, Hint: hint})
	}
	switch row := kindRow(s.keys[0]); {
	case s.keys[0] == "design":
		fail("E202", "a setting changes the design that is run, whichever it is", "write --set "+joinKeys(s.keys[min(2, len(s.keys)):])+"=…")
		return
	case s.keys[0] == "extends":
		fail("E202", "a setting changes what a file says, not which file it extends", "write it into the file")
		return
	case s.keys[0] == "load":
		fail("E202", "the load is a flag of its own", "write --load "+kind.Cut(s.value.Raw))
		return
	case row != nil && len(s.keys) > 1 && (len(s.keys) > 2 || s.value.Type != kind.TypeTable):
		family := root.Get(s.keys[0])
		if family == nil || family.Value.Type != kind.TypeTable || family.Value.Table.Get(s.keys[1]) == nil {
			fail("E501", "unknown "+row.Key+" "+kind.QuoteText(s.keys[1])+kind.DidYouMean(s.keys[1], nodeNames(root)), "")
			return
		}
	}
	t := root
	for i, key := range s.keys[:len(s.keys)-1] {
		e := t.Get(key)
		if e == nil {
			e = &kind.Entry{Key: key, KeyPos: s.pos, Value: &kind.Value{
				Type: kind.TypeTable, Pos: s.pos, Table: &kind.Table{Pos: s.pos}, Origin: s.flag,
			}}
			t.Add(e)
		}
		if e.Value.Type != kind.TypeTable {
			fail("E204", joinKeys(s.keys[:i+1])+" is "+e.Value.Type.String()+", not a table with keys of its own",
				"give the whole of it: --set "+joinKeys(s.keys[:i+1])+"=…")
			return
		}
		t = e.Value.Table
	}
	mergeEntry(t, &kind.Entry{Key: s.keys[len(s.keys)-1], KeyPos: s.pos, Value: withOrigin(s.value, s.flag)})
}

func joinKeys(keys []string) string {
	path := ""
	for _, k := range keys {
		path = kind.JoinKey(path, k)
	}
	return path
}
