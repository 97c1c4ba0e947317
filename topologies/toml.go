package topologies

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/capsim/capsim/models/kind"
	"github.com/pelletier/go-toml/v2/unstable"
)

// style is how a table came to be. TOML lets a table be completed only in
// the way in which it was begun.
type style uint8

const (
	implied style = iota // by the header of a table in it
	headed               // by its own header
	dotted               // by a dotted key
	inline               // by braces
)

// builder makes a tree of positioned values from the events of the TOML
// parser. The parser knows neither tables nor duplicates: that is done here.
type builder struct {
	src    *source
	report *kind.Report
	root   *kind.Table
	styles map[*kind.Table]style
	arrays map[*kind.Value]bool // made by [[headers]]
	at     *kind.Table          // the table that keys now go to
	path   string               // of that table, for messages
	depth  int                  // of that table
	end    int                  // of the last expression that was read
	base   int                  // where the parser's input begins within src.data
	syntax int                  // syntax errors so far
}

// parseTOML reads a guarded document. The tree is incomplete if ok is false.
func parseTOML(src *source, report *kind.Report) (root *kind.Table, ok bool) {
	b := &builder{
		src: src, report: report, root: &kind.Table{Pos: src.start()},
		styles: map[*kind.Table]style{}, arrays: map[*kind.Value]bool{},
	}
	b.at = b.root
	b.styles[b.root] = headed
	var p unstable.Parser
	p.Reset(src.data)
	for {
		for p.NextExpression() {
			b.expression(p.Expression())
		}
		if p.Error() == nil {
			break
		}
		if b.base = b.recoverFrom(&p); b.base < 0 {
			break
		}
		p.Reset(src.data[b.base:])
	}
	if b.syntax > 0 {
		return b.root, false
	}
	if report.Failed() { // what is defined twice is no syntax error, but one to the other library
		return b.root, true
	}
	return b.root, crossCheck(src, b.root, report)
}

// recoverFrom reports a syntax error and returns where reading may go on; -1
// to give up.
func (b *builder) recoverFrom(p *unstable.Parser) int {
	at := len(b.src.data)
	var failure *unstable.ParserError
	if errors.As(p.Error(), &failure) && failure.Highlight != nil {
		at = b.base + int(p.Range(failure.Highlight).Offset)
	}
	s := syntaxError{src: b.src, path: b.path, first: max(b.end, b.base), at: at, said: p.Error().Error()}
	d, next := s.explain()
	b.report.Add(d)
	if b.syntax++; b.syntax >= maxSyntax {
		return -1
	}
	if s.header {
		// The keys that follow belong to a table that could not be read.
		b.at, b.path = &kind.Table{}, ""
	}
	b.end = next
	return next
}

// expression takes in one header or one key with its value.
func (b *builder) expression(n *unstable.Node) {
	switch n.Kind {
	case unstable.Table:
		b.header(n, false)
	case unstable.ArrayTable:
		b.header(n, true)
	case unstable.KeyValue:
		b.end = b.assign(b.at, b.path, n, b.depth)
	}
}

// key is one part of a key and where it stands.
type key struct {
	name     string
	from, to int // in src.data
	pos      kind.Pos
}

// keysOf collects the parts of an expression's key. A part that is too long
// is reported, and ok false.
func (b *builder) keysOf(n *unstable.Node) (keys []key, ok bool) {
	ok = true
	for it := n.Key(); it.Next(); {
		k := it.Node()
		from := b.base + int(k.Raw.Offset)
		to := from + int(k.Raw.Length)
		pos := b.src.pos(from, to)
		keys = append(keys, key{string(k.Data), from, to, pos})
		if len(k.Data) > maxKey {
			b.report.Add(kind.Diagnostic{Code: "E704", Pos: pos, Key: kind.Cut(string(k.Data)),
				Message: fmt.Sprintf("a key must be at most %d bytes long, this one has %d", maxKey, len(k.Data))})
			ok = false
		}
	}
	return keys, ok
}

