package study

import (
	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
)

// Topology is what a specification would simulate, for pictures and for the
// record.
func Topology(spec *node.Spec) result.Topology {
	t := result.Topology{Nodes: []result.TopologyNode{}, Edges: []result.Edge{}, Defaults: []result.Default{}, Source: spec.Source}
	for i := range spec.Nodes {
		n := &spec.Nodes[i]
		t.Nodes = append(t.Nodes, result.TopologyNode{
			Name: n.Name, Kind: n.Kind.String(), Instances: n.AtStart(), Detail: n.Detail(),
		})
		for _, target := range n.Targets() {
			t.Edges = append(t.Edges, result.Edge{From: n.Name, To: spec.Nodes[target.Node].Name, Op: target.Op})
		}
	}
	for _, d := range spec.Defaults {
		t.Defaults = append(t.Defaults, result.Default{Key: d.Key, Value: d.Value})
	}
	return t
}
