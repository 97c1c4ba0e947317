package study

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// dumbBack tries every cell, and every stretch that begins there.
func dumbBack(all, instead []scores, from, end, least int) int {
	for i := from; i <= end-least; i++ {
		within := true
		for k, list := range all {
			for last := i + 1; last <= end; last++ {
				sum, other := 0.0, 1.0
				for _, x := range list[i:last] {
					sum += x
				}
				if instead != nil {
					other = 0
					for _, x := range instead[k][i:last] {
						other += x
					}
				}
				within = within && (sum <= 1e-6 || other <= 1e-6)
			}
		}
		if within {
			return i
		}
	}
	return -1
}

func TestAClientIsBackWhenEveryStretchFromThenOnIsGood(t *testing.T) {
	s := sim.Keyed(7)
	found := map[bool]int{}
	for range 3000 {
		cells := 1 + int(s.Uint64()%12)
		all := make([]scores, s.Uint64()%3)
		var instead []scores
		if s.Uint64()%2 == 0 {
			instead = make([]scores, len(all))
		}
		for k := range all {
			for range cells {
				all[k] = append(all[k], float64(s.Uint64()%7)-4)
				if instead != nil {
					instead[k] = append(instead[k], float64(s.Uint64()%7)-4)
				}
			}
		}
		from, end := int(s.Uint64()%uint64(cells)), cells-int(s.Uint64()%2)
		if from >= end {
			continue
		}
		least := 1 + int(s.Uint64()%3)
		want := dumbBack(all, instead, from, end, least)
		require.Equal(t, want, backAt(all, instead, from, end, least), "%v or %v from %d to %d", all, instead, from, end)
		found[want >= 0]++
	}
	assert.Greater(t, found[true], 500)
	assert.Greater(t, found[false], 500)
}

func TestARecoveryIsJudgedUpToTheNextFault(t *testing.T) {
	good, bad := -1.0, 50.0
	list := make(scores, 100)
	for i := range list {
		list[i] = good
		if i >= 20 && i < 25 || i >= 60 && i < 70 {
			list[i] = bad
		}
	}
	assert.Equal(t, 25, backAt([]scores{list}, nil, 20, 60, 5))
	assert.Equal(t, 70, backAt([]scores{list}, nil, 20, 100, 5), "the second is bad for too much, if it is this one's business")
	assert.Equal(t, -1, backAt([]scores{list}, nil, 60, 73, 5), "three cells are not enough to tell")
}

// steadyShop answers in 1 ms, one request each 10 ms, whatever the seed.
const steadyShop = `objectives = ["users errors < 1%", "users p99 < 50ms", "users recovery < 3s"]
[run]
duration = "20s"
warmup = "1s"
replications = 2
[client.users]
target = "web"
arrivals = "constant 100/s"
[server.web]
on.request = [{ wait = "1ms" }]
`

// A machine that is away for 5 s loses the 500 requests of that time and not
// one more, and its clients are back when it is.
func TestTheRecoveryOfAClientIsThatOfItsMachine(t *testing.T) {
	for _, tt := range []struct {
		fault         string
		recovery      float64
		verdict, note string
	}{
		{"kill = \"web\"\nat = \"5s\"\nfor = \"5s\"", 5, result.Missed, ""},
		{"kill = \"web\"\nat = \"5s\"\nfor = \"2s\"", 2, result.Met, ""},
		{"kill = \"web\"\nat = \"5s\"", 0, result.Missed, "not within the run"},
		{"kill = \"web\"\nat = \"18s\"", 0, result.Undecided, "not within the run"},
		{"kill = \"web\"\nat = \"5s\"\nfor = \"1s\"\n[[fault]]\nkill = \"web\"\nat = \"10s\"\nfor = \"2s\"", 2, result.Met, ""},
	} {
		r, err := Run(specsOf(t, steadyShop+keyFault(tt.fault))[0], Options{})
		require.NoError(t, err)
		o := r.Objectives[2]
		assert.Equal(t, tt.verdict, o.Verdict, tt.fault)
		assert.Equal(t, tt.note, o.Actual.Note, tt.fault)
		if tt.note == "" {
			require.NotNil(t, o.Actual.Mean, tt.fault)
			assert.InDelta(t, tt.recovery, *o.Actual.Mean, 0.01, tt.fault)
		} else {
			assert.Nil(t, o.Actual.Mean)
		}
	}
}

func TestWithoutAFaultThereIsNothingToRecoverFrom(t *testing.T) {
	r, err := Run(specsOf(t, steadyShop)[0], Options{})
	require.NoError(t, err)
	assert.Equal(t, result.Objective{Text: "users recovery < 3s", Actual: result.Estimate{Note: noFault}, Verdict: result.Undecided}, r.Objectives[2])
	require.Len(t, r.Warnings, 1)
	assert.Contains(t, r.Warnings[0].Message, "capsim drill")
}

