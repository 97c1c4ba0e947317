package reports

import (
	"slices"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// mostNamed is how many changes a sentence names.
const mostNamed = 6

// baselineLine is the answer to "did it become worse?", in one sentence; "" of
// a run that was not compared with an earlier one.
func baselineLine(r *result.Result) (string, tone) {
	b := r.Baseline
	if b == nil {
		return "", neutral
	}
	worse, better := b.Regressions(), b.Improvements()
	var within []result.Change
	for _, c := range b.Changes {
		if c.Verdict == result.Tolerated {
			within = append(within, c)
		}
	}
	line, mood := "", neutral
	switch {
	case len(worse) > 0:
		line, mood = "Worse than the baseline: "+changesPhrase(worse, b)+".", bad
		if len(better) > 0 {
			line += " Better: " + changesPhrase(better, b) + "."
		}
	case len(better) > 0:
		line, mood = "Better than the baseline: "+changesPhrase(better, b)+".", good
	case b.Identical:
		line = "The same as the baseline: nothing that is simulated differs."
	case len(within) == 0:
		line = "No difference from the baseline that the noise allows to see."
	}
	if len(within) > 0 {
		line = strings.TrimSpace(line + " Within the tolerance of " + short(b.Tolerance, ratio) + ": " + changesPhrase(within, b) + ".")
	}
	return line, mood
}

// changesPhrase is a list such as "shoppers p99 +12 % ± 3, +410 USD/month".
func changesPhrase(changes []result.Change, b *result.Baseline) string {
	var parts []string
	for i, c := range changes {
		if i == mostNamed && len(changes) > mostNamed+1 {
			parts = append(parts, "and "+count(uint64(len(changes)-mostNamed))+" more")
			break
		}
		parts = append(parts, changePhrase(c, b))
	}
	return strings.Join(parts, ", ")
}

// changePhrase is one change: an amount of money or percentage points as such,
// all else as a share of what it was.
func changePhrase(c result.Change, b *result.Baseline) string {
	if c.Subject == "cost" {
		phrase := signedFigure(c.Difference, money) + " " + visible(b.Currency)
		if c.Metric == "monthly" {
			return phrase + "/month"
		}
		return phrase + " per million ok"
	}
	name := visible(c.Subject) + " " + metricLabel(c.Metric) + " "
	if u := metricUnit(c.Metric); u == ratio {
		return name + signedFigure(c.Difference, points)
	} else if c.Ratio == nil {
		return name + signedFigure(c.Difference, u)
	}
	return name + signedFigure(shareOf(c), ratio)
}

// shareOf is a change as a share of the earlier value.
func shareOf(c result.Change) result.Estimate {
	e := result.Estimate{Mean: c.Ratio}
	if c.Ratio != nil && c.Difference.HalfWidth != nil {
		half := *c.Difference.HalfWidth / abs(*c.Baseline.Mean)
		e.HalfWidth = &half
	}
	return e
}

func abs(x float64) float64 { return max(x, -x) }

// signedFigure is a difference in words: "+12 % ± 3". One without noise has no
// doubt to tell.
func signedFigure(e result.Estimate, u unit) string {
	if e.Mean == nil {
		return noNumber
	}
	f := newFigure(*e.Mean, e.HalfWidth, u, significant)
	text := signed(f.Num, *e.Mean) + f.Unit
	if f.Doubt != "" && f.Doubt != "0" {
		text += " ± " + f.Doubt
	}
	return text
}

// signed puts a plus before what is more.
func signed(num string, v float64) string {
	if v > 0 && !strings.HasPrefix(num, "<") {
		return "+" + num
	}
	return num
}

// changeVerdicts are how the verdict on a change is marked.
var changeVerdicts = map[string]struct {
	mark string
	tone tone
}{
	result.Regression:   {"✗ worse", bad},
	result.Tolerated:    {"~ tolerated", unsure},
	result.Improvement:  {"✓ better", good},
	result.Changed:      {"≠ differs", neutral},
	result.NoDifference: {"≈ within noise", neutral},
	result.Unknown:      {"? unknown", unsure},
}

// changesTable has a row for each figure that was compared; a brief one only
// has those that differ, or are the 99th percentile or the cost.
func changesTable(r *result.Result, brief bool, notes *footnotes) table {
	t := table{
		Title:  "Baseline",
		Labels: 2, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "subject", Left: true}, {Title: "figure", Left: true}, {Title: "verdict", Left: true},
			{Title: "before"}, {Title: "now"},
			{Title: "difference", Help: "now less before, with half of its 95 % interval"},
			{Title: "share", Help: "the difference as a share of what it was"},
			{Title: "seen from", Help: "the smallest difference that would have been believed, with all figures together held to 5 % of false alarms"},
		},
	}
	if r.Baseline == nil {
		return t
	}
	for _, c := range r.Baseline.Changes {
		if brief && c.Verdict == result.NoDifference && c.Metric != "latency_s.p99" && c.Metric != "monthly" {
			continue
		}
		t.add(changeCells(c, r.Baseline.Currency, notes)...)
	}
	return t.trimmed().merged()
}

