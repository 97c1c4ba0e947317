package study

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/models/theory"
	"github.com/capsim/capsim/topologies"
)

func stressed(t *testing.T, text string) *result.Stress {
	t.Helper()
	spec := specOf(t, text)
	s, err := Stress(StressPlan{Spec: spec, Steady: topologies.Steady(spec)}, Options{})
	require.NoError(t, err)
	return s
}

// Of users who think, the load is their number, and mean value analysis says
// how many of them there may be.
func TestCapacityOfAClosedSystemIsThatOfMVA(t *testing.T) {
	c := capacityOf(t, `
run = { duration = "3000s", replications = 4 }
objectives = ["users mean < 200ms"]
client.users = { target = "app", users = 200, think = "exp 5s" }
server.app = { cores = 1, on.request = [{ cpu = "exp 20ms" }] }`)
	network := theory.ClosedNetwork{Think: 5, Stations: []theory.ClosedStation{{Demand: 0.02, Servers: 1}}}
	response := func(users int) float64 {
		s, err := network.Solve(users)
		require.NoError(t, err)
		return s.ResponseMean
	}
	most := 1
	for response(most+1) < 0.2 {
		most++
	}
	exact := float64(most) + (0.2-response(most))/(response(most+1)-response(most))
	t.Logf("exact %.2f users, found %.2f ± %.2f", exact, 200**c.Load.Mean, 200**c.Load.HalfWidth)
	assert.InEpsilon(t, exact, 200**c.Load.Mean, 0.01)
	assert.LessOrEqual(t, math.Abs(exact-200**c.Load.Mean), 200*2.5**c.Load.HalfWidth+0.5)
}

// The interval holds the exact capacity about as often as it says.
func TestIntervalsOfCapacitiesHoldTheTruth(t *testing.T) {
	if !usually.now() {
		t.Skip("takes ten seconds")
	}
	exact := 1 - math.Log(20)/0.2/100 // M/M/1: p95 = ln 20/(μ - λ)
	const runs = 60
	in, off := 0, 0.0
	for seed := range runs {
		spec := specOf(t, strings.Replace(station("200s", 100, 1, "users p95 < 200ms"), "replications", fmt.Sprintf("warmup = \"20s\", seed = %d, replications", seed+1), 1))
		c, err := FindCapacity(spec, CapacityOptions{})
		require.NoError(t, err)
		off += *c.Load.Mean - exact
		if *c.Low <= exact && exact <= *c.High {
			in++
		}
	}
	t.Logf("%d of %d intervals hold %.4f; the mean is off by %.4f", in, runs, exact, off/runs)
	assert.GreaterOrEqual(t, in, runs*84/100)
	assert.InDelta(t, 0, off/runs, 0.01)
}

// A server that refuses what it has no room for goes on answering as many: the
// share that it refuses is that of M/M/1/K.
func TestAServerThatShedsFailsGracefully(t *testing.T) {
	s := stressed(t, `
run = { duration = "200s", replications = 4, warmup = "5s" }
objectives = ["users errors < 1%"]
client.users = { target = "app", arrivals = "poisson 50/s" }
server.app = { cores = 1, concurrency = 1, backlog = 9, on.request = [{ cpu = "exp 10ms" }] }`)
	lost := func(rate float64) float64 {
		return theory.MMcK{Lambda: rate, Mu: 100, C: 1, K: 10}.BlockingProbability()
	}
	exact := rootAt(0, 200, func(x float64) float64 { return 0.01 - lost(x) }) / 50
	assert.InEpsilon(t, exact, *s.Held.Mean, 0.02)
	assert.LessOrEqual(t, math.Abs(exact-*s.Held.Mean), 2.5**s.Held.HalfWidth)
	require.NotNil(t, s.Beyond)
	assert.Equal(t, result.Graceful, s.Beyond.Behaviour)
	assert.False(t, s.Beyond.BacklogGrows)
	assert.InDelta(t, lost(50*2**s.HeldAt), *s.Beyond.ErrorRatio.Mean, 0.01)
	for _, g := range s.Beyond.Surges {
		assert.Equal(t, result.MapBack, g.State)
	}
	assert.Equal(t, "users errors < 1%", s.Breaks.Text)
	require.NotNil(t, s.Breaks.Resource)
	assert.Equal(t, "app", s.Breaks.Resource.Node)
	assert.Greater(t, *s.Breaks.Resource.Then.Utilization.Mean, *s.Breaks.Resource.Today.Utilization.Mean+0.1)
	assert.Greater(t, *s.Breaks.Resource.Then.Queue.Mean, *s.Breaks.Resource.Today.Queue.Mean)
	assert.Equal(t, "app", s.Breaks.Waits.Node)
}

