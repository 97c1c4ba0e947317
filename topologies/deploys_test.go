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

// deployed is the shop, and a deploy behind it.
func deployed(lines string) string { return shop + "[[deploy]]\n" + lines }

// store is a shop with a database and a cache.
const store = "[client.users]\ntarget = \"web\"\narrivals = \"poisson 10/s\"\n[server.web]\nconcurrency = 8\nnetwork = \"1Gbps\"\ntype = \"aws:m7i.large\"\n" +
	"on.request = [{ call = \"orders\" }, { get = \"near\", miss = [] }, { call = \"pay\" }]\n[database.orders]\nread.request = [{ cpu = \"1ms\" }]\n" +
	"[cache.near]\nhit_ratio = 0.5\n[external.pay]\n[[deploy]]\nat = \"3s\"\n"

func TestDeploysThatMeanNothing(t *testing.T) {
	const at = "at = \"3s\"\n"
	told(t, []finding{
		{deployed("target = \"web\"\n"), `9:1: error[E203]: deploy[0].at: missing key "at"`, ""},
		{deployed(at), `9:1: error[E203]: deploy[0].target: missing key "target"`, ""},
		{deployed("at = \"-3s\"\ntarget = \"web\"\n"), `10:6: error[E302]: deploy[0].at: must not be negative, got "-3s"`, ""},
		{deployed("at = \"1h\"\ntarget = \"web\"\n"), `10:6: warning[W403]: deploy[0].at: the deploy would begin at 1h, but the measured window ends at 10m: it never does`, "hint: deploys count from the start of the window"},
		{deployed(at + "target = \"wep\"\n"), `11:10: error[E501]: deploy[0].target: unknown node "wep"; did you mean "web"?`, ""},
		{deployed(at + "target = \"web[1]\"\n"), `11:10: error[E501]: deploy[0].target: unknown instance "web[1]": "web" has one instance, [0]`, "defined here"},
		{deployed(at + "target = \"users\"\n"), `11:10: error[E505]: deploy[0].target: "users" is a client; this must be a server or a database or a cache`, ""},
		{deployed(at + "target = \"web.request\"\n"), `11:10: error[E505]: deploy[0].target: a deploy replaces a node or an instance of it, not an operation`, `hint: write "web"`},
		{deployed(at + "target = \"zone:a\"\n"), `11:10: error[E501]: deploy[0].target: a deploy replaces instances of one node, not those of a zone`, ""},
		{deployed(at + "target = \"web\"\nstrategy = \"canary\"\n"), `12:12: error[E205]: deploy[0].strategy: unknown value "canary"`, "hint: one of rolling, blue-green, in-place"},
		{deployed(at + "target = \"web\"\nbatch = 2\n"), `12:9: error[E302]: deploy[0].batch: must be at most the number of instances, 1, got 2`, ""},
		{deployed(at + "target = \"web\"\nboot = \"1s\"\nbatch = 1\nstrategy = \"in-place\"\n"), `13:1: error[E202]: deploy[0].batch: this key goes with rolling, not with in-place`, "see shop.toml:14:1: strategy"},
		{deployed(at + "target = \"web\"\nstrategy = \"in-place\"\n"), `9:1: warning[W403]: deploy[0].boot: without boot its instances are back at once: …`, `hint: for example boot = "90s"`},
		{deployed(at + "target = \"web\"\nset = 5\n"), `12:7: error[E204]: deploy[0].set: expected a table, got an integer`, ""},
		{deployed(at + "target = \"web\"\nset = {}\n"), `12:7: error[E203]: deploy[0].set: set says what the new instances are: it needs a key`, "hint: for example set = { cores = 8 }"},
		{deployed(at + "target = \"web\"\nset = { cores = 1 }\n"), `12:1: warning[W403]: deploy[0].set: the new instances are what the old ones are: set changes nothing`, ""},
		{deployed(at + "target = \"web\"\nset = { cores = 0 }\n"), `12:17: error[E302]: deploy[0].set.cores: must be from 1 to 1000000, got 0`, ""},
		{deployed(at + "target = \"web\"\nset = { coers = 2 }\n"), `12:9: error[E201]: deploy[0].set.coers: unknown key; did you mean "cores"?`, ""},
		{deployed(at + "target = \"web\"\nset = { scheduling = \"ps\" }\n"), `12:9: error[E202]: deploy[0].set.scheduling: this key belongs in [server.NAME] or [database.NAME]`, ""},
		{deployed(at + "target = \"web\"\nset = { concurrency = 4 }\n"), `12:9: error[E203]: deploy[0].set.concurrency: the key concurrency is missing in "web": workers without a limit cannot get one in mid-run`, "defined here"},
		{deployed(at + "target = \"web\"\nset = { type = \"aws:m7i.xlrge\" }\n"), `12:16: error[E205]: deploy[0].set.type: unknown machine "aws:m7i.xlrge"; …`, "capsim explain machines"},
		{deployed(at + "target = \"web\"\nset = { scaling = {} }\n"), `12:19: error[E203]: deploy[0].set.scaling: scaling needs contention or coherency`, ""},
		{deployed(at + "target = \"web\"\nset = { cores = 1, scaling = { contention = 0.1 } }\n"), `12:20: warning[W403]: deploy[0].set.scaling: one core has no other to wait for: …`, ""},
		{store + "target = \"pay\"\n", `16:10: error[E505]: deploy[0].target: "pay" is an external service; this must be a server or a database or a cache`, ""},
		{store + "target = \"orders\"\nstrategy = \"blue-green\"\n", `16:10: error[E505]: deploy[0].target: "orders" is a database; blue-green replaces a server: …`, `hint: for example strategy = "rolling"`},
		{store + "target = \"near\"\nset = { cores = 2 }\n", `17:1: error[E202]: deploy[0].set: this key goes with servers and databases: "near" is a cache`, ""},
		{store + "target = \"orders[0]\"\n", `16:10: error[E501]: deploy[0].target: unknown instance "orders[0]": the instances of a database are its primary and its replicas`, `hint: write "orders.primary"`},
		{strings.NewReplacer("hit_ratio = 0.5\n", "hit_ratio = 0.5\nprice_per_hour = 0\n", "[database.orders]\n", "[database.orders]\nprice_per_hour = 0\n").Replace(store) +
			"target = \"web\"\nset = { type = \"aws:m7i.xlarge\" }\n", `19:16: warning[W408]: deploy[0].set.type: the file gives network = "1Gbps", which goes before the "1.562Gbps" of "aws:m7i.xlarge"`, "given here"},
		{twoBehind("[[deploy]]\nat = \"3s\"\ntarget = \"web[1]\"\nstrategy = \"blue-green\"\n"), `12:10: error[E505]: deploy[0].target: blue-green replaces all instances of a server`, `hint: write "web"`},
		{shop + "[deploy]\nat = \"1s\"\ntarget = \"web\"\n", `9:1: error[E204]: deploy: expected tables [[deploy]], got a table`, "hint: each deploy is a table [[deploy]], in two brackets"},
		{"deploy = [5]\n" + shop, `1:11: error[E204]: deploy[0]: expected a table [[deploy]], got an integer`, ""},
		{"[client.users]\ntarget = \"web\"\narrivals = \"poisson 10/s\"\n[server.web]\nautoscale = { max = 3, target = \"cpu 60%\" }\non.request = [{ cpu = \"exp 10ms\" }]\n[[deploy]]\nat = \"3s\"\ntarget = \"web\"\n",
			`9:10: error[E207]: deploy[0].target: "web" has autoscale, which starts and stops its instances by itself: it cannot have deploys as well`, "see shop.toml:5:1: autoscale"},
	})
}

