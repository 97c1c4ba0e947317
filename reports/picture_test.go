package reports

import (
	"io"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

func TestAxesHoldTheirDataInFewReadableTicks(t *testing.T) {
	for _, high := range []float64{1e-9, 3.7e-5, 0.0999, 0.142, 1, 7.2, 99.9, 800, 12_345, 9.99e7} {
		a := linearAxis("latency", high, seconds)
		assert.GreaterOrEqual(t, a.max, high)
		assert.LessOrEqual(t, a.max, 2*high)
		assert.GreaterOrEqual(t, len(a.ticks), 3, "%v", high)
		assert.LessOrEqual(t, len(a.ticks), 7, "%v", high)
		for _, to := range []float64{1, 1.5, 50, 1e4} {
			l := logAxis("latency", high, high*to, seconds)
			assert.LessOrEqual(t, l.min, high*(1+1e-9), "%v to %v", high, high*to)
			assert.GreaterOrEqual(t, l.max, high*to*(1-1e-9), "%v to %v", high, high*to)
		}
	}
	for _, to := range []float64{0.05, 1, 12, 60, 119, 600, 3600, 86_400, 300_000, 2_592_000, 31_536_000, 1e9} {
		a := timeAxis(0, to)
		assert.GreaterOrEqual(t, len(a.ticks), 2, "%v", to)
		assert.LessOrEqual(t, len(a.ticks), 8, "%v", to)
	}
	assert.Equal(t, "time in the measured window, min", timeAxis(0, 600).label)
	assert.Equal(t, []tick{{0, "0"}, {120, "2"}, {240, "4"}, {360, "6"}, {480, "8"}, {600, "10"}}, timeAxis(0, 600).ticks)
	assert.Equal(t, []tick{{0, "0"}, {8_640_000, "100"}, {17_280_000, "200"}, {25_920_000, "300"}}, timeAxis(0, 31_536_000).ticks, "a year")
	assert.Equal(t, 1.0, linearAxis("errors", 0, plain).max)
}

func TestTheTailAxisHasATenthOfTheRestPerStep(t *testing.T) {
	assert.InDelta(t, 0, tailPlace(0), 1e-12)
	assert.InDelta(t, 1, tailPlace(0.9), 1e-12)
	assert.InDelta(t, 3, tailPlace(0.999), 1e-12)
	assert.Equal(t, []string{"90 %", "99 %", "99.9 %", "99.99 %"},
		[]string{nineLabel(1), nineLabel(2), nineLabel(3), nineLabel(4)})
}

// A point of the curve beyond which fewer than ten samples lie is noise, and
// the last one, the maximum, has no place on the axis at all.
func TestCurvesEndWhereTheyCannotBeTold(t *testing.T) {
	traffic := &result.Traffic{OK: 1000, Curve: [][2]float64{{0.5, 1}, {0.99, 2}, {0.991, 3}, {0.999, 4}, {1, 5}}}
	l := curveLine(traffic)
	require.Len(t, l.points, 2)
	assert.InDelta(t, 2, l.points[1].x, 1e-9)
	assert.InDelta(t, 2, l.points[1].y, 0)
}

// The fastest request of an exponential service takes next to nothing: it must
// not stretch the axis, nor stop the drawing where it took nothing at all.
func TestTheFastestRequestsDoNotStretchTheLatencyAxis(t *testing.T) {
	r := &result.Result{Clients: map[string]*result.Client{"c": {Traffic: result.Traffic{
		OK: 1e6, Curve: [][2]float64{{0, 0}, {0.05, 1e-7}, {0.1, 0.002}, {0.5, 0.01}, {0.999, 0.35}},
	}}}}
	p := percentilesChart(r)
	assert.True(t, p.y.logarithmic)
	assert.InDelta(t, 0.002, p.y.min, 1e-9)
	assert.InDelta(t, 0.5, p.y.max, 1e-9)
	svg, err := p.svg()
	require.NoError(t, err)
	assert.NotContains(t, svg, "NaN")
	assert.NotContains(t, svg, "Inf")
}

func TestThinningKeepsEdgesExtremesAndGaps(t *testing.T) {
	var points []point
	for i := range 10_000 {
		points = append(points, point{x: float64(i), y: math.Sin(float64(i))})
	}
	points[4321].y = 17
	points[7777].y = -17
	points[1234].y = math.NaN()
	kept := thinned(points, 100)
	assert.Less(t, len(kept), 600)
	assert.Equal(t, points[0], kept[0])
	assert.Equal(t, points[9999], kept[len(kept)-1])
	assert.Contains(t, kept, points[4321])
	assert.Contains(t, kept, points[7777])
	gaps := 0
	for i, p := range kept {
		if math.IsNaN(p.y) {
			gaps++
		}
		if i > 0 {
			assert.Greater(t, p.x, kept[i-1].x)
		}
	}
	assert.Equal(t, 1, gaps)
	assert.Equal(t, points[:400], thinned(points[:400], 100))
}

func TestOneSubjectHasOneHueInEveryChart(t *testing.T) {
	r := load[result.Result](t, "result")
	for _, draw := range []func(*result.Result) *picture{percentilesChart, latencyChart, throughputChart, errorsChart} {
		for _, l := range draw(r).lines {
			want := 0 // partners, the first by name
			if l.label[0] == 's' {
				want = 1 // shoppers
			}
			assert.Equal(t, want, l.hue, l.label)
		}
	}
}

func TestChartsWithNothingToShowAreLeftOut(t *testing.T) {
	r := load[result.Result](t, "single") // has no series
	for _, draw := range []func(*result.Result) *picture{latencyChart, throughputChart, errorsChart, busyChart} {
		assert.Nil(t, draw(r))
	}
	for _, c := range allCharts() {
		assert.Nil(t, c.draw(&result.Result{}), c.id)
	}
	full := load[result.Result](t, "result")
	for _, row := range full.Series.Rows {
		zero := 0.0
		row[3], row[8] = &zero, &zero
	}
	assert.Nil(t, errorsChart(full), "no error, no chart of errors")
}

func TestTitlesSayWhatIsSeen(t *testing.T) {
	r := load[result.Result](t, "result")
	var titles []string
	for _, c := range allCharts() {
		if p := c.draw(r); p != nil { // no queue of messages, no backlog
			titles = append(titles, p.title)
		}
	}
	assert.Equal(t, []string{
		"app instances (aws:m7i.xlarge): 74.1 % of the cost",
		"shoppers: of 29 ms on average, 8.3 ms in service at app",
		"shoppers: half within 20.3 ms, 99 % within 144 ms, 99.9 % within 280 ms",
		"app cpu is the busiest resource: 72 %",
		"shoppers p99 between 125 ms and 375 ms, highest at 6 min 10 s",
		"Of 801/s offered, 800/s are answered ok",
		"shoppers errors peak at 15.6/s at 6 min 10 s; overall 0.124 % of its requests",
		"app cpu peaks at 99.92 % at 6 min 10 s",
	}, titles)
}

// What never changes has no highest place.
func TestTitlesOfWhatIsAlwaysTheSame(t *testing.T) {
	busy, late := 0.05, 0.005
	r := &result.Result{
		Clients: map[string]*result.Client{"u": {}},
		Nodes:   map[string]*result.Node{"web": {Resources: map[string]*result.Resource{"cpu": {}}}},
		Series:  &result.Series{WindowS: 1, Columns: []string{"time_s", "u latency_mean_s", "web cpu"}},
	}
	for i := range 3 {
		at := float64(i)
		r.Series.Rows = append(r.Series.Rows, []*float64{&at, &late, &busy})
	}
	assert.Equal(t, "u mean is 5 ms all the time", latencyChart(r).title)
	assert.Equal(t, "web cpu is 5 % busy all the time", busyChart(r).title)
}

func TestCrowdedChartsShowTheLargestAndSaySo(t *testing.T) {
	one, half := 1.0, 0.5
	r := &result.Result{
		Nodes:  map[string]*result.Node{},
		Series: &result.Series{WindowS: 1, Columns: []string{"time_s"}, Rows: [][]*float64{{new(float64)}}},
	}
	for i := range 20 {
		v := &half
		if i == 13 {
			v = &one
		}
		r.Series.Columns = append(r.Series.Columns, string(rune('a'+i))+" cpu")
		r.Nodes[string(rune('a'+i))] = &result.Node{Resources: map[string]*result.Resource{"cpu": {}}}
		r.Series.Rows[0] = append(r.Series.Rows[0], v)
	}
	p := busyChart(r)
	require.Len(t, p.lines, mostLines)
	assert.Equal(t, "The 8 highest lines of 20; timeseries.csv has all.", p.remark)
	assert.Equal(t, "n cpu", p.lines[mostLines-1].label)
	_, err := p.svg()
	assert.NoError(t, err)
}

func TestEveryCurveOfAComparisonIsShown(t *testing.T) {
	design := func(name string) *result.Result {
		curve := func() *result.Client {
			var client result.Client
			client.OK = 1000
			client.Curve = [][2]float64{{0.5, 0.1}, {0.9, 0.3}}
			return &client
		}
		return &result.Result{Design: name, Clients: map[string]*result.Client{"b": curve(), "a": curve()}}
	}
	c := &result.Comparison{}
	for _, name := range []string{"1", "2", "3", "4"} {
		c.Designs = append(c.Designs, design(name))
	}
	pictures := percentilesOfDesigns(c)
	require.Len(t, pictures, 1, "as many as a picture can bear")
	require.Len(t, pictures[0].lines, mostLines)
	assert.Equal(t, "4: b", pictures[0].lines[mostLines-1].label)

	c.Designs = append(c.Designs, design("5"))
	pictures = percentilesOfDesigns(c)
	require.Len(t, pictures, 2, "one for each client")
	for i, client := range []string{"a", "b"} {
		assert.Len(t, pictures[i].lines, 5)
		assert.Empty(t, pictures[i].remark)
		assert.Equal(t, client+": latency by percentile, every design", pictures[i].title)
	}
	page := rendered(t, func(w io.Writer) error { return ComparisonHTML(w, c) })
	for _, id := range []string{"chart-percentiles", "chart-percentiles-2"} {
		assert.True(t, strings.Contains(page, `id="`+id+`"`), id)
	}
}
