package records

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

func readLines(r io.Reader, limits Limits) (lines []string, numbers []int, problem *Problem) {
	l := Open(r, limits)
	for {
		line, ok := l.Next()
		if !ok {
			return lines, numbers, l.Problem()
		}
		lines, numbers = append(lines, string(line)), append(numbers, l.Number())
	}
}

func TestLinesTolerateWhatEditorsAndZippersDo(t *testing.T) {
	for name, data := range map[string][]byte{
		"plain":         []byte("a\n\nb\n"),
		"no last end":   []byte("a\n\nb"),
		"carriage ends": []byte("a\r\n\r\nb\r\n"),
		"byte order":    []byte("\xef\xbb\xbfa\n \nb\n"),
		"gzip":          zipped(t, "a\n\nb\n"),
	} {
		lines, numbers, problem := readLines(bytes.NewReader(data), Limits{})
		assert.Nil(t, problem, name)
		assert.Equal(t, []string{"a", "b"}, lines, name)
		assert.Equal(t, []int{1, 3}, numbers, name)
	}
	lines, _, problem := readLines(strings.NewReader(""), Limits{})
	assert.Nil(t, problem)
	assert.Empty(t, lines)
}

func TestLinesTellACutOffLine(t *testing.T) {
	l := Open(strings.NewReader("a\nb"), Limits{})
	for _, cut := range []bool{false, true} {
		_, ok := l.Next()
		require.True(t, ok)
		assert.Equal(t, cut, l.CutOff())
	}
}

func TestLinesStopAtTheirLimitsAndNotBefore(t *testing.T) {
	four := "abcd\nabcd\nabcd\n"
	for _, row := range []struct {
		limits Limits
		code   string
	}{
		{Limits{Row: 4, Rows: 3, Bytes: 15}, ""},
		{Limits{Row: 3}, "E704"},
		{Limits{Rows: 2}, "E703"},
		{Limits{Bytes: 14}, "E708"},
	} {
		for _, data := range [][]byte{[]byte(four), zipped(t, four)} {
			_, _, problem := readLines(bytes.NewReader(data), row.limits)
			if row.code == "" {
				assert.Nil(t, problem)
				continue
			}
			require.NotNil(t, problem)
			assert.Equal(t, row.code, problem.Code)
		}
	}
	_, _, problem := readLines(strings.NewReader(strings.Repeat("x", maxRow)+"\r\n"), Limits{})
	assert.Nil(t, problem)
	_, _, problem = readLines(strings.NewReader("a\n"+strings.Repeat("x", 10*maxRow)), Limits{})
	require.NotNil(t, problem)
	assert.Equal(t, "E704", problem.Code)
	assert.Equal(t, 2, problem.Line)
}

func TestLinesNameWhatIsNoText(t *testing.T) {
	for data, says := range map[string]string{
		"version https://git-lfs.github.com/spec/v1\noid sha256:00\n": "Git LFS pointer",
		"\n<!DOCTYPE html><html>":                                     "HTML page",
		"PK\x03\x04....":                                              "zip archive",
		"\xfd7zXZ\x00":                                                "not gzip",
		"\xff\xfea\x00":                                               "UTF-16",
		"a,b\x00c":                                                    "binary",
		string(zipped(t, string(zipped(t, "a")))):                     "gzip inside gzip",
		"\x1f\x8bnonsense":                                            "damaged",
		string(zipped(t, strings.Repeat("abc\n", 5000))[:40]): "end early",
	} {
		_, _, problem := readLines(strings.NewReader(data), Limits{})
		require.NotNil(t, problem, says)
		assert.Equal(t, "E605", problem.Code)
		assert.Contains(t, problem.Message, says)
	}
	_, _, problem := readLines(iotest.ErrReader(errors.New("disk on fire")), Limits{})
	require.NotNil(t, problem)
	assert.Equal(t, "E005", problem.Code)
}

