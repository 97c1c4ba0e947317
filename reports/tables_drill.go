package reports

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// drillLabel names a drill, and what it stands for.
func drillLabel(d *result.Drill) string {
	label := visible(d.What)
	if d.AnyOf != "" {
		label += " (" + visible(d.AnyOf) + ")"
	}
	return label
}

// drillsTable has a row for each drill and client: what the fault did, in
// short.
func drillsTable(r *result.DrillReport, notes *footnotes) table {
	t := table{
		Title:  "Drills",
		Labels: 2, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "fault", Left: true}, {Title: "client", Left: true},
			{Title: "at", Help: "when it began, since the start of the measured window"},
			{Title: "detected", Spare: 4, Help: "how long after its beginning the first balancer took an instance out of rotation"},
			{Title: "failed", Spare: 3, Help: "requests that were not answered ok and would have been without the fault, a replication"},
			{Title: "share", Help: "the same as a share of the requests offered in the window"},
			{Title: "extra p99", Spare: 1, Help: "difference of the 99th percentile over the whole window"},
			{Title: "back", Help: "how long after its beginning the client was back within its objectives; without any, at the level of the twin; > where it was not before the run was over"},
			{Title: "budget", Spare: 2, Help: "what it spent of the error budget of thirty days of this traffic: of the objective of which it is the most"},
			{Title: "missed", Left: true, Help: "objectives that were missed in this run: those of the client, and of nodes"},
		},
	}
	begin := func(d *result.Drill) cell { return optionalCell(d.AtS, seconds) }
	if togetherLine(r) != "" {
		begin = func(*result.Drill) cell { return cell{} }
	}
	for i := range r.Drills {
		d := &r.Drills[i]
		if !d.Began || d.Limit != "" {
			why := ": never began"
			if d.Limit != "" {
				why = ": a limit was reached"
			}
			t.add(append([]cell{word(drillLabel(d) + why), {}, begin(d)}, make([]cell, len(t.Columns)-3)...)...)
			continue
		}
		for _, name := range sorted(d.Clients) {
			c := d.Clients[name]
			t.add(word(drillLabel(d)), word(name), begin(d), sinceCell(d.DetectedS, d.AtS),
				signedCell(c.FailedRequests, plain, notes), signedCell(c.FailedRatio, ratio, notes),
				slowerCell(r, name, "p99", c.ExtraLatencyS, notes), backCell(d, c, notes), budgetCell(c, notes), missedCell(objectivesOf(d, name)))
		}
	}
	return ofClients(r, t.trimmed())
}

// ofClients leaves out the second column, which is the client, where there is
// only one.
func ofClients(r *result.DrillReport, t table) table {
	if r.Baseline != nil && len(r.Baseline.Clients) > 1 {
		return t.merged()
	}
	for i := range r.Drills {
		if len(r.Drills[i].Clients) > 1 {
			return t.merged()
		}
	}
	t.Labels--
	t.Columns = slices.Delete(slices.Clone(t.Columns), 1, 2)
	for i, row := range t.Rows {
		t.Rows[i] = slices.Delete(slices.Clone(row), 1, 2)
	}
	return t
}

// togetherLine says when the drills begin, if several do at the same time;
// else each row of the table says it.
func togetherLine(r *result.DrillReport) string {
	if len(r.Drills) < 2 || r.Drills[0].AtS == nil {
		return ""
	}
	told := false // else the rows would say nothing
	for i := range r.Drills {
		d := &r.Drills[i]
		if d.AtS == nil || *d.AtS != *r.Drills[0].AtS {
			return ""
		}
		told = told || d.Began && d.Limit == ""
	}
	if !told {
		return ""
	}
	return "Each fault begins at " + span(*r.Drills[0].AtS) + "."
}

// optionalCell is the cell of a number that there need not be.
func optionalCell(v *float64, u unit) cell {
	if v == nil {
		return cell{figure: figure{Num: noNumber}}
	}
	return value(*v, u)
}

// sinceCell is how long after the beginning something came.
func sinceCell(at, begin *float64) cell {
	if at == nil || begin == nil {
		return cell{figure: figure{Num: noNumber}}
	}
	return value(*at-*begin, seconds)
}

