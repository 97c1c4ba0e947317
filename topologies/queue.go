package topologies

import (
	"fmt"
	"slices"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

func (n *nodeConfig) queue() *node.QueueConfig { c, _ := n.config.(*node.QueueConfig); return c }

// queue resolves a [queue.NAME].
func (r *resolver) queue(i int, n *nodeConfig) {
	c := n.queue()
	spec := &node.QueueSpec{
		Type: string(c.Type), Consumer: node.Target{Node: node.None}, Visibility: sim.Time(c.Visibility), MaxDeliveries: c.Most,
		DeadLetter: node.None, Capacity: node.None, Partitions: c.Partitions, Latency: r.timeLaw(c.Latency),
		Volatile: c.Has("durable") && !c.Durable,
	}
	r.spec.Nodes[i].Queue, r.spec.Nodes[i].Zones = spec, r.standsIn(c.Place, c.Zones)
	r.noteTraced(spec.Latency, i, "", c.Latency.At)
	r.rented(i, c.Place, "", c.PricePerHour, c.Discount)
	if c.Has("capacity") {
		spec.Capacity = c.Capacity
		spec.WhenFull = node.WhenFull(max(0, slices.Index(c.WhenFull.Words(), string(c.WhenFull))))
	}
	for _, pair := range [][2]string{{"when_full", "capacity"}, {"dead_letter", "max_deliveries"}} {
		if c.Has(pair[0]) && !c.Has(pair[1]) {
			r.report.Add(c.AtKey(pair[0], "E203", "the key "+pair[1]+" is missing: without it this changes nothing").
				WithHint("for example " + map[string]string{"capacity": "capacity = 10_000", "max_deliveries": "max_deliveries = 5"}[pair[1]]))
		}
	}
	if at, given := r.at(c.Place, "consumer"); given {
		r.consumer(at, spec)
	}
	if at, given := r.at(c.Place, "dead_letter"); given {
		t, ok := r.reference(at, node.Queue)
		switch {
		case !ok:
		case t.Op != "":
			r.report.Add(at.Problem("E502", "a queue has no operations").WithHint("write " + kind.QuoteText(r.spec.Nodes[t.Node].Name)))
		default:
			spec.DeadLetter = t.Node
		}
	}
}

// consumer resolves who deals with the messages.
func (r *resolver) consumer(at kind.Cursor, spec *node.QueueSpec) {
	if t, _ := r.target(at.Value.Text); t.Node != node.None && r.spec.Nodes[t.Node].Kind == node.LoadBalancer {
		r.report.Add(at.Problem("E505", kind.QuoteText(r.spec.Nodes[t.Node].Name)+" is a load balancer; this must be a server").
			See(r.nodes[t.Node].keyPos, "defined here").
			WithHint("consumers fetch their messages themselves, and the queue shares them out: name the server behind the balancer"))
		return
	}
	t, ok := r.reference(at, node.Server)
	if !ok {
		return
	}
	if t.Op == "" {
		t.Op = "request"
	}
	spec.Consumer = t
}

// queues settles what depends on other nodes, when all of them are known: how
// many messages an instance of the consumer holds, and where dead letters end.
func (r *resolver) queues() {
	for i, n := range r.nodes {
		c, spec := n.queue(), r.spec.Nodes[i].Queue
		if c == nil || n.bad || spec.Consumer.Node == node.None {
			continue
		}
		r.demand(c.At("consumer", "", ""), spec.Consumer, spec.Consumer.Op)
		consumer := r.spec.Nodes[spec.Consumer.Node].Server
		switch {
		case c.Has("prefetch") && c.Prefetch == 0:
			spec.Prefetch = node.None
		case c.Has("prefetch"):
			spec.Prefetch = c.Prefetch
		case consumer.Concurrency > 0:
			spec.Prefetch = consumer.Concurrency
		default:
			spec.Prefetch = max(1, consumer.Cores)
		}
		r.deadCircle(i, c)
		r.idleQueue(c, spec, consumer)
	}
}

// deadCircle refuses (E403) dead letters that come back to the queue that they
// left: they would go round for ever.
func (r *resolver) deadCircle(from int, c *node.QueueConfig) {
	if !c.Has("max_deliveries") {
		return
	}
	names := []string{r.spec.Nodes[from].Name}
	at := r.spec.Nodes[from].Queue.DeadLetter
	for range r.spec.Nodes {
		if at == node.None || r.spec.Nodes[at].Queue == nil {
			return
		}
		names = append(names, r.spec.Nodes[at].Name)
		if at == from {
			if slices.Min(names) == names[0] { // once per circle
				r.report.Add(c.At("dead_letter", "E403", "dead letters can never leave: "+shortPath(names)).
					WithHint("let the last of them keep its dead letters: without dead_letter they are counted, and gone"))
			}
			return
		}
		at = r.spec.Nodes[at].Queue.DeadLetter
	}
}

// idleQueue warns of what cannot be used: places that the partitions leave
// empty, and places for which the consumer has no room (W403).
func (r *resolver) idleQueue(c *node.QueueConfig, spec *node.QueueSpec, consumer *node.ServerSpec) {
	name, instances := kind.QuoteText(r.spec.Nodes[spec.Consumer.Node].Name), r.spec.Nodes[spec.Consumer.Node].Most()
	if p := spec.Partitions; p > 0 && p < instances {
		noun := "partitions"
		if p == 1 {
			noun = "partition"
		}
		r.report.Add(c.At("partitions", "W403", fmt.Sprintf("%d %s for %d instances of %s: %d of them never get a message", p, noun, instances, name, instances-p)).
			WithHint(fmt.Sprintf("for example partitions = %d, or fewer instances", instances)))
	}
	if consumer.Backlog == node.None || consumer.Concurrency == 0 {
		return
	}
	if room := consumer.Concurrency + consumer.Backlog; spec.Prefetch == node.None || spec.Prefetch > room {
		key := "prefetch"
		if !c.Has(key) {
			key = "consumer"
		}
		r.report.Add(c.At(key, "W403", fmt.Sprintf("an instance of %s has room for %d, its workers and its backlog: it turns further messages away, and gets none for 100 ms then", name, room)).
			WithHint(fmt.Sprintf("for example prefetch = %d", room)))
	}
}

// publishStep resolves what a step publishes to.
func (r *resolver) publishStep(c *node.StepConfig, s *node.Step) {
	s.Target = r.stepTarget(c, "publish", node.Queue)
	s.Key = r.keyOf(c)
}

// queueEnds lists the operations that what is published to a queue comes to:
// of its consumer, and of those that get its dead letters.
func (r *resolver) queueEnds(at int) []node.Target {
	var out []node.Target
	for range r.spec.Nodes {
		if at == node.None || r.spec.Nodes[at].Queue == nil {
			break
		}
		out = append(out, r.spec.Nodes[at].Queue.Consumer)
		at = r.spec.Nodes[at].Queue.DeadLetter
	}
	return out
}

// publish adds the edges of one publish step: to the consumer, and to those
// who get the dead letters, of which nobody knows how many there are. Nobody
// waits for them, unless the publisher may have to wait for room.
func (g *callGraph) publish(v int, s *node.Step, times float64) {
	at := s.Target.Node
	g.caches[v] = append(g.caches[v], at)
	for k, t := range g.r.queueEnds(at) {
		if k > 0 {
			times = 0
		}
		later := g.r.spec.Nodes[at].Queue.WhenFull != node.FullBlocks
		g.out[v] = append(g.out[v], call{g.vertex(t.Node, t.Op), times, s.ID, 1, at, later})
	}
}

// waiting is the graph of those calls that somebody waits for: without
// messages.
func (g *callGraph) waiting() *callGraph {
	w := *g
	w.out = make([][]call, len(g.out))
	for v := range g.out {
		w.out[v] = slices.DeleteFunc(slices.Clone(g.out[v]), func(c call) bool { return c.later })
	}
	return &w
}

// callKey is the key of a step that sends a request somewhere.
func callKey(p kind.Place) string {
	if p.Has("publish") {
		return "publish"
	}
	return "call"
}
