package topologies

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// failing is the shop, and a fault behind it.
func failing(lines string) string { return shop + "[[fault]]\n" + lines }

// twoBehind is the shop with two web servers behind a balancer.
func twoBehind(lines string) string {
	return "[client.users]\ntarget = \"lb\"\narrivals = \"poisson 10/s\"\ntimeout = \"2s\"\n" +
		"[server.web]\ninstances = 2\non.request = [{ cpu = \"exp 10ms\" }]\n[load_balancer.lb]\ntargets = [\"web\"]\n" + lines
}

func TestFaultsThatMeanNothing(t *testing.T) {
	told(t, []finding{
		{failing("kill = \"web\"\n"), `9:1: error[E203]: fault[0].at: missing key "at"`, `hint: for example at = "3m"; or mttf and mttr`},
		{failing("at = \"3s\"\n"), `9:1: error[E203]: fault[0]: a fault says what goes wrong: errors, flush, hang, kill, latency, partition, slow or surge`, `hint: for example kill = "app[0]"`},
		{failing("at = \"3s\"\nkill = \"web\"\nhang = \"web\"\n"), `11:1: error[E207]: fault[0].kill: a fault is one thing: hang or kill, not both`, "see shop.toml:12:1: hang"},
		{failing("at = \"3s\"\nhang = \"web\"\nsilent = true\n"), `12:1: error[E202]: fault[0].silent: this key goes with kill, not with hang`, "see shop.toml:11:1: hang"},
		{failing("at = \"3s\"\nkill = \"web[1]\"\n"), `11:8: error[E501]: fault[0].kill: unknown instance "web[1]": "web" has one instance, [0]`, "see shop.toml:"},
		{twoBehind("[[fault]]\nat = \"3s\"\nkill = \"web[9]\"\n"), `12:8: error[E501]: fault[0].kill: unknown instance "web[9]": "web" has 2 instances, [0] to [1]`, "defined here"},
		{failing("at = \"3s\"\nkill = \"wep[0]\"\n"), `11:8: error[E501]: fault[0].kill: unknown node "wep"; did you mean "web"?`, ""},
		{failing("at = \"3s\"\nkill = \"users\"\n"), `11:8: error[E505]: fault[0].kill: "users" is a client; this must be a load balancer or a server or a database or a cache or a CDN or an external service or a queue`, ""},
		{failing("at = \"3s\"\nkill = \"web.request\"\n"), `11:8: error[E505]: fault[0].kill: a fault strikes a node or an instance of it, not an operation`, `hint: write "web"`},
		{failing("at = \"3s\"\nkill = \"zone:a\"\n"), `11:8: error[E501]: fault[0].kill: unknown zone "a"`, "hint: the file has no zones; list them at its top: zones = [\"a\", \"b\"]"},
		{failing("at = \"3s\"\nbreak = \"web\"\n"), `11:1: error[E201]: fault[0].break: unknown key; the keys here are at, kill, hang, partition, slow, errors, latency, surge, flush, factor, error_ratio, add, for, silent, mttf, mttr, crews`, ""},
		{failing("at = \"3s\"\nkill = 5\n"), `11:8: error[E204]: fault[0].kill: expected a string, got an integer`, ""},
		{failing("at = \"-3s\"\nkill = \"web\"\n"), `10:6: error[E302]: fault[0].at: must not be negative, got "-3s"`, ""},
		{failing("at = \"3s\"\nkill = \"web\"\nfor = \"0s\"\n"), `12:7: error[E302]: fault[0].for: must be more than 0s, got "0s"`, ""},
		{failing("at = \"1h\"\nkill = \"web\"\n"), `10:6: warning[W403]: fault[0].at: the fault would begin at 1h, but the measured window ends at 10m: it never does`, "hint: faults count from the start of the window"},
		{shop + "[fault]\nat = \"1s\"\nkill = \"web\"\n", `9:1: error[E204]: fault: expected tables [[fault]], got a table`, "hint: each fault is a table [[fault]], in two brackets"},
		{"fault = [5]\n" + shop, `1:10: error[E204]: fault[0]: expected a table [[fault]], got an integer`, ""},
		{with(`timeout = "2s"`, "") + "[[fault]]\nat = \"1s\"\nkill = \"web\"\nsilent = true\n",
			`12:1: warning[W404]: fault[0].silent: what is sent there is swallowed, and the client "users" never times out: it waits until the run ends`, `hint: for example timeout = "2s"`},
	})
}

