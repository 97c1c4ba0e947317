package reports

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

// tracedNamed is a trace of one request, of which two branches run at once, one
// goes on when nobody waits for it any more, and something goes on beside it.
// Every name is made of one text.
func tracedNamed(name string) *result.Trace {
	span := func(parent int, kind result.SpanKind, what string, from, to int64) result.Span {
		return result.Span{Parent: parent, Kind: kind, Node: name + "web", Instance: name + "web[0]", What: what, From: from, To: to, Status: "ok", Booked: true}
	}
	r := result.TracedRequest{Client: name + "users", Op: name + "buy", Number: 3, Due: 1_000_001, Took: 2_000_000, Status: "ok", Slowest: true, Place: 1}
	r.Spans = []result.Span{
		span(-1, result.SpanRequest, name+"buy", 1_000_001, 3_000_001),
		span(0, result.SpanVisit, name+"buy", 1_000_001, 3_000_001),
		span(1, result.SpanWait, "waits for a core", 1_000_001, 1_500_001),
		span(1, result.SpanCall, "parallel", 1_500_001, 3_000_001),
		span(3, result.SpanPart, "branch", 1_500_001, 2_000_001),
		span(4, result.SpanService, "cpu", 1_500_001, 2_000_001),
		span(3, result.SpanPart, "branch", 1_500_001, 3_000_001),
		span(6, result.SpanService, "disk", 1_500_001, 3_000_001),
		span(3, result.SpanPart, "branch", 1_500_001, 9_000_001),
		span(0, result.SpanPart, "aside", 1_600_001, 1_700_001),
	}
	r.Spans[5].Step, r.Spans[7].Step = "1/1.1", "1/2.1"
	r.Spans[8].GivenUp, r.Spans[9].Aside = true, true
	r.Spans[8].Booked, r.Spans[9].Booked = false, false
	return &result.Trace{
		Title: name, Design: name, Fingerprint: "00", Seed: 1, Requests: []result.TracedRequest{r},
		Clients: []result.TracedClient{{Name: name + "users", Offered: 10, Sample: 1}},
	}
}

func TestATraceHasATrackForWhatGoesOnAtOnce(t *testing.T) {
	got := rendered(t, func(w io.Writer) error { return ChromeTrace(w, tracedNamed("")) })
	var doc struct {
		TraceEvents []struct {
			Ph, Name, Cat string
			Tid           int
			Ts, Dur       float64
			Args          map[string]any
		}
	}
	require.NoError(t, json.Unmarshal([]byte(got), &doc))
	type row struct {
		tid     int
		name    string
		ts, dur float64
	}
	var rows []row
	var tracks []string
	for _, e := range doc.TraceEvents {
		switch {
		case e.Ph == "X":
			rows = append(rows, row{e.Tid, e.Name, e.Ts, e.Dur})
		case e.Name == "thread_name":
			tracks = append(tracks, e.Args["name"].(string))
		}
	}
	assert.Equal(t, []row{
		{1, "web.buy", 1000.001, 2000}, {1, "web.buy", 1000.001, 2000}, {1, "waits for a core", 1000.001, 500}, {1, "parallel", 1500.001, 1500},
		{1, "branch", 1500.001, 500}, {1, "cpu", 1500.001, 500},
		{2, "branch", 1500.001, 1500}, {2, "disk", 1500.001, 1500},
		{3, "branch", 1500.001, 7500},
		{4, "aside", 1600.001, 100},
	}, rows)
	assert.Equal(t, []string{"#3 buy, 2.000 ms", "#3 buy, 2.000 ms: beside", "#3 buy, 2.000 ms: beside", "#3 buy, 2.000 ms: beside"}, tracks)
	assert.Contains(t, got, `"status":"given up: nobody waits for it"`)
	assert.Contains(t, got, `"name":"users: slowest"`)
	assert.NotContains(t, got, "by chance", "it is shown once")
}

// Where a name means something to who shows it, a trace and a profile spell it.
func TestTracesAndProfilesOfHostileNames(t *testing.T) {
	for _, name := range hostileNames {
		trace := rendered(t, func(w io.Writer) error { return ChromeTrace(w, tracedNamed(name)) })
		require.True(t, json.Valid([]byte(trace)), "%q", name)
		for line := range strings.Lines(trace) {
			assert.NotContains(t, line, "\x1b")
			assert.Equal(t, -1, strings.IndexFunc(strings.TrimSuffix(line, "\n"), acts), "%q", line)
		}
		text := unzipped(t, profileOf(t, name))
		assert.Contains(t, text, visible(name+"web.")+visible(name+"buy"), "%q", name)
	}
}

// profileOf is the profile of the traced request: of ten that spent twice as
// long waiting, and half as long at work.
func profileOf(t *testing.T, name string) []byte {
	t.Helper()
	e := func(x float64) result.Estimate { return result.Estimate{Mean: &x} }
	traffic := &result.Traffic{OK: 10, Spent: map[string]any{
		name + "web": result.Spent{Wait: e(0.001), Service: e(0.001)}, "network": e(0.25), "backoff": e(0),
	}}
	r := &result.Result{Clients: map[string]*result.Client{name + "users": {Ops: map[string]*result.Traffic{name + "buy": traffic}}}}
	var out bytes.Buffer
	require.NoError(t, Profile(&out, r, tracedNamed(name)))
	return out.Bytes()
}

func unzipped(t *testing.T, data []byte) string {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(data))
	require.NoError(t, err)
	assert.True(t, z.ModTime.IsZero(), "the same profile is the same bytes")
	text, err := io.ReadAll(z)
	require.NoError(t, err)
	return string(text)
}

// The times of a profile are those of the result, shared out as in the sample:
// a quarter and three quarters of 10 ms at work, here.
func TestAProfileSharesOutTheTimesOfTheResult(t *testing.T) {
	p := newProfile()
	p.traffic("users", "buy", &result.Traffic{OK: 10, Spent: spentBy("web", 0.001, 0.001, 0.25)}, sampled(tracedNamed(""), "users", "buy"))
	type row struct {
		stack  string
		values profileValues
	}
	var rows []row
	for _, s := range p.samples {
		var frames []string
		for _, number := range s.stack {
			frames = append(frames, p.strings[p.functions[number-1]])
		}
		rows = append(rows, row{strings.Join(frames, " < "), s.values})
	}
	assert.Equal(t, []row{
		{"users.buy < users", profileValues{requests: 10}},
		{"network < users.buy < users", profileValues{time: 2_500_000_000}},
		{"web.buy: waits for a core < web.buy < users.buy < users", profileValues{wait: 10_000_000, time: 10_000_000}},
		{"web.buy, step 1/1.1: cpu < web.buy < users.buy < users", profileValues{service: 2_500_000, time: 2_500_000}},
		{"web.buy, step 1/2.1: disk < web.buy < users.buy < users", profileValues{service: 7_500_000, time: 7_500_000}},
	}, rows)
}

func spentBy(node string, wait, service, network float64) map[string]any {
	e := func(x float64) result.Estimate { return result.Estimate{Mean: &x} }
	return map[string]any{node: result.Spent{Wait: e(wait), Service: e(service)}, "network": e(network)}
}
