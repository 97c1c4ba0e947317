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
// they cost; of autoscaled ones as many as their work takes, at the target if
// that is of their cores, and at least the fewest that there may be, or that
// could do it at all; what is paid by use at the mean load.
func priceOf(spec *node.Spec, e *estimate.Estimate) planCost {
	c := planCost{exact: true, known: spec.Priced()}
	for i := range spec.Nodes {
		n := &spec.Nodes[i]
		if !n.Rentable() || n.Rent == nil {
			continue
		}
		count, fewest := float64(n.AtStart()), float64(n.AtStart())
		switch {
		case n.Kind == node.Queue, n.Kind == node.CDN:
			count, fewest = 1, 1
		case n.Server != nil && n.Server.Autoscale != nil:
			count, fewest = scaledTo(spec, e, i)
			c.exact = false
		}
		c.exact = c.exact && !n.Deployed
		month := n.Monthly(n.Rent)
		c.month += float64(count * month)
		c.low += float64(fewest * month)
	}
	used := usagePerMonth(spec, e)
	if used > 0 {
		c.month, c.low, c.exact = c.month+used, c.low+float64((1-usageDoubt)*used), false
	}
	return c
}

// scaledTo is how many instances of an autoscaled node there may be on average,
// and at least. Where the work is known, that which must be done needs its cores.
func scaledTo(spec *node.Spec, e *estimate.Estimate, at int) (mean, fewest float64) {
	n := &spec.Nodes[at]
	a := n.Server.Autoscale
	fewest = float64(n.Fewest())
	mean = max(float64(n.AtStart()), fewest)
	for k := range e.Nodes {
		if e.Nodes[k].Node != at {
			continue
		}
		for _, r := range e.Nodes[k].Resources {
			if r.Name != "cpu" {
				continue
			}
			need := r.Busy / float64(n.Server.Cores)
			if demandsKnown(spec) {
				fewest = min(max(fewest, float64((1-usageDoubt)*need)*mustShare(spec, e, at)), float64(a.Max))
			}
			if byCores(n) && a.Target > 0 {
				need /= a.Target
			}
			mean = min(max(fewest, need), float64(a.Max))
		}
	}
	return mean, fewest
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
