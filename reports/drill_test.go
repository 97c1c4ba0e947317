package reports

import (
	"encoding/csv"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/capsim/capsim/internal/result"
)

var drillFormats = []struct {
	ending string
	write  func(io.Writer, *result.DrillReport) error
}{
	{"txt", func(w io.Writer, r *result.DrillReport) error { return DrillText(w, r, TextOptions{}) }},
	{"narrow.txt", func(w io.Writer, r *result.DrillReport) error { return DrillText(w, r, TextOptions{Width: 64}) }},
	{"md", DrillMarkdown},
	{"csv", DrillCSV},
	{"html", DrillHTML},
}

func TestDrillsRenderAsTheirGoldenFiles(t *testing.T) {
	r := load[result.DrillReport](t, "drill")
	for _, f := range drillFormats {
		t.Run(f.ending, func(t *testing.T) {
			got := rendered(t, func(w io.Writer) error { return f.write(w, r) })
			golden(t, filepath.Join("testdata", "golden", "drill."+f.ending), got)
			assert.ErrorIs(t, f.write(failing{}, r), io.ErrShortWrite)
		})
	}
	assert.Equal(t, load[result.DrillReport](t, "drill"), r, "rendering leaves the document alone")
	golden(t, filepath.Join("testdata", "drill.json"), rendered(t, func(w io.Writer) error { return DrillJSON(w, r) }))
}

// An empty document, and one of drills without figures, are what limits and
// interruptions may leave.
func TestDrillsWithoutFiguresRender(t *testing.T) {
	at := 5.0
	for _, r := range []*result.DrillReport{
		{}, {Truncated: true, Baseline: &result.Result{}},
		{Drills: []result.Drill{{What: "kill app", Limit: "too many events", Began: true, AtS: &at}, {What: "kill db"}}, Skipped: []string{"slow x: why"}},
		{Drills: []result.Drill{{What: "kill app", Limit: "too many events", Began: true, AtS: &at}, {What: "kill db", AtS: &at}}, Skipped: []string{"slow x: why"}},
	} {
		for _, f := range drillFormats {
			got := rendered(t, func(w io.Writer) error { return f.write(w, r) })
			assert.NotEmpty(t, got, f.ending)
			if len(r.Drills) == 0 && f.ending != "csv" {
				assert.Contains(t, got, "No drill was finished.", "an interruption says nothing about faults")
			}
			if len(r.Drills) > 0 && f.ending != "csv" && f.ending != "narrow.txt" {
				assert.Contains(t, got, "kill app: a limit was reached")
				assert.Contains(t, got, "too many events")
				assert.Contains(t, got, "slow x: why")
			}
		}
	}
}

// Names of a topology do nothing to a terminal, a browser or a spreadsheet.
func TestHostileNamesOfDrillsDoNothing(t *testing.T) {
	for _, name := range hostileNames {
		r := load[result.DrillReport](t, "drill")
		r.Title = name
		for i := range r.Drills {
			d := &r.Drills[i]
			d.What, d.AnyOf = name+"kill", name
			clients := map[string]*result.DrillClient{}
			for k, old := range sorted(d.Clients) {
				clients[name+string(rune('a'+k))] = d.Clients[old]
				for b := range d.Clients[old].Budgets {
					d.Clients[old].Budgets[b].Objective = name + " errors < 1%"
				}
			}
			d.Clients = clients
			for k := range d.Objectives {
				d.Objectives[k].Text = name + " errors < 1%"
			}
		}
		r.Skipped = []string{name}
		page := rendered(t, func(w io.Writer) error { return DrillHTML(w, r) })
		node, err := html.Parse(strings.NewReader(page))
		require.NoError(t, err)
		onlyOwnScripts(t, page)
		for n := range node.Descendants() {
			assert.NotContains(t, []string{"iframe", "img", "object", "a href=javascript"}, n.Data, "%q", name)
			for _, a := range n.Attr {
				assert.False(t, strings.HasPrefix(a.Key, "on"), "%q: %s", name, a.Key)
			}
		}
		for _, f := range drillFormats[:3] {
			got := rendered(t, func(w io.Writer) error { return f.write(w, r) })
			assert.NotContains(t, got, "\x1b", "%q", name)
			assert.NotContains(t, got, "\u202e", "%q", name)
		}
		rows, err := csv.NewReader(strings.NewReader(rendered(t, func(w io.Writer) error { return DrillCSV(w, r) }))).ReadAll()
		require.NoError(t, err)
		for _, row := range rows {
			for _, cell := range row[:3] {
				assert.False(t, cell != "" && strings.ContainsAny(cell[:1], "=+@\t\r"), "%q: %q", name, cell)
			}
		}
	}
}

