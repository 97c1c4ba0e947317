package study

import "strings"

// keyUneven is a balancer in front of a small server and one four times as
// large, which the policy does not know.
const keyUneven = `[client.users]
target = "lb"
arrivals = "poisson 300/s"
keys = "uniform n=1000"
[load_balancer.lb]
targets = [{ name = "small" }, { name = "large", weight = 4 }]
policy = "random"
[server.small]
on.request = [{ cpu = "exp 10ms" }]
[server.large]
cores = 4
on.request = [{ cpu = "exp 10ms" }]
[server.larger]
cores = 40
on.request = [{ cpu = "exp 1ms" }]
`

func balanceCases() []keyCase {
	with := func(base, policy string) string {
		return strings.NewReplacer(`"random"`, policy, `"round-robin"`, policy).Replace(base)
	}
	hot := with(keyFour, `"consistent-hash"`)
	few := strings.Replace(hot, "n=1000", "n=8", 1)
	return []keyCase{
		{key: "load_balancer.targets.name", base: keyUneven, old: `name = "large"`, new: `name = "larger"`, figure: latencyMean, want: down},
		{key: "load_balancer.targets.weight", base: keyUneven, old: "weight = 4", new: "weight = 0.5", figure: latencyMean, want: up},
		{key: "load_balancer.policy=weighted-round-robin", base: with(keyUneven, `"round-robin"`), old: "round-robin", new: "weighted-round-robin", figure: latencyMean, want: down},
		{key: "load_balancer.policy=weighted-least-connections", base: with(keyUneven, `"least-connections"`), old: "least-connections", new: "weighted-least-connections", figure: latencyMean, want: down},
		{key: "load_balancer.policy=least-response-time", base: with(keyUneven, `"round-robin"`), old: "round-robin", new: "least-response-time", figure: latencyMean, want: down},
		{key: "load_balancer.policy=power-of-two", base: with(keyFour, `"random"`), old: "random", new: "power-of-two", figure: latencyMean, want: down},
		{key: "load_balancer.choices", base: with(keyFour, `"power-of-two"`) + strings.Replace(keyRun, "10s", "60s", 1), old: `"power-of-two"`, new: "\"power-of-two\"\nchoices = 4", figure: latencyMean, want: down},
		{key: "load_balancer.policy=ip-hash", base: keyFour, old: "round-robin", new: "ip-hash", figure: latencyMean, want: up},
		{key: "load_balancer.policy=consistent-hash", base: keyFour, old: "round-robin", new: "consistent-hash", figure: latencyMean, want: up},
		{key: "load_balancer.virtual_nodes", base: hot, old: `"consistent-hash"`, new: "\"consistent-hash\"\nvirtual_nodes = 1", figure: latencyMean, want: up},
		{key: "load_balancer.load_factor", base: few, old: `"consistent-hash"`, new: "\"consistent-hash\"\nload_factor = 1.1", figure: latencyMean, want: down},
	}
}
