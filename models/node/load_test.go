package node

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/sim"
)

// openClient sends so many requests a second, of operations with these weights,
// to node 0.
func openClient(t *testing.T, rate string, ops ...WeightedOp) Node {
	t.Helper()
	plan, err := arrival.Parse("poisson "+rate, nil, 1)
	require.Nil(t, err)
	if ops == nil {
		ops = []WeightedOp{{Name: "request", Weight: 1}}
	}
	return Node{Name: "client", Kind: Client, Instances: 1, Client: &ClientSpec{Ops: ops, Open: plan}}
}

func loads(nodes ...Node) []Load {
	return (&Spec{Run: Run{Duration: 100 * sim.Second}, Nodes: nodes}).Loads()
}

func call(node int, op string) Step { return Step{Kind: StepCall, Target: Target{node, op}} }

func cacheOf(hits float64) Node {
	return Node{Name: "cache", Kind: Cache, Instances: 1, Cache: &CacheSpec{HitRatio: hits}}
}

func spreadOver(targets ...int) Node {
	return Node{Name: "lb", Kind: LoadBalancer, Instances: 1, Balancer: &BalancerSpec{Targets: targets, Policy: "random"}}
}

func times(n float64, steps ...Step) Step {
	return Step{Kind: StepRepeat, Time: dist.Constant{Value: n}, Branches: [][]Step{steps}}
}

func failing(p float64) Step { return Step{Kind: StepFail, Ratio: p} }

const tiny = 1e-9

func TestLoadOfAServerIsRateTimesWork(t *testing.T) {
	web := server("web", ServerSpec{Cores: 2}, cpu(4), cpu(6), Step{Kind: StepWait, Time: constantLawOf(50)})
	web.Instances = 3
	l := loads(web, openClient(t, "80/s"))
	assert.InDelta(t, 80, l[0].Rate, tiny)
	assert.InDelta(t, 0.8, l[0].CPU, tiny, "80/s · 10 ms; waiting takes no core")
	assert.InDelta(t, 6, l[0].Capacity, 0, "3 instances of 2 cores")
	assert.Zero(t, l[1].Capacity)
}

func TestLoadIsDividedBySpeed(t *testing.T) {
	web := server("web", ServerSpec{}, cpu(10))
	web.Server.Speed = 2.5
	assert.InDelta(t, 0.32, loads(web, openClient(t, "80/s"))[0].CPU, tiny)
}

func TestLoadFollowsTheWeightsOfOperations(t *testing.T) {
	web := server("web", ServerSpec{})
	web.Server.Ops = []Operation{{Name: "browse", Steps: []Step{cpu(5)}}, {Name: "order", Steps: []Step{cpu(20)}}, {Name: "unused", Steps: []Step{cpu(1000)}}}
	l := loads(web, openClient(t, "100/s", WeightedOp{Name: "browse", Weight: 9}, WeightedOp{Name: "order", Weight: 1}))
	assert.InDelta(t, 100, l[0].Rate, tiny)
	assert.InDelta(t, 90*0.005+10*0.020, l[0].CPU, tiny)
}

