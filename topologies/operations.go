package topologies

import (
	"cmp"
	"slices"
	"strings"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
)

// endpoint is an operation of a server that a request for some operation of a
// node may come to.
type endpoint struct {
	server int
	op     string
	fixed  bool    // a cache on the way asks for this operation, whichever it is asked for
	part   float64 // of the requests, at least, that the caches on the way do not answer
}

// servers returns what a request for an operation of a node may come to:
// the node itself, or all servers behind a balancer or a cache, each once, in
// the order of the file. Those that lead in a circle are passed once.
func (r *resolver) servers(at int, op string) []endpoint {
	asked := op
	if !r.routed {
		op = ""
	}
	key := passage{at, op}
	found, ok := r.behind[key]
	if !ok {
		if at != node.None {
			found = r.endpoints(at, op)
		}
		r.behind[key] = found
	}
	if op == asked {
		return found
	}
	out := slices.Clone(found)
	for i := range out {
		out[i].op = cmp.Or(out[i].op, asked)
	}
	return out
}

// endpoints walks from a node to what is behind it. An operation is "" where
// it is the one that was asked for, whichever that is.
func (r *resolver) endpoints(at int, op string) []endpoint {
	var found []endpoint
	seen := map[passage]bool{}
	var visit func(i int, op string, fixed bool, part float64)
	visit = func(i int, op string, fixed bool, part float64) {
		if seen[passage{i, op}] {
			return
		}
		seen[passage{i, op}] = true
		n := &r.spec.Nodes[i]
		switch {
		case n.Kind == node.Server || n.Kind == node.Database:
			found = append(found, endpoint{i, op, fixed, part})
		case n.Balancer != nil:
			for _, t := range n.Balancer.Ways()[n.Balancer.Way(op)] {
				visit(t, op, fixed, part)
			}
		default:
			if to := n.Origin(); to != nil {
				missing, _ := n.Misses(op)
				visit(to.Node, cmp.Or(to.Op, op), fixed || to.Op != "", float64(part*missing))
			}
		}
	}
	visit(at, op, false, 1)
	return found
}

// onward lists what a node passes requests on to as they are.
func (r *resolver) onward(at int) []int {
	n := &r.spec.Nodes[at]
	if n.Balancer != nil {
		return slices.Concat(n.Balancer.Ways()...)
	}
	if to := n.Origin(); to != nil {
		return []int{to.Node}
	}
	return nil
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
		case node.CDN:
			if to := r.spec.Nodes[i].Origin(); n.shields == nil && to != nil && to.Op != "" {
				r.demand(n.cdn().At("origin", "", ""), *to, to.Op)
			}
			if c := n.cdn(); n.shields == nil { // else it is the CDN's to say
				r.keepsReads(i, func(code, message string) kind.Diagnostic { return c.At("origin", code, message) }, "leave it out of cacheable")
			}
		case node.Cache:
			if to := r.spec.Nodes[i].Origin(); to != nil && to.Op != "" {
				r.demand(n.cache().At("origin", "", ""), *to, to.Op)
			}
			r.keepsReads(i, func(code, message string) kind.Diagnostic { return n.cache().At("origin", code, message) },
				"call the database for it, and take the item out of the cache: { invalidate = "+kind.QuoteText(n.name)+" }")
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
	for _, end := range r.servers(t.Node, op) {
		s, op := end.server, end.op
		if end.fixed || r.has(s, op) {
			continue // or it is reported at the cache
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
			if op == "request" { // as it is where none is named
				d.Hint += "; one is named as in " + kind.QuoteText(server.Name+"."+names[0])
			}
		}
		r.report.Add(d.See(r.nodes[s].keyPos, "the "+what))
		return
	}
}

// checkBalancers refuses balancers and caches that lead to themselves.
func (r *resolver) checkBalancers() {
	for i, n := range r.nodes {
		if path := r.passingCircle(i); path != nil {
			names := make([]string, len(path))
			for k, at := range path {
				names[k] = r.spec.Nodes[at].Name
			}
			if slices.Min(names) == n.name { // once per circle
				r.report.Add(r.passesAt(i).Problem("E403", "requests can never leave: "+strings.Join(append(names, names[0]), " → ")))
			}
		}
	}
}

// passesAt is the key by which a node passes requests on.
func (r *resolver) passesAt(i int) kind.Cursor {
	place, key := kind.Place{}, "origin"
	switch n := r.nodes[i]; {
	case n.balancer() != nil:
		if place, key = n.balancer().Place, "targets"; !place.Has(key) {
			key = "route"
		}
	case n.cache() != nil:
		place = n.cache().Place
	case n.cdn() != nil:
		place = n.cdn().Place
	case n.shields != nil:
		place = n.shields.cdn().Place
	}
	return (&kind.Decoder{Report: r.report}).At(place.ValueOf(key), kind.JoinKey(place.Path, key))
}

// passingCircle returns a way from a node back to itself through such as pass
// requests on, nil if there is none.
func (r *resolver) passingCircle(from int) []int {
	seen := map[int]bool{}
	var visit func(at int, path []int) []int
	visit = func(at int, path []int) []int {
		for _, t := range r.onward(at) {
			if t == from {
				return path
			}
			if seen[t] {
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
