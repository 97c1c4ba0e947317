package topologies

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

const ab = "zones = [\"a\", \"b\"]\n"

func TestZonesThatAreNotThere(t *testing.T) {
	told(t, []finding{
		{ab + with("cores = 1", `zones = ["zz"]`), `8:10: error[E501]: server.web.zones[0]: unknown zone "zz"`, "hint: the zones are a, b\n"},
		{"zones = [\"eu-1a\"]\n" + with("cores = 1", `zones = ["eu-1b"]`), `8:10: error[E501]: server.web.zones[0]: unknown zone "eu-1b"; did you mean "eu-1a"?`, ""},
		{ab + client(`zone = "A"`), `5:8: error[E501]: client.users.zone: unknown zone "A"; did you mean "a"?`, ""},
		{client(`zone = "a"`), `4:8: error[E501]: client.users.zone: unknown zone "a"`, "hint: the file has no zones; list them at its top"},
		{with("cores = 1", `zones = ["a"]`), `7:10: error[E501]: server.web.zones[0]: unknown zone "a"`, "hint: the file has no zones"},
		{ab + with("cores = 1", `zones = ["a", "a"]`), `8:15: error[E401]: server.web.zones[1]: "a" is listed twice`, ""},
		{ab + with("cores = 1", `zones = []`), `8:9: error[E302]: server.web.zones: needs at least one zone`, "hint: leave it out to use all zones"},
		{ab + with("cores = 1", `zones = "a"`), `8:9: error[E204]: server.web.zones: expected an array of strings such as ["a", "b"], got a string`, `hint: put it in brackets: ["a"]`},
		{"zones = [\"a\", \"a\"]\n" + shop, `1:15: error[E401]: zones[1]: "a" is listed twice`, "see shop.toml:1:10: first here"},
		{"zones = []\n" + shop, `1:9: error[E302]: zones: needs at least one zone`, "hint: leave it out for a single zone"},
		{"zones = \"a\"\n" + shop, `1:9: error[E204]: zones: expected an array of strings such as ["a", "b"], got a string`, ""},
	})
}

func TestNodesStandInAllZonesUnlessTheySayWhere(t *testing.T) {
	text := ab + client(`zone = "b"`) + "[load_balancer.lb]\ntargets = [\"web\"]\nzones = [\"b\", \"a\"]\n[cache.c]\nhit_ratio = 1\nzones = [\"b\"]\n[external.pay]\n" +
		"[server.x]\non.request = [{ call = \"lb\" }, { get = \"c\" }, { call = \"pay\" }]\n[client.more]\ntarget = \"x\"\narrivals = \"poisson 1/s\"\n"
	zones := map[string][]int{}
	for _, n := range mustSpec(t, text, Options{}, "").Nodes {
		zones[n.Name] = n.Zones
	}
	assert.Equal(t, map[string][]int{"users": {1}, "web": {0, 1}, "lb": {1, 0}, "c": {1}, "pay": nil, "x": {0, 1}, "more": nil}, zones)
}

func TestTimesBetweenZones(t *testing.T) {
	between := func(list string) string { return ab + shop + "[network]\nbetween = [" + list + "]\n" }
	told(t, []finding{
		{between(`{ zones = ["a"], delay = "1ms" }`), `11:22: error[E302]: network.between[0].zones: needs two zones, got 1`, ""},
		{between(`{ zones = ["a", "b", "a"], delay = "1ms" }`), `11:22: error[E302]: network.between[0].zones: needs two zones, got 3`, ""},
		{between(`{ zones = ["a", "b"], delay = "1ms" }, { zones = ["b", "a"], delay = "2ms" }`),
			`11:61: error[E401]: network.between[1].zones: the time between these zones is given twice`, "see shop.toml:11:22: first here"},
		{between(`{ zones = ["a", "xx"], delay = "1ms" }`), `11:28: error[E501]: network.between[0].zones[1]: unknown zone "xx"`, "hint: the zones are a, b"},
		{between(`{ zones = ["a", 2], delay = "1ms" }`), `11:28: error[E204]: network.between[0].zones[1]: expected a string, got an integer`, ""},
		{between(`{ zones = ["a", "b"] }`), `11:12: error[E203]: network.between[0].delay: missing key "delay"`, ""},
		{between(`{ delay = "1ms" }`), `11:12: error[E203]: network.between[0].zones: missing key "zones"`, ""},
		{shop + "[network]\nsame_zone = 5\n", `10:13: error[E301]: network.same_zone: a duration needs a unit, got "5"`, `hint: "5ms" or "5s"`},
		{shop + "[network]\nsame_zone = \"-5ms\"\n", `10:14: error[E302]: network.same_zone: must not be negative, got "-5ms"`, ""},
		{shop + "[network]\nloss = \"110%\"\n", `10:8: error[E302]: network.loss: must be from 0 to 1 (0% to 100%), got "110%"`, ""},
		{"network = 5\n" + shop, `1:11: error[E204]: network: expected a table, got an integer`, ""},
	})
	net := mustSpec(t, between(`{ zones = ["b", "a"], delay = "1ms" }, { zones = ["a", "a"], delay = "2ms" }`), Options{}, "").Network
	assert.Equal(t, []int{1, 0, 0, 0}, []int{net.Between[0].A, net.Between[0].B, net.Between[1].A, net.Between[1].B})
	assert.Nil(t, net.SameZone)
}

func TestWhoWaitsForLostMessagesWithoutEndIsWarned(t *testing.T) {
	const lossy, cache = "[network]\nloss = \"1%\"\n", "[cache.b]\nhit_ratio = 1\n"
	const message = "messages are lost, and nothing here ever times out: what waits for a lost answer waits until the run ends"
	told(t, []finding{
		{client("") + lossy, `1:9: warning[W404]: client.users: ` + message, `hint: for example timeout = "2s"`},
		{step(`{ call = "b" }`, callee+lossy), `8:24: warning[W404]: server.web.on.request[0].call: ` + message, `hint: for example timeout = "300ms"`},
		{step(`{ get = "b" }`, cache+lossy), `8:23: warning[W404]: server.web.on.request[0].get: ` + message, ""},
		{step(`{ set = "b" }`, cache+lossy), `8:23: warning[W404]: server.web.on.request[0].set: ` + message, "hint: put it into a spawn step"},
		{step(`{ call = "b", timeout = "1s", fallback = [{ call = "b" }] }`, callee+lossy), `8:66: warning[W404]: server.web.on.request[0].fallback[0].call: ` + message, ""},
	})
	for _, text := range []string{
		client(`deadline = "1s"`) + lossy,
		client("") + "[network]\nloss = 0\n",
		step(`{ call = "b", timeout = "1s" }, { call = "b", policy = "p" }`, callee+lossy+"[policy.p]\ntimeout = \"1s\"\n"),
		step(`{ spawn = [{ choose = [{ weight = 1, steps = [{ set = "b" }, { invalidate = "b" }] }] }] }`, cache+lossy),
	} {
		assert.Empty(t, check(t, text))
	}
}
