package reports

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
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

// formsFor are what draws a document in all its forms, none for what nothing
// draws: text first, then JSON, Markdown, CSV, and others.
func formsFor(document any) (each []func(io.Writer) error) {
	switch d := document.(type) {
	case *result.Result:
		each = formsOf(d, Text, JSON, Markdown, CSV, TimeseriesCSV, HTML, GraphSVG, GraphMermaid, GraphDOT)
	case *result.Comparison:
		each = formsOf(d, ComparisonText, ComparisonJSON, ComparisonMarkdown, ComparisonCSV, ComparisonHTML)
	case *result.WhatIf:
		each = formsOf(d, WhatIfText, WhatIfJSON, WhatIfMarkdown, WhatIfCSV, WhatIfHTML)
	case *result.DrillReport:
		each = formsOf(d, DrillText, DrillJSON, DrillMarkdown, DrillCSV, DrillHTML)
	case *result.DrillMap:
		each = formsOf(d, MapText, MapJSON, MapMarkdown, MapCSV, MapHTML)
	case *result.Stress:
		each = formsOf(d, StressText, StressJSON, StressMarkdown, StressCSV, StressHTML)
	case *result.Soak:
		each = formsOf(d, SoakText, SoakJSON, SoakMarkdown, SoakCSV, SoakHTML)
	case *result.Sweep:
		each = formsOf(d, SweepText, SweepJSON, SweepMarkdown, SweepCSV, SweepHTML)
	case *result.Plan:
		each = formsOf(d, PlanText, PlanJSON, PlanMarkdown, PlanCSV, PlanHTML)
	case *result.Report:
		each = formsOf(d, ReportText, ReportJSON, ReportMarkdown, ReportCSV, ReportHTML)
	case *result.Estimates:
		each = formsOf(d, EstimateText, EstimateJSON, EstimateMarkdown, EstimateCSV, EstimateHTML)
	}
	return each
}

// drawEverything draws a document in all its forms.
func drawEverything(document any) error {
	each := formsFor(document)
	if len(each) == 0 {
		return fmt.Errorf("nothing draws a %T", document)
	}
	for _, draw := range each {
		if err := draw(io.Discard); err != nil {
			return err
		}
	}
	return nil
}

func formsOf[T any](d T, text func(io.Writer, T, TextOptions) error, others ...func(io.Writer, T) error) []func(io.Writer) error {
	out := []func(io.Writer) error{func(w io.Writer) error { return text(w, d, TextOptions{}) }}
	for _, f := range others {
		out = append(out, func(w io.Writer) error { return f(w, d) })
	}
	return out
}

// drawnSafely reads a document and draws it if it can be read, and says what
// was wrong: a panic, an error, or that it took too long.
func drawnSafely(data []byte) (problem string) {
	defer func() {
		if r := recover(); r != nil {
			problem = fmt.Sprint("panic: ", r)
		}
	}()
	document, err := result.ReadAny(data)
	if err != nil {
		return ""
	}
	begin := time.Now()
	if err := drawEverything(document); err != nil {
		return "error: " + err.Error()
	}
	if took := time.Since(begin); took > 10*time.Second {
		return "it took " + took.String()
	}
	return ""
}

// storedDocuments are those of testdata.
func storedDocuments(t testing.TB) map[string][]byte {
	names, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	all := map[string][]byte{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		all[strings.TrimSuffix(filepath.Base(name), ".json")] = data
	}
	return all
}

// Every stored document can be read by its schema.
func TestEveryStoredDocumentIsDrawnAgain(t *testing.T) {
	all := storedDocuments(t)
	for _, name := range sorted(all) {
		document, err := result.ReadAny(all[name])
		require.NoError(t, err, name)
		assert.NoError(t, drawEverything(document), name)
	}
}

// A place is a value somewhere in a document: replace puts another there.
type place struct {
	path    string
	old     any
	replace func(v any)
	remove  func() // nil in a list
}

// placesOf lists the places of a document, of those that are alike the first.
func placesOf(document any) []place {
	seen := map[string]bool{}
	numbers := regexp.MustCompile(`\.\d+`)
	var all []place
	var walk func(path string, v any)
	note := func(p place) {
		if key := numbers.ReplaceAllString(p.path, ".#"); !seen[key] {
			seen[key] = true
			all = append(all, p)
		}
		walk(p.path, p.old)
	}
	walk = func(path string, v any) {
		switch x := v.(type) {
		case map[string]any:
			for _, key := range sorted(x) {
				note(place{path + "." + key, x[key], func(v any) { x[key] = v }, func() { delete(x, key) }})
			}
		case []any:
			for i := range x[:min(len(x), 3)] {
				note(place{fmt.Sprintf("%s.%d", path, i), x[i], func(v any) { x[i] = v }, nil})
			}
		}
	}
	walk("", document)
	return all
}

// oddValues are what a damaged or a foreign document may have in a place.
var oddValues = []any{
	nil, 0.0, -1.0, 1e17, -1e17, 1e-300, 3.0, 1e6, "", "<script>alert(1)</script>", "1e999", []any{}, map[string]any{},
	[]any{nil}, map[string]any{"x": nil}, true,
}

