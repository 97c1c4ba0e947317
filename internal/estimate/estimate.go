package estimate

import (
	"math"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/node"
)

// Estimate is what theory says of a topology. Times are in seconds, rates per
// second; +Inf where there is no steady state, NaN where theory has no answer.
type Estimate struct {
	Clients     []Client    // in the order of the nodes
	Nodes       []Node      // of all nodes but clients, in their order
	Bottleneck  *Bottleneck // nil where nothing has a limit
	Assumptions []Assumption

	spec *node.Spec
}

// Client is what a client sees.
type Client struct {
	Node       int     // in node.Spec.Nodes
	Users      int     // of a closed client
	Offered    float64 // requests per second
	Throughput float64 // of these, answered ok
	ErrorRatio float64
	Latency    Time
	Ops        []Time // as ClientSpec.Ops
	Bounds     Bounds
	Visits     []float64 // of each request to each node
}

// Time is a response time or a latency of what ends well.
type Time struct {
	Mean, P50, P99 float64
	Exact          bool // the mean is; TailExact: the percentiles too
	TailExact      bool
}

// Node is what is asked of a node.
type Node struct {
	Node        int
	Instances   int
	Arrivals    float64 // per second
	Utilization float64 // of its cores, else of the first resource that has a limit; NaN without one
	Resources   []Resource
	Response    Time
	Rejected    float64 // share of arrivals that finds no place
	HitRatio    float64 // of a cache; NaN of others
	Why         string  // its figures are not exact; "" where they are
}

// Resource is something that a node has a limited amount of. A load above 1
// is more than it can do.
type Resource struct {
	Name        string
	Capacity    float64
	Busy        float64 // mean number busy, or asked for
	Utilization float64 // on average over the instances
	Hottest     float64 // of the instance that most is asked of
	asked       float64 // of the places of a queue: for what they have, where nobody waits
	Wait        float64 // mean
}

// Bottleneck is the resource that most is asked of, for what it has.
type Bottleneck struct {
	Node        int
	Resource    string
	Utilization float64
	// SaturatesAt is the factor on today's load at which it has nothing left,
	// 0 where users wait for their answers: they come no faster then.
	SaturatesAt float64
}

// Assumption is something in the file that theory leaves out, or takes for
// something simpler.
type Assumption struct {
	Node int // node.None: of the whole file
	Text string
}

// Of estimates a topology at its mean load.
func Of(spec *node.Spec) *Estimate {
	m := newModel(spec)
	m.variabilities()
	m.judge()
	m.solve()
	e := &Estimate{spec: spec}
	for _, s := range m.sources {
		e.Clients = append(e.Clients, m.client(s))
	}
	for i := range spec.Nodes {
		if spec.Nodes[i].Client == nil {
			e.Nodes = append(e.Nodes, m.node(i))
		}
	}
	e.Bottleneck = m.bottleneck(e)
	m.bounds(e)
	e.withinBounds()
	m.assumptions()
	e.Assumptions = m.assumed
	return e
}

// withinBounds takes back what retries seem to bring beyond the bounds: they
// bring no load here, so that an overloaded node that refuses some would answer
// the others' retries as if it had time for them.
func (e *Estimate) withinBounds() {
	for i := range e.Clients {
		c := &e.Clients[i]
		if c.Users > 0 || c.ErrorRatio <= 0 || c.Throughput <= c.Bounds.ThroughputMax {
			continue
		}
		c.Throughput = c.Bounds.ThroughputMax
		c.ErrorRatio = 1 - c.Throughput/c.Offered
	}
}

// variabilities passes on how irregular arrivals are: what a station sends on
// varies as what comes to it where it is idle, as its service where it is busy,
// and splitting makes it more like a Poisson process (the Queueing Network
// Analyzer: Whitt 1983).
func (m *model) variabilities() {
	m.settle()
	for i := range m.places {
		p := &m.places[i]
		total := m.rate(i)
		if total == 0 || p.node.Client != nil {
			continue
		}
		excess := 0.0
		for _, s := range m.sources {
			c := m.spec.Nodes[s.node].Client
			if c.Open == nil || s.rate == 0 {
				continue
			}
			scv, _ := arrival.Variability(c.Open)
			visits := 0.0
			for k := range p.work {
				visits += m.flow.Visits(s.node)[m.flow.Row(i, k)]
			}
			// Of each request so many come here, among all that do.
			part := float64(s.rate*visits) / total
			excess += float64(float64(part*min(visits, 1)) * (scv - 1))
		}
		p.arrive = max(0, 1+excess)
	}
}

// ask is a request of a client for one of its operations, with the way there
// and back.
func (m *model) ask(s source, o node.WeightedOp) visit {
	c := m.spec.Nodes[s.node].Client
	op := c.Target.Op
	if op == "" {
		op = o.Name
	}
	hop := lasting(m.hop(s.node, c.Target.Node))
	v := hop.then(m.request(c.Target.Node, op, node.StepCall)).then(hop).then(m.wire(s, c))
	return m.retried(v, c.Policy)
}

// answer is a request of a client, over all operations.
func (m *model) answer(s source) (all visit, ops []visit) {
	c, e, total := m.spec.Nodes[s.node].Client, either{}, 0.0
	for _, o := range c.Ops {
		total += o.Weight
	}
	for _, o := range c.Ops {
		v := m.ask(s, o)
		ops = append(ops, v)
		e.add(o.Weight/total, v)
	}
	return e.visit(), ops
}

// wire is what the request and its answer take to pass through the network
// interface of the server that the client asks.
func (m *model) wire(s source, c *node.ClientSpec) visit {
	v := nothing()
	for i := range m.places {
		n := m.places[i].node
		if n.Server == nil || n.Server.Network == 0 {
			continue
		}
		mine, all := 0.0, 0.0
		for k := range m.places[i].work {
			row := m.flow.Row(i, k)
			mine += m.flow.Wire(s.node)[row]
			for _, o := range m.sources {
				all += float64(o.rate * m.flow.Wire(o.node)[row])
			}
		}
		if mine == 0 {
			continue
		}
		m.assume(i, "waits for its network are those of M/G/1 for each message")
		parts := moments{}
		for _, law := range []moments{timeOf(c.RequestSize, n.Server.Network/1e9), timeOf(c.ResponseSize, n.Server.Network/1e9)} {
			parts = parts.plus(law)
		}
		busy := all / float64(n.AtStart())
		wait := math.Inf(1)
		if busy < 1 {
			wait = float64(busy*mine) / 2 / (1 - busy)
		}
		one := lasting(parts.plus(waitMoments(float64(2*wait), max(busy, 1e-9))))
		one.exact = false
		v = v.then(one)
	}
	return v
}

func (m *model) client(s source) Client {
	all, ops := m.answer(s)
	c := Client{Node: s.node, Users: s.users, Offered: s.rate, ErrorRatio: 1 - all.ok, Latency: m.timeOf(all), Visits: m.visitsOf(s.node)}
	c.Throughput = float64(s.rate * all.ok)
	for _, v := range ops {
		c.Ops = append(c.Ops, m.timeOf(v))
	}
	return c
}

// timeOf is what a visit lasts, for people.
func (m *model) timeOf(v visit) Time {
	exact := v.exact && m.plain()
	if v.pure && exact {
		v.variance = float64(v.mean * v.mean)
	}
	return Time{
		Mean: v.mean, P50: v.quantile(0.5), P99: v.quantile(0.99),
		Exact: exact, TailExact: exact && (v.pure && v.scv() == 1 || v.mean == 0),
	}
}
