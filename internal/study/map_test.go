package study

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/models/theory"
	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/topologies"
)

// mapped is the map of a file with a fault, and sizes, durations and loads.
func mapped(t *testing.T, text, trigger, sizes, durations, loads string) *result.DrillMap {
	t.Helper()
	m, err := DrillMap(mapPlan(t, text, trigger, sizes, durations, loads), Options{})
	require.NoError(t, err)
	return m
}

func mapPlan(t *testing.T, text, trigger, sizes, durations, loads string) MapPlan {
	t.Helper()
	file, report := topologies.Load(keyFiles{"a.toml": text}, "a.toml", topologies.Options{})
	require.NotNil(t, file, report.Diagnostics())
	m, report := file.Map("", []topologies.DrillFault{{Text: trigger}}, topologies.MapFlags{
		Sizes: topologies.MapFlag{Text: sizes}, Durations: topologies.MapFlag{Text: durations}, Loads: topologies.MapFlag{Text: loads},
	})
	require.NotNil(t, m.Spec, report.Diagnostics())
	return MapPlan{Spec: m.Spec, Sizes: m.Sizes, Lasts: m.Lasts, Loads: m.Loads}
}

// oneServer is a client with retries in front of one worker that takes 10 ms.
func oneServer(duration, arrivals, service, retries string) string {
	return fmt.Sprintf(`[run]
duration = %q
warmup = "5s"
replications = 1
[client.users]
target = "app"
arrivals = %q
timeout = "80ms"
%s
[server.app]
concurrency = 1
on.request = [{ wait = %q }]
`, duration, arrivals, retries, service)
}

// Retries with long pauses see the server as it is on average, and then the
// rates of attempts that keep themselves up are known (ORACLES A9): up to some
// load there is a stable one. A long surge tips the system if it lifts the load
// above that; lowered, it comes back once all attempts of all requests are less
// than the server can do.
func TestAMapOfRetriesIsWhatTheirFixedPointsSay(t *testing.T) {
	const timeout, retries = 8.0, 3 // in times of service
	late := func(x float64) float64 { return math.Exp(-timeout * max(1-x, 0)) }
	last := 0.0 // the highest rate with a stable fixed point below the capacity
	for rate := 0.3; rate < 0.9; rate += 0.001 {
		if x := theory.RetryLoadsApprox(rate, retries, late); len(x) > 1 && x[0] < 1 {
			last = rate
		}
	}
	assert.InDelta(t, 0.645, last, 0.005)
	text := oneServer("300s", "poisson 100/s", "exp 10ms", `retries = { max = 3, backoff = "exp 3s" }`)
	text = strings.NewReplacer("80ms", "8ms", "exp 10ms", "exp 1ms", "poisson 100/s", "poisson 1000/s", "300s", "100s", "exp 3s", "exp 1s").Replace(text)
	const step = 0.02
	m := mapped(t, text, "surge users factor 2", "1.5,2", "25s", "0.26..0.7 step 0.02")
	require.NotNil(t, m.LimitLoad)
	assert.LessOrEqual(t, *m.LimitLoad, last+step, "what it bears without a trigger")
	assert.Greater(t, *m.LimitLoad, last-0.1, "not much less, though queues come and go")
	require.Len(t, m.Triggers, 2)
	for _, row := range m.Triggers {
		require.NotNil(t, row.TippingLoad)
		assert.InDelta(t, last/row.Size, *row.TippingLoad, step+0.01, "surge of %v", row.Size)
		assert.InDelta(t, 1.0/(1+retries), *row.RecoveryLoad, step+1e-9)
		assert.InDelta(t, 1+retries, *row.AttemptsPerRequest, 0.01)
		assert.InDelta(t, 1, *row.BeforePerRequest, 0.1)
	}
}

// Without retries nothing keeps itself up.
func TestAMapWithoutRetriesHasNoHysteresis(t *testing.T) {
	m := mapped(t, oneServer("200s", "poisson 100/s", "exp 10ms", ""), "surge users factor 3", "2,5", "1s,10s", "0.1..1.2 step 0.05")
	require.NotNil(t, m.LimitLoad)
	p := theory.MM1{Lambda: *m.LimitLoad, Mu: 1}.ResponseSurvival(8)
	assert.InDelta(t, 0.05, p, 0.04, "the limit is where a twentieth comes late")
	assert.Nil(t, m.TippingLoad)
	assert.Nil(t, m.RecoveryLoad)
	assert.Nil(t, m.HysteresisLoad)
	for _, row := range m.Triggers {
		assert.Nil(t, row.TippingLoad)
		for _, p := range row.Points {
			assert.Contains(t, []string{result.MapBack, result.MapMending}, p.State)
		}
	}
}

