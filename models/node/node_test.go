package node

import (
	"testing"
	"unsafe"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const ms = float64(sim.Millisecond)

func constantLawOf(milliseconds float64) dist.Law { return dist.Constant{Value: milliseconds * ms} }

func cpu(milliseconds float64) Step {
	return Step{Kind: StepCPU, ID: 1, Time: constantLawOf(milliseconds)}
}

// users sends requests at exact moments, in milliseconds.
func users(target int, p Policy, at ...float64) Node {
	t := &arrival.Trace{}
	for _, x := range at {
		t.Times = append(t.Times, sim.FromNanoseconds(x*ms))
	}
	return Node{Name: "users", Kind: Client, Instances: 1, Client: &ClientSpec{
		Target: Target{Node: target}, Ops: []WeightedOp{{Name: "request", Weight: 1}},
		Open: arrival.TracePlan{Trace: t, Speed: 1, Load: 1}, Policy: p,
	}}
}

func server(name string, s ServerSpec, steps ...Step) Node {
	if s.Cores == 0 {
		s.Cores = 1
	}
	if s.Concurrency == 0 {
		s.Backlog = None
	}
	s.Speed = 1
	s.Ops = []Operation{{Name: "request", Steps: steps}}
	return Node{Name: name, Kind: Server, Instances: 1, Server: &s}
}

func simulate(t *testing.T, seconds float64, nodes ...Node) *Snapshot {
	t.Helper()
	d := sim.FromNanoseconds(seconds * 1e9)
	spec := &Spec{Run: Run{Duration: d, Drain: d, Replications: 1, Seed: 1}, Nodes: nodes}
	s, err := NewNetwork(spec, 0).Run(nil)
	require.NoError(t, err)
	return s
}

// The records of requests in flight are what decides how many fit in memory
// and in the caches.
func TestRecordsKeepTheirSize(t *testing.T) {
	assert.Equal(t, uintptr(32), unsafe.Sizeof(frame{}), "hot record")
	assert.Equal(t, uintptr(64), unsafe.Sizeof(coldFrame{}), "cold record")
	assert.Equal(t, uintptr(64), unsafe.Sizeof(request{}), "request")
	assert.Equal(t, uintptr(16), unsafe.Sizeof(sim.Event{}), "event")
}

func TestDeterministicQueueHasExactTimes(t *testing.T) {
	// Three requests at 0, 1 and 2 ms onto one core, 10 ms each.
	s := simulate(t, 1, users(1, Policy{}, 0, 1, 2), server("web", ServerSpec{}, cpu(10)))
	o := &s.Clients[0].Ops[0]
	assert.Equal(t, uint64(3), o.OK)
	assert.Equal(t, int64(28*sim.Millisecond), o.Latency.Max())
	assert.Equal(t, int64(10*sim.Millisecond), o.Latency.Min())
	assert.InDelta(t, 57*ms, o.Latency.Sum().Float64(), 0, "10 + 19 + 28 ms")
	web := &s.Nodes[1]
	assert.InDelta(t, 30*ms, web.CPU.Busy.Float64(), 0)
	assert.InDelta(t, 27*ms, web.CPU.Queue.Float64(), 0, "9 + 18 ms")
	assert.InDelta(t, 57*ms, web.InFlight.Float64(), 0)
}

func TestBacklogRefusesWhatDoesNotFit(t *testing.T) {
	s := simulate(t, 1, users(1, Policy{}, 0, 1, 2, 3), server("web", ServerSpec{Concurrency: 1, Backlog: 1}, cpu(10)))
	o := &s.Clients[0].Ops[0]
	assert.Equal(t, uint64(2), o.OK)
	assert.Equal(t, uint64(2), o.Errors[Rejected-1])
	assert.Equal(t, uint64(4), s.Nodes[1].Arrivals, "refused ones included")
}

func TestQueueTimeoutFreesThePlace(t *testing.T) {
	// The second waits from 1 ms, gives up at 6 ms; the third takes its place
	// at 7 ms and gets the worker at 10 ms.
	web := server("web", ServerSpec{Concurrency: 1, Backlog: 1, QueueTimeout: constantLawOf(5)}, cpu(10))
	s := simulate(t, 1, users(1, Policy{}, 0, 1, 7), web)
	o := &s.Clients[0].Ops[0]
	assert.Equal(t, uint64(2), o.OK)
	assert.Equal(t, uint64(1), o.Errors[Rejected-1])
	assert.Equal(t, int64(13*sim.Millisecond), o.Latency.Max())
}

func TestAbandonedWorkIsStillDone(t *testing.T) {
	// The second request gives up at 6 ms while it queues; the server works
	// on it all the same, so the third waits for both.
	s := simulate(t, 1, users(1, Policy{Timeout: 25 * sim.Millisecond}, 0, 1, 2), server("web", ServerSpec{}, cpu(10)))
	assert.Equal(t, uint64(1), s.Clients[0].Ops[0].Errors[TimedOut-1], "28 ms is too long")
	assert.Equal(t, uint64(3), s.Nodes[1].Completions, "also to a caller who has gone")
	assert.InDelta(t, 30*ms, s.Nodes[1].CPU.Busy.Float64(), 0)
}

func TestAnswerAtTheTimeOutIsInTime(t *testing.T) {
	s := simulate(t, 1, users(1, Policy{Timeout: 10 * sim.Millisecond}, 0), server("web", ServerSpec{}, cpu(10)))
	assert.Equal(t, uint64(1), s.Clients[0].Ops[0].OK, "completions come before timers")
}

func TestRetriesCountAsAttemptsAndAddTheirPauses(t *testing.T) {
	p := Policy{Timeout: 5 * sim.Millisecond, Retries: 2, Backoff: Backoff{Doubling: true, First: 10 * sim.Millisecond}}
	s := simulate(t, 1, users(1, p, 0), server("web", ServerSpec{Cores: 9}, cpu(7)))
	o := &s.Clients[0].Ops[0]
	assert.Equal(t, uint64(3), o.Attempts)
	assert.Equal(t, uint64(1), o.Errors[TimedOut-1])
	assert.Equal(t, uint64(3), s.Nodes[1].Arrivals)
}

func TestParallelSharesTheWorkerAndQueuesForCores(t *testing.T) {
	fork := Step{Kind: StepParallel, ID: 2, Branches: [][]Step{{cpu(10)}, {cpu(10)}, {{Kind: StepWait, ID: 3, Time: constantLawOf(4)}}}}
	s := simulate(t, 1, users(1, Policy{}, 0), server("web", ServerSpec{Concurrency: 1}, fork))
	assert.Equal(t, int64(20*sim.Millisecond), s.Clients[0].Ops[0].Latency.Max(), "one core for both")
	s = simulate(t, 1, users(1, Policy{}, 0), server("web", ServerSpec{Concurrency: 1, Cores: 2}, fork))
	assert.Equal(t, int64(10*sim.Millisecond), s.Clients[0].Ops[0].Latency.Max(), "a core for each")
	assert.Equal(t, uint64(1), s.Nodes[1].Arrivals, "branches are no visits")
}

func TestFailedBranchFailsTheRequestAtOnce(t *testing.T) {
	fork := Step{Kind: StepParallel, ID: 2, Branches: [][]Step{{cpu(50)}, {{Kind: StepWait, ID: 3, Time: constantLawOf(1)}, {Kind: StepFail, ID: 4, Ratio: 1}}}}
	after := cpu(100)
	s := simulate(t, 1, users(1, Policy{}, 0), server("web", ServerSpec{}, fork, after))
	assert.Equal(t, uint64(1), s.Clients[0].Ops[0].Errors[Failed-1])
	assert.InDelta(t, 50*ms, s.Nodes[1].CPU.Busy.Float64(), 0, "the other branch goes on, what follows does not begin")
}

func TestUnfinishedIsWhatTheDrainLeaves(t *testing.T) {
	s := simulate(t, 0.01, users(1, Policy{}, 0, 1, 2), server("web", ServerSpec{}, cpu(9)))
	o := &s.Clients[0].Ops[0]
	assert.Equal(t, uint64(3), o.Offered)
	assert.Equal(t, uint64(2), o.OK, "at 9 and 18 ms; 27 ms is after the drain of 10 ms")
	assert.Equal(t, uint64(1), o.Unfinished)
	assert.Equal(t, uint64(1), o.Answered, "inside the window")
}

func TestBalancerForgetsAttemptsThatWereGivenUp(t *testing.T) {
	lb := Node{Name: "lb", Kind: LoadBalancer, Instances: 1, Balancer: &BalancerSpec{Targets: []int{2}, Policy: "least-connections"}}
	web := server("web", ServerSpec{}, cpu(100))
	web.Instances = 2
	// Given up after 10 ms each, the attempts are not counted against the
	// instances, so ties go round in turn although both still work.
	s := simulate(t, 2, users(1, Policy{Timeout: 10 * sim.Millisecond}, 0, 20, 40, 60), lb, web)
	s.Nodes = s.Nodes[:3]
	assert.Equal(t, uint64(4), s.Nodes[1].Errors[TimedOut-1])
	assert.Equal(t, uint64(2), s.Nodes[2].Instances[0].Arrivals)
	assert.Equal(t, uint64(2), s.Nodes[2].Instances[1].Arrivals)
}

// webSystem is eight servers behind a balancer, a cache and a database.
func webSystem(tb testing.TB) *Spec {
	tb.Helper()
	plan, problem := arrival.Parse("poisson 2240/s", nil, 1)
	require.Nil(tb, problem)
	exp := func(id uint64, mean float64) Step {
		return Step{Kind: StepCPU, ID: id, Time: dist.Exponential{MeanValue: mean * ms}}
	}
	client := users(3, Policy{Timeout: 2 * sim.Second})
	client.Client.Open = plan
	app := server("app", ServerSpec{Cores: 4, Concurrency: 64, Backlog: 100}, exp(1, 10), Step{Kind: StepGet, ID: 2, Target: Target{Node: 1},
		Branches: [][]Step{{{Kind: StepCall, ID: 3, Target: Target{Node: 2}}}}})
	app.Instances = 8
	client.Client.Target.Node = 4
	return &Spec{Run: Run{Duration: 3600 * sim.Second, Drain: sim.Second, Replications: 1, Seed: 1}, Nodes: []Node{
		app,
		{Name: "cache", Kind: Cache, Instances: 1, Cache: &CacheSpec{HitRatio: 0.8, Latency: constantLawOf(0.5)}},
		server("db", ServerSpec{Cores: 16}, exp(4, 5)),
		client,
		{Name: "zlb", Kind: LoadBalancer, Instances: 1, Balancer: &BalancerSpec{Targets: []int{0}, Policy: "round-robin"}},
	}}
}

// A run in steady state allocates nothing, but for the first touch of a page
// of a histogram.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	n := NewNetwork(webSystem(t), 0)
	n.start(0)
	n.openWindow()
	n.advance(20 * sim.Second)
	at, events := n.eng.Now(), n.eng.Events()
	per := testing.AllocsPerRun(5, func() {
		at += 4 * sim.Second
		n.advance(at)
	})
	events = (n.eng.Events() - events) / 6
	require.Greater(t, events, uint64(20_000))
	assert.Less(t, per/float64(events), 1e-4, "allocations for each event: pages that are touched for the first time")
}

