package reports

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

// What is vendored is what was published: uPlot 1.6.32 (see NOTICE).
func TestVendoredFilesAreThoseThatWerePublished(t *testing.T) {
	for text, want := range map[*string]string{
		&uplotScript: "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f",
		&uplotStyle:  "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04",
	} {
		digest := sha256.Sum256([]byte(*text))
		assert.Equal(t, want, fmt.Sprintf("%x", digest))
	}
}

// A strict policy has no eval and no inline style; a page has no address to
// ask.
func TestScriptsNeedNothingThatThePolicyForbids(t *testing.T) {
	for _, text := range []string{uplotScript, chartsScript} {
		assert.NotRegexp(t, `\beval\(|new Function|setAttribute\("style"|cssText|innerHTML|insertAdjacentHTML|document\.write`, text)
		assert.NotRegexp(t, `fetch\(|XMLHttpRequest|WebSocket|importScripts|import\(|localStorage`, text)
		assert.NotContains(t, text, "</script")
	}
}

// The numbers that a script draws are those of the picture.
func TestLiveChartsHaveTheNumbersOfTheirPictures(t *testing.T) {
	p := &picture{
		x: timeAxis(0, 120), y: linearAxis("latency", 0.5, seconds),
		lines: []line{
			{label: "a", hue: 1, dash: 1, points: []point{{x: 10, y: 0.1}, {x: 20, y: math.NaN()}, {x: 30, y: 0.123456}}},
			{label: "b", points: []point{{x: 10, y: 0.2}, {x: 20, y: 0.3}, {x: 30, y: 0.4}}, doubts: []point{{10, 0.2, 0.01}, {30, 0.4, 0.02}}},
			{label: "trend", thin: true, points: []point{{x: 0, y: 0.1}, {x: 120, y: 0.5}}},
		},
		bands: []band{{15, 25}}, marks: []tick{{15, "kill app"}},
	}
	got, err := json.Marshal(p.live())
	require.NoError(t, err)
	var c struct {
		X, Y   struct{ Kind, Label string }
		Tables []struct {
			X     []float64
			Lines []struct {
				Label, Hue string
				Dash       []float64
				Y, Half    []*float64
			}
		}
		Bands [][2]float64
		Marks []struct {
			At    float64
			Label string
		}
	}
	require.NoError(t, json.Unmarshal(got, &c))
	assert.Equal(t, "time", c.X.Kind)
	assert.Equal(t, "latency", c.Y.Label)
	require.Len(t, c.Tables, 2, "lines of the same places share them")
	assert.Equal(t, []float64{10, 20, 30}, c.Tables[0].X)
	assert.Equal(t, []float64{0, 120}, c.Tables[1].X)
	a, b := c.Tables[0].Lines[0], c.Tables[0].Lines[1]
	assert.Equal(t, "vermilion", a.Hue)
	assert.Equal(t, []float64{5, 3}, a.Dash)
	assert.Nil(t, a.Y[1], "a gap stays one")
	assert.InDelta(t, 0.12346, *a.Y[2], 0, "five figures")
	assert.Empty(t, a.Half)
	assert.Nil(t, b.Half[1])
	assert.InDelta(t, 0.02, *b.Half[2], 0)
	assert.Equal(t, [][2]float64{{15, 25}}, c.Bands)
	assert.Equal(t, "kill app", c.Marks[0].Label)
	assert.Nil(t, (&picture{bars: []bar{{}}}).live(), "bars say their values")
}

func TestLongSeriesAreThinned(t *testing.T) {
	p := &picture{x: timeAxis(0, 1), y: linearAxis("n", 1, plain), lines: []line{{label: "a"}}}
	for i := range 50_000 {
		p.lines[0].points = append(p.lines[0].points, point{x: float64(i), y: float64(i * 7919 % 1000)})
	}
	p.lines[0].points[31_234].y = 5000
	c := p.live()
	assert.LessOrEqual(t, len(c.Tables[0].X), mostRows)
	assert.Contains(t, c.Tables[0].Lines[0].Y, number4(5000), "its peak stays")
}

// An interval is a band where points are joined, and its own bar where nothing
// lies between two.
func TestIntervalsAreBands(t *testing.T) {
	p := &picture{title: "t", x: between("load", 0, 2), y: linearAxis("s", 10, plain), lines: []line{{
		label: "a", points: []point{{x: 0, y: 4}, {x: 2, y: 8}}, doubts: []point{{0, 4, 1}, {2, 8, 2}},
	}}}
	svg, err := p.svg()
	require.NoError(t, err)
	band := regexp.MustCompile(`<path d="M([\d.]+),([\d.]+)L([\d.]+),([\d.]+)L([\d.]+),([\d.]+)L([\d.]+),([\d.]+)Z" fill="#0072B2" fill-opacity="0.2" class="fill-blue">`)
	found := band.FindStringSubmatch(svg)
	require.NotNil(t, found, "a band with the hue of its line")
	var at [8]float64
	for i := range at {
		_, err := fmt.Sscan(found[i+1], &at[i])
		require.NoError(t, err)
	}
	assert.Equal(t, at[0], at[6], "upper and lower end of the first interval")
	assert.Equal(t, at[2], at[4])
	height := func(a, b float64) float64 { return math.Abs(a - b) }
	assert.InDelta(t, 2*height(at[1], at[7]), height(at[3], at[5]), 0.3, "± 2 is twice as high as ± 1")

	p.lines[0].points = []point{{x: 0, y: 4}, {x: 0, y: math.NaN()}, {x: 2, y: 8}}
	svg, err = p.svg()
	require.NoError(t, err)
	assert.NotContains(t, svg, "fill-opacity")
}

