package study

import (
	"fmt"
	"slices"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// decide says in words what a comparison shows. Every statement is made by a
// rule from figures of the document, and only of what is beyond its interval;
// what is not is called undecided.
func decide(c *result.Comparison) *result.Decision {
	j := &judgement{Comparison: c, out: &result.Decision{Statements: []result.Statement{}}}
	for i := 1; i < len(c.Designs); i++ {
		j.today(i)
		j.capacity(i)
		j.turns(i)
	}
	for i := range c.Failures {
		j.survival(i)
	}
	j.recommend()
	return j.out
}

// judgement is a verdict in the making.
type judgement struct {
	*result.Comparison
	out *result.Decision
}

// nameOf is what a design is called; a file as it stands has no name.
func nameOf(design string) string {
	if design == "" {
		return "the file as written"
	}
	return design
}

func (j *judgement) say(design, against, about string, decided bool, format string, args ...any) {
	j.out.Statements = append(j.out.Statements, result.Statement{
		Design: design, Against: against, About: about, Decided: decided, Text: fmt.Sprintf(format, args...),
	})
}

// A claim is a figure that designs are judged by today. The lower value is the
// better one.
type claim struct {
	metric, about string
	unit          quantityUnit // nil: the currency
	of            string       // with %s for whom it is of
	lower         string
}

var claims = []claim{
	{"monthly", "cost", nil, "the cost of a month", "lower"},
	{"latency_s.p99", "latency", secondsUnit, "p99 of %s", "lower"},
	{"error_ratio", "errors", shareUnit, "errors of %s", "fewer"},
}

func (k *claim) name(subject string) string {
	if strings.Contains(k.of, "%s") {
		return fmt.Sprintf(k.of, subject)
	}
	return k.of
}

// today tells what differs at today's load.
func (j *judgement) today(i int) {
	first, other := j.Designs[0], j.Designs[i]
	for _, k := range claims {
		for _, d := range j.Differences {
			if d.Design != other.Design || d.Metric != k.metric || d.Difference.Mean == nil {
				continue
			}
			better, worse := other.Design, first.Design
			if *d.Difference.Mean > 0 {
				better, worse = worse, better
			}
			// With one replication the point decides what a month costs, as it
			// does for objectives.
			alone := d.Difference.HalfWidth == nil
			same := *d.Difference.Mean == 0 && (alone || *d.Difference.HalfWidth == 0)
			switch {
			case same && k.about == "cost":
				j.say(other.Design, first.Design, k.about, true, "costs the same as %s", nameOf(first.Design))
			case same:
			case !d.Significant && !(alone && k.about == "cost"):
				j.say(other.Design, first.Design, k.about, false, "%s undecided against %s at today's load: %s%s",
					k.name(d.Subject), nameOf(first.Design), signText(*d.Difference.Mean), doubted(d.Difference, j.unit(&k)))
			case k.about == "cost":
				j.cheaper(d, better, worse)
			default:
				j.say(better, worse, k.about, true, "%s %s %s than %s at today's load%s", k.name(d.Subject),
					doubted(d.Difference, j.unit(&k)), k.lower, nameOf(worse), j.asFar(d, better))
			}
		}
	}
}

// unit is that of a claim's figure.
func (j *judgement) unit(k *claim) quantityUnit {
	if k.about == "cost" {
		return moneyIn(j.Designs[0].Cost.Currency)
	}
	return k.unit
}

func signText(x float64) string {
	if x < 0 {
		return "−"
	}
	return "+"
}

// cheaper tells by what share a month costs less.
func (j *judgement) cheaper(d result.Difference, better, worse string) {
	cost := j.design(worse).Cost
	dear, money := cost.Monthly, moneyIn(cost.Currency)
	if dear.Mean == nil || !(*dear.Mean > 0) {
		return
	}
	share := result.Estimate{}
	part := *d.Difference.Mean / *dear.Mean
	share.Mean = &part
	if h := d.Difference.HalfWidth; h != nil {
		half := *h / *dear.Mean
		share.HalfWidth = &half
	}
	j.say(better, worse, "cost", true, "%s cheaper than %s at today's load (%s a month instead of %s)", doubted(share, percentUnit), nameOf(worse),
		doubted(j.design(better).Cost.Monthly, money), doubted(dear, money))
}

func (j *judgement) design(name string) *result.Result {
	return j.Designs[slices.IndexFunc(j.Designs, func(r *result.Result) bool { return r.Design == name })]
}

// asFar tells to which loads a difference goes the same way: to where it
// turns, or to the highest at which both hold.
func (j *judgement) asFar(d result.Difference, better string) string {
	if j.Curves == nil {
		return ""
	}
	for _, c := range j.Curves.Crossings {
		if c.Design != d.Design || c.Subject != d.Subject || c.Metric != d.Metric || !j.matters(c) {
			continue
		}
		switch {
		case c.Below == better && c.High > 1:
			return ", and below " + timesToday(c.Load)
		case c.Above == better && c.Low < 1:
			return ", and above " + timesToday(c.Load)
		}
	}
	return ""
}

// matters reports whether at least one of two designs holds the load at which
// a difference between them turns.
func (j *judgement) matters(c result.Crossing) bool {
	for _, d := range j.Curves.Designs {
		if (d.Design == c.Design || d.Design == c.Baseline) && (d.Held.Mean == nil || *d.Held.Mean >= c.Low) {
			return true
		}
	}
	return false
}

// capacity tells which design holds more.
func (j *judgement) capacity(i int) {
	if j.Curves == nil || j.Curves.Designs[i].HeldDifference == nil {
		return
	}
	a, b := &j.Curves.Designs[0], &j.Curves.Designs[i]
	d := *b.HeldDifference
	if !slices.Equal(a.Unasked, b.Unasked) || !slices.Equal(textsOf(j.Designs[0]), textsOf(j.Designs[i])) {
		j.say(b.Design, a.Design, "capacity", false, "holds %s%s, %s %s%s: they hold different things", timesToday(b.Held), unasked(b), nameOf(a.Design), doubted(a.Held, plainUnit), unasked(a))
		return
	}
	if !excludesZero(d) {
		j.say(b.Design, a.Design, "capacity", false, "holds %s, %s %s: undecided which holds more (%s%s)", timesToday(b.Held), nameOf(a.Design), doubted(a.Held, plainUnit),
			signText(*d.Mean), doubted(d, plainUnit))
		return
	}
	if *d.Mean < 0 {
		a, b = b, a
	}
	text := fmt.Sprintf("holds %s, %s %s (%s more)", timesToday(b.Held), nameOf(a.Design), doubted(a.Held, plainUnit), doubted(d, plainUnit))
	if a.Breaks != "" {
		text += fmt.Sprintf("; beyond that %s misses %q", nameOf(a.Design), a.Breaks)
	}
	j.say(b.Design, a.Design, "capacity", true, "%s%s", text, unasked(a))
}

// textsOf are the objectives of a design, in whatever order they were written.
func textsOf(r *result.Result) []string {
	var texts []string
	for _, o := range r.Objectives {
		texts = append(texts, o.Text)
	}
	slices.Sort(texts)
	return texts
}

// unasked says what a load that is held does not hold.
func unasked(d *result.DesignCurve) string {
	if len(d.Unasked) == 0 {
		return ""
	}
	var texts []string
	for _, t := range d.Unasked {
		texts = append(texts, fmt.Sprintf("%q", t))
	}
	return " (not asked for: " + enumerate(texts) + ")"
}

// turns tells where a verdict turns as the load grows.
func (j *judgement) turns(i int) {
	if j.Curves == nil {
		return
	}
	for _, c := range j.Curves.Crossings {
		name := ""
		switch c.Metric {
		case "latency_s.p99":
			name = "p99 of " + c.Subject
		case "latency_s.mean":
			name = "the mean latency of " + c.Subject
		case "error_ratio":
			name = "errors of " + c.Subject
		case "monthly":
			name = "the cost of a month"
		case "per_million_requests":
			name = "the cost of a million requests"
		}
		if name == "" || c.Design != j.Designs[i].Design || !j.matters(c) {
			continue
		}
		j.say(c.Design, c.Baseline, "crossing", true, "%s turns at %s: lower with %s below it, with %s above (sure at %s and at %s)",
			name, timesToday(c.Load), nameOf(c.Below), nameOf(c.Above), significantText(c.Low, 3), significantText(c.High, 3))
	}
}

// survival tells what a design can lose.
func (j *judgement) survival(i int) {
	f := &j.Failures[i]
	if !slices.ContainsFunc(f.Losses, func(l result.Loss) bool { return l.Verdict != "" }) {
		return
	}
	if f.Survives != nil && *f.Survives {
		what := "any single instance"
		if slices.ContainsFunc(f.Losses, func(l result.Loss) bool { return strings.Contains(l.What, " zone:") }) {
			what += ", or zone"
		}
		j.say(f.Design, "", "failure", true, "survives the loss of %s: all objectives are met while it is gone", what)
		return
	}
	of := map[string][]string{}
	for _, l := range f.Losses {
		of[l.Verdict] = append(of[l.Verdict], lostText(l))
	}
	var parts []string
	for _, k := range []struct{ verdict, text string }{
		{result.Missed, "does not survive the loss of "}, {result.Undecided, "undecided is the loss of "}, {result.Met, "survives the loss of "},
	} {
		if len(of[k.verdict]) > 0 {
			parts = append(parts, k.text+enumerate(of[k.verdict]))
		}
	}
	text := strings.Join(parts, "; ")
	if len(f.Losses) > 1 {
		text += ", each alone"
	}
	if len(f.Skipped) > 0 {
		text += "; not all its parts were tried"
	}
	j.say(f.Design, "", "failure", len(of[result.Undecided]) == 0, "%s", text)
}

// lostText says what was lost: "one of app", "lb".
func lostText(l result.Loss) string {
	_, what, _ := strings.Cut(l.What, " ")
	if l.AnyOf != "" {
		what, _, _ = strings.Cut(what, "[")
		return "one of " + what
	}
	return what
}

// verdictOf is the worst verdict of objectives: missed before undecided.
func verdictOf(objectives []result.Objective) string {
	verdict := result.Met
	for _, o := range objectives {
		switch o.Verdict {
		case result.Met:
		case result.Missed:
			return result.Missed
		default:
			verdict = result.Undecided
		}
	}
	return verdict
}

// candidates are the designs by what is known of them: those that meet all
// objectives today, those of them that survive any loss as well, and the names
// of those of which one or the other is undecided. A design without objectives
// is none where others have some.
type candidates struct {
	stated                   bool
	meet, survive            []*result.Result
	unsureMeet, unsureLosses []string
}

func (j *judgement) candidates() candidates {
	var c candidates
	for i, r := range j.Designs {
		if len(r.Objectives) == 0 {
			continue
		}
		c.stated = true
		switch verdictOf(r.Objectives) {
		case result.Missed:
		case result.Undecided:
			c.unsureMeet = append(c.unsureMeet, nameOf(r.Design))
		default:
			c.meet = append(c.meet, r)
			switch {
			case i >= len(j.Failures):
			case j.Failures[i].Survives == nil:
				c.unsureLosses = append(c.unsureLosses, nameOf(r.Design))
			case *j.Failures[i].Survives:
				c.survive = append(c.survive, r)
			}
		}
	}
	return c
}

// recommend names the cheapest design that meets all objectives today, and of
// those the ones that survive any loss before the others.
func (j *judgement) recommend() {
	c := j.candidates()
	undecided := ""
	switch n := len(c.unsureMeet); {
	case n == 1:
		undecided = "; " + c.unsureMeet[0] + " is undecided"
	case n > 1:
		undecided = "; " + enumerate(c.unsureMeet) + " are undecided"
	}
	say := func(format string, args ...any) {
		j.out.Recommendation = fmt.Sprintf(format, args...) + undecided
	}
	switch {
	case !c.stated:
		say("none: the file states no objectives, so nothing says what is good enough")
		return
	case len(c.meet) == 0 && undecided != "":
		say("none: no design surely meets all objectives at today's load")
		return
	case len(c.meet) == 0:
		say("none: no design meets all objectives at today's load")
		return
	}
	among, why := c.meet, "meets all objectives at today's load"
	switch {
	case len(c.survive) > 0:
		among, why = c.survive, why+", also with any single instance or zone lost"
	case len(c.unsureLosses) > 0:
		why += " (none surely survives every single loss)"
	case len(j.Failures) > 0:
		why += " (none survives every single loss)"
	}
	moreMay := undecided != "" || len(c.survive) > 0 && len(c.unsureLosses) > 0
	j.choose(among, why, moreMay, say)
}

// choose recommends the cheapest of designs that are good enough.
func (j *judgement) choose(among []*result.Result, why string, moreMay bool, say func(format string, args ...any)) {
	best := among[0]
	if len(among) == 1 {
		j.out.Recommended = &best.Design
		surely := ""
		if moreMay {
			surely = "surely "
		}
		say("%s: the only design that %s%s", nameOf(best.Design), surely, why)
		return
	}
	best, rivals, alike := j.cheapest(among)
	switch {
	case best == nil:
		say("none: %d designs meet all objectives at today's load, and not all have a price", len(among))
	case alike:
		say("none: %s cost the same, and the least of those that %s", enumerate(append([]string{nameOf(best.Design)}, rivals...)), strings.Replace(why, "meets", "meet", 1))
	case len(rivals) > 0:
		say("none: undecided which is the cheapest of those that %s: %s", strings.Replace(why, "meets", "meet", 1), enumerate(append([]string{nameOf(best.Design)}, rivals...)))
	default:
		j.out.Recommended = &best.Design
		say("%s: the cheapest design that %s", nameOf(best.Design), why)
	}
}

// halfACent is what bills do not tell apart.
const halfACent = 0.005

// cheapest is the design that costs the least a month, and the others whose
// costs cannot be told from its own, alike if they are surely the same; nil if
// one has no price.
func (j *judgement) cheapest(among []*result.Result) (best *result.Result, rivals []string, alike bool) {
	for _, r := range among {
		if r.Cost == nil || r.Cost.Monthly.Mean == nil || len(r.Cost.Without) > 0 {
			return nil, nil, false
		}
		if best == nil || *r.Cost.Monthly.Mean < *best.Cost.Monthly.Mean {
			best = r
		}
	}
	alike = true
	for _, r := range among {
		a, b := best.Cost.Monthly, r.Cost.Monthly
		apart := *b.Mean - *a.Mean
		same := apart < halfACent
		for _, e := range []result.Estimate{a, b} {
			if e.HalfWidth != nil {
				apart -= *e.HalfWidth
				same = same && *e.HalfWidth < halfACent
			}
		}
		if r != best && (apart <= 0 || same) {
			rivals, alike = append(rivals, nameOf(r.Design)), alike && same
		}
	}
	return best, rivals, alike && len(rivals) > 0
}
