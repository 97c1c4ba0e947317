package reports

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// ReportJSON writes r as [JSON] writes a Result.
func ReportJSON(w io.Writer, r *result.Report) error { return writeJSON(w, r) }

// mostAnswered is how many rows a table of a report has on a terminal.
const mostAnswered = 6

// ReportText writes the answers of a report for a terminal. The tables are in
// its other forms.
func ReportText(w io.Writer, r *result.Report, o TextOptions) error {
	p := newPrinter(o)
	notes := &footnotes{}
	p.line(sgrBold, titleOf(r.Title))
	p.line("", runLine(r.Result))
	if r.Truncated {
		p.line(sgrRed, truncatedReport)
	}
	p.blank()
	for _, a := range reportAnswers(r) {
		p.line(toneSGR[a.Tone], a.Text)
	}
	for _, t := range []table{objectivesTable(r.Result, notes), keyTable(r.Result, notes)} {
		more := len(t.Rows) - mostAnswered
		t.Rows = t.Rows[:min(len(t.Rows), mostAnswered)]
		p.section(t)
		if more > 0 {
			p.line(sgrFaint, "… and "+strconv.Itoa(more)+" more")
		}
	}
	p.footnotes(notes)
	p.blank()
	if n := len(reportWarnings(r)); n > 0 {
		p.line("", amount(n, "warning")+": the page, and --format markdown, have them, with all tables.")
	} else {
		p.line("", "The page, and --format markdown, have all tables.")
	}
	p.line(sgrFaint, doubtLine(r.Result.Run.Replications))
	p.line(sgrFaint, originLine(r.Result))
	_, err := w.Write(p.out.Bytes())
	return err
}

// keyTable is what the clients see, in short.
func keyTable(r *result.Result, notes *footnotes) table {
	t := table{Title: "client", Labels: 1, LabelWidth: nameWidth, Columns: []column{
		{Title: "client", Left: true}, {Title: "offered/s"}, {Title: "ok/s"}, {Title: "errors"}, {Title: "p50"}, {Title: "p99"},
	}}
	for _, name := range sorted(r.Clients) {
		c := &r.Clients[name].Traffic
		t.add(word(name), notes.estimate(c.OfferedRPS, plain), notes.estimate(c.ThroughputRPS, plain), notes.estimate(c.ErrorRatio, ratio),
			notes.estimate(c.LatencyS["p50"], seconds), notes.estimate(c.LatencyS["p99"], seconds))
	}
	return t
}

// ReportMarkdown writes a report for a wiki or a pull request: the answers,
// then the tables that they follow from.
func ReportMarkdown(w io.Writer, r *result.Report) error {
	d := &markdown{}
	notes := &footnotes{}
	d.paragraph("## " + markdownText(titleOf(r.Title)))
	d.paragraph(markdownText(runLine(r.Result)))
	if r.Truncated {
		d.paragraph("**" + truncatedReport + "**")
	}
	var answers []string
	for _, a := range reportAnswers(r) {
		answers = append(answers, a.Text)
	}
	d.list("", answers)
	for _, s := range reportSections(r, notes) {
		d.paragraph("### " + markdownText(s.Title))
		if s.Verdict != "" {
			d.paragraph("**" + markdownText(s.Verdict) + "**")
		}
		d.list("", s.Lines)
		for _, t := range s.Tables {
			if len(t.Rows) > 0 && t.Title != "" && len(s.Tables) > 1 {
				d.paragraph("**" + markdownText(t.Title) + "**")
			}
			d.table(t)
		}
		for _, line := range s.Remarks {
			d.paragraph(markdownText(line))
		}
	}
	d.notes(notes)
	d.paragraph(markdownText(originLine(r.Result)))
	return d.writeTo(w)
}

// truncatedReport is said of a report that was interrupted.
const truncatedReport = "Truncated: the report was interrupted. The figures are of what had been finished."

// A reportSection is a part of a report: what is said of it, and the tables
// that it follows from.
type reportSection struct {
	ID, Title string
	Verdict   string // "" where the title says enough
	Tone      tone
	Lines     []string
	Tables    []table
	Remarks   []string
	Folded    []folded
	pictures  []namedPicture
}

// A folded part is one that a page unfolds when it is asked to, and other forms
// leave out.
type folded struct {
	Title, Text string
	Table       table
}

// A namedPicture is a chart with the name that it has on the page.
type namedPicture struct {
	id      string
	picture *picture
}

// reportSections are the parts, in order. What is missing says why.
func reportSections(r *result.Report, notes *footnotes) []reportSection {
	all := []reportSection{
		todaySection(r, notes), headroomSection(r, notes), failuresSection(r, notes), runwaySection(r),
	}
	if r.Result.Cost != nil {
		all = append(all, costSection(r, notes))
	}
	return append(all, designsSection(r, notes), trustSection(r, notes))
}

