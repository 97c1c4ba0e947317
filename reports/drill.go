package reports

import (
	_ "embed" // for the page
	"io"
	"strconv"

	"github.com/capsim/capsim/internal/result"
)

//go:embed page/drill.tmpl
var drillPage string

// DrillJSON writes r as [JSON] writes a Result.
func DrillJSON(w io.Writer, r *result.DrillReport) error {
	return writeJSON(w, r)
}

// drillTables are the tables of a drill, in order, after those that begin it.
func drillTables(r *result.DrillReport, notes *footnotes) []table {
	return []table{
		recoveryTable(r), randomDrillsTable(r, notes), failuresTable(r, notes), slownessTable(r, notes), budgetsTable(r, notes), drillObjectivesTable(r, notes),
	}
}

// mostTold is how many drills are told in full on a terminal.
const mostTold = 4

const manyDrillsLine = "The report, and --format markdown, also have of each: recovery, kinds of failure, latency, error budgets, and the objectives that were not met."

// DrillText writes what the faults did for a terminal.
func DrillText(w io.Writer, r *result.DrillReport, o TextOptions) error {
	p := newPrinter(o)
	notes := &footnotes{}
	p.line(sgrBold, titleOf(r.Title))
	if r.Baseline != nil {
		p.line("", runLine(r.Baseline))
	}
	if r.Truncated {
		p.line(sgrRed, truncatedLine)
	}
	p.blank()
	verdict, tone := drillVerdictLine(r)
	p.line(toneSGR[tone], verdict)
	if len(r.Drills) <= mostTold {
		p.section(drillsTable(r, notes))
		for _, t := range drillTables(r, notes) {
			p.section(t)
		}
	} else {
		hurt, spared := partDrills(r)
		p.section(drillsTable(hurt, notes))
		if spared != "" {
			p.blank()
			p.line("", spared)
		}
		p.line(sgrFaint, manyDrillsLine)
	}
	p.list("Not drilled", skippedLines(r))
	if r.Baseline != nil {
		p.list("Warnings", warningLines(r.Baseline))
	}
	p.footnotes(notes)
	p.blank()
	p.line(sgrFaint, drillLine(r))
	if r.Baseline != nil {
		p.line(sgrFaint, doubtLine(r.Baseline.Run.Replications))
		p.line(sgrFaint, originLine(r.Baseline))
	}
	_, err := w.Write(p.out.Bytes())
	return err
}

// DrillMarkdown writes the same for a wiki or a pull request.
func DrillMarkdown(w io.Writer, r *result.DrillReport) error {
	d := &markdown{}
	notes := &footnotes{}
	d.paragraph("## " + markdownText(titleOf(r.Title)))
	if r.Baseline != nil {
		d.paragraph(markdownText(runLine(r.Baseline)))
	}
	if r.Truncated {
		d.paragraph("**" + truncatedLine + "**")
	}
	verdict, _ := drillVerdictLine(r)
	d.paragraph("**" + markdownText(verdict) + "**")
	d.table(drillsTable(r, notes))
	for _, t := range drillTables(r, notes) {
		if len(t.Rows) > 0 {
			d.paragraph("### " + markdownText(t.Title))
		}
		d.table(t)
	}
	d.list("Not drilled", skippedLines(r))
	if r.Baseline != nil {
		d.list("Warnings", warningLines(r.Baseline))
	}
	d.notes(notes)
	d.paragraph(markdownText(drillLine(r)))
	if r.Baseline != nil {
		d.paragraph(markdownText(doubtLine(r.Baseline.Run.Replications)))
		d.paragraph(markdownText(originLine(r.Baseline)))
	}
	return d.writeTo(w)
}

