package node

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/models/scale"
	"github.com/capsim/capsim/sim"
)

// scaled lets a server have as many instances as a controller wants, of which
// so many are there at the start.
func autoscaled(n Node, initial int, s scale.Spec) Node {
	n.Instances, n.Initial = s.Max, initial
	n.Server.Autoscale = &s
	return n
}

// controller looks every second.
func controller(metric scale.Metric, target float64, least, most int, boot sim.Time) scale.Spec {
	return scale.Spec{Min: least, Max: most, Metric: metric, Target: target, Queue: None, Every: sim.Second, Boot: boot, Drain: sim.Second}
}

// numbers are the numbers of instances that cost, at the end of each row of
// the series: with rows that nothing changes in the middle of.
func numbers(s *Snapshot, at int) []float64 {
	var list []float64
	for _, w := range s.Nodes[at].Series {
		list = append(list, w.Started)
	}
	return list
}

// through runs some seconds of requests to a server that come regularly, each
// so many milliseconds, behind a balancer.
func through(t *testing.T, seconds, step float64, web Node, faults ...fault.Fault) (*Network, *Snapshot) {
	t.Helper()
	spec := specFor(seconds, users(2, Policy{}, regular(step, seconds*1e3+1000)...), web, lb("round-robin", 1))
	spec.Run.Warmup, spec.Faults = sim.Second, faults
	n := NewNetwork(spec, 0)
	s, err := n.Run(nil)
	require.NoError(t, err)
	return n, s
}

// The published numbers, by whole runs: the first look, after a second, sees
// exactly the figure, and another one, with the new instances booting, sees no
// reason to go further.
func TestWholeRunsGiveThePublishedNumbers(t *testing.T) {
	pause := func(milliseconds float64) Step { return Step{Kind: StepWait, ID: 1, Time: constantLawOf(milliseconds)} }
	for _, c := range []struct {
		what   string
		now    int
		step   float64 // between requests
		work   Step
		metric scale.Metric
		target float64
		want   int
	}{
		{"50 at 90 % of 75 %", 50, 1, cpu(45), scale.CPU, 0.75, 60},
		{"4 at 50 % of 60 %", 4, 5, cpu(10), scale.CPU, 0.60, 4},
		{"10 at 66 % of 60 %", 10, 1, cpu(6.6), scale.CPU, 0.60, 10},
		{"10 at 67 % of 60 %", 10, 1, cpu(6.7), scale.CPU, 0.60, 12},
		{"3 at 200 of 100 requests/s", 3, 5.0 / 3, cpu(1), scale.Requests, 100, 6},
		{"3 with 2 inside of 1", 3, 5.0 / 3, pause(10), scale.Concurrency, 1, 6},
		{"10 at 30 % of 60 %", 10, 1, cpu(3), scale.CPU, 0.60, 5},
	} {
		for _, boot := range []sim.Time{300 * msec, 1500 * msec} {
			s := controller(c.metric, c.target, 1, 100, boot)
			s.Cooldown = sim.Second // or two looks in a row would both see the idleness of the first
			_, snap := through(t, 1.9, c.step, autoscaled(server("web", ServerSpec{}, c.work), c.now, s))
			x := snap.Nodes[1].Fleet
			assert.Equal(t, max(0, c.want-c.now), int(x.Starts), c.what)
			assert.Equal(t, max(0, c.now-c.want), int(x.Stops), c.what)
			assert.Equal(t, uint64(0), snap.Clients[0].Ops[0].Offered-snap.Clients[0].Ops[0].OK, "none is lost: %s", c.what)
			if c.want < c.now {
				continue // how long they drain is a matter of the requests
			}
			more := float64(c.want - c.now)
			assert.InEpsilon(t, float64(c.now)*1.9e9+float64(more*0.9e9), x.Started.Float64(), 1e-9, c.what)
			assert.InEpsilon(t, float64(c.now)*1.9e9+float64(more*max(0, 0.9e9-float64(boot))), x.InService.Float64(), 1e-9, c.what)
			capacity := snap.Nodes[1].CPU.Capacity.Float64()
			assert.InEpsilon(t, x.InService.Float64(), capacity, 1e-9, "booting is no capacity: %s", c.what)
		}
	}
}

