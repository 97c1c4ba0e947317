package topologies

import (
	"slices"
	"strings"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
)

// servers returns the servers that a request for an operation of a node may
// come to: itself, or all behind a balancer, each once, in the order of the
// file. Balancers that lead in a circle are passed once.
func (r *resolver) servers(at int, op string) []int {
	if !r.routed {
		op = ""
	}
	key := passage{at, op}
	if found, ok := r.behind[key]; ok {
		return found
	}
	var found []int
	seen := map[int]bool{}
	var visit func(int)
	visit = func(i int) {
		if seen[i] {
			return
		}
		seen[i] = true
		switch n := &r.spec.Nodes[i]; n.Kind {
		case node.Server, node.Database:
			found = append(found, i)
		case node.LoadBalancer:
			if n.Balancer != nil {
				for _, t := range n.Balancer.Ways()[n.Balancer.Way(op)] {
					visit(t)
				}
			}
		}
	}
	if at != node.None {
		visit(at)
	}
	r.behind[key] = found
	return found
}

// has reports whether a server has an operation. One whose configuration is
// wrong gets the benefit of the doubt.
func (r *resolver) has(server int, op string) bool {
	_, known := r.ops[server][op]
	return known || r.nodes[server].bad
}

// checkOperations demands that every operation that is asked for exists on
// every server that may be asked, and that balancers do not lead in circles.
func (r *resolver) checkOperations() {
	r.checkBalancers()
	for i, n := range r.nodes {
		switch n.row.Kind {
		case node.Client:
			r.clientOperations(i, n.client())
		case node.Server, node.Database:
			for _, op := range r.spec.Nodes[i].Server.Ops {
				r.eachStep(op.Steps, func(s *node.Step) {
					if s.Kind == node.StepCall && s.Target.Node != node.None {
						d := r.places[s.ID].At("call", "", "")
						r.demand(d, s.Target, s.Target.Op)
					}
				})
			}
		}
	}
}

// eachStep visits every step of a list, those inside others too.
func (r *resolver) eachStep(steps []node.Step, visit func(*node.Step)) {
	for i := range steps {
		visit(&steps[i])
		for _, branch := range steps[i].Branches {
			r.eachStep(branch, visit)
		}
		r.eachStep(steps[i].Fallback, visit)
	}
}

// clientOperations checks what a client asks for.
func (r *resolver) clientOperations(i int, c *node.ClientConfig) {
	spec := r.spec.Nodes[i].Client
	if spec.Target.Node == node.None {
		return
	}
	for _, op := range spec.Ops {
		name := op.Name
		if spec.Target.Op != "" {
			name = spec.Target.Op
		}
		d := c.At("target", "", "")
		if k := slices.IndexFunc(c.Requests, func(w node.NamedWeight) bool { return w.Name == op.Name }); k >= 0 {
			d = c.Requests[k].At.Problem("", "")
			if e := c.ValueOf("requests").Table.Get(op.Name); e != nil {
				d.Pos = e.KeyPos
			}
		} else if row, ok := r.traceOp(i, op.Name); ok {
			d.Pos, d.Code = row, "E606"
		}
		r.demand(d, spec.Target, name)
	}
}

// demand reports a server behind a target that lacks an operation. The
// finding gives the position; its code may be set already.
func (r *resolver) demand(d kind.Diagnostic, t node.Target, op string) {
	if i := r.stranded(t.Node, op); i != node.None {
		if d.Code == "" {
			d.Code = "E502"
		}
		d.Message = "balancer " + kind.QuoteText(r.spec.Nodes[i].Name) + " has no route for the operation " + kind.QuoteText(op) + ", and no targets"
		r.report.Add(d.See(r.nodes[i].keyPos, "the balancer"))
		return
	}
	for _, s := range r.servers(t.Node, op) {
		if r.has(s, op) {
			continue
		}
		server := &r.spec.Nodes[s]
		var names []string
		for i := range server.Server.Ops {
			if !server.Hidden(i) {
				names = append(names, server.Server.Ops[i].Name)
			}
		}
		what := server.Kind.String()
		if d.Code == "" {
			d.Code = "E502"
		}
		d.Message = what + " " + kind.QuoteText(server.Name)
		if s != t.Node {
			d.Message += ", behind " + kind.QuoteText(r.spec.Nodes[t.Node].Name) + ","
		}
		d.Message += " has no operation " + kind.QuoteText(op) + kind.DidYouMean(op, names)
		if len(names) > 0 {
			d.Hint = "its operations are " + listed(names)
		}
		r.report.Add(d.See(r.nodes[s].keyPos, "the "+what))
		return
	}
}

// checkBalancers refuses balancers that lead to themselves.
func (r *resolver) checkBalancers() {
	for i, n := range r.nodes {
		if n.row.Kind != node.LoadBalancer {
			continue
		}
		if path := r.balancerCircle(i); path != nil {
			names := make([]string, len(path))
			for k, at := range path {
				names[k] = r.spec.Nodes[at].Name
			}
			if slices.Min(names) == n.name { // once per circle
				key := "targets"
				if !n.balancer().Has(key) {
					key = "route"
				}
				r.report.Add(n.balancer().At(key, "E403", "requests can never leave: "+strings.Join(append(names, names[0]), " → ")))
			}
		}
	}
}

// balancerCircle returns a way from a balancer back to itself, nil if there
// is none.
func (r *resolver) balancerCircle(from int) []int {
	seen := map[int]bool{}
	var visit func(at int, path []int) []int
	visit = func(at int, path []int) []int {
		for _, t := range slices.Concat(r.spec.Nodes[at].Balancer.Ways()...) {
			if t == from {
				return path
			}
			if b := r.spec.Nodes[t].Balancer; b == nil || seen[t] {
				continue
			}
			seen[t] = true
			if found := visit(t, append(slices.Clone(path), t)); found != nil {
				return found
			}
		}
		return nil
	}
	return visit(from, []int{from})
}