// DrillCSV writes every figure of every drill, one a row: the fault, of whom,
// which figure, value, half width of the 95 % interval.
func DrillCSV(w io.Writer, r *result.DrillReport) error {
	rows := [][]string{{"fault", "subject", "metric", "value", "half_width"}}
	for i := range r.Drills {
		d := &r.Drills[i]
		for _, f := range readingOfDrill(d) {
			rows = append(rows, []string{cellText(d.What), cellText(f.subject), cellText(f.metric), f.cell(), exact(f.half)})
		}
	}
	return writeCSV(w, rows)
}

// readingOfDrill is every single figure of d.
func readingOfDrill(d *result.Drill) []datum {
	out := &reader{}
	out.add("fault", "at_s", d.AtS, nil)
	if !d.Began || d.Limit != "" {
		return out.data
	}
	out.add("fault", "for_s", d.ForS, nil)
	out.add("fault", "detected_s", d.DetectedS, nil)
	out.add("fault", "recovered_s", d.RecoveredS, nil)
	out.add("fault", "rto_s", d.RTOS, nil)
	if d.RPOWrites != nil {
		out.add("fault", "rpo_writes", d.RPOWrites, nil)
	}
	if x := d.Random; x != nil {
		out.random("", x)
	}
	out.estimate("fault", "failed_requests", d.FailedRequests)
	out.estimate("fault", "failed_ratio", d.FailedRatio)
	for _, o := range d.Objectives {
		out.estimate("objective", o.Text, o.Actual)
		out.data = append(out.data, datum{subject: "verdict", metric: o.Text, word: o.Verdict})
	}
	for _, name := range sorted(d.Clients) {
		c := d.Clients[name]
		out.estimate(name, "failed_requests", c.FailedRequests)
		out.estimate(name, "failed_ratio", c.FailedRatio)
		for _, kind := range sorted(c.Failed) {
			out.estimate(name, "failed."+kind, c.Failed[kind])
		}
		out.latency(name, "extra_latency_s", c.ExtraLatencyS)
		out.latency(name, "outage_latency_s", c.OutageLatencyS)
		out.estimate(name, "recovery_s", c.RecoveryS)
		if c.RecoveryAboveS != nil {
			out.add(name, "recovery_above_s", c.RecoveryAboveS, nil)
		}
		for i := range c.Budgets {
			b := &c.Budgets[i]
			out.estimate(name, "budget.bad_requests "+b.Objective, b.BadRequests)
			out.estimate(name, "budget.of_window "+b.Objective, b.OfWindow)
			out.estimate(name, "budget.of_month "+b.Objective, b.OfMonth)
		}
	}
	return out.data
}

// A drillView is what the page of a drill is filled with.
type drillView struct {
	frame
	Run, Truncated, Verdict, Line, Doubt string

	Tone     tone
	Drills   table
	Tables   []table
	Skipped  []string
	Warnings []string
	Facts    []fact
	Parts    []drawnDesign
}

// DrillHTML writes r as one page that stands by itself, as [HTML] does.
func DrillHTML(w io.Writer, r *result.DrillReport) error {
	notes := &footnotes{}
	verdict, tone := drillVerdictLine(r)
	page := drillView{
		frame:   newFrame(r.Title),
		Verdict: verdict, Tone: tone, Line: drillLine(r),
		Drills: drillsTable(r, notes), Tables: drillTables(r, notes), Skipped: skippedLines(r),
	}
	if r.Truncated {
		page.Truncated = truncatedLine
	}
	if b := r.Baseline; b != nil {
		page.Run, page.Doubt, page.Warnings, page.Facts = runLine(b), doubtLine(b.Run.Replications), warningLines(b), facts(b)
		part, err := drawDesign("Without faults", b)
		if err != nil {
			return err
		}
		page.Parts = []drawnDesign{part}
		for i := range r.Drills[:min(len(r.Drills), mostDrawn)] {
			for k, p := range drillCharts(r, &r.Drills[i]) {
				if err := page.chart("drill-"+strconv.Itoa(i+1)+"-"+strconv.Itoa(k+1), p); err != nil {
					return err
				}
			}
		}
	}
	page.Notes = notes.texts
	return writePage(w, drillPage, page)
}
