package node

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/sim"
)

// The scenarios of these files are small enough to be worked out by hand: all
// laws are constant, and requests come at moments that are given.

const msec = sim.Millisecond

func pause(milliseconds float64) Step {
	return Step{Kind: StepWait, ID: 1, Time: constantLawOf(milliseconds)}
}

// asks is a call of a node's operation request.
func asks(node int, p Policy) Step {
	return Step{Kind: StepCall, ID: 7, Target: Target{node, "request"}, Policy: p}
}

// orElse lets a call be followed by other steps if it fails.
func orElse(call Step, fallback ...Step) Step {
	call.Falls, call.Fallback = true, fallback
	return call
}

// keyed is a distribution of keys.
func keyed(tb testing.TB, text string) dist.Law {
	tb.Helper()
	law, problem := dist.Parse(text, dist.Key, nil)
	require.Nil(tb, problem)
	return law
}

// offering gives a server a further operation.
func offering(n Node, op string, steps ...Step) Node {
	n.Server.Ops = append(n.Server.Ops, Operation{Name: op, Steps: steps})
	return n
}

// asking lets a client ask for another operation.
func asking(name, op string, target int, p Policy, at ...float64) Node {
	c := users(target, p, at...)
	c.Name, c.Client.Ops[0].Name = name, op
	return c
}

// scripted asks for an operation at each of some moments.
func scripted(target int, p Policy, at []float64, ops ...string) Node {
	c := users(target, p, at...)
	names := slices.Compact(slices.Sorted(slices.Values(ops)))
	c.Client.Ops = nil
	for _, name := range names {
		c.Client.Ops = append(c.Client.Ops, WeightedOp{Name: name, Weight: 1})
	}
	c.Client.Open.(arrival.TracePlan).Trace.Ops = ops
	return c
}

func cancelling(c Node) Node {
	c.Client.Cancel = true
	return c
}

func spread(n Node, instances int) Node {
	n.Instances = instances
	return n
}

func lb(policy string, targets ...int) Node {
	return Node{Name: "lb", Kind: LoadBalancer, Instances: 1, Balancer: &BalancerSpec{Targets: targets, Policy: policy}}
}

func parallel(need int, branches ...[]Step) Step {
	return Step{Kind: StepParallel, ID: 2, Need: need, Branches: branches}
}

// took is the sum of a client's latencies, in milliseconds.
func took(s *Snapshot, client int) float64 {
	sum := 0.0
	for i := range s.Clients[client].Ops {
		sum += s.Clients[client].Ops[i].Latency.Sum().Float64() / ms
	}
	return sum
}

// endings counts how a client's requests ended: ok first, then the errors.
func endings(s *Snapshot, client int) [1 + Errors]uint64 {
	var out [1 + Errors]uint64
	for _, o := range s.Clients[client].Ops {
		out[0] += o.OK
		for i, n := range o.Errors {
			out[1+i] += n
		}
	}
	return out
}

func attempts(s *Snapshot, client int) uint64 {
	sum := uint64(0)
	for _, o := range s.Clients[client].Ops {
		sum += o.Attempts
	}
	return sum
}

func arrivals(s *Snapshot, node int) []uint64 {
	var out []uint64
	for _, in := range s.Nodes[node].Instances {
		out = append(out, in.Arrivals)
	}
	return out
}

// onlyOne is the count of requests that all ended in one way.
func onlyOne(how Status, n uint64) [1 + Errors]uint64 {
	var out [1 + Errors]uint64
	out[how] = n
	return out
}

