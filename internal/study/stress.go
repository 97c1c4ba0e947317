package study

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim/portable"
)

// StressPlan is what a system is stressed with.
type StressPlan struct {
	Spec *node.Spec
	// Steady is the same with traffic that keeps the rate that it has when it
	// is greatest, for surges; nil: there is none.
	Steady *node.Spec
	Width  float64     // as of CapacityOptions
	Growth *GrowthPlan // nil: traffic does not grow
}

// GrowthPlan is how traffic grows: by a share in each week, month or year.
type GrowthPlan struct {
	Rate   float64
	Period string
}

// curveLoads are the loads of the curve beside those of the search, in
// multiples of what is held. The last ones tell how a system fails.
var (
	curveLoads  = []float64{0.2, 0.4, 0.6, 0.75, 0.9}
	beyondLoads = []float64{1.1, 1.5, 2}
)

// standsFor is how close a load that was simulated must be to stand for one
// of the curve.
const standsFor = 0.06

// Stress searches for the load that a system holds, then simulates loads
// around it and beyond, and lets the load surge and go back. Stopped early, it
// returns what it had.
func Stress(p StressPlan, opt Options) (*result.Stress, error) {
	s, err := newSearch(p.Spec, CapacityOptions{Options: opt, Width: p.Width})
	if err != nil {
		return nil, err
	}
	s.tick.total = 20 * s.spec.Run.Replications
	if err = s.findWarm(); len(s.points) == 0 || err != nil && !errors.Is(err, node.ErrStopped) {
		return nil, err
	}
	x := &stressing{search: s, plan: p, capacity: s.capacity()}
	if err != nil {
		x.capacity.interrupt()
	}
	out := x.document(opt.Version)
	if err == nil {
		err = x.around()
	}
	if err == nil {
		err = x.beyond(out)
	}
	if err != nil && !errors.Is(err, node.ErrStopped) {
		return nil, err
	}
	out.Truncated = err != nil
	x.curve(out)
	out.Run.Simulations = s.tick.done
	return out, err
}

// stressing is a stress test whose search is over.
type stressing struct {
	*search
	plan     StressPlan
	capacity *Capacity
}

func (x *stressing) document(version string) *result.Stress {
	spec, c := x.spec, x.capacity
	one, _ := x.at(1)
	out := &result.Stress{
		Schema: result.StressSchema, Version: version, Title: spec.Title, Design: spec.Design, Seed: spec.Run.Seed,
		Warnings: []result.Warning{}, Objectives: []result.Objective{}, Curve: []result.StressPoint{}, Criteria: []result.StressCriterion{},
		Run: result.StressRun{
			DurationS: spec.Run.Duration.Seconds(), WarmupS: c.WarmupS, Replications: spec.Run.Replications, WidthRatio: x.opt.Width,
		},
		Held: c.Load, Low: c.Low, High: c.High, HeldAt: c.HeldAt, MissedAt: c.MissedAt, Headroom: headroomOf(c.Load),
		Growth: x.growth(),
	}
	for _, k := range c.Criteria {
		out.Criteria = append(out.Criteria, result.StressCriterion{Text: k.Text, Asked: k.Asked, Why: k.Why})
	}
	if one.limit == "" {
		r := one.f.summarise(version)
		out.Warnings, out.Objectives = append(out.Warnings, r.Warnings...), r.Objectives
	}
	x.warn(out)
	out.Breaks = x.breaking(version)
	return out
}

