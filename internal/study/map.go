package study

import (
	"cmp"
	"errors"
	"math"
	"math/bits"
	"slices"
	"sync"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// MapPlan is what a metastability map is made of.
type MapPlan struct {
	Spec  *node.Spec // with one fault, the trigger
	Sizes []float64  // of it, ascending; see [node.Spec.SizeOf]
	Lasts []sim.Time // how long it lasts, ascending; 0: it happens at one instant
	Loads []float64  // ascending, at equal steps
}

// A map's window: the trigger comes at a tenth of it, must be over by
// mapLongest, and what is there in the last fifth is judged.
const (
	mapBegins  = 10 // the trigger, at this part of the window
	MapLongest = 4  // how long it may last at most
	mapJudged  = 5  // what is judged
	mapDrains  = 5  // for how long requests are followed beyond
)

// DrillMap finds for each size and length of the trigger the least load at
// which the system stays in a bad state when it is over, and the load to which
// it must be lowered to come back. A load that tips is taken to tip at all
// higher ones. Stopped early, it returns what was finished, nil if that is
// nothing.
func DrillMap(p MapPlan, opt Options) (*result.DrillMap, error) {
	x, err := newMapping(p, opt)
	if err != nil {
		return nil, err
	}
	out := x.document(opt.Version)
	if err := x.findLimit(); err != nil {
		return nil, err
	}
	x.sayLimit(out)
	rows, err := x.rows()
	if err != nil && !errors.Is(err, node.ErrStopped) {
		return nil, err
	}
	out.Truncated = err != nil
	for _, row := range rows {
		if row != nil {
			out.Triggers = append(out.Triggers, *row)
		}
	}
	out.Run.Simulations = x.tick.done
	summariseMap(out)
	return out, err
}

// mapping is a map in the making.
type mapping struct {
	plan   MapPlan
	opt    Options
	calm   *node.Spec // no fault, rates held, the warm-up settled
	window sim.Time
	limit  int          // the number of the highest load that is borne without a trigger, or -1
	asked  map[int]bool // objectives that are held at the lowest load, and so can be asked for

	mu    sync.Mutex
	twins map[float64]*calmRuns
	tick  *ticker
}

func newMapping(p MapPlan, opt Options) (*mapping, error) {
	calm := *p.Spec
	calm.Faults, calm.Timeline = nil, true
	calm.Objectives = slices.DeleteFunc(slices.Clone(p.Spec.Objectives), func(o node.Objective) bool { return o.Metric == "recovery" })
	calm.Run.Drain = min(calm.Run.Drain, calm.Run.Duration/mapDrains)
	settled, _, err := settleWarmup([]*node.Spec{withLoads(&calm, arrival.Pace{Factor: p.Loads[0]})}, opt)
	if err != nil {
		return nil, err
	}
	calm.Run.Warmup = settled[0].Run.Warmup
	x := &mapping{plan: p, opt: opt, calm: &calm, window: calm.Run.Duration, twins: map[float64]*calmRuns{}}
	// The twins and a search for each trigger, twice: when it tips, and when
	// it comes back.
	steps := bits.Len(uint(len(p.Loads)))
	x.tick = &ticker{total: (len(p.Loads) + 3*steps*len(p.Sizes)*len(p.Lasts)) * calm.Run.Replications, show: opt.Progress}
	return x, nil
}

func (x *mapping) document(version string) *result.DrillMap {
	spec := x.plan.Spec
	return &result.DrillMap{
		Schema: result.DrillMapSchema, Version: version, Title: spec.Title, Design: spec.Design, Seed: spec.Run.Seed,
		Warnings: []result.Warning{}, Triggers: []result.TriggerRow{}, Loads: slices.Clone(x.plan.Loads),
		Trigger: result.Trigger{What: spec.Faults[0].String(), Size: spec.SizeOf(&spec.Faults[0]), AtS: x.begins().Seconds()},
		Run: result.MapRun{
			WindowS: x.window.Seconds(), JudgedFromS: (x.window - x.window/mapJudged).Seconds(),
			WarmupS: x.calm.Run.Warmup.Seconds(), Replications: spec.Run.Replications,
		},
	}
}

func (x *mapping) begins() sim.Time { return x.window / mapBegins }

// findLimit searches for the highest load that is borne without a trigger.
func (x *mapping) findLimit() error {
	if err := x.ask(); err != nil {
		return err
	}
	over, err := leastOf(len(x.plan.Loads), func(i int) (bool, error) {
		t, err := x.twin(x.plan.Loads[i])
		return err == nil && 2*t.unwell >= len(t.runs), err
	})
	x.limit = over - 1
	return err
}

// leastOf is the least i below n for which f is true, n if it is for none. It
// takes f to be true from there on.
func leastOf(n int, f func(i int) (bool, error)) (int, error) {
	low, high := 0, n
	for low < high {
		middle := (low + high) / 2
		is, err := f(middle)
		if err != nil {
			return 0, err
		}
		if is {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low, nil
}

func (x *mapping) sayLimit(out *result.DrillMap) {
	if x.limit >= 0 {
		out.LimitLoad = &x.plan.Loads[x.limit]
	}
	for k := range x.calm.Objectives {
		if x.isGoal(k) && !x.asked[k] {
			out.Warnings = append(out.Warnings, result.Warning{
				Code: "W909", Message: "the objective " + x.calm.Objectives[k].Text + " is missed at the lowest load without any trigger: the map does not ask for it",
			})
		}
	}
}

func (x *mapping) isGoal(k int) bool {
	return slices.Contains(x.calm.Goals(x.calm.Objectives[k].Node), k)
}

// rows maps every trigger. They are searched at once, each by itself.
func (x *mapping) rows() ([]*result.TriggerRow, error) {
	rows := make([]*result.TriggerRow, len(x.plan.Sizes)*len(x.plan.Lasts))
	if x.limit < 0 {
		return nil, nil
	}
	err := each(len(rows), x.opt.Parallel, func(i int) error {
		// The longest first: what takes longest is begun first.
		i = len(rows) - 1 - i
		row, err := x.row(x.plan.Sizes[i/len(x.plan.Lasts)], x.plan.Lasts[i%len(x.plan.Lasts)])
		rows[i] = row
		return err
	})
	return rows, err
}

// row maps one trigger: where it tips, and where the system comes back.
func (x *mapping) row(size float64, lasts sim.Time) (*result.TriggerRow, error) {
	trigger := x.plan.Spec.Resized(x.plan.Spec.Faults[0], size)
	trigger.At, trigger.For = x.begins(), lasts
	struck := *x.calm
	struck.Faults = append(struck.Faults, trigger)
	row := &result.TriggerRow{Size: size, Points: []result.MapPoint{}}
	if lasts > 0 {
		s := lasts.Seconds()
		row.ForS = &s
	}
	var tipped *mapRuns
	tips, err := leastOf(x.limit+1, func(i int) (bool, error) {
		m, err := x.struck(&struck, x.plan.Loads[i])
		if err != nil {
			return false, err
		}
		row.Points = append(row.Points, result.MapPoint{Load: x.plan.Loads[i], State: m.state(), Stuck: m.stuck, Goodput: m.goodput()})
		if m.state() == result.MapStuck {
			tipped = m
		}
		return m.state() == result.MapStuck, nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(row.Points, func(a, b result.MapPoint) int { return cmp.Compare(a.Load, b.Load) })
	if tips > x.limit {
		return row, nil
	}
	load := x.plan.Loads[tips]
	row.TippingLoad, row.AttemptsPerRequest = &load, tipped.attempts()
	before, err := x.twin(load)
	if err != nil {
		return nil, err
	}
	row.BeforePerRequest = before.attempts()
	back, err := x.comesBack(&struck, load)
	if err != nil {
		return nil, err
	}
	width := onGrid(load - back)
	row.RecoveryLoad, row.HysteresisLoad = &back, &width
	return row, nil
}

// onGrid takes the rounding out of a difference of loads.
func onGrid(x float64) float64 { return math.Round(x*1e9) / 1e9 }

// comesBack searches for the highest load at which a system that is stuck at
// another comes back, 0 if it does at none: multiples of the step of the map.
func (x *mapping) comesBack(struck *node.Spec, from float64) (float64, error) {
	step := x.step()
	n := int(math.Ceil(from/step-1e-9)) - 1 // below it
	stays, err := leastOf(n, func(i int) (bool, error) {
		return x.staysBad(struck, from, round(float64(step*float64(i+1))))
	})
	return round(float64(step * float64(stays))), err
}

func (x *mapping) step() float64 {
	loads := x.plan.Loads
	if len(loads) == 1 {
		return loads[0] / 20
	}
	return (loads[len(loads)-1] - loads[0]) / float64(len(loads)-1)
}

// round takes off what the arithmetic of steps adds.
func round(x float64) float64 { return math.Round(x*1e9) / 1e9 }

// summariseMap takes the figures of the map from its triggers.
func summariseMap(m *result.DrillMap) {
	least := func(to **float64, v *float64) {
		if v != nil && (*to == nil || *v < **to) {
			x := *v
			*to = &x
		}
	}
	for i := range m.Triggers {
		t := &m.Triggers[i]
		least(&m.TippingLoad, t.TippingLoad)
		least(&m.RecoveryLoad, t.RecoveryLoad)
		if a := t.AttemptsPerRequest; a != nil && (m.Amplification == nil || *a > *m.Amplification) {
			m.Amplification = a
		}
	}
	if m.RecoveryLoad != nil {
		width := onGrid(*m.LimitLoad - *m.RecoveryLoad)
		m.HysteresisLoad = &width
	}
}
