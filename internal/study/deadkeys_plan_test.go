package study

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

const planKeyBase = `objectives = ["users mean < 20ms"]
[run]
duration = "60s"
warmup = "10s"
replications = 3
[client.users]
target = "web"
arrivals = "poisson 120/s"
[server.web]
instances = 1
balance = "random"
price_per_hour = 0.1
on.request = [{ cpu = "exp 10ms" }]
`

// planCases say what [plan] does: nothing to a run, and all to a plan.
func planCases() []keyCase {
	table := "\n[plan]\nvary = { \"server.web.instances\" = \"1..6\" }\n"
	one := func(key, more, want, help string) keyCase {
		return keyCase{
			key: key, base: planKeyBase, old: "[run]", new: table[1:] + more + "[run]",
			effect: func(t *testing.T, before, after keyAnswer) {
				sameNumbers(t, before, after)
				_, p := plansOf(t, planKeyBase+table+more)
				if assert.NotNil(t, p.Winner) {
					assert.Equal(t, []string{want}, p.Winner.Values, help)
				}
			},
		}
	}
	return []keyCase{
		one("plan.vary", "", "3", "each of n instances is M/M/1 at 120/n a second: 1/(100-120/n) s is less than 20 ms from n = 3 on"),
		one("plan.load", "load = 1.5\n", "4", "at 180/s from n = 4 on"),
		one("plan.survive", "survive = [\"slow web factor 1.2\"]\n", "4", "as if work took 12 ms: 1/(83.3-120/n) s is less than 20 ms from n = 4 on"),
	}
}
