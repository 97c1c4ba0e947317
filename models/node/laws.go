package node

import (
	"fmt"

	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/stats"
)

// closeWindow ends the measurement: what is still under way is counted up to
// now, and the laws that hold for every run are checked in integers.
func (n *Network) closeWindow() {
	now := n.eng.Now()
	for f := range n.frames {
		n.clip(uint32(f), now)
	}
	for i := range n.nodes {
		if n.nodes[i].kind != Client {
			n.closeNode(uint32(i))
		}
	}
	n.closeBreakdowns()
	n.measuring = false
}

// clip counts what frame f is doing up to the end of the window.
func (n *Network) clip(f uint32, now sim.Time) {
	fr, c := &n.frames[f], &n.cold[f]
	if fr.state == free || fr.state == source || fr.state == population || fr.state == ticking || fr.flags&isRoot != 0 {
		return
	}
	if n.code[fr.pc].op == opPooled {
		n.clipPooled(f, now)
		return
	}
	nd := &n.nodes[n.insts[fr.inst].node]
	switch fr.state {
	case outbound, homebound, undelivered, faultDue, lifeDue, scaleDue, deployDue, steering, probing, probeOutbound, probeHomebound, ejected, resting, shipped, late, collecting, exhausted:
		return // not there
	}
	if fr.flags&isBranch == 0 {
		nd.sojourns.Add(clipped(c.arrived, now))
		if longest := nd.stats.Response.Max(); int64(now-c.arrived) > longest+longest/10 { // the head of a growing queue is older than whoever left it
			nd.stats.Stuck++
		}
		if nd.slots != nil && fr.state != lagging {
			nd.slots.services.Add(clipped(n.insideSince(f), now))
		}
	}
	if fr.flags&hasWorker != 0 {
		nd.workers.services.Add(clipped(c.held, now))
	}
	switch n.stateOf(f) {
	case onCore, onDisk, receiving, sending:
		st := n.insts[fr.inst].stationOf(fr.state)
		st.meter.services.Add(clipped(fr.since, now))
		if st.sharing != nil {
			st.sharing.advance(st, now)
			st.meter.work += st.sharing.within(n.turns[f].begun, st.sharing.got)
		}
	case forCore, forDisk, toReceive, toSend:
		n.insts[fr.inst].stationOf(fr.state).meter.waits.Add(clipped(fr.since, now))
	case forWorker:
		nd.workers.waits.Add(clipped(fr.since, now))
	case forConnection:
		nd.conns.waits.Add(clipped(fr.since, now))
	case forAnswer, connecting:
		if nd.conns != nil {
			nd.conns.services.Add(clipped(fr.since, now))
		}
	}
}

// closeNode fills in a node's figures and checks its laws.
func (n *Network) closeNode(at uint32) {
	nd := &n.nodes[at]
	s := nd.stats
	n.integrals(nd)
	s.InFlight = nd.area
	n.check(at, nd.area == nd.sojourns, "the integral of requests inside is not the sum of their times there (Little's law)")
	ended := s.Completions + s.Cancelled
	for _, e := range s.Errors {
		ended += e
	}
	// Refused arrivals never were inside; they stand on both sides.
	n.check(at, uint64(nd.before)+s.Arrivals == ended+uint64(nd.inside), "requests are not conserved")
	if nd.cache != nil {
		n.checkCache(at, nd)
	}
	if nd.fleet != nil {
		n.closeFleet(at, nd)
	}
	if !nd.worked {
		for i := nd.first; i < nd.first+nd.count; i++ {
			s.Instances = append(s.Instances, InstanceStats{Arrivals: n.insts[i].arrivals, Up: n.upTime(i)})
		}
		if nd.kind == LoadBalancer {
			n.closeBalancer(at, nd)
		}
		if nd.broker != nil {
			n.closeQueue(at, nd.broker)
		}
		return
	}
	for i := nd.first; i < nd.first+nd.count; i++ {
		in, was := &n.insts[i], nd.pastOf(i-nd.first)
		st := InstanceStats{Arrivals: in.arrivals, Busy: in.cpu.busyArea, Up: n.upTime(i), Capacity: was.cpu}
		span := uint64(st.Up - was.up)
		st.Capacity.AddProduct(uint64(in.cpu.capacity), span)
		n.gatherPast(in, was)
		s.Instances = append(s.Instances, st)
		for st := range in.stations() {
			n.gather(at, st, span)
		}
	}
	n.checkCores(at, nd)
	s.CPU = &nd.cpu.ResourceStats
	if n.spec.Nodes[at].Server == nil {
		return
	}
	if nd.concurrency > 0 {
		n.checkMeter(at, &nd.workers, "workers")
	} else {
		nd.workers.Busy = nd.area
	}
	if nd.wire != nil {
		n.checkMeter(at, &nd.wire.meter, "network interfaces")
		s.Network = &nd.wire.meter.ResourceStats
	}
	if nd.disk != nil {
		n.checkMeter(at, nd.disk, "disks")
		s.Disk = &nd.disk.ResourceStats
	}
	n.closePools(at, nd)
	n.closeMemory(nd)
	n.closeCollector(nd)
	if nd.database != nil {
		n.closeDatabase(at, nd)
	}
	s.Workers = &nd.workers.ResourceStats
}

