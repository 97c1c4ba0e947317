package topologies

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/models/node"
)

// stored is the shop whose client asks a database with some lines.
func stored(lines string) string {
	return "[client.users]\ntarget = \"orders.get\"\narrivals = \"poisson 80/s\"\ntimeout = \"2s\"\nkeys = \"zipf s=0.9 n=100\"\n[database.orders]\n" + lines + "\n"
}

const oneRead = "read.get = [{ cpu = \"exp 1ms\" }]\n"

func TestADatabaseIsResolved(t *testing.T) {
	spec := mustSpec(t, strings.Replace(stored(`cores = 4
shards = 3
replicas = 2
shard_by = "range"
route_reads = "replicas"
max_connections = 50
connect = "2ms"
read.get = [{ cpu = "1ms" }]
read.exact = { steps = [], route = "primary", priority = 4 }
write.put = [{ disk = "1ms" }]
scatter.all = [{ cpu = "2ms" }]
transaction.move = { steps = [{ cpu = "3ms" }] }
transaction.pay = { shards = 3, steps = [{ cpu = "3ms" }], commit = [], priority = 1 }`), `"orders.get"`, `"orders"
requests = { get = 1, exact = 1, put = 1, all = 1, move = 1, pay = 1 }`, 1), Options{}, "")
	n := spec.Nodes[0]
	assert.Equal(t, node.Database, n.Kind)
	assert.Equal(t, 9, n.Instances)
	assert.Equal(t, 4, n.Server.Cores)
	var names []string
	for k, op := range n.Server.Ops {
		names = append(names, op.Name+" "+n.Database.Access[k].Kind.String())
	}
	assert.Equal(t, []string{"all scatter", "commit of move commit", "commit of pay commit", "exact read", "get read", "move transaction", "pay transaction", "put write"}, names)
	assert.Equal(t, []node.Access{
		{Kind: node.Scatter, Route: node.ReadReplicas}, {Kind: node.Commit}, {Kind: node.Commit}, {Kind: node.Read, Route: node.ReadPrimary}, {Kind: node.Read, Route: node.ReadReplicas},
		{Kind: node.Transaction, Shards: 2, Commit: 1}, {Kind: node.Transaction, Shards: 3, Commit: 2}, {Kind: node.Write},
	}, n.Database.Access)
	assert.Equal(t, n.Server.Ops[5].Steps, n.Server.Ops[1].Steps, "the same steps again")
	assert.Empty(t, n.Server.Ops[2].Steps)
	assert.Equal(t, int32(1), *n.Server.Ops[2].Priority)
	assert.Equal(t, uint64(100), n.Database.Keys)
	assert.InDelta(t, 2e6, n.Database.Connect.Mean(), 0)
	assert.Equal(t, "orders.shard[2].replica[1]", n.InstanceName(8))
	assert.Equal(t, "orders.shard[1].primary", n.InstanceName(3))
}

func TestTheTypeOfADatabaseSizesItsMachines(t *testing.T) {
	spec := mustSpec(t, stored("type = \"aws:m7i.xlarge\"\n"+oneRead), Options{}, "")
	assert.Equal(t, 4, spec.Nodes[0].Server.Cores)
	assert.Equal(t, uint64(16<<30), spec.Nodes[0].Server.Memory)
}

