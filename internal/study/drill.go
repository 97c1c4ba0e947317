package study

import (
	"cmp"
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
)

// DrillPlan is what a system is to be tried with.
type DrillPlan struct {
	Spec       *node.Spec        // each of its Faults alone
	AnyOf      map[string]string // what a fault stands for, by its name
	Skipped    []string          // what no drill can be made of
	WorstFirst bool              // else in order of time
}

// Drill simulates the system without faults, then with each of its faults
// alone under the same customers, and tells what each fault did. Stopped
// early, it returns the drills that were finished; nil if the twin was not.
func Drill(p DrillPlan, opt Options) (*result.DrillReport, error) {
	spec := p.Spec
	tick := &ticker{total: (len(spec.Faults) + 1) * spec.Run.Replications, show: opt.Progress}
	calm := *spec
	calm.Faults, calm.Timeline = nil, true
	calm.Objectives = slices.DeleteFunc(slices.Clone(spec.Objectives), func(o node.Objective) bool {
		return o.Metric == "recovery" // there is nothing to recover from
	})
	settled, late, err := settleWarmup([]*node.Spec{&calm}, opt)
	if err != nil {
		return nil, err
	}
	t := &twin{figures: newFigures(settled[0])}
	t.keep = t.keeps
	if err := t.run(opt, tick); err != nil {
		return nil, err
	}
	baseline := t.summarise(opt.Version)
	t.warnImprecise(baseline)
	if late[0] {
		warnLate(baseline)
	}
	out := &result.DrillReport{
		Schema: result.DrillSchema, Version: opt.Version, Title: spec.Title, Design: spec.Design,
		Warnings: []result.Warning{}, Baseline: baseline, Drills: []result.Drill{}, Skipped: slices.Clone(p.Skipped),
	}
	if out.Skipped == nil {
		out.Skipped = []string{}
	}
	drills, err := t.drills(p, opt, tick)
	if err != nil && !errors.Is(err, node.ErrStopped) {
		return nil, err
	}
	out.Truncated = err != nil
	for _, d := range drills {
		if d != nil {
			out.Drills = append(out.Drills, *d)
		}
	}
	if p.WorstFirst {
		slices.SortStableFunc(out.Drills, worse)
	}
	return out, err
}

// twin is the system without faults: what drills are compared with.
type twin struct {
	*figures
	series    [][][]node.ClientWindow // by replication, client and row
	timelines [][]*node.Timeline      // by replication and client
}

// keeps copies what the figures of a drill are compared with.
func (t *twin) keeps(s *node.Snapshot) {
	var series [][]node.ClientWindow
	var timelines []*node.Timeline
	for i := range s.Clients {
		rows := make([]node.ClientWindow, len(s.Clients[i].Series))
		for w := range rows {
			rows[w].Latency.Merge(&s.Clients[i].Series[w].Latency)
		}
		series = append(series, rows)
		timelines = append(timelines, s.Clients[i].Timeline)
	}
	t.series, t.timelines = append(t.series, series), append(t.timelines, timelines)
}

func (t *twin) run(opt Options, tick *ticker) error {
	if wantPrecision([]*node.Spec{t.spec}) {
		return replicateToPrecision([]*figures{t.figures}, opt, tick)
	}
	return t.replicate(t.spec.Run.Replications, opt, tick)
}

// exercise is a drill under way.
type exercise struct {
	*figures
	mu     sync.Mutex
	ahead  []*node.Snapshot // finished before one with a smaller number
	limit  *node.LimitError
	traces [][]clientTrace // by replication and client
}

// drills runs all of them, in whatever order the machine likes.
func (t *twin) drills(p DrillPlan, opt Options, tick *ticker) ([]*result.Drill, error) {
	n := len(t.snaps)
	tick.total = (len(p.Spec.Faults) + 1) * n
	all := make([]*exercise, len(p.Spec.Faults))
	out := make([]*result.Drill, len(all))
	for k := range all {
		spec := *t.spec
		spec.Faults, spec.Objectives = p.Spec.Faults[k:k+1], p.Spec.Objectives
		all[k] = &exercise{figures: newFigures(&spec), ahead: make([]*node.Snapshot, n)}
	}
	err := each(len(all)*n, opt.Parallel, func(job int) error {
		x := all[job/n]
		if opt.Stop != nil && opt.Stop.Load() {
			return node.ErrStopped
		}
		s, err := node.NewNetwork(x.spec, job%n).Run(opt.Stop)
		var limit *node.LimitError
		if err != nil && !errors.As(err, &limit) {
			return err
		}
		if whole := t.takeIn(x, s, job%n, limit); whole {
			out[job/n] = t.drill(x, p.name(job/n), p.AnyOf, opt.Version)
			x.figures, x.traces = nil, nil
		}
		tick.tick(1)
		return nil
	})
	return out, err
}

// takeIn adds the next replications of a drill, in their order, and reports
// whether that was the last.
func (t *twin) takeIn(x *exercise, s *node.Snapshot, replication int, limit *node.LimitError) (whole bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if limit != nil {
		s, x.limit = &node.Snapshot{}, limit
	}
	x.ahead[replication] = s
	for n := len(x.traces); n < len(x.ahead) && x.ahead[n] != nil; n++ {
		var traces []clientTrace
		if s := x.ahead[n]; len(s.Clients) > 0 { // else it met a limit
			traces = t.compare(x.spec, s, n)
			x.add(s)
		}
		x.traces = append(x.traces, traces)
	}
	return len(x.traces) == len(x.ahead)
}

