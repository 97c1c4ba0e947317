package study

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

func soakOf(t *testing.T, text string) *result.Soak {
	t.Helper()
	s, err := Soak(specOf(t, text), Options{})
	require.NoError(t, err)
	require.Equal(t, result.SoakSchema, s.Schema)
	return s
}

// trendOf finds a trend.
func trendOf(t *testing.T, s *result.Soak, subject, metric string) *result.Trend {
	t.Helper()
	for i := range s.Trends {
		if s.Trends[i].Subject == subject && s.Trends[i].Metric == metric {
			return &s.Trends[i]
		}
	}
	require.Fail(t, "no such trend", "%s %s", subject, metric)
	return nil
}

// Of a stationary queue nothing drifts, whatever the seed: a false alarm of a
// single figure in twenty, and of any of them together in twenty.
func TestSoaksOfAStationaryQueueRaiseNoFalseAlarms(t *testing.T) {
	seeds := 200
	if testing.Short() {
		seeds = 50
	}
	single, tested, any := 0.0, 0.0, 0.0
	for seed := range seeds {
		s := soakOf(t, web(70, "", cpu("exp 10ms"))+fmt.Sprintf("[run]\nduration = \"100s\"\nwarmup = \"10s\"\nreplications = 1\nseed = %d\n", seed+1))
		alarm := false
		for _, one := range s.Trends {
			if one.PValue == nil || one.Metric == "errors_rps" {
				continue
			}
			tested++
			if *one.PValue < 0.05 {
				single++
			}
			alarm = alarm || one.Drifts
		}
		if alarm {
			any++
		}
	}
	n := float64(seeds)
	assert.GreaterOrEqual(t, tested, 3*n)
	assert.Less(t, single/tested, 0.1, "for a single figure, at 5 %%")
	assert.Greater(t, single/tested, 0.01)
	assert.Less(t, any/n, 0.1, "for all of them together")
}

const soakLeak = `[client.users]
target = "web"
arrivals = "constant 100/s"
[server.web]
instances = 2
memory = "1GB"
memory_base = "200MB"
leak_per_request = "10kB"
boot = "20s"
on.request = [{ wait = "1ms" }]
`

// 100/s of constant arrivals leak 1 MB/s: 1.6 GB of two instances are full
// after 1600 s. The line of the trend says so to a thousandth from the first
// 400 s; a run of 2000 s sees it. Of each instance it is the 80 001st request
// that goes beyond: an even one for web[0], at (2 · 80 000 + 1)/100 s plus 1 ms.
func TestASoakTellsWhenTheMemoryIsFull(t *testing.T) {
	s := soakOf(t, soakLeak+"[run]\nduration = \"400s\"\nwarmup = \"1s\"\nreplications = 1\n")
	memory := trendOf(t, s, "web", "memory_bytes")
	assert.True(t, memory.Drifts)
	assert.InEpsilon(t, 3.6e9, *memory.PerHour, 1e-3)
	assert.InEpsilon(t, 400e6, *memory.From, 1e-2)
	assert.InEpsilon(t, 800e6, *memory.To, 1e-3)
	require.NotNil(t, s.Gives)
	assert.InDelta(t, 1600, s.Gives.AtS, 1.6)
	assert.Equal(t, "memory full", s.Gives.What)
	assert.False(t, s.Gives.Seen)
	assert.Equal(t, memory.NextLimit, s.Gives)
	assert.Empty(t, s.Notes)
	for _, one := range s.Trends {
		assert.Equal(t, one.Metric == "memory_bytes", one.Drifts, "%s %s", one.Subject, one.Metric)
	}

	s = soakOf(t, soakLeak+"[run]\nduration = \"2000s\"\nwarmup = \"1s\"\nreplications = 1\n")
	require.NotNil(t, s.Gives)
	assert.True(t, s.Gives.Seen)
	assert.InDelta(t, 1600, s.Gives.AtS, 0.05)
	assert.InDelta(t, s.Gives.AtS, trendOf(t, s, "web", "memory_bytes").UntilS, 0)
	assert.EqualValues(t, 2, s.Result.Nodes["web"].MemoryKills)
	assert.InDelta(t, 1-20.0/2000, s.Result.Nodes["web"].PerInstance[0].UpRatio, 1e-6)
}

