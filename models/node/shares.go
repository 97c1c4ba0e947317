package node

import (
	"cmp"
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

// toShare is a node that passes requests on, and their operation.
type toShare struct {
	node int
	op   string
}

// share is how many of the requests that a node passes on come to another,
// and for which operation. Unsure says that they may be more.
type share struct {
	node   int
	op     string
	part   float64
	unsure bool
}

// next returns what a node passes a request on to: what a balancer chooses
// among, the origin of a cache.
func (t *traffic) next(from toShare) []share {
	n := &t.spec.Nodes[from.node]
	if origin := n.Origin(); origin != nil {
		missing, known := t.missing(from.node, from.op)
		return []share{{origin.Node, cmp.Or(origin.Op, from.op), missing, !known}}
	}
	if n.Balancer == nil {
		return nil
	}
	var out []share
	parts := t.parts(from)
	total := sum(parts)
	for i, target := range n.Balancer.Ways()[n.Balancer.Way(from.op)] {
		out = append(out, share{target, from.op, parts[i] / total, false})
	}
	return out
}

// parts is how much each target gets in proportion to the others.
func (t *traffic) parts(of toShare) []float64 {
	b := t.spec.Nodes[of.node].Balancer
	way := b.Way(of.op)
	targets := b.Ways()[way]
	parts := make([]float64, len(targets))
	for i, target := range targets {
		parts[i] = float64(max(1, t.spec.Nodes[target].Most()))
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
				out[k] = float64(n.Server.Cores*n.Most()) / t.work[k]
			}
			if t.disk[k] > 0 {
				out[k] = min(out[k], float64(n.Server.Disk.Channels()*n.Most())/t.disk[k])
			}
			if held := h.visit(i, k); n.Server.Concurrency > 0 && held > 0 {
				out[k] = min(out[k], float64(n.Server.Concurrency*n.Most())/held)
			}
		}
	}
	return out
}

// behind returns what a node's requests for an operation come to, through
// whatever balancers and caches: those, and servers in the end. It begins with
// the node itself.
func (t *traffic) behind(from toShare) []share {
	if s, known := t.shares[from]; known {
		return s
	}
	var order []toShare // each before those that lead to it
	seen := map[toShare]bool{}
	var walk func(at toShare)
	walk = func(at toShare) {
		seen[at] = true
		for _, s := range t.next(at) {
			if to := (toShare{s.node, s.op}); !seen[to] {
				walk(to)
			}
		}
		order = append(order, at)
	}
	walk(from)
	part, unsure := map[toShare]float64{from: 1}, map[toShare]bool{}
	var out []share
	for _, at := range slices.Backward(order) {
		out = append(out, share{at.node, at.op, part[at], unsure[at]})
		for _, s := range t.next(at) {
			to := toShare{s.node, s.op}
			part[to] += float64(part[at] * s.part)
			unsure[to] = unsure[to] || unsure[at] || s.unsure
		}
	}
	t.shares[from] = out
	return out
}
