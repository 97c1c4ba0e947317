package study

import (
	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim/stats"
)

// queue summarises the messages of a queue.
func (f *figures) queue(at int) *result.Queue {
	count := func(of func(q *node.QueueStats) uint64) uint64 {
		return f.count(func(s *node.Snapshot) uint64 { return of(s.Nodes[at].Queue) })
	}
	return &result.Queue{
		Published:    count(func(q *node.QueueStats) uint64 { return q.Published }),
		Delivered:    count(func(q *node.QueueStats) uint64 { return q.Delivered }),
		Acknowledged: count(func(q *node.QueueStats) uint64 { return q.Acknowledged }),
		Redelivered:  count(func(q *node.QueueStats) uint64 { return q.Redelivered }),
		DeadLettered: count(func(q *node.QueueStats) uint64 { return q.DeadLettered }),
		Dropped:      count(func(q *node.QueueStats) uint64 { return q.Dropped }),
		Lost:         count(func(q *node.QueueStats) uint64 { return q.Lost }),
		Depth:        f.depth(at).estimate(""),
		AgeS:         f.ages(at).latency(nil),
		TotalS: f.times(func(s *node.Snapshot) []*stats.Histogram {
			return []*stats.Histogram{&s.Nodes[at].Queue.Total}
		}).latency(nil),
	}
}

// depth is the mean number of messages that wait for a delivery.
func (f *figures) depth(at int) sample {
	return f.level(func(s *node.Snapshot) stats.Sum128 { return s.Nodes[at].Queue.Depth })
}

// ages are those of messages when they are first delivered.
func (f *figures) ages(at int) *times {
	return f.times(func(s *node.Snapshot) []*stats.Histogram { return []*stats.Histogram{&s.Nodes[at].Queue.Age} })
}

// enoughToTell is how many messages must have come before a queue can be said
// to grow.
const enoughToTell = 1000

// warnGrowing warns of a queue whose backlog grew through the window.
func (f *figures) warnGrowing(name string, q *result.Queue, add func(code, format string, args ...any)) {
	if q == nil || q.Published < enoughToTell {
		return
	}
	gone := q.Acknowledged + q.DeadLettered + q.Dropped + q.Lost
	if grew := float64(q.Published) / float64(max(gone, 1)); grew > 1.01 {
		add("W901", "%s: messages come faster than they are dealt with: %d of %d were left at the end of the window; how old messages get depends on how long the run is",
			name, q.Published-gone, q.Published)
	}
}
