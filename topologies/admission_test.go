package topologies

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// limits puts keys of the server in, before its operations on line 8.
func limits(lines string) string { return with("cores = 1", lines) }

func TestAdmissionIsRead(t *testing.T) {
	spec := mustSpec(t, `[client.users]
target = "web"
arrivals = "poisson 9/s"
[server.web]
memory = "4GB"
memory_base = "100MB"
memory_per_request = "2MB"
concurrency = 5
rate_limit = "1.5k/min  burst=2k"
shed = { delay = "200ms" }
pool.web = { size = 7 }
pool.db = { size = 3, acquire_timeout = "1s", connect = "exp 3ms" }
on.request = [{ call = "db" }, { choose = [{ weight = 1, steps = [] }, { weight = 9, steps = [{ call = "web.other" }] }] }]
on.other = []
[server.db]
on.request = []
`, Options{}, "")
	v := spec.Nodes[2].Server
	assert.Equal(t, []node.Pool{
		{To: 0, Size: 3, AcquireTimeout: dist.Constant{Value: 1e9}, Connect: dist.Exponential{MeanValue: 3e6}}, {To: 2, Size: 7}}, v.Pools)
	assert.Equal(t, &node.RateLimit{Tokens: 1, Per: 40_000_000, Burst: 2000, PerSecond: 25}, v.RateLimit)
	assert.Equal(t, 200*sim.Millisecond, v.Shed)
	assert.Equal(t, []uint64{4e9, 1e8}, []uint64{v.Memory, v.MemoryBase})
	assert.Equal(t, dist.Constant{Value: 2e6}, v.MemoryPerRequest)
}

func TestPoolsThatMeanNothing(t *testing.T) {
	pool := func(pool string) string { return limits(pool) + callee }
	told(t, []finding{
		{limits("pool.ordrs = { size = 3 }") + "[server.orders]\non.request = []\n", `7:6: error[E501]: server.web.pool.ordrs: unknown node "ordrs"; did you mean "orders"?`, "defined here"},
		{pool("pool.zebra = { size = 3 }"), `7:6: error[E501]: server.web.pool.zebra: unknown node "zebra"`, "hint: the nodes are "},
		{pool(`pool."b.request" = { size = 3 }`), `7:6: error[E505]: server.web.pool."b.request": connections lead to a node, not to an operation of it`, `hint: write pool."b"`},
		{pool("pool.users = { size = 3 }"), `7:6: error[E505]: server.web.pool.users: "users" is a client: nothing calls it`, ""},
		{pool("pool.b = { }"), `7:10: error[E203]: server.web.pool.b.size: missing key "size"`, "hint: for example pool.orders = { size = 20 }"},
		{pool("pool.b = { size = 0 }"), `7:19: error[E302]: server.web.pool.b.size: must be from 1 to 1000000, got 0`, ""},
		{pool("pool.b = { size = 20, aquire_timeout = \"1s\" }"), `7:23: error[E201]: server.web.pool.b.aquire_timeout: unknown key; did you mean "acquire_timeout"?`, ""},
		{pool("pool.b = { size = 20, acquire_timeout = 5 }"), `7:41: error[E301]: server.web.pool.b.acquire_timeout: …`, ""},
		{pool("pool.b = 20"), `7:10: error[E204]: server.web.pool.b: expected a table such as { size = 20 }, got an integer`, "hint: write { size = 20 }"},
		{pool("pool = 20"), `7:8: error[E204]: server.web.pool: expected a table of pools by node, such as pool.orders = { size = 20 }, got an integer`, "hint: say to which node: pool.orders = { size = 20 }"},
		{pool("pool = [20]"), `7:8: error[E204]: server.web.pool: …`, ""},
	})
}

func TestPoolsThatChangeNothing(t *testing.T) {
	used := `[client.more]
target = "b"
arrivals = "poisson 1/s"
`
	told(t, []finding{
		{limits("pool.b = { size = 3 }") + callee + used,
			`7:6: warning[W403]: server.web.pool.b: nothing that "web" does calls "b": the pool changes nothing`, `hint: for example { call = "b" }`},
		{with("cores = 1\non.request = [{ cpu = \"exp 10ms\" }]", "pool.b = { size = 3 }\non.request = [{ call = \"lb\" }]") + callee + "[load_balancer.lb]\ntargets = [\"b\"]\n",
			`7:6: warning[W403]: server.web.pool.b: nothing that "web" does calls "b": the pool changes nothing`, "hint: calls through a balancer go over a pool of the balancer"},
		{limits(`memory = "4GB"`), `7:1: warning[W403]: server.web.memory: nothing uses memory: how much there is changes nothing`, `hint: for example memory_per_request = "20MB"`},
		{limits("concurrency = 4\nbacklog = 0\nshed = { delay = \"1s\" }"), `9:1: warning[W403]: server.web.shed: with backlog = 0 nobody waits for a worker: nothing is ever shed`, ""},
	})
	told(t, []finding{
		{limits(`boot = "5s"`), `7:1: warning[W403]: server.web.boot: no instance can run out of memory: how long its restart takes changes nothing`, `hint: for example memory = "2GB" and leak_per_request = "20kB"`},
		{limits("memory = \"4GB\"\nmemory_base = \"1GB\"\nboot = \"5s\""), `9:1: warning[W403]: server.web.boot: no instance can run out of memory…`, ""},
		{limits(`leak_per_request = "1kB"` + "\nboot = \"5s\""), `8:1: warning[W403]: server.web.boot: no instance can run out of memory…`, ""},
	})
	assert.Empty(t, check(t, limits("memory = \"4GB\"\nleak_per_request = \"1kB\"\nboot = \"5s\"")))
	assert.Empty(t, check(t, limits("memory = \"4GB\"\nmemory_base = \"1GB\"")))
	assert.Empty(t, check(t, limits("memory = \"4GB\"\nmemory_per_request = \"1MB\"")))
	assert.Empty(t, check(t, with("cores = 1\non.request = [", "memory = \"4GB\"\non.request = [{ memory = \"1MB\" }, ")))
}

