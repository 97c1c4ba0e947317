package reports

import (
	"encoding/csv"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/capsim/capsim/internal/result"
)

var drillFormats = []struct {
	ending string
	write  func(io.Writer, *result.DrillReport) error
}{
	{"txt", func(w io.Writer, r *result.DrillReport) error { return DrillText(w, r, TextOptions{}) }},
	{"narrow.txt", func(w io.Writer, r *result.DrillReport) error { return DrillText(w, r, TextOptions{Width: 64}) }},
	{"md", DrillMarkdown},
	{"csv", DrillCSV},
	{"html", DrillHTML},
}

func TestDrillsRenderAsTheirGoldenFiles(t *testing.T) {
	r := load[result.DrillReport](t, "drill")
	for _, f := range drillFormats {
		t.Run(f.ending, func(t *testing.T) {
			got := rendered(t, func(w io.Writer) error { return f.write(w, r) })
			golden(t, filepath.Join("testdata", "golden", "drill."+f.ending), got)
			assert.ErrorIs(t, f.write(failing{}, r), io.ErrShortWrite)
		})
	}
	assert.Equal(t, load[result.DrillReport](t, "drill"), r, "rendering leaves the document alone")
	golden(t, filepath.Join("testdata", "drill.json"), rendered(t, func(w io.Writer) error { return DrillJSON(w, r) }))
}

// An empty document, and one of drills without figures, are what limits and
// interruptions may leave.
func TestDrillsWithoutFiguresRender(t *testing.T) {
	at := 5.0
	for _, r := range []*result.DrillReport{
		{}, {Truncated: true, Baseline: &result.Result{}},
		{Drills: []result.Drill{{What: "kill app", Limit: "too many events", Began: true, AtS: &at}, {What: "kill db"}}, Skipped: []string{"slow x: why"}},
	} {
		for _, f := range drillFormats {
			got := rendered(t, func(w io.Writer) error { return f.write(w, r) })
			assert.NotEmpty(t, got, f.ending)
			if len(r.Drills) > 0 && f.ending != "csv" && f.ending != "narrow.txt" {
				assert.Contains(t, got, "kill app: a limit was reached")
				assert.Contains(t, got, "too many events")
				assert.Contains(t, got, "slow x: why")
			}
		}
	}
}

// Names of a topology do nothing to a terminal, a browser or a spreadsheet.
func TestHostileNamesOfDrillsDoNothing(t *testing.T) {
	for _, name := range hostileNames {
		r := load[result.DrillReport](t, "drill")
		r.Title = name
		for i := range r.Drills {
			d := &r.Drills[i]
			d.What, d.AnyOf = name+"kill", name
			clients := map[string]*result.DrillClient{}
			for k, old := range sorted(d.Clients) {
				clients[name+string(rune('a'+k))] = d.Clients[old]
				for b := range d.Clients[old].Budgets {
					d.Clients[old].Budgets[b].Objective = name + " errors < 1%"
				}
			}
			d.Clients = clients
			for k := range d.Objectives {
				d.Objectives[k].Text = name + " errors < 1%"
			}
		}
		r.Skipped = []string{name}
		page := rendered(t, func(w io.Writer) error { return DrillHTML(w, r) })
		node, err := html.Parse(strings.NewReader(page))
		require.NoError(t, err)
		for n := range node.Descendants() {
			assert.NotContains(t, []string{"script", "iframe", "img", "object", "a href=javascript"}, n.Data, "%q", name)
			for _, a := range n.Attr {
				assert.False(t, strings.HasPrefix(a.Key, "on"), "%q: %s", name, a.Key)
			}
		}
		for _, f := range drillFormats[:3] {
			got := rendered(t, func(w io.Writer) error { return f.write(w, r) })
			assert.NotContains(t, got, "\x1b", "%q", name)
			assert.NotContains(t, got, "\u202e", "%q", name)
		}
		rows, err := csv.NewReader(strings.NewReader(rendered(t, func(w io.Writer) error { return DrillCSV(w, r) }))).ReadAll()
		require.NoError(t, err)
		for _, row := range rows {
			for _, cell := range row[:3] {
				assert.False(t, cell != "" && strings.ContainsAny(cell[:1], "=+@\t\r"), "%q: %q", name, cell)
			}
		}
	}
}