// Between two percentiles of the document the interval is taken in proportion.
func TestIntervalsOfACurve(t *testing.T) {
	e := func(mean, half float64) result.Estimate { return result.Estimate{Mean: &mean, HalfWidth: &half} }
	traffic := &result.Traffic{LatencyS: result.Latency{"p50": e(1, 0.1), "p90": e(2, 0.4)}}
	middle := (tailPlace(0.5) + tailPlace(0.9)) / 2
	got := curveDoubts(traffic, []point{{x: 0, y: 0.5}, {x: tailPlace(0.5), y: 1}, {x: middle, y: 1.5}, {x: tailPlace(0.9), y: 2}, {x: 2, y: 3}})
	require.Len(t, got, 3, "from the first to the last that is known")
	assert.InDelta(t, 0.1, got[0].half, 1e-12)
	assert.InDelta(t, 1.5*0.15, got[1].half, 1e-12, "15 % of it, half way between 10 % and 20 %")
	assert.InDelta(t, 0.4, got[2].half, 1e-12)
}

func TestColoursOfAChartAreFoundThoughOpacityRoundsThem(t *testing.T) {
	for _, s := range palette {
		off := s.color
		off.G--
		found, ok := swatchOf(hex(off))
		assert.True(t, ok)
		assert.Equal(t, s, found)
	}
	for _, other := range []string{"#123456", "none", "", "#FFFFF"} {
		_, ok := swatchOf(other)
		assert.False(t, ok, other)
	}
}

// wide is a comparison of five designs of ten nodes each, with series and
// curves: the largest that a page must bear with ease.
func wide(t testing.TB) *result.Comparison {
	c := &result.Comparison{Schema: result.ComparisonSchema, Version: "1", Title: "wide"}
	for k := range 5 {
		r := wideResult(t)
		r.Design = fmt.Sprintf("design-%d", k)
		c.Designs = append(c.Designs, r)
	}
	c.Curves = load[result.Comparison](t, "comparison-loads").Curves
	for i := range c.Designs {
		if i >= len(c.Curves.Designs) {
			c.Curves.Designs = append(c.Curves.Designs, c.Curves.Designs[0])
		}
	}
	return c
}

// wideResult is a result of ten nodes with a full series.
func wideResult(t testing.TB) *result.Result {
	r := load[result.Result](t, "result")
	proto := r.Nodes["app"]
	r.Nodes = map[string]*result.Node{}
	r.Topology.Nodes, r.Topology.Edges = r.Topology.Nodes[:0], r.Topology.Edges[:0]
	for i := range 10 {
		name := fmt.Sprintf("node-%d", i)
		r.Nodes[name] = proto
		r.Topology.Nodes = append(r.Topology.Nodes, result.TopologyNode{Name: name, Kind: "server", Instances: 4, Detail: "4 cores, 64 workers"})
		if i > 0 {
			r.Topology.Edges = append(r.Topology.Edges, result.Edge{From: fmt.Sprintf("node-%d", i-1), To: name, Op: "read"})
		}
	}
	columns := []string{"time_s"}
	for _, name := range sorted(r.Clients) {
		columns = append(columns, name+" offered_rps", name+" throughput_rps", name+" errors_rps", name+" latency_mean_s", name+" latency_p99_s")
	}
	for _, name := range sorted(r.Nodes) {
		columns = append(columns, name+" in_flight", name+" cpu", name+" workers", name+" queue", name+" instances")
	}
	r.Series = &result.Series{WindowS: 5, Columns: columns}
	for w := range 120 {
		row := []*float64{new(float64)}
		*row[0] = float64(w) * 5
		for i := range columns[1:] {
			v := 0.1 + 0.8*math.Abs(math.Sin(float64(w*(i+1))))
			row = append(row, &v)
		}
		r.Series.Rows = append(r.Series.Rows, row)
	}
	r.Topology.Source = strings.Repeat("[server.node]\ncores = 4  # from the file\n", 200)
	return r
}

// A page of ten nodes and five designs is under 2 MB; so is that of one of
// them.
func TestPagesStaySmall(t *testing.T) {
	const most = 2 << 20
	compared := rendered(t, func(w io.Writer) error { return ComparisonHTML(w, wide(t)) })
	one := rendered(t, func(w io.Writer) error { return HTML(w, wideResult(t)) })
	assert.Less(t, len(compared), most)
	assert.Less(t, len(one), most)
	t.Logf("%d kB for five designs, %d kB for one", len(compared)>>10, len(one)>>10)
}

// How long it takes to draw them.
func BenchmarkPage(b *testing.B) {
	c, r := wide(b), wideResult(b)
	for b.Loop() {
		require.NoError(b, ComparisonHTML(io.Discard, c))
		require.NoError(b, HTML(io.Discard, r))
	}
}
