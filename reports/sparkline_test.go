package reports

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

func TestASparklineIsTheHighestOfEachPart(t *testing.T) {
	points := func(values ...float64) []point {
		var all []point
		for i, v := range values {
			all = append(all, point{x: float64(i), y: v})
		}
		return all
	}
	assert.Equal(t, "▁▂▃▄▅▆▇█", sparkline(points(1, 2, 3, 4, 5, 6, 7, 8), 40), "eighths of the highest")
	assert.Equal(t, "▂▄▆█", sparkline(points(1, 2, 3, 4, 6, 5, 8, 7), 4), "the higher of each two")
	assert.Equal(t, "█ ▄", sparkline(points(2, math.NaN(), 1), 40), "nobody was answered: a gap")
	assert.Equal(t, "▁▁▁", sparkline(points(0, 0, 0), 40))
	assert.Equal(t, "██", sparkline(points(5, 5), 2), "what is steady is flat")
}

func TestSparklinesFitTheTerminal(t *testing.T) {
	v := func(x float64) *float64 { return &x }
	r := &result.Result{Clients: map[string]*result.Client{}}
	r.Run.DurationS = 60
	r.Series = &result.Series{WindowS: 1, Columns: []string{"time_s", "users latency_p99_s"}}
	for i := range 60 {
		r.Series.Rows = append(r.Series.Rows, []*float64{v(float64(i)), v(0.001 * float64(1+i))})
	}
	for _, width := range []int{60, 80, 140} {
		var out bytes.Buffer
		require.NoError(t, Text(&out, r, TextOptions{Width: width}))
		at := strings.Index(out.String(), "p99 over time")
		require.GreaterOrEqual(t, at, 0, out.String())
		lines := strings.Split(out.String()[at:], "\n")
		assert.Contains(t, lines[1], "▇█", "it rises to the end")
		assert.Contains(t, lines[1], "60.0 ms")
		for _, line := range lines[:2] {
			assert.LessOrEqual(t, displayWidth(line), width)
		}
	}
	var out bytes.Buffer
	for i, row := range r.Series.Rows {
		if i >= fewestSparks-1 {
			row[1] = nil
		}
		r.Series.Rows[i] = append(row, v(0.002*float64(60-i)))
	}
	r.Series.Columns = append(r.Series.Columns, "users latency_mean_s")
	require.NoError(t, Text(&out, r, TextOptions{}))
	assert.Regexp(t, `(?m)^mean over time .*\n^users +█.* 2.00 ms +120 ms +0 s$`, out.String(), "too few requests for the percentile, but not for the mean")
	out.Reset()
	r.Series.Rows = r.Series.Rows[:fewestSparks-1]
	require.NoError(t, Text(&out, r, TextOptions{}))
	assert.NotContains(t, out.String(), "over time", "too short to have a shape")
}
