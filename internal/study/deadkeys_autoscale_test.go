package study

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// keyScaled is a server that may have more instances than it begins with.
const keyScaled = `[client.users]
target = "app"
arrivals = "poisson 200/s"
[server.app]
autoscale = { min = 2, max = 8, target = "cpu 50%", every = "1s", boot = "500ms", cooldown = "2s", drain = "1s" }
on.request = [{ cpu = "exp 10ms" }]
`

// keyIdleScaled is one that has more than it needs.
var keyIdleScaled = strings.Replace(strings.Replace(keyScaled, "200/s", "20/s", 1), "[server.app]", "[server.app]\ninstances = 6", 1)

// keySlowScaled has requests that take long to finish.
var keySlowScaled = strings.Replace(keyIdleScaled, `cpu = "exp 10ms"`, `wait = "5s"`, 1)

func autoscaleCases() []keyCase {
	const instances, inService = "nodes/app/instances", "nodes/app/fleet/in_service"
	from := func(target string) string { return strings.Replace(keyScaled, "cpu 50%", target, 1) }
	backlog := strings.Replace(from("queue jobs 5"), "target = \"app\"", "target = \"front\"", 1) +
		"[server.front]\non.request = [{ publish = \"jobs\" }]\n[queue.jobs]\nconsumer = \"app\"\n"
	backlog = strings.Replace(backlog, "exp 10ms", "exp 20ms", 1)
	scheduled := strings.Replace(keyScaled+"[run]\nduration = \"10s\"\nwarmup = \"1s\"\nreplications = 5\nstart = \"07:59:57\"\n", `drain = "1s"`, `drain = "1s", schedule = [{ at = "08:00", min = 6 }]`, 1)
	return []keyCase{
		{key: "server.autoscale.min", base: keyIdleScaled, old: "min = 2", new: "min = 5", figure: instances, want: up},
		{key: "server.autoscale.max", base: keyScaled, old: "max = 8", new: "max = 3", figure: instances, want: down},
		{key: "server.autoscale.target", base: keyScaled, old: "cpu 50%", new: "cpu 80%", figure: instances, want: down},
		{key: "server.autoscale.target", base: strings.Replace(from("concurrency 1"), "200/s", "150/s", 1), old: "concurrency 1", new: "concurrency 3", figure: instances, want: down},
		{key: "server.autoscale.target", base: from("requests 50/s"), old: "requests 50/s", new: "requests 90/s", figure: instances, want: down},
		{key: "server.autoscale.target", base: backlog, old: "queue jobs 5", new: "queue jobs 50", figure: instances, want: down},
		{key: "server.autoscale.every", base: keyScaled, old: `every = "1s"`, new: `every = "6s"`, figure: instances, want: down},
		{key: "server.autoscale.boot", base: keyScaled, old: `boot = "500ms"`, new: `boot = "3s"`, figure: inService, want: down},
		{key: "server.autoscale.cooldown", base: strings.Replace(keyScaled, "arrivals = \"poisson 200/s\"", "arrivals = \"constant 20/s\"\nstages = [{ duration = \"2s\", target = \"20/s\" }, { duration = \"0s\", target = \"200/s\" }, { duration = \"2s\", target = \"200/s\" }, { duration = \"0s\", target = \"20/s\" }, { duration = \"8s\", target = \"20/s\" }]", 1),
			old: `cooldown = "2s"`, new: `cooldown = "6s"`, figure: instances, want: up},
		{key: "server.autoscale.drain", base: keySlowScaled, old: `drain = "1s"`, new: `drain = "6s"`,
			effect: func(t *testing.T, before, after keyAnswer) {
				assert.Greater(t, before.Clients["users"].Errors["unavailable"], uint64(20), "cut off in the middle")
				assert.Zero(t, after.Clients["users"].Errors["unavailable"])
				assert.Greater(t, *after.Nodes["app"].Instances.Mean, *before.Nodes["app"].Instances.Mean)
			}},
		{key: "server.autoscale.schedule", base: keyIdleScaled, old: `drain = "1s"`, new: `drain = "1s", schedule = [{ at = "00:00:03", min = 7 }]`, figure: instances, want: up},
		{key: "server.autoscale.schedule.at", base: scheduled, old: `at = "08:00"`, new: `at = "08:00:05"`, figure: instances, want: down},
		{key: "server.autoscale.schedule.min", base: scheduled, old: "min = 6", new: "min = 8", figure: instances, want: up},
	}
}

// What is left out of autoscale is what the manual says.
func TestWhatIsLeftOutOfAutoscaleIsAsDocumented(t *testing.T) {
	answers := map[string]keyAnswer{}
	const run = "[run]\nduration = \"100s\"\nwarmup = \"1s\"\nreplications = 2\n"
	short := strings.Replace(keyScaled, `min = 2, max = 8, target = "cpu 50%", every = "1s", boot = "500ms", cooldown = "2s", drain = "1s"`, `max = 8, target = "cpu 50%"`, 1)
	long := strings.Replace(keyScaled, `min = 2, max = 8, target = "cpu 50%", every = "1s", boot = "500ms", cooldown = "2s", drain = "1s"`,
		`min = 1, max = 8, target = "cpu 50%", every = "15s", boot = "0s", cooldown = "5m", drain = "30s"`, 1)
	long = strings.Replace(long, "[server.app]", "[server.app]\ninstances = 1", 1)
	a, b := answerTo(t, answers, short+run, ""), answerTo(t, answers, long+run, "")
	assert.Equal(t, b.Fingerprint, a.Fingerprint)
	assert.Greater(t, a.Nodes["app"].Fleet.Started, uint64(4))
}
