package reports

import (
	"encoding/json"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

var reportFormats = []struct {
	ending string
	write  func(io.Writer, *result.Report) error
}{
	{"txt", func(w io.Writer, r *result.Report) error { return ReportText(w, r, TextOptions{}) }},
	{"narrow.txt", func(w io.Writer, r *result.Report) error { return ReportText(w, r, TextOptions{Width: 64}) }},
	{"md", ReportMarkdown},
	{"csv", ReportCSV},
	{"html", ReportHTML},
}

func TestReportRendersAsItsGoldenFiles(t *testing.T) {
	r := load[result.Report](t, "report")
	for _, f := range reportFormats {
		t.Run(f.ending, func(t *testing.T) {
			got := rendered(t, func(w io.Writer) error { return f.write(w, r) })
			golden(t, filepath.Join("testdata", "golden", "report."+f.ending), got)
		})
	}
	got := rendered(t, func(w io.Writer) error { return ReportJSON(w, r) })
	golden(t, filepath.Join("testdata", "report.json"), got)
	assert.ErrorIs(t, ReportHTML(failing{}, r), io.ErrShortWrite)
	assert.ErrorIs(t, ReportText(failing{}, r, TextOptions{}), io.ErrShortWrite)
}

func TestNothingIsLeftOutWhereNothingHolds(t *testing.T) {
	r := &result.Report{Stress: &result.Stress{
		Held:     result.Estimate{Note: "every objective is missed at any load"},
		Criteria: []result.StressCriterion{{Text: "users p99 < 1s"}, {Text: "cost < 9"}},
	}}
	assert.Equal(t, "No load is held: every objective is missed at any load.", headroomAnswer(r).Text)
	r.Stress.Criteria[1].Asked = true
	assert.Contains(t, headroomAnswer(r).Text, "This leaves out what is missed at any load, or cannot be asked for: users p99 < 1s.")
}

func TestObjectivesThatAreNotNamedAreCounted(t *testing.T) {
	r := load[result.Report](t, "report").Result
	for i, want := range map[int]string{4: "; 1 more is not met either.", 5: "; 2 more are not met either."} {
		r.Objectives = make([]result.Objective, i)
		for k := range r.Objectives {
			r.Objectives[k] = result.Objective{Text: "users p99 < 1s", Verdict: result.Missed}
		}
		assert.Contains(t, todayAnswer(r).Text, want)
	}
}

// On a terminal the answer is what fits on one screen.
func TestReportsOnATerminalAreShort(t *testing.T) {
	r := load[result.Report](t, "report")
	for range 30 {
		r.Result.Objectives = append(r.Result.Objectives, r.Result.Objectives[0])
		r.Result.Warnings = append(r.Result.Warnings, result.Warning{Code: "W999", Message: "beware"})
	}
	for i := range 20 {
		r.Result.Clients["client"+string(rune('a'+i))] = r.Result.Clients["buyers"]
	}
	got := rendered(t, func(w io.Writer) error { return ReportText(w, r, TextOptions{}) })
	assert.LessOrEqual(t, strings.Count(got, "\n"), 60)
	assert.Contains(t, got, "… and 26 more\n")
	assert.Contains(t, got, "… and 15 more\n")
	plain := rendered(t, func(w io.Writer) error { return ReportText(w, load[result.Report](t, "report"), TextOptions{}) })
	assert.LessOrEqual(t, strings.Count(plain, "\n"), 40)
}

// Every sentence of the answers follows from a figure of the document.
func TestAnswersOfAReport(t *testing.T) {
	r := load[result.Report](t, "report")
	at := func(x float64) *float64 { return &x }
	r.Result.Objectives[0].Verdict, r.Result.Objectives[0].Actual = result.Missed, result.Estimate{Mean: at(0.25), HalfWidth: at(0.01)}
	r.Stress.Held = result.Estimate{Mean: at(1.5), HalfWidth: at(0.1)}
	r.Stress.Low, r.Stress.High = at(1.4), at(1.6)
	r.Stress.Breaks = &result.Breaking{Text: "buyers p95 < 120ms", Load: 1.51, Resource: &result.BreakingResource{
		Node: "app", Resource: "cpu", Then: result.ResourceLevel{Utilization: result.Estimate{Mean: at(0.9)}}}}
	r.Stress.Criteria = append(r.Stress.Criteria, result.StressCriterion{Text: "buyers throughput > 900/s", Why: "missed at any load"})
	r.Runway = []result.Growth{{RatePer: 0.05, Period: "month", Periods: at(8.31), Earliest: at(7), Latest: at(9)}}
	r.Result.Cost.Without = []string{"a", "b", "c", "d", "e"}
	texts := func() string {
		var all []string
		for _, a := range reportAnswers(r) {
			all = append(all, string(a.Tone)+": "+a.Text)
		}
		return strings.Join(all, "\n")
	}
	got := texts()
	assert.Contains(t, got, "bad: Today: 1 of 2 objectives is missed. buyers p95 < 120ms is missed (250 ± 10 ms).")
	assert.Contains(t, got, "unsure: Today's load has 50 % to spare (40 % to 60 %). At ×1.51 this breaks first: buyers p95 < 120ms (app cpu is 90 % busy there). "+
		"This leaves out what is missed at any load, or cannot be asked for: buyers throughput > 900/s.")
	assert.Contains(t, got, "At 5 % a month it breaks in 8.31 months (7 to 9).\n")
	assert.Contains(t, got, " That is without a, b, c and 2 more, of which no price is known.")

	r.Stress.Held.Mean, r.Stress.Low, r.Stress.High = at(12.5), at(11), at(14)
	assert.Contains(t, texts(), "Today's load may grow to ×12.5 of itself (×11 to ×14).")
	r.Stress.Growth = nil
	assert.Contains(t, texts(), "At 5 % a month it breaks in 8.31 months (7 to 9). (An example: no growth was stated.)")
	r.Drill.Drills = []result.Drill{
		{What: "kill app", Began: true, ForS: at(6), FailedRatio: result.Estimate{Mean: at(0.3)}},
		{What: "kill app[0]", AnyOf: "any of 2", Began: true, ForS: at(6), FailedRatio: result.Estimate{Mean: at(0.1), HalfWidth: at(0.01)},
			Clients: map[string]*result.DrillClient{"buyers": {RecoveryS: result.Estimate{Mean: at(7)}}}},
	}
	assert.Contains(t, texts(), " The worst is kill app[0] (any of 2) for 6 s: 10.0 ± 1.0 % of the requests of the whole window fail that would not have, "+
		"and all clients are back 7 s after it began. Beyond one thing, kill app (all its instances): 30.0 % of the requests")
	r.Drill.Drills[1].Clients["buyers"] = &result.DrillClient{RecoveryAboveS: at(20)}
	r.Drill.Drills[1].FailedRatio.Mean = at(1.2)
	assert.Contains(t, texts(), " for 6 s: more requests fail that would not have than come in the whole window, and not all clients are back when the run ends.")
	r.Drill.Drills = r.Drill.Drills[1:]
	r.Drill.Drills[0].FailedRatio.Mean = at(0)
	r.Drill.Drills[0].Objectives = []result.Objective{{Text: "x", Verdict: result.Met}}
	assert.Contains(t, texts(), "When any one thing dies: all objectives are met in 1 drill. No requests fail that would not have.")

	r.Stress, r.Drill, r.Comparison, r.Runway, r.Result.Cost = nil, nil, nil, nil, nil
	r.Missing = []result.MissingPart{{Part: result.HeadroomPart, Why: "left out by --skip headroom"}, {Part: result.FailuresPart, Why: "nothing here can break"}}
	got = texts()
	assert.Contains(t, got, "Headroom: not here, left out by --skip headroom.\n")
	assert.Contains(t, got, "Failures: not here, nothing here can break.\n")
	assert.Contains(t, got, "Cost: nothing in the file has a price.")
	for _, f := range reportFormats {
		assert.NotEmpty(t, rendered(t, func(w io.Writer) error { return f.write(w, r) }), f.ending)
	}
}

// Parts that are the whole document of a verb say what it says.
func TestPartsOfAReportAreThoseOfTheVerbs(t *testing.T) {
	r := load[result.Report](t, "report")
	page := rendered(t, func(w io.Writer) error { return ReportHTML(w, r) })
	stress := rendered(t, func(w io.Writer) error { return StressHTML(w, r.Stress) })
	for _, table := range []string{`aria-label="Loads"`, `aria-label="Surges"`} {
		assert.Equal(t, cutOut(t, stress, table, "</table>"), cutOut(t, page, table, "</table>"))
	}
	assert.Equal(t, cutOut(t, stress, `<figure id="chart-load-1">`, "</figure>"), cutOut(t, page, `<figure id="chart-load-1">`, "</figure>"))
	for _, id := range []string{"today", "headroom", "failures", "runway", "cost", "designs", "trust"} {
		assert.Contains(t, page, `<section id="`+id+`" class="part">`)
		assert.Contains(t, page, `<a href="#`+id+`">`)
	}
	onlyOwnScripts(t, page)
}

// cutOut is a text from one mark to the next other.
func cutOut(t *testing.T, text, from, to string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, from)
	require.True(t, found, from)
	inside, _, found := strings.Cut(rest, to)
	require.True(t, found, to)
	return inside
}

