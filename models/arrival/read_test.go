package arrival

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/records"
	"github.com/capsim/capsim/sim"
)

func fixture(t *testing.T, name string) *bytes.Reader {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	return bytes.NewReader(data)
}

func TestNASALogIsReadAsATrace(t *testing.T) {
	trace, problems := ReadCLF(fixture(t, "nasa-1995-08-01.log"), LogOptions{})
	require.Empty(t, problems)
	require.Len(t, trace.Times, 200)
	assert.Zero(t, trace.Times[0])
	assert.True(t, slices.IsSorted(trace.Times))
	assert.Equal(t, []uint64{0, 1, 2}, trace.Keys[:3])
	assert.Equal(t, []uint64{0, 1, 0}, trace.Sources[:3])
	// The first two rows are 4 s apart, give or take their places in a second.
	assert.InDelta(t, 4, trace.Times[1].Seconds(), 1)
	assert.Nil(t, trace.Ops)

	again, _ := ReadCLF(fixture(t, "nasa-1995-08-01.log"), LogOptions{})
	assert.Equal(t, trace, again, "the places within a second are not drawn afresh")
}

func TestRowsOfOneSecondAreSpreadOverItInOrder(t *testing.T) {
	var b strings.Builder
	const n = 1000
	b.WriteString("a - - [01/Aug/1995:02:00:00 -0400] \"GET /first HTTP/1.0\" 200 1\n")
	for i := range n {
		fmt.Fprintf(&b, "a - - [01/Aug/1995:02:00:01 -0400] \"GET /%d HTTP/1.0\" 200 1\n", i)
	}
	trace, problems := ReadCLF(strings.NewReader(b.String()), LogOptions{})
	require.Empty(t, problems)
	second := trace.Times[1:]
	assert.True(t, slices.IsSorted(second))
	assert.Less(t, second[n-1]-second[0], sim.Second)
	assert.Greater(t, second[n-1]-second[0], 990*sim.Millisecond)
	assert.Equal(t, uint64(n), trace.Keys[n], "in the order of the file")
	sum, squares := 0.0, 0.0
	for i := 1; i < n; i++ {
		gap := (second[i] - second[i-1]).Seconds() * n
		sum, squares = sum+gap, squares+gap*gap
	}
	assert.InDelta(t, 1, squares/n-(sum/n)*(sum/n), 0.4, "as irregular as a Poisson process")

	// The same second, later in another file, has the same places.
	half, problems := ReadCLF(strings.NewReader(b.String()[strings.Index(b.String(), "\n")+1:]), LogOptions{})
	require.Empty(t, problems)
	assert.Equal(t, second[n-1]-second[0], half.Times[n-1])
}

func TestElasticLogNeedsSorting(t *testing.T) {
	_, problems := ReadCombined(fixture(t, "elastic-2015.log"), LogOptions{})
	require.Len(t, problems, 1)
	assert.Equal(t, "E603", problems[0].Code)
	assert.Equal(t, 4, problems[0].Line)
	assert.Contains(t, problems[0].Message, `"17/May/2015:10:05:12 +0000" is before that of a row above, and`)
	assert.Contains(t, problems[0].Hint, "sort = true")

	trace, problems := ReadCombined(fixture(t, "elastic-2015.log"), LogOptions{Sort: true})
	require.Empty(t, problems)
	assert.Len(t, trace.Times, 100)
	assert.True(t, slices.IsSorted(trace.Times))
	assert.Zero(t, trace.Keys[0])
	seen := uint64(0)
	for _, k := range trace.Keys {
		require.LessOrEqual(t, k, seen, "dense in order of first appearance")
		seen = max(seen, k+1)
	}
}