// todaySection is the result.
func todaySection(r *result.Report, notes *footnotes) reportSection {
	x := r.Result
	s := reportSection{ID: "today", Title: "Today", Lines: lossLines(x), Remarks: []string{doubtLine(x.Run.Replications)}}
	s.Verdict, s.Tone = verdictLine(x)
	if line := bottleneckLine(x); line != "" {
		s.Lines = append([]string{"Bottleneck: " + line}, s.Lines...)
	}
	s.Tables = titled(
		headed("Objectives", objectivesTable(x, notes)), headed("Clients", clientsTable(x, notes)), headed("Nodes", nodesTable(x, notes)),
		headed("Caches", cachesTable(x, notes)), headed("Queues", queuesTable(x, notes)), headed("Databases", databasesTable(x)),
		headed("Replicas", replicasTable(x, notes)), headed("Memory and garbage", decayTable(x, notes)), headed("Faults of the file", faultsTable(x)),
		headed("Random faults", randomFaultsTable(x, notes)), headed("Write outages", outagesTable(x)), headed("Deploys", deploysTable(x)),
		headed("Where the time went", spentTable(x, notes)),
	)
	if spent := s.Tables[max(len(s.Tables), 1)-1:]; len(spent) > 0 && spent[0].Title == "Where the time went" {
		lines := spentLines(x)
		lines[0] = "Where the time went: " + strings.ToLower(lines[0][:1]) + lines[0][1:]
		s.Remarks = append(s.Remarks, lines...)
	}
	for _, g := range chartGroups {
		for _, c := range g.charts {
			s.pictures = append(s.pictures, namedPicture{c.id, c.draw(x)})
		}
	}
	for i, p := range spentCharts(x) {
		s.pictures = append(s.pictures, namedPicture{"spent-" + strconv.Itoa(i+1), p})
	}
	return s
}

// headed is a table under another title.
func headed(title string, t table) table {
	t.Title = title
	return t
}

// titled are the tables that have rows.
func titled(tables ...table) []table {
	var full []table
	for _, t := range tables {
		if len(t.Rows) > 0 {
			full = append(full, t)
		}
	}
	return full
}

// notThere is a section without its part.
func notThere(r *result.Report, s reportSection, part string) reportSection {
	why := r.WhyMissing(part)
	if why == "" {
		why = "the document does not have it"
	}
	s.Verdict, s.Tone = "Not here: "+visible(why)+".", neutral
	return s
}

func headroomSection(r *result.Report, notes *footnotes) reportSection {
	s := reportSection{ID: "headroom", Title: "Headroom, and what breaks first"}
	x := r.Stress
	if x == nil {
		return notThere(r, s, result.HeadroomPart)
	}
	s.Verdict, s.Tone = stressVerdict(x)
	s.Lines = append(unaskedLines(x), stressFindings(x)...)
	s.Tables = titled(loadsTable(x, notes), surgesTable(x))
	s.Remarks = []string{stressLine(x)}
	for i, p := range stressCharts(x) {
		s.pictures = append(s.pictures, namedPicture{"load-" + strconv.Itoa(i+1), p})
	}
	return s
}

// unaskedLines say what the load that is held leaves out.
func unaskedLines(x *result.Stress) []string {
	var lines []string
	for _, c := range x.Criteria {
		if !c.Asked {
			lines = append(lines, "Not asked for: "+visible(c.Text)+" ("+visible(c.Why)+").")
		}
	}
	return lines
}

// mostDrilled is how many failures a report draws.
const mostDrilled = 2

func failuresSection(r *result.Report, notes *footnotes) reportSection {
	s := reportSection{ID: "failures", Title: "When any one thing dies"}
	x := r.Drill
	if x == nil {
		return notThere(r, s, result.FailuresPart)
	}
	s.Verdict, s.Tone = drillVerdictLine(x)
	hurt, spared := partDrills(x)
	if spared != "" {
		s.Lines = append(s.Lines, spared)
	}
	for _, line := range skippedLines(x) {
		s.Lines = append(s.Lines, "Not tried: "+line)
	}
	s.Tables = titled(drillsTable(hurt, notes), drillObjectivesTable(hurt, notes))
	s.Remarks = []string{drillLine(x)}
	for i := range hurt.Drills[:min(len(hurt.Drills), mostDrilled)] {
		for k, p := range drillCharts(x, &hurt.Drills[i]) {
			s.pictures = append(s.pictures, namedPicture{"drill-" + strconv.Itoa(i+1) + "-" + strconv.Itoa(k+1), p})
		}
	}
	return s
}

func runwaySection(r *result.Report) reportSection {
	s := reportSection{ID: "runway", Title: "Runway"}
	if len(r.Runway) == 0 {
		return notThere(r, s, result.RunwayPart)
	}
	s.Verdict, s.Tone = growthLine(&r.Runway[0]), neutral
	if !askedGrowth(r) {
		s.Verdict = "How long the headroom lasts, should the traffic grow evenly."
		s.Lines = []string{arithmeticLine}
	}
	s.Tables = titled(runwayTable(r))
	return s
}

