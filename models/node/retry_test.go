package node

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/models/arrival"
)

func TestDeadlineCutsAnAttempt(t *testing.T) {
	for _, p := range []Policy{{Deadline: 10 * msec}, {Deadline: 10 * msec, Timeout: 30 * msec, Retries: 3}, {Deadline: 10 * msec, Hedged: true, Hedge: 40 * msec}} {
		s := simulate(t, 1, cancelling(users(1, p, 0)), server("web", ServerSpec{}, cpu(50)))
		assert.Equal(t, onlyOne(TimedOut, 1), endings(s, 0))
		assert.Equal(t, uint64(1), attempts(s, 0))
		assert.InDelta(t, 10*ms, s.Nodes[1].CPU.Busy.Float64(), 0, "it is stopped at 10 ms")
	}
}

func TestDeadlineLeavesWhatIsInTime(t *testing.T) {
	s := simulate(t, 1, users(1, Policy{Deadline: 10 * msec}, 0), server("web", ServerSpec{}, cpu(10)))
	assert.Equal(t, onlyOne(OK, 1), endings(s, 0), "completions come before timers")
}

func TestDeadlineCutsTheAttemptThatRunsIntoIt(t *testing.T) {
	// Attempts at 0, 4 and 8 ms; the time-out of the last would be at 13 ms.
	p := Policy{Deadline: 10 * msec, Timeout: 5 * msec, Retries: 9}
	s := simulate(t, 1, cancelling(users(1, p, 0)), server("web", ServerSpec{}, cpu(4), failing(1)))
	assert.Equal(t, onlyOne(TimedOut, 1), endings(s, 0))
	assert.Equal(t, uint64(3), attempts(s, 0))
	assert.InDelta(t, 10*ms, s.Nodes[1].CPU.Busy.Float64(), 0)
}

func TestDeadlineCutsAPause(t *testing.T) {
	// A user thinks for 90 ms; a request fails at 2 ms and would be tried
	// again at 32 ms, but ends at 10 ms: ten requests in a second.
	p := Policy{Deadline: 10 * msec, Retries: 1, Backoff: Backoff{Law: constantLawOf(30)}}
	user := users(1, p)
	user.Client.Open, user.Client.Closed, user.Client.Think = nil, &arrival.Users{Initial: 1}, constantLawOf(90)
	s := simulate(t, 1, user, server("web", ServerSpec{}, pause(2), failing(1)))
	assert.Equal(t, onlyOne(TimedOut, 10), endings(s, 0))
	assert.Equal(t, uint64(10), attempts(s, 0))
}

func TestNoRetryAtTheDeadline(t *testing.T) {
	p := Policy{Deadline: 10 * msec, Retries: 5}
	s := simulate(t, 1, users(1, p, 0), server("web", ServerSpec{}, pause(10), failing(1)))
	assert.Equal(t, onlyOne(Failed, 1), endings(s, 0), "the answer is in time, bad as it is")
	assert.Equal(t, uint64(1), attempts(s, 0))
}

func TestOnlyTheEndingsInOnAreTriedAgain(t *testing.T) {
	busy := asking("v", "request", 1, Policy{}, 0)
	for _, c := range []struct {
		on       StatusSet
		steps    []Step
		ends     Status
		attempts uint64
	}{
		{1 << Failed, []Step{pause(1), failing(1)}, Failed, 3},
		{1<<Rejected | 1<<TimedOut, []Step{pause(1), failing(1)}, Failed, 1},
		{1 << TimedOut, []Step{pause(90)}, TimedOut, 3},
		{1 << Failed, []Step{pause(90)}, TimedOut, 1},
		{0, []Step{pause(90)}, TimedOut, 3},
	} {
		p := Policy{Timeout: 10 * msec, Retries: 2, On: c.on}
		s := simulate(t, 1, users(1, p, 0), server("web", ServerSpec{}, c.steps...))
		assert.Equal(t, onlyOne(c.ends, 1), endings(s, 0))
		assert.Equal(t, c.attempts, attempts(s, 0))
	}
	for on, want := range map[StatusSet]uint64{1 << Rejected: 3, 1<<Failed | 1<<TimedOut: 1} {
		s := simulate(t, 1, users(1, Policy{Retries: 2, On: on}, 1), server("web", ServerSpec{Concurrency: 1}, pause(90)), busy)
		assert.Equal(t, onlyOne(Rejected, 1), endings(s, 0))
		assert.Equal(t, want, attempts(s, 0))
	}
}

