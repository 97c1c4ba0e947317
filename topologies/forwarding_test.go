package topologies

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// behind is the shop behind a balancer with some lines.
func behind(lines, more string) string {
	return with(`target = "web"`, `target = "lb"`) + "[load_balancer.lb]\n" + lines + "\n" + more
}

const (
	toWeb   = "targets = [\"web\"]\n"
	another = "[server.b]\non.request = []\non.buy = []\n"
)

func TestWhatABalancerDoesIsResolved(t *testing.T) {
	spec := mustSpec(t, strings.Replace(behind(toWeb+`policy = "random"
instances = 2
overhead = "1ms"
max_connections = 9
max_connections_per_target = 3
queue = 5
queue_timeout = "2s"
timeout = "300ms"
retries = { max = 2, on = ["unavailable"], backoff = "5ms", budget = "10%" }
sticky = { by = "source" }
route = [{ ops = ["request", "buy"], to = "b" }]`, another), "[client.users]", "[client.users]\nsources = \"uniform n=9\"", 1), Options{}, "")
	b, lb := spec.Nodes[0], spec.Nodes[1]
	assert.Equal(t, "b", b.Name)
	assert.Equal(t, 2, lb.Instances)
	got := *lb.Balancer
	assert.InDelta(t, 1e6, got.Overhead.Mean(), 0)
	assert.InDelta(t, 2e9, got.QueueTimeout.Mean(), 0)
	assert.InDelta(t, 5e6, got.Attempts.Backoff.Law.Mean(), 0)
	got.Overhead, got.QueueTimeout, got.Attempts.Backoff.Law = nil, nil, nil
	assert.Equal(t, node.BalancerSpec{
		Targets: []int{3}, Policy: "random", Routes: []node.Route{{Ops: []string{"request", "buy"}, To: 0}},
		Sticky: &node.Sticky{Source: true, TTL: 30 * 60 * sim.Second}, Connections: 9, PerTarget: 3, Queue: 5,
		Attempts: node.Policy{Timeout: 300 * sim.Millisecond, Retries: 2, On: 1 << node.Unavailable, Budget: 0.1},
	}, got)
	assert.Equal(t, []node.Target{{Node: 0, Op: "buy"}, {Node: 0, Op: "request"}, {Node: 3}}, lb.Targets(), "the edges of the drawing")

	spec = mustSpec(t, behind("targets = [\"web\"]\nmax_connections_per_target = 1", ""), Options{}, "")
	assert.Equal(t, node.None, spec.Nodes[0].Balancer.Queue, "any number may wait")
	spec = mustSpec(t, with("cores = 1", "balance = \"least-connections\""), Options{}, "")
	assert.Equal(t, "least-connections", spec.Nodes[1].Server.Balance)
	spec = mustSpec(t, with("cores = 1", "balance = \"round-robin\""), Options{}, "")
	assert.Empty(t, spec.Nodes[1].Server.Balance, "its instances take turns as they do without")
}