// A fault that comes by chance has no moment at which a client was back, which
// is not to say that it never was; of its table of recoveries nothing is left.
func TestDrillsOfWhatComesByChanceRender(t *testing.T) {
	r := load[result.DrillReport](t, "drill")
	d := r.Drills[0]
	d.What, d.AtS, d.ForS, d.DetectedS, d.RecoveredS, d.RTOS, d.RPOWrites = "kill app by chance", nil, nil, nil, nil, nil, nil
	for _, c := range d.Clients {
		c.RecoveryS = result.Estimate{Note: "only faults at a known time are judged"}
		c.RecoveryAboveS = nil
	}
	often, share := 5.5, 0.0625
	d.Random = &result.RandomFault{Occurrences: result.Estimate{Mean: &often}, DownRatio: result.Estimate{Mean: &share}}
	r.Drills = []result.Drill{d}
	for _, f := range drillFormats {
		got := rendered(t, func(w io.Writer) error { return f.write(w, r) })
		assert.Contains(t, got, "kill app by chance", f.ending)
		assert.NotContains(t, got, "in rotation after")
		if f.ending == "csv" {
			assert.Contains(t, got, "kill app by chance,fault,occurrences,5.5,")
			continue
		}
		assert.Contains(t, got, "6.25 %", "the share of time that it was down")
	}
	assert.Equal(t, noNumber, backCell(&d, d.Clients["users"], &footnotes{}).Num)
}

// Many drills are a table that fits a terminal, of those that hurt somebody;
// a client answers for its own objectives and those of nodes.
func TestManyDrillsAreATableThatFits(t *testing.T) {
	one := func(v float64) result.Estimate { return result.Estimate{Mean: &v} }
	at, calm := 5.0, map[string]*result.Client{
		"users": {Traffic: result.Traffic{LatencyS: result.Latency{"mean": one(0.01), "p99": one(0.1)}}},
		"batch": {Traffic: result.Traffic{LatencyS: result.Latency{"mean": one(0.01), "p99": one(0.1)}}},
	}
	client := func(failed, p99, back float64) *result.DrillClient {
		return &result.DrillClient{
			FailedRequests: one(failed), FailedRatio: one(failed / 1e6), RecoveryS: one(back),
			ExtraLatencyS: result.Latency{"mean": one(0), "p99": one(p99)},
			Budgets:       []result.Budget{{OfMonth: one(failed / 1e9)}},
		}
	}
	r := &result.DrillReport{Baseline: &result.Result{Clients: calm}}
	for i, users := range []*result.DrillClient{
		client(12345, 0.2, 60), client(0, 0.2, 0), client(0, 0, 3), client(0, 0.001, 0), client(-3, 0, 0),
	} {
		r.Drills = append(r.Drills, result.Drill{
			What: "kill orders-and-more[" + string(rune('0'+i)) + "]", AnyOf: "any of 4 in zone a", Began: true, AtS: &at, DetectedS: &at,
			Clients:    map[string]*result.DrillClient{"users": users, "batch": client(0, 0, 0)},
			Objectives: []result.Objective{{Text: "users errors < 1%", Verdict: result.Met}, {Text: "users.buy p99 < 1s", Verdict: result.Met}},
		})
	}
	r.Drills[0].Objectives[1].Verdict = result.Missed
	got := rendered(t, func(w io.Writer) error { return DrillText(w, r, TextOptions{Width: 80}) })
	for _, l := range strings.Split(got, "\n") {
		assert.LessOrEqual(t, displayWidth(l), 80)
	}
	assert.Equal(t, 1, strings.Count(got, "Drills"), "one table:\n%s", got)
	assert.Contains(t, got, "✗ 1 of 2")
	for i, hurt := range []bool{true, true, true, false, false} {
		row := "\nkill orders-and-more[" + string(rune('0'+i)) + "]"
		assert.Equal(t, hurt, strings.Contains(got, row), row)
	}
	assert.NotContains(t, got, " batch ", "which no drill hurt")
	assert.Contains(t, got, " users ")
	assert.Contains(t, got, "Of each drill, the clients that it hurt.")
	assert.Contains(t, strings.Join(strings.Fields(got), " "), "No client was hurt by kill orders-and-more[3] (any of 4 in zone a), kill")
	assert.Equal(t, noNumber, missedCell(objectivesOf(&r.Drills[0], "batch")).Num)
	assert.Equal(t, "✗ 1 of 2", missedCell(objectivesOf(&r.Drills[0], "users")).Num)
}

