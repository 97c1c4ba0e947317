package study

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

// Clients that settle soon and late, each on a server of its own.
const (
	soonSettled = "[client.soon]\ntarget = \"quick\"\narrivals = \"poisson 100/s\"\n[server.quick]\non.request = [{ wait = \"exp 10ms\" }]\n"
	lateSettled = "[client.late]\ntarget = \"busy\"\nusers = 1000\nthink = \"5s\"\n[server.busy]\non.request = [{ cpu = \"exp 10ms\" }]\n"
	neverSettle = "[client.never]\ntarget = \"full\"\narrivals = \"poisson 130/s\"\n[server.full]\non.request = [{ cpu = \"exp 10ms\" }]\n"
	minute      = "[run]\nduration = \"60s\"\nreplications = 1\n"
)

func ranFor(t *testing.T, text string) *result.Result {
	t.Helper()
	r, err := Run(specsOf(t, text)[0], Options{})
	require.NoError(t, err)
	return r
}

// The pilot looks at every client by itself, and the last to settle decides.
func TestTheWarmUpIsThatOfTheClientThatSettlesLast(t *testing.T) {
	soon, late := ranFor(t, minute+soonSettled), ranFor(t, minute+lateSettled)
	assert.Less(t, soon.Run.WarmupS, 5.0)
	assert.Greater(t, late.Run.WarmupS, 5.0, "a thousand users come all at once")
	both := ranFor(t, minute+soonSettled+lateSettled)
	assert.Equal(t, math.Max(soon.Run.WarmupS, late.Run.WarmupS), both.Run.WarmupS)
	hundredths := both.Run.WarmupS / 0.6
	assert.InDelta(t, math.Round(hundredths), hundredths, 1e-9, "rounded up to a hundredth of the run")
	assert.LessOrEqual(t, both.Run.WarmupS, 30.0)
	for _, r := range []*result.Result{soon, late, both} {
		assert.Empty(t, warningsOf(r, "W903"))
	}
	c, err := Compare(specsOf(t, minute+soonSettled, minute+lateSettled), Options{})
	require.NoError(t, err)
	for _, r := range c.Designs {
		assert.Equal(t, late.Run.WarmupS, r.Run.WarmupS, "designs are compared over the same window")
	}
}

func TestAPilotThatDoesNotSettleIsAWarning(t *testing.T) {
	found := warningsOf(ranFor(t, minute+neverSettle), "W903")
	require.Len(t, found, 1)
	assert.Contains(t, found[0], "had not settled by half its length")
	assert.Empty(t, warningsOf(ranFor(t, minute+"warmup = \"10s\"\n"+neverSettle), "W903"), "who gives a warm-up has looked")
}

// Traffic of a shape does not settle: nothing is cut off.
func TestTrafficOfAShapeHasNoWarmUp(t *testing.T) {
	shaped := strings.Replace(lateSettled, "think", "stages = [{ duration = \"60s\", target = 1000 }]\nthink", 1)
	assert.Zero(t, ranFor(t, minute+shaped).Run.WarmupS)
	assert.Zero(t, ranFor(t, minute+soonSettled+shaped).Run.WarmupS)
}

// Ten of the samples must lie beyond a percentile, in all replications
// together.
func TestAPercentileNeedsTenSamplesBeyond(t *testing.T) {
	const file = `objectives = ["users p99 < 1s"]
[client.users]
target = "web"
arrivals = "constant 100/s"
[server.web]
on.request = [{ wait = "exp 5ms" }]
`
	for _, tt := range []struct {
		duration     string
		replications int
		told         []string
		note         map[string]string
	}{
		{"10s", 1, []string{"p50", "p90", "p95", "p99"}, map[string]string{"p99.9": "not enough samples: 1000 of at least 10000"}},
		{"9.99s", 1, []string{"p50", "p90", "p95"}, map[string]string{"p99": "not enough samples: 999 of at least 1000"}},
		{"5s", 2, []string{"p50", "p90", "p95", "p99"}, map[string]string{"p99.9": "not enough samples: 1000 of at least 10000"}},
		{"190ms", 1, nil, map[string]string{"p50": "not enough samples: 19 of at least 20", "p95": "not enough samples: 19 of at least 200"}},
		{"200ms", 1, []string{"p50"}, map[string]string{"p90": "not enough samples: 20 of at least 100"}},
	} {
		name := fmt.Sprint(tt.duration, " × ", tt.replications)
		r := ranFor(t, fmt.Sprintf("%s[run]\nduration = %q\nwarmup = \"0s\"\nreplications = %d\n", file, tt.duration, tt.replications))
		l := r.Clients["users"].LatencyS
		for _, p := range tt.told {
			assert.NotNil(t, l[p].Mean, "%s %s", name, p)
			assert.Empty(t, l[p].Note, "%s %s", name, p)
		}
		for p, note := range tt.note {
			assert.Equal(t, result.Estimate{Note: note}, l[p], "%s %s", name, p)
		}
		assert.NotNil(t, l["mean"].Mean, name)
		assert.NotNil(t, l["max"].Mean, name)
		if l["p99"].Mean == nil {
			assert.Equal(t, result.Undecided, r.Objectives[0].Verdict, name)
			assert.Len(t, warningsOf(r, "W904"), 1, name)
		} else {
			assert.Equal(t, result.Met, r.Objectives[0].Verdict, name)
		}
	}
}
