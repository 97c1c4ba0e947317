package node

import (
	"fmt"
	"math"
	"slices"

	"github.com/capsim/capsim/models/dist"
)

// A Faster is a specification in which one resource of one node is so many
// percent better than in another, and nothing else differs: the same customers
// bring the same work.
type Faster struct {
	Spec     *Spec
	Node     string // "network" for the time between instances
	Resource string // as in the result where it is one: "cpu", "workers", "pool.orders"
	Change   string // what is different, for people
}

// Fasters are all ways to make one resource of a topology better by so many
// percent: what takes time takes 1/(1+p) of it, limits of rates and sizes are
// 1+p times as high, counts are rounded up. They are ordered by node.
func (s *Spec) Fasters(percent int) []Faster {
	f := &fasters{spec: s, percent: percent, by: 1 + float64(percent)/100}
	for i := range s.Nodes {
		n := &s.Nodes[i]
		switch {
		case n.Server != nil:
			f.server(i)
		case n.Balancer != nil:
			f.balancer(i)
		case n.External != nil:
			f.law(i, "latency", n.External.Latency, func(n *Node, l dist.Law) { n.External = with(n.External, func(e *ExternalSpec) { e.Latency = l }) })
		case n.Cache != nil:
			f.cache(i)
		case n.CDN != nil:
			f.cdn(i)
		case n.Queue != nil:
			f.law(i, "latency", n.Queue.Latency, func(n *Node, l dist.Law) { n.Queue = with(n.Queue, func(q *QueueSpec) { q.Latency = l }) })
		}
	}
	f.network()
	return f.out
}

type fasters struct {
	spec    *Spec
	percent int
	by      float64
	out     []Faster
}

// with is a changed copy.
func with[T any](old *T, change func(*T)) *T {
	c := *old
	change(&c)
	return &c
}

// add notes a way: change gets a copy of the node.
func (f *fasters) add(at int, resource, what string, change func(n *Node)) {
	c := *f.spec
	c.Nodes = slices.Clone(f.spec.Nodes)
	change(&c.Nodes[at])
	f.out = append(f.out, Faster{Spec: &c, Node: f.spec.Nodes[at].Name, Resource: resource, Change: what})
}

// shorter is what is said of times, and higher of limits.
func (f *fasters) shorter(what string) string { return fmt.Sprintf("%s ÷ %.4g", what, f.by) }
func (f *fasters) higher(what string) string  { return fmt.Sprintf("%s × %.4g", what, f.by) }

// more is a count that is so many percent larger, rounded up.
func (f *fasters) more(n int) int { return n + (n*f.percent+99)/100 }

func (f *fasters) counted(what string, n int) string {
	return fmt.Sprintf("%s %d → %d", what, n, f.more(n))
}

// law notes that a time of a node is shorter, if there is any.
func (f *fasters) law(at int, resource string, law dist.Law, set func(n *Node, l dist.Law)) {
	if takesTime(law) {
		f.add(at, resource, f.shorter("its "+resource), func(n *Node) { set(n, dist.Scale(law, 1/f.by)) })
	}
}

func takesTime(law dist.Law) bool {
	if law == nil {
		return false
	}
	value, constant := dist.Constancy(law)
	return !constant || value > 0
}

// machine notes a change of all machines of a server, those of deploys too.
func (f *fasters) machine(at int, resource, what string, change func(s *ServerSpec)) {
	f.add(at, resource, what, func(n *Node) { n.reform(change) })
}

func (n *Node) reform(change func(s *ServerSpec)) {
	n.Server = with(n.Server, change)
	n.Machines = slices.Clone(n.Machines)
	for k := range n.Machines {
		n.Machines[k] = with(n.Machines[k], change)
	}
}