func TestPartsOfADatabaseAreStruck(t *testing.T) {
	const struck = "[[fault]]\nat = \"1s\"\nkill = \""
	for _, one := range []struct {
		lines, target string
		first, count  int
	}{
		{"replicas = 2\n", "orders", 0, 3},
		{"replicas = 2\n", "orders.primary", 0, 1},
		{"replicas = 2\n", "orders.replica[1]", 2, 1},
		{"replicas = 2\n", "orders.shard[0]", 0, 3},
		{"replicas = 2\nshards = 4\n", "orders.shard[2]", 6, 3},
		{"replicas = 2\nshards = 4\n", "orders.shard[3].primary", 9, 1},
		{"replicas = 2\nshards = 4\n", "orders.shard[3].replica[0]", 10, 1},
		{"replicas = 2\nshards = 4\n", "orders", 0, 12},
	} {
		spec := mustSpec(t, stored(one.lines+"route_reads = \"replicas\"\n"+oneRead+struck+one.target+"\""), Options{}, "")
		require.Len(t, spec.Faults, 1)
		assert.Equal(t, []fault.Span{{Node: spec.Faults[0].Where[0].Node, First: one.first, Count: one.count}}, spec.Faults[0].Where, one.target)
	}
	const lines = "shards = 2\nreplicas = 1\nroute_reads = \"replicas\"\n" + oneRead + struck
	told(t, []finding{
		{stored(lines + "orders.primary\""), `13:8: error[E501]: fault[0].kill: unknown instance "orders.primary": "orders" has 2 shards; say which, as in orders.shard[0].primary`, "defined here"},
		{stored(lines + "orders.shard[2]\""), `13:8: error[E501]: fault[0].kill: unknown instance "orders.shard[2]": "orders" has 2 shards, [0] to [1]`, "defined here"},
		{stored(lines + "orders.shard[1].replica[1]\""), `13:8: error[E501]: fault[0].kill: unknown instance "orders.shard[1].replica[1]": each shard of "orders" has one replica, [0]`, "defined here"},
		{stored(oneRead + struck + "orders.replica[0]\""), `10:8: error[E501]: fault[0].kill: unknown instance "orders.replica[0]": each shard of "orders" has no replicas`, "defined here"},
		{stored(lines + "orders[1]\""), `13:8: error[E501]: fault[0].kill: unknown instance "orders[1]": the instances of a database are its primary and its replicas`, `hint: write "orders.shard[0].replica[0]"`},
		{stored(lines + "orders.get\""), `13:8: error[E505]: fault[0].kill: a fault strikes a node or an instance of it, not an operation`, `hint: write "orders"`},
	})
}

