package node

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// replaces makes a deploy of all instances of a node, in milliseconds.
func replaces(how Strategy, node, instances int, at, drain, boot float64) Deploy {
	return Deploy{
		Strategy: how, Node: node, Count: instances, Batch: 1, Machine: None,
		At: sim.FromNanoseconds(at * ms), Drain: sim.FromNanoseconds(drain * ms), Boot: sim.FromNanoseconds(boot * ms),
	}
}

// rollout runs a system in which deploys happen. Machines are what they make
// of the instances of the node of the first one.
func rollout(t *testing.T, spec *Spec, machines []*ServerSpec, deploys ...Deploy) (*Network, *Snapshot) {
	t.Helper()
	spec.Deploys = deploys
	for _, d := range deploys {
		n := &spec.Nodes[d.Node]
		n.Deployed = true
		if d.Strategy == BlueGreen && !n.twice() {
			n.Initial, n.MostInService, n.Instances = n.Instances, n.Instances, 2*n.Instances
		}
	}
	spec.Nodes[deploys[0].Node].Machines = machines
	n := NewNetwork(spec, 0)
	s, err := n.Run(nil)
	require.NoError(t, err)
	n.advance(n.eng.Now() + 10*sim.Second)
	assert.Empty(t, n.leftover())
	return n, s
}

// fronted puts a balancer in front of node 1, which client 0 calls, if wanted.
func fronted(front bool, nodes ...Node) []Node {
	if front {
		nodes = append(nodes, lb("round-robin", 1))
		nodes[0].Client.Target.Node = len(nodes) - 1
	}
	return nodes
}

func TestARollingDeployReplacesOneAfterTheOther(t *testing.T) {
	for _, front := range []bool{false, true} {
		// A request each 10 ms, of 25 ms; from 101 ms on each of three instances
		// drains, and boots for 50 ms.
		nodes := fronted(front, users(1, Policy{}, regular(10, 1000)...), spread(server("web", ServerSpec{Cores: 9}, cpu(25)), 3))
		_, s := rollout(t, specFor(1, nodes...), nil, replaces(Rolling, 1, 3, 101, 1000, 50))
		assert.Equal(t, [4]uint64{100, 0, 0, 0}, ends(s, 0), "nobody notices")
		x := s.Nodes[1].Fleet
		assert.Equal(t, [2]uint64{3, 3}, [2]uint64{x.Starts, x.Stops})
		down := sim.Time(0)
		for _, in := range s.Nodes[1].Instances {
			assert.Equal(t, 950*msec, in.Up, "away for the boot, and not while it drains")
			down += sim.Second - in.Up
		}
		assert.Equal(t, 150*msec, down)
		assert.InDelta(t, 3000*ms, x.Started.Float64(), 0, "booting ones cost")
		// Each is replaced when the one before is back, and has at most 25 ms left to do.
		assert.Greater(t, s.Deploys[0].Finished, 251*msec)
		assert.LessOrEqual(t, s.Deploys[0].Finished, 251*msec+3*25*msec)
		assert.Zero(t, s.Deploys[0].Failed)
	}
}

func TestABatchIsReplacedTogether(t *testing.T) {
	idle := func(batch int) *Snapshot {
		d := replaces(Rolling, 1, 4, 100, 1000, 50)
		d.Batch = batch
		_, s := rollout(t, specFor(1, users(1, Policy{}), spread(server("web", ServerSpec{}, cpu(1)), 4)), nil, d)
		return s
	}
	for batch, batches := range map[int]sim.Time{1: 4, 2: 2, 3: 2, 4: 1} {
		s := idle(batch)
		assert.Equal(t, 100*msec+batches*50*msec, s.Deploys[0].Finished, "batches of %d", batch)
		assert.InDelta(t, 4*950*ms, s.Nodes[1].CPU.Capacity.Float64(), 0)
		assert.InDelta(t, 4000*ms-float64(200*msec), s.Nodes[1].Fleet.InService.Float64(), 0)
	}
}