func TestLoadOfSteps(t *testing.T) {
	// Each case: what a visit to node 0 does, and how often it leads to node
	// 1, whose visits take 10 ms of core. 100 visits a second.
	choose := func(weights []float64, branches ...[]Step) Step {
		return Step{Kind: StepChoose, Weights: weights, Branches: branches}
	}
	parallel := func(branches ...[]Step) Step { return Step{Kind: StepParallel, Branches: branches} }
	get := func(miss ...Step) Step { return Step{Kind: StepGet, Target: Target{Node: 2}, Branches: [][]Step{miss}} }
	ask := call(1, "request")
	for _, c := range []struct {
		name   string
		steps  []Step
		visits float64
	}{
		{"call", []Step{ask}, 1},
		{"call without an operation", []Step{call(1, "")}, 1},
		{"calls one after another", []Step{ask, cpu(1), ask}, 2},
		{"choose", []Step{choose([]float64{1, 3}, []Step{ask, ask}, nil)}, 0.5},
		{"repeat", []Step{times(4, ask)}, 4},
		{"repeat within repeat", []Step{times(4, times(2.5, ask))}, 10},
		{"parallel", []Step{parallel([]Step{ask}, []Step{ask}, nil)}, 2},
		{"get, on a miss", []Step{get(ask)}, 0.2},
		{"behind a get", []Step{get(), ask}, 1},
		{"behind fail", []Step{failing(0.25), ask}, 0.75},
		{"before fail", []Step{ask, failing(0.25)}, 1},
		{"fail in an alternative", []Step{choose([]float64{1, 1}, []Step{failing(0.5), ask}, []Step{ask}), ask}, 0.25 + 0.5 + 0.75},
		{"fail in a branch", []Step{parallel([]Step{failing(0.5)}, []Step{failing(0.2)}), ask}, 0.4},
		{"fail on a miss", []Step{get(failing(0.5), ask), ask}, 0.1 + 0.9},
		{"fail in a round", []Step{times(3, ask, failing(0.5)), ask}, 1 + 0.5 + 0.25 + 0.125},
		{"fail in every round", []Step{times(3, ask, failing(1)), ask}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := loads(server("web", ServerSpec{}, c.steps...), server("db", ServerSpec{}, cpu(10)), cacheOf(0.8), openClient(t, "100/s"))
			assert.InDelta(t, 100, l[0].Rate, tiny)
			assert.InDelta(t, 100*c.visits, l[1].Rate, tiny)
			assert.InDelta(t, c.visits, l[1].CPU, tiny)
		})
	}
}

func TestLoadCountsLookUpsOfACache(t *testing.T) {
	set, invalidate := Step{Kind: StepSet, Target: Target{Node: 1}}, Step{Kind: StepInvalidate, Target: Target{Node: 1}}
	get := Step{Kind: StepGet, Target: Target{Node: 1}, Branches: [][]Step{{set}}}
	l := loads(server("web", ServerSpec{}, get, invalidate), cacheOf(0.75), openClient(t, "100/s"))
	assert.InDelta(t, 225, l[1].Rate, tiny, "100 gets, 25 sets, 100 invalidations")
	assert.Zero(t, l[1].CPU)
}

func TestLoadIsSharedByABalancerAmongInstances(t *testing.T) {
	small, large := server("small", ServerSpec{}, cpu(10)), server("large", ServerSpec{}, cpu(10))
	small.Instances, large.Instances = 3, 1
	l := loads(spreadOver(1, 2), small, large, openClient(t, "80/s"))
	assert.InDelta(t, 80, l[0].Rate, tiny)
	assert.InDelta(t, 60, l[1].Rate, tiny)
	assert.InDelta(t, 20, l[2].Rate, tiny)
	assert.InDelta(t, 0.6, l[1].CPU, tiny)

	// A balancer behind a balancer is one among the instances.
	l = loads(spreadOver(1, 2), small, spreadOver(3, 1), large, openClient(t, "80/s"))
	assert.InDelta(t, 80, l[0].Rate, tiny)
	assert.InDelta(t, 20, l[2].Rate, tiny)
	assert.InDelta(t, 5, l[3].Rate, tiny)
	assert.InDelta(t, 60+15, l[1].Rate, tiny)
}

func TestLoadIsSharedByABalancerByWeight(t *testing.T) {
	small, large := server("small", ServerSpec{}, cpu(10)), server("large", ServerSpec{}, cpu(10))
	small.Instances, large.Instances = 3, 1
	for _, policy := range []string{"random", "weighted-round-robin"} {
		b := spreadOver(1, 2)
		b.Balancer.Policy, b.Balancer.Weights = policy, []float64{1, 5}
		l := loads(b, small, large, openClient(t, "80/s"))
		assert.InDelta(t, 30, l[1].Rate, tiny)
		assert.InDelta(t, 50, l[2].Rate, tiny)
		assert.False(t, l[1].Unsure)
	}
}

