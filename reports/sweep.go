package reports

import (
	_ "embed" // for the page
	"io"
	"slices"
	"strconv"

	"github.com/capsim/capsim/internal/result"
)

//go:embed page/sweep.tmpl
var sweepPage string

// SweepJSON writes s as [JSON] writes a Result.
func SweepJSON(w io.Writer, s *result.Sweep) error { return writeJSON(w, s) }

// SweepText writes the points of a sweep for a terminal.
func SweepText(w io.Writer, s *result.Sweep, o TextOptions) error {
	p := newPrinter(o)
	notes := &footnotes{}
	p.line(sgrBold, titleOf(s.Title))
	p.line("", sweepRunLine(s))
	if s.Truncated {
		p.line(sgrRed, sweepTruncated(s))
	}
	p.blank()
	verdict, tone := sweepVerdict(s)
	p.line(toneSGR[tone], verdict)
	for _, line := range sweepFindings(s) {
		p.line("", line)
	}
	p.section(sweepTable(s, notes))
	p.list("Warnings", sweepWarnings(s))
	p.footnotes(notes)
	p.blank()
	p.line(sgrFaint, sweepLine)
	p.line(sgrFaint, doubtLine(sweepReplications(s)))
	p.line(sgrFaint, "capsim "+visible(s.Version))
	_, err := w.Write(p.out.Bytes())
	return err
}

// SweepMarkdown writes the same for a wiki or a pull request.
func SweepMarkdown(w io.Writer, s *result.Sweep) error {
	d := &markdown{}
	notes := &footnotes{}
	d.paragraph("## " + markdownText(titleOf(s.Title)))
	d.paragraph(markdownText(sweepRunLine(s)))
	if s.Truncated {
		d.paragraph("**" + markdownText(sweepTruncated(s)) + "**")
	}
	verdict, _ := sweepVerdict(s)
	d.paragraph("**" + markdownText(verdict) + "**")
	d.list("", sweepFindings(s))
	d.table(sweepTable(s, notes))
	d.list("Warnings", sweepWarnings(s))
	d.notes(notes)
	d.paragraph(markdownText(sweepLine))
	d.paragraph(markdownText(doubtLine(sweepReplications(s))))
	d.paragraph(markdownText("capsim " + visible(s.Version)))
	return d.writeTo(w)
}

// SweepCSV writes every point, one a row: its number, the values that it has
// of each dimension, and every figure with the half width of its 95 %
// interval. Columns are named SUBJECT METRIC, metrics as in the JSON document.
func SweepCSV(w io.Writer, s *result.Sweep) error {
	names := sweepNames(s)
	var heads []string
	for _, c := range names.columns() {
		heads = append(heads, c.head(s)...)
	}
	rows := [][]string{append(sweepHeads(s), heads...)}
	for i := range s.Points {
		p := &s.Points[i]
		row := []string{strconv.Itoa(p.Point)}
		for _, v := range p.Values {
			row = append(row, cellText(v))
		}
		for _, c := range names.columns() {
			row = append(row, c.of(p)...)
		}
		rows = append(rows, row)
	}
	return writeCSV(w, rows)
}

func sweepHeads(s *result.Sweep) []string {
	heads := []string{"point"}
	for i := range s.Dimensions {
		heads = append(heads, cellText(s.Dimensions[i].Path))
	}
	return heads
}

// named are the subjects of all points: designs may have different ones.
type sweepSubjects struct {
	clients    []string
	nodes      []nodeResource
	objectives []string
	percents   []string // keys of latency_s
	currency   string
}

type nodeResource struct{ node, resource string }

// sweepNames collects the subjects of a sweep.
func sweepNames(s *result.Sweep) sweepSubjects {
	var n sweepSubjects
	add := func(to *[]string, one string) {
		if !slices.Contains(*to, one) {
			*to = append(*to, one)
		}
	}
	for i := range s.Points {
		p := &s.Points[i]
		for _, name := range sorted(p.Clients) {
			add(&n.clients, name)
			for _, key := range sorted(p.Clients[name].LatencyS) {
				add(&n.percents, key)
			}
		}
		for _, name := range sorted(p.Nodes) {
			for _, r := range append([]string{""}, sorted(p.Nodes[name].Utilization)...) {
				if one := (nodeResource{name, r}); !slices.Contains(n.nodes, one) {
					n.nodes = append(n.nodes, one)
				}
			}
		}
		for _, o := range p.Objectives {
			add(&n.objectives, o.Text)
		}
		if p.Cost != nil {
			n.currency = p.Cost.Currency
		}
	}
	return n
}

// csvColumn is one figure of a point, or one word; a figure has its half width
// beside it.
type csvColumn struct {
	name   string
	figure func(*result.SweepPoint) *result.Estimate // nil: a word
	word   func(*result.SweepPoint) string
}

func (c csvColumn) head(*result.Sweep) []string {
	if c.figure == nil {
		return []string{cellText(c.name)}
	}
	return []string{cellText(c.name), cellText(c.name + " half_width")}
}

func (c csvColumn) of(p *result.SweepPoint) []string {
	if c.figure == nil {
		return []string{cellText(c.word(p))}
	}
	e := c.figure(p)
	if e == nil {
		return []string{"", ""}
	}
	return []string{exact(e.Mean), exact(e.HalfWidth)}
}