func TestUsersWithoutThinkTimeDuringADeploy(t *testing.T) {
	closed := func(lines string) string {
		return "[client.users]\ntarget = \"lb\"\nusers = 3\n" +
			"[server.web]\ninstances = 2\non.request = [{ cpu = \"exp 10ms\" }]\n[load_balancer.lb]\ntargets = [\"web\"]\n[[deploy]]\nat = \"1s\"\ntarget = \"web\"\nboot = \"1s\"\n" + lines
	}
	const refused = `3:9: error[E404]: client.users.users: users without think time would be refused and come again at once, for ever, during the `
	told(t, []finding{
		{closed("strategy = \"in-place\"\n"), refused + `in-place deploy of "web"`, "hint: for example think"},
		{closed("batch = 2\n"), refused + `rolling deploy of "web"`, ""},
	})
	mustSpec(t, closed(""), Options{}, "")
	mustSpec(t, closed("strategy = \"blue-green\"\n"), Options{}, "")
}

func TestADeployIsAnOverlayOfItsNode(t *testing.T) {
	text := twoBehind("[[deploy]]\nat = \"5s\"\ntarget = \"web\"\nstrategy = \"blue-green\"\ndrain = \"1s\"\nboot = \"2s\"\n" +
		"[[deploy]]\nat = \"3s\"\ntarget = \"web[1]\"\nset = { cores = 4, speed = 2, scaling = { contention = 0.1 } }\n")
	spec := mustSpec(t, text, Options{}, "")
	web := &spec.Nodes[2]
	assert.Equal(t, []node.Deploy{
		{At: 3 * sim.Second, Node: 2, First: 1, Count: 1, Batch: 1, Drain: 30 * sim.Second, Machine: 0, Target: "web[1]"},
		{At: 5 * sim.Second, Strategy: node.BlueGreen, Node: 2, Count: 2, Batch: 1, Drain: sim.Second, Boot: 2 * sim.Second, Machine: node.None, Target: "web"},
	}, spec.Deploys)
	assert.Equal(t, [4]int{4, 2, 2, 1}, [4]int{web.Instances, web.AtStart(), web.Most(), web.Fewest()})
	require.Len(t, web.Machines, 1)
	want := *web.Server
	want.Cores, want.Speed, want.Scaling.Contention = 4, 2, 0.1
	assert.Equal(t, &want, web.Machines[0])
	assert.Equal(t, 1, web.Server.Cores)
}

