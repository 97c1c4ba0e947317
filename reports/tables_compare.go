package reports

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// decisionLine is what the comparison recommends.
func decisionLine(c *result.Comparison) (string, tone) {
	if c.Verdict == nil {
		return "", neutral
	}
	t := good
	if c.Verdict.Recommended == nil {
		t = unsure
	}
	return "Recommended: " + visible(c.Verdict.Recommendation) + ".", t
}

// statementLines are the verdict, a sentence for each thing that is to be said
// of a design.
func statementLines(c *result.Comparison) []string {
	if c.Verdict == nil {
		return nil
	}
	var lines []string
	for _, s := range c.Verdict.Statements {
		lines = append(lines, designLabel(s.Design)+": "+visible(s.Text)+".")
	}
	return lines
}

// correctionLine says how significance is meant.
func correctionLine(k *result.Correction) string {
	if k == nil || k.Tests == 0 {
		return ""
	}
	return "* : significant by Holm's correction: of all " + amount(k.Tests, "test") + " here, the chance that any star is a false alarm is at most " + short(k.Level, ratio) + "."
}

// compareTables are those of the load and of failures, in order.
func compareTables(c *result.Comparison, notes *footnotes) []table {
	tables := []table{heldTable(c, notes), turnsTable(c)}
	tables = append(tables, loadDifferences(c, notes)...)
	return append(tables, compareLoads(c, notes), faultsCompared(c, notes), lossesTable(c, notes))
}

// heldTable is how much load each design holds.
func heldTable(c *result.Comparison, notes *footnotes) table {
	if c.Curves == nil {
		return table{}
	}
	t := table{Title: "What each holds", Labels: 1, LabelWidth: nameWidth, Columns: []column{
		{Title: "design", Left: true},
		{Title: "holds", Help: "the highest multiple of today's load at which all objectives hold"},
		{Title: "more", Help: "than the first design, paired by replication"},
		{Title: "headroom", Help: "by how much today's load may grow"},
		{Title: "held at", Help: "the highest load that was simulated and held"},
		{Title: "missed at", Help: "the lowest above it, which was not"},
		{Title: "breaks first", Left: true},
		{Title: "not asked for", Left: true, Long: true, Help: "objectives that no load meets, or that more load would help"},
	}}
	labels := designLabels(c)
	for i := range c.Curves.Designs {
		d := &c.Curves.Designs[i]
		more := cell{}
		if d.HeldDifference != nil {
			more = signedCell(*d.HeldDifference, plain, notes)
		}
		t.add(word(labels[i]), notes.estimate(d.Held, plain), more, notes.estimate(d.Headroom, ratio),
			optionalCell(d.HeldAt, plain), optionalCell(d.MissedAt, plain), word(d.Breaks), word(strings.Join(d.Unasked, "; ")))
	}
	return t.trimmed()
}

// turnsTable is where differences turn.
func turnsTable(c *result.Comparison) table {
	if c.Curves == nil {
		return table{}
	}
	t := table{Title: "Where differences turn", Labels: 2, LabelWidth: nameWidth, Columns: []column{
		{Title: "subject", Left: true}, {Title: "figure", Left: true},
		{Title: "at load", Help: "where the difference is zero, as a multiple of today's load"},
		{Title: "between", Help: "the loads on both sides at which the difference excludes zero"},
		{Title: "lower below", Left: true}, {Title: "lower above", Left: true},
	}}
	for _, k := range c.Curves.Crossings {
		at := (&footnotes{}).estimate(k.Load, plain)
		t.add(word(k.Subject), word(paidLabel(k.Metric, currencyOf(c))), at, word(short(k.Low, plain)+"–"+short(k.High, plain)),
			word(designLabel(k.Below)), word(designLabel(k.Above)))
	}
	return t.merged()
}

// loadFigures are the differences that are shown against the load; the CSV
// file and the document have all.
var loadFigures = []string{"latency_s.p50", "latency_s.p99", "throughput_rps", "error_ratio", "monthly", "per_million_requests"}

