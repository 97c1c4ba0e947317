package reports

import (
	_ "embed" // for the page
	"io"
	"strconv"

	"github.com/capsim/capsim/internal/result"
)

//go:embed page/stress.tmpl
var stressPage string

// StressJSON writes s as [JSON] writes a Result.
func StressJSON(w io.Writer, s *result.Stress) error { return writeJSON(w, s) }

// StressText writes what a system holds for a terminal.
func StressText(w io.Writer, s *result.Stress, o TextOptions) error {
	p := newPrinter(o)
	notes := &footnotes{}
	p.line(sgrBold, titleOf(s.Title))
	p.line("", stressRunLine(s))
	if s.Truncated {
		p.line(sgrRed, truncatedLine)
	}
	p.blank()
	verdict, tone := stressVerdict(s)
	p.line(toneSGR[tone], verdict)
	for _, line := range stressFindings(s) {
		p.line("", line)
	}
	p.section(todayTable(s, notes))
	p.section(loadsTable(s, notes))
	p.section(surgesTable(s))
	p.list("Warnings", warningLines(&result.Result{Warnings: s.Warnings}))
	p.footnotes(notes)
	p.blank()
	p.line(sgrFaint, stressLine(s))
	p.line(sgrFaint, "capsim "+visible(s.Version))
	_, err := w.Write(p.out.Bytes())
	return err
}

// StressMarkdown writes the same for a wiki or a pull request.
func StressMarkdown(w io.Writer, s *result.Stress) error {
	d := &markdown{}
	notes := &footnotes{}
	d.paragraph("## " + markdownText(titleOf(s.Title)))
	d.paragraph(markdownText(stressRunLine(s)))
	if s.Truncated {
		d.paragraph("**" + truncatedLine + "**")
	}
	verdict, _ := stressVerdict(s)
	d.paragraph("**" + markdownText(verdict) + "**")
	d.list("", stressFindings(s))
	for _, t := range stressTables(s, notes) {
		if len(t.Rows) > 0 {
			d.paragraph("### " + markdownText(t.Title))
		}
		d.table(t)
	}
	d.list("Warnings", warningLines(&result.Result{Warnings: s.Warnings}))
	d.notes(notes)
	d.paragraph(markdownText(stressLine(s)))
	d.paragraph(markdownText("capsim " + visible(s.Version)))
	return d.writeTo(w)
}

// stressTables are the tables of a stress test, in order.
func stressTables(s *result.Stress, notes *footnotes) []table {
	return []table{todayTable(s, notes), loadsTable(s, notes), surgesTable(s)}
}

// StressCSV writes every figure of every load, one a row: the load, whether
// it is held, of whom, which figure, value, half width of the 95 % interval.
// What was found by them comes first, without a load.
func StressCSV(w io.Writer, s *result.Stress) error {
	rows := [][]string{{"load", "holds", "subject", "metric", "value", "half_width"}}
	for _, f := range stressFound(s) {
		rows = append(rows, []string{"", "", cellText(f.subject), cellText(f.metric), f.cell(), exact(f.half)})
	}
	for i := range s.Curve {
		p := &s.Curve[i]
		for _, f := range readingOfLoad(p) {
			rows = append(rows, []string{exact(&p.Load), strconv.FormatBool(p.Holds), cellText(f.subject), cellText(f.metric), f.cell(), exact(f.half)})
		}
	}
	return writeCSV(w, rows)
}

// stressFound is what was found by all loads together.
func stressFound(s *result.Stress) []datum {
	found := &reader{}
	found.estimate("system", "held_load", s.Held)
	found.add("system", "held_load_low", s.Low, nil)
	found.add("system", "held_load_high", s.High, nil)
	found.add("system", "held_at", s.HeldAt, nil)
	found.add("system", "missed_at", s.MissedAt, nil)
	if g := s.Growth; g != nil {
		found.add("system", "growth."+g.Period+"s", g.Periods, nil)
		found.add("system", "growth."+g.Period+"s_earliest", g.Earliest, nil)
		found.add("system", "growth."+g.Period+"s_latest", g.Latest, nil)
	}
	if b := s.Breaks; b != nil {
		found.data = append(found.data, datum{subject: "system", metric: "breaks", word: b.Text})
	}
	if b := s.Beyond; b != nil {
		found.data = append(found.data, datum{subject: "system", metric: "behaviour", word: b.Behaviour})
	}
	return found.data
}

// readingOfLoad is every single figure of a load.
func readingOfLoad(p *result.StressPoint) []datum {
	out := &reader{}
	for _, name := range sorted(p.Clients) {
		c := p.Clients[name]
		out.estimate(name, "offered_rps", c.OfferedRPS)
		out.estimate(name, "throughput_rps", c.ThroughputRPS)
		out.estimate(name, "error_ratio", c.ErrorRatio)
		out.latency(name, "latency_s", c.LatencyS)
	}
	if b := p.Busiest; b != nil {
		out.add(b.Node, b.Resource+".utilization", &b.Utilization, nil)
	}
	return out.data
}

// A stressView is what the page of a stress test is filled with.
type stressView struct {
	frame
	Run, Truncated, Verdict, Line string

	Tone     tone
	Findings []string
	Tables   []table
	Warnings []string
	Facts    []fact
}

// StressHTML writes s as one page that stands by itself, as [HTML] does.
func StressHTML(w io.Writer, s *result.Stress) error {
	notes := &footnotes{}
	verdict, tone := stressVerdict(s)
	page := stressView{
		frame: newFrame(s.Title), Run: stressRunLine(s), Verdict: verdict, Tone: tone, Line: stressLine(s),
		Findings: stressFindings(s), Tables: stressTables(s, notes), Warnings: warningLines(&result.Result{Warnings: s.Warnings}),
		Facts: []fact{
			{Name: "capsim", Value: visible(s.Version)},
			{Name: "document", Value: visible(s.Schema)},
			{Name: "seed", Value: strconv.FormatUint(s.Seed, 10)},
			{Name: "replications", Value: strconv.Itoa(s.Run.Replications)},
			{Name: "simulations", Value: strconv.Itoa(s.Run.Simulations)},
		},
	}
	if s.Truncated {
		page.Truncated = truncatedLine
	}
	for i, p := range stressCharts(s) {
		if err := page.chart("load-"+strconv.Itoa(i+1), p); err != nil {
			return err
		}
	}
	page.Notes = notes.texts
	return writePage(w, stressPage, page)
}
