package topologies

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// measure is how the value of a metric is written.
type measure uint8

const (
	aTime measure = iota
	aRatio
	aRate
	aNumber
	aPrice
)

// metric is a figure that an objective may be about.
type metric struct {
	name     string
	measure  measure
	subjects []node.Kind // none: it is about the whole system
	doc      string
	example  string
}

// metrics lists them in the order of the manual; "p" stands for any
// percentile. Nobody writes to it.
var metrics = []metric{
	{"mean", aTime, anyNode,
		"the average latency of a client's ok requests, or the average response time of another node", "shoppers mean < 80ms"},
	{"p", aTime, anyNode,
		"a percentile of the same: p50, p95, p99, p99.9, or any other", "shoppers p99 < 400ms"},
	{"max", aTime, anyNode,
		"the longest of all; it grows with the length of the run", "shoppers max < 5s"},
	{"errors", aRatio, anyNode,
		"the share of a client's offered requests that ended in an error, after all retries; of another node, of the attempts that reached it", "shoppers errors < 0.1%"},
	{"availability", aRatio, anyNode,
		"the share of a client's offered requests that were answered ok; of another node, of the attempts that reached it", "shoppers availability > 99.9%"},
	{"throughput", aRate, anyNode,
		"ok answers a second", "shoppers throughput > 700/s"},
	{"within", aRatio, []node.Kind{node.Client},
		"the share of offered requests that were answered ok in that time: the usual service level objective", "shoppers within 300ms > 99%"},
	{"recovery", aTime, []node.Kind{node.Client},
		"the time from when a fault begins until the client is back within its other objectives, the longest of all faults that do not come by chance: " +
			"until the first moment from which on those on mean, percentiles, max, errors, availability, within and throughput " +
			"hold over every stretch of time that begins there, requests counted when they were due, and that at least a twentieth of the window before it ends or another fault begins. Users who all wait for an answer are not back before they ask again. " +
			"Where no objective of the client is on errors, availability, within or throughput, its requests must not fail more often than before the first fault either, by a thousandth. " +
			"A client that is not back in this run has missed it, if the run was long enough to tell", "shoppers recovery < 30s"},
	{"cpu", aRatio, []node.Kind{node.Server, node.Database, node.Cache},
		"how busy the cores are, of a cache if it has some", "app cpu < 70%"},
	{"disk", aRatio, []node.Kind{node.Server, node.Database},
		"how busy the disks are, of a server with disk steps", "app disk < 70%"},
	{"network", aRatio, []node.Kind{node.Server, node.Database},
		"how busy the network interfaces are, of a server with network", "app network < 70%"},
	{"queue", aNumber, []node.Kind{node.Server, node.Database, node.Queue},
		"how many requests wait for a worker, a core or the disk, or how many messages for a delivery, on average over time", "app queue < 5"},
	{"memory", aRatio, []node.Kind{node.Server, node.Database},
		"how full the memory is, on average over time; the server must say how much it has", "app memory < 80%"},
	{"hit_ratio", aRatio, []node.Kind{node.Cache, node.CDN},
		"hits as a share of hits and misses; look-ups that waited for another's miss count as neither, nor does what a CDN only passes on", "redis hit_ratio > 75%"},
	{"stale_reads", aRatio, []node.Kind{node.Database},
		"the share of reads that missed the newest acknowledged write of their record, because the replica that they read had not applied it yet", "orders stale_reads < 1%"},
	{"lost_writes", aNumber, []node.Kind{node.Database},
		"how many acknowledged writes were lost because a replica was promoted that had not got them, on average over the replications", "orders lost_writes < 1"},
	{"cost", aPrice, nil,
		"what a month of 730 hours like the measured window costs, of all that has a price; the objective has no subject", "cost < 4000"},
	{"cost_per_million", aPrice, nil,
		"the same for each million requests that were answered ok; the objective has no subject", "cost_per_million < 3"},
}

// anyNode are the kinds of node that requests come to or from, which is all
// of them. Of a client, errors and availability are shares of the requests
// that it offered, retries being no requests of their own; of another node,
// shares of the attempts that reached it.
var anyNode = []node.Kind{node.Client, node.LoadBalancer, node.Server, node.Database, node.Cache, node.CDN, node.External, node.Queue}

// word is a word of a text and the byte at which it begins.
type word struct {
	text string
	at   int
}