// loadDifferences has a table for each design: a column per load.
func loadDifferences(c *result.Comparison, notes *footnotes) []table {
	if c.Curves == nil {
		return nil
	}
	var tables []table
	for i := 1; i < len(c.Designs); i++ {
		t := table{
			Title: designLabel(c.Designs[i].Design) + " from " + designLabel(c.Designs[0].Design), Labels: 2, LabelWidth: nameWidth,
			Columns: []column{{Title: "subject", Left: true}, {Title: "at load", Left: true}},
		}
		for _, load := range c.Curves.Loads {
			t.Columns = append(t.Columns, column{Title: times(load)})
		}
		rows := map[string]int{}
		for _, d := range c.Curves.Differences {
			at := slices.Index(c.Curves.Loads, d.Load)
			if at < 0 || d.Design != c.Designs[i].Design || !slices.Contains(loadFigures, d.Metric) {
				continue
			}
			key := d.Subject + "\n" + d.Metric
			if _, known := rows[key]; !known {
				rows[key] = len(t.Rows)
				t.add(append([]cell{word(d.Subject), word(paidLabel(d.Metric, currencyOf(c)))}, make([]cell, len(c.Curves.Loads))...)...)
			}
			t.Rows[rows[key]][2+at] = differenceCell(d.Difference, notes)
		}
		tables = append(tables, t.merged())
	}
	return tables
}

// compareLoads is every load that was simulated, with each design.
func compareLoads(c *result.Comparison, notes *footnotes) table {
	if c.Curves == nil {
		return table{}
	}
	t := table{Title: "Loads", Labels: 3, LabelWidth: nameWidth, Headed: true, Columns: []column{
		{Title: "load", Left: true}, {Title: "design", Left: true}, {Title: "client", Left: true},
		{Title: "offered/s"}, {Title: "ok/s"}, {Title: "errors"}, {Title: "p50"}, {Title: "p99"}, {Title: "missed", Help: "how many objectives are missed; the document says which"},
		{Title: "a month", Help: "what it costs"}, {Title: "a million ok", Help: "what they cost"},
		{Title: "busiest", Left: true}, {Title: "busy"},
	}}
	labels := designLabels(c)
	for _, load := range allLoads(c.Curves) {
		for i := range c.Curves.Designs {
			for k := range c.Curves.Designs[i].Points {
				if p := &c.Curves.Designs[i].Points[k]; p.Load == load {
					addPoint(&t, p, labels[i], notes)
				}
			}
		}
	}
	return onlyClient(t.trimmed().merged(), c)
}

// onlyClient leaves out the third column, which is the client, where there is
// only one.
func onlyClient(t table, c *result.Comparison) table {
	if len(t.Rows) == 0 || len(union(c, func(r *result.Result) []string { return sorted(r.Clients) })) > 1 {
		return t
	}
	t.Labels--
	t.Columns = slices.Delete(slices.Clone(t.Columns), 2, 3)
	for i, row := range t.Rows {
		t.Rows[i] = slices.Delete(slices.Clone(row), 2, 3)
	}
	return t
}

