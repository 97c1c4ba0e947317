package reports

import (
	"bytes"
	"encoding/json"
	"flag"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// load reads a document of testdata.
func load[T any](t testing.TB, name string) *T {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	require.NoError(t, err)
	document := new(T)
	require.NoError(t, json.Unmarshal(data, document))
	return document
}

// rendered is what write writes.
func rendered(t *testing.T, write func(io.Writer) error) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, write(&out))
	return out.String()
}

// golden compares got with a file, or rewrites the file. Of a page, the file
// has neither the style sheet nor the scripts, which are files of their own.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if strings.HasSuffix(path, ".html") {
		got = withoutFiles(got)
	}
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	if got != string(want) {
		require.NoError(t, os.WriteFile(path+".got", []byte(got), 0o644))
	}
	assert.Equal(t, string(want), got, "see %s.got; -update accepts it", path)
}

// withoutFiles is a page with the names of the style sheet and of the scripts
// in their place, and in that of their hashes.
func withoutFiles(page string) string {
	for _, f := range []struct{ name, text string }{
		{"style", styleSheet}, {"uplot", uplotScript}, {"charts", chartsScript},
	} {
		page = strings.ReplaceAll(page, f.text, "("+f.name+")")
		page = strings.ReplaceAll(page, strings.ReplaceAll(template.HTMLEscapeString(sourceHash(f.text)), "+", "&#43;"), "("+f.name+")")
	}
	return page
}

// resultFormats are all the forms of a Result, by the ending of their file.
var resultFormats = []struct {
	ending string
	write  func(io.Writer, *result.Result) error
}{
	{"txt", func(w io.Writer, r *result.Result) error { return Text(w, r, TextOptions{}) }},
	{"narrow.txt", func(w io.Writer, r *result.Result) error { return Text(w, r, TextOptions{Width: 64}) }},
	{"color.txt", func(w io.Writer, r *result.Result) error { return Text(w, r, TextOptions{Color: true}) }},
	{"md", Markdown},
	{"csv", CSV},
	{"timeseries.csv", TimeseriesCSV},
	{"html", HTML},
}

var comparisonFormats = []struct {
	ending string
	write  func(io.Writer, *result.Comparison) error
}{
	{"txt", func(w io.Writer, c *result.Comparison) error { return ComparisonText(w, c, TextOptions{}) }},
	{"md", ComparisonMarkdown},
	{"csv", ComparisonCSV},
	{"html", ComparisonHTML},
}

func TestResultRendersAsItsGoldenFiles(t *testing.T) {
	for _, name := range []string{"result", "single", "hostile", "baseline"} {
		r := load[result.Result](t, name)
		for _, f := range resultFormats {
			t.Run(name+"."+f.ending, func(t *testing.T) {
				got := rendered(t, func(w io.Writer) error { return f.write(w, r) })
				golden(t, filepath.Join("testdata", "golden", name+"."+f.ending), got)
			})
		}
	}
}

func TestComparisonRendersAsItsGoldenFiles(t *testing.T) {
	for _, name := range []string{"comparison", "comparison-loads"} {
		c := load[result.Comparison](t, name)
		for _, f := range comparisonFormats {
			t.Run(name+"."+f.ending, func(t *testing.T) {
				got := rendered(t, func(w io.Writer) error { return f.write(w, c) })
				golden(t, filepath.Join("testdata", "golden", name+"."+f.ending), got)
			})
		}
	}
}

// The documents of testdata are themselves the golden files of JSON.
func TestJSONOfADocumentReadBackIsTheSameBytes(t *testing.T) {
	for _, name := range []string{"result", "single", "hostile", "baseline"} {
		r := load[result.Result](t, name)
		got := rendered(t, func(w io.Writer) error { return JSON(w, r) })
		golden(t, filepath.Join("testdata", name+".json"), got)
	}
	for _, name := range []string{"comparison", "comparison-loads"} {
		c := load[result.Comparison](t, name)
		got := rendered(t, func(w io.Writer) error { return ComparisonJSON(w, c) })
		golden(t, filepath.Join("testdata", name+".json"), got)
	}
}

func TestSameDocumentGivesSameBytes(t *testing.T) {
	for range 3 {
		a, b := load[result.Result](t, "result"), load[result.Result](t, "result")
		for _, f := range resultFormats {
			first := rendered(t, func(w io.Writer) error { return f.write(w, a) })
			second := rendered(t, func(w io.Writer) error { return f.write(w, b) })
			assert.Equal(t, first, second, f.ending)
		}
	}
}

func TestRenderingLeavesTheDocumentAlone(t *testing.T) {
	r := load[result.Result](t, "result")
	for _, f := range resultFormats {
		rendered(t, func(w io.Writer) error { return f.write(w, r) })
	}
	assert.Equal(t, load[result.Result](t, "result"), r)
}

// An empty document is what an interrupted run may leave.
func TestEmptyDocumentsRender(t *testing.T) {
	for _, f := range resultFormats {
		got := rendered(t, func(w io.Writer) error { return f.write(w, &result.Result{Truncated: true}) })
		assert.NotEmpty(t, got, f.ending)
	}
	for _, f := range comparisonFormats {
		got := rendered(t, func(w io.Writer) error { return f.write(w, &result.Comparison{}) })
		assert.NotEmpty(t, got, f.ending)
	}
}

// failing is a full disk.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestWriteErrorsAreReturned(t *testing.T) {
	r, c := load[result.Result](t, "result"), load[result.Comparison](t, "comparison")
	for _, f := range resultFormats {
		assert.ErrorIs(t, f.write(failing{}, r), io.ErrShortWrite, f.ending)
	}
	for _, f := range comparisonFormats {
		assert.ErrorIs(t, f.write(failing{}, c), io.ErrShortWrite, f.ending)
	}
	assert.ErrorIs(t, JSON(failing{}, r), io.ErrShortWrite)
}
