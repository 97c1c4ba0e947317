package topologies

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// finding is what a file must be told: the headline without the name of the
// file, and a piece of what stands below it.
type finding struct{ text, headline, below string }

// told demands that each file gets exactly one finding.
func told(t *testing.T, findings []finding) {
	t.Helper()
	for _, f := range findings {
		_, report := specOf(memory{"shop.toml": f.text}, "shop.toml", Options{}, "")
		got, want := headlines(report), "shop.toml:"+f.headline
		if start, cut := strings.CutSuffix(want, "…"); cut && len(got) == 1 && strings.HasPrefix(got[0], start) {
			want = got[0]
		}
		if assert.Equal(t, []string{want}, got, f.text) {
			var b strings.Builder
			require.NoError(t, report.WriteText(&b, ""))
			assert.Contains(t, b.String(), f.below, f.text)
		}
	}
}

// client is the shop with other lines instead of the client's time-out, and
// step with another step; more is put behind.
func client(lines string) string { return with(`timeout = "2s"`, lines) }

func step(text, more string) string { return with(`{ cpu = "exp 10ms" }`, text) + more }

const callee = "[server.b]\non.request = []\n"

func TestPoliciesThatAreNotThere(t *testing.T) {
	told(t, []finding{
		{step(`{ call = "b", policy = "calmm" }, { call = "b", policy = "calm" }`, callee+"[policy.calm]\ntimeout = \"1s\"\n"),
			`8:38: error[E501]: server.web.on.request[0].policy: unknown policy "calmm"; did you mean "calm"?`, "hint: the policies are calm\n"},
		{step(`{ call = "b", policy = "calm" }`, callee),
			`8:38: error[E501]: server.web.on.request[0].policy: unknown policy "calm"`, "hint: the file has no [policy.NAME]\n"},
		{shop + "[policy.calm]\ntimeout = \"1s\"\n",
			`9:9: warning[W402]: policy.calm: no step names the policy "calm"`, `hint: a call takes it with policy = "calm"`},
		{step(`{ call = "b", policy = "calm" }`, callee+"[policy.calm]\ntimout = \"1s\"\n"),
			`12:1: error[E201]: policy.calm.timout: unknown key; did you mean "timeout"?`, ""},
		{step(`{ cpu = "1ms", policy = "calm" }, { call = "b", policy = "calm" }`, callee+"[policy.calm]\n"),
			`8:30: error[E202]: server.web.on.request[0].policy: this key goes with call or get or publish, not with cpu`, ""},
	})
}

func TestThePolicyOfAStepGoesBehindItsOwnKeys(t *testing.T) {
	policy := "[policy.calm]\ntimeout = \"1s\"\nretries = 3\nhedge = \"9ms\"\nbreaker = { consecutive = 4 }\nfallback = [{ cpu = \"1ms\" }]\n"
	read := func(own string) *node.Step {
		spec := mustSpec(t, step(`{ call = "b", policy = "calm"`+own+` }`, callee+policy), Options{}, "")
		return &spec.Nodes[2].Server.Ops[0].Steps[0]
	}
	all := node.Policy{Timeout: sim.Second, Retries: 3, Hedged: true, Hedge: 9 * sim.Millisecond,
		Breaker: &node.Breaker{Consecutive: 4, Window: 10 * sim.Second, Least: 20, Open: 5 * sim.Second}}
	s := read("")
	assert.Equal(t, all, s.Policy)
	assert.True(t, s.Falls)
	assert.Len(t, s.Fallback, 1)

	s = read(`, timeout = "20ms", retries = 0, hedge = "0s", fallback = []`)
	all.Timeout, all.Retries, all.Hedge = 20*sim.Millisecond, 0, 0
	assert.Equal(t, all, s.Policy)
	assert.True(t, s.Falls)
	assert.Empty(t, s.Fallback)
}

