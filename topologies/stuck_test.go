package topologies

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/models/fault"
)

// Workers that wait for what was swallowed do not come back.
func TestCallsThatWaitForWhatAFaultSwallows(t *testing.T) {
	behind := func(step, more string) string {
		return "[client.users]\ntarget = \"web\"\narrivals = \"poisson 10/s\"\ntimeout = \"1s\"\n[server.web]\nconcurrency = 5\non.request = [" + step + "]\n" +
			"[server.back]\non.request = [{ cpu = \"1ms\" }]\n" + more
	}
	const silent, cut = "[[fault]]\nat = \"1s\"\nkill = \"back\"\nsilent = true\n", "[[fault]]\nat = \"1s\"\npartition = [\"web[0]\", \"back\"]\nfor = \"2s\"\n"
	const call, never = `{ call = "back" }`, "swallows what is sent there, and this never times out: who waits then…"
	const lb = "[load_balancer.lb]\ntargets = [\"back\"]\n"
	told(t, []finding{
		{behind(call, silent), `7:24: warning[W404]: server.web.on.request[0].call: "kill back" ` + never, `hint: for example timeout = "300ms"`},
		{behind(call, cut), `7:24: warning[W404]: server.web.on.request[0].call: "partition web[0] back" ` + never, ""},
		{behind(`{ call = "lb" }`, lb+silent), `7:24: warning[W404]: server.web.on.request[0].call: "kill back" ` + never, ""},
	})
	const apart = `12:13: warning[W403]: fault[0].partition: neither side sends anything to the other itself: the fault changes nothing`
	told(t, []finding{
		{twoBehind("[[fault]]\nat = \"1s\"\npartition = [\"users\", \"web[0]\"]\n"), apart, ""},
		{twoBehind("[[fault]]\nat = \"1s\"\npartition = [\"web[0]\", \"web[1]\"]\n"), apart, ""},
	})
	for _, text := range []string{
		behind(`{ call = "back", timeout = "300ms" }`, silent),
		behind(`{ call = "lb" }`, lb+"timeout = \"1s\"\n"+silent),
		behind(call, "[[fault]]\nat = \"1s\"\nkill = \"back\"\n"),
		behind(call, "[[fault]]\nat = \"1s\"\nkill = \"web\"\nsilent = true\n"),
		strings.Replace(behind(call, silent), "timeout", "cancel = true\ntimeout", 1),
	} {
		_, report := specOf(memory{"shop.toml": text}, "shop.toml", Options{}, "")
		assert.NotContains(t, strings.Join(headlines(report), "\n"), "W404", text)
	}
}

// The primary is whoever leads, where somebody else may come to.
func TestAFaultOfThePrimaryIsOneOfItsOffice(t *testing.T) {
	text := func(more string) string {
		return "[client.users]\ntarget = \"db.put\"\narrivals = \"poisson 10/s\"\n[database.db]\nreplicas = 1\nshards = 2\n" + more +
			"write.put = []\n[[fault]]\nat = \"1s\"\nkill = \"db.shard[1].primary\"\n"
	}
	spec := mustSpec(t, text("failover = { detect = \"1s\", promote = \"1s\" }\n"), Options{}, "")
	assert.Equal(t, []fault.Span{{Node: 0, First: 2, Count: 1, Leads: true}}, spec.Faults[0].Where)
	spec = mustSpec(t, text(""), Options{}, "")
	assert.Equal(t, []fault.Span{{Node: 0, First: 2, Count: 1}}, spec.Faults[0].Where, "nobody else ever is")
}
