package study

import "strings"

// Topologies of zones and of priorities.
const (
	keyZones = `zones = ["a", "b", "c"]
[client.users]
target = "lb"
arrivals = "poisson 100/s"
zone = "a"
timeout = "400ms"
[load_balancer.lb]
targets = ["web"]
zones = ["a"]
[server.web]
zones = ["b"]
on.request = [{ get = "near", timeout = "400ms" }]
[cache.near]
hit_ratio = 1
latency = "exp 10ms"
zones = ["b"]
[network]
same_zone = "exp 1ms"
cross_zone = "exp 10ms"
internet = "exp 50ms"
`
	keyBetween = `cross_zone = "exp 10ms"
between = [{ zones = ["b", "a"], delay = "50ms" }]`
	keySpread = `zones = ["a"]
[client.users]
target = "web"
arrivals = "poisson 100/s"
zone = "a"
[server.web]
instances = 2
on.request = [{ wait = "exp 5ms" }]
[network]
cross_zone = "20ms"
`
	keyCrowd = `[client.users]
target = "web"
arrivals = "poisson 20/s"
requests = { quick = 9, slow = 1 }
priority = 0
[client.crowd]
target = "web"
arrivals = "poisson 65/s"
requests = { quick = 1 }
[server.web]
cores = 1
scheduling = "priority"
on.quick = [{ cpu = "exp 10ms" }]
on.slow = { steps = [{ cpu = "exp 20ms" }], priority = 0 }
`
	slowMean = "clients/users/ops/slow/latency_s/mean"
)

var (
	keyDistant = strings.Replace(keyZones, `cross_zone = "exp 10ms"`, keyBetween, 1)
	keyAbroad  = strings.Replace(keyZones, "zone = \"a\"\n", "", 1)
	keyFair    = strings.Replace(strings.Replace(keyCrowd, "priority = 0", "priority = 9", 1), `"priority"`, `"fcfs"`, 1)
	keyUnfair  = strings.Replace(keyFair, `"fcfs"`, `"priority"`, 1)
	keyEqual   = strings.Replace(keyCrowd, ", priority = 0 }", " }", 1)
)

var networkCases = []keyCase{
	{key: "zones", base: keySpread, old: `zones = ["a"]`, new: `zones = ["a", "b"]`, figure: latencyMean, want: up},
	{key: "network.same_zone", base: keyZones, old: `same_zone = "exp 1ms"`, new: `same_zone = "exp 5ms"`, figure: latencyMean, want: up},
	{key: "network.cross_zone", base: keyZones, old: `cross_zone = "exp 10ms"`, new: `cross_zone = "exp 20ms"`, figure: latencyMean, want: up},
	{key: "network.cross_zone", base: keyZones, old: `cross_zone = "exp 10ms"`, new: `cross_zone = "exp 20ms"`, figure: "clients/users/time_spent_s/network", want: up},
	{key: "network.internet", base: keyAbroad, old: `"exp 50ms"`, new: `"exp 20ms"`, figure: latencyMean, want: down},
	{key: "network.internet", base: keyZones, old: `"exp 50ms"`, new: `"exp 20ms"`, effect: sameNumbers},
	{key: "network.between", base: keyZones, old: `cross_zone = "exp 10ms"`, new: keyBetween, figure: latencyMean, want: up},
	{key: "network.between.zones", base: keyDistant, old: `["b", "a"]`, new: `["b", "c"]`, figure: latencyMean, want: down},
	{key: "network.between.zones", base: keyDistant, old: `["b", "a"]`, new: `["a", "b"]`, effect: sameNumbers},
	{key: "network.between.delay", base: keyDistant, old: `"50ms"`, new: `"5ms"`, figure: latencyMean, want: down},
	{key: "network.loss", base: keyZones, old: "[network]", new: "[network]\nloss = \"5%\"", figure: errorRatio, want: up},
	{key: "client.zone", base: keyZones, old: `zone = "a"`, new: `zone = "b"`, figure: latencyMean, want: up},
	{key: "load_balancer.zones", base: keyZones, old: "targets = [\"web\"]\nzones = [\"a\"]", new: "targets = [\"web\"]\nzones = [\"c\"]", figure: latencyMean, want: up},
	{key: "server.zones", base: keyZones, old: "[server.web]\nzones = [\"b\"]", new: "[server.web]\nzones = [\"a\"]", figure: "nodes/web/response_s/mean", want: up},
	{key: "cache.zones", base: keyZones, old: "latency = \"exp 10ms\"\nzones = [\"b\"]", new: "latency = \"exp 10ms\"\nzones = [\"c\"]", figure: latencyMean, want: up},
}

var priorityCases = []keyCase{
	{key: "client.priority", base: keyEqual, old: "priority = 0", new: "priority = 9", figure: latencyMean, want: down},
	{key: "client.priority", base: keyEqual, old: "priority = 0", new: "priority = -9", figure: latencyMean, want: up},
	{key: "client.priorities", base: keyEqual, old: "priority = 0", new: "priorities = { slow = 9 }", figure: slowMean, want: down},
	{key: "server.on.priority", base: keyCrowd, old: ", priority = 0 }", new: ", priority = 9 }", figure: slowMean, want: down},
}