// allLoads are the loads of all designs, each once.
func allLoads(c *result.Curves) []float64 {
	var all []float64
	for i := range c.Designs {
		for k := range c.Designs[i].Points {
			all = append(all, c.Designs[i].Points[k].Load)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func addPoint(t *table, p *result.CurvePoint, label string, notes *footnotes) {
	if p.Limit != "" {
		row := append([]cell{word(times(p.Load)), word(label), {}}, make([]cell, len(t.Columns)-3)...)
		row[3].Note = notes.number(p.Limit)
		t.add(row...)
		return
	}
	month, million, busiest, busy := cell{}, cell{}, cell{}, cell{}
	if p.Monthly != nil && p.PerMillionRequests != nil {
		month, million = notes.estimate(*p.Monthly, money), notes.estimate(*p.PerMillionRequests, money)
	}
	if b := p.Busiest; b != nil {
		busiest, busy = word(b.Node+" "+b.Resource), value(b.Utilization, ratio)
	}
	for _, name := range sorted(p.Clients) {
		q := p.Clients[name]
		t.add(word(times(p.Load)), word(label), word(name), notes.estimate(q.OfferedRPS, perSecond), notes.estimate(q.ThroughputRPS, perSecond),
			notes.estimate(q.ErrorRatio, ratio), notes.estimate(q.LatencyS["p50"], seconds), notes.estimate(q.LatencyS["p99"], seconds),
			word(strconv.Itoa(len(p.Missed))), month, million, busiest, busy)
	}
}

// faultsCompared is what the faults of the file do to each design.
func faultsCompared(c *result.Comparison, notes *footnotes) table {
	t := table{Title: "Faults of the file, each alone", Labels: 3, LabelWidth: nameWidth, Headed: true, Columns: []column{
		{Title: "fault", Left: true}, {Title: "design", Left: true}, {Title: "client", Left: true},
		{Title: "failed", Help: "requests that were not answered ok and would have been without the fault, a replication"},
		{Title: "extra p99", Help: "difference of the 99th percentile over the whole window"},
		{Title: "back", Help: "how long after its beginning the client was back within its objectives; without any, at the level of the twin"},
		{Title: "budget", Help: "what it spent of the error budget of thirty days of this traffic: of the objective of which it is the most"},
		{Title: "missed", Left: true, Help: "objectives that were missed in this run"},
	}}
	labels := designLabels(c)
	for i := range c.Failures {
		for k := range c.Failures[i].Faults {
			d := &c.Failures[i].Faults[k]
			if !d.Began || d.Limit != "" {
				row := append([]cell{word(drillLabel(d)), word(labels[i]), {}}, make([]cell, len(t.Columns)-3)...)
				row[3].Note = notes.number(cmp.Or(d.Limit, "it never began within the window"))
				t.add(row...)
				continue
			}
			for _, name := range sorted(d.Clients) {
				q := d.Clients[name]
				t.add(word(drillLabel(d)), word(labels[i]), word(name), signedCell(q.FailedRequests, plain, notes),
					signedCell(q.ExtraLatencyS["p99"], seconds, notes), backCell(d, q, notes), budgetCell(q, notes), missedCell(objectivesOf(d, name)))
			}
		}
	}
	return onlyClient(t.trimmed().merged(), c)
}

// lossesTable is what each design can lose.
func lossesTable(c *result.Comparison, notes *footnotes) table {
	t := table{Title: "With a part lost", Labels: 2, LabelWidth: nameWidth, Headed: true, Columns: []column{
		{Title: "design", Left: true}, {Title: "lost", Left: true},
		{Title: "objectives", Left: true, Help: "all of them together, judged over a window through which the part is not there"},
		{Title: "failed", Help: "share of the requests that fail because of it"},
		{Title: "extra p99", Help: "of the client that has the most"},
		{Title: "one more", Help: "what one more instance of the node costs a month"},
		{Title: "missed", Left: true, Long: true, Help: "objectives"},
	}}
	labels := designLabels(c)
	for i := range c.Failures {
		for k := range c.Failures[i].Losses {
			l := &c.Failures[i].Losses[k]
			_, what, _ := strings.Cut(l.What, " ")
			if l.AnyOf != "" {
				what = l.AnyOf + " " + strings.SplitN(what, "[", 2)[0]
			}
			verdict := cell{}
			if l.Verdict != "" {
				verdict = verdictCell(l.Verdict)
			}
			missed := slices.Clone(l.Missed)
			if l.Verdict == result.Undecided {
				missed = suffixed(l.Unsure, " (undecided)")
			}
			if l.Limit != "" {
				missed = []string{l.Limit}
			}
			t.add(word(labels[i]), word(what), verdict, signedCell(l.FailedRatio, ratio, notes), signedCell(most(l.ExtraLatencyS), seconds, notes),
				optionalCell(l.OneMoreMonthly, money), word(strings.Join(missed, "; ")))
		}
	}
	return t.trimmed().merged()
}

func suffixed(texts []string, suffix string) []string {
	var out []string
	for _, t := range texts {
		out = append(out, t+suffix)
	}
	return out
}

// most is the greatest of some estimates.
func most(of map[string]result.Estimate) result.Estimate {
	var out result.Estimate
	for _, name := range sorted(of) {
		if e := of[name]; e.Mean != nil && (out.Mean == nil || *e.Mean > *out.Mean) {
			out = e
		}
	}
	return out
}

// curvesLine says how the loads were simulated, and the losses.
func curvesLine(c *result.Comparison) []string {
	var lines []string
	if k := c.Curves; k != nil && len(k.Designs) > 0 {
		line := "Loads are multiples of today's traffic; the same customers came to each and to every design. Common loads: " + span(k.DurationS) + " measured"
		if k.WarmupS > 0 {
			line += " after " + span(k.WarmupS) + " of warm-up"
		}
		line += ", " + amount(k.Replications, "replication") + "; what a design holds was searched for over " + span(k.Designs[0].DurationS) +
			". Beyond what holds, figures depend on how long the overload lasts."
		lines = append(lines, line)
		if s := correctionLine(&k.Correction); s != "" {
			lines = append(lines, "Against load, "+s)
		}
	}
	if len(c.Failures) > 0 {
		n := 0
		for i := range c.Failures {
			n = max(n, len(c.Failures[i].Losses))
		}
		lines = append(lines, "Losses: up to "+amount(n, "part")+" of a design, each alone and gone through all of "+span(c.Failures[0].DurationS)+
			"; what is told of one of several instances stands for all that are like it.")
		for i := range c.Failures {
			for _, s := range c.Failures[i].Skipped {
				lines = append(lines, designLabel(c.Failures[i].Design)+", not tried: "+visible(s)+".")
			}
		}
	}
	return lines
}
