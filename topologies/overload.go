package topologies

import (
	"fmt"
	"math"
	"strconv"

	"github.com/capsim/capsim/models/kind"
)

// overload warns (W406) of servers that are offered more work than their
// cores can do, or than their workers can be held for, at each server's
// header. People simulate overload on purpose, so that nothing is refused.
func (r *resolver) overload() {
	for i, l := range r.spec.Loads() {
		s := r.spec.Nodes[i].Server
		if s == nil {
			continue
		}
		r.overloaded(i, l.CPU, l.Capacity, s.Cores, "more work comes than its cores can do", "cores")
		r.overloaded(i, l.Workers, l.WorkerCapacity, s.Concurrency, "requests hold its workers for longer than there are workers", "workers")
	}
}

// overloaded warns of a server of which more is asked than it has. each is
// how much an instance has.
func (r *resolver) overloaded(i int, asked, capacity float64, each int, why, what string) {
	if capacity == 0 || !(asked >= float64(capacity*(1-tolerance))) {
		return // or what it is offered is beyond all numbers
	}
	n, instances := r.nodes[i], r.spec.Nodes[i].Instances
	where := ""
	if r.spec.Design != "" {
		where = "design " + kind.QuoteText(r.spec.Design) + ": "
	}
	has := strconv.Itoa(each)
	if instances > 1 {
		has = fmt.Sprintf("%.0f: %d instances of %d", capacity, instances, each)
	}
	// At a load of exactly 1 the queue still grows: one more.
	needs := fmt.Sprintf("%.0f", math.Floor(asked*(1+tolerance))+1)
	if asked >= 1e9 {
		needs = fmt.Sprintf("%.3g", asked)
	}
	d := n.at.Problem("W406", fmt.Sprintf("%soffered load %.3g: %s; needs ≥ %s %s (has %s)", where, asked/capacity, why, needs, what, has)).
		WithHint("the run goes on, but its latencies will depend on how long it is")
	d.Pos = n.keyPos
	r.report.Add(d)
}