// columns are the figures of the CSV, in order.
func (n sweepSubjects) columns() []csvColumn {
	var all []csvColumn
	for _, name := range n.clients {
		client := func(metric string, of func(*result.SweepClient) *result.Estimate) {
			all = append(all, csvColumn{name: name + " " + metric, figure: func(p *result.SweepPoint) *result.Estimate {
				if c := p.Clients[name]; c != nil {
					return of(c)
				}
				return nil
			}})
		}
		client("offered_rps", func(c *result.SweepClient) *result.Estimate { return &c.OfferedRPS })
		client("throughput_rps", func(c *result.SweepClient) *result.Estimate { return &c.ThroughputRPS })
		client("error_ratio", func(c *result.SweepClient) *result.Estimate { return &c.ErrorRatio })
		client("availability", func(c *result.SweepClient) *result.Estimate { return &c.Availability })
		for _, key := range n.percents {
			client("latency_s."+key, func(c *result.SweepClient) *result.Estimate {
				if e, ok := c.LatencyS[key]; ok {
					return &e
				}
				return nil
			})
		}
	}
	for _, at := range n.nodes {
		metric := "instances"
		if at.resource != "" {
			metric = at.resource + ".utilization"
		}
		all = append(all, csvColumn{name: at.node + " " + metric, figure: func(p *result.SweepPoint) *result.Estimate { return nodeFigure(p, at) }})
	}
	return append(all, n.lastColumns()...)
}

func nodeFigure(p *result.SweepPoint, at nodeResource) *result.Estimate {
	n := p.Nodes[at.node]
	switch {
	case n == nil:
		return nil
	case at.resource == "":
		return &n.Instances
	}
	if e, ok := n.Utilization[at.resource]; ok {
		return &e
	}
	return nil
}

// lastColumns are those of the point as a whole.
func (n sweepSubjects) lastColumns() []csvColumn {
	all := []csvColumn{
		{name: "bottleneck", word: func(p *result.SweepPoint) string {
			if p.Bottleneck == nil {
				return ""
			}
			return p.Bottleneck.Node + " " + p.Bottleneck.Resource
		}},
		{name: "bottleneck utilization", word: func(p *result.SweepPoint) string {
			if p.Bottleneck == nil {
				return ""
			}
			return exact(&p.Bottleneck.Utilization)
		}},
	}
	if n.currency != "" {
		cost := func(of func(*result.SweepCost) *result.Estimate) func(*result.SweepPoint) *result.Estimate {
			return func(p *result.SweepPoint) *result.Estimate {
				if p.Cost == nil {
					return nil
				}
				return of(p.Cost)
			}
		}
		all = append(all,
			csvColumn{name: "cost monthly_" + n.currency, figure: cost(func(c *result.SweepCost) *result.Estimate { return &c.Monthly })},
			csvColumn{name: "cost per_million_requests_" + n.currency, figure: cost(func(c *result.SweepCost) *result.Estimate { return &c.PerMillionRequests })})
	}
	for _, text := range n.objectives {
		all = append(all, csvColumn{name: "objective " + text, word: func(p *result.SweepPoint) string {
			for _, o := range p.Objectives {
				if o.Text == text {
					return o.Verdict
				}
			}
			return ""
		}})
	}
	return append(all, csvColumn{name: "limit", word: func(p *result.SweepPoint) string { return p.Limit }},
		csvColumn{name: "fingerprint", word: func(p *result.SweepPoint) string { return p.Fingerprint }})
}

// A sweepView is what the page of a sweep is filled with.
type sweepView struct {
	frame
	Run, Truncated, Verdict, Line, Doubt string

	Tone     tone
	Findings []string
	Points   table
	Warnings []string
	Facts    []fact
}

// SweepHTML writes s as one page that stands by itself, as [HTML] does.
func SweepHTML(w io.Writer, s *result.Sweep) error {
	notes := &footnotes{}
	verdict, tone := sweepVerdict(s)
	page := sweepView{
		frame: newFrame(s.Title), Run: sweepRunLine(s), Verdict: verdict, Tone: tone, Line: sweepLine, Doubt: doubtLine(sweepReplications(s)),
		Findings: sweepFindings(s), Points: sweepTable(s, notes), Warnings: sweepWarnings(s),
		Facts: []fact{
			{Name: "capsim", Value: visible(s.Version)},
			{Name: "document", Value: visible(s.Schema)},
			{Name: "seed", Value: strconv.FormatUint(s.Seed, 10)},
			{Name: "points", Value: strconv.Itoa(len(s.Points)) + " of " + strconv.Itoa(s.Grid)},
			{Name: "replications", Value: strconv.Itoa(sweepReplications(s)) + " of each"},
		},
	}
	if s.Truncated {
		page.Truncated = sweepTruncated(s)
	}
	for i, p := range sweepCharts(s) {
		if err := page.chart("sweep-"+strconv.Itoa(i+1), p); err != nil {
			return err
		}
	}
	page.Notes = notes.texts
	return writePage(w, sweepPage, page)
}