// kept are the keys whose texts are words of the document and not of people.
var kept = []string{"schema", "verdict", "metric", "period", "behaviour", "state", "kind", "method", "unit", "part", "why_simulated", "date", "from", "about", "against"}

// hostileReport is the stored report with every text of people made of one
// name, and names in front of those of clients, nodes and what they have.
func hostileReport(t *testing.T, name string) *result.Report {
	t.Helper()
	var document any
	data, err := json.Marshal(load[result.Report](t, "report"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &document))
	var walk func(key string, v any) any
	walk = func(key string, v any) any {
		switch x := v.(type) {
		case string:
			switch {
			case x == "" || slices.Contains(kept, key):
				return x
			case key == "columns" && x != "time_s":
				subject, metric := splitColumn(x)
				return name + subject + " " + metric
			case key == "columns":
				return x
			case key == "text":
				_, demand, _ := strings.Cut(x, " ")
				return name + " " + demand
			}
			return name + x
		case map[string]any:
			out := map[string]any{}
			for _, k := range sorted(x) {
				named := k
				if slices.Contains([]string{"clients", "nodes", "ops"}, key) {
					named = name + k
				}
				out[named] = walk(k, x[k])
			}
			return out
		case []any:
			for i := range x {
				x[i] = walk(key, x[i])
			}
		}
		return v
	}
	data, err = json.Marshal(walk("", document))
	require.NoError(t, err)
	back, err := result.ReadAny(data)
	require.NoError(t, err)
	return back.(*result.Report)
}

