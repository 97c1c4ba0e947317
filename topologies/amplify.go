package topologies

import (
	"cmp"
	"fmt"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
)

// muchAmplified is how many attempts one request may become in an outage
// before it is worth a warning: retries at several levels multiply.
const muchAmplified = 10

// amplified warns (W407) of what one request becomes at a node that answers
// nothing well: the product of the attempts at every level above it (B. Beyer
// and others, Site Reliability Engineering, 2016, chapter 22). Calls in a
// circle are left out of the count.
func (r *resolver) amplified(g *callGraph) {
	component, _ := components(len(g.node), func(v int, visit func(int)) {
		for _, c := range g.out[v] {
			visit(c.to)
		}
	})
	most := make([]float64, len(g.node))
	for i := range r.spec.Nodes {
		if c := r.spec.Nodes[i].Client; c != nil {
			for _, op := range c.Ops {
				name := cmp.Or(c.Target.Op, op.Name)
				for _, end := range r.servers(c.Target.Node, name) {
					v := g.vertex(end.server, end.op)
					most[v] = max(most[v], float64(attemptsOf(&c.Policy)*r.relayed(c.Target.Node, name)))
				}
			}
		}
	}
	for again := true; again; {
		again = false
		for v := range g.out {
			for _, c := range g.out[v] {
				circular := component[v] >= 0 && component[v] == component[c.to]
				if at := float64(most[v] * c.attempts); !circular && at > most[c.to] {
					most[c.to], again = at, true
				}
			}
		}
	}
	// Each node once, at the call that asks it most often.
	type caller struct {
		step     uint64
		attempts float64
	}
	worst := make([]caller, len(r.spec.Nodes))
	note := func(at int, step uint64, own, attempts float64) {
		if own > 1 && attempts > worst[at].attempts {
			worst[at] = caller{step, attempts}
		}
	}
	for v := range g.out {
		for _, c := range g.out[v] {
			note(g.node[c.to], c.step, c.attempts, float64(most[v]*c.attempts))
		}
		for _, c := range g.outside[v] {
			note(c.to, c.step, c.attempts, float64(most[v]*c.attempts))
		}
	}
	for at, w := range worst {
		if w.attempts >= muchAmplified {
			place := r.places[w.step]
			key := "retries"
			if !place.Has(key) {
				key = "policy"
			}
			if !place.Has(key) { // it is the balancer that tries again
				key = callKey(place)
			}
			r.report.Add(place.At(key, "W407", fmt.Sprintf("if %s fails, one request can become %.3g attempts there",
				kind.QuoteText(r.spec.Nodes[at].Name), w.attempts)).
				WithHint("retries at every level multiply: retry at one level only, or give the retries a budget"))
		}
	}
}

// attemptsOf is how many attempts a call makes of one request if none ends
// well.
func attemptsOf(p *node.Policy) float64 {
	if p.Budget > 0 && p.Retries > 0 {
		return 1 + min(p.Budget, float64(p.Retries))
	}
	return float64(1 + p.Retries)
}
