package estimate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// visited is a station of a published example: so many visits of exponential
// service.
type visited struct {
	name    string
	visits  float64
	service float64
	servers int // 0: a pure delay
}

// network writes a topology that visits stations so often: whole numbers of
// rounds on average, by geometric laws, or a share of them.
func network(client string, stations []visited) string {
	var steps, servers []string
	for _, s := range stations {
		call := fmt.Sprintf("{ call = %q }", s.name)
		switch {
		case s.visits > 1:
			call = fmt.Sprintf("{ repeat = \"geometric %g\", steps = [%s] }", s.visits, call)
		case s.visits < 1:
			call = fmt.Sprintf("{ choose = [{ weight = %g, steps = [%s] }, { weight = %g, steps = [] }] }", s.visits, call, 1-s.visits)
		}
		steps = append(steps, call)
		if s.servers == 0 {
			servers = append(servers, fmt.Sprintf("[server.%s]\non.request = [{ wait = \"exp %.9gs\" }]\n", s.name, s.service))
			continue
		}
		servers = append(servers, fmt.Sprintf("[server.%s]\ncores = %d\non.request = [{ cpu = \"exp %.9gs\" }]\n", s.name, s.servers, s.service))
	}
	return client + "[server.web]\non.request = [" + strings.Join(steps, ", ") + "]\n" + strings.Join(servers, "")
}

func opened(rate float64) string {
	return fmt.Sprintf("[client.users]\ntarget = \"web\"\narrivals = \"poisson %g/s\"\n", rate)
}

func closedUsers(n int, think string) string {
	if think != "" {
		think = fmt.Sprintf("think = %q\n", think)
	}
	return fmt.Sprintf("[client.users]\ntarget = \"web\"\nusers = %d\n%s", n, think)
}

// Open networks that others have printed, as the regression tests of GNU
// Octave's queueing package have them (qsmmm.m, qnos.m, commit 5de78ea4). Slack
// is half a unit of the last digit.
func TestPublishedOpenNetworks(t *testing.T) {
	e := of(t, network(opened(9), []visited{{"q", 1, 0.2, 2}}))
	assert.InDelta(t, 1.053, at(t, e, "q").Response.Mean, 5e-4, "M/M/2")
	e = of(t, network(opened(9), []visited{{"q", 1, 0.2, 4}}))
	assert.InDelta(t, 0.212, at(t, e, "q").Response.Mean, 5e-4, "M/M/4")

	stations := []visited{{"a", 16, 0.01, 1}, {"b", 7, 0.02, 1}, {"c", 8, 0.03, 1}}
	e = of(t, network(opened(3), stations))
	for i, want := range [][2]float64{{0.0192, 0.48}, {0.0345, 0.42}, {0.107, 0.72}} {
		n := at(t, e, stations[i].name)
		assert.InDelta(t, want[0], n.Response.Mean, 5e-4, "%s: response", n.Why)
		assert.InDelta(t, want[1], n.Utilization, 5e-3)
		assert.True(t, n.Response.Exact, n.Why)
	}
	e = of(t, network(opened(0.3), []visited{{"cpu", 121, 0.005, 1}, {"one", 70, 0.03, 1}, {"two", 50, 0.027, 1}}))
	assert.InDelta(t, 0.1815, at(t, e, "cpu").Utilization, 1e-6)
	assert.InDelta(t, 36.3, at(t, e, "cpu").Arrivals, 1e-6)
	assert.InDelta(t, 0.222, at(t, e, "cpu").Arrivals*at(t, e, "cpu").Response.Mean, 5e-4)

	// Bolch et al. 2006, example 7.4: feedback between four stations.
	e = of(t, network(opened(4), []visited{{"one", 5, 0.04, 1}, {"two", 2.5, 0.03, 1}, {"three", 2.5, 0.06, 1}, {"four", 1, 0.05, 1}}))
	for name, want := range map[string][2]float64{"one": {0.8, 0.2}, "two": {0.3, 0.043}, "three": {0.6, 0.15}, "four": {0.2, 0.0625}} {
		assert.InDelta(t, want[0], at(t, e, name).Utilization, 1e-9, name)
		assert.InDelta(t, want[1], at(t, e, name).Response.Mean, 5e-4, name)
	}
	assert.InDelta(t, (4+0.4286+1.5+0.25)/4, e.Clients[0].Latency.Mean, 1e-3)
}

