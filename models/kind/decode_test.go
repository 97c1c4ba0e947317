package kind

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sample has a field of every type that a configuration may have.
type sample struct {
	Place

	Name    string   `key:"name" required:"yes" doc:"d" example:"name = \"a\""`
	On      bool     `key:"on"`
	Cores   int      `key:"cores" default:"4" min:"1" limit:"100"`
	Seed    uint64   `key:"seed" default:"1" min:"0"`
	Wait    Duration `key:"wait" default:"1.5s" above:"0s"`
	Traffic Rate     `key:"traffic" above:"0/s"`
	Share   Ratio    `key:"share" default:"0.5"`
	Speed   Factor   `key:"speed" default:"1" above:"0"`
	Colour  colour   `key:"colour" default:"red"`
	Inner   inner    `key:"inner"`
	Items   []inner  `key:"items"`
	Limit   int      `key:"limit" absent:"unlimited" min:"1"`
}

type inner struct {
	Place

	Size int `key:"size" default:"7" max:"9"`
}

type colour string

func (colour) Words() []string { return []string{"red", "green"} }

// table makes a table of literals of Go, on line 1, its keys ten columns
// apart.
func table(t *testing.T, pairs ...any) *Table {
	t.Helper()
	out := &Table{Pos: Pos{"f", 1, 1, 2}}
	for i := 0; i < len(pairs); i += 2 {
		col := 10 * (i/2 + 1)
		v := &Value{Pos: Pos{"f", 1, col + 5, col + 6}}
		switch x := pairs[i+1].(type) {
		case string:
			v.Type, v.Text, v.Raw = TypeString, x, `"`+x+`"`
		case int:
			v.Type, v.Int, v.Raw = TypeInteger, int64(x), "INT"
		case float64:
			v.Type, v.Float, v.Raw = TypeFloat, x, "1.5"
		case bool:
			v.Type, v.Bool = TypeBoolean, x
		case *Table:
			v.Type, v.Table = TypeTable, x
		case []*Value:
			v.Type, v.Items = TypeArray, x
		default:
			t.Fatalf("no value of %T", x)
		}
		out.Add(&Entry{pairs[i].(string), Pos{"f", 1, col, col + 4}, v})
	}
	return out
}

func decode(t *testing.T, tab *Table) (sample, *Decoder) {
	t.Helper()
	d := &Decoder{Report: &Report{}}
	var s sample
	Decode(d.At(&Value{Type: TypeTable, Table: tab}, "thing"), &s)
	return s, d
}

func TestDecodeReadsEveryType(t *testing.T) {
	s, d := decode(t, table(t,
		"name", "a", "on", true, "cores", 8, "seed", 9, "wait", "1h", "traffic", "800/s", "share", "80%", "speed", 2,
		"colour", "green", "inner", table(t, "size", 3), "limit", "2k",
		"items", []*Value{{Type: TypeTable, Table: table(t)}}))
	require.Empty(t, d.Report.Diagnostics())
	assert.Equal(t, "a", s.Name)
	assert.True(t, s.On)
	assert.Equal(t, 8, s.Cores)
	assert.Equal(t, uint64(9), s.Seed)
	assert.Equal(t, Duration(3600e9), s.Wait)
	assert.InDelta(t, 800, float64(s.Traffic), 0)
	assert.InDelta(t, 0.8, float64(s.Share), 0)
	assert.InDelta(t, 2, float64(s.Speed), 0)
	assert.Equal(t, colour("green"), s.Colour)
	assert.Equal(t, 3, s.Inner.Size)
	assert.Equal(t, 2000, s.Limit)
	require.Len(t, s.Items, 1)
	assert.Equal(t, 7, s.Items[0].Size)
	assert.Equal(t, "thing.inner", s.Inner.Path)
	assert.True(t, s.Has("cores"))
	assert.Empty(t, d.Defaults, "keys within arrays are not noted")
}