// server notes what a server, or a database, has that could be better.
func (f *fasters) server(at int) {
	n := &f.spec.Nodes[at]
	s := n.Server
	applies := n.Database != nil && n.Database.Replicas > 0 && takesTime(n.Database.Replication.Apply)
	if s.hasStep(StepCPU) || applies {
		f.add(at, "cpu", f.shorter("time on its cores"), func(n *Node) {
			n.reform(func(s *ServerSpec) { s.Ops = quicker(s.Ops, StepCPU, 1/f.by) })
			if applies {
				n.Database = with(n.Database, func(d *DatabaseSpec) { d.Replication.Apply = dist.Scale(d.Replication.Apply, 1/f.by) })
			}
		})
	}
	if s.HasDisk() {
		f.machine(at, "disk", f.shorter("time on its disk"), func(s *ServerSpec) {
			s.Ops = quicker(s.Ops, StepDisk, 1/f.by)
			s.Disk.Ops, s.Disk.Bandwidth = s.Disk.Ops*f.by, s.Disk.Bandwidth*f.by
		})
	}
	if s.hasStep(StepWait) {
		f.machine(at, "wait", f.shorter("its waits"), func(s *ServerSpec) { s.Ops = quicker(s.Ops, StepWait, 1/f.by) })
	}
	if limited := func(m *ServerSpec) bool { return m.Network > 0 }; limited(s) || slices.ContainsFunc(n.Machines, limited) {
		f.machine(at, "network", f.higher("its bandwidth"), func(s *ServerSpec) { s.Network *= f.by })
	}
	if s.Concurrency > 0 {
		f.workers(at)
	}
	for k := range s.Pools {
		p := &s.Pools[k]
		f.machine(at, "pool."+f.spec.Nodes[p.To].Name, f.counted("connections", p.Size), func(s *ServerSpec) {
			s.Pools = slices.Clone(s.Pools)
			s.Pools[k].Size = f.more(s.Pools[k].Size)
		})
	}
	f.limits(at)
	if d := n.Database; d != nil {
		f.database(at, d)
	}
}

// workers notes more of them, and that as many more messages may be held by
// each that consumes a queue.
func (f *fasters) workers(at int) {
	n := &f.spec.Nodes[at]
	f.machine(at, "workers", f.counted("workers", n.Server.Concurrency), func(s *ServerSpec) { s.Concurrency = f.more(s.Concurrency) })
	nodes := f.out[len(f.out)-1].Spec.Nodes
	for i := range nodes {
		if q := nodes[i].Queue; q != nil && q.Consumer.Node == at && q.Prefetch != None {
			nodes[i].Queue = with(q, func(q *QueueSpec) { q.Prefetch = f.more(q.Prefetch) })
		}
	}
}

// limits notes what keeps requests out of a server, or makes it stand still.
func (f *fasters) limits(at int) {
	s := f.spec.Nodes[at].Server
	if r := s.RateLimit; r != nil && r.Tokens <= math.MaxUint64/200 && r.Per <= math.MaxUint64/200 {
		f.machine(at, "rate_limit", f.higher("its rate limit"), func(s *ServerSpec) {
			s.RateLimit = with(s.RateLimit, func(r *RateLimit) {
				r.Tokens, r.Per, r.PerSecond = r.Tokens*uint64(100+f.percent), r.Per*100, r.PerSecond*f.by
			})
		})
	}
	if s.Memory > 0 && (s.MemoryPerRequest != nil || s.LeakPerRequest != nil || s.hasStep(StepMemory)) {
		f.machine(at, "memory", f.higher("its memory"), func(s *ServerSpec) { s.Memory = uint64(float64(s.Memory) * f.by) })
	}
	if s.Collector != nil {
		f.machine(at, "gc", f.shorter("its pauses for garbage"), func(s *ServerSpec) {
			s.Collector = with(s.Collector, func(c *CollectorSpec) { c.Pause = dist.Scale(c.Pause, 1/f.by) })
		})
	}
}

func (f *fasters) database(at int, d *DatabaseSpec) {
	set := func(change func(d *DatabaseSpec)) func(n *Node) {
		return func(n *Node) { n.Database = with(n.Database, change) }
	}
	if d.Connections > 0 {
		f.add(at, "connections", f.counted("connections", d.Connections), set(func(d *DatabaseSpec) { d.Connections = f.more(d.Connections) }))
	}
	if takesTime(d.Connect) {
		f.add(at, "connect", f.shorter("time to connect"), set(func(d *DatabaseSpec) { d.Connect = dist.Scale(d.Connect, 1/f.by) }))
	}
	if d.Replicas > 0 && takesTime(d.Replication.Lag) {
		f.add(at, "replication", f.shorter("its lag"), set(func(d *DatabaseSpec) { d.Replication.Lag = dist.Scale(d.Replication.Lag, 1/f.by) }))
	}
}

func (f *fasters) balancer(at int) {
	b := f.spec.Nodes[at].Balancer
	set := func(change func(b *BalancerSpec)) func(n *Node) {
		return func(n *Node) { n.Balancer = with(n.Balancer, change) }
	}
	f.law(at, "overhead", b.Overhead, func(n *Node, l dist.Law) { set(func(b *BalancerSpec) { b.Overhead = l })(n) })
	if b.Connections > 0 {
		f.add(at, "connections", f.counted("connections", b.Connections), set(func(b *BalancerSpec) { b.Connections = f.more(b.Connections) }))
	}
	if b.PerTarget > 0 {
		f.add(at, "connections per target", f.counted("connections per target", b.PerTarget), set(func(b *BalancerSpec) { b.PerTarget = f.more(b.PerTarget) }))
	}
}

