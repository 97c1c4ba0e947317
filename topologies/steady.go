package topologies

import (
	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/node"
)

// Steady is a system whose traffic keeps the rate that it has when it is
// greatest; nil if some of it comes from a trace, which has no rate.
func Steady(spec *node.Spec) *node.Spec {
	for i := range spec.Nodes {
		if c := spec.Nodes[i].Client; c != nil && c.Open != nil {
			if _, ok := arrival.Held(c.Open, 0); !ok {
				return nil
			}
		}
	}
	return hold(spec)
}
