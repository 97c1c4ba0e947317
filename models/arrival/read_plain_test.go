package arrival

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/records"
	"github.com/capsim/capsim/sim"
)

// zipped packs a text as gzip does.
func zipped(t *testing.T, text string) *bytes.Buffer {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return &out
}

func TestKeysComeAtEqualGaps(t *testing.T) {
	const text = "4021\n 17 \r\nuser/é\n4021\n\n17\n"
	want := &Trace{
		Times: []sim.Time{0, 333_333_333, 666_666_667, sim.Second, 1_333_333_333},
		Span:  1_666_666_667, Keys: []uint64{0, 1, 2, 0, 1},
	}
	trace, problems := ReadKeys(strings.NewReader(text), KeysOptions{Rate: 3})
	require.Empty(t, problems)
	assert.Equal(t, want, trace)
	trace, problems = ReadKeys(zipped(t, text), KeysOptions{Rate: 3})
	require.Empty(t, problems)
	assert.Equal(t, want, trace)

	times, rows := replayed(t, TracePlan{Trace: trace, Repeat: true, Speed: 2}, -sim.Second, 2*sim.Second)
	assert.Len(t, times, 18, "6/s, over the end as well")
	assert.Equal(t, []int{0, 1, 2, 3, 4, 0}, rows[:6])
	times, _ = replayed(t, TracePlan{Trace: trace, Load: 2}, 0, 10*sim.Second)
	assert.Len(t, times, 60)
}

func TestCountsAreReproducedExactly(t *testing.T) {
	counts := []int{0, 3, 0, 1000, 1, 0, 0}
	var text strings.Builder
	for _, n := range counts {
		fmt.Fprintln(&text, n)
	}
	trace, problems := ReadCounts(strings.NewReader(text.String()), CountsOptions{Every: sim.Second})
	require.Empty(t, problems)
	assert.Equal(t, 7*sim.Second, trace.Span)
	again, problems := ReadCounts(zipped(t, text.String()), CountsOptions{Every: sim.Second})
	require.Empty(t, problems)
	assert.Equal(t, trace, again, "the places are not drawn afresh")
	for _, speed := range []float64{1, 4} {
		times, _ := replayed(t, TracePlan{Trace: trace, Repeat: true, Speed: speed}, 0, sim.Time(float64(21*sim.Second)/speed))
		for round := range 3 {
			for i, n := range counts {
				from := float64(7*round + i)
				assert.InDelta(t, n, within(times, from/speed, (from+1)/speed), 0, "interval %d", i)
			}
		}
	}
	second := trace.Times[3:1003]
	assert.Less(t, second[0], 3*sim.Second+10*sim.Millisecond)
	assert.Greater(t, second[999], 4*sim.Second-10*sim.Millisecond)
	assert.InDelta(t, 1004.0/7, TracePlan{Trace: trace, Repeat: true}.MeanRate(70*sim.Second), 1e-9)
	double, _ := replayed(t, TracePlan{Trace: trace, Load: 2}, 0, 7*sim.Second)
	assert.Len(t, double, 2*1004)
	one, problems := ReadCounts(strings.NewReader("1\n"), CountsOptions{Every: sim.Second})
	require.Empty(t, problems)
	times, _ := replayed(t, TracePlan{Trace: one, Repeat: true}, 0, 10*sim.Second)
	assert.Len(t, times, 10)
}

func TestBadListsSayWhatAndWhere(t *testing.T) {
	for _, row := range []struct{ data, want, says string }{
		{"", "1:1: E601", "no rows"},
		{"\n\n", "1:1: E601", "no rows"},
		{"0\n0\n", "1:1: E601", "no arrivals"},
		{"5\nNaN\n", "2:1: E604", "no header, no time"},
		{"count\n5\n", "1:1: E604", `got "count"`},
		{"5\n\n7\n", "2:1: E604", "write 0 where nothing came"},
		{"5\n-1\n", "2:1: E604", `got "-1"`},
		{"5\n1.5\n", "2:1: E604", "whole number"},
		{"5\n1_000\n", "2:1: E604", "whole number"},
		{"5\n3,4\n", "2:1: E604", "whole number"},
		{"5\n99999999999999999999\n", "2:1: E703", "take a part"},
		{"19999\n2\n", "2:1: E703", "20000 arrivals"},
		{"version https://git-lfs.github.com/spec/v1\n", "1:1: E605", "git lfs pull"},
		{"<!doctype html>\n", "1:1: E605", "raw file"},
		{"<html>\n", "1:1: E605", "raw file"},
		{strings.Repeat("7", 200_000), "1:1: E704", "line ends may be missing"},
	} {
		trace, problems := ReadCounts(strings.NewReader(row.data), CountsOptions{sim.Second, records.Limits{Rows: 20_000}})
		require.NotEmpty(t, problems, row.data[:min(len(row.data), 40)])
		assert.Nil(t, trace)
		p := problems[0]
		assert.Equal(t, row.want, fmt.Sprintf("%d:%d: %s", p.Line, p.Col, p.Code), row.data[:min(len(row.data), 40)])
		assert.Contains(t, p.Message+"\n"+p.Hint, row.says)
		assert.NotEmpty(t, p.Hint)
	}
	_, problems := ReadCounts(strings.NewReader(strings.Repeat("x\n", 50)), CountsOptions{Every: sim.Second})
	assert.Len(t, problems, records.MaxProblems)
	_, problems = ReadCounts(strings.NewReader("1\n1\n1\n"), CountsOptions{Every: forever / 2})
	require.Len(t, problems, 1)
	assert.Equal(t, "E304", problems[0].Code)
	for data, code := range map[string]string{"": "E601", "<html>": "E605", strings.Repeat("k", 200_000): "E704", "a\nb\n": "E304"} {
		_, problems := ReadKeys(strings.NewReader(data), KeysOptions{Rate: 1e-10})
		require.Len(t, problems, 1)
		assert.Equal(t, code, problems[0].Code)
		assert.NotEmpty(t, problems[0].Hint)
	}
}

