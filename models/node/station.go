package node

import (
	"slices"

	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/stats"
)

// station is a queue in front of equal channels: the cores, the workers, the
// disk or the network interface of an instance.
type station struct {
	capacity int32 // channels; 0: no limit
	busy     int32
	queued   int32
	head     uint32 // of the queue, linked through the frames
	tail     uint32
	order    Discipline
	levels   *levels  // instead of head and tail, where priorities count
	changed  sim.Time // when busy or queued last changed
	busyArea stats.Sum128
	waitArea stats.Sum128
	meter    *meter   // of the node
	turns    *turns   // of cores beyond ByPriority
	sharing  *sharing // of cores under ProcessorSharing
}

func newStation(capacity int, order Discipline, m *meter) station {
	st := station{capacity: int32(capacity), head: none, tail: none, order: order, meter: m}
	if order == ByPriority || order == Preemptive {
		st.levels = &levels{}
	}
	return st
}

// waits is the integral of those who wait.
func (s *station) waits() stats.Sum128 {
	if s.sharing != nil {
		return stats.Sum128{}
	}
	return s.waitArea
}

// account brings the integrals up to now. Call it before busy or queued
// changes.
func (s *station) account(now sim.Time) {
	dt := uint64(now - s.changed)
	s.changed = now
	s.busyArea.AddProduct(uint64(s.busy), dt)
	s.waitArea.AddProduct(uint64(s.queued), dt)
}

// restart begins the integrals anew.
func (s *station) restart(now sim.Time) {
	s.changed = now
	s.busyArea, s.waitArea = stats.Sum128{}, stats.Sum128{}
	if s.sharing != nil {
		s.sharing.restart(s, now)
	}
}

func (s *station) full() bool { return s.busy >= s.capacity }

// levels are the queues of a station that serves by priority, the highest
// first, each first come first served.
type levels struct{ of []level }

type level struct {
	priority   int32
	head, tail uint32
}

// at returns the ends of the queue of a priority.
func (l *levels) at(priority int32) (head, tail *uint32) {
	i := 0
	for i < len(l.of) && l.of[i].priority > priority {
		i++
	}
	if i == len(l.of) || l.of[i].priority != priority {
		l.of = slices.Insert(l.of, i, level{priority, none, none})
	}
	return &l.of[i].head, &l.of[i].tail
}

// first returns the ends of the highest queue that holds anything.
func (l *levels) first() (head, tail *uint32) {
	i := 0
	for l.of[i].head == none {
		i++
	}
	return &l.of[i].head, &l.of[i].tail
}

// ends returns the ends of the queue that f belongs in.
func (n *Network) ends(s *station, f uint32) (head, tail *uint32) {
	if s.levels == nil {
		return &s.head, &s.tail
	}
	return s.levels.at(n.rare[f].priority)
}

// enqueue puts f into the queue: at its end, unless who comes last is served
// first.
func (n *Network) enqueue(s *station, f uint32) {
	if s.order == LIFO {
		n.enqueueFirst(s, f)
		return
	}
	head, tail := n.ends(s, f)
	n.frames[f].next = none
	n.cold[f].prev = *tail
	if *tail == none {
		*head = f
	} else {
		n.frames[*tail].next = f
	}
	*tail = f
	s.queued++
}

// enqueueFirst puts f at the head of the queue; of those of its priority,
// where priorities count.
func (n *Network) enqueueFirst(s *station, f uint32) {
	head, tail := n.ends(s, f)
	n.frames[f].next = *head
	n.cold[f].prev = none
	if *head == none {
		*tail = f
	} else {
		n.cold[*head].prev = f
	}
	*head = f
	s.queued++
}

// dequeue takes the first frame out of the queue, which is not empty.
func (n *Network) dequeue(s *station) uint32 {
	head, tail := &s.head, &s.tail
	if s.levels != nil {
		head, tail = s.levels.first()
	}
	f := *head
	*head = n.frames[f].next
	if *head == none {
		*tail = none
	} else {
		n.cold[*head].prev = none
	}
	s.queued--
	return f
}

// unlink takes f out of the queue, wherever it stands.
func (n *Network) unlink(s *station, f uint32) {
	head, tail := n.ends(s, f)
	next, prev := n.frames[f].next, n.cold[f].prev
	if prev == none {
		*head = next
	} else {
		n.frames[prev].next = next
	}
	if next == none {
		*tail = prev
	} else {
		n.cold[next].prev = prev
	}
	n.frames[f].next, n.cold[f].prev = none, none
	s.queued--
}

// meter gathers what the frames at a resource of a node tell, so that the
// integrals of its stations can be checked against it.
type meter struct {
	ResourceStats
	waits    stats.Sum128 // clipped to the window
	services stats.Sum128 // clipped to the window, broken off ones included
	work     float64      // shared cores: nanoseconds, clipped to the window
	asked    int32        // see [Asked]
}

// asks records that another channel of a station is asked for.
func (m *meter) asks(s *station) { m.asked = max(m.asked, s.busy+1) }

// waited records a wait that began at since and ends now; started says that
// it ends in service.
func (m *meter) waited(since, now sim.Time, started bool) {
	if started {
		m.Wait.Record(int64(now - since))
	}
	m.waits.Add(clipped(since, now))
}

// served records a service that began at since and ends now.
func (m *meter) served(since, now sim.Time) {
	m.ended(now - since)
	m.services.Add(clipped(since, now))
}

// ended records that something has been served, for so long in all.
func (m *meter) ended(served sim.Time) {
	m.Service.Add(uint64(served))
	m.Served++
}

// brokenOff records a service that was stopped before its end.
func (m *meter) brokenOff(since, now sim.Time) { m.services.Add(clipped(since, now)) }

// clipped returns how much of a span that ends within the window lies in it.
func clipped(since, now sim.Time) uint64 { return uint64(now - max(since, 0)) }