func wordsOf(text string) []word {
	var words []word
	for i := 0; i < len(text); {
		if text[i] == ' ' || text[i] == '\t' {
			i++
			continue
		}
		end := i
		for end < len(text) && text[end] != ' ' && text[end] != '\t' {
			end++
		}
		words = append(words, word{text[i:end], i})
		i = end
	}
	return words
}

// objectives resolves the demands of the file.
func (r *resolver) objectives() {
	list := r.cfg.file.Objectives
	if len(list) > maxObjectives {
		r.report.Add(list[maxObjectives].Problem("E703", fmt.Sprintf("more than %d objectives", maxObjectives)))
		return
	}
	for _, at := range list {
		p := objectiveParser{r: r, at: at}
		if o, ok := p.parse(); ok {
			r.spec.Objectives = append(r.spec.Objectives, o)
		}
	}
	r.recoveries(list)
	r.spec.Timeline = r.spec.Recovers() && len(r.spec.Faults) > 0
}

// recoveries refuses objectives on the recovery of clients who have no other
// objectives that they could be back within.
func (r *resolver) recoveries(list node.Strings) {
	if len(r.spec.Objectives) < len(list) {
		return // one of the others may be what is missing
	}
	for k := range r.spec.Objectives {
		if o := &r.spec.Objectives[k]; o.Metric == "recovery" && len(r.spec.Goals(o.Node)) == 0 {
			name := r.spec.Nodes[o.Node].Name
			r.report.Add(list[k].Problem("E311", "nothing says when "+kind.QuoteText(name)+" has recovered: it has no other objective").
				WithHint("for example " + kind.QuoteText(name+" errors < 1%")))
		}
	}
}

// objectiveParser reads one objective.
type objectiveParser struct {
	r   *resolver
	at  kind.Cursor
	out node.Objective
}

const objectiveForm = `SUBJECT METRIC < VALUE, for example "shoppers p99 < 400ms", or "shoppers within 300ms > 99%"`

// fail reports what is wrong with one word of the text.
func (p *objectiveParser) fail(w word, code, message, hint string) (node.Objective, bool) {
	p.at.Part(&kind.LiteralError{Code: code, Message: message, Hint: hint, Offset: w.at, Len: len(w.text)})
	return node.Objective{}, false
}

// parse reads SUBJECT METRIC COMPARE VALUE from the end: subjects may hold
// spaces.
func (p *objectiveParser) parse() (node.Objective, bool) {
	text := p.at.Value.Text
	words := wordsOf(text)
	p.out = node.Objective{Text: text, Line: p.at.Value.Pos.Line}
	all := word{text, 0}
	sign := slices.IndexFunc(words, func(w word) bool { return strings.ContainsAny(w.text, "<>=") })
	switch {
	case sign < 0:
		return p.fail(all, "E311", "an objective compares: expected <, >, <= or >=", objectiveForm)
	case !slices.Contains([]string{"<", ">", "<=", ">="}, words[sign].text):
		return p.fail(words[sign], "E311", "expected <, >, <= or >= between spaces, got "+kind.QuoteText(words[sign].text), objectiveForm)
	case sign+2 != len(words):
		at := all
		if sign+2 < len(words) {
			at = words[sign+2]
		}
		return p.fail(at, "E311", "expected one value after "+words[sign].text, objectiveForm)
	}
	p.out.Compare = words[sign].text
	value, head := words[sign+1], words[:sign]
	if n := len(head); n >= 2 && head[n-2].text == "within" {
		return p.within(head, value)
	}
	if n := len(head); n > 0 {
		if m, ok := findMetric(head[n-1].text); ok && len(m.subjects) == 0 {
			return p.whole(head, value, m)
		}
	}
	if len(head) < 2 {
		return p.fail(all, "E311", "expected a subject and a metric before "+p.out.Compare, objectiveForm)
	}
	last := head[len(head)-1]
	m, ok := p.metric(last)
	if !ok {
		return node.Objective{}, false
	}
	if !p.subject(span(text, head[:len(head)-1]), last, m) {
		return node.Objective{}, false
	}
	return p.value(value, m)
}

