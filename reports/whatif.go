package reports

import (
	_ "embed" // for the page
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

//go:embed page/whatif.tmpl
var whatIfPage string

// WhatIfJSON writes w as [JSON] writes a Result.
func WhatIfJSON(out io.Writer, w *result.WhatIf) error { return writeJSON(out, w) }

const benefitLine = "Benefit: by how much of itself p99 falls, plus by how much ok answers per second rise; the mean over the clients, " +
	"each as important as it sends requests. Paired by replication, same customers. " +
	"All resources of a design together are held to 5 % of false alarms (Holm). * : so are the effects on clients."

// whatIfTitle is the heading of a design's part; "" where there is one only.
func whatIfTitle(w *result.WhatIf, d *result.WhatIfDesign) string {
	if len(w.Designs) < 2 {
		return ""
	}
	return designLabel(d.Design)
}

// fixLine says what to fix first.
func fixLine(w *result.WhatIf, d *result.WhatIfDesign) (string, tone) {
	better := strconv.Itoa(w.Percent) + " %"
	if len(d.Resources) == 0 {
		return "No resource was made better.", neutral
	}
	first := &d.Resources[0]
	if first.Verdict != result.Helps {
		return "No resource that is " + better + " better makes a difference for the better that can be seen.", neutral
	}
	line := "Fix " + worthName(first) + " first: " + visible(first.Change) + " brings " + signedFigure(first.Benefit, ratio) + "."
	if len(d.Resources) > 1 && d.Resources[1].Verdict == result.Helps {
		second := &d.Resources[1]
		line += " Then " + worthName(second) + ": " + signedFigure(second.Benefit, ratio) + "."
	}
	return line, good
}

func worthName(w *result.Worth) string { return visible(w.Node) + " " + visible(w.Resource) }

// worthVerdicts are how the verdict on a resource is marked.
var worthVerdicts = map[string]struct {
	mark string
	tone tone
	hue  int
}{
	result.Helps:    {"✓ helps", good, betterHue},
	result.Hurts:    {"✗ hurts", bad, worseHue},
	result.NotSeen:  {"≈ within noise", neutral, 0},
	result.NoEffect: {"= no effect", neutral, 0},
}

// worthTable has a row for each resource of a design.
func worthTable(d *result.WhatIfDesign, notes *footnotes) table {
	t := table{
		Title:  "What helps",
		Labels: 2, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "node", Left: true}, {Title: "resource", Left: true}, {Title: "verdict", Left: true},
			{Title: "benefit", Help: "by how much p99 falls and ok answers rise, each as a share of itself"},
			{Title: "seen from", Help: "the smallest benefit that would have been believed"},
			{Title: "busy", Help: "as it is"}, {Title: "made better", Left: true},
		},
	}
	for i := range d.Resources {
		w := &d.Resources[i]
		verdict := word(w.Verdict)
		if v, ok := worthVerdicts[w.Verdict]; ok {
			verdict = cell{figure: figure{Num: v.mark}, Tone: v.tone}
		}
		benefit := notes.estimate(w.Benefit, ratio)
		if w.Benefit.Mean != nil {
			benefit.Num = signed(benefit.Num, *w.Benefit.Mean)
		}
		t.add(word(w.Node), word(w.Resource), verdict, benefit, optionalCell(w.Visible, ratio), optionalCell(w.Utilization, ratio), word(w.Change))
	}
	return t.trimmed().merged()
}

// effectsTable has a row for each client and resource that does something: what
// changes there.
func effectsTable(d *result.WhatIfDesign, notes *footnotes) table {
	t := table{
		Title:  "What changes",
		Labels: 2, LabelWidth: nameWidth,
		Columns: []column{{Title: "resource", Left: true}, {Title: "client", Left: true}},
	}
	metrics := [...]string{"latency_s.mean", "latency_s.p99", "throughput_rps", "error_ratio"}
	for _, metric := range metrics {
		t.Columns = append(t.Columns, column{Title: metricLabel(metric)})
	}
	for i := range d.Resources {
		w := &d.Resources[i]
		if w.Verdict != result.Helps && w.Verdict != result.Hurts {
			continue
		}
		var clients []string
		for _, e := range w.Effects {
			if !slices.Contains(clients, e.Client) {
				clients = append(clients, e.Client)
			}
		}
		for _, client := range clients {
			row := []cell{word(w.Node + " " + w.Resource), word(client)}
			for _, metric := range metrics {
				at := slices.IndexFunc(w.Effects, func(e result.Effect) bool { return e.Client == client && e.Metric == metric })
				if at < 0 {
					row = append(row, cell{})
					continue
				}
				e := w.Effects[at]
				row = append(row, differenceCell(result.Difference{Metric: metric, Difference: e.Difference, Significant: e.Significant}, notes))
			}
			t.add(row...)
		}
	}
	return t.trimmed().merged()
}

// worthChart shows the benefits with their intervals, the greatest on top.
func worthChart(w *result.WhatIf, d *result.WhatIfDesign) *picture {
	p := &picture{}
	for i := range d.Resources {
		x := &d.Resources[i]
		if x.Benefit.Mean == nil {
			continue
		}
		e := effect{label: x.Node + " " + x.Resource, value: *x.Benefit.Mean, u: ratio, hue: worthVerdicts[x.Verdict].hue}
		if x.Benefit.HalfWidth != nil {
			e.half = *x.Benefit.HalfWidth
		}
		p.effects = append(p.effects, e)
	}
	if len(p.effects) == 0 {
		return nil
	}
	if n := len(p.effects); n > mostBars {
		p.remark = "The first " + count(mostBars) + " of " + amount(n, "resource") + "; the table has all."
		p.effects = p.effects[:mostBars]
	}
	p.title = worthName(&d.Resources[0]) + " " + strconv.Itoa(w.Percent) + " % better brings " + short(p.effects[0].value, ratio) + ", more than any other"
	if d.Resources[0].Verdict != result.Helps {
		p.title, _ = fixLine(w, d)
	}
	p.x = effectAxis("benefit of "+strconv.Itoa(w.Percent)+" % more", p.effects, ratio)
	return p
}

