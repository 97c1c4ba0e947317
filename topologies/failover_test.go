package topologies

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/node"
)

func TestFailoverThatMeansNothing(t *testing.T) {
	told(t, []finding{
		{orders("failover = { detect = \"10s\" }\n" + putsToo),
			`5:1: warning[W403]: database.orders.failover: there are no replicas: nobody can take the place of a primary`, "hint: for example replicas = 1"},
		{orders("on_partition = \"consistent\"\n" + putsToo),
			`5:1: warning[W403]: database.orders.on_partition: there are no replicas: no partition can part a shard`, "hint: for example replicas = 2"},
		{orders("replicas = 2\nroute_reads = \"replicas\"\non_partition = \"available\"\n" + putsToo),
			`7:1: warning[W403]: database.orders.on_partition: without failover nobody is promoted on the other side: the primary goes on as it would without this key`, "hint: for example failover"},
		{orders("replicas = 2\nroute_reads = \"replicas\"\nfailover = { promote = \"10s\" }\n" + putsToo),
			`7:12: error[E203]: database.orders.failover.detect: missing key "detect"`, ""},
		{orders("replicas = 2\nroute_reads = \"replicas\"\nfailover = \"10s\"\n" + putsToo),
			`7:12: error[E204]: database.orders.failover: expected a table…`, ""},
		{orders("replicas = 2\nroute_reads = \"replicas\"\nfailover = { detect = 10 }\n" + putsToo),
			`7:23: error[E301]: database.orders.failover.detect: …`, "unit"},
		{orders("replicas = 2\nroute_reads = \"replicas\"\nfailover = { detect = \"10s\", after = \"10s\" }\n" + putsToo),
			`7:30: error[E201]: database.orders.failover.after: unknown key; the keys here are detect, promote`, ""},
		{orders("replicas = 2\nroute_reads = \"replicas\"\nfailover = { detect = \"trace lag unit=ms\" }\n" + putsToo),
			`7:23: error[E206]: database.orders.failover.detect: no column of a trace can be read here…`, ""},
		{orders("replicas = 2\nroute_reads = \"replicas\"\nfailover = { detect = \"10s\" }\non_partition = \"open\"\n" + putsToo),
			`8:16: error[E205]: database.orders.on_partition: unknown value "open"…`, "one of consistent, available"},
		{"objectives = [\"users lost_writes < 1\"]\n" + orders("read.get = []"),
			`1:22: error[E311]: objectives[0]: a client has no metric "lost_writes" in the language yet`, ""},
	})
}

// What a file says of failover is what is simulated.
func TestFailoverIsResolved(t *testing.T) {
	for _, row := range []struct {
		lines                string
		none                 bool
		promotes, consistent bool
	}{
		{lines: "", none: true},
		{lines: "failover = { detect = \"10s\", promote = \"exp 20s\" }", promotes: true, consistent: true},
		{lines: "failover = { detect = \"10s\" }\non_partition = \"consistent\"", promotes: true, consistent: true},
		{lines: "failover = { detect = \"10s\" }\non_partition = \"available\"", promotes: true},
		{lines: "on_partition = \"consistent\"", consistent: true},
		{lines: "on_partition = \"available\"", none: true},
	} {
		spec, _ := specOf(memory{"shop.toml": orders("replicas = 1\nroute_reads = \"replicas\"\n" + row.lines + "\n" + putsToo)}, "shop.toml", Options{}, "")
		require.NotNil(t, spec, row.lines)
		f := spec.Nodes[slices.IndexFunc(spec.Nodes, func(n node.Node) bool { return n.Database != nil })].Database.Failover
		if row.none {
			assert.Nil(t, f, row.lines)
			continue
		}
		require.NotNil(t, f, row.lines)
		assert.Equal(t, [2]bool{row.promotes, row.consistent}, [2]bool{f.Promotes, f.Consistent}, row.lines)
		if row.promotes {
			assert.Equal(t, dist.Constant{Value: 10e9}, f.Detect)
		}
	}
	text := orders("replicas = 1\nfailover = { detect = \"10s\", promote = \"20s\" }\n" + putsToo)
	_, report := specOf(memory{"shop.toml": text}, "shop.toml", Options{}, "")
	assert.Empty(t, headlines(report), "a replica that stands by for a failover does something")
}
