package topologies

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// edge is a site with a CDN, which has some lines; more is put behind.
func edge(lines, more string) string {
	return "[client.users]\ntarget = \"edge\"\narrivals = \"poisson 80/s\"\nrequests = { page = 3, cart = 1 }\n[server.web]\non.page = [{ cpu = \"1ms\" }]\non.cart = [{ cpu = \"1ms\" }]\n[cdn.edge]\n" + lines + "\n" + more
}

const fromWeb, pages = "origin = \"web\"\n", "origin = \"web\"\ncacheable = { page = \"60s\" }\n"

func TestCDNsThatMeanNothing(t *testing.T) {
	told(t, []finding{
		{edge(fromWeb, ""), `8:1: error[E203]: cdn.edge: a CDN needs cacheable, or hit_ratio: otherwise it keeps nothing`, `hint: for example cacheable`},
		{edge(`cacheable = { page = "60s" }`, ""), `8:1: error[E203]: cdn.edge.origin: missing key "origin"`, `hint: for example origin = "web"`},
		{edge("origin = \"db\"\ncacheable = { cart = \"60s\" }", "[database.db]\nread.page = []\nwrite.cart = []\n"), `9:10: error[E505]: cdn.edge.origin: "cart" is a write of "db": a cache would answer what never came there`, `hint: leave it out of cacheable`},
		{edge("origin = \"db.cart\"\ncacheable = { page = \"60s\" }\nshield = true", "[database.db]\nread.page = []\nwrite.cart = []\n"), `9:10: error[E505]: cdn.edge.origin: "cart" is a write of "db": a cache would answer what never came there`, ""},
		{edge("origin = \"near\"\ncacheable = { cart = \"60s\" }", "[cache.near]\nhit_ratio = 0\norigin = \"db\"\n[database.db]\nread.page = []\nwrite.cart = []\n"), `9:10: error[E505]: cdn.edge.origin: "cart" is a write of "db": a cache would answer what never came there`, ""},
		{edge("origin = \"wbe\"\ncacheable = { page = \"60s\" }", ""), `9:10: error[E501]: cdn.edge.origin: unknown node "wbe"; did you mean "web"?`, ""},
		{edge("origin = \"users\"\ncacheable = { page = \"60s\" }", ""), `9:10: error[E505]: cdn.edge.origin: "users" is a client; this must be a server or…`, ""},
		{edge("origin = \"store\"\ncacheable = { page = \"60s\" }", "[cache.store]\nhit_ratio = 1\n"), `9:10: error[E505]: cdn.edge.origin: "store" is a cache without an origin: …`, ""},
		{edge(fromWeb+"cacheable = {}", ""), `10:13: error[E203]: cdn.edge.cacheable: needs at least one operation`, `hint: for example cacheable = { browse = "60s" }`},
		{edge(fromWeb+"cacheable = [\"page\"]", ""), `10:13: error[E204]: cdn.edge.cacheable: expected a table of times such as { browse = "60s", image = "1d" }…`, ""},
		{edge(fromWeb+"cacheable = { page = 60 }", ""), `10:22: error[E301]: cdn.edge.cacheable.page: …`, "unit"},
		{edge(fromWeb+`cacheable = { page = "0s" }`, ""), `10:22: error[E302]: cdn.edge.cacheable.page: must be more than 0s, got "0s"`, ""},
		{edge(pages+"hit_ratio = 0.5", ""), `10:1: error[E207]: cdn.edge.cacheable: a fixed hit_ratio says what cacheable would decide`, "see shop.toml:11:1: hit_ratio"},
		{edge(fromWeb+"hit_ratio = 0.5\nshield = true", ""), `11:1: error[E207]: cdn.edge.shield: a fixed hit_ratio says what shield would decide`, ""},
		{edge(fromWeb+"hit_ratio = 1.5", ""), `10:13: error[E302]: cdn.edge.hit_ratio: …`, ""},
		{edge(pages+"pops = 0", ""), `11:8: error[E302]: cdn.edge.pops: must be from 1 to 100000, got 0`, ""},
		{edge(pages+"memory = \"1GB\"", ""), `11:1: error[E203]: cdn.edge.memory: the key object_size is missing…`, `hint: for example object_size = "20kB"`},
		{edge(pages+"memory = \"1GB\"\ncapacity = 9", ""), `11:1: error[E207]: cdn.edge.memory: capacity says how much there is room for`, ""},
		{edge(pages+"capacity = 9\npolicy = \"lur\"", ""), `12:10: error[E205]: cdn.edge.policy: unknown value "lur"; did you mean "lru"?`, ""},
		{edge(pages+"policy = \"fifo\"", ""), `11:1: warning[W403]: cdn.edge.policy: without capacity or memory there is room for all items: none has to go`, ""},
		{edge(pages+"shield = \"yes\"", ""), `11:10: error[E204]: cdn.edge.shield: expected true, or a table such as { latency = "20ms" }…`, ""},
		{edge(pages+"shield = { pops = 3 }", ""), `11:12: error[E20…`, ""},
		{edge(pages+"shield = { capacity = 3 }", ""), `11:12: error[E202]: cdn.edge.shield.capacity: this key goes with capacity of the CDN, which has none`, ""},
		{edge(pages+"memory = \"1GB\"\nobject_size = \"9kB\"\nshield = { memory = \"0B\" }", ""), `13:21: error[E302]: cdn.edge.shield.memory: must be more than 0B, got "0B"`, ""},
		{edge(pages+"shield = true", "[external.\"edge.shield\"]\n"), `12:11: error[E401]: external."edge.shield": the name "edge.shield" is taken`, "see shop.toml:11:1: by this cdn"},
		{edge(pages+"egress_price = -1", ""), `11:16: error[E302]: cdn.edge.egress_price: must be at least 0, got -1`, ""},
		{edge(pages+"egress_price = 0.05", ""), `11:1: warning[W403]: cdn.edge.egress_price: no client has response_size: answers cost nothing`, `hint: for example [client.NAME] response_size = "20kB"`},
		{edge(fromWeb+`cacheable = { pgae = "60s" }`, ""), `10:15: warning[W403]: cdn.edge.cacheable.pgae: no request for "pgae" comes to "edge"; did you mean "page"?`, "hint: what comes is cart, page"},
		{strings.Replace(edge(pages, "[network]\nloss = \"1%\"\n"), `[server.web]`, "timeout = \"1s\"\n[server.web]", 1), `10:10: warning[W404]: cdn.edge.origin: messages are lost, and nothing here ever times out…`, `hint: for example timeout = "30s"`},
		{edge(pages+`latency = "trace ms unit=ms"`, ""), `11:11: error[E602]: cdn.edge.latency: column "ms" of a trace is read here, but the requests of "users" come from no csv trace`, ""},
		{edge("origin = \"more\"\ncacheable = { page = \"60s\" }", "[cdn.more]\norigin = \"edge\"\ncacheable = { page = \"60s\" }\n"), `9:10: error[E403]: cdn.edge.origin: requests can never leave: edge → more → edge`, ""},
		{strings.Replace(edge(pages, ""), `target = "edge"`, `target = "web"`, 1), `8:6: warning[W401]: cdn.edge: no request reaches "edge"`, ""},
		{strings.Replace(edge(pages+"shield = true", ""), `target = "edge"`, `target = "web"`, 1), `8:6: warning[W401]: cdn.edge: no request reaches "edge"`, ""},
		{edge(pages+"pops = 3", "[[fault]]\nat = \"1s\"\nkill = \"edge.pop[3]\"\n"), `14:8: error[E501]: fault[0].kill: unknown instance "edge.pop[3]": "edge" has 3 instances, [0] to [2]`, ""},
		{strings.Replace(edge(pages, ""), `arrivals = "poisson 80/s"`, `users = 3`, 1), `3:9: error[E404]: client.users.users: users without think time are answered at once: no time would ever pass`, ""},
	})
}

