package kind

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// listOf reads an array of arrays of tables.
type listOf struct{}

func (*listOf) Read(c Cursor) {
	if c.Value.Type != TypeArray {
		c.Wrong("an array", "")
		return
	}
	for i, item := range c.Value.Items {
		if item.Type != TypeArray {
			c.Item(i).Wrong("an array", "")
			continue
		}
		for j := range item.Items {
			var one inner
			Decode(c.Item(i).Item(j), &one)
		}
	}
}

func (*listOf) Shape() Shape { return Shape{Type: "an array of arrays"} }

// named reads a table of names, each a duration or a table.
type named struct{}

func (*named) Read(c Cursor) {
	if c.Value.Type != TypeTable {
		c.Wrong("a table", "")
		return
	}
	for _, e := range c.Value.Table.Entries {
		at := c.Key(e)
		if e.Value.Type == TypeTable {
			var one inner
			Decode(at, &one)
			continue
		}
		at.duration(&Field{Type: "a duration"})
	}
}

func (*named) Shape() Shape { return Shape{Type: "a table of durations by name"} }

func TestFormsAreFoundByReading(t *testing.T) {
	type config struct {
		List  listOf    `key:"list"`
		Named named     `key:"named"`
		Time  Duration  `key:"time"`
		Whole int       `key:"whole"`
		Share Ratio     `key:"share"`
		On    bool      `key:"on"`
		Text  string    `key:"text"`
		Table inner     `key:"table"`
		Array []inner   `key:"array"`
		Maybe *Duration `key:"maybe"`
	}
	want := map[string]Form{
		"list":  {Items: &Form{Items: &Form{Config: inner{}}}},
		"named": {Values: &Form{String: true, Config: inner{}}},
		"time":  {String: true},
		"whole": {String: true, Integer: true},
		"share": {String: true, Integer: true, Float: true},
		"on":    {Boolean: true},
		"text":  {String: true},
		"table": {Config: inner{}},
		"array": {Items: &Form{Config: inner{}}},
		"maybe": {String: true},
	}
	fields := []Field{}
	for _, f := range Describe(config{}) {
		fields = append(fields, f)
		assert.Equal(t, want[f.Key], f.Form(), f.Key)
	}
	assert.Len(t, fields, len(want))
	assert.Equal(t, "inner", TypeName(&inner{}))
}
