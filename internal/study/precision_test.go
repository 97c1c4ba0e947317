package study

import (
	"encoding/json"
	"fmt"
	"math"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
)

// preciseFile has two clients, of whom one is seldom there.
func preciseFile(run string) string {
	return "[run]\nduration = \"10s\"\nwarmup = \"1s\"\n" + run + `
[client.users]
target = "web"
arrivals = "poisson 70/s"
[client.rare]
target = "other"
arrivals = "poisson 40/s"
[server.web]
on.request = [{ cpu = "exp 10ms" }]
[server.other]
on.request = [{ wait = "exp 10ms" }]
`
}

func documentOf(t *testing.T, r *result.Result) string {
	t.Helper()
	data, err := json.Marshal(r)
	require.NoError(t, err)
	return string(data)
}

// The number that a precision leads to is all that it does: asked for that
// number, the same comes out, to the byte, however many run at once.
func TestAPrecisionOnlyChoosesTheNumberOfReplications(t *testing.T) {
	numbers := map[int]bool{}
	for seed := range 4 {
		for _, precision := range []string{"8%", "25%"} {
			for _, least := range []int{1, 4} {
				run := fmt.Sprintf("seed = %d\nreplications = %d\nprecision = \"%s\"", seed, least, precision)
				r, err := Run(specsOf(t, preciseFile(run))[0], Options{Parallel: 1 + seed})
				require.NoError(t, err)
				n := r.Run.Replications
				numbers[n] = true
				assert.True(t, (n-least)%node.PrecisionWave == 0 || n == node.PrecisionMost, "%d: waves of a fixed size after the least", n)

				spec := specsOf(t, preciseFile(fmt.Sprintf("seed = %d\nreplications = %d", seed, n)))[0]
				same, err := Run(spec, Options{})
				require.NoError(t, err)
				same.Topology.Defaults = r.Topology.Defaults // that there is no precision is one of its own
				if n < node.PrecisionMost {
					assert.Equal(t, documentOf(t, same), documentOf(t, r), run)
				}
				for name, c := range r.Clients {
					p99 := c.LatencyS["p99"]
					if n < node.PrecisionMost {
						assert.LessOrEqual(t, *p99.HalfWidth, ratioOf(precision)**p99.Mean, name)
					}
				}
				if n > least && n < node.PrecisionMost {
					spec.Run.Replications = n - node.PrecisionWave
					fewer, err := Run(spec, Options{})
					require.NoError(t, err)
					assert.True(t, anyLess(fewer, ratioOf(precision)), "one wave less is not enough: %s, %d", run, n)
				}
			}
		}
	}
	assert.Greater(t, len(numbers), 3, "the cases differ")
}

func ratioOf(percent string) float64 {
	var x float64
	if _, err := fmt.Sscanf(percent, "%f%%", &x); err != nil {
		panic(err)
	}
	return x / 100
}

// anyLess reports whether any client's p99 is less precise than that, or not
// known at all.
func anyLess(r *result.Result, precision float64) bool {
	for _, c := range r.Clients {
		p99 := c.LatencyS["p99"]
		if p99.Mean == nil || p99.HalfWidth == nil || *p99.HalfWidth > precision**p99.Mean {
			return true
		}
	}
	return false
}

func warningsOf(r *result.Result, code string) []string {
	var found []string
	for _, w := range r.Warnings {
		if w.Code == code {
			found = append(found, w.Message)
		}
	}
	return found
}

func TestAPrecisionOutOfReachIsAWarning(t *testing.T) {
	r, err := Run(specsOf(t, preciseFile("replications = 3\nprecision = \"1%\""))[0], Options{})
	require.NoError(t, err)
	assert.Equal(t, node.PrecisionMost, r.Run.Replications)
	found := warningsOf(r, "W905")
	require.Len(t, found, 2)
	p99 := r.Clients["users"].LatencyS["p99"]
	reached := *p99.HalfWidth / *p99.Mean
	assert.Equal(t, fmt.Sprintf("users: p99 is wanted to ±1 %%, but after 100 replications is known to ±%.3g %%; about %.0f would be needed, or a longer run",
		100*reached, math.Ceil(100*reached/0.01*reached/0.01)), found[1])

	// More than a hundred are done where the file says so.
	r, err = Run(specsOf(t, preciseFile("replications = 103\nprecision = \"1%\""))[0], Options{})
	require.NoError(t, err)
	assert.Equal(t, 103, r.Run.Replications)

	// A client that never has an answer is not left out in silence.
	lost := replaceOnce(t, preciseFile("replications = 96\nprecision = \"90%\""), "{ wait", "{ fail = 1 }, { wait")
	r, err = Run(specsOf(t, lost)[0], Options{})
	require.NoError(t, err)
	assert.Equal(t, []string{"rare: p99 is wanted to ±90 %, but after 100 replications there is none: no samples"}, warningsOf(r, "W905"))
}

// All designs of a comparison get as many as the neediest of them.
func TestDesignsGetTheSameNumberOfReplications(t *testing.T) {
	easy := preciseFile("replications = 4\nprecision = \"12%\"")
	hard := replaceOnce(t, easy, "poisson 70/s", "poisson 80/s")
	specs := specsOf(t, easy, hard)
	var alone [2]int
	for i, s := range specs {
		r, err := Run(s, Options{})
		require.NoError(t, err)
		alone[i] = r.Run.Replications
	}
	require.NotEqual(t, alone[0], alone[1], "a case that tells")
	total := 0
	c, err := Compare(specs, Options{Parallel: 2, Progress: func(done, now int) { total = now }})
	require.NoError(t, err)
	for _, r := range c.Designs {
		assert.Equal(t, max(alone[0], alone[1]), r.Run.Replications)
		assert.False(t, r.Truncated)
	}
	assert.Equal(t, 2*max(alone[0], alone[1]), total, "progress knows how many there are in the end")
}

func TestAStoppedStudyOfAPrecisionIsTruncated(t *testing.T) {
	spec := specsOf(t, preciseFile("replications = 3\nprecision = \"1%\""))[0]
	stop := &atomic.Bool{}
	r, err := Run(spec, Options{Parallel: 1, Stop: stop, Progress: func(done, _ int) { stop.Store(done >= 8) }})
	require.ErrorIs(t, err, node.ErrStopped)
	assert.True(t, r.Truncated)
	assert.Equal(t, 8, r.Run.Replications, "a whole wave, but not what was asked for")
	assert.Len(t, warningsOf(r, "W905"), 2)
}
