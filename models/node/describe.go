package node

import (
	"fmt"
	"slices"
	"strings"

	"github.com/capsim/capsim/models/kind"
)

// String returns the kind's name in the language.
func (k Kind) String() string {
	return [...]string{"client", "load_balancer", "server", "cache", "external", "cdn", "database", "queue"}[k]
}

// InstanceName is how instance i of the node is called: app[0], or
// orders.replica[1] of a database, edge.pop[0] of a CDN.
func (n *Node) InstanceName(i int) string {
	switch {
	case n.Database != nil:
		return n.Database.instanceName(n.Name, i)
	case n.CDN != nil && n.CDN.Shields != None:
		return n.Name
	case n.CDN != nil:
		return fmt.Sprintf("%s.pop[%d]", n.Name, i)
	}
	return fmt.Sprintf("%s[%d]", n.Name, i)
}

// Detail describes a node in a line for people.
func (n *Node) Detail() string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	switch n.Kind {
	case Client:
		if n.Client.Closed != nil {
			add("%d %s", n.Client.Closed.Initial, plural(n.Client.Closed.Initial, "user"))
		} else {
			add("open traffic")
		}
		if t := n.Client.Policy.Timeout; t > 0 {
			add("time-out %.4g s", t.Seconds())
		}
		if r := n.Client.Policy.Retries; r == 1 {
			add("1 retry")
		} else if r > 1 {
			add("%d retries", r)
		}
	case LoadBalancer:
		if n.Balancer.Type != "" {
			add("%s", n.Balancer.Type)
		}
		add("%s", n.Balancer.Policy)
	case Server, Database:
		n.machineDetail(add)
	case External:
		if p := n.External.ErrorRatio; p > 0 {
			add("%.4g %% errors", p*100)
		}
	case CDN:
		n.CDN.detail(n.Instances, add)
	case Queue:
		n.Queue.detail(add)
	case Cache:
		n.Cache.detail(add)
	}
	return strings.Join(parts, ", ")
}

// machineDetail describes the instances of a server or a database.
func (n *Node) machineDetail(add func(format string, args ...any)) {
	if d := n.Database; d != nil {
		if d.Shards > 1 {
			add("%d shards by %s", d.Shards, d.By)
		}
		if d.Replicas > 0 {
			add("%d %s each", d.Replicas, plural(d.Replicas, "replica"))
		}
	}
	if n.Server.Type != "" {
		add("%s", n.Server.Type)
	}
	add("%d %s", n.Server.Cores, plural(n.Server.Cores, "core"))
	if n.Server.Speed != 1 {
		add("speed %.4g", n.Server.Speed)
	}
	if n.Server.Scaling != (Scaling{}) {
		add("which do the work of %.3g", float64(n.Server.Cores)*n.Server.CoreSpeed()/n.Server.Speed)
	}
	if a := n.Server.Autoscale; a != nil {
		add("%d to %d instances by %s", a.Min, a.Max, a.Text)
	}
	if n.Server.Scheduling != FCFS {
		add("%s", n.Server.Scheduling)
	}
	if n.Server.Concurrency > 0 {
		add("%d %s", n.Server.Concurrency, plural(n.Server.Concurrency, "worker"))
	}
	if n.Server.Backlog >= 0 {
		add("backlog %d", n.Server.Backlog)
	}
	if c := n.Server.Collector; c != nil && c.Every > 0 {
		add("garbage every %s", kind.FormatDuration(int64(c.Every)))
	} else if c != nil {
		add("garbage every %s", kind.FormatSize(int64(c.Threshold)))
	}
	if d := n.Database; d != nil && d.Connections > 0 {
		add("%d connections", d.Connections)
	}
}

// detail describes a cache.
func (s *CacheSpec) detail(add func(format string, args ...any)) {
	if s.Type != "" {
		add("%s", s.Type)
	}
	switch {
	case !s.Emergent():
		add("hit ratio %.4g %%", s.HitRatio*100)
	case s.Capacity == 0:
		add("unlimited")
	case s.Size != nil:
		add("%s, %s", kind.FormatSize(int64(s.Capacity)), s.Policy)
	default:
		add("%d %s, %s", s.Capacity, plural(int(s.Capacity), "object"), s.Policy)
	}
	if s.TTL > 0 {
		add("for %s", kind.FormatDuration(int64(s.TTL)))
	}
	if s.Cores > 0 {
		add("%d %s", s.Cores, plural(s.Cores, "core"))
	}
}

// Origin is what a node asks for what it does not have itself, nil if it
// asks nobody. Without an operation it passes on the one that it was asked for.
func (n *Node) Origin() *Target {
	switch {
	case n.Cache != nil:
		return n.Cache.Origin
	case n.CDN != nil && n.CDN.Origin.Node != None:
		return &n.CDN.Origin
	}
	return nil
}

// Misses is the share of the requests for an operation that a node does not
// have the answer to. It is not known beforehand what a cache will find: then
// it is 0, the least that it may be.
func (n *Node) Misses(op string) (share float64, known bool) {
	if n.CDN != nil {
		return n.CDN.misses(op)
	}
	if n.Cache.Emergent() {
		return 0, false
	}
	return 1 - n.Cache.HitRatio, true
}

// PassesOn reports whether requests for a node may go on to others as they
// are: through a balancer, or to an origin.
func (n *Node) PassesOn() bool { return n.Balancer != nil || n.Origin() != nil }

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

// Targets returns what a node sends requests to, each once, in the order of
// node and operation.
func (n *Node) Targets() []Target {
	var out []Target
	switch n.Kind {
	case Client:
		out = append(out, n.Client.Target)
	case LoadBalancer:
		for _, t := range n.Balancer.Targets {
			out = append(out, Target{Node: t})
		}
		for _, r := range n.Balancer.Routes {
			for _, op := range r.Ops {
				out = append(out, Target{r.To, op})
			}
		}
	case Queue:
		out = append(out, n.Queue.Consumer)
		if n.Queue.DeadLetter != None {
			out = append(out, Target{Node: n.Queue.DeadLetter})
		}
	case Server, Database:
		for _, op := range n.Server.Ops {
			out = appendTargets(out, op.Steps)
		}
	}
	if o := n.Origin(); o != nil {
		out = append(out, *o)
	}
	slices.SortFunc(out, func(a, b Target) int {
		if a.Node != b.Node {
			return a.Node - b.Node
		}
		return strings.Compare(a.Op, b.Op)
	})
	return slices.Compact(out)
}

func appendTargets(out []Target, steps []Step) []Target {
	for i := range steps {
		s := &steps[i]
		if s.Calls() {
			out = append(out, s.Target)
		}
		for _, branch := range s.Branches {
			out = appendTargets(out, branch)
		}
		out = appendTargets(out, s.Fallback)
	}
	return out
}
