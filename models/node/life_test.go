package node

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// deed is done to a system at a time, in milliseconds.
type deed struct {
	at   float64
	what func(n *Network)
}

// live runs a system in which deeds are done.
func live(t *testing.T, spec *Spec, deeds ...deed) (*Network, *Snapshot) {
	t.Helper()
	n := NewNetwork(spec, 0)
	n.start(spec.Run.Warmup)
	n.scheduleFaults()
	n.advance(0)
	n.openWindow()
	for _, d := range deeds {
		n.advance(sim.FromNanoseconds(d.at * ms))
		d.what(n)
		n.settle()
	}
	n.advance(n.end)
	n.closeWindow()
	n.drain()
	n.finish()
	return n, n.snap
}

// some are the instances of a server of which so many are there at the start.
func some(n Node, initial, most int) Node {
	n.Instances, n.Initial = most, initial
	return n
}

// each lists the arrivals at the instances of a node.
func eachOf(s *Snapshot, at int) []uint64 {
	var list []uint64
	for _, in := range s.Nodes[at].Instances {
		list = append(list, in.Arrivals)
	}
	return list
}

// regular is a time for each so many milliseconds.
func regular(step, until float64) []float64 {
	var at []float64
	for x := 0.0; x < until; x += step {
		at = append(at, x)
	}
	return at
}

func TestAnInstanceBootsServesDrainsAndStops(t *testing.T) {
	for _, front := range []bool{false, true} {
		nodes := []Node{users(1, Policy{}, regular(10, 1000)...), some(server("web", ServerSpec{Cores: 9}, cpu(25)), 1, 2)}
		if front {
			nodes = append(nodes, lb("round-robin", 1))
			nodes[0].Client.Target.Node = 2
		}
		n, s := live(t, specFor(1, nodes...),
			deed{101, func(n *Network) { n.starts(n.nodes[1].first+1, 200*msec) }},
			deed{501, func(n *Network) { n.drains(n.nodes[1].first+1, 300*msec) }},
		)
		// In service from 301 to 501 ms: 20 requests, every second goes there.
		// That of 500 ms, or of 490, is the last, and takes 25 ms.
		assert.Equal(t, []uint64{90, 10}, eachOf(s, 1))
		assert.Equal(t, uint64(100), s.Clients[0].Ops[0].OK, "none is lost")
		const last = 25.0 + 490
		x := s.Nodes[1].Fleet
		assert.InDelta(t, 1000*ms+(last-101)*ms, x.Started.Float64(), 10*ms, "from the start to the end of the last")
		assert.InDelta(t, 1200*ms, x.InService.Float64(), 0)
		assert.Equal(t, [2]uint64{1, 1}, [2]uint64{x.Starts, x.Stops})
		up := s.Nodes[1].Instances[1].Up
		assert.InDelta(t, x.Started.Float64()-1000*ms-200*ms, float64(up), 0, "booting is no capacity, draining is")
		assert.InDelta(t, 9*(1000*ms+float64(up)), s.Nodes[1].CPU.Capacity.Float64(), 0)
		assert.Empty(t, n.leftover())
	}
}

func TestWhatDrainsTooLongIsLost(t *testing.T) {
	_, s := live(t, specFor(1, users(1, Policy{}, 0, 10), some(server("web", ServerSpec{}, cpu(100)), 2, 3)),
		deed{20, func(n *Network) { n.drains(n.nodes[1].first+1, 30*msec) }})
	assert.Equal(t, [4]uint64{1, 0, 0, 1}, ends(s, 0))
	assert.Equal(t, 50*msec, s.Nodes[1].Instances[1].Up)
}

