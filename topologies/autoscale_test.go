package topologies

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/models/scale"
	"github.com/capsim/capsim/sim"
)

// scaling is a shop whose server has other lines before its operation.
func scaling(lines string) string {
	return "[client.users]\ntarget = \"web\"\narrivals = \"poisson 10/s\"\n[server.web]\n" + lines + "\non.request = [{ cpu = \"exp 10ms\" }]\n"
}

// scalingBy is one with keys in autoscale.
func scalingBy(keys string) string { return scaling("autoscale = { " + keys + " }") }

const jobs = "[queue.jobs]\nconsumer = \"web\"\n[server.front]\non.request = [{ publish = \"jobs\" }]\n[client.more]\ntarget = \"front\"\narrivals = \"poisson 1/s\"\n"

func TestWhatIsWrongWithAutoscaleIsSaid(t *testing.T) {
	const target = `, target = "cpu 60%"`
	told(t, []finding{
		{scalingBy(`max = 5`), `5:13: error[E203]: server.web.autoscale.target: missing key "target"`, ""},
		{scalingBy(`target = "cpu 60%"`), `5:13: error[E203]: server.web.autoscale.max: missing key "max"`, ""},
		{scaling(`autoscale = 5`), `5:13: error[E204]: server.web.autoscale: expected a table, got an integer`, ""},
		{scalingBy(`min = 0, max = 5` + target), `5:21: error[E302]: server.web.autoscale.min: must be from 1 to 1000000, got 0`, ""},
		{scalingBy(`min = 6, max = 5` + target), `5:21: error[E302]: server.web.autoscale.min: must be at most max, 5, got 6`, "see shop.toml:5:24: max"},
		{scalingBy(`max = 5, size = 5` + target), `5:24: error[E201]: server.web.autoscale.size: unknown key; the keys here are min, max, target, every, boot, cooldown, drain, schedule`, ""},
		{scaling("instances = 9\nautoscale = { max = 5" + target + " }"), `5:13: error[E302]: server.web.instances: must be from min, 1, to max, 5, of autoscale, got 9`, "max"},
		{scaling("instances = 1\nautoscale = { min = 2, max = 5" + target + " }"), `5:13: error[E302]: server.web.instances: must be from min, 2, to max, 5, of autoscale, got 1`, "max"},
		{scalingBy(`max = 5, target = "memory 60%"`), `5:34: error[E205]: server.web.autoscale.target: unknown figure "memory"; the target is one of "concurrency 40", "cpu 60%", "queue jobs 100" or "requests 200/s"`, ""},
		{scalingBy(`max = 5, target = ""`), `5:33: error[E301]: server.web.autoscale.target: expected "concurrency 40", "cpu 60%", "queue jobs 100" or "requests 200/s", got an empty text`, ""},
		{scalingBy(`max = 5, target = 60`), `5:33: error[E204]: server.web.autoscale.target: expected a target such as "cpu 60%", got an integer`, ""},
		{scalingBy(`max = 5, target = "cpu"`), `5:33: error[E301]: server.web.autoscale.target: expected a target such as "cpu 60%", got "cpu"`, ""},
		{scalingBy(`max = 5, target = "cpu 60"`), `5:38: error[E302]: server.web.autoscale.target: must be from 0 to 1 (0% to 100%), got "60"`, ""},
		{scalingBy(`max = 5, target = "cpu 0%"`), `5:38: error[E302]: server.web.autoscale.target: must be more than 0, got "0%"`, ""},
		{scalingBy(`max = 5, target = "requests 60"`), `5:43: error[E301]: server.web.autoscale.target: a rate needs a unit, got "60"`, ""},
		{scalingBy(`max = 5, target = "concurrency 1000000000000000"`), `5:46: error[E705]: server.web.autoscale.target: must be at most 1e+12 (a limit of capsim), got "1000000000000000"`, ""},
		{scalingBy(`max = 5, target = "queue 10"`), `5:33: error[E301]: server.web.autoscale.target: expected a target such as "queue jobs 100", got "queue 10"`, ""},
		{scalingBy(`max = 5, target = "queue mail 10"`), `5:33: error[E501]: server.web.autoscale.target: unknown node "mail"`, ""},
		{scalingBy(`max = 5, target = "queue web 10"`), `5:33: error[E505]: server.web.autoscale.target: "web" is a server; this must be a queue`, ""},
		{scaling("") + strings.Replace(jobs, "[server.front]\n", "[server.front]\nautoscale = { max = 5, target = \"queue jobs 10\" }\n", 1),
			`10:33: error[E505]: server.front.autoscale.target: the consumer of "jobs" is "web": more instances of "front" would not work it off`, "the queue"},
		{scalingBy(`max = 5` + target + `, every = "0s"`), `5:52: error[E302]: server.web.autoscale.every: must be more than 0s, got "0s"`, ""},
		{scalingBy(`max = 5` + target + `, boot = "-1s"`), `5:51: error[E302]: server.web.autoscale.boot: must not be negative, got "-1s"`, ""},
		{scalingBy(`max = 5` + target + `, schedule = [{ at = "25:00", min = 2 }]`), `5:63: error[E302]: server.web.autoscale.schedule[0].at: must be from 00:00 to 23:59:59, got "25:00"`, ""},
		{scalingBy(`max = 5` + target + `, schedule = [{ at = "08:00", min = 9 }]`), `5:78: error[E302]: server.web.autoscale.schedule[0].min: must be at most max, 5, got 9`, "max"},
		{scalingBy(`max = 5` + target + `, schedule = [{ at = "00:01", min = 2 }, { at = "00:01", min = 3 }]`), `5:90: error[E401]: server.web.autoscale.schedule[1].at: there is an entry for "00:01" already`, "this one"},
		{scalingBy(`max = 5` + target + `, schedule = [{ min = 3 }]`), `5:56: error[E203]: server.web.autoscale.schedule[0].at: missing key "at"`, ""},

		{scalingBy(`min = 5, max = 5` + target), `5:30: warning[W403]: server.web.autoscale.max: min and max are both 5: there is nothing to scale`, ""},
		{scalingBy(`max = 5` + target + `, every = "10m"`), `5:52: warning[W403]: server.web.autoscale.every: it looks for the first time after 10m, but the measured window ends at 10m`, "Kubernetes"},
		{scalingBy(`max = 5, target = "cpu 60%", boot = "10m"`), `5:51: warning[W403]: server.web.autoscale.boot: the measured window ends at 10m, before an instance has booted: none that is started is ever in service`, ""},
		{scalingBy(`max = 5, target = "cpu 95%"`), `5:33: warning[W403]: server.web.autoscale.target: cores are never busier than 100 %, which is within 10 % of "cpu 95%": it never starts an instance`, "at most cpu 90%"},
		{scalingBy(`max = 5` + target + `, schedule = [{ at = "08:00", min = 3 }]`), `5:44: warning[W403]: server.web.autoscale.schedule: the run ends before the first entry, at 10m: it changes nothing`, "run.start"},
	})
}

