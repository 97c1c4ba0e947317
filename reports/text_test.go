package reports

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/internal/result"
)

func textOf(t *testing.T, r *result.Result, o TextOptions) string {
	t.Helper()
	return rendered(t, func(w io.Writer) error { return Text(w, r, o) })
}

func TestTextKeepsToItsWidth(t *testing.T) {
	for _, width := range []int{0, 64, 80, 100, 160} {
		limit := width
		if width == 0 {
			limit = usualWidth
		}
		for _, name := range []string{"result", "single", "hostile"} {
			for line := range strings.Lines(textOf(t, load[result.Result](t, name), TextOptions{Width: width})) {
				line = strings.TrimSuffix(line, "\n")
				if words := strings.Fields(line); len(words) > 2 { // one long word cannot be broken
					assert.LessOrEqual(t, displayWidth(line), limit, "%s: %q", name, line)
				}
			}
		}
	}
}

func TestTextLosesNoFigureWhenNarrow(t *testing.T) {
	r := load[result.Result](t, "result")
	wide := strings.Fields(textOf(t, r, TextOptions{Width: 160}))
	narrow := strings.Join(strings.Fields(textOf(t, r, TextOptions{Width: 64})), " ")
	for _, word := range wide {
		if !strings.ContainsAny(word, string(sparks)) { // a sparkline has as many bars as there is room for
			assert.Contains(t, narrow, word)
		}
	}
}

func TestColourAddsNothingButCodes(t *testing.T) {
	r := load[result.Result](t, "result")
	painted := textOf(t, r, TextOptions{Color: true})
	assert.Regexp(t, colour, painted)
	assert.Equal(t, textOf(t, r, TextOptions{}), colour.ReplaceAllString(painted, ""))
}

func TestTextSaysWhatTheReaderMustKnowFirst(t *testing.T) {
	r := load[result.Result](t, "result")
	text := textOf(t, r, TextOptions{})
	assert.Less(t, strings.Index(text, "1 of 4 objectives is missed, 1 undecided."), strings.Index(text, "Clients"))
	assert.Contains(t, text, "Bottleneck: app cpu is 72 % busy; saturates at 1.39× this load.")
	assert.Contains(t, text, "fewer than 10 samples beyond p99.9")
	r.Truncated = true
	assert.Contains(t, textOf(t, r, TextOptions{}), truncatedLine)
}

func TestAnOverloadedBottleneckSaysWhatItCanCarry(t *testing.T) {
	at := 0.83
	r := &result.Result{Bottleneck: &result.Bottleneck{Node: "db", Resource: "cpu", Utilization: 0.9999, SaturatesAtLoad: &at}}
	assert.Equal(t, "db cpu is 99.99 % busy; it can carry only 0.83× this load.", bottleneckLine(r))
	r.Bottleneck.SaturatesAtLoad = nil
	assert.Equal(t, "db cpu is 99.99 % busy.", bottleneckLine(r))
	r.Bottleneck = nil
	assert.Empty(t, bottleneckLine(r))
}

func TestVerdictsAreCounted(t *testing.T) {
	for _, c := range []struct {
		verdicts, want string
		tone           tone
	}{
		{"", "No objectives are stated.", neutral},
		{"met", "The objective is met.", good},
		{"met met", "All 2 objectives are met.", good},
		{"missed", "The objective is missed.", bad},
		{"missed met missed", "2 of 3 objectives are missed.", bad},
		{"undecided met", "1 of 2 objectives is undecided.", unsure},
		{"missed undecided", "1 of 2 objectives is missed, 1 undecided.", bad},
	} {
		r := &result.Result{}
		for _, v := range strings.Fields(c.verdicts) {
			r.Objectives = append(r.Objectives, result.Objective{Verdict: v})
		}
		line, tone := verdictLine(r)
		assert.Equal(t, c.want, line)
		assert.Equal(t, c.tone, tone, c.verdicts)
	}
}

