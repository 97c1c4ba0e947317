package study

import (
	"encoding/json"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/topologies"
)

// drilled drills a file with some faults, or with those that it has.
func drilled(t *testing.T, text string, every bool, faults ...string) *result.DrillReport {
	t.Helper()
	file, report := topologies.Load(keyFiles{"a.toml": text}, "a.toml", topologies.Options{})
	require.NotNil(t, file, report.Diagnostics())
	var asked []topologies.DrillFault
	for _, f := range faults {
		asked = append(asked, topologies.DrillFault{Text: f, Arg: 3})
	}
	d, report := file.Drills("", asked, every)
	require.NotNil(t, d.Spec, report.Diagnostics())
	out, err := Drill(DrillPlan{Spec: d.Spec, AnyOf: d.AnyOf, Skipped: d.Skipped, WorstFirst: every}, Options{})
	require.NoError(t, err)
	return out
}

func is(t *testing.T, want float64, e result.Estimate, what string) {
	t.Helper()
	require.NotNil(t, e.Mean, what)
	assert.InDelta(t, want, *e.Mean, 1e-9, what)
	assert.InDelta(t, 0, *e.HalfWidth, 1e-9, what)
}

// A machine that is away for 3 of 20 s, of a client who sends a request each
// 10 ms: 300 are lost.
func TestADrillByHand(t *testing.T) {
	out := drilled(t, steadyShop, false, "kill web at 5s for 3s")
	assert.Equal(t, result.DrillSchema, out.Schema)
	require.Len(t, out.Drills, 1)
	d := out.Drills[0]
	assert.Equal(t, "kill web", d.What)
	assert.True(t, d.Began)
	assert.InDelta(t, 5, *d.AtS, 0)
	assert.InDelta(t, 3, *d.ForS, 0)
	assert.Nil(t, d.DetectedS, "nobody looks")
	assert.InDelta(t, 8, *d.RecoveredS, 0)
	is(t, 300, d.FailedRequests, "lost")
	is(t, 0.15, d.FailedRatio, "of 2000")
	c := d.Clients["users"]
	is(t, 300, c.Failed["unavailable"], "by kind")
	for _, kind := range []string{"timeout", "rejected", "failed", "breaker", "unfinished"} {
		is(t, 0, c.Failed[kind], kind)
	}
	is(t, 0, c.ExtraLatencyS["mean"], "those that were answered were as quick")
	is(t, 2.992, c.RecoveryS, "back: the cell of 2 ms behind the last that failed")
	assert.InDelta(t, 2.992, *d.RTOS, 1e-9)
	assert.Equal(t, result.AgainstObjectives, c.Against)
	require.Len(t, c.Budgets, 1)
	b := c.Budgets[0]
	assert.Equal(t, "users errors < 1%", b.Objective)
	is(t, 300, b.BadRequests, "spent")
	is(t, 300/20.0, b.OfWindow, "of the 20 that a window may lose")
	is(t, 300/(0.01*100*30*86_400), b.OfMonth, "of a month's")
	assert.Equal(t, result.Missed, d.Objectives[0].Verdict)
	assert.Equal(t, result.Met, d.Objectives[1].Verdict)
	assert.Equal(t, result.Met, d.Objectives[2].Verdict)
}

// Two machines in turn: five requests in a row must fail for the balancer to
// leave one out, and no more do.
func TestADrillLosesWhatDetectionTakes(t *testing.T) {
	text := strings.Replace(steadyShop, `target = "web"`, `target = "lb"`, 1) +
		"instances = 2\n[load_balancer.lb]\ntargets = [\"web\"]\npolicy = \"round-robin\"\nejection = { consecutive = 5, for = \"30s\" }\n"
	text = strings.Replace(text, "[server.web]\non.request = [{ wait = \"1ms\" }]\ninstances = 2", "[server.web]\ninstances = 2\non.request = [{ wait = \"1ms\" }]", 1)
	out := drilled(t, text, false, "kill web[0] at 5s for 10s")
	d := out.Drills[0]
	is(t, 5, d.FailedRequests, "lost")
	assert.InDelta(t, 5.09, *d.DetectedS, 0.02, "each second request, 10 ms apart, and the fifth tells")
	assert.Nil(t, d.RecoveredS, "it is left out until the run is over")
	require.NotNil(t, d.Clients["users"].RecoveryS.Mean)
	assert.Less(t, *d.Clients["users"].RecoveryS.Mean, 0.12, "1 % of errors")
}