func TestSpawnedWorkIsFinishedBeforeTheEnd(t *testing.T) {
	spawned := Step{Kind: StepSpawn, ID: 3, Branches: [][]Step{{{Kind: StepWait, ID: 4, Time: constantLawOf(150)}, cpu(10)}}}
	spec := specFor(3, users(1, Policy{}, 0, 10), some(server("web", ServerSpec{}, cpu(1), spawned), 2, 3))
	n, s := live(t, spec, deed{20, func(n *Network) { n.drains(n.nodes[1].first+1, 2*sim.Second) }})
	assert.Equal(t, uint64(4), s.Nodes[1].CPU.Served)
	assert.Equal(t, 1020*msec, s.Nodes[1].Instances[1].Up, "it is looked at again after a second")
	assert.Empty(t, n.leftover())
}

func TestAnInstanceThatStartsAgainIsEmpty(t *testing.T) {
	web := ServerSpec{Cores: 9, MemoryBase: 100, Memory: 1000, RateLimit: &RateLimit{Tokens: 1, Per: 1e12, Burst: 2}}
	stopAndStart := []deed{
		{45, func(n *Network) { n.vanishes(n.nodes[1].first) }},
		{50, func(n *Network) { n.starts(n.nodes[1].first, 5*msec) }},
	}
	n, s := live(t, specFor(1, users(1, Policy{}, 0, 10, 20, 30, 60, 70, 80), some(server("web", web, cpu(1)), 1, 1).growing()), stopAndStart...)
	assert.Equal(t, [4]uint64{4, 0, 3, 0}, ends(s, 0), "a full bucket again")
	assert.InDelta(t, 100*990*ms, s.Nodes[1].Memory.Busy.Float64(), 0)
	assert.Equal(t, uint64(100), n.nodes[1].memory)
}

// growing makes a fleet of a server all of whose instances are there at the
// start.
func (n Node) growing() Node {
	n.Instances++
	n.Initial = n.Instances - 1
	return n
}

func TestConsumersJoinAndLeave(t *testing.T) {
	spec := specFor(1, users(1, Policy{}, regular(1, 40)...), mail(2, QueueSpec{}), some(worker(10), 1, 2))
	n, s := live(t, spec,
		deed{55, func(n *Network) { n.starts(n.nodes[2].first+1, 10*msec) }},
		deed{100, func(n *Network) { n.drains(n.nodes[2].first, sim.Second) }},
	)
	// One at a time up to 65 ms, two up to 100, then the second alone: the
	// first finishes its tenth, which it has had since 90 ms, at that moment.
	assert.Equal(t, []uint64{10, 30}, eachOf(s, 2))
	assert.Equal(t, [7]uint64{40, 40, 0, 40}, fates(s, 1))
	assert.Equal(t, 100*msec, s.Nodes[2].Instances[0].Up)
	assert.Empty(t, n.leftover())
}

func TestPartitionsGoToThoseInService(t *testing.T) {
	spec := specFor(1, users(1, Policy{}, regular(1, 40)...), mail(2, QueueSpec{Partitions: 2, Prefetch: None}), some(worker(10), 2, 3))
	_, s := live(t, spec, deed{15, func(n *Network) { n.drains(n.nodes[2].first+1, sim.Second) }})
	assert.Equal(t, uint64(2), s.Nodes[2].Instances[1].Arrivals)
	assert.Equal(t, uint64(38), s.Nodes[2].Instances[0].Arrivals)
}

