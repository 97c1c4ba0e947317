package reports

import (
	"slices"
	"strconv"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// asWritten is what the file without any overlay is called.
const asWritten = "as written"

// designLabels names the designs of c, each differently.
func designLabels(c *result.Comparison) []string {
	var labels []string
	for i, r := range c.Designs {
		label := designLabel(r.Design)
		if slices.Contains(labels, label) && r.Title != "" {
			label = visible(r.Title) + ", " + label
		}
		if slices.Contains(labels, label) {
			label += " (" + strconv.Itoa(i+1) + ")"
		}
		labels = append(labels, label)
	}
	return labels
}

// designLabel is a design's name; a file as it stands has none.
func designLabel(name string) string {
	if name == "" {
		return asWritten
	}
	return visible(name)
}

// verdictsLine says what the marks of a table of verdicts mean.
const verdictsLine = "✓ met, ✗ missed, ? undecided: the interval straddles the value."

// verdictsTable has a row per objective and a column per design: what was
// measured, marked with the verdict.
func verdictsTable(c *result.Comparison, notes *footnotes) table {
	t := table{
		Title:  "Objectives",
		Labels: 1, LabelWidth: objectiveWidth,
		Columns: []column{{Title: "objective", Left: true}},
	}
	for _, label := range designLabels(c) {
		t.Columns = append(t.Columns, column{Title: label})
	}
	texts := union(c, func(r *result.Result) []string {
		var texts []string
		for _, o := range r.Objectives {
			texts = append(texts, o.Text)
		}
		return texts
	})
	for _, text := range texts {
		cells := []cell{word(text)}
		for _, r := range c.Designs {
			i := slices.IndexFunc(r.Objectives, func(o result.Objective) bool { return o.Text == text })
			if i < 0 {
				cells = append(cells, word(noNumber))
				continue
			}
			cells = append(cells, markedCell(r.Objectives[i], notes))
		}
		t.add(cells...)
	}
	return t
}

// markedCell is what was measured, after the mark of its verdict.
func markedCell(o result.Objective, notes *footnotes) cell {
	c := objectiveCell(o, notes)
	verdict := verdictCell(o.Verdict)
	mark, _, _ := strings.Cut(verdict.Num, " ")
	c.Num = strings.TrimSpace(mark + " " + c.Num)
	c.Tone = verdict.Tone
	return c
}

// designsTable has a column per design and a row per figure.
func designsTable(c *result.Comparison, notes *footnotes) table {
	t := table{
		Title:  "Designs",
		Labels: 2, LabelWidth: nameWidth,
		Columns: []column{{Title: "subject", Left: true}, {Title: "figure", Left: true}},
	}
	for _, label := range designLabels(c) {
		t.Columns = append(t.Columns, column{Title: label})
	}
	for _, name := range union(c, func(r *result.Result) []string { return sorted(r.Clients) }) {
		addClient(&t, c, name, notes)
	}
	for _, name := range union(c, func(r *result.Result) []string { return sorted(r.Nodes) }) {
		addNode(&t, c, name, notes)
	}
	addCost(&t, c, notes)
	addBottlenecks(&t, c)
	return t.merged()
}

// addRow appends the cells of one figure, one per design.
func addRow(t *table, c *result.Comparison, subject, label string, figure func(*result.Result) cell) {
	cells := []cell{word(subject), word(label)}
	silent := true
	for _, r := range c.Designs {
		f := figure(r)
		silent = silent && f.empty()
		if f.Num == "" && f.Note == 0 {
			f.Num = noNumber
		}
		cells = append(cells, f)
	}
	if !silent {
		t.add(cells...)
	}
}

func addClient(t *table, c *result.Comparison, name string, notes *footnotes) {
	row := func(label string, u unit, of func(*result.Traffic) result.Estimate) {
		addRow(t, c, name, label, func(r *result.Result) cell {
			if r.Clients[name] == nil {
				return cell{}
			}
			return notes.estimate(of(&r.Clients[name].Traffic), u)
		})
	}
	row("offered", perSecond, func(t *result.Traffic) result.Estimate { return t.OfferedRPS })
	row("ok", perSecond, func(t *result.Traffic) result.Estimate { return t.ThroughputRPS })
	row("errors", ratio, func(t *result.Traffic) result.Estimate { return t.ErrorRatio })
	for _, p := range headline {
		row(p, seconds, func(t *result.Traffic) result.Estimate { return t.LatencyS[p] })
	}
}

func addNode(t *table, c *result.Comparison, name string, notes *footnotes) {
	addRow(t, c, name, "kind", func(r *result.Result) cell {
		if r.Nodes[name] == nil {
			return cell{}
		}
		return kindCell(r.Nodes[name])
	})
	resources := union(c, func(r *result.Result) []string {
		if r.Nodes[name] == nil {
			return nil
		}
		return limited(r.Nodes[name])
	})
	for _, resource := range resources {
		addRow(t, c, name, resource+" busy", func(r *result.Result) cell {
			if r.Nodes[name] == nil || r.Nodes[name].Resources[resource] == nil {
				return cell{}
			}
			return notes.estimate(r.Nodes[name].Resources[resource].Utilization.Estimate, ratio)
		})
	}
	addRow(t, c, name, "response p99", func(r *result.Result) cell {
		if r.Nodes[name] == nil {
			return cell{}
		}
		return notes.estimate(r.Nodes[name].ResponseS["p99"], seconds)
	})
	addTier(t, c, name, notes)
}

func addBottlenecks(t *table, c *result.Comparison) {
	addRow(t, c, "bottleneck", "resource", func(r *result.Result) cell {
		if r.Bottleneck == nil {
			return cell{}
		}
		return word(r.Bottleneck.Node + " " + r.Bottleneck.Resource)
	})
	addRow(t, c, "bottleneck", "saturates at", func(r *result.Result) cell {
		if r.Bottleneck == nil || r.Bottleneck.SaturatesAtLoad == nil {
			return cell{}
		}
		return cell{figure: figure{Num: short(*r.Bottleneck.SaturatesAtLoad, plain), Unit: "× load"}}
	})
}

// union are the names that any design has, in order of first appearance.
func union(c *result.Comparison, names func(*result.Result) []string) []string {
	var all []string
	for _, r := range c.Designs {
		for _, name := range names(r) {
			if !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	return all
}

// differenceLine says what the tables of differences hold.
func differenceLine(c *result.Comparison) string {
	strangers := distinct(c, func(d result.Difference) string {
		if d.Unpaired {
			return designLabel(d.Design)
		}
		return ""
	})
	strangers = slices.DeleteFunc(strangers, func(design string) bool { return design == "" })
	star := "* : the 95 % interval excludes zero."
	if line := correctionLine(c.Correction); line != "" {
		star = line
	}
	switch {
	case len(strangers) == 0:
		return "Paired by replication, same customers. " + star
	case !slices.ContainsFunc(c.Differences, func(d result.Difference) bool { return !d.Unpaired }):
		return "Not paired: no client in common, so that different customers came. " + star
	}
	return "Paired by replication, same customers; but not of " + strings.Join(strangers, ", ") + ": no client in common. " + star
}

// differencesTables has one table per baseline, usually one: a column per
// design, a row per figure.
func differencesTables(c *result.Comparison, notes *footnotes) []table {
	var tables []table
	for _, baseline := range distinct(c, func(d result.Difference) string { return d.Baseline }) {
		tables = append(tables, differencesTable(c, baseline, notes))
	}
	return tables
}

func differencesTable(c *result.Comparison, baseline string, notes *footnotes) table {
	designs := distinct(c, func(d result.Difference) string { return d.Design })
	t := table{
		Title:  "Differences from " + designLabel(baseline),
		Labels: 2, LabelWidth: nameWidth,
		Columns: []column{{Title: "subject", Left: true}, {Title: "figure", Left: true}},
	}
	for _, design := range designs {
		t.Columns = append(t.Columns, column{Title: designLabel(design)})
	}
	type key struct{ subject, metric string }
	at := map[key]int{}
	for _, d := range c.Differences {
		if d.Baseline != baseline {
			continue
		}
		k := key{d.Subject, d.Metric}
		if _, ok := at[k]; !ok {
			at[k] = len(t.Rows)
			t.add(append([]cell{word(d.Subject), word(paidLabel(d.Metric, currencyOf(c)))}, make([]cell, len(designs))...)...)
		}
		t.Rows[at[k]][2+slices.Index(designs, d.Design)] = differenceCell(d, notes)
	}
	return t.trimmed().merged()
}

// differenceCell is a difference with its sign, and a star where it is
// significant: a space elsewhere, so that figures stand under figures. One that
// is too small to be printed is none, whatever its interval: times are whole
// nanoseconds, and their rounding is not the same in all designs.
func differenceCell(d result.Difference, notes *footnotes) cell {
	u := metricUnit(d.Metric)
	if u == ratio {
		u = points
	}
	c := notes.estimate(d.Difference, u)
	tooSmall := strings.HasPrefix(c.Num, "<") || strings.HasPrefix(c.Num, ">")
	switch mean := d.Difference.Mean; {
	case tooSmall:
		c.Num = "0"
	case mean != nil && *mean > 0:
		c.Num = "+" + c.Num
	}
	c.Mark = " "
	if d.Significant && !tooSmall {
		c.Mark = "*"
	}
	return c
}

// distinct are the different values of a column of the differences, in order
// of first appearance.
func distinct(c *result.Comparison, of func(result.Difference) string) []string {
	var all []string
	for _, d := range c.Differences {
		if v := of(d); !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	return all
}

// designLines say what was run, together for designs that were run alike.
// They differ in the number of requests as soon as users wait for answers.
func designLines(c *result.Comparison) []string {
	requests := map[string][]uint64{}
	for _, r := range c.Designs {
		requests[designRun(r)] = append(requests[designRun(r)], r.Run.Requests)
	}
	return perDesign(c, func(r *result.Result) []string {
		n := requests[designRun(r)]
		line := runSettings(r) + " · " + requestRange(slices.Min(n), slices.Max(n))
		if r.Truncated {
			line += ". " + truncatedLine
		}
		return []string{line}
	})
}

// designRun tells apart designs that were not run alike.
func designRun(r *result.Result) string {
	if r.Truncated {
		return runSettings(r) + " " + truncatedLine
	}
	return runSettings(r)
}

func comparisonWarnings(c *result.Comparison) []string {
	return perDesign(c, warningLines)
}

func comparisonOrigins(c *result.Comparison) []string {
	return perDesign(c, func(r *result.Result) []string { return []string{originLine(r)} })
}

// perDesign are the different lines of all designs, in order of first
// appearance, each headed by the designs that it is of.
func perDesign(c *result.Comparison, of func(*result.Result) []string) []string {
	labels := designLabels(c)
	owners := map[string][]string{}
	var lines []string
	for i, r := range c.Designs {
		for _, line := range of(r) {
			if owners[line] == nil {
				lines = append(lines, line)
			}
			owners[line] = append(owners[line], labels[i])
		}
	}
	for i, line := range lines {
		whose := strings.Join(owners[line], ", ")
		if n := len(c.Designs); n > 1 && len(owners[line]) == n {
			whose = "all " + amount(n, "design")
		}
		lines[i] = whose + ": " + line
	}
	return lines
}

func fewestReplications(c *result.Comparison) int {
	fewest := 0
	for i, r := range c.Designs {
		if i == 0 || r.Run.Replications < fewest {
			fewest = r.Run.Replications
		}
	}
	return fewest
}
