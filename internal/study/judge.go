package study

import (
	"fmt"
	"math"
	"strings"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/stats"
)

// judge compares an objective with its figure.
func (f *figures) judge(o *node.Objective) result.Objective {
	if o.Metric == "recovery" {
		return f.judgeRecovery(o)
	}
	e := f.actual(o)
	if e.Mean == nil && f.unanswered(o) {
		return result.Objective{Text: o.Text, Actual: e, Verdict: result.Missed}
	}
	return result.Objective{Text: o.Text, Actual: e, Verdict: f.verdict(e, o)}
}

// unanswered reports whether an objective wants a client's latency below
// something, and of all its requests none got an ok answer: there is no
// latency, and whoever waits for one does so for ever.
// So is the price of an ok answer, for money that was spent on none.
func (f *figures) unanswered(o *node.Objective) bool {
	if o.Metric == "cost_per_million" {
		return strings.HasPrefix(o.Compare, "<") && f.wasted()
	}
	ofLatency := o.Quantile > 0 || o.Metric == "mean" || o.Metric == "max"
	if !ofLatency || !strings.HasPrefix(o.Compare, "<") || f.spec.Nodes[o.Node].Kind != node.Client {
		return false
	}
	all, asked := f.samplesOf(o)
	return asked > 0 && all.Count() == 0
}

// verdict judges an estimate. Where only one of several replications has a
// value, nobody knows how much that varies, and nothing is decided.
func (f *figures) verdict(e result.Estimate, o *node.Objective) string {
	if e.HalfWidth == nil && len(f.snaps) > 1 {
		return result.Undecided
	}
	return verdict(e, o.Compare, o.Value)
}

// verdict is undecided where the interval straddles the value or there is no
// figure; with one replication the point decides.
func verdict(e result.Estimate, compare string, value float64) string {
	if e.Mean == nil {
		return result.Undecided
	}
	half := 0.0
	if e.HalfWidth != nil {
		half = *e.HalfWidth
	}
	low, high := holds(*e.Mean-half, compare, value), holds(*e.Mean+half, compare, value)
	switch {
	case low && high:
		return result.Met
	case !low && !high:
		return result.Missed
	default:
		return result.Undecided
	}
}

// dust is the share of a value by which sums may miss it: 13 machines at 0.07
// an hour cost 664.3 a month, though not in binary digits.
const dust = 1e-12

func holds(x float64, compare string, value float64) bool {
	if math.Abs(x-value) <= float64(dust*math.Abs(value)) {
		x = value
	}
	switch compare {
	case "<":
		return x < value
	case "<=":
		return x <= value
	case ">":
		return x > value
	default:
		return x >= value
	}
}

// slowVerdict is the verdict on something that was not over when the run was:
// it took at least so long.
func slowVerdict(atLeast float64, o *node.Objective) string {
	switch below := strings.HasPrefix(o.Compare, "<"); {
	case below && !holds(atLeast, o.Compare, o.Value):
		return result.Missed
	case !below && holds(atLeast, o.Compare, o.Value):
		return result.Met
	}
	return result.Undecided
}

// actual finds the figure that an objective is about.
func (f *figures) actual(o *node.Objective) result.Estimate {
	if o.Node == node.None {
		return f.actualCost(o)
	}
	if f.spec.Nodes[o.Node].Kind == node.Client {
		return f.actualOfClient(o)
	}
	n := f.node(o.Node)
	switch o.Metric {
	case "throughput":
		return n.ThroughputRPS
	case "cpu":
		return n.Resources["cpu"].Utilization.Estimate
	case "network", "disk", "memory":
		return n.Resources[o.Metric].Utilization.Estimate
	case "queue":
		if f.spec.Nodes[o.Node].Kind == node.Queue {
			return f.depth(o.Node).estimate("")
		}
		return f.level(func(s *node.Snapshot) stats.Sum128 {
			q := s.Nodes[o.Node].CPU.Queue
			q.AddSum(s.Nodes[o.Node].Workers.Queue)
			if d := s.Nodes[o.Node].Disk; d != nil {
				q.AddSum(d.Queue)
			}
			return q
		}).estimate("")
	case "lost_writes":
		return f.lostWrites(o.Node).estimate("")
	case "stale_reads":
		return n.Database.StaleReadRatio
	case "hit_ratio":
		return n.Cache.HitRatio
	case "errors":
		return f.ofAttempts(o.Node, func(n *node.NodeStats) uint64 { return total(n.Errors[:]) })
	case "availability":
		return f.ofAttempts(o.Node, func(n *node.NodeStats) uint64 { return n.Completions })
	default:
		return n.ResponseS[o.Metric]
	}
}

// ofAttempts is a count of attempts that left a node within the window, as a
// share of those of which it is known what became of them: that left it, or
// were inside at its close for longer, by a tenth, than any ok answer had
// taken, as where it hangs. Others that were inside then would have been answered like those
// before them: to count them as lost would miss an objective where nothing
// ever failed.
func (f *figures) ofAttempts(at int, count func(n *node.NodeStats) uint64) result.Estimate {
	return f.ratio(
		func(s *node.Snapshot) uint64 { return count(&s.Nodes[at]) },
		func(s *node.Snapshot) uint64 {
			n := &s.Nodes[at]
			return n.Completions + total(n.Errors[:]) + n.Cancelled + n.Stuck
		}, "no requests")
}

