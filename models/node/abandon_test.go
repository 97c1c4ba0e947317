package node

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// gaveUp is a client that gives up at 10 ms what it asked for at 0 ms, and
// cancels it or not.
func gaveUp(cancel bool) Node {
	c := users(1, Policy{Timeout: 10 * msec}, 0)
	c.Client.Cancel = cancel
	return c
}

func TestCancelledWorkLeavesTheQueueForWorkers(t *testing.T) {
	// A request of 30 ms has the worker. The one of 1 ms gives up at 11 ms,
	// and the one of 2 ms is next.
	for cancel, want := range map[bool]float64{true: 58, false: 88} {
		waiting := users(1, Policy{Timeout: 10 * msec}, 1)
		waiting.Client.Cancel = cancel
		s := simulate(t, 1, waiting, server("web", ServerSpec{Concurrency: 1, Backlog: 2}, pause(30)),
			asking("v", "request", 1, Policy{}, 0), asking("w", "request", 1, Policy{}, 2))
		assert.Equal(t, onlyOne(TimedOut, 1), endings(s, 0))
		assert.InDelta(t, want, took(s, 2), 0)
		if cancel {
			assert.Equal(t, uint64(1), s.Nodes[1].Errors[TimedOut-1])
			assert.InDelta(t, (10+28)*ms, s.Nodes[1].Workers.Queue.Float64(), 0)
			assert.Equal(t, uint64(2), s.Nodes[1].Workers.Wait.Count(), "of those that began service")
		}
	}
}

func TestCancelledWorkNoLongerWaitsToBeRefused(t *testing.T) {
	// Its place in the backlog is free again at 11 ms.
	waiting := cancelling(users(1, Policy{Timeout: 10 * msec}, 1))
	web := server("web", ServerSpec{Concurrency: 1, Backlog: 1, QueueTimeout: constantLawOf(25)}, pause(30))
	s := simulate(t, 1, waiting, web, asking("v", "request", 1, Policy{}, 0), asking("w", "request", 1, Policy{}, 9, 12))
	assert.Equal(t, [1 + Errors]uint64{OK: 1, Rejected: 1}, endings(s, 2), "no room at 9 ms")
	assert.Equal(t, uint64(1), s.Nodes[1].Errors[Rejected-1], "the one that left is not refused at 26 ms")
}

func TestCancelledWorkLeavesTheQueueForCores(t *testing.T) {
	for cancel, want := range map[bool]float64{true: 58, false: 88} {
		waiting := users(1, Policy{Timeout: 10 * msec}, 1)
		waiting.Client.Cancel = cancel
		s := simulate(t, 1, waiting, server("web", ServerSpec{}, cpu(30)), asking("v", "request", 1, Policy{}, 0), asking("w", "request", 1, Policy{}, 2))
		assert.InDelta(t, want, took(s, 2), 0)
	}
}

func TestCancelledWorkStopsAndTheTimeUsedIsCounted(t *testing.T) {
	for cancel, want := range map[bool][2]float64{true: {10 + 30, 35}, false: {30 + 30, 55}} {
		s := simulate(t, 1, gaveUp(cancel), server("web", ServerSpec{}, cpu(30)), asking("w", "request", 1, Policy{}, 5))
		assert.InDelta(t, want[0]*ms, s.Nodes[1].CPU.Busy.Float64(), 0)
		assert.InDelta(t, want[1], took(s, 1), 0, "the next in line has the core at once")
		assert.Equal(t, uint64(2), s.Nodes[1].CPU.Wait.Count())
	}
}