func TestDatabasesThatAreWrong(t *testing.T) {
	told(t, []finding{
		{strings.Replace(stored("cores = 2"), ".get", "", 1), `6:1: error[E203]: database.orders: a database needs an operation: read, write, scatter or transaction`, "hint: for example read.by_id"},
		{stored(oneRead + "write.get = []"), `8:13: error[E401]: database.orders.write.get: the operation "get" is declared twice: it can be of one kind only`, "see shop.toml:7:12: first here"},
		{stored(oneRead + "read.\"commit of move\" = []\nshards = 2\ntransaction.move = { steps = [] }"), `8:25: error[E401]: database.orders: the name "commit of move" is taken: this is how the second phase of a transaction is called`, ""},
		{stored("read = [{ cpu = \"1ms\" }]"), `7:8: error[E204]: database.orders.read: expected a table of operations, got an array`, "hint: name the operation: read.by_id = [ … ]"},
		{stored(oneRead + "write = 3"), `8:9: error[E204]: database.orders.write: expected a table of operations, got an integer`, ""},
		{stored(oneRead + "transaction = []"), `8:15: error[E204]: database.orders.transaction: expected a table of operations, got an array`, "hint: name the operation: transaction.by_id"},
		{stored(oneRead + "transaction.move = []"), `8:20: error[E204]: database.orders.transaction.move: expected a table such as { shards = 2, steps = [ … ] }, got an array`, ""},
		{stored(oneRead + "transaction.move = { steps = [] }"), `8:20: error[E302]: database.orders.transaction.move.shards: must be at most the shards of the database, 1, got 2`, "hint: for example shards = 2 of the database; on a single shard a transaction is a write"},
		{stored(oneRead + "shards = 3\ntransaction.move = { shards = 4, steps = [] }"), `9:31: error[E302]: database.orders.transaction.move.shards: must be at most the shards of the database, 3, got 4`, "hint: for example shards = 4"},
		{stored(oneRead + "shards = 3\ntransaction.move = { shards = 1, steps = [] }"), `9:31: error[E302]: database.orders.transaction.move.shards: must be from 2 to 100000, got 1`, ""},
		{stored(oneRead + "shard_by = \"hsah\""), `8:12: error[E205]: database.orders.shard_by: unknown value "hsah"; did you mean "hash"?`, "hint: one of hash, modulo, range, consistent-hash"},
		{stored(oneRead + "route_reads = \"replica\""), `8:15: error[E205]: database.orders.route_reads: unknown value "replica"; did you mean "replicas"?`, ""},
		{stored(oneRead + "shards = 0"), `8:10: error[E302]: database.orders.shards: must be from 1 to 100000, got 0`, ""},
		{stored(oneRead + "shards = 100_000\nreplicas = 10"), `8:10: error[E706]: database.orders.shards: the servers, databases, caches, CDNs and balancers have more than 1000000 instances together`, ""},
		{stored(oneRead + "backlog = 3"), `8:1: error[E203]: database.orders.backlog: the key concurrency is missing: without a limit on workers nobody waits for one`, ""},
		{stored(oneRead + "type = \"aws:m7i.xlarg\""), `8:8: error[E205]: database.orders.type: unknown machine "aws:m7i.xlarg"…`, ""},
		{stored(oneRead + "instances = 2"), `8:1: error[E201]: database.orders.instances: unknown key…`, ""},
		{strings.Replace(stored(oneRead), "orders.get", "orders.gte", 1), `2:10: error[E502]: client.users.target: database "orders" has no operation "gte"; did you mean "get"?`, "hint: its operations are get"},
		{strings.Replace(stored(oneRead), "orders.get", "lb", 1) + "[load_balancer.lb]\ntargets = [\"orders\"]\n", `10:12: error[E505]: load_balancer.lb.targets[0]: "orders" is a database; this must be a load balancer or a server or a cache`, "defined here"},
		{strings.Replace(stored(oneRead+"shards = 2\nshard_by = \"range\""), "keys = \"zipf s=0.9 n=100\"\n", "", 1), `8:12: error[E203]: database.orders.shard_by: no client has keys: what is to be divided into ranges is not known`, "hint: for example [client.NAME] keys"},
		{stored(oneRead + "shards = 2\nshard_key = \"source\"\nshard_by = \"range\""), `10:12: error[E203]: database.orders.shard_by: no client has sources: what is to be divided into ranges is not known`, "hint: for example [client.NAME] sources"},
	})
}

func TestKeysOfADatabaseThatMeanNothing(t *testing.T) {
	told(t, []finding{
		{stored(oneRead + "route_reads = \"replicas\""), `8:15: warning[W403]: database.orders.route_reads: there are no replicas: every read goes to the primary`, "hint: for example replicas = 2"},
		{stored("read.get = { steps = [], route = \"nearest\" }"), `7:34: warning[W403]: database.orders.read.get.route: there are no replicas: every read goes to the primary`, ""},
		{stored(oneRead + "replicas = 2"), `8:1: warning[W403]: database.orders.replicas: no operation goes to a replica: they only stand by`, `hint: for example route_reads = "replicas"`},
		{stored("write.get = []\nreplicas = 2"), `8:1: warning[W403]: database.orders.replicas: no operation goes to a replica: they only stand by`, ""},
		{stored("write.get = []\nroute_reads = \"primary\""), `8:1: warning[W403]: database.orders.route_reads: the database has no reads: how they are routed changes nothing`, ""},
		{stored(oneRead + "shard_by = \"modulo\""), `8:1: warning[W403]: database.orders.shard_by: there is one shard: it has all keys`, "hint: for example shards = 8"},
		{stored("read.get = { steps = [], priority = 3 }"), `7:26: warning[W403]: database.orders.read.get.priority: no server has scheduling…`, ""},
		{stored(oneRead + "memory = \"1GB\""), `8:1: warning[W403]: database.orders.memory: nothing uses memory: how much there is changes nothing`, ""},
		{strings.Replace(stored(oneRead+"shards = 4"), "keys = \"zipf s=0.9 n=100\"\n", "", 1), `7:10: warning[W403]: database.orders.shards: no client has keys: all requests come to one shard`, `hint: for example [client.NAME] keys`},
	})
}