// checkCores checks the laws of the cores of a server. Where they are shared,
// those who share them are busy or queued by the integrals and in service by
// what they tell, and nobody waits.
func (n *Network) checkCores(at uint32, nd *nodeState) {
	m := &nd.cpu
	if n.insts[nd.first].cpu.order != ProcessorSharing {
		n.checkMeter(at, m, "cores")
		return
	}
	number := m.Busy
	number.AddSum(m.Queue)
	n.check(at, number == m.services, "the integral of those who share its cores is not the sum of their times there")
	n.checkShares(at, m)
	m.Queue = stats.Sum128{}
}

// closeBalancer fills in the figures of a balancer's limits: of the
// connections to its targets, else of those to itself.
func (n *Network) closeBalancer(at uint32, nd *nodeState) {
	for i := nd.first; i < nd.first+nd.count; i++ {
		in, span := &n.insts[i], uint64(n.upTime(i))
		n.gather(at, &in.workers, span)
		for k := range in.balancer.ways {
			in.balancer.ways[k].conns.each(func(st *station) { n.gather(at, st, span) })
		}
	}
	if nd.concurrency > 0 {
		n.checkMeter(at, &nd.workers, "connections")
		nd.stats.Connections = &nd.workers.ResourceStats
	}
	if nd.conns != nil {
		n.checkMeter(at, nd.conns, "connections to its targets")
		nd.stats.Connections = &nd.conns.ResourceStats
	}
}

func (n *Network) gather(at uint32, st *station, span uint64) {
	m := st.meter
	n.check(at, st.busy >= 0 && (st.capacity == 0 || st.busy <= st.capacity), "more channels are busy than there are")
	m.Busy.AddSum(st.busyArea)
	m.Queue.AddSum(st.waitArea)
	m.Capacity.AddProduct(uint64(st.capacity), span)
}

func (n *Network) checkMeter(at uint32, m *meter, what string) {
	n.check(at, m.Busy == m.services, "the busy time of its "+what+" is not the sum of the times in service")
	n.check(at, m.Queue == m.waits, "the integral of the queue for its "+what+" is not the sum of the waits")
}

// finish counts what was left when the run ended, and checks that every
// client's requests are accounted for.
func (n *Network) finish() {
	n.snap.Events = n.eng.Events()
	n.snap.Requests = n.requests
	n.snap.Asked = n.Asked()
	for i := range n.reqs {
		if q := &n.reqs[i]; q.counted {
			n.clients[q.client].stats.Ops[q.op].Unfinished++
		}
	}
	for i := range n.clients {
		n.closeFollowing(&n.clients[i])
		if n.choosers != nil {
			n.snap.Chosen = append(n.snap.Chosen, n.choosers[i].chosen())
		}
		if s := n.clients[i].stats; len(s.Ops) == 1 {
			for w := range s.Series {
				s.Ops[0].Latency.Merge(&s.Series[w].Latency)
			}
		}
		for j := range n.clients[i].stats.Ops {
			o := &n.clients[i].stats.Ops[j]
			ended := o.OK + o.Unfinished
			for _, e := range o.Errors {
				ended += e
			}
			n.check(n.clients[i].node, ended == o.Offered, "offered requests are not ok + errors + unfinished")
		}
	}
}

func (n *Network) check(at uint32, holds bool, law string) {
	if !holds {
		n.violated(at, law)
	}
}

func (n *Network) violated(at uint32, law string) {
	panic(&AssertionError{
		Seed: n.spec.Run.Seed, Replication: n.replication, Event: n.eng.Events(), At: n.eng.Now(),
		Node: fmt.Sprintf("%q", n.spec.Nodes[at].Name), Law: law,
	})
}
