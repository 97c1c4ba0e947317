package reports

import (
	_ "embed" // for the page
	"io"
	"strconv"

	"github.com/capsim/capsim/internal/result"
)

//go:embed page/map.tmpl
var mapPage string

// MapJSON writes m as [JSON] writes a Result.
func MapJSON(w io.Writer, m *result.DrillMap) error { return writeJSON(w, m) }

// MapText writes the map for a terminal.
func MapText(w io.Writer, m *result.DrillMap, o TextOptions) error {
	p := newPrinter(o)
	p.line(sgrBold, titleOf(m.Title))
	p.line("", mapRunLine(m))
	if m.Truncated {
		p.line(sgrRed, truncatedLine)
	}
	p.blank()
	verdict, tone := mapVerdict(m)
	p.line(toneSGR[tone], verdict)
	for _, line := range mapFindings(m) {
		p.line("", line)
	}
	p.section(stripsTable(m))
	if len(m.Triggers) > 0 {
		for _, line := range stripsKey(m) {
			p.line(sgrFaint, line)
		}
	}
	p.section(tippingTable(m))
	p.list("Warnings", warningLines(&result.Result{Warnings: m.Warnings}))
	p.blank()
	p.line(sgrFaint, mapLine(m))
	p.line(sgrFaint, "capsim "+visible(m.Version))
	_, err := w.Write(p.out.Bytes())
	return err
}

// MapMarkdown writes the same for a wiki or a pull request.
func MapMarkdown(w io.Writer, m *result.DrillMap) error {
	d := &markdown{}
	d.paragraph("## " + markdownText(titleOf(m.Title)))
	d.paragraph(markdownText(mapRunLine(m)))
	if m.Truncated {
		d.paragraph("**" + truncatedLine + "**")
	}
	verdict, _ := mapVerdict(m)
	d.paragraph("**" + markdownText(verdict) + "**")
	d.list("", mapFindings(m))
	d.table(tippingTable(m))
	d.list("Warnings", warningLines(&result.Result{Warnings: m.Warnings}))
	d.paragraph(markdownText(mapLine(m)))
	d.paragraph(markdownText("capsim " + visible(m.Version)))
	return d.writeTo(w)
}

// MapCSV writes every trigger at every load of the map, one a row. What was
// simulated has a goodput; what follows from it has none.
func MapCSV(w io.Writer, m *result.DrillMap) error {
	rows := [][]string{{"trigger", "size", "for_s", "load", "state", "goodput", "tipping_load", "recovery_load", "attempts_per_request"}}
	for i := range m.Triggers {
		t := &m.Triggers[i]
		for _, load := range m.Loads {
			goodput := ""
			for _, p := range t.Points {
				if p.Load == load {
					goodput = exact(&p.Goodput)
				}
			}
			rows = append(rows, []string{
				cellText(m.Trigger.What), exact(&t.Size), exact(t.ForS), exact(&load), m.StateAt(t, load), goodput,
				exact(t.TippingLoad), exact(t.RecoveryLoad), exact(t.AttemptsPerRequest),
			})
		}
	}
	return writeCSV(w, rows)
}

// A mapView is what the page of a map is filled with.
type mapView struct {
	frame
	Run, Truncated, Verdict, Line string

	Tone     tone
	Findings []string
	Tipping  table
	Warnings []string
	Facts    []fact
}

// MapHTML writes m as one page that stands by itself, as [HTML] does.
func MapHTML(w io.Writer, m *result.DrillMap) error {
	verdict, tone := mapVerdict(m)
	page := mapView{
		frame: newFrame(m.Title), Run: mapRunLine(m), Verdict: verdict, Tone: tone, Line: mapLine(m),
		Findings: mapFindings(m), Tipping: tippingTable(m), Warnings: warningLines(&result.Result{Warnings: m.Warnings}),
		Facts: []fact{
			{Name: "capsim", Value: visible(m.Version)},
			{Name: "document", Value: visible(m.Schema)},
			{Name: "seed", Value: strconv.FormatUint(m.Seed, 10)},
			{Name: "replications", Value: strconv.Itoa(m.Run.Replications)},
			{Name: "simulations", Value: strconv.Itoa(m.Run.Simulations)},
		},
	}
	if m.Truncated {
		page.Truncated = truncatedLine
	}
	for _, c := range [...]struct {
		id   string
		draw func(*result.DrillMap) *picture
	}{{"states", statesChart}, {"tipping", tippingChart}} {
		if err := page.chart(c.id, c.draw(m)); err != nil {
			return err
		}
	}
	return writePage(w, mapPage, page)
}
