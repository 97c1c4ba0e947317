package node

import (
	"slices"

	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// hang is what stands still at an instance that hangs. The times of what was
// under way stop and go on afterwards; what wants to go on meanwhile, or
// comes in, is kept in the order in which it came.
type hang struct {
	since  sim.Time
	got    float64 // shared cores: what everybody had got by then
	frozen []frozenEvent
	held   []heldFrame
}

// frozenEvent is an event that was to come.
type frozenEvent struct {
	frame, gen uint32
	state      state
	event      sim.Suspended
}

// compare orders events by when they would have come.
func (e frozenEvent) compare(o frozenEvent) int {
	if e.event.Before(o.event) {
		return -1
	}
	return 1
}

// heldFrame is a frame that is to go on: with its event after some time, or,
// by its state, with its program or with its answer.
type heldFrame struct {
	frame, gen uint32
	state      state
	at         sim.Time // when it was kept
	left       sim.Time // until its event
}

// freeze stops all that is under way at instances that begin to hang.
func (n *Network) freeze(insts []uint32) {
	for _, i := range insts {
		if h := n.insts[i].hang; n.faults.changes[i] == freezes {
			h.since, h.frozen, h.held = n.eng.Now(), h.frozen[:0], h.held[:0]
			if st := &n.insts[i].cpu; st.sharing != nil {
				st.sharing.advance(st, h.since)
				h.got = st.sharing.got
			}
		}
	}
	for f := range n.frames {
		fr := &n.frames[f]
		if n.faults.changes[fr.inst] != freezes || !standsStill(fr.state) {
			continue
		}
		if event, ok := n.eng.Suspend(uint32(f)); ok {
			h := n.insts[fr.inst].hang
			h.frozen = append(h.frozen, frozenEvent{uint32(f), n.cold[f].gen, fr.state, event})
		}
	}
	for _, i := range insts {
		if n.faults.changes[i] == freezes {
			slices.SortFunc(n.insts[i].hang.frozen, frozenEvent.compare)
		}
	}
}

// standsStill reports whether the event of a frame in that state is delayed
// by the hang of its instance. Messages under way are not.
func standsStill(s state) bool {
	switch s {
	case free, faultDue, lifeDue, scaleDue, steering, outbound, homebound, probeOutbound, probeHomebound, shipped, late, lagging, collecting, exhausted:
		return false
	}
	return true
}

// thaw lets instance i go on.
func (n *Network) thaw(i uint32) {
	h, now := n.insts[i].hang, n.eng.Now()
	n.thawCores(&n.insts[i].cpu, h, now)
	for f := range n.frames {
		// What was begun meanwhile, because something else was given up, has
		// made no progress either.
		fr := &n.frames[f]
		if fr.inst != i || fr.state == ticking || !standsStill(fr.state) {
			continue
		}
		if st := &n.insts[i].cpu; fr.state == onCore && st.turns != nil && st.sharing == nil {
			n.turns[f].left += now - max(fr.since, h.since)
		}
		if event, ok := n.eng.Suspend(uint32(f)); ok {
			event.Left += now - max(fr.since, h.since)
			n.eng.Resume(event, uint32(f))
		}
	}
	for _, e := range h.frozen {
		if n.cold[e.frame].gen == e.gen && n.frames[e.frame].state == e.state && e.state != ticking {
			n.eng.Resume(e.event, e.frame)
		}
	}
	h.frozen = h.frozen[:0]
	n.goOn(h)
	n.sendUnsent(i)
	if q := n.insts[i].at.broker; q != nil {
		n.handOut(q)
	}
}

// thawCores lets shared cores go on. What they seemed to do meanwhile, which
// keeps them busy, is added to what everybody needs.
func (n *Network) thawCores(st *station, h *hang, now sim.Time) {
	s := st.sharing
	if s == nil {
		return
	}
	s.advance(st, now)
	for k := range st.turns.bench {
		st.turns.bench[k].rank += s.got - h.got
	}
	n.tick(st, now)
}

// progress is how much f, which has had a core since f.since, has worked: not
// while its instance hangs.
func (n *Network) progress(f uint32, now sim.Time) sim.Time {
	fr := &n.frames[f]
	worked := now - fr.since
	if in := &n.insts[fr.inst]; in.state == fault.Hung {
		worked -= now - max(fr.since, in.hang.since)
	}
	return worked
}

// goOn lets everything go on that was kept.
func (n *Network) goOn(h *hang) {
	now := n.eng.Now()
	for k := 0; k < len(h.held); k++ {
		e := h.held[k]
		f := e.frame
		if n.cold[f].gen != e.gen || n.frames[f].state != e.state || e.state == ticking {
			continue // it was given up, or thawCores has seen to it
		}
		switch {
		case e.state == stalled:
			fr := &n.frames[f]
			fr.state = n.stateOf(f)
			n.cold[f].waited += now - e.at
			if fr.state == connecting && n.measuring {
				n.insts[fr.inst].at.conns.brokenOff(fr.since, now) // it has had its connection all the time
			}
			n.resume(f)
		case e.state != undelivered:
			n.eng.Arm(now+e.left, classOf(e.state), n.rankOf(f), f)
		case n.frames[f].req == none:
			n.probeBack(f)
		default:
			n.resume(n.deliver(f, Status(n.cold[f].limit)))
		}
	}
	h.held = h.held[:0]
}

// classOf is the class of the events of frames in that state.
func classOf(s state) sim.Class {
	switch s {
	case onCore, onDisk, inDelay, receiving, sending, opening:
		return sim.Completion
	}
	return sim.Timer
}

// stall keeps a frame from going on if its instance hangs.
func (n *Network) stall(f uint32) bool {
	in := &n.insts[n.frames[f].inst]
	if in.state != fault.Hung {
		return false
	}
	n.cold[f].prev = uint32(n.frames[f].state) // it stands in no queue
	n.frames[f].state = stalled
	n.keep(in.hang, f, 0)
	return true
}

// stateOf is the state of a frame; of one that a hang keeps from going on,
// the one in which it would.
func (n *Network) stateOf(f uint32) state {
	if n.frames[f].state == stalled {
		return state(n.cold[f].prev)
	}
	return n.frames[f].state
}

// postpone keeps an event back that was begun while its instance hung.
func (n *Network) postpone(f uint32) bool {
	fr := &n.frames[f]
	in := &n.insts[fr.inst]
	if in.state != fault.Hung || !standsStill(fr.state) {
		return false
	}
	n.keep(in.hang, f, n.eng.Now()-max(fr.since, in.hang.since))
	return true
}

// withhold keeps an answer back whose caller hangs.
func (n *Network) withhold(f, p uint32, status Status) bool {
	in := &n.insts[n.frames[p].inst]
	if in.state != fault.Hung {
		return false
	}
	n.frames[f].state = undelivered
	n.cold[f].limit = uint32(status)
	n.keep(in.hang, f, 0)
	return true
}

func (n *Network) keep(h *hang, f uint32, left sim.Time) {
	h.held = append(h.held, heldFrame{f, n.cold[f].gen, n.frames[f].state, n.eng.Now(), left})
}
