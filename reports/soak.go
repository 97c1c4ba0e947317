package reports

import (
	"io"
	"math"
	"strconv"

	"github.com/capsim/capsim/internal/result"
)

// SoakText writes s for a terminal: what drifts, what gives, and the summary
// of the run.
func SoakText(w io.Writer, s *result.Soak, o TextOptions) error {
	p, r := newPrinter(o), s.Result
	notes := &footnotes{}
	p.line(sgrBold, titleOf(s.Title))
	p.line("", runLine(r))
	if s.Truncated {
		p.line(sgrRed, truncatedLine)
	}
	p.blank()
	line, tone := driftLine(s)
	p.line(toneSGR[tone], line)
	if line, tone := givesLine(s); line != "" {
		p.line(toneSGR[tone], line)
	}
	for _, note := range s.Notes {
		p.line("", "Note: "+visible(note)+".")
	}
	p.section(trendsTable(s, notes))
	if len(r.Objectives) > 0 {
		verdict, tone := verdictLine(r)
		p.blank()
		p.line(toneSGR[tone], verdict)
		p.table(objectivesTable(r, notes))
	}
	p.section(clientsTable(r, notes))
	p.section(nodesTable(r, notes))
	p.section(decayTable(r, notes))
	p.section(faultsTable(r))
	p.list("Warnings", warningLines(r))
	p.footnotes(notes)
	p.blank()
	p.line(sgrFaint, soakDoubtLine)
	p.line(sgrFaint, originLine(r))
	_, err := w.Write(p.out.Bytes())
	return err
}

// SoakMarkdown writes the same in Markdown.
func SoakMarkdown(w io.Writer, s *result.Soak) error {
	d, r := &markdown{}, s.Result
	notes := &footnotes{}
	d.out.WriteString("# " + markdownText(titleOf(s.Title)) + "\n\n")
	d.paragraph(markdownText(runLine(r)))
	if s.Truncated {
		d.paragraph("**" + truncatedLine + "**")
	}
	line, _ := driftLine(s)
	d.paragraph("**" + markdownText(line) + "**")
	if line, _ := givesLine(s); line != "" {
		d.paragraph("**" + markdownText(line) + "**")
	}
	d.list("", noteLines(s))
	d.table(trendsTable(s, notes))
	if len(r.Objectives) > 0 {
		verdict, _ := verdictLine(r)
		d.paragraph("**" + verdict + "**")
		d.table(objectivesTable(r, notes))
	}
	d.table(clientsTable(r, notes))
	d.table(nodesTable(r, notes))
	d.table(decayTable(r, notes))
	d.table(faultsTable(r))
	d.list("Warnings", warningLines(r))
	d.notes(notes)
	d.paragraph(markdownText(soakDoubtLine))
	d.paragraph(markdownText(originLine(r)))
	return d.writeTo(w)
}

// SoakJSON writes s as [JSON] writes a Result.
func SoakJSON(w io.Writer, s *result.Soak) error { return writeJSON(w, s) }

// SoakCSV writes the trends of s, one a row. What could not be told leaves
// its cell empty.
func SoakCSV(w io.Writer, s *result.Soak) error {
	rows := [][]string{{
		"subject", "metric", "windows", "until_s", "from", "to", "per_hour", "per_hour_low", "per_hour_high", "p_value", "drifts",
		"leads_to", "at_s", "earliest_s", "latest_s", "seen",
	}}
	for i := range s.Trends {
		t := &s.Trends[i]
		row := []string{
			cellText(t.Subject), cellText(t.Metric), strconv.Itoa(t.Windows), exact(&t.UntilS), exact(t.From), exact(t.To),
			exact(t.PerHour), exact(t.LowHour), exact(t.HighHour), exact(t.PValue), strconv.FormatBool(t.Drifts), "", "", "", "", "",
		}
		if g := t.NextLimit; g != nil {
			copy(row[11:], []string{cellText(g.What), exact(&g.AtS), exact(g.EarliestS), exact(g.LatestS), strconv.FormatBool(g.Seen)})
		}
		rows = append(rows, row)
	}
	return writeCSV(w, rows)
}

// SoakHTML writes s as one page that stands by itself: that of the run, with
// what drifts in front.
func SoakHTML(w io.Writer, s *result.Soak) error {
	notes := &footnotes{}
	page, err := resultPageOf(s.Result, notes)
	if err != nil {
		return err
	}
	if err := page.drawDrifts(s); err != nil {
		return err
	}
	page.Trends = trendsTable(s, notes)
	line, tone := driftLine(s)
	page.Answers = append(page.Answers, answer{line, tone})
	if line, tone := givesLine(s); line != "" {
		page.Answers = append(page.Answers, answer{line, tone})
	}
	page.TrendNotes = append(noteLines(s), soakDoubtLine)
	page.Notes = notes.texts
	return writePage(w, resultPage, page)
}

