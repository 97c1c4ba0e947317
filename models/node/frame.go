package node

import (
	"fmt"

	"github.com/capsim/capsim/sim"
)

// none is the index of no frame, request or instance.
const none = 1<<32 - 1

// state tells what a frame waits for, and so what an event for it means.
type state uint8

const (
	free           state = iota
	running              // its program is being run
	onCore               // event: its work, or a turn of it, is done
	forCore              // in the queue for that
	onDisk               // event: its operation is done
	forDisk              // in the queue for that
	inDelay              // event: its wait step is over
	forWorker            // in a worker's queue; event: it has waited long enough
	forAnswer            // a call is out; event: the caller's time is up
	forCopies            // a hedged call is out; event: send another copy
	inBackoff            // event: try again
	forChildren          // branches or rounds are under way
	outbound             // on its way to the instance; event: it is there
	homebound            // its answer is on the way; event: it is there
	receiving            // its request is on the wire; event: it is in
	toReceive            // in the queue for that
	sending              // its answer is on the wire; event: it is out
	toSend               // in the queue for that
	thinking             // a closed user; event: the next request is due
	source               // an open client; event: the next arrival
	population           // a closed client; event: users come or go
	ticking              // of an instance whose cores are shared; event: the next work is done
	forConnection        // a balancer waits for a connection to a target; event: it has waited long enough
	connecting           // it has got one, and is about to use it
	turnedAway           // there is none to be had any more
	faultDue             // a fault; event: it begins or ends
	stalled              // its instance hangs: it is to go on afterwards
	undelivered          // the answer to it waits for a caller that hangs
	probing              // a health check; event: the next probe, or its time is up
	probeOutbound        // a probe on its way; event: it is there
	probeHomebound       // its answer is on the way; event: it is there
	ejected              // a target that is out; event: it may be tried again
	forPool              // in a pool's queue; event: it has waited long enough
	opening              // its connection is being opened; event: that is over
	forFlight            // in a cache, waits for the item that somebody else is fetching
	forRoom              // a publisher waits for room in a queue
	resting              // a consumer that has turned a message away; event: it may have another one
	shipped              // a write on its way to a replica; event: the replica has it
	late                 // such a one, whose replica is dead
	lifeDue              // of an instance that comes and goes; event: its stage ends
	deployDue            // of a node with a deploy; event: the deploy is due
	scaleDue             // of a server that is scaled; event: its controller looks
	steering             // a shard whose primary is gone; event: that is noticed, or another one promoted
	forReplicas          // a write waits until enough replicas have applied it
	lagging              // a fault delays it, before it is handled; event: that is over
	collecting           // of an instance; event: a pause for its garbage begins or ends
	exhausted            // of an instance; event: it is killed for its memory, or is back
)

// Flags of a frame.
const (
	isRoot     = 1 << iota // a client's request; it has no parent
	isUser                 // a root that is used again and again
	isBranch               // a part of its parent's visit, not a visit of its own
	hasWorker              // to be given back at the end
	tookHit                // the cache had what was asked for
	isCopy                 // one of the copies of a hedged attempt
	isDetached             // nobody waits for what it leads to: work of a spawn step
	hasMemory              // to be freed at the end
)

// frame is an activation: one run of a program at an instance. It is also
// the slot of the engine under which events for it are scheduled. It holds
// what every event touches, in 32 bytes without pointers.
type frame struct {
	since  sim.Time // when the present wait or service began
	pc     uint32   // the instruction that it is at, an index into Network.code
	inst   uint32   // the instance that it runs on
	parent uint32   // the frame that waits for the answer
	req    uint32   // the client's request that it works for
	next   uint32   // queue link; free list
	state  state
	flags  uint8
	op     uint16 // the operation that was asked for
}

// coldFrame holds what only the beginning and the end of a step touch.
type coldFrame struct {
	seed    uint64   // of the draws in this frame
	arrived sim.Time // at the instance
	waited  sim.Time // in its queues, so far
	served  sim.Time // on its cores and in its delays, so far
	held    sim.Time // since when it has held its worker

	parentGen uint32 // the generation of the parent when it began to wait
	child     uint32 // the frame whose answer this one waits for; of several, their join
	gen       uint32 // goes up whenever this frame stops waiting, or is freed
	prev      uint32 // queue link
	count     uint32 // attempts or rounds behind it; branches still out; by a copy, the instance chosen
	limit     uint32 // rounds in all; branches still needed; the user's or session's number; a balancer's choice; how a visit ended
}