func TestCancellationReachesWhatIsDoneDownstream(t *testing.T) {
	slow := server("far", ServerSpec{}, cpu(30))
	for _, c := range []struct {
		name  string
		front Step
		busy  float64 // at far, if it is cancelled at 10 ms
		calls uint64
	}{
		{"a call", asks(2, Policy{}), 10, 1},
		{"a hedged call", asks(2, Policy{Hedged: true, Hedge: 4 * msec}), 10, 2},
		{"a call in two branches", parallel(0, []Step{asks(2, Policy{})}, []Step{pause(2), asks(2, Policy{})}), 10, 2},
		{"a call in the only branch that may end well", parallel(1, []Step{asks(2, Policy{})}, []Step{pause(50)}), 10, 1},
		{"a call in a round", times(3, pause(4), asks(2, Policy{})), 6, 1},
		{"a call in a branch in a round in a branch", parallel(0, []Step{times(2, parallel(0, []Step{asks(2, Policy{})}, []Step{pause(1)}))}), 10, 1},
		{"a call in a fallback", orElse(asks(2, Policy{Timeout: 3 * msec}), asks(2, Policy{})), 10, 2},
		{"a call through a balancer", Step{Kind: StepCall, ID: 3, Target: Target{Node: 3}}, 10, 1},
	} {
		for _, cancel := range []bool{true, false} {
			s := simulate(t, 1, gaveUp(cancel), server("front", ServerSpec{}, c.front), slow, lb("random", 2))
			assert.Equal(t, onlyOne(TimedOut, 1), endings(s, 0), c.name)
			if cancel {
				assert.InDelta(t, c.busy*ms, s.Nodes[2].CPU.Busy.Float64(), 0, c.name)
				assert.Equal(t, c.calls, s.Nodes[2].Arrivals, c.name)
				assert.Zero(t, s.Nodes[2].Completions, c.name)
			} else {
				assert.Greater(t, s.Nodes[2].CPU.Busy.Float64(), 29*ms, c.name)
				assert.NotZero(t, s.Nodes[2].Completions, c.name)
			}
		}
	}
}

func TestCancellationEndsBackOffAndRounds(t *testing.T) {
	retried := asks(2, Policy{Retries: 5, Backoff: Backoff{Law: constantLawOf(20)}})
	for cancel, want := range map[bool]uint64{true: 1, false: 6} {
		s := simulate(t, 1, gaveUp(cancel), server("front", ServerSpec{}, retried), server("far", ServerSpec{}, pause(1), failing(1)))
		assert.Equal(t, want, s.Nodes[2].Arrivals)
	}
	for cancel, want := range map[bool]float64{true: 10, false: 20} {
		s := simulate(t, 1, gaveUp(cancel), server("web", ServerSpec{}, times(5, cpu(4))))
		assert.InDelta(t, want*ms, s.Nodes[1].CPU.Busy.Float64(), 0)
	}
}

func TestCancellationLeavesSpawnedWorkAlone(t *testing.T) {
	s := simulate(t, 1, gaveUp(true), server("web", ServerSpec{Cores: 2}, aside(cpu(30), asks(2, Policy{})), cpu(30)), server("far", ServerSpec{}, pause(5)))
	assert.InDelta(t, 40*ms, s.Nodes[1].CPU.Busy.Float64(), 0)
	assert.Equal(t, uint64(1), s.Nodes[2].Completions)
}

func TestCancellationFreesWorkersForTheNextInLine(t *testing.T) {
	for cancel, want := range map[bool]float64{true: 10 - 3 + 30, false: 30 - 3 + 30} {
		s := simulate(t, 1, gaveUp(cancel), server("front", ServerSpec{Concurrency: 1, Backlog: 1}, asks(2, Policy{})), server("far", ServerSpec{}, pause(30)),
			asking("w", "request", 1, Policy{}, 3))
		assert.InDelta(t, want, took(s, 1), 0)
		if cancel {
			assert.InDelta(t, (10+30)*ms, s.Nodes[1].Workers.Busy.Float64(), 0)
		}
	}
}

func TestStepTimeOutsFollowTheClient(t *testing.T) {
	for cancel, busy := range map[bool]float64{true: 4, false: 30} {
		client := users(1, Policy{}, 0)
		client.Client.Cancel = cancel
		s := simulate(t, 1, client, server("front", ServerSpec{}, orElse(asks(2, Policy{Timeout: 4 * msec}))), server("far", ServerSpec{}, cpu(30)))
		assert.InDelta(t, 4, took(s, 0), 0)
		assert.InDelta(t, busy*ms, s.Nodes[2].CPU.Busy.Float64(), 0)
	}
}