// What is missed anyway is said to be, lest a drill is blamed for it.
func TestWhatIsMissedWithoutAFaultIsSaid(t *testing.T) {
	objectives := []result.Objective{{Text: "users errors < 1%", Verdict: result.Missed}, {Text: "users p99 < 1s", Verdict: result.Met}}
	r := &result.DrillReport{Drills: []result.Drill{{What: "kill app", Began: true, Objectives: objectives}}, Baseline: &result.Result{Objectives: objectives}}
	line, tone := drillVerdictLine(r)
	assert.Equal(t, "Objectives are missed in 1 of 1 drill. Without any fault 1 of 2 is missed too.", line)
	assert.Equal(t, bad, tone)
	r.Baseline.Objectives = nil
	line, _ = drillVerdictLine(r)
	assert.Equal(t, "Objectives are missed in 1 of 1 drill.", line)
}

// A drill that a limit ended has no figures: it is not said to have stated no
// objectives, nor to have met them.
func TestALimitIsNoSuccess(t *testing.T) {
	cut := result.Drill{What: "surge users", Began: true, Limit: "too many"}
	met := result.Drill{What: "kill app", Began: true, Objectives: []result.Objective{{Text: "users errors < 1%", Verdict: result.Met}}}
	missed := result.Drill{What: "kill db", Began: true, Objectives: []result.Objective{{Text: "users errors < 1%", Verdict: result.Missed}}}
	for _, tt := range []struct {
		drills []result.Drill
		want   string
	}{
		{[]result.Drill{cut}, "A limit was reached in 1 of 1 drill, without figures."},
		{[]result.Drill{cut, met}, "A limit was reached in 1 of 2 drills, without figures."},
		{[]result.Drill{cut, met, missed}, "Objectives are missed in 1 of 3 drills, and a limit was reached in 1."},
	} {
		line, tone := drillVerdictLine(&result.DrillReport{Drills: tt.drills})
		assert.Equal(t, tt.want, line)
		assert.Equal(t, bad, tone)
	}
}

// What is read between the bounds of a bucket of a histogram moves by
// nanoseconds that mean nothing.
func TestNoDifferenceIsMadeOfABucket(t *testing.T) {
	r := load[result.DrillReport](t, "drill")
	twin, c := *r.Baseline.Clients["users"].LatencyS["p99"].Mean, r.Drills[0].Clients["users"]
	slower := func(by float64, half *float64) string {
		c.ExtraLatencyS["p99"] = result.Estimate{Mean: &by, HalfWidth: half}
		return slowerCell(r, "users", "p99", c.ExtraLatencyS, &footnotes{}).Num
	}
	small, wide := twin/20_000, twin/10
	assert.Equal(t, "0", strings.Fields(slower(small, nil))[0])
	assert.Equal(t, "0", strings.Fields(slower(-small, &small))[0])
	assert.Contains(t, slower(wide, nil), "+")
	assert.NotContains(t, slower(-wide, nil), "+")
	assert.InDelta(t, wide, *c.ExtraLatencyS["p99"].Mean+2*wide, 1e-12, "the document is left alone")
}
