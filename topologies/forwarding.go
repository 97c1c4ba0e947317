package topologies

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// forwarding resolves what a balancer does besides choosing among its
// targets.
func (r *resolver) forwarding(i int, n *nodeConfig, spec *node.BalancerSpec) {
	c := n.balancer()
	r.spec.Nodes[i].Instances = c.Instances
	if !c.Has("targets") && !c.Has("route") {
		r.report.Add(c.Whole("E203", "missing key \"targets\"").WithHint("example: targets = [\"web\"]"))
	}
	for k := range c.Routes {
		r.route(&c.Routes[k], spec)
	}
	if s := c.Sticky; s != nil {
		spec.Sticky = &node.Sticky{Source: s.By == "source", TTL: sim.Time(s.TTL)}
	}
	spec.Overhead = r.timeLaw(c.Overhead)
	r.noteTraced(spec.Overhead, i, "", c.Overhead.At)
	spec.Connections, spec.PerTarget = c.MaxConnections, c.MaxConnectionsPerTarget
	for _, key := range []string{"queue", "queue_timeout"} {
		if c.Has(key) && !c.Has("max_connections_per_target") {
			r.report.Add(c.AtKey(key, "E203", "the key max_connections_per_target is missing: without a limit on connections nobody waits for one").
				WithHint("for example max_connections_per_target = 100"))
		}
	}
	if spec.PerTarget > 0 {
		if spec.Queue = node.None; c.Has("queue") {
			spec.Queue = c.Queue
		}
	}
	spec.QueueTimeout = r.timeLaw(c.QueueTimeout)
	r.noteTraced(spec.QueueTimeout, i, "", c.QueueTimeout.At)
	spec.Attempts = r.policy(c.Timeout, &c.Retries, node.Hedge{}, nil)
}

// route resolves one route of a balancer.
func (r *resolver) route(c *node.RouteConfig, spec *node.BalancerSpec) {
	one := node.Route{To: node.None}
	if emptyArray(c.Place, "ops") {
		r.report.Add(c.At("ops", "E302", "needs at least one operation").WithHint("delete the route to switch it off"))
	}
	for _, at := range c.Ops {
		one.Ops = append(one.Ops, at.Value.Text)
	}
	if at, ok := r.at(c.Place, "to"); ok {
		t, found := r.reference(at, node.LoadBalancer, node.Server, node.Cache)
		found = found && (r.nodes[t.Node].row.Kind != node.Cache || r.cacheTakes(at, t, "call"))
		if found && t.Op != "" {
			r.report.Add(at.Problem("E505", "a balancer passes the operation on; name only the node").
				WithHint("write " + kind.QuoteText(r.spec.Nodes[t.Node].Name)))
		}
		if found {
			one.To = t.Node
		}
	}
	if one.To != node.None {
		spec.Routes = append(spec.Routes, one)
		r.routed = true
	} else {
		r.lame = true
	}
}

// passage is a request for an operation that comes to a node.
type passage struct {
	node int
	op   string
}

// stranded returns a balancer that a request which comes to a node may come
// to and that has nowhere to send it; node.None if there is none.
func (r *resolver) stranded(at int, op string) int {
	seen := map[int]bool{}
	var visit func(i int, op string) int
	visit = func(i int, op string) int {
		if to := r.spec.Nodes[i].Origin(); to != nil && !seen[i] {
			seen[i] = true
			return visit(to.Node, cmp.Or(to.Op, op))
		}
		b := r.spec.Nodes[i].Balancer
		if b == nil || seen[i] || r.nodes[i].bad {
			return node.None
		}
		seen[i] = true
		if r.asked[i] == nil {
			r.asked[i] = map[string]bool{}
		}
		r.asked[i][op] = true
		way := b.Ways()[b.Way(op)]
		if c := r.nodes[i].balancer(); len(way) == 0 && !r.lame && c.Has("route") && !c.Has("targets") {
			return i
		}
		for _, t := range way {
			if found := visit(t, op); found != node.None {
				return found
			}
		}
		return node.None
	}
	return visit(at, op)
}

// idleRoutes warns (W403) of operations of routes that no request asks for,
// or that an earlier route takes, and of targets that the routes leave nothing.
func (r *resolver) idleRoutes() {
	for i, n := range r.nodes {
		c := n.balancer()
		if c == nil {
			continue
		}
		first := map[string]kind.Pos{}
		for k := range c.Routes {
			for _, at := range c.Routes[k].Ops {
				op := at.Value.Text
				if pos, taken := first[op]; taken {
					r.report.Add(at.Problem("W403", "an earlier route takes "+kind.QuoteText(op)+": this one never sees it").See(pos, "the earlier one"))
				} else if first[op] = at.Value.Pos; !r.asked[i][op] {
					asked := slices.Sorted(maps.Keys(r.asked[i]))
					d := at.Problem("W403", "no request for "+kind.QuoteText(op)+" comes to "+kind.QuoteText(n.name)+kind.DidYouMean(op, asked))
					if len(asked) > 0 {
						d = d.WithHint("what comes is " + listed(asked))
					}
					r.report.Add(d)
				}
			}
		}
		if c.Has("targets") && len(first) > 0 && len(r.asked[i]) > 0 {
			left := slices.ContainsFunc(slices.Sorted(maps.Keys(r.asked[i])), func(op string) bool { _, taken := first[op]; return !taken })
			if !left {
				r.report.Add(c.AtKey("targets", "W403", "the routes take everything that comes: the targets get nothing").
					See(c.KeyPos("route"), "the routes"))
			}
		}
	}
}

