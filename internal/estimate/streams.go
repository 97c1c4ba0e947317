package estimate

import (
	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/node"
)

// stream is requests for an operation of a node that is no server.
type stream struct {
	op   string
	keys dist.Law // that they are about, numbered alike for all; nil: by what they own
	own  []class  // items that are theirs alone; none: each is about something else
	rate float64  // requests per second

	// left is how much of what is asked about a key is left behind caches, beside
	// how much is of all; nil: there were none.
	left func(key uint64) float64
}

// asks calls with all that the requests of a client, so many a second, ask of
// nodes that are no servers.
func (m *model) asks(s source, rate float64, with func(at int, one stream)) {
	c, total := m.spec.Nodes[s.node].Client, 0.0
	for _, o := range c.Ops {
		total += o.Weight
	}
	one := stream{keys: c.Keys}
	if p, traced := c.Open.(arrival.TracePlan); traced && p.Trace.Keys != nil {
		one.keys, one.own = nil, popularity(p.Trace.Keys)
	} else if one.keys == nil {
		one.keys = dist.Constant{} // they are all about item 0
	}
	for _, o := range c.Ops {
		one.op, one.rate = c.Target.Op, float64(rate*o.Weight)/total
		if one.op == "" {
			one.op = o.Name
		}
		m.passes(c.Target.Node, one, 0, with)
	}
	visits := m.flow.Visits(s.node)
	for i := range m.spec.Nodes {
		if v := m.spec.Nodes[i].Server; v != nil {
			for k := range v.Ops {
				if one.rate = float64(rate * visits[m.flow.Row(i, k)]); one.rate > 0 {
					m.stepsAsk(s, v.Ops[k].Steps, one, with)
				}
			}
		}
	}
}

// deepest bounds how far a request is followed through what passes it on.
const deepest = 50

// passes calls with a node that is asked, and with where it passes that on to.
func (m *model) passes(at int, one stream, depth int, with func(at int, one stream)) {
	if m.spec.Nodes[at].Server != nil || depth > deepest {
		return
	}
	with(at, one)
	for _, w := range m.flow.Ways(at, one.op) {
		further := one
		further.op, further.rate = w.Op, float64(one.rate*w.Part)
		if s := m.stores[at]; s != nil {
			further.left = s.passed(one)
		}
		m.passes(w.Node, further, depth+1, with)
	}
}

// stepsAsk does the same for steps.
func (m *model) stepsAsk(s source, steps []node.Step, one stream, with func(at int, one stream)) {
	for i := range steps {
		step := &steps[i]
		if step.Calls() && step.Kind != node.StepSet && step.Kind != node.StepInvalidate {
			call := one
			call.op, call.rate = step.Target.Op, float64(one.rate*m.flow.Attempts(step))
			switch {
			case step.Key.Law != nil:
				call.keys, call.own, call.left = step.Key.Law, nil, nil
			case step.Key.Source:
				call.keys, call.own = m.addresses(s)
			}
			m.passes(step.Target.Node, call, 0, with)
		}
		for j, b := range step.Branches {
			branch := one
			branch.rate = float64(one.rate * m.flow.Begun(step, j))
			if step.Kind == node.StepGet && !step.Key.Source && step.Key.Law == nil && m.stores[step.Target.Node] != nil {
				branch.left = m.stores[step.Target.Node].passed(one)
			}
			m.stepsAsk(s, b, branch, with)
		}
		one.rate = float64(one.rate * m.flow.Survival(step))
	}
}

// addresses are those that the requests of a client come from: each user has
// one, and each request of an open client.
func (m *model) addresses(s source) (dist.Law, []class) {
	c := m.spec.Nodes[s.node].Client
	if p, traced := c.Open.(arrival.TracePlan); traced && p.Trace.Sources != nil {
		return nil, popularity(p.Trace.Sources)
	}
	if c.Sources == nil && s.users > 0 {
		return nil, []class{{float64(s.users), 1 / float64(s.users)}}
	}
	return c.Sources, nil
}

// popularity puts numbers in classes of those that come as often as each other.
func popularity(numbers []uint64) []class {
	most := uint64(0)
	for _, n := range numbers {
		most = max(most, n)
	}
	counts := make([]int, most+1)
	for _, n := range numbers {
		counts[n]++
	}
	often := make([]int, len(numbers)+1) // how many numbers come so often
	for _, n := range counts {
		often[n]++
	}
	var out []class
	for n, items := range often {
		if n > 0 && items > 0 {
			out = append(out, class{float64(items), float64(n) / float64(len(numbers))})
		}
	}
	return out
}
