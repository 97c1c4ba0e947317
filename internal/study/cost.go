package study

import (
	"slices"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
)

// monthSeconds is a month of 730 hours.
const monthSeconds = 730 * 3600

// priced is an item that has a price, and how much of it a replication used
// within the window.
type priced struct {
	node, item string
	price      float64
	used       func(s *node.Snapshot) float64
}

// prices lists what has a price, in the order of the nodes.
func (f *figures) prices() []priced {
	var items []priced
	if n := f.spec.Network; n != nil && n.EgressPrice > 0 {
		items = append(items, priced{"network", "egress GB", n.EgressPrice,
			func(s *node.Snapshot) float64 { return s.Egress.Float64() / 1e9 }})
	}
	for i := range f.spec.Nodes {
		n := &f.spec.Nodes[i]
		if n.CDN != nil && n.CDN.EgressPrice > 0 {
			items = append(items, priced{n.Name, "egress GB", n.CDN.EgressPrice,
				func(s *node.Snapshot) float64 { return s.Nodes[i].Egress.Float64() / 1e9 }})
		}
		if n.External != nil && n.External.PricePerCall > 0 {
			items = append(items, priced{n.Name, "calls", n.External.PricePerCall,
				func(s *node.Snapshot) float64 { return float64(s.Nodes[i].Arrivals) }})
		}
	}
	return items
}

// cost is what a month costs that is like the window, nil if nothing has a
// price.
func (f *figures) cost() *result.Cost {
	items := f.prices()
	if len(items) == 0 {
		return nil
	}
	months := f.seconds / monthSeconds
	total := func(s *node.Snapshot) float64 {
		sum := 0.0
		for _, item := range items {
			sum += float64(item.used(s) * item.price)
		}
		return sum
	}
	answered := func(s *node.Snapshot) float64 {
		n := uint64(0)
		for i := range s.Clients {
			for k := range s.Clients[i].Ops {
				n += s.Clients[i].Ops[k].Answered
			}
		}
		return float64(n)
	}
	c := &result.Cost{
		Currency:           "USD",
		Monthly:            f.collect(func(s *node.Snapshot) (float64, float64) { return total(s), months }).estimate(""),
		PerMillionRequests: f.collect(func(s *node.Snapshot) (float64, float64) { return total(s), answered(s) / 1e6 }).estimate("no ok requests"),
		Lines:              []result.CostLine{},
	}
	for _, item := range items {
		sum := 0.0
		for _, s := range f.snaps {
			sum += item.used(s)
		}
		quantity := sum / (float64(len(f.snaps)) * months)
		c.Lines = append(c.Lines, result.CostLine{
			Node: item.node, Item: item.item, Quantity: quantity, Monthly: float64(quantity * item.price),
		})
	}
	slices.SortStableFunc(c.Lines, func(a, b result.CostLine) int {
		switch {
		case a.Monthly > b.Monthly:
			return -1
		case a.Monthly < b.Monthly:
			return 1
		}
		return 0
	})
	return c
}