func TestAzureTableIsReadAsATrace(t *testing.T) {
	o := CSVOptions{Time: "TIMESTAMP", Want: []string{"GeneratedTokens", "ContextTokens", "GeneratedTokens"}}
	trace, problems := ReadCSV(fixture(t, "azure-llm-2023-code.csv"), o)
	require.Empty(t, problems)
	require.Len(t, trace.Times, 100)
	assert.Equal(t, []sim.Time{0, 52 * sim.Millisecond}, trace.Times[:2])
	assert.Equal(t, []float64{10, 8}, trace.Columns["GeneratedTokens"][:2])
	assert.Equal(t, []float64{4808, 3180}, trace.Columns["ContextTokens"][:2])
	assert.Len(t, trace.Columns, 2)
}

func TestCSVColumnsFindTheirPlace(t *testing.T) {
	const data = "\xef\xbb\xbfts,op,who,what,n,us\r\n1700000000.25,get,ann,k1,12,3.5\r\n\r\n1700000000.250000001,put,bob,k2,0,0\r\n1700000001,get,ann,k1,1e3,7\r\n"
	o := CSVOptions{Time: "ts", Op: "op", Key: "what", Source: "who", Size: "n", Unit: "s", Want: []string{"us"}}
	want := &Trace{
		Times:   []sim.Time{0, 1, 750 * sim.Millisecond},
		Ops:     []string{"get", "put", "get"},
		Keys:    []uint64{0, 1, 0},
		Sources: []uint64{0, 1, 0},
		Sizes:   []float64{12, 0, 1000},
		Columns: map[string][]float64{"us": {3.5, 0, 7}},
	}
	trace, problems := ReadCSV(strings.NewReader(data), o)
	require.Empty(t, problems)
	assert.Equal(t, want, trace)

	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, err := w.Write([]byte(data))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	trace, problems = ReadCSV(&zipped, o)
	require.Empty(t, problems)
	assert.Equal(t, want, trace)
}

func TestSortingIsStableAndTakesEveryColumnAlong(t *testing.T) {
	const data = "t,op,k,s,z,v\n3,c,kc,sc,3,30\n1,a,ka,sa,1,10\n3,d,kd,sd,4,40\n1,b,kb,sb,2,20\n"
	o := CSVOptions{Time: "t", Op: "op", Key: "k", Source: "s", Size: "z", Unit: "min", Want: []string{"v"}, Sort: true}
	trace, problems := ReadCSV(strings.NewReader(data), o)
	require.Empty(t, problems)
	assert.Equal(t, &Trace{
		Times: []sim.Time{0, 0, 120 * sim.Second, 120 * sim.Second}, Ops: []string{"a", "b", "c", "d"},
		Keys: []uint64{0, 1, 2, 3}, Sources: []uint64{0, 1, 2, 3}, Sizes: []float64{1, 2, 3, 4},
		Columns: map[string][]float64{"v": {10, 20, 30, 40}},
	}, trace)
}

func TestStampsHonourZonesAndFractions(t *testing.T) {
	for _, row := range []struct {
		a, b string
		want sim.Time
	}{
		{"2023-11-16 18:15:46.6805900", "2023-11-16 18:15:50.9951690", 4_314_579_000},
		{"2023-11-16T18:15:46Z", "2023-11-16T18:15:47Z", sim.Second},
		{"2023-11-16T18:15:46+02:00", "2023-11-16T16:15:46.000000001Z", 1},
		{"2023-11-16 18:15:46-05:00", "2023-11-16T23:15:47Z", sim.Second},
		{"1969-12-31T23:59:59Z", "1970-01-01T00:00:01Z", 2 * sim.Second},
		{"2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z", 86_400 * sim.Second},
	} {
		a, _, ok := stamp([]byte(row.a))
		require.True(t, ok, row.a)
		b, _, ok := stamp([]byte(row.b))
		require.True(t, ok, row.b)
		assert.Equal(t, row.want, sim.Time(b-a), row.a)
	}
	for _, text := range []string{"", "2023-11-16", "2023-11-16 18:15", "2023-13-16T18:15:46Z", "2023-02-29T00:00:00Z", "16/11/2023 18:15:46", "9999-01-01T00:00:00Z", "1700000000", "2023-11-16T18:15:46 Z"} {
		_, _, ok := stamp([]byte(text))
		assert.False(t, ok, text)
	}
	logs := "a - - [31/Dec/2023:23:59:59 -0500] \"GET / HTTP/1.1\" 200 -\nb - - [01/Jan/2024:05:00:59 +0000] \"GET / HTTP/1.1\" 200 5\n"
	trace, problems := ReadCLF(strings.NewReader(logs), LogOptions{})
	require.Empty(t, problems)
	assert.InDelta(t, 60, trace.Times[1].Seconds(), 1)
}