// A step of the load from 50 to 400 requests/s at 1.5 s, for 100 to each
// instance. The look at 2 s sees 225 on average and starts two more, which are
// in service at 2.7 s. That at 3 s sees 400, 400/3 and 400/3 for parts of the
// interval: by the first alone 2.8 times too much, (0.7·400 + 0.3·400/3) = 320,
// and by the three 1.07 times, which is near enough. That at 4 s sees 133, and
// starts a fourth; then it is 100.
func TestAStepOfTheLoadIsFollowedInTime(t *testing.T) {
	at := append(regular(20, 2500), shifted(2500, regular(2.5, 7500))...)
	web := autoscaled(server("web", ServerSpec{Cores: 9}, cpu(1)), 1, controller(scale.Requests, 100, 1, 20, 700*msec))
	spec := specFor(9, users(2, Policy{}, at...), web, lb("round-robin", 1))
	spec.Run.Warmup = sim.Second
	s, err := NewNetwork(spec, 0).Run(nil)
	require.NoError(t, err)
	assert.Equal(t, 100*msec, s.WindowSize)
	got := numbers(s, 1)
	for row, want := range got {
		now := float64(row) / 10
		switch {
		case now < 2:
			want = 1
		case now < 4:
			want = 3
		default:
			want = 4
		}
		assert.InDelta(t, want, got[row], 1e-9, "%v s", now)
	}
	x := s.Nodes[1].Fleet
	assert.InEpsilon(t, (2*1+2*3+5*4)*1e9, x.Started.Float64(), 1e-9)
	assert.InEpsilon(t, (9+2*6.3+4.3)*1e9, x.InService.Float64(), 1e-9)
}

func shifted(by float64, at []float64) []float64 {
	for i := range at {
		at[i] += by
	}
	return at
}

// The load comes for a second and goes for a second. Without a cooldown the
// number swings with it, always too late; with one of 3 s it stays.
func TestCooldownHoldsBackTheScaleIn(t *testing.T) {
	var at []float64
	for second := 0.0; second < 13000; second += 2000 {
		at = append(at, shifted(second+1000, regular(5, 1000))...)
	}
	run := func(cooldown sim.Time) []float64 {
		s := controller(scale.Requests, 50, 1, 20, 0)
		s.Cooldown = cooldown
		spec := specFor(12, users(2, Policy{}, at...), autoscaled(server("web", ServerSpec{Cores: 9}, cpu(1)), 1, s), lb("round-robin", 1))
		spec.Run.Warmup = sim.Second
		snap, err := NewNetwork(spec, 0).Run(nil)
		require.NoError(t, err)
		var list []float64
		for row, n := range numbers(snap, 1) {
			if row%5 == 1 {
				list = append(list, n)
			}
		}
		return list
	}
	// In seconds 0, 2, 4, … there are 200 requests, for four instances.
	assert.InDeltaSlice(t, []float64{1, 1, 4, 4, 1, 1, 4, 4, 1, 1, 4, 4, 1, 1, 4, 4, 1, 1, 4, 4, 1, 1, 4, 4}, run(0), 1e-9)
	assert.InDeltaSlice(t, []float64{1, 1, 4, 4, 4, 4, 4, 4, 1, 1, 4, 4, 4, 4, 4, 4, 1, 1, 4, 4, 4, 4, 4, 4}, run(2100*msec), 1e-9)
}