// A line without end must not be read into memory.
func TestALineOf100MBIsRefusedAtOnce(t *testing.T) {
	endless := &repeating{text: `10.0.0.1 - - `}
	_, problems := ReadCLF(endless, LogOptions{})
	require.Len(t, problems, 1)
	assert.Equal(t, "E704", problems[0].Code)
	assert.Less(t, endless.read, 1<<20)
	_, problems = ReadCSV(&repeating{text: "ts,"}, CSVOptions{Time: "ts"})
	require.Len(t, problems, 1)
	assert.Equal(t, "E704", problems[0].Code)
	_, problems = ReadKeys(&repeating{text: "k"}, KeysOptions{Rate: 1})
	require.Len(t, problems, 1)
	assert.Equal(t, "E704", problems[0].Code)
}

// repeating is a file that never ends.
type repeating struct {
	text string
	read int
}

func (r *repeating) Read(p []byte) (int, error) {
	n := copy(p, r.text)
	r.read += n
	return n, nil
}

func TestRowsThatAreGluedTogetherAreFound(t *testing.T) {
	const row = `10.0.0.1 - - [01/Jul/1995:00:00:01 -0400] "GET /a HTTP/1.0" 200 6245`
	const tail = ` "-" "curl/8"`
	for _, tt := range []struct {
		line     string
		combined bool
		col      int
	}{
		{row + row, false, 82},
		{row + " " + row, false, 83},
		{`10.0.0.1 - - [01/Jul/1995:00:00:01 -0400] "GET /a` + row, false, 63}, // cut off within the request
		{row + tail + row + tail, true, 95},
		{row + ` "-" "curl` + row + tail, true, 92}, // cut off within the agent
	} {
		read := ReadCLF
		if tt.combined {
			read = ReadCombined
		}
		_, problems := read(strings.NewReader(tt.line+"\n"), LogOptions{})
		require.Len(t, problems, 1, tt.line)
		p := problems[0]
		assert.Equal(t, fmt.Sprintf("1:%d: E605", tt.col), fmt.Sprintf("%d:%d: %s", p.Line, p.Col, p.Code), tt.line)
		assert.Equal(t, "[01/Jul/1995:00:00:01 -0400]", tt.line[p.Col-1:p.EndCol-1])
		assert.Contains(t, p.Message, "two rows on one line")
		assert.Contains(t, p.Hint, "a line of its own")
	}
	for _, line := range []string{
		`h - - [01/Jul/1995:00:00:01 -0400] "GET /a[1] HTTP/1.0" 200 5`,
		`h - - [01/Jul/1995:00:00:01 -0400] "GET /a?at=[01/Jul/1995:00:00:01 HTTP/1.0" 200 5`,
	} {
		_, problems := ReadCLF(strings.NewReader(line+"\n"), LogOptions{})
		assert.Empty(t, problems, line)
	}
	_, problems := ReadCSV(strings.NewReader("t,op\n1,a\n2,b3,c\n"), CSVOptions{Time: "t", Op: "op", Unit: "s"})
	require.Len(t, problems, 1)
	assert.Equal(t, "expected 2 fields, got 3", problems[0].Message)
	assert.Equal(t, 3, problems[0].Line)
}

func TestLogsOfMixedTimeZonesGoByTheirOffsets(t *testing.T) {
	line := func(at string) string { return `h - - [` + at + `] "GET / HTTP/1.1" 200 5` + "\n" }
	// A server that changed to winter time, and one in another country.
	log := line("29/Oct/2023:02:59:50 +0200") + line("29/Oct/2023:02:00:10 +0100") + line("28/Oct/2023:20:00:30 -0500") + line("29/Oct/2023:06:31:00 +0530")
	trace, problems := ReadCLF(strings.NewReader(log), LogOptions{})
	require.Empty(t, problems)
	for i, want := range []float64{0, 20, 40, 70} {
		assert.InDelta(t, want, trace.Times[i].Seconds(), 1)
	}
	_, problems = ReadCLF(strings.NewReader(line("29/Oct/2023:02:30:00 +0100")+line("29/Oct/2023:02:59:50 +0200")), LogOptions{})
	require.Len(t, problems, 1)
	assert.Equal(t, "E603", problems[0].Code)
	assert.Contains(t, problems[0].Message, `"29/Oct/2023:02:59:50 +0200" is before`)
	table := "t\n2023-10-29T02:59:50+02:00\n2023-10-29T01:00:10Z\n2023-10-28T20:00:30-05:00\n"
	trace, problems = ReadCSV(strings.NewReader(table), CSVOptions{Time: "t"})
	require.Empty(t, problems)
	assert.Equal(t, []sim.Time{0, 20 * sim.Second, 40 * sim.Second}, trace.Times)
}