// fluidStaysBad is a second, dumb simulation of a constant stream in front of
// one server that hangs for a while: a list of attempts in order of time, each
// served after the one before it, and tried again when it took too long.
func fluidStaysBad(gap, service, timeout float64, retries int, hang, from, end float64) bool {
	type attempt struct {
		at, due float64
		left    int
	}
	waiting := []attempt{} // retries, in order of time: all wait equally long
	next, free, late, all := 0.0, 0.0, 0, 0
	before, last := 0.0, 0.0 // how long an attempt took at 3/5 of the time, and took last
	for {
		a := attempt{next, next, retries}
		if len(waiting) > 0 && waiting[0].at < next {
			a, waiting = waiting[0], waiting[1:]
		} else {
			next += gap
		}
		if a.at > end {
			return late*20 > all && last >= before // else it will come back
		}
		begin := max(a.at, free)
		done := begin + service
		if begin < from+hang && done > from { // in service, or to begin, while it hangs
			done = max(begin, from+hang) + service
			if begin < from {
				done = begin + service + hang
			}
		}
		free = done
		if last = done - a.at; a.at < end*0.6 {
			before = last
		}
		if judged := a.due > end*0.8 && a.due < end-1; judged && (a.left == 0 || done-a.at <= timeout) {
			all++
			if done-a.at > timeout {
				late++
			}
		}
		if done-a.at > timeout && a.left > 0 {
			waiting = append(waiting, attempt{a.at + timeout, a.due, a.left - 1})
		}
	}
}

// Nothing here is left to chance, so that the map must agree with the other
// simulation to the step.
func TestAMapIsThatOfADumbSimulation(t *testing.T) {
	const service, timeout, retries, end = 0.010, 0.080, 3, 60.0
	m := mapped(t, oneServer("60s", "constant 100/s", "10ms", "retries = { max = 3 }"), "hang app", "", "50ms,90ms,120ms,200ms,1s,5s", "0.2..0.98 step 0.02")
	require.Len(t, m.Triggers, 6)
	assert.InDelta(t, 0.98, *m.LimitLoad, 1e-9, "it bears all that it can do")
	differ := map[string]bool{}
	for _, row := range m.Triggers {
		want := "none"
		for _, load := range m.Loads {
			if fluidStaysBad(service/load, service, timeout, retries, *row.ForS, end/10, end) {
				want = fmt.Sprint(load)
				break
			}
		}
		got := "none"
		if row.TippingLoad != nil {
			got = fmt.Sprint(*row.TippingLoad)
			assert.InDelta(t, 0.25, *row.RecoveryLoad, 0.02+1e-9, "where four attempts for each are what it can do")
		}
		assert.Equal(t, want, got, "a hang of %v s", *row.ForS)
		differ[got] = true
	}
	assert.Greater(t, len(differ), 2, "the lengths differ in what they do")
}

// After happy-simulator's metastable_state.py: a server of 10 requests a
// second, 9 of them in a good state, twice as much as it can do for ten
// seconds. At 9 it stays bad; lowered to 3 it comes back.
func TestAKnownMetastableState(t *testing.T) {
	text := `[run]
duration = "200s"
warmup = "5s"
replications = 3
[client.users]
target = "app"
arrivals = "constant 10/s"
timeout = "1s"
retries = { max = 1 }
[server.app]
concurrency = 1
on.request = [{ wait = "erlang k=4 mean=100ms" }]
`
	m := mapped(t, text, "surge users factor 2.2", "2.2", "10s", "0.3..0.9 step 0.1")
	require.NotNil(t, m.TippingLoad)
	assert.InDelta(t, 0.9, *m.LimitLoad, 1e-9, "9/s are borne")
	states := map[float64]string{}
	for _, load := range m.Loads {
		states[load] = m.StateAt(&m.Triggers[0], load)
	}
	assert.Equal(t, result.MapStuck, states[0.9])
	assert.Equal(t, result.MapBack, states[0.3])
	assert.InDelta(t, 0.4, *m.RecoveryLoad, 1e-9, "two attempts for each: at 5/s they are as many as it can do")
	assert.InDelta(t, 2, *m.Amplification, 0.02)
}