// whole reads METRIC < VALUE, of a metric that the whole system has.
func (p *objectiveParser) whole(head []word, value word, m metric) (node.Objective, bool) {
	if len(head) > 1 {
		return p.fail(span(p.out.Text, head[:len(head)-1]), "E311", m.name+" is of the whole system: it has no subject",
			"write "+kind.QuoteText(m.name+" "+p.out.Compare+" "+value.text))
	}
	p.out.Node, p.out.Metric = node.None, m.name
	return p.value(value, m)
}

// span joins words to the text that they stand for.
func span(text string, words []word) word {
	last := words[len(words)-1]
	return word{text[words[0].at : last.at+len(last.text)], words[0].at}
}

// within reads SUBJECT within TIME > SHARE.
func (p *objectiveParser) within(head []word, value word) (node.Objective, bool) {
	limit, name := head[len(head)-1], head[len(head)-2]
	ns, err := kind.ParseDuration(limit.text)
	if err == nil && ns == 0 {
		err = &kind.LiteralError{Code: "E302", Message: "must be more than 0s", Len: len(limit.text)}
	}
	if err != nil {
		p.at.Part(err.Moved(limit.at))
		return node.Objective{}, false
	}
	p.out.Metric, p.out.Within = "within", sim.Time(ns)
	m, _ := findMetric("within")
	if len(head) < 3 {
		return p.fail(name, "E311", "expected a subject before within", objectiveForm)
	}
	if !p.subject(span(p.out.Text, head[:len(head)-2]), name, m) {
		return node.Objective{}, false
	}
	return p.value(value, m)
}

func findMetric(name string) (metric, bool) {
	for _, m := range metrics {
		if m.name == name {
			return m, true
		}
	}
	return metric{}, false
}

// metric finds what the objective is about.
func (p *objectiveParser) metric(w word) (metric, bool) {
	p.out.Metric = w.text
	if m, ok := findMetric(w.text); ok && w.text != "p" && w.text != "within" {
		return m, true
	}
	if digits, ok := strings.CutPrefix(w.text, "p"); ok && digits != "" && strings.Trim(digits, "0123456789.") == "" {
		percent, err := strconv.ParseFloat(digits, 64)
		if err != nil || !(percent > 0 && percent < 100) || len(digits) > 12 || digits[0] == '.' || digits[len(digits)-1] == '.' {
			hint := "the largest of all is called max"
			if percent < 100 {
				hint = "for example p99 or p99.9"
			}
			p.fail(w, "E302", "a percentile is more than 0 and less than 100, got "+kind.QuoteText(w.text), hint)
			return metric{}, false
		}
		if percent < 1 {
			message, hint := kind.PercentileOfShare(w.text, percent)
			p.fail(w, "E310", message, hint)
			return metric{}, false
		}
		p.out.Quantile, _ = strconv.ParseFloat(digits+"e-2", 64) // nearer than percent/100
		m, _ := findMetric("p")
		return m, true
	}
	if w.text == "within" {
		p.fail(w, "E311", "within needs a time", objectiveForm)
		return metric{}, false
	}
	known := append(strings.Split(metricNames(nil), ", "), "p50", "p95", "p99")
	p.fail(w, "E205", "unknown metric "+kind.QuoteText(w.text)+kind.DidYouMean(w.text, known), "metrics are "+metricNames(nil))
	return metric{}, false
}

// metricNames lists the metrics that a kind of subject has; all without one.
func metricNames(k *node.Kind) string {
	var names []string
	for _, m := range metrics {
		switch {
		case k != nil && !slices.Contains(m.subjects, *k):
		case m.name == "p":
			names = append(names, "p99")
		default:
			names = append(names, m.name)
		}
	}
	return strings.Join(names, ", ")
}

