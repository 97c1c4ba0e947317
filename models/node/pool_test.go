package node

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// pooled gives a server a pool of connections to a node.
func pooled(n Node, p Pool) Node {
	n.Server.Pools = append(n.Server.Pools, p)
	return n
}

// front calls node 2, which takes so many milliseconds for each request.
func front(p Pool, policy Policy) Node {
	p.To = 2
	return pooled(server("front", ServerSpec{}, asks(2, policy)), p)
}

func far(milliseconds float64) Node { return server("far", ServerSpec{}, pause(milliseconds)) }

func TestCallsWaitForAConnectionInTurn(t *testing.T) {
	s := simulate(t, 1, users(1, Policy{}, 0, 1, 2), front(Pool{Size: 1}, Policy{}), far(10))
	assert.InDelta(t, (10+19+28)*ms, s.Clients[0].Ops[0].Latency.Sum().Float64(), 0)
	p := s.Nodes[1].Pools[0]
	assert.Equal(t, 2, p.To)
	assert.InDelta(t, (9+18)*ms, p.Queue.Float64(), 0)
	assert.InDelta(t, 30*ms, p.Busy.Float64(), 0)
	assert.InDelta(t, 1e9, p.Capacity.Float64(), 0)
	assert.InDelta(t, 30*ms, p.Service.Float64(), 0)
	assert.Equal(t, int64(18*sim.Millisecond), p.Wait.Max())
	spent := s.Clients[0].Ops[0].SpentAt(1)
	assert.InDelta(t, (9+18)*ms, spent.Wait.Float64(), 0, "the calling node's wait")
	assert.Zero(t, spent.Service)
}

func TestEveryInstanceHasItsOwnPool(t *testing.T) {
	s := simulate(t, 1, users(1, Policy{}, 0, 1, 2), spread(front(Pool{Size: 1}, Policy{}), 3), far(10))
	assert.InDelta(t, 30*ms, s.Clients[0].Ops[0].Latency.Sum().Float64(), 0)
	assert.InDelta(t, 3e9, s.Nodes[1].Pools[0].Capacity.Float64(), 0)
}

func TestConnectionsAreOpenedWhenTheyAreNeeded(t *testing.T) {
	// The first two open one each, 3 ms; the third, at 20 ms, finds an open
	// one.
	s := simulate(t, 1, users(1, Policy{}, 0, 1, 20), front(Pool{Size: 5, Connect: constantLawOf(3)}, Policy{}), far(10))
	assert.InDelta(t, (13+13+10)*ms, s.Clients[0].Ops[0].Latency.Sum().Float64(), 0)
	assert.InDelta(t, (13+13+10)*ms, s.Nodes[1].Pools[0].Busy.Float64(), 0, "opening included")
	assert.InDelta(t, 6*ms, s.Clients[0].Ops[0].SpentAt(1).Service.Float64(), 0)
}

func TestAnIdleConnectionGoesBeforeANewOne(t *testing.T) {
	n := NewNetwork(specFor(1, users(1, Policy{}, 0, 1, 20, 40, 60), front(Pool{Size: 5, Connect: constantLawOf(3)}, Policy{}), far(10)), 0)
	_, err := n.Run(nil)
	require.NoError(t, err)
	assert.Equal(t, int32(2), n.nodes[1].pools[0].each[0].idle)
}

func TestAcquireTimeOutRejectsTheAttempt(t *testing.T) {
	for _, c := range []struct {
		name   string
		policy Policy
		ends   Status
		took   float64
	}{
		{"no retry", Policy{}, Rejected, 0},
		// At 1 ms, rejected at 5 ms, again at 9 ms; then it has one at 10 ms.
		{"with retries", Policy{Retries: 2}, OK, 19},
		{"with retries of something else", Policy{Retries: 2, On: 1 << Failed}, Rejected, 0},
	} {
		s := simulate(t, 1, users(1, Policy{}, 0), front(Pool{Size: 1, AcquireTimeout: constantLawOf(4)}, c.policy), far(10), asking("v", "request", 1, Policy{}, 1))
		assert.Equal(t, onlyOne(c.ends, 1), endings(s, 1), c.name)
		if c.ends == OK {
			assert.InDelta(t, c.took, took(s, 1), 0, c.name)
			assert.Equal(t, uint64(2), s.Nodes[2].Arrivals, "who gets no connection does not reach it")
		} else {
			assert.Equal(t, uint64(1), s.Nodes[1].Errors[Rejected-1], c.name)
			assert.InDelta(t, 4*ms, s.Nodes[1].Pools[0].Queue.Float64(), 0, c.name)
			assert.Equal(t, uint64(1), s.Nodes[1].Pools[0].Wait.Count(), "of those who got one")
		}
	}
}