func TestBadTablesSayWhatAndWhere(t *testing.T) {
	plain := CSVOptions{Time: "ts", Unit: "s"}
	for _, row := range []struct {
		data string
		o    CSVOptions
		want string // of the first problem
		says string
	}{
		{"", plain, "1:1: E601", "empty"},
		{"ts\n", plain, "1:1: E601", "no rows"},
		{"tss,x\n1,2\n", plain, "1:1: E602", `did you mean "tss"?`},
		{"tss,x\n1,2\n", CSVOptions{Time: "abc", Unit: "s"}, "1:1: E602", `the columns are "tss", "x"`},
		{"ts\n1699\n1700\n1699\n", plain, "4:1: E603", `"1699" is before`},
		{"ts\n2023-11-16T18:15:46Z\n2023-11-16T18:15:47\n", CSVOptions{Time: "ts"}, "3:1: E604", `expected a time with a zone as in the rows above, got "2023-11-16T18:15:47"`},
		{"ts\n2023-11-16T18:15:46\n2023-11-16T18:15:47+02:00\n", CSVOptions{Time: "ts"}, "3:1: E604", "expected a time without a zone as in the rows above"},
		{"ts\nNaN\n", plain, "2:1: E604", `got "NaN"`},
		{"ts\nInfinity\n", plain, "2:1: E604", "plain decimal"},
		{"ts\n0x1p4\n", plain, "2:1: E604", "plain decimal"},
		{"ts\n1_000\n", plain, "2:1: E604", "plain decimal"},
		{"x,ts\né,\"\"\n", plain, "2:3: E604", "plain decimal"},
		{"ts\n-1\n", plain, "2:1: E604", "from 0"},
		{"ts\n1700158625123456789\n", plain, "2:1: E304", "19 of nanoseconds"},
		{"ts\n2023-11-16T18:15:46Z\n", plain, "2:1: E604", "leave out unit"},
		{"ts\n12.5\n", CSVOptions{Time: "ts"}, "2:1: E604", `unit = "s"`},
		{"ts\nyesterday\n", CSVOptions{Time: "ts"}, "2:1: E604", "RFC 3339"},
		{"ts,v\n1,x\n", CSVOptions{Time: "ts", Unit: "s", Want: []string{"v"}}, "2:3: E604", `got "x"`},
		{"ts,v\n1,-2\n", CSVOptions{Time: "ts", Unit: "s", Size: "v"}, "2:3: E604", "from 0"},
		{"ts,op\n1,\n", CSVOptions{Time: "ts", Unit: "s", Op: "op"}, "2:3: E604", "operation is missing"},
		{"ts,x\n1,2\n1\n", plain, "3:1: E605", "expected 2 fields, got 1"},
		{"ts,x\n1,\"2\n", plain, "2:3: E605", "not closed"},
		{"ts\n1\n", CSVOptions{Time: "ts", Unit: "sec"}, "1:1: E301", `unknown unit "sec"`},
		{"ts\n0\n9000000000\n", plain, "1:1: E304", "146 years"},
		{"ts\n1\n2\n3\n", CSVOptions{Time: "ts", Unit: "s", Limits: records.Limits{Rows: 3}}, "4:1: E703", "3 rows"},
		{"version https://git-lfs.github.com/spec/v1\n", plain, "1:1: E605", "Git LFS"},
	} {
		trace, problems := ReadCSV(strings.NewReader(row.data), row.o)
		require.NotEmpty(t, problems, row.data)
		assert.Nil(t, trace)
		p := problems[0]
		assert.Equal(t, row.want, fmt.Sprintf("%d:%d: %s", p.Line, p.Col, p.Code), row.data)
		assert.Contains(t, p.Message+"\n"+p.Hint, row.says, row.data)
	}
}

