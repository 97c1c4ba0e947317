package study

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// keyPriced has one of everything that is paid for by the hour.
const keyPriced = `[client.users]
target = "edge"
arrivals = "constant 60/s"
response_size = "50kB"
[cdn.edge]
origin = "lb"
hit_ratio = "50%"
price_per_hour = 0.5
egress_price = 0.05
discount = "1%"
[load_balancer.lb]
targets = ["web"]
price_per_hour = 0.3
discount = "2%"
[server.web]
type = "own"
price_per_hour = 0.2
discount = "3%"
on.request = [{ cpu = "exp 10ms" }, { get = "near", miss = [{ call = "pay" }] }, { publish = "mails" }]
[cache.near]
hit_ratio = "50%"
price_per_hour = 0.1
discount = "4%"
[external.pay]
price_per_call = 0.000001
discount = "5%"
[queue.mails]
consumer = "mailer"
price_per_hour = 0.04
discount = "6%"
[server.mailer]
on.request = [{ cpu = "1ms" }]
[catalog.own]
cores = 2
`

// keyOwn is a server of a type of its file's own, which is nearly full.
const keyOwn = `[client.users]
target = "web"
arrivals = "poisson 170/s"
response_size = "50kB"
[server.web]
type = "own"
memory_base = "1GB"
on.request = [{ cpu = "exp 5ms" }, { disk = { ops = 1, bytes = "10kB" } }]
[catalog.own]
cores = 2
speed = 1
network = "100Mbps"
memory = "4GB"
disk = { iops = 300, bandwidth = "10MB/s" }
price_per_hour = 0.2
`

const costMonthly = "cost/monthly"

// priceCases are of what things cost.
func priceCases() []keyCase {
	like := strings.Replace(keyOwn, "cores = 2\nspeed = 1\n", "like = \"aws:m7i.large\"\n", 1)
	like = strings.Replace(like, "price_per_hour = 0.2\n", "", 1)
	costs := func(key, old, text string, want direction) keyCase {
		return keyCase{key: key, base: keyPriced, old: old, new: text, figure: costMonthly, want: want}
	}
	own := func(key, old, text, figure string, want direction) keyCase {
		return keyCase{key: "catalog." + key, base: keyOwn, old: old, new: text, figure: figure, want: want}
	}
	const network, disk = "nodes/web/resources/network/utilization", "nodes/web/resources/disk/utilization"
	rented := strings.Replace(keyOneCore, "cores = 1", "cores = 1\nprice_per_hour = 0.1\ndiscount = \"3%\"", 1)
	deploy := becoming(strings.Replace(keyOneCore, "cores = 1", "cores = 1\nprice_per_hour = 0.1", 1), "cores = 2, price_per_hour = 0.2")
	return []keyCase{
		{key: "server.price_per_hour", base: rented, old: "price_per_hour = 0.1", new: "price_per_hour = 0.3", figure: costMonthly, want: up},
		{key: "server.discount", base: rented, old: `"3%"`, new: `"30%"`, figure: costMonthly, want: down},
		costs("cache.price_per_hour", "price_per_hour = 0.1\n", "price_per_hour = 0.2\n", up),
		costs("cache.discount", `"4%"`, `"40%"`, down),
		costs("load_balancer.price_per_hour", "price_per_hour = 0.3", "price_per_hour = 0.6", up),
		costs("load_balancer.discount", `"2%"`, `"20%"`, down),
		costs("queue.price_per_hour", "price_per_hour = 0.04", "price_per_hour = 0.4", up),
		costs("queue.discount", `"6%"`, `"60%"`, down),
		costs("cdn.price_per_hour", "price_per_hour = 0.5", "price_per_hour = 0.6", up),
		costs("cdn.discount", `"1%"`, `"10%"`, down),
		costs("external.discount", `"5%"`, `"50%"`, down),
		{key: "cache.type", base: strings.Replace(keyPriced, "price_per_hour = 0.1\n", "type = \"aws:r7g.large\"\n", 1), old: "r7g.large", new: "r7g.xlarge", figure: costMonthly, want: up},
		{key: "server.type", base: keyRented, old: "m7i.large", new: "m7i.xlarge", figure: costMonthly, want: up},
		{key: "catalog.like", base: like, old: "m7i.large", new: "m7i.xlarge", figure: costMonthly, want: up},
		{key: "catalog.like", base: like, old: "m7i.large", new: "m7i.xlarge", figure: cpuUsed, want: down},
		own("cores", "cores = 2", "cores = 4", cpuUsed, down),
		own("speed", "speed = 1\n", "speed = 2\n", cpuUsed, down),
		own("memory", "memory = \"4GB\"", "memory = \"8GB\"", "nodes/web/resources/memory/utilization", down),
		own("network", "100Mbps", "200Mbps", network, down),
		{key: "catalog", base: keyOwn, old: "[catalog.own]\ncores = 2", new: "[catalog.own]\ncores = 3", figure: cpuUsed, want: down},
		own("disk.iops", "iops = 300", "iops = 900", disk, down),
		own("disk.bandwidth", "10MB/s", "2MB/s", disk, up),
		own("disk.depth", "iops = 300", "iops = 300, depth = 4", "nodes/web/resources/disk/capacity", up),
		own("price_per_hour", "price_per_hour = 0.2", "price_per_hour = 0.1", costMonthly, down),
		{key: "deploy.set.price_per_hour", base: deploy, old: "price_per_hour = 0.2", new: "price_per_hour = 0.3", figure: costMonthly, want: up},
		{key: "objective.cost", base: keyPriced, old: "", new: "objectives = [\"cost < 1\"]", effect: judged("missed")},
		{key: "objective.cost", base: keyPriced, old: "", new: "objectives = [\"cost < 1_000_000_000\"]", effect: judged("met")},
		{key: "objective.cost_per_million", base: keyPriced, old: "", new: "objectives = [\"cost_per_million < 0.01\"]", effect: judged("missed")},
		{key: "objective.cost_per_million", base: keyPriced, old: "", new: "objectives = [\"cost_per_million < 1_000_000_000\"]", effect: judged("met")},
	}
}

// judged demands a verdict of the only objective.
func judged(want string) func(t *testing.T, before, after keyAnswer) {
	return func(t *testing.T, _, after keyAnswer) {
		if assert.Len(t, after.Objectives, 1) {
			assert.Equal(t, want, after.Objectives[0].Verdict)
		}
	}
}