// A trigger that is larger, or lasts longer, never raises the load at which it
// tips, by more than one step of chance.
func TestLargerTriggersTipEarlier(t *testing.T) {
	text := strings.Replace(oneServer("100s", "poisson 70/s", "exp 100ms", "retries = { max = 3 }"), "concurrency = 1", "concurrency = 10", 1)
	text = strings.Replace(strings.Replace(text, "80ms", "1s", 1), "replications = 1", "replications = 3", 1)
	m := mapped(t, text, "surge users factor 2", "2,3,5", "1s,3s,10s", "0.2..1.2 step 0.05")
	at := func(i int) float64 {
		if v := m.Triggers[i].TippingLoad; v != nil {
			return *v
		}
		return 2
	}
	for i := range m.Triggers {
		if i%3 > 0 {
			assert.LessOrEqual(t, at(i), at(i-1)+0.05+1e-9, "longer: %d", i)
		}
		if i >= 3 {
			assert.LessOrEqual(t, at(i), at(i-3)+0.05+1e-9, "larger: %d", i)
		}
	}
	assert.Less(t, at(8), at(0)-0.3, "and most of them differ")
	for _, row := range m.Triggers {
		if row.TippingLoad != nil {
			assert.InDelta(t, 4, *row.AttemptsPerRequest, 0.05)
			assert.LessOrEqual(t, *row.RecoveryLoad, 100.0/70/4, "four attempts for each are less than it can do")
			assert.Greater(t, *row.RecoveryLoad, 100.0/70/4-0.06)
		}
	}
}

// The document does not depend on how many run at once, and the file's load
// means nothing but the axis.
func TestMapsAreTheSameHoweverManyRunAtOnce(t *testing.T) {
	plan := mapPlan(t, oneServer("40s", "poisson 100/s", "exp 10ms", "retries = { max = 3 }"), "hang app", "", "300ms,1s", "0.1..1 step 0.1")
	var texts []string
	for _, parallel := range []int{1, 4} {
		m, err := DrillMap(plan, Options{Parallel: parallel})
		require.NoError(t, err)
		text, err := json.Marshal(m)
		require.NoError(t, err)
		texts = append(texts, string(text))
	}
	assert.Equal(t, texts[0], texts[1])
}

func TestAMapOfWhatIsOverloadedSaysSo(t *testing.T) {
	m := mapped(t, oneServer("20s", "poisson 1000/s", "exp 10ms", ""), "hang app", "", "1s", "0.5..1 step 0.25")
	assert.Nil(t, m.LimitLoad)
	assert.Empty(t, m.Triggers)
	assert.Equal(t, result.MapOverloaded, m.StateAt(&result.TriggerRow{}, 0.5))
}

// What the lowest load misses without any trigger is not asked for, and is
// said; what it holds is.
func TestObjectivesOfMaps(t *testing.T) {
	text := `objectives = ["users p50 < 1ms", "users p99 < 60ms"]` + "\n" + oneServer("40s", "constant 100/s", "10ms", "retries = { max = 3 }")
	m := mapped(t, text, "hang app", "", "50ms,3s", "0.2..0.9 step 0.1")
	require.Len(t, m.Warnings, 1)
	assert.Equal(t, "W909", m.Warnings[0].Code)
	assert.Contains(t, m.Warnings[0].Message, "users p50 < 1ms")
	require.NotNil(t, m.LimitLoad)
	assert.Nil(t, m.Triggers[0].TippingLoad)
	assert.NotNil(t, m.Triggers[1].TippingLoad)
}

