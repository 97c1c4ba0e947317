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

var mapFormats = []struct {
	ending string
	write  func(io.Writer, *result.DrillMap) error
}{
	{"txt", func(w io.Writer, m *result.DrillMap) error { return MapText(w, m, TextOptions{}) }},
	{"narrow.txt", func(w io.Writer, m *result.DrillMap) error { return MapText(w, m, TextOptions{Width: 64}) }},
	{"md", MapMarkdown},
	{"csv", MapCSV},
	{"html", MapHTML},
}

func TestMapsRenderAsTheirGoldenFiles(t *testing.T) {
	m := load[result.DrillMap](t, "drill-map")
	for _, f := range mapFormats {
		t.Run(f.ending, func(t *testing.T) {
			got := rendered(t, func(w io.Writer) error { return f.write(w, m) })
			golden(t, filepath.Join("testdata", "golden", "drill-map."+f.ending), got)
		})
	}
	assert.Equal(t, load[result.DrillMap](t, "drill-map"), m, "rendering leaves the document alone")
	golden(t, filepath.Join("testdata", "drill-map.json"), rendered(t, func(w io.Writer) error { return MapJSON(w, m) }))
}

// What an interrupted map, or one of a system that bears nothing, leaves.
func TestMapsWithoutFiguresRender(t *testing.T) {
	limit, never := 1.0, 0.0
	for _, tt := range []struct {
		m    result.DrillMap
		says string
	}{
		{result.DrillMap{}, "there is nothing"},
		{result.DrillMap{Loads: []float64{0.5, 1}}, "Overloaded at the lowest load, ×0.5"},
		{result.DrillMap{Loads: []float64{0.5, 1}, LimitLoad: &limit, Truncated: true}, "that were tried"},
		{result.DrillMap{Loads: []float64{0.5, 1}, LimitLoad: &limit, Triggers: []result.TriggerRow{{}}}, "No metastable state"},
		{result.DrillMap{Loads: []float64{0.5, 1}, LimitLoad: &limit, TippingLoad: &limit, RecoveryLoad: &never, Triggers: []result.TriggerRow{
			{TippingLoad: &limit, RecoveryLoad: &never, HysteresisLoad: &limit},
		}}, "only a restart does"},
	} {
		for _, f := range mapFormats {
			got := rendered(t, func(w io.Writer) error { return f.write(w, &tt.m) })
			if len(tt.m.Loads) > 0 && f.ending != "csv" && f.ending != "narrow.txt" {
				assert.Contains(t, strings.ReplaceAll(got, "\n", " "), tt.says, f.ending)
			}
		}
	}
}

func TestHostileNamesOfMapsDoNothing(t *testing.T) {
	m := load[result.DrillMap](t, "drill-map")
	m.Title, m.Trigger.What, m.Design = "<script>x</script>\x1b[2J", "=cmd()<script>y</script>\x1b[2J", "<b>d</b>"
	m.Warnings = []result.Warning{{Code: "W909", Message: "<img src=x>\x1b[1m"}}
	page := rendered(t, func(w io.Writer) error { return MapHTML(w, m) })
	for _, bad := range []string{"<script", "<img", "<b>", "\x1b"} {
		assert.NotContains(t, page, bad)
	}
	assert.NotContains(t, rendered(t, func(w io.Writer) error { return MapText(w, m, TextOptions{}) }), "\x1b")
	rows, err := csv.NewReader(strings.NewReader(rendered(t, func(w io.Writer) error { return MapCSV(w, m) }))).ReadAll()
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(rows[1][0], "'="), rows[1][0])
}

// A strip, and the chart, show of each load what the document says.
func TestTheStripOfAMapIsItsStates(t *testing.T) {
	limit, tips := 0.9, 0.7
	m := &result.DrillMap{
		Loads: []float64{0.5, 0.6, 0.7, 0.8, 0.9, 1}, LimitLoad: &limit, TippingLoad: &tips,
		Triggers: []result.TriggerRow{{TippingLoad: &tips, Points: []result.MapPoint{{Load: 0.6, State: result.MapMending}}}, {}},
	}
	table := stripsTable(m)
	require.Len(t, table.Rows, 3)
	assert.Equal(t, "·~###x", table.Rows[1][1].Num)
	assert.Equal(t, "·····x", table.Rows[2][1].Num)
	p := statesChart(m)
	width := map[string]float64{}
	for _, one := range p.tiles.tiles {
		if one.row == 0 {
			width[one.hue.class] += one.to - one.from
		}
	}
	assert.InDelta(t, 0.3, width["vermilion"], 1e-9)
	assert.InDelta(t, 0.1, width["sky"], 1e-9)
	assert.InDelta(t, 0.1, width["orange"], 1e-9)
	assert.InDelta(t, 0.1, width["rule"], 1e-9)
}
