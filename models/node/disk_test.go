package node

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/sim"
)

func exponentialOf(milliseconds float64) dist.Law {
	return dist.Exponential{MeanValue: milliseconds * ms}
}

func diskFor(milliseconds float64) Step {
	return Step{Kind: StepDisk, ID: 5, Time: constantLawOf(milliseconds)}
}

// moves is a disk step of so many operations and bytes.
func moves(ops, bytes float64) Step {
	s := Step{Kind: StepDisk, ID: 6, Ops: dist.Constant{Value: ops}}
	if bytes > 0 {
		s.Bytes = dist.Constant{Value: bytes}
	}
	return s
}

func TestDiskStepsQueueForTheDiskAndNotForCores(t *testing.T) {
	// While one is at the disk another computes.
	s := simulate(t, 1, named("a", 1, 0, 0), server("web", ServerSpec{}, cpu(4), diskFor(10)), named("b", 1, 0, 0))
	assert.InDelta(t, 14, took(s, 0), 0)
	assert.InDelta(t, 24, took(s, 1), 0, "4 to 8 ms at the core, from 14 ms at the disk")
	d := s.Nodes[1].Disk
	assert.InDelta(t, 20*ms, d.Busy.Float64(), 0)
	assert.InDelta(t, 6*ms, d.Queue.Float64(), 0)
	assert.Equal(t, int64(6*sim.Millisecond), d.Wait.Max())
	spent := s.Clients[1].Ops[0].SpentAt(1)
	assert.InDelta(t, 10*ms, spent.Wait.Float64(), 0, "4 ms for the core, 6 ms for the disk")
	assert.InDelta(t, 14*ms, spent.Service.Float64(), 0)
}

func TestTheDepthOfADiskIsHowManyAreServedAtOnce(t *testing.T) {
	web := server("web", ServerSpec{Disk: Disk{Depth: 2}}, diskFor(10))
	s := simulate(t, 1, named("a", 1, 0, 0), web, named("b", 1, 0, 0), named("c", 1, 0, 0))
	assert.InDelta(t, 10, took(s, 1), 0)
	assert.InDelta(t, 20, took(s, 2), 0)
}

func TestADiskTakesTheLongerOfOperationsAndBytes(t *testing.T) {
	for _, c := range []struct {
		name  string
		disk  Disk
		step  Step
		takes float64
	}{
		{"operations", Disk{Ops: 1000}, moves(3, 0), 3},
		{"bytes are free without a bandwidth", Disk{Ops: 1000}, moves(3, 1e9), 3},
		{"bytes", Disk{Bandwidth: 1e6}, moves(1, 5000), 5},
		{"operations are the longer", Disk{Ops: 100, Bandwidth: 1e6}, moves(2, 5000), 20},
		{"bytes are the longer", Disk{Ops: 1000, Bandwidth: 1e6}, moves(2, 5000), 5},
		{"each gets its part", Disk{Ops: 1000, Bandwidth: 1e6, Depth: 4}, moves(2, 5000), 20},
	} {
		web := server("web", ServerSpec{Disk: c.disk}, c.step)
		s := simulate(t, 1, named("a", 1, 0, 0), web)
		assert.InDelta(t, c.takes, took(s, 0), 0, c.name)
		l := loads(web, openClient(t, "10/s"))
		assert.InDelta(t, c.takes*1e-3*10, l[0].Disk, tiny, c.name)
		assert.InDelta(t, float64(c.disk.Channels()), l[0].DiskCapacity, 0)
	}
}

func TestAFullDiskDoesWhatItCanWhateverItsDepth(t *testing.T) {
	for _, depth := range []int{1, 4, 16} {
		s := simulate(t, 1, users(1, Policy{}, every(0.1, 3000)...), server("web", ServerSpec{Disk: Disk{Ops: 500, Depth: depth}}, moves(1, 0)))
		assert.InDelta(t, 500, float64(s.Nodes[1].Completions), float64(depth), "of 500 operations a second")
	}
}

func TestWhoGivesUpLeavesTheDisk(t *testing.T) {
	// a is at the disk and b waits for it when they give up at 5 ms; c gets it.
	gone := func(name string) Node {
		return cancelling(asking(name, "request", 1, Policy{Timeout: 5 * msec}, 0))
	}
	s := simulate(t, 1, gone("a"), server("web", ServerSpec{}, diskFor(20)), gone("b"), named("c", 1, 0, 1))
	assert.InDelta(t, 25-1, took(s, 2), 0)
	assert.InDelta(t, 25*ms, s.Nodes[1].Disk.Busy.Float64(), 0)
}

func TestTheQueueOfTheDiskHasAnOrder(t *testing.T) {
	// The first is served until 10 ms, then two wait: b, and c of a higher
	// priority, who came later.
	for how, second := range map[Discipline]bool{FCFS: false, LIFO: true, ByPriority: true, Preemptive: true, RoundRobin: false, ProcessorSharing: false} {
		s := simulate(t, 1, named("a", 1, 0, 0), server("web", ServerSpec{Scheduling: how, Quantum: msec}, diskFor(10)), named("b", 1, 0, 1), named("c", 1, 7, 2))
		assert.InDelta(t, 10, took(s, 0), 0, "nobody is interrupted")
		want := 30.0
		if second {
			want = 20
		}
		assert.InDelta(t, want-2, took(s, 2), 0, how)
	}
}

func TestWorkersAreHeldAtTheDisk(t *testing.T) {
	web := server("web", ServerSpec{Cores: 8, Concurrency: 4, Speed: 1, Disk: Disk{Ops: 100}}, cpu(5), moves(1, 0), pause(5))
	l := loads(web, openClient(t, "50/s"))
	assert.InDelta(t, 50*0.02, l[0].Workers, tiny)
	assert.InDelta(t, 50*0.005, l[0].CPU, tiny)
	web.Server.Scaling = Scaling{Contention: 1}
	l = loads(web, openClient(t, "50/s"))
	assert.InDelta(t, 50*0.04, l[0].CPU, tiny, "eight cores do the work of one")
	assert.InDelta(t, 50*0.055, l[0].Workers, tiny)
}