func TestLossesNameEveryKindAndTheAttempts(t *testing.T) {
	traffic := &result.Traffic{
		Offered: 1000, OK: 960, Unfinished: 3, Attempts: 1250,
		Errors: map[string]uint64{"timeout": 30, "rejected": 0, "unavailable": 5, "failed": 1, "breaker": 1},
	}
	assert.Equal(t, "30 timeout, 5 unavailable, 1 failed, 1 breaker, 3 unfinished of 1000 requests; 1.25 attempts per request",
		lossLine(traffic))
	assert.Empty(t, lossLine(&result.Traffic{Offered: 5, OK: 5, Attempts: 5}))
	assert.Empty(t, lossLine(&result.Traffic{}))
}

func TestDesignsAreNamedApart(t *testing.T) {
	c := &result.Comparison{Designs: []*result.Result{{}, {Design: "big"}, {Title: "Other"}, {Title: "Other"}, {}}}
	assert.Equal(t, []string{"as written", "big", "Other, as written", "Other, as written (4)", "as written (5)"}, designLabels(c))
}

// Long names are as a rule alike at their beginning.
func TestLongNamesAreToldApartByTheirEnds(t *testing.T) {
	assert.Equal(t, "gateway-eu-west-1", clipName("gateway-eu-west-1", 17))
	assert.Equal(t, "gateway-…-west-1", clipName("gateway-eu-west-1", 16))
	assert.Equal(t, "a…", clipName("abc", 2))
	one, other := "mobile-app-customers-eu-central throughput", "mobile-app-customers-eu-west throughput"
	assert.Equal(t, "mobile-app-…-eu-central throughput", clipLabel(one, 34))
	assert.Equal(t, "mobile-app-…ers-eu-west throughput", clipLabel(other, 34))
	ruler := newRuler()
	name := ruler.clipName("checkout-payment-gateway-eu-west-1", nameSize, true, 120)
	assert.Regexp(t, `^checkout.*….*west-1$`, name)
	assert.LessOrEqual(t, ruler.width(name, nameSize, true), 120)
}

func TestWideCharactersAreAligned(t *testing.T) {
	assert.Equal(t, 4, displayWidth("日本"))
	assert.Equal(t, 1, displayWidth("e\u0301"))
	assert.Equal(t, "日…", clip("日本語", 4))
	assert.Equal(t, "日本語", clip("日本語", 6))
	assert.Equal(t, "日本  ", pad("日本", 6, true))
	assert.Equal(t, "日…語", clipName("日本本語", 6))
	assert.Equal(t, []string{"aa bb", "cc"}, wrap("aa  bb cc", 5))
	assert.Equal(t, []string{"toolong", "b"}, wrap("toolong b", 3))
}

func TestDesignsThatWereRunAlikeShareALine(t *testing.T) {
	design := func(name string, requests uint64, minutes float64, truncated bool) *result.Result {
		return &result.Result{
			Design: name, Seed: 1, Truncated: truncated,
			Run: result.Run{DurationS: 60 * minutes, Replications: 5, Requests: requests},
		}
	}
	c := &result.Comparison{Designs: []*result.Result{
		design("a", 900, 1, false), design("b", 350, 1, false), design("c", 500, 1, false),
	}}
	alike := "1 min measured, no warm-up · 5 replications · seed 1 · "
	assert.Equal(t, []string{"all 3 designs: " + alike + "350 to 900 requests"}, designLines(c))

	c.Designs = append(c.Designs, design("d", 20, 1, true), design("e", 1000, 2, false))
	assert.Equal(t, []string{
		"a, b, c: " + alike + "350 to 900 requests",
		"d: " + alike + "20 requests. " + truncatedLine,
		"e: 2 min measured, no warm-up · 5 replications · seed 1 · 1000 requests",
	}, designLines(c))
}

func TestDifferencesTooSmallToPrintAreNone(t *testing.T) {
	cellOf := func(mean, half float64) string {
		d := result.Difference{Metric: "cpu.utilization", Difference: result.Estimate{Mean: &mean, HalfWidth: &half}, Significant: true}
		c := differenceCell(d, &footnotes{})
		return c.figure.String() + c.Mark
	}
	assert.Equal(t, "0 ± <0.000001 pp ", cellOf(3e-10, 1e-10))
	assert.Equal(t, "0 ± <0.000001 pp ", cellOf(-3e-10, 1e-10))
	assert.Equal(t, "+0.0030 ± 0.0010 pp*", cellOf(3e-5, 1e-5))
	assert.Equal(t, "−0.0030 ± 0.0010 pp*", cellOf(-3e-5, 1e-5))
}
