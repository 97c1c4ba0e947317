package reports

import (
	"encoding/csv"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

var planFormats = []struct {
	ending string
	write  func(io.Writer, *result.Plan) error
}{
	{"txt", func(w io.Writer, p *result.Plan) error { return PlanText(w, p, TextOptions{}) }},
	{"narrow.txt", func(w io.Writer, p *result.Plan) error { return PlanText(w, p, TextOptions{Width: 64}) }},
	{"md", PlanMarkdown},
	{"csv", PlanCSV},
	{"html", PlanHTML},
}

// A winner with faults to survive; and a space in which nothing is good enough.
func TestPlansRenderAsTheirGoldenFiles(t *testing.T) {
	for _, name := range []string{"plan", "plan-none"} {
		p := load[result.Plan](t, name)
		for _, f := range planFormats {
			t.Run(name+"."+f.ending, func(t *testing.T) {
				got := rendered(t, func(w io.Writer) error { return f.write(w, p) })
				golden(t, filepath.Join("testdata", "golden", name+"."+f.ending), got)
			})
		}
		assert.Equal(t, load[result.Plan](t, name), p, "rendering leaves the document alone")
		golden(t, filepath.Join("testdata", name+".json"), rendered(t, func(w io.Writer) error { return PlanJSON(w, p) }))
	}
}

// A row of the CSV is a design, and every row has a cell for every column.
func TestTheCSVOfAPlanIsATable(t *testing.T) {
	p := load[result.Plan](t, "plan")
	p.Simulated[0].Cases = p.Simulated[0].Cases[:1]
	rows, err := csv.NewReader(strings.NewReader(rendered(t, func(w io.Writer) error { return PlanCSV(w, p) }))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 1+len(p.Simulated))
	assert.Equal(t, []string{"point", "server.web.instances", "server.web.type", "verdict", "role", "front"}, rows[0][:6])
	assert.Equal(t, "", rows[1][len(rows[1])-3], "what it did not come to")
}

func TestTheVerdictOfAPlanSaysHowSureItIs(t *testing.T) {
	p := load[result.Plan](t, "plan")
	line, tone := planVerdict(p)
	assert.Equal(t, "The cheapest design that meets all objectives: server.web.instances = 3, server.web.type = aws:c7i.large, 217.36 USD a month.", line)
	assert.Equal(t, good, tone)
	p.Counts.Unsettled = 3
	line, tone = planVerdict(p)
	assert.Equal(t, "The cheapest design found so far that meets all objectives: server.web.instances = 3, server.web.type = aws:c7i.large, 217.36 USD a month.", line)
	assert.Equal(t, unsure, tone)
	p.Winner, p.Counts.Screened = nil, p.Counts.Designs
	line, tone = planVerdict(p)
	assert.Equal(t, "No design meets the objectives: all of them are asked for more than they have, or cost more than is allowed.", line)
	assert.Equal(t, bad, tone)
}

// Charts of a plan draw what is simulated, whatever lacks.
func TestPlansWithoutPricesOrFiguresAreDrawn(t *testing.T) {
	p := load[result.Plan](t, "plan")
	assert.Len(t, planCharts(p), 2)
	p.Currency = ""
	for i := range p.Simulated {
		p.Simulated[i].Monthly = result.Estimate{}
	}
	p.Winner = nil
	assert.Empty(t, planCharts(p))
	rendered(t, func(w io.Writer) error { return PlanHTML(w, p) })
}
