package topologies

import (
	"cmp"
	"fmt"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/node"
)

// timeless refuses users whose answers come at once, always (E404): no time
// would ever pass.
func (r *resolver) timeless(g *callGraph) {
	for i, n := range r.nodes {
		c := r.spec.Nodes[i].Client
		if c == nil || c.Closed == nil || takesTime(c.Think) {
			continue
		}
		if c.Policy.Breaker != nil {
			r.report.Add(n.client().At("users", "E404", "users without think time would come again at once, for ever, while the breaker is open").
				See(n.client().KeyPos("breaker"), "the breaker").WithHint(`for example think = "exp 5s"`))
			continue
		}
		if r.spec.Network != nil && r.spec.Nodes[c.Target.Node].CDN == nil {
			continue // the messages may take time
		}
		idle := newIdleness(g)
		// What a cache has it answers at once, whatever it takes to get it.
		to := &r.spec.Nodes[c.Target.Node]
		instant := !r.holdsUp(c.Target.Node)
		if to.Origin() == nil && to.Queue == nil {
			for _, v := range g.starts(c) {
				instant = instant && idle.operation(v)
			}
		}
		config := n.client()
		if instant {
			r.report.Add(config.At("users", "E404", "users without think time are answered at once: no time would ever pass").
				WithHint(`for example think = "exp 5s"`))
			continue
		}
		if !r.hammers(c, config) {
			r.overcrowded(c, config)
		}
	}
}

// holdsUp reports whether every request of a client to a node takes time,
// whatever becomes of it: at the node, or to open a connection to it.
func (r *resolver) holdsUp(at int) bool {
	d := r.spec.Nodes[at].Database
	return r.delays(at) || d != nil && takesTime(d.Connect)
}

// overcrowded refuses users without think time of whom some are always
// rejected: they would come again at the same instant, for ever.
func (r *resolver) overcrowded(c *node.ClientSpec, config *node.ClientConfig) {
	room, paused := 0, c.Policy.Retries > 0 && (c.Policy.Backoff.Doubling || takesTime(c.Policy.Backoff.Law))
	if r.holdsUp(c.Target.Node) || r.spec.Nodes[c.Target.Node].Queue != nil {
		return
	}
	for _, op := range c.Ops {
		name := cmp.Or(c.Target.Op, op.Name)
		room = max(room, r.room(c.Target.Node, name))
		for _, end := range r.servers(c.Target.Node, name) {
			at := end.server
			if key := r.turnsAway(at, c); key != "" && !paused {
				r.report.Add(config.At("users", "E404", "users without think time that "+key+" rejects would come again at once, for ever").
					See(r.nodes[at].server().KeyPos(key), key).WithHint(`for example think = "exp 5s", or retries with a backoff`))
				return
			}
		}
	}
	if most := c.Closed.Initial; most > room && !paused {
		r.report.Add(config.At("users", "E404", fmt.Sprintf(
			"%d users without think time find room for %d: the others would be rejected and come again at once, for ever", most, room)).
			WithHint(`for example think = "exp 5s", or retries with a backoff`))
	}
}

// takesTime reports whether a law ever gives anything but 0.
func takesTime(law dist.Law) bool {
	if law == nil {
		return false
	}
	value, constant := dist.Constancy(law)
	return !constant || value > 0
}
