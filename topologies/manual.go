package topologies

import (
	"slices"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
)

// Top describes the keys of the top level of a file. The tables of nodes
// (node.Kinds) and the designs stand beside them.
func Top() []kind.Field { return kind.Describe(fileConfig{}) }

// Metric is a figure that an objective may be about.
type Metric struct {
	Name     string      // "p" stands for any percentile: p99, p99.9
	Subjects []node.Kind // the kinds of node that have it
}

// Metrics lists the metrics of objectives in the order of the manual.
func Metrics() []Metric {
	list := make([]Metric, len(metrics))
	for i, m := range metrics {
		list[i] = Metric{m.name, slices.Clone(m.subjects)}
	}
	return list
}