// A backlog of 30, three of which are worked off each second by each of the
// instances: at the first look 27 wait or thereabouts, so that 10 of them for
// each instance are three.
func TestABacklogIsSharedOutAmongInstances(t *testing.T) {
	at := make([]float64, 31)
	s := controller(scale.Queue, 10, 1, 9, 500*msec)
	s.Queue = 1
	spec := specFor(6, users(1, Policy{}, at...), mail(2, QueueSpec{}), autoscaled(worker(333), 1, s))
	snap, err := NewNetwork(spec, 0).Run(nil)
	require.NoError(t, err)
	// One is taken at once; the others leave at 333, 666, 999 ms: the mean over
	// the first second is 30 − 0.667 − 0.334 − 0.001 = 28.998.
	assert.Equal(t, uint64(31), snap.Nodes[1].Queue.Acknowledged)
	assert.Equal(t, uint64(2), snap.Nodes[2].Fleet.Starts)
	assert.Equal(t, uint64(2), snap.Nodes[2].Fleet.Stops, "and gone again when it is worked off")
	one := snap.Nodes[2].Instances[0].Arrivals
	assert.Greater(t, one, snap.Nodes[2].Instances[2].Arrivals)
	assert.Equal(t, uint64(31), one+snap.Nodes[2].Instances[1].Arrivals+snap.Nodes[2].Instances[2].Arrivals)
}

func TestAScheduleRaisesTheLeastAtItsMoment(t *testing.T) {
	s := controller(scale.CPU, 0.5, 1, 9, 250*msec)
	s.Schedule = []scale.Entry{{At: 10*sim.Second + 400*msec, Min: 4}, {At: 12 * sim.Second, Min: 2}}
	s.Start = 10 * sim.Second
	_, snap := through(t, 4, 100, autoscaled(server("web", ServerSpec{}, cpu(1)), 1, s))
	x := snap.Nodes[1].Fleet
	// From 0.4 s on four, those of it in service from 0.65 s on; after the
	// entry of 2 s the look at that moment stops two.
	assert.InEpsilon(t, (4*1+3*1.6+2)*1e9, x.Started.Float64(), 0.01)
	assert.InEpsilon(t, (4*1+3*1.35+2)*1e9, x.InService.Float64(), 1e-9)
	assert.Equal(t, [2]uint64{3, 2}, [2]uint64{x.Starts, x.Stops})
}

// Those that were started last are stopped first.
func TestTheLastStartedIsStoppedFirst(t *testing.T) {
	s := controller(scale.Requests, 100, 1, 9, 0)
	at := append(regular(2.5, 2000), shifted(2000, regular(10, 5000))...)
	spec := specFor(5, users(2, Policy{}, at...), autoscaled(server("web", ServerSpec{Cores: 9}, cpu(1)), 2, s), lb("round-robin", 1))
	spec.Run.Warmup = sim.Second
	snap, err := NewNetwork(spec, 0).Run(nil)
	require.NoError(t, err)
	for k, in := range snap.Nodes[1].Instances {
		want := []float64{5, 2, 1, 1, 0, 0, 0, 0, 0}[k]
		assert.InDelta(t, want, in.Up.Seconds(), 0.02, "instance %d", k)
	}
}

// Of instances that are dead the controller knows that they do nothing: it
// asks for more than are left, but not for the whole load of the dead ones
// again and again.
func TestDeadInstancesCountAsIdle(t *testing.T) {
	s := controller(scale.CPU, 0.5, 1, 20, 0)
	web := autoscaled(server("web", ServerSpec{}, cpu(10)), 4, s)
	spec := specFor(6, users(2, Policy{}, regular(5, 7000)...), web, lb("round-robin", 1))
	spec.Nodes[2].Balancer.Health = &HealthSpec{Interval: msec, Timeout: msec, Unhealthy: 1, Healthy: 1}
	spec.Run.Warmup = sim.Second
	spec.Faults = []fault.Fault{strikes(fault.Kill, 1, 0, 1000, 5000), strikes(fault.Kill, 1, 1, 1000, 5000)}
	snap, err := NewNetwork(spec, 0).Run(nil)
	require.NoError(t, err)
	// Two are left at 100 % for the second from 1 s on: of four at 50 %, two of
	// them idle. That is 2·1.0/0.5 = 4, as many as there are.
	assert.Zero(t, snap.Nodes[1].Fleet.Starts)
	assert.InDelta(t, 24e9, snap.Nodes[1].Fleet.InService.Float64(), 0)
	assert.InDelta(t, 14e9, snap.Nodes[1].CPU.Capacity.Float64(), 0)
}