func TestBranchesThatAreNotNeededFollowTheClient(t *testing.T) {
	for cancel, busy := range map[bool][2]float64{true: {5 + 5, 5}, false: {5 + 50, 30}} {
		client := users(1, Policy{}, 0)
		client.Client.Cancel = cancel
		s := simulate(t, 1, client, server("web", ServerSpec{Cores: 2}, parallel(1, []Step{cpu(5)}, []Step{cpu(50)}, []Step{asks(2, Policy{})})),
			server("far", ServerSpec{}, cpu(30)))
		assert.InDelta(t, 5, took(s, 0), 0)
		assert.InDelta(t, busy[0]*ms, s.Nodes[1].CPU.Busy.Float64(), 0)
		assert.InDelta(t, busy[1]*ms, s.Nodes[2].CPU.Busy.Float64(), 0)
		assert.Zero(t, s.Nodes[2].Errors, "a branch that became useless is no error")
	}
}

func TestBranchesThatAreOutWhenOneFailsFollowTheClient(t *testing.T) {
	for cancel, busy := range map[bool]float64{true: 5, false: 30} {
		client := users(1, Policy{}, 0)
		client.Client.Cancel = cancel
		s := simulate(t, 1, client, server("web", ServerSpec{}, parallel(0, []Step{pause(5), failing(1)}, []Step{asks(2, Policy{})})), server("far", ServerSpec{}, cpu(30)))
		assert.Equal(t, onlyOne(Failed, 1), endings(s, 0))
		assert.InDelta(t, busy*ms, s.Nodes[2].CPU.Busy.Float64(), 0)
	}
}

func TestCancellationWithinOneMoment(t *testing.T) {
	// All of this happens at once: a branch ends, its place is taken by a
	// branch of the second, and the failure of the third cancels that.
	inner := parallel(0, []Step{cpu(1)}, []Step{cpu(2)})
	client := cancelling(users(1, Policy{}, 0, 10))
	s := simulate(t, 1, client, server("web", ServerSpec{}, parallel(0, nil, []Step{inner}, []Step{failing(1)})))
	assert.Equal(t, onlyOne(Failed, 2), endings(s, 0))
	assert.Zero(t, s.Nodes[1].CPU.Busy.Float64())

	// A worker is given to somebody who is cancelled before it is used.
	far := server("far", ServerSpec{Concurrency: 1, Backlog: 9}, pause(30))
	s = simulate(t, 1, cancelling(users(1, Policy{Timeout: 10 * msec}, 0)), server("web", ServerSpec{},
		parallel(0, []Step{asks(2, Policy{})}, []Step{asks(2, Policy{})}, []Step{asks(2, Policy{})})), far, asking("w", "request", 2, Policy{}, 5))
	assert.InDelta(t, 35, took(s, 1), 0)
	assert.InDelta(t, (10+30)*ms, s.Nodes[2].Workers.Busy.Float64(), 0)
}

// sentBy is how much an instance of a balancer has in flight.
func sentBy(in *instance) (n int32) {
	if in.balancer != nil {
		n = in.balancer.sent()
		for k := range in.balancer.ways {
			in.balancer.ways[k].conns.each(func(st *station) { n += st.busy + st.queued })
		}
		n += int32(in.balancer.waiting)
	}
	return n
}

func (b *balancer) sent() (n int32) {
	for k := range b.ways {
		for i := range b.ways[k].insts {
			n += b.ways[k].group.InFlight(i)
		}
	}
	return n
}

func TestABalancerForgetsWhatIsGivenUp(t *testing.T) {
	for _, cancel := range []bool{true, false} {
		client := gaveUp(cancel)
		n := NewNetwork(specFor(1, client, lb("least-connections", 2), lb("least-connections", 3), spread(server("web", ServerSpec{}, pause(100)), 2)), 0)
		s, err := n.Run(nil)
		require.NoError(t, err)
		for i := range n.insts {
			assert.Zero(t, sentBy(&n.insts[i]))
		}
		assert.Equal(t, []uint64{1, 1}, []uint64{s.Nodes[1].Errors[TimedOut-1], s.Nodes[2].Errors[TimedOut-1]})
		assert.InDelta(t, 10*ms, s.Nodes[1].InFlight.Float64(), 0)
	}
}