// warn tells what the search did not ask for.
func (x *stressing) warn(out *result.Stress) {
	add := func(code, format string, args ...any) {
		out.Warnings = append(out.Warnings, result.Warning{Code: code, Message: fmt.Sprintf(format, args...)})
	}
	for _, c := range x.capacity.Criteria {
		if !c.Asked {
			add("W915", "the search does not ask for %q: %s", c.Text, c.Why)
		}
	}
	if x.late {
		add("W903", "a pilot near saturation had not settled by half its length; the warm-up of %s may be too short: set run.warmup or a longer run.duration",
			formatSeconds(x.spec.Run.Warmup))
	}
	if held, _ := x.bracket(); held != nil && held.limit == "" {
		for _, text := range held.f.overtaken() {
			where, _, _ := strings.Cut(text, ":")
			today := func(w result.Warning) bool { return w.Code == "W901" && strings.HasPrefix(w.Message, where+":") }
			if !slices.ContainsFunc(out.Warnings, today) {
				add("W901", "at %.4g times the traffic, where all that is asked holds, %s", held.load, text)
			}
		}
		for k := range x.spec.Objectives {
			o := &x.spec.Objectives[k]
			if o.Quantile == 0 || !x.asked()[k] {
				continue
			}
			if n := held.samples(o); n < enough {
				add("W904", "%q is judged by %d slower requests at %.4g times the traffic: a longer run, or more replications, would make the load that is held surer",
					o.Text, n, held.load)
			}
		}
	}
}

// samples is how many samples lie beyond the percentile of an objective.
func (p *loadPoint) samples(o *node.Objective) uint64 {
	all, _ := p.f.samplesOf(o)
	return all.Beyond(o.Quantile)
}

// headroomOf is by how much the traffic may grow.
func headroomOf(load result.Estimate) result.Estimate {
	if load.Mean == nil {
		return load
	}
	h := *load.Mean - 1
	return result.Estimate{Mean: &h, HalfWidth: load.HalfWidth}
}

// growth is when the traffic reaches what is held.
func (x *stressing) growth() *result.Growth {
	if x.plan.Growth == nil {
		return nil
	}
	return growthTo(*x.plan.Growth, x.capacity.Load.Mean, x.capacity.Low, x.capacity.High)
}

// growthTo is when traffic that grows evenly reaches a load, and the ends of
// its interval: after log(load)/log(1+rate) periods.
func growthTo(g GrowthPlan, load, low, high *float64) *result.Growth {
	after := func(load *float64) *float64 {
		if load == nil {
			return nil
		}
		n := 0.0
		if *load > 1 {
			n = portable.Log(*load) / portable.Log1p(g.Rate)
		}
		return &n
	}
	return &result.Growth{RatePer: g.Rate, Period: g.Period, Periods: after(load), Earliest: after(low), Latest: after(high)}
}

// breaking is what breaks first, and where.
func (x *stressing) breaking(version string) *result.Breaking {
	_, missed := x.bracket()
	if x.capacity.Breaks == "" || missed == nil {
		return nil
	}
	b := &result.Breaking{Text: x.capacity.Breaks, Load: missed.load}
	if missed.limit != "" {
		return b
	}
	then := missed.f.summarise(version)
	var today *result.Result
	if one, _ := x.at(1); one.limit == "" && one.load < missed.load {
		today = one.f.summarise(version)
	}
	if n := mostWanted(then, missed.f.mostBusy(then)); n != nil {
		b.Resource = &result.BreakingResource{Node: n.Node, Resource: n.Resource, Then: levelOf(then, n)}
		if today != nil {
			level := levelOf(today, n)
			b.Resource.Today = &level
		}
	}
	b.Waits = x.waits(today, then)
	return b
}

// asBusy is how busy a resource of the bottleneck's node must be, next to it,
// to be what requests queue for: the workers of a server that are all taken
// while its cores are all busy.
const asBusy = 0.95

// mostBusy is the bottleneck, unless a node that is scaled has a busier resource
// meanwhile: the bottleneck is what saturates first with all the instances that
// there may be, and that may be idle while the others still boot.
func (f *figures) mostBusy(r *result.Result) *result.Bottleneck {
	b := r.Bottleneck
	for i := range f.spec.Nodes {
		n := &f.spec.Nodes[i]
		if n.Server == nil || n.Server.Autoscale == nil || r.Nodes[n.Name] == nil {
			continue
		}
		for _, res := range f.limited(i) {
			x := r.Nodes[n.Name].Resources[res]
			if x == nil || x.Utilization.Mean == nil || *x.Utilization.Mean == 0 || b != nil && *x.Utilization.Mean <= b.Utilization {
				continue
			}
			b = &result.Bottleneck{Node: n.Name, Resource: res, Utilization: *x.Utilization.Mean}
		}
	}
	return b
}

