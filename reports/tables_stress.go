package reports

import (
	"slices"
	"strconv"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// stressRunLine says how each load was simulated.
func stressRunLine(s *result.Stress) string {
	line := runSettings(&result.Result{Seed: s.Seed, Run: result.Run{
		DurationS: s.Run.DurationS, WarmupS: s.Run.WarmupS, Replications: s.Run.Replications,
	}}) + " · " + amount(len(s.Curve), "load")
	if s.Design != "" {
		line = "design " + visible(s.Design) + " · " + line
	}
	return line
}

// times is a load in words: "×1.54".
func times(load float64) string { return "×" + short(load, plain) }

// heldText is the load that is held, with its interval.
func heldText(s *result.Stress) string {
	return "×" + newFigure(*s.Held.Mean, s.Held.HalfWidth, plain, significant).String()
}

// unsureRoom is the headroom from which a load is not "about as much as today".
const unsureRoom = 0.25

// stressVerdict says which load is held.
func stressVerdict(s *result.Stress) (string, tone) {
	held := s.Held.Mean
	if held == nil {
		switch {
		case s.Truncated && s.Held.Note == "":
			return "The search was interrupted before it came to an end.", unsure
		case s.Interrupted():
			return strings.ToUpper(s.Held.Note[:1]) + visible(s.Held.Note[1:]) + ".", unsure
		case s.HeldAt != nil:
			tone := good
			if slices.ContainsFunc(s.Criteria, func(c result.StressCriterion) bool { return !c.Asked }) {
				tone = unsure // what is held is not all that was wanted
			}
			return "No limit found: " + visible(s.Held.Note) + ".", tone
		}
		return "No load is held: " + visible(s.Held.Note) + ".", bad
	}
	line := "Holds " + heldText(s) + " of today's load"
	low := *held
	if s.Low != nil {
		low = *s.Low
	}
	switch room := *held - 1; {
	case *held < 1:
		return line + ": today's is too much already.", bad
	case low < 1 && room > unsureRoom:
		return line + ": headroom " + short(room, ratio) + ", but so unsure that it may be none. Replications make it surer.", unsure
	case low < 1:
		return line + ": about as much as there is today.", unsure
	default:
		line += ": headroom " + short(room, ratio)
		if s.Low != nil && s.High != nil {
			line += " (" + short(max(*s.Low-1, 0), ratio) + " to " + short(*s.High-1, ratio) + ")"
		}
	}
	return line + ".", good
}

// stressFindings are what was found, in sentences.
func stressFindings(s *result.Stress) []string {
	var lines []string
	if line := growthLine(s.Growth); line != "" {
		lines = append(lines, line)
	}
	if b := s.Breaks; b != nil {
		line := "First to break: " + visible(b.Text) + ", at " + loadText(b.Load)
		if s.HeldAt != nil {
			line += "; at " + loadText(*s.HeldAt) + " " + allAsked(s) + " holds"
		}
		lines = append(lines, line+".")
		if r := b.Resource; r != nil {
			lines = append(lines, resourceLine(r))
		}
		if w := b.Waits; w != nil && w.Then.Mean != nil {
			lines = append(lines, "The requests of "+visible(w.Client)+" wait longer at "+visible(w.Node)+": "+short(*w.Then.Mean, seconds)+todayText(w.Today, seconds)+" on average.")
		}
	}
	return append(lines, beyondLines(s)...)
}

// allAsked is what holds where the load does: an objective that is missed at any
// load, and one that more load would help, is not asked for (W915).
func allAsked(s *result.Stress) string {
	if slices.ContainsFunc(s.Warnings, func(w result.Warning) bool { return w.Code == "W915" }) {
		return "all that is asked for"
	}
	return "all"
}

// todayText is what a figure is today, in brackets.
func todayText(e result.Estimate, u unit) string {
	if e.Mean == nil {
		return ""
	}
	return " (" + short(*e.Mean, u) + " today)"
}

// resourceLine says how the resource does that saturates first.
func resourceLine(r *result.BreakingResource) string {
	today := result.ResourceLevel{}
	if r.Today != nil {
		today = *r.Today
	}
	line := "There " + visible(r.Node) + " " + visible(r.Resource)
	if m := r.Then.Utilization.Mean; m != nil {
		line += " is " + short(*m, ratio) + " busy" + todayText(today.Utilization, ratio)
	}
	if m := r.Then.Queue.Mean; m != nil && *m > 0 {
		line += ", " + short(*m, plain) + " wait for it" + todayText(today.Queue, plain)
		if w := r.Then.WaitS.Mean; w != nil && *w > 0 {
			line += ", " + short(*w, seconds) + " each" + todayText(today.WaitS, seconds)
		}
	}
	return line + "."
}

// beyondLines say how the system fails.
func beyondLines(s *result.Stress) []string {
	b := s.Beyond
	if b == nil || b.HeldRPS.Mean == nil || b.LeastRPS.Mean == nil {
		return nil
	}
	line := ""
	held, least := short(*b.HeldRPS.Mean, perSecond), short(*b.LeastRPS.Mean, perSecond)
	fell := *b.LeastRPS.Mean < *b.HeldRPS.Mean
	switch {
	case b.Behaviour == result.Collapse || b.Behaviour == result.Metastable && *b.LeastRPS.Mean < 0.9**b.HeldRPS.Mean:
		line = "ok answers fall from " + held + " to " + least + " at " + loadText(b.LeastLoad)
	case fell:
		line = "ok answers stay within " + short(1 - *b.LeastRPS.Mean / *b.HeldRPS.Mean, ratio) + " of the " + held + " at the load that holds"
	default:
		line = "ok answers stay at " + held + " or above"
	}
	if e := b.ErrorRatio.Mean; e != nil {
		line += "; at twice the load that holds " + short(*e, ratio) + " of the requests fail"
	}
	lines := []string{"Beyond it: " + visible(b.Behaviour) + ". " + strings.ToUpper(line[:1]) + line[1:] + "."}
	if b.BacklogGrows {
		lines = append(lines, "Not all of the rest is refused: it piles up, and answers come ever later the longer it lasts.")
	}
	for i := range b.Surges {
		lines = append(lines, surgeLine(&b.Surges[i]))
	}
	if len(b.Surges) == 0 && !s.Truncated {
		lines = append(lines, "No surge was tried: traffic from a trace has no rate that could rise.")
	}
	return lines
}

// surgeWords are the states after a surge.
var surgeWords = map[string]string{
	result.MapBack: "it comes back", result.MapMending: "it is still working off what has piled up", result.MapStuck: "it stays bad: only less load, or a restart, would bring it back",
}

func surgeLine(g *result.Surge) string {
	return "After a surge from " + loadText(g.Load) + " to " + loadText(g.Peak) + " for " + span(g.ForS) + " " + surgeWords[g.State] + "."
}

// growthLine says when the load is reached.
func growthLine(g *result.Growth) string {
	if g == nil {
		return ""
	}
	period := visible(g.Period)
	rate := "At " + short(g.RatePer, ratio) + " a " + period + " "
	switch {
	case g.Periods == nil:
		return rate + "no date can be told."
	case *g.Periods == 0:
		return rate + "it has broken already."
	}
	line := rate + "it breaks in " + short(*g.Periods, plain) + " " + period + "s"
	if g.Earliest != nil && g.Latest != nil {
		line += " (" + short(*g.Earliest, plain) + " to " + short(*g.Latest, plain) + ")"
	}
	if g.Date != "" {
		line += ": on " + visible(g.Date)
		if g.EarliestDate != "" && g.LatestDate != "" {
			line += ", from " + visible(g.EarliestDate) + " to " + visible(g.LatestDate)
		}
	}
	return line + "."
}

// todayTable is what the objectives are at today's load.
func todayTable(s *result.Stress, notes *footnotes) table {
	t := objectivesTable(&result.Result{Objectives: s.Objectives}, notes)
	t.Title = "Objectives at today's load"
	return t
}

// loadsTable has a row for each client at each load.
func loadsTable(s *result.Stress, notes *footnotes) table {
	t := table{
		Title: "Loads", Labels: 2, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "load", Left: true, Help: "as a multiple of today's traffic"},
			{Title: "client", Left: true},
			{Title: "holds", Left: true, Help: "whether all that is asked for holds"},
			{Title: "offered/s"},
			{Title: "ok/s", Help: "throughput: ok answers per second of the measured window"},
			{Title: "errors", Help: "share of offered requests that ended in an error, after all retries"},
			{Title: "p50", Help: "latency of ok requests"},
			{Title: "p99"},
			{Title: "busiest", Left: true, Help: "the resource that is asked for most"},
			{Title: "busy"},
		},
	}
	for i := range s.Curve {
		p := &s.Curve[i]
		load, holds := word(loadText(p.Load)), cell{figure: figure{Num: "✓"}, Tone: good}
		if !p.Holds {
			holds = cell{figure: figure{Num: "✗"}, Tone: bad}
		}
		if p.Limit != "" {
			holds.Note = notes.number(p.Limit)
			t.add(load, cell{}, holds, cell{}, cell{}, cell{}, cell{}, cell{}, cell{}, cell{})
		}
		for k, name := range sorted(p.Clients) {
			c := p.Clients[name]
			row := []cell{
				load, word(name), holds, notes.estimate(c.OfferedRPS, plain), notes.estimate(c.ThroughputRPS, plain), notes.estimate(c.ErrorRatio, ratio),
				notes.estimate(c.LatencyS["p50"], seconds), notes.estimate(c.LatencyS["p99"], seconds), {}, {},
			}
			if k > 0 {
				row[0], row[2] = cell{}, cell{}
			} else if b := p.Busiest; b != nil {
				row[8], row[9] = word(b.Node+" "+b.Resource), value(b.Utilization, ratio)
			}
			t.add(row...)
		}
	}
	return t
}

