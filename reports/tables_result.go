package reports

import (
	"maps"
	"slices"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// headline are the percentiles of a client's table.
var headline = [...]string{"mean", "p50", "p95", "p99", "p99.9"}

// verdicts are how a verdict is marked, so that colour is not needed.
var verdicts = map[string]struct {
	mark string
	tone tone
}{
	result.Met:       {"✓ met", good},
	result.Missed:    {"✗ missed", bad},
	result.Undecided: {"? undecided", unsure},
}

// verdictCell is a verdict with its mark.
func verdictCell(verdict string) cell {
	v, ok := verdicts[verdict]
	if !ok {
		return word(verdict)
	}
	return cell{figure: figure{Num: v.mark}, Tone: v.tone}
}

// objectivesTable is what was demanded and what came out.
func objectivesTable(r *result.Result, notes *footnotes) table {
	t := table{
		Title:  "Objectives",
		Labels: 1, LabelWidth: objectiveWidth,
		Columns: []column{
			{Title: "objective", Left: true}, {Title: "verdict", Left: true},
			{Title: "measured", Help: "what the simulation gave, with the half width of its 95 % interval"},
		},
	}
	for _, o := range r.Objectives {
		t.add(word(o.Text), verdictCell(o.Verdict), objectiveCell(o, notes))
	}
	return t
}

// objectiveCell is the measured figure of o, with as many digits as it takes
// to tell it from the value demanded: "400.4 ms" missed "< 400ms".
func objectiveCell(o result.Objective, notes *footnotes) cell {
	const mostFigures = 7
	u, limit, known := objectiveUnit(o.Text)
	c := notes.estimate(o.Actual, u)
	if !known || o.Actual.Mean == nil || *o.Actual.Mean == limit {
		return c
	}
	for digits := significant; digits <= mostFigures; digits++ {
		c.figure = newFigure(*o.Actual.Mean, o.Actual.HalfWidth, u, digits)
		if trimZeros(c.figure) != trimZeros(newFigure(limit, nil, u, digits)) {
			break
		}
	}
	return c
}

// clientsTable has a row per client and, where it has several, per operation.
func clientsTable(r *result.Result, notes *footnotes) table {
	t := table{
		Title:  "Clients",
		Labels: 1, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "client", Left: true},
			{Title: "offered/s", Help: "requests due per second, each counted once"},
			{Title: "ok/s", Help: "throughput: ok answers per second of the measured window"},
			{Title: "errors", Help: "share of offered requests that ended in an error, after all retries"},
		},
	}
	for _, name := range headline {
		t.Columns = append(t.Columns, column{Title: name, Help: "latency of ok requests, from when the request was due"})
	}
	for _, name := range sorted(r.Clients) {
		client := r.Clients[name]
		t.add(trafficRow(word(name), &client.Traffic, notes)...)
		if len(client.Ops) < 2 {
			continue
		}
		for _, op := range sorted(client.Ops) {
			label := word(op)
			label.Depth = 1
			t.add(trafficRow(label, client.Ops[op], notes)...)
		}
	}
	return t.trimmed()
}

func trafficRow(label cell, traffic *result.Traffic, notes *footnotes) []cell {
	cells := []cell{
		label,
		notes.estimate(traffic.OfferedRPS, plain),
		notes.estimate(traffic.ThroughputRPS, plain),
		notes.estimate(traffic.ErrorRatio, ratio),
	}
	for _, name := range headline {
		cells = append(cells, notes.estimate(traffic.LatencyS[name], seconds))
	}
	return cells
}

// nodesTable has a row per node, and one more for each further resource.
func nodesTable(r *result.Result, notes *footnotes) table {
	t := table{
		Title:  "Nodes",
		Labels: 1, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "node", Left: true},
			{Title: "kind", Left: true, Help: "and the number of instances"},
			{Title: "arrivals/s", Help: "attempts that reach the node, refused ones included"},
			{Title: "resource", Left: true, Again: true},
			{Title: "busy", Help: "utilisation: busy time over the capacity that was up"},
			{Title: "queue", Help: "mean number waiting for the resource"},
			{Title: "mean", Help: "mean response time of the node, arrival to ok answer"},
			{Title: "p99", Help: "99th percentile of the node's response time"},
			{Title: "errors", Help: "share of arrivals that did not end well here"},
			{Title: "theory", Help: "the mean response by queueing theory: = is exact, ≈ an approximation"},
		},
	}
	for _, name := range sorted(r.Nodes) {
		node := r.Nodes[name]
		cells := []cell{
			word(name), kindCell(node), arrivalsCell(node, r), {}, {}, {},
			notes.estimate(node.ResponseS["mean"], seconds),
			notes.estimate(node.ResponseS["p99"], seconds),
			nodeErrorsCell(node), theoryCell(node),
		}
		for _, resource := range limited(node) {
			res := node.Resources[resource]
			cells[3] = word(resource)
			cells[4] = notes.estimate(res.Utilization.Estimate, ratio)
			cells[5] = notes.estimate(res.Queue, plain)
			t.add(cells...)
			cells = make([]cell, len(cells))
		}
		if len(limited(node)) == 0 {
			t.add(cells...)
		}
	}
	return t.trimmed()
}

// theoryCell is the mean response by theory, empty where it has none.
func theoryCell(node *result.Node) cell {
	if node.Theory == nil || node.Theory.ResponseMeanS == nil {
		return cell{}
	}
	return marked(node.Theory.ResponseMeanS, seconds, node.Theory.Exact)
}

// limited are the resources of a node that have a capacity, sorted. The others
// cannot saturate.
func limited(node *result.Node) []string {
	return slices.DeleteFunc(sorted(node.Resources), func(name string) bool {
		r := node.Resources[name]
		return r.Capacity.Mean == nil && r.Utilization.Mean == nil
	})
}

