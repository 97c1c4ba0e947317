package sim

import (
	"fmt"
	"slices"
)

// Engine keeps the time and what is to happen. The zero value is ready; the
// time then is 0.
//
// An event is for a slot, a small number that its owner gives a meaning to.
// A slot may have any number of events that cannot be taken back (Schedule)
// but only one that can (Arm, ArmLane).
type Engine struct {
	now    Time
	seq    uint64
	events uint64

	main   heap
	timers timers
	lanes  []lane
	queue  laneQueue
	armed  []armed // by slot
}

// armed says where the event of a slot that can be taken back is: key is 0
// where there is none; where is a position in timers, or -1-i for lane i.
type armed struct {
	key   uint64
	where int32
}

// Now returns the present moment.
func (e *Engine) Now() Time { return e.now }

// Events returns how many events have happened.
func (e *Engine) Events() uint64 { return e.events }

// StartAt sets the time before anything is scheduled.
func (e *Engine) StartAt(t Time) {
	if e.events > 0 || e.Pending() > 0 {
		panic("sim: StartAt after the start")
	}
	e.now = t
}

// Grow makes room for slots below n.
func (e *Engine) Grow(n int) {
	if n > MaxSlots {
		panic("sim: too many slots")
	}
	if n > len(e.armed) {
		e.armed = append(e.armed, make([]armed, n-len(e.armed))...)
	}
}

// Pending returns how many events are still to happen.
func (e *Engine) Pending() int {
	n := len(e.main.ev) + len(e.timers.ev)
	if e.main.hole {
		n--
	}
	for i := range e.lanes {
		n += e.lanes[i].n - e.lanes[i].dead
	}
	return n
}

// NewLane returns a lane for events that lie delay ahead of the moment at
// which they are armed.
func (e *Engine) NewLane(delay Time, class Class, rank uint32) int {
	if delay < 0 || rank >= MaxRanks {
		panic("sim: bad lane")
	}
	e.lanes = append(e.lanes, lane{delay: delay, class: class, rank: rank})
	return len(e.lanes) - 1
}

// Schedule makes an event happen to slot at the given time, for good.
func (e *Engine) Schedule(at Time, class Class, rank, slot uint32) {
	e.checkTime(at)
	e.main.push(Event{at, makeKey(class, rank, e.nextSeq(), slot)})
}

// ScheduleArrival makes an arrival happen to slot at the given time.
// Arrivals of one instant come in order of rank and number, whenever they
// were scheduled. No two pending ones may share rank, number and slot.
func (e *Engine) ScheduleArrival(at Time, rank uint32, number uint64, slot uint32) {
	e.checkTime(at)
	if number > MaxArrivalNumber {
		panic("sim: arrival number too large")
	}
	e.main.push(Event{at, makeKey(Arrival, rank, number, slot)})
}

// Arm makes an event happen to slot at the given time unless it is disarmed
// before.
func (e *Engine) Arm(at Time, class Class, rank, slot uint32) {
	e.checkTime(at)
	key := makeKey(class, rank, e.nextSeq(), slot)
	e.checkFree(slot)
	e.armed[slot].key = key
	e.timers.push(Event{at, key}, e.armed)
}

// ArmLane makes an event happen to slot after the delay of the lane unless
// it is disarmed before.
func (e *Engine) ArmLane(i int, slot uint32) {
	seq := e.nextSeq()
	l := &e.lanes[i]
	at := e.now + l.delay
	if at < e.now {
		at = Never - 1
	}
	ev := Event{at, makeKey(l.class, l.rank, seq, slot)}
	e.checkFree(slot)
	e.armed[slot] = armed{key: ev.Key, where: int32(-1 - i)}
	l.push(ev)
	if l.n == 1 {
		e.queue.push(laneHead{ev, int32(i)})
	}
}

// Disarm takes the event of slot back. It reports whether there was one.
func (e *Engine) Disarm(slot uint32) bool {
	a := &e.armed[slot]
	if a.key == 0 {
		return false
	}
	a.key = 0
	if a.where >= 0 {
		e.timers.remove(int(a.where), e.armed)
		return true
	}
	l := &e.lanes[-1-a.where]
	l.dead++
	// The first entry stays, whatever has become of it: the lane queue
	// holds a copy. Sweeping what is more than half dead costs O(1) per
	// disarming.
	if l.dead > 64 && l.dead > l.n/2 {
		e.sweep(l)
	}
	return true
}

