package study

// sizedShop has answers of 100 kB for strangers on the internet.
const sizedShop = `
[network]
egress_price = 0.09
[client.users]
target = "web"
arrivals = "poisson 50/s"
request_size = "10kB"
response_size = "100kB"
[server.web]
network = "100Mbps"
cores = 4
on.request = [{ cpu = "exp 1ms" }, { call = "pay" }]
[external.pay]
price_per_call = 0.001
`

// keySources calls a balancer that hashes where a request came from.
const keySources = `[client.users]
target = "front"
arrivals = { trace = "even.csv", format = "csv", columns = { time = "t", source = "same" }, unit = "ms" }
[server.front]
on.request = [{ call = "lb", key = "source" }]
[load_balancer.lb]
targets = ["web"]
policy = "url-hash"
[server.web]
instances = 4
on.request = [{ cpu = "30ms" }]
[run]
duration = "20s"
warmup = "0s"
drain = "60s"
replications = 2
`

// keySizes has answers of a few bytes on a thin wire.
const keySizes = `[client.users]
target = "web"
arrivals = { trace = "even.csv", format = "csv", columns = { time = "t", size = "few" }, unit = "ms" }
[server.web]
network = "10Mbps"
on.request = [{ cpu = "1ms" }]
[run]
duration = "20s"
warmup = "0s"
replications = 2
`

// sizeCases are of what sizes do: to network interfaces, and to the bill.
var sizeCases = []keyCase{
	{key: "network.egress_price", base: sizedShop, old: "egress_price = 0.09", new: "egress_price = 9", figure: "cost/monthly", want: up},
	{key: "client.request_size", base: sizedShop, old: `"10kB"`, new: `"90kB"`, figure: "nodes/web/resources/network/utilization", want: up},
	{key: "client.response_size", base: sizedShop, old: `"100kB"`, new: `"10kB"`, figure: "nodes/web/resources/network/utilization", want: down},
	{key: "server.network", base: sizedShop, old: `"100Mbps"`, new: `"1Gbps"`, figure: "clients/users/latency_s/mean", want: down},
	{key: "client.arrivals.columns.source", base: keySources, old: `source = "same"`, new: `source = "item"`, figure: latencyMean, want: down},
	{key: "client.arrivals.columns.size", base: keySizes, old: `size = "few"`, new: `size = "service_us"`, figure: "nodes/web/resources/network/utilization", want: up},
	{key: "external.price_per_call", base: sizedShop, old: "price_per_call = 0.001", new: "price_per_call = 0.01", figure: "cost/monthly", want: up},
}