func TestLimitsThatMeanNothing(t *testing.T) {
	told(t, []finding{
		{limits(`rate_limit = "500"`), `7:15: error[E301]: server.web.rate_limit: …`, ""},
		{limits(`rate_limit = 500`), `7:14: error[E301]: server.web.rate_limit: …`, `"500/s"`},
		{limits(`rate_limit = true`), `7:14: error[E204]: server.web.rate_limit: expected a rate limit such as "500/s burst=100", got a boolean`, ""},
		{limits(`rate_limit = ""`), `7:14: error[E301]: server.web.rate_limit: expected a rate limit such as "500/s burst=100", got an empty text`, ""},
		{limits(`rate_limit = "0/s"`), `7:15: error[E302]: server.web.rate_limit: must be more than 0/s, got "0/s"`, ""},
		{limits(`rate_limit = "9000G/s"`), `7:15: error[E705]: server.web.rate_limit: must be at most 1000G/s (a limit of capsim), got "9000G/s"`, ""},
		{limits(`rate_limit = "500/s 100"`), `7:21: error[E206]: server.web.rate_limit: after the rate there may be a burst, not "100"`, `hint: for example "500/s burst=100"`},
		{limits(`rate_limit = "500/s burst=0"`), `7:21: error[E302]: server.web.rate_limit: the burst must be at least 1, got "0"`, "hint: with less than one token nothing would ever pass"},
		{limits(`rate_limit = "500/s burst=2G"`), `7:21: error[E705]: server.web.rate_limit: the burst must be at most 1G (a limit of capsim), got "2G"`, ""},
		{limits(`rate_limit = "500/s burst=x"`), `7:27: error[E301]: server.web.rate_limit: …`, ""},
		{limits(`rate_limit = "500/s burst=5 burst=6"`), `7:29: error[E206]: server.web.rate_limit: unexpected "burst=6" after the burst`, ""},
		{limits(`shed = { delay = "1s" }`), `7:1: error[E203]: server.web.shed: the key concurrency is missing: without a limit on workers nobody waits for one`, "hint: for example concurrency = 64"},
		{limits("concurrency = 4\nshed = { delay = \"0s\" }"), `8:18: error[E302]: server.web.shed.delay: must be more than 0s, got "0s"`, ""},
		{limits("concurrency = 4\nshed = { }"), `8:8: error[E203]: server.web.shed.delay: missing key "delay"`, ""},
		{limits("concurrency = 4\nshed = \"1s\""), `8:8: error[E204]: server.web.shed: expected a table, got a string`, ""},
		{limits(`memory = 16`), `7:10: error[E301]: server.web.memory: …`, `"16B"`},
		{limits(`memory = "0B"`), `7:10: error[E302]: server.web.memory: must be more than 0B, got "0B"`, ""},
		{limits(`memory = true`), `7:10: error[E204]: server.web.memory: expected a size such as "16GB", got a boolean`, ""},
		{limits("memory = \"1GB\"\nmemory_base = \"2GB\""), `8:15: error[E302]: server.web.memory_base: must be at most the memory of an instance, 1GB, got "2GB"`, "memory"},
		{limits(`memory_per_request = 5`), `7:22: error[E204]: server.web.memory_per_request: …`, `"5MB"`},
		{`objectives = ["web memory < 80%"]` + "\n" + shop, `1:20: error[E311]: objectives[0]: nothing holds memory of "web"`, `hint: for example memory_per_request = "20MB"`},
		{`objectives = ["web memory < 80%"]` + "\n" + limits(`memory_base = "1GB"`), `1:20: error[E311]: objectives[0]: "web" has no memory: nobody knows how full it is`, `hint: for example memory = "16GB"`},
	})
}