func TestANewTypeTakesThePlaceOfTheOld(t *testing.T) {
	big := "[client.users]\ntarget = \"web\"\narrivals = \"poisson 10/s\"\n[server.web]\ntype = \"aws:m7i.large\"\non.request = [{ cpu = \"exp 10ms\" }]\n" +
		"[[deploy]]\nat = \"3s\"\ntarget = \"web\"\nset = { type = \"aws:m7i.4xlarge\" }\n[design.other]\nserver.web = { type = \"aws:m7i.8xlarge\" }\n"
	web := mustSpec(t, big, Options{}, "").Nodes[1]
	assert.Equal(t, 2, web.Server.Cores)
	assert.Equal(t, 16, web.Machines[0].Cores)
	assert.Equal(t, "aws:m7i.4xlarge", web.Machines[0].Type)
	assert.Equal(t, 8*web.Server.Memory, web.Machines[0].Memory)
	web = mustSpec(t, big, Options{}, "other").Nodes[1]
	assert.Equal(t, []int{32, 16}, []int{web.Server.Cores, web.Machines[0].Cores})
}

func TestAFaultOfANodeStrikesItsSecondSet(t *testing.T) {
	spec := mustSpec(t, twoBehind("[[deploy]]\nat = \"5s\"\ntarget = \"web\"\nstrategy = \"blue-green\"\n[[fault]]\nat = \"9s\"\nkill = \"web\"\n"), Options{}, "")
	assert.Equal(t, []fault.Span{{Node: 2, Count: 4}}, spec.Faults[0].Where)
}

func TestADeployAfterTheEndChangesNothing(t *testing.T) {
	spec := mustSpec(t, twoBehind(""), Options{}, "")
	late, _ := specOf(memory{"shop.toml": twoBehind("[[deploy]]\nat = \"1h\"\ntarget = \"web\"\nstrategy = \"blue-green\"\n")}, "shop.toml", Options{}, "")
	assert.Equal(t, spec.Nodes, late.Nodes)
	assert.Empty(t, late.Deploys)
}