func TestWhatHasNotDrainedInTimeIsLost(t *testing.T) {
	web := spread(server("web", ServerSpec{Cores: 9}, cpu(100)), 2)
	_, s := rollout(t, specFor(1, users(1, Policy{}, 0, 10, 20, 30), web), nil, replaces(Rolling, 1, 2, 40, 75, 0))
	// The first has those of 0 and 20 ms and drains from 40 to 115: that of 20
	// is lost. The second, from 115 to 190, has those of 10 and 30, which are
	// done by 130.
	assert.Equal(t, [4]uint64{3, 0, 0, 1}, ends(s, 0))
	assert.Equal(t, uint64(1), s.Deploys[0].Failed)
	assert.Equal(t, 130*msec, s.Deploys[0].Finished)
}

func TestRequestsOnTheirWayAreStillTaken(t *testing.T) {
	for _, front := range []bool{false, true} {
		nodes := fronted(front, users(1, Policy{}, regular(1, 900)...), spread(server("web", ServerSpec{Cores: 9}, cpu(2)), 2))
		spec := specFor(1, nodes...)
		spec.Network = &NetworkSpec{SameZone: constantLawOf(3), Internet: constantLawOf(7)}
		_, s := rollout(t, spec, nil, replaces(Rolling, 1, 2, 100.5, 1000, 50))
		assert.Equal(t, [4]uint64{900, 0, 0, 0}, ends(s, 0))
		assert.Less(t, s.Deploys[0].Finished, 260*msec)
	}
}

func TestAnInPlaceDeployTakesTheMachineDown(t *testing.T) {
	for _, front := range []bool{false, true} {
		// It drains from 100 until the request of 90 is done at 115, boots until 165.
		nodes := fronted(front, users(1, Policy{}, regular(10, 1000)...), server("web", ServerSpec{Cores: 9}, cpu(25)))
		_, s := rollout(t, specFor(1, nodes...), nil, replaces(InPlace, 1, 1, 100, 1000, 50))
		assert.Equal(t, [4]uint64{93, 0, 0, 7}, ends(s, 0), "those of 100 to 160 ms")
		assert.Equal(t, 165*msec, s.Deploys[0].Finished)
		assert.Equal(t, uint64(7), s.Deploys[0].Failed)
		assert.InDelta(t, 950*ms*9, s.Nodes[1].CPU.Capacity.Float64(), 0)
	}
	// With work that never ends in time the downtime is drain + boot.
	_, s := rollout(t, specFor(1, users(1, Policy{}, regular(10, 1000)...), server("web", ServerSpec{Cores: 900}, cpu(300))), nil, replaces(InPlace, 1, 1, 400, 100, 50))
	assert.Equal(t, 550*msec, s.Deploys[0].Finished)
	lost, refused := uint64(20), uint64(15) // of 210 to 390 ms, and a tie at 200 and 400
	assert.InDelta(t, float64(lost+refused), float64(ends(s, 0)[3]), 1)
}

func TestBlueGreenTakesOverAtOnce(t *testing.T) {
	for _, front := range []bool{false, true} {
		nodes := fronted(front, users(1, Policy{}, regular(10, 1000)...), spread(server("web", ServerSpec{Cores: 9}, cpu(25)), 2))
		_, s := rollout(t, specFor(1, nodes...), nil, replaces(BlueGreen, 1, 2, 100, 1000, 205), replaces(BlueGreen, 1, 2, 600, 1000, 105))
		// The second set boots until 305 and takes all from 310 ms on; the first
		// has the requests of 290 and 300, done by 325. At 705 it is the other
		// way round: those of 690 and 700.
		assert.Equal(t, [4]uint64{100, 0, 0, 0}, ends(s, 0))
		assert.Equal(t, []sim.Time{325 * msec, 725 * msec}, []sim.Time{s.Deploys[0].Finished, s.Deploys[1].Finished})
		first, second := eachOf(s, 1)[0]+eachOf(s, 1)[1], eachOf(s, 1)[2]+eachOf(s, 1)[3]
		assert.Equal(t, [2]uint64{31 + 29, 40}, [2]uint64{first, second})
		// Two all the time; two more from the start of a set to the end of the other.
		x := s.Nodes[1].Fleet
		extra := float64(2*205+(315-305)+(325-305)) + float64(2*105+(715-705)+(725-705))
		assert.InDelta(t, 2000*ms+extra*ms, x.Started.Float64(), 0)
		assert.InDelta(t, 2000*ms, x.InService.Float64(), 0)
		assert.Equal(t, [2]uint64{4, 4}, [2]uint64{x.Starts, x.Stops})
	}
}

