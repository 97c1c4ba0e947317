package node

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// mail is a queue before the node of that number.
func mail(consumer int, q QueueSpec) Node {
	q.Consumer = Target{Node: consumer, Op: "request"}
	if q.Prefetch == 0 {
		q.Prefetch = 1
	}
	if q.Capacity == 0 {
		q.Capacity = None
	}
	if q.DeadLetter == 0 {
		q.DeadLetter = None
	}
	return Node{Name: "mail", Kind: Queue, Instances: 1, Queue: &q}
}

// worker works on each message for so many milliseconds.
func worker(milliseconds float64) Node {
	return server("worker", ServerSpec{Cores: 9}, Step{Kind: StepWait, ID: 7, Time: constantLawOf(milliseconds)})
}

// fates are published, delivered, redelivered, acknowledged, dead, dropped
// and lost messages.
func fates(s *Snapshot, at int) [7]uint64 {
	q := s.Nodes[at].Queue
	return [7]uint64{q.Published, q.Delivered, q.Redelivered, q.Acknowledged, q.DeadLettered, q.Dropped, q.Lost}
}

func TestMessagesWaitForRoomAndTheirPublishersDoNot(t *testing.T) {
	// Three at 0, 1 and 2 ms, worked on one after the other, 10 ms each: they
	// wait for 0, 9 and 18 ms.
	latency := QueueSpec{Latency: constantLawOf(1)}
	s := simulate(t, 1, users(1, Policy{}, 0, 1, 2), mail(2, latency), worker(10))
	assert.Equal(t, [7]uint64{3, 3, 0, 3}, fates(s, 1))
	q := s.Nodes[1].Queue
	assert.InDelta(t, 27*ms, q.Depth.Float64(), 0)
	assert.InDelta(t, 27*ms, q.Age.Sum().Float64(), 0)
	assert.InDelta(t, 57*ms, q.Total.Sum().Float64(), 0)
	o := &s.Clients[0].Ops[0]
	assert.Equal(t, uint64(3), o.OK)
	assert.Equal(t, int64(sim.Millisecond), o.Latency.Max(), "the latency of the broker")
	assert.True(t, o.SpentAt(2).Service.IsZero(), "nobody waits for the consumer")
}

func TestPrefetchIsWhatAnInstanceHolds(t *testing.T) {
	at := make([]float64, 12)
	for prefetch, last := range map[int]float64{1: 60, 2: 30, 3: 20, None: 10} {
		s := simulate(t, 1, users(1, Policy{}, at...), mail(2, QueueSpec{Prefetch: prefetch}), spread(worker(10), 2))
		assert.InDelta(t, last*ms, float64(s.Nodes[1].Queue.Total.Max()), 0, "prefetch %d of two instances", prefetch)
		if prefetch != None {
			assert.Equal(t, s.Nodes[2].Instances[0].Arrivals, s.Nodes[2].Instances[1].Arrivals, "in turn")
		}
	}
}

func TestAMessageThatIsNotAcknowledgedInTimeIsDeliveredAgain(t *testing.T) {
	// Work takes 10 ms and may take 4: the message is delivered at 0, 4 and 8
	// ms, to three instances, and then it is a dead letter. The answers at 10
	// ms and later mean nothing.
	s := simulate(t, 1, users(1, Policy{}, 0), mail(2, QueueSpec{Visibility: 4 * msec, MaxDeliveries: 3}), spread(worker(10), 4))
	assert.Equal(t, [7]uint64{1, 3, 2, 0, 1}, fates(s, 1))
	assert.Equal(t, uint64(3), s.Nodes[2].Completions, "the old copies are worked on to their end")
	// A single instance has no place for a second copy before the first ends.
	s = simulate(t, 1, users(1, Policy{}, 0), mail(2, QueueSpec{Visibility: 4 * msec, MaxDeliveries: 3}), worker(10))
	assert.Equal(t, [7]uint64{1, 3, 2, 0, 1}, fates(s, 1))
	assert.InDelta(t, (6+6)*ms, s.Nodes[1].Queue.Depth.Float64(), 0, "it waits from 4 to 10, and from 14 to 20")
	// An answer at the very time-out is in time.
	s = simulate(t, 1, users(1, Policy{}, 0), mail(2, QueueSpec{Visibility: 10 * msec}), worker(10))
	assert.Equal(t, [7]uint64{1, 1, 0, 1}, fates(s, 1))
}

