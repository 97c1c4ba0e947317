package reports

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// planRunLine says what was asked for.
func planRunLine(p *result.Plan) string {
	line := grouped(p.Counts.Designs) + " designs: "
	for i := range p.Dimensions {
		if i > 0 {
			line += " × "
		}
		line += dimensionText(&p.Dimensions[i].SweepDimension)
	}
	if p.Design != "" {
		line = "design " + visible(p.Design) + " · " + line
	}
	line += " · at " + short(p.Load, plain) + " times the traffic"
	if len(p.Survive) > 0 {
		line += ", and during each of: " + visible(strings.Join(p.Survive, ", "))
	}
	return line + " · seed " + strconv.FormatUint(p.Seed, 10)
}

// grouped writes a count with its thousands apart.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

func planTruncated(p *result.Plan) string {
	return "Interrupted after " + amount(p.Counts.Simulated, "design") + " had been simulated: cheaper ones may be left."
}

// planVerdict is the answer.
func planVerdict(p *result.Plan) (string, tone) {
	switch {
	case p.Winner == nil && p.NearMiss == nil && p.Counts.Screened == p.Counts.Designs:
		return "No design meets the objectives: all of them are asked for more than they have, or cost more than is allowed.", bad
	case p.Winner == nil && p.NearMiss == nil:
		return "No design was simulated.", bad
	case p.Winner == nil:
		line := "No design meets the objectives. The nearest is " + planName(p, p.NearMiss.Values) + planPrice(p, p.NearMiss) + "; the obstacle is " + visible(p.Obstacle) + "."
		return line, bad
	}
	line := planName(p, p.Winner.Values) + planPrice(p, p.Winner)
	switch {
	case p.Truncated, p.Counts.Unsettled > 0:
		return "The cheapest design found so far that meets all objectives: " + line + ".", unsure
	case p.Currency == "":
		return "A design that meets all objectives: " + line + ".", good
	}
	return "The cheapest design that meets all objectives: " + line + ".", good
}

// planName names a design: "server.app.instances = 4, server.app.type = x".
func planName(p *result.Plan, values []string) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = visible(p.Dimensions[i].Path) + " = " + visible(v)
	}
	return strings.Join(parts, ", ")
}

func planPrice(p *result.Plan, d *result.PlanDesign) string {
	if p.Currency == "" || d.Monthly.Mean == nil {
		return ""
	}
	return ", " + newFigure(*d.Monthly.Mean, nil, money, significant).String() + " " + visible(p.Currency) + " a month"
}

// planFindings say how the answer was come by.
func planFindings(p *result.Plan) []string {
	c := &p.Counts
	parts := []string{}
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, grouped(n)+" "+what)
		}
	}
	add(c.Screened, "ruled out by theory")
	add(c.Pruned, "no better in anything than one that failed")
	add(c.Costlier, "not cheaper than the winner")
	add(c.Simulated, "simulated")
	add(c.Unsettled, "not looked at")
	lines := []string{"Of " + grouped(c.Designs) + " designs: " + strings.Join(parts, "; ") + "."}
	if d := p.Winner; d != nil {
		if m, text := tightest(d); text != "" {
			lines = append(lines, "Its tightest objective is "+visible(text)+": "+short(m, ratio)+" of what it allows is left.")
		}
	}
	var free []string
	for i := range p.Dimensions {
		if d := &p.Dimensions[i]; !d.Monotone && len(d.Values) > 1 && d.Why != "" {
			free = append(free, visible(d.Path)+" ("+visible(d.Why)+")")
		}
	}
	if len(free) > 0 {
		lines = append(lines, "No design speaks for others that differ in "+strings.Join(free, ", ")+".")
	}
	return lines
}

// tightest is the objective of a design with the least margin.
func tightest(d *result.PlanDesign) (margin float64, text string) {
	for i := range d.Cases {
		for k := range d.Cases[i].Objectives {
			o := &d.Cases[i].Objectives[k]
			if o.Margin != nil && (text == "" || *o.Margin < margin) {
				margin, text = *o.Margin, duringFault(o.Text, d.Cases[i].What)
			}
		}
	}
	return margin, text
}

