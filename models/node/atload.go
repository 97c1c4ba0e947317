package node

import (
	"slices"

	"github.com/capsim/capsim/models/arrival"
)

// AtLoad is the same system under so many times its traffic, as reading the
// file with that load would give it: the rates of open clients and the users
// of closed ones are multiplied, the gaps of traces divided.
func (s *Spec) AtLoad(factor float64) *Spec {
	return s.WithClients(func(c *ClientSpec) {
		switch {
		case factor == 1:
		case c.Open != nil:
			c.Open = arrival.Loaded(c.Open, factor)
		default:
			users := c.Closed.Loaded(factor)
			c.Closed = &users
		}
	})
}

// WithClients is a copy of the specification in which each client, a copy too,
// has been changed.
func (s *Spec) WithClients(change func(c *ClientSpec)) *Spec {
	out := *s
	out.Nodes = slices.Clone(s.Nodes)
	for i := range out.Nodes {
		if c := out.Nodes[i].Client; c != nil {
			one := *c
			change(&one)
			out.Nodes[i].Client = &one
		}
	}
	return &out
}

// Saturation is the load, as a multiple of today's, at which the first
// resource has as much to do as it can by the traffic equations ([Spec.Loads]);
// 0 if they ask nothing of any. It is a guide, not a limit: what is refused, cached or sent
// again is not in it, nor are closed clients.
func (s *Spec) Saturation() float64 {
	most := 0.0
	for _, l := range s.Loads() {
		of := func(asked, capacity float64) {
			if capacity > 0 {
				most = max(most, asked/capacity)
			}
		}
		of(l.CPU, l.Capacity)
		of(l.Disk, l.DiskCapacity)
		of(l.Network, l.NetworkCapacity)
		of(l.Workers, l.WorkerCapacity)
		for _, p := range l.Pools {
			of(p.Asked, p.Capacity)
		}
		if h := l.Hottest; h != nil {
			most = max(most, h.CPU, h.Disk, h.Workers)
		}
	}
	if most == 0 {
		return 0
	}
	return 1 / most
}
