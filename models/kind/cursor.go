package kind

import (
	"fmt"
	"reflect"
)

// Default is a key that was left out and the value that is used for it.
type Default struct {
	Key   string // its path
	Value string
}

// Decoder reads tables into configuration structs.
type Decoder struct {
	Report *Report
	// Elsewhere says which tables have a key ("[run]") that is unknown in the
	// table of a path, and whether it is sure that it belongs there. It may be
	// nil.
	Elsewhere func(path, key string) (places []string, sure bool)
	// Defaults collects what was left out, in the order of decoding. Keys
	// within arrays are not noted: they would drown the others.
	Defaults []Default

	// Known is what decoders remember of configuration structs, for those that
	// read many files alike. It may be nil.
	Known *Descriptions

	tables map[string]reflect.Type // by path, what tables were decoded as; nil unless somebody asks
}

// Descriptions remembers what configuration structs look like, which takes
// longer to find out than a file to read. It is for one goroutine.
type Descriptions struct{ fields map[reflect.Type][]Field }

// Cursor is a value on its way into a configuration: the value, and the path
// that messages call it by.
type Cursor struct {
	Value *Value
	Path  string

	d       *Decoder
	inArray bool
}

// At returns a cursor on a value.
func (d *Decoder) At(v *Value, path string) Cursor { return Cursor{Value: v, Path: path, d: d} }

// Key returns the cursor on the value of one of the table's entries.
func (c Cursor) Key(e *Entry) Cursor {
	c.Value, c.Path = e.Value, JoinKey(c.Path, e.Key)
	return c
}

// Item returns the cursor on an item of the array.
func (c Cursor) Item(i int) Cursor {
	c.Value, c.Path, c.inArray = c.Value.Items[i], joinItem(c.Path, i), true
	return c
}

// Place returns where the cursor's table stands.
func (c Cursor) Place() Place {
	return Place{Table: c.Value.Table, Path: c.Path, Origin: c.Value.Origin}
}

// Problem makes a finding about the value.
func (c Cursor) Problem(code, message string) Diagnostic {
	return Diagnostic{Code: code, Pos: c.Value.Pos, Key: withOrigin(c.Value.Origin, c.Path), Message: message}
}

// KeyProblem makes a finding about a key of the cursor's table.
func (c Cursor) KeyProblem(e *Entry, code, message string) Diagnostic {
	d := c.Key(e).Problem(code, message)
	d.Pos = e.KeyPos
	return d
}

// Report notes a finding.
func (c Cursor) Report(d Diagnostic) { c.d.Report.Add(d) }

// Fail notes a finding about the value.
func (c Cursor) Fail(code, format string, args ...any) {
	c.Report(c.Problem(code, fmt.Sprintf(format, args...)))
}

// Wrong notes that the value is of another type than expected ("a duration").
func (c Cursor) Wrong(expected, hint string) {
	c.Report(c.Problem("E204", "expected "+expected+", got "+c.Value.Type.String()).WithHint(hint))
}

// Literal notes what is wrong with a value that is one literal: the whole of
// it is marked.
func (c Cursor) Literal(err *LiteralError) {
	c.Report(c.Problem(err.Code, err.Message).WithHint(err.Hint))
}

// Part notes what is wrong with a part of a text, and marks that.
func (c Cursor) Part(err *LiteralError) {
	d := c.Problem(err.Code, err.Message).WithHint(err.Hint)
	d.Pos = c.Value.Within(err.Offset, err.Len)
	c.Report(d)
}

// Place is where a table of the configuration stands, so that what is wrong
// with a configuration as a whole can be said where its keys are. Each
// configuration struct embeds it; [Decode] fills it in.
type Place struct {
	Table  *Table
	Path   string
	Origin string
}

// Has reports whether the file gives the key.
func (p Place) Has(key string) bool { return p.Table.Get(key) != nil }

// ValueOf returns the value of a key, nil if it is absent.
func (p Place) ValueOf(key string) *Value {
	if e := p.Table.Get(key); e != nil {
		return e.Value
	}
	return nil
}

// KeyPos returns where a key stands; the place of the table if it is absent.
func (p Place) KeyPos(key string) Pos {
	if e := p.Table.Get(key); e != nil {
		return e.KeyPos
	}
	return p.Table.Pos
}

// At makes a finding about the value of a key, or about the table if the key
// is absent.
func (p Place) At(key, code, message string) Diagnostic {
	d := Diagnostic{Code: code, Pos: p.Table.Pos, Key: withOrigin(p.Origin, JoinKey(p.Path, key)), Message: message}
	if e := p.Table.Get(key); e != nil {
		d.Pos, d.Key = e.Value.Pos, withOrigin(e.Value.Origin, JoinKey(p.Path, key))
	}
	return d
}

// AtKey makes a finding about a key rather than its value.
func (p Place) AtKey(key, code, message string) Diagnostic {
	d := p.At(key, code, message)
	d.Pos = p.KeyPos(key)
	return d
}

// AtPart makes a finding about a part of the string value of a key.
func (p Place) AtPart(key string, err *LiteralError) Diagnostic {
	d := p.At(key, err.Code, err.Message).WithHint(err.Hint)
	if v := p.ValueOf(key); v != nil {
		d.Pos = v.Within(err.Offset, err.Len)
	}
	return d
}

// Whole makes a finding about the table.
func (p Place) Whole(code, message string) Diagnostic {
	return Diagnostic{Code: code, Pos: p.Table.Pos, Key: withOrigin(p.Origin, p.Path), Message: message}
}
