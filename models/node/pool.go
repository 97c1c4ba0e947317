package node

import (
	"slices"

	"github.com/capsim/capsim/sim"
)

// nodePool is what the connections of a server to another node have in
// common over its instances.
type nodePool struct {
	to      int
	acquire timed // longest wait for a connection; nil law: none
	connect timed // time to open one; nil law: none
	meter   meter
	each    []pool // of the instances
}

// pool holds the connections of one instance to another node. A connection
// is busy from when a call gets it, opening included, to the call's answer.
type pool struct {
	station
	idle int32  // open connections that nobody uses
	at   idling // and where they lead; nil: it does not matter
}

// pools makes the pools of a server.
func (b *builder) pools(at uint32) {
	s, nd := &b.spec.Nodes[at], &b.nodes[at]
	nd.pools = make([]nodePool, len(s.Server.Pools))
	for i := range s.Server.Pools {
		p := &s.Server.Pools[i]
		to := b.spec.Nodes[p.To].Name
		nd.pools[i] = nodePool{
			to:      p.To,
			acquire: b.timeout(p.AcquireTimeout, sim.HashName(s.Name, "pool", to, "acquire_timeout"), at),
			connect: b.law(p.Connect, sim.HashName(s.Name, "pool", to, "connect")),
		}
		each := make([]pool, nd.count)
		for k := range each {
			each[k].station = newStation(p.Size, FCFS, &nd.pools[i].meter)
		}
		nd.pools[i].each = each
	}
}

// through emits, behind the call i of a node that has a pool of connections
// to what it calls, the instruction of the frames that hold one.
func (b *builder) through(at, i uint32) {
	to := int(b.code[i].node)
	if k := slices.IndexFunc(b.nodes[at].pools, func(p nodePool) bool { return p.to == to }); k >= 0 {
		b.code[i].via = b.emit(instr{op: opPooled, pool: uint32(k)})
	}
}

// poolOf returns the pool that g waits in or has a connection of.
func (n *Network) poolOf(g uint32) (*pool, *nodePool) {
	inst := n.frames[g].inst
	nd := n.insts[inst].at
	np := &nd.pools[n.code[n.frames[g].pc].pool]
	return &np.each[inst-nd.first], np
}

// acquire asks for a connection for f's call. The frame that waits for it and
// holds it stands between the call and the visit: f itself waits for the
// answer all the time, so that its time-out includes the wait.
func (n *Network) acquire(f uint32, in *instr, callee uint16, seed uint64) uint32 {
	g, fr, c := n.newFrame(n.frames[f].inst, in.via, n.frames[f].req)
	fr.flags, fr.op, fr.parent = isBranch|n.frames[f].flags&isDetached, callee, f
	c.seed, c.parentGen = seed, n.cold[f].gen
	n.cold[f].child = g
	if n.frames[f].flags&isCopy != 0 {
		n.cold[f].count = none // it has not gone to any instance yet
	}
	if n.rares {
		n.rare[g] = rareFrame{key: n.about(f, in), priority: n.priorityAt(f)}
	}
	now := n.eng.Now()
	fr.since = now
	p, np := n.poolOf(g)
	p.account(now)
	np.meter.asks(&p.station)
	if p.full() {
		fr.state = forPool
		n.enqueue(&p.station, g)
		n.armPatience(&np.acquire, g)
		return none
	}
	p.busy++
	return n.getConnection(g, p, np)
}

// getConnection gives g one of the pool's connections; it has waited since
// g.since. It returns g if the connection is open, none if it has to be
// opened first.
func (n *Network) getConnection(g uint32, p *pool, np *nodePool) uint32 {
	now := n.eng.Now()
	fr, c := &n.frames[g], &n.cold[g]
	c.waited += now - fr.since
	if n.measuring {
		np.meter.waited(fr.since, now, true)
	}
	fr.since, c.held = now, now
	fr.state = running
	if p.idle > 0 {
		p.takeIdle()
		return g
	}
	if np.connect.kind == noLaw {
		return g
	}
	d := sim.FromNanoseconds(n.sample(&np.connect, g))
	if d == 0 {
		return g
	}
	fr.state, c.limit = opening, uint32(OK)
	at, class := now+d, sim.Completion
	if np.acquire.kind != noLaw {
		patience := sim.FromNanoseconds(n.sample(&np.acquire, g)) // what it was when the wait began
		if until := max(c.arrived+patience, now); until < at {
			at, class, c.limit = until, sim.Timer, uint32(Rejected)
		}
	}
	n.eng.Arm(at, class, n.rankOf(g), g)
	return none
}

// opened goes on when g's connection is open, or would have been too late.
func (n *Network) opened(g uint32) uint32 {
	if status := Status(n.cold[g].limit); status != OK {
		n.closeConnection(g)
		return n.deliver(g, status)
	}
	fr := &n.frames[g]
	n.cold[g].served += n.eng.Now() - fr.since
	fr.state = running
	if n.code[fr.pc].op == opDial {
		fr.pc++
	}
	return g
}

