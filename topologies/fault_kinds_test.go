package topologies

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

func TestKindsOfFaultAndTheirKeys(t *testing.T) {
	const at = "at = \"3s\"\n"
	cached := func(cache, lines string) string {
		return "[client.users]\ntarget = \"web\"\narrivals = \"poisson 10/s\"\nkeys = \"uniform n=10\"\n[server.web]\non.request = [{ get = \"redis\", miss = [{ cpu = \"1ms\" }] }]\n[cache.redis]\n" +
			cache + "\n[[fault]]\n" + at + lines
	}
	told(t, []finding{
		{failing(at + "slow = \"web\"\n"), `11:1: error[E203]: fault[0].slow: slow needs the key factor`, "hint: for example factor = 3"},
		{failing(at + "surge = \"users\"\n"), `11:1: error[E203]: fault[0].surge: surge needs the key factor`, ""},
		{failing(at + "errors = \"web\"\n"), `11:1: error[E203]: fault[0].errors: errors needs the key error_ratio`, `hint: for example error_ratio = "30%"`},
		{failing(at + "latency = \"web\"\n"), `11:1: error[E203]: fault[0].latency: latency needs the key add`, `hint: for example add = "exp 50ms"`},
		{failing(at + "kill = \"web\"\nfactor = 2\n"), `12:1: error[E202]: fault[0].factor: this key goes with slow and surge, not with kill`, "see shop.toml:11:1: kill"},
		{failing(at + "slow = \"web\"\nfactor = 2\nerror_ratio = \"5%\"\n"), `13:1: error[E202]: fault[0].error_ratio: this key goes with errors, not with slow`, ""},
		{failing(at + "errors = \"web\"\nerror_ratio = 0.1\nadd = \"5ms\"\n"), `13:1: error[E202]: fault[0].add: this key goes with latency, not with errors`, ""},
		{failing(at + "latency = \"web\"\nadd = \"5ms\"\nsilent = true\n"), `13:1: error[E202]: fault[0].silent: this key goes with kill, not with latency`, ""},
		{failing(at + "slow = \"web\"\nfactor = 0\n"), `12:10: error[E302]: fault[0].factor: must be at least 1, got 0`, ""},
		{failing(at + "slow = \"web\"\nfactor = 0.5\n"), `12:10: error[E302]: fault[0].factor: must be at least 1, got 0.5`, ""},
		{failing(at + "errors = \"web\"\nerror_ratio = 1.5\n"), `12:15: error[E302]: fault[0].error_ratio: must be from 0 to 1 (0% to 100%), got 1.5`, ""},
		{failing(at + "latency = \"web\"\nadd = 5\n"), `12:7: error[E301]: fault[0].add: a duration needs a unit, got "5"`, ""},
		{failing(at + "latency = \"web\"\nadd = \"expo 5ms\"\n"), `12:8: error[E205]: fault[0].add: unknown distribution "expo"; did you mean "exp"?`, ""},
		{failing(at + "latency = \"web\"\nadd = \"trace x unit=ms\"\n"), `12:7: error[E206]: fault[0].add: no column of a trace can be read here: requests of several clients may come here`, ""},
		{failing(at + "surge = \"web\"\nfactor = 3\n"), `11:9: error[E505]: fault[0].surge: "web" is a server; this must be a client`, "defined here"},
		{failing(at + "slow = \"users\"\nfactor = 3\n"), `11:8: error[E505]: fault[0].slow: "users" is a client; this must be a load balancer or a server or a database or a cache or a CDN or an external service or a queue`, ""},
		{failing(at + "flush = \"web\"\n"), `11:9: error[E505]: fault[0].flush: "web" is a server; this must be a cache or a CDN`, ""},
		{cached("capacity = 10", "flush = \"redis\"\nfor = \"5s\"\n"), `12:1: error[E202]: fault[0].for: a flush happens at one instant: it has no length, and nothing to repair`, "see shop.toml:11:1: flush"},
		{cached("capacity = 10", "flush = \"redis\"\nmttf = \"1h\"\nmttr = \"1s\"\n"), `12:1: error[E202]: fault[0].mttf: a flush happens at one instant: it has no length, and nothing to repair`, "see shop.toml:11:1: flush"},
		{cached("capacity = 10", "flush = \"redis[1]\"\n"), `11:9: error[E501]: fault[0].flush: unknown instance "redis[1]": "redis" has one instance, [0]`, ""},
		{cached("hit_ratio = 0.5", "flush = \"redis\"\n"), `11:9: warning[W403]: fault[0].flush: it keeps nothing, but answers a fixed share: there is nothing to flush`, "defined here"},
		{failing(at + "errors = \"web\"\nerror_ratio = 0\n"), `12:15: warning[W403]: fault[0].error_ratio: this changes nothing: the fault never begins`, "see shop.toml:11:1: errors"},
		{failing(at + "slow = \"web\"\nfactor = 1\n"), `12:10: warning[W403]: fault[0].factor: this changes nothing: the fault never begins`, ""},
		{failing(at + "latency = \"web\"\nadd = \"0s\"\n"), `12:7: warning[W403]: fault[0].add: this changes nothing: the fault never begins`, ""},
		{cached("capacity = 10", "slow = \"redis\"\nfactor = 3\n"), `11:8: warning[W403]: fault[0].slow: nothing takes time there: it cannot be slow`, ""},
		{twoBehind("[[fault]]\n" + at + "slow = \"lb\"\nfactor = 3\n"), `12:8: warning[W403]: fault[0].slow: nothing takes time there: it cannot be slow`, ""},
		{failing(at + "slow = \"web\"\nkill = \"web\"\nfactor = 2\n"), `11:1: error[E207]: fault[0].slow: a fault is one thing: kill or slow, not both`, ""},
	})
	mustSpec(t, cached("capacity = 10\nlatency = \"1ms\"", "slow = \"redis\"\nfactor = 3\n"), Options{}, "")
	mustSpec(t, cached("hit_ratio = 0.5", "errors = \"redis\"\nerror_ratio = 0\n"), Options{}, "")
}

