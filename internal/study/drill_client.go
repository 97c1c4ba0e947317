package study

import (
	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/stats"
)

// clientTrace is what one replication of a drill did to a client: what was
// there without the fault taken from what was there with it.
type clientTrace struct {
	offered, failed float64
	kinds           [node.Errors + 1]float64 // by kind, the unfinished last
	recovery        sim.Time
	whole, outage   [len(drillFigures)]gap // latency
	spent           []spending             // as budgets
}

// drillFigures are the latencies that a drill compares.
var drillFigures = [...]struct {
	name string
	p    float64 // 0: the mean
}{{"mean", 0}, {"p50", 0.5}, {"p99", 0.99}}

// gap is a difference of latencies in seconds, if there is one.
type gap struct {
	seconds float64
	known   bool
}

// spending is how many bad requests a fault added, and how many there may be.
type spending struct{ bad, allowed float64 }

// scripted reports whether fault k begins at a known time within the window.
func scripted(spec *node.Spec, k int) bool {
	f := &spec.Faults[k]
	return f.At < spec.Run.Duration && !f.Random()
}

// compare takes from a replication of a drill what needs the twin's.
func (t *twin) compare(spec *node.Spec, s *node.Snapshot, replication int) []clientTrace {
	out := make([]clientTrace, len(s.Clients))
	f := &spec.Faults[0]
	budgets := budgetsOf(spec)
	calm := t.snaps[replication]
	for i := range s.Clients {
		one, a, b := &out[i], &calm.Clients[i], &s.Clients[i]
		one.count(a, b)
		one.whole = gaps(latencies(a), latencies(b), len(t.snaps))
		one.recovery = sim.Never
		for _, k := range budgets {
			if o := &spec.Objectives[k]; o.Node == b.Node {
				n := badOf(spec, k, a)
				one.spent = append(one.spent, spending{badOf(spec, k, b) - n, allowed(o) * offeredOf(spec, k, a)})
			}
		}
		if !scripted(spec, 0) {
			continue
		}
		one.recovery = drillRecovery(spec, b.Timeline, t.timelines[replication][i])
		if one.recovery > 0 {
			from, to := f.At, spec.Run.Duration
			if one.recovery != sim.Never {
				to = f.At + one.recovery
			}
			first, last := int(from/s.WindowSize), int((to+s.WindowSize-1)/s.WindowSize)
			one.outage = gaps(rowLatencies(t.series[replication][i][first:last]), rowLatencies(b.Series[first:last]), len(t.snaps))
		}
	}
	return out
}

// count compares the ends of requests.
func (c *clientTrace) count(a, b *node.ClientStats) {
	for k := range a.Ops {
		x, y := &a.Ops[k], &b.Ops[k]
		c.offered += float64(x.Offered)
		c.failed += float64(y.Offered-y.OK) - float64(x.Offered-x.OK)
		for e := range x.Errors {
			c.kinds[e] += float64(y.Errors[e]) - float64(x.Errors[e])
		}
		c.kinds[node.Errors] += float64(y.Unfinished) - float64(x.Unfinished)
	}
}

func latencies(c *node.ClientStats) *stats.Histogram {
	h := &stats.Histogram{}
	for k := range c.Ops {
		h.Merge(&c.Ops[k].Latency)
	}
	return h
}

func rowLatencies(rows []node.ClientWindow) *stats.Histogram {
	h := &stats.Histogram{}
	for w := range rows {
		h.Merge(&rows[w].Latency)
	}
	return h
}

// gaps are the differences of two distributions. Percentiles are told if the
// replications together, which are so many, would have enough samples beyond.
func gaps(a, b *stats.Histogram, replications int) [len(drillFigures)]gap {
	var out [len(drillFigures)]gap
	for i, fig := range drillFigures {
		switch {
		case a.Count() == 0 || b.Count() == 0:
		case fig.p == 0:
			out[i] = gap{(b.Mean() - a.Mean()) / 1e9, true}
		case min(a.Beyond(fig.p), b.Beyond(fig.p))*uint64(replications) >= enough:
			x, _ := a.Quantile(fig.p)
			y, _ := b.Quantile(fig.p)
			out[i] = gap{(y - x) / 1e9, true}
		}
	}
	return out
}

