package study

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/theory"
)

// Half of the time the server is an M/M/1 of one speed, and half of the time
// of another: the requests, which come as fast all the time, are half of each
// kind. Each strategy leads from one to the other.
func TestADeployChangesTheServiceTimeFromThenOn(t *testing.T) {
	const lambda, mu, speed = 80.0, 100.0, 2.0
	slow := theory.MMc{Lambda: lambda, Mu: mu, C: 1}
	fast := theory.MMc{Lambda: lambda, Mu: speed * mu, C: 1}
	for _, strategy := range []string{"rolling", "blue-green", "in-place"} {
		a := answerTo(t, map[string]keyAnswer{}, fmt.Sprintf("[client.users]\ntarget = \"web\"\narrivals = \"poisson 80/s\"\n[server.web]\non.request = [{ cpu = \"exp 10ms\" }]\n"+
			"[[deploy]]\nat = \"1500s\"\ntarget = \"web\"\nboot = \"1ms\"\nstrategy = %q\nset = { speed = 2 }\n[run]\nduration = \"3000s\"\nwarmup = \"60s\"\nreplications = 12\n", strategy), "")
		narrowlyNear(t, (slow.ResponseMean()+fast.ResponseMean())/2, 0.04, a.Clients["users"].LatencyS["mean"])
		narrowlyNear(t, (lambda/mu+lambda/mu/speed)/2, 0.01, a.estimate(t, cpuUsed))
		require.Len(t, a.Deploys, 1)
		assert.Less(t, float64(a.Deploys[0].FailedRequests), 12*0.5*lambda, "none but while it drains what is there")
	}
}

// narrowlyNear demands that an interval holds the truth, and is narrow: a share of it.
func narrowlyNear(t *testing.T, truth, narrow float64, e result.Estimate) {
	t.Helper()
	require.NotNil(t, e.HalfWidth)
	assert.InDelta(t, truth, *e.Mean, *e.HalfWidth)
	assert.Less(t, *e.HalfWidth, narrow*truth)
}

// Four workers do 400 messages a second, and three of them 300: while one
// after the other is replaced, for 2 s each, of 350 a second 50 are left over.
// A fluid of 400 messages has come together when the deploy ends, and is gone
// as long after that.
func TestARollingDeployLeavesAFractionOfTheCapacity(t *testing.T) {
	const base = "[client.users]\ntarget = \"web\"\narrivals = \"constant 350/s\"\n[server.web]\ncores = 1000\non.request = [{ publish = \"mail\" }]\n" +
		"[queue.mail]\nconsumer = \"worker\"\n[server.worker]\ninstances = 4\nconcurrency = 1\non.request = [{ wait = \"10ms\" }]\n" +
		"[[deploy]]\nat = \"10s\"\ntarget = \"worker\"\nboot = \"2s\"\nbatch = %d\n[run]\nduration = \"60s\"\nwarmup = \"1s\"\nreplications = 2\n"
	for batch, left := range map[int]float64{1: 300, 2: 200, 4: 0} {
		a := answerTo(t, map[string]keyAnswer{}, fmt.Sprintf(base, batch), "")
		length := 2 * 4 / float64(batch)
		most := (350 - left) * length
		area := most * (length + most/(400-350)) / 2 // a triangle
		assert.InEpsilon(t, area/60, *a.Nodes["mail"].Queue.Depth.Mean, 0.02, "batches of %d", batch)
		assert.InDelta(t, 10+length, *a.Deploys[0].FinishedS, 0.05)
		assert.Zero(t, a.Deploys[0].FailedRequests)
		assert.Equal(t, 4.0, *a.Nodes["worker"].Instances.Mean, "booting ones cost")
	}
}

// An in-place upgrade is down for its boot, and loses what comes meanwhile; a
// second set costs as much again until the first has gone.
func TestWhatADeployCosts(t *testing.T) {
	const base = "[client.users]\ntarget = \"web\"\narrivals = \"constant 100/s\"\n[server.web]\ninstances = 3\non.request = [{ wait = \"5ms\" }]\n" +
		"[[deploy]]\nat = \"10s\"\ntarget = \"web\"\nboot = \"6s\"\nstrategy = %q\n[run]\nduration = \"60s\"\nwarmup = \"1s\"\nreplications = 2\n"
	a := answerTo(t, map[string]keyAnswer{}, fmt.Sprintf(base, "in-place"), "")
	assert.InDelta(t, 2*600, float64(a.Clients["users"].Errors["unavailable"]), 2*2)
	assert.Equal(t, a.Clients["users"].Errors["unavailable"], a.Deploys[0].FailedRequests)
	assert.Equal(t, 3.0, *a.Nodes["web"].Instances.Mean)
	assert.InDelta(t, 54.0/60, a.Nodes["web"].PerInstance[0].UpRatio, 1e-3)
	a = answerTo(t, map[string]keyAnswer{}, fmt.Sprintf(base, "blue-green"), "")
	assert.Zero(t, a.Deploys[0].FailedRequests)
	assert.InDelta(t, 3+3*6.0/60, *a.Nodes["web"].Instances.Mean, 1e-3)
	assert.InDelta(t, 3, *a.Nodes["web"].Fleet.InService.Mean, 1e-3)
	assert.InDelta(t, 16, *a.Deploys[0].FinishedS, 0.01)
}