func changeCells(c result.Change, currency string, notes *footnotes) []cell {
	u := metricUnit(c.Metric)
	difference := u
	if u == ratio {
		difference = points
	}
	verdict := word(c.Verdict)
	if v, ok := changeVerdicts[c.Verdict]; ok {
		verdict = cell{figure: figure{Num: v.mark}, Tone: v.tone}
	}
	seen := cell{figure: figure{Num: noNumber}}
	if c.Visible != nil {
		seen = value(*c.Visible, difference)
	}
	return []cell{
		word(c.Subject), word(paidLabel(c.Metric, currency)), verdict,
		notes.estimate(c.Baseline, u), notes.estimate(c.Current, u), signedCell(c.Difference, u, notes), shareCell(c, notes), seen,
	}
}

// shareCell is the cell of a change as a share of what was.
func shareCell(c result.Change, notes *footnotes) cell {
	if c.Ratio == nil {
		return cell{figure: figure{Num: noNumber}}
	}
	out := notes.estimate(shareOf(c), ratio)
	out.Num = signed(out.Num, *c.Ratio)
	return out
}

// baselineNotes are what should be known about the comparison.
func baselineNotes(r *result.Result) []string {
	b := r.Baseline
	if b == nil {
		return nil
	}
	var lines []string
	for _, note := range b.Notes {
		lines = append(lines, visible(note))
	}
	names := func(what string, names []string) {
		if len(names) > 0 {
			var shown []string
			for _, name := range names {
				shown = append(shown, visible(name))
			}
			lines = append(lines, what+strings.Join(shown, ", "))
		}
	}
	names("only in the baseline: ", b.Missing)
	names("not in the baseline: ", b.Added)
	return lines
}

// baselineOrigin says which run the baseline is, and what the table leaves out.
func baselineOrigin(r *result.Result, brief bool) string {
	b := r.Baseline
	line := "Baseline: capsim " + visible(b.Version)
	if b.Fingerprint != "" {
		line += ", fingerprint " + visible(b.Fingerprint)
	}
	line += ". "
	same := 0
	for _, c := range b.Changes {
		if c.Verdict == result.NoDifference {
			same++
		}
	}
	if brief && same > 0 {
		line += "Of " + amount(len(b.Changes), "figure") + " " + count(uint64(same)) + " show no difference beyond the noise. "
	}
	paired := slices.ContainsFunc(b.Changes, func(c result.Change) bool { return c.Paired })
	cost := slices.ContainsFunc(b.Changes, func(c result.Change) bool { return c.Paired && c.Subject == "cost" })
	switch {
	case cost:
		line += "The clients, and the cost, are paired by replication: the same customers came. "
	case paired:
		line += "The clients are paired by replication: the same customers came. "
	case len(b.Changes) > 0:
		line += "Nothing is paired: the intervals are as of different customers. "
	}
	return line + "All together are held to 5 % of false alarms (Holm); clients and costs are judged, nodes explain."
}

// baselineChart shows by how much each judged figure differs, as a share of
// what it was.
func baselineChart(r *result.Result) *picture {
	if r.Baseline == nil {
		return nil
	}
	p := &picture{title: "No judged figure can be shown as a share of what it was"}
	for _, c := range r.Baseline.Changes {
		if !c.Judged || c.Ratio == nil {
			continue
		}
		e := effect{label: c.Subject + " " + paidLabel(c.Metric, r.Baseline.Currency), value: *c.Ratio, u: ratio}
		if half := shareOf(c).HalfWidth; half != nil {
			e.half = *half
		}
		switch c.Verdict {
		case result.Regression, result.Tolerated:
			e.hue = worseHue
		case result.Improvement:
			e.hue = betterHue
		}
		p.effects = append(p.effects, e)
	}
	if len(p.effects) == 0 {
		return nil
	}
	if n := len(p.effects); n > mostBars {
		p.remark = "The first " + count(mostBars) + " of " + amount(n, "judged figure") + "; the table of the baseline has all."
		p.effects = p.effects[:mostBars]
	}
	p.title, _ = baselineLine(r)
	p.x = effectAxis("change from the baseline", p.effects, ratio)
	return p
}

// baseline adds what differs from an earlier result.
func (d *reader) baseline(b *result.Baseline) {
	d.data = append(d.data, datum{subject: "baseline", metric: "verdict", word: b.Verdict})
	for _, c := range b.Changes {
		name := c.Subject + " " + c.Metric
		d.estimate("baseline", name+" before", c.Baseline)
		d.estimate("baseline", name+" difference", c.Difference)
		d.add("baseline", name+" ratio", c.Ratio, nil)
		d.add("baseline", name+" smallest_visible", c.Visible, nil)
		d.data = append(d.data, datum{subject: "baseline", metric: name + " verdict", word: c.Verdict})
	}
}
