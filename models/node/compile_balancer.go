package node

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/sim"
)

// balancer compiles a balancer: for each of its ways what passes a request
// on, and for each instance what it chooses among.
func (b *builder) balancer(at uint32) {
	s, nd := b.spec.Nodes[at].Balancer, &b.nodes[at]
	own := b.relay(at)
	var anyWay uint32
	for way := range s.Ways() {
		begin := b.pc()
		if s.Overhead != nil {
			b.emit(instr{op: opWait, time: b.timed(s.Overhead, sim.HashName(b.spec.Nodes[at].Name, "overhead"), at, 1)})
		}
		in := instr{op: opForward}
		if own != nil {
			in = b.call(at, opForward, Target{}, s.Attempts, sim.HashName(b.spec.Nodes[at].Name, "attempt"))
			in.relay = own
		}
		in.way = uint32(way)
		b.emit(in)
		if way == 0 {
			anyWay = begin
			continue
		}
		for _, op := range s.Routes[way-1].Ops {
			nd.entries = append(nd.entries, entry{op: uint32(b.op(op)), pc: begin})
		}
	}
	nd.entries = append(nd.entries, entry{op: anyOp, pc: anyWay}) // behind the routes: the first that fits is taken
	for k := range nd.count {
		b.insts[nd.first+k].balancer = b.chooser(at, int(k))
	}
}

// relay prepares what a balancer does besides choosing, nil for nothing.
func (b *builder) relay(at uint32) *relay {
	s := b.spec.Nodes[at].Balancer
	p := &s.Attempts
	if s.Sticky == nil && s.PerTarget == 0 && s.SlowStart == 0 && p.Timeout == 0 && p.Retries == 0 {
		return nil
	}
	return &relay{
		queue: s.Queue, sticky: s.Sticky,
		queueTimeout: b.timeout(s.QueueTimeout, sim.HashName(b.spec.Nodes[at].Name, "queue_timeout"), at),
	}
}

// chooser returns instance k of a balancer.
func (b *builder) chooser(at uint32, k int) *balancer {
	s := b.spec.Nodes[at].Balancer
	purpose := "policy"
	if k > 0 {
		purpose = fmt.Sprintf("policy[%d]", k)
	}
	one := &balancer{inst: b.nodes[at].first + uint32(k), stream: sim.Named(b.spec.Run.Seed, b.replication, b.spec.Nodes[at].Name, purpose)}
	for k, targets := range s.Ways() {
		w := way{insts: b.instancesOf(targets...)}
		options := b.options(targets)
		options.Choices, options.VirtualNodes, options.LoadFactor = s.Choices, s.VirtualNodes, s.LoadFactor
		if s.Weights != nil && k == 0 {
			options.Weights = b.perInstance(targets, s.Weights)
		}
		if s.SlowStart > 0 {
			if options.Weights == nil {
				options.Weights = evenWeights(len(w.insts))
			}
			w.ramp = &ramp{over: s.SlowStart, full: slices.Clone(options.Weights), since: make([]sim.Time, len(w.insts))}
		}
		w.group = balance.NewGroup(s.Policy, options)
		if s.PerTarget > 0 {
			w.conns = newConnections(s.PerTarget, len(w.insts), b.nodes[at].conns)
		}
		if s.Sticky != nil {
			w.bound = newBindings(s.Sticky.TTL)
		}
		one.ways = append(one.ways, w)
	}
	return one
}

// options are what a policy must know of the instances of nodes.
func (b *builder) options(targets []int) balance.Options {
	var o balance.Options
	for _, t := range targets {
		name := sim.HashName(b.spec.Nodes[t].Name)
		for k := range b.nodes[t].count {
			o.Names = append(o.Names, sim.Mix(name, uint64(k)))
		}
	}
	o.Instances = len(o.Names)
	return o
}

// perInstance gives each instance of the nodes the weight of its node.
func (b *builder) perInstance(targets []int, weights []float64) []float64 {
	var out []float64
	for i, t := range targets {
		for range b.nodes[t].count {
			out = append(out, weights[i])
		}
	}
	return out
}

// instancesOf lists the instances of nodes. One that is compiled later
// already has its instances.
func (b *builder) instancesOf(nodes ...int) []uint32 {
	var insts []uint32
	for _, t := range nodes {
		nd := &b.nodes[t]
		for k := range nd.count {
			insts = append(insts, nd.first+k)
		}
	}
	return insts
}

func evenWeights(n int) []float64 {
	w := make([]float64, n)
	for i := range w {
		w[i] = 1
	}
	return w
}

// shared gives those who call a server directly its policy, if it has one, or
// if not all of its instances are always there.
func (b *builder) shared(at uint32) {
	s, nd := &b.spec.Nodes[at], &b.nodes[at]
	if s.Server.Balance == "" && !s.Changing() {
		return
	}
	w := way{insts: b.instancesOf(int(at))}
	w.group = balance.NewGroup(cmp.Or(s.Server.Balance, "round-robin"), b.options([]int{int(at)}))
	nd.shared = &balancer{inst: none, ways: []way{w}, stream: sim.Named(b.spec.Run.Seed, b.replication, s.Name, "balance")}
}
