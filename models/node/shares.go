package node

import (
	"math"
	"slices"

	"github.com/capsim/capsim/models/balance"
)

// split is how balancers are taken to share their requests out among unlike
// targets where the policy does not say.
type split uint8

// By instances; in proportion to what each target can bear, so that none is
// overloaded unless all are; and, what is hashed, more to the later ones.
const (
	evenly split = iota
	byCapacity
	unevenly
)

// toShare is a balancer, and the operation of the requests.
type toShare struct {
	balancer int
	op       string
}

// share is how many of a balancer's requests come to a node.
type share struct {
	node int
	part float64
}

// targets yields what a balancer chooses among, and how much each gets.
func (t *traffic) targets(of toShare) func(yield func(target int, part float64) bool) {
	b := t.spec.Nodes[of.balancer].Balancer
	targets := b.Ways()[b.Way(of.op)]
	parts := t.parts(of)
	total := sum(parts)
	return func(yield func(int, float64) bool) {
		for i, target := range targets {
			if !yield(target, parts[i]/total) {
				return
			}
		}
	}
}

// parts is how much each target gets in proportion to the others.
func (t *traffic) parts(of toShare) []float64 {
	b := t.spec.Nodes[of.balancer].Balancer
	way := b.Way(of.op)
	targets := b.Ways()[way]
	parts := make([]float64, len(targets))
	for i, target := range targets {
		parts[i] = float64(max(1, t.spec.Nodes[target].Instances))
		if b.Weights != nil && way == 0 {
			parts[i] *= b.Weights[i]
		}
	}
	row, _ := balance.Lookup(b.Policy)
	if row.Fixed || len(parts) == 1 {
		return parts
	}
	t.guessed = true
	switch {
	case t.split == evenly:
	case t.split == unevenly && row.Hashes != balance.HashesNothing:
		for i := range parts {
			parts[i] *= float64(i + 1)
		}
	default:
		if bearable := t.bearable(targets, of.op); bearable != nil {
			return bearable
		}
	}
	return parts
}

// bearable is how many requests for an operation each target can bear, nil if
// that is not known of all.
func (t *traffic) bearable(targets []int, op string) []float64 {
	var out []float64
	for _, target := range targets {
		k := None
		if t.spec.Nodes[target].Kind == Server && op != "" {
			k = t.operation(target, op)
		}
		if k == None || math.IsInf(t.capacities[k], 1) {
			return nil
		}
		out = append(out, t.capacities[k])
	}
	return out
}

// bearing is how many requests a second each row can bear if nothing else
// is asked of its node, by its cores and its workers; infinite where neither
// limits it.
func (t *traffic) bearing() []float64 {
	out := make([]float64, len(t.work))
	h := newHolding(t)
	for i := range t.spec.Nodes {
		n := &t.spec.Nodes[i]
		for k := t.first[i]; k < t.first[i+1]; k++ {
			out[k] = math.Inf(1)
			if n.Server == nil {
				continue
			}
			if t.work[k] > 0 {
				out[k] = float64(n.Server.Cores*n.Instances) / t.work[k]
			}
			if t.disk[k] > 0 {
				out[k] = min(out[k], float64(n.Server.Disk.Channels()*n.Instances)/t.disk[k])
			}
			if held := h.visit(i, k); n.Server.Concurrency > 0 && held > 0 {
				out[k] = min(out[k], float64(n.Server.Concurrency*n.Instances)/held)
			}
		}
	}
	return out
}

// behind returns what a balancer's requests for an operation come to, through
// whatever other balancers: those, and servers in the end. It begins with the
// balancer itself.
func (t *traffic) behind(from toShare) []share {
	if s, known := t.shares[from]; known {
		return s
	}
	var order []int // each node before those that lead to it
	seen := map[int]bool{}
	var walk func(i int)
	walk = func(i int) {
		seen[i] = true
		if t.spec.Nodes[i].Kind == LoadBalancer {
			for target := range t.targets(toShare{i, from.op}) {
				if !seen[target] {
					walk(target)
				}
			}
		}
		order = append(order, i)
	}
	walk(from.balancer)
	part := map[int]float64{from.balancer: 1}
	var out []share
	for _, i := range slices.Backward(order) {
		out = append(out, share{i, part[i]})
		if t.spec.Nodes[i].Kind != LoadBalancer {
			continue
		}
		for target, p := range t.targets(toShare{i, from.op}) {
			part[target] += float64(part[i] * p)
		}
	}
	t.shares[from] = out
	return out
}
