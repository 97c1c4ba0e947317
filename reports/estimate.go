package reports

import (
	"io"
	"strconv"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// EstimateText writes e for a terminal: all designs side by side where there
// are several, then what theory says of one.
func EstimateText(w io.Writer, e *result.Estimates, o TextOptions) error {
	p, notes := newPrinter(o), &footnotes{}
	p.line(sgrBold, titleOf(e.Title))
	p.line("", estimateLine)
	if len(e.Designs) > 1 {
		p.section(estimatedDesignsTable(e))
	} else {
		for i := range e.Designs {
			d := &e.Designs[i]
			p.section(estimatedClientsTable(d))
			p.section(estimatedNodesTable(d, notes))
			p.section(boundsTable(d))
			if line := estimatedBottleneck(d); line != "" {
				p.blank()
				p.line(sgrBold, "Bottleneck: "+line)
			}
		}
	}
	for i := range e.Designs {
		p.list(assumptionsTitle(e, i), assumptionLines(&e.Designs[i]))
	}
	p.list("Warnings", estimateWarnings(e))
	p.footnotes(notes)
	p.blank()
	p.line(sgrFaint, estimateDoubt)
	p.line(sgrFaint, "capsim "+visible(e.Version))
	_, err := w.Write(p.out.Bytes())
	return err
}

// EstimateMarkdown writes the same in Markdown.
func EstimateMarkdown(w io.Writer, e *result.Estimates) error {
	d, notes := &markdown{}, &footnotes{}
	d.paragraph("## " + markdownText(titleOf(e.Title)))
	d.paragraph(markdownText(estimateLine))
	if len(e.Designs) > 1 {
		d.table(estimatedDesignsTable(e))
	} else {
		for i := range e.Designs {
			one := &e.Designs[i]
			d.table(estimatedClientsTable(one))
			d.table(estimatedNodesTable(one, notes))
			d.table(boundsTable(one))
			if line := estimatedBottleneck(one); line != "" {
				d.paragraph("**Bottleneck:** " + markdownText(line))
			}
		}
	}
	for i := range e.Designs {
		d.list(markdownText(assumptionsTitle(e, i)), assumptionLines(&e.Designs[i]))
	}
	d.list("Warnings", estimateWarnings(e))
	d.notes(notes)
	d.paragraph(markdownText(estimateDoubt))
	return d.writeTo(w)
}

// EstimateJSON writes e as [JSON] writes a Result.
func EstimateJSON(w io.Writer, e *result.Estimates) error { return writeJSON(w, e) }

// EstimateCSV writes every figure of every design, one a row. What has no
// steady state leaves its cell empty.
func EstimateCSV(w io.Writer, e *result.Estimates) error {
	rows := [][]string{{"design", "subject", "metric", "value", "exact"}}
	for i := range e.Designs {
		d := &e.Designs[i]
		add := func(subject, metric string, v *float64, sure bool) {
			rows = append(rows, []string{cellText(designLabel(d.Design)), cellText(subject), cellText(metric), exact(v), strconv.FormatBool(sure)})
		}
		times := func(subject, metric string, t result.EstimateTime) {
			add(subject, metric+".mean", t.Mean, t.Exact)
			add(subject, metric+".p50", t.P50, t.ExactTail)
			add(subject, metric+".p99", t.P99, t.ExactTail)
		}
		for _, name := range sorted(d.Clients) {
			c := d.Clients[name]
			add(name, "offered_rps", c.OfferedRPS, c.LatencyS.Exact || c.Users == 0)
			add(name, "throughput_rps", c.ThroughputRPS, c.LatencyS.Exact)
			add(name, "error_ratio", c.ErrorRatio, c.LatencyS.Exact)
			times(name, "latency_s", c.LatencyS)
			for _, op := range sorted(c.Ops) {
				times(name+"."+op, "latency_s", c.Ops[op])
			}
			add(name, "bounds.throughput_max_rps", c.Bounds.ThroughputMaxRPS, false)
			add(name, "bounds.latency_min_s", c.Bounds.LatencyMinS, false)
		}
		for _, name := range sorted(d.Nodes) {
			n := d.Nodes[name]
			add(name, "arrivals_rps", n.ArrivalsRPS, n.ResponseS.Exact)
			times(name, "response_s", n.ResponseS)
			if n.HitRatio != nil {
				add(name, "cache.hit_ratio", n.HitRatio, n.ResponseS.Exact)
			}
			for _, res := range sorted(n.Resources) {
				add(name, res+".utilization", n.Resources[res].Utilization, n.ResponseS.Exact)
			}
		}
		if b := d.Bottleneck; b != nil {
			add(b.Node, "bottleneck."+b.Resource, &b.Utilization, false)
			add(b.Node, "saturates_at_load", b.SaturatesAtLoad, false)
		}
	}
	return writeCSV(w, rows)
}

// estimateLine says where the figures come from.
const estimateLine = "By queueing theory, at the mean load; nothing was simulated."

// estimateDoubt says what the marks mean.
const estimateDoubt = "= is exact, ≈ an approximation; — has no steady state, or theory has no answer. Percentiles are those of a law with the same two moments."

func estimateWarnings(e *result.Estimates) []string {
	var lines []string
	for _, w := range e.Warnings {
		lines = append(lines, visible(w.Code)+" "+visible(w.Message))
	}
	return lines
}

// assumptionsTitle is the heading of what is left out of a design.
func assumptionsTitle(e *result.Estimates, i int) string {
	if len(e.Designs) == 1 {
		return "Where the assumptions do not hold"
	}
	return "Where the assumptions do not hold: " + visible(designLabel(e.Designs[i].Design))
}

// assumptionLines are what was left out, with the node that it is about.
func assumptionLines(d *result.DesignEstimate) []string {
	var lines []string
	for _, a := range d.Assumptions {
		line := visible(a.Text)
		if a.Node != "" {
			line = visible(a.Node) + ": " + line
		}
		lines = append(lines, line)
	}
	return lines
}

// marked is a figure with the sign of how sure it is.
func marked(v *float64, u unit, sure bool) cell {
	if v == nil {
		return cell{figure: figure{Num: noNumber}}
	}
	c := value(*v, u)
	c.Num = "≈ " + c.Num
	if sure {
		c.Num = "= " + value(*v, u).Num
	}
	return c
}

func optional(v *float64, u unit) cell {
	if v == nil {
		return cell{figure: figure{Num: noNumber}}
	}
	return value(*v, u)
}

func estimatedClientsTable(d *result.DesignEstimate) table {
	t := table{
		Title: "Clients", Labels: 1, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "client", Left: true}, {Title: "users"},
			{Title: "offered/s"}, {Title: "ok/s"}, {Title: "errors", Help: "of those that theory knows of"},
			{Title: "mean"}, {Title: "p50"}, {Title: "p99"},
		},
	}
	for _, name := range sorted(d.Clients) {
		c := d.Clients[name]
		users := cell{}
		if c.Users > 0 {
			users = value(float64(c.Users), plain)
		}
		t.add(word(name), users, optional(c.OfferedRPS, plain), optional(c.ThroughputRPS, plain), optional(c.ErrorRatio, ratio),
			marked(c.LatencyS.Mean, seconds, c.LatencyS.Exact), marked(c.LatencyS.P50, seconds, c.LatencyS.ExactTail), marked(c.LatencyS.P99, seconds, c.LatencyS.ExactTail))
		if len(c.Ops) < 2 {
			continue
		}
		for _, op := range sorted(c.Ops) {
			label, o := word(op), c.Ops[op]
			label.Depth = 1
			t.add(label, cell{}, cell{}, cell{}, cell{}, marked(o.Mean, seconds, o.Exact), marked(o.P50, seconds, o.ExactTail), marked(o.P99, seconds, o.ExactTail))
		}
	}
	if kept := t.trimmed(); len(kept.Columns) > kept.Labels {
		return kept
	}
	return t // nothing has a steady state
}

