package node

import (
	"slices"
	"strconv"

	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/stats"
)

// breakdowns are the faults that come by chance (MTTF, MTTR). Each strikes
// its instances one by one, again and again: a clock runs while the instance
// is there, and when it is over the fault holds until it is repaired. The
// beginnings and ends are those of any fault, so that what a kind does to an
// instance is of no concern here. A zone, and a partition, fail as one: their
// clocks run whatever else happens to the instances.
type breakdowns struct {
	each   []breakdown
	ofInst [][]int     // by instance: indices into each, of those that fail one by one
	whole  []int       // the same of those that fail as one
	shops  []crewState // as Spec.Faults
}

// breakdown is one fault of one instance, or of all those that fail as one.
type breakdown struct {
	fault  int      // in Spec.Faults
	where  []uint32 // the instance, or all
	frame  uint32   // none: it breaks no more
	chance sim.Stream
	due    sim.Time // of the next failure; while its clock stands still, how much of it is left
	since  sim.Time // when it failed
	out    sim.Time // when it first failed of the failures that it has not recovered from
	broken bool
	office bool // its clock runs only while the instance is the primary of its shard
	stands bool // its clock stands still, because its instance is not there
	open   bool // it has not recovered
	seen   bool // a balancer has noticed since it failed
	next   int  // in line for a crew, −1 at its end
}

// crewState is who repairs what one fault breaks.
type crewState struct {
	idle        int // None: as many as are needed
	first, last int // in line, −1 if nobody is
	open        int // of its breakdowns that have not recovered
}

// breakable prepares the faults that come by chance.
func (b *builder) breakable() {
	if !slices.ContainsFunc(b.spec.Faults, func(f fault.Fault) bool { return f.Random() }) {
		return
	}
	x := &breakdowns{ofInst: make([][]int, len(b.insts)), shops: make([]crewState, len(b.spec.Faults))}
	b.faults.chance = x
	twins := map[string]int{}
	for k := range b.spec.Faults {
		f := &b.spec.Faults[k]
		if !f.Random() {
			continue
		}
		x.shops[k] = crewState{idle: None, first: -1, last: -1}
		if f.Crews > 0 {
			x.shops[k].idle = f.Crews
		}
		targets := b.faults.targets[k]
		b.snap.Faults[k].Random = &RandomFaultStats{Instances: len(targets)}
		if f.AsOne {
			b.snap.Faults[k].Random.Instances = 1
		}
		if f.Nothing() {
			continue
		}
		// The same fault twice breaks things twice as often.
		purpose := f.String() + "#" + strconv.Itoa(twins[f.String()])
		twins[f.String()]++
		if f.AsOne {
			x.whole = append(x.whole, len(x.each))
			x.each = append(x.each, breakdown{
				fault: k, where: targets, frame: none, next: -1, chance: sim.Named(b.spec.Run.Seed, b.replication, f.Target, purpose),
			})
			continue
		}
		clocked, office := b.clockedBy(f)
		b.faults.targets[k] = clocked
		for at, i := range clocked {
			nd := &b.nodes[b.insts[i].node]
			name := b.spec.Nodes[b.insts[i].node].InstanceName(int(i - nd.first))
			x.ofInst[i] = append(x.ofInst[i], len(x.each))
			x.each = append(x.each, breakdown{
				fault: k, where: clocked[at : at+1], frame: none, next: -1, office: office[at],
				chance: sim.Named(b.spec.Run.Seed, b.replication, name, purpose),
			})
		}
	}
}

// scheduleBreakdowns sets the clocks of the faults that come by chance. At
// first everything is whole.
func (n *Network) scheduleBreakdowns() {
	x := n.faults.chance
	for k := range x.each {
		d := &x.each[k]
		f, fr, c := n.newFrame(d.where[0], 0, none)
		fr.state, c.count = faultDue, uint32(len(n.spec.Faults)+k)
		d.frame = f
		n.setClock(d, n.spec.Faults[d.fault].At)
		if n.isAway(d) {
			n.stopClock(d)
		}
	}
}

// isAway reports whether the clock of d is to stand still, because its instance
// is not there, or is not the primary whom the fault strikes.
func (n *Network) isAway(d *breakdown) bool {
	if n.spec.Faults[d.fault].AsOne {
		return false
	}
	i := d.where[0]
	return n.insts[i].state >= fault.Dead || d.office && !n.insts[i].at.database.leads(i)
}

// setClock lets a clock begin at the given time. What would break after the
// window does so no more.
func (n *Network) setClock(d *breakdown, from sim.Time) {
	d.due = from + draw(&d.chance, n.spec.Faults[d.fault].MTTF)
	n.armClock(d)
}

func (n *Network) armClock(d *breakdown) {
	if d.due >= n.end || d.due < 0 {
		n.release(d.frame)
		d.frame = none
		return
	}
	n.eng.Arm(d.due, sim.Timer, n.rankOf(d.frame), d.frame)
}

// draw draws an exponential time, at least the shortest that there is.
func draw(s *sim.Stream, mean sim.Time) sim.Time {
	return max(1, sim.FromNanoseconds(float64(mean)*s.Exp()))
}

// stopClocks lets the clocks of an instance stand still that is gone: what is
// not there does not break.
func (n *Network) stopClocks(i uint32) {
	if n.faults.chance == nil {
		return
	}
	for _, k := range n.faults.chance.ofInst[i] {
		if d := &n.faults.chance.each[k]; d.frame != none && !d.broken {
			n.stopClock(d)
		}
	}
}

