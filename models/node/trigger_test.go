package node

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/models/fault"
)

func TestFaultsOfOtherSizes(t *testing.T) {
	spec := &Spec{Nodes: []Node{{Name: "app", Instances: 4}, {Name: "db", Instances: 3, Database: &DatabaseSpec{}}}}
	kill := func(node, first, count int) fault.Fault {
		return fault.Fault{Kind: fault.Kill, Where: []fault.Span{{Node: node, First: first, Count: count}}}
	}
	for _, tt := range []struct {
		f    fault.Fault
		size float64
		what string
		want fault.Fault
	}{
		{kill(0, 0, 4), 2, SizeInstances, kill(0, 0, 2)},
		{kill(0, 2, 1), 2, SizeInstances, kill(0, 2, 2)},
		{kill(0, 3, 1), 3, SizeInstances, fault.Fault{Kind: fault.Kill, Where: []fault.Span{{Node: 0, First: 0, Count: 2}, {Node: 0, First: 3, Count: 1}}}},
		{kill(1, 0, 1), 2, "", kill(1, 0, 1)},
		{fault.Fault{Kind: fault.Slow, Factor: 2}, 5, SizeFactor, fault.Fault{Kind: fault.Slow, Factor: 5}},
		{fault.Fault{Kind: fault.Surge, Factor: 2}, 5, SizeFactor, fault.Fault{Kind: fault.Surge, Factor: 5}},
		{fault.Fault{Kind: fault.Errors, Ratio: 0.1}, 0.5, SizeShare, fault.Fault{Kind: fault.Errors, Ratio: 0.5}},
		{fault.Fault{Kind: fault.Flush}, 7, "", fault.Fault{Kind: fault.Flush}},
	} {
		assert.Equal(t, tt.what, spec.SizeOf(&tt.f))
		assert.Equal(t, tt.want, spec.Resized(tt.f, tt.size))
	}
}