func TestHedgeWinsWhereTheFirstCopyIsStuck(t *testing.T) {
	// Instance 0 works for 100 ms, instance 1 had its turn. The first copy of
	// the request of 12 ms goes to 0, the second at 17 ms to 1.
	web := spread(offering(server("web", ServerSpec{}, cpu(10)), "long", cpu(100)), 2)
	nodes := []Node{
		users(1, Policy{Hedged: true, Hedge: 5 * msec}, 12), web,
		asking("v", "long", 1, Policy{}, 0), asking("w", "request", 1, Policy{}, 1),
	}
	s := simulate(t, 1, nodes...)
	assert.InDelta(t, 15, took(s, 0), 0, "5 ms until the hedge, 10 ms of work")
	assert.Equal(t, uint64(2), attempts(s, 0), "the second copy is an attempt")
	assert.Equal(t, []uint64{2, 2}, arrivals(s, 1))
	assert.InDelta(t, 130*ms, s.Nodes[1].CPU.Busy.Float64(), 0, "the first copy is done for nobody")
	assert.Equal(t, uint64(4), s.Nodes[1].Completions)

	nodes[0] = cancelling(nodes[0])
	s = simulate(t, 1, nodes...)
	assert.InDelta(t, 120*ms, s.Nodes[1].CPU.Busy.Float64(), 0, "it left the queue")
	assert.Equal(t, uint64(1), s.Nodes[1].Cancelled)
	assert.Zero(t, s.Nodes[1].Errors, "a copy that became useless is no error")
}

func TestFirstCopyWinsIfItAnswersFirst(t *testing.T) {
	nodes := []Node{users(1, Policy{Hedged: true, Hedge: 5 * msec}, 0), server("web", ServerSpec{Cores: 2}, cpu(8))}
	s := simulate(t, 1, nodes...)
	assert.InDelta(t, 8, took(s, 0), 0)
	assert.Equal(t, uint64(2), attempts(s, 0))
	assert.InDelta(t, 16*ms, s.Nodes[1].CPU.Busy.Float64(), 0)

	nodes[0] = cancelling(nodes[0])
	s = simulate(t, 1, nodes...)
	assert.InDelta(t, 11*ms, s.Nodes[1].CPU.Busy.Float64(), 0, "the second copy stops after 3 ms")
	assert.Equal(t, uint64(1), s.Nodes[1].CPU.Served)
	assert.Equal(t, uint64(1), s.Nodes[1].Cancelled)
}

func TestNoHedgeAfterAnAnswer(t *testing.T) {
	p := Policy{Hedged: true, Hedge: 5 * msec, Retries: 1}
	s := simulate(t, 1, users(1, p, 0), server("web", ServerSpec{}, cpu(4)))
	assert.Equal(t, uint64(1), attempts(s, 0))
	s = simulate(t, 1, users(1, p, 0), server("web", ServerSpec{}, pause(2), failing(1)))
	assert.Equal(t, onlyOne(Failed, 1), endings(s, 0))
	assert.Equal(t, uint64(2), attempts(s, 0), "a bad answer before the hedge ends the attempt; the retry ends in the same way")
	s = simulate(t, 1, users(1, Policy{Hedged: true}, 0), server("web", ServerSpec{Cores: 2}, cpu(4)))
	assert.Equal(t, uint64(2), attempts(s, 0), "0s is at once")
	assert.InDelta(t, 4, took(s, 0), 0)
}

func TestBothCopiesTimeOutBeforeTheRetry(t *testing.T) {
	// Copies at 0 and 4 ms, given up at 10 and 14 ms; the same again from 14 ms.
	p := Policy{Timeout: 10 * msec, Hedged: true, Hedge: 4 * msec, Retries: 1}
	s := simulate(t, 1, users(1, p, 0), server("web", ServerSpec{}, pause(30)))
	assert.Equal(t, onlyOne(TimedOut, 1), endings(s, 0))
	assert.Equal(t, uint64(4), attempts(s, 0))
	s = simulate(t, 1, users(1, Policy{}, 0), server("front", ServerSpec{}, orElse(asks(2, p))), server("web", ServerSpec{}, pause(30)))
	assert.InDelta(t, 28, took(s, 0), 0)
	assert.Equal(t, uint64(4), s.Nodes[2].Arrivals)
}

