package node

import (
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/stats"
)

// handOut gives messages to instances for as long as there are both, and
// lets publishers in who wait for room.
func (n *Network) handOut(q *broker) {
	if q.giving || n.insts[q.inst].state != fault.Up {
		return
	}
	q.giving = true
	for n.giveNext(q) || n.letIn(q) {
	}
	q.giving = false
}

// giveNext gives the next message to the next instance that has room. It
// returns false if there is no such pair.
func (n *Network) giveNext(q *broker) bool {
	for q.open.n > 0 && q.ready > 0 {
		k := q.open.pop()
		t := &q.takers[k]
		t.listed = false
		if !q.hasRoom(n, k) {
			continue
		}
		p := q.nextPart(t)
		if p == nil {
			continue
		}
		m := q.take(p)
		n.noMoreReady(q, m)
		if q.spent(m) { // it was out when the broker died
			n.deadLetter(q, m)
			q.offerPart(n, q.messages[m].part)
		} else {
			p.out = q.spec.Partitions > 0
			n.give(q, m, k)
		}
		q.offer(n, k)
		return true
	}
	return false
}

// nextPart is the partition that taker t gets a message of, nil if none of
// its own has any.
func (q *broker) nextPart(t *taker) *partition {
	if q.spec.Partitions == 0 {
		return &q.parts[0]
	}
	for t.parts.n > 0 {
		p := &q.parts[t.parts.pop()]
		p.offered = false
		if !p.empty() && !p.out {
			return p
		}
	}
	return nil
}

// give sends message m to taker k.
func (n *Network) give(q *broker, m, k uint32) {
	t := &q.takers[k]
	one := &q.messages[m]
	one.deliveries++
	t.held++
	now := n.eng.Now()
	if n.measuring {
		q.stats.Delivered++
		if one.deliveries > 1 {
			q.stats.Redelivered++
		} else {
			q.stats.Age.Record(int64(now - one.published))
		}
	}
	in := &n.code[q.deliver]
	d, fr, c := n.newFrame(q.inst, q.deliver, one.req)
	fr.flags, fr.op, fr.state, fr.since = isBranch|isDetached, in.callee, forAnswer, now
	c.count, c.limit = m, k
	if n.rares {
		n.rare[d] = rareFrame{key: one.key, priority: one.priority}
	}
	if in.timeout >= 0 {
		n.eng.ArmLane(int(in.timeout), d)
	}
	// Each delivery does work of its own.
	seed := sim.Mix(one.seed, uint64(one.deliveries))
	if g := n.visit(d, one.req, t.inst, in.entry, in.callee, seed); g != none {
		n.ready = append(n.ready, g)
	}
}

// letIn takes the message of the publisher in who has waited longest for
// room.
func (n *Network) letIn(q *broker) bool {
	if q.line.queued == 0 || q.full() {
		return false
	}
	f := n.dequeue(&q.line)
	fr := &n.frames[f]
	n.cold[f].waited += n.eng.Now() - fr.since
	n.takeIn(q, f)
	fr.state = running
	fr.pc++
	n.ready = append(n.ready, f)
	return true
}

// delivered takes the answer to delivery d: an acknowledgement, or the
// message comes back. Of one that has become visible again meanwhile the
// answer means nothing.
func (n *Network) delivered(d uint32, status Status) uint32 {
	q := n.insts[n.frames[d].inst].at.broker
	m, k := n.cold[d].count, n.cold[d].limit
	n.eng.Disarm(d)
	atOnce := n.frames[d].since == n.eng.Now()
	n.release(d)
	q.takers[k].held--
	if status == Rejected || status != OK && atOnce {
		n.rest(q, k)
	}
	switch {
	case m == none:
	case status == OK:
		n.acknowledged(q, m)
		q.partIsBack(n, m)
	default:
		n.comesBack(q, m)
	}
	q.offer(n, k)
	n.handOut(q)
	return none
}

// acknowledged ends message m, which has been dealt with.
func (n *Network) acknowledged(q *broker, m uint32) {
	now := n.eng.Now()
	total := now - q.messages[m].published
	if n.pilot != nil {
		n.pilot[len(n.clients)+q.index].Add(int64(now), float64(total))
	}
	if n.measuring {
		q.stats.Acknowledged++
		q.stats.Total.Record(int64(total))
	}
	n.endMessage(q, m)
}

// comesBack puts message m, which was not acknowledged, back into its place,
// or to the dead letters.
func (n *Network) comesBack(q *broker, m uint32) {
	if q.spent(m) {
		n.deadLetter(q, m)
	} else {
		n.returns(q, m)
	}
	q.partIsBack(n, m)
}

// spent reports whether a message has been delivered as often as it may be.
func (q *broker) spent(m uint32) bool {
	most := q.spec.MaxDeliveries
	return most > 0 && q.messages[m].deliveries >= uint32(most)
}

// returns puts message m back into its place.
func (n *Network) returns(q *broker, m uint32) {
	n.makeReady(q, m)
	q.pushBack(&q.parts[q.messages[m].part], m)
}

// partIsBack lets the partition of message m give its next one.
func (q *broker) partIsBack(n *Network, m uint32) {
	i := q.messages[m].part
	q.parts[i].out = false
	q.offerPart(n, i)
}

// deadLetter ends message m, which nobody could deal with. The queue for dead
// letters gets one of its own.
func (n *Network) deadLetter(q *broker, m uint32) {
	if n.measuring {
		q.stats.DeadLettered++
	}
	if q.bury != none {
		one := &q.messages[m]
		b, fr, c := n.newFrame(q.inst, q.bury, one.req)
		fr.flags = isBranch | isDetached
		c.seed = sim.Mix(one.seed, purposeBury)
		if n.rares {
			n.rare[b] = rareFrame{key: one.key, priority: one.priority}
		}
		n.ready = append(n.ready, b)
	}
	n.endMessage(q, m)
}