func TestUsersWithoutThinkTimeDuringAKill(t *testing.T) {
	closed := func(lines string) string {
		return "[client.users]\ntarget = \"lb\"\nusers = 3\n" + lines +
			"[server.web]\ninstances = 2\non.request = [{ cpu = \"exp 10ms\" }]\n[load_balancer.lb]\ntargets = [\"web\"]\n[[fault]]\nat = \"1s\"\n"
	}
	const refused = `3:9: error[E404]: client.users.users: users without think time would be refused and come again at once, for ever, during the fault `
	told(t, []finding{
		{closed("") + "kill = \"web\"\n", refused + `"kill web"`, "hint: for example think"},
		{closed("") + "kill = \"lb\"\n", refused + `"kill lb"`, ""},
	})
	for _, text := range []string{
		closed("") + "kill = \"web[0]\"\n", closed("") + "hang = \"web\"\n", closed("think = \"1s\"\n") + "kill = \"web\"\n",
		closed("timeout = \"1s\"\n") + "kill = \"web\"\nsilent = true\n", closed("retries = { max = 1, backoff = \"10ms\" }\n") + "kill = \"web\"\n",
	} {
		mustSpec(t, text, Options{}, "")
	}
}

func TestHealthChecksAndEjectionsThatMeanNothing(t *testing.T) {
	told(t, []finding{
		{twoBehind("health_check = { interval = \"0s\" }\n"), `10:29: error[E302]: load_balancer.lb.health_check.interval: must be more than 0s, got "0s"`, ""},
		{twoBehind("health_check = { timeout = 5 }\n"), `10:28: error[E301]: load_balancer.lb.health_check.timeout: a duration needs a unit, got "5"`, ""},
		{twoBehind("health_check = { unhealthy = 0 }\n"), `10:30: error[E302]: load_balancer.lb.health_check.unhealthy: must be from 1 to 1000000, got 0`, ""},
		{twoBehind("health_check = { healty = 2 }\n"), `10:18: error[E201]: load_balancer.lb.health_check.healty: unknown key; did you mean "healthy"?`, ""},
		{twoBehind("health_check = { kind = \"https\" }\n"), `10:25: error[E205]: load_balancer.lb.health_check.kind: unknown value "https"; did you mean "http"?`, ""},
		{twoBehind("health_check = true\n"), `10:16: error[E204]: load_balancer.lb.health_check: expected a table, got a boolean`, ""},
		{twoBehind("ejection = { consecutive = 0 }\n"), `10:28: error[E302]: load_balancer.lb.ejection.consecutive: must be from 1 to 1000000, got 0`, ""},
		{twoBehind("ejection = { for = \"0s\" }\n"), `10:20: error[E302]: load_balancer.lb.ejection.for: must be more than 0s, got "0s"`, ""},
	})
}

func TestFaultsAreOrderedByTimeWhereverTheyStand(t *testing.T) {
	first, second := "[[fault]]\nat = \"5s\"\nkill = \"web[1]\"\nfor = \"2s\"\n", "[[fault]]\nat = \"3s\"\nhang = \"web\"\n"
	want := []fault.Fault{
		{Kind: fault.Hang, At: 3 * sim.Second, Where: []fault.Span{{Node: 2, Count: 2}}, Target: "web"},
		{Kind: fault.Kill, At: 5 * sim.Second, For: 2 * sim.Second, Where: []fault.Span{{Node: 2, First: 1, Count: 1}}, Target: "web[1]"},
	}
	assert.Equal(t, want, mustSpec(t, twoBehind(first+second), Options{}, "").Faults)
	assert.Equal(t, want, mustSpec(t, twoBehind(second+first), Options{}, "").Faults)
	spec := mustSpec(t, twoBehind("health_check = {}\nejection = {}\n"), Options{}, "")
	assert.Equal(t, &node.HealthSpec{Interval: 2 * sim.Second, Timeout: 2 * sim.Second, Unhealthy: 3, Healthy: 2, HTTP: true}, spec.Nodes[0].Balancer.Health)
	assert.Equal(t, &node.EjectionSpec{Consecutive: 5, For: 30 * sim.Second}, spec.Nodes[0].Balancer.Ejects)
}