// A policy that looks at the load sends less to who can bear less: nobody can
// say how much, but that all are overloaded when all of it is too much.
func TestLoadBehindAPolicyThatAdaptsIsTheLeastThatItMayBe(t *testing.T) {
	least := func(rate string, large Node) []Load {
		b := spreadOver(1, 2)
		b.Balancer.Policy = "least-connections"
		return loads(b, server("small", ServerSpec{}, cpu(10), call(3, "")), large, server("db", ServerSpec{}, cpu(1)), openClient(t, rate))
	}
	eight := server("large", ServerSpec{}, cpu(10), call(3, ""))
	eight.Server.Cores = 8
	l := least("810/s", eight)
	assert.InDelta(t, 0.9, l[1].CPU, tiny, "not the 4.05 of half of all requests")
	assert.InDelta(t, 4.05, l[2].CPU, tiny)
	assert.True(t, l[1].Unsure && l[2].Unsure)
	assert.InDelta(t, 0.81, l[3].CPU, tiny, "which comes from either")
	assert.False(t, l[3].Unsure)
	assert.InDelta(t, 1.1, least("990/s", eight)[1].CPU, tiny, "too much for both")

	same := server("large", ServerSpec{}, cpu(10), call(3, ""))
	l = least("100/s", same)
	assert.InDelta(t, 0.5, l[1].CPU, tiny)
	assert.False(t, l[1].Unsure, "those who are alike get alike")

	// Workers limit what a server can bear, too.
	few, many := server("few", ServerSpec{Concurrency: 1}, pause(100)), server("many", ServerSpec{Concurrency: 9}, pause(100))
	b := spreadOver(1, 2)
	b.Balancer.Policy = "power-of-two"
	l = loads(b, few, many, openClient(t, "90/s"))
	assert.InDelta(t, 0.9, l[1].Workers, tiny)
	assert.InDelta(t, 4.5, l[2].Workers, tiny)
}

// Where hashes lead to depends on keys that are not known here.
func TestLoadBehindAHashIsUnsure(t *testing.T) {
	b := spreadOver(1, 2)
	b.Balancer.Policy = "url-hash"
	l := loads(b, server("one", ServerSpec{}, cpu(10)), server("two", ServerSpec{}, cpu(10)), openClient(t, "100/s"))
	assert.True(t, l[1].Unsure && l[2].Unsure)
	b.Balancer.Targets = []int{1}
	one := server("one", ServerSpec{}, cpu(10))
	one.Instances = 5
	assert.False(t, loads(b, one, openClient(t, "100/s"))[1].Unsure, "all of it is for one node")
}

func TestLoadPassesTheOperationThroughABalancer(t *testing.T) {
	web := server("web", ServerSpec{})
	web.Server.Ops = []Operation{{Name: "browse", Steps: []Step{cpu(5)}}, {Name: "order", Steps: []Step{cpu(20)}}}
	l := loads(spreadOver(1), web, openClient(t, "100/s", WeightedOp{Name: "browse", Weight: 3}, WeightedOp{Name: "order", Weight: 1}))
	assert.InDelta(t, 75*0.005+25*0.020, l[1].CPU, tiny)
}

func TestLoadOfCallsInACircleIsTheGeometricSum(t *testing.T) {
	// Each visit asks again with a probability of 99.9 %: a thousand visits.
	again := Step{Kind: StepChoose, Weights: []float64{999, 1}, Branches: [][]Step{{call(0, "request")}, nil}}
	l := loads(server("web", ServerSpec{}, cpu(1), again), openClient(t, "1/s"))
	assert.InDelta(t, 1000, l[0].Rate, 1e-6)
	assert.InDelta(t, 1, l[0].CPU, 1e-9)
}

