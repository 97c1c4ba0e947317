package reports

import (
	"strconv"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// reportAnswers are what a report comes to, a sentence or two for each part:
// each follows from figures that the part shows.
func reportAnswers(r *result.Report) []answer {
	all := []answer{todayAnswer(r.Result), headroomAnswer(r), failuresAnswer(r), runwayAnswer(r), costAnswer(r.Result), designsAnswer(r)}
	var said []answer
	for _, a := range all {
		if a.Text != "" {
			said = append(said, a)
		}
	}
	return said
}

// mostListed is how many objectives an answer names.
const mostListed = 3

// todayAnswer is whether the objectives are met, and which are not.
func todayAnswer(r *result.Result) answer {
	line, tone := verdictLine(r)
	text := "Today: " + strings.ToLower(line[:1]) + line[1:]
	var open []string
	for _, o := range r.Objectives {
		if o.Verdict == result.Met {
			continue
		}
		one := visible(o.Text) + " is " + visible(o.Verdict)
		if o.Actual.Mean != nil {
			one += " (" + objectiveActual(o) + ")"
		}
		open = append(open, one)
	}
	if n := len(open) - mostListed; n > 0 {
		open = append(open[:mostListed], notMetEither(n))
	}
	if len(open) > 0 {
		text += " " + strings.Join(open, "; ") + "."
	}
	return answer{text, tone}
}

// notMetEither counts the objectives that are not named.
func notMetEither(n int) string {
	if n == 1 {
		return "1 more is not met either"
	}
	return strconv.Itoa(n) + " more are not met either"
}

// objectiveActual is the figure that an objective is about, as its table
// prints it: in the last column.
func objectiveActual(o result.Objective) string {
	row := objectivesTable(&result.Result{Objectives: []result.Objective{o}}, &footnotes{}).Rows[0]
	return inWords(row[len(row)-1].figure)
}

// inWords is a figure within a sentence, without a doubt of nothing.
func inWords(f figure) string {
	if f.Doubt == "0" {
		f.Doubt = ""
	}
	return f.String()
}

// headroomAnswer is by how much the load may grow, and what breaks then.
func headroomAnswer(r *result.Report) answer {
	s := r.Stress
	if s == nil {
		return answer{missingAnswer(r, "Headroom", result.HeadroomPart), neutral}
	}
	text, tone := stressVerdict(s)
	if held := s.Held.Mean; held != nil && tone == good {
		text = spareText(s)
	}
	if b := s.Breaks; b != nil {
		text += " At " + times(b.Load) + " this breaks first: " + visible(b.Text)
		if x := b.Resource; x != nil && x.Then.Utilization.Mean != nil {
			text += " (" + visible(x.Node) + " " + visible(x.Resource) + " is " + short(*x.Then.Utilization.Mean, ratio) + " busy there)"
		}
		text += "."
	}
	if len(s.Objectives) == 0 && s.HeldAt != nil {
		text += " (Without objectives, it only has to keep up.)"
	}
	for _, o := range s.Objectives {
		if o.Verdict != result.Met && tone == good {
			tone = unsure
		}
	}
	var unasked []string
	for _, c := range s.Criteria {
		if !c.Asked {
			unasked = append(unasked, visible(c.Text))
		}
	}
	if len(unasked) == len(s.Criteria) {
		unasked = nil // the verdict says so
	}
	if n := len(unasked) - mostListed; n > 0 {
		unasked = append(unasked[:mostListed], strconv.Itoa(n)+" more")
	}
	if len(unasked) > 0 {
		text += " This leaves out what is missed at any load, or cannot be asked for: " + strings.Join(unasked, "; ") + "."
		if tone == good {
			tone = unsure
		}
	}
	return answer{text, tone}
}

// manifold is the load from which it is told as a multiple of today's: "4800 %
// to spare" says nothing to anybody.
const manifold = 10

// spareText is by how much today's load may grow.
func spareText(s *result.Stress) string {
	held, known := *s.Held.Mean, s.Low != nil && s.High != nil
	if held >= manifold {
		text := "Today's load may grow to " + times(held) + " of itself"
		if known {
			text += " (" + times(*s.Low) + " to " + times(*s.High) + ")"
		}
		return text + "."
	}
	text := "Today's load has " + short(held-1, ratio) + " to spare"
	if known {
		text += " (" + short(max(*s.Low-1, 0), ratio) + " to " + short(*s.High-1, ratio) + ")"
	}
	return text + "."
}

// missingAnswer says that a part is not there.
func missingAnswer(r *result.Report, name, part string) string {
	why := r.WhyMissing(part)
	if why == "" {
		return ""
	}
	return name + ": not here, " + visible(why) + "."
}

// failuresAnswer is what the worst of the failures does.
func failuresAnswer(r *result.Report) answer {
	d := r.Drill
	if d == nil {
		return answer{missingAnswer(r, "Failures", result.FailuresPart), neutral}
	}
	line, tone := drillVerdictLine(d)
	if len(r.Result.Objectives) == 0 {
		line = "no objectives are stated to miss."
	}
	text := "When any one thing dies: " + strings.ToLower(line[:1]) + line[1:]
	single, all := worstDrill(r, false), worstDrill(r, true)
	switch {
	case single != nil:
		text += " The worst is " + worstText(single)
	case all == nil && tone != bad:
		text += " No requests fail that would not have."
	}
	if all != nil && (single == nil || *all.FailedRatio.Mean > *single.FailedRatio.Mean) {
		text += " Beyond one thing, " + drillLabel(all) + " (all its instances): " + lostText(all.FailedRatio) + "."
	}
	return answer{text, tone}
}

// worstDrill is the one that cost most requests, of those that strike one
// thing or of those that strike all instances of a node at once; of those that
// cost none measurably, nil. What has no figures is told of by the verdict.
func worstDrill(r *result.Report, whole bool) *result.Drill {
	several := map[string]bool{}
	for _, n := range r.Result.Topology.Nodes {
		if n.Instances > 1 {
			several["kill "+n.Name] = true
		}
	}
	var worst *result.Drill
	for i := range r.Drill.Drills {
		d := &r.Drill.Drills[i]
		m := d.FailedRatio.Mean
		if !d.Began || d.Limit != "" || m == nil || *m <= 0 || several[d.What] != whole {
			continue
		}
		if worst == nil || *m > *worst.FailedRatio.Mean {
			worst = d
		}
	}
	return worst
}

// worstText says what a failure does: which share of the requests it costs,
// and how long it is felt.
func worstText(d *result.Drill) string {
	text := drillLabel(d)
	if d.ForS != nil {
		text += " for " + span(*d.ForS)
	}
	text += ": " + lostText(d.FailedRatio)
	longest, back, known := 0.0, true, false
	for _, name := range sorted(d.Clients) {
		c := d.Clients[name]
		switch {
		case c.RecoveryS.Mean != nil:
			longest, known = max(longest, *c.RecoveryS.Mean), true
		case c.RecoveryAboveS != nil:
			back = false
		}
	}
	switch {
	case !back:
		text += ", and not all clients are back when the run ends"
	case known && longest > 0:
		text += ", and all clients are back " + span(longest) + " after it began"
	}
	return text + "."
}

// lostText says which share of the requests fails. Where requests pile up it
// may be more than the window has.
func lostText(e result.Estimate) string {
	if *e.Mean > 1 {
		return "more requests fail that would not have than come in the whole window"
	}
	return inWords(newFigure(*e.Mean, e.HalfWidth, ratio, significant)) + " of the requests of the whole window fail that would not have"
}

// usualGrowth is the example that stands for growth where none was stated.
const usualGrowth = 0.05

// runwayAnswer is how long the headroom lasts.
func runwayAnswer(r *result.Report) answer {
	if len(r.Runway) == 0 {
		if r.Stress == nil { // said of the headroom already
			return answer{}
		}
		return answer{missingAnswer(r, "Runway", result.RunwayPart), neutral}
	}
	if askedGrowth(r) {
		return answer{growthLine(&r.Runway[0]), neutral}
	}
	g := &r.Runway[0]
	for i := range r.Runway {
		if r.Runway[i].RatePer == usualGrowth && r.Runway[i].Period == "month" {
			g = &r.Runway[i]
		}
	}
	return answer{growthLine(g) + " (An example: no growth was stated.)", neutral}
}

// costAnswer is what it costs.
func costAnswer(r *result.Result) answer {
	c := r.Cost
	if c == nil || c.Monthly.Mean == nil {
		return answer{"Cost: nothing in the file has a price.", neutral}
	}
	currency := visible(c.Currency)
	text := "Costs " + inWords(newFigure(*c.Monthly.Mean, c.Monthly.HalfWidth, money, significant)) + " " + currency + " a month"
	if m := c.PerMillionRequests; m.Mean != nil {
		text += ", " + inWords(newFigure(*m.Mean, m.HalfWidth, money, significant)) + " " + currency + " per million ok answers"
	}
	text += "."
	if n := len(c.Without); n > 0 {
		names := c.Without[:min(n, mostListed)]
		text += " That is without " + visible(strings.Join(names, ", "))
		if n > mostListed {
			text += " and " + strconv.Itoa(n-mostListed) + " more"
		}
		text += ", of which no price is known."
	}
	return answer{text, neutral}
}

// designsAnswer is which of the designs is recommended.
func designsAnswer(r *result.Report) answer {
	c := r.Comparison
	if c == nil {
		if len(r.Missing) == 0 || r.Result.Design == "" && !r.Truncated {
			return answer{}
		}
		return answer{missingAnswer(r, "Designs", result.DesignsPart), neutral}
	}
	line, tone := decisionLine(c)
	if line == "" {
		return answer{}
	}
	text := "Of " + amount(len(c.Designs), "design") + ", recommended: " + visible(c.Verdict.Recommendation) + "."
	if why, none := strings.CutPrefix(c.Verdict.Recommendation, "none: "); none && c.Verdict.Recommended == nil {
		text = "Of " + amount(len(c.Designs), "design") + " none is recommended: " + visible(why) + "."
	}
	return answer{text, tone}
}