func (n *Network) stopClock(d *breakdown) {
	if d.frame == none || d.stands {
		return
	}
	n.eng.Disarm(d.frame)
	d.due -= max(n.eng.Now(), n.spec.Faults[d.fault].At)
	d.stands = true
}

// startClocks lets the clocks of an instance go on that is back.
func (n *Network) startClocks(i uint32) {
	if n.faults.chance == nil {
		return
	}
	for _, k := range n.faults.chance.ofInst[i] {
		if d := &n.faults.chance.each[k]; d.stands && !n.isAway(d) {
			n.startClock(d)
		}
	}
}

func (n *Network) startClock(d *breakdown) {
	d.stands = false
	d.due += max(n.eng.Now(), n.spec.Faults[d.fault].At)
	n.armClock(d)
}

// breakdownDue lets something break, or be whole again.
func (n *Network) breakdownDue(k int) {
	if d := &n.faults.chance.each[k]; d.broken {
		n.repaired(k, d)
	} else {
		n.breaks(k, d)
	}
}

// breaks lets breakdown k begin. The repair begins at once, or when a crew is
// free.
func (n *Network) breaks(k int, d *breakdown) {
	now, shop := n.eng.Now(), &n.faults.chance.shops[d.fault]
	d.broken, d.seen, d.since = true, false, now
	if !d.open {
		d.open, d.out = true, now
		shop.open++
	}
	n.snap.Faults[d.fault].Random.Occurrences++
	if n.spec.Faults[d.fault].AsOne {
		n.findLeaders(d.fault)
	}
	switch {
	case shop.idle == None:
		n.repairs(d)
	case shop.idle > 0:
		shop.idle--
		n.repairs(d)
	default:
		if shop.last < 0 {
			shop.first = k
		} else {
			n.faults.chance.each[shop.last].next = k
		}
		shop.last, d.next = k, -1
	}
	n.befalls(d.fault, d.where)
}

// repairs lets the repair of d begin.
func (n *Network) repairs(d *breakdown) {
	took := draw(&d.chance, n.spec.Faults[d.fault].MTTR)
	n.eng.Arm(n.eng.Now()+took, sim.Timer, n.rankOf(d.frame), d.frame)
}

// repaired lets breakdown k end, and its crew go on to the next in line.
func (n *Network) repaired(k int, d *breakdown) {
	now, shop := n.eng.Now(), &n.faults.chance.shops[d.fault]
	if now < n.end {
		n.snap.Faults[d.fault].Random.Lasted.AddProduct(1, uint64(now-d.since))
	}
	switch {
	case shop.idle == None:
	case shop.first >= 0:
		next := &n.faults.chance.each[shop.first]
		if shop.first = next.next; shop.first < 0 {
			shop.last = -1
		}
		n.repairs(next)
	default:
		shop.idle++
	}
	d.broken = false
	n.setClock(d, now)
	n.passes(d.fault, d.where)
	if n.isAway(d) && !d.stands { // something else holds it down
		n.stopClock(d)
	}
	n.recovered()
}

// noticed counts the first time that a balancer took an instance out since
// something broke there.
func (n *Network) noticed(b *balancer, i uint32) {
	x := n.faults.chance
	if x == nil {
		return
	}
	for _, k := range x.ofInst[i] {
		n.notice(&x.each[k])
	}
	for _, k := range x.whole {
		if n.concerns(x.each[k].fault, b, i) {
			n.notice(&x.each[k])
		}
	}
}

func (n *Network) notice(d *breakdown) {
	if d.open && !d.seen {
		d.seen = true
		n.notes(&n.snap.Faults[d.fault].Random.Detection, d.since)
	}
}

// leaderMissed counts the first time that the monitor of a database noticed
// that a primary was gone since something broke there.
func (n *Network) leaderMissed(i uint32) {
	if n.faults.chance == nil {
		return
	}
	for _, k := range n.faults.chance.ofInst[i] {
		n.notice(&n.faults.chance.each[k])
	}
	for _, k := range n.faults.chance.whole {
		if d := &n.faults.chance.each[k]; slices.Contains(d.where, i) {
			n.notice(d)
		}
	}
}

// mended looks for breakdowns that have passed: they are repaired, and no
// balancer leaves the instance out any more.
func (n *Network) mended() {
	if n.faults.chance == nil {
		return
	}
	for k := range n.faults.chance.each {
		d := &n.faults.chance.each[k]
		if d.open && !d.broken && n.passed(d.fault, d.where) {
			d.open = false
			n.faults.chance.shops[d.fault].open--
			n.faults.runs[d.fault].passed = n.eng.Now()
			n.notes(&n.snap.Faults[d.fault].Random.Recovery, d.out)
		}
	}
}

// notes counts how long something took that is over now, within the window.
func (n *Network) notes(h *stats.Histogram, since sim.Time) {
	if now := n.eng.Now(); now < n.end {
		h.Record(int64(now - since))
	}
}

// unmended reports whether anything that fault k broke has not recovered.
func (x *breakdowns) unmended(k int) bool { return x != nil && x.shops[k].open > 0 }

// closeBreakdowns counts how long what is broken has been so when the window
// closes, and ends the clocks that stand still: nothing breaks after it.
func (n *Network) closeBreakdowns() {
	if n.faults == nil || n.faults.chance == nil {
		return
	}
	for k := range n.faults.chance.each {
		if d := &n.faults.chance.each[k]; d.broken {
			n.snap.Faults[d.fault].Random.Lasted.AddProduct(1, uint64(n.eng.Now()-d.since))
		} else if d.stands {
			n.release(d.frame)
			d.frame, d.stands = none, false
		}
	}
}