// Of requests that are given up in the queue, and served all the same, almost
// none is answered in time beyond saturation; when the surge is over the queue
// empties.
func TestAQueueOfWhatIsGivenUpCollapses(t *testing.T) {
	s := stressed(t, `
run = { duration = "200s", replications = 3, warmup = "5s" }
objectives = ["users errors < 5%"]
client.users = { target = "app", arrivals = "poisson 50/s", timeout = "500ms" }
server.app = { cores = 1, concurrency = 1, on.request = [{ cpu = "exp 10ms" }] }`)
	require.NotNil(t, s.Beyond)
	assert.Equal(t, result.Collapse, s.Beyond.Behaviour)
	assert.Less(t, *s.Beyond.LeastRPS.Mean, *s.Beyond.HeldRPS.Mean/2)
	require.Len(t, s.Beyond.Surges, 2)
	assert.Equal(t, result.MapBack, s.Beyond.Surges[0].State, "at today's load")
	assert.NotEqual(t, result.MapStuck, s.Beyond.Surges[1].State)
}

// PUB 14, metastable-retry of github.com/marcbrooker/stability-sim: retries
// keep the overload up that called for them.
func TestRetriesMakeAKnownSystemMetastable(t *testing.T) {
	s := stressed(t, `
run = { duration = "100s", replications = 3, warmup = "5s" }
objectives = ["users errors < 1%"]
client.users = { target = "lb", arrivals = "poisson 70/s", timeout = "1s", retries = { max = 3 } }
load_balancer.lb = { targets = ["srv"], policy = "round-robin" }
server.srv = { instances = 2, concurrency = 5, backlog = 10000, on.request = [{ wait = "exp 100ms" }] }`)
	require.NotNil(t, s.Held.Mean)
	assert.Greater(t, *s.Held.Mean, 1.0, "by itself it bears today's load")
	assert.Less(t, *s.Held.Mean, 100.0/70)
	require.NotNil(t, s.Beyond)
	assert.Equal(t, result.Metastable, s.Beyond.Behaviour)
	require.Len(t, s.Beyond.Surges, 2)
	assert.Equal(t, result.MapStuck, s.Beyond.Surges[0].State, "at today's load, which it bears")
	assert.Less(t, *s.Beyond.LeastRPS.Mean, *s.Beyond.HeldRPS.Mean/2)
}

// Without objectives a system is asked to keep up.
func TestWithoutObjectivesTheCapacityIsSaturation(t *testing.T) {
	c := capacityOf(t, `
run = { duration = "400s", replications = 3 }
client.users = { target = "app", arrivals = "poisson 40/s" }
server.app = { cores = 1, on.request = [{ cpu = "exp 10ms" }] }`)
	assert.InDelta(t, 2.5, *c.Load.Mean, 0.06)
	require.Len(t, c.Criteria, 2)
	assert.Contains(t, c.Breaks, "of the")
	closed := capacityOf(t, `
run = { duration = "300s", replications = 3 }
client.users = { target = "app", users = 20, think = "exp 1s" }
server.app = { cores = 1, on.request = [{ cpu = "exp 10ms" }] }`)
	assert.Contains(t, closed.Breaks, "app: no resource is busy more than 99 %")
	busy := func(users float64) float64 {
		s, err := theory.ClosedNetwork{Think: 1, Stations: []theory.ClosedStation{{Demand: 0.01, Servers: 1}}}.Solve(int(users))
		require.NoError(t, err)
		return s.Stations[0].Utilisation
	}
	assert.Greater(t, busy(1.05*20**closed.Load.Mean), 0.99)
	assert.Less(t, busy(0.95*20**closed.Load.Mean), 0.99)
}

// What is missed at any load is not asked for, what more load would help only
// upwards, and all is said.
func TestABusyServerThatIsScaledIsTheBusiest(t *testing.T) {
	s := stressed(t, `objectives = ["users p99 < 200ms"]
[run]
duration = "30s"
warmup = "5s"
replications = 2
[client.users]
target = "web"
arrivals = "poisson 60/s"
[server.web]
autoscale = { min = 1, max = 8, target = "cpu 60%", every = "5s", boot = "1h" }
on.request = [{ cpu = "exp 10ms" }, { call = "db" }]
[server.db]
on.request = [{ cpu = "exp 2ms" }]
`)
	require.NotNil(t, s.Breaks)
	assert.Equal(t, "web", s.Breaks.Resource.Node) // db would be, with eight of them
	for _, p := range s.Curve {
		assert.Equal(t, "web", p.Busiest.Node)
	}
}