// header enters [a.b.c] or [[a.b.c]].
func (b *builder) header(n *unstable.Node, array bool) {
	keys, ok := b.keysOf(n)
	last := keys[len(keys)-1]
	from, to := b.headerSpan(keys[0].from, last.to)
	b.end, b.depth = to, len(keys)
	b.at, b.path = &kind.Table{Pos: b.src.pos(from, to)}, "" // if it cannot be entered
	if !ok {
		return
	}
	t, path := b.root, ""
	for _, k := range keys[:len(keys)-1] {
		path = kind.JoinKey(path, k.name)
		e := t.Get(k.name)
		switch {
		case e == nil:
			t = b.addTable(t, k, implied)
		case e.Value.Type == kind.TypeTable && b.styles[e.Value.Table] != inline:
			t = e.Value.Table
		case b.arrays[e.Value]:
			t = e.Value.Items[len(e.Value.Items)-1].Table
		default:
			b.twice(path, k, e, b.styleHint(e.Value))
			return
		}
	}
	path = kind.JoinKey(path, last.name)
	e := t.Get(last.name)
	pos := b.src.pos(from, to)
	switch {
	case array && e == nil:
		v := &kind.Value{Type: kind.TypeArray, Pos: pos}
		b.arrays[v] = true
		t.Add(&kind.Entry{Key: last.name, KeyPos: last.pos, Value: v})
		b.at = b.appendTable(v, pos)
	case array && b.arrays[e.Value]:
		b.at = b.appendTable(e.Value, pos)
	case !array && e == nil:
		b.at = b.addTable(t, last, headed)
		b.at.Pos = pos
		t.Get(last.name).Value.Pos = pos
	case !array && e.Value.Type == kind.TypeTable && b.styles[e.Value.Table] == implied:
		b.at = e.Value.Table
		b.at.Pos, e.Value.Pos, b.styles[b.at] = pos, pos, headed
	default:
		hint := b.styleHint(e.Value)
		switch {
		case b.arrays[e.Value]:
			hint = "use [[" + path + "]] for each item"
		case array && kindRow(path) != nil:
			hint = "give each " + path + " a name: [" + path + ".NAME]"
		}
		b.twice(path, last, e, hint)
		return
	}
	b.path = path
}

// headerSpan widens the span of a header's key to its brackets.
func (b *builder) headerSpan(from, to int) (int, int) {
	for from > 0 && strings.IndexByte(" \t[", b.src.data[from-1]) >= 0 {
		from--
	}
	for from < to && b.src.data[from] != '[' {
		from++
	}
	for to < len(b.src.data) && strings.IndexByte(" \t]", b.src.data[to]) >= 0 {
		to++
	}
	return from, to
}

func (b *builder) addTable(in *kind.Table, k key, as style) *kind.Table {
	t := &kind.Table{Pos: k.pos}
	b.styles[t] = as
	in.Add(&kind.Entry{Key: k.name, KeyPos: k.pos, Value: &kind.Value{Type: kind.TypeTable, Pos: k.pos, Table: t}})
	return t
}

func (b *builder) appendTable(v *kind.Value, pos kind.Pos) *kind.Table {
	t := &kind.Table{Pos: pos}
	b.styles[t] = headed
	v.Items = append(v.Items, &kind.Value{Type: kind.TypeTable, Pos: pos, Table: t})
	return t
}

// twice reports that something is defined for the second time.
func (b *builder) twice(path string, k key, first *kind.Entry, hint string) {
	d := kind.Diagnostic{Code: "E103", Pos: k.pos, Key: path, Message: kind.QuoteText(k.name) + " is defined twice", Hint: hint}
	b.report.Add(d.See(first.KeyPos, "first defined here"))
}

// styleHint says why a table cannot be added to.
func (b *builder) styleHint(v *kind.Value) string {
	if v.Type != kind.TypeTable {
		return ""
	}
	if b.styles[v.Table] == inline {
		return "a table in braces { … } is complete: write the key inside of them"
	}
	return "write a table either with one header or with dotted keys, not both"
}

// assign enters key = value into a table and returns the offset after the
// value.
func (b *builder) assign(t *kind.Table, path string, n *unstable.Node, depth int) int {
	keys, ok := b.keysOf(n)
	last := keys[len(keys)-1]
	full := path
	for _, k := range keys {
		full = kind.JoinKey(full, k.name)
	}
	v, end := b.value(n.Value(), b.valueStart(last.to), depth+len(keys), full)
	if !ok {
		return end
	}
	for _, k := range keys[:len(keys)-1] {
		path = kind.JoinKey(path, k.name)
		e := t.Get(k.name)
		switch {
		case e == nil:
			t = b.addTable(t, k, dotted)
		case e.Value.Type == kind.TypeTable && b.styles[e.Value.Table] == dotted:
			t = e.Value.Table
		default:
			b.twice(path, k, e, b.styleHint(e.Value))
			return end
		}
	}
	if e := t.Get(last.name); e != nil {
		b.twice(full, last, e, b.styleHint(e.Value))
		return end
	}
	t.Add(&kind.Entry{Key: last.name, KeyPos: last.pos, Value: v})
	return end
}