// kindCell says "server × 4", or "cache" for a single one.
func kindCell(node *result.Node) cell {
	kind := strings.ReplaceAll(node.Kind, "_", " ")
	if n := node.Instances.Mean; n != nil && *n != 1 {
		kind += " × " + short(*n, plain)
	}
	return word(kind)
}

// arrivalsCell is the mean rate over the measured windows.
func arrivalsCell(node *result.Node, r *result.Result) cell {
	window := r.Run.DurationS * float64(r.Run.Replications)
	if window <= 0 {
		return cell{figure: figure{Num: noNumber}}
	}
	return value(float64(node.Arrivals)/window, plain)
}

func nodeErrorsCell(node *result.Node) cell {
	if node.Arrivals == 0 {
		return cell{figure: figure{Num: noNumber}}
	}
	var n uint64
	for _, kind := range result.ErrorKinds {
		n += node.Errors[kind]
	}
	return word(short(float64(n)/float64(node.Arrivals), ratio))
}

// cachesTable has a row per cache.
func cachesTable(r *result.Result, notes *footnotes) table {
	t := table{
		Title:  "Caches",
		Labels: 1, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "cache", Left: true},
			{Title: "hit ratio", Help: "share of look-ups that the cache could answer"},
			{Title: "hits"}, {Title: "misses", Help: "look-ups that did not find their item, and went for it"},
			{Title: "coalesced", Help: "look-ups that waited for what another miss was fetching"},
			{Title: "evicted", Help: "entries that had to make room"}, {Title: "expired", Help: "entries that were there for too long"},
		},
	}
	for _, name := range sorted(r.Nodes) {
		if c := r.Nodes[name].Cache; c != nil {
			t.add(word(name), notes.estimate(c.HitRatio, ratio), word(count(c.Hits)), word(count(c.Misses)),
				word(count(c.Coalesced)), word(count(c.Evictions)), word(count(c.Expirations)))
		}
	}
	return t
}

// queuesTable has a row per queue.
func queuesTable(r *result.Result, notes *footnotes) table {
	t := table{
		Title:  "Queues",
		Labels: 1, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "queue", Left: true},
			{Title: "depth", Help: "messages that wait for a delivery, on average over time"},
			{Title: "age", Help: "of messages when they are first delivered, on average"},
			{Title: "age p99"}, {Title: "published"}, {Title: "acknowledged"},
			{Title: "redelivered", Help: "deliveries that were not the first of their message"},
			{Title: "dead", Help: "dead letters: delivered as often as they may be, and not acknowledged"},
			{Title: "lost", Help: "dropped to make room, or lost with the broker"},
		},
	}
	for _, name := range sorted(r.Nodes) {
		if q := r.Nodes[name].Queue; q != nil {
			t.add(word(name), notes.estimate(q.Depth, plain), notes.estimate(q.AgeS["mean"], seconds), notes.estimate(q.AgeS["p99"], seconds),
				word(count(q.Published)), word(count(q.Acknowledged)), word(count(q.Redelivered)), word(count(q.DeadLettered)), word(count(q.Dropped+q.Lost)))
		}
	}
	return t
}

// replicasTable has a row per database with replicas.
func replicasTable(r *result.Result, notes *footnotes) table {
	t := table{
		Title:  "Replicas",
		Labels: 1, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "database", Left: true},
			{Title: "stale reads", Help: "share of reads that missed the newest acknowledged write of their record"},
			{Title: "lag mean", Help: "from a write at its primary until a replica has applied it"}, {Title: "lag p99"},
			{Title: "to primary", Help: "reads that went to the primary because a replica lacked a write of the reader's own"},
		},
	}
	for _, name := range sorted(r.Nodes) {
		if d := r.Nodes[name].Database; d != nil && d.ReplicationLagS != nil {
			t.add(word(name), notes.estimate(d.StaleReadRatio, ratio), notes.estimate(d.ReplicationLagS["mean"], seconds),
				notes.estimate(d.ReplicationLagS["p99"], seconds), word(count(d.Redirected)))
		}
	}
	return t
}

// partsTable is the topology: its nodes and what they are.
func partsTable(r *result.Result) table {
	t := table{
		Title:  "Topology",
		Labels: 1, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "node", Left: true}, {Title: "kind", Left: true}, {Title: "detail", Left: true, Long: true},
			{Title: "sends to", Left: true, Long: true, Help: "a node, and the operation where not any goes"},
		},
	}
	for _, n := range r.Topology.Nodes {
		kind := strings.ReplaceAll(n.Kind, "_", " ")
		if n.Instances > 1 {
			kind += " × " + count(uint64(n.Instances))
		}
		t.add(word(n.Name), word(kind), word(n.Detail), word(strings.Join(targets(r, n.Name), ", ")))
	}
	return t
}

// targets are where a node sends requests, in the order of the document.
func targets(r *result.Result, from string) []string {
	var to []string
	for _, e := range r.Topology.Edges {
		switch {
		case e.From != from:
		case e.Op == "":
			to = append(to, e.To)
		default:
			to = append(to, e.To+"."+e.Op)
		}
	}
	return to
}

// defaultsTable is what the file left to the simulator.
func defaultsTable(r *result.Result) table {
	t := table{
		Title:  "Defaults used",
		Labels: 1, LabelWidth: nameWidth,
		Columns: []column{{Title: "key", Left: true}, {Title: "value", Left: true, Long: true}},
	}
	for _, d := range r.Topology.Defaults {
		t.add(word(d.Key), word(d.Value))
	}
	return t
}

// sorted are the keys of m, in order.
func sorted[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