func estimatedNodesTable(d *result.DesignEstimate, notes *footnotes) table {
	t := table{
		Title: "Nodes", Labels: 1, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "node", Left: true}, {Title: "kind", Left: true}, {Title: "arrivals/s"}, {Title: "hit ratio"},
			{Title: "resource", Left: true, Again: true}, {Title: "busy"}, {Title: "hottest", Help: "the instance that most is asked of"}, {Title: "wait"},
			{Title: "mean"}, {Title: "p99"}, {Title: "rejected"},
		},
	}
	for _, name := range sorted(d.Nodes) {
		n := d.Nodes[name]
		kind := strings.ReplaceAll(n.Kind, "_", " ")
		if n.Instances > 1 {
			kind += " × " + strconv.Itoa(n.Instances)
		}
		mean := marked(n.ResponseS.Mean, seconds, n.ResponseS.Exact)
		mean.Note = notes.number(n.Note)
		rejected := cell{}
		if n.Rejected != nil && *n.Rejected > 0 {
			rejected = value(*n.Rejected, ratio)
		}
		hits := cell{}
		if n.HitRatio != nil {
			hits = value(*n.HitRatio, ratio)
		}
		cells := []cell{
			word(name), word(kind), optional(n.ArrivalsRPS, plain), hits, {}, {}, {}, {},
			mean, marked(n.ResponseS.P99, seconds, n.ResponseS.ExactTail), rejected,
		}
		for _, res := range sorted(n.Resources) {
			r := n.Resources[res]
			cells[4], cells[5] = word(res), optional(r.Utilization, ratio)
			if r.Hottest != nil && r.Utilization != nil && *r.Hottest > *r.Utilization*1.001 {
				cells[6] = value(*r.Hottest, ratio)
			}
			cells[7] = optional(r.WaitS, seconds)
			t.add(cells...)
			cells = make([]cell, len(cells))
		}
		if len(n.Resources) == 0 {
			t.add(cells...)
		}
	}
	return t.trimmed()
}