// arithmeticLine is said of rates that nobody stated.
const arithmeticLine = "No growth was stated: these rates are examples, and the rest is arithmetic. --growth 5%/month states one, --from 2026-12-01 makes dates of it."

// askedGrowth reports whether the first growth is one that was asked about.
func askedGrowth(r *result.Report) bool { return r.Stress != nil && r.Stress.Growth != nil }

// runwayTable is how long the headroom lasts at several rates.
func runwayTable(r *result.Report) table {
	t := table{Title: "How long the headroom lasts", Labels: 1, LabelWidth: nameWidth, Headed: true, Columns: []column{
		{Title: "growth", Left: true},
		{Title: "breaks in", Help: "counted from today's load"},
		{Title: "at the earliest", Help: "from the ends of the interval of the load that is held"},
		{Title: "at the latest"},
		{Title: "on", Left: true}, {Title: "not before", Left: true}, {Title: "by", Left: true},
	}}
	for i := range r.Runway {
		g := &r.Runway[i]
		label := short(g.RatePer, ratio) + " a " + g.Period
		if i == 0 && askedGrowth(r) {
			label += " (stated)"
		}
		in := func(n *float64) cell {
			if n == nil {
				return cell{figure: figure{Num: noNumber}}
			}
			c := value(*n, plain)
			c.Unit += " " + visible(g.Period) + "s"
			return c
		}
		t.add(word(label), in(g.Periods), in(g.Earliest), in(g.Latest), word(g.Date), word(g.EarliestDate), word(g.LatestDate))
	}
	return t.trimmed()
}

func costSection(r *result.Report, notes *footnotes) reportSection {
	s := reportSection{ID: "cost", Title: "Cost", Remarks: costLines(r.Result)}
	s.Tables = titled(costTable(r.Result, notes))
	s.pictures = []namedPicture{{"cost", costChart(r.Result)}}
	return s
}

func designsSection(r *result.Report, notes *footnotes) reportSection {
	s := reportSection{ID: "designs", Title: "The designs compared"}
	c := r.Comparison
	if c == nil {
		return notThere(r, s, result.DesignsPart)
	}
	s.Verdict, s.Tone = decisionLine(c)
	s.Lines = statementLines(c)
	s.Tables = []table{headed("Objectives by design", verdictsTable(c, notes)), designsTable(c, notes)}
	s.Tables = append(s.Tables, heldTable(c, notes), turnsTable(c), faultsCompared(c, notes), lossesTable(c, notes))
	s.Tables = titled(append(s.Tables, differencesTables(c, notes)...)...)
	s.Remarks = append([]string{differenceLine(c)}, curvesLine(c)...)
	for _, chart := range comparisonCharts {
		for i, p := range chart.draw(c) {
			s.pictures = append(s.pictures, namedPicture{"designs-" + chart.id + "-" + strconv.Itoa(i+1), p})
		}
	}
	return s
}

// trustSection is what the figures rest on.
func trustSection(r *result.Report, notes *footnotes) reportSection {
	x := r.Result
	s := reportSection{ID: "trust", Title: "How far to trust this", Lines: reportWarnings(r)}
	s.Verdict, s.Tone = "No warnings.", good
	if n := len(s.Lines); n > 0 {
		s.Verdict, s.Tone = amount(n, "warning")+".", unsure
	}
	s.Lines = append(s.Lines, trustLines(x)...)
	s.Tables = titled(theoryTable(x, notes), headed("What was simulated", partsTable(x)))
	s.Remarks = assumptions
	if t := defaultsTable(x); len(t.Rows) > 0 {
		s.Folded = append(s.Folded, folded{Title: "Defaults used: " + strconv.Itoa(len(t.Rows)) + " keys that the file left to the simulator", Table: t})
	}
	if text := sourceLines(x); text != "" {
		s.Folded = append(s.Folded, folded{Title: "The topology file, as it was simulated", Text: text})
	}
	return s
}

// reportWarnings are those of all parts, each once.
func reportWarnings(r *result.Report) []string {
	lines := warningLines(r.Result)
	add := func(more []string) {
		for _, line := range more {
			// Those of a comparison begin with the designs that they are of.
			if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasSuffix(line, l) }) {
				lines = append(lines, line)
			}
		}
	}
	if r.Stress != nil {
		add(warningLines(&result.Result{Warnings: r.Stress.Warnings}))
	}
	if r.Drill != nil && r.Drill.Baseline != nil {
		add(warningLines(r.Drill.Baseline))
	}
	if r.Comparison != nil {
		add(comparisonWarnings(r.Comparison))
	}
	return lines
}
