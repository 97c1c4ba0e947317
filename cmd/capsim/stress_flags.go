package main

import (
	"math"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/internal/study"
	"github.com/capsim/capsim/models/kind"
)

// stressFlags say how the traffic of a stress test grows, and how exactly the
// load is wanted.
type stressFlags struct {
	growth, from, width string
	always              bool // growth is told of, asked for or not
}

func (f *stressFlags) bind(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.growth, "growth", "", "`RATE` at which the traffic grows: 5%/month, 1%/week or 40%/year")
	fl.StringVar(&f.from, "from", "", "`DATE` of today's traffic, with --growth: 2026-12-01")
	fl.StringVar(&f.width, "width", "", "`SHARE` of the load to which it is searched for (default: 1%)")
}

// stressWanted is what the flags mean.
type stressWanted struct {
	growth *study.GrowthPlan
	from   time.Time
	dated  bool
	width  float64
}

// How exactly a load can be searched for.
const (
	leastWidth = 0.0005
	mostWidth  = 0.5
)

// mostGrowth in a period is far beyond any that lasts.
const mostGrowth = 100

func (f *stressFlags) settle(a *app, report *kind.Report) stressWanted {
	c := complaints{&a.line, report}
	out := stressWanted{}
	if _, given := a.line.values["--growth"]; given {
		out.growth = c.growth(f.growth)
	}
	if _, given := a.line.values["--from"]; given {
		var err error
		if out.from, err = time.Parse(time.DateOnly, f.from); err != nil {
			c.add("--from", "for example --from 2026-12-01", "expected a date as year-month-day, got %s", kind.QuoteText(f.from))
		} else if _, growing := a.line.values["--growth"]; !growing && !f.always {
			c.add("--from", "for example --growth 5%/month", "goes with --growth")
		}
		out.dated = err == nil
	}
	if _, given := a.line.values["--width"]; given {
		width, err := kind.ParseRatio(f.width)
		switch {
		case err != nil:
			c.add("--width", "for example --width 0.5%", "%s", err.Message)
		case width < leastWidth || width > mostWidth:
			c.add("--width", "for example --width 0.5%", "must be from %g%% to %g%%, got %s", 100*leastWidth, 100*mostWidth, kind.QuoteText(f.width))
		}
		out.width = width
	}
	return out
}

// periods are those in which traffic may grow.
var periods = []string{"week", "month", "year"}

// growth reads "5%/month".
func (c complaints) growth(text string) *study.GrowthPlan {
	const hint = "for example --growth 5%/month"
	rate, period, found := strings.Cut(text, "/")
	if !found {
		c.add("--growth", hint, "expected a share and a period, as in 5%%/month, got %s", kind.QuoteText(text))
		return nil
	}
	known := false
	for _, p := range periods {
		known = known || p == period
	}
	if !known {
		c.add("--growth", hint, "expected week, month or year behind the /, got %s%s", kind.QuoteText(period), kind.DidYouMean(period, periods))
		return nil
	}
	number, isPercent := strings.CutSuffix(rate, "%")
	x, err := kind.ParseNumber(number)
	if isPercent {
		x /= 100
	}
	switch {
	case err != nil:
		c.add("--growth", hint, "%s", err.Message)
	case !(x > 0):
		c.add("--growth", "traffic that does not grow never breaks anything", "must be more than 0, got %s", kind.QuoteText(rate))
	case x > mostGrowth:
		c.add("--growth", hint, "must be at most %d%% in a %s, got %s", 100*mostGrowth, period, kind.QuoteText(rate))
	default:
		return &study.GrowthPlan{Rate: x, Period: period}
	}
	return nil
}

// date puts dates to a growth.
func (w *stressWanted) date(g *result.Growth) {
	if g == nil || !w.dated {
		return
	}
	g.From = w.from.Format(time.DateOnly)
	for _, one := range []struct {
		periods *float64
		to      *string
	}{{g.Periods, &g.Date}, {g.Earliest, &g.EarliestDate}, {g.Latest, &g.LatestDate}} {
		if one.periods != nil {
			*one.to = after(w.from, *one.periods, g.Period)
		}
	}
}

// after is the date so many periods later, "" if it is beyond the calendar.
// What is left of a month is a part of the one that begins there.
func after(from time.Time, n float64, period string) string {
	days := 7 * n
	months := 0
	if period != "week" {
		if period == "year" {
			n *= 12
		}
		whole := math.Floor(min(n, 1e6))
		months = int(whole)
		here, next := addMonths(from, months), addMonths(from, months+1)
		days = (n - whole) * next.Sub(here).Hours() / 24
	}
	if !(days < 4e6) || months > 120_000 {
		return ""
	}
	at := addMonths(from, months).AddDate(0, 0, int(days))
	if at.Year() > 9999 {
		return ""
	}
	return at.Format(time.DateOnly)
}

// addMonths is the same day so many months later, the last of that month
// where it has no such day.
func addMonths(from time.Time, months int) time.Time {
	at := time.Date(from.Year(), from.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := at.AddDate(0, 1, -1).Day()
	return at.AddDate(0, 0, min(from.Day(), last)-1)
}
