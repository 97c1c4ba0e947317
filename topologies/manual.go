package topologies

import (
	"slices"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
)

// Top describes the keys of the top level of a file, designs last. The tables
// of nodes (node.Kinds) stand beside them.
func Top() []kind.Field {
	return append(kind.Describe(fileConfig{}), kind.Describe(besideConfig{})...)
}

// DesignKey is the key of the designs: what they hold is the top level again,
// with nothing required.
const DesignKey = "design"

// Shared lists the keys of the top level that all designs of a file share.
func Shared() []string { return []string{"run", DesignKey, "capsim", "extends", "sweep", "plan"} }

// besideConfig describes what is taken out of the tree before the rest is
// read.
type besideConfig struct {
	Designs designs `key:"design" doc:"variants to compare: each is merged over the file, table by table and key by key; arrays are replaced whole, and a node that the file does not have is added" example:"[design.large]\nserver.app = { cores = 16 }"`
}

// designs are the [design.NAME] tables.
type designs struct{}

// Read takes the tables; what they change is checked where they are merged.
func (*designs) Read(c kind.Cursor) {
	if c.Value.Type != kind.TypeTable {
		c.Wrong("tables [design.NAME]", "")
		return
	}
	for _, e := range c.Value.Table.Entries {
		if e.Value.Type != kind.TypeTable {
			c.Key(e).Wrong("a table of changes", "")
		}
	}
}

// Shape describes the tables.
func (*designs) Shape() kind.Shape { return kind.Shape{Type: "tables [design.NAME] of changes"} }

// Metric is a figure that an objective may be about.
type Metric struct {
	Name     string      // "p" stands for any percentile: p99, p99.9
	Measure  string      // what it is compared with: "a duration"
	Subjects []node.Kind // the kinds of node that have it; none: the whole system
	Doc      string
	Example  string // an objective that is right
}

// Metrics lists the metrics of objectives in the order of the manual.
func Metrics() []Metric {
	list := make([]Metric, len(metrics))
	for i, m := range metrics {
		list[i] = Metric{m.name, m.measure.String(), slices.Clone(m.subjects), m.doc, m.example}
	}
	return list
}

// String names what a figure is compared with.
func (m measure) String() string {
	return [...]string{aTime: "a duration", aRatio: "a ratio", aRate: "a rate", aNumber: "a factor", aPrice: "an amount of money, in the currency of the file"}[m]
}
