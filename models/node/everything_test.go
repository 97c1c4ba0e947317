package node

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/models/scale"
	"github.com/capsim/capsim/sim"
)

// everything is a system that has all features at once, in steady state.
func everything(tb testing.TB) *Spec {
	tb.Helper()
	plan := func(text string) arrival.Plan {
		p, problem := arrival.Parse(text, nil, 1)
		require.Nil(tb, problem)
		return p
	}
	exp := func(id uint64, milliseconds float64) Step {
		return Step{Kind: StepCPU, ID: id, Time: dist.Exponential{MeanValue: milliseconds * ms}}
	}
	careful := Policy{
		Timeout: 30 * msec, Retries: 2, Budget: 0.2, Hedged: true, Hedge: 5 * msec, Backoff: Backoff{Doubling: true, First: msec, Jitter: FullJitter},
		Breaker: &Breaker{Ratio: 0.5, Window: 100 * msec, Least: 10, Open: 50 * msec},
	}
	look := Step{Kind: StepGet, ID: 8, Target: Target{Node: 0}, Policy: careful, Branches: [][]Step{{exp(9, 0.5)}}}
	db := Step{Kind: StepCall, ID: 10, Target: Target{Node: 9, Op: "request"}, Policy: careful, Key: KeyOf{Source: true}, Falls: true, Fallback: []Step{exp(11, 0.5)}}
	pay := Step{Kind: StepCall, ID: 12, Target: Target{Node: 2}, Policy: careful, Falls: true}
	front := lb("least-connections", 1)
	front.Instances, front.Balancer.PerTarget, front.Balancer.Queue, front.Balancer.QueueTimeout = 2, 8, None, dist.Exponential{MeanValue: 20 * ms}
	front.Balancer.Overhead, front.Balancer.Connections = dist.Exponential{MeanValue: 0.1 * ms}, 200
	front.Balancer.Sticky, front.Balancer.Attempts = &Sticky{TTL: sim.Second}, Policy{Timeout: 20 * msec, Retries: 2, Budget: 0.2}
	app := spread(server("app", ServerSpec{Balance: "least-connections", Cores: 4, Concurrency: 64, Backlog: 100, Scheduling: ByPriority}, exp(1, 2), Step{Kind: StepMemory, ID: 2, Time: constantLawOf(1)},
		look, parallel(1, []Step{db}, []Step{pay}), aside(exp(13, 0.5)), times(2, exp(14, 0.2)), Step{Kind: StepDisk, ID: 15, Ops: dist.Constant{Value: 2}}), 4)
	app.Server.Disk = Disk{Ops: 9000, Depth: 2}
	app.Server.Pools = []Pool{
		{To: 2, Size: 3, AcquireTimeout: dist.Exponential{MeanValue: 5 * ms}, Connect: dist.Exponential{MeanValue: 2 * ms}},
		{To: 3, Size: 4, AcquireTimeout: constantLawOf(20), Connect: constantLawOf(1)},
	}
	app.Server.RateLimit, app.Server.Shed = &RateLimit{Tokens: 1, Per: uint64(3 * msec), Burst: 20}, 50*msec
	app.Server.MemoryBase, app.Server.MemoryPerRequest = 1000, dist.Exponential{MeanValue: 1000}
	app.Server.Memory, app.Server.LeakPerRequest, app.Server.Boot = 60_000_000, dist.Exponential{MeanValue: 50_000}, 300*msec
	app.Server.Collector = &CollectorSpec{Threshold: 100_000, Allocates: dist.Exponential{MeanValue: 5000}, Pause: dist.Exponential{MeanValue: 5 * ms}}
	letters := QueueSpec{
		Consumer: Target{Node: 5, Op: "request"}, Prefetch: 4, Visibility: 20 * msec, MaxDeliveries: 3, DeadLetter: 13, Capacity: 50, WhenFull: FullBlocks,
		Partitions: 6, Latency: dist.Exponential{MeanValue: 0.2 * ms},
	}
	graves := QueueSpec{
		Consumer: Target{Node: 5, Op: "request"}, Prefetch: 2, Visibility: 20 * msec, MaxDeliveries: 2, DeadLetter: None, Capacity: 5, WhenFull: FullDropsOldest, Volatile: true,
	}
	post := Step{Kind: StepPublish, ID: 16, Target: Target{Node: 12}, Policy: careful, Key: KeyOf{Source: true}, Falls: true}
	app.Server.Ops[0].Steps = append(app.Server.Ops[0].Steps, post)
	visitors := visitor(users(4, Policy{}), 3, dist.Exponential{MeanValue: 5 * ms})
	visitors.Client.Open = plan("poisson 200/s")
	open := cancelling(ranked(users(4, careful), 3))
	open.Client.Open, open.Client.Policy.Deadline = plan("poisson 500/s"), 200*msec
	loop := users(1, Policy{Timeout: 200 * msec})
	loop.Client.Open, loop.Client.Closed, loop.Client.Think = nil, &arrival.Users{Initial: 20}, dist.Exponential{MeanValue: 50 * ms}
	near := Node{Name: "near", Kind: Cache, Instances: 2, Cache: &CacheSpec{
		Policy: lru, Capacity: 300, TTL: sim.Second, Latency: dist.Exponential{MeanValue: 0.1 * ms}, Coalesce: true,
	}}
	through := Node{Name: "through", Kind: Cache, Instances: 2, Cache: &CacheSpec{
		Policy: lru, Capacity: 20_000, Size: dist.Exponential{MeanValue: 100}, TTL: sim.Second, Latency: constantLawOf(0.1), Cores: 2,
		Coalesce: true, Origin: &Target{Node: 3}, Timeout: 30 * msec,
	}}
	open.Client.Keys, loop.Client.Keys = keysOf("zipf s=1 n=2000"), keysOf("zipf s=1 n=100")
	edge := CDNSpec{
		Origin: Target{Node: 11}, Cacheable: []Lifetime{{"request", sim.Second}}, Policy: lru, Capacity: 50, Coalesce: true,
		Timeout: 50 * msec, Latency: dist.Exponential{MeanValue: ms}, EgressPrice: 1, Shield: 11, Shields: None,
	}
	shield := edge
	shield.Origin, shield.Shield, shield.Shields = Target{Node: 4}, None, 10
	loop.Client.Target, loop.Client.ResponseSize = Target{Node: 10}, dist.Exponential{MeanValue: 1000}
	spec := specFor(3600,
		in(near, 0), in(app, 0, 1), Node{Name: "pay", Kind: External, Instances: 1, External: &ExternalSpec{Latency: dist.Exponential{MeanValue: 3 * ms}, ErrorRatio: 0.1}},
		in(lb("url-hash", 5), 1), in(front, 0, 1), in(spread(server("db", ServerSpec{Cores: 4, Scheduling: ByPriority}, exp(20, 1)), 2), 0, 1),
		visitors, open, in(loop, 0), in(through, 0, 1),
		Node{Name: "zedge", Kind: CDN, Instances: 3, CDN: &edge}, Node{Name: "zedge.shield", Kind: CDN, Instances: 1, CDN: &shield},
		in(Node{Name: "zx", Kind: Queue, Instances: 1, Queue: &letters}, 0), in(Node{Name: "zy", Kind: Queue, Instances: 1, Queue: &graves}, 1))
	for i := range spec.Nodes[6:9] {
		spec.Nodes[6+i].Client.Policy.Timeout = 200 * msec
	}
	for i := 3; i <= 4; i++ {
		spec.Nodes[i].Balancer.Health = &HealthSpec{Interval: 50 * msec, Timeout: 20 * msec, Unhealthy: 2, Healthy: 1, HTTP: true}
		spec.Nodes[i].Balancer.Ejects = &EjectionSpec{Consecutive: 3, For: 100 * msec}
	}
	for k := range 200 {
		f := strikes(fault.Kind(k%2), []int{0, 1, 2, 3, 4, 5, 9, 10, 11, 12, 13}[k%11], 0, 300*float64(k), 100)
		f.Silent = k%4 == 0
		spec.Faults = append(spec.Faults, f)
	}
	for k, at := range []fault.Span{{Node: 1, Count: 4}, {Node: 5, Count: 2}, {Node: 4, Count: 1}, {Node: 9, Count: 2}} {
		spec.Faults = append(spec.Faults, fault.Fault{
			Kind: fault.Kind(k % 2), Where: []fault.Span{at}, Target: itoa(k), MTTF: 3 * sim.Second, MTTR: 100 * msec, Crews: k % 3,
		})
	}
	for at, s := range map[int]scale.Spec{
		1: {Min: 2, Max: 6, Metric: scale.Concurrency, Target: 3, Queue: None, Every: 400 * msec, Boot: 300 * msec, Drain: 200 * msec},
		5: {Min: 1, Max: 3, Metric: scale.Queue, Target: 0.05, Queue: 12, Every: 300 * msec, Boot: 100 * msec, Drain: sim.Second},
	} {
		spec.Nodes[at] = autoscaled(spec.Nodes[at], 2, s)
	}
	spec.Timeline = true
	for i := range spec.Nodes[6:9] {
		spec.Objectives = append(spec.Objectives, demands(6+i)...)
	}
	for k := range 120 { // a surge begins a process: that it does is no steady state
		f := strikes(fault.Slow+fault.Kind(k%5), []int{0, 1, 2, 3, 4, 5, 9, 10, 11, 12, 13}[k%11], 0, 500*float64(k)+50, 80)
		f.Factor, f.Ratio, f.Add = 1.5, 0.1, dist.Exponential{MeanValue: ms}
		switch f.Kind {
		case fault.Surge:
			f.Where[0].Node = 6 + k/5%3
		case fault.Flush:
			f.Where[0].Node, f.For = []int{0, 9, 10, 11}[k/5%4], 0
		}
		spec.Faults = append(spec.Faults, f)
	}
	for k := range 100 { // of the caches, and of no scaled server
		d := replaces(Rolling, 9*(k%2), 2, 500*float64(k), 50, 100)
		spec.Nodes[d.Node].Deployed = true
		spec.Deploys = append(spec.Deploys, d)
	}
	spec.Zones = []string{"a", "b"}
	for k := range 300 {
		spec.Faults = append(spec.Faults, parted(standing(spec, 0), standing(spec, 1), 200*float64(k)+150, 30))
	}
	spec.Network = &NetworkSpec{SameZone: constantLawOf(0.1), CrossZone: dist.Exponential{MeanValue: 0.5 * ms}, Internet: dist.Exponential{MeanValue: 2 * ms}, Loss: 0.001}
	return spec
}