// signedCell is a difference with its sign.
func signedCell(e result.Estimate, u unit, notes *footnotes) cell {
	if u == ratio {
		u = points
	}
	c := notes.estimate(e, u)
	switch {
	case strings.HasPrefix(c.Num, "<") || strings.HasPrefix(c.Num, ">"):
		c.Num = "0"
	case e.Mean != nil && *e.Mean > 0:
		c.Num = "+" + c.Num
	}
	return c
}

// slowerCell is the difference of a figure of a client's latency. A percentile
// is read between the bounds of a histogram's bucket: what is less than a
// ten-thousandth of it comes from there, and is none.
func slowerCell(r *result.DrillReport, client, figure string, of result.Latency, notes *footnotes) cell {
	e := of[figure]
	if r.Baseline == nil {
		return signedCell(e, seconds, notes)
	}
	if twin := r.Baseline.Clients[client]; twin != nil && e.Mean != nil && twin.LatencyS[figure].Mean != nil {
		least := *twin.LatencyS[figure].Mean / 10_000
		if math.Abs(*e.Mean) < least && (e.HalfWidth == nil || *e.HalfWidth < least) {
			e.Mean = new(float64)
		}
	}
	return signedCell(e, seconds, notes)
}

// backCell is when a client was back, or for how long at least it was not. A
// fault that comes by chance, again and again, has no such time.
func backCell(d *result.Drill, c *result.DrillClient, notes *footnotes) cell {
	switch {
	case c.RecoveryS.Mean != nil:
		return notes.estimate(c.RecoveryS, seconds)
	case d.AtS == nil:
		return cell{figure: figure{Num: noNumber}}
	}
	if c.RecoveryAboveS == nil {
		return cell{figure: figure{Num: "?"}, Tone: unsure, Note: notes.number("the fault begins too late in the window to tell")}
	}
	out := value(*c.RecoveryAboveS, seconds)
	out.Num, out.Tone = "> "+out.Num, bad
	if strings.Contains(c.RecoveryS.Note, " in ") { // in some replications it was
		out.Note = notes.number(c.RecoveryS.Note)
	}
	return out
}

// budgetCell is the share of the month's error budget that was spent, of the
// objective of which it is the most.
func budgetCell(c *result.DrillClient, notes *footnotes) cell {
	var most *result.Budget
	for i := range c.Budgets {
		b := &c.Budgets[i]
		if b.OfMonth.Mean != nil && (most == nil || *b.OfMonth.Mean > *most.OfMonth.Mean) {
			most = b
		}
	}
	if most == nil {
		return cell{figure: figure{Num: noNumber}}
	}
	return notes.estimate(most.OfMonth, ratio)
}

// objectivesOf are the objectives of a drill but those of other clients.
func objectivesOf(d *result.Drill, client string) []result.Objective {
	return slices.DeleteFunc(slices.Clone(d.Objectives), func(o result.Objective) bool {
		for _, name := range sorted(d.Clients) {
			if name != client && isAbout(o, name) {
				return true
			}
		}
		return false
	})
}

// missedCell counts the objectives that were not met.
func missedCell(objectives []result.Objective) cell {
	missed, undecided := 0, 0
	for _, o := range objectives {
		switch o.Verdict {
		case result.Missed:
			missed++
		case result.Undecided:
			undecided++
		}
	}
	switch n := len(objectives); {
	case n == 0:
		return word(noNumber)
	case missed > 0:
		return cell{figure: figure{Num: "✗ " + strconv.Itoa(missed) + " of " + strconv.Itoa(n)}, Tone: bad}
	case undecided > 0:
		return cell{figure: figure{Num: "? " + strconv.Itoa(undecided) + " of " + strconv.Itoa(n)}, Tone: unsure}
	}
	return cell{figure: figure{Num: "✓ none"}, Tone: good}
}