func TestTheNewSetIsCold(t *testing.T) {
	// Two tokens, no more for ages: the second set has two of its own.
	web := server("web", ServerSpec{Cores: 9, RateLimit: &RateLimit{Tokens: 1, Per: 1e15, Burst: 2}}, cpu(1))
	_, s := rollout(t, specFor(1, users(1, Policy{}, regular(10, 100)...), web), nil, replaces(BlueGreen, 1, 1, 45, 100, 0))
	assert.Equal(t, [4]uint64{4, 0, 6, 0}, ends(s, 0))
	assert.Equal(t, []uint64{5, 5}, eachOf(s, 1))
}

func TestANewMachineIsFasterFromThenOn(t *testing.T) {
	web := server("web", ServerSpec{Speed: 1, Cores: 1, Concurrency: 1, Memory: 1000, MemoryBase: 10}, cpu(20), Step{Kind: StepWait, ID: 9, Time: constantLawOf(8)})
	faster := *web.Server
	faster.Speed, faster.Cores, faster.Concurrency, faster.Memory = 4, 2, 3, 5000
	for _, how := range []Strategy{Rolling, BlueGreen, InPlace} {
		d := replaces(how, 1, 1, 300, 100, 100)
		d.Machine = 0
		_, s := rollout(t, specFor(1, users(1, Policy{}, 0, 600, 600, 600), web), []*ServerSpec{&faster}, d)
		require.Equal(t, [4]uint64{4, 0, 0, 0}, ends(s, 0))
		l := &s.Clients[0].Ops[0].Latency
		assert.InDelta(t, 28*ms, float64(l.Max()), 0.3*ms, "before")
		// Three workers, two cores: 5 + 2 ms twice, and one that waits 5 ms.
		assert.InDelta(t, (28+7+7+12)*ms, l.Sum().Float64(), 0)
		old, span := 300.0, 600.0
		if how == BlueGreen {
			old = 400 // it serves until the other one is there
		}
		assert.InDelta(t, (old+2*span)*ms, s.Nodes[1].CPU.Capacity.Float64(), 0, how)
		assert.InDelta(t, (old+3*span)*ms, s.Nodes[1].Workers.Capacity.Float64(), 0)
		assert.InDelta(t, (1000*old+5000*span)*ms, s.Nodes[1].Memory.Capacity.Float64(), 0)
		up := 0.0
		for _, w := range s.Nodes[1].Series {
			up += w.CoresUp * float64(s.WindowSize)
		}
		assert.InDelta(t, s.Nodes[1].CPU.Capacity.Float64(), up, 1)
	}
}

func TestANewMachineHasAnotherDiskAndNetwork(t *testing.T) {
	client := users(1, Policy{}, 0, 500)
	client.Client.ResponseSize = constantLawOf(1000 / ms)
	web := server("web", ServerSpec{Speed: 1, Cores: 1, Disk: Disk{Ops: 100}}, Step{Kind: StepDisk, ID: 4, Ops: constantLawOf(1 / ms)})
	other := *web.Server
	other.Disk.Ops, other.Network = 1000, 100_000
	d := replaces(InPlace, 1, 1, 300, 100, 100)
	d.Machine = 0
	_, s := rollout(t, specFor(1, client, web), []*ServerSpec{&other}, d)
	// 10 ms, and no limit on the wire; then 1 ms and 10 ms for 1000 bytes.
	assert.InDelta(t, (10+1+10)*ms, s.Clients[0].Ops[0].Latency.Sum().Float64(), 0)
	assert.InDelta(t, 10*ms, s.Nodes[1].Network.Busy.Float64(), 0)
}

