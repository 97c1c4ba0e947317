package study

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// keyGroup is a group of servers behind a balancer; CHECKS stands for how the
// balancer looks after them.
const keyGroup = `[client.users]
target = "lb"
arrivals = "poisson 200/s"
timeout = "300ms"
[server.app]
instances = 4
concurrency = 8
on.request = [{ wait = "exp 10ms" }]
[load_balancer.lb]
targets = ["app"]
CHECKS
`

// keyFault is a fault with some lines of its own.
func keyFault(lines string) string { return "[[fault]]\n" + lines + "\n" }

// looksAfter is a group that is looked after, and in which something happens.
func looksAfter(checks, fault string) string {
	return strings.Replace(keyGroup, "CHECKS", checks, 1) + keyFault(fault)
}

func faultCases() []keyCase {
	const killed, hung = "at = \"2s\"\nkill = \"app[0]\"", "at = \"2s\"\nhang = \"app[0]\""
	alone := strings.Replace(keyGroup, "CHECKS", "", 1)
	quick := `health_check = { interval = "100ms", timeout = "100ms", unhealthy = 2, healthy = 1, kind = "http" }`
	slowly := `health_check = { interval = "100ms", timeout = "100ms", unhealthy = 2, healthy = 1, kind = "tcp" }`
	strict := `ejection = { consecutive = 2, for = "200ms" }`
	return []keyCase{
		{key: "fault", base: alone, new: keyFault(killed), figure: errorRatio, want: up},
		{key: "fault.at", base: looksAfter("", killed), old: `at = "2s"`, new: `at = "8s"`, figure: errorRatio, want: down},
		{key: "fault.kill", base: looksAfter("", killed), old: `kill = "app[0]"`, new: `kill = "app"`, figure: errorRatio, want: up},
		{key: "fault.hang", base: looksAfter("", hung), old: `hang = "app[0]"`, new: `hang = "app"`, figure: errorRatio, want: up},
		{key: "fault.for", base: looksAfter("", killed+"\nfor = \"1s\""), old: `for = "1s"`, new: `for = "5s"`, figure: errorRatio, want: up},
		{key: "fault.silent", base: looksAfter("", killed), old: `kill = "app[0]"`, new: "kill = \"app[0]\"\nsilent = true",
			effect: func(t *testing.T, before, after keyAnswer) {
				loud, silent := before.Clients["users"].Errors, after.Clients["users"].Errors
				assert.Greater(t, loud["unavailable"], uint64(1000))
				assert.Zero(t, loud["timeout"])
				assert.Greater(t, silent["timeout"], uint64(1000))
				assert.Zero(t, silent["unavailable"])
			}},
		{key: "load_balancer.health_check.interval", base: looksAfter(quick, killed), old: `interval = "100ms"`, new: `interval = "2s"`, figure: errorRatio, want: up},
		{key: "load_balancer.health_check.timeout", base: looksAfter(quick, hung), old: `timeout = "100ms"`, new: `timeout = "2s"`, figure: errorRatio, want: up},
		{key: "load_balancer.health_check.unhealthy", base: looksAfter(quick, killed), old: "unhealthy = 2", new: "unhealthy = 20", figure: errorRatio, want: up},
		{key: "load_balancer.health_check.healthy", base: looksAfter(quick, killed+"\nfor = \"1s\""), old: " healthy = 1", new: " healthy = 30",
			effect: func(t *testing.T, before, after keyAnswer) {
				require.Len(t, after.Faults, 1)
				assert.InDelta(t, 3.05, *before.Faults[0].RecoveredS, 0.05)
				assert.InDelta(t, 3+2.95, *after.Faults[0].RecoveredS, 0.05, "thirty answers, 0.1 s apart")
			}},
		{key: "load_balancer.health_check.kind=http", base: looksAfter(slowly, hung), old: `kind = "tcp"`, new: `kind = "http"`, figure: errorRatio, want: down},
		{key: "load_balancer.health_check.kind=tcp", base: looksAfter(quick, hung), old: `kind = "http"`, new: `kind = "tcp"`, figure: errorRatio, want: up},
		{key: "load_balancer.ejection.consecutive", base: looksAfter(strict, killed), old: "consecutive = 2", new: "consecutive = 30", figure: errorRatio, want: up},
		{key: "load_balancer.slow_start", base: looksAfter(quick, killed+"\nfor = \"1s\""), old: "[load_balancer.lb]", new: "[load_balancer.lb]\nslow_start = \"10s\"",
			effect: func(t *testing.T, before, after keyAnswer) {
				cold, warm := after.Nodes["app"].PerInstance[0].Arrivals, before.Nodes["app"].PerInstance[0].Arrivals
				assert.Less(t, float64(cold), 0.8*float64(warm), "it is spared at first")
			}},
		{key: "load_balancer.ejection.for", base: looksAfter(strict, killed), old: `for = "200ms"`, new: `for = "5s"`, figure: errorRatio, want: down},
	}
}

// What is left out of a health check and an ejection is what the manual says.
func TestWhatIsLeftOutOfHealthChecksIsAsDocumented(t *testing.T) {
	answers := map[string]keyAnswer{}
	for short, long := range map[string]string{
		`health_check = {}`:                     `health_check = { interval = "2s", timeout = "2s", unhealthy = 3, healthy = 2, kind = "http" }`,
		`health_check = { interval = "700ms" }`: `health_check = { interval = "700ms", timeout = "700ms", unhealthy = 3, healthy = 2, kind = "http" }`,
		`ejection = {}`:                         `ejection = { consecutive = 5, for = "30s" }`,
	} {
		const fault = "at = \"1s\"\nkill = \"app[0]\"\nfor = \"7s\""
		a := answerTo(t, answers, looksAfter(short, fault)+keyRun, "")
		b := answerTo(t, answers, looksAfter(long, fault)+keyRun, "")
		assert.Equal(t, b.Fingerprint, a.Fingerprint, short)
		require.Len(t, a.Faults, 1)
		assert.NotNil(t, a.Faults[0].DetectedS, short)
	}
}