func boundsTable(d *result.DesignEstimate) table {
	t := table{
		Title: "Bounds", Labels: 1, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "client", Left: true},
			{Title: "service", Help: "that a request needs of all resources together"},
			{Title: "delay", Help: "what it takes besides, where nobody ever waits"},
			{Title: "latency ≥"}, {Title: "ok/s ≤"},
			{Title: "balanced ≥", Help: "ok/s, balanced job bounds"}, {Title: "balanced ≤"},
			{Title: "users wait from", Help: "from about so many on they wait for each other"},
		},
	}
	for _, name := range sorted(d.Clients) {
		b := d.Clients[name].Bounds
		t.add(word(name), value(b.DemandS, seconds), optional(b.DelayS, seconds), optional(b.LatencyMinS, seconds), optional(b.ThroughputMaxRPS, plain),
			optional(b.BalancedMinRPS, plain), optional(b.BalancedMaxRPS, plain), optional(b.SaturationUsers, plain))
	}
	return t.trimmed()
}

// estimatedBottleneck says what saturates first, and when.
func estimatedBottleneck(d *result.DesignEstimate) string {
	b := d.Bottleneck
	if b == nil {
		return ""
	}
	line := visible(b.Node) + " " + visible(b.Resource) + ", " + short(b.Utilization, ratio) + " busy"
	if b.Utilization > 1 {
		line = visible(b.Node) + " " + visible(b.Resource) + " is asked for " + short(b.Utilization, ratio) + " of what it has"
	}
	if b.SaturatesAtLoad != nil {
		line += "; it saturates at " + short(*b.SaturatesAtLoad, plain) + " times this load"
	}
	return line
}

func estimatedDesignsTable(e *result.Estimates) table {
	t := table{
		Title: "Designs", Labels: 2, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "design", Left: true}, {Title: "client", Left: true},
			{Title: "ok/s"}, {Title: "mean"}, {Title: "p99"},
			{Title: "bottleneck", Left: true}, {Title: "busy"}, {Title: "saturates at", Help: "times this load"},
		},
	}
	for i := range e.Designs {
		d := &e.Designs[i]
		for k, name := range sorted(d.Clients) {
			c := d.Clients[name]
			cells := []cell{
				{}, word(name), optional(c.ThroughputRPS, plain),
				marked(c.LatencyS.Mean, seconds, c.LatencyS.Exact), marked(c.LatencyS.P99, seconds, c.LatencyS.ExactTail), {}, {}, {},
			}
			if k == 0 {
				cells[0] = word(designLabel(d.Design))
				if b := d.Bottleneck; b != nil {
					cells[5], cells[6] = word(b.Node+" "+b.Resource), value(b.Utilization, ratio)
					cells[7] = optional(b.SaturatesAtLoad, plain)
				}
			}
			t.add(cells...)
		}
	}
	return t.trimmed()
}