// What is swallowed costs a time-out each.
func TestASilentKillIsFeltLater(t *testing.T) {
	text := strings.Replace(steadyShop, "arrivals =", "timeout = \"500ms\"\narrivals =", 1)
	d := drilled(t, text, false, "kill web silent at 5s for 3s").Drills[0]
	is(t, 300, d.Clients["users"].Failed["timeout"], "by kind")
	assert.InDelta(t, 3, *d.Clients["users"].RecoveryS.Mean, 0.01, "requests count when they are due")
}

const noisyShop = `objectives = ["users errors < 5%", "users p99 < 400ms"]
[run]
duration = "40s"
warmup = "2s"
replications = 3
[client.users]
target = "lb"
arrivals = "poisson 100/s"
timeout = "300ms"
[load_balancer.lb]
targets = ["app"]
health_check = { interval = "1s", timeout = "500ms", unhealthy = 2, healthy = 1 }
[server.app]
instances = 3
concurrency = 4
on.request = [{ cpu = "exp 10ms" }, { call = "pay" }]
[external.pay]
latency = "exp 20ms"
error_ratio = "1%"
`

// The twin is the run without faults, and each drill is the run with that
// fault alone.
func TestADrillIsTheRunOfItsFaultAndTheTwinThatOfNone(t *testing.T) {
	first, second := "kill = \"app[0]\"\nat = \"5s\"\nfor = \"10s\"", "hang = \"app[1]\"\nat = \"9s\"\nfor = \"10s\""
	out := drilled(t, noisyShop+keyFault(first)+keyFault(second), false)
	require.Len(t, out.Drills, 2)
	run := func(faults string) *result.Result {
		r, err := Run(specsOf(t, noisyShop+faults)[0], Options{})
		require.NoError(t, err)
		return r
	}
	calm := run("")
	for _, c := range calm.Clients { // a drill does not look for the slowest
		c.Slowest = nil
		for _, op := range c.Ops {
			op.Slowest = nil
		}
	}
	a, err := json.Marshal(calm)
	require.NoError(t, err)
	b, err := json.Marshal(out.Baseline)
	require.NoError(t, err)
	assert.Equal(t, string(a), string(b), "byte for byte")
	for i, fault := range []string{first, second} {
		alone, d := run(keyFault(fault)), &out.Drills[i]
		assert.Equal(t, alone.Fingerprint, d.Fingerprint)
		assert.Equal(t, alone.Objectives, d.Objectives)
		assert.NotEqual(t, calm.Fingerprint, d.Fingerprint)
		lost := float64(alone.Clients["users"].Errors["unavailable"]+alone.Clients["users"].Errors["timeout"]+alone.Clients["users"].Errors["failed"]) -
			float64(calm.Clients["users"].Errors["unavailable"]+calm.Clients["users"].Errors["timeout"]+calm.Clients["users"].Errors["failed"])
		assert.InDelta(t, lost/3, *d.FailedRequests.Mean, 1e-9, "a replication")
		assert.InDelta(t, lost/float64(calm.Clients["users"].Offered), *d.FailedRatio.Mean, 1e-12)
		require.NotNil(t, d.DetectedS)
		require.NotNil(t, d.Clients["users"].RecoveryS.Mean)
		assert.Less(t, *d.Clients["users"].RecoveryS.Mean, 5.0)
		assert.Positive(t, *d.Clients["users"].RecoveryS.Mean)
		assert.Equal(t, []string{"time_s", "users offered_rps", "users throughput_rps", "users errors_rps", "users latency_mean_s", "users latency_p99_s"}, d.Series.Columns)
	}
}

// The same customers come to both: the interval of a difference is much
// narrower than that of the figure.
func TestDrillsArePaired(t *testing.T) {
	d := drilled(t, noisyShop, false, "kill app[0] at 5s for 10s")
	p99 := d.Drills[0].Clients["users"].ExtraLatencyS["mean"]
	require.NotNil(t, p99.HalfWidth)
	assert.Positive(t, *p99.Mean)
	assert.Less(t, *p99.HalfWidth, *d.Baseline.Clients["users"].LatencyS["mean"].HalfWidth)
}

func TestAFaultAfterTheEndNeverBegins(t *testing.T) {
	d := drilled(t, noisyShop, false, "kill app at 90s").Drills[0]
	assert.False(t, d.Began)
	c := d.Clients["users"]
	is(t, 0, d.FailedRequests, "lost")
	is(t, 0, c.ExtraLatencyS["p99"], "p99")
	is(t, 0, c.Budgets[0].BadRequests, "spent")
	assert.Nil(t, c.RecoveryS.Mean)
	assert.Nil(t, d.RTOS)
}