func TestDecodeFillsInAndNotesDefaults(t *testing.T) {
	s, d := decode(t, table(t, "name", "a"))
	require.Empty(t, d.Report.Diagnostics())
	assert.Equal(t, 4, s.Cores)
	assert.Equal(t, uint64(1), s.Seed)
	assert.Equal(t, Duration(1.5e9), s.Wait)
	assert.InDelta(t, 0.5, float64(s.Share), 0)
	assert.Equal(t, colour("red"), s.Colour)
	assert.Equal(t, 7, s.Inner.Size, "a table that is absent has its defaults")
	assert.Equal(t, []Default{
		{"thing.cores", "4"}, {"thing.seed", "1"}, {"thing.wait", "1.5s"}, {"thing.share", "0.5"}, {"thing.speed", "1"},
		{"thing.colour", "red"}, {"thing.inner.size", "7"}, {"thing.limit", "unlimited"},
	}, d.Defaults)
}

func TestDecodeRefuses(t *testing.T) {
	for _, tt := range []struct {
		key   string
		value any
		want  string
	}{
		{"core", 1, `f:1:20: error[E201]: thing.core: unknown key; did you mean "cores"?`},
		{"CORES", 1, `f:1:20: error[E201]: thing.CORES: unknown key; keys are case-sensitive; did you mean "cores"?`},
		{"zzzzzzz", 1, `f:1:20: error[E201]: thing.zzzzzzz: unknown key; the keys here are name, on, cores, seed, wait, traffic, share, speed, colour, inner, items, limit`},
		{"cores", "4", `f:1:25: error[E204]: thing.cores: expected an integer, got a string`},
		{"cores", "x", `f:1:25: error[E204]: thing.cores: expected an integer, got a string`},
		{"cores", 1.5, `f:1:25: error[E204]: thing.cores: expected an integer, got a float`},
		{"cores", true, `f:1:25: error[E204]: thing.cores: expected an integer, got a boolean`},
		{"cores", 0, `f:1:25: error[E302]: thing.cores: must be from 1 to 100, got INT`},
		{"cores", 101, `f:1:25: error[E705]: thing.cores: must be at most 100 (a limit of capsim), got INT`},
		{"seed", -1, `f:1:25: error[E302]: thing.seed: must be at least 0, got INT`},
		{"wait", "0s", `f:1:25: error[E302]: thing.wait: must be more than 0s, got "0s"`},
		{"wait", "5 parsecs", `f:1:25: error[E301]: thing.wait: unknown unit "parsecs"`},
		{"wait", 1.5, `f:1:25: error[E301]: thing.wait: a duration needs a unit, got "1.5"`},
		{"wait", true, `f:1:25: error[E204]: thing.wait: expected a duration such as "30s", got a boolean`},
		{"traffic", "0/s", `f:1:25: error[E302]: thing.traffic: must be more than 0/s, got "0/s"`},
		{"share", 80, `f:1:25: error[E302]: thing.share: must be from 0 to 1 (0% to 100%), got INT`},
		{"share", "0.8", `f:1:25: error[E204]: thing.share: expected a ratio such as 0.8 or "80%", got a string`},
		{"speed", 0, `f:1:25: error[E302]: thing.speed: must be more than 0, got INT`},
		{"on", "true", `f:1:25: error[E204]: thing.on: expected true or false, got a string`},
		{"colour", "gren", `f:1:25: error[E205]: thing.colour: unknown value "gren"; did you mean "green"?`},
		{"colour", 1, `f:1:25: error[E204]: thing.colour: expected one of red, green, got an integer`},
		{"inner", 1, `f:1:25: error[E204]: thing.inner: expected a table, got an integer`},
		{"items", true, `f:1:25: error[E204]: thing.items: expected an array of tables, got a boolean`},
	} {
		_, d := decode(t, table(t, "name", "a", tt.key, tt.value))
		require.Len(t, d.Report.Diagnostics(), 1, tt.want)
		got := d.Report.Diagnostics()[0]
		assert.Equal(t, tt.want, got.Headline())
	}
	_, d := decode(t, table(t))
	require.Len(t, d.Report.Diagnostics(), 1)
	got := d.Report.Diagnostics()[0]
	assert.Equal(t, `f:1:1: error[E203]: thing.name: missing key "name"`, got.Headline())
	assert.Equal(t, `for example name = "a"`, got.Hint)
	for example, want := range map[string]string{"a = 1\nb = 2": "for example a = 1", "[[t]]\na = 1": "", "": ""} {
		d := &Decoder{Report: &Report{}}
		d.At(&Value{Type: TypeTable, Table: table(t)}, "thing").absent(&Field{Key: "a", Required: true, Example: example}, reflect.Value{})
		assert.Equal(t, want, d.Report.Diagnostics()[0].Hint, "a hint is one line")
	}
}

