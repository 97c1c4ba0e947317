package study

import (
	"errors"
	"math"
	"runtime"
	"slices"
	"sync"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// The loads that are common to all designs, where none are asked for: so many,
// from a part of the least capacity to beyond the greatest.
const (
	commonLoads  = 8
	commonFrom   = 0.25
	commonBeyond = 1.25
	widelySpread = 20   // ends so far apart have loads in even ratios between them
	compareWidth = 0.02 // of the bracket of a capacity
)

// hold finds what each design holds.
func (x *comparing) hold() error {
	if !x.curved() {
		return nil
	}
	x.short = shortened(x.plan.Specs)
	found := make([]*Capacity, len(x.short))
	opt := x.stage()
	opt.Parallel = max(x.parallel()/len(found), 1)
	sum := &jointProgress{show: opt.Progress, done: make([]int, len(found)), total: make([]int, len(found))}
	err := each(len(found), x.opt.Parallel, func(i int) (err error) {
		own := opt
		own.Progress = func(done, total int) { sum.set(i, done, total) }
		// Over the whole window: an objective that is met by little at any load
		// takes many requests to be told from one that is missed.
		found[i], err = FindCapacity(x.plan.Specs[i], CapacityOptions{Options: own, Width: compareWidth})
		return err
	})
	x.stages.end()
	if err != nil {
		return err
	}
	x.capacities = found
	warmup := sim.Time(0)
	for i, c := range x.capacities {
		warmup = max(warmup, sim.Time(math.Round(x.Designs[i].Run.WarmupS*1e9)), c.search.spec.Run.Warmup)
	}
	for i, s := range x.short {
		if x.plan.Specs[i].Run.Warmup == node.Auto {
			s.Run.Warmup = warmup
		}
	}
	return nil
}

func (x *comparing) parallel() int {
	if x.opt.Parallel > 0 {
		return x.opt.Parallel
	}
	return runtime.GOMAXPROCS(0)
}

// jointProgress adds up what studies that go on together have done.
type jointProgress struct {
	mu          sync.Mutex
	show        func(done, total int)
	done, total []int
}

func (j *jointProgress) set(i, done, total int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.done[i], j.total[i] = done, total
	all, of := 0, 0
	for k := range j.done {
		all, of = all+j.done[k], of+j.total[k]
	}
	if j.show != nil {
		j.show(all, of)
	}
}

// top is about the highest load that a design holds.
func (c *Capacity) top() float64 {
	switch {
	case c.Load.Mean != nil && *c.Load.Mean > 0:
		return *c.Load.Mean
	case c.MissedAt != nil:
		return *c.MissedAt
	case c.search.saturates > 0:
		return c.search.saturates
	}
	return 1
}

// chosenLoads are the loads of the curves: today's among them.
func chosenLoads(all []*Capacity) []float64 {
	low, high := all[0].top(), all[0].top()
	for _, c := range all {
		low, high = min(low, c.top()), max(high, c.top())
	}
	low, high = min(float64(low*commonFrom), 1), max(float64(high*commonBeyond), 1)
	loads := []float64{1}
	for i := range commonLoads {
		part := float64(i) / (commonLoads - 1)
		load := low + float64((high-low)*part)
		if high > widelySpread*low {
			load = low
			for range i { // the seventh root of their ratio, by square roots alone
				load *= evenRatio(high/low, commonLoads-1)
			}
		}
		loads = append(loads, twoDigits(load))
	}
	slices.Sort(loads)
	loads = slices.Compact(loads)
	if len(loads) <= commonLoads {
		return loads
	}
	// Today's takes the place of its neighbour, unless that is an end.
	at := slices.Index(loads, 1)
	switch {
	case at == 0:
		return slices.Delete(loads, 1, 2)
	case at == len(loads)-1 || at > 1 && (at+1 == len(loads)-1 || 1-loads[at-1] < loads[at+1]-1):
		return slices.Delete(loads, at-1, at)
	}
	return slices.Delete(loads, at+1, at+2)
}

// evenRatio is the n-th root of x, which is above 1, found by bisection.
func evenRatio(x float64, n int) float64 {
	low, high := 1.0, x
	for range 60 {
		middle := (low + high) / 2
		power := 1.0
		for range n {
			power *= middle
		}
		if power > x {
			high = middle
		} else {
			low = middle
		}
	}
	return low
}

// twoDigits rounds a load to what a command line gives.
func twoDigits(x float64) float64 { return rounded(x, 10) }

// rounded is x in whole multiples of the power of ten of which it has from
// least to ten times as many: 10 keeps two digits, 1000 four.
func rounded(x, least float64) float64 {
	scale := 1.0
	for ; x*scale < least; scale *= 10 {
	}
	for ; x*scale >= 10*least; scale /= 10 {
	}
	return math.Round(x*scale) / scale
}

// loadCompared is a load at which all designs were simulated.
type loadCompared struct {
	load   float64
	why    string
	points []result.CurvePoint // by design
	pairs  [][]*difference     // by design, of it from the first; none of the first
}

// curve simulates all designs at the common loads.
func (x *comparing) curve() error {
	if !x.curved() {
		return nil
	}
	loads := x.plan.Loads
	if loads == nil {
		loads = chosenLoads(x.capacities)
	}
	x.Curves = &result.Curves{
		DurationS: x.short[0].Run.Duration.Seconds(), WarmupS: x.short[0].Run.Warmup.Seconds(), Replications: x.short[0].Run.Replications, Loads: loads,
	}
	return x.simulate(loads, result.CommonLoad)
}

// simulate compares all designs at further loads, and keeps those loads that
// were finished.
func (x *comparing) simulate(loads []float64, why string) error {
	d, n := len(x.short), x.short[0].Run.Replications
	tick := &ticker{total: len(loads) * d * n, show: x.stage().Progress}
	all := make([]*atLoad, len(loads))
	for i := range all {
		all[i] = newAtLoad(x.short, loads[i])
	}
	err := each(len(loads)*d*n, x.opt.Parallel, func(job int) error {
		a := all[job/(d*n)]
		if err := a.replicate(job%(d*n)/n, job%n, x.opt); err != nil {
			return err
		}
		tick.tick(1)
		return nil
	})
	for _, a := range all {
		if a.compared != nil {
			a.compared.why = why
			for i := range a.compared.points {
				a.compared.points[i].Why = why
			}
			x.loads = append(x.loads, a.compared)
		}
	}
	slices.SortFunc(x.loads, func(a, b *loadCompared) int { return int(math.Copysign(1, a.load-b.load)) })
	x.stages.end()
	return err
}

// atLoad is all designs at one load, while they are simulated.
type atLoad struct {
	mu       sync.Mutex
	load     float64
	figures  []*figures
	ahead    [][]*node.Snapshot // by design and replication
	limits   []string           // by design
	left     int
	compared *loadCompared // when all have been simulated
}

func newAtLoad(specs []*node.Spec, load float64) *atLoad {
	a := &atLoad{load: load, limits: make([]string, len(specs))}
	for _, s := range specs {
		a.figures = append(a.figures, newFigures(s.AtLoad(load)))
		a.ahead = append(a.ahead, make([]*node.Snapshot, s.Run.Replications))
		a.left += s.Run.Replications
	}
	return a
}

// replicate simulates a replication of a design.
func (a *atLoad) replicate(design, replication int, opt Options) error {
	if opt.Stop != nil && opt.Stop.Load() {
		return node.ErrStopped
	}
	s, err := node.NewNetwork(a.figures[design].spec, replication).Run(opt.Stop)
	var limit *node.LimitError
	if err != nil && !errors.As(err, &limit) {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if limit != nil {
		s = &node.Snapshot{}
		a.limits[design] = limit.Error()
	}
	f := a.figures[design]
	a.ahead[design][replication] = s
	for k := len(f.snaps); k < len(a.ahead[design]) && a.ahead[design][k] != nil && a.limits[design] == ""; k++ {
		f.add(a.ahead[design][k])
	}
	if a.left--; a.left == 0 {
		a.compare(opt.Version)
	}
	return nil
}

// compare takes out of the figures what the document needs, and drops them.
func (a *atLoad) compare(version string) {
	c := &loadCompared{load: a.load}
	for i, f := range a.figures {
		c.points = append(c.points, curvePoint(f, a.load, a.limits[i], version))
		var pairs []*difference
		if i > 0 && a.limits[0] == "" && a.limits[i] == "" {
			pairs = differencesOf(a.figures[0], f, func(fig figure) bool { return fig.kind == node.Client })
		}
		c.pairs = append(c.pairs, pairs)
	}
	a.compared, a.figures, a.ahead = c, nil, nil
}

// curvePoint is what is told of a design at a load.
func curvePoint(f *figures, load float64, limit, version string) result.CurvePoint {
	p := result.CurvePoint{Load: load, Limit: limit, Clients: map[string]result.LoadClient{}, Missed: []string{}}
	if limit != "" {
		return p
	}
	r := f.summarise(version)
	p.Busiest = f.mostBusy(r)
	for i := range f.spec.Nodes {
		name := f.spec.Nodes[i].Name
		c := r.Clients[name]
		if c == nil {
			continue
		}
		p.Clients[name] = result.LoadClient{
			OfferedRPS: c.OfferedRPS, ThroughputRPS: c.ThroughputRPS, ErrorRatio: c.ErrorRatio, Unfinished: c.Unfinished, LatencyS: c.LatencyS,
		}
	}
	if r.Cost != nil {
		p.Monthly, p.PerMillionRequests = &r.Cost.Monthly, &r.Cost.PerMillionRequests
	}
	for _, o := range r.Objectives {
		if o.Verdict == result.Missed {
			p.Missed = append(p.Missed, o.Text)
		}
	}
	return p
}