// sweep clears a lane of disarmed entries but for the first.
func (e *Engine) sweep(l *lane) {
	first := l.front()
	stale := e.armed[first.Slot()].key != first.Key
	if !stale {
		l.sweep(e.armed)
		return
	}
	l.drop()
	l.sweep(e.armed)
	l.head = (l.head - 1) & (len(l.ring) - 1)
	l.ring[l.head] = first
	l.n++
	l.dead = 1
}

// Armed reports whether slot has an event that can be taken back.
func (e *Engine) Armed(slot uint32) bool { return e.armed[slot].key != 0 }

// Next advances to the next event before the given time and returns its
// slot. With none left before it, Next moves the time there and returns
// false.
func (e *Engine) Next(until Time) (slot uint32, ok bool) {
	for {
		ev := e.main.top()
		src := 0
		if len(e.timers.ev) > 0 && e.timers.ev[0].before(ev) {
			ev, src = e.timers.ev[0], 1
		}
		if len(e.queue.heads) > 0 && e.queue.heads[0].before(ev) {
			ev, src = e.queue.heads[0].Event, 2
		}
		if ev.At >= until {
			if until > e.now {
				e.now = until
			}
			return 0, false
		}
		slot = ev.Slot()
		switch src {
		case 0:
			e.main.pop()
		case 1:
			e.armed[slot].key = 0
			e.timers.remove(0, e.armed)
		default:
			if !e.popLane(ev) {
				continue
			}
		}
		if ev.At < e.now {
			panic(fmt.Sprintf("sim: time runs back from %d to %d ns", e.now, ev.At))
		}
		e.now = ev.At
		e.events++
		return slot, true
	}
}

// popLane takes ev off the front of its lane, moves the lane on, and reports
// whether ev is still armed.
func (e *Engine) popLane(ev Event) bool {
	i := e.queue.heads[0].lane
	l := &e.lanes[i]
	a := &e.armed[ev.Slot()]
	live := a.key == ev.Key
	if live {
		a.key = 0
	} else {
		l.dead--
	}
	l.drop()
	l.skip(e.armed)
	if l.n > 0 {
		e.queue.replace(laneHead{l.front(), i})
	} else {
		e.queue.pop()
	}
	return live
}

func (e *Engine) nextSeq() uint64 {
	e.seq++
	if e.seq > seqMask {
		e.renumber()
	}
	return e.seq
}

// renumber gives the pending events the lowest sequence numbers in the order
// that they have, and makes the next one the number behind them. It keeps
// every order, so heaps and rings stay as they are.
func (e *Engine) renumber() {
	e.main.top() // fills the hole
	for i := range e.lanes {
		if e.lanes[i].n > 0 {
			e.sweep(&e.lanes[i])
		}
	}
	var keys []*uint64
	add := func(ev *Event) {
		if Class(ev.Key>>classShift) != Arrival {
			keys = append(keys, &ev.Key)
		}
	}
	for i := range e.main.ev {
		add(&e.main.ev[i])
	}
	for i := range e.timers.ev {
		add(&e.timers.ev[i])
	}
	for i := range e.lanes {
		l := &e.lanes[i]
		for k := range l.n {
			add(&l.ring[(l.head+k)&(len(l.ring)-1)])
		}
	}
	slices.SortFunc(keys, func(a, b *uint64) int {
		return int(*a>>seqShift&seqMask) - int(*b>>seqShift&seqMask)
	})
	for i, k := range keys {
		old := *k
		*k = old&^(seqMask<<seqShift) | uint64(i+1)<<seqShift
		if a := &e.armed[old&slotMask]; a.key == old {
			a.key = *k
		}
	}
	for i := range e.queue.heads {
		h := &e.queue.heads[i]
		h.Event = e.lanes[h.lane].front()
	}
	e.seq = uint64(len(keys)) + 1
	if e.seq > seqMask {
		panic("sim: more pending events than sequence numbers")
	}
}

func (e *Engine) checkTime(at Time) {
	if at < e.now {
		panic(fmt.Sprintf("sim: event at %d ns scheduled at %d ns", at, e.now))
	}
}

func (e *Engine) checkFree(slot uint32) {
	if e.armed[slot].key != 0 {
		panic(fmt.Sprintf("sim: slot %d armed twice", slot))
	}
}