func TestDeploysOfANodeWaitForEachOther(t *testing.T) {
	web := spread(server("web", ServerSpec{Speed: 1, Cores: 1}, cpu(8)), 2)
	fast := *web.Server
	fast.Speed = 2
	first, second := replaces(Rolling, 1, 2, 100, 100, 100), replaces(Rolling, 1, 2, 150, 100, 50)
	second.Machine = 0
	_, s := rollout(t, specFor(1, users(1, Policy{}, 50, 500), web), []*ServerSpec{&fast}, first, second)
	assert.Equal(t, []sim.Time{300 * msec, 400 * msec}, []sim.Time{s.Deploys[0].Finished, s.Deploys[1].Finished})
	assert.InDelta(t, 12*ms, s.Clients[0].Ops[0].Latency.Sum().Float64(), 0, "8 ms, and then 4")
}

func TestAFaultDuringADeploy(t *testing.T) {
	for _, how := range []Strategy{Rolling, BlueGreen, InPlace} {
		spec := specFor(1, users(1, Policy{}, regular(10, 1000)...), spread(server("web", ServerSpec{Cores: 9}, cpu(5)), 2))
		spec.Faults = []fault.Fault{strikes(fault.Kill, 1, 0, 90, 400), strikes(fault.Hang, 1, 1, 250, 100)}
		_, s := rollout(t, spec, nil, replaces(how, 1, 2, 100, 50, 100))
		assert.Less(t, s.Deploys[0].Finished, 451*msec, how)
		e := ends(s, 0)
		assert.Equal(t, uint64(100), e[0]+e[3], how)
		if how == BlueGreen { // 0 and 1 are gone by 250 ms
			assert.LessOrEqual(t, s.Nodes[1].Instances[0].Up, 90*msec)
			continue
		}
		assert.Equal(t, 600*msec, s.Nodes[1].Instances[0].Up, "dead for 400 ms, in which it is replaced")
		assert.Equal(t, 900*msec, s.Nodes[1].Instances[1].Up)
	}
}

func TestReplicasAreReplacedBeforeTheirPrimary(t *testing.T) {
	at := regular(10, 1000)
	orders := holds(DatabaseSpec{Replicas: 2}, Access{Kind: Write}, cpu(1))
	_, s := rollout(t, specFor(1, users(1, Policy{}, at...), orders), nil, replaces(Rolling, 1, 3, 100, 100, 50))
	// The replicas are away from 100 to 200 ms, the primary from 200 to 250.
	assert.Equal(t, [4]uint64{95, 0, 0, 5}, ends(s, 0))
	assert.Equal(t, 250*msec, s.Deploys[0].Finished)

	reads := holds(DatabaseSpec{Replicas: 2}, Access{Kind: Read, Route: ReadReplicas}, cpu(5))
	_, s = rollout(t, specFor(1, users(1, Policy{}, at...), reads), nil, replaces(Rolling, 1, 3, 101, 100, 50))
	assert.Equal(t, [4]uint64{100, 0, 0, 0}, ends(s, 0), "the other replica answers")
}

func TestReplicasCatchUpAfterTheirDeploy(t *testing.T) {
	orders := holds(DatabaseSpec{Replicas: 1, Replication: ReplicationSpec{Lag: constantLawOf(30), Apply: constantLawOf(4)}}, Access{Kind: Write}, cpu(1))
	orders.Server.Speed = 1
	fast := *orders.Server
	fast.Speed = 2
	d := replaces(Rolling, 1, 2, 100, 1000, 100)
	d.Machine = 0
	_, s := rollout(t, specFor(1, users(1, Policy{}, 0, 60, 80, 85), orders), []*ServerSpec{&fast}, d)
	assert.Equal(t, [4]uint64{4, 0, 0, 0}, ends(s, 0))
	// The replica is not kept from leaving by what is still on its way to it. It
	// is back at 200 ms, and then applies a write in 2 ms instead of 4.
	assert.Equal(t, 300*msec, s.Deploys[0].Finished)
	lag := &s.Nodes[1].Replication.Lag
	assert.Equal(t, uint64(4), lag.Count())
	assert.InDelta(t, (34+34)*ms+(202-81)*ms+(204-86)*ms, lag.Sum().Float64(), 0)
}