func TestHostileNamesOfReportsDoNothing(t *testing.T) {
	harmless := map[string]string{}
	for _, f := range reportFormats {
		harmless[f.ending] = rendered(t, func(w io.Writer) error { return f.write(w, hostileReport(t, "name")) })
	}
	for _, name := range hostileNames {
		r := hostileReport(t, name)
		for _, f := range reportFormats {
			got := rendered(t, func(w io.Writer) error { return f.write(w, r) })
			assert.Empty(t, dangerous.FindAllString(got, -1), "%q %s", name, f.ending)
			switch f.ending {
			case "html":
				sameButWords(t, harmless[f.ending], got)
			case "csv":
				noFormulas(t, harmless[f.ending], got)
			case "md":
				sameTables(t, harmless[f.ending], got)
			}
		}
	}
}

// sameButWords is [sameElements], but how often a picture has what it has may
// differ: a long name leaves less room for others, and may need a second line.
func sameButWords(t *testing.T, want, got string) {
	t.Helper()
	hint := regexp.MustCompile(`<p class="small soft swipe">[^<]*</p>`) // of pictures that became wide
	expected := elements(t, hint.ReplaceAllString(want, ""))
	for element, n := range elements(t, hint.ReplaceAllString(got, "")) {
		if strings.HasPrefix(element, "svg:") {
			assert.NotZero(t, expected[element], element)
			continue
		}
		assert.Equal(t, expected[element], n, "number of %s", element)
	}
}

// A report of ten nodes with five designs.
func TestReportsStaySmall(t *testing.T) {
	c := wide(t)
	r := load[result.Report](t, "report")
	r.Result, r.Comparison = c.Designs[0], c
	begin := time.Now()
	page := rendered(t, func(w io.Writer) error { return ReportHTML(w, r) })
	assert.Less(t, len(page), 2_000_000)
	assert.Less(t, time.Since(begin), 20*time.Second, "2 s on a machine with nothing else to do")
	t.Logf("%d bytes in %v", len(page), time.Since(begin))
}
