package sim

import "sort"

// Suspended is an event that was taken back, to be armed again later.
type Suspended struct {
	Left Time // until it would have happened
	key  uint64
}

// Before reports whether s would have happened before t, both suspended at
// the same moment.
func (s Suspended) Before(t Suspended) bool {
	return s.Left < t.Left || s.Left == t.Left && s.key < t.key
}

// Suspend takes the event of slot back and returns what is needed to go on
// with it, false if there is none.
func (e *Engine) Suspend(slot uint32) (Suspended, bool) {
	a := e.armed[slot]
	if a.key == 0 {
		return Suspended{}, false
	}
	var at Time
	if a.where >= 0 {
		at = e.timers.ev[a.where].At
	} else {
		l := &e.lanes[-1-a.where]
		i := sort.Search(l.n, func(i int) bool { return l.ring[(l.head+i)&(len(l.ring)-1)].Key >= a.key })
		at = l.ring[(l.head+i)&(len(l.ring)-1)].At
	}
	e.Disarm(slot)
	return Suspended{Left: at - e.now, key: a.key}, true
}

// Resume arms an event that was suspended, as far ahead of now as it then
// lay.
func (e *Engine) Resume(s Suspended, slot uint32) {
	at := e.now + s.Left
	if at < e.now {
		at = Never - 1
	}
	e.Arm(at, Class(s.key>>classShift), uint32(s.key>>rankShift)&(MaxRanks-1), slot)
}