func TestDeadLettersArePublishedToTheirQueue(t *testing.T) {
	fails := server("worker", ServerSpec{}, cpu(1), Step{Kind: StepFail, ID: 9, Ratio: 1})
	s := simulate(t, 1, users(1, Policy{}, 0, 50), mail(3, QueueSpec{MaxDeliveries: 2, DeadLetter: 2}), mail(4, QueueSpec{}), fails, worker(10))
	assert.Equal(t, [7]uint64{2, 4, 2, 0, 2}, fates(s, 1))
	assert.Equal(t, [7]uint64{2, 2, 0, 2}, fates(s, 2))
	assert.Equal(t, uint64(2), s.Clients[0].Ops[0].OK, "whatever becomes of the message")
}

func TestAMessageThatComesBackGoesBeforeYoungerOnes(t *testing.T) {
	// The first of three fails at 10 ms, once: it is done before the others.
	spec := specFor(1, users(1, Policy{}, 0, 1, 2), mail(2, QueueSpec{}), worker(10))
	spec.Nodes[2].Server.Ops[0].Steps = append(spec.Nodes[2].Server.Ops[0].Steps, Step{Kind: StepFail, ID: 9, Ratio: 0.5})
	var order []uint64
	n := NewNetwork(spec, 0)
	n.start(0)
	n.openWindow()
	q := n.brokers[0]
	for at := sim.Time(0); q.there > 0 || at < 5*msec; at += msec {
		n.advance(at)
		for f := range n.frames {
			if fr := &n.frames[f]; fr.state == forAnswer && fr.pc == q.deliver {
				if m := q.messages[n.cold[f].count].number; len(order) == 0 || order[len(order)-1] != m {
					order = append(order, m)
				}
			}
		}
	}
	assert.True(t, slices.IsSorted(order), "%v", order)
	assert.NotZero(t, q.stats.Redelivered)
}

func TestAFullQueueRejectsBlocksOrDrops(t *testing.T) {
	// Room for one beside the one at work; four come.
	at := []float64{0, 1, 2, 3}
	s := simulate(t, 1, users(1, Policy{}, at...), mail(2, QueueSpec{Capacity: 1}), worker(10))
	assert.Equal(t, [4]uint64{2, 0, 2, 0}, ends(s, 0))
	assert.Equal(t, [7]uint64{2, 2, 0, 2}, fates(s, 1))

	s = simulate(t, 1, users(1, Policy{}, at...), mail(2, QueueSpec{Capacity: 1, WhenFull: FullDropsOldest}), worker(10))
	assert.Equal(t, [4]uint64{4}, ends(s, 0))
	assert.Equal(t, [7]uint64{4, 2, 0, 2, 0, 2}, fates(s, 1))
	assert.Equal(t, int64(7*sim.Millisecond), s.Nodes[1].Queue.Age.Max(), "the last of them is left")

	// The third gets in at 10 ms and the fourth at 20, in this order.
	blocks := QueueSpec{Capacity: 1, WhenFull: FullBlocks}
	s = simulate(t, 1, users(1, Policy{}, at...), mail(2, blocks), worker(10))
	assert.Equal(t, [4]uint64{4}, ends(s, 0))
	assert.InDelta(t, (8+17)*ms, s.Clients[0].Ops[0].Latency.Sum().Float64(), 0)
	assert.InDelta(t, (8+17)*ms, s.Clients[0].Ops[0].Spent[1].Wait.Float64(), 0, "the wait for room is time at the queue")
	assert.Equal(t, [7]uint64{4, 4, 0, 4}, fates(s, 1))

	// Who gives up leaves the line, and publishes nothing.
	s = simulate(t, 1, users(1, Policy{Timeout: 10 * msec}, at...), mail(2, blocks), worker(10))
	assert.Equal(t, [4]uint64{3, 1}, ends(s, 0))
	assert.Equal(t, [7]uint64{3, 3, 0, 3}, fates(s, 1))
}

