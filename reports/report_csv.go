package reports

import (
	"io"
	"strconv"

	"github.com/capsim/capsim/internal/result"
)

// ReportCSV writes every figure of every part of r, one a row: the part, the
// design that it is about and the one that it is compared with, the fault, the
// load, of whom, which figure, value, half width of the 95 % interval, and
// whether a difference is significant. What does not apply is empty.
func ReportCSV(w io.Writer, r *result.Report) error {
	rows := [][]string{{"part", "design", "baseline", "fault", "load", "subject", "metric", "value", "half_width", "significant"}}
	design := cellText(r.Design)
	add := func(part, fault, load string, data []datum) {
		for _, f := range data {
			rows = append(rows, []string{part, design, "", cellText(fault), load, cellText(f.subject), cellText(f.metric), f.cell(), exact(f.half), ""})
		}
	}
	add("today", "", "", reading(r.Result))
	if s := r.Stress; s != nil {
		add(result.HeadroomPart, "", "", stressFound(s))
		for i := range s.Curve {
			p := &s.Curve[i]
			holds := datum{subject: "system", metric: "holds", word: strconv.FormatBool(p.Holds)}
			add(result.HeadroomPart, "", exact(&p.Load), append([]datum{holds}, readingOfLoad(p)...))
		}
	}
	if d := r.Drill; d != nil {
		for i := range d.Drills {
			add(result.FailuresPart, d.Drills[i].What, "", readingOfDrill(&d.Drills[i]))
		}
	}
	for i := range r.Runway {
		add(result.RunwayPart, "", "", readingOfGrowth(&r.Runway[i]))
	}
	if c := r.Comparison; c != nil {
		for _, row := range comparisonRows(c) { // design, baseline, subject, metric, value, half width, significant, load
			rows = append(rows, []string{result.DesignsPart, row[0], row[1], "", row[7], row[2], row[3], row[4], row[5], row[6]})
		}
	}
	return writeCSV(w, rows)
}

// readingOfGrowth is when a growth uses the headroom up; dates are words.
func readingOfGrowth(g *result.Growth) []datum {
	out := &reader{}
	of := short(g.RatePer, ratio) + "/" + g.Period
	out.add(of, g.Period+"s", g.Periods, nil)
	out.add(of, g.Period+"s_earliest", g.Earliest, nil)
	out.add(of, g.Period+"s_latest", g.Latest, nil)
	for _, date := range []struct{ name, text string }{{"date", g.Date}, {"date_earliest", g.EarliestDate}, {"date_latest", g.LatestDate}} {
		if date.text != "" {
			out.data = append(out.data, datum{subject: of, metric: date.name, word: date.text})
		}
	}
	return out.data
}
