package kind

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var headline = regexp.MustCompile(`^(.+):([1-9]\d*):([1-9]\d*): (error|warning)\[[EW]\d{3}\]: (.+?): (.+)$`)

func text(t *testing.T, r *Report) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, r.WriteText(&b, "nothing was simulated"))
	return b.String()
}

func TestAReportLooksAsTheLanguageSays(t *testing.T) {
	r := &Report{}
	r.AddSource("shop.toml", []byte(strings.Repeat("\n", 13)+"instance = 4\n"))
	r.Add(Diagnostic{
		Code: "E201", Pos: Pos{"shop.toml", 14, 1, 9}, Key: "server.app.instance",
		Message: `unknown key; did you mean "instances"?`, Hint: "capsim explain server.instances",
	})
	assert.Equal(t, `shop.toml:14:1: error[E201]: server.app.instance: unknown key; did you mean "instances"?
   14 | instance = 4
      | ^^^^^^^^
  hint: capsim explain server.instances
1 error, 0 warnings; nothing was simulated
`, text(t, r))
}

func TestFindingsAreOrderedByPositionAndCountedOnce(t *testing.T) {
	r := &Report{}
	r.AddSource("b.toml", nil)
	r.AddSource("a.log", nil)
	for _, d := range []Diagnostic{
		{Code: "E601", Pos: Pos{"a.log", 1, 1, 2}, Key: "k", Message: "in the second file"},
		{Code: "W401", Pos: Pos{"b.toml", 2, 7, 8}, Key: "k", Message: "later column"},
		{Code: "E201", Pos: Pos{"b.toml", 2, 3, 8}, Key: "k", Message: "earlier column"},
		{Code: "E201", Pos: Pos{"b.toml", 2, 3, 8}, Key: "k", Message: "earlier column"},
		{Code: "E301", Pos: Pos{CommandLine, 1, 3, 4}, Key: "--set", Message: "an unknown source goes last"},
	} {
		r.Add(d)
	}
	var got []string
	for _, d := range r.Diagnostics() {
		got = append(got, d.Message)
	}
	assert.Equal(t, []string{"earlier column", "later column", "in the second file", "an unknown source goes last"}, got)
	assert.Equal(t, 3, r.Errors())
	assert.Equal(t, 1, r.Warnings())
	assert.True(t, r.Failed())
}

func TestAtMostTwentyFindingsArePrintedErrorsBeforeWarnings(t *testing.T) {
	r := &Report{}
	for i := range 25 {
		r.Add(Diagnostic{Code: "W401", Pos: Pos{"f", i + 1, 1, 2}, Key: "k", Message: "warning"})
	}
	r.Add(Diagnostic{Code: "E201", Pos: Pos{"f", 99, 1, 2}, Key: "k", Message: "the error"})
	out := text(t, r)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	assert.Len(t, lines, 22)
	assert.Contains(t, lines[19], "the error")
	assert.Equal(t, "… and 6 more", lines[20])
	assert.Equal(t, "1 error, 25 warnings; nothing was simulated", lines[21])
}

func TestAReportRemembersAThousandFindingsAndCountsTheRest(t *testing.T) {
	r := &Report{}
	for i := range 3000 {
		r.Add(Diagnostic{Code: "E201", Pos: Pos{"f", i + 1, 1, 2}, Key: "k", Message: "m"})
	}
	assert.Equal(t, 3000, r.Errors())
	assert.True(t, r.Full())
	assert.Len(t, r.Diagnostics(), maxKept)
	both := &Report{}
	both.Merge(r)
	assert.Equal(t, 3000, both.Errors())
}

func TestNothingInvisibleReachesTheTerminal(t *testing.T) {
	r := &Report{}
	r.AddSource("f\x1b[2J", []byte("na\u202eme\t= \"\x1b[31m\xff\" # é\n"))
	r.Add(Diagnostic{
		Code: "E210", Pos: Pos{"f\x1b[2J", 1, 3, 4}, Key: "a\u200bb", Message: "line\nbreak \x07", Hint: "\u2028",
		Related: []Related{{Pos{"g\x00", 1, 1, 2}, "\x9b"}},
	})
	out := text(t, r)
	for _, c := range out {
		assert.True(t, c == '\n' || printable(c), "%U", c)
	}
	assert.Contains(t, out, `na\u{202E}me = "\u{001B}[31m\xFF" # é`)
	assert.Regexp(t, headline, strings.SplitN(out, "\n", 2)[0])
	lines := strings.Split(out, "\n")
	assert.Equal(t, "      |   ^^^^^^^^", lines[2], "the mark is as wide as the escape above it")
}

