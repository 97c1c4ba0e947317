package reports

import (
	"slices"
	"strconv"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// sweepLine says how the figures came about.
const sweepLine = "The same customers came to every point, so that what differs between two points is what was varied."

// sweepRunLine says what was tried.
func sweepRunLine(s *result.Sweep) string {
	var parts []string
	for i := range s.Dimensions {
		parts = append(parts, dimensionText(&s.Dimensions[i]))
	}
	line := amount(s.Grid, "point") + ": " + strings.Join(parts, " × ")
	if s.Design != "" {
		line = "design " + visible(s.Design) + " · " + line
	}
	if len(s.Points) > 0 {
		run := s.Points[0].Run
		line += " · " + span(run.DurationS)
		if run.WarmupS > 0 {
			line += " after " + span(run.WarmupS) + " of warm-up"
		}
	}
	return line + " · " + amount(sweepReplications(s), "replication") + " · seed " + strconv.FormatUint(s.Seed, 10)
}

// dimensionText names what is varied and its values: a few one by one, many by
// the first and the last.
func dimensionText(d *result.SweepDimension) string {
	const few = 4
	last := len(d.Values) - 1
	ordered := d.Values[0].Number != nil
	if last >= few {
		between := " … "
		if ordered {
			between = " to "
		}
		return visible(d.Path) + " " + visible(d.Values[0].Text) + between + visible(d.Values[last].Text) + " (" + strconv.Itoa(last+1) + ")"
	}
	texts := make([]string, len(d.Values))
	for i := range d.Values {
		texts[i] = visible(d.Values[i].Text)
	}
	return visible(d.Path) + " " + strings.Join(texts, ", ")
}

// sweepReplications is the fewest replications of any point.
func sweepReplications(s *result.Sweep) int {
	n := 0
	for i := range s.Points {
		if r := s.Points[i].Run.Replications; i == 0 || r < n {
			n = r
		}
	}
	return n
}

func sweepTruncated(s *result.Sweep) string {
	return "Interrupted: " + strconv.Itoa(len(s.Points)) + " of " + strconv.Itoa(s.Grid) + " points. capsim sweep --resume goes on with the others."
}

// pointVerdict is the worst verdict of a point's objectives, "" where it has
// none, and of how many objectives it is.
func pointVerdict(p *result.SweepPoint) (verdict string, n int) {
	counts := map[string]int{}
	for _, o := range p.Objectives {
		counts[o.Verdict]++
	}
	for _, v := range []string{result.Missed, result.Undecided, result.Met} {
		if counts[v] > 0 {
			return v, counts[v]
		}
	}
	return "", 0
}

// sweepVerdict says at how many points the objectives hold.
func sweepVerdict(s *result.Sweep) (string, tone) {
	met, undecided, judged := 0, 0, 0
	for i := range s.Points {
		switch v, _ := pointVerdict(&s.Points[i]); v {
		case result.Met:
			met++
			judged++
		case result.Undecided:
			undecided++
			judged++
		case result.Missed:
			judged++
		}
	}
	if judged == 0 {
		return amount(len(s.Points), "point") + "; the file has no objectives to judge them by.", neutral
	}
	line := "All objectives are met at " + ofPoints(met, judged)
	if undecided > 0 {
		line += ", undecided at " + strconv.Itoa(undecided)
	}
	switch {
	case met == judged:
		return line + ".", good
	case met == 0 && undecided == 0:
		return line + ".", bad
	}
	return line + ".", unsure
}

// ofPoints says "2 of 3 points".
func ofPoints(k, n int) string { return strconv.Itoa(k) + " of " + amount(n, "point") }

// sweepFindings name the points that people look for.
func sweepFindings(s *result.Sweep) []string {
	var lines []string
	cheapest := -1
	for i := range s.Points {
		p := &s.Points[i]
		if v, _ := pointVerdict(p); v != result.Met || p.Cost == nil || p.Cost.Monthly.Mean == nil {
			continue
		}
		if cheapest < 0 || *p.Cost.Monthly.Mean < *s.Points[cheapest].Cost.Monthly.Mean {
			cheapest = i
		}
	}
	if cheapest >= 0 {
		p := &s.Points[cheapest]
		lines = append(lines, "The cheapest point that meets them: "+pointLabel(s, p)+", "+short(*p.Cost.Monthly.Mean, plain)+" "+visible(p.Cost.Currency)+" a month.")
	}
	if line := highestLoad(s); line != "" {
		lines = append(lines, line)
	}
	return lines
}

// highestLoad says how much load each value of the others bears, where there
// are few.
func highestLoad(s *result.Sweep) string {
	at := slices.IndexFunc(s.Dimensions, func(d result.SweepDimension) bool { return d.Path == "load" })
	if at < 0 || len(s.Dimensions[at].Values) < 2 || len(s.Dimensions) > 1 {
		return ""
	}
	best, judged := -1, false
	for i := range s.Points {
		v, _ := pointVerdict(&s.Points[i])
		judged = judged || v != ""
		if v == result.Met && (best < 0 || loadOf(s, i, at) > loadOf(s, best, at)) {
			best = i
		}
	}
	switch {
	case !judged:
		return ""
	case best < 0:
		return "They are met at none of the loads."
	}
	return "The highest load at which they are met: " + loadText(loadOf(s, best, at)) + "."
}

func loadOf(s *result.Sweep, point, dimension int) float64 {
	d := &s.Dimensions[dimension]
	n := d.Values[placeOf(d, s.Points[point].Values[dimension])].Number
	if n == nil {
		return 0
	}
	return *n
}

// placeOf is which of a dimension's values a text is.
func placeOf(d *result.SweepDimension, text string) int {
	return max(slices.IndexFunc(d.Values, func(v result.SweepValue) bool { return v.Text == text }), 0)
}

// pointLabel names a point: "server.app.instances = 4, load = 1.5".
func pointLabel(s *result.Sweep, p *result.SweepPoint) string {
	var parts []string
	for i, v := range p.Values {
		parts = append(parts, visible(s.Dimensions[i].Path)+" = "+visible(v))
	}
	return strings.Join(parts, ", ")
}

// sweepTable has a row for each point.
func sweepTable(s *result.Sweep, notes *footnotes) table {
	names := sweepNames(s)
	t := table{Title: "Points", Labels: len(s.Dimensions), LabelWidth: nameWidth, Headed: true}
	for i := range s.Dimensions {
		t.Columns = append(t.Columns, column{Title: shortPath(s, i), Left: true, Help: visible(s.Dimensions[i].Path)})
	}
	for _, name := range names.clients {
		of := visible(name) + " "
		if len(names.clients) == 1 {
			of = ""
		}
		t.Columns = append(t.Columns,
			column{Title: of + "ok/s", Help: "throughput: ok answers per second of the measured window"},
			column{Title: of + "errors", Help: "share of offered requests that ended in an error, after all retries"},
			column{Title: of + "p50", Help: "latency of ok requests, from when the request was due"},
			column{Title: of + "p99", Help: "latency of ok requests, from when the request was due"})
	}
	t.Columns = append(t.Columns, column{Title: "busiest", Left: true, Help: "the resource that is used most, and its utilisation"})
	if names.currency != "" {
		t.Columns = append(t.Columns, column{Title: visible(names.currency) + " a month"})
	}
	t.Columns = append(t.Columns, column{Title: "objectives", Left: true})
	for i := range s.Points {
		p := &s.Points[i]
		var row []cell
		for _, v := range p.Values {
			row = append(row, word(v))
		}
		for _, name := range names.clients {
			row = append(row, sweepClientCells(p.Clients[name], notes)...)
		}
		row = append(row, busiestCell(p))
		if names.currency != "" {
			row = append(row, costCell(p, notes))
		}
		t.add(append(row, objectivesCell(p))...)
	}
	return t.trimmed()
}

func sweepClientCells(c *result.SweepClient, notes *footnotes) []cell {
	if c == nil {
		none := cell{figure: figure{Num: noNumber}}
		return []cell{none, none, none, none}
	}
	return []cell{
		notes.estimate(c.ThroughputRPS, plain), notes.estimate(c.ErrorRatio, ratio),
		notes.estimate(c.LatencyS["p50"], seconds), notes.estimate(c.LatencyS["p99"], seconds),
	}
}

// busiestCell is the resource that is used most.
func busiestCell(p *result.SweepPoint) cell {
	best, label := -1.0, ""
	for _, name := range sorted(p.Nodes) {
		for _, r := range sorted(p.Nodes[name].Utilization) {
			if m := p.Nodes[name].Utilization[r].Mean; m != nil && *m > best {
				best, label = *m, name+" "+r
			}
		}
	}
	if best < 0 {
		return cell{figure: figure{Num: noNumber}}
	}
	return word(label + " " + short(best, ratio))
}

func costCell(p *result.SweepPoint, notes *footnotes) cell {
	if p.Cost == nil {
		return cell{figure: figure{Num: noNumber}}
	}
	return notes.estimate(p.Cost.Monthly, plain)
}

// objectivesCell is the worst of a point's verdicts, and of how many
// objectives.
func objectivesCell(p *result.SweepPoint) cell {
	if p.Limit != "" {
		return cell{figure: figure{Num: "a limit was reached"}, Tone: bad}
	}
	v, n := pointVerdict(p)
	if v == "" {
		return cell{figure: figure{Num: noNumber}}
	}
	c := verdictCell(v)
	if len(p.Objectives) > 1 && v != result.Met {
		c.Num += " (" + strconv.Itoa(n) + " of " + strconv.Itoa(len(p.Objectives)) + ")"
	}
	return c
}

// shortPath is as much of a dimension's path as tells it from the others:
// "instances", or "app.instances".
func shortPath(s *result.Sweep, at int) string {
	path := s.Dimensions[at].Path
	parts := strings.Split(path, ".")
	for n := 1; n <= len(parts); n++ {
		end := strings.Join(parts[len(parts)-n:], ".")
		if !slices.ContainsFunc(s.Dimensions, func(d result.SweepDimension) bool {
			return d.Path != path && (d.Path == end || strings.HasSuffix(d.Path, "."+end))
		}) && (n > 1 || len(parts) < 3) {
			return visible(end)
		}
	}
	return visible(path)
}

// sweepWarnings are those of the sweep, and those of points, each kind once.
func sweepWarnings(s *result.Sweep) []string {
	lines := warningLines(&result.Result{Warnings: s.Warnings})
	var codes []string
	at := map[string][]int{}
	for i := range s.Points {
		for _, w := range s.Points[i].Warnings {
			if !slices.Contains(codes, w.Code) {
				codes = append(codes, w.Code)
			}
			if list := at[w.Code]; len(list) == 0 || list[len(list)-1] != i {
				at[w.Code] = append(list, i)
			}
		}
	}
	slices.Sort(codes)
	for _, code := range codes {
		p := &s.Points[at[code][0]]
		for _, w := range p.Warnings {
			if w.Code != code {
				continue
			}
			line := visible(w.Code) + " at " + ofPoints(len(at[code]), len(s.Points)) + ", the first " + pointLabel(s, p) + ": " + visible(w.Message)
			lines = append(lines, line)
			break
		}
	}
	return lines
}
