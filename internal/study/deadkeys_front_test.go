package study

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

// frontCases are of the keys that say what to simulate and what to demand.
func frontCases() []keyCase {
	return append(nodeRatioCases(), keyCase{
		key: "extends", base: keyOneCore, new: `extends = "fast.toml"`, figure: latencyMean, want: down,
	}, keyCase{
		key: "run.precision", base: keyOneCore + keyRun, old: "replications = 5\n", new: "replications = 5\nprecision = \"15%\"\n",
		effect: func(t *testing.T, before, after keyAnswer) {
			assert.Equal(t, 5, before.Run.Replications)
			assert.Greater(t, after.Run.Replications, 5)
			wide, narrow := before.estimate(t, latencyP99), after.estimate(t, latencyP99)
			assert.Greater(t, *wide.HalfWidth, 0.15**wide.Mean)
			assert.LessOrEqual(t, *narrow.HalfWidth, 0.15**narrow.Mean)
		},
	})
}

// keyBase is what a file may start from.
const keyBase = "[server.web]\ncores = 9\nspeed = 2\n"

// nodeRatioCases demand that errors and availability of a node are shares of
// the attempts that reached it.
func nodeRatioCases() []keyCase {
	errors := func(n *result.Node) uint64 {
		sum := uint64(0)
		for _, count := range n.Errors {
			sum += count
		}
		return sum
	}
	completions := func(n *result.Node) uint64 { return n.Completions }
	var cases []keyCase
	for _, one := range []struct {
		metric, node, met, missed string
		count                     func(n *result.Node) uint64
	}{
		{"load_balancer.errors", "lb", "lb errors < 50%", "lb errors < 1%", errors},
		{"load_balancer.availability", "lb", "lb availability > 50%", "lb availability > 99%", completions},
		{"server.errors", "web", "web errors < 50%", "web errors < 1%", errors},
		{"server.availability", "web", "web availability > 50%", "web availability > 99%", completions},
		{"cache.errors", "redis", "redis errors < 1%", "redis errors > 1%", errors},
		{"cache.availability", "redis", "redis availability > 99%", "redis availability < 99%", completions},
		{"queue.errors", "mail", "mail errors < 1%", "mail errors > 1%", errors},
		{"queue.availability", "mail", "mail availability > 99%", "mail availability < 99%", completions},
		{"external.errors", "near", "near errors < 50%", "near errors < 1%", errors},
		{"external.availability", "near", "near availability > 50%", "near availability > 99%", completions},
	} {
		m := metricCase{metric: one.metric}
		cases = append(cases, m.of(one.met, one.missed, func(t *testing.T, met, missed keyAnswer) {
			n := met.Nodes[one.node]
			require.NotZero(t, n.Arrivals)
			for text, want := range map[string]string{one.met: result.Met, one.missed: result.Missed} {
				o := demanded(t, met)
				if text == one.missed {
					o = demanded(t, missed)
				}
				assert.Equal(t, want, o.Verdict, text)
				assert.InDelta(t, float64(one.count(n))/float64(n.Arrivals), *o.Actual.Mean, 0.002, text)
				assert.NotNil(t, o.Actual.HalfWidth, "the interval is that of the replications")
			}
		}))
	}
	return cases
}

// What is on its way when the window closes is not lost, unless the node hangs.
func TestAvailabilityOfANodeLeavesOutWhatIsUnderWay(t *testing.T) {
	const slow = `objectives = ["web availability > 99.9%"]
run = { duration = "60s", warmup = "0s", replications = 2 }
[client.users]
target = "web"
arrivals = "constant 20/s"
[server.web]
on.request = [{ wait = "uniform 5s 10s" }]
`
	a := answerTo(t, map[string]keyAnswer{}, slow, "")
	require.Empty(t, a.refused)
	require.Less(t, a.Nodes["web"].Completions, a.Nodes["web"].Arrivals)
	assert.Equal(t, 1.0, *a.Objectives[0].Actual.Mean)
	assert.Equal(t, result.Met, a.Objectives[0].Verdict)

	a = answerTo(t, map[string]keyAnswer{}, slow+"[[fault]]\nat = \"30s\"\nhang = \"web\"\nfor = \"50s\"\n", "")
	require.Empty(t, a.refused)
	assert.InDelta(t, 22.5/(60-11), *a.Objectives[0].Actual.Mean, 0.01, "those of the first 22.5 s are answered, those of the last 11 s might have been")
	assert.Equal(t, result.Missed, a.Objectives[0].Verdict)
}

// A node that works off what it began with answers more than comes.
func TestAvailabilityOfANodeIsAtMostOne(t *testing.T) {
	const backlog = `objectives = ["web availability >= 99%", "web errors < 1%"]
[client.early]
target = "web"
arrivals = "constant 150/s"
stages = [{ duration = "0s", target = "150/s" }, { duration = "4s", target = "150/s" }, { duration = "0s", target = "20/s" }]
[server.web]
on.request = [{ cpu = "10ms" }]
[run]
duration = "10s"
warmup = "9s"
replications = 2
`
	a := answerTo(t, map[string]keyAnswer{}, backlog, "")
	require.Empty(t, a.refused)
	n := a.Nodes["web"]
	require.Greater(t, n.Completions, n.Arrivals)
	assert.Equal(t, 1.0, *a.Objectives[0].Actual.Mean)
	assert.Equal(t, result.Met, a.Objectives[0].Verdict)
	assert.Equal(t, 0.0, *a.Objectives[1].Actual.Mean)
}