func TestBadLogsSayWhatAndWhere(t *testing.T) {
	const good = "a - - [01/Aug/1995:02:00:05 -0400] \"GET / HTTP/1.0\" 200 1"
	for _, row := range []struct {
		data     string
		combined bool
		want     string
		says     string
	}{
		{"", false, "1:1: E601", "no rows"},
		{"nonsense\n", false, "1:1: E605", "expected host, identity, user"},
		{"é - [01/Aug/1995:02:00:05 -0400] \"GET / HTTP/1.0\" 200 1\n", false, "1:1: E605", "expected host, identity, user"},
		{"é - - [01/Aug/1995:02:00:05 -0400 \"GET /\n", false, "1:7: E605", "not closed"},
		{"é - - [01/Aux/1995:02:00:05 -0400] \"GET / HTTP/1.0\" 200 1\n", false, "1:8: E604", "01/Aux/1995"},
		{"é - - [1/Aug/1995:02:00:05 -0400] \"GET / HTTP/1.0\" 200 1\n", false, "1:8: E604", "expected a time like"},
		{"é - - [01/Aug/1995:02:00:05 -0400] GET / HTTP/1.0 200 1\n", false, "1:35: E605", "request in quotes"},
		{"é - - [01/Aug/1995:02:00:05 -0400] \"GET / HTTP/1.0\n", false, "1:36: E605", "not closed by a quote"},
		{"é - - [01/Aug/1995:02:00:05 -0400] \"GET /\" OK 12\n", false, "1:36: E605", "followed by a status"},
		{"é - - [01/Aug/1995:02:00:05 -0400] \"GET /\" 200 many\n", false, "1:48: E605", "bytes of the answer"},
		{good + "\n" + good + " \"-\" \"curl\"\n", false, "2:58: E605", `format = "combined"`},
		{good + "\n", true, "1:58: E605", `format = "clf"`},
		{good + " \"-\" \"curl", true, "1:63: E605", "agent is not closed"},
		{good + " \"-\n", true, "1:59: E605", "referer is not closed"},
		{good + "\n" + strings.Replace(good, "00:05", "00:04", 1) + "\n", false, "2:8: E603", "before that of a row above"},
	} {
		read := ReadCLF
		if row.combined {
			read = ReadCombined
		}
		trace, problems := read(strings.NewReader(row.data), LogOptions{})
		require.NotEmpty(t, problems, row.data)
		assert.Nil(t, trace)
		p := problems[0]
		assert.Equal(t, row.want, fmt.Sprintf("%d:%d: %s", p.Line, p.Col, p.Code), row.data)
		assert.Contains(t, p.Message+"\n"+p.Hint, row.says, row.data)
	}
	_, problems := ReadCLF(strings.NewReader(strings.Repeat("bad\n", 50)), LogOptions{})
	assert.Len(t, problems, records.MaxProblems)
}

func TestOddButUsableLogRows(t *testing.T) {
	const lines = `::1 - - [01/Aug/1995:02:00:05 -0400] "GET /a "quoted" name HTTP/1.0" 200 -
h - "some user" [01/Aug/1995:02:00:06 -0400] "-" 408 0
h - - [01/Aug/1995:02:00:07 -0400] "" 400 0
h - - [01/Aug/1995:02:00:08 -0400] "GET /a?q=1 HTTP/1.0" 200 12
h - - [01/Aug/1995:02:00:09 -0400] "GET /a" 200 12
`
	trace, problems := ReadCLF(strings.NewReader(lines), LogOptions{})
	require.Empty(t, problems)
	assert.Equal(t, []uint64{0, 1, 2, 3, 4}, trace.Keys)
	const tail = `h - - [01/Aug/1995:02:00:05 -0400] "GET / HTTP/1.0" 200 1 "a \"b\"" "agent" 0.123 "more"
h - - [01/Aug/1995:02:00:05 -0400] "GET / HTTP/1.0" 200 1 "-" "cut off by the server
`
	trace, problems = ReadCombined(strings.NewReader(tail), LogOptions{})
	require.Empty(t, problems)
	assert.Len(t, trace.Times, 2)
}