// A single instance that leaks from 0 on: the first kill is exactly at
// (size − base) / (rate · leak), to the request, and it comes again after
// that and the boot time.
func TestLeaksKillOnTime(t *testing.T) {
	text := "[client.users]\ntarget = \"web\"\narrivals = \"constant 100/s\"\n[server.web]\nmemory = \"1GB\"\nmemory_base = \"200MB\"\n" +
		"leak_per_request = \"100kB\"\nboot = \"20s\"\non.request = [{ wait = \"1ms\" }]\n[run]\nduration = \"350s\"\nwarmup = \"0s\"\nreplications = 1\n"
	snap, err := node.NewNetwork(specOf(t, text), 0).Run(nil)
	require.NoError(t, err)
	web := snap.Nodes[1]
	require.NotNil(t, web.Exhausted)
	first := web.Exhausted.First
	// 8000 requests fill it, from that of 0 s on; the next one is too much, at
	// its end, 1 ms after it came.
	assert.Equal(t, 80*sim.Second+sim.Second/1000, first)
	assert.InDelta(t, 800e6/(100*100e3), first.Seconds()-0.001, 1e-9)
	// Back at 100.001 s, it meets that of 100.01 s first.
	assert.EqualValues(t, 3, web.Exhausted.Kills, "at 80.001, 180.011 and 280.021 s")
	assert.Equal(t, 350*sim.Second-3*20*sim.Second, web.Instances[0].Up)
}

// A queue that fills is followed to its capacity, latencies to what an
// objective allows; and traffic that grows is told of.
func TestASoakFollowsQueuesAndLatencies(t *testing.T) {
	const mail = `[client.users]
target = "web"
arrivals = "poisson 100/s"
[server.web]
on.request = [{ publish = "mail" }]
[queue.mail]
consumer = "sender"
capacity = 100_000
[server.sender]
concurrency = 1
on.request = [{ wait = "exp 11ms" }]
`
	s := soakOf(t, mail+"[run]\nduration = \"600s\"\nwarmup = \"1s\"\nreplications = 1\n")
	depth := trendOf(t, s, "mail", "queue")
	assert.True(t, depth.Drifts)
	grows := 100 - 1/0.011
	assert.InEpsilon(t, 3600*grows, *depth.PerHour, 0.2)
	require.NotNil(t, depth.NextLimit)
	assert.Equal(t, "queue full", depth.NextLimit.What)
	assert.InEpsilon(t, 1e5/grows, depth.NextLimit.AtS, 0.2)
	assert.LessOrEqual(t, *depth.NextLimit.EarliestS, depth.NextLimit.AtS)

	text := "objectives = [\"users mean < 30s\"]\n" + web(110, "", cpu("exp 10ms")) + "[run]\nduration = \"200s\"\nwarmup = \"0s\"\nreplications = 1\n"
	s = soakOf(t, text)
	mean := trendOf(t, s, "users", "latency_mean_s")
	require.NotNil(t, mean.NextLimit)
	assert.Equal(t, "users mean < 30s", mean.NextLimit.What)
	// It grows by 0.1 s a second.
	assert.InEpsilon(t, 300, mean.NextLimit.AtS, 0.25)

	s = soakOf(t, "[client.users]\ntarget = \"web\"\narrivals = \"poisson 10/s\"\nstages = [{ duration = \"200s\", target = \"80/s\" }]\n[server.web]\non.request = [{ cpu = \"exp 1ms\" }]\n"+
		"[run]\nduration = \"200s\"\nwarmup = \"0s\"\nreplications = 1\n")
	require.Len(t, s.Notes, 1)
	assert.Equal(t, "the traffic of users itself goes one way: what follows it is no decay", s.Notes[0])
}

func TestTimesInWarningsAreWhatPeopleSay(t *testing.T) {
	for at, want := range map[sim.Time]string{
		sim.Second / 4: "0.25 s", 90 * sim.Second: "90 s", 999 * sim.Second: "999 s", 34_869_742 * sim.Millisecond: "9h41m10s",
	} {
		assert.Equal(t, want, formatSeconds(at))
	}
}

// Memory is full when that of the instances is that there are, not of those
// that there might be, nor of a second set.
func TestMemoryIsFullOfTheInstancesThatThereAre(t *testing.T) {
	const base = "[client.users]\ntarget = \"web\"\narrivals = \"constant 100/s\"\n[server.web]\nmemory = \"100MB\"\nleak_per_request = \"2kB\"\n%s" +
		"on.request = [{ cpu = \"1ms\" }]\n[run]\nduration = \"200s\"\nwarmup = \"1s\"\nreplications = 1\n"
	plain := soakOf(t, fmt.Sprintf(base, ""))
	scaled := soakOf(t, fmt.Sprintf(base, "autoscale = { min = 1, max = 9, target = \"requests 1000/s\" }\n"))
	require.NotNil(t, plain.Gives)
	require.NotNil(t, scaled.Gives)
	assert.InEpsilon(t, 500, plain.Gives.AtS, 0.02, "100 MB at 200 kB/s")
	assert.InEpsilon(t, 500, scaled.Gives.AtS, 0.02)
}
