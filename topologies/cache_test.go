package topologies

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// cached is the shop with keys, and a cache that its server gets from.
func cached(lines string) string {
	text := strings.Replace(step(`{ get = "redis", miss = [{ cpu = "exp 10ms" }] }`, "[cache.redis]\n"+lines+"\n"), `timeout = "2s"`, `keys = "zipf s=1 n=1000"`, 1)
	return text
}

// throughCache is the shop whose client asks a read-through cache.
func throughCache(lines, more string) string {
	return strings.Replace(with(`timeout = "2s"`, `keys = "zipf s=1 n=1000"`), `target = "web"`, `target = "redis"`, 1) + "[cache.redis]\n" + lines + "\n" + more
}

func TestACacheMayReadADatabaseThrough(t *testing.T) {
	for _, front := range []string{"[cache.front]\ncapacity = 10\n", "[cdn.front]\ncacheable = { request = \"60s\" }\n"} {
		for _, kind := range []string{"read", "scatter"} {
			text := "[client.users]\ntarget = \"front\"\narrivals = \"poisson 80/s\"\nkeys = \"zipf s=1 n=1000\"\n" + front +
				"origin = \"orders.by_id\"\n[database.orders]\nshards = 2\n" + kind + ".by_id = [{ cpu = \"1ms\" }]\n"
			spec := mustSpec(t, text, Options{}, "")
			var origin *node.Target
			for i := range spec.Nodes {
				if o := spec.Nodes[i].Origin(); o != nil {
					origin = o
				}
			}
			if origin == nil {
				t.Fatal("it has no origin")
			}
			assert.Equal(t, "by_id", origin.Op)
			assert.NotNil(t, spec.Nodes[origin.Node].Database)
		}
	}
}

func TestWhatACacheKeeps(t *testing.T) {
	read := func(lines string) *node.CacheSpec {
		t.Helper()
		spec := mustSpec(t, cached(lines), Options{}, "")
		return spec.Nodes[0].Cache
	}
	s := read("hit_ratio = \"80%\"")
	assert.False(t, s.Emergent())
	assert.InDelta(t, 0.8, s.HitRatio, 0)

	s = read("capacity = 100_000")
	assert.Equal(t, "lru", s.Policy)
	assert.Equal(t, uint64(100_000), s.Capacity)
	assert.Nil(t, s.Size)

	s = read("memory = \"2MB\"\nobject_size = \"exp 10kB\"\npolicy = \"sampled-lru 5\"\nttl = \"10m\"\ncoalesce = true\ncores = 2\nlatency = \"1ms\"")
	assert.Equal(t, "sampled-lru 5", s.Policy)
	assert.Equal(t, uint64(2_000_000), s.Capacity)
	assert.InDelta(t, 10_000, s.Size.Mean(), 0)
	assert.Equal(t, 600*sim.Second, s.TTL)
	assert.True(t, s.Coalesce)
	assert.Equal(t, 2, s.Cores)

	s = read("ttl = \"10m\"")
	assert.True(t, s.Emergent())
	assert.Zero(t, s.Capacity, "nothing else bounds it")

	s = read("type = \"aws:r7g.large\"\nobject_size = \"20kB\"")
	assert.Equal(t, uint64(16<<30), s.Capacity, "the memory of the machine")
	s = read("type = \"aws:r7g.large\"\ncapacity = 10")
	assert.Equal(t, uint64(10), s.Capacity)
	assert.Zero(t, s.Cores, "its cores are not taken over")
}

