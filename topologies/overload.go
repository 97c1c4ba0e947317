package topologies

import (
	"fmt"
	"math"
	"strconv"

	"github.com/capsim/capsim/models/kind"
)

// overload warns (W406) of servers that are offered more work than their
// cores can do, at each server's header. People simulate overload on
// purpose, so that nothing is refused.
func (r *resolver) overload() {
	for i, l := range r.spec.Loads() {
		if l.Capacity == 0 || !(l.CPU >= float64(l.Capacity*(1-tolerance))) {
			continue // or what it is offered is beyond all numbers
		}
		n, s := r.nodes[i], &r.spec.Nodes[i]
		where := ""
		if r.spec.Design != "" {
			where = "design " + kind.QuoteText(r.spec.Design) + ": "
		}
		has := strconv.Itoa(s.Server.Cores)
		if s.Instances > 1 {
			has = fmt.Sprintf("%.0f: %d instances of %d", l.Capacity, s.Instances, s.Server.Cores)
		}
		// At a load of exactly 1 the queue still grows: one core more.
		needs := fmt.Sprintf("%.0f", math.Floor(l.CPU*(1+tolerance))+1)
		if l.CPU >= 1e9 {
			needs = fmt.Sprintf("%.3g", l.CPU)
		}
		d := n.at.Problem("W406", fmt.Sprintf("%soffered load %.3g: more work comes than its cores can do; needs ≥ %s cores (has %s)",
			where, l.CPU/l.Capacity, needs, has)).
			WithHint("the run goes on, but its latencies will depend on how long it is")
		d.Pos = n.keyPos
		r.report.Add(d)
	}
}
