package node

import (
	"slices"

	"github.com/capsim/capsim/sim"
)

// join is what a frame waits for that waits for several: the frames of its
// branches or copies.
type join struct {
	kids []uint32
	next uint32 // free list
}

func (n *Network) newJoin() uint32 {
	j := n.freeJoin
	if j == none {
		n.joins = append(n.joins, join{})
		return uint32(len(n.joins) - 1)
	}
	n.freeJoin = n.joins[j].next
	return j
}

// endJoin returns the frames of f's join that have not ended, and forgets
// it. They are valid until the next join is made.
func (n *Network) endJoin(f uint32) []uint32 {
	c := &n.cold[f]
	if c.child == none {
		return nil
	}
	j := &n.joins[c.child]
	kids := j.kids
	j.kids, j.next = j.kids[:0], n.freeJoin
	n.freeJoin, c.child = c.child, none
	return kids
}

// drop forgets a frame that has ended.
func (j *join) drop(kid uint32) {
	if i := slices.Index(j.kids, kid); i >= 0 {
		j.kids = slices.Delete(j.kids, i, i+1)
	}
}

// branchLeft takes branch b out of what f waits for.
func (n *Network) branchLeft(f, b uint32) {
	if c := &n.cold[f]; c.child != none && (n.code[n.frames[f].pc].op == opParallel || n.code[n.frames[f].pc].op == opScatter) {
		n.joins[c.child].drop(b)
	}
}

// abandon tells g that its caller has gone. A balancer drops the attempt,
// and no longer counts it against the instance; with cancel everything that
// was done for it is stopped, without it a server works on.
func (n *Network) abandon(g uint32, cancel bool, why Status) {
	if g == none || n.frames[g].state == free {
		return
	}
	if n.code[n.frames[g].pc].op == opPooled {
		n.hangUp(g, cancel, why)
		return
	}
	if cancel {
		n.cancel(g, why)
		return
	}
	in := &n.code[n.frames[g].pc]
	if in.op == opAccept && n.stateOf(g) == forRoom { // nobody publishes any more
		n.cancel(g, why)
		return
	}
	if in.standsBetween() {
		n.dropBetween(g, why)
		return
	}
	if in.op != opForward || !n.stateOf(g).forwards() {
		return
	}
	if in.relay != nil {
		n.eng.Disarm(g)
	}
	child := uint32(none)
	if n.stateOf(g) == forAnswer {
		child = n.cold[g].child
	}
	n.stopForwarding(g, in, n.stateOf(g))
	n.halt(g, why)
	n.abandon(child, false, why)
}

// abandonCopies ends the copies of f's hedged attempt that are still out.
func (n *Network) abandonCopies(f uint32, cancel bool) {
	for _, b := range n.endJoin(f) {
		n.eng.Disarm(b)
		if in := &n.code[n.frames[b].pc]; in.target.shared != nil {
			n.settleShared(b, in, OK, false)
		}
		n.abandon(n.cold[b].child, cancel, OK)
		n.release(b)
	}
}

// cancel stops g and all that is done for it. Why is how its visits ended:
// TimedOut, or OK where they merely became useless; Unavailable says that its
// instance was killed, and whoever asked for it is yet to be told.
func (n *Network) cancel(g uint32, why Status) {
	now := n.eng.Now()
	fr := &n.frames[g]
	in := &n.code[fr.pc]
	n.eng.Disarm(g)
	if in.op == opDeliver {
		n.breaksOff(g)
		return
	}
	state := n.stateOf(g)
	fr.state = running
	switch state {
	case running:
		if i := slices.Index(n.ready, g); i >= 0 {
			n.ready[i] = none
		}
	case onCore, forCore, onDisk, forDisk, receiving, toReceive, sending, toSend:
		n.breakOff(g, state)
	case forWorker:
		n.leaveQueue(g)
	case lagging:
		n.stopLag(g, why)
		return
	case forFlight:
		n.leaveFlight(g)
	case forRoom:
		n.leaveRoom(g)
	case forAnswer:
		if in.op == opForward {
			n.stopForwarding(g, in, state)
		} else {
			n.stopCalling(g, in, now)
		}
		stop, how := n.calls(g, why)
		n.abandon(n.cold[g].child, stop, how)
	case forConnection, connecting, turnedAway:
		n.stopForwarding(g, in, state)
	case inBackoff:
		if in.op == opForward {
			n.stopForwarding(g, in, state)
		}
	case forCopies:
		if in.care.breaker != nil {
			n.guard(g, in).lost(now, g)
		}
		stop, _ := n.calls(g, why)
		n.abandonCopies(g, stop)
	case forChildren:
		n.cancelChildren(g, in, why)
	case outbound, homebound, undelivered: // not there, or not there any more
		n.release(g)
		return
	}
	n.halt(g, why)
}

// stopCalling forgets the attempt that g waits for.
func (n *Network) stopCalling(g uint32, in *instr, now sim.Time) {
	if in.target.shared != nil {
		n.settleShared(g, in, OK, false)
	}
	if in.care != nil && in.care.breaker != nil {
		n.guard(g, in).lost(now, g)
	}
}

// cancelChildren stops the branches or the round of g.
func (n *Network) cancelChildren(g uint32, in *instr, why Status) {
	if in.op == opRepeat {
		n.cancel(n.cold[g].child, why)
		return
	}
	kids := n.endJoin(g)
	for i := range kids {
		n.cancel(kids[i], why)
	}
}

// halt ends the frame of something that was cancelled.
func (n *Network) halt(g uint32, why Status) {
	fr := &n.frames[g]
	if fr.flags&hasMemory != 0 {
		n.free(g)
	}
	if fr.flags&isBranch == 0 {
		n.stopVisit(g, why)
		in := &n.insts[fr.inst]
		if fr.flags&hasWorker != 0 {
			n.freeWorker(g, in, in.at)
		}
		if why == Unavailable {
			n.falls(g)
			return
		}
	} else if why == Unavailable && n.applies(g) {
		n.keepLate(g)
		return
	}
	n.release(g)
}

// stopVisit counts out a visit whose caller has gone.
func (n *Network) stopVisit(g uint32, why Status) {
	nd := n.insts[n.frames[g].inst].at
	n.depart(nd, g)
	if nd.slots != nil {
		n.freeSlot(g, false)
	}
	n.countStopped(nd, why)
}

// countStopped counts a visit that was stopped.
func (n *Network) countStopped(nd *nodeState, why Status) {
	switch {
	case !n.measuring:
	case why == OK:
		nd.stats.Cancelled++
	default:
		nd.stats.Errors[why-1]++
	}
}
