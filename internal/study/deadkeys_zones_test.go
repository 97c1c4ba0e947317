package study

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// keyTwoZones is a group of servers in two zones behind a balancer in the first,
// without a network.
const keyTwoZones = `zones = ["a", "b"]
[client.users]
target = "lb"
arrivals = "poisson 200/s"
timeout = "300ms"
[load_balancer.lb]
targets = ["app"]
zones = ["a"]
[server.app]
instances = 4
on.request = [{ wait = "exp 10ms" }]
`

func zoneCases() []keyCase {
	zoned := keyTwoZones + keyFault("at = \"2s\"\nkill = \"zone:b\"")
	parted := keyTwoZones + keyFault("at = \"2s\"\npartition = [\"zone:a\", \"zone:b\"]\nfor = \"1s\"")
	return []keyCase{
		{key: "fault.kill", base: keyTwoZones + keyFault("at = \"2s\"\nkill = \"app[1]\""), old: `kill = "app[1]"`, new: `kill = "zone:b"`, figure: errorRatio, want: up},
		{key: "fault.hang", base: keyTwoZones + keyFault("at = \"2s\"\nhang = \"app[1]\""), old: `hang = "app[1]"`, new: `hang = "zone:b"`, figure: errorRatio, want: up},
		{key: "fault.partition", base: keyTwoZones, old: keyTwoZones, new: parted,
			effect: func(t *testing.T, before, after keyAnswer) {
				assert.Zero(t, before.Clients["users"].Errors["timeout"])
				offered, lost := after.Clients["users"].Offered, after.Clients["users"].Errors["timeout"]
				assert.InDelta(t, 0.05, float64(lost)/float64(offered), 0.005, "half of the requests of one second in ten")
				assert.Zero(t, after.Clients["users"].Errors["unavailable"])
			}},
		{key: "fault.for", base: parted, old: `for = "1s"`, new: `for = "5s"`, figure: errorRatio, want: up},
		{key: "zones", base: zoned, old: `zones = ["a", "b"]`, new: `zones = ["a", "b", "c", "d"]`, figure: errorRatio, want: down},
		{key: "server.zones", base: zoned, old: "[server.app]", new: "[server.app]\nzones = [\"a\"]",
			effect: func(t *testing.T, before, after keyAnswer) {
				assert.Empty(t, before.refused)
				assert.Equal(t, []string{"E501"}, after.refused, "nothing stands in the other")
			}},
		{key: "load_balancer.zones", base: zoned, old: "zones = [\"a\"]\n", new: "zones = [\"b\"]\n", figure: errorRatio, want: up},
		{key: "client.zone", base: strings.Replace(parted, "[load_balancer.lb]", "zone = \"b\"\n[load_balancer.lb]", 1), old: `zone = "b"`, new: `zone = "a"`, figure: errorRatio, want: down},
	}
}
