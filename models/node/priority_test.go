package node

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// ranked gives all operations of a client a priority.
func ranked(c Node, priority int32) Node {
	for i := range c.Client.Ops {
		c.Client.Ops[i].Priority = priority
	}
	return c
}

func named(name string, target int, priority int32, at ...float64) Node {
	return ranked(asking(name, "request", target, Policy{}, at...), priority)
}

func TestTheHighestPriorityIsServedNext(t *testing.T) {
	// One request is served until 10 ms; then those that wait: the high one of
	// 3 ms, the low ones of 1 and 2 ms in their order, the lowest one.
	for name, web := range map[string]Node{
		"workers": server("web", ServerSpec{Concurrency: 1, Backlog: 9, Scheduling: ByPriority}, pause(10)),
		"cores":   server("web", ServerSpec{Scheduling: ByPriority}, cpu(10)),
	} {
		s := simulate(t, 1, named("a", 1, -5, 0.5), web, named("b", 1, 0, 0), named("c", 1, 0, 1), named("d", 1, 7, 3), named("e", 1, 0, 2))
		assert.InDelta(t, 50-0.5, took(s, 0), 1e-9, name)
		assert.InDelta(t, 10, took(s, 1), 0, name)
		assert.InDelta(t, 30-1, took(s, 2), 0, name)
		assert.InDelta(t, 20-3, took(s, 3), 0, name)
		assert.InDelta(t, 40-2, took(s, 4), 0, name)
	}
}

func TestNobodyIsInterrupted(t *testing.T) {
	s := simulate(t, 1, named("a", 1, 0, 0), server("web", ServerSpec{Scheduling: ByPriority}, cpu(10)), named("b", 1, 9, 1))
	assert.InDelta(t, 10, took(s, 0), 0)
	assert.InDelta(t, 19, took(s, 1), 0)
}

func TestPrioritiesChangeNothingWhereFirstComeIsFirstServed(t *testing.T) {
	s := simulate(t, 1, named("a", 1, 0, 0, 1), server("web", ServerSpec{}, cpu(10)), named("b", 1, 9, 2))
	assert.InDelta(t, 28, took(s, 1), 0)
}

func TestOperationsHavePrioritiesOfTheirOwn(t *testing.T) {
	web := offering(offering(server("web", ServerSpec{Scheduling: ByPriority}), "browse", cpu(10)), "buy", cpu(10))
	c := scripted(1, Policy{}, []float64{0, 1, 2, 3}, "browse", "browse", "buy", "browse")
	c.Client.Ops[1].Priority = 10
	s := simulate(t, 1, c, web)
	assert.InDelta(t, 20-2, s.Clients[0].Ops[1].Latency.Sum().Float64()/ms, 0, "buy")
	assert.InDelta(t, 10+29+37, s.Clients[0].Ops[0].Latency.Sum().Float64()/ms, 0)
}

func TestPrioritiesTravelWithCalls(t *testing.T) {
	// The database is busy until 20 ms; the request of 2 ms overtakes that of
	// 1 ms there, although both came through others.
	db := server("db", ServerSpec{Scheduling: ByPriority}, cpu(20))
	through := func(steps ...Step) float64 {
		front := offering(server("front", ServerSpec{}, steps...), "fails", failing(1))
		s := simulate(t, 1, named("a", 1, 0, 1), front, db, lb("round-robin", 2), named("x", 2, 0, 0), named("z", 1, 3, 2))
		return took(s, 2)
	}
	const first, second = 40 - 2, 60 - 2
	balanced := Step{Kind: StepCall, ID: 3, Target: Target{Node: 3}}
	for name, steps := range map[string][]Step{
		"a call":              {asks(2, Policy{})},
		"a retry":             {asks(2, Policy{Timeout: 900 * msec, Retries: 1})},
		"a hedged call":       {asks(2, Policy{Hedged: true, Hedge: 900 * msec})},
		"through a balancer":  {balanced},
		"from a branch":       {parallel(0, []Step{asks(2, Policy{})}, nil)},
		"from a round":        {times(1, asks(2, Policy{}))},
		"a fallback":          {orElse(call(1, "fails"), asks(2, Policy{}))},
		"beside spawned work": {aside(pause(1)), asks(2, Policy{})},
	} {
		assert.InDelta(t, first, through(steps...), 0, name)
	}
	db.Server.Scheduling = FCFS
	assert.InDelta(t, second, through(asks(2, Policy{})), 0)
}

func TestAnOperationMaySetThePriorityAndItTravelsOn(t *testing.T) {
	// What comes by way of batch is of the lowest priority, whoever sends it.
	low := int32(-9)
	front := offering(server("front", ServerSpec{}, asks(2, Policy{})), "batch", asks(2, Policy{}))
	front.Server.Ops[1].Priority = &low
	batch := asking("a", "batch", 1, Policy{}, 1)
	db := server("db", ServerSpec{Scheduling: ByPriority}, cpu(20))
	s := simulate(t, 1, ranked(batch, 50), front, db, named("x", 2, 0, 0), named("y", 1, 0, 2))
	assert.InDelta(t, 60-1, took(s, 0), 0)
	assert.InDelta(t, 40-2, took(s, 2), 0)

	// And it holds at the server itself.
	web := offering(server("web", ServerSpec{Concurrency: 1, Backlog: 9, Scheduling: ByPriority}, pause(20)), "batch", pause(20))
	web.Server.Ops[1].Priority = &low
	s = simulate(t, 1, ranked(batch, 50), web, named("x", 1, 0, 0), named("y", 1, 0, 2))
	assert.InDelta(t, 60-1, took(s, 0), 0)
	assert.InDelta(t, 40-2, took(s, 2), 0)
}

func TestWhoLeavesAQueueOfPrioritiesIsNotServed(t *testing.T) {
	// Of each priority the first gives up at 11 ms, before the worker is free.
	for name, web := range map[string]Node{
		"workers": server("web", ServerSpec{Concurrency: 1, Backlog: 9, Scheduling: ByPriority}, pause(20)),
		"cores":   server("web", ServerSpec{Scheduling: ByPriority}, cpu(20)),
	} {
		gone := func(name string, priority int32) Node {
			return cancelling(ranked(asking(name, "request", 1, Policy{Timeout: 10 * msec}, 1), priority))
		}
		s := simulate(t, 1, gone("a", 0), web, named("b", 1, 0, 0, 2), gone("c", 5), named("d", 1, 5, 2))
		assert.InDelta(t, 20+60-2, took(s, 1), 0, name)
		assert.InDelta(t, 40-2, took(s, 3), 0, name)
	}
}