func TestLimitsOfABalancerThatMeanNothing(t *testing.T) {
	told(t, []finding{
		{behind(toWeb+"queue = 4", ""), `11:1: error[E203]: load_balancer.lb.queue: the key max_connections_per_target is missing: without a limit on connections nobody waits for one`, "hint: for example max_connections_per_target = 100"},
		{behind(toWeb+"queue_timeout = \"1s\"", ""), `11:1: error[E203]: load_balancer.lb.queue_timeout: the key max_connections_per_target is missing…`, "hint: for example"},
		{behind(toWeb+"max_connections = 0", ""), `11:19: error[E302]: load_balancer.lb.max_connections: must be from 1 to 1000000000, got 0`, ""},
		{behind(toWeb+"max_connections_per_target = 0", ""), `11:30: error[E302]: load_balancer.lb.max_connections_per_target: must be from 1 to 1000000000, got 0`, ""},
		{behind(toWeb+"instances = 0", ""), `11:13: error[E302]: load_balancer.lb.instances: must be from 1 to 1000000, got 0`, ""},
		{behind(toWeb+"timeout = \"0s\"", ""), `11:11: error[E302]: load_balancer.lb.timeout: must be more than 0s, got "0s"`, ""},
		{behind(toWeb+"timeout = 2", ""), `11:11: error[E301]: load_balancer.lb.timeout: a duration needs a unit, got "2"`, ""},
		{behind(toWeb+"overhead = 2", ""), `11:12: error[E301]: load_balancer.lb.overhead: a duration needs a unit, got "2"`, ""},
		{behind(toWeb+"overhead = \"trace ms unit=ms\"", ""), `11:12: error[E602]: load_balancer.lb.overhead: column "ms" of a trace is read here, but the requests of "users" come from no csv trace`, ""},
		{behind(toWeb+"retries = { max = 1, jitter = \"full\" }", ""), `11:22: error[E203]: load_balancer.lb.retries.jitter: jitter spreads the pauses, and there are none: the key backoff is missing`, ""},
		{behind(toWeb+"retries = { max = 1, backoff = \"trace ms unit=ms\" }", ""), `11:32: error[E206]: load_balancer.lb.retries.backoff: no column of a trace can be read here: a pause does not come from a trace`, ""},
		{behind(toWeb, "[server.more]\ninstances = 999_998\non.request = []\n[load_balancer.l2]\ninstances = 2\ntargets = [\"web\", \"more\"]\n"), `16:13: error[E706]: load_balancer.l2.instances: the servers, databases, caches, CDNs and balancers have more than 1000000 instances together`, ""},
		{behind(toWeb+"max_connections_per_target = 3\nmax_connections = 3", ""), `11:1: warning[W403]: load_balancer.lb.max_connections_per_target: no more than 3 requests are ever inside: this limit changes nothing`, "see shop.toml:12:1: max_connections"},
		{behind(toWeb+"max_connections_per_target = 3\nqueue = 0\nqueue_timeout = \"1s\"", ""), `13:1: warning[W403]: load_balancer.lb.queue_timeout: with queue = 0 nobody waits for a connection: this changes nothing`, "see shop.toml:12:1: queue"},
		{strings.Replace(behind(toWeb+"max_connections = 3", ""), "arrivals = \"poisson 80/s\"", "users = 4", 1), `3:9: error[E404]: client.users.users: 4 users without think time find room for 3: the others would be rejected and come again at once, for ever`, ""},
		{strings.Replace(behind(toWeb+"max_connections_per_target = 1\nqueue = 2", ""), "arrivals = \"poisson 80/s\"", "users = 4", 1), `3:9: error[E404]: client.users.users: 4 users without think time find room for 3: …`, ""},
	})
}

func TestBindingsThatBindNobody(t *testing.T) {
	told(t, []finding{
		{behind(toWeb+"sticky = { by = \"cookie\" }", ""), `11:10: warning[W403]: load_balancer.lb.sticky: no client has users or sessions: each request is somebody else's, and a cookie binds nobody`, `hint: for example session = `},
		{behind(toWeb+"sticky = { by = \"source\" }", ""), `11:10: warning[W403]: load_balancer.lb.sticky: each request has an address of its own: bindings change nothing`, `hint: for example [client.NAME] sources = `},
		{behind(toWeb+"sticky = { by = \"cokie\" }", ""), `11:17: error[E205]: load_balancer.lb.sticky.by: unknown value "cokie"; did you mean "cookie"?`, ""},
		{behind(toWeb+"sticky = { ttl = \"1m\" }", ""), `11:10: error[E203]: load_balancer.lb.sticky.by: missing key "by"`, ""},
		{behind(toWeb+"sticky = \"cookie\"", ""), `11:10: error[E204]: load_balancer.lb.sticky: expected a table, got a string`, ""},
		{behind(toWeb+"sticky = { by = \"cookie\", ttl = \"0s\" }", ""), `11:33: error[E302]: load_balancer.lb.sticky.ttl: must be more than 0s, got "0s"`, ""},
	})
	mustSpec(t, strings.Replace(behind(toWeb+"sticky = { by = \"cookie\" }", ""), "arrivals = \"poisson 80/s\"", "users = 4\nthink = \"1s\"", 1), Options{}, "")
}

