package study

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
)

// tell makes the document.
func (s *planning) tell(truncated bool) *result.Plan {
	first := s.first()
	out := &result.Plan{
		Schema: result.PlanSchema, Version: s.opt.Version, Title: s.plan.Title, Design: s.plan.Design, Seed: s.plan.Seed, Truncated: truncated,
		Warnings: []result.Warning{}, Load: s.plan.Load, Survive: slices.Concat([]string{}, s.plan.Survive), Objectives: []string{},
		Dimensions: s.dimensions(), Counts: s.counts(),
		Procedure: result.PlanProcedure{
			Confidence: 1 - planDoubt, Indifference: indifference, Looks: looks(first.Run.Replications), Replications: s.jobs, MostDesigns: s.plan.Most,
		},
		Neighbors: []result.PlanNeighbor{}, Front: []int{}, Simulated: []result.PlanDesign{},
	}
	for _, o := range first.Objectives {
		out.Objectives = append(out.Objectives, o.Text)
	}
	if slices.ContainsFunc(s.all, func(p planned) bool { return p.cost.known }) {
		out.Currency = first.Currency
	}
	order := slices.Clone(s.tried)
	slices.SortStableFunc(order, func(a, b int) int { return s.all[a].before(&s.all[b]) })
	for _, i := range order {
		s.all[i].shape.Reason = s.reason(i)
		if s.all[i].shape.Monthly.Mean != nil {
			month := s.month(&s.all[i])
			s.all[i].shape.Monthly.Mean = &month
		}
		out.Simulated = append(out.Simulated, *s.all[i].shape)
	}
	out.Front = front(out.Simulated)
	s.answer(out)
	s.warnOfPlan(out, first)
	return out
}

// first is some specification, for what all have.
func (s *planning) first() *node.Spec { return s.spec(0, -1) }

// answer fills in the winner and its neighbours, or what comes nearest.
func (s *planning) answer(out *result.Plan) {
	if s.winner >= 0 {
		out.Winner = s.all[s.winner].shape
		for _, n := range s.steps(s.winner) {
			out.Neighbors = append(out.Neighbors, s.neighbor(n))
		}
		return
	}
	best, most := -1, math.Inf(-1)
	for _, i := range s.tried {
		if m, _ := leastMargin(s.all[i].shape); m > most || best < 0 {
			best, most = i, m
		}
	}
	if best >= 0 {
		out.NearMiss = s.all[best].shape
		_, out.Obstacle = leastMargin(out.NearMiss)
	}
}

// counts counts what became of the designs.
func (s *planning) counts() result.PlanCounts {
	c := result.PlanCounts{Designs: len(s.all), Simulated: len(s.tried)}
	for i := range s.all {
		switch p := &s.all[i]; {
		case p.state == planScreened:
			c.Screened++
		case p.state == planPruned:
			c.Pruned++
		case p.state != planOpen && p.state != planServed || p.at == nil:
		case p.state == planServed, s.winner >= 0 && !s.cheaper(i):
			c.Costlier++
		default:
			c.Unsettled++
		}
	}
	if c.Simulated == 0 && c.Screened == 0 && c.Pruned == 0 {
		c.Unsettled = len(s.all)
	}
	return c
}

// design describes a design that was simulated.
func (s *planning) design(c *planned, r *race) *result.PlanDesign {
	base := &r.cases[0]
	out := &result.PlanDesign{
		Point: c.point, Verdict: result.Missed, Separated: r.separated(), Role: result.PlanDecided,
		WarmupS: base.f.spec.Run.Warmup.Seconds(), Cases: []result.PlanCase{},
	}
	for d, v := range c.at {
		out.Values = append(out.Values, s.plan.Dimensions[d].Values[v].Text)
	}
	if r.feasible() {
		out.Verdict, c.late = result.Met, base.f.overtaken()
	}
	for i := range r.cases {
		if one := &r.cases[i]; len(one.f.snaps) > 0 || one.limit != "" {
			out.Cases = append(out.Cases, one.document())
			out.Replications += len(one.f.snaps)
		}
	}
	if len(base.f.snaps) > 0 && base.limit == "" {
		base.f.overall(out)
		if c.cost.known {
			c.month = base.f.monthly()
		}
	} else if base.limit == "" {
		out.P99S.Note, out.Availability.Note, out.Monthly.Note = onlyStruck, onlyStruck, onlyStruck
	}
	if c.cost.known && (base.limit != "" || c.cost.exact) {
		out.Monthly = constant(c.cost.month, max(1, len(base.f.snaps)))
	}
	for i := range r.cases {
		r.cases[i].f.snaps = nil // what they held is in the document
	}
	return out
}

// onlyStruck is why a design has no figures of its own: it fails during a fault.
const onlyStruck = "not simulated without a fault"

