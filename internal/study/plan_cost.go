package study

import (
	"math"
	"slices"

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

// alikeCost is the share of a cost by which another is no other: rounding.
const alikeCost = 1e-9

// dearer is by how much a design costs more than another. What is paid for by use
// varies from replication to replication, but the same customers come to both: it
// is compared over those that both have, unless it does not vary, or, where one
// was not simulated, as it is thought of both.
func (p *planned) dearer(o *planned) float64 {
	simulated := p.shape != nil && p.shape.Monthly.Mean != nil && o.shape != nil && o.shape.Monthly.Mean != nil
	if p.cost.exact && o.cost.exact || !simulated {
		return p.cost.month - o.cost.month
	}
	if e := paired(o.month, p.month); e.Mean != nil && !p.steady() && !o.steady() {
		return *e.Mean
	}
	return p.monthly() - o.monthly()
}

// steady reports whether a design cost the same in all replications.
func (p *planned) steady() bool {
	half := p.shape.Monthly.HalfWidth
	return half != nil && *half == 0
}

// month is what a design costs, beside the winner if there is one.
func (s *planning) month(c *planned) float64 {
	if s.winner < 0 || c.cost.exact || s.all[s.winner].cost.exact || c.shape != nil && c.steady() {
		return c.monthly()
	}
	return s.all[s.winner].monthly() + c.dearer(&s.all[s.winner])
}

// usageDoubt is how far what is used may be below what the traffic equations say
// of it, where they are right on average and it is used often.
const usageDoubt = 0.1

// cachedDoubt is the same behind caches whose content is simulated. Where keys
// are drawn independently of each other, the approximations of what a cache
// holds are right to a few hundredths of all look-ups (internal/estimate), which
// may be more of the few that it does not answer.
const cachedDoubt = 0.5

// usageSpread is by how many standard deviations what is used in a window may be
// below its mean.
const usageSpread = 4

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
	used, least := usagePerMonth(spec, e)
	c.month, c.low, c.exact = c.month+used, c.low+least, c.exact && !paidByUse(spec)
	return c
}

// paidByUse reports whether anything is paid for by the call or the byte, be it
// that theory thinks of none.
func paidByUse(spec *node.Spec) bool {
	return spec.Network != nil && spec.Network.EgressPrice > 0 || slices.ContainsFunc(spec.Nodes, func(n node.Node) bool {
		return n.External != nil && n.External.PricePerCall > 0 || n.CDN != nil && n.CDN.EgressPrice > 0
	})
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

// usagePerMonth is what is paid for calls and bytes, and the least that it may be:
// little is sure of calls behind a cache whose content is simulated, nothing of
// users who wait for answers; and what may go wrong is not paid for.
func usagePerMonth(spec *node.Spec, e *estimate.Estimate) (mean, least float64) {
	sure, doubt := pathsKnown(spec), usageDoubt
	if !contentsGiven(spec) {
		doubt = cachedDoubt
	}
	add := func(month, rate, must, variability float64) {
		mean += month
		if count := float64(rate*spec.Run.Duration.Seconds()) / (1 + variability); sure && count > 0 {
			least += float64(month * max(0, float64(must*(1-doubt))-usageSpread/math.Sqrt(count)))
		}
	}
	for i := range e.Nodes {
		at := e.Nodes[i].Node
		if n := &spec.Nodes[at]; n.External != nil && n.External.PricePerCall > 0 {
			add(float64(e.Nodes[i].Arrivals*float64(n.Discounted(n.External.PricePerCall)*monthSeconds)), e.Nodes[i].Arrivals, mustShare(spec, e, at), 0)
		}
	}
	for i := range e.Clients {
		c := &e.Clients[i]
		size := spec.Nodes[c.Node].Client.ResponseSize
		if size == nil {
			continue
		}
		gigabytes := float64(c.Throughput*size.Mean()) / 1e9 * monthSeconds
		variability := size.Variance() / float64(size.Mean()*size.Mean())
		lost := mayBeLost(spec, c.Node)
		if out := outward(spec, c); spec.Network != nil && out > 0 {
			add(float64(gigabytes*out*spec.Network.EgressPrice), float64(c.Throughput*out), max(0, 1-lost/out), variability)
		}
		if n := &spec.Nodes[spec.Nodes[c.Node].Client.Target.Node]; n.CDN != nil {
			add(float64(gigabytes*n.Discounted(n.CDN.EgressPrice)), c.Throughput, max(0, 1-lost), variability)
		}
	}
	return mean, least
}

// outward is the share of a client's answers that the network sends to the
// internet: all to a client that stands there, none to one in a zone, and of
// those of a CDN what it gets from its origin.
func outward(spec *node.Spec, c *estimate.Client) float64 {
	at := spec.Nodes[c.Node].Client.Target.Node
	switch {
	case spec.Nodes[at].CDN == nil && len(spec.Nodes[c.Node].Zones) > 0:
		return 0
	case spec.Nodes[at].CDN == nil:
		return 1
	}
	for spec.Nodes[at].CDN != nil {
		at = spec.Nodes[at].Origin().Node
	}
	return min(1, c.Visits[at])
}
