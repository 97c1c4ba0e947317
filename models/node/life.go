package node

import (
	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/stats"
)

// stage is where an instance of a server stands between its start and its
// end.
type stage uint8

// The stages, in the order in which an instance goes through them. It may be
// started anew after the last.
const (
	absent   stage = iota // not started, or stopped: it is not there, and costs nothing
	booting               // it costs, and can do nothing yet
	serving               // in service: those who choose may choose it
	draining              // it finishes what it has, and gets nothing new
)

// lookAgain is when an instance that drains is looked at again which has
// answered all requests, but still has spawned work to do.
const lookAgain = sim.Second

// fleet is the instances of a server that come and go. A server whose
// instances are always there has none.
type fleet struct {
	members     []member
	started     int64 // booting, serving or draining
	inService   int64
	changed     sim.Time     // when one of these counts last changed
	startedArea stats.Sum128 // ∫ started dt since the beginning of the window
	rented      []rented     // of them, by what they are made of; nil: always the same
	serviceArea stats.Sum128 // ∫ inService dt
	starts      uint64       // within the window
	stops       uint64
	builds      []build    // what its instances may be made of; nil: always the same
	base        uint32     // the first instance of the set that is in service
	deploy      *deployRun // that is under way
}

// member is an instance of a fleet.
type member struct {
	stage stage
	born  sim.Time // when it was started last
	since sim.Time // serving: since when
	limit sim.Time // draining: when it is stopped at the latest
	timer uint32   // the frame whose event ends the stage; none: nothing ends it
	load  memberLoad

	drained  sim.Time // when it began to drain last
	replaced bool     // the deploy that is under way waits for it
	build    uint32   // what it is made of, in fleet.builds
	shift    uint32   // of its programs, behind those of the first build
	past     past
}

// Changing reports whether instances of the node come and go.
func (n *Node) Changing() bool {
	return n.Deployed || n.Server != nil && (n.Server.Autoscale != nil || n.AtStart() != n.Instances)
}

// AtStart returns how many instances there are at the start.
func (n *Node) AtStart() int {
	if n.Initial == 0 {
		return max(1, n.Instances)
	}
	return n.Initial
}

// Fewest returns how many instances there are when there are fewest.
func (n *Node) Fewest() int {
	if n.Server != nil && n.Server.Autoscale != nil {
		return min(n.AtStart(), n.Server.Autoscale.Min)
	}
	return n.AtStart() - n.Away
}

// Most returns how many instances may be in service together.
func (n *Node) Most() int {
	if n.MostInService == 0 {
		return n.Instances
	}
	return n.MostInService
}

// fleets prepares the servers whose instances come and go. Those that are not
// there yet are out of the choice of everybody.
func (b *builder) fleets() {
	for i := range b.spec.Nodes {
		s, nd := &b.spec.Nodes[i], &b.nodes[i]
		if !s.Changing() {
			continue
		}
		nd.fleet = &fleet{members: make([]member, nd.count), builds: b.builds[i], rented: make([]rented, len(b.builds[i]))}
		nd.choosy = true // a controller counts what comes where it is decided whether it is let in
		for k := range nd.count {
			m := &nd.fleet.members[k]
			m.timer = none
			if int(k) < s.AtStart() {
				m.stage = serving
				nd.fleet.counts(m, 1)
				nd.fleet.inService++
				continue
			}
			inst := nd.first + k
			b.faults.conditions[inst].Begin(&outOfService)
			b.insts[inst].state = fault.Dead
			if nd.use != nil {
				nd.use.each[k] = 0
				nd.memory -= nd.use.base
			}
			for _, at := range b.faults.watches[inst] {
				at.balancer.ways[at.way].group.Bar(at.member, balance.Absent)
			}
			if nd.shared != nil {
				nd.shared.ways[0].group.Bar(int(k), balance.Absent)
			}
		}
		b.takersStay(nd)
	}
}

// takersStay lets the queues that a server consumes know which of its
// instances take messages.
func (n *Network) takersStay(nd *nodeState) {
	for _, q := range n.brokers {
		if !q.at.broker.feeds(nd.first) {
			continue
		}
		for k := range q.takers {
			q.takers[k].away = nd.fleet.members[k].stage != serving
		}
		n.assign(q)
		n.handOut(q)
	}
}

// stageOf returns the stage of an instance: serving, where instances do not
// come and go.
func (n *Network) stageOf(i uint32) stage {
	nd := n.insts[i].at
	if nd.fleet == nil {
		return serving
	}
	return nd.fleet.members[i-nd.first].stage
}

