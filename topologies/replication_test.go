package topologies

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/node"
)

// orders is a shop whose database has other lines.
func orders(lines string) string {
	return "[client.users]\ntarget = \"orders.get\"\narrivals = \"poisson 10/s\"\n[database.orders]\n" + lines + "\n"
}

const gets = "read.get = [{ cpu = \"1ms\" }]"

const putsToo = gets + "\nwrite.put = [{ cpu = \"1ms\" }]\n[client.writers]\ntarget = \"orders.put\"\narrivals = \"poisson 1/s\""

// searched is a database with one query.
func searched(query string) string { return orders("read.get = [{ query = { " + query + " } }]") }

func TestReplicationThatMeansNothing(t *testing.T) {
	told(t, []finding{
		{orders("replication = { lag = \"5ms\" }\n" + gets),
			`5:1: warning[W403]: database.orders.replication: there are no replicas: nothing is replicated`, "hint: for example replicas = 2"},
		{orders("replicas = 2\nroute_reads = \"replicas\"\nreplication = { lag = \"5ms\" }\n" + gets),
			`7:1: warning[W403]: database.orders.replication: the database has no writes: nothing is replicated`, "hint: for example write.reserve"},
		{orders("replicas = 2\nroute_reads = \"replicas\"\nreplication = { mode = \"sync\" }\n" + putsToo),
			`7:17: warning[W403]: database.orders.replication.mode: the replicas have every write at once: nobody waits for them`, "hint: for example lag"},
		{orders("replicas = 2\nroute_reads = \"replicas\"\nreplication = { mode = \"synchronous\" }\n" + putsToo),
			`7:24: error[E205]: database.orders.replication.mode: unknown value "synchronous"…`, "one of async, semi-sync, sync, quorum"},
		{orders("replicas = 2\nroute_reads = \"replicas\"\nreplication = \"async\"\n" + putsToo),
			`7:15: error[E204]: database.orders.replication: expected a table…`, ""},
		{orders("replicas = 2\nroute_reads = \"replicas\"\nreplication = { lag = 5 }\n" + putsToo),
			`7:23: error[E301]: database.orders.replication.lag: …`, "unit"},
		{orders("replicas = 2\nroute_reads = \"replicas\"\nreplication = { lag = \"trace lag unit=ms\" }\n" + putsToo),
			`7:23: error[E206]: database.orders.replication.lag: no column of a trace can be read here…`, ""},
		{orders("route_reads = \"read-your-writes\"\n" + gets),
			`5:15: warning[W403]: database.orders.route_reads: there are no replicas: every read goes to the primary`, ""},
	})
}

// Replicas that are waited for do more than stand by.
func TestReplicasThatAreWaitedForDoSomething(t *testing.T) {
	text := orders("replicas = 2\nreplication = { mode = \"sync\", lag = \"5ms\" }\n" + putsToo)
	_, report := specOf(memory{"shop.toml": text}, "shop.toml", Options{}, "")
	assert.Empty(t, headlines(report))
}

func TestQueriesThatAreWrong(t *testing.T) {
	told(t, []finding{
		{step(`{ query = { rows = 10 } }`, ""),
			`8:25: error[E202]: server.web.on.request[0].query: a query goes into the operations of a database`, "hint: for example [database.orders]"},
		{searched(`index = true`),
			`5:23: error[E203]: database.orders.read.get[0].query.rows: missing key "rows"`, ""},
		{searched(`rows = 0`),
			`5:32: error[E302]: database.orders.read.get[0].query.rows: must be from 1 to 1000000000000, got 0`, ""},
		{searched(`rows = 10, returns = 11`),
			`5:46: error[E302]: database.orders.read.get[0].query.returns: must be at most the rows there are, 10, got 11`, ""},
		{searched(`rows = 10, columns = "some"`),
			`5:46: error[E205]: database.orders.read.get[0].query.columns: unknown value "some"…`, "one of needed, all"},
		{searched(`rows = 10, returns = "trace n"`),
			`5:46: error[E206]: database.orders.read.get[0].query.returns: no column of a trace can be read here…`, ""},
		{searched(`rows = 10, index = "yes"`),
			`5:44: error[E204]: database.orders.read.get[0].query.index: expected true or false, got a string`, ""},
		{orders("engine = { page_size = \"0B\" }\nread.get = [{ query = { rows = 10 } }]"),
			`5:24: error[E302]: database.orders.engine.page_size: must be more than 0B`, ""},
	})
}

func TestConstantsThatChangeNothing(t *testing.T) {
	scan, indexed := "\nread.get = [{ query = { rows = 10 } }]", "\nread.get = [{ query = { rows = 10, index = true } }]"
	const disk = "disk = { iops = 1000 }\n"
	told(t, []finding{
		{orders("engine = { cached = 1 }\n" + gets), `5:1: warning[W403]: database.orders.engine: no operation has a query step: the constants change nothing`, "hint: for example read.search"},
		{orders(`engine = { index_fill = "50%" }` + scan), `5:12: warning[W403]: database.orders.engine.index_fill: no query has an index: this changes nothing`, ""},
		{orders(`engine = { cpu_row = "50ns" }` + indexed), `5:12: warning[W403]: database.orders.engine.cpu_row: no query scans a table: this changes nothing`, ""},
		{orders(`engine = { needed = "5%" }` + "\nread.get = [{ query = { rows = 10, columns = \"all\" } }]"), `5:12: warning[W403]: database.orders.engine.needed: all queries read all columns: this changes nothing`, ""},
		{orders(disk + `engine = { random_read = "5ms" }` + indexed), `6:12: warning[W403]: database.orders.engine.random_read: what the disk does is known by its iops and bandwidth: this changes nothing`, ""},
		{orders(disk + `engine = { sequential_read = "5ms" }` + scan), `6:12: warning[W403]: database.orders.engine.sequential_read: what the disk does is known by its iops and bandwidth: this changes nothing`, ""},
		{orders(`engine = { read_ahead = "1MiB" }` + scan), `5:12: warning[W403]: database.orders.engine.read_ahead: the disk has no iops: this changes nothing`, ""},
	})
}

// A query is a step on a core and one of the disk, which draw the same rows.
func TestQueryBecomesWorkAndReads(t *testing.T) {
	read := func(text string) []node.Step {
		spec := mustSpec(t, text, Options{}, "")
		return spec.Nodes[0].Server.Ops[0].Steps
	}
	steps := read(searched(`rows = 1_000_000, index = true, returns = 5`))
	assert.Len(t, steps, 2)
	assert.Equal(t, []node.StepKind{node.StepCPU, node.StepDisk}, []node.StepKind{steps[0].Kind, steps[1].Kind})
	assert.Equal(t, steps[0].ID, steps[1].ID)
	assert.True(t, steps[1].Queries)
	fanout := 368.0
	assert.InDelta(t, 3*800+5*(250+0.25*200*3+800*(1+1/fanout)), steps[0].Time.(dist.Constant).Value, 1e-6)
	assert.InDelta(t, 0.1*(1+5*(1+1/fanout))*100_000, steps[1].Time.(dist.Constant).Value, 1e-6)

	assert.Len(t, read(orders("engine = { cached = 1 }\nread.get = [{ query = { rows = 10 } }]")), 1, "everything is in memory")
	disk := read(orders("disk = { iops = 1000 }\nread.get = [{ query = { rows = 1_000_000, index = true, returns = \"geometric 5\" } }]"))[1]
	assert.Nil(t, disk.Time)
	assert.InDelta(t, 0.1*(1+5*(1+1/fanout)), disk.Ops.Mean(), 1e-9)
}