func TestExcerptsShowSixtyFourCharactersAroundTheMark(t *testing.T) {
	line := strings.Repeat("x", 100) + "HERE" + strings.Repeat("y", 1000)
	for _, tt := range []struct {
		col, end int
		marked   string
	}{
		{101, 105, "HERE"}, {1, 3, "xx"}, {1104, 1105, "y"}, {1105, 1106, " "}, {1, 1105, ""},
	} {
		r := &Report{}
		r.AddSource("f", []byte(line))
		r.Add(Diagnostic{Code: "E101", Pos: Pos{"f", 1, tt.col, tt.end}, Key: "k", Message: "m"})
		lines := strings.Split(text(t, r), "\n")
		shown, mark := []rune(strings.TrimPrefix(lines[1], "    1 | ")), strings.TrimPrefix(lines[2], "      | ")
		assert.LessOrEqual(t, len(shown), 64)
		assert.LessOrEqual(t, len(mark), 65)
		if tt.marked != "" {
			from := strings.IndexByte(mark, '^')
			padded := append(shown, ' ')
			assert.Equal(t, tt.marked, string(padded[from:from+len(strings.TrimLeft(mark, " "))]))
		}
	}
}

func TestFindingsAboutAnArgumentMarkIt(t *testing.T) {
	r := &Report{}
	r.AddArguments([]string{"run", "shop.toml", "--set", "server.app.cores=x"})
	r.Add(Diagnostic{Code: "E204", Pos: Pos{CommandLine, 1, 4, 5}, Key: "--set server.app.cores", Message: "m"})
	assert.Contains(t, text(t, r), "    1 | run shop.toml --set server.app.cores=x\n      |                     ^^^^^^^^^^^^^^^^^^\n")
}

func TestJSONHoldsTheSameFindings(t *testing.T) {
	r := &Report{}
	d := Diagnostic{Code: "W401", Pos: Pos{"f", 2, 3, 0}, Key: "k", Message: "<m>", Hint: "h"}
	r.Add(d.See(Pos{"g", 1, 2, 4}, "there"))
	var b bytes.Buffer
	require.NoError(t, r.WriteJSON(&b))
	assert.JSONEq(t, `[{"code":"W401","severity":"warning","file":"f","line":2,"col":3,"end_col":4,"key":"k","message":"<m>","hint":"h",
		"related":[{"file":"g","line":1,"col":2,"end_col":4,"message":"there"}]}]`, b.String())
	b.Reset()
	require.NoError(t, (&Report{}).WriteJSON(&b))
	assert.JSONEq(t, "[]", b.String())
}

func TestNearestWords(t *testing.T) {
	keys := []string{"cores", "instances", "speed", "concurrency", "backlog", "on"}
	for _, tt := range []struct {
		word string
		want []string
	}{
		{"instance", []string{"instances"}},
		{"Instances", []string{"instances"}},
		{"sped", []string{"speed"}},
		{"corse", []string{"cores"}},
		{"concurency", []string{"concurrency"}},
		{"flux_capacity", nil},
		{"no", []string{"on"}},
		{"cores", nil},
		{"", nil},
		{"o", nil}, // of a word of one letter nothing can be recognised
		{"x", nil},
	} {
		assert.Equal(t, tt.want, Nearest(tt.word, keys), tt.word)
	}
	assert.Equal(t, []string{"app1", "app2"}, Nearest("app3", []string{"app1", "db", "app2"}), "a tie lists all")
	assert.Empty(t, Nearest("b", []string{"a", "ab", "c"}))
	assert.Empty(t, Nearest("ab", []string{"a"}))
	assert.Equal(t, `; did you mean "app1" or "app2"?`, DidYouMean("app3", []string{"app1", "app2"}))
}