// surgesTable has a row for each surge.
func surgesTable(s *result.Stress) table {
	t := table{
		Title: "Surges", Labels: 1, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "load", Left: true, Help: "before and after the surge"},
			{Title: "peak", Left: true},
			{Title: "lasts"},
			{Title: "afterwards", Left: true, Help: "in the last fifth of the window, beside the same without a surge"},
			{Title: "stuck in", Help: "so many replications"},
			{Title: "ok of offered", Help: "in the last fifth of the window"},
		},
	}
	if s.Beyond == nil {
		return t
	}
	for i := range s.Beyond.Surges {
		g := &s.Beyond.Surges[i]
		state := cell{figure: figure{Num: map[string]string{result.MapBack: "well", result.MapMending: "mending", result.MapStuck: "stuck"}[g.State]}, Tone: good}
		switch g.State {
		case result.MapStuck:
			state.Tone = bad
		case result.MapMending:
			state.Tone = unsure
		}
		t.add(word(loadText(g.Load)), word(loadText(g.Peak)), word(span(g.ForS)), state,
			word(strconv.Itoa(g.Stuck)+" of "+strconv.Itoa(g.Replications)), value(g.Goodput, ratio))
	}
	return t
}

// stressLine says how the figures came about.
func stressLine(s *result.Stress) string {
	line := "Loads are multiples of today's traffic; the same customers came to each"
	if s.HeldAt != nil && s.MissedAt != nil {
		line += ". The load that holds lies between two that were simulated, at most " + short(s.Run.WidthRatio, ratio) + " apart"
	}
	if s.Run.Replications > 1 {
		line += "; ± is half of the 95 % confidence interval"
		if s.Held.HalfWidth != nil {
			line += ", of the load that holds from where each of the " + strconv.Itoa(s.Run.Replications) + " replications breaks by itself"
		}
	}
	return line + ". " + amount(s.Run.Simulations, "simulation") + " in all."
}
