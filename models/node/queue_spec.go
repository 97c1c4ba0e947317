package node

import (
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/stats"
)

// QueueSpec is a message broker: what is published there waits for an
// instance of the consumer that has room for it.
type QueueSpec struct {
	Type          string   // the preset that it is, for people; "" for none
	Consumer      Target   // an operation of a server
	Prefetch      int      // messages that an instance of it may hold unacknowledged; None: unlimited
	Visibility    sim.Time // from a delivery; then the message is delivered again. 0: never
	MaxDeliveries int      // then it goes to the dead letters; 0: no limit
	DeadLetter    int      // the queue that dead letters are published to; None: they are counted only
	Capacity      int      // messages that may wait; None: unlimited
	WhenFull      WhenFull // what becomes of a further one
	Partitions    int      // each keeps its order and has one message out at a time; 0: none
	Latency       dist.Law // until the broker has a message; nil: none
	Volatile      bool     // messages are lost when the broker dies
}

// WhenFull is what a queue does with a message for which it has no room.
type WhenFull uint8

// The ways: the publisher is rejected, waits for room, or the oldest message
// makes room.
const (
	FullRejects WhenFull = iota
	FullBlocks
	FullDropsOldest
)

// Places is how many messages the consumers may hold together, None if there
// is no limit: that of the partitions counts too.
func (s *Spec) Places(q *QueueSpec) int {
	places := None
	if q.Prefetch != None {
		places = q.Prefetch * max(1, s.Nodes[q.Consumer.Node].Most())
	}
	if q.Partitions > 0 && (places == None || q.Partitions < places) {
		places = q.Partitions
	}
	return places
}

// QueueStats is what happened to the messages of a queue within the window.
// Published, with those that were there when it began, is Acknowledged +
// DeadLettered + Dropped + Lost and those that are there at its end.
type QueueStats struct {
	Published    uint64
	Delivered    uint64 // deliveries begun
	Redelivered  uint64 // of these, not the first of their message
	Acknowledged uint64
	DeadLettered uint64
	Dropped      uint64          // the oldest, to make room
	Lost         uint64          // with the broker
	Depth        stats.Sum128    // ∫ messages that wait for a delivery dt
	Age          stats.Histogram // when a message was first delivered
	Total        stats.Histogram // from publication to acknowledgement
}

// detail describes a queue in a line for people.
func (q *QueueSpec) detail(add func(format string, args ...any)) {
	if q.Type != "" {
		add("%s", q.Type)
	}
	if q.Partitions > 0 {
		add("%d %s", q.Partitions, plural(q.Partitions, "partition"))
	}
	if q.Prefetch != None {
		add("prefetch %d", q.Prefetch)
	}
	if q.Capacity != None {
		add("capacity %d, when full %s", q.Capacity, q.WhenFull)
	}
	if q.Volatile {
		add("not durable")
	}
}

// String returns the word of the language.
func (w WhenFull) String() string { return [...]string{"reject", "block", "drop-oldest"}[w] }

// places fills in what is asked of the places that the consumers of a queue
// have for messages: each message holds one for as long as its visit lasts,
// which is filled in too.
func (h *holding) places(q *QueueSpec, load *Load) {
	load.Handling = h.request(q.Consumer)
	if places := h.t.spec.Places(q); places != None {
		load.Workers = float64(load.Rate * load.Handling)
		load.WorkerCapacity = float64(places)
	}
}