func TestAcquireTimeOutIncludesOpening(t *testing.T) {
	// The first waits 8 ms for its connection and is in time at 9 ms; with
	// 7 ms it is not, and the connection is given up.
	for patience, want := range map[float64]Status{9: OK, 7: Rejected} {
		s := simulate(t, 1, users(1, Policy{}, 0), front(Pool{Size: 1, AcquireTimeout: constantLawOf(patience), Connect: constantLawOf(8)}, Policy{}), far(10))
		assert.Equal(t, onlyOne(want, 1), endings(s, 0))
		if want == Rejected {
			assert.InDelta(t, patience*ms, s.Nodes[1].Pools[0].Busy.Float64(), 0)
		}
	}
}

func TestWaitForAConnectionCountsAgainstTheTimeOut(t *testing.T) {
	s := simulate(t, 1, users(1, Policy{}, 0, 1), front(Pool{Size: 1}, Policy{Timeout: 15 * msec}), far(10))
	assert.Equal(t, [1 + Errors]uint64{OK: 1, TimedOut: 1}, endings(s, 0), "10 ms of waiting and 10 ms of service are too long")
}

func TestAConnectionWhoseCallIsGivenUpIsClosed(t *testing.T) {
	// The call times out at 6 ms, far works on until 10 ms or stops; the next
	// has to open a connection at 20 ms.
	for _, cancel := range []bool{false, true} {
		client := users(1, Policy{}, 0)
		client.Client.Cancel = cancel
		v := asking("v", "request", 1, Policy{}, 4, 30)
		slow := front(Pool{Size: 1, Connect: constantLawOf(2)}, Policy{Timeout: 6 * msec})
		s := simulate(t, 1, client, slow, far(10), v)
		assert.Equal(t, onlyOne(TimedOut, 1), endings(s, 0))
		assert.Equal(t, onlyOne(TimedOut, 2), endings(s, 1))
		// Held 0 to 6, then handed on at 6 to the one of 4 ms, that opens it
		// anew and gives up at 10; the last has one from 30 to 36 ms.
		assert.InDelta(t, (6+4+6)*ms, s.Nodes[1].Pools[0].Busy.Float64(), 0)
		assert.InDelta(t, 2*ms, s.Nodes[1].Pools[0].Queue.Float64(), 0)
		assert.Zero(t, s.Nodes[1].Pools[0].Served)
	}
}

func TestCancelledCallsLeaveTheQueueForConnections(t *testing.T) {
	// The one of 1 ms gives up at 11 ms in the queue; the one of 2 ms is next.
	for cancel, want := range map[bool]float64{true: 58, false: 88} {
		waiting := users(1, Policy{Timeout: 10 * msec}, 1)
		waiting.Client.Cancel = cancel
		s := simulate(t, 1, waiting, front(Pool{Size: 1}, Policy{}), far(30),
			asking("v", "request", 1, Policy{}, 0), asking("w", "request", 1, Policy{}, 2))
		assert.Equal(t, onlyOne(TimedOut, 1), endings(s, 0))
		assert.InDelta(t, want, took(s, 2), 0)
	}
}

func TestGetsSetsAndInvalidationsTakeConnections(t *testing.T) {
	cache := Node{Name: "near", Kind: Cache, Instances: 1, Cache: &CacheSpec{HitRatio: 1, Latency: constantLawOf(10)}}
	for _, kind := range []StepKind{StepGet, StepSet, StepInvalidate} {
		step := Step{Kind: kind, ID: 3, Target: Target{Node: 2}, Branches: [][]Step{{failing(1)}}}
		if kind != StepGet {
			step.Branches = nil
		}
		s := simulate(t, 1, users(1, Policy{}, 0, 0), pooled(server("web", ServerSpec{}, step), Pool{To: 2, Size: 1}), cache)
		assert.Equal(t, onlyOne(OK, 2), endings(s, 0), "a hit is known through the connection")
		assert.InDelta(t, 30*ms, s.Clients[0].Ops[0].Latency.Sum().Float64(), 0)
	}
}

func TestBothCopiesOfAHedgedCallTakeConnections(t *testing.T) {
	hedged := Policy{Hedged: true, Hedge: 5 * msec}
	for size, want := range map[int]struct {
		took     float64
		arrivals []uint64
	}{1: {30, []uint64{1, 0}}, 2: {30, []uint64{1, 1}}} {
		s := simulate(t, 1, users(1, Policy{}, 0), front(Pool{Size: size}, hedged), spread(far(30), 2))
		assert.InDelta(t, want.took, took(s, 0), 0)
		assert.Equal(t, want.arrivals, arrivals(s, 2))
	}
}

