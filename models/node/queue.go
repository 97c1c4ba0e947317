package node

import (
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/stats"
)

// MaxMessages bounds the messages that are in one queue together.
const MaxMessages = MaxInFlight

// afterRefusal is how long an instance gets nothing after it has turned a
// message away: it would again, at the same instant, for ever. (100 ms is
// what Kafka's clients wait by default before they try again,
// retry.backoff.ms.)
const afterRefusal = 100 * sim.Millisecond

// broker is a queue in operation. A message is in the ready ones of its
// partition until it is given to an instance of the consumer: by a delivery,
// a frame at the broker that waits for the answer of the consumer's visit.
// Without partitions there is one, which may have any number of messages out.
type broker struct {
	spec     *QueueSpec
	at       *nodeState
	node     uint32
	inst     uint32 // its only instance
	index    int    // in Network.brokers
	deliver  uint32 // the instruction of deliveries
	bury     uint32 // the program of dead letters; none: they are counted only
	keyed    bool   // some publish steps have keys of their own
	identity uint64 // of the messages' draws

	messages []message
	free     uint32
	number   uint64 // of messages so far
	turn     uint32 // partition of the next message without a key
	parts    []partition
	takers   []taker
	line     station  // publishers who wait for room
	turns    []uint32 // room for assign
	open     fifo     // takers who have room, in turn
	giving   bool     // handOut is at work

	ready   int64 // messages that wait for a delivery
	there   int64 // messages
	before  int64 // those when the window began
	changed sim.Time
	area    stats.Sum128 // ∫ ready dt
	waits   stats.Sum128 // clipped to the window
	stats   *QueueStats
}

// message is one in a queue.
type message struct {
	seed, key, number uint64
	published, since  sim.Time // since when it is ready
	req               uint32
	part              uint32
	deliveries        uint32
	next              uint32 // of those that are ready; free list
	priority          int32
	here              bool
}

// partition keeps its messages in order.
type partition struct {
	head, tail uint32   // of messages that have never been out, oldest first
	back       []uint32 // that came back, a heap by age: all are older than those
	owner      uint32   // taker; none: nobody is there
	out        bool     // with partitions: a message is out
	offered    bool     // it stands in its owner's list
}

// taker is an instance of the consumer.
type taker struct {
	inst    uint32
	held    int32
	resting bool // it has turned a message away just now
	away    bool // it is not in service
	listed  bool // it stands among the open ones
	parts   fifo // partitions of it that have something to give
}

// fifo is a line of small numbers that allocates only when it is longer than
// ever before.
type fifo struct {
	ring    []uint32
	head, n int
}

func (q *fifo) push(x uint32) {
	if q.n == len(q.ring) {
		ring := make([]uint32, max(4, 2*q.n))
		for i := range q.n {
			ring[i] = q.ring[(q.head+i)%len(q.ring)]
		}
		q.ring, q.head = ring, 0
	}
	q.ring[(q.head+q.n)%len(q.ring)] = x
	q.n++
}

func (q *fifo) pop() uint32 {
	x := q.ring[q.head]
	q.head = (q.head + 1) % len(q.ring)
	q.n--
	return x
}

func (q *fifo) clear() { q.head, q.n = 0, 0 }

// full reports whether a further message finds no room.
func (q *broker) full() bool { return q.spec.Capacity != None && q.ready >= int64(q.spec.Capacity) }

// account brings the integral up to now. Call it before ready changes.
func (q *broker) account(n *Network) {
	if now := n.eng.Now(); now >= 0 { // controllers look at it after the window, too
		q.area.AddProduct(uint64(q.ready), uint64(now-q.changed))
		q.changed = now
	}
}

// accept takes the message of visit f in, at the end of the broker's latency.
func (n *Network) accept(f uint32) uint32 {
	q := n.insts[n.frames[f].inst].at.broker
	if q.full() {
		switch q.spec.WhenFull {
		case FullRejects:
			return n.leave(f, Rejected)
		case FullBlocks:
			fr := &n.frames[f]
			fr.state, fr.since = forRoom, n.eng.Now()
			n.enqueue(&q.line, f)
			return none
		case FullDropsOldest:
			n.dropOldest(q)
		}
	}
	n.takeIn(q, f)
	n.frames[f].pc++
	n.handOut(q)
	return f
}

// takeIn makes a message of visit f.
func (n *Network) takeIn(q *broker, f uint32) {
	m := q.newMessage()
	fr, now := &n.frames[f], n.eng.Now()
	request, one := &n.reqs[fr.req], &q.messages[m]
	request.refs++
	*one = message{
		seed: sim.Mix(n.cold[f].seed, q.identity), key: request.key, number: q.number,
		published: now, since: now, req: fr.req, here: true,
	}
	q.number++
	q.there++
	hasKey := q.keyed || n.clients[request.client].keyed()
	if n.rares {
		one.key, one.priority = n.rare[f].key, n.rare[f].priority
	}
	one.part = q.partitionOf(one.key, hasKey)
	if n.measuring {
		q.stats.Published++
	}
	n.makeReady(q, m)
	p := &q.parts[one.part]
	one.next = none
	if p.tail == none {
		p.head = m
	} else {
		q.messages[p.tail].next = m
	}
	p.tail = m
	q.offerPart(n, one.part)
}

// keyed reports whether a client's requests are about items.
func (c *client) keyed() bool { return c.keys != nil || c.spec.Keys != nil }

