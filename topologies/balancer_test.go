package topologies

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/models/node"
)

// balanced is a file with a balancer of these lines.
func balanced(lines string) string {
	return "[client.users]\ntarget = \"lb\"\narrivals = \"poisson 80/s\"\nkeys = \"uniform n=1000\"\n[server.app]\ninstances = 3\non.request = [{ cpu = \"exp 10ms\" }]\n" +
		"[server.big]\non.request = [{ cpu = \"exp 1ms\" }]\n[load_balancer.lb]\n" + lines + "\n"
}

func TestBalancersThatMeanNothing(t *testing.T) {
	of := func(targets string) string { return balanced("targets = " + targets + "\npolicy = \"random\"") }
	with := func(lines string) string { return balanced("targets = [\"app\", \"big\"]\n" + lines) }
	told(t, []finding{
		{with(`choices = 3`), `12:1: error[E202]: load_balancer.lb.choices: this key goes with policy = "power-of-two", not with "round-robin"`, `hint: delete it, or write policy = "power-of-two"`},
		{with("policy = \"random\"\nvirtual_nodes = 3"), `13:1: error[E202]: load_balancer.lb.virtual_nodes: this key goes with policy = "consistent-hash", not with "random"`, "see shop.toml:12:1: the policy"},
		{with("policy = \"url-hash\"\nload_factor = 1.5"), `13:1: error[E202]: load_balancer.lb.load_factor: this key goes with policy = "consistent-hash", not with "url-hash"`, ""},
		{with("policy = \"power-of-two\"\nchoices = 1"), `13:11: error[E302]: load_balancer.lb.choices: must be from 2 to 64, got 1`, ""},
		{with("policy = \"power-of-two\"\nchoices = 65"), `13:11: error[E705]: load_balancer.lb.choices: …`, ""},
		{with("policy = \"consistent-hash\"\nload_factor = 0.9"), `13:15: error[E302]: load_balancer.lb.load_factor: must be at least 1, got 0.9`, ""},
		{with("policy = \"consistent-hash\"\nvirtual_nodes = 0"), `13:17: error[E302]: load_balancer.lb.virtual_nodes: must be …`, ""},
		{with(`policy = "least-connection"`), `12:10: error[E205]: load_balancer.lb.policy: unknown value "least-connection"; did you mean "least-connections"?`, "weighted-round-robin"},
		{of(`"app"`), `11:11: error[E204]: load_balancer.lb.targets: expected an array of names such as ["app", { name = "app_big", weight = 3 }], got a string`, `hint: put it in brackets: ["app"]`},
		{of(`{ name = "app" }`), `11:11: error[E204]: load_balancer.lb.targets: expected an array of names such as …`, ""},
		{of(`["app", 3]`), `11:19: error[E204]: load_balancer.lb.targets[1]: expected a name, or a table such as { name = "app_big", weight = 3 }, got an integer`, ""},
		{of(`["app", { weight = 3 }]`), `11:19: error[E203]: load_balancer.lb.targets[1].name: missing key "name"`, `hint: for example targets = ["app", `},
		{of(`["app", { name = 3 }]`), `11:28: error[E204]: load_balancer.lb.targets[1].name: expected a string, got an integer`, ""},
		{of(`["app", { name = "bgi" }]`), `11:28: error[E501]: load_balancer.lb.targets[1].name: unknown node "bgi"; did you mean "big"?`, ""},
		{of(`["app", { name = "big", wieght = 3 }]`), `11:35: error[E201]: load_balancer.lb.targets[1].wieght: unknown key; did you mean "weight"?`, ""},
		{of(`["app", { name = "big", weight = 0 }]`), `11:44: error[E302]: load_balancer.lb.targets[1].weight: must be more than 0, got 0`, ""},
		{of(`["app", { name = "big", weight = -1 }]`), `11:44: error[E302]: load_balancer.lb.targets[1].weight: must be more than 0, got -1`, ""},
		{of(`["app", { name = "big", weight = 1e9 }]`), `11:44: error[E705]: load_balancer.lb.targets[1].weight: …`, ""},
		{of(`["app", { name = "app", weight = 2 }]`), `11:28: error[E401]: load_balancer.lb.targets[1].name: "app" is listed twice`, "see shop.toml:11:12: first here"},
		{of(`["app", { name = "big.request", weight = 2 }]`), `11:28: error[E505]: load_balancer.lb.targets[1].name: a balancer passes the operation on; name only the node`, `hint: write "big"`},
	})
}