func TestLoadReachesTheEndOfALongChain(t *testing.T) {
	const length = 3000
	var nodes []Node
	for i := range length {
		nodes = append(nodes, server("s", ServerSpec{}, cpu(1), call(i+1, "request")))
	}
	nodes = append(nodes, server("last", ServerSpec{}, cpu(1)), openClient(t, "50/s"))
	assert.InDelta(t, 50, loads(nodes...)[length].Rate, tiny)
}

func TestLoadSumsClientsAndLeavesUsersOut(t *testing.T) {
	users := Node{Name: "users", Kind: Client, Instances: 1, Client: &ClientSpec{
		Ops: []WeightedOp{{Name: "request", Weight: 1}}, Closed: &arrival.Users{Initial: 1000}, Think: constantLawOf(1),
	}}
	l := loads(server("web", ServerSpec{}, cpu(10)), openClient(t, "30/s"), openClient(t, "40/s"), users)
	assert.InDelta(t, 70, l[0].Rate, tiny)
}

func TestLoadOfATraceIsItsMeanOverTheWindow(t *testing.T) {
	// 0, 10, … 90 s, ten times as fast: ten requests in a window of 100 s.
	trace := &arrival.Trace{}
	for i := range 10 {
		trace.Times = append(trace.Times, sim.Time(i)*10*sim.Second)
	}
	replay := Node{Name: "replay", Kind: Client, Instances: 1, Client: &ClientSpec{
		Ops: []WeightedOp{{Name: "request", Weight: 1}}, Open: arrival.TracePlan{Trace: trace, Speed: 10, Load: 1},
	}}
	assert.InDelta(t, 0.1, loads(server("web", ServerSpec{}, cpu(10)), replay)[0].Rate, tiny)
}

func TestLoadTakesAnUnknownMeanForNothing(t *testing.T) {
	column := Step{Kind: StepCPU, Time: dist.Trace{}}
	l := loads(server("web", ServerSpec{}, column, cpu(10)), openClient(t, "50/s"))
	assert.InDelta(t, 0.5, l[0].CPU, tiny)
}

func TestLoadFollowsTheRoutes(t *testing.T) {
	lb := relaying(BalancerSpec{Routes: []Route{{Ops: []string{"buy"}, To: 2}}}, 3)
	inner := relaying(BalancerSpec{}, 4)
	l := loads(lb, openClient(t, "100/s", WeightedOp{Name: "browse", Weight: 3}, WeightedOp{Name: "buy", Weight: 1}), inner,
		only("browse", server("web", ServerSpec{}, cpu(4))), only("buy", server("shop", ServerSpec{}, cpu(8))))
	assert.InDelta(t, 100, l[0].Rate, tiny)
	assert.InDelta(t, 25, l[2].Rate, tiny, "what is bought goes through the inner balancer")
	assert.InDelta(t, 75*0.004, l[3].CPU, tiny)
	assert.InDelta(t, 25*0.008, l[4].CPU, tiny)
}

func TestACallThroughABalancerLastsAsLongAsThatTakes(t *testing.T) {
	held := func(lb BalancerSpec) float64 {
		front := server("front", ServerSpec{Concurrency: 10}, call(2, "request"))
		client := openClient(t, "100/s")
		client.Client.Target.Node = 1
		return loads(client, front, relaying(lb, 3), server("web", ServerSpec{}, pause(20)))[1].Workers
	}
	assert.InDelta(t, 2, held(BalancerSpec{}), tiny)
	assert.InDelta(t, 2.5, held(BalancerSpec{Overhead: constantLawOf(5)}), tiny)
	assert.InDelta(t, 0.63, held(BalancerSpec{Attempts: Policy{Timeout: 10 * msec}}), tiny, "no less than the factor of an exponential law")
}

// only lets a server have one operation, of that name.
func only(op string, n Node) Node {
	n.Server.Ops[0].Name = op
	return n
}