// WhatIfText writes what to fix first for a terminal.
func WhatIfText(out io.Writer, w *result.WhatIf, o TextOptions) error {
	p := newPrinter(o)
	notes := &footnotes{}
	p.line(sgrBold, titleOf(w.Title))
	if w.Truncated {
		p.line(sgrRed, truncatedLine)
	}
	for i := range w.Designs {
		d := &w.Designs[i]
		if i > 0 {
			p.blank()
		}
		if title := whatIfTitle(w, d); title != "" {
			p.line(sgrBold, title)
		}
		p.line("", runSettings(d.Baseline)+" · "+amount(len(d.Resources), "resource")+" in turn")
		p.blank()
		line, tone := fixLine(w, d)
		p.line(toneSGR[tone], line)
		p.section(worthTable(d, notes))
		p.section(effectsTable(d, notes))
		p.list("Warnings", warningLines(d.Baseline))
	}
	p.footnotes(notes)
	p.blank()
	p.line(sgrFaint, benefitLine)
	if len(w.Designs) > 0 {
		p.line(sgrFaint, doubtLine(w.Designs[0].Baseline.Run.Replications))
		p.line(sgrFaint, originLine(w.Designs[0].Baseline))
	}
	_, err := out.Write(p.out.Bytes())
	return err
}

// WhatIfMarkdown writes the same for a wiki or a pull request.
func WhatIfMarkdown(out io.Writer, w *result.WhatIf) error {
	m := &markdown{}
	notes := &footnotes{}
	m.paragraph("## " + markdownText(titleOf(w.Title)))
	if w.Truncated {
		m.paragraph("**" + truncatedLine + "**")
	}
	for i := range w.Designs {
		d := &w.Designs[i]
		if title := whatIfTitle(w, d); title != "" {
			m.paragraph("### " + markdownText(title))
		}
		line, _ := fixLine(w, d)
		m.paragraph("**" + markdownText(line) + "**")
		m.table(worthTable(d, notes))
		m.table(effectsTable(d, notes))
		m.list("Warnings", warningLines(d.Baseline))
	}
	m.notes(notes)
	m.paragraph(markdownText(benefitLine))
	if len(w.Designs) > 0 {
		m.paragraph(markdownText(doubtLine(w.Designs[0].Baseline.Run.Replications)))
		m.paragraph(markdownText(originLine(w.Designs[0].Baseline)))
	}
	return m.writeTo(out)
}

// WhatIfCSV writes every figure, one a row: the design, the resource, of whom,
// which figure, value, half width of the 95 % interval, whether it is more than
// noise. What is of the resource itself has no subject.
func WhatIfCSV(out io.Writer, w *result.WhatIf) error {
	rows := [][]string{{"design", "node", "resource", "subject", "metric", "value", "half_width", "significant"}}
	for i := range w.Designs {
		d := &w.Designs[i]
		for k := range d.Resources {
			x := &d.Resources[k]
			add := func(subject, metric, value, half, significant string) {
				rows = append(rows, []string{
					cellText(designLabel(d.Design)), cellText(x.Node), cellText(x.Resource), cellText(subject), cellText(metric), value, half, significant,
				})
			}
			add("", "benefit", exact(x.Benefit.Mean), exact(x.Benefit.HalfWidth), strconv.FormatBool(x.Verdict == result.Helps || x.Verdict == result.Hurts))
			add("", "smallest_visible", exact(x.Visible), "", "")
			add("", "utilization", exact(x.Utilization), "", "")
			add("", "verdict", cellText(x.Verdict), "", "")
			for _, e := range x.Effects {
				add(e.Client, e.Metric, exact(e.Difference.Mean), exact(e.Difference.HalfWidth), strconv.FormatBool(e.Significant))
			}
		}
	}
	return writeCSV(out, rows)
}

// A whatIfView is what the page is filled with.
type whatIfView struct {
	frame
	Truncated, Line string
	Doubt           string
	Parts           []whatIfPart
	Facts           []fact
}

type whatIfPart struct {
	Title, Run, Fix string

	Tone     tone
	Worths   table
	Effects  table
	Warnings []string
	Charts   []drawnChart
}

// WhatIfHTML writes w as one page that stands by itself, as [HTML] does.
func WhatIfHTML(out io.Writer, w *result.WhatIf) error {
	notes := &footnotes{}
	page := whatIfView{frame: newFrame(w.Title), Line: benefitLine}
	if w.Truncated {
		page.Truncated = truncatedLine
	}
	for i := range w.Designs {
		d := &w.Designs[i]
		part := whatIfPart{
			Title: whatIfTitle(w, d), Run: runSettings(d.Baseline),
			Worths: worthTable(d, notes), Effects: effectsTable(d, notes), Warnings: warningLines(d.Baseline),
		}
		part.Fix, part.Tone = fixLine(w, d)
		if err := page.chart(strings.TrimSuffix("benefit-"+strconv.Itoa(i+1), "-1"), worthChart(w, d)); err != nil {
			return err
		}
		part.Charts, page.Charts = page.Charts, nil
		page.Parts = append(page.Parts, part)
		if i == 0 {
			page.Doubt, page.Facts = doubtLine(d.Baseline.Run.Replications), facts(d.Baseline)
		}
	}
	page.Notes = notes.texts
	return writePage(out, whatIfPage, page)
}