// rareFrame holds what only some topologies have. It is written and read by
// the features that need it, and costs the others nothing.
type rareFrame struct {
	transit  sim.Time // on the network, so far
	memory   uint64   // bytes that it holds
	key      uint64   // the item or source that a balancer hashes
	born     sim.Time // since when another CDN has had what a CDN asks it for; unborn: it does not say
	priority int32
	choice   uint32   // of those who call a node directly that has a policy for it; none: no attempt is out
	tried    uint32   // the join of the instances that a balancer has tried in vain; none: no join
	held     uint32   // the first of the flights to caches that it holds; 0: none
	flight   uint32   // that it waits for; 0: none
	shard    uint32   // of a database: that a frame at the caller's side is for
	lag      sim.Time // by which a fault has delayed it at its instance
}

// request is what belongs to a client's request, whatever is done about it.
// It lives until the last frame that works for it has ended.
type request struct {
	seed    uint64
	due     sim.Time
	key     uint64
	source  uint64   // the address that it comes from
	backoff sim.Time // spent between attempts
	client  uint32
	row     int32  // of the trace, or -1
	op      uint32 // index into the client's operations
	refs    uint32
	window  uint16 // row of the series that it was due in
	counted bool   // due within the window, and not ended
	cancel  bool   // what is given up is stopped
	tally   uint32 // of where its time goes; 0: it is not followed
}

// LimitError ends a run that has become too large.
type LimitError struct {
	What  string // what ran out, and where
	Limit uint64
}

func (e *LimitError) Error() string { return fmt.Sprintf("%s: the limit is %d", e.What, e.Limit) }

// AssertionError is a law of the simulation that did not hold: a defect of
// capsim, never of its input.
type AssertionError struct {
	Seed        uint64
	Replication int
	Event       uint64
	At          sim.Time
	Node, Law   string
}

func (e *AssertionError) Error() string {
	return fmt.Sprintf("assertion failed: %s: %s (seed %d, replication %d, event %d, %.9f s)",
		e.Node, e.Law, e.Seed, e.Replication, e.Event, e.At.Seconds())
}

// newFrame returns a frame of the request, at the instance, about to run at
// pc. The two parts are valid until the next frame is made.
func (n *Network) newFrame(inst, pc, req uint32) (uint32, *frame, *coldFrame) {
	f := n.freeFrame
	if f == none {
		f = uint32(len(n.frames))
		if f >= MaxInFlight {
			panic(&LimitError{What: "activations in flight (requests, calls and branches)", Limit: MaxInFlight})
		}
		n.frames = append(n.frames, frame{})
		n.cold = append(n.cold, coldFrame{})
		n.rare = append(n.rare, rareFrame{})
		if n.turning {
			n.turns = append(n.turns, turn{})
		}
		if int(f) >= n.slots {
			n.slots = max(256, min(2*n.slots, sim.MaxSlots))
			n.eng.Grow(n.slots)
		}
	} else {
		n.freeFrame = n.frames[f].next
	}
	fr := &n.frames[f]
	fr.pc, fr.inst, fr.parent, fr.req, fr.state, fr.flags = pc, inst, none, req, running, 0
	c := &n.cold[f]
	c.arrived, c.waited, c.served = n.eng.Now(), 0, 0
	c.child, c.count = none, 0
	if req != none {
		n.reqs[req].refs++
		if n.tracer != nil {
			n.tracer.frameOpens(n, f, req)
		}
	}
	return f, fr, c
}

func (n *Network) release(f uint32) {
	if n.flights != nil && n.rare[f].held != 0 {
		n.giveUp(f)
	}
	if n.tracer != nil {
		n.tracer.frameCloses(n, f)
	}
	fr := &n.frames[f]
	n.cold[f].gen++
	if fr.req != none {
		n.unref(fr.req)
	}
	fr.state = free
	fr.next = n.freeFrame
	n.freeFrame = f
}

func (n *Network) newRequest() uint32 {
	r := n.freeRequest
	if r == none {
		n.reqs = append(n.reqs, request{})
		return uint32(len(n.reqs) - 1)
	}
	n.freeRequest = n.reqs[r].refs
	return r
}

func (n *Network) unref(r uint32) {
	q := &n.reqs[r]
	q.refs--
	if q.refs == 0 {
		q.refs = n.freeRequest // the free list runs through refs
		n.freeRequest = r
	}
}
