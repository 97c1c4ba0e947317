package study

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// keyKept is a cache in front of slow work.
const keyKept = `[client.users]
target = "web"
arrivals = "poisson 200/s"
keys = "zipf s=1 n=500"
[server.web]
cores = 64
on.request = [{ get = "redis", miss = [{ cpu = "exp 50ms" }] }]
[cache.redis]
capacity = 400
latency = "1ms"
`

// kindCases are of the faults that kill nobody.
func kindCases() []keyCase {
	alone := strings.Replace(keyGroup, "CHECKS", "", 1)
	slow := alone + keyFault("at = \"2s\"\nslow = \"app[0]\"\nfactor = 2")
	errs := alone + keyFault("at = \"2s\"\nerrors = \"app[0]\"\nerror_ratio = \"20%\"")
	late := alone + keyFault("at = \"2s\"\nlatency = \"app[0]\"\nadd = \"5ms\"")
	more := keyOneCore + keyFault("at = \"2s\"\nsurge = \"users\"\nfactor = 1.1")
	offered := func(times float64) func(t *testing.T, before, after keyAnswer) {
		return func(t *testing.T, before, after keyAnswer) {
			was, is := before.Clients["users"].Offered, after.Clients["users"].Offered
			assert.InDelta(t, times, float64(is)/float64(was), 0.03)
		}
	}
	return []keyCase{
		{key: "fault.slow", base: slow, old: `slow = "app[0]"`, new: `slow = "app"`, figure: latencyMean, want: up},
		{key: "fault.factor", base: slow, old: "factor = 2", new: "factor = 4", figure: latencyMean, want: up},
		{key: "fault.errors", base: errs, old: `errors = "app[0]"`, new: `errors = "app"`, figure: errorRatio, want: up},
		{key: "fault.error_ratio", base: errs, old: `error_ratio = "20%"`, new: `error_ratio = "80%"`,
			effect: func(t *testing.T, before, after keyAnswer) {
				for share, answer := range map[float64]keyAnswer{0.2: before, 0.8: after} {
					users := answer.Clients["users"]
					assert.InDelta(t, share*0.25*0.8, float64(users.Errors["failed"])/float64(users.Offered), 0.01, "of a quarter of the requests, for 8 of 10 s")
					assert.Equal(t, users.Errors["failed"], answer.Nodes["app"].Errors["failed"])
				}
			}},
		{key: "fault.latency", base: late, old: `latency = "app[0]"`, new: `latency = "app"`, figure: latencyMean, want: up},
		{key: "fault.add", base: late, old: `add = "5ms"`, new: `add = "exp 50ms"`, figure: latencyMean, want: up},
		{key: "fault.surge", base: keyOneCore, old: keyOneCore, new: more, effect: offered(1.08)},
		{key: "fault.factor", base: more, old: "factor = 1.1", new: "factor = 2.1", effect: offered((2 + 8*2.1) / (2 + 8*1.1))},
		{key: "fault.for", base: more, old: "factor = 1.1", new: "factor = 1.1\nfor = \"1s\"", effect: offered(10.1 / 10.8)},
		{key: "fault.flush", base: keyKept, old: keyKept, new: keyKept + keyFault("at = \"5s\"\nflush = \"redis\""), figure: "nodes/redis/cache/hit_ratio", want: down},
		{key: "fault.at", base: keyKept + keyFault("at = \"5s\"\nflush = \"redis\""), old: `at = "5s"`, new: `at = "9.9s"`, figure: "nodes/redis/cache/hit_ratio", want: up},
	}
}