func TestBreakersThatMeanNothing(t *testing.T) {
	told(t, []finding{
		{client(`breaker = { error_ratio = "50%", consecutive = 3 }`),
			`4:34: error[E207]: client.users.breaker.consecutive: a breaker opens by error_ratio or by consecutive errors, not by both`, "see shop.toml:4:13: error_ratio"},
		{client(`breaker = { consecutive = 3, window = "10s" }`),
			`4:30: error[E202]: client.users.breaker.window: this key goes with error_ratio, not with consecutive`, "see shop.toml:4:13: consecutive"},
		{client(`breaker = { consecutive = 3, min = 4 }`),
			`4:30: error[E202]: client.users.breaker.min: this key goes with error_ratio, not with consecutive`, ""},
		{client(`breaker = { open = "5s" }`),
			`4:11: error[E203]: client.users.breaker: a breaker needs error_ratio or consecutive`, `hint: for example breaker = { error_ratio = "50%"`},
		{client(`breaker = { consecutive = 0 }`), `4:27: error[E302]: client.users.breaker.consecutive: must be from 1 to 1000000, got 0`, ""},
		{client(`breaker = { error_ratio = 0 }`), `4:27: error[E302]: client.users.breaker.error_ratio: must be more than 0, got 0`, ""},
		{"[client.c]\ntarget = \"s\"\nusers = 5\nbreaker = { consecutive = 3 }\n[server.s]\non.request = [{ cpu = \"5ms\" }]\n",
			`3:9: error[E404]: client.c.users: users without think time would come again at once, for ever, while the breaker is open`, "see shop.toml:4:1: the breaker"},
		{client(`breaker = 5`), `4:11: error[E204]: client.users.breaker: expected a table, got an integer`, ""},
		{step(`{ call = "b", breaker = "open" }`, callee), `8:39: error[E204]: server.web.on.request[0].breaker: expected a table, got a string`, ""},
	})
}

func TestHedgesRetriesAndDeadlinesThatMeanNothing(t *testing.T) {
	told(t, []finding{
		{client(`hedge = 30`), `4:9: error[E301]: client.users.hedge: a duration needs a unit, got "30"`, `hint: "30ms" or "30s"`},
		{client(`hedge = "30"`), `4:9: error[E301]: client.users.hedge: a duration needs a unit, got "30"`, ""},
		{client(`hedge = "-3ms"`), `4:9: error[E302]: client.users.hedge: must not be negative, got "-3ms"`, ""},
		{client(`hedge = true`), `4:9: error[E204]: client.users.hedge: expected a duration such as "30ms", got a boolean`, ""},
		{client(`retries = { max = 2, on = ["timeot"] }`),
			`4:28: error[E205]: client.users.retries.on[0]: unknown value "timeot"; did you mean "timeout"?`, "hint: one of timeout, rejected, unavailable, failed"},
		{client(`retries = { max = 2, on = ["timeout", "breaker"] }`), `4:39: error[E205]: client.users.retries.on[1]: unknown value "breaker"`, ""},
		{client(`retries = { max = 2, on = [] }`), `4:27: error[E302]: client.users.retries.on: needs at least one ending`, "hint: max = 0 tries nothing again"},
		{client(`retries = { max = 2, on = "timeout" }`), `4:27: error[E204]: client.users.retries.on: expected an array of strings such as ["a", "b"], got a string`, `hint: put it in brackets: ["timeout"]`},
		{client(`retries = { max = 2, budget = 0 }`), `4:31: error[E302]: client.users.retries.budget: must be more than 0, got 0`, ""},
		{client(`retries = { max = 2, budget = "200%" }`), `4:31: error[E302]: client.users.retries.budget: must be from 0 to 1 (0% to 100%), got "200%"`, ""},
		{client(`deadline = "0s"`), `4:12: error[E302]: client.users.deadline: must be more than 0s, got "0s"`, ""},
		{step(`{ call = "b", deadline = "1s" }`, callee), `8:29: error[E201]: server.web.on.request[0].deadline: unknown key here, though known in [client.NAME]; …`, ""},
		{client(`cancel = "yes"`), `4:10: error[E204]: client.users.cancel: expected true or false, got a string`, ""},
		{step(`{ cpu = "1ms", fallback = [] }`, ""), `8:30: error[E202]: server.web.on.request[0].fallback: this key goes with call or get or publish, not with cpu`, ""},
	})
}