// What is used once is used again: nothing is allocated in steady state, but
// for the first touch of a page of a histogram.
func TestSteadyStateAllocatesNothingWithEveryFeature(t *testing.T) {
	for _, how := range []Discipline{ByPriority, Preemptive, RoundRobin, ProcessorSharing} {
		spec := everything(t)
		spec.Nodes[1].Server.Scheduling, spec.Nodes[1].Server.Quantum = how, msec
		n := NewNetwork(spec, 0)
		n.start(0)
		n.scheduleFaults()
		n.scheduleScalers()
		n.scheduleDeploys()
		n.openWindow()
		n.advance(60 * sim.Second)
		at, events := n.eng.Now(), n.eng.Events()
		frames, reqs, joins := len(n.frames), len(n.reqs), len(n.joins)
		per := testing.AllocsPerRun(5, func() {
			at += 4 * sim.Second
			n.advance(at)
		})
		events = (n.eng.Events() - events) / 6
		for _, at := range []int{1, 5} {
			require.Greater(t, min(n.nodes[at].fleet.starts, n.nodes[at].fleet.stops), uint64(4), "instances come and go meanwhile")
		}
		for _, at := range []int{0, 9} {
			require.Greater(t, n.nodes[at].fleet.stops, uint64(40), "instances are replaced meanwhile")
		}
		require.NotNil(t, n.nodes[1].stats.Exhausted)
		require.Greater(t, n.nodes[1].stats.Exhausted.Kills, uint64(4))
		require.Greater(t, n.nodes[1].collector.stats.Pauses, uint64(100))
		require.Greater(t, events, uint64(20_000))
		assert.Less(t, per/float64(events), 2e-4, "%s: allocations for each event: pages that are touched for the first time", how)
		assert.Less(t, len(n.frames), 2*frames)
		assert.Less(t, len(n.reqs), 2*reqs)
		assert.Less(t, len(n.joins), 2*joins)
	}
}