func TestInterruptedMapsKeepWhatTheyHave(t *testing.T) {
	plan := mapPlan(t, oneServer("40s", "poisson 100/s", "exp 10ms", "retries = { max = 3 }"), "hang app", "", "300ms,1s,2s", "0.1..1 step 0.1")
	var stop atomic.Bool
	done := 0
	m, err := DrillMap(plan, Options{Parallel: 1, Stop: &stop, Progress: func(n, total int) {
		assert.LessOrEqual(t, n, total)
		if done++; done == 14 {
			stop.Store(true)
		}
	}})
	require.ErrorIs(t, err, node.ErrStopped)
	require.NotNil(t, m)
	assert.True(t, m.Truncated)
	assert.Less(t, len(m.Triggers), 3)
	stop.Store(true)
	m, err = DrillMap(plan, Options{Stop: &stop})
	require.ErrorIs(t, err, node.ErrStopped)
	assert.Nil(t, m)
}

func TestWhatFalls(t *testing.T) {
	var down, noise []float64
	for i := range 40 {
		down = append(down, 1000-float64(3*i)+float64(17*i%11))
		noise = append(noise, 1000+float64(17*i%11))
	}
	assert.True(t, falls(down))
	assert.False(t, falls(noise))
	assert.False(t, falls([]float64{3, 2, 1}), "too few")
	assert.True(t, falls([]float64{9, 8, 7, 6, 5}), "without any chance")
	assert.False(t, falls([]float64{5, 5, 5, 5, 5}))
}

// Users come and go at once; rates are hastened.
func TestLoadsOverTime(t *testing.T) {
	u := arrival.NewUsers(10, nil)
	spec := &node.Spec{Nodes: []node.Node{{Client: &node.ClientSpec{Closed: &u}}, {}}}
	lowered := withLoads(spec, arrival.Pace{Factor: 2}, arrival.Pace{From: 60 * sim.Second, Factor: 0.5}).Nodes[0].Client.Closed
	assert.Equal(t, 20, lowered.Initial)
	changes := lowered.Start()
	at, by, ok := changes.Next()
	assert.True(t, ok)
	assert.Equal(t, 60*sim.Second, at)
	assert.Equal(t, -15, by)
	_, _, ok = changes.Next()
	assert.False(t, ok)
	assert.Equal(t, 10, spec.Nodes[0].Client.Closed.Initial, "the system itself stays as it is")
}

// The gallery's retry storm: it tips with three attempts for each, and comes
// back where they are less than the shop can do; without retries, and with a
// budget for them, it never tips.
func TestTheMapOfTheRetryStorm(t *testing.T) {
	if testing.Short() {
		t.Skip("some seconds")
	}
	for design, tips := range map[string]bool{"once": false, "three-times": true, "with-a-budget": false} {
		file, report := topologies.Load(topologies.GalleryFiles{}, "retry-storm.toml", topologies.Options{})
		require.NotNil(t, file, report.Diagnostics())
		m, report := file.Map(design, nil, topologies.MapFlags{Sizes: topologies.MapFlag{Text: "2,5"}, Durations: topologies.MapFlag{Text: "3s,10s"}})
		require.NotNil(t, m.Spec, report.Diagnostics())
		m.Spec.Run.Replications = 1
		out, err := DrillMap(MapPlan{Spec: m.Spec, Sizes: m.Sizes, Lasts: m.Lasts, Loads: m.Loads}, Options{})
		require.NoError(t, err)
		require.Equal(t, tips, out.TippingLoad != nil, design)
		if tips {
			assert.Less(t, *out.TippingLoad, 0.7, "at today's load, which is 0.7 of what it can do")
			assert.InDelta(t, 200.0/140/3, *out.RecoveryLoad, 0.08)
			assert.InDelta(t, 3, *out.Amplification, 0.05)
		}
	}
}

// Users who all wait for ever for what a silent machine has swallowed ask for
// nothing that could fail: that is stuck all the same.
func TestUsersWhoWaitForEverAreStuck(t *testing.T) {
	text := `[run]
duration = "100s"
warmup = "0s"
replications = 1
[client.users]
target = "app"
users = 50
think = "exp 1s"
[server.app]
on.request = [{ cpu = "exp 5ms" }]
`
	m := mapped(t, text, "kill app silent true", "", "1ms,10s", "0.5..1 step 0.25")
	require.NotNil(t, m.LimitLoad)
	require.Len(t, m.Triggers, 2)
	assert.Nil(t, m.Triggers[0].TippingLoad)
	require.NotNil(t, m.Triggers[1].TippingLoad)
	assert.InDelta(t, 0.5, *m.Triggers[1].TippingLoad, 1e-9)
}