func every(milliseconds float64, n int) []float64 {
	at := make([]float64, n)
	for i := range at {
		at[i] = float64(i) * milliseconds
	}
	return at
}

func TestBudgetStartsEmptyAndGrowsByATenth(t *testing.T) {
	// Each of 25 requests fails. The tenth and the twentieth find a token.
	p := Policy{Retries: 3, Budget: 0.1}
	s := simulate(t, 1, users(1, p, every(10, 25)...), server("web", ServerSpec{}, pause(1), failing(1)))
	assert.Equal(t, uint64(25+2), attempts(s, 0))
	p.Budget = 0.5
	s = simulate(t, 1, users(1, p, every(10, 25)...), server("web", ServerSpec{}, pause(1), failing(1)))
	assert.Equal(t, uint64(25+12), attempts(s, 0), "every second one")
	p.Hedged, p.Hedge = true, 5*msec
	s = simulate(t, 1, users(1, p, every(20, 25)...), server("web", ServerSpec{}, pause(8), failing(1)))
	assert.Equal(t, uint64(2*(25+12)), attempts(s, 0), "hedges neither add to it nor take from it")
}

func TestBudgetKeepsTenTokens(t *testing.T) {
	ops := make([]string, 201)
	for i := range ops {
		ops[i] = "good"
	}
	ops[200] = "bad"
	web := offering(offering(server("web", ServerSpec{}), "good", pause(1)), "bad", pause(1), failing(1))
	s := simulate(t, 1, scripted(1, Policy{Retries: 90, Budget: 0.1}, every(3, 201), ops...), web)
	assert.Equal(t, uint64(11), s.Clients[0].Ops[0].Attempts, "20 were earned, 10 are kept")
	assert.Equal(t, uint64(200), s.Clients[0].Ops[1].Attempts)
}

func TestEveryInstanceOfACallerHasABudgetOfItsOwn(t *testing.T) {
	// Twelve requests in turn to two instances: six tenths each.
	front := spread(server("front", ServerSpec{}, asks(2, Policy{Retries: 1, Budget: 0.1})), 2)
	s := simulate(t, 1, users(1, Policy{}, every(10, 12)...), front, server("web", ServerSpec{}, pause(1), failing(1)))
	assert.Equal(t, uint64(12), s.Nodes[2].Arrivals)
	front.Instances = 1
	s = simulate(t, 1, users(1, Policy{}, every(10, 12)...), front, server("web", ServerSpec{}, pause(1), failing(1)))
	assert.Equal(t, uint64(13), s.Nodes[2].Arrivals)
}

func TestFallbackIsDoneInsteadOfAFailedCall(t *testing.T) {
	bad := server("web", ServerSpec{}, pause(2), failing(1))
	s := simulate(t, 1, users(1, Policy{}, 0), server("front", ServerSpec{}, orElse(asks(2, Policy{Retries: 1}), pause(3)), pause(1)), bad)
	assert.Equal(t, onlyOne(OK, 1), endings(s, 0))
	assert.InDelta(t, 2+2+3+1, took(s, 0), 0, "two attempts, the fallback, what follows")

	s = simulate(t, 1, users(1, Policy{}, 0), server("front", ServerSpec{}, orElse(asks(2, Policy{}), failing(1))), bad)
	assert.Equal(t, onlyOne(Failed, 1), endings(s, 0), "a fallback may fail too")

	s = simulate(t, 1, users(1, Policy{}, 0), server("front", ServerSpec{}, orElse(asks(2, Policy{}), pause(3))), server("web", ServerSpec{}, pause(2)))
	assert.InDelta(t, 2, took(s, 0), 0, "nothing has failed")
}

// looksUp is a get of node 2, with what follows a miss.
func looksUp(p Policy, miss ...Step) Step {
	return Step{Kind: StepGet, ID: 8, Target: Target{Node: 2}, Policy: p, Branches: [][]Step{miss}}
}