func specScaled(t *testing.T, text string) *node.Node {
	t.Helper()
	spec := mustSpec(t, text, Options{}, "")
	for i := range spec.Nodes {
		if spec.Nodes[i].Server != nil && spec.Nodes[i].Server.Autoscale != nil {
			return &spec.Nodes[i]
		}
	}
	require.Fail(t, "nothing is scaled")
	return nil
}

func TestAutoscaleIsResolved(t *testing.T) {
	n := specScaled(t, scalingBy(`max = 5, target = "cpu 60%"`))
	assert.Equal(t, [3]int{5, 1, 1}, [3]int{n.Instances, n.AtStart(), n.Fewest()})
	s := n.Server.Autoscale
	assert.Equal(t, [4]sim.Time{15 * sim.Second, 0, 300 * sim.Second, 30 * sim.Second}, [4]sim.Time{s.Every, s.Boot, s.Cooldown, s.Drain})
	assert.Equal(t, scale.CPU, s.Metric)
	assert.InDelta(t, 0.6, s.Target, 1e-12)
	for text, want := range map[string]struct {
		metric scale.Metric
		target float64
	}{"requests 2k/s": {scale.Requests, 2000}, "concurrency 1.5": {scale.Concurrency, 1.5}, "queue jobs 100": {scale.Queue, 100}} {
		more := ""
		if want.metric == scale.Queue {
			more = jobs
		}
		s := specScaled(t, scalingBy(`max = 5, target = "`+text+`"`)+more).Server.Autoscale
		assert.Equal(t, want.metric, s.Metric)
		assert.InDelta(t, want.target, s.Target, 1e-9)
	}
}

// What is left out follows the least that holds at time 0, and is told so.
func TestInstancesAtTheStartFollowTheSchedule(t *testing.T) {
	const keys = `min = 2, max = 9, target = "cpu 60%", schedule = [{ at = "08:00", min = 5 }, { at = "20:00", min = 3 }]`
	for start, want := range map[string]string{"07:55": "2", "08:00": "5", "12:00": "5", "23:00": "3"} {
		text := scalingBy(keys) + "[run]\nstart = \"" + start + "\"\nduration = \"12h\"\n"
		spec := mustSpec(t, text, Options{}, "")
		var told string
		for _, d := range spec.Defaults {
			if d.Key == "server.web.instances" {
				told = d.Value
			}
		}
		assert.Equal(t, want, told, start)
		assert.Equal(t, want, strings.TrimSpace(string(rune('0'+specScaled(t, text).AtStart()))), start)
	}
}

// The most that there may be is what overload is warned of by.
func TestOverloadIsJudgedByTheMost(t *testing.T) {
	busy := strings.Replace(scalingBy(`max = 5, target = "cpu 60%"`), "10/s", "450/s", 1)
	mustSpec(t, busy, Options{}, "")
	_, report := specOf(memory{"shop.toml": strings.Replace(busy, "450/s", "550/s", 1)}, "shop.toml", Options{}, "")
	require.Len(t, headlines(report), 1)
	assert.Contains(t, headlines(report)[0], "W406")
}

// With users who come again at once, who finds nobody, or no room, does so for
// ever: it is the fewest that there may be that count.
func TestUsersWithoutThinkTimeAndAutoscale(t *testing.T) {
	closed := func(lines, more string) string {
		return strings.Replace(scaling(lines), "arrivals = \"poisson 10/s\"", "users = 5", 1) + more
	}
	const keys = "autoscale = { max = 9, target = \"cpu 60%\" }"
	told(t, []finding{
		{closed("instances = 3\n"+keys, "[[fault]]\nat = \"1s\"\nkill = \"web[0]\"\n"), `3:9: error[E404]: client.users.users: users without think time would be refused…`, ""},
		{closed("instances = 3\nconcurrency = 2\nbacklog = 0\n"+keys, ""), `3:9: error[E404]…`, ""},
	})
	mustSpec(t, closed("instances = 3\n"+keys, "[[fault]]\nat = \"1s\"\nkill = \"web[1]\"\n"), Options{}, "")
}