func TestCopiesThroughAPoolAndABalancerGoToDifferentInstances(t *testing.T) {
	hedged := Policy{Hedged: true, Hedge: 5 * msec}
	for range 5 {
		s := simulate(t, 1, users(1, Policy{}, 0, 100, 200, 300), front(Pool{Size: 2}, hedged), lb("random", 3), spread(far(30), 2))
		assert.Equal(t, []uint64{4, 4}, arrivals(s, 3))
	}
}

func TestTheKeyOfACallGoesThroughThePool(t *testing.T) {
	for _, keyOf := range []KeyOf{{Law: dist.Constant{Value: 3}}, {Source: true}} {
		call := asks(2, Policy{})
		call.Key = keyOf
		run := func(size int) []uint64 {
			web := server("web", ServerSpec{}, call)
			if size > 0 {
				web = pooled(web, Pool{To: 2, Size: size})
			}
			client := users(1, Policy{}, 0, 10, 20, 30, 40)
			client.Client.Keys = keyed(t, "uniform n=1000")
			client.Client.Sources = dist.Constant{Value: 77}
			return arrivals(simulate(t, 1, client, web, lb("url-hash", 3), spread(far(1), 5)), 3)
		}
		assert.Equal(t, run(0), run(2))
		assert.Contains(t, run(2), uint64(5), "all at one instance")
	}
}

func TestSpawnedCallsGiveTheirConnectionBack(t *testing.T) {
	s := simulate(t, 1, users(1, Policy{}, 0, 50), pooled(server("web", ServerSpec{}, aside(asks(2, Policy{}))), Pool{To: 2, Size: 1}), far(20))
	assert.InDelta(t, 40*ms, s.Nodes[1].Pools[0].Busy.Float64(), 0)
	assert.Equal(t, uint64(2), s.Nodes[1].Pools[0].Served)
	assert.Zero(t, s.Clients[0].Ops[0].SpentAt(1), "nobody waits for them")
}

func TestPoolsAreCutByTheWindow(t *testing.T) {
	// One has the connection, one opens another, one waits: 50, 50 and 30 ms.
	s := simulate(t, 0.05, users(1, Policy{}, 0, 0, 20), front(Pool{Size: 2, Connect: constantLawOf(100)}, Policy{}), far(100))
	p := s.Nodes[1].Pools[0]
	assert.InDelta(t, 100*ms, p.Busy.Float64(), 0)
	assert.InDelta(t, 30*ms, p.Queue.Float64(), 0)
}

// Connections to who has died are opened anew, at their cost: those that are
// idle when it dies, those whose calls it fails, and, of one that dies without a
// word, those that were still idle when it was back.
func TestConnectionsToWhoHasDiedAreOpenedAnew(t *testing.T) {
	// Calls of 20 ms at 0 and 10, on two connections that take 5 ms to open; the
	// instance is away from 50 to 100, or from 20. Then a call at 200.
	for _, row := range []struct {
		name   string
		fault  fault.Fault
		opened int64 // milliseconds that the last one took
	}{
		{"no fault", strikes(fault.Kill, 2, 0, 900, 10), 20},
		{"idle", strikes(fault.Kill, 2, 0, 50, 50), 25},
		{"in use", strikes(fault.Kill, 2, 0, 20, 50), 25},
		{"silent", func() fault.Fault { f := strikes(fault.Kill, 2, 0, 50, 50); f.Silent = true; return f }(), 25},
		{"hang", strikes(fault.Hang, 2, 0, 50, 50), 20},
	} {
		spec := specFor(1, users(1, Policy{Timeout: 100 * msec}, 0, 10, 200), front(Pool{To: 2, Size: 2, Connect: constantLawOf(5)}, Policy{}), far(20))
		spec.Faults = []fault.Fault{row.fault}
		s, err := NewNetwork(spec, 0).Run(nil)
		require.NoError(t, err)
		assert.InDelta(t, float64(row.opened)*ms, float64(lastLatency(s)), 1, row.name)
	}
}

// lastLatency is that of the last request that was answered ok.
func lastLatency(s *Snapshot) int64 {
	for w := len(s.Clients[0].Series) - 1; ; w-- {
		if h := &s.Clients[0].Series[w].Latency; h.Count() > 0 {
			return h.Max()
		}
	}
}
