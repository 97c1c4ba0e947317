package node

import "github.com/capsim/capsim/sim"

// turn is what a frame has at cores that are shared, or taken away again
// before its work is done.
type turn struct {
	left   sim.Time // work that remains; shared cores: the whole
	waited sim.Time // so far, in all turns
	served sim.Time // so far, in all turns
	spare  sim.Time // round robin: how much of its turn lies behind the end of its work
	begun  float64  // shared cores: what everybody had got when it came
	number uint64   // how many had come before it
	seat   int32    // on the bench
}

// turns is what cores have whose work may be interrupted.
type turns struct {
	quantum sim.Time // round robin: the longest turn
	bench   bench    // by priority: those in service, the first to be interrupted first
	number  uint64   // work that has come so far
}

// joinTurns is queueUp for cores that are shared or taken away again.
func (n *Network) joinTurns(f uint32, st *station, now sim.Time) {
	fr := &n.frames[f]
	n.turns[f] = turn{left: n.workOf(f), number: st.turns.number}
	st.turns.number++
	fr.state = onCore
	switch {
	case st.order == ProcessorSharing:
		n.joinShares(f, st, now)
	case st.busy < st.capacity:
		st.busy++
		n.beginTurn(f, st, now)
	default:
		fr.state = forCore
		n.enqueue(st, f)
		n.interrupt(st, now)
	}
}

// workOf is how much work the cpu step is that f is at.
func (n *Network) workOf(f uint32) sim.Time {
	t := &n.code[n.frames[f].pc].time
	return n.slowed(f, sim.FromNanoseconds(n.sample(t, f)/t.speed))
}

// beginTurn lets f work, which has waited since f.since and has a core.
func (n *Network) beginTurn(f uint32, st *station, now sim.Time) {
	fr, t := &n.frames[f], &n.turns[f]
	wait := now - fr.since
	n.cold[f].waited += wait
	t.waited += wait
	if n.measuring {
		st.meter.waits.Add(clipped(fr.since, now))
	}
	fr.since = now
	if st.order == RoundRobin {
		t.spare = st.turns.quantum - min(t.left, st.turns.quantum)
		n.endAt(f, now+st.turns.quantum-t.spare)
		return
	}
	// Of the lowest priority, who came last is interrupted first.
	st.turns.bench.put(n.turns, seat{float64(n.rare[f].priority), ^t.number, f})
	n.eng.Arm(now+t.left, sim.Completion, n.rankOf(f), f)
}

// endTurn books what f has worked since f.since.
func (n *Network) endTurn(f uint32, st *station, now sim.Time) {
	fr, t := &n.frames[f], &n.turns[f]
	worked := now - fr.since
	n.cold[f].served += worked
	t.served += worked
	t.left -= n.progress(f, now)
	if n.measuring {
		st.meter.services.Add(clipped(fr.since, now))
	}
	fr.since = now
}

// turnOver ends a turn of f, and reports whether its work is done.
func (n *Network) turnOver(f uint32, st *station) bool {
	now := n.eng.Now()
	n.endTurn(f, st, now)
	t := &n.turns[f]
	switch {
	case t.left == 0:
		if st.order == Preemptive {
			st.turns.bench.drop(n.turns, f)
		}
		if n.measuring {
			st.meter.Wait.Record(int64(t.waited))
			st.meter.ended(t.served)
		}
		n.next(st, now)
		return true
	case st.queued == 0:
		n.beginTurn(f, st, now)
	default:
		n.frames[f].state = forCore
		st.account(now)
		n.enqueue(st, f)
		n.next(st, now)
	}
	return false
}

// interrupt takes cores from work of a low priority for what waits and has a
// higher one. What is done at this very moment is let be: it gives its core
// back before anything else happens.
func (n *Network) interrupt(st *station, now sim.Time) {
	if st.order != Preemptive {
		return
	}
	for st.queued > 0 {
		first, _ := st.levels.first()
		low := st.turns.bench[0].frame
		if n.rare[*first].priority <= n.rare[low].priority || n.turns[low].left == n.progress(low, now) {
			return
		}
		n.eng.Disarm(low)
		n.endTurn(low, st, now)
		st.turns.bench.drop(n.turns, low)
		st.account(now)
		g := n.dequeue(st)
		n.frames[low].state = forCore
		n.enqueueFirst(st, low)
		n.frames[g].state = onCore
		n.beginTurn(g, st, now)
	}
}
