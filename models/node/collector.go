package node

import (
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/stats"
)

// CollectorSpec is the garbage collector of each instance of a server: what it
// does stops the instance for a while, again and again. Exactly one of Every
// and Threshold is set.
type CollectorSpec struct {
	Every     sim.Time // from the beginning of a pause to that of the next
	Threshold uint64   // bytes that are allocated between two pauses
	Allocates dist.Law // bytes that each request allocates; with Threshold
	Pause     dist.Law
}

// collector is the garbage collector of a node in operation.
type collector struct {
	every     sim.Time
	threshold uint64
	allocates timed
	pause     dist.Law
	each      []collection // by instance
	stats     CollectorStats
}

// collection is where the collector of an instance is.
type collection struct {
	clock     uint32     // its frame; its event: a pause begins or ends
	allocated uint64     // bytes since the last pause began
	pausing   bool       // the instance stands still for it
	due       bool       // a pause is about to begin, at this very moment
	begun     sim.Time   // when the last pause did, or should have
	stream    sim.Stream // of its phase and its pauses
}

// CollectorStats counts the pauses of a node within the window.
type CollectorStats struct {
	Pauses uint64          // that began
	Paused stats.Sum128    // time of instances that stood still for it
	Pause  stats.Histogram // how long they were; of those that were not cut short
}

// collectors prepares the garbage collector of a server.
func (b *builder) collectors(at uint32) {
	s, nd := &b.spec.Nodes[at], &b.nodes[at]
	v := s.Server.Collector
	if v == nil {
		return
	}
	b.hangs = true
	c := &collector{
		every: v.Every, threshold: v.Threshold, pause: v.Pause, each: make([]collection, nd.count),
		allocates: b.law(v.Allocates, sim.HashName(s.Name, "gc", "allocates")),
	}
	nd.collector = c
	nd.wears = nd.wears || c.threshold > 0
	for k := range c.each {
		f, fr, _ := b.newFrame(nd.first+uint32(k), 0, none)
		fr.state = collecting
		c.each[k] = collection{clock: f, stream: sim.Named(b.spec.Run.Seed, b.replication, s.InstanceName(k), "gc")}
		b.insts[nd.first+uint32(k)].hang = &hang{}
	}
}

// startCollectors lets all collectors begin; where they pause at regular
// times, each instance at a random phase.
func (n *Network) startCollectors() {
	now := n.eng.Now()
	for i := range n.insts {
		nd := n.insts[i].at
		if nd.collector == nil || nd.collector.every == 0 || n.insts[i].state >= fault.Dead {
			continue
		}
		c := &nd.collector.each[uint32(i)-nd.first]
		first := now + sim.FromNanoseconds(float64(c.stream.Float64()*float64(nd.collector.every)))
		c.begun = first - nd.collector.every
		n.eng.Arm(first, sim.Timer, nd.rank, c.clock)
	}
}

// allocates counts what the visit in frame g allocates.
func (n *Network) allocates(g uint32, nd *nodeState) {
	x := nd.collector
	if x.threshold == 0 {
		return // it comes at regular times
	}
	bytes := uint64(sim.FromNanoseconds(n.sample(&x.allocates, g)))
	i := n.frames[g].inst
	c := &x.each[i-nd.first]
	c.allocated += bytes
	if c.allocated >= x.threshold && !c.pausing && !c.due {
		c.due = true
		n.eng.Arm(n.eng.Now(), sim.Timer, nd.rank, c.clock)
	}
}

// collects begins or ends a pause: the event of a collector's frame.
func (n *Network) collects(f uint32) {
	i := n.frames[f].inst
	nd := n.insts[i].at
	c := &nd.collector.each[i-nd.first]
	if c.pausing {
		n.collected(i, nd, c)
		return
	}
	now := n.eng.Now()
	c.due, c.begun, c.allocated, c.pausing = false, now, 0, true
	n.scratch = c.stream
	length := sim.FromNanoseconds(nd.collector.pause.Sample(&n.scratch))
	c.stream = n.scratch
	if n.measuring {
		nd.collector.stats.Pauses++
	}
	n.eng.Arm(now+length, sim.Timer, nd.rank, f)
	n.faults.one[0] = i
	n.afflict(n.faults.one[:], &standstill)
}

// standstill is what holds for an instance whose garbage is collected.
var standstill = fault.Fault{Kind: fault.Hang}

// collected ends a pause of instance i, and arms the next one.
func (n *Network) collected(i uint32, nd *nodeState, c *collection) {
	n.pauseEnds(nd, c, true)
	n.faults.one[0] = i
	n.relieve(n.faults.one[:], &standstill)
	n.recovered()
	switch x := nd.collector; {
	case x.every > 0:
		for c.begun += x.every; c.begun < n.eng.Now(); {
			c.begun += x.every // it stood still when that was due
		}
		n.eng.Arm(c.begun, sim.Timer, nd.rank, c.clock)
	case c.allocated >= x.threshold && !c.due:
		c.due = true
		n.eng.Arm(n.eng.Now(), sim.Timer, nd.rank, c.clock)
	}
}

// pauseEnds counts the time of a pause that is over now.
func (n *Network) pauseEnds(nd *nodeState, c *collection, whole bool) {
	c.pausing = false
	if !n.measuring {
		return
	}
	now := n.eng.Now()
	nd.collector.stats.Paused.Add(clipped(c.begun, now))
	if whole {
		nd.collector.stats.Pause.Record(int64(now - c.begun))
	}
}

// collectorDies stops the collector of an instance that has died, and the
// pause that it may be in.
func (n *Network) collectorDies(i uint32, nd *nodeState) {
	c := &nd.collector.each[i-nd.first]
	n.eng.Disarm(c.clock)
	c.due, c.allocated = false, 0
	if c.pausing {
		n.pauseEnds(nd, c, false)
		n.faults.conditions[i].End(&standstill)
	}
}

// collectorRestarts lets the collector of an instance begin anew.
func (n *Network) collectorRestarts(i uint32, nd *nodeState) {
	x := nd.collector
	c := &x.each[i-nd.first]
	if x.every > 0 {
		c.begun = n.eng.Now()
		n.eng.Arm(c.begun+x.every, sim.Timer, nd.rank, c.clock)
	}
}

// closeCollector fills in the figures of a node's collector.
func (n *Network) closeCollector(nd *nodeState) {
	x := nd.collector
	if x == nil {
		return
	}
	for k := range x.each {
		if c := &x.each[k]; c.pausing {
			x.stats.Paused.Add(clipped(c.begun, n.eng.Now()))
		}
	}
	nd.stats.Collector = &x.stats
}