// Closed networks of the same source (qncsmva.m, qncsaba.m).
func TestPublishedClosedNetworks(t *testing.T) {
	// Jain 1991, example 34.2.
	e := of(t, network(closedUsers(20, "exp 4s"), []visited{{"a", 16, 0.125, 1}, {"b", 10, 0.3, 1}, {"c", 5, 0.2, 1}}))
	assert.InDelta(t, 0.3332465, e.Clients[0].Throughput, 1e-7)
	for name, want := range map[string]float64{"a": 0.373, "b": 4.854, "c": 0.300} {
		assert.InDelta(t, want, at(t, e, name).Response.Mean, 5e-4, name)
		assert.True(t, at(t, e, name).Response.Exact, at(t, e, name).Why)
	}
	assert.True(t, e.Clients[0].Latency.Exact)

	// Bolch et al. 2006, example 8.3.
	e = of(t, network(closedUsers(6, ""), []visited{{"a", 1, 0.02, 1}, {"b", 0.4, 0.2, 1}, {"c", 0.2, 0.4, 1}, {"d", 0.1, 0.6, 1}}))
	assert.InDelta(t, 9.920, e.Clients[0].Throughput, 5e-4)
	for name, want := range map[string][2]float64{"a": {0.025, 0.198}, "b": {0.570, 0.794}, "c": {1.140, 0.794}, "d": {1.244, 0.595}} {
		assert.InDelta(t, want[0], at(t, e, name).Response.Mean, 5e-4, name)
		assert.InDelta(t, want[1], at(t, e, name).Utilization, 5e-4, name)
	}

	// Example 8.4: two servers, and a pure delay.
	e = of(t, network(closedUsers(3, ""), []visited{{"a", 1, 0.5, 2}, {"b", 0.5, 0.6, 1}, {"c", 0.5, 0.8, 1}, {"d", 1, 1, 0}}))
	assert.InDelta(t, 1.218, e.Clients[0].Throughput, 1e-3)
	for name, want := range map[string]float64{"a": 0.624, "b": 0.473, "c": 0.686, "d": 1.217} {
		n := at(t, e, name)
		assert.InDelta(t, want, n.Arrivals*n.Response.Mean, 1e-3, name)
	}

	// Bounds: Lazowska et al. 1984, D = (9.2, 8), Z = 120, N = 20.
	e = of(t, network(closedUsers(20, "exp 120s"), []visited{{"a", 1, 9.2, 1}, {"b", 1, 8, 1}}))
	b := e.Clients[0].Bounds
	assert.InDelta(t, 0.109, b.ThroughputMax, 5e-4)
	assert.InDelta(t, 64, b.LatencyMin, 0.5)
	assert.InDelta(t, (17.2+120)/9.2, b.SaturationUsers, 1e-9)
	x := e.Clients[0].Throughput
	assert.LessOrEqual(t, b.BalancedMin, x)
	assert.LessOrEqual(t, x, b.BalancedMax)
	assert.LessOrEqual(t, b.BalancedMax, b.ThroughputMax)
}

// The fixed point, for what has no product form, is near the exact solution
// where there is one.
func TestFixedPointOfUsersIsNearTheExactSolution(t *testing.T) {
	for _, users := range []int{1, 5, 20, 60} {
		topology := network(closedUsers(users, "exp 2s"), []visited{{"a", 1, 0.2, 4}, {"b", 2, 0.04, 1}})
		exact := of(t, topology)
		near := of(t, topology+"[server.web2]\non.request = []\n"+"[client.nobody]\ntarget = \"web2\"\narrivals = \"poisson 1/s\"\n")
		x, y := exact.Clients[0], near.Clients[1]
		assert.True(t, x.Latency.Exact)
		assert.False(t, y.Latency.Exact)
		assert.InEpsilon(t, x.Throughput, y.Throughput, 0.02, "%d users", users)
		assert.InEpsilon(t, x.Latency.Mean, y.Latency.Mean, 0.12, "%d users", users)
	}
}