// sendPooled sends the call that g has a connection for.
func (n *Network) sendPooled(g uint32) uint32 {
	fr := &n.frames[g]
	f := fr.parent
	fr.state = forAnswer
	if n.faults == nil {
		return n.sendTo(f, g, &n.code[n.frames[f].pc], fr.op, n.cold[g].seed)
	}
	gen := n.cold[g].gen
	n.cold[g].limit = none
	next := n.sendTo(f, g, &n.code[n.frames[f].pc], fr.op, n.cold[g].seed)
	if n.cold[g].gen == gen {
		n.cold[g].limit = n.calledBy(g)
	}
	return next
}

// pooledAnswered gives the connection of g back and passes the answer on.
func (n *Network) pooledAnswered(g uint32, status Status) uint32 {
	p, np := n.poolOf(g)
	if n.measuring {
		np.meter.served(n.cold[g].held, n.eng.Now())
	}
	n.keepIdle(g, p, np, status)
	n.nextInPool(p, np)
	return n.deliver(g, status)
}

// closeConnection takes g's connection out of the pool: it carries a call
// whose answer nobody waits for, or was not opened in time.
func (n *Network) closeConnection(g uint32) {
	p, np := n.poolOf(g)
	if n.measuring {
		np.meter.brokenOff(n.cold[g].held, n.eng.Now())
	}
	n.nextInPool(p, np)
}

// nextInPool gives the place of a connection that is not used any more to
// who has waited longest.
func (n *Network) nextInPool(p *pool, np *nodePool) {
	p.account(n.eng.Now())
	if p.queued == 0 {
		p.busy--
		return
	}
	g := n.dequeue(&p.station)
	n.eng.Disarm(g)
	if n.getConnection(g, p, np) != none {
		n.ready = append(n.ready, g)
	}
}

// leavePool takes g out of the queue for a connection.
func (n *Network) leavePool(g uint32) {
	p, np := n.poolOf(g)
	now := n.eng.Now()
	p.account(now)
	n.unlink(&p.station, g)
	if n.measuring {
		np.meter.waited(n.frames[g].since, now, false)
	}
}

// acquiredTooLate refuses a call that has waited for a connection as long as
// the pool lets it.
func (n *Network) acquiredTooLate(g uint32) uint32 {
	n.leavePool(g)
	return n.deliver(g, Rejected)
}

// hangUp ends g, whose caller has gone. A connection that it has is closed at
// once: on most protocols the answer that is still to come would be in the
// way of the next call.
func (n *Network) hangUp(g uint32, cancel bool, why Status) {
	n.eng.Disarm(g)
	child := uint32(none)
	switch n.stateOf(g) {
	case forPool:
		n.leavePool(g)
	case turnedAway: // its instance is killed
	case running: // it was given one in the course of this event, or while its instance hung
		if i := slices.Index(n.ready, g); i >= 0 {
			n.ready[i] = none
		}
		n.closeConnection(g)
	case forAnswer:
		child = n.cold[g].child
		n.closeConnection(g)
	default: // opening
		n.closeConnection(g)
	}
	n.release(g)
	n.abandon(child, cancel, why)
}

// pooledBy returns the frame that makes the call whose connection g holds; g
// itself if it holds none.
func (n *Network) pooledBy(g uint32) uint32 {
	if n.code[n.frames[g].pc].op != opPooled {
		return g
	}
	return n.frames[g].parent
}

// sentThrough returns the frame that stands for f's call at what it calls: the one
// that holds the connection if there is a pool.
func (n *Network) sentThrough(f uint32) uint32 {
	g := n.cold[f].child
	if g == none || n.code[n.frames[g].pc].op != opPooled {
		return g
	}
	if n.frames[g].state != forAnswer {
		return none // waits for a connection
	}
	return n.cold[g].child
}

// clipPooled counts the connection of g, or the wait for it, up to now.
func (n *Network) clipPooled(g uint32, now sim.Time) {
	_, np := n.poolOf(g)
	if n.frames[g].state == forPool {
		np.meter.waits.Add(clipped(n.frames[g].since, now))
		return
	}
	np.meter.services.Add(clipped(n.cold[g].held, now))
}

// closePools fills in the figures of a node's pools and checks their laws.
func (n *Network) closePools(at uint32, nd *nodeState) {
	for k := range nd.pools {
		np := &nd.pools[k]
		for i := range np.each {
			p := &np.each[i]
			p.account(n.eng.Now())
			n.check(at, p.idle >= 0 && p.idle+p.busy <= p.capacity, "more connections are open than the pool may have")
			n.gather(at, &p.station, uint64(n.upTime(nd.first+uint32(i))))
		}
		n.checkMeter(at, &np.meter, "connections")
		nd.stats.Pools = append(nd.stats.Pools, PoolStats{To: np.to, ResourceStats: &np.meter.ResourceStats})
	}
}

// openPools begins the measurement of a node's pools.
func (nd *nodeState) openPools() {
	for k := range nd.pools {
		for i := range nd.pools[k].each {
			nd.pools[k].each[i].restart(0)
		}
	}
}