// soakDoubtLine says what the figures of the trends are.
const soakDoubtLine = "Drifts: the test of Mann and Kendall, corrected for autocorrelation, with at most 5 % false alarms over all figures together (Holm). Per hour: Sen's slope, ± half of its 95 % interval."

// noteLines are what the reader of the trends should know.
func noteLines(s *result.Soak) []string {
	var lines []string
	for _, note := range s.Notes {
		lines = append(lines, visible(note)+".")
	}
	return lines
}

// driftLine says how much drifts, of what the table has.
func driftLine(s *result.Soak) (string, tone) {
	tested, drifts, idlers := 0, 0, 0
	for i := range s.Trends {
		if s.Trends[i].PValue != nil {
			tested++
			if idle(&s.Trends[i]) {
				idlers++
			}
		}
		if s.Trends[i].Drifts {
			drifts++
		}
	}
	switch {
	case tested == 0:
		return "Nothing could be tested for a trend: the run has too few windows.", unsure
	case tested == idlers:
		return "Nothing drifts: " + amount(tested, "figure") + " at 0 all the time.", good
	}
	tested -= idlers
	switch {
	case drifts == 0:
		return "Nothing drifts, of " + amount(tested, "figure") + ".", good
	case drifts == 1:
		return "1 of " + amount(tested, "figure") + " drifts.", bad
	}
	return strconv.Itoa(drifts) + " of " + amount(tested, "figure") + " drift.", bad
}

// givesLine says what gives first, "" where nothing is about to.
func givesLine(s *result.Soak) (string, tone) {
	g := s.Gives
	if g == nil {
		return "", neutral
	}
	if g.Seen {
		return visible(g.Subject) + " gave in: " + visible(g.What) + " after " + roughly(g.AtS) + ".", bad
	}
	line := "First to give: " + visible(g.Subject) + ", " + visible(g.What) + " after " + roughly(g.AtS)
	switch {
	case g.EarliestS != nil && g.LatestS != nil && roughly(*g.EarliestS) == roughly(*g.LatestS):
		// as exact as it is told
	case g.EarliestS != nil && g.LatestS != nil:
		line += " (" + roughly(*g.EarliestS) + " to " + roughly(*g.LatestS) + ")"
	case g.EarliestS != nil:
		line += " (" + roughly(*g.EarliestS) + " at the earliest)"
	}
	return line + ", if it goes on like this.", unsure
}

// roughly is a length of time in the digits that an extrapolation has.
func roughly(s float64) string {
	switch {
	case s < 3600:
		return short(s, seconds)
	case s < 10*86_400:
		return span(math.Round(s/60) * 60)
	}
	return short(s, seconds)
}

// trendsTable has what was tested for a trend: what drifts first, then the
// rest; not what was nothing all the time.
func trendsTable(s *result.Soak, notes *footnotes) table {
	t := table{
		Title:  "Trends",
		Labels: 2, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "", Left: true},
			{Title: "figure", Left: true},
			{Title: "trend", Left: true, Help: "whether it goes one way, by more than chance would have it"},
			{Title: "from", Help: "the line of the trend at the beginning"},
			{Title: "to", Help: "the same at the end, or at the first kill for memory"},
			{Title: "per hour", Help: "Sen's slope, the median of the slopes between all windows"},
			{Title: "leads to", Left: true, Help: "what gives first if it goes on like this"},
			{Title: "after", Help: "since the start of the measured window"},
		},
	}
	for _, drifting := range []bool{true, false} {
		for i := range s.Trends {
			if one := &s.Trends[i]; one.Drifts == drifting && !idle(one) {
				t.add(trendRow(one, notes)...)
			}
		}
	}
	return t.trimmed()
}

// idle reports whether a figure was 0 from the beginning to the end.
func idle(t *result.Trend) bool {
	return t.PerHour != nil && *t.PerHour == 0 && *t.From == 0 && !t.Drifts && t.NextLimit == nil
}

func trendRow(t *result.Trend, notes *footnotes) []cell {
	u := metricUnit(t.Metric)
	cells := []cell{word(t.Subject), word(metricLabel(t.Metric)), {}, {}, {}, {}, {}, {}}
	cells[2].Note = notes.number(t.Note)
	if t.PValue != nil {
		cells[2] = word("steady")
		if t.Drifts && *t.PerHour < 0 {
			cells[2] = word("falls")
		} else if t.Drifts {
			cells[2] = word("grows")
		}
		half := (*t.HighHour - *t.LowHour) / 2
		cells[3], cells[4] = value(*t.From, u), value(*t.To, u)
		cells[5] = cell{figure: newFigure(*t.PerHour, &half, u, significant)}
	}
	if t.Drifts {
		cells[2].Tone = unsure
	}
	if g := t.NextLimit; g != nil {
		cells[6], cells[7] = word(g.What), word(roughly(g.AtS))
		if g.Seen {
			cells[6].Tone = bad
		}
	}
	return cells
}
