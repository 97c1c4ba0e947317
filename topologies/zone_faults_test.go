package topologies

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/models/fault"
)

// zoned is a system in three zones, with a fault behind it. Sorted by name:
// app, db, edge, lb, local, pay, q, users.
func zoned(lines string) string {
	return `zones = ["a", "b", "c"]
[client.users]
target = "edge"
arrivals = "poisson 10/s"
timeout = "2s"
[client.local]
target = "lb"
arrivals = "poisson 10/s"
timeout = "2s"
zone = "b"
[cdn.edge]
origin = "lb"
hit_ratio = 0.5
[load_balancer.lb]
targets = ["app"]
zones = ["a"]
[server.app]
instances = 5
zones = ["a", "b"]
on.request = [{ call = "db.read" }, { call = "pay" }, { publish = "q" }]
on.send = []
[database.db]
replicas = 2
read.read = [{ cpu = "exp 1ms" }]
[external.pay]
latency = "1ms"
[queue.q]
consumer = "app.send"
zones = ["b"]
[[fault]]
at = "3s"
` + lines
}

func TestAZoneIsWhatStandsThere(t *testing.T) {
	struck := func(lines string) fault.Fault { return mustSpec(t, zoned(lines), Options{}, "").Faults[0] }
	a := []fault.Span{{Node: 0, Count: 1}, {Node: 0, First: 2, Count: 1}, {Node: 0, First: 4, Count: 1}, {Node: 1, Count: 1}, {Node: 3, Count: 1}}
	b := []fault.Span{{Node: 0, First: 1, Count: 1}, {Node: 0, First: 3, Count: 1}, {Node: 1, First: 1, Count: 1}, {Node: 6, Count: 1}}
	c := []fault.Span{{Node: 1, First: 2, Count: 1}}
	assert.Equal(t, a, struck("kill = \"zone:a\"\n").Where, "every second server, the primary and the balancer")
	assert.Equal(t, b, struck("hang = \"zone:b\"\n").Where, "the others, a replica and the queue: no client")
	assert.Equal(t, c, struck("kill = \"zone:c\"\n").Where)
	assert.Equal(t, "kill zone:a", func() string { f := struck("kill = \"zone:a\"\n"); return f.String() }())

	f := struck("partition = [\"zone:a\", \"zone:b\"]\n")
	withLocal := append(append([]fault.Span{}, b[:3]...), fault.Span{Node: 4, Count: 1}, b[3])
	assert.Equal(t, [2][]fault.Span{a, withLocal}, f.Sides, "clients who stand there are parted too")
	assert.Equal(t, []fault.Span{a[0], b[0], a[1], b[1], a[2], a[3], b[2], a[4], withLocal[3], b[3]}, f.Where)
	assert.Equal(t, "partition zone:a zone:b", f.String())
	f = struck("partition = [\"app[1]\", \"db.replica[0]\"]\n")
	assert.Equal(t, [2][]fault.Span{{{Node: 0, First: 1, Count: 1}}, {{Node: 1, First: 1, Count: 1}}}, f.Sides)
	assert.Equal(t, [2][]fault.Span{{{Node: 5, Count: 1}}, {{Node: 7, Count: 1}}}, struck("partition = [\"pay\", \"users\"]\n").Sides)

	whole := "zones = [\"a\", \"b\"]\n" + twoBehind("zones = [\"b\"]\n[[fault]]\nat = \"3s\"\nkill = \"zone:b\"\n")
	assert.Equal(t, []fault.Span{{Node: 0, Count: 1}, {Node: 2, First: 1, Count: 1}}, mustSpec(t, whole, Options{}, "").Faults[0].Where)
}

