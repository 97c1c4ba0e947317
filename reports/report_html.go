package reports

import (
	_ "embed" // for the page
	"io"

	"github.com/capsim/capsim/internal/result"
)

//go:embed page/report.tmpl
var reportPage string

// A reportView is what the page of a report is filled with.
type reportView struct {
	frame
	Run, Truncated string

	Answers []answer
	Cards   []card

	Bottleneck string
	CostCard   []namedCell

	Picture  *drawnGraph
	Sections []drawnSection
	Facts    []fact
}

// A drawnSection is a section with its charts.
type drawnSection struct {
	reportSection
	Charts []drawnChart
}

// ReportHTML writes r as one page that stands by itself, as [HTML] does. It
// begins with the answers.
func ReportHTML(w io.Writer, r *result.Report) error {
	notes := &footnotes{}
	page := reportView{
		frame: newFrame(r.Title), Run: runLine(r.Result), Answers: reportAnswers(r),
		Cards: clientCards(r.Result, notes), Bottleneck: bottleneckLine(r.Result), CostCard: costCard(r.Result, notes), Facts: reportFacts(r),
	}
	if r.Truncated {
		page.Truncated = truncatedReport
	}
	picture, err := topologyPicture(r.Result)
	if err != nil {
		return err
	}
	page.Picture = picture
	for _, s := range reportSections(r, notes) {
		if err := page.section(s); err != nil {
			return err
		}
	}
	page.Notes = notes.texts
	return writePage(w, reportPage, page)
}

// section draws a section with its charts.
func (v *reportView) section(s reportSection) error {
	before := len(v.Charts)
	for _, p := range s.pictures {
		if err := v.chart(p.id, p.picture); err != nil {
			return err
		}
	}
	v.Sections = append(v.Sections, drawnSection{s, v.Charts[before:]})
	return nil
}

// reportFacts are those of today's run, under the name of the whole document.
func reportFacts(r *result.Report) []fact {
	all := facts(r.Result)
	for i := range all {
		if all[i].Name == "document" {
			all[i].Value = visible(r.Schema)
		}
	}
	return all
}
