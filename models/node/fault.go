package node

import (
	"cmp"
	"slices"

	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// faults is what a topology has in which something goes wrong on purpose.
type faults struct {
	runs       []faultRun        // as Spec.Faults
	conditions []fault.Condition // by instance
	downSince  []sim.Time        // by instance: when it died
	down       []sim.Time        // by instance: how long it was dead before that
	watches    [][]watch         // by instance: who may take it out of rotation
	targets    [][]uint32        // as Spec.Faults: the instances that each strikes, in order
	changes    []change          // by instance: what the present fault does to it
	one        [1]uint32         // scratch: a single instance
	doomed     []uint32          // frames at instances that are being killed
	chance     *breakdowns       // nil: no fault comes by chance
	fallen     []heldFrame       // visits that were killed, and whose callers are to be told
	moved      []frozenEvent     // work that is being stretched
}

// faultRun is a fault in operation.
type faultRun struct {
	begun, ended bool
	open         bool     // it has begun, and what it did to the rotation has not passed
	passed       sim.Time // when it last had; before the window if it never has
}

func newFaultRuns(n int) []faultRun {
	out := make([]faultRun, n)
	for k := range out {
		out[k].passed = -sim.Never
	}
	return out
}

// watch is a place in a balancer's group.
type watch struct {
	balancer *balancer
	way      int
	member   int
}

// change is what happens to an instance when a fault begins.
type change uint8

const (
	noChange change = iota
	dies
	freezes
)

// faulty prepares the faults. Instances that may hang get room for what will
// stand still.
func (b *builder) faulty() {
	if !b.spec.mortal() {
		return
	}
	list := b.spec.Faults
	all := len(b.insts)
	x := &faults{
		runs: newFaultRuns(len(list)), conditions: make([]fault.Condition, all), changes: make([]change, all),
		downSince: make([]sim.Time, all), down: make([]sim.Time, all), watches: make([][]watch, all),
		targets: make([][]uint32, len(list)),
	}
	b.faults = x
	for k := range list {
		b.snap.Faults = append(b.snap.Faults, FaultStats{Detected: sim.Never, Recovered: sim.Never})
		x.targets[k] = b.instancesAt(list[k].Where)
		if list[k].Kind == fault.Hang {
			b.hangs = true
			for _, i := range b.eligible(&list[k]) {
				b.insts[i].hang = &hang{}
			}
		}
	}
	for i := range b.insts {
		if lb := b.insts[i].balancer; lb != nil {
			for way := range lb.ways {
				for member, inst := range lb.ways[way].insts {
					x.watches[inst] = append(x.watches[inst], watch{lb, way, member})
				}
			}
		}
	}
	b.partitions()
	b.breakable()
	b.ailments()
	b.steered()
	b.knowIdle()
}

// silent reports whether an instance may vanish without a word, so that
// requests have no end.
func (b *builder) silent() bool {
	return slices.ContainsFunc(b.spec.Faults, func(f fault.Fault) bool { return f.Silent })
}

// mortal reports whether any instance may die, stand still, or come and go.
func (s *Spec) mortal() bool {
	return len(s.Faults) > 0 || slices.ContainsFunc(s.Nodes, func(n Node) bool {
		return n.Changing() || n.Server != nil && (n.Server.Collector != nil || n.MayFill())
	})
}

// comes reports whether fault k may begin: within the window, and with an
// effect. What does not come leaves the run as it would be without it.
func (s *Spec) comes(k int) bool {
	return s.Faults[k].At < s.Run.Duration && !s.Faults[k].Nothing()
}

// scheduleFaults makes the faults begin, those that do so within the window.
func (n *Network) scheduleFaults() {
	for k := range n.spec.Faults {
		at := n.spec.Faults[k].At
		if !n.spec.comes(k) || n.spec.Faults[k].Random() {
			continue
		}
		f, fr, c := n.newFrame(n.faults.targets[k][0], 0, none)
		fr.state, c.count = faultDue, uint32(k)
		n.eng.Arm(at, sim.Timer, n.rankOf(f), f)
	}
	if n.faults != nil && n.faults.chance != nil {
		n.scheduleBreakdowns()
	}
}

// faultChanges begins or ends the fault of frame f.
func (n *Network) faultChanges(f uint32) {
	k := int(n.cold[f].count)
	if k >= len(n.faults.runs) {
		n.breakdownDue(k - len(n.faults.runs))
		return
	}
	run, spec := &n.faults.runs[k], &n.spec.Faults[k]
	if run.begun {
		n.release(f)
		run.ended = true
		n.passes(k, n.faults.targets[k])
		n.recovered()
		return
	}
	run.begun, run.open = true, true
	n.findLeaders(k)
	if until := n.eng.Now() + spec.For; spec.For > 0 && until > n.eng.Now() {
		n.eng.Arm(until, sim.Timer, n.rankOf(f), f)
	} else {
		n.release(f)
	}
	n.befalls(k, n.faults.targets[k])
}

// afflict lets a fault begin at some instances, all at the same instant.
func (n *Network) afflict(insts []uint32, f *fault.Fault) {
	x := n.faults
	dying, freezing := false, false
	for _, i := range insts {
		was := n.insts[i].state
		x.conditions[i].Begin(f)
		now := x.conditions[i].State()
		n.insts[i].state = now
		switch {
		case was < fault.Dead && now >= fault.Dead:
			x.changes[i], x.downSince[i], dying = dies, n.eng.Now(), true
			n.stopClocks(i)
		case was == fault.Up && now == fault.Hung:
			x.changes[i], freezing = freezes, true
		}
	}
	if freezing {
		n.freeze(insts)
	}
	if dying {
		n.strike(insts)
	}
	for _, i := range insts {
		x.changes[i] = noChange
	}
	n.steer(insts, n.numberOf(f), false)
}

// relieve lets a fault end at some instances.
func (n *Network) relieve(insts []uint32, f *fault.Fault) {
	x := n.faults
	for _, i := range insts {
		was := n.insts[i].state
		x.conditions[i].End(f)
		now := x.conditions[i].State()
		n.insts[i].state = now
		if was >= fault.Dead && now < fault.Dead {
			x.down[i] += n.eng.Now() - x.downSince[i]
			n.startClocks(i)
			n.restart(i)
			if now == fault.Hung {
				n.insts[i].hang.since = n.eng.Now()
			}
		}
		if was == fault.Hung && now == fault.Up {
			n.thaw(i)
		}
	}
	n.steer(insts, None, true)
}

// outOfService is what holds for an instance that is not there although no
// fault of the file has killed it.
var outOfService = fault.Fault{Kind: fault.Kill}

// goesDown takes an instance away as a kill does: what is in flight there
// fails as unavailable. It is to be balanced by comesUp.
func (n *Network) goesDown(i uint32) {
	n.faults.one[0] = i
	n.afflict(n.faults.one[:], &outOfService)
}

// comesUp lets an instance begin anew that goesDown took away, unless
// something else still holds it down.
func (n *Network) comesUp(i uint32) {
	n.faults.one[0] = i
	n.relieve(n.faults.one[:], &outOfService)
	n.recovered()
}

// strike ends whatever is under way at the instances that are dying. First
// all queues there are emptied, so that nothing takes the place of what is
// stopped; then the visits are stopped, and the branches that they leave
// behind; at last those who asked for them are told.
func (n *Network) strike(insts []uint32) {
	x := n.faults
	x.doomed, x.fallen = x.doomed[:0], x.fallen[:0]
	for f := range n.frames {
		if n.doomed(uint32(f)) {
			x.doomed = append(x.doomed, uint32(f))
			n.leaveQueues(uint32(f))
		}
	}
	// Which frames they have depends on all else in the file.
	slices.SortStableFunc(x.doomed, func(f, g uint32) int {
		a, b := &n.cold[f], &n.cold[g]
		return cmp.Or(cmp.Compare(a.arrived, b.arrived), cmp.Compare(a.seed, b.seed))
	})
	for _, f := range x.doomed {
		if n.doomed(f) && n.frames[f].flags&isBranch == 0 {
			n.stops(f)
		}
	}
	for again := true; again; {
		again = false
		for _, f := range x.doomed {
			if n.doomed(f) && n.orphaned(f) {
				n.stops(f)
				again = true
			}
		}
	}
	for _, i := range insts {
		if x.changes[i] == dies {
			n.forget(i)
		}
	}
	for i := range x.fallen {
		n.tellOfDeath(x.fallen[i])
	}
}

// doomed reports whether frame f is at an instance that is dying.
func (n *Network) doomed(f uint32) bool {
	fr := &n.frames[f]
	if n.faults.changes[fr.inst] != dies {
		return false
	}
	switch fr.state {
	case free, faultDue, lifeDue, scaleDue, deployDue, steering, ticking, outbound, homebound, undelivered, probeOutbound, probeHomebound, shipped, late, collecting, exhausted:
		return false // it is not there
	}
	return true
}

// orphaned reports whether branch f has nobody who would stop it when he is
// stopped himself.
func (n *Network) orphaned(f uint32) bool {
	p := n.frames[f].parent
	return p == none || n.frames[f].req == none || n.cold[p].gen != n.cold[f].parentGen
}

// leaveQueues takes f out of the queue that it stands in, if any.
func (n *Network) leaveQueues(f uint32) {
	fr := &n.frames[f]
	switch fr.state {
	case forCore, forDisk, toReceive, toSend:
		n.breakOff(f, fr.state)
	case forWorker:
		n.eng.Disarm(f)
		n.leaveQueue(f)
	case forFlight:
		n.leaveFlight(f)
	case forRoom:
		n.leaveRoom(f)
	case forConnection:
		n.eng.Disarm(f)
		n.leaveLine(f, &n.code[fr.pc])
		n.forgetTried(f, &n.code[fr.pc])
	case forPool:
		n.eng.Disarm(f)
		n.leavePool(f)
		fr.state = turnedAway
		return
	default:
		return
	}
	fr.state = running
}

// stops stops a frame at an instance that dies.
func (n *Network) stops(f uint32) {
	switch {
	case n.frames[f].req != none:
		n.cancel(f, Unavailable)
	case n.frames[f].state == ejected, n.frames[f].state == resting:
		n.eng.Disarm(f)
		n.release(f)
	case n.frames[f].flags&isBranch == 0:
		n.stopProber(f)
	default:
		n.probeDies(f)
	}
}

// calls tells what becomes of the calls of g, which ends so: whether they
// are stopped, and how they ended then. A dead machine's are, if the client
// wants it so.
func (n *Network) calls(g uint32, why Status) (stop bool, how Status) {
	if why == Unavailable {
		return n.reqs[n.frames[g].req].cancel, OK
	}
	return true, why
}

// falls keeps a visit that was killed until its caller can be told.
func (n *Network) falls(g uint32) {
	n.cold[g].gen++ // it waits for nothing any more
	n.frames[g].state = homebound
	n.cold[g].limit = uint32(Unavailable)
	n.faults.fallen = append(n.faults.fallen, heldFrame{frame: g, gen: n.cold[g].gen})
}

// tellOfDeath lets the caller of a visit that was killed know, unless the
// machine vanished without a word.
func (n *Network) tellOfDeath(h heldFrame) {
	g := h.frame
	if n.cold[g].gen != h.gen {
		return // its caller was killed too
	}
	silent := n.insts[n.frames[g].inst].state == fault.Silent
	switch {
	case n.frames[g].req == none && silent:
		n.loseProbe(g)
	case n.frames[g].req == none:
		n.probeAnswers(g, Unavailable)
	case silent:
		n.lose(g)
	case n.net != nil:
		n.resume(n.travelHome(g, Unavailable))
	default:
		n.resume(n.deliver(g, Unavailable))
	}
}

// forget empties the memory of an instance that has died: what its calls
// remember, and what it would have done after a hang.
func (n *Network) forget(i uint32) {
	for k := range n.code {
		c := n.code[k].care
		if c == nil || n.insts[c.first].node != n.insts[i].node {
			continue
		}
		n.guards[c.guards+i-c.first] = guard{probe: none}
	}
	if h := n.insts[i].hang; h != nil {
		h.frozen = h.frozen[:0]
		n.goOn(h)
	}
	nd := n.insts[i].at
	if nd.cache != nil {
		n.empty(i)
	}
	for k := range nd.pools {
		p := &nd.pools[k].each[i-nd.first]
		p.idle = 0
		clear(p.at)
	}
	if nd.use != nil {
		n.forgetMemory(i, nd)
	}
	if nd.collector != nil {
		n.collectorDies(i, nd)
	}
	n.queueDies(i)
	if n.insts[i].state != fault.Silent { // else nobody knows
		n.dropIdle(i)
	}
}

// restart begins anew with an instance that was dead.
func (n *Network) restart(i uint32) {
	n.reopen(i)
	n.queueRestarts(i)
	n.dropIdle(i)
	n.sendUnsent(i)
	n.catchUp(i)
	b := n.insts[i].balancer
	if b == nil {
		return
	}
	sticky := n.spec.Nodes[n.insts[i].node].Balancer.Sticky
	for k := range b.ways {
		w := &b.ways[k]
		for member := range w.insts {
			w.group.Admit(member, balance.Unhealthy|balance.Ejected)
		}
		clear(w.outliers)
		if sticky != nil && sticky.Source { // users still have their cookies
			w.bound = newBindings(sticky.TTL)
		}
		if w.ramp != nil {
			w.ramp.end(w.group)
		}
	}
	n.startProbers(i)
}

// reopen lets a server begin anew: with a full token bucket, and the memory
// that it needs to run.
func (n *Network) reopen(i uint32) {
	nd := n.insts[i].at
	if nd.rate != nil {
		nd.buckets[i-nd.first] = bucket{}
	}
	if nd.use != nil {
		n.changeMemory(i, int64(nd.use.base))
	}
	if nd.collector != nil {
		n.collectorRestarts(i, nd)
	}
}

// blame counts a failed request of a client, due at a time, for the faults
// under way, and for those that were since then: a time-out tells of what is
// over.
func (n *Network) blame(due sim.Time) {
	if n.faults == nil {
		return
	}
	for k := range n.faults.runs {
		if n.faults.runs[k].open || n.faults.chance.unmended(k) || due < n.faults.runs[k].passed {
			n.snap.Faults[k].Failed++
		}
	}
	for k := range n.deployed {
		if n.deployed[k].open {
			n.snap.Deploys[k].Failed++
		}
	}
}
