package topologies

import (
	"cmp"
	"slices"
	"strings"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// admission resolves what a server lets in, and what its requests hold.
func (r *resolver) admission(i int, c *node.ServerConfig, spec *node.ServerSpec) {
	spec.RateLimit = c.RateLimit.Limit
	if c.Shed != nil {
		spec.Shed = sim.Time(c.Shed.Delay)
		if !c.Has("concurrency") {
			r.report.Add(c.AtKey("shed", "E203", "the key concurrency is missing: without a limit on workers nobody waits for one").
				WithHint("for example concurrency = 64"))
		}
	}
	for k := range c.Pool {
		r.pool(i, &c.Pool[k], spec)
	}
	slices.SortFunc(spec.Pools, func(a, b node.Pool) int { return cmp.Compare(a.To, b.To) })
}

// memory resolves what requests hold of an instance.
func (r *resolver) memory(i int, c host, spec *node.ServerSpec) {
	spec.Memory, spec.MemoryBase = c.Memory.N, c.MemoryBase.N
	if c.Memory.Given && c.Memory.N == 0 {
		r.report.Add(c.At("memory", "E302", "must be more than 0B, got "+kind.QuoteText(c.Memory.Text)))
	}
	if c.Memory.Given && c.MemoryBase.N > c.Memory.N {
		r.report.Add(c.At("memory_base", "E302", "must be at most the memory of an instance, "+kind.FormatSize(int64(c.Memory.N))+", got "+kind.QuoteText(c.MemoryBase.Text)).
			See(c.KeyPos("memory"), "memory"))
	}
	spec.MemoryPerRequest = r.law(c.MemoryEach.At, dist.Size)
	r.noteTraced(spec.MemoryPerRequest, i, "", c.MemoryEach.At)
	spec.LeakPerRequest, spec.Boot = r.law(c.Leak.At, dist.Size), sim.Time(c.Boot)
	r.noteTraced(spec.LeakPerRequest, i, "", c.Leak.At)
	if c.GC != nil {
		spec.Collector = r.collector(i, c.GC)
	}
}

// collector resolves the garbage collector of a server.
func (r *resolver) collector(i int, c *node.GCConfig) *node.CollectorSpec {
	const example = `for example gc = { every_allocated = "64MiB", allocates = "200kB", pause = "3ms" }`
	switch {
	case c.Has("every") && c.Has("every_allocated"):
		r.report.Add(c.AtKey("every", "E207", "every_allocated says when there is a pause").See(c.KeyPos("every_allocated"), "every_allocated").
			WithHint("keep one of them"))
	case !c.Has("every") && !c.Has("every_allocated"):
		r.report.Add(c.Whole("E203", "a collector needs every_allocated or every: when there is a pause is not known").WithHint(example))
	case c.Has("every_allocated") && !c.Has("allocates"):
		r.report.Add(c.AtKey("every_allocated", "E203", "the key allocates is missing: how much each request allocates is not known").WithHint(example))
	case c.Has("allocates") && !c.Has("every_allocated"):
		r.report.Add(c.AtKey("allocates", "E203", "the key every_allocated is missing: with every, pauses do not depend on what is allocated").WithHint(example))
	case c.EveryAllocated.Given && c.EveryAllocated.N == 0:
		r.report.Add(c.At("every_allocated", "E302", "must be more than 0B, got "+kind.QuoteText(c.EveryAllocated.Text)))
	}
	s := &node.CollectorSpec{
		Every: sim.Time(c.Every), Threshold: c.EveryAllocated.N,
		Allocates: r.law(c.Allocates.At, dist.Size), Pause: r.timeLaw(c.Pause),
	}
	r.noteTraced(s.Allocates, i, "", c.Allocates.At)
	r.noTrace(s.Pause, c.Pause.At, "a pause is of an instance, not of a request")
	return s
}

// pool resolves pool.NODE of a server.
func (r *resolver) pool(i int, c *node.PoolConfig, spec *node.ServerSpec) {
	problem := func(code, message, hint string) *kind.Diagnostic {
		d := c.At.Problem(code, message).WithHint(hint)
		d.Pos = c.KeyPosition
		return &d
	}
	t, d := r.target(c.Name)
	switch {
	case d != nil && d.Code == "":
		return
	case d != nil:
		at := problem(d.Code, d.Message, d.Hint)
		at.Related = d.Related
		r.report.Add(*at)
		return
	case t.Op != "":
		name := kind.QuoteText(r.spec.Nodes[t.Node].Name)
		r.report.Add(*problem("E505", "connections lead to a node, not to an operation of it", "write pool."+name))
		return
	case r.spec.Nodes[t.Node].Kind == node.Client:
		r.report.Add(problem("E505", kind.QuoteText(c.Name)+" is a client: nothing calls it", "").See(r.nodes[t.Node].keyPos, "defined here"))
		return
	}
	p := node.Pool{To: t.Node, Size: c.Size, AcquireTimeout: r.timeLaw(c.AcquireTimeout), Connect: r.timeLaw(c.Connect)}
	r.noteTraced(p.AcquireTimeout, i, "", c.AcquireTimeout.At)
	r.noteTraced(p.Connect, i, "", c.Connect.At)
	spec.Pools = append(spec.Pools, p)
}

// idleAdmission warns (W403) of keys of a server that change nothing.
func (r *resolver) idleAdmission(i int, c *node.ServerConfig) {
	spec := r.spec.Nodes[i].Server
	called := map[int]bool{}
	for _, op := range spec.Ops {
		r.eachStep(op.Steps, func(s *node.Step) {
			if s.Calls() {
				called[s.Target.Node] = true
			}
		})
	}
	for k := range c.Pool {
		p := &c.Pool[k]
		if at, ok := r.index[p.Name]; ok && !called[at] {
			d := p.At.Problem("W403", "nothing that "+kind.QuoteText(r.spec.Nodes[i].Name)+" does calls "+kind.QuoteText(p.Name)+": the pool changes nothing").
				WithHint("for example { call = " + kind.QuoteText(p.Name) + " }")
			if len(r.throughBalancers(called, at)) > 0 {
				d = d.WithHint("calls through a balancer go over a pool of the balancer")
			}
			d.Pos = p.KeyPosition
			r.report.Add(d)
		}
	}
	if c.Shed != nil && c.Has("backlog") && c.Backlog == 0 {
		r.report.Add(c.AtKey("shed", "W403", "with backlog = 0 nobody waits for a worker: nothing is ever shed").See(c.KeyPos("backlog"), "backlog"))
	}
}

// idleMemory warns (W403) of memory that nothing uses.
func (r *resolver) idleMemory(i int, c host) {
	if c.Memory.Given && c.Type == "" && !r.spec.Nodes[i].Server.UsesMemory() {
		r.report.Add(c.AtKey("memory", "W403", "nothing uses memory: how much there is changes nothing").
			WithHint(`for example memory_per_request = "20MB"`))
	}
	if c.Has("boot") && !r.spec.Nodes[i].MayFill() {
		r.report.Add(c.AtKey("boot", "W403", "no instance can run out of memory: how long its restart takes changes nothing").
			WithHint(`for example memory = "2GB" and leak_per_request = "20kB"`))
	}
}

// throughBalancers lists the called balancers behind which a node stands.
func (r *resolver) throughBalancers(called map[int]bool, at int) []int {
	var out []int
	for i := range r.spec.Nodes {
		if called[i] && r.spec.Nodes[i].Kind == node.LoadBalancer && slices.ContainsFunc(r.servers(i, ""), func(e endpoint) bool { return e.server == at }) {
			out = append(out, i)
		}
	}
	return out
}

// turnsAway names the key by which a server rejects some of a client's users
// although there may be room, if it has one.
func (r *resolver) turnsAway(at int, c *node.ClientSpec) string {
	n := &r.spec.Nodes[at]
	switch {
	case n.Server.RateLimit != nil:
		return "rate_limit"
	case n.Server.Shed > 0 && c.Closed.Initial > n.Fewest()*(n.Server.Concurrency+1):
		return "shed" // with one who waits for each instance, nobody is left to come meanwhile
	}
	return ""
}

// connection is a pool of a server, for the search for deadlocks.
type connection struct{ server, to int }

// poolDeadlocks warns (W405) of connections that are held by calls which,
// somewhere behind them, wait for connections that are held in the same way:
// when all are taken, nothing moves. An acquire_timeout ends such a wait.
func (r *resolver) poolDeadlocks(g *callGraph, reached []bool) {
	number := map[connection]int{}
	var all []connection
	for i := range r.spec.Nodes {
		if s := r.spec.Nodes[i].Server; s != nil {
			for _, p := range s.Pools {
				if p.AcquireTimeout == nil {
					number[connection{i, p.To}] = len(all)
					all = append(all, connection{i, p.To})
				}
			}
		}
	}
	if len(all) == 0 {
		return
	}
	held := make([][]call, len(all))
	takes := make([][]int, len(g.node)) // pools that a vertex takes connections of
	for v := range g.node {
		for _, c := range g.out[v] {
			if k, ok := number[connection{g.node[v], c.target}]; ok && reached[v] {
				held[k], takes[v] = append(held[k], c), append(takes[v], k)
			}
		}
	}
	_, rings := components(len(all), func(k int, visit func(int)) {
		starts := make([]int, len(held[k]))
		for i, c := range held[k] {
			starts[i] = c.to
		}
		for v, behind := range g.from(starts) {
			if behind {
				for _, other := range takes[v] {
					visit(other)
				}
			}
		}
	})
	for _, ring := range rings {
		slices.Sort(ring)
		r.poolDeadlock(all, ring, held[ring[0]][0].step)
	}
}

// poolDeadlock warns of pools whose connections wait for each other.
func (r *resolver) poolDeadlock(all []connection, ring []int, step uint64) {
	names := make([]string, len(ring))
	for k, at := range ring {
		names[k] = kind.Cut(r.spec.Nodes[all[at].server].Name) + " to " + kind.Cut(r.spec.Nodes[all[at].to].Name)
	}
	what := "connections from " + strings.Join(names, " and from ") + " can all be waiting for each other"
	if len(ring) == 1 {
		what = "all connections from " + names[0] + " can be held by calls that wait for another one"
	}
	r.report.Add(r.places[step].At(callKey(r.places[step]), "W405", "can deadlock: "+what).
		WithHint("a connection is held until its call is answered; give the pool an acquire_timeout, or do not call back"))
}
