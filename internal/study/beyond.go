package study

import (
	"slices"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// How a system that is asked for more than it holds is judged, and what it is
// made to go through.
const (
	collapses    = 0.9 // of the ok answers a second that it gave before: fewer are a collapse
	surgePeak    = 2   // times what is held
	surgeBegins  = 10  // at this part of the window
	surgeLasts   = 5   // for this part
	surgeJust    = 0.95
	surgeAtMost  = 3 // replications
	surgeSpacing = 1.05
)

// beyond tells how the system fails beyond what it holds.
func (x *stressing) beyond(out *result.Stress) error {
	held, missed := x.bracket()
	if held == nil || missed == nil {
		return nil
	}
	b := &result.Beyond{Behaviour: result.Graceful, HeldRPS: held.f.answered(), Surges: []result.Surge{}}
	b.LeastRPS, b.LeastLoad = b.HeldRPS, held.load
	for _, p := range x.points {
		if p.load <= held.load {
			continue
		}
		if p.limit != "" {
			continue
		}
		b.ErrorRatio = p.f.errors()
		b.BacklogGrows = p.f.fallsBehind()
		if e := p.f.answered(); *e.Mean < *b.LeastRPS.Mean {
			b.LeastRPS, b.LeastLoad = e, p.load
		}
	}
	if *b.LeastRPS.Mean < float64(collapses**b.HeldRPS.Mean) {
		b.Behaviour = result.Collapse
	}
	out.Beyond = b
	return x.surges(b, held.load)
}

// answered is the ok answers a second of all clients.
func (f *figures) answered() result.Estimate {
	return f.ofAll(func(o *node.OpStats) uint64 { return o.Answered }).estimate("")
}

func (f *figures) ofAll(count func(o *node.OpStats) uint64) sample {
	return f.collect(func(s *node.Snapshot) (float64, float64) {
		return float64(overall(s, count)), f.seconds
	})
}

func overall(s *node.Snapshot, count func(o *node.OpStats) uint64) uint64 {
	n := uint64(0)
	for i := range s.Clients {
		for k := range s.Clients[i].Ops {
			n += count(&s.Clients[i].Ops[k])
		}
	}
	return n
}

// errors is the share of all requests that ended in an error.
func (f *figures) errors() result.Estimate {
	return f.ratio(
		func(s *node.Snapshot) uint64 {
			return overall(s, func(o *node.OpStats) uint64 { return total(o.Errors[:]) })
		},
		func(s *node.Snapshot) uint64 { return overall(s, func(o *node.OpStats) uint64 { return o.Offered }) }, "no requests")
}

// fallsBehind reports whether more came to a node than left it, or requests
// had no answer when the drain was over.
func (f *figures) fallsBehind() bool {
	return slices.ContainsFunc(f.summarise("").Warnings, func(w result.Warning) bool { return w.Code == "W901" || w.Code == "W902" })
}

// surges lets the load rise to twice what is held for a fifth of the window,
// without the faults of the file, and looks whether the system is well when it is back: today's load, and the
// load just below what it holds, where a bad state keeps itself up most easily.
func (x *stressing) surges(b *result.Beyond, held float64) error {
	if x.plan.Steady == nil {
		return nil
	}
	loads := []float64{x.rounded(held * surgeJust)}
	if loads[0] > surgeSpacing {
		loads = []float64{1, loads[0]}
	}
	peak := x.rounded(held * surgePeak)
	if len(x.spec.Faults) > 0 { // held with them, which the surge comes without
		peak = x.rounded(max(held, x.saturates) * surgePeak)
	}
	tried := make([]*result.Surge, len(loads))
	err := each(len(loads), x.opt.Parallel, func(i int) error {
		one, err := x.surge(loads[i], peak)
		tried[i] = one
		return err
	})
	for _, one := range tried {
		if one == nil {
			continue
		}
		b.Surges = append(b.Surges, *one)
		if one.State == result.MapStuck {
			b.Behaviour = result.Metastable
		}
	}
	return err
}

// surge is a map of one point: its trigger is the load itself.
func (x *stressing) surge(load, peak float64) (*result.Surge, error) {
	calm := *x.plan.Steady
	calm.Run.Precision, calm.Run.Warmup = 0, x.spec.Run.Warmup
	calm.Run.Replications = min(calm.Run.Replications, surgeAtMost)
	calm.Faults, calm.Timeline = nil, true
	calm.Objectives = slices.DeleteFunc(slices.Clone(calm.Objectives), func(o node.Objective) bool { return o.Metric == "recovery" })
	for k := range calm.Objectives {
		calm.Objectives[k].Value = relaxed(&calm.Objectives[k])
	}
	calm.Run.Drain = min(calm.Run.Drain, calm.Run.Duration/mapDrains)
	m := &mapping{
		plan: MapPlan{Spec: &calm, Loads: []float64{load}}, opt: x.opt.Options, calm: &calm, window: calm.Run.Duration,
		twins: map[float64]*calmRuns{}, tick: x.tick,
	}
	x.tick.expect(2 * calm.Run.Replications)
	if err := m.ask(); err != nil {
		return nil, err
	}
	from, lasts := calm.Run.Duration/surgeBegins, calm.Run.Duration/surgeLasts
	runs, err := m.compare(withLoads(&calm, stepsOf(load, peak, from, lasts)...), load)
	if err != nil {
		return nil, err
	}
	return &result.Surge{
		Load: load, Peak: peak, AtS: from.Seconds(), ForS: lasts.Seconds(),
		State: runs.state(), Stuck: runs.stuck, Replications: len(runs.runs), Goodput: runs.goodput(),
	}, nil
}

// relaxed is the value of an objective that a system in a bad state misses
// clearly: near what it holds, it misses the objective itself now and then by
// chance.
func relaxed(o *node.Objective) float64 {
	switch o.Metric {
	case "availability", "within":
		return max(1-float64(2*(1-o.Value)), 0)
	case "throughput":
		return o.Value / 2
	case "errors":
		return min(2*o.Value, 1)
	}
	return 2 * o.Value
}

// stepsOf is a load that is another for a time.
func stepsOf(load, peak float64, from, lasts sim.Time) []arrival.Pace {
	return []arrival.Pace{{Factor: load}, {From: from, Factor: peak}, {From: from + lasts, Factor: load}}
}
