package reports

import (
	"strconv"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// titleOf is the title of a document, never empty.
func titleOf(title string) string {
	if strings.TrimSpace(title) == "" {
		return "Untitled topology"
	}
	return visible(title)
}

// runLine says what was run.
func runLine(r *result.Result) string {
	line := runSettings(r) + " · " + requestRange(r.Run.Requests, r.Run.Requests)
	if r.Design != "" {
		return "design " + visible(r.Design) + " · " + line
	}
	return line
}

// requestRange says how many requests there were, of several runs from the
// fewest to the most.
func requestRange(fewest, most uint64) string {
	if a, b := count(fewest), count(most); a != b {
		return a + " to " + b + " requests"
	}
	return count(most) + " requests"
}

// runSettings says how long and how often it was run.
func runSettings(r *result.Result) string {
	measured := span(r.Run.DurationS) + " measured"
	if r.Run.WarmupS > 0 {
		measured += " after " + span(r.Run.WarmupS) + " of warm-up"
	} else {
		measured += ", no warm-up"
	}
	return measured + " · " + amount(r.Run.Replications, "replication") + " · seed " + strconv.FormatUint(r.Seed, 10)
}

// doubtLine says what ± means here.
func doubtLine(replications int) string {
	if replications < 2 {
		return "One replication: no interval can be given. Run more to learn how far to trust these figures."
	}
	return "± is half of the 95 % confidence interval over " + strconv.Itoa(replications) + " replications."
}

// truncatedLine is said of a document whose run did not finish.
const truncatedLine = "Truncated: the run was interrupted. The figures are of what had been finished."

// verdictLine counts the verdicts.
func verdictLine(r *result.Result) (string, tone) {
	n := len(r.Objectives)
	if n == 0 {
		return "No objectives are stated.", neutral
	}
	counts := map[string]int{}
	for _, o := range r.Objectives {
		counts[o.Verdict]++
	}
	missed, undecided := counts[result.Missed], counts[result.Undecided]
	switch {
	case counts[result.Met] == n && n == 1:
		return "The objective is met.", good
	case counts[result.Met] == n:
		return "All " + strconv.Itoa(n) + " objectives are met.", good
	case missed == 0:
		return share(undecided, n) + " undecided.", unsure
	case undecided == 0:
		return share(missed, n) + " missed.", bad
	}
	return share(missed, n) + " missed, " + strconv.Itoa(undecided) + " undecided.", bad
}

// share says "2 of 3 objectives are" or "The objective is".
func share(k, n int) string {
	switch {
	case n == 1:
		return "The objective is"
	case k == 1:
		return "1 of " + strconv.Itoa(n) + " objectives is"
	}
	return strconv.Itoa(k) + " of " + strconv.Itoa(n) + " objectives are"
}

// bottleneckLine says what saturates first, and when; "" where the document
// names nothing.
func bottleneckLine(r *result.Result) string {
	b := r.Bottleneck
	if b == nil {
		return ""
	}
	line := visible(b.Node) + " " + visible(b.Resource) + " is " + short(b.Utilization, ratio) + " busy" + busiestInstance(r.Nodes[b.Node], b)
	switch at := b.SaturatesAtLoad; {
	case at == nil:
		return line + "."
	case *at < 1:
		return line + "; it can carry only " + short(*at, plain) + "× this load."
	default:
		return line + "; saturates at " + short(*at, plain) + "× this load."
	}
}

// busiestInstance says how busy the cores of one instance are where the mean
// of all tells little of it, as of a primary beside idle replicas: it is the
// one that saturates.
func busiestInstance(n *result.Node, b *result.Bottleneck) string {
	if n == nil || b.Resource != "cpu" {
		return ""
	}
	name, most := "", float64(b.Utilization*1.25)
	for i := range n.PerInstance {
		if u := n.PerInstance[i].Utilization; u != nil && *u > most {
			name, most = n.PerInstance[i].Name, *u
		}
	}
	if name == "" {
		return ""
	}
	return ", " + visible(name) + " " + short(most, ratio)
}

// lossLines say, per client, how requests ended that did not end well, and how
// many attempts that took.
func lossLines(r *result.Result) []string {
	var lines []string
	for _, name := range sorted(r.Clients) {
		if line := lossLine(&r.Clients[name].Traffic); line != "" {
			lines = append(lines, visible(name)+": "+line)
		}
	}
	return lines
}

func lossLine(t *result.Traffic) string {
	var parts []string
	for _, kind := range result.ErrorKinds {
		if n := t.Errors[kind]; n > 0 {
			parts = append(parts, count(n)+" "+kind)
		}
	}
	if t.Unfinished > 0 {
		parts = append(parts, count(t.Unfinished)+" unfinished")
	}
	line := strings.Join(parts, ", ")
	if line != "" {
		line += " of " + count(t.Offered) + " requests"
	}
	if t.Offered == 0 {
		return line
	}
	if each := short(float64(t.Attempts)/float64(t.Offered), plain); each != "1" {
		if line != "" {
			line += "; "
		}
		line += each + " attempts per request"
	}
	return line
}

// warningLines are the warnings with their codes.
func warningLines(r *result.Result) []string {
	var lines []string
	for _, w := range r.Warnings {
		lines = append(lines, visible(w.Code)+" "+visible(w.Message))
	}
	return lines
}

// originLine is what it takes to get the same figures again.
func originLine(r *result.Result) string {
	line := "capsim " + visible(r.Version)
	if r.Fingerprint != "" {
		line += " · fingerprint " + visible(r.Fingerprint)
	}
	return line
}