// mostWanted is the busiest; of resources of its node that are as busy, the
// one with the longest queue.
func mostWanted(r *result.Result, b *result.Bottleneck) *result.Bottleneck {
	if b == nil {
		return nil
	}
	out, longest := *b, 0.0
	for _, name := range []string{b.Resource, "cpu", "workers", "disk", "network", "connections"} {
		x := r.Nodes[b.Node].Resources[name]
		if x == nil || x.Utilization.Mean == nil || x.Queue.Mean == nil || *x.Utilization.Mean < float64(asBusy*b.Utilization) {
			continue
		}
		if *x.Queue.Mean > longest {
			longest, out.Resource, out.Utilization = *x.Queue.Mean, name, *x.Utilization.Mean
		}
	}
	return &out
}

func levelOf(r *result.Result, at *result.Bottleneck) result.ResourceLevel {
	x := r.Nodes[at.Node].Resources[at.Resource]
	return result.ResourceLevel{Utilization: x.Utilization.Estimate, Queue: x.Queue, WaitS: x.WaitS["mean"]}
}

// waits finds where requests wait longer than today, or at all: of the client
// whose objective breaks, or of any.
func (x *stressing) waits(today, then *result.Result) *result.BreakingWait {
	var out *result.BreakingWait
	most := 0.0
	for _, s := range x.spec.Nodes {
		c := then.Clients[s.Name]
		if c == nil || !x.breaksFor(s.Name) {
			continue
		}
		for _, n := range x.spec.Nodes {
			spent, ok := c.Spent[n.Name].(result.Spent)
			if !ok || spent.Wait.Mean == nil {
				continue
			}
			before := result.Estimate{}
			if today != nil {
				if b, ok := today.Clients[s.Name].Spent[n.Name].(result.Spent); ok {
					before = b.Wait
				}
			}
			grew := *spent.Wait.Mean
			if before.Mean != nil {
				grew -= *before.Mean
			}
			if grew > most {
				most = grew
				out = &result.BreakingWait{Client: s.Name, Node: n.Name, Today: before, Then: spent.Wait}
			}
		}
	}
	return out
}

// breaksFor reports whether what breaks first may be about a client: it is
// about that client, or about none.
func (x *stressing) breaksFor(client string) bool {
	k := slices.IndexFunc(x.criteria, func(c criterion) bool { return c.text == x.capacity.Breaks })
	if k < 0 || x.criteria[k].node < 0 {
		return true
	}
	n := &x.spec.Nodes[x.criteria[k].node]
	return n.Kind != node.Client || n.Name == client
}

// around simulates the loads of the curve below what is held, and beyond it.
func (x *stressing) around() error {
	held, missed := x.bracket()
	if held == nil || missed == nil {
		return nil
	}
	for _, list := range [][]float64{curveLoads, beyondLoads} {
		for _, f := range list {
			load := x.rounded(held.load * f)
			close := slices.ContainsFunc(x.points, func(p *loadPoint) bool { return math.Abs(p.load-load) < float64(standsFor*load) })
			if close && f < 1 || load == 0 {
				continue
			}
			if _, err := x.at(load); err != nil {
				return err
			}
		}
	}
	return nil
}

// curve writes down every load that was simulated.
func (x *stressing) curve(out *result.Stress) {
	asked := x.asked()
	for _, p := range x.points {
		point := result.StressPoint{Load: p.load, Holds: slices.Contains(asked, true) && x.holds(p, asked), Limit: p.limit, Clients: map[string]result.LoadClient{}, Objectives: []result.Objective{}}
		if p.limit == "" {
			r := p.f.summarise(out.Version)
			point.Busiest, point.Objectives = p.f.mostBusy(r), r.Objectives
			for _, n := range x.spec.Nodes {
				if c := r.Clients[n.Name]; c != nil {
					point.Clients[n.Name] = result.LoadClient{
						OfferedRPS: c.OfferedRPS, ThroughputRPS: c.ThroughputRPS, ErrorRatio: c.ErrorRatio, Unfinished: c.Unfinished, LatencyS: c.LatencyS,
					}
				}
			}
		}
		out.Curve = append(out.Curve, point)
	}
}
