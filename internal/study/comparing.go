package study

import (
	"errors"
	"slices"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// ComparePlan is what is compared, and how far.
type ComparePlan struct {
	Specs []*node.Spec
	// Loads are those of the curves; nil: they are chosen by what the designs
	// hold. 1 alone: there are no curves.
	Loads []float64
	// Losses are, by design, the faults that each take one part away; nil:
	// nothing is made to fail, not even by the faults of the file.
	Losses []DrillPlan
}

// CompareDesigns compares designs as [Compare] does, then over the load and
// when something fails, and says in words what follows. Stopped early, it
// returns what it had, with node.ErrStopped.
func CompareDesigns(p ComparePlan, opt Options) (*result.Comparison, error) {
	x := &comparing{plan: p, opt: opt, stages: &stages{show: opt.Progress}}
	for _, s := range p.Specs {
		x.stages.left += s.Run.Replications
	}
	x.stages.left += x.expected()
	c, err := Compare(p.Specs, x.stage())
	x.Comparison = c
	if err != nil {
		return c, err
	}
	x.stages.end()
	for _, step := range []func() error{x.hold, x.curve, x.cross, x.fail} {
		if err = step(); err != nil {
			break
		}
	}
	if err != nil && !errors.Is(err, node.ErrStopped) {
		return nil, err
	}
	x.conclude()
	if c.Truncated = err != nil; !c.Truncated {
		c.Verdict = decide(c)
	}
	return c, err
}

// comparing is a comparison under way.
type comparing struct {
	*result.Comparison
	plan       ComparePlan
	opt        Options
	stages     *stages
	short      []*node.Spec // as the curves simulate them, but for the load
	capacities []*Capacity
	loads      []*loadCompared // by load
}

func (x *comparing) curved() bool {
	return len(x.plan.Loads) != 1 || x.plan.Loads[0] != 1
}

// expected guesses how many replications follow the first comparison.
func (x *comparing) expected() int {
	n := 0
	for i, s := range x.plan.Specs {
		if x.curved() {
			n += (searchLoads + max(len(x.plan.Loads), commonLoads)) * s.Run.Replications
		}
		if x.plan.Losses != nil && x.plan.Losses[i].Spec != nil {
			n += (1 + len(x.plan.Losses[i].Spec.Faults)) * s.Run.Replications
		}
	}
	return n
}

// searchLoads is about how many loads a search for the capacity simulates.
const searchLoads = 9

// stages joins the progress of studies that follow each other.
type stages struct {
	show                func(done, total int)
	before, done, total int // total is that of the present one
	left                int // in those that follow, about
}

// stage are the options of the next study.
func (x *comparing) stage() Options {
	opt := x.opt
	opt.Progress = nil
	if g := x.stages; g.show != nil {
		opt.Progress = func(done, total int) {
			g.done, g.total = done, total
			g.show(g.before+done, g.before+max(total, done+g.left))
		}
	}
	return opt
}

// end closes a stage.
func (g *stages) end() {
	g.before += g.done
	g.left = max(g.left-g.done, 0)
	g.done, g.total = 0, 0
}

// Curves, and drills of losses, need not be as long as the run: a fifth of it
// does, but at least so long. Where something happens at its time, all of it is needed.
const (
	shortPart  = 5
	shortLeast = sim.Time(60e9)
)

// shortened are designs whose windows are shorter, if nothing depends on how
// long they are in any.
func shortened(specs []*node.Spec) []*node.Spec {
	whole := slices.ContainsFunc(specs, func(s *node.Spec) bool { return !timeless(s) })
	var all []*node.Spec
	for _, s := range specs {
		own := *s
		if own.Run.Precision = 0; !whole { // all loads have as many replications
			own.Run.Duration = min(own.Run.Duration, max(own.Run.Duration/shortPart, shortLeast))
		}
		all = append(all, &own)
	}
	return all
}

// timeless reports whether a system is in a steady state, or would be if it
// held its load: nothing is planned, nothing grows, no traffic has a shape.
func timeless(spec *node.Spec) bool {
	if len(spec.Faults) > 0 || len(spec.Deploys) > 0 {
		return false
	}
	for i := range spec.Nodes {
		n := &spec.Nodes[i]
		if s := n.Server; s != nil && (s.Autoscale != nil || s.LeakPerRequest != nil) {
			return false
		}
		if c := n.Client; c != nil && !level(c, spec.Run.Duration) {
			return false
		}
	}
	return true
}

// level reports whether the traffic of a client is the same all the time.
func level(c *node.ClientSpec, over sim.Time) bool {
	if c.Open == nil {
		return c.Closed == nil || len(c.Closed.Ramps) == 0
	}
	const parts = 64
	rate := c.Open.MeanRate(over)
	for i := sim.Time(1); i < parts; i++ {
		if d := c.Open.MeanRate(over/parts*i) - rate; d > 1e-9*rate || d < -1e-9*rate {
			return false
		}
	}
	return true
}