func TestWhatAWarmCacheHolds(t *testing.T) {
	warm := func(text string) *node.Warmth {
		t.Helper()
		return mustSpec(t, text, Options{}, "").Nodes[0].Cache.Warm
	}
	assert.Nil(t, warm(cached("capacity = 10")))
	assert.Equal(t, uint64(104), warm(cached("capacity = 10\nwarm = true")).Below, "more than there is room for, since the ring shares out unevenly")
	assert.Equal(t, uint64(1000), warm(cached("ttl = \"1m\"\nwarm = true")).Below)
	assert.Equal(t, uint64(3_000_000), warm(strings.Replace(cached("ttl = \"1m\"\nwarm = true"), "s=1 n=1000", "s=1 n=3M", 1)).Below)
	own := strings.Replace(cached("ttl = \"1m\"\nwarm = true"), `get = "redis"`, `get = "redis", key = "uniform n=77"`, 1)
	assert.Equal(t, uint64(77), warm(own).Below, "what its steps ask for")
	through := warm(throughCache("ttl = \"1m\"\nwarm = true\norigin = \"web\"", ""))
	assert.Equal(t, &node.Warmth{Below: 1000, Ops: []string{"request"}}, through)
	called := warm(strings.Replace(cached("ttl = \"1m\"\nwarm = true\norigin = \"zoo\"")+"[server.zoo]\non.request = []\n",
		`{ get = "redis", miss = [{ cpu = "exp 10ms" }] }`, `{ call = "redis" }, { invalidate = "redis", key = "uniform n=3k" }`, 1))
	assert.Equal(t, &node.Warmth{Below: 1000, Ops: []string{"request"}}, called, "an invalidation asks for nothing")

	text := strings.Replace(cached("capacity = 10\nwarm = true"), `arrivals = "poisson 80/s"`, `arrivals = { trace = "k.txt", format = "keys", rate = "10/s" }`, 1)
	text = strings.Replace(text, "keys = \"zipf s=1 n=1000\"\n", "", 1)
	spec, report := specOf(memory{"shop.toml": text, "k.txt": "5\n9\n9\n7\n5\n9\n"}, "shop.toml", Options{}, "")
	assert.False(t, report.Failed(), "%v", headlines(report))
	assert.Equal(t, []uint64{1, 0, 2}, spec.Nodes[0].Cache.Warm.Items, "9, 5 and 7, which are numbered as they come")
}

func TestAWarmCacheHasWhatItsOwnClientsAskFor(t *testing.T) {
	shop := cached("ttl = \"1m\"\nwarm = true")
	elsewhere := "[client.others]\ntarget = \"far\"\narrivals = \"poisson 1/s\"\nkeys = \"uniform n=5000\"\n[server.far]\non.request = [%s]\n"
	for does, want := range map[string]uint64{
		"":                     1000,
		`{ call = "web" }`:     5000,
		`{ publish = "mail" }`: 5000,
	} {
		spec := mustSpec(t, shop+fmt.Sprintf(elsewhere, does)+"[queue.mail]\nconsumer = \"web\"\n", Options{}, "")
		at := slices.IndexFunc(spec.Nodes, func(n node.Node) bool { return n.Name == "redis" })
		assert.Equal(t, want, spec.Nodes[at].Cache.Warm.Below, does)
	}
}

func TestTheNumberBelowWhichKeysLie(t *testing.T) {
	for text, want := range map[string]uint64{"uniform n=1": 1, "uniform n=1000": 1000, "zipf s=1 n=1000": 1000, "zipf s=0.8 n=5M": 5_000_000, "constant 7": 8} {
		law, err := dist.Parse(text, dist.Key, nil)
		assert.Nil(t, err, text)
		assert.Equal(t, want, below(law), text)
	}
}

