package reports

import (
	"encoding/csv"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

var stressFormats = []struct {
	ending string
	write  func(io.Writer, *result.Stress) error
}{
	{"txt", func(w io.Writer, s *result.Stress) error { return StressText(w, s, TextOptions{}) }},
	{"narrow.txt", func(w io.Writer, s *result.Stress) error { return StressText(w, s, TextOptions{Width: 64}) }},
	{"md", StressMarkdown},
	{"csv", StressCSV},
	{"html", StressHTML},
}

func TestStressTestsRenderAsTheirGoldenFiles(t *testing.T) {
	s := load[result.Stress](t, "stress")
	for _, f := range stressFormats {
		t.Run(f.ending, func(t *testing.T) {
			got := rendered(t, func(w io.Writer) error { return f.write(w, s) })
			golden(t, filepath.Join("testdata", "golden", "stress."+f.ending), got)
		})
	}
	assert.Equal(t, load[result.Stress](t, "stress"), s, "rendering leaves the document alone")
	golden(t, filepath.Join("testdata", "stress.json"), rendered(t, func(w io.Writer) error { return StressJSON(w, s) }))
}

// One sentence for each outcome.
func TestSentencesOfStressTests(t *testing.T) {
	e := func(mean, half float64) result.Estimate { return result.Estimate{Mean: &mean, HalfWidth: &half} }
	n := func(x float64) *float64 { return &x }
	beyond := func(behaviour string, held, least float64) *result.Beyond {
		return &result.Beyond{Behaviour: behaviour, HeldRPS: e(held, 1), LeastRPS: e(least, 1), LeastLoad: 3, ErrorRatio: e(0.5, 0.1)}
	}
	for _, one := range []struct {
		s    result.Stress
		says string
		tone tone
	}{
		{result.Stress{Truncated: true}, "The search was interrupted before it came to an end.", unsure},
		{result.Stress{Truncated: true, Held: result.Estimate{Note: result.SearchInterrupted + ": held at 1 times the traffic, and more was not tried"}, HeldAt: n(1)},
			"The search was interrupted: held at 1 times the traffic, and more was not tried.", unsure},
		{result.Stress{Held: result.Estimate{Note: "held at every load up to 8 times the traffic"}, HeldAt: n(8)}, "No limit found: held at every load up to 8 times the traffic.", good},
		{result.Stress{Held: result.Estimate{Note: "held at every load up to 8 times the traffic"}, HeldAt: n(8), Criteria: []result.StressCriterion{{Text: "cost < 9", Asked: true}, {Text: "users p99 < 1s"}}},
			"No limit found: held at every load up to 8 times the traffic.", unsure},
		{result.Stress{Held: result.Estimate{Note: "nothing holds"}}, "No load is held: nothing holds.", bad},
		{result.Stress{Held: e(0.8, 0.1), Low: n(0.7), High: n(0.9)}, "Holds ×0.80 ± 0.10 of today's load: today's is too much already.", bad},
		{result.Stress{Held: e(1.1, 0.2), Low: n(0.9), High: n(1.3)}, "Holds ×1.10 ± 0.20 of today's load: about as much as there is today.", unsure},
		{result.Stress{Held: e(2.3, 1.5), Low: n(0.8), High: n(3.8)}, "Holds ×2.3 ± 1.5 of today's load: headroom 130 %, but so unsure that it may be none. Replications make it surer.", unsure},
		{result.Stress{Held: e(1.5, 0.1), Low: n(1.4), High: n(1.6)}, "Holds ×1.50 ± 0.10 of today's load: headroom 50 % (40 % to 60 %).", good},
		{result.Stress{Held: result.Estimate{Mean: n(1.5)}}, "Holds ×1.50 of today's load: headroom 50 %.", good},
	} {
		line, tone := stressVerdict(&one.s)
		assert.Equal(t, one.says, line)
		assert.Equal(t, one.tone, tone, line)
		for _, f := range stressFormats {
			rendered(t, func(w io.Writer) error { return f.write(w, &one.s) })
		}
	}
	for _, one := range []struct {
		b    *result.Beyond
		says string
	}{
		{beyond(result.Collapse, 100, 20), "Beyond it: collapse. Ok answers fall from 100/s to 20/s at ×3; at twice the load that holds 50 % of the requests fail."},
		{beyond(result.Metastable, 100, 20), "Beyond it: metastable. Ok answers fall from 100/s to 20/s at ×3;"},
		{beyond(result.Metastable, 100, 95), "Beyond it: metastable. Ok answers stay within 5 % of the 100/s at the load that holds;"},
		{beyond(result.Graceful, 100, 100), "Beyond it: graceful. Ok answers stay at 100/s or above;"},
	} {
		assert.Contains(t, beyondLines(&result.Stress{Beyond: one.b})[0], one.says)
	}
	for _, one := range []struct {
		g    result.Growth
		says string
	}{
		{result.Growth{RatePer: 0.05, Period: "month"}, "At 5 % a month no date can be told."},
		{result.Growth{RatePer: 0.05, Period: "month", Periods: n(0)}, "At 5 % a month it has broken already."},
		{result.Growth{RatePer: 0.4, Period: "year", Periods: n(1.5), Earliest: n(1), Latest: n(2)}, "At 40 % a year it breaks in 1.5 years (1 to 2)."},
		{result.Growth{RatePer: 0.4, Period: "year", Periods: n(1.5), Earliest: n(1), Latest: n(2), Date: "2028-06-01", EarliestDate: "2027-12-01", LatestDate: "2028-12-01"},
			"At 40 % a year it breaks in 1.5 years (1 to 2): on 2028-06-01, from 2027-12-01 to 2028-12-01."},
	} {
		assert.Equal(t, one.says, growthLine(&one.g))
	}
}

// A limit that ended a simulation stands in the table, and names act on
// nothing.
func TestStressTestsWithoutFiguresAndHostileNamesRender(t *testing.T) {
	s := load[result.Stress](t, "stress")
	s.Curve[len(s.Curve)-1] = result.StressPoint{Load: 9, Limit: "requests <b>in flight</b>\x1b[1m: the limit is 9"}
	s.Breaks.Text = "=cmd <i>p99</i>\x1b[1m < 1s"
	s.Warnings = []result.Warning{{Code: "W915", Message: "<img src=x>\x1b[1m"}}
	for _, f := range stressFormats {
		got := rendered(t, func(w io.Writer) error { return f.write(w, s) })
		assert.NotContains(t, got, "\x1b", f.ending)
		if f.ending == "html" {
			assert.NotContains(t, got, "<img")
			assert.NotContains(t, got, "<b>")
		}
		if f.ending == "csv" {
			rows, err := csv.NewReader(strings.NewReader(got)).ReadAll()
			require.NoError(t, err)
			for _, row := range rows {
				assert.Len(t, row, 6)
				assert.False(t, strings.HasPrefix(row[4], "=") || strings.HasPrefix(row[2], "="), "a formula: %v", row)
			}
		}
	}
	for _, f := range stressFormats {
		assert.ErrorIs(t, f.write(failing{}, s), io.ErrShortWrite, f.ending)
	}
}

// Where some objective is not asked for, not all holds.
func TestTheLoadThatHoldsIsNotSaidToHoldWhatIsNotAskedFor(t *testing.T) {
	held := 1.25
	s := &result.Stress{HeldAt: &held, Breaks: &result.Breaking{Text: "users p95 < 60ms", Load: 1.5}}
	assert.Equal(t, "First to break: users p95 < 60ms, at ×1.5; at ×1.25 all holds.", stressFindings(s)[0])
	s.Warnings = []result.Warning{{Code: "W915"}}
	assert.Equal(t, "First to break: users p95 < 60ms, at ×1.5; at ×1.25 all that is asked for holds.", stressFindings(s)[0])
}

// Where nothing breaks, no load lies between two that were simulated.
func TestWithoutALimitNothingIsSaidToLieBetween(t *testing.T) {
	n := func(x float64) *float64 { return &x }
	s := result.Stress{HeldAt: n(16), Run: result.StressRun{Replications: 3, WidthRatio: 0.01, Simulations: 18}}
	assert.Equal(t, "Loads are multiples of today's traffic; the same customers came to each; ± is half of the 95 % confidence interval. 18 simulations in all.", stressLine(&s))
	s.MissedAt, s.Held = n(16.1), result.Estimate{Mean: n(16), HalfWidth: n(0.1)}
	assert.Contains(t, stressLine(&s), "lies between two that were simulated, at most 1 % apart; ± is half of the 95 % confidence interval, of the load that holds from")
}