func TestNeedsOfParallelSteps(t *testing.T) {
	need := func(text string) string { return step(`{ parallel = [[{ cpu = "1ms" }], []], need = `+text+` }`, "") }
	told(t, []finding{
		{need("3"), `8:60: error[E302]: server.web.on.request[0].need: must be at most the number of branches, 2, got 3`, ""},
		{need("0"), `8:60: error[E302]: server.web.on.request[0].need: must be at least 1, got 0`, ""},
		{need("-1"), `8:60: error[E302]: server.web.on.request[0].need: must be at least 1, got -1`, ""},
		{need("1.5"), `8:60: error[E204]: server.web.on.request[0].need: expected "all", "any" or a number, got a float`, ""},
		{need(`"al"`), `8:60: error[E205]: server.web.on.request[0].need: unknown value "al"; did you mean "all"?`, "hint: one of all, any"},
		{step(`{ cpu = "1ms", need = 1 }`, ""), `8:30: error[E202]: server.web.on.request[0].need: this key goes with parallel, not with cpu`, ""},
	})
	for text, want := range map[string]int{`"all"`: 0, `"any"`: 1, "2": 2} {
		assert.Equal(t, want, mustSpec(t, need(text), Options{}, "").Nodes[1].Server.Ops[0].Steps[0].Need)
	}
}

func TestStepsThatHoldMemoryOrSpawn(t *testing.T) {
	told(t, []finding{
		{step(`{ memory = 20 }`, ""), `8:26: error[E204]: server.web.on.request[0].memory: expected a size such as "20MB", got an integer`, `hint: a size needs a unit: "20MB"`},
		{step(`{ memory = "20ms" }`, ""), `8:29: error[E301]: server.web.on.request[0].memory: unknown unit "ms"`, "hint: units: B, kB, MB"},
		{step(`{ memory = "-20MB" }`, ""), `8:27: error[E302]: server.web.on.request[0].memory: must not be negative, got "-20MB"`, ""},
		{step(`{ spawn = { cpu = "1ms" } }`, ""), `8:25: error[E204]: server.web.on.request[0].spawn: expected an array of steps such as [{ cpu = "exp 6ms" }], got a table`, "hint: put the step in brackets"},
		{step(`{ spawn = [{ call = "web" }] }`, ""), `8:35: error[E403]: server.web.on.request[0].spawn[0].call: requests can never leave: web.request → web.request`, ""},
		{"[client.c]\ntarget = \"s\"\nusers = 5\n[server.s]\non.request = [{ spawn = [{ cpu = \"5ms\" }] }]\n",
			`3:9: error[E404]: client.c.users: users without think time are answered at once: no time would ever pass`, ""},
	})
}

func TestWhatACallIsAbout(t *testing.T) {
	told(t, []finding{
		{step(`{ call = "b", key = "sorce" }`, callee), `8:35: error[E205]: server.web.on.request[0].key: unknown value "sorce"; did you mean "source"?`, "hint: one of item, source"},
		{step(`{ call = "b", key = "zipff s=1 n=5" }`, callee), `8:36: error[E205]: server.web.on.request[0].key: unknown distribution "zipff"; did you mean "zipf"?`, ""},
		{step(`{ call = "b", key = 5 }`, callee), `8:35: error[E204]: server.web.on.request[0].key: expected "item", "source", or a distribution of keys such as "zipf s=1 n=100k", got an integer`, ""},
		{step(`{ cpu = "1ms", key = "source" }`, ""), `8:30: error[E202]: server.web.on.request[0].key: this key goes with call or get or set or invalidate or publish, not with cpu`, ""},
		{client("sources = 5"), `4:11: error[E204]: client.users.sources: expected a distribution of keys such as "zipf s=0.99 n=1M", got an integer`, ""},
	})
}