func TestRoutesThatLeadNowhere(t *testing.T) {
	buys := func(text string) string {
		return strings.Replace(text, "[client.users]", "[client.users]\nrequests = { buy = 1 }", 1)
	}
	told(t, []finding{
		{behind("policy = \"random\"", ""), `9:1: error[E203]: load_balancer.lb: missing key "targets"`, "hint: example: targets"},
		{behind("route = [{ ops = [\"buy\"], to = \"b\" }]", another), `2:10: error[E502]: client.users.target: balancer "lb" has no route for the operation "request", and no targets`, "see shop.toml:9:16: the balancer"},
		{behind(toWeb+"route = [{ ops = [], to = \"b\" }]", another), `11:18: error[E302]: load_balancer.lb.route[0].ops: needs at least one operation`, ""},
		{behind(toWeb+"route = [{ ops = [\"request\"], to = \"bb\" }]", another), `11:36: error[E501]: load_balancer.lb.route[0].to: unknown node "bb"; did you mean "lb"?`, ""},
		{behind(toWeb+"route = [{ ops = [\"request\"], to = \"b.buy\" }]", another), `11:36: error[E505]: load_balancer.lb.route[0].to: a balancer passes the operation on; name only the node`, `hint: write "b"`},
		{behind(toWeb+"route = [{ ops = [\"request\"], to = \"users\" }]", ""), `11:36: error[E505]: load_balancer.lb.route[0].to: "users" is a client; this must be a load balancer or a server or a cache`, ""},
		{behind(toWeb+"route = [{ ops = [\"request\"] }]", ""), `11:10: error[E203]: load_balancer.lb.route[0].to: missing key "to"`, ""},
		{behind("route = [{ ops = [\"request\"], to = \"lb\" }]", ""), `10:9: error[E403]: load_balancer.lb.route: requests can never leave: lb → lb`, ""},
		{strings.Replace(behind(toWeb+"route = [{ ops = [\"buy\"], to = \"b\" }, { ops = [\"buy\"], to = \"b\" }]", another), "[client.users]", "[client.users]\nrequests = { request = 1, buy = 3 }", 1), `12:48: warning[W403]: load_balancer.lb.route[1].ops[0]: an earlier route takes "buy": this one never sees it`, "see shop.toml:12:19: the earlier one"},
		{behind(toWeb+"route = [{ ops = [\"request\"], to = \"b\" }]", another), `10:1: warning[W403]: load_balancer.lb.targets: the routes take everything that comes: the targets get nothing`, "see shop.toml:11:1: the routes"},
		{behind(toWeb+"route = [{ ops = [\"requests\"], to = \"b\" }]", another), `11:19: warning[W403]: load_balancer.lb.route[0].ops[0]: no request for "requests" comes to "lb"; did you mean "request"?`, "hint: what comes is request\n"},
		{buys(behind("route = [{ ops = [\"buy\"], to = \"web\" }]", "")), `2:14: error[E502]: client.users.requests.buy: server "web", behind "lb", has no operation "buy"`, ""},
	})
}

// What goes another way needs not be known to the targets, and the warning of
// overload knows where it goes.
func TestRoutesAreKnownToTheChecks(t *testing.T) {
	text := strings.Replace(behind(toWeb+"route = [{ ops = [\"buy\"], to = \"b\" }]", "[server.b]\non.buy = [{ cpu = \"20ms\" }]\n"), "[client.users]", "[client.users]\nrequests = { request = 1, buy = 3 }", 1)
	told(t, []finding{{text, `13:9: warning[W406]: server.b: offered load 1.2: more work comes than its cores can do; needs ≥ 2 cores (has 1)`, ""}})
}

func TestBalanceThatChangesNothing(t *testing.T) {
	told(t, []finding{
		{strings.Replace(behind(toWeb, ""), "cores = 1", "balance = \"random\"", 1), `7:1: warning[W403]: server.web.balance: nobody calls "web" directly: balance changes nothing`, "hint: balancers choose by their own policy"},
		{with("cores = 1", "balance = \"randon\""), `7:11: error[E205]: server.web.balance: unknown value "randon"; did you mean "random"?`, ""},
	})
}

func TestRetriesOfBalancersMultiply(t *testing.T) {
	text := step(`{ call = "l1", retries = 3 }`, "[load_balancer.l1]\ntargets = [\"b\"]\nretries = 2\n"+callee)
	told(t, []finding{{text, `8:40: warning[W407]: server.web.on.request[0].retries: if "b" fails, one request can become 12 attempts there`, ""}})
}
