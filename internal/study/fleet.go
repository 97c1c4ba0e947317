package study

import (
	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim/stats"
)

// instances is the mean number of instances of a node that cost: where they
// come and go, from the start of each to its end.
func (f *figures) instances(at int) result.Estimate {
	if f.snaps[0].Nodes[at].Fleet == nil {
		return constant(float64(f.spec.Nodes[at].AtStart()), len(f.snaps))
	}
	return f.level(func(s *node.Snapshot) stats.Sum128 { return s.Nodes[at].Fleet.Started }).estimate("")
}

// fleet summarises the instances that come and go, nil where none do.
func (f *figures) fleet(at int) *result.Fleet {
	if f.snaps[0].Nodes[at].Fleet == nil {
		return nil
	}
	return &result.Fleet{
		InService: f.level(func(s *node.Snapshot) stats.Sum128 { return s.Nodes[at].Fleet.InService }).estimate(""),
		Started:   f.count(func(s *node.Snapshot) uint64 { return s.Nodes[at].Fleet.Starts }),
		Stopped:   f.count(func(s *node.Snapshot) uint64 { return s.Nodes[at].Fleet.Stops }),
	}
}

// perUp relates the channels of a node that are busy in a row of the series
// to those of the instances that were up, of so many each.
func perUp(spec *node.Node, busy, up float64, each int) float64 {
	if !spec.Changing() {
		return busy / float64(each*spec.Instances)
	}
	if up == 0 {
		return 0
	}
	return busy / (float64(each) * up)
}
