package study

import (
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

// TestCoverageOfIntervals repeats a study of an M/M/1 queue at 80 % with
// different seeds and counts how often the stated 95 % interval holds the
// truth: for the mean, 1/(μ−λ), and for the 99th percentile, ln 100/(μ−λ).
//
// The long form (CAPSIM_LONG=1) is 400 studies of 20 replications of 50,000
// requests and allows 92 to 98 %. The short one has replications of 5000
// requests; of 100 studies a count outside 88 to 100 comes by chance once in
// some hundred runs of an interval that is right, and never, the seeds being
// fixed, once it has passed.
func TestCoverageOfIntervals(t *testing.T) {
	studies, duration, low, high := 100, "6.25s", 88, 100
	switch {
	case os.Getenv("CAPSIM_LONG") == "1":
		studies, duration, low, high = 400, "62.5s", 368, 392
	case testing.Short():
		t.Skip("a hundred studies")
	}
	spec := specOf(t, fmt.Sprintf(`
run = { duration = %q, warmup = "2s", replications = 20 }
client.users = { target = "web", arrivals = "poisson 800/s" }
server.web = { on.request = [{ cpu = "exp 1ms" }] }`, duration))
	truth := map[string]float64{"mean": 1.0 / 200, "p99": math.Log(100) / 200}
	held := map[string]int{}
	for seed := range studies {
		one := *spec
		one.Run.Seed = uint64(1000 + seed)
		r, err := Run(&one, Options{})
		require.NoError(t, err)
		for figure, exact := range truth {
			if holdsTruth(r.Clients["users"].LatencyS[figure], exact) {
				held[figure]++
			}
		}
	}
	for figure := range truth {
		t.Logf("%s: %d of %d intervals hold the truth, %.1f %%", figure, held[figure], studies, 100*float64(held[figure])/float64(studies))
		assert.GreaterOrEqual(t, held[figure], low, figure)
		assert.LessOrEqual(t, held[figure], high, figure)
	}
}

func holdsTruth(e result.Estimate, exact float64) bool {
	return math.Abs(*e.Mean-exact) <= *e.HalfWidth
}