// drill puts together what a fault did.
func (t *twin) drill(x *exercise, name string, anyOf map[string]string, version string) *result.Drill {
	f := &x.spec.Faults[0]
	d := &result.Drill{
		What: name, AnyOf: anyOf[f.String()], Clients: map[string]*result.DrillClient{}, Objectives: []result.Objective{},
		FailedRequests: result.Estimate{Note: "no samples"}, FailedRatio: result.Estimate{Note: "no samples"},
	}
	if !f.Random() {
		at := f.At.Seconds()
		d.AtS = &at
	}
	if f.For > 0 {
		lasts := f.For.Seconds()
		d.ForS = &lasts
	}
	d.Began = x.began()
	if x.limit != nil {
		d.Limit = x.limit.Error()
		return d
	}
	whole := x.summarise(version)
	d.Fingerprint, d.Objectives = whole.Fingerprint, whole.Objectives
	known := whole.Faults[0]
	d.DetectedS, d.RecoveredS, d.RTOS, d.RPOWrites, d.Random = known.DetectedS, known.RecoveredS, known.RTOS, known.RPOWrites, known.Random
	var failed, ratio sample
	for r := range x.traces {
		sum, offered := 0.0, 0.0
		for _, c := range x.traces[r] {
			sum, offered = sum+c.failed, offered+c.offered
		}
		failed.num, failed.den = append(failed.num, sum), append(failed.den, 1)
		ratio.num, ratio.den = append(ratio.num, sum), append(ratio.den, offered)
	}
	d.FailedRequests, d.FailedRatio = failed.estimate("no samples"), ratio.estimate("no requests")
	for i := range x.snaps[0].Clients {
		d.Clients[x.spec.Nodes[x.snaps[0].Clients[i].Node].Name] = x.client(i)
	}
	if d.Began && x.writesServed(&known) {
		if back, judged := slowestBack(d.Clients); judged {
			d.RTOS = back
		}
	}
	d.Series = x.seriesOfClients(whole.Series)
	return d
}

// name is what fault k is called, with how bad it is where another one is the
// same but for that.
func (p *DrillPlan) name(k int) string {
	f := &p.Spec.Faults[k]
	for i := range p.Spec.Faults {
		if g := &p.Spec.Faults[i]; g.String() == f.String() && g.Measure() != f.Measure() {
			return f.String() + f.Measure()
		}
	}
	return f.String()
}

// began reports whether the fault has come about: within the window, with an
// effect, and, where it comes by chance, at least once.
func (x *exercise) began() bool {
	f := &x.spec.Faults[0]
	happened := func(s *node.Snapshot) bool { return s.Faults[0].Random.Occurrences > 0 }
	if f.At >= x.spec.Run.Duration || f.Nothing() {
		return false
	}
	return !f.Random() || x.limit != nil || slices.ContainsFunc(x.snaps, happened)
}

// writesServed reports whether a fault that comes once took the writes from no
// database, or one that comes by chance struck none: only the clients tell then
// how long it was felt.
func (x *exercise) writesServed(known *result.Fault) bool {
	if known.RPOWrites == nil {
		return true
	}
	return known.RTOS != nil && *known.RTOS == 0 && !x.spec.Faults[0].Random()
}

// slowestBack is when the last client with objectives was back within them,
// nil if one was not. It reports whether there is any.
func slowestBack(clients map[string]*result.DrillClient) (most *float64, judged bool) {
	for _, name := range slices.Sorted(maps.Keys(clients)) {
		c := clients[name]
		if c.Against != result.AgainstObjectives {
			continue
		}
		if c.RecoveryS.Mean == nil {
			return nil, true
		}
		if most == nil || *c.RecoveryS.Mean > *most {
			most = c.RecoveryS.Mean
		}
	}
	return most, most != nil
}

// seriesOfClients leaves out of a series what is not about clients.
func (f *figures) seriesOfClients(s *result.Series) *result.Series {
	kept := []int{0}
	for i, column := range s.Columns {
		for k := range f.snaps[0].Clients {
			name := f.spec.Nodes[f.snaps[0].Clients[k].Node].Name
			if metric, ok := strings.CutPrefix(column, name+" "); ok && !strings.Contains(metric, " ") {
				kept = append(kept, i)
			}
		}
	}
	out := &result.Series{WindowS: s.WindowS, Rows: [][]*float64{}}
	for _, i := range kept {
		out.Columns = append(out.Columns, s.Columns[i])
	}
	for _, row := range s.Rows {
		var cells []*float64
		for _, i := range kept {
			cells = append(cells, row[i])
		}
		out.Rows = append(out.Rows, cells)
	}
	return out
}

// worse orders drills by what they did to the clients: those without figures
// first, then by requests lost, then by what took longer, then by name.
func worse(a, b result.Drill) int {
	return cmp.Or(
		-cmp.Compare(len(a.Limit), len(b.Limit)),
		-cmp.Compare(valueOf(a.FailedRatio), valueOf(b.FailedRatio)),
		-cmp.Compare(longestRecovery(a), longestRecovery(b)),
		-cmp.Compare(worstLatency(a), worstLatency(b)),
		cmp.Compare(a.What, b.What))
}

func valueOf(e result.Estimate) float64 {
	if e.Mean == nil {
		return 0
	}
	return *e.Mean
}

func longestRecovery(d result.Drill) float64 {
	most := 0.0
	for _, name := range slices.Sorted(maps.Keys(d.Clients)) {
		c := d.Clients[name]
		if c.RecoveryS.Mean == nil {
			return math.Inf(1)
		}
		most = max(most, *c.RecoveryS.Mean)
	}
	return most
}

func worstLatency(d result.Drill) float64 {
	most := math.Inf(-1)
	for _, name := range slices.Sorted(maps.Keys(d.Clients)) {
		c := d.Clients[name]
		most = max(most, valueOf(c.ExtraLatencyS["p99"]))
	}
	return most
}
