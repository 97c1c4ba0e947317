package result

import (
	"fmt"
	"slices"
)

// The flaws of documents beyond single values: parts that belong together.

func (r *Result) flaw() string {
	if r.Run.Replications < 1 {
		return fmt.Sprintf("it has %d replications", r.Run.Replications)
	}
	return ""
}

func (r *DrillReport) flaw() string {
	if r.Baseline == nil {
		return "it has no baseline"
	}
	return ""
}

// flaw: only what was interrupted may have come to nothing.
func (c *Comparison) flaw() string {
	if len(c.Designs) == 0 && !c.Truncated {
		return "it has no designs"
	}
	return ""
}

func (w *WhatIf) flaw() string {
	if len(w.Designs) == 0 && !w.Truncated {
		return "it has no designs"
	}
	return ""
}

func (e *Estimates) flaw() string {
	if len(e.Designs) == 0 {
		return "it has no designs"
	}
	return ""
}

func (w *WhatIfDesign) flaw() string {
	if w.Baseline == nil {
		return "it has no baseline"
	}
	return ""
}

func (s *Soak) flaw() string {
	if s.Result == nil {
		return "it has no result"
	}
	return ""
}

func (r *Report) flaw() string {
	if r.Result == nil {
		return "it has no result"
	}
	return ""
}

// flaw: what comes back has a load between which both states keep themselves
// up.
func (m *DrillMap) flaw() string {
	switch {
	case m.Run.Replications < 1:
		return fmt.Sprintf("it has %d replications", m.Run.Replications)
	case m.RecoveryLoad != nil && *m.RecoveryLoad > 0 && (m.HysteresisLoad == nil || m.LimitLoad == nil || m.TippingLoad == nil):
		return "it has a recovery load without the others"
	case !slices.IsSorted(m.Loads):
		return "its loads do not ascend"
	}
	return ""
}

func (d *SweepDimension) flaw() string {
	if len(d.Values) == 0 {
		return "it has no values"
	}
	numbers := 0
	for _, v := range d.Values {
		if v.Number != nil {
			numbers++
		}
	}
	if numbers != 0 && numbers != len(d.Values) {
		return "some of its values have a number, and some have none"
	}
	return ""
}

func (s *Sweep) flaw() string {
	if len(s.Dimensions) == 0 {
		return "it has no dimensions"
	}
	for i := range s.Points {
		if flaw := valuesFlaw(s.Points[i].Values, s.Dimensions); flaw != "" {
			return fmt.Sprintf("point %d %s", i, flaw)
		}
	}
	return ""
}

func (p *Plan) flaw() string {
	if len(p.Dimensions) == 0 {
		return "it has no dimensions"
	}
	var dimensions []SweepDimension
	for i := range p.Dimensions {
		dimensions = append(dimensions, p.Dimensions[i].SweepDimension)
	}
	for i := range p.Simulated {
		if flaw := valuesFlaw(p.Simulated[i].Values, dimensions); flaw != "" {
			return fmt.Sprintf("design %d %s", i, flaw)
		}
	}
	for _, d := range []*PlanDesign{p.Winner, p.NearMiss} {
		if d == nil {
			continue
		}
		if flaw := valuesFlaw(d.Values, dimensions); flaw != "" {
			return "its design " + flaw
		}
	}
	return ""
}

// valuesFlaw says why the values of a point are not one of each dimension.
func valuesFlaw(values []string, dimensions []SweepDimension) string {
	if len(values) != len(dimensions) {
		return fmt.Sprintf("has %d values for %d dimensions", len(values), len(dimensions))
	}
	for i, v := range values {
		if !slices.ContainsFunc(dimensions[i].Values, func(d SweepValue) bool { return d.Text == v }) {
			return "has a value that is none of its dimension: " + quote(v)
		}
	}
	return ""
}

func (s *Stress) flaw() string {
	if s.Run.Replications < 1 {
		return fmt.Sprintf("it has %d replications", s.Run.Replications)
	}
	for _, load := range []*float64{s.Held.Mean, s.High, s.HeldAt, s.MissedAt} {
		if load != nil && !(*load > 0) {
			return fmt.Sprintf("a load that it found is %g", *load)
		}
	}
	return ""
}

func (p *CurvePoint) flaw() string  { return loadFlaw(p.Load) }
func (p *StressPoint) flaw() string { return loadFlaw(p.Load) }
func (p *MapPoint) flaw() string    { return loadFlaw(p.Load) }

// loadFlaw: a load is a multiple of some traffic.
func loadFlaw(load float64) string {
	if !(load > 0) {
		return fmt.Sprintf("its load is %g", load)
	}
	return ""
}
