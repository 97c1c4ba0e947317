package node

import (
	"iter"

	"github.com/capsim/capsim/sim"
)

// A frame in service is in one of the states onCore, onDisk, receiving and
// sending, and in the state after that while it waits for it. This file is
// what the stations of an instance have in common: its cores, its disk and its
// network interface. Where cores are shared or taken away, share.go and
// turns.go go on.
const waiting = 1

// stationOf returns the station at which a frame of that state is served, or
// for which it waits.
func (in *instance) stationOf(s state) *station {
	switch s {
	case onCore, forCore:
		return &in.cpu
	case onDisk, forDisk:
		return in.disk
	default:
		return in.wire
	}
}

// stations yields the stations that an instance has.
func (in *instance) stations() iter.Seq[*station] {
	return func(yield func(*station) bool) {
		_ = yield(&in.cpu) && yield(&in.workers) && (in.wire == nil || yield(in.wire)) && in.disk != nil && yield(in.disk)
	}
}

// queueUp asks for a channel of a station for f. It is served at once or when
// its turn has come; doing is what it then does.
func (n *Network) queueUp(f uint32, st *station, doing state) {
	now := n.eng.Now()
	fr := &n.frames[f]
	fr.since = now
	st.account(now)
	switch {
	case st.order > ByPriority:
		n.joinTurns(f, st, now)
	case st.busy >= st.capacity:
		fr.state = doing + waiting
		n.enqueue(st, f)
	default:
		st.busy++
		fr.state = doing
		n.serve(f, st, now)
	}
}

// serve lets f be served, which has waited since f.since and has a channel.
func (n *Network) serve(f uint32, st *station, now sim.Time) {
	fr := &n.frames[f]
	if wait := now - fr.since; wait > 0 {
		n.cold[f].waited += wait
	}
	if n.measuring {
		st.meter.waited(fr.since, now, true)
	}
	fr.since = now
	in := &n.code[fr.pc]
	switch {
	case fr.state == onCore || fr.state == onDisk && in.transfer == nil:
		n.after(f, &in.time)
	case fr.state == onDisk:
		n.endAt(f, now+n.slowed(f, n.transferTime(f, in)))
	default:
		n.endAt(f, now+n.wireTime(f))
	}
}

// endAt schedules the end of what f does.
func (n *Network) endAt(f uint32, at sim.Time) {
	rank := n.rankOf(f)
	if n.cancels {
		n.eng.Arm(at, sim.Completion, rank, f)
		return
	}
	n.eng.Schedule(at, sim.Completion, rank, f)
}

// complete ends the service of f and gives its channel to the next.
func (n *Network) complete(f uint32, st *station) {
	now := n.eng.Now()
	fr := &n.frames[f]
	n.cold[f].served += now - fr.since
	if n.measuring {
		st.meter.served(fr.since, now)
	}
	n.next(st, now)
}

// next gives a channel that has become free to who waits for it.
func (n *Network) next(st *station, now sim.Time) {
	st.account(now)
	if st.queued == 0 {
		st.busy--
		return
	}
	g := n.dequeue(st)
	n.frames[g].state -= waiting
	if st.order > ByPriority {
		n.beginTurn(g, st, now)
		n.interrupt(st, now)
		return
	}
	n.serve(g, st, now)
}

// worked ends f's work on a core or a disk, and returns the frame to go on
// with: none if that was but a turn of it.
func (n *Network) worked(f uint32) uint32 {
	fr := &n.frames[f]
	in := &n.insts[fr.inst]
	switch {
	case fr.state == onDisk:
		n.complete(f, in.disk)
	case in.cpu.order <= ByPriority:
		n.complete(f, &in.cpu)
	case !n.turnOver(f, &in.cpu):
		return none
	}
	fr.state = running
	fr.pc++
	return f
}

// breakOff takes f, which was in that state, out of a station or out of the
// queue for it.
func (n *Network) breakOff(f uint32, was state) {
	now := n.eng.Now()
	fr := &n.frames[f]
	st := n.insts[fr.inst].stationOf(was)
	switch {
	case st.order == ProcessorSharing:
		n.leaveShares(f, st, now)
	case was == onCore || was == onDisk || was == receiving || was == sending:
		if st.order == Preemptive {
			st.turns.bench.drop(n.turns, f)
		}
		n.next(st, now)
	default:
		st.account(now)
		n.unlink(st, f)
		if n.measuring {
			st.meter.waited(fr.since, now, false)
		}
		return
	}
	if n.measuring {
		st.meter.brokenOff(fr.since, now)
	}
}
