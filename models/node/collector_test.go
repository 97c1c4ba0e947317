package node

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// collects is a collector that pauses after so many bytes, at so many for each
// request.
func collects(threshold uint64, allocates, milliseconds float64) *CollectorSpec {
	return &CollectorSpec{Threshold: threshold, Allocates: dist.Constant{Value: allocates}, Pause: constantLawOf(milliseconds)}
}

func TestAPauseStopsTheWholeInstance(t *testing.T) {
	// One core of 2 ms. The third request, at 2 ms, brings a pause until 7 ms,
	// in which the second one is at work and the fourth comes in.
	web := server("web", ServerSpec{Collector: collects(1000, 400, 5)}, cpu(2))
	spec := specFor(1, users(1, Policy{}, 0, 1, 2, 3), web)
	n := NewNetwork(spec, 0)
	s, err := n.Run(nil)
	require.NoError(t, err)
	h := &s.Clients[0].Ops[0].Latency
	assert.Equal(t, [2]int64{int64(2 * msec), int64(10 * msec)}, [2]int64{h.Min(), h.Max()})
	assert.InDelta(t, (2+8+9+10)*ms, h.Sum().Float64(), 0)
	c := s.Nodes[1].Collector
	assert.Equal(t, uint64(1), c.Pauses)
	assert.InDelta(t, 5*ms, c.Paused.Float64(), 0)
	assert.Equal(t, uint64(1), c.Pause.Count())
	assert.Equal(t, sim.Second, s.Nodes[1].Instances[0].Up, "it is up all the time")
	assert.Empty(t, n.leftover())
}

// What is allocated in a pause counts to the next; what is enough for one at
// its end begins it at once.
func TestPausesDoNotOverlap(t *testing.T) {
	web := server("web", ServerSpec{Collector: collects(1000, 500, 10)}, pause(1))
	// Pauses begin at 1, 11 (two came in the first), 31 and 41 ms.
	s := simulate(t, 1, users(1, Policy{}, 0, 1, 3, 4, 30, 31, 35, 36, 37, 60), web)
	c := s.Nodes[1].Collector
	assert.Equal(t, uint64(4), c.Pauses)
	assert.InDelta(t, 40*ms, c.Paused.Float64(), 0)
	assert.Equal(t, uint64(10), s.Clients[0].Ops[0].OK)
}

// Waits and time-outs of a process that stands still come late; who calls it
// has clocks of his own.
func TestAPauseDelaysWaitsButNotCallers(t *testing.T) {
	web := server("web", ServerSpec{Collector: collects(100, 100, 20)}, pause(1))
	s := simulate(t, 1, users(1, Policy{Timeout: 15 * msec}, 0), web)
	assert.Equal(t, [4]uint64{0, 1, 0, 0}, ends(s, 0))
	assert.Equal(t, uint64(1), s.Nodes[1].Completions)
	assert.InDelta(t, 21*ms, float64(s.Nodes[1].Response.Max()), 0)
}

func TestKillsAndHangsInAPause(t *testing.T) {
	web := func() Node {
		return server("web", ServerSpec{Collector: collects(100, 100, 20)}, pause(1))
	}
	run := func(f ...fault.Fault) (*Snapshot, *Network) {
		spec := specFor(1, users(1, Policy{}, 0, 40, 100), web())
		spec.Faults = f
		n := NewNetwork(spec, 0)
		s, err := n.Run(nil)
		require.NoError(t, err)
		assert.Empty(t, n.leftover())
		return s, n
	}
	s, _ := run()
	assert.InDelta(t, 60*ms, s.Nodes[1].Collector.Paused.Float64(), 0)
	assert.InDelta(t, 3*21*ms, s.Clients[0].Ops[0].Latency.Sum().Float64(), 0)

	// Killed in the first pause, from 5 to 10 ms: the pause dies with it.
	s, n := run(strikes(fault.Kill, 1, 0, 5, 5))
	assert.Equal(t, [4]uint64{2, 0, 0, 1}, ends(s, 0))
	assert.Equal(t, uint64(3), s.Nodes[1].Collector.Pauses)
	assert.Equal(t, uint64(2), s.Nodes[1].Collector.Pause.Count(), "one was cut short")
	assert.InDelta(t, 45*ms, s.Nodes[1].Collector.Paused.Float64(), 0)
	assert.Equal(t, fault.Up, n.insts[1].state)
	assert.Equal(t, 10*msec, s.Faults[0].Recovered, "nothing of the pause is left")

	// A hang that begins in a pause and ends after it, and the other way round.
	s, _ = run(strikes(fault.Hang, 1, 0, 5, 30))
	assert.InDelta(t, (36+21+21)*ms, s.Clients[0].Ops[0].Latency.Sum().Float64(), 0)
	s, _ = run(strikes(fault.Hang, 1, 0, 90, 20))
	assert.InDelta(t, (21+21+21)*ms, s.Clients[0].Ops[0].Latency.Sum().Float64(), 0, "it waits until 120 ms for its pause, which began with it")
	assert.Equal(t, 120*msec, s.Faults[0].Recovered)
}