// What changes nothing, and what chance never brings, has not begun either, so
// that nobody waits for it to recover.
func TestADrillOfWhatNeverComesSaysSo(t *testing.T) {
	for _, text := range []string{"at = \"5s\"\nerrors = \"app\"\nerror_ratio = 0", "slow = \"app\"\nfactor = 1\nmttf = \"1s\"\nmttr = \"1s\"", "kill = \"app\"\nmttf = \"36500d\"\nmttr = \"1s\""} {
		out := drilled(t, noisyShop+"[[fault]]\n"+text+"\n", false)
		require.Len(t, out.Drills, 1)
		assert.False(t, out.Drills[0].Began, text)
		assert.Equal(t, out.Baseline.Fingerprint, out.Drills[0].Fingerprint, text)
		assert.Nil(t, out.Drills[0].RTOS)
	}
	out := drilled(t, noisyShop+"[[fault]]\nkill = \"app\"\nmttf = \"5s\"\nmttr = \"1s\"\n", false)
	assert.True(t, out.Drills[0].Began)
}

// A client without objectives has to get back to the level of the twin.
func TestWithoutObjectivesAClientIsBackAtTheLevelOfTheTwin(t *testing.T) {
	text := strings.Replace(noisyShop, `objectives = ["users errors < 5%", "users p99 < 400ms"]`, "", 1)
	out := drilled(t, text, false, "kill app[0] at 5s for 10s", "kill app at 5s for 10s", "kill lb at 5s for 60s", "kill pay at 5s for 4s")
	require.Len(t, out.Drills, 4)
	for _, d := range out.Drills {
		c := d.Clients["users"]
		assert.Equal(t, result.AgainstTwin, c.Against)
		assert.Nil(t, d.RTOS, "nothing is demanded")
		assert.Empty(t, c.Budgets)
		switch d.What {
		case "kill app[0]":
			require.NotNil(t, c.RecoveryS.Mean)
			assert.Less(t, *c.RecoveryS.Mean, 11.0, "detected after a second or two; two machines are slower than three")
		case "kill app":
			require.NotNil(t, c.RecoveryS.Mean)
			assert.InDelta(t, 11, *c.RecoveryS.Mean, 1.2, "when it is back, and known to be")
		case "kill lb":
			assert.Equal(t, "not within the run", c.RecoveryS.Note)
		case "kill pay":
			require.NotNil(t, c.RecoveryS.Mean)
			assert.InDelta(t, 4, *c.RecoveryS.Mean, 0.3)
		}
	}
}

func TestEverythingIsDrilledWorstFirst(t *testing.T) {
	out := drilled(t, noisyShop, true)
	var names []string
	for _, d := range out.Drills {
		names = append(names, d.What)
		assert.InDelta(t, 4, *d.AtS, 0, "steady traffic: after a tenth")
		assert.InDelta(t, 8, *d.ForS, 0)
	}
	assert.ElementsMatch(t, []string{"kill app", "kill app[0]", "kill lb", "kill pay"}, kills(names))
	for i := 1; i < len(out.Drills); i++ {
		assert.GreaterOrEqual(t, *out.Drills[i-1].FailedRatio.Mean, *out.Drills[i].FailedRatio.Mean)
	}
	last := out.Drills[len(out.Drills)-1]
	if last.What == "kill app[0]" {
		assert.Equal(t, "any of 3", last.AnyOf)
	}
}

func kills(names []string) []string {
	var out []string
	for _, n := range names {
		if strings.HasPrefix(n, "kill ") {
			out = append(out, n)
		}
	}
	return out
}

// No result depends on how many run at once.
func TestDrillsDoNotDependOnTheCores(t *testing.T) {
	spec := specsOf(t, noisyShop+keyFault("kill = \"app[0]\"\nat = \"5s\"")+keyFault("kill = \"lb\"\nat = \"9s\"\nfor = \"3s\""))[0]
	var texts []string
	for _, parallel := range []int{1, 4} {
		out, err := Drill(DrillPlan{Spec: spec}, Options{Parallel: parallel})
		require.NoError(t, err)
		text, err := json.Marshal(out)
		require.NoError(t, err)
		texts = append(texts, string(text))
	}
	assert.Equal(t, texts[0], texts[1])
}

