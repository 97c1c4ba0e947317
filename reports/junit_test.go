package reports

import (
	"bytes"
	"encoding/xml"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

// junitGrammar is what the schema of Jenkins (junit-10.xsd) allows of what is
// written here: the attributes of each element, those that it must have, and
// what it may hold.
var junitGrammar = map[string]struct{ may, must, holds string }{
	"testsuites": {"name time tests failures disabled errors", "", "testsuite"},
	"testsuite":  {"name tests failures errors time disabled skipped timestamp hostname id package", "name tests", "testcase properties"},
	"testcase":   {"name assertions time classname status", "name", "skipped error failure system-out system-err"},
	"failure":    {"type message", "", ""},
	"skipped":    {"message", "", ""},
	"system-out": {"", "", ""},
}

// validJUnit holds a document to the grammar, and its counts to its cases.
func validJUnit(t *testing.T, document string) {
	t.Helper()
	require.True(t, strings.HasPrefix(document, xml.Header))
	decoder := xml.NewDecoder(strings.NewReader(document))
	decoder.Strict = true
	var open []string
	counted, said := map[string]int{}, map[string]int{}
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		switch e := token.(type) {
		case xml.StartElement:
			name := e.Name.Local
			grammar, known := junitGrammar[name]
			require.True(t, known, name)
			if len(open) == 0 {
				assert.Equal(t, "testsuites", name)
			} else {
				assert.Contains(t, strings.Fields(junitGrammar[open[len(open)-1]].holds), name)
			}
			given := map[string]string{}
			for _, a := range e.Attr {
				assert.Contains(t, strings.Fields(grammar.may), a.Name.Local, name)
				given[a.Name.Local] = a.Value
			}
			for _, must := range strings.Fields(grammar.must) {
				assert.Contains(t, given, must, name)
			}
			if name == "testsuite" {
				for _, count := range []string{"tests", "failures", "skipped"} {
					n, err := strconv.Atoi(given[count])
					require.NoError(t, err)
					said[count] += n
				}
			}
			counted[name]++
			open = append(open, name)
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
	assert.Equal(t, counted["testcase"], said["tests"])
	assert.Equal(t, counted["failure"], said["failures"])
	assert.Equal(t, counted["skipped"], said["skipped"])
}

func TestJUnitIsAsItsGoldenFileAndValid(t *testing.T) {
	for _, name := range []string{"result", "baseline"} {
		got := rendered(t, func(w io.Writer) error { return JUnit(w, load[result.Result](t, name), false) })
		validJUnit(t, got)
		golden(t, filepath.Join("testdata", "golden", name+".junit.xml"), got)
	}
	got := rendered(t, func(w io.Writer) error { return DrillJUnit(w, load[result.DrillReport](t, "drill"), false) })
	validJUnit(t, got)
	golden(t, filepath.Join("testdata", "golden", "drill.junit.xml"), got)
}

func TestJUnitOfHostileNamesIsValid(t *testing.T) {
	for _, name := range hostileNames {
		r := renamed(t, name)
		r.Objectives = append(r.Objectives, result.Objective{Text: name, Verdict: result.Missed, Actual: result.Estimate{Note: name}})
		validJUnit(t, rendered(t, func(w io.Writer) error { return JUnit(w, r, false) }))
		d := &result.DrillReport{Title: name, Drills: []result.Drill{{What: name, Began: true, Objectives: r.Objectives}, {What: name, Limit: name}, {What: name}}}
		validJUnit(t, rendered(t, func(w io.Writer) error { return DrillJUnit(w, d, true) }))
	}
}

func TestJUnitVerdicts(t *testing.T) {
	x := 0.2
	r := &result.Result{Objectives: []result.Objective{
		{Text: "a p99 < 1s", Verdict: result.Met, Actual: result.Estimate{Mean: &x}},
		{Text: "b p99 < 1s", Verdict: result.Missed, Actual: result.Estimate{Mean: &x}},
		{Text: "c p99 < 1s", Verdict: result.Undecided},
	}}
	read := func(strict bool) junitSuites {
		var out bytes.Buffer
		require.NoError(t, JUnit(&out, r, strict))
		var s junitSuites
		require.NoError(t, xml.Unmarshal(out.Bytes(), &s))
		return s
	}
	s := read(false)
	assert.Equal(t, 3, s.Tests)
	assert.Equal(t, 1, s.Failures)
	assert.Equal(t, 1, s.Suites[0].Skipped)
	assert.Equal(t, "measured 200 ms", s.Suites[0].Cases[1].Failure.Message)
	assert.Equal(t, 2, read(true).Failures, "undecided, under strict")
	assert.ErrorIs(t, JUnit(failing{}, r, false), io.ErrShortWrite)
}

func TestBaselineLines(t *testing.T) {
	line := func(b *result.Baseline) string {
		text, _ := baselineLine(&result.Result{Baseline: b})
		return text
	}
	assert.Empty(t, line(nil))
	assert.Equal(t, "The same as the baseline: nothing that is simulated differs.", line(&result.Baseline{Identical: true}))
	assert.Equal(t, "No difference from the baseline that the noise allows to see.", line(&result.Baseline{}))
	before, difference, half, share := 0.1, 0.012, 0.003, 0.12
	p99 := result.Change{Subject: "shoppers", Metric: "latency_s.p99", Judged: true, Verdict: result.Regression, Ratio: &share,
		Baseline: result.Estimate{Mean: &before}, Difference: result.Estimate{Mean: &difference, HalfWidth: &half}}
	dollars, certain, none := 410.0, 0.0, 0.0005
	cost := result.Change{Subject: "cost", Metric: "monthly", Judged: true, Verdict: result.Regression, Ratio: &share,
		Difference: result.Estimate{Mean: &dollars, HalfWidth: &certain}}
	errors := result.Change{Subject: "shoppers", Metric: "error_ratio", Judged: true, Verdict: result.Regression,
		Difference: result.Estimate{Mean: &none}}
	assert.Equal(t, "Worse than the baseline: shoppers p99 +12.0 % ± 3.0, +410.00 USD/month, shoppers errors +0.0500 pp.",
		line(&result.Baseline{Currency: "USD", Changes: []result.Change{p99, cost, errors}}))
	many := result.Baseline{}
	for range 9 {
		many.Changes = append(many.Changes, errors)
	}
	assert.Contains(t, line(&many), ", and 3 more.")
	p99.Verdict = result.Tolerated
	assert.Equal(t, "Within the tolerance of 20 %: shoppers p99 +12.0 % ± 3.0.",
		line(&result.Baseline{Tolerance: 0.2, Changes: []result.Change{p99}}))
}
