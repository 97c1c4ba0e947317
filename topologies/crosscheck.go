package topologies

import (
	"errors"
	"math"

	"github.com/BurntSushi/toml"
	"github.com/capsim/capsim/models/kind"
)

// crossCheck reads the document with a second TOML library, and demands that
// it sees the same keys with the same values: the two differ in what they
// let pass. The document has passed the guards, without which this library
// takes seconds and gigabytes for a dotted key of 40 KB.
func crossCheck(src *source, root *kind.Table, report *kind.Report) bool {
	other := map[string]any{}
	if _, err := toml.Decode(string(src.data), &other); err != nil {
		d := kind.Diagnostic{Code: "E101", Pos: src.start(), Key: src.name, Message: err.Error()}
		var syntax toml.ParseError
		if errors.As(err, &syntax) {
			d.Message = syntax.Message
			d.Pos = src.pos(syntax.Position.Start, syntax.Position.Start+max(syntax.Position.Len, 1))
			if syntax.LastKey != "" {
				d.Key = syntax.LastKey
			}
		}
		report.Add(d)
		return false
	}
	c := comparison{report: report}
	c.tables(root, other, "")
	return !c.differ
}

// comparison compares two readings of a document.
type comparison struct {
	report *kind.Report
	differ bool
}

func (c *comparison) fail(pos kind.Pos, path string) {
	c.differ = true
	c.report.Add(kind.Diagnostic{
		Code: "E101", Pos: pos, Key: path, Message: "TOML libraries read this in different ways", Hint: "write it more plainly",
	})
}

func (c *comparison) tables(t *kind.Table, other map[string]any, path string) {
	if len(t.Entries) != len(other) {
		c.fail(t.Pos, kind.JoinKey(path, "*"))
		return
	}
	for _, e := range t.Entries {
		value, ok := other[e.Key]
		if !ok || !c.same(e.Value, value, kind.JoinKey(path, e.Key)) {
			c.fail(e.KeyPos, kind.JoinKey(path, e.Key))
		}
	}
}

func (c *comparison) same(v *kind.Value, other any, path string) bool {
	switch o := other.(type) {
	case string:
		return v.Type == kind.TypeString && v.Text == o
	case int64:
		return v.Type == kind.TypeInteger && v.Int == o
	case float64:
		return v.Type == kind.TypeFloat && math.Float64bits(v.Float) == math.Float64bits(o)
	case bool:
		return v.Type == kind.TypeBoolean && v.Bool == o
	case map[string]any:
		if v.Type == kind.TypeTable {
			c.tables(v.Table, o, path)
		}
		return v.Type == kind.TypeTable
	case []map[string]any:
		items := make([]any, len(o))
		for i := range o {
			items[i] = o[i]
		}
		return c.items(v, items, path)
	case []any:
		return c.items(v, o, path)
	}
	return v.Type == kind.TypeDate
}

func (c *comparison) items(v *kind.Value, other []any, path string) bool {
	if v.Type != kind.TypeArray || len(v.Items) != len(other) {
		return false
	}
	for i, item := range v.Items {
		if !c.same(item, other[i], path) {
			return false
		}
	}
	return true
}