func TestPartitionsKeepTheirOrderAndBoundTheParallelism(t *testing.T) {
	at := make([]float64, 12)
	queue := mail(2, QueueSpec{Prefetch: None, Partitions: 4})
	s := simulate(t, 1, users(1, Policy{}, at...), queue, spread(worker(10), 2))
	assert.InDelta(t, 30*ms, float64(s.Nodes[1].Queue.Total.Max()), 0, "without keys, three for each partition in turn")
	assert.Equal(t, uint64(6), s.Nodes[2].Instances[0].Arrivals)
	one := users(1, Policy{}, at...)
	one.Client.Keys = dist.Constant{Value: 5}
	s = simulate(t, 1, one, queue, spread(worker(10), 2))
	assert.InDelta(t, 120*ms, float64(s.Nodes[1].Queue.Total.Max()), 0, "one key, one partition, one at a time")
	assert.Contains(t, []uint64{0, 12}, s.Nodes[2].Instances[0].Arrivals)
	// An instance with little prefetch serves its partitions in turn.
	s = simulate(t, 1, users(1, Policy{}, at...), mail(2, QueueSpec{Prefetch: 1, Partitions: 4}), spread(worker(10), 2))
	assert.InDelta(t, 60*ms, float64(s.Nodes[1].Queue.Total.Max()), 0)
	// Of three instances the third has no partition.
	s = simulate(t, 1, users(1, Policy{}, at...), mail(2, QueueSpec{Partitions: 2}), spread(worker(10), 3))
	assert.Zero(t, s.Nodes[2].Instances[2].Arrivals)
}

func TestAnotherInstanceGetsThePartitionsOfADeadOne(t *testing.T) {
	at := make([]float64, 8)
	s := suffer(t, []fault.Fault{strikes(fault.Kill, 2, 0, 5, 0)}, users(1, Policy{}, at...), mail(2, QueueSpec{Prefetch: None, Partitions: 2}), spread(worker(10), 2))
	assert.Equal(t, [7]uint64{8, 9, 1, 8}, fates(s, 1), "the one that was at work comes back")
	assert.Equal(t, uint64(8), s.Nodes[2].Completions)
	assert.InDelta(t, 45*ms, float64(s.Nodes[1].Queue.Total.Max()), 0, "the other began its four anew at 5 ms, beside its own")
}

func TestADeadConsumerGetsNothingAndItsMessagesComeBack(t *testing.T) {
	// At 5 ms the only instance dies, with one message; it is back at 25.
	nodes := []Node{users(1, Policy{}, 0, 1), mail(2, QueueSpec{}), worker(10)}
	s := suffer(t, []fault.Fault{strikes(fault.Kill, 2, 0, 5, 20)}, nodes...)
	assert.Equal(t, [7]uint64{2, 3, 1, 2}, fates(s, 1))
	assert.InDelta(t, 44*ms, float64(s.Nodes[1].Queue.Total.Max()), 0)
	assert.Equal(t, uint64(3), s.Nodes[2].Arrivals, "nothing while it was dead")
	// One that vanishes answers nothing: what it had comes back with it.
	f := strikes(fault.Kill, 2, 0, 5, 20)
	f.Silent = true
	assert.Equal(t, s.Nodes[1].Queue.Total, suffer(t, []fault.Fault{f}, nodes...).Nodes[1].Queue.Total)
	// With a time-out others get it before.
	nodes[1].Queue.Visibility = 12 * msec
	s = suffer(t, []fault.Fault{f}, nodes[0], nodes[1], spread(nodes[2], 2))
	assert.Equal(t, [7]uint64{2, 3, 1, 2}, fates(s, 1))
	assert.InDelta(t, 22*ms, float64(s.Nodes[1].Queue.Total.Max()), 0)
}