// drillObjectivesTable has a row for each objective and drill that it is
// missed or undecided in, and what the twin without faults had.
func drillObjectivesTable(r *result.DrillReport, notes *footnotes) table {
	t := table{
		Title:  "Objectives not met",
		Labels: 2, LabelWidth: objectiveWidth,
		Columns: []column{
			{Title: "fault", Left: true}, {Title: "objective", Left: true}, {Title: "verdict", Left: true},
			{Title: "measured"}, {Title: "without it", Help: "the same without any fault"},
		},
	}
	for i := range r.Drills {
		d := &r.Drills[i]
		for _, o := range d.Objectives {
			if o.Verdict == result.Met || !d.Began {
				continue
			}
			calm := cell{figure: figure{Num: noNumber}}
			for _, b := range r.Baseline.Objectives {
				if b.Text == o.Text && b.Actual.Mean != nil {
					calm = objectiveCell(b, notes)
				}
			}
			t.add(word(drillLabel(d)), word(o.Text), verdictCell(o.Verdict), objectiveCell(o, notes), calm)
		}
	}
	return t.merged()
}

// failuresTable is how the requests ended that failed because of the fault.
func failuresTable(r *result.DrillReport, notes *footnotes) table {
	t := table{
		Title:  "Failed requests by kind",
		Labels: 2, LabelWidth: nameWidth,
		Columns: []column{{Title: "fault", Left: true}, {Title: "client", Left: true}},
	}
	kinds := append(append([]string{}, result.ErrorKinds[:]...), "unfinished")
	for _, kind := range kinds {
		t.Columns = append(t.Columns, column{Title: kind, Help: "how many more than without the fault, a replication"})
	}
	eachDrilled(r, func(d *result.Drill, name string, c *result.DrillClient) {
		cells := []cell{word(drillLabel(d)), word(name)}
		some := false
		for _, kind := range kinds {
			e := c.Failed[kind]
			if e.Mean == nil || *e.Mean == 0 {
				cells = append(cells, cell{figure: figure{Num: noNumber}})
				continue
			}
			some = true
			cells = append(cells, signedCell(e, plain, notes))
		}
		if some {
			t.add(cells...)
		}
	})
	return ofClients(r, t.trimmed())
}

// slownessTable is how much longer ok answers took: over the window, and from
// the beginning of the fault until the client was back.
func slownessTable(r *result.DrillReport, notes *footnotes) table {
	t := table{
		Title:  "Extra latency",
		Labels: 2, LabelWidth: nameWidth,
		Columns: []column{{Title: "fault", Left: true}, {Title: "client", Left: true}},
	}
	figures := []string{"mean", "p50", "p99"}
	for _, f := range figures {
		t.Columns = append(t.Columns, column{Title: f, Help: "difference over the whole window"})
	}
	for _, f := range figures {
		t.Columns = append(t.Columns, column{Title: f + " while out", Help: "difference over the rows of the series from the beginning of the fault until the client was back"})
	}
	eachDrilled(r, func(d *result.Drill, name string, c *result.DrillClient) {
		cells := []cell{word(drillLabel(d)), word(name)}
		for _, l := range []result.Latency{c.ExtraLatencyS, c.OutageLatencyS} {
			for _, f := range figures {
				if l[f].Mean == nil {
					cells = append(cells, cell{figure: figure{Num: noNumber}})
					continue
				}
				cells = append(cells, slowerCell(r, name, f, l, notes))
			}
		}
		t.add(cells...)
	})
	return ofClients(r, t.trimmed())
}

// budgetsTable is what the faults spent of each error budget.
func budgetsTable(r *result.DrillReport, notes *footnotes) table {
	t := table{
		Title:  "Error budgets",
		Labels: 2, LabelWidth: objectiveWidth,
		Columns: []column{
			{Title: "fault", Left: true}, {Title: "objective", Left: true},
			{Title: "allows", Help: "the share of the requests that may be bad"},
			{Title: "bad requests", Help: "how many the fault added, a replication"},
			{Title: "of window", Help: "as a share of what may be bad in a window such as this"},
			{Title: "of month", Help: "the same of thirty days of this traffic"},
		},
	}
	eachDrilled(r, func(d *result.Drill, _ string, c *result.DrillClient) {
		for i := range c.Budgets {
			b := &c.Budgets[i]
			t.add(word(drillLabel(d)), word(b.Objective), value(b.AllowedRatio, ratio), signedCell(b.BadRequests, plain, notes),
				notes.estimate(b.OfWindow, ratio), notes.estimate(b.OfMonth, ratio))
		}
	})
	return t.merged()
}

