package topologies

import (
	"fmt"
	"slices"
	"strings"

	"github.com/capsim/capsim/models/kind"
)

// Variation is which keys are varied, and over which values: the table
// [sweep], and the key vary of [plan].
type Variation []Dimension

// maxDimensions is how many keys may be varied at once.
const maxDimensions = 16

// Read takes a table of paths, in quotes or as dotted keys, and their values.
func (v *Variation) Read(c kind.Cursor) {
	if c.Value.Type != kind.TypeTable {
		c.Wrong("a table of paths and values", `for example "server.app.instances" = [1, 2, 4]`)
		return
	}
	v.table(c, c, c.Path+".", nil)
}

// Shape describes the table.
func (*Variation) Shape() kind.Shape {
	return kind.Shape{Type: "a table of paths, each with a list of values or a range"}
}

// table reads the entries of a table that stands at a path of keys.
func (v *Variation) table(top, c kind.Cursor, origin string, path []string) {
	for _, e := range c.Value.Table.Entries {
		at := c.Key(e)
		keys, ok := splitPath(e.Key)
		if !ok {
			top.Report(at.Problem("E803", "expected the path of a key, got "+kind.QuoteText(e.Key)).WithHint(`for example "server.app.instances" = [1, 2, 4]`))
			continue
		}
		keys = append(slices.Clone(path), keys...)
		if e.Value.Type == kind.TypeTable {
			v.table(top, at, origin, keys)
			continue
		}
		fail := func(pos kind.Pos, code, message, hint string) {
			top.Report(kind.Diagnostic{Code: code, Pos: pos, Key: at.Path, Message: message, Hint: hint})
		}
		d := Dimension{Path: joinKeys(keys), origin: origin, pos: e.KeyPos}
		r := dimensionReader{d: &d, keys: keys, fail: fail}
		if e.Value.Origin != "" { // --set sweep."load"=[1, 2]
			r.shift = e.Value.Origin
		}
		r.file(e.Value)
		v.add(d, fail)
	}
}

// add takes in a dimension, unless its path is there.
func (v *Variation) add(d Dimension, fail func(pos kind.Pos, code, message, hint string)) {
	switch i := slices.IndexFunc(*v, func(have Dimension) bool { return have.Path == d.Path }); {
	case i >= 0:
		fail(d.pos, "E803", d.Path+" is varied twice", "give all of its values at one place")
	case len(*v) == maxDimensions:
		fail(d.pos, "E703", fmt.Sprintf("more than %d keys are varied", maxDimensions), "")
	case len(d.Values) > 0:
		*v = append(*v, d)
	}
}

// splitPath reads a dotted path as TOML does.
func splitPath(path string) ([]string, bool) {
	var keys []string
	t := parseArgument(1, path+" = 0")
	for t != nil && len(t.Entries) == 1 {
		e := t.Entries[0]
		keys, t = append(keys, e.Key), e.Value.Table
	}
	return keys, len(keys) > 0
}

// dimensionReader reads the values of one dimension.
type dimensionReader struct {
	d     *Dimension
	keys  []string
	shift string // what wrote the values, where it is not the dimension's origin
	fail  func(pos kind.Pos, code, message, hint string)
	seen  map[written]bool
}

// written is a value as it is written: 4 and "4" are two.
type written struct{ raw, text string }

// file reads values as a file gives them: a list, or a range.
func (r *dimensionReader) file(v *kind.Value) {
	if !r.variable() {
		return
	}
	switch {
	case v.Type == kind.TypeString:
		r.span(v)
	case v.Type != kind.TypeArray:
		r.fail(v.Pos, "E803", "expected a list of values or a range, got "+v.Type.String(), "a single value is written ["+kind.Cut(v.Raw)+"]; "+rangeHint)
	case len(v.Items) == 0:
		r.fail(v.Pos, "E803", "the list of values is empty", rangeHint)
	default:
		r.list(v.Items)
	}
}

// list reads values one by one; a text such as "1..4" is all of the range.
func (r *dimensionReader) list(items []*kind.Value) {
	for _, item := range items {
		if item.Type == kind.TypeString && isRange(item.Text) {
			r.span(item)
			continue
		}
		r.value(item)
	}
}

// span reads a range.
func (r *dimensionReader) span(v *kind.Value) {
	one, problem, hint := readRange(v.Text)
	if problem != "" {
		r.fail(v.Pos, "E803", problem, hint)
		return
	}
	for _, v := range one.values(v) {
		r.value(v)
	}
}

// variable refuses paths that no point can differ in.
func (r *dimensionReader) variable() bool {
	switch r.keys[0] {
	case "capsim", "extends", "sweep", "plan":
		r.fail(r.d.pos, "E202", r.d.Path+" cannot be varied", "vary a key of a node, of [run], the load or the design")
		return false
	case LoadPath, DesignKey:
		if len(r.keys) > 1 {
			r.fail(r.d.pos, "E202", r.d.Path+" cannot be varied", `vary the key itself, such as "server.app.cores", or the designs: "design" = ["small", "large"]`)
			return false
		}
	}
	return true
}