// budgetsOf lists the objectives on a share of a client's requests.
func budgetsOf(spec *node.Spec) []int {
	var out []int
	for k := range spec.Objectives {
		o := &spec.Objectives[k]
		above := o.Compare == ">" || o.Compare == ">="
		switch {
		case o.Node == node.None || spec.Nodes[o.Node].Kind != node.Client:
		case o.Metric == "errors" && !above, (o.Metric == "availability" || o.Metric == "within") && above:
			if allowed(o) > 0 {
				out = append(out, k)
			}
		}
	}
	return out
}

// allowed is the share of requests that an objective lets be bad.
func allowed(o *node.Objective) float64 {
	if o.Metric == "errors" {
		return o.Value
	}
	return 1 - o.Value
}

// offeredOf counts the requests that an objective is about.
func offeredOf(spec *node.Spec, k int, c *node.ClientStats) float64 {
	n := 0.0
	for i := range c.Ops {
		if concerns(spec, k, c, i) {
			n += float64(c.Ops[i].Offered)
		}
	}
	return n
}

func concerns(spec *node.Spec, k int, c *node.ClientStats, op int) bool {
	o := &spec.Objectives[k]
	return o.Op == "" || o.Op == spec.Nodes[c.Node].Client.Ops[op].Name
}

// badOf counts those of them that were bad.
func badOf(spec *node.Spec, k int, c *node.ClientStats) float64 {
	o := &spec.Objectives[k]
	slot := withinSlot(spec, k)
	n := 0.0
	for i := range c.Ops {
		op := &c.Ops[i]
		switch {
		case !concerns(spec, k, c, i):
		case o.Metric == "errors":
			n += float64(total(op.Errors[:]))
		case o.Metric == "availability":
			n += float64(op.Offered - op.OK)
		default:
			n += float64(op.Offered - op.Within[slot])
		}
	}
	return n
}

// withinSlot is the place of an objective's limit among its client's.
func withinSlot(spec *node.Spec, k int) int {
	slot := 0
	for _, other := range spec.Objectives[:k] {
		if other.Node == spec.Objectives[k].Node && other.Within > 0 {
			slot++
		}
	}
	return slot
}

// What a client without objectives has to get back to: errors at most a
// thousandth of the requests above the twin's, a mean latency at most a tenth
// above it.
const (
	twinErrors  = 0.001
	twinLatency = 1.1
	twinAround  = 200 // the twin's latency is its mean over a hundredth of the window
)

// drillRecovery is how long client i took to be back. Where the twin itself
// does not hold an objective, that says nothing about the fault: what is no
// worse than the twin by more than a tenth of what it allows will do.
func drillRecovery(spec *node.Spec, t, calm *node.Timeline) sim.Time {
	goals := scoresOf(spec, t)
	if len(goals) == 0 {
		return recovery(spec, t, twinScores(t, calm), nil, 0)
	}
	worse := scoresOf(spec, t)
	for k, without := range scoresOf(spec, calm) {
		for i := range without {
			worse[k][i] -= without[i] + slack(&spec.Objectives[t.Goals[k].Objective], float64(t.Goals[k].Of[i]), t.Grain)
		}
	}
	return recovery(spec, t, goals, worse, 0)
}

// slack is a tenth of what an objective allows in a cell.
func slack(o *node.Objective, of float64, grain sim.Time) float64 {
	const tenth = 0.1
	switch {
	case o.Metric == "mean":
		return tenth * of
	case o.Metric == "throughput":
		return tenth * o.Value * grain.Seconds()
	case o.Quantile > 0:
		return tenth * (1 - o.Quantile) * of
	case o.Metric == "max":
		return 0
	}
	return tenth * allowed(o) * of
}