func TestTheBusiestInstanceOfADatabaseIsWarnedOf(t *testing.T) {
	hot := strings.Replace(stored("shards = 4\nshard_by = \"modulo\"\nread.get = [{ cpu = \"exp 25ms\" }]"), "s=0.9", "s=1", 1)
	_, report := specOf(memory{"shop.toml": hot}, "shop.toml", Options{}, "")
	assert.Empty(t, headlines(report), "offered load 0.72 at the hottest shard")
	told(t, []finding{
		{strings.Replace(hot, "25ms", "40ms", 1), `6:11: warning[W406]: database.orders: offered load 1.15: more work comes to its busiest instance, orders.shard[0].primary, than its cores (1) can do; needs a larger one, or more shards if no single key is too hot`, "hint: the run goes on"},
		{stored("replicas = 2\nroute_reads = \"replicas\"\nread.get = [{ cpu = \"exp 40ms\" }]"), `6:11: warning[W406]: database.orders: offered load 1.6: more work comes to its busiest instance, orders.replica[0], than its cores (1) can do; needs a larger one, or more replicas`, ""},
		{stored("concurrency = 4\nread.get = [{ wait = \"exp 100ms\" }]"), `6:11: warning[W406]: database.orders: offered load 2: requests hold the workers of its busiest instance for longer than there are workers; needs a larger one…`, ""},
		{stored("read.get = [{ disk = \"exp 20ms\" }]"), `6:11: warning[W406]: database.orders: offered load 1.6: more work comes to its busiest instance than its disk can do…`, ""},
	})
}

func TestPoolsMayOpenMoreConnectionsThanADatabaseTakes(t *testing.T) {
	pooled := func(size int, lines string) string {
		return fmt.Sprintf("[client.users]\ntarget = \"app\"\narrivals = \"poisson 80/s\"\nkeys = \"zipf s=0.9 n=100\"\n"+
			"[server.app]\ninstances = 10\non.request = [{ call = \"orders.get\" }]\npool.orders = { size = %d }\n[database.orders]\n%s\n", size, lines)
	}
	told(t, []finding{
		{pooled(21, oneRead+"max_connections = 200"), `11:1: warning[W409]: database.orders.max_connections: the pools of its callers have 210 connections in all, and it takes 200: beyond that it rejects`, "hint: max_connections = 210, or smaller pools"},
		{pooled(81, oneRead+"max_connections = 200\nshards = 2\nreplicas = 2\nroute_reads = \"replicas\""), `11:1: warning[W409]: database.orders.max_connections: the pools of its callers have 810 connections in all, and it takes 800…`, "hint: max_connections = 203, or smaller pools"},
	})
	assert.Empty(t, check(t, pooled(20, oneRead+"max_connections = 200")))
	assert.Empty(t, check(t, pooled(80, oneRead+"max_connections = 200\nshards = 2\nreplicas = 2\nroute_reads = \"replicas\"")))
}

func TestReadsOutliveThePrimary(t *testing.T) {
	mustSpec(t, strings.Replace(stored("replicas = 1\nroute_reads = \"nearest\"\n"+oneRead+"[[fault]]\nat = \"1s\"\nkill = \"orders.primary\""), "arrivals = \"poisson 80/s\"", "users = 7", 1), Options{}, "")
}