func TestAHangingConsumerKeepsItsPrefetch(t *testing.T) {
	// Two instances of a prefetch of two; the first hangs from the beginning.
	nodes := []Node{users(1, Policy{}, 1, 1, 1, 1, 1, 1, 1, 1), mail(2, QueueSpec{Prefetch: 2}), spread(worker(10), 2)}
	s := suffer(t, []fault.Fault{strikes(fault.Hang, 2, 0, 0, 99)}, nodes...)
	assert.Equal(t, [7]uint64{8, 8, 0, 8}, fates(s, 1))
	assert.Equal(t, uint64(2), s.Nodes[2].Instances[0].Arrivals, "until it goes on, everything else is done")
	assert.InDelta(t, 108*ms, float64(s.Nodes[1].Queue.Total.Max()), 0)
	nodes[1].Queue.Visibility = 15 * msec
	s = suffer(t, []fault.Fault{strikes(fault.Hang, 2, 0, 0, 99)}, nodes...)
	assert.Equal(t, [7]uint64{8, 10, 2, 8}, fates(s, 1))
	assert.InDelta(t, 40*ms, float64(s.Nodes[1].Queue.Total.Max()), 0, "two at a time, six and the two")
}

func TestADeadBrokerForgetsItsDeliveriesAndVolatileMessages(t *testing.T) {
	// Killed at 5 ms, back at 25: the message at work, which is finished at 10
	// ms, is delivered anew, and those of 12 ms find nobody.
	nodes := []Node{users(1, Policy{}, 0, 1, 12), mail(2, QueueSpec{}), worker(10)}
	kill := strikes(fault.Kill, 1, 0, 5, 20)
	s := suffer(t, []fault.Fault{kill}, nodes...)
	assert.Equal(t, [4]uint64{2, 0, 0, 1}, ends(s, 0))
	assert.Equal(t, [7]uint64{2, 3, 1, 2}, fates(s, 1))
	assert.Equal(t, uint64(3), s.Nodes[2].Completions)
	assert.InDelta(t, 44*ms, float64(s.Nodes[1].Queue.Total.Max()), 0)
	nodes[1].Queue.Volatile = true
	s = suffer(t, []fault.Fault{kill}, nodes...)
	assert.Equal(t, [7]uint64{2, 1, 0, 0, 0, 0, 2}, fates(s, 1))
	// One that hangs answers nobody, and goes on afterwards.
	s = suffer(t, []fault.Fault{strikes(fault.Hang, 1, 0, 5, 20)}, nodes...)
	assert.Equal(t, [4]uint64{3}, ends(s, 0))
	assert.Equal(t, [7]uint64{3, 3, 0, 3}, fates(s, 1))
	assert.Equal(t, int64(13*sim.Millisecond), s.Clients[0].Ops[0].Latency.Max())
}

func TestAConsumerThatTurnsMessagesAwayGetsNoneForAWhile(t *testing.T) {
	// One worker, no backlog, a prefetch of three: the second message is
	// turned away at 0, and given again at 100 ms.
	busy := server("worker", ServerSpec{Concurrency: 1, Backlog: 0}, Step{Kind: StepWait, ID: 7, Time: constantLawOf(10)})
	s := simulate(t, 1, users(1, Policy{}, 0, 0), mail(2, QueueSpec{Prefetch: 3}), busy)
	assert.Equal(t, [7]uint64{2, 3, 1, 2}, fates(s, 1))
	assert.InDelta(t, 110*ms, float64(s.Nodes[1].Queue.Total.Max()), 0)
	// One that always fails at once lets time pass, even without a limit on
	// deliveries.
	fails := server("worker", ServerSpec{}, Step{Kind: StepFail, ID: 9, Ratio: 1})
	s = simulate(t, 1, users(1, Policy{}, 0), mail(2, QueueSpec{}), fails)
	assert.Equal(t, uint64(10), s.Nodes[1].Queue.Delivered)
}