// subject finds whom the objective is about, and checks that they have the
// metric.
func (p *objectiveParser) subject(w, metricWord word, m metric) bool {
	t, d := p.r.target(w.text)
	switch {
	case d != nil && d.Code == "":
		return false
	case d != nil:
		at := p.at.Problem(d.Code, d.Message)
		at.Pos, at.Hint, at.Related = p.at.Value.Within(w.at, len(w.text)), d.Hint, d.Related
		p.r.report.Add(at)
		return false
	}
	n := &p.r.spec.Nodes[t.Node]
	p.out.Node, p.out.Op = t.Node, t.Op
	if t.Op != "" && n.Kind != node.Client {
		p.fail(w, "E311", "objectives about an operation name a client's: CLIENT."+t.Op, "")
		return false
	}
	if t.Op != "" && p.out.Metric == "recovery" {
		p.fail(w, "E311", "a client recovers, not one of its operations", "write "+kind.QuoteText(n.Name))
		return false
	}
	if t.Op != "" && n.Client != nil && len(n.Client.Ops) > 0 && !slices.ContainsFunc(n.Client.Ops, func(o node.WeightedOp) bool { return o.Name == t.Op }) {
		names := opNames(n.Client.Ops)
		p.fail(w, "E502", kind.QuoteText(n.Name)+" asks for no operation "+kind.QuoteText(t.Op)+kind.DidYouMean(t.Op, names),
			"its operations are "+listed(names))
		return false
	}
	if !slices.Contains(m.subjects, n.Kind) {
		message := fmt.Sprintf("%s has no metric %s in the language yet", aKind(n.Kind), kind.QuoteText(p.out.Metric))
		p.fail(metricWord, "E311", message, "its metrics are "+metricNames(&n.Kind))
		return false
	}
	if lacks, hint := p.lacks(n); lacks != "" && !p.r.nodes[t.Node].bad {
		p.fail(metricWord, "E311", lacks, hint)
		return false
	}
	return true
}

// lacks says what a server does not have that the metric is about.
func (p *objectiveParser) lacks(n *node.Node) (message, hint string) {
	switch {
	case p.out.Metric == "cpu" && n.Cache != nil && n.Cache.Cores == 0:
		return kind.QuoteText(n.Name) + " has no cores: nobody waits for it", `for example cores = 1`
	case p.out.Metric == "disk" && !n.Server.HasDisk():
		return kind.QuoteText(n.Name) + " has no disk step", `for example on.read = [{ disk = "exp 0.8ms" }]`
	case p.out.Metric == "network" && n.Server.Network == 0:
		return kind.QuoteText(n.Name) + " has no network: it is never busy", `for example network = "1Gbps"`
	case p.out.Metric == "memory" && !n.Server.UsesMemory():
		return "nothing holds memory of " + kind.QuoteText(n.Name), `for example memory_per_request = "20MB"`
	case p.out.Metric == "memory" && n.Server.Memory == 0:
		return kind.QuoteText(n.Name) + " has no memory: nobody knows how full it is", `for example memory = "16GB"`
	}
	return "", ""
}

func opNames(ops []node.WeightedOp) []string {
	names := make([]string, len(ops))
	for i := range ops {
		names[i] = ops[i].Name
	}
	return names
}

// listed joins at most twenty names.
func listed(names []string) string {
	short := make([]string, 0, 21)
	for i, name := range names {
		if i == 20 {
			short = append(short, fmt.Sprintf("and %d more", len(names)-i))
			break
		}
		short = append(short, kind.Cut(name))
	}
	return strings.Join(short, ", ")
}

// value reads what the figure is compared with.
func (p *objectiveParser) value(w word, m metric) (node.Objective, bool) {
	var err *kind.LiteralError
	switch m.measure {
	case aTime:
		var ns int64
		ns, err = kind.ParseDuration(w.text)
		p.out.Value = float64(ns) / 1e9
	case aRatio:
		p.out.Value, err = kind.ParseRatio(w.text)
	case aRate:
		p.out.Value, err = kind.ParseRate(w.text)
	case aNumber:
		p.out.Value, err = kind.ParseFactor(w.text)
	case aPrice:
		p.out.Value, err = kind.ParseNumber(w.text)
	}
	if err != nil {
		p.at.Part(err.Moved(w.at))
		return node.Objective{}, false
	}
	if d := p.impossible(m); d != "" {
		return p.fail(w, "E302", d, "")
	}
	return p.out, true
}

// impossible says why nothing could ever meet, or miss, the objective.
func (p *objectiveParser) impossible(m metric) string {
	v, compare := p.out.Value, p.out.Compare
	switch {
	case v == 0 && compare == "<":
		return "nothing is less than 0: this can never be met"
	case v == 0 && compare == ">=":
		return "everything is at least 0: this can never be missed"
	case m.measure == aRatio && v == 1 && compare == ">":
		return "no share is more than 100%: this can never be met"
	case m.measure == aRatio && v == 1 && compare == "<=":
		return "every share is at most 100%: this can never be missed"
	}
	return ""
}