func TestUsersWithoutThinkTimeNeedRoomAtADatabase(t *testing.T) {
	crowd := strings.Replace(stored("shards = 2\nmax_connections = 3\n"+oneRead), "arrivals = \"poisson 80/s\"", "users = 7", 1)
	told(t, []finding{
		{strings.Replace(stored("replicas = 1\nwrite.get = [{ cpu = \"1ms\" }]\n[[fault]]\nat = \"1s\"\nkill = \"orders.primary\""), "arrivals = \"poisson 80/s\"", "users = 7", 1) + "for = \"2s\"\n", `3:9: error[E404]: client.users.users: users without think time would be refused and come again at once, for ever, during the fault "kill orders.primary"`, ""},
		{crowd, `3:9: error[E404]: client.users.users: 7 users without think time find room for 3…`, ""},
		{strings.Replace(crowd, "users = 7", "users = 4", 1), `3:9: error[E404]: client.users.users: 4 users without think time find room for 3…`, ""},
		{strings.Replace(crowd, "read.get", "scatter.get", 1), `3:9: error[E404]: client.users.users: 7 users without think time find room for 3…`, ""},
		{strings.Replace(crowd, "read.get", "replicas = 2\nroute_reads = \"replicas\"\nread.get", 1), `3:9: error[E404]: client.users.users: 7 users without think time find room for 6…`, ""},
		{strings.Replace(crowd, "read.get", "replicas = 2\nroute_reads = \"read-your-writes\"\nread.get", 1), `3:9: error[E404]: client.users.users: 7 users without think time find room for 3…`, ""},
	})
	mustSpec(t, strings.Replace(crowd, "read.get", "replicas = 2\nroute_reads = \"nearest\"\nread.get", 1), Options{}, "")
	mustSpec(t, strings.Replace(crowd, "read.get", "connect = \"1ms\"\nread.get", 1), Options{}, "")
}

func TestAWriteThatWaitsForReplicasTakesTime(t *testing.T) {
	crowd := strings.Replace(stored("replicas = 1\nreplication = { mode = \"sync\", lag = \"1ms\" }\nwrite.get = []"), "arrivals = \"poisson 80/s\"", "users = 7", 1)
	mustSpec(t, crowd, Options{}, "")
	mustSpec(t, strings.Replace(crowd, "lag", "apply", 1), Options{}, "")
	mustSpec(t, strings.Replace(crowd, "sync\", lag = \"1ms\" }", "async\" }\nconnect = \"1ms\"", 1), Options{}, "")
	const atOnce = `3:9: error[E404]: client.users.users: users without think time are answered at once…`
	told(t, []finding{
		{strings.Replace(crowd, "sync\"", "async\"", 1), atOnce, ""},
		{strings.Replace(crowd, "1ms", "0s", 1), atOnce, ""},
		{strings.Replace(crowd, "write", "read", 1), atOnce, ""},
	})
}

func TestOthersDoNotHideAHotShard(t *testing.T) {
	text := stored("shards = 3\n" + oneRead)
	hottest := func(more string) *node.Load {
		spec := mustSpec(t, text+more, Options{}, "")
		at := slices.IndexFunc(spec.Nodes, func(n node.Node) bool { return n.Database != nil })
		return &spec.Loads()[at]
	}
	alone := hottest("")
	require.False(t, alone.Unsure)
	far := "[client.others]\ntarget = \"far\"\narrivals = \"poisson 1/s\"\n[server.far]\non.request = [%s]\n"
	beside := hottest(fmt.Sprintf(far, `{ get = "store", key = "uniform n=5" }`) + "[cache.store]\nhit_ratio = 1\n")
	assert.Equal(t, alone.Hottest, beside.Hottest, "the others never ask the database")
	assert.False(t, beside.Unsure)
	assert.True(t, hottest(fmt.Sprintf(far, `{ call = "orders.get" }`)).Unsure, "those do, and have no keys")
}
