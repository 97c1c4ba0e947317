package study

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/models/node"
)

// keyRented is a rented machine that is nearly full.
const keyRented = `[client.users]
target = "web"
arrivals = "poisson 170/s"
response_size = "50kB"
[server.web]
type = "aws:m7i.large"
on.request = [{ cpu = "exp 10ms" }]
`

// keyProducts has two servers, of which the one with the smaller weight is
// the smaller one.
const keyProducts = `[client.users]
target = "lb"
arrivals = "poisson 150/s"
[load_balancer.lb]
targets = [{ name = "small", weight = 1 }, { name = "big", weight = 9 }]
[server.small]
on.request = [{ cpu = "exp 10ms" }]
[server.big]
cores = 9
on.request = [{ cpu = "exp 10ms" }]
`

// keyEndless asks for answers that take longer than any product waits.
const keyEndless = `[client.users]
target = "lb"
arrivals = "poisson 1/s"
[load_balancer.lb]
targets = ["web"]
[server.web]
on.request = [{ wait = "70s" }]
[run]
duration = "1m"
warmup = "0s"
drain = "5m"
replications = 5
`

// keyOutage loses one of three instances for most of the run.
const keyOutage = `[client.users]
target = "lb"
arrivals = "poisson 50/s"
[load_balancer.lb]
targets = ["web"]
[server.web]
instances = 3
on.request = [{ cpu = "exp 1ms" }]
[[fault]]
kill = "web[0]"
at = "1s"
for = "4m"
[run]
duration = "4m"
warmup = "1s"
replications = 5
`

// keyFewAddresses has traffic from a few addresses, most of it from one.
const keyFewAddresses = `[client.users]
target = "lb"
arrivals = "poisson 100/s"
sources = "zipf s=2 n=20"
[load_balancer.lb]
targets = ["web"]
[server.web]
instances = 4
on.request = [{ cpu = "exp 10ms" }]
`

// productCases are some for each preset: weights count, the balancer has no
// patience, a connection stays where it is, or a dead target is noticed.
func productCases() []keyCase {
	var cases []keyCase
	for _, p := range node.Presets {
		c := keyCase{key: "load_balancer.type=" + p.Name, old: "[load_balancer.lb]", new: "[load_balancer.lb]\ntype = \"" + p.Name + "\""}
		switch p.Name {
		case "aws:alb", "gcp:lb":
			c.base, c.figure, c.want = keyEndless, errorRatio, up
		case "aws:nlb", "azure:lb":
			c.base, c.figure, c.want = keyFewAddresses, latencyMean, up
		case "hardware": // checks every 5 s instead of 2 s
			c.base = strings.Replace(keyOutage, "[server.web]", "health_check = {}\n[server.web]", 1)
			c.figure, c.want = errorRatio, up
		default:
			c.base, c.figure, c.want = keyProducts, latencyMean, down
		}
		cases = append(cases, c)
		if slices.Contains([]string{"aws:alb", "aws:nlb", "gcp:lb", "azure:lb"}, p.Name) { // they always check
			c.base, c.figure, c.want = keyOutage, errorRatio, down
			cases = append(cases, c)
		}
	}
	return cases
}

// typeCases are of what a type gives for the keys that are left out.
var typeCases = []keyCase{
	{key: "server.type", base: keyRented, old: "m7i.large", new: "m7i.xlarge", figure: latencyMean, want: down},
	{key: "server.type", base: keyRented, old: "aws:m7i.large", new: "aws:t3.micro", figure: "nodes/web/resources/network/utilization", want: up},
	{key: "server.type", base: keyRented, old: `type = "aws:m7i.large"`, new: "cores = 2\nnetwork = \"0.781Gbps\"", effect: func(t *testing.T, before, after keyAnswer) {
		assert.Equal(t, before.Fingerprint, after.Fingerprint, "a type is its sizes, to the bit")
	}},
}