func TestADeployEmptiesACache(t *testing.T) {
	client := always(users(1, Policy{}, regular(10, 1000)...), 3)
	cache := Node{Name: "near", Kind: Cache, Instances: 1, Cache: &CacheSpec{Policy: lru, Capacity: 9, Latency: constantLawOf(1), Origin: &Target{Node: 2, Op: "request"}}}
	_, s := rollout(t, specFor(1, client, cache, server("zdb", ServerSpec{}, cpu(1))), nil, replaces(InPlace, 1, 1, 105, 100, 50))
	assert.Equal(t, uint64(2), s.Nodes[1].Misses, "the first, and the first afterwards")
	assert.Equal(t, [4]uint64{95, 0, 0, 5}, ends(s, 0))
	assert.InDelta(t, 1000*ms, s.Nodes[1].Fleet.Started.Float64(), 0)
}

func TestQueuesKnowOfDeploys(t *testing.T) {
	spec := specFor(1, users(1, Policy{}, regular(1, 40)...), mail(2, QueueSpec{}), spread(worker(10), 2))
	_, s := rollout(t, spec, nil, replaces(InPlace, 2, 2, 55, 100, 100))
	assert.Equal(t, [7]uint64{40, 40, 0, 40}, fates(s, 1), "what waits, waits on; nothing is redelivered")
	assert.Equal(t, 161*msec, s.Deploys[0].Finished, "the second worker has had its message since 51 ms")
}

// A machine that is dead when its place is taken is not waited for: the fault
// has passed when the machine has gone.
func TestAFaultOfWhatIsReplacedPasses(t *testing.T) {
	spec := specFor(1, fronted(true, users(1, Policy{}, regular(10, 1000)...), spread(server("web", ServerSpec{Cores: 9}, cpu(25)), 2))...)
	spec.Nodes[2].Balancer.Health = &HealthSpec{Interval: 20 * msec, Timeout: 10 * msec, Unhealthy: 1, Healthy: 50}
	web := &spec.Nodes[1]
	web.Deployed, web.Initial, web.MostInService, web.Instances = true, 2, 2, 4
	spec.Deploys = []Deploy{replaces(BlueGreen, 1, 2, 300, 1000, 200)}
	spec.Faults = []fault.Fault{strikes(fault.Kill, 1, 0, 200, 290)}
	s, err := NewNetwork(spec, 0).Run(nil)
	require.NoError(t, err)
	assert.Less(t, s.Faults[0].Detected, 230*msec)
	assert.GreaterOrEqual(t, s.Faults[0].Recovered, 500*msec, "it is out of rotation until it goes")
	assert.Less(t, s.Faults[0].Recovered, 560*msec)
}

// A second set without another machine is what the first has become.
func TestASecondSetIsWhatTheFirstHasBecome(t *testing.T) {
	web := server("web", ServerSpec{Speed: 1}, cpu(8))
	fast := *web.Server
	fast.Speed = 2
	first, second := replaces(Rolling, 1, 1, 100, 100, 100), replaces(BlueGreen, 1, 1, 300, 100, 100)
	first.Machine = 0
	_, s := rollout(t, specFor(1, users(1, Policy{}, 50, 500), web), []*ServerSpec{&fast}, first, second)
	assert.InDelta(t, 12*ms, s.Clients[0].Ops[0].Latency.Sum().Float64(), 0, "8 ms, and then 4")
}