// value adds one value.
func (r *dimensionReader) value(v *kind.Value) {
	c := Choice{Path: r.d.Path, Text: choiceText(v)}
	flag := r.d.origin
	if r.shift != "" {
		flag = r.shift
	}
	c.setting = &setting{keys: r.keys, value: v, pos: v.Pos, flag: flag}
	c.number(v)
	switch r.d.Path {
	case LoadPath:
		if !r.load(v, &c) {
			return
		}
	case DesignKey:
		if v.Type != kind.TypeString {
			r.fail(v.Pos, "E803", "expected the name of a design, got "+v.Type.String(), `for example "design" = ["small", "large"]`)
			return
		}
		c.design, c.Numeric = v.Text, false
	}
	as := written{v.Raw, c.Text}
	if r.seen[as] {
		r.fail(v.Pos, "E803", kind.Cut(c.Text)+" stands there twice", "")
		return
	}
	if r.seen == nil {
		r.seen = map[written]bool{}
	}
	r.seen[as] = true
	if len(r.d.Values) == maxSpacePoints {
		r.fail(v.Pos, "E803", fmt.Sprintf("more than %d values", maxSpacePoints), "")
		return
	}
	r.d.Values = append(r.d.Values, c)
}

// load reads what the traffic is multiplied by.
func (r *dimensionReader) load(v *kind.Value, c *Choice) bool {
	switch v.Type {
	case kind.TypeInteger:
		c.load = float64(v.Int)
	case kind.TypeFloat:
		c.load = v.Float
	case kind.TypeString:
		load, err := kind.ParseFactor(v.Text)
		if err != nil {
			r.fail(v.Pos, err.Code, err.Message, "the load is a factor, such as 1.5")
			return false
		}
		c.load = load
	default:
		r.fail(v.Pos, "E803", "expected a factor, got "+v.Type.String(), "the load is a factor, such as 1.5")
		return false
	}
	if !(c.load > 0) || c.load > maxLoadFactor {
		r.fail(v.Pos, "E302", fmt.Sprintf("the load must be more than 0 and at most %d, got %s", maxLoadFactor, c.Text), "")
		return false
	}
	c.Number, c.Unit, c.Numeric = c.load, "", true
	return true
}

// number finds out whether a value can be told by a number.
func (c *Choice) number(v *kind.Value) {
	switch v.Type {
	case kind.TypeInteger:
		c.Number, c.Numeric = float64(v.Int), true
	case kind.TypeFloat:
		c.Number, c.Numeric = v.Float, true
	case kind.TypeString:
		if ns, err := kind.ParseDuration(v.Text); err == nil {
			c.Number, c.Unit, c.Numeric = float64(ns)/1e9, "s", true
		} else if rate, err := kind.ParseRate(v.Text); err == nil {
			c.Number, c.Unit, c.Numeric = rate, "/s", true
		} else if size, err := kind.ParseSize(v.Text); err == nil {
			c.Number, c.Unit, c.Numeric = float64(size), "B", true
		} else if n, err := kind.ParseNumber(v.Text); err == nil {
			c.Number, c.Numeric = n, true
		} else if share, err := kind.ParseRatio(v.Text); err == nil {
			c.Number, c.Numeric = share, true
		}
	}
}

// choiceText is a value as it is written, without quotes.
func choiceText(v *kind.Value) string {
	if v.Type == kind.TypeString {
		return v.Text
	}
	return oneLine(v)
}

// readVaryFlag reads one --vary PATH=VALUES: a range, a list as TOML writes
// it, or values with commas between them.
func readVaryFlag(s Setting, into *Variation, report *kind.Report) {
	pos := kind.Pos{File: kind.CommandLine, Line: 1, Col: s.Arg, EndCol: s.Arg + 1}
	fail := func(_ kind.Pos, code, message, hint string) {
		report.Add(kind.Diagnostic{Code: code, Pos: pos, Key: "--vary", Message: message, Hint: hint})
	}
	path, text, found := cutPath(s.Text)
	if !found || text == "" {
		fail(pos, "E802", "expected PATH=VALUES, got "+kind.QuoteText(s.Text), "for example --vary server.app.instances=1..8")
		return
	}
	keys, ok := splitPath(path)
	if !ok {
		fail(pos, "E802", "expected the path of a key before the equals sign, got "+kind.QuoteText(path), "for example --vary server.app.instances=1..8")
		return
	}
	d := Dimension{Path: joinKeys(keys), origin: varyFlag, pos: pos}
	r := dimensionReader{d: &d, keys: keys, fail: fail}
	if !r.variable() {
		return
	}
	before := report.Errors()
	var items []*kind.Value
	for _, word := range varyWords(text) {
		one := parseSetting(Setting{Text: path + "=" + word, Flag: varyFlag, Arg: s.Arg}, report)
		if one == nil {
			return
		}
		items = append(items, one.value)
	}
	if len(items) == 1 && items[0].Type == kind.TypeArray && strings.HasPrefix(text, "[") {
		r.file(items[0])
	} else {
		r.list(items)
	}
	if report.Errors() == before {
		into.add(d, fail)
	}
}

// varyFlag is what messages put before the path of a --vary.
const varyFlag = "--vary "

// varyWords splits values at the commas between them. A list of TOML, and
// what stands in quotes or brackets, is one.
func varyWords(text string) []string {
	var words []string
	from, depth, quote := 0, 0, byte(0)
	for i := range len(text) {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		case c == ',' && depth == 0:
			words = append(words, strings.TrimSpace(text[from:i]))
			from = i + 1
		}
	}
	return append(words, strings.TrimSpace(text[from:]))
}

// Swept is what the table [sweep] of the file varies, nil if it has none.
func (f *File) Swept(report *kind.Report) Variation {
	e := f.overlaid("", &kind.Report{}).Get("sweep")
	if e == nil {
		return nil
	}
	var v Variation
	v.Read((&kind.Decoder{Report: report}).At(e.Value, "sweep"))
	return v
}