func TestSessionsThatMeanNothing(t *testing.T) {
	told(t, []finding{
		{with(`arrivals = "poisson 80/s"`, "users = 5\nthink = \"1s\"\nsession = { length = 3 }"),
			`5:1: error[E207]: client.users.session: users and session exclude each other: users never go`, "see shop.toml:3:1: users"},
		{client(`session = { length = 0 }`), `4:22: error[E302]: client.users.session.length: must be at least 1, got 0`, ""},
		{client(`session = { think = "1s" }`), `4:11: error[E203]: client.users.session.length: missing key "length"`, `hint: for example session = { length = "geometric 6" }`},
		{client(`session = { length = 3, think = 5 }`), `4:33: error[E301]: client.users.session.think: a duration needs a unit, got "5"`, ""},
		{client(`session = 5`), `4:11: error[E204]: client.users.session: expected a table, got an integer`, ""},
	})
	text := strings.Replace(client("session = { length = 3 }"), `"poisson 80/s"`, `{ trace = "a.log", format = "clf" }`, 1)
	_, report := specOf(memory{"shop.toml": text, "a.log": `1.1.1.1 - - [01/Aug/1995:00:00:01 -0400] "GET / HTTP/1.0" 200 1` + "\n"}, "shop.toml", Options{}, "")
	assert.Contains(t, headlines(report), `shop.toml:4:1: error[E207]: client.users.session: a trace holds single requests, not sessions`)
}

func TestKeysThatNothingHeedsAreWarnedOf(t *testing.T) {
	const wired, priced = "network = \"1Gbps\"\n", "[network]\negress_price = 0.09\n"
	const size, answers = `request_size = "2kB"`, `response_size = "2kB"`
	told(t, []finding{
		{client(size), `4:1: warning[W403]: client.users.request_size: no server has network: the sizes of requests change nothing`, `hint: for example [server.NAME] network = "1Gbps"`},
		{client(size+"\n"+answers) + priced, `4:1: warning[W403]: client.users.request_size: no server has network: the sizes of requests change nothing`, ""},
		{shop + wired, `9:1: warning[W403]: server.web.network: no client has request_size or response_size: nothing fills the network`, `hint: for example [client.NAME] response_size = "20kB"`},
		{shop + priced, `10:1: warning[W403]: network.egress_price: no client has response_size: answers cost nothing`, ""},
		{"zones = [\"a\"]\n" + shop + "[network]\ncross_zone = \"1ms\"\n",
			`11:1: warning[W403]: network.cross_zone: there are no two zones: no message goes from one to another`, ""},
		{client(answers), `4:1: warning[W403]: client.users.response_size: no server has network, and neither [network] nor a CDN has egress_price: the sizes of answers change nothing`, ""},
		{with(`on.request = [{ cpu = "exp 10ms" }]`, `on.request = { steps = [{ cpu = "exp 10ms" }], priority = 3 }`),
			`8:48: warning[W403]: server.web.on.request.priority: no server has scheduling = "priority" or "preemptive-priority": priorities change nothing`, ""},
		{"zones = [\"a\", \"b\"]\n" + shop, `1:1: warning[W403]: zones: without [network] all zones are at one place, and no fault strikes one: they matter only where compare and drill --every let one fail`, `hint: for example [network] cross_zone = "1ms"`},
	})
	for _, l := range check(t, "objectives = [\"users p99 < 1s\"]\nzones = [\"a\", \"b\"]\n"+shop+"[plan]\nvary = { \"server.web.cores\" = [1, 2] }\nsurvive = [\"kill zone:a\"]\n") {
		assert.NotContains(t, l, "no fault strikes one", "a plan has it struck")
	}
	assert.Empty(t, check(t, client(size)+wired))
	assert.Empty(t, check(t, client(answers)+wired))
	assert.Empty(t, check(t, client(answers)+priced))
}

func TestHedgesAndTimeoutsThatComeTooLate(t *testing.T) {
	const late = "no attempt lasts so long: the timeout comes before, and no second copy is ever sent"
	told(t, []finding{
		{client("timeout = \"1s\"\nhedge = \"2s\""), `5:1: warning[W403]: client.users.hedge: ` + late, "see shop.toml:4:1: the timeout"},
		{client("deadline = \"1s\"\nhedge = \"2s\""), `5:1: warning[W403]: client.users.hedge: …`, "see shop.toml:4:1: the deadline"},
		{client("timeout = \"2s\"\ndeadline = \"1s\""), `4:1: warning[W403]: client.users.timeout: the deadline comes before: this time-out changes nothing`, ""},
		{step(`{ call = "b", timeout = "1s", hedge = "2s" }`, callee), `8:45: warning[W403]: server.web.on.request[0].hedge: ` + late, ""},
		{step(`{ call = "b", policy = "calm" }`, callee+"[policy.calm]\ntimeout = \"1s\"\nhedge = \"2s\"\n"), `13:1: warning[W403]: policy.calm.hedge: ` + late, ""},
	})
	assert.Empty(t, check(t, client("timeout = \"2s\"\ndeadline = \"2s\"\nhedge = \"2s\"")))
}