// With any policy, whoever is in service gets requests, and nobody else.
func TestNoPolicySendsAnythingToWhoIsNotThere(t *testing.T) {
	for _, row := range balance.Table {
		for _, direct := range []bool{false, true} {
			web := some(server("web", ServerSpec{Cores: 9}, cpu(5)), 2, 4)
			nodes := []Node{users(1, Policy{}, regular(1, 1000)...), web}
			items := nodes[0].Client.Open.(arrival.TracePlan).Trace
			for k := range items.Times {
				items.Keys = append(items.Keys, uint64(k))
			}
			if direct {
				nodes[1].Server.Balance = row.Name
			} else {
				nodes = append(nodes, lb(row.Name, 1))
				nodes[0].Client.Target.Node = 2
			}
			n, s := live(t, specFor(1, nodes...),
				deed{300, func(n *Network) { n.starts(n.nodes[1].first+3, 100*msec) }},
				deed{600, func(n *Network) { n.drains(n.nodes[1].first, sim.Second) }},
			)
			got := eachOf(s, 1)
			assert.Equal(t, uint64(1000), s.Clients[0].Ops[0].OK, row.Name)
			assert.Zero(t, got[2], row.Name)
			assert.Greater(t, got[3], uint64(50), row.Name)
			assert.Less(t, got[0], uint64(600), row.Name)
			assert.Empty(t, n.leftover(), row.Name)
		}
	}
}

func TestProbersLookOnlyAtWhoIsThere(t *testing.T) {
	balancer := checked(HealthSpec{Interval: 20 * msec, Timeout: 10 * msec, Unhealthy: 1, Healthy: 1, HTTP: true}, 1)
	spec := specFor(1, users(2, Policy{}, regular(10, 1000)...), some(server("web", ServerSpec{Cores: 9}, cpu(5)), 1, 2), balancer)
	spec.Faults = []fault.Fault{strikes(fault.Kill, 1, 1, 50, 400)} // it is not there until 300 ms, and dead until 450
	var sent []uint64
	note := func(n *Network) { sent = append(sent, n.probers[1].sent) }
	n, s := live(t, spec,
		deed{200, note},
		deed{200, func(n *Network) { n.starts(n.nodes[1].first+1, 100*msec) }},
		deed{700, note},
		deed{700, func(n *Network) { n.drains(n.nodes[1].first+1, 100*msec) }},
		deed{990, note},
	)
	assert.Zero(t, sent[0])
	assert.Greater(t, sent[1], uint64(15))
	assert.Equal(t, sent[1], sent[2])
	assert.InDelta(t, 310*ms, float64(s.Faults[0].Detected), 10*ms)
	assert.Greater(t, s.Nodes[1].Instances[1].Arrivals, uint64(8))
	assert.Less(t, s.Nodes[1].Instances[1].Arrivals, uint64(14))
	assert.Zero(t, n.insts[n.nodes[2].first].balancer.ways[0].group.Barred(1)&^balance.Absent)
}

func TestAnEjectionIsNotHeldAgainstASuccessor(t *testing.T) {
	bad := Step{Kind: StepFail, ID: 9, Ratio: 1}
	balancer := ejecting(1, 5000, 1)
	spec := specFor(1, users(2, Policy{}, regular(10, 1000)...), some(server("web", ServerSpec{Cores: 9}, bad), 1, 1).growing(), balancer)
	n, s := live(t, spec,
		deed{100, func(n *Network) { n.vanishes(n.nodes[1].first); n.starts(n.nodes[1].first, 50*msec) }},
	)
	assert.Equal(t, uint64(2), s.Nodes[1].Arrivals, "one for each life")
	pending := slices.DeleteFunc(slices.Clone(n.frames), func(f frame) bool { return f.state != ejected })
	assert.Len(t, pending, 1, "the first ejection is forgotten")
}

func TestSlowStartOfWhoJoins(t *testing.T) {
	balancer := lb("round-robin", 1)
	balancer.Balancer.SlowStart = 400 * msec
	spec := specFor(1, users(2, Policy{}, regular(1, 1000)...), some(server("web", ServerSpec{Cores: 9}, cpu(1)), 1, 2), balancer)
	_, s := live(t, spec, deed{100, func(n *Network) { n.starts(n.nodes[1].first+1, 0) }})
	got := s.Nodes[1].Instances[1].Arrivals
	// Σ of w/(1+w) over the ramp: less than the half of 400, more than an eighth.
	assert.Greater(t, got, uint64(250+50))
	assert.Less(t, got, uint64(250+150))
}