// overall fills in what the front is about.
func (f *figures) overall(out *result.PlanDesign) {
	if f.spec.Priced() {
		out.Monthly = f.monthly().estimate("")
	}
	for i := range f.snaps[0].Clients {
		at := f.snaps[0].Clients[i].Node
		p99 := f.clientTimes(at).quantile(precisionQuantile)
		if i == 0 || p99.Mean != nil && (out.P99S.Mean == nil || *p99.Mean > *out.P99S.Mean) {
			out.P99S = p99
		}
		share := f.actualOfClient(&node.Objective{Node: at, Metric: "availability"})
		if i == 0 || share.Mean != nil && (out.Availability.Mean == nil || *share.Mean < *out.Availability.Mean) {
			out.Availability = share
		}
	}
}

// document describes a case.
func (c *raceCase) document() result.PlanCase {
	out := result.PlanCase{What: c.what, Replications: len(c.f.snaps), Limit: c.limit, Objectives: []result.PlanObjective{}}
	if c.limit != "" {
		return out
	}
	out.Fingerprint = c.f.fingerprint()
	for k := range c.f.spec.Objectives {
		o := &c.f.spec.Objectives[k]
		one := result.PlanObjective{Objective: c.f.judge(o)}
		switch s := c.sides[k]; {
		case s == absent, s == unclear:
			one.Verdict = result.Undecided
		case s.good():
			one.Verdict = result.Met
		default:
			one.Verdict = result.Missed
		}
		one.Margin, one.MarginHalfWidth = marginOf(one.Actual, o)
		out.Objectives = append(out.Objectives, one)
	}
	return out
}

// marginOf is the share of what an objective allows that is not used.
func marginOf(e result.Estimate, o *node.Objective) (margin, half *float64) {
	if e.Mean == nil {
		return nil, nil
	}
	scale, lack := math.Abs(o.Value), o.Value-*e.Mean
	if o.Compare[0] == '>' {
		lack = -lack
		if isShare(o.Metric) && o.Value < 1 {
			scale = 1 - o.Value
		}
	}
	if scale == 0 {
		return nil, nil
	}
	m := lack / scale
	if e.HalfWidth != nil {
		h := *e.HalfWidth / scale
		half = &h
	}
	return &m, half
}

// leastMargin is that of the objective which a design misses by most, or has
// least room to, and which it is.
func leastMargin(d *result.PlanDesign) (float64, string) {
	least, text := math.Inf(1), ""
	for i := range d.Cases {
		c := &d.Cases[i]
		if c.Limit != "" {
			return math.Inf(-1), during(c.Limit, c.What)
		}
		for k := range c.Objectives {
			o := &c.Objectives[k]
			switch m := o.Margin; {
			case m != nil && *m < least:
				least, text = *m, during(o.Text, c.What)
			case m == nil && o.Verdict == result.Missed:
				return math.Inf(-1), during(o.Text, c.What)
			}
		}
	}
	return least, text
}

func during(text, fault string) string {
	if fault == "" {
		return text
	}
	return text + " during " + fault
}

// reason says why a design that was simulated is not the winner.
func (s *planning) reason(i int) string {
	c := &s.all[i]
	switch {
	case i == s.winner:
		return ""
	case c.state == planMissed:
		return missesOf(c.shape)
	case s.winner >= 0 && c.dearer(&s.all[s.winner]) >= -alikeCost*s.all[s.winner].monthly():
		return s.dearerBy(c)
	}
	return ""
}

// missesOf says which objectives a design misses and by how much, and during
// what.
func missesOf(d *result.PlanDesign) string {
	for i := range d.Cases {
		c := &d.Cases[i]
		if c.Limit != "" {
			return during("a limit was reached: "+c.Limit, c.What)
		}
		var parts []string
		for k := range c.Objectives {
			if o := &c.Objectives[k]; o.Verdict == result.Missed {
				parts = append(parts, missOf(o))
			}
		}
		switch {
		case len(parts) == 0:
		case c.What == "":
			return "misses " + strings.Join(parts, ", ")
		case uncertain(&d.Cases[0]):
			return "misses " + strings.Join(parts, ", ") + " during " + c.What + ", and perhaps without it"
		default:
			return "does not survive " + c.What + ": misses " + strings.Join(parts, ", ")
		}
	}
	return "misses its objectives"
}

// uncertain reports whether a case was left before it was known that all its
// objectives hold, and one of them seems not to.
func uncertain(c *result.PlanCase) bool {
	return slices.ContainsFunc(c.Objectives, func(o result.PlanObjective) bool {
		return o.Verdict != result.Met && (o.Margin == nil || *o.Margin < 0)
	})
}

func missOf(o *result.PlanObjective) string {
	switch {
	case o.Margin == nil:
		return o.Text
	case *o.Margin < -10:
		return fmt.Sprintf("%s by a factor of %.3g", o.Text, 1-*o.Margin)
	}
	return fmt.Sprintf("%s by %.3g %%", o.Text, -100**o.Margin)
}

