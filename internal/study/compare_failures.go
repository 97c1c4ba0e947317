package study

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// mostLosses is how many parts of a design are taken away, each alone.
const mostLosses = 32

// fail lets the faults of the file happen to each design, then takes away one
// part after the other.
func (x *comparing) fail() error {
	if x.plan.Losses == nil {
		return nil
	}
	var lossless []*node.Spec
	for i, p := range x.plan.Losses {
		own := *x.plan.Specs[i]
		if p.Spec != nil {
			own = *p.Spec
		}
		own.Faults = nil
		lossless = append(lossless, &own)
	}
	short := shortened(lossless)
	for i, s := range x.plan.Specs {
		out := result.DesignFailure{
			Design: x.Designs[i].Design, DurationS: short[i].Run.Duration.Seconds(),
			Faults: []result.Drill{}, Losses: []result.Loss{}, Skipped: append([]string{}, x.plan.Losses[i].Skipped...),
		}
		warmup := sim.Time(math.Round(x.Designs[i].Run.WarmupS * 1e9))
		if len(s.Faults) > 0 {
			whole := *s
			whole.Run.Warmup, whole.Run.Precision = warmup, 0
			d, err := Drill(DrillPlan{Spec: &whole}, x.stage())
			x.stages.end()
			if err != nil {
				return err
			}
			for _, one := range d.Drills {
				one.Series = nil
				out.Faults = append(out.Faults, one)
			}
		}
		if p := x.plan.Losses[i]; p.Spec != nil && len(p.Spec.Faults) > 0 {
			lost := *short[i]
			lost.Run.Warmup = warmup
			if err := x.lose(&out, &lost, p, x.Designs[i].Cost); err != nil {
				return err
			}
		}
		x.Failures = append(x.Failures, out)
	}
	return nil
}

// lose takes away one part after the other for the whole window.
func (x *comparing) lose(out *result.DesignFailure, spec *node.Spec, p DrillPlan, cost *result.Cost) error {
	p.Spec, spec.Faults = spec, slices.Clone(p.Spec.Faults)
	if more := len(spec.Faults) - mostLosses; more > 0 {
		out.Skipped = append(out.Skipped, fmt.Sprintf("%d further parts: only the first %d are tried", more, mostLosses))
		spec.Faults = spec.Faults[:mostLosses]
	}
	for i := range spec.Faults {
		spec.Faults[i].At, spec.Faults[i].For = 0, 0
	}
	spec.Objectives = slices.DeleteFunc(slices.Clone(spec.Objectives), func(o node.Objective) bool {
		return o.Metric == "recovery" // from what lasts there is none
	})
	d, err := Drill(p, x.stage())
	x.stages.end()
	if err != nil {
		return err
	}
	for i := range d.Drills {
		l := lossOf(&d.Drills[i])
		l.OneMoreMonthly = oneMore(spec.Faults[i].Target, spec, cost)
		out.Losses = append(out.Losses, l)
	}
	out.Survives = survives(out)
	return nil
}

// survives reports whether a design meets its objectives whatever single part
// is lost: nil where it has no objectives, or it cannot be told, since a loss
// is undecided or a part was not tried.
func survives(out *result.DesignFailure) *bool {
	with := func(verdict string) bool {
		return slices.ContainsFunc(out.Losses, func(l result.Loss) bool { return l.Verdict == verdict })
	}
	all := !with(result.Missed)
	switch {
	case len(out.Losses) == 0, with(""):
		return nil
	case all && (with(result.Undecided) || len(out.Skipped) > 0):
		return nil
	}
	return &all
}

// lossOf is what a drill tells of a loss that lasts.
func lossOf(d *result.Drill) result.Loss {
	l := result.Loss{
		What: d.What, AnyOf: d.AnyOf, Limit: d.Limit, Missed: []string{}, Unsure: []string{}, FailedRatio: d.FailedRatio,
		ExtraLatencyS: map[string]result.Estimate{},
	}
	for _, name := range slices.Sorted(maps.Keys(d.Clients)) {
		l.ExtraLatencyS[name] = d.Clients[name].ExtraLatencyS["p99"]
	}
	for _, o := range d.Objectives {
		switch o.Verdict {
		case result.Missed:
			l.Missed = append(l.Missed, o.Text)
		case result.Undecided:
			l.Unsure = append(l.Unsure, o.Text)
		}
	}
	switch {
	case d.Limit != "" || len(l.Missed) > 0:
		l.Verdict = result.Missed
	case len(l.Unsure) > 0:
		l.Verdict = result.Undecided
	case len(d.Objectives) > 0:
		l.Verdict = result.Met
	}
	return l
}

// oneMore is what one more instance of what was struck costs a month, by the
// first line of its node that is paid by the hour.
func oneMore(target string, spec *node.Spec, cost *result.Cost) *float64 {
	name, _, _ := strings.Cut(target, "[")
	name, _, _ = strings.Cut(name, ".")
	if cost == nil || !slices.ContainsFunc(spec.Nodes, func(n node.Node) bool { return n.Name == name }) {
		return nil
	}
	for _, line := range cost.Lines {
		if line.Node == name && line.Unit == "hour" && line.Price != nil {
			month := *line.Price * node.HoursPerMonth
			return &month
		}
	}
	return nil
}