func BenchmarkMM1(b *testing.B)  { benchmark(b, 1, 800) }
func BenchmarkMM16(b *testing.B) { benchmark(b, 16, 14400) }

// BenchmarkWeb simulates b.N requests of the web system.
func BenchmarkWeb(b *testing.B) {
	n := NewNetwork(webSystem(b), 0)
	n.start(0)
	n.openWindow()
	b.ReportAllocs()
	b.ResetTimer()
	n.advance(sim.Time(b.N) * sim.Second / 2240)
	b.ReportMetric(float64(n.eng.Events())/float64(b.N), "events/op")
}

// benchmark simulates b.N requests of an M/M/c queue.
func benchmark(b *testing.B, cores, rate int) {
	plan, _ := arrival.Parse("poisson "+itoa(rate)+"/s", nil, 1)
	client := users(1, Policy{})
	client.Client.Open = plan
	web := server("web", ServerSpec{Cores: cores}, Step{Kind: StepCPU, ID: 1, Time: dist.Exponential{MeanValue: ms}})
	spec := &Spec{Run: Run{Duration: 1e6 * sim.Second, Replications: 1, Seed: 1}, Nodes: []Node{client, web}}
	n := NewNetwork(spec, 0)
	n.start(0)
	n.openWindow()
	b.ReportAllocs()
	b.ResetTimer()
	n.advance(sim.Time(b.N) * sim.Second / sim.Time(rate))
	b.ReportMetric(float64(n.eng.Events())/float64(b.N), "events/op")
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}