func TestPrioritiesThatMeanNothing(t *testing.T) {
	const served = "scheduling = \"priority\"\n"
	told(t, []finding{
		{client("priority = 3"), `4:1: warning[W403]: client.users.priority: no server has scheduling = "priority" or "preemptive-priority": priorities change nothing`, `hint: for example [server.NAME] scheduling = "priority"`},
		{client("priorities = { request = 3 }"), `4:1: warning[W403]: client.users.priorities: no server has scheduling = "priority" or "preemptive-priority": priorities change nothing`, ""},
		{client("priorities = { reqest = 3 }") + served,
			`4:16: error[E502]: client.users.priorities.reqest: the client asks for no operation "reqest"; did you mean "request"?`, "hint: its operations are request\n"},
		{client("priorities = 3") + served, `4:14: error[E204]: client.users.priorities: expected a table of priorities such as { checkout = 10 }, got an integer`, ""},
		{client(`priority = "high"`) + served, `4:12: error[E204]: client.users.priority: expected an integer, got a string`, ""},
		{client("priority = 2_000_000") + served, `4:12: error[E705]: client.users.priority: must be from -1000000 to 1000000 (a limit of capsim), got 2000000`, ""},
		{with("cores = 1", `scheduling = "fifo"`), `7:14: error[E205]: server.web.scheduling: unknown value "fifo"; did you mean "lifo"?`, "hint: one of fcfs, lifo, priority, preemptive-priority, round-robin, ps"},
	})
	spec := mustSpec(t, client("priority = -3\npriorities = { buy = 7 }\nrequests = { browse = 9, buy = 1 }")+served+
		"on.browse = []\non.buy = { steps = [], priority = 0 }\n", Options{}, "")
	assert.Equal(t, []node.WeightedOp{{Name: "browse", Weight: 9, Priority: -3}, {Name: "buy", Weight: 1, Priority: 7}}, spec.Nodes[0].Client.Ops)
	assert.Nil(t, spec.Nodes[1].Server.Ops[0].Priority)
	assert.Equal(t, int32(0), *spec.Nodes[1].Server.Ops[1].Priority)
}

func TestExternalServicesTakeAnyOperation(t *testing.T) {
	const pay = "[external.pay]\nlatency = \"exp 90ms\"\n"
	spec := mustSpec(t, step(`{ call = "pay.charge" }, { call = "pay" }`, pay), Options{}, "")
	assert.Equal(t, node.Target{Node: 0, Op: "charge"}, spec.Nodes[2].Server.Ops[0].Steps[0].Target)
	assert.Equal(t, node.Target{Node: 0, Op: "request"}, spec.Nodes[2].Server.Ops[0].Steps[1].Target)
	assert.Empty(t, check(t, "[client.users]\ntarget = \"pay.charge\"\narrivals = \"poisson 9/s\"\n"+pay))
	told(t, []finding{
		{step(`{ get = "pay.charge" }`, pay), `8:23: error[E505]: server.web.on.request[0].get: "pay" is an external service; this must be a cache`, "see shop.toml:9:11: defined here"},
		{step(`{ call = "pay" }`, "[external.pay]\nerror_ratio = 3\n"), `10:15: error[E302]: external.pay.error_ratio: must be from 0 to 1 (0% to 100%), got 3`, `hint: a percentage is written "3%"`},
		{shop + "[load_balancer.lb]\ntargets = [\"pay\"]\n" + pay, `10:12: error[E505]: load_balancer.lb.targets[0]: "pay" is an external service; this must be a load balancer or a server or a cache`, ""},
	})
}