func TestFallbackOfAGet(t *testing.T) {
	for _, c := range []struct {
		name     string
		hits     float64
		get      Step
		want     float64
		attempts uint64
	}{
		{"a miss is no error", 0, orElse(looksUp(Policy{}, pause(50)), pause(3)), 10 + 50, 1},
		{"a hit needs neither", 1, orElse(looksUp(Policy{}, pause(50)), pause(3)), 10, 1},
		{"an error goes to the fallback, past the miss steps", 1, orElse(looksUp(Policy{Timeout: 2 * msec}, pause(50)), pause(3)), 2 + 3, 1},
		{"an error without a fallback is a miss", 1, looksUp(Policy{Timeout: 2 * msec}, pause(50)), 2 + 50, 1},
		{"after the last attempt", 1, orElse(looksUp(Policy{Timeout: 2 * msec, Retries: 2}, pause(50)), pause(3)), 6 + 3, 3},
	} {
		cache := cacheOf(c.hits)
		cache.Cache.Latency = constantLawOf(10)
		s := simulate(t, 1, users(1, Policy{}, 0), server("front", ServerSpec{}, c.get, pause(1)), cache)
		assert.InDelta(t, c.want+1, took(s, 0), 0, c.name)
		assert.Equal(t, c.attempts, s.Nodes[2].Arrivals, c.name)
		assert.Equal(t, uint64(1), s.Nodes[2].Hits+s.Nodes[2].Misses, "%s: a get is one or the other", c.name)

		// What leaves the cache at once, because its caller cancels, is as much a miss.
		gone := simulate(t, 1, cancelling(users(1, Policy{}, 0)), server("front", ServerSpec{}, c.get, pause(1)), cache)
		assert.Equal(t, lookUps(s, 2), lookUps(gone, 2), c.name)
	}
}

func TestHedgedGetTakesTheHitOfTheCopyThatWins(t *testing.T) {
	cache := cacheOf(1)
	cache.Cache.Latency = constantLawOf(10)
	s := simulate(t, 1, users(1, Policy{}, 0), server("front", ServerSpec{}, looksUp(Policy{Hedged: true, Hedge: 4 * msec}, pause(50))), cache)
	assert.InDelta(t, 10, took(s, 0), 0)
	assert.Equal(t, uint64(2), s.Nodes[2].Arrivals)
	assert.Equal(t, []uint64{1, 0}, []uint64{s.Nodes[2].Hits, s.Nodes[2].Misses}, "nobody takes what the other found")
}

func TestParallelNeedsSoManyBranches(t *testing.T) {
	for need, want := range map[int]float64{0: 20, 1: 5, 2: 10, 3: 20} {
		s := simulate(t, 1, users(1, Policy{}, 0), server("web", ServerSpec{}, parallel(need, []Step{pause(10)}, []Step{pause(20)}, []Step{pause(5)}), pause(1)))
		assert.InDelta(t, want+1, took(s, 0), 0, "need %d", need)
	}
}

func TestParallelFailsOnceItIsImpossible(t *testing.T) {
	bad := func(milliseconds float64) []Step { return []Step{pause(milliseconds), failing(1)} }
	for _, c := range []struct {
		need     int
		branches [][]Step
		ok       bool
		want     float64
	}{
		{0, [][]Step{bad(5), {pause(20)}, bad(10)}, false, 5},
		{2, [][]Step{bad(5), {pause(20)}, bad(10)}, false, 10},
		{1, [][]Step{bad(5), {pause(20)}, bad(10)}, true, 20},
		{1, [][]Step{bad(5), bad(20), bad(10)}, false, 20},
		{2, [][]Step{bad(5), {pause(20)}, {pause(10)}}, true, 20},
		{2, [][]Step{{pause(1)}, bad(20), {pause(10)}}, true, 10},
	} {
		web := server("web", ServerSpec{}, parallel(c.need, c.branches...))
		s := simulate(t, 1, users(2, Policy{}, 0), web, server("front", ServerSpec{}, orElse(asks(1, Policy{}))))
		assert.InDelta(t, c.want, took(s, 0), 0)
		assert.Equal(t, c.ok, s.Nodes[1].Completions == 1)
	}
}

// aside is a spawn step.
func aside(steps ...Step) Step {
	return Step{Kind: StepSpawn, ID: 9, Branches: [][]Step{steps}}
}