// recoveryTable is how long the system took.
func recoveryTable(r *result.DrillReport) table {
	t := table{
		Title:  "Recovery",
		Labels: 1, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "fault", Left: true},
			{Title: "lasts", Help: "as the fault says; — to the end, or by chance"},
			{Title: "detected after", Help: "until the first balancer took one of the instances out of rotation"},
			{Title: "in rotation after", Help: "until the fault had ended, and all balancers had the instances back"},
			{Title: "RTO", Help: "how long writes were not served; of faults that took them from no database, until all clients were back within their objectives"},
			{Title: "RPO, writes", Help: "acknowledged writes that were lost"},
		},
	}
	for i := range r.Drills {
		d := &r.Drills[i]
		if !d.Began || d.Limit != "" {
			continue
		}
		lost := cell{figure: figure{Num: noNumber}}
		if d.RPOWrites != nil {
			lost = value(*d.RPOWrites, plain)
		}
		t.add(word(drillLabel(d)), optionalCell(d.ForS, seconds), sinceCell(d.DetectedS, d.AtS), sinceCell(d.RecoveredS, d.AtS),
			optionalCell(d.RTOS, seconds), lost)
	}
	return t.trimmed()
}

// eachDrilled calls f for each drill that has figures, and each client.
func eachDrilled(r *result.DrillReport, f func(d *result.Drill, name string, c *result.DrillClient)) {
	for i := range r.Drills {
		d := &r.Drills[i]
		if !d.Began || d.Limit != "" {
			continue
		}
		for _, name := range sorted(d.Clients) {
			f(d, name, d.Clients[name])
		}
	}
}

// drillVerdictLine says how many of the drills were borne.
func drillVerdictLine(r *result.DrillReport) (string, tone) {
	began, failed, unsures, limits, stated := 0, 0, 0, 0, false
	for i := range r.Drills {
		d := &r.Drills[i]
		if !d.Began {
			continue
		}
		began++
		if d.Limit != "" {
			limits++
			continue
		}
		stated = stated || len(d.Objectives) > 0
		switch missedCell(d.Objectives).Tone {
		case bad:
			failed++
		case unsure:
			unsures++
		}
	}
	of := " of " + amount(began, "drill")
	switch {
	case len(r.Drills) == 0:
		return "No drill was finished.", unsure
	case began == 0:
		return "No fault began within the window.", unsure
	case limits > 0 && failed > 0:
		return "Objectives are missed in " + strconv.Itoa(failed) + of + ", and a limit was reached in " + strconv.Itoa(limits) + "." + anywayPhrase(r), bad
	case limits > 0:
		return "A limit was reached in " + strconv.Itoa(limits) + of + ", without figures.", bad
	case !stated:
		return amount(began, "drill") + "; no objectives are stated.", neutral
	case failed > 0:
		return "Objectives are missed in " + strconv.Itoa(failed) + of + "." + anywayPhrase(r), bad
	case unsures > 0:
		return "Objectives are undecided in " + strconv.Itoa(unsures) + of + ", and missed in none.", unsure
	}
	return "All objectives are met in " + amount(began, "drill") + ".", good
}

// anywayPhrase says which objectives are missed without any fault: that they
// are missed with one says nothing about it.
func anywayPhrase(r *result.DrillReport) string {
	n := 0
	if r.Baseline != nil {
		for _, o := range r.Baseline.Objectives {
			if o.Verdict == result.Missed {
				n++
			}
		}
	}
	if n == 0 {
		return ""
	}
	verb := "are"
	if n == 1 {
		verb = "is"
	}
	return " Without any fault " + strconv.Itoa(n) + " of " + strconv.Itoa(len(r.Baseline.Objectives)) + " " + verb + " missed too."
}

// drillLine says what the figures are.
func drillLine(r *result.DrillReport) string {
	return strings.TrimSpace(togetherLine(r) + " " + differencesLine)
}

const differencesLine = "Differences from the same system without faults, paired by replication: the same customers came to both."

// skippedLines say what could not be drilled, and which limits were reached.
func skippedLines(r *result.DrillReport) []string {
	var lines []string
	for _, s := range r.Skipped {
		lines = append(lines, visible(s))
	}
	for i := range r.Drills {
		if d := &r.Drills[i]; d.Limit != "" {
			lines = append(lines, drillLabel(d)+": "+visible(d.Limit))
		}
	}
	return lines
}
