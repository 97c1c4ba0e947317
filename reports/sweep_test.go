package reports

import (
	"encoding/csv"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

var sweepFormats = []struct {
	ending string
	write  func(io.Writer, *result.Sweep) error
}{
	{"txt", func(w io.Writer, s *result.Sweep) error { return SweepText(w, s, TextOptions{}) }},
	{"narrow.txt", func(w io.Writer, s *result.Sweep) error { return SweepText(w, s, TextOptions{Width: 64}) }},
	{"md", SweepMarkdown},
	{"csv", SweepCSV},
	{"html", SweepHTML},
}

// A grid of two numbers, one of them the load, with costs; and the values of a
// key that are words.
func TestSweepsRenderAsTheirGoldenFiles(t *testing.T) {
	for _, name := range []string{"sweep", "sweep-kinds"} {
		s := load[result.Sweep](t, name)
		for _, f := range sweepFormats {
			t.Run(name+"."+f.ending, func(t *testing.T) {
				got := rendered(t, func(w io.Writer) error { return f.write(w, s) })
				golden(t, filepath.Join("testdata", "golden", name+"."+f.ending), got)
			})
		}
		assert.Equal(t, load[result.Sweep](t, name), s, "rendering leaves the document alone")
		golden(t, filepath.Join("testdata", name+".json"), rendered(t, func(w io.Writer) error { return SweepJSON(w, s) }))
	}
}

// gridSweep is a sweep of so many values of each of some keys, with the p99 of
// the point's number in milliseconds.
func gridSweep(sizes ...int) *result.Sweep {
	s := &result.Sweep{Grid: 1}
	for i, n := range sizes {
		d := result.SweepDimension{Path: fmt.Sprintf("server.web.key%d", i)}
		for k := range n {
			v := float64(k)
			d.Values = append(d.Values, result.SweepValue{Text: fmt.Sprint(k), Number: &v})
		}
		s.Dimensions, s.Grid = append(s.Dimensions, d), s.Grid*n
	}
	for i := range s.Grid {
		p99 := float64(i+1) / 1000
		p := result.SweepPoint{Point: i, Values: make([]string, len(sizes)), Clients: map[string]*result.SweepClient{
			"users": {LatencyS: result.Latency{"p99": {Mean: &p99}}},
		}}
		for at, k := len(sizes)-1, i; at >= 0; at-- {
			p.Values[at], k = fmt.Sprint(k%sizes[at]), k/sizes[at]
		}
		s.Points = append(s.Points, p)
	}
	return s
}

func TestSweepsOfAnyShapeRender(t *testing.T) {
	for _, tt := range []struct {
		sizes  []int
		charts int // heat maps and curves of p99
	}{
		{nil, 0}, {[]int{1}, 0}, {[]int{5}, 1}, {[]int{1, 5}, 1}, {[]int{3, 4}, 2}, {[]int{3, 20}, 2},
		{[]int{2, 3, 4}, 3}, {[]int{9, 2, 2}, 2}, {[]int{50, 60}, 0},
	} {
		s := gridSweep(tt.sizes...)
		assert.Len(t, sweepCharts(s), tt.charts, "%v", tt.sizes)
		for _, f := range sweepFormats {
			got := rendered(t, func(w io.Writer) error { return f.write(w, s) })
			assert.NotEmpty(t, got)
		}
	}
	for _, f := range sweepFormats { // nothing at all
		rendered(t, func(w io.Writer) error { return f.write(w, &result.Sweep{}) })
	}
}

func TestTheHeatMapSaysTheValueAndTheVerdict(t *testing.T) {
	s := gridSweep(2, 3)
	for i, v := range []string{result.Met, result.Undecided, result.Missed, result.Met, result.Met, result.Missed} {
		s.Points[i].Objectives = []result.Objective{{Text: "users p99 < 3ms", Verdict: v}}
	}
	var labels []string
	h := sweepCharts(s)[0]
	for _, one := range h.tiles.tiles {
		labels = append(labels, fmt.Sprintf("%d,%v %s %s", one.row, (one.from+one.to)/2, one.label, one.hue.class))
	}
	assert.Equal(t, []string{
		"0,0 1 ms sky", "0,1 2 ms? orange", "0,2 3 ms✗ vermilion", "1,0 4 ms sky", "1,1 5 ms sky", "1,2 6 ms✗ vermilion",
	}, labels)
	assert.Len(t, h.tiles.key, 3)
	verdict, tone := sweepVerdict(s)
	assert.Equal(t, "All objectives are met at 3 of 6 points, undecided at 1.", verdict)
	assert.Equal(t, unsure, tone)
}

func TestTheCheapestPointThatMeetsAllIsNamed(t *testing.T) {
	s := gridSweep(4)
	for i, cost := range []float64{1, 5, 3, 2} {
		s.Points[i].Cost = &result.SweepCost{Currency: "EUR", Monthly: result.Estimate{Mean: &cost}}
		verdict := result.Met
		if i == 0 || i == 3 {
			verdict = []string{result.Missed, "", "", result.Undecided}[i]
		}
		s.Points[i].Objectives = []result.Objective{{Verdict: verdict}}
	}
	assert.Equal(t, []string{"The cheapest point that meets them: server.web.key0 = 2, 3 EUR a month."}, sweepFindings(s))
}

func TestTheHighestLoadIsNamed(t *testing.T) {
	s := gridSweep(4)
	s.Dimensions[0].Path = "load"
	for i, v := range []string{result.Missed, result.Met, result.Met, result.Missed} {
		s.Points[i].Objectives = []result.Objective{{Verdict: v}}
	}
	assert.Equal(t, []string{"The highest load at which they are met: ×2."}, sweepFindings(s))
	for i := range s.Points {
		s.Points[i].Objectives[0].Verdict = result.Undecided
	}
	assert.Equal(t, []string{"They are met at none of the loads."}, sweepFindings(s))
}

// A row of the CSV is a point, and every row has a cell for every column.
func TestTheCSVOfASweepIsATable(t *testing.T) {
	s := load[result.Sweep](t, "sweep")
	s.Points[3].Clients, s.Points[3].Cost, s.Points[3].Limit = nil, nil, "too many"
	delete(s.Points[2].Nodes, "web")
	rows, err := csv.NewReader(strings.NewReader(rendered(t, func(w io.Writer) error { return SweepCSV(w, s) }))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 1+len(s.Points))
	assert.Equal(t, []string{"point", "server.web.instances", "load", "batch offered_rps", "batch offered_rps half_width"}, rows[0][:5])
	assert.Equal(t, exact(s.Points[1].Clients["batch"].OfferedRPS.Mean), rows[2][3])
	assert.Equal(t, "too many", rows[4][len(rows[4])-2])
	assert.Empty(t, rows[4][3])
}

func TestPathsAreShortened(t *testing.T) {
	of := func(paths ...string) []string {
		s := &result.Sweep{}
		var out []string
		for _, p := range paths {
			s.Dimensions = append(s.Dimensions, result.SweepDimension{Path: p})
		}
		for i := range paths {
			out = append(out, shortPath(s, i))
		}
		return out
	}
	assert.Equal(t, []string{"load", "app.instances"}, of("load", "server.app.instances"))
	assert.Equal(t, []string{"server.app.cores", "database.app.cores", "seed"}, of("server.app.cores", "database.app.cores", "run.seed"))
}
