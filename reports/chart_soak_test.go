package reports

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

// The page of a soak shows what drifts, which is what it is about, before the
// pictures that any run has; what is steady is in the table alone.
func TestThePageOfASoakShowsWhatDrifts(t *testing.T) {
	r := load[result.Result](t, "result")
	name := r.Series.Columns[len(r.Series.Columns)-1]
	subject, metric := splitColumn(name)
	from, to, slope, until := 1.0, 3.0, 2.0, r.Run.DurationS/2
	trend := result.Trend{
		Subject: subject, Metric: metric, From: &from, To: &to, PerHour: &slope, LowHour: &slope, HighHour: &slope, PValue: new(float64),
		UntilS: until, Drifts: true, NextLimit: &result.Giving{Subject: subject, What: "gone", AtS: until, Seen: true},
	}
	steady := trend
	steady.Drifts, steady.NextLimit = false, nil
	s := &result.Soak{Result: r, Trends: []result.Trend{steady, trend}}

	drawn := driftCharts(s)
	require.Len(t, drawn, 1)
	p := drawn[0]
	assert.Contains(t, p.title, subject+" "+metricLabel(metric)+" grows from 1 to 3 in ")
	require.Len(t, p.lines, 2)
	assert.Equal(t, []point{{x: 0, y: 1}, {x: until, y: 3}}, p.lines[1].points, "the trend")
	assert.Equal(t, tick{until, "gone"}, p.marks[len(p.marks)-1], "after the marks of what happened meanwhile")
	page := rendered(t, func(w io.Writer) error { return SoakHTML(w, s) })
	assert.Less(t, strings.Index(page, p.title), strings.Index(page, percentilesChart(r).title))
	assert.Positive(t, strings.Index(page, p.title))

	falling := -1.0
	trend.PerHour = &falling
	assert.Contains(t, driftCharts(&result.Soak{Result: r, Trends: []result.Trend{trend}})[0].title, "falls")
	assert.Empty(t, driftCharts(&result.Soak{Result: &result.Result{}, Trends: []result.Trend{trend}}), "a run without a series")
	assert.Len(t, driftCharts(&result.Soak{Result: r, Trends: []result.Trend{trend, trend, trend, trend, trend, trend, trend}}), mostDrifting)
}

// What gives comes with its interval, unless that is nothing in the digits of
// what is told.
func TestWhatGivesFirstIsTold(t *testing.T) {
	early, late := 3600.0, 2*3600.0
	g := &result.Giving{Subject: "app", What: "memory full", AtS: 1.5 * 3600, EarliestS: &early, LatestS: &late}
	line, _ := givesLine(&result.Soak{Gives: g})
	assert.Equal(t, "First to give: app, memory full after 1 h 30 min (1 h to 2 h), if it goes on like this.", line)
	g.EarliestS, g.LatestS = &g.AtS, &g.AtS
	line, _ = givesLine(&result.Soak{Gives: g})
	assert.Equal(t, "First to give: app, memory full after 1 h 30 min, if it goes on like this.", line)
}

// What is counted is what the table has: not what was 0 all the time.
func TestDriftsAreCountedAsTheTableHasThem(t *testing.T) {
	of := func(v float64) *float64 { return &v }
	still := result.Trend{Subject: "u", Metric: "errors_rps", PValue: of(1), From: of(0), To: of(0), PerHour: of(0), LowHour: of(0), HighHour: of(0)}
	moving := still
	moving.Metric, moving.From, moving.To = "queue", of(3), of(3)
	line := func(trends ...result.Trend) string {
		line, _ := driftLine(&result.Soak{Trends: trends})
		return line
	}
	assert.Equal(t, "Nothing drifts, of 1 figure.", line(still, moving))
	assert.Equal(t, "Nothing drifts: 1 figure at 0 all the time.", line(still))
	moving.Drifts = true
	assert.Equal(t, "1 of 1 figure drifts.", line(still, moving))
	assert.Equal(t, "Nothing could be tested for a trend: the run has too few windows.", line())
}
