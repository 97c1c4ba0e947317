package node

import "github.com/capsim/capsim/sim"

// Strategy is how a deploy replaces instances.
type Strategy uint8

// The strategies.
const (
	Rolling   Strategy = iota // some at a time
	BlueGreen                 // a second set beside the first, which takes over
	InPlace                   // all at once
)

// strategies are the words for the strategies. Nobody writes to it.
var strategies = []string{Rolling: "rolling", BlueGreen: "blue-green", InPlace: "in-place"}

// String returns the word for the strategy.
func (s Strategy) String() string { return strategies[s] }

// Deploy replaces instances of a node while it works.
type Deploy struct {
	At       sim.Time // since the start of the window
	Strategy Strategy
	Node     int
	First    int // of the instances that are replaced: where they are counted from 0
	Count    int
	Batch    int      // of Rolling: how many at a time
	Drain    sim.Time // the longest that an instance may take to finish what it has
	Boot     sim.Time // until the new one is in service
	Machine  int      // that the new ones are, in Node.Machines; None: that which it was
	Target   string   // as it is written
}

// String says what is done to what.
func (d *Deploy) String() string { return d.Strategy.String() + " deploy of " + d.Target }

// Away is how many instances a deploy takes away at once, of those that were
// in service.
func (d *Deploy) Away() int {
	switch d.Strategy {
	case Rolling:
		return min(d.Batch, d.Count)
	case InPlace:
		return d.Count
	}
	return 0
}

// twice reports whether a deploy runs a second set of instances.
func (n *Node) twice() bool { return n.Deployed && n.MostInService > 0 }

// machine returns what the instances of a node are with a deploy's machine.
func (n *Node) machine(k int) *ServerSpec {
	if k == None {
		return n.Server
	}
	return n.Machines[k]
}
