package study

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/models/theory"
)

// failing is a database whose replicas take the place of its primary.
func failing(writes float64, replicas int, replication string) string {
	return fmt.Sprintf(`[client.writers]
target = "db.put"
arrivals = "poisson %s"
keys = "uniform n=1G"
[database.db]
replicas = %d
replication = %s
failover = { detect = "500ms", promote = "500ms" }
write.put = []
`, perSecond(writes), replicas, replication)
}

// The acknowledged writes that are on no replica when the primary dies are
// those in an M/G/∞ queue whose service is the shortest lag: their number is
// Poisson. Here one kill a run, of the only primary that there is.
func TestLostWritesAreThoseThatNoReplicaHad(t *testing.T) {
	const writes, replications = 1000.0, 100
	exponential := func(t float64) float64 { return math.Exp(-t / 0.05) }
	for _, row := range []struct {
		replication string
		replicas    int
		lost        float64
	}{
		{`{ lag = "50ms" }`, 1, writes * 0.05},
		{`{ lag = "50ms" }`, 3, writes * 0.05},
		{`{ lag = "exp 50ms" }`, 1, writes * theory.ShortestLag(1, exponential, 1e-5)},
		{`{ lag = "exp 50ms" }`, 2, writes * theory.ShortestLag(2, exponential, 1e-5)},
		{`{ lag = "exp 50ms" }`, 4, writes * theory.ShortestLag(4, exponential, 1e-5)},
		{`{ lag = "lognormal mean=50ms cv=2" }`, 1, writes * 0.05},
		{`{ lag = "uniform 0ms 100ms" }`, 3, writes * 0.1 / 4},
		{`{ mode = "semi-sync", lag = "exp 50ms" }`, 2, 0},
		{`{ mode = "quorum", lag = "exp 50ms" }`, 2, 0},
		{`{ mode = "sync", lag = "exp 50ms" }`, 2, 0},
		{`{ lag = "0ms" }`, 1, 0},
	} {
		text := failing(writes, row.replicas, row.replication) + "[[fault]]\nat = \"1s\"\nkill = \"db.primary\"\n" + runTable(3, 1, replications, 1)
		outcomes, err := runAll([]*node.Spec{specOf(t, text)}, Options{})
		require.NoError(t, err)
		about := fmt.Sprintf("%s, %d replicas", row.replication, row.replicas)
		f, d := outcomes[0].Faults[0], outcomes[0].Nodes["db"].Database
		require.NotNil(t, f.RPOWrites, about)
		require.NotNil(t, f.RTOS, about)
		assert.InDelta(t, 1, *f.RTOS, 1e-9, about)
		assert.InDelta(t, 1.5, *f.DetectedS, 1e-9, about)
		assert.Equal(t, uint64(replications), d.Failovers, about)
		assert.InDelta(t, float64(d.LostWrites), *f.RPOWrites*replications, 1e-6, about)
		// A Poisson number: its standard deviation is known.
		sigma := math.Sqrt(row.lost / replications)
		assert.InDelta(t, row.lost, *f.RPOWrites, 4*sigma, about)
		assert.LessOrEqual(t, sigma, 0.03*row.lost+1e-9, "the interval is narrow: %s", about)
	}
}

// Primaries that die again and again leave their shard without one for detect +
// promote each time, which is a share (D + F) / (MTTF + D + F) of the time; a
// Poisson stream of writes sees it.
func TestUnavailabilityOfAPrimaryWithAStandby(t *testing.T) {
	const every, detect, promote = 10.0, 0.7, 0.3
	var faults strings.Builder
	kills := 99
	for k := range kills {
		// The primary changes with each of them.
		name := []string{"db.primary", "db.replica[0]"}[k%2]
		fmt.Fprintf(&faults, "[[fault]]\nat = \"%gs\"\nkill = %q\nfor = \"3s\"\n", every*float64(k+1), name)
	}
	text := `[client.writers]
target = "db.put"
arrivals = "poisson 200/s"
[database.db]
replicas = 1
replication = { lag = "5ms" }
failover = { detect = "700ms", promote = "300ms" }
write.put = []
` + faults.String() + runTable(every*float64(kills+1), 1, 5, 1)
	outcomes, err := runAll([]*node.Spec{specOf(t, text)}, Options{})
	require.NoError(t, err)
	c, d := outcomes[0].Clients["writers"], outcomes[0].Nodes["db"].Database
	assert.Equal(t, uint64(5*kills), d.Failovers)
	assert.Equal(t, c.Errors["unavailable"], c.Offered-c.OK)
	down := theory.Standby(every-detect-promote, detect, promote) * float64(kills) / float64(kills+1)
	n := float64(c.Offered)
	assert.InDelta(t, down, *c.ErrorRatio.Mean, 4*math.Sqrt(down*(1-down)/n))
	assert.Less(t, *c.ErrorRatio.HalfWidth, 0.03*down)
	for _, f := range outcomes[0].Faults {
		require.NotNil(t, f.RTOS)
		assert.InDelta(t, detect+promote, *f.RTOS, 1e-9)
	}
}