// twinScores are the scores of a client that has no objectives.
func twinScores(t, calm *node.Timeline) []scores {
	bad, slow := make(scores, len(t.Cells)), make(scores, len(t.Cells))
	around := len(t.Cells) / twinAround
	for i := range t.Cells {
		c, d := &t.Cells[i], &calm.Cells[i]
		bad[i] = float64(c.Offered-c.OK) - float64(d.Offered-d.OK) - float64(twinErrors*float64(c.Offered))
		sum, ok := 0.0, 0.0
		for _, near := range calm.Cells[max(0, i-around):min(len(calm.Cells), i+around+1)] {
			sum, ok = sum+float64(near.Latency), ok+float64(near.OK)
		}
		if sum > 0 {
			slow[i] = float64(c.Latency)/float64(twinLatency*sum/ok) - float64(c.OK)
		}
	}
	return []scores{bad, slow}
}

// client puts together what the replications of a drill did to a client.
func (x *exercise) client(i int) *result.DrillClient {
	of := func(get func(c *clientTrace) float64) sample {
		var s sample
		for r := range x.traces {
			s.num, s.den = append(s.num, get(&x.traces[r][i])), append(s.den, 1)
		}
		return s
	}
	ratio := of(func(c *clientTrace) float64 { return c.failed })
	ratio.den = of(func(c *clientTrace) float64 { return c.offered }).num
	c := &result.DrillClient{
		FailedRequests: of(func(c *clientTrace) float64 { return c.failed }).estimate(""),
		FailedRatio:    ratio.estimate("no requests"),
		Failed:         map[string]result.Estimate{},
		ExtraLatencyS:  x.gapsOf(func(c *clientTrace) *[len(drillFigures)]gap { return &c.whole }, i),
		OutageLatencyS: x.gapsOf(func(c *clientTrace) *[len(drillFigures)]gap { return &c.outage }, i),
		Against:        result.AgainstObjectives, Budgets: []result.Budget{},
	}
	for e := range node.Errors + 1 {
		name := "unfinished"
		if e < node.Errors {
			name = result.ErrorKinds[e]
		}
		c.Failed[name] = of(func(c *clientTrace) float64 { return c.kinds[e] }).estimate("")
	}
	at := x.snaps[0].Clients[i].Node
	if len(x.spec.Goals(at)) == 0 {
		c.Against = result.AgainstTwin
	}
	c.RecoveryS = x.recoveryOf(i)
	n := 0
	for _, k := range budgetsOf(x.spec) {
		if x.spec.Objectives[k].Node == at {
			c.Budgets = append(c.Budgets, x.budget(i, n, &x.spec.Objectives[k]))
			n++
		}
	}
	return c
}

// gapsOf are the means of differences of latency of client i.
func (x *exercise) gapsOf(get func(c *clientTrace) *[len(drillFigures)]gap, i int) result.Latency {
	l := result.Latency{}
	for k, fig := range drillFigures {
		var known []float64
		for r := range x.traces {
			if g := get(&x.traces[r][i])[k]; g.known {
				known = append(known, g.seconds)
			}
		}
		l[fig.name] = meanOf(known)
	}
	return l
}

// recoveryOf is how long client i took to be back.
func (x *exercise) recoveryOf(i int) result.Estimate {
	if !scripted(x.spec, 0) {
		return result.Estimate{Note: noFault}
	}
	var took []float64
	for r := range x.traces {
		if d := x.traces[r][i].recovery; d != sim.Never {
			took = append(took, d.Seconds())
		}
	}
	if never := len(x.traces) - len(took); never > 0 {
		return result.Estimate{Note: neverIn(never, len(x.traces))}
	}
	return meanOf(took)
}

// budgetSeconds is the thirty days that an error budget is made for.
const budgetSeconds = 30 * 86_400

// budget is what was spent of budget n of client i.
func (x *exercise) budget(i, n int, o *node.Objective) result.Budget {
	var bad, window, month sample
	for r := range x.traces {
		s := x.traces[r][i].spent[n]
		bad.num, bad.den = append(bad.num, s.bad), append(bad.den, 1)
		window.num, window.den = append(window.num, s.bad), append(window.den, s.allowed)
		month.num = append(month.num, s.bad)
		month.den = append(month.den, s.allowed/x.seconds*budgetSeconds)
	}
	return result.Budget{
		Objective: o.Text, AllowedRatio: allowed(o), BadRequests: bad.estimate(""),
		OfWindow: window.estimate("no requests"), OfMonth: month.estimate("no requests"),
	}
}
