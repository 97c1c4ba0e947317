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
		// Whom it strikes changes with each of them.
		fmt.Fprintf(&faults, "[[fault]]\nat = \"%gs\"\nkill = \"db.primary\"\nfor = \"3s\"\n", every*float64(k+1))
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

// The same of primaries that die by chance: the clock is that of the office,
// and begins anew when somebody has taken it. Repairs take ten times as long as
// a failover, and a few are over before anybody has noticed; with four replicas
// there is hardly ever nobody to promote.
func TestUnavailabilityOfAPrimaryThatFailsByChance(t *testing.T) {
	const mttf, repair, detect, promote = 20.0, 10.0, 0.7, 0.3
	text := `[client.writers]
target = "db.put"
arrivals = "poisson 50/s"
[database.db]
replicas = 4
failover = { detect = "700ms", promote = "300ms" }
write.put = []
[[fault]]
kill = "db.primary"
mttf = "20s"
mttr = "10s"
` + runTable(3000, 1, 10, 1)
	outcomes, err := runAll([]*node.Spec{specOf(t, text)}, Options{})
	require.NoError(t, err)
	c, f := outcomes[0].Clients["writers"], outcomes[0].Faults[0]
	outage := theory.Outage(repair, detect, promote)
	down, failures := outage/(mttf+outage), 3000/(mttf+outage)
	assert.InDelta(t, failures, *f.Random.Occurrences.Mean, 4*math.Sqrt(failures/10))
	// A renewal process: the number of outages varies as that of their beginnings.
	sigma := down / math.Sqrt(10*failures)
	assert.InDelta(t, down, *c.ErrorRatio.Mean, 4*sigma)
	assert.Less(t, sigma, 0.03*down, "the interval is narrow")
	require.NotNil(t, f.RTOS, "an outage that the end of a run finds does not hide the others")
	assert.InDelta(t, outage, *f.RTOS, 4*0.2/math.Sqrt(10*failures))
	assert.InDelta(t, detect, *f.Random.DetectionDelayS.Mean, 1e-6)
	assert.Nil(t, f.DetectedS, "there is no single time")
	assert.Equal(t, c.Errors["unavailable"], f.FailedRequests, "nothing else fails")
}