func TestSpawnedWorkIsNotWaitedFor(t *testing.T) {
	s := simulate(t, 1, users(1, Policy{}, 0), server("web", ServerSpec{}, pause(2), aside(pause(30), failing(1)), pause(3)))
	assert.Equal(t, onlyOne(OK, 1), endings(s, 0), "how it ends changes nothing")
	assert.InDelta(t, 5, took(s, 0), 0)
	assert.Equal(t, uint64(1), s.Nodes[1].Completions)
	assert.Zero(t, s.Nodes[1].Errors)
}

func TestSpawnedWorkTakesCoresAndNoTimeOfTheRequest(t *testing.T) {
	// The request goes on first; what was spawned waits 3 ms for the core.
	s := simulate(t, 1, users(1, Policy{}, 0), server("web", ServerSpec{}, aside(cpu(10), asks(2, Policy{})), cpu(3), pause(40)), server("far", ServerSpec{}, pause(7)))
	assert.InDelta(t, 43, took(s, 0), 0)
	assert.InDelta(t, 13*ms, s.Nodes[1].CPU.Busy.Float64(), 0)
	assert.InDelta(t, 3*ms, s.Nodes[1].CPU.Queue.Float64(), 0)
	o := &s.Clients[0].Ops[0]
	spent := o.SpentAt(1)
	assert.InDelta(t, 43*ms, spent.Service.Float64(), 0)
	assert.Zero(t, spent.Wait.Float64())
	assert.Equal(t, uint64(1), s.Nodes[2].Completions)
	far := o.SpentAt(2)
	assert.Zero(t, far.Service.Float64())
}

func TestPausesOfSpawnedCallsAreNotThoseOfTheRequest(t *testing.T) {
	call := asks(2, Policy{Retries: 1, Backoff: Backoff{Law: constantLawOf(20)}})
	s := simulate(t, 1, users(1, Policy{}, 0), server("web", ServerSpec{}, aside(call), pause(60)), server("far", ServerSpec{}, pause(1), failing(1)))
	assert.Equal(t, uint64(2), s.Nodes[2].Arrivals)
	assert.InDelta(t, 60, took(s, 0), 0)
	assert.Zero(t, s.Clients[0].Ops[0].Backoff.Float64())
	s = simulate(t, 1, users(1, Policy{}, 0), server("web", ServerSpec{}, orElse(call), pause(60)), server("far", ServerSpec{}, pause(1), failing(1)))
	assert.InDelta(t, 20*ms, s.Clients[0].Ops[0].Backoff.Float64(), 0)
}

func TestMemoryIsHeldUntilTheOperationEnds(t *testing.T) {
	remember := func(bytes float64) Step { return Step{Kind: StepMemory, ID: 5, Time: constantLawOf(bytes / ms)} }
	s := simulate(t, 1, users(1, Policy{}, 0, 5), server("web", ServerSpec{}, remember(1000), pause(10), remember(24), pause(2)))
	assert.InDelta(t, 2*(1000*12+24*2)*ms, s.Nodes[1].Memory.Busy.Float64(), 0)

	// In a branch until the branch ends, in a round until the round does.
	s = simulate(t, 1, users(1, Policy{}, 0), server("web", ServerSpec{},
		parallel(0, []Step{remember(100), pause(3)}, []Step{pause(8)}), times(3, remember(50), pause(4))))
	assert.InDelta(t, (100*3+3*50*4)*ms, s.Nodes[1].Memory.Busy.Float64(), 0)

	// Also if it is stopped, or refused by what it calls.
	stopped := cancelling(users(1, Policy{Timeout: 6 * msec}, 0))
	s = simulate(t, 1, stopped, server("web", ServerSpec{}, remember(100), parallel(0, []Step{remember(7), pause(20)})))
	assert.InDelta(t, 107*6*ms, s.Nodes[1].Memory.Busy.Float64(), 0)
	s = simulate(t, 1, users(1, Policy{}, 0), server("web", ServerSpec{}, remember(100), pause(5), failing(1)))
	assert.InDelta(t, 500*ms, s.Nodes[1].Memory.Busy.Float64(), 0)
	s = simulate(t, 1, users(1, Policy{Timeout: 6 * msec}, 0), server("web", ServerSpec{}, remember(100), aside(remember(10), pause(50)), pause(20)))
	assert.InDelta(t, (100*20+10*50)*ms, s.Nodes[1].Memory.Busy.Float64(), 0, "nobody stops it")
}