// Pauses at regular times, against a queue that is worked off by hand: one
// core, exponential gaps, and work that stands still in each pause.
func TestRegularPausesAgainstALineByHand(t *testing.T) {
	const step, length, work = 100.0, 17.0, 5.0
	r := rand.New(rand.NewPCG(1, 2))
	var at []float64
	for now := r.ExpFloat64() * 9; now < 9000; now += r.ExpFloat64() * 9 {
		at = append(at, now)
	}
	web := server("web", ServerSpec{Collector: &CollectorSpec{Every: sim.FromNanoseconds(step * ms), Pause: constantLawOf(length)}}, cpu(work))
	spec := specFor(10, users(1, Policy{}, at...), web)
	n := NewNetwork(spec, 0)
	s, err := n.Run(nil)
	require.NoError(t, err)

	stream := sim.Named(spec.Run.Seed, 0, "web[0]", "gc")
	phase := stream.Float64() * step
	free, sum := 0.0, 0.0
	for _, a := range at {
		begin := max(a, free)
		free = workedOff(begin, work, phase, step, length)
		sum += free - a
	}
	got := s.Clients[0].Ops[0].Latency.Sum().Float64() / ms
	assert.InEpsilon(t, sum, got, 1e-6)
	assert.Greater(t, sum/float64(len(at)), 2*work, "pauses make a queue")
	c := s.Nodes[1].Collector
	assert.InDelta(t, 100, float64(c.Pauses), 1)
	assert.InDelta(t, length/step*10_000*ms, c.Paused.Float64(), length*ms, "the share of the time is pause/every")
}

// workedOff is when work is done that begins at some moment and stands still
// in pauses.
func workedOff(begin, work, phase, step, length float64) float64 {
	now := begin
	for k := 0; ; k++ {
		from, to := phase+step*float64(k), phase+step*float64(k)+length
		switch {
		case to <= now:
		case now >= from:
			now = to
		case now+work <= from:
			return now + work
		default:
			work -= from - now
			now = to
		}
	}
}

// A pause that is longer than the time between two leaves out those that
// were due in it. After a restart the time begins anew.
func TestRegularPausesThatAreLate(t *testing.T) {
	spec := specFor(1, users(1, Policy{}, 0), server("web", ServerSpec{Collector: &CollectorSpec{Every: 100 * msec, Pause: constantLawOf(130)}}, pause(1)))
	s := simulateSpec(t, spec)
	assert.InDelta(t, 5, float64(s.Nodes[1].Collector.Pauses), 0, "every 200 ms")

	spec.Nodes[1].Server.Collector.Pause = constantLawOf(1)
	s = sufferOf(t, spec, strikes(fault.Kill, 1, 0, 0.001, 550))
	assert.Equal(t, uint64(4), s.Nodes[1].Collector.Pauses, "at 650, 750, 850 and 950 ms")
}

// A pause is of the instance, and of its own random numbers: others do not
// meet other customers for it.
func TestAPauseOfOneInstanceLeavesTheOthersAlone(t *testing.T) {
	other := server("other", ServerSpec{}, Step{Kind: StepCPU, ID: 2, Time: dist.Exponential{MeanValue: 3 * ms}})
	run := func(c *CollectorSpec) *Snapshot {
		visitors := users(2, Policy{}, oneEach(5, 900)...)
		visitors.Name = "visitors"
		return simulate(t, 1, users(1, Policy{}, oneEach(7, 900)...), server("web", ServerSpec{Collector: c}, cpu(5)), other, visitors)
	}
	a, b := run(nil), run(&CollectorSpec{Every: 20 * msec, Pause: dist.Exponential{MeanValue: 5 * ms}})
	assert.Equal(t, a.Nodes[2].Response.Sum(), b.Nodes[2].Response.Sum())
	assert.NotEqual(t, a.Nodes[1].Response.Sum(), b.Nodes[1].Response.Sum())
}