func (f *figures) actualOfClient(o *node.Objective) result.Estimate {
	i := f.clientIndex(o.Node)
	spec := f.spec.Nodes[o.Node].Client
	var ops []int
	for k, op := range spec.Ops {
		if o.Op == "" || o.Op == op.Name {
			ops = append(ops, k)
		}
	}
	if o.Metric == "within" {
		return f.within(o, i, ops)
	}
	t := f.traffic(i, ops, f.extraPercentiles(o.Node, o.Op))
	switch o.Metric {
	case "errors":
		return t.ErrorRatio
	case "availability":
		return t.Availability
	case "throughput":
		return t.ThroughputRPS
	default:
		return t.LatencyS[o.Metric]
	}
}

// within is the share of offered requests that were answered ok in time.
func (f *figures) within(o *node.Objective, i int, ops []int) result.Estimate {
	slot := 0 // of this objective's limit among the client's
	for k := range f.spec.Objectives {
		other := &f.spec.Objectives[k]
		if other == o {
			break
		}
		if other.Node == o.Node && other.Within > 0 {
			slot++
		}
	}
	return f.collect(func(s *node.Snapshot) (float64, float64) {
		in, offered := uint64(0), uint64(0)
		for _, k := range ops {
			in += s.Clients[i].Ops[k].Within[slot]
			offered += s.Clients[i].Ops[k].Offered
		}
		return float64(in), float64(offered)
	}).estimate("no requests")
}

func (f *figures) clientIndex(at int) int {
	for i, c := range f.snaps[0].Clients {
		if c.Node == at {
			return i
		}
	}
	panic("study: not a client")
}

// warn tells what a reader of the figures should know.
func (f *figures) warn(r *result.Result) {
	add := func(code, format string, args ...any) {
		r.Warnings = append(r.Warnings, result.Warning{Code: code, Message: fmt.Sprintf(format, args...)})
	}
	for i := range f.spec.Nodes {
		name := f.spec.Nodes[i].Name
		if c := r.Clients[name]; c != nil {
			if c.Unfinished > 0 {
				add("W902", "%s: %d of %d requests were unfinished when the run ended; latencies leave them out", name, c.Unfinished, c.Offered)
			}
			continue
		}
		f.warnSaturated(i, r.Nodes[name], add)
		f.warnExhausted(i, add)
		f.warnGrowing(name, r.Nodes[name].Queue, add)
	}
	f.warnTheory(r, add)
	f.warnSeldom(add)
	for _, o := range r.Objectives {
		switch {
		case o.Verdict != result.Undecided:
		case o.Actual.Note == noPrice:
			add("W904", "objective %q is undecided: nothing here has a price", o.Text)
		case o.Actual.Note == noFault:
			add("W904", "objective %q is undecided: no fault begins in this run; capsim drill lets some begin", o.Text)
		case o.Actual.Note == onlyChance:
			add("W904", "objective %q is undecided: the faults of this run come by chance, and recovery is judged of those at a known time: capsim drill --fault lets one begin", o.Text)
		default:
			add("W904", "objective %q is undecided: more replications or a longer run would tell", o.Text)
		}
	}
}

// overtaken says what fell behind (W901), each by its node.
func (f *figures) overtaken() []string {
	var list []string
	for _, w := range f.summarise("").Warnings {
		if w.Code == "W901" {
			list = append(list, w.Message)
		}
	}
	return list
}

// warnSaturated warns of a node whose backlog grew through the window.
func (f *figures) warnSaturated(at int, n *result.Node, add func(code, format string, args ...any)) {
	for _, res := range f.limited(at) {
		x := n.Resources[res]
		if x == nil || x.Utilization.Mean == nil || *x.Utilization.Mean < 0.97 {
			continue
		}
		if grew := backlogFactor(n); grew > 1.01 {
			add("W901", "%s: %s saturated and falling behind: %.1f %% more requests came than left; latencies depend on how long the run is",
				f.spec.Nodes[at].Name, res, (grew-1)*100)
		}
	}
}

// warnLate warns of a transient that a pilot could not see the end of.
func warnLate(r *result.Result) {
	r.Warnings = append(r.Warnings, result.Warning{
		Code: "W903",
		Message: fmt.Sprintf("the pilot run had not settled by half its length; the warm-up of %s may be too short: set run.warmup or a longer run.duration",
			formatSeconds(sim.Time(r.Run.WarmupS*1e9))),
	})
}

// formatSeconds writes a time in three digits, or in hours, minutes and seconds.
func formatSeconds(t sim.Time) string {
	if t < 1000*sim.Second {
		return fmt.Sprintf("%.3g s", t.Seconds())
	}
	return kind.FormatDuration(int64((t + sim.Second/2) / sim.Second * sim.Second))
}
