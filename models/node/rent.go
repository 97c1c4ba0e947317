package node

import (
	"slices"

	"github.com/capsim/capsim/sim/stats"
)

// HoursPerMonth is what a month of costs is.
const HoursPerMonth = 730

// Rent is what an hour of an instance costs.
type Rent struct {
	Hourly float64 // before the node's discount
	Source string  // where the price is from; "": the file
}

// RentOf returns what an hour of an instance costs that is made of a build:
// 0, or 1 more than the number of one of its Machines. It is nil where that
// has no price.
func (n *Node) RentOf(build int) *Rent {
	if build == 0 {
		return n.Rent
	}
	return n.Rents[build-1]
}

// MachineOf is the type of the machine that a build is, "" if it has none.
func (n *Node) MachineOf(build int) string {
	switch {
	case build > 0:
		return n.Machines[build-1].Type
	case n.Server != nil:
		return n.Server.Type
	case n.Cache != nil:
		return n.Cache.Type
	case n.Balancer != nil:
		return n.Balancer.Type
	case n.Queue != nil:
		return n.Queue.Type
	}
	return ""
}

// Monthly is what a price comes to for a month, the node's discount taken
// off: of an instance that is there all the time, by the hour.
func (n *Node) Monthly(r *Rent) float64 { return float64(n.Discounted(r.Hourly) * HoursPerMonth) }

// Discounted takes the node's discount off a price.
func (n *Node) Discounted(price float64) float64 { return float64(price * (1 - n.Discount)) }

// Priced reports whether anything of the node has a price.
func (n *Node) Priced() bool {
	return n.Rent != nil || slices.ContainsFunc(n.Rents, func(r *Rent) bool { return r != nil }) ||
		n.CDN != nil && n.CDN.EgressPrice > 0 || n.External != nil && n.External.PricePerCall > 0
}

// Rentable reports whether the node is something that is paid for by the
// hour, so that without any price its cost is not known. Services of others
// are paid by the call, if at all; a shield is a part of its CDN.
func (n *Node) Rentable() bool {
	switch n.Kind {
	case Client, External:
		return false
	case CDN:
		return n.CDN.Shields == None
	}
	return true
}

// Priced reports whether anything in the topology has a price.
func (s *Spec) Priced() bool {
	if s.Network != nil && s.Network.EgressPrice > 0 {
		return true
	}
	for i := range s.Nodes {
		if s.Nodes[i].Priced() {
			return true
		}
	}
	return false
}

// Unpriced lists the nodes that are paid for by the hour and have no price,
// while others have one: what a cost leaves out. Of a node that deploys make
// something else of, every build counts.
func (s *Spec) Unpriced() []int {
	if !s.Priced() {
		return nil
	}
	var list []int
	for i := range s.Nodes {
		n := &s.Nodes[i]
		missing := n.Rentable() && !n.Priced()
		if len(n.Rents) > 0 {
			missing = missing || n.Rent == nil || slices.Contains(n.Rents, nil)
		}
		if missing {
			list = append(list, i)
		}
	}
	return list
}

// rented counts the instances of a fleet that are made of the same build.
type rented struct {
	started int64
	area    stats.Sum128 // ∫ started dt since the beginning of the window
}

// counts takes a member into the number of those that cost, or out of it.
func (x *fleet) counts(m *member, by int64) {
	x.started += by
	if len(x.rented) > 0 {
		x.rented[m.build].started += by
	}
}

// rents are the integrals by build, which add up to that of all.
func (n *Network) rents(at uint32, x *fleet) []stats.Sum128 {
	if len(x.rented) == 0 {
		return nil
	}
	var list []stats.Sum128
	var all stats.Sum128
	for k := range x.rented {
		list = append(list, x.rented[k].area)
		all.AddSum(x.rented[k].area)
	}
	n.check(at, all == x.startedArea, "what its instances are made of does not add up to them")
	return list
}
