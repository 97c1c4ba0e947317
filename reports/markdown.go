package reports

import (
	"bytes"
	"io"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// Markdown writes the summary of r for a wiki or a pull request, in the
// dialect of GitHub.
func Markdown(w io.Writer, r *result.Result) error {
	d := &markdown{}
	notes := &footnotes{}
	d.paragraph("## " + markdownText(titleOf(r.Title)))
	d.paragraph(markdownText(runLine(r)))
	if r.Truncated {
		d.paragraph("**" + truncatedLine + "**")
	}
	verdict, _ := verdictLine(r)
	d.paragraph("**" + verdict + "**")
	d.table(objectivesTable(r, notes))
	d.table(clientsTable(r, notes))
	d.list("", lossLines(r))
	d.table(nodesTable(r, notes))
	d.table(cachesTable(r, notes))
	d.table(queuesTable(r, notes))
	d.table(databasesTable(r))
	d.table(replicasTable(r, notes))
	d.table(decayTable(r, notes))
	d.table(faultsTable(r))
	d.table(randomFaultsTable(r, notes))
	d.table(outagesTable(r))
	d.table(deploysTable(r))
	d.table(costTable(r, notes))
	d.list("", costLines(r))
	if line := bottleneckLine(r); line != "" {
		d.paragraph("**Bottleneck:** " + markdownText(line))
	}
	d.list("Warnings", warningLines(r))
	d.notes(notes)
	d.paragraph(markdownText(doubtLine(r.Run.Replications)))
	d.paragraph(markdownText(originLine(r)))
	return d.writeTo(w)
}

// ComparisonMarkdown writes the designs of c side by side, then what differs.
func ComparisonMarkdown(w io.Writer, c *result.Comparison) error {
	d := &markdown{}
	notes := &footnotes{}
	d.paragraph("## " + markdownText(titleOf(c.Title)))
	d.list("", designLines(c))
	if t := verdictsTable(c, notes); len(t.Rows) > 0 {
		d.table(t)
		d.paragraph(markdownText(verdictsLine))
	}
	d.table(designsTable(c, notes))
	for _, t := range differencesTables(c, notes) {
		d.paragraph("### " + markdownText(t.Title))
		d.table(t)
		d.paragraph(markdownText(differenceLine(c)))
	}
	d.list("Warnings", comparisonWarnings(c))
	d.notes(notes)
	d.paragraph(markdownText(doubtLine(fewestReplications(c))))
	d.list("", comparisonOrigins(c))
	return d.writeTo(w)
}

// A markdown is a document being written.
type markdown struct {
	out bytes.Buffer
}

// writeTo writes the document without the blank line at its end.
func (d *markdown) writeTo(w io.Writer) error {
	_, err := w.Write(append(bytes.TrimRight(d.out.Bytes(), "\n"), '\n'))
	return err
}

// paragraph writes s, which is Markdown already.
func (d *markdown) paragraph(s string) {
	d.out.WriteString(s + "\n\n")
}

func (d *markdown) list(title string, items []string) {
	if len(items) == 0 {
		return
	}
	if title != "" {
		d.paragraph("**" + title + "**")
	}
	for _, item := range items {
		d.out.WriteString("- " + markdownText(item) + "\n")
	}
	d.out.WriteByte('\n')
}

func (d *markdown) notes(n *footnotes) {
	var items []string
	for i, text := range n.texts {
		items = append(items, noteMark(i+1)+" "+text)
	}
	d.list("Notes", items)
}

func (d *markdown) table(t table) {
	if len(t.Rows) == 0 {
		return
	}
	var titles, rules []string
	for _, c := range t.Columns {
		titles = append(titles, markdownText(c.Title))
		if c.Left {
			rules = append(rules, ":---")
		} else {
			rules = append(rules, "---:")
		}
	}
	d.row(titles)
	d.row(rules)
	for _, row := range t.Rows {
		var cells []string
		for _, c := range row {
			cells = append(cells, markdownCell(c))
		}
		d.row(cells)
	}
	d.out.WriteByte('\n')
}

func (d *markdown) row(cells []string) {
	d.out.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

// markdownCell is a cell on one line; an operation is marked as its client's.
func markdownCell(c cell) string {
	s := strings.Repeat("↳ ", c.Depth) + markdownText(strings.TrimSpace(c.String()+" "+c.Mark))
	if c.Note > 0 {
		s = strings.TrimSpace(s + " " + markdownText(noteMark(c.Note)))
	}
	return s
}