// Interrupted, the drills that were finished are told.
func TestAnInterruptedDrillTellsWhatWasFinished(t *testing.T) {
	spec := specsOf(t, noisyShop+keyFault("kill = \"app[0]\"\nat = \"5s\"")+keyFault("kill = \"lb\"\nat = \"9s\""))[0]
	var stop atomic.Bool
	out, err := Drill(DrillPlan{Spec: spec}, Options{Parallel: 1, Stop: &stop, Progress: func(done, total int) {
		assert.Equal(t, 9, total)
		if done == 7 {
			stop.Store(true)
		}
	}})
	require.ErrorIs(t, err, node.ErrStopped)
	require.NotNil(t, out)
	assert.True(t, out.Truncated)
	require.Len(t, out.Drills, 1)
	assert.Equal(t, "kill app[0]", out.Drills[0].What)

	stop.Store(true)
	out, err = Drill(DrillPlan{Spec: spec}, Options{Parallel: 1, Stop: &stop})
	require.ErrorIs(t, err, node.ErrStopped)
	assert.Nil(t, out, "there is nothing to compare with")
}

// An objective that is missed without any fault says nothing about one.
func TestAnObjectiveThatTheTwinMissesIsNoMeasureOfRecovery(t *testing.T) {
	text := strings.Replace(noisyShop, "users p99 < 400ms", "users p50 < 10ms", 1)
	out := drilled(t, text, false, "kill app at 5s for 10s")
	assert.Equal(t, result.Missed, out.Baseline.Objectives[1].Verdict)
	c := out.Drills[0].Clients["users"]
	require.NotNil(t, c.RecoveryS.Mean, c.RecoveryS.Note)
	assert.InDelta(t, 11, *c.RecoveryS.Mean, 1.5)
}

// A client that no fault touches is never out, however much the latencies of
// its few requests stray from their mean.
func TestAClientThatIsFarFromAFaultWasNeverOut(t *testing.T) {
	const shops = `
[run]
duration = "2m"
warmup = "5s"
replications = 3
[client.near]
target = "web"
arrivals = "poisson 20/s"
[client.far]
target = "batch"
arrivals = "poisson 2/s"
[server.web]
on.request = [{ wait = "1ms" }]
[server.batch]
on.request = [{ cpu = "lognormal mean=50ms cv=2" }]
`
	out := drilled(t, shops, false, "kill web at 40s for 20s", "slow batch factor 3 at 40s for 20s")
	for _, d := range out.Drills {
		if d.What == "kill web" {
			is(t, 0, d.Clients["far"].RecoveryS, "the one that is far")
			assert.InDelta(t, 20, *d.Clients["near"].RecoveryS.Mean, 0.5)
			assert.Nil(t, d.Clients["near"].RecoveryAboveS)
			continue
		}
		assert.Greater(t, *d.Clients["far"].RecoveryS.Mean, 15.0, "and is out when the fault is its own")
		is(t, 0, d.Clients["near"].RecoveryS, "the other")
	}
}

// What is not over when the run is has taken longer than that, less what it
// takes to tell; of what comes by chance there is no such time.
func TestADrillThatDoesNotEndTookLonger(t *testing.T) {
	out := drilled(t, steadyShop, false, "kill web at 5s for 1h", "kill web at 19500ms for 1h", "kill web mttf 2s mttr 100ms")
	for _, d := range out.Drills {
		c := d.Clients["users"]
		assert.Nil(t, c.RecoveryS.Mean)
		switch {
		case d.AtS == nil:
			assert.Equal(t, onlyChance, c.RecoveryS.Note)
			require.NotNil(t, d.Random)
			assert.Positive(t, *d.Random.Occurrences.Mean)
			assert.Nil(t, c.RecoveryAboveS)
			assert.Equal(t, result.Undecided, d.Objectives[2].Verdict)
		case *d.AtS < 10:
			require.NotNil(t, c.RecoveryAboveS)
			assert.InDelta(t, 14, *c.RecoveryAboveS, 1e-9, "19 of 20 s, from 5 s on")
		default:
			assert.Nil(t, c.RecoveryAboveS, "too late to tell")
		}
	}
}