func TestAMachineHasItsMemory(t *testing.T) {
	typed := limits("type = \"aws:m7i.xlarge\"")
	assert.Equal(t, uint64(16<<30), webOf(t, typed, "").Server.Memory)
	assert.Empty(t, check(t, typed), "nobody is told that nothing uses it")
	assert.Equal(t, uint64(1e9), webOf(t, limits("type = \"aws:m7i.xlarge\"\nmemory = \"1GB\"\nmemory_base = \"1MB\""), "").Server.Memory)
	told(t, []finding{{limits("type = \"aws:m7i.xlarge\"\nmemory_base = \"20GB\""),
		`8:15: error[E302]: server.web.memory_base: must be at most the memory of an instance, 16GiB, got "20GB"`, "memory"}})
}

func TestUsersWhoAreTurnedAwayWouldComeAtOnce(t *testing.T) {
	users := func(n, extra, server string) string {
		return "[client.c]\ntarget = \"s\"\nusers = " + n + "\n" + extra + "[server.s]\n" + server + "\non.request = [{ cpu = \"5ms\" }]\n"
	}
	told(t, []finding{
		{users("2", "", `rate_limit = "900/s"`), `3:9: error[E404]: client.c.users: users without think time that rate_limit rejects would come again at once, for ever`, `hint: for example think = "exp 5s"`},
		{users("4", "", "concurrency = 2\nshed = { delay = \"1ms\" }"), `3:9: error[E404]: client.c.users: users without think time that shed rejects would come again at once, for ever`, ""},
	})
	for _, text := range []string{
		users("2", "think = \"1s\"\n", `rate_limit = "900/s"`), users("2", "retries = { max = 1, backoff = \"5ms\" }\n", `rate_limit = "900/s"`),
		users("3", "", "concurrency = 2\nshed = { delay = \"1ms\" }"),
	} {
		assert.Empty(t, check(t, text))
	}
}

func TestConnectionsThatWaitForEachOtherAreWarnedOf(t *testing.T) {
	for _, tt := range []struct{ web, b, want string }{
		// web.request → b.request → web.back → b.leaf
		{"pool.b = { size = 2 }", "", "all connections from web to b can be held by calls that wait for another one"},
		{"pool.b = { size = 2, acquire_timeout = \"1s\" }", "", ""},
		{"", "pool.web = { size = 2 }", ""},
	} {
		text := with("cores = 1\non.request = [{ cpu = \"exp 10ms\" }]", tt.web+"\non = { request = [{ call = \"b\" }], back = [{ call = \"b.leaf\" }] }") +
			"[server.b]\n" + tt.b + "\non = { request = [{ call = \"web.back\" }], leaf = [] }\n"
		got := check(t, text)
		if tt.want == "" {
			assert.Empty(t, got)
		} else if assert.Len(t, got, 1) {
			assert.Contains(t, got[0], tt.want)
		}
	}
	// Two ways, each of which needs what the other holds.
	text := with("cores = 1\non.request = [{ cpu = \"exp 10ms\" }]", "pool.b = { size = 2 }\non = { request = [{ call = \"b.one\" }, { call = \"b.two\" }], leaf = [], more = [{ call = \"b.leaf\" }] }") +
		"[server.b]\npool.web = { size = 2 }\non = { one = [{ call = \"web.leaf\" }], two = [{ call = \"web.more\" }], leaf = [] }\n"
	got := check(t, text)
	if assert.Len(t, got, 1) {
		assert.Contains(t, got[0], "connections from b to web and from web to b can all be waiting for each other")
	}
}

func TestOverloadOfPools(t *testing.T) {
	const file = `[client.users]
target = "web"
arrivals = "poisson 100/s"
[server.web]
instances = 2
pool.CALLED = { size = 3 }
on.request = [STEPS]
[server.db]
speed = 2
on.request = [{ wait = "WAIT" }]
[external.pay]
latency = "WAIT"
[cache.redis]
hit_ratio = "50%"
latency = "WAIT"
`
	for _, tt := range []struct{ called, steps, wait, want string }{
		{"db", `{ call = "db" }`, "118ms", ""}, // half of that
		{"db", `{ call = "db" }`, "122ms", `offered load 1.02: calls hold the connections to "db" for longer than its pool has connections; needs ≥ 7 connections (has 6: 2 instances of 3)`},
		{"db", `{ call = "db", timeout = "1ms" }`, "122ms", ""},
		{"db", `{ fail = "10%" }, { call = "db" }`, "122ms", ""},
		{"db", `{ repeat = 2, steps = [{ call = "db" }] }`, "61ms", "offered load 1.02"},
		{"pay", `{ call = "pay" }`, "61ms", "offered load 1.02"},
		{"redis", `{ get = "redis", miss = [{ set = "redis" }] }`, "41ms", "offered load 1.03"},
	} {
		text := strings.NewReplacer("CALLED", tt.called, "STEPS", tt.steps, "WAIT", tt.wait).Replace(file)
		var got []string
		for _, line := range check(t, text) {
			if !strings.Contains(line, "W401") {
				got = append(got, line)
			}
		}
		if tt.want == "" {
			assert.Empty(t, got, text)
		} else if assert.Len(t, got, 1, text) {
			assert.Contains(t, got[0], tt.want)
		}
	}
}