func TestCachesThatContradictThemselves(t *testing.T) {
	told(t, []finding{
		{cached("latency = \"1ms\""), `9:1: error[E203]: cache.redis: a cache needs hit_ratio, or what it keeps: capacity, memory or ttl`, "hint: for example capacity = 100_000"},
		{cached("hit_ratio = 0.5\ncapacity = 10"), `11:1: error[E207]: cache.redis.capacity: a fixed hit_ratio says what capacity would decide`, "see shop.toml:10:1: hit_ratio"},
		{cached("hit_ratio = 0.5\nttl = \"1s\""), `11:1: error[E207]: cache.redis.ttl: a fixed hit_ratio says what ttl would decide`, ""},
		{cached("hit_ratio = 0.5\nwarm = true"), `11:1: error[E207]: cache.redis.warm: a fixed hit_ratio says what warm would decide`, ""},
		{cached("capacity = 10\nmemory = \"1GB\""), `11:1: error[E207]: cache.redis.memory: capacity says how much there is room for`, "hint: keep one of them"},
		{cached("memory = \"1GB\""), `10:1: error[E203]: cache.redis.memory: the key object_size is missing: how many items find room is not known`, "hint: for example object_size"},
		{cached("object_size = \"1kB\""), `10:1: error[E203]: cache.redis.object_size: the key memory is missing: sizes need a limit`, "aws:r7g.large"},
		{cached("memory = \"0B\"\nobject_size = \"1kB\""), `10:10: error[E302]: cache.redis.memory: must be more than 0B, got "0B"`, ""},
		{cached("memory = \"1kB\"\nobject_size = \"0B\""), `11:1: error[E302]: cache.redis.object_size: must be more than 0B: there would be room for any number of items`, ""},
		{cached("memory = \"1kB\"\nobject_size = \"2kB\""), `11:1: error[E302]: cache.redis.object_size: no item finds room in 1kB`, "see shop.toml:10:1: memory"},
		{cached("capacity = 0"), `10:12: error[E302]: cache.redis.capacity: must be from 1 to 1000000000, got 0`, ""},
		{cached("capacity = 10\nobject_size = \"1kB\""), `11:1: warning[W403]: cache.redis.object_size: capacity counts items: their size changes nothing`, ""},
		{cached("ttl = \"1s\"\npolicy = \"lru\""), `11:1: warning[W403]: cache.redis.policy: without capacity or memory there is room for all items: none has to go`, ""},
		{cached("capacity = 10\ncores = 2"), `11:1: warning[W403]: cache.redis.cores: without latency there is nothing to do: cores change nothing`, ""},
		{cached("capacity = 10\npolicy = \"lruu\""), `11:10: error[E205]: cache.redis.policy: unknown value "lruu"; did you mean "lru"?`, ""},
		{cached("capacity = 10\npolicy = \"lru 3\""), `11:10: error[E206]: cache.redis.policy: lru takes no number, got "3"`, ""},
		{cached("capacity = 10\npolicy = \"sampled-lru\""), `11:10: error[E206]: cache.redis.policy: sampled-lru takes one number…`, ""},
		{cached("capacity = 10\npolicy = 3"), `11:10: error[E204]: cache.redis.policy: expected one of lru, …`, ""},
		{cached("capacity = 10\ntype = \"aws:r7g.larg\""), `11:8: error[E205]: cache.redis.type: unknown machine "aws:r7g.larg"…`, ""},
		{cached("capacity = 10\ntimeout = \"1s\""), `11:1: error[E203]: cache.redis.timeout: the key origin is missing: a cache without one asks nobody`, ""},
		{strings.Replace(cached("ttl = \"1m\"\nwarm = true"), "n=1000", "n=1G", 1), `11:8: error[E705]: cache.redis.warm: a cache can be warm with at most 10000000 items (a limit of capsim), these would be 1000000000`, ""},
		{strings.Replace(cached("capacity = 10"), "keys = \"zipf s=1 n=1000\"\n", "", 1), `8:8: warning[W403]: cache.redis: no client has keys: all requests for an operation are about one item, which is there or not`, "hint: for example [client.NAME] keys"},
	})
}

func TestOriginsThatAnswerNobody(t *testing.T) {
	const origin = "capacity = 10\norigin = "
	told(t, []finding{
		{cached(origin + "\"web\""), `8:23: error[E505]: server.web.on.request[0].get: "redis" is a read-through cache: it asks its origin itself for what it does not have`, `hint: write { call = "redis" }`},
		{strings.Replace(cached("capacity = 10"), `{ get = "redis", miss = [{ cpu = "exp 10ms" }] }`, `{ call = "redis" }`, 1), `8:24: error[E505]: server.web.on.request[0].call: "redis" is a cache without an origin: it is asked by get, set and invalidate`, "hint: for example { get = "},
		{throughCache("capacity = 10", ""), `2:10: error[E505]: client.users.target: "redis" is a cache without an origin…`, ""},
		{throughCache(origin+"\"redis\"", ""), `11:10: error[E403]: cache.redis.origin: requests can never leave: redis → redis`, ""},
		{throughCache(origin+"\"webb\"", ""), `11:10: error[E501]: cache.redis.origin: unknown node "webb"; did you mean "web"?`, ""},
		{throughCache(origin+"\"users\"", ""), `11:10: error[E505]: cache.redis.origin: "users" is a client; this must be a server or a database or a load balancer or an external service or a cache`, ""},
		{throughCache(origin+"\"db\"", "[database.db]\nread.get = []\n"), `2:10: error[E502]: client.users.target: database "db", behind "redis", has no operation "request"`, `hint: its operations are get; one is named as in "db.get"`},
		{throughCache(origin+"\"web.buy\"", ""), `11:10: error[E502]: cache.redis.origin: server "web" has no operation "buy"`, "hint: its operations are request"},
		{strings.Replace(throughCache(origin+"\"web\"", ""), "[client.users]", "[client.users]\nrequests = { buy = 1 }", 1), `2:14: error[E502]: client.users.requests.buy: server "web", behind "redis", has no operation "buy"`, ""},
		{throughCache(origin+"\"far\"", "[cache.far]\ncapacity = 10\n"), `11:10: error[E505]: cache.redis.origin: "far" is a cache without an origin: it is asked by get, set and invalidate`, ""},
		{strings.Replace(throughCache(origin+"\"web\"", ""), `{ cpu = "exp 10ms" }`, `{ set = "redis" }`, 1), `8:23: error[E505]: server.web.on.request[0].set: "redis" keeps items of each operation that it passes on: set does not say of which`, ""},
		{throughCache("hit_ratio = 0.1\norigin = \"web\"\nlatency = \"20ms\"\ncores = 1", ""), `9:8: warning[W406]: cache.redis: offered load 1.6: more look-ups come than its cores can do; needs ≥ 2 cores (has 1)`, ""},
	})
}

