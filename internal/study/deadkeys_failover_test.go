package study

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Topologies of a database whose primary dies, or is cut off.
const (
	keyFailing = `[client.users]
target = "orders.put"
arrivals = "poisson 400/s"
keys = "uniform n=100k"
timeout = "300ms"
[database.orders]
replicas = 2
replication = { mode = "async", lag = "exp 40ms" }
failover = { detect = "1s", promote = "500ms" }
write.put = []
[[fault]]
at = "2s"
kill = "orders.primary"
for = "6s"
`
	keyDivided = `zones = ["a", "b", "c"]
[client.near]
zone = "a"
target = "orders.put"
arrivals = "poisson 200/s"
keys = "uniform n=200"
timeout = "300ms"
[client.far]
zone = "b"
target = "orders.put"
arrivals = "poisson 200/s"
keys = "uniform n=200"
timeout = "300ms"
[database.orders]
replicas = 2
replication = { lag = "20ms" }
failover = { detect = "1s", promote = "500ms" }
write.put = []
[[fault]]
at = "2s"
partition = ["zone:a", "zone:b"]
for = "6s"
[[fault]]
at = "2s"
partition = ["zone:a", "zone:c"]
for = "6s"
`
)

// outageOf is for how long the first fault kept the database from writes.
func outageOf(t *testing.T, a keyAnswer) float64 {
	t.Helper()
	require.NotEmpty(t, a.Faults)
	require.NotNil(t, a.Faults[0].RTOS)
	return *a.Faults[0].RTOS
}

// afterOutages is a case of a key that makes the write outage so long.
func afterOutages(key, base, old, new string, before, after float64) keyCase {
	return keyCase{key: key, base: base, old: old, new: new, effect: func(t *testing.T, a, b keyAnswer) {
		assert.InDelta(t, before, outageOf(t, a), 1e-9)
		assert.InDelta(t, after, outageOf(t, b), 1e-9)
	}}
}

func failoverCases() []keyCase {
	objective := `objectives = ["orders lost_writes < 1"]`
	available := strings.Replace(keyDivided, "write.put", "on_partition = \"available\"\nwrite.put", 1)
	return []keyCase{
		afterOutages("database.failover.detect", keyFailing, "failover = { detect = \"1s\", promote = \"500ms\" }\n", "", 1.5, 6),
		afterOutages("database.failover.detect", keyFailing, `detect = "1s"`, `detect = "3s"`, 1.5, 3.5),
		afterOutages("database.failover.promote", keyFailing, `promote = "500ms"`, `promote = "2s"`, 1.5, 3),
		{key: "database.failover.detect", base: keyFailing, old: "failover = { detect = \"1s\", promote = \"500ms\" }\n", new: "", figure: errorRatio, want: up},
		{key: "database.failover.detect", base: keyFailing, old: `detect = "1s"`, new: `detect = "3s"`, figure: errorRatio, want: up},
		{key: "database.replication.lag", base: keyFailing, old: "exp 40ms", new: "exp 400ms", effect: func(t *testing.T, before, after keyAnswer) {
			assert.Greater(t, *after.Faults[0].RPOWrites, 3**before.Faults[0].RPOWrites)
		}},
		{key: "database.replication.mode=semi-sync", base: keyFailing, old: `"async"`, new: `"semi-sync"`, effect: func(t *testing.T, before, after keyAnswer) {
			assert.Positive(t, before.Nodes["orders"].Database.LostWrites)
			assert.Zero(t, after.Nodes["orders"].Database.LostWrites)
		}},
		{key: "objective.database.lost_writes", base: keyFailing, new: objective, effect: func(t *testing.T, _, after keyAnswer) {
			lost := after.Nodes["orders"].Database.LostWrites
			require.Len(t, after.Objectives, 1)
			assert.Equal(t, "missed", after.Objectives[0].Verdict)
			assert.InDelta(t, float64(lost)/5, *after.Objectives[0].Actual.Mean, 1e-9, "of five replications")
		}},
		{key: "database.on_partition=available", base: keyDivided, old: "write.put", new: "on_partition = \"available\"\nwrite.put", effect: func(t *testing.T, before, after keyAnswer) {
			assert.Zero(t, before.Nodes["orders"].Database.Conflicts)
			assert.Greater(t, after.Nodes["orders"].Database.Conflicts, uint64(500))
		}},
		{key: "database.on_partition=available", base: keyDivided, old: "write.put", new: "on_partition = \"available\"\nwrite.put", figure: "clients/near/error_ratio", want: down},
		{key: "database.on_partition=consistent", base: available, old: `"available"`, new: `"consistent"`, figure: "clients/near/error_ratio", want: up},
	}
}

// Without a fault that could need it, a failover changes nobody's requests.
func TestAFailoverThatIsNotNeededChangesNothing(t *testing.T) {
	calm := strings.Split(keyFailing, "[[fault]]")[0]
	print := func(text string) string {
		c := answerTo(t, map[string]keyAnswer{}, text+keyRun, "").Clients["users"]
		return fmt.Sprint(c.Offered, c.OK, c.Errors, *c.LatencyS["mean"].Mean)
	}
	assert.Equal(t, print(strings.Replace(calm, "failover = { detect = \"1s\", promote = \"500ms\" }\n", "", 1)), print(calm))
}
