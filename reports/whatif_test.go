package reports

import (
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"golang.org/x/net/html"

	"github.com/capsim/capsim/internal/result"
)

var whatIfFormats = []struct {
	ending string
	write  func(io.Writer, *result.WhatIf) error
}{
	{"txt", func(out io.Writer, w *result.WhatIf) error { return WhatIfText(out, w, TextOptions{}) }},
	{"narrow.txt", func(out io.Writer, w *result.WhatIf) error { return WhatIfText(out, w, TextOptions{Width: 64}) }},
	{"md", WhatIfMarkdown},
	{"csv", WhatIfCSV},
	{"html", WhatIfHTML},
}

func TestWhatIfsRenderAsTheirGoldenFiles(t *testing.T) {
	w := load[result.WhatIf](t, "whatif")
	for _, f := range whatIfFormats {
		t.Run(f.ending, func(t *testing.T) {
			golden(t, filepath.Join("testdata", "golden", "whatif."+f.ending), rendered(t, func(out io.Writer) error { return f.write(out, w) }))
			assert.ErrorIs(t, f.write(failing{}, w), io.ErrShortWrite)
		})
	}
	assert.Equal(t, load[result.WhatIf](t, "whatif"), w, "rendering leaves the document alone")
	golden(t, filepath.Join("testdata", "whatif.json"), rendered(t, func(out io.Writer) error { return WhatIfJSON(out, w) }))
}

// What an interruption leaves, one replication, and a design without resources.
func TestWhatIfsWithoutFiguresRender(t *testing.T) {
	x := 0.1
	for _, w := range []*result.WhatIf{
		{}, {Truncated: true, Designs: []result.WhatIfDesign{{Baseline: &result.Result{}}}},
		{Designs: []result.WhatIfDesign{{Baseline: &result.Result{}, Resources: []result.Worth{{Node: "a", Benefit: result.Estimate{Mean: &x}, Verdict: result.Helps}}}}},
		{Designs: []result.WhatIfDesign{{Baseline: &result.Result{}, Resources: []result.Worth{{Node: "a", Verdict: result.NotSeen}}}}},
	} {
		for _, f := range whatIfFormats {
			assert.NotEmpty(t, rendered(t, func(out io.Writer) error { return f.write(out, w) }), f.ending)
		}
	}
}

func TestWhatIfsOfHostileNamesAreSafe(t *testing.T) {
	for _, name := range hostileNames {
		w := load[result.WhatIf](t, "whatif")
		w.Title, w.Version = name, name
		for i := range w.Designs {
			d := &w.Designs[i]
			d.Design, d.Baseline.Version, d.Baseline.Fingerprint = name, name, name
			for k := range d.Resources {
				r := &d.Resources[k]
				r.Node, r.Resource, r.Change, r.Benefit.Note = name, name, name, name
				for j := range r.Effects {
					r.Effects[j].Client, r.Effects[j].Difference.Note = name, name
				}
			}
		}
		for _, f := range whatIfFormats {
			got := rendered(t, func(out io.Writer) error { return f.write(out, w) })
			for _, r := range got {
				assert.False(t, acts(r) && r != '\n', "%s of %q: %q", f.ending, name, r)
			}
			if f.ending == "html" {
				_, err := html.Parse(strings.NewReader(got))
				assert.NoError(t, err)
				for _, raw := range []string{"<script", "<img", "<iframe", "<a href=\"javascript", "onload=alert(1)>"} {
					assert.NotContains(t, got, raw)
				}
			}
		}
	}
}