func TestAKeyOfAnotherTableIsSentThere(t *testing.T) {
	for _, tt := range []struct {
		key  string
		sure bool
		want string
	}{
		{"seeds", true, "f:1:20: error[E202]: seeds: this key belongs in [run]"},
		{"flux", false, "f:1:20: error[E201]: flux: unknown key here, though known in [run]; the keys here are name, "},
		{"nane", true, "f:1:20: error[E202]: nane: this key belongs in [run]"},
		{"nane", false, `f:1:20: error[E201]: nane: unknown key; did you mean "name"?`},
	} {
		d := &Decoder{Report: &Report{}, Elsewhere: func(path, key string) ([]string, bool) {
			assert.Equal(t, "a.b", path)
			return []string{"[run]"}, tt.sure
		}}
		var s sample
		Decode(d.At(&Value{Type: TypeTable, Table: table(t, "name", "a", tt.key, 1)}, "a.b"), &s)
		require.Len(t, d.Report.Diagnostics(), 1)
		got := d.Report.Diagnostics()[0]
		assert.Contains(t, strings.Replace(got.Headline(), "a.b.", "", 1), tt.want)
	}
}

func TestDescribeTellsWhatTheTagsSay(t *testing.T) {
	fields := Describe(sample{})
	assert.Equal(t, "name", fields[0].Key)
	assert.True(t, fields[0].Required)
	assert.Equal(t, []string{"red", "green"}, fields[8].Words)
	assert.Equal(t, inner{}, fields[9].Table)
	assert.Equal(t, "an array of tables", fields[10].Type)
	assert.Equal(t, "unlimited", fields[11].Absent)
	assert.Len(t, fields, 12)
}

func TestPartsOfAStringHaveTheirOwnColumns(t *testing.T) {
	v := &Value{Type: TypeString, Text: "exp é6ms", Raw: `"exp é6ms"`, Pos: Pos{"f", 1, 11, 21}}
	assert.Equal(t, Pos{"f", 1, 17, 20}, v.Within(6, 3), "columns count characters, offsets bytes")
	escaped := &Value{Type: TypeString, Text: "a\tb", Raw: `"a\tb"`, Pos: Pos{"f", 1, 1, 7}}
	assert.Equal(t, escaped.Pos, escaped.Within(1, 1), "with escapes nobody can tell")
}

func TestPathsAreWrittenAsInTOML(t *testing.T) {
	assert.Equal(t, "server.app", JoinKey("server", "app"))
	assert.Equal(t, `server."my app"`, JoinKey("server", "my app"))
	assert.Equal(t, `""`, JoinKey("", ""))
	assert.Equal(t, "design.big.server.app", withOrigin("design.big.", "server.app"))
	assert.Equal(t, "--set server.app", withOrigin("--set ", "server.app"))
	assert.Equal(t, "--seed", withOrigin("--seed", "run.seed"))
}

func TestNames(t *testing.T) {
	for _, good := range []string{"app", "my app", "<script>", "../../etc/passwd", "=HYPERLINK(1)", "CON", "größe"} {
		code, message := BadName(good)
		assert.Empty(t, code, message)
	}
	for bad, want := range map[string]string{
		"": "E209", " ": "E209", "a ": "E209", "a\x1b[2J": "E210", "a\u202eb": "E210", "a\u200bb": "E210", "a\u00a0b": "E210", "\u3164": "E210",
	} {
		code, _ := BadName(bad)
		assert.Equal(t, want, code, "%q", bad)
	}
	code, _ := BadName(string(make([]byte, MaxName+1)))
	assert.Equal(t, "E209", code)
}