// An objective on the recovery from what comes by chance alone is undecided,
// and the warning does not say that nothing failed.
func TestTheRecoveryFromWhatComesByChanceIsNotJudged(t *testing.T) {
	r, err := Run(specsOf(t, steadyShop+keyFault("kill = \"web\"\nmttf = \"2s\"\nmttr = \"100ms\""))[0], Options{})
	require.NoError(t, err)
	assert.Equal(t, result.Undecided, r.Objectives[2].Verdict)
	assert.Contains(t, r.Warnings[len(r.Warnings)-1].Message+r.Warnings[0].Message, "come by chance")
}

// Objectives on latencies alone hold where nobody is answered: a client is
// not back because of that, in a drill or in a run.
func TestAClientThatNobodyAnswersIsNotBack(t *testing.T) {
	slow := strings.Replace(steadyShop, `"users errors < 1%"`, `"users p99 < 500ms"`, 1)
	require.NotContains(t, slow, "users errors")
	slow = strings.Replace(slow, `"users p99 < 50ms"`, `"users mean < 50ms"`, 1)
	d := drilled(t, slow, false, "kill web at 5s for 3s").Drills[0]
	is(t, 300, d.FailedRequests, "lost")
	assert.InDelta(t, 3, *d.Clients["users"].RecoveryS.Mean, 0.02)
	assert.InDelta(t, 3, *d.RTOS, 0.02)

	r, err := Run(specsOf(t, slow+keyFault("kill = \"web\"\nat = \"5s\"\nfor = \"3s\""))[0], Options{})
	require.NoError(t, err)
	assert.InDelta(t, 3, *r.Objectives[2].Actual.Mean, 0.02)

	// What fails all the time is not the fault's.
	frail := strings.Replace(slow, "on.request = [", "on.request = [{ fail = \"5%\" }, ", 1)
	require.NotEqual(t, slow, frail)
	r, err = Run(specsOf(t, frail+keyFault("kill = \"web\"\nat = \"5s\"\nfor = \"3s\""))[0], Options{})
	require.NoError(t, err)
	require.NotNil(t, r.Objectives[2].Actual.Mean, "%v", r.Objectives[2])
}

// A drill's RTO is the outage of the writes, if there was one: it has no end
// where nobody takes them again, however content the clients are, and of a
// fault that took them from nobody it is how long clients were without more.
func TestTheTimeToRecoverIsThatOfWritesOrOfClients(t *testing.T) {
	text := `objectives = ["users availability > 40%"]
[run]
duration = "20s"
warmup = "0s"
replications = 2
[client.users]
target = "orders"
arrivals = "constant 100/s"
requests = { put = 1, get = 1 }
[database.orders]
replicas = 1
route_reads = "replicas"
write.put = [{ cpu = "1ms" }]
read.get = [{ cpu = "1ms" }]
`
	out := drilled(t, text, false, "kill orders.primary at 5s for 3s", "hang orders.primary at 5s for 60s", "slow orders.replica[0] factor 3 at 5s for 3s", "errors orders error_ratio 90% at 5s for 3s")
	require.Len(t, out.Drills, 4)
	for _, d := range out.Drills {
		back := *d.Clients["users"].RecoveryS.Mean
		switch d.What {
		case "kill orders.primary":
			assert.InDelta(t, 0, back, 0.3, "more than 40 % are answered")
			assert.InDelta(t, 3, *d.RTOS, 1e-9)
		case "hang orders.primary":
			assert.InDelta(t, 0, back, 0.3)
			assert.Nil(t, d.RTOS, "to the end")
		case "slow orders.replica[0]":
			assert.InDelta(t, 0, *d.RTOS, 1e-9)
		default:
			assert.InDelta(t, 3, back, 0.1)
			assert.InDelta(t, back, *d.RTOS, 1e-9)
		}
	}
}

// Drills that are alike but for how bad the fault is are told apart by that.
func TestDrillsOfTheSameKindAreToldApart(t *testing.T) {
	out := drilled(t, noisyShop, false, "kill app[0] at 5s", "kill app[0] silent at 6s", "slow app factor 2 at 7s", "slow app factor 2 at 8s", "hang lb at 9s",
		"latency app add exp 5ms at 10s", "latency app add 2s at 11s", "errors app error_ratio 0.3 at 12s", "errors app error_ratio 5% at 13s")
	var names []string
	for _, d := range out.Drills {
		names = append(names, d.What)
	}
	assert.Equal(t, []string{"kill app[0]", "kill app[0] silent", "slow app", "slow app", "hang lb", "latency app add 0.005s", "latency app add 2s", "errors app error_ratio 30%", "errors app error_ratio 5%"}, names)
}
