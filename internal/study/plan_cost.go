package study

import (
	"github.com/capsim/capsim/internal/estimate"
	"github.com/capsim/capsim/models/node"
)

// planCost is what a design costs a month, before it is simulated.
type planCost struct {
	month float64
	low   float64 // it costs no less
	known bool    // something has a price
	exact bool    // nothing of it depends on what happens
}

// usageDoubt is how far the cost of what is paid by use may be below what the
// traffic equations say of it.
const usageDoubt = 0.1

// priceOf prices a design: instances that are there all the time cost what
// they cost; autoscaled ones are taken at the number of the start, and at
// least at the fewest that there may be; what is paid by use at the mean load.
func priceOf(spec *node.Spec, e *estimate.Estimate) planCost {
	c := planCost{exact: true, known: spec.Priced()}
	for i := range spec.Nodes {
		n := &spec.Nodes[i]
		if !n.Rentable() || n.Rent == nil {
			continue
		}
		count, fewest := n.AtStart(), n.AtStart()
		switch {
		case n.Kind == node.Queue, n.Kind == node.CDN:
			count, fewest = 1, 1
		case n.Server != nil && n.Server.Autoscale != nil:
			fewest = min(count, n.Fewest())
		}
		c.exact = c.exact && fewest == count && !n.Deployed
		month := n.Monthly(n.Rent)
		c.month += float64(float64(count) * month)
		c.low += float64(float64(fewest) * month)
	}
	used := usagePerMonth(spec, e)
	if used > 0 {
		c.month, c.low, c.exact = c.month+used, c.low+float64((1-usageDoubt)*used), false
	}
	return c
}

// usagePerMonth is what is paid for calls and bytes.
func usagePerMonth(spec *node.Spec, e *estimate.Estimate) float64 {
	sum := 0.0
	for i := range e.Nodes {
		if n := &spec.Nodes[e.Nodes[i].Node]; n.External != nil && n.External.PricePerCall > 0 {
			sum += float64(e.Nodes[i].Arrivals * float64(n.Discounted(n.External.PricePerCall)*monthSeconds))
		}
	}
	for i := range e.Clients {
		c := &e.Clients[i]
		size := spec.Nodes[c.Node].Client.ResponseSize
		if size == nil {
			continue
		}
		gigabytes := float64(c.Throughput*size.Mean()) / 1e9 * monthSeconds
		if spec.Network != nil {
			sum += float64(gigabytes * spec.Network.EgressPrice)
		}
		if n := &spec.Nodes[spec.Nodes[c.Node].Client.Target.Node]; n.CDN != nil {
			sum += float64(gigabytes * n.Discounted(n.CDN.EgressPrice))
		}
	}
	return sum
}