// Every objective that a client may be back within is kept by the timeline as
// the run keeps it.
func TestTheTimelineAddsUpToTheRun(t *testing.T) {
	for _, objective := range []string{
		"users mean < 15ms", "users p90 < 20ms", "users max < 60ms", "users errors < 8%", "users availability > 94%",
		"users within 20ms > 80%", "users throughput > 95/s", "users.b p90 < 20ms", "users.a within 20ms >= 80%",
	} {
		text := `objectives = ["` + objective + `"]
[run]
duration = "100s"
warmup = "1s"
replications = 1
[client.users]
target = "web"
arrivals = "poisson 100/s"
requests = { a = 3, b = 1 }
[server.web]
on.a = [{ cpu = "exp 5ms" }, { fail = "6%" }]
on.b = [{ cpu = "exp 8ms" }, { fail = "5%" }]
`
		spec := *specsOf(t, text)[0]
		spec.Timeline = true
		f := newFigures(&spec)
		var sum, cells float64
		f.keep = func(s *node.Snapshot) {
			tl := s.Clients[0].Timeline
			offered, ok, latency := uint64(0), uint64(0), uint64(0)
			for _, c := range tl.Cells {
				offered, ok, latency = offered+uint64(c.Offered), ok+uint64(c.OK), latency+c.Latency
			}
			all := latencies(&s.Clients[0])
			assert.Equal(t, s.Clients[0].Ops[0].Offered+s.Clients[0].Ops[1].Offered, offered)
			assert.Equal(t, s.Clients[0].Ops[0].OK+s.Clients[0].Ops[1].OK, ok)
			assert.InEpsilon(t, all.Sum().Float64(), float64(latency), 1e-12)
			for _, x := range scoresOf(&spec, tl)[0] {
				sum += x
				cells++
			}
		}
		require.NoError(t, f.replicate(1, Options{}, &ticker{}))
		assert.Greater(t, cells, 1000.0)
		o := f.judge(&spec.Objectives[0])
		assert.Equal(t, o.Verdict == result.Met, sum <= 0, "%s is %s at %v, and the scores add up to %v", objective, o.Verdict, *o.Actual.Mean, sum)
		// And they do so by as much as the figure is from the value.
		offered, ok := float64(f.snaps[0].Clients[0].Ops[0].Offered+f.snaps[0].Clients[0].Ops[1].Offered), 0.0
		ok = float64(f.snaps[0].Clients[0].Ops[0].OK + f.snaps[0].Clients[0].Ops[1].OK)
		a, v := *o.Actual.Mean, spec.Objectives[0].Value
		switch objective {
		case "users mean < 15ms":
			assert.InDelta(t, ok*(a/v-1), sum, 1e-3)
		case "users errors < 8%":
			assert.InDelta(t, offered*(a-v), sum, 1e-6)
		case "users availability > 94%", "users within 20ms > 80%":
			assert.InDelta(t, offered*(v-a), sum, 1e-6)
		case "users throughput > 95/s":
			assert.InDelta(t, 100*(v-a), sum, 1e-6)
		}
	}
}

// Users who all wait for what stands still ask nothing, and nothing that they
// ask goes wrong: they are back when they ask again.
func TestUsersWhoAllWaitAreNotBack(t *testing.T) {
	text := `objectives = ["users p99 < 100ms", "users recovery < 10s"]
[run]
duration = "100s"
warmup = "0s"
replications = 1
[client.users]
target = "web"
users = 10
think = "exp 1s"
[server.web]
on.request = [{ cpu = "exp 5ms" }]
`
	const hang = "hang = \"web\"\nat = \"20s\"\n"
	r, err := Run(specsOf(t, text+keyFault(hang+"for = \"40s\""))[0], Options{})
	require.NoError(t, err)
	assert.InDelta(t, 40, *r.Objectives[1].Actual.Mean, 0.5)
	r, err = Run(specsOf(t, text+keyFault(hang))[0], Options{})
	require.NoError(t, err)
	assert.Equal(t, result.Missed, r.Objectives[1].Verdict)
	assert.Equal(t, "not within the run", r.Objectives[1].Actual.Note)
	d := drilled(t, text, false, "hang web at 20s for 40s").Drills[0]
	assert.InDelta(t, 40, *d.RTOS, 0.5)

	// One who thinks for longer than he was away is back as soon as it is over.
	slow := strings.Replace(strings.Replace(text, "users = 10", "users = 1", 1), "exp 1s", "3s", 1)
	d = drilled(t, slow, false, "slow web factor 1000 at 20s for 1s").Drills[0]
	assert.Less(t, *d.RTOS, 3.0)
}