// The origin of LANGUAGE 2.5: an operation of a database.
func TestTheOriginMayBeADatabase(t *testing.T) {
	const text = `
[client.users]
target   = "app"
arrivals = "poisson 80/s"
keys     = "zipf s=1 n=1000"
requests = { look = 9, buy = 1 }

[server.app]
on.look = [{ call = "redis" }]
on.buy  = [{ call = "orders.put" }, { invalidate = "redis" }]

[cache.redis]
hit_ratio = 0.75
origin    = "orders.by_id"

[database.orders]
read.by_id = [{ cpu = "exp 1ms" }]
write.put  = [{ cpu = "exp 1ms" }]
`
	spec := mustSpec(t, text, Options{}, "")
	assert.InDelta(t, 72+8, spec.Loads()[2].Rate, 1e-9, "the cache")
	assert.InDelta(t, 72*0.25+8, spec.Loads()[1].Rate, 1e-9, "the database")
	all := strings.Replace(strings.Replace(text, `"redis" }]`, `"redis.by_id" }]`, 1), "orders.by_id", "orders", 1)
	mustSpec(t, all, Options{}, "")
	mustSpec(t, strings.Replace(strings.Replace(all, "orders.put", "redis.put", 1), "0.75", "0", 1), Options{}, "") // it keeps nothing
	told(t, []finding{
		{strings.Replace(text, "orders.by_id", "orders.put", 1), `14:13: error[E505]: cache.redis.origin: "put" is a write of "orders": a cache would answer what never came there`, `hint: call the database for it, and take the item out of the cache: { invalidate = "redis" }`},
		{strings.Replace(all, "orders.put", "redis.put", 1), `14:13: error[E505]: cache.redis.origin: "put" is a write of "orders": a cache would answer what never came there`, ""},
		{strings.Replace(text, "orders.by_id", "orders.nope", 1), `14:13: error[E502]: cache.redis.origin: database "orders" has no operation "nope"`, ""},
	})
}

func TestThroughACacheOperationsAreFound(t *testing.T) {
	text := throughCache("hit_ratio = 0.75\norigin = \"lb\"", "[load_balancer.lb]\ntargets = [\"web\"]\n")
	spec := mustSpec(t, text, Options{}, "")
	loads := spec.Loads()
	assert.InDelta(t, 80, loads[1].Rate, 1e-9, "the cache")
	assert.InDelta(t, 20, loads[0].Rate, 1e-9, "the balancer behind it")
	assert.InDelta(t, 20, loads[3].Rate, 1e-9)
	assert.False(t, loads[3].Unsure)

	spec = mustSpec(t, throughCache("capacity = 10\norigin = \"web.request\"", ""), Options{}, "")
	assert.True(t, spec.Loads()[2].Unsure, "nobody knows what it will find")
	assert.Zero(t, spec.Loads()[2].Rate)
	assert.Equal(t, &node.Target{Node: 2, Op: "request"}, spec.Nodes[0].Cache.Origin)
}

func TestADatabaseMayStandBehindACache(t *testing.T) {
	const orders = "[database.orders]\nshards = 3\nread.get = [{ cpu = \"exp 1ms\" }]\nscatter.all = [{ cpu = \"exp 1ms\" }]\n"
	through := func(op string) string {
		text := "[client.users]\ntarget = \"redis." + op + "\"\narrivals = \"poisson 80/s\"\ntimeout = \"2s\"\n"
		return text + "[cache.redis]\nhit_ratio = 0.75\norigin = \"orders\"\n" + orders
	}
	assert.InDelta(t, 20, mustSpec(t, through("get"), Options{}, "").Loads()[0].Rate, 1e-9)
	assert.InDelta(t, 60, mustSpec(t, through("all"), Options{}, "").Loads()[0].Rate, 1e-9, "all three shards")
	told(t, []finding{
		{strings.Replace(through("get"), `origin = "orders"`, `origin = "orders.gett"`, 1), `7:10: error[E502]: cache.redis.origin: database "orders" has no operation "gett"; did you mean "get"?`, ""},
	})
}