// becomesVisible takes message back that delivery d has not acknowledged in
// time. Its visit goes on, and keeps its place until it ends; there is none
// to wait for if what was sent was swallowed.
func (n *Network) becomesVisible(d uint32) uint32 {
	q := n.insts[n.frames[d].inst].at.broker
	c := &n.cold[d]
	m := c.count
	c.count = none
	if c.child == none {
		n.givesUp(d)
	}
	n.comesBack(q, m)
	n.handOut(q)
	return none
}

// givesUp ends delivery d, the answer to which will never come.
func (n *Network) givesUp(d uint32) {
	q, k := n.insts[n.frames[d].inst].at.broker, n.cold[d].limit
	n.release(d)
	q.takers[k].held--
	q.offer(n, k)
	n.handOut(q)
}

// rest gives an instance that has turned a message away nothing for a while.
func (n *Network) rest(q *broker, k uint32) {
	if q.takers[k].resting {
		return
	}
	q.takers[k].resting = true
	f, fr, c := n.newFrame(q.inst, 0, none)
	fr.state, fr.since, c.count = resting, n.eng.Now(), k
	n.eng.Arm(n.eng.Now()+afterRefusal, sim.Timer, q.at.rank, f)
}

// restOver lets an instance take messages again.
func (n *Network) restOver(f uint32) {
	q := n.insts[n.frames[f].inst].at.broker
	k := n.cold[f].count
	n.release(f)
	q.takers[k].resting = false
	q.offer(n, k)
	n.handOut(q)
}

// leaveRoom takes publisher f out of the line for room.
func (n *Network) leaveRoom(f uint32) {
	n.unlink(&n.insts[n.frames[f].inst].at.broker.line, f)
}

// breaksOff ends delivery d because its broker dies: the consumer works on
// for nobody.
func (n *Network) breaksOff(d uint32) {
	q := n.insts[n.frames[d].inst].at.broker
	if m := n.cold[d].count; m != none {
		n.returns(q, m)
		q.parts[q.messages[m].part].out = false
	}
	n.release(d)
}

// queueDies is what a kill of instance i does to the queues: a broker forgets
// its consumers, and its messages if they are volatile; of a consumer that is
// killed others get the partitions.
func (n *Network) queueDies(i uint32) {
	for _, q := range n.brokers {
		if q.inst != i {
			if q.at.broker.feeds(i) {
				n.assign(q)
				n.handOut(q)
			}
			continue
		}
		for k := range q.takers {
			q.takers[k].held, q.takers[k].resting = 0, false
		}
		if q.spec.Volatile {
			n.loseAll(q)
		}
	}
}

// feeds reports whether instance i is one of its consumers.
func (q *broker) feeds(i uint32) bool {
	return i >= q.takers[0].inst && i <= q.takers[len(q.takers)-1].inst
}

// loseAll loses the messages of a broker that has died; none of them is out.
func (n *Network) loseAll(q *broker) {
	for i := range q.parts {
		for p := &q.parts[i]; !p.empty(); {
			m := q.take(p)
			n.noMoreReady(q, m)
			if n.measuring {
				q.stats.Lost++
			}
			n.endMessage(q, m)
		}
	}
}

// queueRestarts lets a broker go on that was dead, or deliver to a consumer
// that is back. What was swallowed by a consumer that vanished is delivered
// again: its connection is known to be broken now.
func (n *Network) queueRestarts(i uint32) {
	for _, q := range n.brokers {
		if q.inst != i && !q.feeds(i) {
			continue
		}
		if q.inst != i {
			n.swallowed(q, i)
		}
		n.assign(q)
		n.handOut(q)
	}
}

// swallowed takes back what was sent to instance i and never got there.
func (n *Network) swallowed(q *broker, i uint32) {
	for f := range n.frames {
		d, fr, c := uint32(f), &n.frames[f], &n.cold[f]
		if fr.inst != q.inst || fr.state != forAnswer || fr.pc != q.deliver || q.takers[c.limit].inst != i || c.child != none {
			continue
		}
		n.eng.Disarm(d)
		m := c.count
		q.takers[c.limit].held--
		n.release(d)
		if m != none {
			n.comesBack(q, m)
		}
	}
}

// openQueue begins the measurement.
func (q *broker) openQueue() {
	q.changed, q.before, q.area = 0, q.there, stats.Sum128{}
}

// closeQueue fills in the figures of a queue and checks its laws.
func (n *Network) closeQueue(at uint32, q *broker) {
	now, s := n.eng.Now(), q.stats
	q.account(n)
	there := int64(0)
	out := make([]bool, len(q.messages))
	for f := range n.frames {
		if fr := &n.frames[f]; fr.state != free && fr.inst == q.inst && n.code[fr.pc].op == opDeliver && n.cold[f].count != none {
			n.check(at, q.messages[n.cold[f].count].here && !out[n.cold[f].count], "a message is out twice, or is not there")
			out[n.cold[f].count] = true
		}
	}
	ready := int64(0)
	for m := range q.messages {
		one := &q.messages[m]
		if !one.here {
			continue
		}
		there++
		if !out[m] {
			ready++
			q.waits.Add(clipped(one.since, now))
		}
	}
	s.Depth = q.area
	n.check(at, there == q.there && ready == q.ready, "messages are miscounted")
	n.check(at, q.area == q.waits, "the integral of the messages that wait is not the sum of their waits (Little's law)")
	ended := s.Acknowledged + s.DeadLettered + s.Dropped + s.Lost
	n.check(at, uint64(q.before)+s.Published == ended+uint64(there), "messages are not conserved")
}
