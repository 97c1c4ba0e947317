package node

import "github.com/capsim/capsim/sim"

// flights are the misses under way of the caches that let one go at a time
// for each item. Number 0 is no flight.
type flights struct {
	all   []flight
	free  uint32   // the first that may be used again, linked by next
	slots []uint32 // numbers of flights, by what they are for: open addressing
	used  int

	round uint32   // of the search for circles
	found []uint32 // in it
}

// flight is somebody's way to get an item that an instance of a cache does
// not have. Whoever holds it gives it up whichever way he ends.
type flight struct {
	id     uint64 // of the item
	inst   uint32
	holder uint32 // a frame
	next   uint32 // of the same holder
	mark   uint32
	line   station // who waits for it
}

func newFlights() *flights { return &flights{all: make([]flight, 1), slots: make([]uint32, 16)} }

// slot is where the flight for an item of an instance is, or would be.
func (x *flights) slot(inst uint32, id uint64) int {
	at := x.home(inst, id)
	for x.slots[at] != 0 {
		if f := &x.all[x.slots[at]]; f.id == id && f.inst == inst {
			break
		}
		at = (at + 1) & (len(x.slots) - 1)
	}
	return at
}

func (x *flights) home(inst uint32, id uint64) int {
	return int(sim.Mix(id, uint64(inst)) & uint64(len(x.slots)-1))
}

// begin makes a flight.
func (x *flights) begin(inst uint32, id uint64) uint32 {
	if 2*x.used >= len(x.slots) {
		old := x.slots
		x.slots = make([]uint32, 2*len(old))
		for _, i := range old {
			if i != 0 {
				x.slots[x.slot(x.all[i].inst, x.all[i].id)] = i
			}
		}
	}
	i := x.free
	if i == 0 {
		i = uint32(len(x.all))
		x.all = append(x.all, flight{})
	} else {
		x.free = x.all[i].next
	}
	x.all[i] = flight{id: id, inst: inst, holder: none, line: newStation(0, FCFS, nil)}
	x.slots[x.slot(inst, id)] = i
	x.used++
	return i
}

// end forgets a flight that nobody holds or waits for.
func (x *flights) end(i uint32) {
	f := &x.all[i]
	hole := x.slot(f.inst, f.id)
	x.slots[hole] = 0
	mask := len(x.slots) - 1
	// What stands behind moves up, unless it is at home or behind it there.
	for at := (hole + 1) & mask; x.slots[at] != 0; at = (at + 1) & mask {
		g := &x.all[x.slots[at]]
		if (at-x.home(g.inst, g.id))&mask >= (at-hole)&mask {
			x.slots[hole], x.slots[at] = x.slots[at], 0
			hole = at
		}
	}
	x.used--
	*f = flight{next: x.free, holder: none}
	x.free = i
}

// follow makes the miss of look-up f a flight, which it then holds, or lets
// it wait for the one that is under way. It returns whether f waits. One that
// would wait for itself in the end goes by itself.
func (n *Network) follow(f uint32, id uint64) bool {
	x := n.flights
	inst := n.frames[f].inst
	i := x.slots[x.slot(inst, id)]
	if i == 0 {
		n.lead(f, x.begin(inst, id))
		return false
	}
	if n.circular(f, i) {
		return false
	}
	fr := &n.frames[f]
	fr.state, fr.since = forFlight, n.eng.Now()
	n.rare[f].flight = i
	n.enqueue(&x.all[i].line, f)
	return true
}

// lead gives flight i to frame f.
func (n *Network) lead(f, i uint32) {
	one := &n.flights.all[i]
	one.holder, one.next = f, n.rare[f].held
	n.rare[f].held = i
}

// dropFlight takes flight i from who holds it.
func (n *Network) dropFlight(i uint32) {
	one := &n.flights.all[i]
	at := &n.rare[one.holder].held
	for *at != i {
		at = &n.flights.all[*at].next
	}
	*at = one.next
	one.holder, one.next = none, 0
}