// Whatever is thrown at them, the readers answer with a trace that can be
// replayed or with problems that have a place.
func FuzzReadTrace(f *testing.F) {
	f.Add([]byte("0 0 0 [01/Aug/1870:00:00:00 +0000] \"\" 000 0\n0 0 0 [01/Aug/1980:00:00:00 +0000] \"\" 000 0"), byte(0)) // two spans are more than time can hold
	for _, name := range []string{"nasa-1995-08-01.log", "elastic-2015.log", "azure-llm-2023-code.csv"} {
		data, err := os.ReadFile("testdata/" + name)
		require.NoError(f, err)
		lines := bytes.SplitAfter(data, []byte("\n"))
		for format := range uint8(16) {
			f.Add(bytes.Join(lines[:4], nil), format)
		}
	}
	f.Add([]byte("ts,v\n1,2\n1,\"3\"\n"), uint8(4))
	f.Add([]byte("3\n0\n12\n"), uint8(8))
	f.Add([]byte("\xef\xbb\xbfts,v\r\n1e3,2\r\n"), uint8(5))
	f.Fuzz(func(t *testing.T, data []byte, format uint8) {
		limits := records.Limits{Row: 1 << 12, Rows: 1 << 12, Bytes: 1 << 20}
		sorted := format&1 == 1
		var trace *Trace
		var problems []Problem
		switch format >> 1 & 7 {
		case 0:
			trace, problems = ReadCLF(bytes.NewReader(data), LogOptions{sorted, limits})
		case 1:
			trace, problems = ReadCombined(bytes.NewReader(data), LogOptions{sorted, limits})
		case 2:
			trace, problems = ReadCSV(bytes.NewReader(data), CSVOptions{Time: "ts", Key: "v", Unit: "ms", Want: []string{"v"}, Sort: sorted, Limits: limits})
		case 3:
			trace, problems = ReadKeys(bytes.NewReader(data), KeysOptions{7, limits})
		case 4:
			trace, problems = ReadCounts(bytes.NewReader(data), CountsOptions{sim.Second, limits})
		default:
			trace, problems = ReadCSV(bytes.NewReader(data), CSVOptions{Time: "TIMESTAMP", Sort: sorted, Limits: limits})
		}
		if trace == nil {
			assert.NotEmpty(t, problems)
			assert.LessOrEqual(t, len(problems), records.MaxProblems)
			for _, p := range problems {
				assert.True(t, p.Line >= 1 && p.Col >= 1 && p.EndCol > p.Col && len(p.Code) == 4 && p.Message != "", "%+v", p)
			}
			return
		}
		assert.Empty(t, problems)
		require.NotEmpty(t, trace.Times)
		assert.True(t, trace.Times[0] == 0 || trace.Span > 0)
		assert.True(t, slices.IsSorted(trace.Times))
		for _, column := range trace.Columns {
			assert.Len(t, column, len(trace.Times))
		}
		assert.True(t, trace.Keys == nil || len(trace.Keys) == len(trace.Times))
		p := TracePlan{Trace: trace, Load: 2}.Start(-1, nil)
		last := sim.Time(-1)
		for range 2*len(trace.Times) + 1 {
			at, _, ok := p.Next()
			if !ok {
				break
			}
			assert.GreaterOrEqual(t, at, last)
			last = at
		}
	})
}
