package node

import (
	"math"

	"github.com/capsim/capsim/sim"
)

// Processor sharing: whoever is at the cores works, each at min(1, c/n) of
// the speed of a core. What one has got since the cores were last idle grows
// alike for all of them, so that the order in which they will be done never
// changes: the next one is the first of a heap, and only its end is an event.
// (A. K. Parekh and R. G. Gallager, IEEE/ACM Transactions on Networking 1(3),
// 1993, call it virtual time.)

// sharing is what cores have that are shared.
type sharing struct {
	clock   uint32   // the frame under which the end of the next work is scheduled
	got     float64  // nanoseconds of work that each has got since the cores were last idle
	mark    float64  // got when the window began
	updated sim.Time // when got was last brought up to now
}

// advance brings the work that each has got up to now. Call it before the
// number of those who share changes.
func (s *sharing) advance(st *station, now sim.Time) {
	if n := st.busy + st.queued; n > 0 {
		s.got += float64(float64(now-s.updated)*float64(st.busy)) / float64(n)
	}
	s.updated = now
}

// restart begins the measurement.
func (s *sharing) restart(st *station, now sim.Time) {
	s.advance(st, now)
	s.mark = s.got
}

// within is how much of work that began when everybody had got begun, and
// ends at end, lies in the window.
func (s *sharing) within(begun, end float64) float64 { return max(0, end-max(begun, s.mark)) }

// setNumber says how many share the cores: those beyond the number of cores
// are counted as queued, although nobody waits, so that busy and queued are
// the two parts of their number.
func (st *station) setNumber(n int32) {
	st.busy = min(n, st.capacity)
	st.queued = n - st.busy
}

// joinShares lets f work.
func (n *Network) joinShares(f uint32, st *station, now sim.Time) {
	s, t := st.sharing, &n.turns[f]
	s.advance(st, now)
	t.begun = s.got
	st.turns.bench.put(n.turns, seat{s.got + float64(t.left), t.number, f})
	st.setNumber(st.busy + st.queued + 1)
	if n.measuring {
		st.meter.waited(now, now, true)
	}
	n.tick(st, now)
}

// tick schedules the end of the work that will be done next.
func (n *Network) tick(st *station, now sim.Time) {
	s := st.sharing
	n.eng.Disarm(s.clock)
	if len(st.turns.bench) == 0 {
		return
	}
	left := max(0, st.turns.bench[0].rank-s.got)
	left = float64(left*float64(st.busy+st.queued)) / float64(st.busy)
	n.eng.Arm(now+sim.FromNanoseconds(left), sim.Completion, n.rankOf(s.clock), s.clock)
}

// shareDone ends the work that is done at the cores of the given clock.
func (n *Network) shareDone(clock uint32) uint32 {
	now := n.eng.Now()
	st := &n.insts[n.frames[clock].inst].cpu
	first := st.turns.bench[0]
	f := first.frame
	fr := &n.frames[f]
	if n.measuring {
		st.meter.work += st.sharing.within(n.turns[f].begun, first.rank)
		st.meter.served(fr.since, now)
	}
	n.cold[f].served += now - fr.since
	n.takeOut(f, st, now)
	fr.state = running
	fr.pc++
	return f
}

// leaveShares takes f out, which is not done.
func (n *Network) leaveShares(f uint32, st *station, now sim.Time) {
	st.sharing.advance(st, now)
	if n.measuring {
		st.meter.work += st.sharing.within(n.turns[f].begun, st.sharing.got)
	}
	n.takeOut(f, st, now)
}

func (n *Network) takeOut(f uint32, st *station, now sim.Time) {
	s := st.sharing
	st.account(now)
	s.advance(st, now)
	st.turns.bench.drop(n.turns, f)
	st.setNumber(st.busy + st.queued - 1)
	if st.busy == 0 {
		s.got, s.mark = 0, 0 // small numbers are exact
	}
	n.tick(st, now)
}

// checkShares checks that the work that was done at shared cores is what they
// did while they were busy, but for rounding: every end is rounded to a
// nanosecond.
func (n *Network) checkShares(at uint32, m *meter) {
	slack := 1 + float64(m.Served) + float64(1e-9*m.work)
	n.check(at, math.Abs(m.work-m.Busy.Float64()) <= slack, "the work done at its shared cores is not what they did while busy")
}