func TestObjectivesThatNoLoadMeets(t *testing.T) {
	const file = `
run = { duration = "60s", replications = 2, warmup = "2s" }
objectives = [%s]
client.users = { target = "app", arrivals = "poisson %d/s" }
server.app = { cores = 1, on.request = [{ cpu = "exp 10ms" }] }`
	c := capacityOf(t, fmt.Sprintf(file, `"users mean < 1ms", "app cpu < 70%", "users throughput > 20/s"`, 50))
	require.NotNil(t, c.Load.Mean)
	assert.InDelta(t, 1.4, *c.Load.Mean, 0.05)
	assert.Equal(t, "app cpu < 70%", c.Breaks)
	assert.False(t, c.Criteria[0].Asked)
	assert.Contains(t, c.Criteria[0].Why, "missed at any load")
	assert.True(t, c.Criteria[1].Asked)
	assert.True(t, c.Criteria[2].Asked)

	below := capacityOf(t, fmt.Sprintf(file, `"app cpu < 70%", "users throughput > 90/s"`, 95))
	assert.InDelta(t, 70.0/95, *below.Load.Mean, 0.03)
	assert.Contains(t, below.Criteria[1].Why, "less load makes it worse")
	assert.Less(t, *below.HeldAt, 1.0)

	more := capacityOf(t, fmt.Sprintf(file, `"app cpu < 70%", "users throughput > 60/s"`, 50))
	assert.InDelta(t, 1.4, *more.Load.Mean, 0.05)
	assert.Contains(t, more.Criteria[1].Why, "missed at today's load")

	none := capacityOf(t, fmt.Sprintf(file, `"users mean < 1ms"`, 50))
	assert.Nil(t, none.Load.Mean)
	assert.Contains(t, none.Load.Note, "missed at any load")
	assert.Nil(t, none.HeldAt)

	wasted := capacityOf(t, `
run = { duration = "10s", replications = 2, warmup = "1s" }
objectives = ["cost_per_million < 5", "users errors < 1%"]
client.users = { target = "app", arrivals = "poisson 50/s" }
server.app = { price_per_hour = 1, on.request = [{ fail = "100%" }] }`)
	assert.Nil(t, wasted.HeldAt, "what answers nobody holds no load: %s", wasted.Load.Note)
	assert.Contains(t, wasted.Load.Note, "missed at any load")

	all := capacityOf(t, `
run = { duration = "20s", replications = 2, warmup = "2s" }
objectives = ["users p99 < 1s"]
client.users = { target = "app", arrivals = "poisson 50/s" }
server.app = { cores = 1, concurrency = 1, backlog = 3, on.request = [{ cpu = "exp 10ms" }] }`)
	assert.Nil(t, all.Load.Mean)
	assert.Contains(t, all.Load.Note, "held at every load up to")
	assert.GreaterOrEqual(t, *all.HeldAt, 16.0)
}

// The point of a load is what run prints at that load.
func TestALoadIsWhatARunWithThatLoadIs(t *testing.T) {
	text := station("60s", 50, 1, "users p95 < 100ms")
	s := stressed(t, strings.Replace(text, "replications", "warmup = \"3s\", replications", 1))
	for _, p := range s.Curve {
		file, _ := topologies.Load(inMemory(strings.Replace(text, "replications", "warmup = \"3s\", replications", 1)), "a.toml", topologies.Options{Load: p.Load})
		spec, _ := file.Spec("")
		r, err := Run(spec, Options{})
		require.NoError(t, err)
		assert.Equal(t, r.Clients["users"].LatencyS, p.Clients["users"].LatencyS, "load %v", p.Load)
		assert.Equal(t, r.Objectives[0].Verdict == result.Missed, !p.Holds && r.Objectives[0].Verdict != result.Undecided)
	}
}

func TestStressIsTheSameHoweverManyRunAtOnce(t *testing.T) {
	spec := specOf(t, station("20s", 50, 1, "users p95 < 100ms"))
	var documents []string
	for _, parallel := range []int{1, 3} {
		s, err := Stress(StressPlan{Spec: spec, Steady: topologies.Steady(spec), Growth: &GrowthPlan{Rate: 0.05, Period: "month"}}, Options{Parallel: parallel})
		require.NoError(t, err)
		text, err := json.Marshal(s)
		require.NoError(t, err)
		documents = append(documents, string(text))
		require.NotNil(t, s.Growth.Periods)
		assert.InEpsilon(t, math.Log(*s.Held.Mean)/math.Log(1.05), *s.Growth.Periods, 1e-12)
		assert.Less(t, *s.Growth.Earliest, *s.Growth.Periods)
		assert.InEpsilon(t, *s.Held.Mean-1, *s.Headroom.Mean, 1e-12)
	}
	assert.Equal(t, documents[0], documents[1])
}