func TestDistanceAgreesWithItsDefinition(t *testing.T) {
	var slow func(a, b []rune) int
	slow = func(a, b []rune) int {
		if len(a) == 0 || len(b) == 0 {
			return len(a) + len(b)
		}
		cost := 1
		if a[0] == b[0] {
			cost = 0
		}
		best := min(slow(a[1:], b)+1, slow(a, b[1:])+1, slow(a[1:], b[1:])+cost)
		if len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] {
			best = min(best, slow(a[2:], b[2:])+1)
		}
		return best
	}
	words := []string{"", "a", "ab", "ba", "abc", "acb", "cab", "bca", "abab", "baba", "aabb"}
	for _, a := range words {
		for _, b := range words {
			want := slow([]rune(a), []rune(b))
			for limit := range 5 {
				got := distance([]rune(a), []rune(b), limit)
				if want <= limit {
					assert.Equal(t, want, got, "%s %s", a, b)
				} else {
					assert.Greater(t, got, limit, "%s %s", a, b)
				}
			}
		}
	}
}

func TestCodesAreOrderedAndExplained(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Codes() {
		assert.Regexp(t, `^[EW]\d{3}$`, c.ID)
		assert.False(t, seen[c.ID], c.ID)
		seen[c.ID] = true
		assert.NotEmpty(t, c.Title, c.ID)
		assert.NotEmpty(t, c.Example, c.ID)
		assert.True(t, strings.HasSuffix(c.Text, "."), c.ID)
	}
	c, ok := LookUpCode("E302")
	assert.True(t, ok)
	assert.Equal(t, "out of range", c.Title)
	_, ok = LookUpCode("E000")
	assert.False(t, ok)
}

func ExampleReport() {
	r := &Report{}
	r.AddSource("shop.toml", []byte("[server.app]\ncores = 0\n"))
	r.Add(Diagnostic{Code: "E302", Pos: Pos{"shop.toml", 2, 9, 10}, Key: "server.app.cores", Message: "must be from 1 to 1000000, got 0"})
	var b bytes.Buffer
	_ = r.WriteText(&b, "nothing was simulated")
	fmt.Print(b.String())
	// Output:
	// shop.toml:2:9: error[E302]: server.app.cores: must be from 1 to 1000000, got 0
	//     2 | cores = 0
	//       |         ^
	// 1 error, 0 warnings; nothing was simulated
}

func FuzzReport(f *testing.F) {
	f.Add("a\tb", "k", "m", 1, 1, 2)
	f.Add(strings.Repeat("é", 200), "\x00", "\u202e", 1, 150, 160)
	f.Fuzz(func(t *testing.T, line, key, message string, row, col, end int) {
		r := &Report{}
		r.AddSource("f", []byte(line))
		r.Add(Diagnostic{Code: "E101", Pos: Pos{"f", row, col, end}, Key: "k" + key, Message: "m" + message})
		out := text(t, r)
		assert.Regexp(t, headline, strings.SplitN(out, "\n", 2)[0])
		for _, c := range out {
			assert.True(t, c == '\n' || printable(c), "%U", c)
		}
		var b bytes.Buffer
		require.NoError(t, r.WriteJSON(&b))
		assert.True(t, json.Valid(b.Bytes()))
	})
}

func TestManyWarningsAreNoErrors(t *testing.T) {
	all, part := &Report{}, &Report{}
	for i := range 3000 {
		part.Add(Diagnostic{Code: "W401", Pos: Pos{File: "a.toml", Line: i + 1, Col: 1, EndCol: 2}, Key: "x", Message: "unreachable"})
	}
	part.Add(Diagnostic{Code: "E201", Pos: Pos{File: "a.toml", Line: 1, Col: 1, EndCol: 2}, Key: "x", Message: "unknown key"})
	all.Merge(part)
	assert.Equal(t, 3000, all.Warnings())
	assert.Equal(t, 1, all.Errors(), "an error is kept, whatever number of warnings came before it")
	assert.Len(t, all.Diagnostics(), maxKept+1)
}