// account brings the integrals up to now. Call it before a count changes.
func (x *fleet) account(now sim.Time) {
	if now < 0 { // in the warm-up, when nothing changes
		return
	}
	dt := uint64(now - x.changed)
	x.changed = now
	x.startedArea.AddProduct(uint64(x.started), dt)
	for k := range x.rented {
		x.rented[k].area.AddProduct(uint64(x.rented[k].started), dt)
	}
	x.serviceArea.AddProduct(uint64(x.inService), dt)
}

// enters lets instance i come to a stage: the only place where one does.
func (n *Network) enters(i uint32, to stage) {
	nd := n.insts[i].at
	x := nd.fleet
	m := &x.members[i-nd.first]
	x.account(n.eng.Now())
	if m.stage == serving {
		x.inService--
	}
	if to == serving {
		x.inService++
	}
	if m.stage == absent {
		x.counts(m, 1)
		m.born = n.eng.Now()
		if n.measuring {
			x.starts++
		}
	}
	if to == absent {
		x.counts(m, -1)
		if n.measuring {
			x.stops++
		}
	}
	m.stage = to
}

// starts starts instance i, which is absent: after its boot it is in service.
func (n *Network) starts(i uint32, boot sim.Time) {
	n.enters(i, booting)
	if boot <= 0 {
		n.takesUp(i)
		return
	}
	n.armLife(i, n.eng.Now()+boot)
}

// takesUp takes instance i, which has booted, into service.
func (n *Network) takesUp(i uint32) {
	n.enters(i, serving)
	nd := n.insts[i].at
	for _, q := range n.brokers {
		if q.feeds(i) {
			q.takers[i-q.takers[0].inst].away = false
		}
	}
	n.comesUp(i) // which lets the queues know
	m := &nd.fleet.members[i-nd.first]
	m.since = n.eng.Now()
	m.load.restart(n, i)
	for _, at := range n.faults.watches[i] {
		n.welcome(at)
	}
	if nd.shared != nil {
		nd.shared.ways[0].group.Admit(int(i-nd.first), balance.Absent)
	}
	for k := range n.probers {
		if p := &n.probers[k]; p.target() == i && n.insts[p.at].state < fault.Dead {
			n.startProber(k)
		}
	}
	n.recovered()
	n.replacedServes(i)
}

// welcome lets a balancer choose a member that has come into service. Nothing
// is held against it that an earlier one in its place has done.
func (n *Network) welcome(at watch) {
	w := &at.balancer.ways[at.way]
	if w.outliers != nil {
		for f := range n.frames {
			fr, c := &n.frames[f], &n.cold[f]
			if fr.state == ejected && n.insts[fr.inst].balancer == at.balancer && int(c.limit) == at.way && int(c.count) == at.member {
				n.eng.Disarm(uint32(f))
				n.release(uint32(f))
			}
		}
		w.outliers[at.member] = outlier{}
		w.group.Admit(at.member, balance.Ejected)
	}
	n.backInRotation(at.balancer, w, at.member, balance.Absent)
}

// drains lets instance i finish what it has, for so long at most, and then
// stops it. One that boots is stopped at once.
func (n *Network) drains(i uint32, longest sim.Time) {
	nd := n.insts[i].at
	m := &nd.fleet.members[i-nd.first]
	switch m.stage {
	case booting:
		n.vanishes(i)
		return
	case absent, draining:
		return
	}
	n.enters(i, draining)
	m.drained = n.eng.Now()
	for _, at := range n.faults.watches[i] {
		n.outOfRotation(at.balancer, &at.balancer.ways[at.way], at.member, balance.Absent)
	}
	if nd.shared != nil {
		nd.shared.ways[0].group.Bar(int(i-nd.first), balance.Absent)
	}
	for k := range n.probers {
		if p := &n.probers[k]; p.target() == i && p.frame != none {
			n.stopProber(p.frame)
			p.balancer.ways[p.way].group.Admit(p.member, balance.Unhealthy)
		}
	}
	n.takersStay(nd)
	if m.limit = n.eng.Now() + longest; m.limit < n.eng.Now() {
		m.limit = sim.Never - 1
	}
	at := m.limit
	if m.load.inside == 0 {
		at = n.eng.Now()
	}
	n.armLife(i, at)
}

// vanishes stops instance i, whatever it is doing.
func (n *Network) vanishes(i uint32) {
	nd := n.insts[i].at
	m := &nd.fleet.members[i-nd.first]
	was := m.stage
	if m.timer != none {
		n.eng.Disarm(m.timer)
		n.release(m.timer)
		m.timer = none
	}
	if was == serving {
		n.drains(i, 0)
		n.vanishes(i)
		return
	}
	n.enters(i, absent)
	if was == draining {
		n.goesDown(i)
	}
	n.replacedStops(i)
}

