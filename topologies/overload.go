package topologies

import (
	"fmt"
	"math"
	"strconv"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
)

// overload warns (W406) of servers and caches that are offered more work than their
// cores, their disk or their network can do, or than their workers can be held
// for, at each server's header. People simulate overload on purpose, so that nothing is refused.
func (r *resolver) overload() {
	for i, l := range r.spec.Loads() {
		if c := r.spec.Nodes[i].Cache; c != nil && l.Hottest != nil && l.CPU <= l.Capacity {
			r.overloaded(i, l.Hottest.CPU, 1, fmt.Sprintf("more look-ups come to its busiest instance, %s, than its cores (%d) can do; needs more cores, or more instances if no single item is too hot",
				r.spec.Nodes[i].InstanceName(l.Hottest.Instance), c.Cores))
		} else if c != nil {
			r.overloaded(i, l.CPU, l.Capacity, "more look-ups come than its cores can do; needs ≥ "+r.needed(i, l.CPU, l.Capacity, c.Cores, "cores"))
		}
		if q := r.spec.Nodes[i].Queue; q != nil {
			r.overloaded(i, l.Workers, l.WorkerCapacity, fmt.Sprintf(
				"its consumer may hold fewer messages at a time than come while it works on one: prefetch, or partitions, let it have %.0f; needs ≥ %.0f",
				l.WorkerCapacity, math.Floor(l.Workers*(1+tolerance))+1))
			r.tooSlow(i, q, l.Handling)
		}
		s := r.spec.Nodes[i].Server
		if s == nil {
			continue
		}
		if h := l.Hottest; h != nil {
			r.overloadedShard(i, h)
			continue
		}
		r.overloaded(i, l.CPU, l.Capacity, "more work comes than its cores can do; needs ≥ "+r.needed(i, l.CPU, l.Capacity, s.Cores, "cores"))
		r.overloaded(i, l.Disk, l.DiskCapacity, fmt.Sprintf("more work comes than its disk can do; needs one that is %.3g times as fast, or more instances", l.Disk/l.DiskCapacity))
		r.overloaded(i, l.Network, l.NetworkCapacity, fmt.Sprintf("requests and answers have more bytes than its network can carry; needs one that is %.3g times as fast, or more instances", l.Network/l.NetworkCapacity))
		r.overloaded(i, l.Workers, l.WorkerCapacity,
			"requests hold its workers for longer than there are workers; needs ≥ "+r.needed(i, l.Workers, l.WorkerCapacity, s.Concurrency, "workers"))
		for k, p := range l.Pools {
			r.overloaded(i, p.Asked, p.Capacity, "calls hold the connections to "+kind.QuoteText(r.spec.Nodes[p.To].Name)+
				" for longer than its pool has connections; needs ≥ "+r.needed(i, p.Asked, p.Capacity, s.Pools[k].Size, "connections"))
		}
	}
}

// tooSlow warns (W410) of a queue whose consumer needs longer for a message
// than the queue lets it.
func (r *resolver) tooSlow(i int, q *node.QueueSpec, handling float64) {
	if q.Visibility == 0 || handling <= q.Visibility.Seconds() {
		return
	}
	needs := int64(math.Round(handling*1e6)) * 1000
	r.report.Add(r.nodes[i].queue().At("visibility_timeout", "W410", "its consumer works on a message for "+kind.FormatDuration(needs)+
		" on average: most are delivered again meanwhile").See(r.nodes[q.Consumer.Node].keyPos, "the consumer").
		WithHint("for example visibility_timeout = " + kind.QuoteText(kind.FormatDuration(5*needs))))
}

// overloadedShard warns of a database of whose busiest instance more is asked
// than it can do: other instances cannot help it.
func (r *resolver) overloadedShard(i int, h *node.Hottest) {
	n := &r.spec.Nodes[i]
	name := "its busiest instance"
	if n.Instances > 1 {
		name += ", " + n.InstanceName(h.Instance) + ","
	}
	hint := "a larger one"
	switch {
	case n.Instances > 1 && h.Instance%n.Database.PerShard() > 0:
		hint += ", or more replicas"
	default:
		hint += ", or more shards if no single key is too hot"
	}
	r.overloaded(i, h.CPU, 1, fmt.Sprintf("more work comes to %s than its cores (%d) can do; needs %s", name, n.Server.Cores, hint))
	r.overloaded(i, h.Disk, 1, "more work comes to "+name+" than its disk can do; needs "+hint)
	r.overloaded(i, h.Workers, 1, "requests hold the workers of "+name+" for longer than there are workers; needs "+hint)
}

// needed says how many of something a server needs. each is how much an
// instance has.
func (r *resolver) needed(i int, asked, capacity float64, each int, what string) string {
	has := strconv.Itoa(each)
	if instances := r.spec.Nodes[i].Most(); instances > 1 {
		has = fmt.Sprintf("%.0f: %d instances of %d", capacity, instances, each)
	}
	// At a load of exactly 1 the queue still grows: one more.
	needs := fmt.Sprintf("%.0f", math.Floor(asked*(1+tolerance))+1)
	if asked >= 1e9 {
		needs = fmt.Sprintf("%.3g", asked)
	}
	return fmt.Sprintf("%s %s (has %s)", needs, what, has)
}

// overloaded warns of a server of which more is asked than it has.
func (r *resolver) overloaded(i int, asked, capacity float64, why string) {
	if capacity == 0 || !(asked >= float64(capacity*(1-tolerance))) {
		return // or what it is offered is beyond all numbers
	}
	n, where := r.nodes[i], ""
	if r.spec.Design != "" {
		where = "design " + kind.QuoteText(r.spec.Design) + ": "
	}
	d := n.at.Problem("W406", fmt.Sprintf("%soffered load %.3g: %s", where, asked/capacity, why)).
		WithHint("the run goes on, but its latencies will depend on how long it is")
	d.Pos = n.keyPos
	r.report.Add(d)
}

// manyConnections warns (W409) of databases whose callers' pools may send more
// requests at once than all the instances take that could get them.
func (r *resolver) manyConnections() {
	for i, n := range r.nodes {
		d := r.spec.Nodes[i].Database
		if d == nil || d.Connections == 0 {
			continue
		}
		pooled := 0.0
		for k := range r.spec.Nodes {
			if s := r.spec.Nodes[k].Server; s != nil {
				for _, p := range s.Pools {
					if p.To == i {
						pooled += float64(float64(p.Size) * float64(r.spec.Nodes[k].Most()))
					}
				}
			}
		}
		reach := 0
		for _, op := range r.spec.Nodes[i].Server.Ops {
			reach = max(reach, r.reach(i, op.Name)*d.Shards)
		}
		if taken := float64(reach) * float64(d.Connections); pooled > taken {
			r.report.Add(n.database().AtKey("max_connections", "W409", fmt.Sprintf(
				"the pools of its callers have %.0f connections in all, and it takes %.0f: beyond that it rejects", pooled, taken)).
				WithHint(fmt.Sprintf("max_connections = %.0f, or smaller pools", math.Ceil(pooled/float64(reach)))))
		}
	}
}
