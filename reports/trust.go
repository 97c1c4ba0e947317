package reports

import (
	"math"
	"strconv"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// trustLines say how far the figures of r can be trusted, and why.
func trustLines(r *result.Result) []string {
	if r.Run.Replications < 1 {
		return nil
	}
	lines := []string{replicationsLine(r)}
	if r.Truncated {
		lines = append(lines, truncatedLine)
	}
	for i, name := range sorted(r.Clients) {
		if i == mostCards {
			break // the table of clients has them all
		}
		lines = append(lines, precisionLine(name, &r.Clients[name].Traffic), countLine(name, &r.Clients[name].Traffic))
	}
	lines = append(lines, "Every replication checks in whole numbers that no request is lost at any node or client, and that the number inside a node, "+
		"over time, is the sum of the times spent there (Little's law). One that breaks either ends with an error and leaves no result.")
	if line := theoryLine(r); line != "" {
		lines = append(lines, line)
	}
	return lines
}

// replicationsLine says where intervals come from.
func replicationsLine(r *result.Result) string {
	if r.Run.Replications == 1 {
		return "One replication (seed " + strconv.FormatUint(r.Seed, 10) + "): there are no intervals, and nothing says how far another would differ."
	}
	return strconv.Itoa(r.Run.Replications) + " independent replications (seed " + strconv.FormatUint(r.Seed, 10) +
		"): ± is half of the 95 % confidence interval over them, by Student's t. The same seed gives the same figures on any machine."
}

// precisionLine says how well the p99 of a client is known.
func precisionLine(name string, t *result.Traffic) string {
	e := t.LatencyS["p99"]
	switch {
	case e.Mean == nil:
		return visible(name) + ": no p99 can be given: " + visible(e.Note) + "."
	case e.HalfWidth == nil || *e.Mean <= 0:
		return visible(name) + ": p99 is " + short(*e.Mean, seconds) + ", without an interval."
	}
	return visible(name) + ": p99 is known to ± " + short(*e.HalfWidth / *e.Mean, ratio) + " of its value."
}

// countLine adds up how the requests of a client ended.
func countLine(name string, t *result.Traffic) string {
	errors := uint64(0)
	for _, kind := range result.ErrorKinds {
		errors += t.Errors[kind]
	}
	exact := func(n uint64) string { return strconv.FormatUint(n, 10) }
	line := visible(name) + ": " + exact(t.Offered) + " requests offered, " + exact(t.OK) + " ok, " +
		exact(errors) + " ended in an error, " + exact(t.Unfinished) + " unfinished"
	if t.OK+errors+t.Unfinished != t.Offered {
		return line + ": these do NOT add up; the document was changed after the run."
	}
	return line + ": none is missing."
}

// theoryLine says how far theory and simulation are apart.
func theoryLine(r *result.Result) string {
	told, exact, where := 0, 0, ""
	most := -1.0
	for _, name := range sorted(r.Nodes) {
		n := r.Nodes[name]
		if n.Theory == nil || n.Theory.ResponseMeanS == nil {
			continue
		}
		told++
		if n.Theory.Exact {
			exact++
		}
		if gap := theoryGap(n); gap != nil && math.Abs(*gap) > most {
			most, where = math.Abs(*gap), name
		}
	}
	if told == 0 {
		return "Queueing theory has no answer to set beside the simulation here; the table says why."
	}
	line := "Queueing theory has an answer for " + strconv.Itoa(told) + " of " + amount(len(r.Nodes), "node") + ", exact for " + strconv.Itoa(exact)
	if where != "" {
		line += "; the mean responses differ by at most " + short(most, ratio) + ", at " + visible(where)
	}
	return line + "."
}

// theoryGap is by how much the simulated mean response of a node is longer than
// that of theory, as a share of the latter.
func theoryGap(n *result.Node) *float64 {
	mean := n.ResponseS["mean"].Mean
	if n.Theory == nil || n.Theory.ResponseMeanS == nil || mean == nil || *n.Theory.ResponseMeanS <= 0 {
		return nil
	}
	gap := (*mean - *n.Theory.ResponseMeanS) / *n.Theory.ResponseMeanS
	return &gap
}

// theoryTable sets queueing theory beside the simulation, node by node.
func theoryTable(r *result.Result, notes *footnotes) table {
	t := table{
		Title:  "Theory beside simulation",
		Labels: 1, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "node", Left: true},
			{Title: "busy", Help: "utilisation, simulated: of its cores, else of its first resource that has a limit"},
			{Title: "by theory", Help: "the same by queueing theory"},
			{Title: "mean response", Help: "simulated"},
			{Title: "by theory", Help: "the same by queueing theory: = is exact, ≈ an approximation"},
			{Title: "difference", Help: "of the simulated mean response, as a share of that of theory"},
			{Title: "remark", Left: true, Long: true},
		},
	}
	for _, name := range sorted(r.Nodes) {
		n := r.Nodes[name]
		if n.Theory == nil {
			continue
		}
		busy, gap := cell{}, cell{}
		if u, ok := theoryUtilization(n); ok {
			busy = notes.estimate(u, ratio)
		}
		if g := theoryGap(n); g != nil {
			gap = word(signed(short(*g, ratio), *g))
		}
		byTheory, response := cell{}, cell{}
		if n.Theory.Utilization != nil {
			byTheory = value(*n.Theory.Utilization, ratio)
		}
		if n.Theory.ResponseMeanS != nil {
			response = theoryCell(n)
		}
		t.add(word(name), busy, byTheory, notes.estimate(n.ResponseS["mean"], seconds), response, gap, word(n.Theory.Note))
	}
	return t.trimmed()
}

// theoryUtilization is the simulated figure that theory speaks of.
func theoryUtilization(n *result.Node) (result.Estimate, bool) {
	if cpu := n.Resources["cpu"]; cpu != nil && cpu.Utilization.Mean != nil {
		return cpu.Utilization.Estimate, true
	}
	for _, name := range limited(n) {
		if u := n.Resources[name].Utilization; u.Mean != nil {
			return u.Estimate, true
		}
	}
	return result.Estimate{}, false
}

// assumptions are what every figure of a result rests on, whatever the file.
var assumptions = []string{
	"Latency is that of ok requests, from the moment a request was due until its ok answer: failed attempts and the pauses before retries are part of it.",
	"A request counts if it was due within the measured window, and is followed to its end. Errors are counted after all retries.",
	"Utilisation is busy time over the capacity that was up.",
	"Nothing was added that the file does not ask for: what it leaves out has the defaults that the page lists, and where it has no network, no time passes between nodes.",
	"A month is 730 hours, all like the measured window.",
}

// sourceLines are the topology as it was simulated, safe to show.
func sourceLines(r *result.Result) string {
	lines := strings.Split(strings.TrimRight(r.Topology.Source, "\n"), "\n")
	for i := range lines {
		lines[i] = visible(lines[i])
	}
	return strings.Join(lines, "\n")
}
