package node

import "github.com/capsim/capsim/models/fault"

// flush lets the caches at some instances forget what they keep: fault k. It
// has passed when they have as much again. Misses that are under way go on.
func (n *Network) flush(k int, insts []uint32) {
	for _, i := range insts {
		c := n.insts[i].at.cache
		if c.each == nil {
			continue
		}
		a := n.insts[i].ailment
		a.refill = max(a.refill, c.each[i-c.first].Len())
		n.clear(i)
	}
	n.refilled()
}

// clear lets a cache forget what instance i kept.
func (n *Network) clear(i uint32) {
	c := n.insts[i].at.cache
	k := i - c.first
	c.gone += int64(c.each[k].Len())
	c.each[k].Clear()
	if c.aging != nil {
		c.aging[k].clear()
	}
}

// fills looks whether instance inst of a cache has as much again as before a
// flush.
func (n *Network) fills(inst uint32, c *caching) {
	a := n.insts[inst].ailment
	if a == nil || a.refill == 0 || c.each[inst-c.first].Len() < a.refill {
		return
	}
	a.refill = 0
	n.refilled()
}

// refilled ends the flushes after which all instances have been filled.
func (n *Network) refilled() {
	for k := range n.faults.runs {
		run := &n.faults.runs[k]
		if n.spec.Faults[k].Kind != fault.Flush || !run.open || run.ended {
			continue
		}
		run.ended = true
		for _, i := range n.faults.targets[k] {
			run.ended = run.ended && n.insts[i].ailment.refill == 0
		}
	}
	n.recovered()
}