// handOver gives the flights of frame f to g, which goes on with its answer.
func (n *Network) handOver(f, g uint32) {
	for n.rare[f].held != 0 {
		i := n.rare[f].held
		n.dropFlight(i)
		n.lead(g, i)
	}
}

// passFlights gives the flights of f, which has been answered, to its caller
// p if that is the get that has missed, or the connection that it went over.
func (n *Network) passFlights(f, p uint32) {
	if op := n.code[n.frames[p].pc].op; op == opGet || op == opPooled {
		n.handOver(f, p)
	}
}

// giveUp ends the flights of frame f, which is ending. The next of those who
// wait for each takes it over.
func (n *Network) giveUp(f uint32) {
	for n.rare[f].held != 0 {
		i := n.rare[f].held
		n.dropFlight(i)
		n.succeed(i)
	}
}

// succeed lets the first of those who wait for flight i, and whose callers
// wait for them, go on as if there had been no flight.
func (n *Network) succeed(i uint32) {
	one := &n.flights.all[i]
	for one.line.queued > 0 {
		g := n.landed(one)
		in := &n.code[n.frames[g].pc]
		n.ready = append(n.ready, g)
		if in.miss == none && n.late(g) {
			n.frames[g].pc = in.after // a miss already, to a caller that has given up
			continue
		}
		n.lead(g, i)
		n.lookedUp(g, in, false)
		return
	}
	n.flights.end(i)
}

// filled answers all who wait for an item that has come to an instance.
func (n *Network) filled(inst uint32, id uint64) {
	x := n.flights
	i := x.slots[x.slot(inst, id)]
	if i == 0 {
		return
	}
	n.dropFlight(i)
	one := &x.all[i]
	for one.line.queued > 0 {
		g := n.landed(one)
		fr := &n.frames[g]
		in := &n.code[fr.pc]
		if gone := in.miss == none && n.late(g); n.measuring && !gone {
			n.insts[inst].at.stats.Coalesced++
		}
		fr.flags |= tookHit
		fr.pc = in.after
		n.ready = append(n.ready, g)
	}
	x.end(i)
}

// landed takes the first out of those who wait for a flight.
func (n *Network) landed(one *flight) uint32 {
	g := n.dequeue(&one.line)
	n.cold[g].waited += n.eng.Now() - n.frames[g].since
	n.frames[g].state = running
	n.rare[g].flight = 0
	return g
}

// leaveFlight takes f out of those who wait for a flight.
func (n *Network) leaveFlight(f uint32) {
	n.unlink(&n.flights.all[n.rare[f].flight].line, f)
	n.rare[f].flight = 0
}

// endFlights ends the flights to an instance that has died. Nobody waits for
// them any more.
func (n *Network) endFlights(inst uint32) {
	x := n.flights
	for i := range x.all {
		if one := &x.all[i]; one.holder != none && one.inst == inst && i > 0 {
			n.dropFlight(uint32(i))
			x.end(uint32(i))
		}
	}
}

// circular reports whether look-up f, if it waited for flight i, would wait
// for itself: because its callers hold the flight, or one for which somebody
// waits whose callers hold it, and so on.
func (n *Network) circular(f, i uint32) bool {
	x := n.flights
	x.round++
	x.found = x.found[:0]
	n.findHeld(f)
	for k := 0; k < len(x.found); k++ {
		if x.found[k] == i {
			return true
		}
		for g := x.all[x.found[k]].line.head; g != none; g = n.frames[g].next {
			n.findHeld(g)
		}
	}
	return false
}

// findHeld adds the flights that the callers of f hold to those found.
func (n *Network) findHeld(f uint32) {
	x := n.flights
	for {
		p := n.frames[f].parent
		if p == none || n.cold[p].gen != n.cold[f].parentGen {
			return
		}
		for i := n.rare[p].held; i != 0; i = x.all[i].next {
			if x.all[i].mark != x.round {
				x.all[i].mark = x.round
				x.found = append(x.found, i)
			}
		}
		f = p
	}
}
