package node

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/sim"
)

// leaky makes a server that leaks 7 bytes with each request, and has 300 of
// its own.
func leaky(memory uint64, boot sim.Time) Node {
	return server("web", ServerSpec{Memory: memory, MemoryBase: 300, LeakPerRequest: dist.Constant{Value: 7}, Boot: boot}, pause(1))
}

func TestADeployThatLimitsMemoryHasItRunOut(t *testing.T) {
	web := leaky(0, 500*msec)
	small := *web.Server
	small.Memory = 1000
	d := replaces(InPlace, 1, 1, 995, 100, 0)
	d.Machine = 0
	spec := specFor(3, users(1, Policy{}, oneEach(10, 2990)...), web)
	_, s := rollout(t, spec, []*ServerSpec{&small}, d)
	// The new one is empty at 995 ms, and the 101st request after that is of 2000.
	assert.Equal(t, &Exhaustion{Kills: 1, Instance: 0, First: 2001 * msec, Most: 1007, Size: 1000}, s.Nodes[1].Exhausted)
	assert.Equal(t, 2500*msec, s.Nodes[1].Instances[0].Up)
	assert.True(t, s.Nodes[1].Memory.Capacity.IsZero(), "it had no limit for a while: nobody can say how full it was")
	assert.False(t, s.Nodes[1].Memory.Busy.IsZero())
}

func TestADeployThatLiftsTheLimitOfMemoryHasNothingRunOut(t *testing.T) {
	web := leaky(1000, 500*msec)
	large := *web.Server
	large.Memory = 0
	d := replaces(InPlace, 1, 1, 995, 100, 0)
	d.Machine = 0
	spec := specFor(3, users(1, Policy{}, oneEach(10, 2990)...), web)
	_, s := rollout(t, spec, []*ServerSpec{&large}, d)
	assert.Nil(t, s.Nodes[1].Exhausted)
	assert.Equal(t, [4]uint64{299, 0, 0, 0}, ends(s, 0))
}

// What is replaced while it begins anew after a kill is another one, which
// does not go on with that.
func TestAReplacedInstanceDoesNotWaitForTheRestartOfTheOld(t *testing.T) {
	spec := specFor(3, users(1, Policy{}, oneEach(10, 2000)...), leaky(1000, 900*msec))
	_, s := rollout(t, spec, nil, replaces(InPlace, 1, 1, 1105, 1000, 100))
	// Killed at 1011 ms, replaced at 1105, back at 1205.
	assert.Equal(t, &Exhaustion{Kills: 1, Instance: 0, First: 1011 * msec, Most: 1007, Size: 1000}, s.Nodes[1].Exhausted)
	assert.Equal(t, 1205*msec, s.Deploys[0].Finished)
	assert.Equal(t, 3*sim.Second-194*msec, s.Nodes[1].Instances[0].Up)
	assert.Equal(t, [4]uint64{181, 0, 0, 19}, ends(s, 0), "those of 1020 to 1200 ms")
}