func TestDecimalTakesPlainNumbersOnly(t *testing.T) {
	for text, want := range map[string]float64{"0": 0, "12": 12, "-0.5": -0.5, "007": 7, "1.5e-05": 1.5e-5, "2E3": 2000} {
		got, ok := Decimal([]byte(text))
		assert.True(t, ok, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "NaN", "Infinity", "inf", "0x1p4", "1_000", "+1", ".5", "5.", "1e", "1e400", "1 ", " 1", "1,5", "--1", "-"} {
		_, ok := Decimal([]byte(text))
		assert.False(t, ok, text)
	}
}

func TestNanosecondsAreExact(t *testing.T) {
	for _, row := range []struct {
		text string
		unit int64
		want int64
	}{
		{"0", 1e9, 0}, {"0.1", 1e9, 1e8}, {"1700158625.123456789", 1e9, 1700158625123456789}, {"1.5", 60e9, 90e9},
		{"0.0000000005", 1e9, 1}, {"0.0000000004", 1e9, 0}, {"9223372036854775807", 1, math.MaxInt64},
		{"9223372036.854775807", 1e9, math.MaxInt64}, {"0.33333333333333333333333333", 3600e9, 1200e9}, {"1e3", 1e6, 1e9},
		{"2.5e-3", 1e9, 2500000},
	} {
		got, ok := Nanoseconds([]byte(row.text), row.unit)
		assert.True(t, ok, row.text)
		assert.Equal(t, row.want, got, row.text)
	}
	for _, text := range []string{"", "-1", "nan", "1:30", "9223372037", "99999999999999999999", "1e12", "9223372036.8547758080"} {
		_, ok := Nanoseconds([]byte(text), 1e9)
		assert.False(t, ok, text)
	}
}

func TestCSVReadsQuotedFieldsAndPlacesProblems(t *testing.T) {
	c, p := OpenCSV(strings.NewReader("time,\"the, op\",x\n1,\"say \"\"hi\"\"\",é\n2,b\n3,\"open,c\n4,\"a\"b,c\n5,é,c,d\n6,,\n"), Limits{})
	require.Nil(t, p)
	column, p := c.Column("the, op")
	require.Nil(t, p)
	assert.Equal(t, 1, column)
	_, p = c.Column("tim")
	require.NotNil(t, p)
	assert.Equal(t, "E602", p.Code)
	assert.Contains(t, p.Message, `did you mean "time"?`)
	assert.Equal(t, `the columns are "time", "the, op", "x"`, p.Hint)

	cells, p, ok := c.Next()
	require.True(t, ok && p == nil)
	assert.Equal(t, `say "hi"`, string(cells[1].Text))
	assert.Equal(t, "é", string(cells[2].Text))
	place := c.At(&cells[2], "E604", "", "")
	assert.Equal(t, [3]int{2, 16, 17}, [3]int{place.Line, place.Col, place.EndCol})

	for _, want := range []struct {
		line, col int
		says      string
	}{
		{3, 1, "expected 3 fields, got 2"}, {4, 3, "not closed"}, {5, 6, "expected a comma"}, {6, 7, "expected 3 fields, got 4"},
	} {
		cells, p, ok = c.Next()
		require.True(t, ok && p != nil && cells == nil)
		assert.Equal(t, "E605", p.Code)
		assert.Contains(t, p.Message, want.says)
		assert.Equal(t, [2]int{want.line, want.col}, [2]int{p.Line, p.Col})
	}
	cells, p, ok = c.Next()
	require.True(t, ok && p == nil)
	assert.Equal(t, 7, c.Line())
	assert.Empty(t, cells[2].Text)
	_, p, ok = c.Next()
	assert.True(t, !ok && p == nil)
}

func TestCSVRefusesBadHeaders(t *testing.T) {
	for data, code := range map[string]string{"": "E601", "\n\n": "E601", "a,b,a\n": "E602", "a,\"b\n": "E605", "<html>": "E605"} {
		_, p := OpenCSV(strings.NewReader(data), Limits{})
		require.NotNil(t, p, data)
		assert.Equal(t, code, p.Code, data)
	}
}

func TestProblemsKeepTwenty(t *testing.T) {
	var p Problems
	for range 30 {
		p.Add(Problem{Line: 1, Col: 2, Code: "E604", Message: "no"})
	}
	assert.Len(t, p, 20)
	assert.True(t, p.Full())
	assert.Equal(t, "1:2: E604: no", p[0].Error())
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("a,b\n1,\"x,y\"\n"))
	f.Add([]byte("a\n\"\"\"\n\xff,\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, p := OpenCSV(bytes.NewReader(data), Limits{Row: 1 << 12, Rows: 1 << 12, Bytes: 1 << 20})
		if p != nil {
			assert.True(t, p.Line >= 1 && p.Col >= 1 && p.EndCol > p.Col && p.Code != "")
			return
		}
		for {
			cells, p, ok := c.Next()
			if p != nil {
				assert.True(t, p.Line >= 1 && p.Col >= 1 && p.EndCol > p.Col && p.Code != "")
			}
			if !ok {
				return
			}
			for i := range cells {
				c.At(&cells[i], "E604", "", "")
				if ns, ok := Nanoseconds(cells[i].Text, 1e9); ok {
					assert.GreaterOrEqual(t, ns, int64(0))
				}
				if x, ok := Decimal(cells[i].Text); ok {
					assert.False(t, math.IsNaN(x) || math.IsInf(x, 0))
				}
			}
		}
	})
}
