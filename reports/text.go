package reports

import (
	"bytes"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// TextOptions says what the terminal can show.
type TextOptions struct {
	Width int  // columns; 0 is 100. A wider table goes on below itself.
	Color bool // whether to emit ANSI colours
}

const (
	usualWidth     = 100
	narrowestWidth = 40
	shortestLabel  = 12
	columnGap      = 2
)

// Text writes the summary of r for a terminal: what was run, whether the
// objectives hold, the clients, the nodes, the bottleneck, the warnings.
func Text(w io.Writer, r *result.Result, o TextOptions) error {
	p := newPrinter(o)
	notes := &footnotes{}
	p.line(sgrBold, titleOf(r.Title))
	p.line("", runLine(r))
	if r.Truncated {
		p.line(sgrRed, truncatedLine)
	}
	p.blank()
	verdict, tone := verdictLine(r)
	p.line(toneSGR[tone], verdict)
	if len(r.Objectives) > 0 {
		p.table(objectivesTable(r, notes))
	}
	if line, tone := baselineLine(r); line != "" {
		p.blank()
		p.line(toneSGR[tone], line)
		p.section(changesTable(r, true, notes))
		p.line(sgrFaint, baselineOrigin(r, true))
		p.list("About the baseline", baselineNotes(r))
	}
	p.section(clientsTable(r, notes))
	for _, line := range lossLines(r) {
		p.line("", line)
	}
	p.section(sparkTable(r, p.width))
	p.section(nodesTable(r, notes))
	p.section(cachesTable(r, notes))
	p.section(queuesTable(r, notes))
	p.section(databasesTable(r))
	p.section(replicasTable(r, notes))
	p.section(decayTable(r, notes))
	p.section(faultsTable(r))
	p.section(randomFaultsTable(r, notes))
	p.section(outagesTable(r))
	p.section(deploysTable(r))
	p.section(costTable(r, notes))
	for _, line := range costLines(r) {
		p.line(sgrFaint, line)
	}
	if line := bottleneckLine(r); line != "" {
		p.blank()
		p.line(sgrBold, "Bottleneck: "+line)
	}
	p.list("Warnings", warningLines(r))
	p.footnotes(notes)
	p.blank()
	p.line(sgrFaint, doubtLine(r.Run.Replications))
	p.line(sgrFaint, originLine(r))
	_, err := w.Write(p.out.Bytes())
	return err
}

// ComparisonText writes the designs of c side by side, then what differs.
func ComparisonText(w io.Writer, c *result.Comparison, o TextOptions) error {
	p := newPrinter(o)
	notes := &footnotes{}
	p.line(sgrBold, titleOf(c.Title))
	for _, line := range designLines(c) {
		p.line("", line)
	}
	if line, tone := decisionLine(c); line != "" {
		p.blank()
		p.line(toneSGR[tone], line)
		p.list("Verdict", statementLines(c))
	}
	if t := verdictsTable(c, notes); len(t.Rows) > 0 {
		p.section(t)
		p.line(sgrFaint, verdictsLine)
	}
	p.section(designsTable(c, notes))
	for _, t := range differencesTables(c, notes) {
		p.section(t)
		p.line(sgrFaint, differenceLine(c))
	}
	for _, t := range compareTables(c, notes) {
		p.section(t)
	}
	for _, line := range curvesLine(c) {
		p.line(sgrFaint, line)
	}
	p.list("Warnings", comparisonWarnings(c))
	p.footnotes(notes)
	p.blank()
	p.line(sgrFaint, doubtLine(fewestReplications(c)))
	for _, line := range comparisonOrigins(c) {
		p.line(sgrFaint, line)
	}
	_, err := w.Write(p.out.Bytes())
	return err
}

// The ANSI colours in use ("Select Graphic Rendition").
const (
	sgrBold   = "1"
	sgrFaint  = "2"
	sgrRed    = "31"
	sgrGreen  = "32"
	sgrYellow = "33"
)

var toneSGR = map[tone]string{good: sgrGreen, bad: sgrRed, unsure: sgrYellow}

// A printer lays text out for a terminal.
type printer struct {
	out   bytes.Buffer
	width int
	color bool
}

func newPrinter(o TextOptions) *printer {
	width := o.Width
	if width == 0 {
		width = usualWidth
	}
	return &printer{width: max(width, narrowestWidth), color: o.Color}
}

func (p *printer) blank() {
	p.out.WriteByte('\n')
}

// paint puts s between the codes of a colour, where colours are wanted.
func (p *printer) paint(sgr, s string) string {
	if !p.color || sgr == "" || s == "" {
		return s
	}
	return "\x1b[" + sgr + "m" + s + "\x1b[0m"
}

// line prints s, broken at spaces.
func (p *printer) line(sgr, s string) {
	for _, l := range wrap(s, p.width) {
		p.out.WriteString(p.paint(sgr, l) + "\n")
	}
}

// list prints a heading and its items, each with a hanging indent.
func (p *printer) list(title string, items []string) {
	if len(items) == 0 {
		return
	}
	p.blank()
	p.line(sgrBold, title)
	for _, item := range items {
		for i, l := range wrap(item, p.width-4) {
			indent := "  "
			if i > 0 {
				indent = "    "
			}
			p.out.WriteString(indent + l + "\n")
		}
	}
}

func (p *printer) footnotes(n *footnotes) {
	var items []string
	for i, text := range n.texts {
		items = append(items, noteMark(i+1)+" "+text)
	}
	p.list("Notes", items)
}

func noteMark(n int) string {
	return "[" + strconv.Itoa(n) + "]"
}

// section prints a table after a blank line, if it has any rows.
func (p *printer) section(t table) {
	if len(t.Rows) > 0 {
		p.blank()
		p.table(t)
	}
}

// widths are the columns that each column of t takes, and all labels together
// with the title above them.
func (t table) widths() (each []int, labels int) {
	each = make([]int, len(t.Columns))
	for i, c := range t.Columns {
		if i >= t.Labels || t.Headed {
			each[i] = displayWidth(clip(c.Title, nameWidth))
		}
		for _, row := range t.Rows {
			upper, lower := t.textCell(row, i)
			each[i] = max(each[i], displayWidth(upper), displayWidth(lower))
		}
	}
	labels = columnGap * (t.Labels - 1)
	for _, w := range each[:t.Labels] {
		labels += w
	}
	if t.Headed {
		return each, labels
	}
	title := max(displayWidth(t.Title)-labels, 0)
	each[t.Labels-1] += title
	return each, labels + title
}

// fitted is t without the spare columns for which there is no room.
func (p *printer) fitted(t table) table {
	for {
		widths, total := t.widths()
		for _, w := range widths[t.Labels:] {
			total += columnGap + w
		}
		at := 0
		for i := range t.Columns {
			if t.Columns[i].Spare > t.Columns[at].Spare {
				at = i
			}
		}
		if total <= p.width || t.Columns[at].Spare == 0 {
			return t
		}
		rows := make([][]cell, len(t.Rows))
		for i, row := range t.Rows {
			rows[i] = slices.Delete(slices.Clone(row), at, at+1)
		}
		t.Columns, t.Rows = slices.Delete(slices.Clone(t.Columns), at, at+1), rows
	}
}

// table prints t. Where it is too wide, its last columns follow below, with
// the labels again; labels are cut where no column would fit beside them.
func (p *printer) table(t table) {
	t = p.fitted(t)
	widths, labels := t.widths()
	if excess := labels + columnGap + slices.Max(widths[t.Labels:]) - p.width; excess > 0 {
		t.LabelWidth = max(t.LabelWidth-excess, shortestLabel)
		widths, labels = t.widths()
	}
	for first := t.Labels; first < len(t.Columns); {
		before := []int(nil)
		shown := p.fill(t, widths, labels, before, first)
		if t.furtherRows(shown) {
			before = t.again(first)
			shown = p.fill(t, widths, labels, before, first)
		}
		if first > t.Labels {
			p.blank()
		}
		p.block(t, widths, labels, shown, len(before))
		first = shown[len(shown)-1] + 1
	}
}

// fill lists the columns that are shown together: those before, and as many
// from first on as there is room for.
func (p *printer) fill(t table, widths []int, labels int, before []int, first int) []int {
	shown, total := slices.Clone(before), labels
	for _, i := range shown {
		total += columnGap + widths[i]
	}
	for i := first; i < len(t.Columns) && (i == first || total+columnGap+widths[i] <= p.width); i++ {
		total += columnGap + widths[i]
		shown = append(shown, i)
	}
	return shown
}

// furtherRows reports whether any row without a name of its own says something
// in these columns.
func (t table) furtherRows(columns []int) bool {
	return slices.ContainsFunc(t.Rows, func(row []cell) bool {
		says := func(i int) bool { upper, _ := t.textCell(row, i); return strings.TrimSpace(upper) != "" }
		return row[0].Num == "" && slices.ContainsFunc(columns, says)
	})
}

// again lists the columns before one that are shown again beside it, because
// they tell rows apart that have no name of their own.
func (t table) again(first int) []int {
	var again []int
	for i := t.Labels; i < first; i++ {
		if t.Columns[i].Again {
			again = append(again, i)
		}
	}
	return again
}

// block prints the labels of t, so many columns wide together, and the columns
// shown, of which the first so many were there before.
func (p *printer) block(t table, widths []int, labels int, shown []int, before int) {
	heading := []string{pad(t.Title, labels, true)}
	if t.Headed {
		heading = nil
		for i := range t.Labels {
			heading = append(heading, pad(clip(t.Columns[i].Title, nameWidth), widths[i], true))
		}
	}
	for _, i := range shown {
		heading = append(heading, pad(clip(t.Columns[i].Title, nameWidth), widths[i], t.Columns[i].Left))
	}
	p.row(sgrBold, heading)
	for _, row := range t.Rows {
		var upper, lower []string
		says, doubted := false, false
		cell := func(i int, counts bool) {
			u, l := t.textCell(row, i)
			says = says || counts && strings.TrimSpace(u) != ""
			doubted = doubted || l != ""
			upper = append(upper, p.paint(toneSGR[row[i].Tone], pad(u, widths[i], t.Columns[i].Left)))
			lower = append(lower, pad(l, widths[i], t.Columns[i].Left))
		}
		for i := range t.Labels {
			cell(i, true)
		}
		for k, i := range shown {
			cell(i, k >= before)
		}
		if !says {
			continue // a further row of a node, with nothing in these columns
		}
		p.row("", upper)
		if doubted {
			p.row(sgrFaint, lower)
		}
	}
}

// row prints one line of cells.
func (p *printer) row(sgr string, cells []string) {
	line := strings.Join(cells, strings.Repeat(" ", columnGap))
	p.out.WriteString(p.paint(sgr, strings.TrimRight(line, " ")) + "\n")
}

// textCell is cell i of a row as two lines: the figure, and its half width
// below it in the same unit, so that their digits stand in one column.
func (t table) textCell(row []cell, i int) (upper, lower string) {
	c := row[i]
	upper = strings.Repeat("  ", c.Depth) + c.Num + c.Unit + c.Mark
	if i < t.Labels {
		return clipName(upper, t.LabelWidth), ""
	}
	if c.Doubt != "" {
		lower = "±" + c.Doubt + c.Unit + strings.Repeat(" ", displayWidth(c.Mark))
	}
	switch {
	case c.Note == 0:
	case t.Columns[i].Left:
		upper = strings.TrimSpace(upper + " " + noteMark(c.Note))
	default:
		upper = strings.TrimSpace(noteMark(c.Note) + " " + upper)
	}
	return upper, lower
}

// pad fills s with spaces.
func pad(s string, width int, left bool) string {
	gap := strings.Repeat(" ", max(width-displayWidth(s), 0))
	if left {
		return s + gap
	}
	return gap + s
}
