package reports

import (
	"cmp"
	"io"
	"slices"
	"strconv"

	"github.com/capsim/capsim/internal/result"
)

// mostEstimated is how many designs the page of an estimate tells in full.
const mostEstimated = 12

// EstimateHTML writes e as one page that stands by itself, as [HTML] does.
func EstimateHTML(w io.Writer, e *result.Estimates) error {
	notes := &footnotes{}
	page := reportView{frame: newFrame(e.Title), Run: estimateLine, Facts: []fact{
		{Name: "capsim", Value: visible(e.Version)}, {Name: "document", Value: visible(e.Schema)},
	}}
	var sections []reportSection
	if len(e.Designs) > 1 {
		sections = append(sections, reportSection{ID: "designs", Title: "Designs", Tables: titled(estimatedDesignsTable(e)),
			pictures: []namedPicture{{"saturation", saturationChart(e)}}})
	}
	for i := range e.Designs[:min(len(e.Designs), mostEstimated)] {
		sections = append(sections, estimatedSection(e, i, notes))
	}
	last := reportSection{ID: "trust", Title: "How far to trust this", Lines: estimateWarnings(e), Remarks: []string{estimateDoubt}}
	if n := len(e.Designs) - mostEstimated; n > 0 {
		last.Remarks = append(last.Remarks, amount(n, "design")+" more: the document, and --format csv, have all figures of them.")
	}
	for _, s := range append(sections, last) {
		if err := page.section(s); err != nil {
			return err
		}
	}
	for i := range e.Designs {
		if line := estimatedBottleneck(&e.Designs[i]); line != "" && i < mostEstimated {
			line = "Bottleneck: " + line + "."
			if len(e.Designs) > 1 {
				line = visible(designLabel(e.Designs[i].Design)) + ". " + line
			}
			page.Answers = append(page.Answers, answer{line, estimatedTone(&e.Designs[i])})
		}
	}
	page.Notes = notes.texts
	return writePage(w, reportPage, page)
}

// estimatedTone says whether a design can do what is asked of it.
func estimatedTone(d *result.DesignEstimate) tone {
	if d.Bottleneck.Utilization > 1 {
		return bad
	}
	return neutral
}

// estimatedSection is what theory says of one design.
func estimatedSection(e *result.Estimates, i int, notes *footnotes) reportSection {
	d := &e.Designs[i]
	s := reportSection{ID: "design-" + strconv.Itoa(i+1), Title: "What theory says", Lines: assumptionLines(d)}
	if len(e.Designs) > 1 {
		s.Title = visible(designLabel(d.Design))
	}
	for k := range s.Lines {
		s.Lines[k] = "Not exact: " + s.Lines[k]
	}
	s.Tables = titled(headed("Clients", estimatedClientsTable(d)), headed("Nodes", estimatedNodesTable(d, notes)), headed("Bounds", boundsTable(d)))
	s.pictures = []namedPicture{{"utilization-" + strconv.Itoa(i+1), estimatedUtilization(d)}}
	return s
}

// estimatedUtilization is how busy each resource would be, the busiest on top;
// of what is asked for more than it has, by how much.
func estimatedUtilization(d *result.DesignEstimate) *picture {
	p := &picture{}
	for _, name := range sorted(d.Nodes) {
		for _, resource := range sorted(d.Nodes[name].Resources) {
			if u := d.Nodes[name].Resources[resource].Utilization; u != nil {
				p.bars = append(p.bars, bar{label: name + " " + resource, value: *u, unit: ratio})
			}
		}
	}
	if len(p.bars) == 0 {
		return nil
	}
	slices.SortStableFunc(p.bars, func(a, b bar) int { return cmp.Compare(b.value, a.value) })
	if n := len(p.bars); n > mostBars {
		p.remark = "The busiest " + count(mostBars) + " of " + amount(n, "resource") + "; the table of nodes has all."
		p.bars = p.bars[:mostBars]
	}
	first := p.bars[0]
	p.title, p.x = visible(first.label)+" would be the busiest resource: "+short(first.value, ratio)+sooner(first, d.Bottleneck), percentAxis("utilisation")
	if first.value > 1 {
		p.title = visible(first.label) + " is asked for " + short(first.value, ratio) + " of what it has"
		p.x = linearAxis("asked of what there is", first.value, ratio)
	}
	return p
}

// saturationChart is at which load the first resource of each design
// saturates.
func saturationChart(e *result.Estimates) *picture {
	p := &picture{}
	for i := range e.Designs {
		if b := e.Designs[i].Bottleneck; b != nil && b.SaturatesAtLoad != nil {
			p.bars = append(p.bars, bar{label: designLabel(e.Designs[i].Design), value: *b.SaturatesAtLoad, unit: plain})
		}
	}
	if len(p.bars) == 0 {
		return nil
	}
	slices.SortStableFunc(p.bars, func(a, b bar) int { return cmp.Compare(b.value, a.value) })
	if n := len(p.bars); n > mostBars {
		p.remark = "The " + count(mostBars) + " of " + amount(n, "design") + " that carry most; the table has all."
		p.bars = p.bars[:mostBars]
	}
	first := p.bars[0]
	p.title = visible(first.label) + " saturates last, at " + times(first.value) + " of this load"
	if len(p.bars) > 1 && times(p.bars[1].value) == times(first.value) {
		p.title = "No design saturates later than at " + times(first.value) + " of this load"
	}
	p.x = linearAxis("load at which the first resource saturates", first.value, plain)
	return p
}
