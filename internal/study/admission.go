package study

import (
	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
)

// admission summarises the memory and the connections of a server.
func (f *figures) admission(n *result.Node, at int) {
	first := &f.snaps[0].Nodes[at]
	if first.Memory != nil {
		n.Resources["memory"] = f.resource(func(s *node.Snapshot) *node.ResourceStats { return s.Nodes[at].Memory })
	}
	for k, p := range first.Pools {
		n.Resources[f.poolName(p.To)] = f.resource(func(s *node.Snapshot) *node.ResourceStats { return s.Nodes[at].Pools[k].ResourceStats })
	}
}

// poolName is what the result calls the pool of connections to a node.
func (f *figures) poolName(to int) string { return "pool." + f.spec.Nodes[to].Name }

// limited lists the resources of a node that can saturate, in the order in
// which they are named if they are asked for alike.
func (f *figures) limited(at int) []string {
	names := []string{"cpu", "workers", "disk", "network", "connections"}
	for _, p := range f.snaps[0].Nodes[at].Pools {
		names = append(names, f.poolName(p.To))
	}
	return names
}
