package reports

import (
	_ "embed" // for the page
	"io"
	"strconv"

	"github.com/capsim/capsim/internal/result"
)

//go:embed page/plan.tmpl
var planPage string

// PlanJSON writes p as [JSON] writes a Result.
func PlanJSON(w io.Writer, p *result.Plan) error { return writeJSON(w, p) }

// PlanText writes a plan for a terminal.
func PlanText(w io.Writer, p *result.Plan, o TextOptions) error {
	out := newPrinter(o)
	notes := &footnotes{}
	out.line(sgrBold, titleOf(p.Title))
	out.line("", planRunLine(p))
	if p.Truncated {
		out.line(sgrRed, planTruncated(p))
	}
	out.blank()
	verdict, tone := planVerdict(p)
	out.line(toneSGR[tone], verdict)
	for _, line := range planFindings(p) {
		out.line("", line)
	}
	for _, t := range planTables(p, notes, true) {
		out.section(t)
	}
	out.list("Neighbours of the winner", planReasons(p))
	out.list("Warnings", planWarnings(p))
	out.footnotes(notes)
	out.blank()
	for _, line := range planLines(p) {
		out.line(sgrFaint, line)
	}
	out.line(sgrFaint, "capsim "+visible(p.Version))
	_, err := w.Write(out.out.Bytes())
	return err
}

// PlanMarkdown writes the same for a wiki or a pull request.
func PlanMarkdown(w io.Writer, p *result.Plan) error {
	d := &markdown{}
	notes := &footnotes{}
	d.paragraph("## " + markdownText(titleOf(p.Title)))
	d.paragraph(markdownText(planRunLine(p)))
	if p.Truncated {
		d.paragraph("**" + markdownText(planTruncated(p)) + "**")
	}
	verdict, _ := planVerdict(p)
	d.paragraph("**" + markdownText(verdict) + "**")
	d.list("", planFindings(p))
	for _, t := range planTables(p, notes, false) {
		if len(t.Rows) > 0 {
			d.paragraph("### " + markdownText(t.Title))
			d.table(t)
		}
	}
	d.list("Warnings", planWarnings(p))
	d.notes(notes)
	for _, line := range planLines(p) {
		d.paragraph(markdownText(line))
	}
	d.paragraph(markdownText("capsim " + visible(p.Version)))
	return d.writeTo(w)
}

// PlanCSV writes the designs that were simulated, one a row: what each is, what
// it costs, and every figure with the half width of its 95 % interval. A case
// that a design did not come to has empty cells.
func PlanCSV(w io.Writer, p *result.Plan) error {
	head := []string{"point"}
	for i := range p.Dimensions {
		head = append(head, cellText(p.Dimensions[i].Path))
	}
	head = append(head, "verdict", "role", "front", "monthly", "monthly half_width", "p99_s", "p99_s half_width", "availability", "availability half_width")
	cases := append([]string{""}, p.Survive...)
	for _, what := range cases {
		for _, text := range p.Objectives {
			name := cellText("objective " + duringFault(text, what))
			head = append(head, name, name+" half_width", name+" verdict")
		}
	}
	rows := [][]string{append(head, "replications", "reason")}
	for i := range p.Simulated {
		rows = append(rows, planRow(p, &p.Simulated[i], cases))
	}
	return writeCSV(w, rows)
}

func planRow(p *result.Plan, d *result.PlanDesign, cases []string) []string {
	row := []string{strconv.Itoa(d.Point)}
	for _, v := range d.Values {
		row = append(row, cellText(v))
	}
	row = append(row, cellText(d.Verdict), cellText(d.Role), strconv.FormatBool(onFront(p, d)))
	for _, e := range []result.Estimate{d.Monthly, d.P99S, d.Availability} {
		row = append(row, exact(e.Mean), exact(e.HalfWidth))
	}
	for _, what := range cases {
		c := caseOf(d, what)
		for k := range p.Objectives {
			if c == nil || k >= len(c.Objectives) {
				row = append(row, "", "", "")
				continue
			}
			o := &c.Objectives[k]
			row = append(row, exact(o.Actual.Mean), exact(o.Actual.HalfWidth), cellText(o.Verdict))
		}
	}
	return append(row, strconv.Itoa(d.Replications), cellText(d.Reason))
}

// caseOf is what happened to a design during a fault, nil if it did not come
// to that.
func caseOf(d *result.PlanDesign, what string) *result.PlanCase {
	for i := range d.Cases {
		if d.Cases[i].What == what {
			return &d.Cases[i]
		}
	}
	return nil
}

// A planView is what the page of a plan is filled with.
type planView struct {
	frame
	Run, Truncated, Verdict string

	Tone     tone
	Findings []string
	Tables   []table
	Lines    []string
	Warnings []string
	Facts    []fact
}

// PlanHTML writes p as one page that stands by itself, as [HTML] does.
func PlanHTML(w io.Writer, p *result.Plan) error {
	notes := &footnotes{}
	verdict, tone := planVerdict(p)
	page := planView{
		frame: newFrame(p.Title), Run: planRunLine(p), Verdict: verdict, Tone: tone, Findings: planFindings(p),
		Lines: planLines(p), Warnings: planWarnings(p),
		Facts: []fact{
			{Name: "capsim", Value: visible(p.Version)},
			{Name: "document", Value: visible(p.Schema)},
			{Name: "seed", Value: strconv.FormatUint(p.Seed, 10)},
			{Name: "designs", Value: strconv.Itoa(p.Counts.Designs)},
			{Name: "simulated", Value: strconv.Itoa(p.Counts.Simulated) + " of at most " + strconv.Itoa(p.Procedure.MostDesigns)},
			{Name: "replications", Value: strconv.Itoa(p.Procedure.Replications) + " in all"},
		},
	}
	if p.Truncated {
		page.Truncated = planTruncated(p)
	}
	for _, t := range planTables(p, notes, false) {
		if len(t.Rows) > 0 {
			page.Tables = append(page.Tables, t)
		}
	}
	for i, chart := range planCharts(p) {
		if err := page.chart("plan-"+strconv.Itoa(i+1), chart); err != nil {
			return err
		}
	}
	page.Notes = notes.texts
	return writePage(w, planPage, page)
}