func TestZonesAndPartitionsThatMeanNothing(t *testing.T) {
	told(t, []finding{
		{zoned("kill = \"zone:d\"\n"), `32:8: error[E501]: fault[0].kill: unknown zone "d"`, `hint: the zones are a, b, c`},
		{"zones = [\"a\", \"far\"]\n" + failing("kill = \"zone:fa\"\nat = \"1s\"\n"), `11:8: error[E501]: fault[0].kill: unknown zone "fa"; did you mean "far"?`, ""},
		{"zones = [\"a\", \"b\"]\n" + failing("kill = \"zone:b\"\nat = \"1s\"\n"), `11:8: error[E501]: fault[0].kill: nothing that this could strike stands in zone "b"`, "hint: the instances of a node stand in the zones of the file"},
		{zoned("partition = [\"zone:a\"]\n"), `32:13: error[E302]: fault[0].partition: a partition has two sides, got 1`, `hint: for example partition = ["zone:a", "zone:b"]`},
		{zoned("partition = [\"zone:a\", \"zone:b\", \"zone:c\"]\n"), `32:13: error[E302]: fault[0].partition: a partition has two sides, got 3`, ""},
		{zoned("partition = \"zone:a\"\n"), `32:13: error[E204]: fault[0].partition: expected an array of strings such as ["a", "b"], got a string`, ""},
		{zoned("partition = [\"zone:a\", 5]\n"), `32:24: error[E204]: fault[0].partition[1]: expected a string, got an integer`, ""},
		{zoned("partition = [\"zone:a\", \"zone:x\"]\n"), `32:24: error[E501]: fault[0].partition[1]: unknown zone "x"`, ""},
		{zoned("partition = [\"zone:a\", \"zone:a\"]\n"), `32:24: error[E401]: fault[0].partition[1]: "app[0]" stands on both sides`, "see shop.toml:32:14: the other side"},
		{zoned("partition = [\"app\", \"zone:b\"]\n"), `32:21: error[E401]: fault[0].partition[1]: "app[1]" stands on both sides`, ""},
		{zoned("partition = [\"app\", \"ap\"]\n"), `32:21: error[E501]: fault[0].partition[1]: unknown node "ap"; did you mean "app"?`, ""},
		{zoned("partition = [\"zone:a\", \"zone:b\"]\nsilent = true\n"), `33:1: error[E202]: fault[0].silent: this key goes with kill, not with partition`, ""},
		{zoned("partition = [\"zone:a\", \"zone:b\"]\nkill = \"app\"\n"), `32:1: error[E207]: fault[0].partition: a fault is one thing: kill or partition, not both`, ""},
	})
}

func TestAPartitionSwallowsWhatNobodyMisses(t *testing.T) {
	told(t, []finding{{"zones = [\"a\", \"b\"]\n[client.users]\ntarget = \"web\"\nzone = \"a\"\narrivals = \"poisson 10/s\"\n[server.web]\ninstances = 2\non.request = [{ cpu = \"1ms\" }]\n" +
		"[[fault]]\nat = \"1s\"\npartition = [\"zone:a\", \"zone:b\"]\n",
		`11:1: warning[W404]: fault[0].partition: what one side sends to the other is swallowed, and the client "users" never times out: it waits until the run ends`, `hint: for example timeout = "2s"`}})
}

// Users without think time come again at once where a zone has all that they
// ask for, even if its instances do not stand next to each other.
func TestUsersWithoutThinkTimeDuringAZoneOutage(t *testing.T) {
	closed := func(zone string) string {
		return "zones = [\"a\", \"b\"]\n[client.users]\ntarget = \"db.read\"\nusers = 3\n[database.db]\nreplicas = 2\nroute_reads = \"replicas\"\nread.read = [{ cpu = \"exp 10ms\" }]\n" +
			"zones = [" + zone + "]\n[[fault]]\nat = \"1s\"\nkill = \"zone:a\"\n"
	}
	told(t, []finding{{closed(`"a"`), `4:9: error[E404]: client.users.users: users without think time would be refused and come again at once, for ever, during the fault "kill zone:a"`, ""}})
	mustSpec(t, closed(`"a", "b"`), Options{}, "")
}