// fewer is a hit ratio that leaves 1/(1+p) of the misses.
func (f *fasters) fewer(hits float64) float64 { return 1 - (1-hits)/f.by }

func (f *fasters) cache(at int) {
	c := f.spec.Nodes[at].Cache
	set := func(change func(c *CacheSpec)) func(n *Node) {
		return func(n *Node) { n.Cache = with(n.Cache, change) }
	}
	resource := "latency"
	if c.Cores > 0 {
		resource = "cpu"
	}
	if takesTime(c.Latency) {
		f.add(at, resource, f.shorter("its latency"), set(func(c *CacheSpec) { c.Latency = dist.Scale(c.Latency, 1/f.by) }))
	}
	switch {
	case !c.Emergent() && c.HitRatio < 1:
		f.add(at, "misses", f.shorter("its misses"), set(func(c *CacheSpec) { c.HitRatio = f.fewer(c.HitRatio) }))
	case c.Emergent() && c.Capacity > 0:
		f.add(at, "capacity", f.higher("its capacity"), set(func(c *CacheSpec) { c.Capacity = f.larger(c.Capacity) }))
	}
}

func (f *fasters) cdn(at int) {
	c := f.spec.Nodes[at].CDN
	set := func(change func(c *CDNSpec)) func(n *Node) {
		return func(n *Node) { n.CDN = with(n.CDN, change) }
	}
	f.law(at, "latency", c.Latency, func(n *Node, l dist.Law) { set(func(c *CDNSpec) { c.Latency = l })(n) })
	switch {
	case !c.Emergent() && c.HitRatio < 1:
		f.add(at, "misses", f.shorter("its misses"), set(func(c *CDNSpec) { c.HitRatio = f.fewer(c.HitRatio) }))
	case c.Emergent() && c.Capacity > 0:
		f.add(at, "capacity", f.higher("its capacity"), set(func(c *CDNSpec) { c.Capacity = f.larger(c.Capacity) }))
	}
}

// larger is a size that is so many percent larger, at least one.
func (f *fasters) larger(size uint64) uint64 {
	return max(size+1, uint64(math.Min(float64(size)*f.by, 1<<62)))
}

// network notes each kind of way between instances.
func (f *fasters) network() {
	old := f.spec.Network
	if old == nil {
		return
	}
	way := func(name string, law dist.Law, set func(n *NetworkSpec, l dist.Law)) {
		if !takesTime(law) {
			return
		}
		c := *f.spec
		c.Network = with(old, func(n *NetworkSpec) { set(n, dist.Scale(law, 1/f.by)) })
		f.out = append(f.out, Faster{Spec: &c, Node: "network", Resource: name, Change: f.shorter("time of messages")})
	}
	way("same_zone", old.SameZone, func(n *NetworkSpec, l dist.Law) { n.SameZone = l })
	way("cross_zone", old.CrossZone, func(n *NetworkSpec, l dist.Law) { n.CrossZone = l })
	way("internet", old.Internet, func(n *NetworkSpec, l dist.Law) { n.Internet = l })
	for k := range old.Between {
		z := &old.Between[k]
		way(f.spec.Zones[z.A]+" to "+f.spec.Zones[z.B], z.Delay, func(n *NetworkSpec, l dist.Law) {
			n.Between = slices.Clone(n.Between)
			n.Between[k].Delay = l
		})
	}
}

// quicker are operations of which the steps of a kind take so many times as
// long.
func quicker(ops []Operation, what StepKind, by float64) []Operation {
	ops = slices.Clone(ops)
	for i := range ops {
		ops[i].Steps = quickerSteps(ops[i].Steps, what, by)
	}
	return ops
}

func quickerSteps(steps []Step, what StepKind, by float64) []Step {
	steps = slices.Clone(steps)
	for i := range steps {
		s := &steps[i]
		if s.Kind == what {
			s.Time = dist.Scale(s.Time, by)
		}
		s.Branches = slices.Clone(s.Branches)
		for k := range s.Branches {
			s.Branches[k] = quickerSteps(s.Branches[k], what, by)
		}
		s.Fallback = quickerSteps(s.Fallback, what, by)
	}
	return steps
}