func duringFault(text, fault string) string {
	if fault == "" {
		return text
	}
	return text + " during " + fault
}

// planLines say how sure the answer is.
func planLines(p *result.Plan) []string {
	r := &p.Procedure
	var looks []string
	for _, n := range r.Looks {
		looks = append(looks, strconv.Itoa(n))
	}
	lines := []string{
		fmt.Sprintf("Decided by a sequential test with looks after %s replications: all decisions together are right with %s confidence, up to %s of each objective. %s replications in all.",
			strings.Join(looks, ", "), short(r.Confidence, ratio), short(r.Indifference, ratio), grouped(r.Replications)),
		"± is half of a 95 % interval. Margins are the share of what an objective allows that is not used.",
	}
	if slices.ContainsFunc(p.Simulated, func(d result.PlanDesign) bool { return onFront(p, &d) }) {
		lines = append(lines, "★ is on the front: no other design that was simulated is better in one of cost, p99 and availability, and worse in none.")
	}
	return lines
}

func planWarnings(p *result.Plan) []string {
	return warningLines(&result.Result{Warnings: p.Warnings})
}

// planTables are the tables of a plan, in order. In a terminal reasons are
// lines below, and not cells.
func planTables(p *result.Plan, notes *footnotes, terminal bool) []table {
	var all []table
	switch {
	case p.Winner != nil:
		all = append(all, planObjectives("Winner", p.Winner, notes))
		if !terminal {
			all = append(all, planNeighbors(p))
		}
	case p.NearMiss != nil:
		all = append(all, planObjectives("Nearest", p.NearMiss, notes))
	}
	return append(all, planDesigns(p, notes, terminal))
}

// planReasons are the neighbours of the winner, and why each is not it.
func planReasons(p *result.Plan) []string {
	var lines []string
	for i := range p.Neighbors {
		n := &p.Neighbors[i]
		lines = append(lines, visible(n.Path)+" = "+visible(n.Value)+": "+visible(n.Reason))
	}
	return lines
}

// worstMiss is the objective that a design misses by most, "" if it misses
// none.
func worstMiss(d *result.PlanDesign) string {
	worst, text := 0.0, ""
	for i := range d.Cases {
		c := &d.Cases[i]
		if c.Limit != "" {
			return "a limit was reached"
		}
		for k := range c.Objectives {
			o := &c.Objectives[k]
			if o.Verdict != result.Missed {
				continue
			}
			switch m := o.Margin; {
			case m == nil && text == "":
				text = duringFault(o.Text, c.What)
			case m != nil && *m < worst:
				worst, text = *m, duringFault(o.Text, c.What)
			}
		}
	}
	switch {
	case worst < manyTimes:
		return visible(text) + ", " + timesOver(worst)
	case worst < 0:
		return visible(text) + ", " + short(worst, ratio)
	}
	return visible(text)
}

// manyTimes is the margin below which a miss is told by a factor: nobody reads
// a share of a hundred thousand per cent.
const manyTimes = -10

// timesOver says how many times what an objective allows was used.
func timesOver(margin float64) string { return short(1-margin, plain) + " times what is allowed" }

// marginCell is a margin, or by how many times it is missed.
func marginCell(o *result.PlanObjective, notes *footnotes) cell {
	if o.Margin != nil && *o.Margin < manyTimes {
		return word(timesOver(*o.Margin))
	}
	return planEstimate(result.Estimate{Mean: o.Margin, HalfWidth: o.MarginHalfWidth}, notes, ratio)
}

// planObjectives is what a design was judged by.
func planObjectives(title string, d *result.PlanDesign, notes *footnotes) table {
	t := table{
		Title: title, Labels: 2, LabelWidth: objectiveWidth, Headed: true,
		Columns: []column{
			{Title: "objective", Left: true},
			{Title: "during", Left: true, Help: "the fault that holds all the while; none at the top"},
			{Title: "verdict", Left: true},
			{Title: "measured", Help: "what the simulation gave, with the half width of its 95 % interval"},
			{Title: "margin", Help: "the share of what the objective allows that is not used; what is missing if it is negative"},
			{Title: "replications"},
		},
	}
	for i := range d.Cases {
		c := &d.Cases[i]
		what := word(c.What)
		if c.What == "" {
			what = cell{figure: figure{Num: "no fault"}}
		}
		if c.Limit != "" {
			t.add(word("a limit was reached: "+c.Limit), what, cell{figure: figure{Num: "✗"}, Tone: bad}, cell{}, cell{}, cell{})
		}
		for k := range c.Objectives {
			o := &c.Objectives[k]
			t.add(word(o.Text), what, verdictCell(o.Verdict), objectiveCell(o.Objective, notes),
				marginCell(o, notes), cell{figure: figure{Num: strconv.Itoa(c.Replications)}})
		}
	}
	return t
}