func TestWeightsThatChangeNothingAreWarnedOf(t *testing.T) {
	for policy, hint := range map[string]string{
		"round-robin": "weighted-round-robin", "least-connections": "weighted-least-connections", "least-response-time": "weighted-least-connections",
	} {
		text := balanced("targets = [\"app\", { name = \"big\", weight = 3 }]\npolicy = \"" + policy + `"`)
		told(t, []finding{{text, `11:35: warning[W403]: load_balancer.lb.targets[1].weight: ` + policy + ` does not look at weights: this one changes nothing`, `hint: for example policy = "` + hint + `"`}})
	}
	for _, row := range balance.Table {
		spec := mustSpec(t, balanced("targets = [{ name = \"app\" }, { name = \"big\", weight = 3 }]\npolicy = \""+row.Name+`"`), Options{}, "")
		want := []float64{1, 3}
		if !row.Weighted {
			want = nil
		}
		assert.Equal(t, want, spec.Nodes[2].Balancer.Weights, row.Name)
	}
}

func TestHashesOfNoKeysAreWarnedOf(t *testing.T) {
	keyless := func(policy, step string) string {
		return "[client.users]\ntarget = \"front\"\narrivals = \"poisson 80/s\"\n[server.front]\non.request = [{ call = \"lb\"" + step + " }]\n" +
			"[server.app]\non.request = [{ cpu = \"exp 1ms\" }]\n[load_balancer.lb]\ntargets = [\"app\"]\npolicy = \"" + policy + "\"\n"
	}
	for _, policy := range []string{"url-hash", "consistent-hash"} {
		told(t, []finding{{keyless(policy, ""), `10:10: warning[W403]: load_balancer.lb.policy: no client has keys: ` + policy + ` sends all requests for an operation to one instance`, `hint: for example [client.NAME] keys = `}})
		for _, key := range []string{"source", "uniform n=10"} {
			_, report := specOf(memory{"shop.toml": keyless(policy, `, key = "`+key+`"`)}, "shop.toml", Options{}, "")
			assert.Empty(t, headlines(report))
		}
	}
	_, report := specOf(memory{"shop.toml": keyless("ip-hash", "")}, "shop.toml", Options{}, "")
	assert.Empty(t, headlines(report), "each request has its own source")
}

func TestSettingsOfPolicies(t *testing.T) {
	of := func(lines string) *node.BalancerSpec {
		return mustSpec(t, balanced("targets = [\"app\"]\n"+lines), Options{}, "").Nodes[2].Balancer
	}
	assert.Equal(t, &node.BalancerSpec{Targets: []int{0}, Policy: "round-robin"}, of(""))
	assert.Equal(t, &node.BalancerSpec{Targets: []int{0}, Policy: "power-of-two", Choices: 2}, of(`policy = "power-of-two"`))
	assert.Equal(t, &node.BalancerSpec{Targets: []int{0}, Policy: "power-of-two", Choices: 5}, of("policy = \"power-of-two\"\nchoices = 5"))
	assert.Equal(t, &node.BalancerSpec{Targets: []int{0}, Policy: "consistent-hash", VirtualNodes: 160}, of(`policy = "consistent-hash"`))
	assert.Equal(t, &node.BalancerSpec{Targets: []int{0}, Policy: "consistent-hash", VirtualNodes: 9, LoadFactor: 1.25},
		of("policy = \"consistent-hash\"\nvirtual_nodes = 9\nload_factor = 1.25"))
}

// Only what a policy has of its own is among the defaults.
func TestDefaultsAreThoseOfThePolicy(t *testing.T) {
	of := func(policy string) (keys []string) {
		for _, d := range mustSpec(t, balanced("targets = [\"app\"]\npolicy = \""+policy+`"`), Options{}, "").Defaults {
			switch d.Key {
			case "load_balancer.lb.choices", "load_balancer.lb.virtual_nodes", "load_balancer.lb.load_factor":
				keys = append(keys, d.Key[len("load_balancer.lb."):]+" = "+d.Value)
			}
		}
		return keys
	}
	assert.Empty(t, of("least-connections"))
	assert.Equal(t, []string{"choices = 2"}, of("power-of-two"))
	assert.Equal(t, []string{"virtual_nodes = 160", "load_factor = no bound"}, of("consistent-hash"))
}

func TestRingsAreLimited(t *testing.T) {
	const ring = "[client.users]\ntarget = \"lb\"\narrivals = \"poisson 80/s\"\nkeys = \"uniform n=1000\"\n[server.app]\ninstances = 10_000\non.request = []\n[load_balancer.lb]\ntargets = [{ name = \"app\", weight = "
	_, report := specOf(memory{"shop.toml": ring + "2 }]\npolicy = \"consistent-hash\"\nvirtual_nodes = 500\n"}, "shop.toml", Options{}, "")
	assert.Empty(t, headlines(report))
	told(t, []finding{
		{ring + "2 }]\npolicy = \"consistent-hash\"\nvirtual_nodes = 501\n",
			`11:17: error[E706]: load_balancer.lb.virtual_nodes: the instances behind it have more than 10000000 virtual nodes together`, "hint: lower virtual_nodes or the weights"},
		{ring + "7 }]\npolicy = \"consistent-hash\"\n",
			`10:10: error[E706]: load_balancer.lb.policy: the instances behind it have more than 10000000 virtual nodes together`, ""},
	})
}