// dearerBy says how much more than the winner a design costs.
func (s *planning) dearerBy(c *planned) string {
	w := s.all[s.winner].monthly()
	switch more := c.dearer(&s.all[s.winner]); {
	case !c.cost.known:
		return "costs no less: nothing has a price"
	case more <= w*alikeCost:
		return "costs as much"
	default:
		return fmt.Sprintf("costs %.2f more a month (%+.3g %%)", more, 100*more/w)
	}
}

// neighbor says why a design one step from the winner is not it.
func (s *planning) neighbor(n planStep) result.PlanNeighbor {
	c := &s.all[s.places[n.point]]
	d := &s.plan.Dimensions[n.dimension]
	out := result.PlanNeighbor{Path: d.Path, Value: d.Values[n.value].Text, Point: n.point}
	if month := s.month(c); c.cost.known {
		out.Monthly = &month
	}
	switch {
	case c.state == planScreened:
		out.Rejected, out.Reason = result.RejectedScreened, c.why
	case c.state == planMissed:
		out.Rejected, out.Reason = result.RejectedMiss, missesOf(c.shape)
	case c.state == planPruned && c.alike:
		out.Rejected, out.Reason = result.RejectedPruned, "is served just like "+s.name(s.all[c.by].shape.Values)+", which "+missesOf(s.all[c.by].shape)
	case c.state == planServed:
		out.Rejected, out.Reason = result.RejectedCost, s.dearerBy(c)+", and is served just alike"
	case c.state == planPruned:
		by := s.all[c.by].shape
		out.Rejected, out.Reason = result.RejectedPruned, "has no more of anything than "+s.name(by.Values)+", which "+missesOf(by)
	case c.state == planGood, c.state == planShown, !s.cheaper(s.places[n.point]):
		out.Rejected, out.Reason = result.RejectedCost, s.dearerBy(c)
	default:
		out.Rejected, out.Reason = result.RejectedUnsettled, "was not looked at"
	}
	return out
}

// name says which design it is.
func (s *planning) name(values []string) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = s.plan.Dimensions[i].Path + " = " + v
	}
	return strings.Join(parts, ", ")
}

// front lists the designs that no other beats in one of cost, p99 and
// availability without being worse in another.
func front(all []result.PlanDesign) []int {
	out := []int{}
	for i := range all {
		a := &all[i]
		if a.P99S.Mean == nil || a.Availability.Mean == nil {
			continue
		}
		beaten := slices.ContainsFunc(all, func(b result.PlanDesign) bool {
			return b.P99S.Mean != nil && b.Availability.Mean != nil && beats(&b, a)
		})
		if !beaten {
			out = append(out, a.Point)
		}
	}
	return out
}

func beats(b, a *result.PlanDesign) bool {
	costB, costA := valueOf(b.Monthly), valueOf(a.Monthly)
	noWorse := costB <= costA && *b.P99S.Mean <= *a.P99S.Mean && *b.Availability.Mean >= *a.Availability.Mean
	return noWorse && (costB < costA || *b.P99S.Mean < *a.P99S.Mean || *b.Availability.Mean > *a.Availability.Mean)
}

// warnOfPlan tells what a reader of a plan should know.
func (s *planning) warnOfPlan(out *result.Plan, spec *node.Spec) {
	add := func(code, format string, args ...any) {
		out.Warnings = append(out.Warnings, result.Warning{Code: code, Message: fmt.Sprintf(format, args...)})
	}
	if out.Currency == "" {
		add("W920", "nothing has a price, so all designs cost the same: the first one found feasible is the answer")
	} else if list := spec.Unpriced(); len(list) > 0 {
		var names []string
		for _, i := range list {
			names = append(names, spec.Nodes[i].Name)
		}
		add("W920", "without a price, and so left out of all costs: %s", strings.Join(names, ", "))
	}
	if n := out.Counts.Unsettled; n > 0 && !out.Truncated {
		add("W921", "%d designs were not looked at: %d had been simulated, which is the most", n, s.plan.Most)
	}
	if w := out.Winner; w != nil {
		for _, text := range s.all[s.winner].late {
			add("W901", "the winner meets what is asked, but %s", text)
		}
		if !w.Separated {
			add("W904", "the winner is not separated from all of its objectives: it is nearer to one of them than the indifference zone, or than %d replications can tell",
				out.Procedure.Looks[len(out.Procedure.Looks)-1])
		}
		for i := range w.Cases {
			for k := range w.Cases[i].Objectives {
				if o := &w.Cases[i].Objectives[k]; o.Verdict == result.Undecided {
					add("W904", "objective %q is undecided: %s", during(o.Text, w.Cases[i].What), o.Actual.Note)
				}
			}
		}
	}
}