// planNeighbors says why each design one step away was not taken.
func planNeighbors(p *result.Plan) table {
	t := table{
		Title: "Neighbours of the winner", Labels: 2, LabelWidth: nameWidth, Headed: true,
		Columns: []column{{Title: "key", Left: true}, {Title: "value", Left: true}, {Title: monthTitle(p)}, {Title: "why not", Left: true, Long: true}},
	}
	for i := range p.Neighbors {
		n := &p.Neighbors[i]
		t.add(word(n.Path), word(n.Value), planMoney(n.Monthly), word(n.Reason))
	}
	return t.trimmed()
}

func monthTitle(p *result.Plan) string { return visible(strings.TrimSpace(p.Currency + " a month")) }

func planMoney(v *float64) cell {
	if v == nil {
		return cell{}
	}
	return value(*v, money)
}

// planDesigns lists the designs that were simulated, by cost. What is the same
// in all of them is left out.
func planDesigns(p *result.Plan, notes *footnotes, terminal bool) table {
	t := table{Title: "Simulated designs", Labels: 1, LabelWidth: objectiveWidth, Headed: true}
	var told []int
	var keys []string
	for i := range p.Dimensions {
		if slices.ContainsFunc(p.Simulated, func(d result.PlanDesign) bool { return d.Values[i] != p.Simulated[0].Values[i] }) || len(p.Dimensions) == 1 || len(p.Simulated) == 1 {
			told, keys = append(told, i), append(keys, shortKey(p, i))
		}
	}
	t.Columns = []column{
		{Title: strings.Join(keys, ", "), Left: true, Help: "the keys in which these designs differ"},
		{Title: monthTitle(p)},
		{Title: "p99", Help: "of the slowest client, without a fault"},
		{Title: "availability", Help: "of the client that has least, without a fault"},
		{Title: "objectives", Left: true, Help: "★: on the front"},
		{Title: "why not", Left: true, Long: true},
	}
	if terminal {
		t.Columns[len(t.Columns)-1].Title = "misses most"
	}
	for i := range p.Simulated {
		d := &p.Simulated[i]
		var values []string
		for _, k := range told {
			values = append(values, d.Values[k])
		}
		verdict := verdictCell(d.Verdict)
		if onFront(p, d) {
			verdict.Num += " ★"
		}
		why := word(d.Reason)
		if terminal {
			why = cell{figure: figure{Num: worstMiss(d)}}
		}
		if p.Winner != nil && d.Point == p.Winner.Point {
			why = cell{figure: figure{Num: "the winner"}, Tone: good}
		}
		t.add(word(strings.Join(values, ", ")), planEstimate(d.Monthly, notes, money), planEstimate(d.P99S, notes, seconds), planEstimate(d.Availability, notes, ratio), verdict, why)
	}
	return t.trimmed()
}

// planEstimate is an estimate; of what is the same in all replications the
// interval is left out.
func planEstimate(e result.Estimate, notes *footnotes, u unit) cell {
	if e.HalfWidth != nil && *e.HalfWidth == 0 {
		e.HalfWidth = nil
	}
	return notes.estimate(e, u)
}

func onFront(p *result.Plan, d *result.PlanDesign) bool { return slices.Contains(p.Front, d.Point) }

// shortKey is as much of a path as tells it from the others.
func shortKey(p *result.Plan, at int) string {
	s := &result.Sweep{}
	for i := range p.Dimensions {
		s.Dimensions = append(s.Dimensions, p.Dimensions[i].SweepDimension)
	}
	return shortPath(s, at)
}