func TestACDNAndItsShieldAreResolved(t *testing.T) {
	spec := mustSpec(t, edge(`origin = "web"
cacheable = { page = "60s", cart = "2s" }
capacity = 10
pops = 4
shield = { latency = "20ms", capacity = 99 }
latency = "8ms"
timeout = "3s"
coalesce = true
egress_price = 0.05
warm = true`, "[[fault]]\nat = \"1s\"\nkill = \"edge.pop[2]\"\n[[fault]]\nat = \"2s\"\nhang = \"edge.shield\"\n[[fault]]\nat = \"3s\"\nkill = \"edge\"\n"+
		"[client.more]\ntarget = \"edge\"\narrivals = \"poisson 1/s\"\nkeys = \"zipf s=1 n=500\"\nresponse_size = \"9kB\"\nrequests = { page = 1 }\n"), Options{}, "")
	require.Equal(t, []string{"edge", "edge.shield", "more", "users", "web"}, namesOf(spec))
	e, s := &spec.Nodes[0], &spec.Nodes[1]
	assert.Equal(t, []node.Lifetime{{Op: "cart", TTL: 2 * sim.Second}, {Op: "page", TTL: 60 * sim.Second}}, e.CDN.Cacheable)
	assert.Equal(t, e.CDN.Cacheable, s.CDN.Cacheable)
	assert.Equal(t, []any{4, uint64(10), node.Target{Node: 1}, 1, node.None, 0.05}, []any{e.Instances, e.CDN.Capacity, e.CDN.Origin, e.CDN.Shield, e.CDN.Shields, e.CDN.EgressPrice})
	assert.Equal(t, []any{1, uint64(99), node.Target{Node: 4}, node.None, 0, 0.0}, []any{s.Instances, s.CDN.Capacity, s.CDN.Origin, s.CDN.Shield, s.CDN.Shields, s.CDN.EgressPrice})
	assert.Equal(t, []any{3 * sim.Second, true, "lru"}, []any{s.CDN.Timeout, s.CDN.Coalesce, s.CDN.Policy})
	assert.Equal(t, &node.Warmth{Below: 99 + 64, Ops: []string{"cart", "page"}}, s.CDN.Warm)
	assert.Equal(t, "edge.pop[3]", e.InstanceName(3))
	assert.Equal(t, "edge.shield", s.InstanceName(0))
	require.Len(t, spec.Faults, 3)
	assert.Equal(t, []fault.Span{{Node: 0, First: 2, Count: 1}}, spec.Faults[0].Where)
	assert.Equal(t, 1, spec.Faults[1].Where[0].Node)
	assert.Equal(t, []fault.Span{{Node: 0, First: 0, Count: 4}}, spec.Faults[2].Where)
}

func namesOf(spec *node.Spec) []string {
	var names []string
	for i := range spec.Nodes {
		names = append(names, spec.Nodes[i].Name)
	}
	return names
}

// What a CDN keeps is not known beforehand: what comes to the origin is at
// least what passes through, or a fixed share.
func TestTheLoadBehindACDN(t *testing.T) {
	load := func(lines string) node.Load {
		spec := mustSpec(t, edge(lines, ""), Options{}, "")
		for i, l := range spec.Loads() {
			if spec.Nodes[i].Name == "web" {
				return l
			}
		}
		panic("no web")
	}
	l := load(pages)
	assert.InDelta(t, 20, l.Rate, 1e-9, "the carts")
	assert.True(t, l.Unsure)
	l = load(pages + "shield = true")
	assert.InDelta(t, 20, l.Rate, 1e-9)
	assert.True(t, l.Unsure)
	l = load(fromWeb + "hit_ratio = \"75%\"")
	assert.InDelta(t, 20, l.Rate, 1e-9)
	assert.False(t, l.Unsure)
	l = load(fromWeb + `cacheable = { other = "9s" }`)
	assert.InDelta(t, 80, l.Rate, 1e-9)
	assert.False(t, l.Unsure)
}
