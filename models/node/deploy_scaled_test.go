package node

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/scale"
	"github.com/capsim/capsim/sim"
)

// scaledRollout runs a deploy of a server with autoscale, of which there are
// so many at first, under a request each so many milliseconds.
func scaledRollout(t *testing.T, how Strategy, at, boot float64, initial int, s scale.Spec, step float64, fast *ServerSpec) *Snapshot {
	t.Helper()
	web := server("web", ServerSpec{Cores: 4}, cpu(4))
	web.Server.Speed = 1
	spec := specFor(10, users(2, Policy{}, regular(step, 11_000)...), autoscaled(web, initial, s), lb("round-robin", 1))
	spec.Run.Warmup = sim.Second
	d := replaces(how, 1, s.Max, at, 500, boot)
	if fast != nil {
		spec.Nodes[1].Machines, d.Machine = []*ServerSpec{fast}, 0
	}
	spec.Nodes[1].Deployed, spec.Deploys = true, []Deploy{d}
	if how == BlueGreen {
		n := &spec.Nodes[1]
		n.Initial, n.MostInService, n.Instances = initial, s.Max, 2*s.Max
	}
	n := NewNetwork(spec, 0)
	out, err := n.Run(nil)
	require.NoError(t, err)
	return out
}

// The load asks for four, of which there are three when the deploy begins, at
// 500 ms. The controller starts the fourth at 1 s, which boots for 2 s and is
// as new as the others; and it counts those that are being replaced.
func TestAControllerStartsWhatIsNewDuringADeploy(t *testing.T) {
	fast := *server("web", ServerSpec{Cores: 4}, cpu(4)).Server
	fast.Speed = 4
	s := controller(scale.Requests, 25, 1, 6, 2*sim.Second)
	out := scaledRollout(t, Rolling, 500, 900, 3, s, 10, &fast)
	x := out.Nodes[1].Fleet
	assert.Equal(t, uint64(1), x.Starts-3, "three are replaced, and one is started")
	assert.Equal(t, uint64(3), x.Stops)
	assert.InDelta(t, float64(3*10*sim.Second+9*sim.Second), x.Started.Float64(), float64(30*msec), "the fourth from 1 s on")
	// Each drains for at most 4 ms and boots for 900: 500 to 3204 ms at the most.
	assert.InDelta(t, 3200, float64(out.Deploys[0].Finished)/float64(msec), 15)
	assert.Equal(t, [4]uint64{1000, 0, 0, 0}, ends(out, 0), "nobody notices")
	busy := out.Nodes[1].CPU.Busy.Float64() / ms
	// 4 ms each until 500 ms, then more and more of them 1 ms; all after 3.2 s.
	assert.Less(t, busy, 680+50+270*4.0)
	assert.Greater(t, busy, 680+50*4+270.0)
}

// There are six, and the load asks for two: at 1 s four are stopped, first
// those that the deploy has taken away, for which it does not wait.
func TestADeployDoesWithoutWhatAControllerStops(t *testing.T) {
	s := controller(scale.Requests, 50, 1, 6, 0)
	out := scaledRollout(t, Rolling, 900, 300, 6, s, 10, nil)
	x := out.Nodes[1].Fleet
	assert.Equal(t, [4]uint64{1000, 0, 0, 0}, ends(out, 0))
	assert.InDelta(t, float64(6*sim.Second+2*9*sim.Second), x.Started.Float64(), float64(50*msec))
	assert.Less(t, out.Deploys[0].Finished, 1700*msec, "two are replaced after that, one after the other")
	assert.Greater(t, out.Deploys[0].Finished, 1500*msec)
}

// While the second set boots the controller waits; then it has that set.
func TestASecondSetIsAsLargeAsTheFirstHasBecome(t *testing.T) {
	s := controller(scale.Requests, 25, 1, 6, 0)
	out := scaledRollout(t, BlueGreen, 2500, 2000, 2, s, 10, nil)
	x := out.Nodes[1].Fleet
	// Two until 1 s, four then, eight from 2.5 to 4.5 s, and four again.
	assert.InDelta(t, float64(2*sim.Second+4*9*sim.Second+4*2*sim.Second), x.Started.Float64(), float64(50*msec))
	assert.Equal(t, [2]uint64{2 + 4, 4}, [2]uint64{x.Starts, x.Stops})
	assert.Equal(t, [4]uint64{1000, 0, 0, 0}, ends(out, 0))
	assert.InDelta(t, 4500, float64(out.Deploys[0].Finished)/float64(msec), 5)
}

// All that there are go at once, those that boot too, and what comes
// meanwhile is lost.
func TestAnInPlaceDeployReplacesWhatThereIs(t *testing.T) {
	s := controller(scale.Requests, 25, 1, 6, 5*sim.Second)
	out := scaledRollout(t, InPlace, 2500, 1000, 2, s, 10, nil)
	x := out.Nodes[1].Fleet
	assert.Equal(t, [2]uint64{2 + 4, 4}, [2]uint64{x.Starts, x.Stops})
	assert.InDelta(t, float64(2*sim.Second+4*9*sim.Second), x.Started.Float64(), float64(50*msec))
	assert.InDelta(t, 100, float64(ends(out, 0)[3]), 2)
	assert.InDelta(t, 3500, float64(out.Deploys[0].Finished)/float64(msec), 5)
}

// One that boots as a larger machine does not make the old one, which serves
// alone meanwhile, less busy: 100/s of 4 ms are 10 % of its four cores.
func TestCoresAreBusyAsTheInstanceHasThem(t *testing.T) {
	large := *server("web", ServerSpec{Cores: 12}, cpu(4)).Server
	s := controller(scale.CPU, 0.1, 1, 2, 0)
	out := scaledRollout(t, Rolling, 100, 100_000, 2, s, 10, &large)
	assert.Equal(t, sim.Never, out.Deploys[0].Finished)
	assert.Equal(t, [2]uint64{1, 1}, [2]uint64{out.Nodes[1].Fleet.Starts, out.Nodes[1].Fleet.Stops})
}