// A document in which any one value is odd is refused, or drawn. Of all
// 30,000 such documents these are a sample; with CAPSIM_EVERY_DAMAGE=1 in the
// environment it is all of them, which takes an hour.
func TestDamagedDocumentsAreRefusedOrDrawn(t *testing.T) {
	every := 400
	if os.Getenv("CAPSIM_EVERY_DAMAGE") != "" {
		every = 1
	}
	all := storedDocuments(t)
	n := 0
	for _, name := range sorted(all) {
		var document any
		require.NoError(t, json.Unmarshal(all[name], &document))
		for _, p := range placesOf(document) {
			for _, v := range append(oddValues[:len(oddValues):len(oddValues)], "removed") {
				if n++; n%every != 0 || p.remove == nil && v == "removed" {
					continue
				}
				p.replace(v)
				if v == "removed" {
					p.remove()
				}
				data, err := json.Marshal(document)
				require.NoError(t, err)
				p.replace(p.old)
				if problem := drawnSafely(data); problem != "" {
					t.Errorf("%s: %s = %v: %.300s", name, p.path, v, problem)
				}
			}
		}
	}
}

// spoiled is a document in which every text, and every name, begins with a
// character that no terminal and no page must see.
func spoiled(key string, v any) any {
	const sign = "\x02"
	named := []string{"clients", "nodes", "ops", "resources", "errors", "latency_s", "time_spent_s", "failed", "extra_latency_s"}
	switch x := v.(type) {
	case string:
		if key != "schema" && x != "" {
			return sign + x
		}
	case map[string]any:
		out := map[string]any{}
		for _, k := range sorted(x) {
			name := k
			if slices.Contains(named, key) {
				name = sign + k
			}
			out[name] = spoiled(k, x[k])
		}
		return out
	case []any:
		for i := range x {
			x[i] = spoiled(key, x[i])
		}
	}
	return v
}

// A document may come from a stranger: no text of it acts on anything, be it
// one of the words that capsim writes there itself.
func TestNoTextOfADocumentActsOnAnything(t *testing.T) {
	all := storedDocuments(t)
	for _, name := range sorted(all) {
		var document any
		require.NoError(t, json.Unmarshal(all[name], &document))
		data, err := json.Marshal(spoiled("", document))
		require.NoError(t, err)
		read, err := result.ReadAny(data)
		require.NoError(t, err, name)
		for i, draw := range formsFor(read) {
			got := rendered(t, draw)
			for _, at := range dangerous.FindAllStringIndex(got, 3) {
				t.Errorf("%s, form %d: %q", name, i, got[max(0, at[0]-50):min(len(got), at[1]+30)])
			}
		}
	}
}

// FuzzReadResult reads any bytes as a document and draws what is read: it
// neither panics nor fails nor takes long.
func FuzzReadResult(f *testing.F) {
	all := storedDocuments(f)
	for _, name := range sorted(all) {
		if len(all[name]) < 8_000 { // drawing takes long enough
			f.Add(all[name])
		}
	}
	const small = `{"schema": "capsim/result/v1", "run": {"replications": 2}, "clients": {"users": {"offered": 9, "latency_s": {"p99": {"mean": 1, "half_width": 0.1}}}}, ` +
		`"nodes": {"app": {"kind": "server", "resources": {"cpu": {"utilization": {"mean": 0.5}}}}}, "objectives": [{"text": "users p99 < 1s", "verdict": "met"}]}`
	for _, seed := range []string{
		small,
		`{"schema": "capsim/report/v1", "result": ` + small + `, "missing": [{"part": "headroom", "why": "no"}], "runway": [{"rate_ratio": 0.05, "period": "month", "periods": 3}]}`,
		`{"schema": "capsim/drill/v1", "baseline": ` + small + `, "drills": [{"what": "kill app", "began": true, "failed_ratio": {"mean": 0.1}, "clients": {"users": {}}}]}`,
		`{"schema": "capsim/comparison/v1", "designs": [` + small + `, ` + small + `], "differences": [{"subject": "users", "metric": "latency_s.p99", "difference": {"mean": 1}}]}`,
		`{"schema": "capsim/stress/v1", "run": {"replications": 2}, "held_load": {"mean": 1.5}, "curve": [{"load": 1, "holds": true, "clients": {"users": {"latency_s": {"p99": {"mean": 1}}}}}]}`,
		`{"schema": "capsim/soak/v1", "result": ` + small + `, "trends": [{"subject": "app", "metric": "memory_bytes", "per_hour": 1, "drifts": true}]}`,
		`{"schema": "capsim/whatif/v1", "designs": [{"baseline": ` + small + `, "resources": [{"node": "app", "resource": "cpu", "benefit": {"mean": 0.1}, "verdict": "helps"}]}]}`,
	} {
		_, err := result.ReadAny([]byte(seed))
		require.NoError(f, err)
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if problem := drawnSafely(data); problem != "" {
			t.Fatal(problem)
		}
	})
}