func TestThereIsNoMoreOfATrace(t *testing.T) {
	text := "[client.users]\ntarget = \"web\"\narrivals = { trace = \"rows.csv\", format = \"csv\", unit = \"s\", repeat = true, columns = { time = \"t\" } }\n" +
		"[server.web]\non.request = [{ cpu = \"1ms\" }]\n[[fault]]\nat = \"3s\"\nsurge = \"users\"\nfactor = 3\n"
	_, report := specOf(memory{"shop.toml": text, "rows.csv": "t\n0\n1\n"}, "shop.toml", Options{}, "")
	assert.Equal(t, []string{`shop.toml:8:9: error[E207]: fault[0].surge: "users" replays a trace, of which there is no more than it holds`}, headlines(report))
}

func TestUsersWithoutThinkTimeDuringErrors(t *testing.T) {
	closed := func(lines, fault string) string {
		return "[client.users]\ntarget = \"web\"\nusers = 3\n" + lines + "[server.web]\non.request = [{ call = \"pay\" }, { cpu = \"exp 10ms\" }]\n[external.pay]\nlatency = \"5ms\"\n[[fault]]\nat = \"1s\"\n" + fault
	}
	told(t, []finding{{closed("", "errors = \"web\"\nerror_ratio = \"100%\"\n"), `3:9: error[E404]: client.users.users: users without think time would be refused and come again at once, for ever, during the fault "errors web"`, ""}})
	for _, text := range []string{
		closed("", "errors = \"web\"\nerror_ratio = \"90%\"\n"), closed("think = \"1s\"\n", "errors = \"web\"\nerror_ratio = 1\n"), closed("", "errors = \"pay\"\nerror_ratio = 1\n"),
	} {
		mustSpec(t, text, Options{}, "")
	}
}

func TestFaultsThatKillNobodyAreRead(t *testing.T) {
	spec := mustSpec(t, "[[fault]]\nat = \"5s\"\nlatency = \"web\"\nadd = \"exp 5ms\"\n[[fault]]\nat = \"5s\"\nslow = \"web\"\nfactor = \"8x\"\nfor = \"2s\"\n"+
		"[[fault]]\nat = \"5s\"\nerrors = \"web\"\nerror_ratio = \"30%\"\n[[fault]]\nat = \"5s\"\nsurge = \"users\"\nfactor = 3\n"+
		"[[fault]]\nat = \"5s\"\nlatency = \"web\"\nadd = \"2ms\"\n"+shop, Options{}, "")
	web := []fault.Span{{Node: 1, Count: 1}}
	require.Len(t, spec.Faults, 5)
	assert.Equal(t, []fault.Fault{
		{Kind: fault.Surge, At: 5 * sim.Second, Factor: 3, Where: []fault.Span{{Node: 0, Count: 1}}, Target: "users"},
		{Kind: fault.Slow, At: 5 * sim.Second, For: 2 * sim.Second, Factor: 8, Where: web, Target: "web"},
		{Kind: fault.Errors, At: 5 * sim.Second, Ratio: 0.3, Where: web, Target: "web"},
		{Kind: fault.Latency, At: 5 * sim.Second, Add: dist.Constant{Value: 2e6}, Where: web, Target: "web"},
		{Kind: fault.Latency, At: 5 * sim.Second, Add: dist.Exponential{MeanValue: 5e6}, Where: web, Target: "web"},
	}, spec.Faults)
}