func TestABadAnswerIsNotTheLastWordWhileTheOtherCopyIsOut(t *testing.T) {
	// The second copy finds an instance that is full.
	web := spread(server("web", ServerSpec{Concurrency: 1}, pause(20)), 2)
	s := simulate(t, 1, users(1, Policy{Hedged: true, Hedge: 5 * msec}, 0), web, asking("w", "request", 1, Policy{}, 1))
	assert.Equal(t, onlyOne(OK, 1), endings(s, 0))
	assert.InDelta(t, 20, took(s, 0), 0)
	assert.Equal(t, uint64(1), s.Nodes[1].Errors[Rejected-1])
}

func TestHedgeGoesToAnotherInstance(t *testing.T) {
	// It would be the turn of instance 0 again.
	web := spread(server("web", ServerSpec{}, pause(20)), 2)
	s := simulate(t, 1, users(1, Policy{Hedged: true, Hedge: 5 * msec}, 0), web, asking("w", "request", 1, Policy{}, 1))
	assert.Equal(t, []uint64{1, 2}, arrivals(s, 1))
}

func TestHedgeGoesToAnotherInstanceThroughEveryPolicy(t *testing.T) {
	var at []float64
	for i := range 40 {
		at = append(at, float64(7*i)) // up to six are under way
	}
	for _, row := range balance.Table {
		for _, cancel := range []bool{false, true} {
			client := users(1, Policy{Hedged: true, Hedge: 5 * msec}, at...)
			client.Client.Keys, client.Client.Cancel = dist.Constant{Value: 3}, cancel
			n := NewNetwork(specFor(1, client, lb(row.Name, 2), spread(server("web", ServerSpec{}, pause(40)), 2)), 0)
			s, err := n.Run(nil)
			require.NoError(t, err)
			assert.Equal(t, []uint64{40, 40}, arrivals(s, 2), row.Name)
			assert.Equal(t, uint64(40), s.Nodes[1].Cancelled, "%s: the balancer drops the losing copies", row.Name)
			for i := range 2 {
				assert.Zero(t, n.insts[n.nodes[1].first].balancer.ways[0].group.InFlight(i), row.Name)
			}
		}
	}
}

func specFor(seconds float64, nodes ...Node) *Spec {
	d := sim.FromNanoseconds(seconds * 1e9)
	return &Spec{Run: Run{Duration: d, Drain: d, Replications: 1, Seed: 1}, Nodes: nodes}
}

func TestAnAbandonedCopyDoesNotCountAtTheBalancer(t *testing.T) {
	// Instance 0 works until 100 ms for somebody whom the balancer does not
	// know. The copy that it sends there at 1 ms loses at 16 ms, and no longer
	// counts: the request of 17 ms goes there, whose turn it is.
	web := spread(offering(server("web", ServerSpec{}, cpu(10)), "long", cpu(100)), 2)
	s := simulate(t, 1, users(1, Policy{Hedged: true, Hedge: 5 * msec}, 1), lb("least-connections", 2), web,
		asking("v", "long", 2, Policy{}, 0), asking("w", "request", 1, Policy{}, 17))
	assert.InDelta(t, 15, took(s, 0), 0)
	assert.Equal(t, []uint64{3, 1}, arrivals(s, 2))
	assert.InDelta(t, 103, took(s, 2), 0, "behind the copy, which is done for nobody")
}

func TestRetriesOfAHedgedCallAreAboutTheSameThing(t *testing.T) {
	// A call with a key of its own keeps it, whatever the attempt: with two
	// retries all six copies go to the two instances that the key leads to.
	call := asks(2, Policy{Hedged: true, Hedge: 2 * msec, Timeout: 10 * msec, Retries: 2})
	for _, hedged := range []bool{false, true} {
		call.Policy.Hedged = hedged
		call.Key.Law = keyed(t, "uniform n=1000")
		s := simulate(t, 1, users(1, Policy{}, 0), server("front", ServerSpec{}, orElse(call)), lb("url-hash", 3), spread(server("web", ServerSpec{}, pause(50)), 50))
		want := map[bool][]uint64{false: {3}, true: {3, 3}}[hedged]
		assert.Equal(t, want, slices.DeleteFunc(arrivals(s, 3), func(n uint64) bool { return n == 0 }))
	}
}