// partitionOf is where a message goes: by its key, else in turn.
func (q *broker) partitionOf(key uint64, hasKey bool) uint32 {
	all := uint32(len(q.parts))
	if all == 1 {
		return 0
	}
	if hasKey {
		return uint32(sim.HashWord(sim.Mix(key, purposePartition)) % uint64(all))
	}
	q.turn = (q.turn + 1) % all
	return q.turn
}

// Purposes of the draws and hashes of messages.
var (
	purposePartition = sim.HashName("queue", "partition")
	purposeBury      = sim.HashName("queue", "dead letter")
)

func (q *broker) newMessage() uint32 {
	m := q.free
	if m != none {
		q.free = q.messages[m].next
		return m
	}
	if len(q.messages) >= MaxMessages {
		panic(&LimitError{What: "messages in one queue", Limit: MaxMessages})
	}
	q.messages = append(q.messages, message{})
	return uint32(len(q.messages) - 1)
}

// end forgets message m, whatever has become of it.
func (n *Network) endMessage(q *broker, m uint32) {
	one := &q.messages[m]
	n.unref(one.req)
	one.here, one.next = false, q.free
	q.free = m
	q.there--
}

// makeReady counts message m among those that wait for a delivery.
func (n *Network) makeReady(q *broker, m uint32) {
	q.account(n)
	q.ready++
	q.messages[m].since = n.eng.Now()
}

// noMoreReady counts message m out of those.
func (n *Network) noMoreReady(q *broker, m uint32) {
	q.account(n)
	q.ready--
	if n.measuring {
		q.waits.Add(clipped(q.messages[m].since, n.eng.Now()))
	}
}

func (p *partition) empty() bool { return p.head == none && len(p.back) == 0 }

// oldest is the first message of a partition that is not empty.
func (p *partition) oldest() uint32 {
	if len(p.back) > 0 {
		return p.back[0]
	}
	return p.head
}

// take takes the first message out of a partition that is not empty.
func (q *broker) take(p *partition) uint32 {
	if len(p.back) > 0 {
		return q.popBack(p)
	}
	m := p.head
	p.head = q.messages[m].next
	if p.head == none {
		p.tail = none
	}
	return m
}

// pushBack puts a message that was out back into its place by age.
func (q *broker) pushBack(p *partition, m uint32) {
	p.back = append(p.back, m)
	i := len(p.back) - 1
	for i > 0 {
		up := (i - 1) / 2
		if q.messages[p.back[up]].number < q.messages[m].number {
			break
		}
		p.back[i], i = p.back[up], up
	}
	p.back[i] = m
}

func (q *broker) popBack(p *partition) uint32 {
	first, last := p.back[0], p.back[len(p.back)-1]
	p.back = p.back[:len(p.back)-1]
	for i := 0; len(p.back) > 0; {
		kid := 2*i + 1
		if kid+1 < len(p.back) && q.messages[p.back[kid+1]].number < q.messages[p.back[kid]].number {
			kid++
		}
		if kid >= len(p.back) || q.messages[last].number < q.messages[p.back[kid]].number {
			p.back[i] = last
			break
		}
		p.back[i], i = p.back[kid], kid
	}
	return first
}

// dropOldest drops the oldest message that waits.
func (n *Network) dropOldest(q *broker) {
	oldest := (*partition)(nil)
	for i := range q.parts {
		p := &q.parts[i]
		if !p.empty() && (oldest == nil || q.messages[p.oldest()].number < q.messages[oldest.oldest()].number) {
			oldest = p
		}
	}
	m := q.take(oldest)
	n.noMoreReady(q, m)
	if n.measuring {
		q.stats.Dropped++
	}
	n.endMessage(q, m)
}

// hasRoom reports whether an instance takes another message. One that hangs
// does, as far as its prefetch goes: that is pushed to it.
func (q *broker) hasRoom(n *Network, k uint32) bool {
	t := &q.takers[k]
	return !t.resting && !t.away && n.insts[t.inst].state < fault.Dead && (q.spec.Prefetch == None || int(t.held) < q.spec.Prefetch)
}

// offer lets an instance that has room stand in line for messages.
func (q *broker) offer(n *Network, k uint32) {
	t := &q.takers[k]
	if !t.listed && q.hasRoom(n, k) && (q.spec.Partitions == 0 || t.parts.n > 0) {
		t.listed = true
		q.open.push(k)
	}
}

// offerPart lets a partition that has something to give stand in the list of
// its owner.
func (q *broker) offerPart(n *Network, i uint32) {
	p := &q.parts[i]
	if q.spec.Partitions == 0 || p.out || p.offered || p.owner == none || p.empty() {
		return
	}
	p.offered = true
	q.takers[p.owner].parts.push(i)
	q.offer(n, p.owner)
}

// assign shares the partitions out among the instances that live, in turn,
// and begins the lines anew.
func (n *Network) assign(q *broker) {
	q.open.clear()
	live := q.turns[:0]
	for k := range q.takers {
		q.takers[k].listed = false
		q.takers[k].parts.clear()
		if !q.takers[k].away && n.insts[q.takers[k].inst].state < fault.Dead {
			live = append(live, uint32(k))
		}
	}
	q.turns = live
	for i := range q.parts {
		p := &q.parts[i]
		p.offered, p.owner = false, none
		if len(live) > 0 {
			p.owner = live[i%len(live)]
		}
	}
	for i := range q.parts {
		q.offerPart(n, uint32(i))
	}
	for k := range q.takers {
		q.offer(n, uint32(k))
	}
}