// A kill of an instance that is not there does nothing until it is started.
func TestAFaultWaitsForItsInstance(t *testing.T) {
	s := controller(scale.Requests, 100, 1, 2, 100*msec)
	web := autoscaled(server("web", ServerSpec{Cores: 9}, cpu(1)), 1, s)
	_, snap := through(t, 3, 5, web, strikes(fault.Kill, 1, 1, 500, 1500))
	assert.InDelta(t, 1900*ms, snap.Nodes[1].Fleet.InService.Float64()-3000*ms, 0, "in service it is called from 1.1 s on")
	assert.Equal(t, sim.Second, snap.Nodes[1].Instances[1].Up)
	assert.Equal(t, 2*sim.Second, snap.Faults[0].Recovered)
	assert.InDelta(t, 90, float64(snap.Clients[0].Ops[0].Errors[Unavailable-1]), 1, "every second one for 0.9 s")
	_, snap = through(t, 3, 20, autoscaled(server("web", ServerSpec{Cores: 9}, cpu(1)), 1, s), strikes(fault.Kill, 1, 1, 500, 1500))
	assert.Equal(t, 2*sim.Second, snap.Faults[0].Recovered)
	assert.Zero(t, snap.Clients[0].Ops[0].Errors[Unavailable-1])
	assert.Zero(t, snap.Nodes[1].Instances[1].Up)
}

// A controller that has nothing to do changes nothing; and the same goes for
// a pilot, in which it does nothing.
func TestAControllerWithNothingToDoChangesNothing(t *testing.T) {
	for _, direct := range []bool{false, true} {
		nodes := func(web Node) []Node {
			list := []Node{users(1, Policy{Timeout: 30 * msec, Retries: 1}, regular(7, 4000)...), web}
			if !direct {
				list[0].Client.Target.Node = 2
				list = append(list, lb("power-of-two", 1))
			}
			return list
		}
		fixed, err := NewNetwork(specFor(4, nodes(spread(server("web", ServerSpec{Concurrency: 2, Backlog: 3}, cpu(19)), 3))...), 0).Run(nil)
		require.NoError(t, err)
		busy := autoscaled(server("web", ServerSpec{Concurrency: 2, Backlog: 3}, cpu(19)), 3, controller(scale.CPU, 0.9, 3, 3, sim.Second))
		n := NewNetwork(specFor(4, nodes(busy)...), 0)
		same, err := n.Run(nil)
		require.NoError(t, err)
		assert.Equal(t, fixed.Clients, same.Clients)
		assert.Equal(t, fixed.Nodes[1].CPU, same.Nodes[1].CPU)
		assert.Equal(t, fixed.Nodes[1].Instances, same.Nodes[1].Instances)
		n.advance(n.eng.Now() + 10*sim.Second)
		assert.Empty(t, n.leftover())
	}
	growing := autoscaled(server("web", ServerSpec{}, cpu(19)), 3, controller(scale.CPU, 0.1, 3, 9, 0))
	pilot := NewNetwork(specFor(4, users(1, Policy{}, regular(10, 4000)...), growing), Pilot)
	_, _, err := pilot.FindWarmup(nil)
	require.NoError(t, err)
	assert.Equal(t, int64(3), pilot.nodes[1].fleet.started)
}

func TestNewInstancesStandInTheZonesInTurn(t *testing.T) {
	web := autoscaled(server("web", ServerSpec{Cores: 9}, cpu(1)), 1, controller(scale.Requests, 50, 1, 3, 0))
	web.Zones = []int{0, 1}
	spec := specFor(3, users(1, Policy{}, regular(5, 3000)...), web)
	spec.Zones, spec.Network = []string{"a", "b"}, &NetworkSpec{SameZone: constantLawOf(1)}
	n := NewNetwork(spec, 0)
	_, err := n.Run(nil)
	require.NoError(t, err)
	first := n.nodes[1].first
	assert.Equal(t, []int32{0, 1, 0}, []int32{n.insts[first].zone, n.insts[first+1].zone, n.insts[first+2].zone})
	assert.Equal(t, int64(3), n.nodes[1].fleet.started)
}