// Stopped at any time, a stress test has what was finished, or nothing.
func TestInterruptedStressTestsKeepWhatTheyHave(t *testing.T) {
	spec := specOf(t, station("20s", 50, 1, "users p95 < 100ms"))
	for _, after := range []int{0, 1, 8, 30, 60} {
		var stop atomic.Bool
		stop.Store(after == 0)
		seen := 0
		s, err := Stress(StressPlan{Spec: spec, Steady: topologies.Steady(spec)}, Options{Parallel: 1, Stop: &stop, Progress: func(done, _ int) {
			seen = done
			stop.Store(done >= after)
		}})
		require.ErrorIs(t, err, node.ErrStopped, "after %d", after)
		if s == nil {
			assert.Less(t, seen, spec.Run.Replications, "after %d", after)
			continue
		}
		assert.True(t, s.Truncated)
		assert.NotEmpty(t, s.Curve)
		if after == 60 {
			assert.NotNil(t, s.Held.Mean)
			assert.False(t, s.Interrupted())
			continue
		}
		assert.True(t, s.Interrupted(), "a bracket that is still open is no answer: %+v", s.Held)
		assert.Nil(t, s.Low)
		assert.Nil(t, s.Headroom.Mean)
		assert.Nil(t, s.Breaks)
		assert.Contains(t, s.Held.Note, ": ")
	}
}

// What an interrupted search knows is between which loads the answer lies.
func TestNotesOfInterruptedSearches(t *testing.T) {
	one, eight := 1.0, 8.0
	for _, c := range []struct {
		held, missed *float64
		says         string
	}{
		{&one, &eight, "the search was interrupted: held at 1 times the traffic and missed at 8, and the loads between were not looked at"},
		{&one, nil, "the search was interrupted: held at 1 times the traffic, and more was not tried"},
		{nil, &one, "the search was interrupted: missed at 1 times the traffic, and less was not tried"},
		{nil, nil, "the search was interrupted"},
	} {
		half := 0.1
		x := &Capacity{HeldAt: c.held, MissedAt: c.missed, Low: &one, High: &eight, Breaks: "cost < 1"}
		x.Load.Mean, x.Load.HalfWidth = &one, &half
		x.interrupt()
		assert.Equal(t, c.says, x.Load.Note)
		assert.Nil(t, x.Load.Mean)
		assert.Nil(t, x.Load.HalfWidth)
		assert.Nil(t, x.Low)
		assert.Nil(t, x.High)
		assert.Empty(t, x.Breaks)
	}
}

// Objectives on those who publish do not see a queue that grows without end: a
// stress test, and a plan, that promise a load say so.
func TestWhatFallsBehindWhereAllHoldsIsSaid(t *testing.T) {
	const text = `
run = { duration = "100s", replications = 3, warmup = "0s" }
objectives = ["users p99 < 300ms"]
client.users = { target = "api", arrivals = "poisson 20/s" }
server.api = { cores = 8, price_per_hour = 0.1, on.request = [{ cpu = "exp 10ms" }, { publish = "jobs" }] }
queue.jobs = { consumer = "encoder" }
server.encoder = { cores = 4, price_per_hour = 0.1, on.request = [{ cpu = "exp 100ms" }] }
`
	said := func(warnings []result.Warning) string {
		k := slices.IndexFunc(warnings, func(w result.Warning) bool { return w.Code == "W901" })
		if k < 0 {
			return ""
		}
		return warnings[k].Message
	}
	s := stressed(t, text)
	require.NotNil(t, s.HeldAt)
	require.Greater(t, *s.HeldAt, 3.0, "the encoder is saturated at twice today's load")
	assert.Contains(t, said(s.Warnings), "jobs: messages come faster than they are dealt with")
	_, p := plansOf(t, text+`plan = { vary = { "server.encoder.instances" = [1, 2, 3] }, load = 3 }`)
	require.Equal(t, 0, p.Winner.Point)
	assert.Contains(t, said(p.Warnings), "jobs: messages come faster than they are dealt with")
	_, p = plansOf(t, text+`plan = { vary = { "server.encoder.instances" = [1, 2, 3] } }`)
	assert.Empty(t, said(p.Warnings))
}