// valueStart returns where the value begins after a key that ends at i.
func (b *builder) valueStart(i int) int {
	for i < len(b.src.data) && strings.IndexByte(" \t=", b.src.data[i]) >= 0 {
		i++
	}
	return i
}

// skip passes over what may stand between the items of an array.
func (b *builder) skip(i int) int {
	for i < len(b.src.data) {
		switch b.src.data[i] {
		case ' ', '\t', '\r', '\n', ',':
			i++
		case '#':
			for i < len(b.src.data) && b.src.data[i] != '\n' {
				i++
			}
		default:
			return i
		}
	}
	return i
}

// value makes the value that begins at an offset, and returns where it ends.
// Depth is its own, path that of its key.
func (b *builder) value(n *unstable.Node, from, depth int, path string) (*kind.Value, int) {
	v := &kind.Value{Pos: b.src.pos(from, from+1)}
	if depth > maxDepth {
		b.refuse(v, "E702", path, fmt.Sprintf("nested deeper than %d levels", maxDepth), "")
	}
	switch n.Kind {
	case unstable.Array:
		v.Type = kind.TypeArray
		i := b.skip(from + 1)
		for it := n.Children(); it.Next(); {
			var item *kind.Value
			item, i = b.value(it.Node(), i, depth+1, itemPath(path, len(v.Items), it.Node().Kind))
			v.Items = append(v.Items, item)
			i = b.skip(i)
		}
		return v, i + 1
	case unstable.InlineTable:
		v.Type, v.Table = kind.TypeTable, &kind.Table{Pos: v.Pos}
		i := b.skip(from + 1)
		for it := n.Children(); it.Next(); {
			i = b.skip(b.assign(v.Table, path, it.Node(), depth))
		}
		b.seal(v.Table)
		return v, i + 1
	}
	to := from + int(n.Raw.Length)
	v.Raw, v.Pos = string(b.src.data[from:to]), b.src.pos(from, to)
	b.scalar(v, n, path)
	return v, to
}

// itemPath is the path of an item of an array. Nothing is ever said of a text
// or a truth value here, and there may be many of them.
func itemPath(array string, i int, k unstable.Kind) string {
	if k == unstable.String || k == unstable.Bool {
		return array
	}
	return array + "[" + strconv.Itoa(i) + "]"
}

// seal marks a table in braces, and those that dotted keys made in it, as
// complete.
func (b *builder) seal(t *kind.Table) {
	b.styles[t] = inline
	for _, e := range t.Entries {
		if e.Value.Type == kind.TypeTable && b.styles[e.Value.Table] == dotted {
			b.seal(e.Value.Table)
		}
	}
}

// refuse reports a value that cannot be taken in.
func (b *builder) refuse(v *kind.Value, code, path, message, hint string) {
	b.report.Add(kind.Diagnostic{Code: code, Pos: v.Pos, Key: path, Message: message, Hint: hint})
	b.syntax++
}

// scalar fills in a value that is neither array nor table.
func (b *builder) scalar(v *kind.Value, n *unstable.Node, path string) {
	plain := strings.ReplaceAll(v.Raw, "_", "")
	fail := func(code, message, hint string) { b.refuse(v, code, path, message, hint) }
	switch n.Kind {
	case unstable.String:
		v.Type, v.Text = kind.TypeString, string(n.Data)
	case unstable.Bool:
		v.Type, v.Bool = kind.TypeBoolean, v.Raw == "true"
	case unstable.Integer:
		v.Type = kind.TypeInteger
		if digits := strings.TrimLeft(plain, "+-"); len(digits) > 1 && digits[0] == '0' && digits[1] <= '9' {
			fail("E101", "a number must not begin with a zero", "write "+strings.TrimLeft(digits[:len(digits)-1], "0")+digits[len(digits)-1:])
			return
		}
		var err error
		if v.Int, err = strconv.ParseInt(plain, 0, 64); err != nil {
			fail("E101", "this integer does not fit in 64 bits", "")
		}
	case unstable.Float:
		v.Type = kind.TypeFloat
		if word := strings.TrimLeft(plain, "+-"); word == "nan" || word == "inf" {
			fail("E303", "must be a finite number, got "+v.Raw, "")
			return
		}
		var err error
		v.Float, err = strconv.ParseFloat(plain, 64)
		mantissa, _, _ := strings.Cut(strings.ToLower(plain), "e")
		switch {
		case errors.Is(err, strconv.ErrRange):
			fail("E303", "this number does not fit in a 64-bit float", "")
		case err == nil && v.Float == 0 && strings.Trim(mantissa, "+-0.") != "":
			fail("E303", "this number is too small to be told from 0", "")
		}
	default:
		v.Type = kind.TypeDate
	}
}