// idleSticky warns (W403) of bindings that bind nobody.
func (r *resolver) idleSticky() {
	users, sources := false, false
	for i, n := range r.nodes {
		if c := n.client(); c != nil {
			one := r.traces[i]
			users = users || c.Has("users") || c.Has("session")
			sources = sources || c.Has("sources") || one != nil && one.trace != nil && one.trace.Sources != nil
		}
	}
	for _, n := range r.nodes {
		c := n.balancer()
		switch {
		case c == nil || c.Sticky == nil || users:
		case c.Sticky.By == "cookie":
			r.report.Add(c.At("sticky", "W403", "no client has users or sessions: each request is somebody else's, and a cookie binds nobody").
				WithHint(`for example session = { length = "geometric 6", think = "exp 4s" }`))
		case c.Sticky.By == "source" && !sources:
			r.report.Add(c.At("sticky", "W403", "each request has an address of its own: bindings change nothing").
				WithHint(`for example [client.NAME] sources = "zipf s=1 n=10k"`))
		}
	}
}

// idleBalance warns (W403) of policies of servers that nobody calls directly,
// or that have one instance.
func (r *resolver) idleBalance() {
	called := map[int]bool{}
	for i := range r.spec.Nodes {
		if r.spec.Nodes[i].Kind != node.LoadBalancer {
			for _, t := range r.spec.Nodes[i].Targets() {
				called[t.Node] = true
			}
		}
	}
	for i, n := range r.nodes {
		if s := n.server(); s != nil && s.Has("balance") && !called[i] {
			r.report.Add(s.AtKey("balance", "W403", "nobody calls "+kind.QuoteText(n.name)+" directly: balance changes nothing").
				WithHint("balancers choose by their own policy"))
		}
	}
}

// reach is how many instances of a database there are for whoever asks for an
// operation, if all are about the same shard.
func (r *resolver) reach(at int, op string) int {
	d := r.spec.Nodes[at].Database
	k, known := r.ops[at][op]
	if !known || d.Access[k].Kind != node.Read && d.Access[k].Kind != node.Scatter || d.Replicas == 0 {
		return 1
	}
	switch d.Access[k].Route {
	case node.ReadReplicas:
		return d.Replicas
	case node.ReadNearest:
		return d.PerShard()
	}
	return 1 // read-your-writes may mean the primary
}

// room is how many requests for an operation find room at a node at once,
// math.MaxInt if there is no limit.
func (r *resolver) room(at int, op string) int {
	n := &r.spec.Nodes[at]
	switch {
	case n.Server != nil:
		waiting := n.Server.Backlog
		if n.Server.QueueTimeout != nil && !takesTime(n.Server.QueueTimeout) {
			waiting = 0
		}
		each := math.MaxInt
		if n.Server.Concurrency > 0 && waiting != node.None {
			each = n.Server.Concurrency + waiting
		}
		if d := n.Database; d != nil && d.Connections > 0 {
			each = min(each, d.Connections)
		}
		if each == math.MaxInt {
			return each
		}
		if n.Database != nil {
			return r.reach(at, op) * each
		}
		return n.Fewest() * each
	case n.Origin() != nil:
		return r.room(n.Origin().Node, cmp.Or(n.Origin().Op, op))
	case n.Balancer == nil:
		return math.MaxInt
	}
	b := n.Balancer
	room, targets := 0, 0
	for _, t := range b.Ways()[b.Way(op)] {
		targets += r.spec.Nodes[t].Fewest()
		if each := r.room(t, op); each == math.MaxInt || room == math.MaxInt {
			room = math.MaxInt
		} else {
			room += each
		}
	}
	if b.Connections > 0 {
		room = min(room, n.Instances*b.Connections)
	}
	waiting := b.Queue
	if b.QueueTimeout != nil && !takesTime(b.QueueTimeout) {
		waiting = 0
	}
	if b.PerTarget > 0 && waiting != node.None {
		room = min(room, n.Instances*(targets*b.PerTarget+waiting))
	}
	return room
}

// relayed is how many attempts the balancers on the way make of one attempt
// at a node if none ends well.
func (r *resolver) relayed(at int, op string) float64 {
	b, key := r.spec.Nodes[at].Balancer, passage{at, op}
	if to := r.spec.Nodes[at].Origin(); to != nil {
		return r.relayed(to.Node, cmp.Or(to.Op, op))
	}
	if b == nil {
		return 1
	}
	if known, ok := r.relays[key]; ok {
		return known
	}
	most := 1.0
	for _, t := range b.Ways()[b.Way(op)] {
		most = max(most, r.relayed(t, op))
	}
	r.relays[key] = float64(most * attemptsOf(&b.Attempts))
	return r.relays[key]
}

// passes lists the balancers and caches that requests which come to a node may come to.
func (r *resolver) passes(at int) []int {
	var found []int
	var visit func(int)
	visit = func(i int) {
		if r.spec.Nodes[i].PassesOn() && !slices.Contains(found, i) {
			found = append(found, i)
			for _, t := range r.onward(i) {
				visit(t)
			}
		}
	}
	visit(at)
	return found
}