func TestMessagesOutliveTheRequestThatPublishedThem(t *testing.T) {
	// The client gives up, cancels, and is gone; the message has its priority
	// and its key all the same.
	front := server("web", ServerSpec{}, Step{Kind: StepPublish, ID: 3, Target: Target{Node: 2}, Key: KeyOf{Law: dist.Constant{Value: 42}}}, cpu(50))
	c := ranked(cancelling(users(1, Policy{Timeout: 5 * msec}, 0)), 3)
	spec := specFor(1, c, front, mail(3, QueueSpec{}), server("worker", ServerSpec{Scheduling: ByPriority}, cpu(10)))
	n := NewNetwork(spec, 0)
	n.start(0)
	n.openWindow()
	n.advance(7 * msec)
	assert.Equal(t, uint64(42), n.brokers[0].messages[0].key)
	found := false
	for f := range n.frames {
		if n.frames[f].state == onCore && n.frames[f].inst == n.nodes[3].first {
			found = true
			assert.Equal(t, uint64(42), n.rare[f].key)
			assert.Equal(t, int32(3), n.rare[f].priority)
		}
	}
	assert.True(t, found, "it is at work")
	s := simulateSpec(t, spec)
	assert.Equal(t, [7]uint64{1, 1, 0, 1}, fates(s, 2))
	assert.Equal(t, [4]uint64{0, 1}, ends(s, 0))
}

func simulateSpec(t *testing.T, spec *Spec) *Snapshot {
	t.Helper()
	s, err := NewNetwork(spec, 0).Run(nil)
	require.NoError(t, err)
	return s
}

// Each delivery does work of its own, and the same customers come whatever
// the prefetch is.
func TestWorkIsDrawnForEachDelivery(t *testing.T) {
	at := make([]float64, 200)
	for i := range at {
		at[i] = float64(20 * i)
	}
	work := func(visibility sim.Time, prefetch int) workDone {
		w := worker(1)
		w.Server.Ops[0].Steps[0].Time = dist.Exponential{MeanValue: 10 * ms}
		s := simulate(t, 10, users(1, Policy{}, at...), mail(2, QueueSpec{Visibility: visibility, Prefetch: prefetch}), w)
		return workDone{s.Nodes[2].Response.Sum().Float64(), s.Nodes[1].Queue.Redelivered}
	}
	assert.Equal(t, work(0, 1), work(0, 5))
	again := work(5*msec, None)
	assert.Greater(t, again.redelivered, uint64(100))
	assert.InDelta(t, 200*10*ms, work(0, 1).sum, 500*ms)
}

type workDone struct {
	sum         float64
	redelivered uint64
}

// A long backlog is worked off at the pace of the consumers, and costs the
// same for each message.
func TestADrainIsExact(t *testing.T) {
	tr := &arrival.Trace{Times: make([]sim.Time, 10_000)}
	c := users(1, Policy{})
	c.Client.Open = arrival.TracePlan{Trace: tr, Speed: 1, Load: 1}
	s := simulate(t, 300, c, mail(2, QueueSpec{}), spread(worker(200), 10))
	q := s.Nodes[1].Queue
	assert.InDelta(t, 200e9, float64(q.Total.Max()), 0, "10,000 messages of 10 consumers that do 5 a second (ORACLES A10)")
	assert.Equal(t, uint64(10_000), q.Acknowledged)
	assert.InDelta(t, 10*0.2e9*float64(999*1000/2), q.Depth.Float64(), 0, "ten fewer every 200 ms")
}