// armLife lets the stage of instance i end at a time.
func (n *Network) armLife(i uint32, at sim.Time) {
	nd := n.insts[i].at
	m := &nd.fleet.members[i-nd.first]
	if m.timer == none {
		f, fr, _ := n.newFrame(i, 0, none)
		fr.state, m.timer = lifeDue, f
	} else {
		n.eng.Disarm(m.timer)
	}
	n.eng.Arm(at, sim.Timer, nd.rank, m.timer)
}

// lifeChanges ends the stage of the instance that frame f is the timer of.
func (n *Network) lifeChanges(f uint32) {
	i := n.frames[f].inst
	nd := n.insts[i].at
	m := &nd.fleet.members[i-nd.first]
	now := n.eng.Now()
	switch {
	case m.stage == booting:
		n.release(f)
		m.timer = none
		n.takesUp(i)
	case now >= m.limit || n.idle(i):
		n.vanishes(i)
	case m.load.inside > 0:
		n.armLife(i, m.limit)
	default:
		n.armLife(i, min(m.limit, now+lookAgain))
	}
}

// idle reports whether nothing is under way at instance i, nor to it.
func (n *Network) idle(i uint32) bool {
	for f := range n.frames {
		if fr := &n.frames[f]; fr.inst == i && fr.req != none && isThere(fr.state) {
			return false
		}
	}
	return true
}

// isThere reports whether a frame in that state is at its instance, or on its
// way to it. What a replica is sent by its primary it gets when it is back.
func isThere(s state) bool {
	switch s {
	case free, homebound, undelivered, shipped, late:
		return false
	}
	return true
}

// hurries looks whether an instance that drains has finished, now that a
// visit to it has ended.
func (n *Network) hurries(i uint32) {
	nd := n.insts[i].at
	if m := &nd.fleet.members[i-nd.first]; m.stage == draining && m.load.inside == 0 {
		n.armLife(i, n.eng.Now())
	}
}

// memberLoad is what an instance has to do, as a controller of its number
// sees it.
type memberLoad struct {
	inside  int64 // visits
	came    uint64
	changed sim.Time // when inside last changed
	area    stats.Sum128
	mark    loadMark
}

// loadMark is what the figures of an instance were when an interval began.
type loadMark struct {
	down       sim.Time
	came       uint64
	area, busy stats.Sum128
}

// count takes a visit in or out.
func (l *memberLoad) count(by int64, now sim.Time) {
	l.area.AddProduct(uint64(l.inside), uint64(now-l.changed))
	l.changed = now
	l.inside += by
}

// restart begins an interval of instance i.
func (l *memberLoad) restart(n *Network, i uint32) {
	now, in := n.eng.Now(), &n.insts[i]
	l.count(0, now)
	in.cpu.account(now)
	l.mark = loadMark{down: n.downTime(i), came: l.came, area: l.area, busy: in.cpu.busyArea}
}

// insideChanges counts a visit into, or out of, an instance that comes and
// goes.
func (n *Network) insideChanges(i uint32, by int64) {
	nd := n.insts[i].at
	l := &nd.fleet.members[i-nd.first].load
	l.count(by, n.eng.Now())
	if by < 0 {
		n.hurries(i)
	}
}

// FleetStats is how many instances of a server there were within the window.
type FleetStats struct {
	Started stats.Sum128 // ∫ those that cost dt: booting, in service or draining
	// StartedBy is the same by what they are made of: as at the start, and each
	// of Node.Machines. Nil where all are alike.
	StartedBy []stats.Sum128
	InService stats.Sum128 // ∫ those in service dt, dead ones too
	Starts    uint64
	Stops     uint64
}

// closeFleet fills in the figures of the instances that come and go, and
// checks that the numbers are those of the stages.
func (n *Network) closeFleet(at uint32, nd *nodeState) {
	x := nd.fleet
	x.account(n.eng.Now())
	started, serves := int64(0), int64(0)
	for k := range x.members {
		if x.members[k].stage != absent {
			started++
		}
		if x.members[k].stage == serving {
			serves++
		}
	}
	n.check(at, started == x.started && serves == x.inService, "the numbers of its instances are not what the instances say")
	inside := int64(0)
	for k := range x.members {
		inside += x.members[k].load.inside
	}
	n.check(at, inside == nd.inside, "the requests inside are not those inside its instances")
	nd.stats.Fleet = &FleetStats{x.startedArea, n.rents(at, x), x.serviceArea, x.starts, x.stops}
}
