package node

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// oneEach is a list of moments, in milliseconds.
func oneEach(step, until float64) (at []float64) {
	for x := step; x <= until; x += step {
		at = append(at, x)
	}
	return at
}

func TestAnInstanceWithoutRoomIsKilled(t *testing.T) {
	// Two fit into each instance. The third of the second instance, at 104 ms,
	// takes the others there with it; what comes before 154 ms finds nobody.
	web := spread(server("web", ServerSpec{Memory: 130, MemoryBase: 50, MemoryPerRequest: dist.Constant{Value: 40}, Boot: 50 * msec}, pause(30)), 2)
	spec := specFor(1, users(1, Policy{}, 0, 1, 2, 100, 101, 102, 103, 104, 134, 140, 141, 160), web)
	n := NewNetwork(spec, 0)
	s, err := n.Run(nil)
	require.NoError(t, err)
	// In turn: that of 0 to instance 0, 1 to 1, 2 to 0, 100 to 1, and so on.
	assert.Equal(t, &Exhaustion{Kills: 1, Instance: 1, First: 104 * msec, Most: 170, Size: 130}, s.Nodes[1].Exhausted)
	assert.Equal(t, [4]uint64{8, 0, 0, 4}, ends(s, 0), "three are killed, that of 140 ms is refused")
	assert.Equal(t, 950*msec, s.Nodes[1].Instances[1].Up)
	assert.InDelta(t, 130*1.95e9, s.Nodes[1].Memory.Capacity.Float64(), 0, "a dead one is no capacity")
	assert.Equal(t, 50*2.0, float64(n.nodes[1].memory), "it has its base again")
	assert.Empty(t, n.leftover())
}

func TestNothingIsKilledBeforeTheWindow(t *testing.T) {
	tight := server("web", ServerSpec{Memory: 130, MemoryBase: 140, Boot: 400 * msec}, pause(30))
	spec := specFor(1, users(1, Policy{}, 0), tight)
	spec.Run.Warmup = sim.Second
	s := simulateSpec(t, spec)
	assert.Equal(t, &Exhaustion{Kills: 3, Instance: 0, First: 0, Most: 140, Size: 130}, s.Nodes[1].Exhausted, "at 0, 400 and 800 ms")
	assert.Zero(t, s.Nodes[1].Instances[0].Up)
}

// Constant arrivals leak until the memory is full: at the request that goes
// beyond it. That of 1010 ms ends at 1011 ms and is the 101st. It is back at
// 1511 ms; the next one is of 1520 ms, and the 101st after that of 2520 ms.
func TestALeakFillsTheMemoryInTime(t *testing.T) {
	web := server("web", ServerSpec{Memory: 1000, MemoryBase: 300, LeakPerRequest: dist.Constant{Value: 7}, Boot: 500 * msec}, pause(1))
	spec := specFor(3, users(1, Policy{}, oneEach(10, 2990)...), web)
	n := NewNetwork(spec, 0)
	s, err := n.Run(nil)
	require.NoError(t, err)
	assert.Equal(t, &Exhaustion{Kills: 2, Instance: 0, First: 1011 * msec, Most: 1007, Size: 1000}, s.Nodes[1].Exhausted)
	assert.Equal(t, 2*sim.Second+21*msec, s.Nodes[1].Instances[0].Up, "0 to 1011 and 1511 to 2521 ms")
	assert.Equal(t, [4]uint64{202, 0, 0, 97}, ends(s, 0), "who ended at that moment was answered")
	// Base, and a saw-tooth of 7, 14, … for 10 ms each; the last is cut at once.
	sum := 7.0 * 100 * 101 / 2 * 10 * ms
	assert.InDelta(t, 300*2021*ms+2*sum, s.Nodes[1].Memory.Busy.Float64(), 0)
	n.advance(4 * sim.Second)
	assert.Empty(t, n.leftover())

	spec.Run.Warmup = 4 * sim.Second // a trace begins with it: all of it is over before the window
	s = simulateSpec(t, spec)
	assert.Nil(t, s.Nodes[1].Exhausted)
	assert.InDelta(t, 300*3e9, s.Nodes[1].Memory.Busy.Float64(), 0, "nothing leaks in the warm-up")
}

func TestAKillByAFaultTakesTheLeakToo(t *testing.T) {
	web := server("web", ServerSpec{Memory: 1000, MemoryBase: 300, LeakPerRequest: dist.Constant{Value: 7}, Boot: 500 * msec}, pause(1))
	// Killed at 905 ms, after 90 requests; that of 1020 ms is the first again.
	spec := specFor(3, users(1, Policy{}, oneEach(10, 2990)...), web)
	s := sufferOf(t, spec, strikes(fault.Kill, 1, 0, 905, 110))
	assert.Equal(t, &Exhaustion{Kills: 1, Instance: 0, First: 2021 * msec, Most: 1007, Size: 1000}, s.Nodes[1].Exhausted)

	// Killed at the very moment at which it runs out: once is enough, and the
	// fault says for how long.
	spec = specFor(3, users(1, Policy{}, oneEach(10, 1500)...), web)
	s = sufferOf(t, spec, strikes(fault.Kill, 1, 0, 1011, 100))
	up := 3*sim.Second - 500*msec
	if s.Nodes[1].Exhausted == nil {
		up = 3*sim.Second - 100*msec
	}
	assert.Equal(t, up, s.Nodes[1].Instances[0].Up)

	// A fault in the boot time ends later than that.
	s = sufferOf(t, spec, strikes(fault.Kill, 1, 0, 1311, 900))
	assert.Equal(t, 3*sim.Second-1200*msec, s.Nodes[1].Instances[0].Up)
}

func TestMemoryThatIsEnoughChangesNothing(t *testing.T) {
	fingerprint := func(size uint64) string {
		web := server("web", ServerSpec{Memory: size, MemoryPerRequest: dist.Constant{Value: 40}, Boot: sim.Second}, cpu(9))
		s := simulate(t, 1, users(1, Policy{}, oneEach(10, 900)...), web)
		assert.Nil(t, s.Nodes[1].Exhausted)
		print := sim.NewFingerprint()
		s.Nodes[1].Memory.Capacity = s.Nodes[1].InFlight
		s.Fold(print)
		return print.String()
	}
	assert.Equal(t, fingerprint(0), fingerprint(50))
}
