package study

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/node"
)

const (
	keyMail = `[client.users]
target = "web"
arrivals = "poisson 100/s"
keys = "zipf s=1 n=100"
[server.web]
on.request = [{ publish = "mail", CARE }]
[queue.mail]
consumer = "worker"
KEYS
[server.worker]
instances = 2
concurrency = 2
on.request = [{ wait = "exp 30ms" }]
`
	mailDepth = "nodes/mail/queue/depth"
	mailAge   = "nodes/mail/queue/age_s/mean"
	mailTotal = "nodes/mail/queue/total_s/mean"
)

// mailing is a queue with some keys, and a publish step with others.
func mailing(keys, care string) string {
	text := strings.Replace(keyMail, "KEYS", keys, 1)
	if care == "" {
		return strings.Replace(text, ", CARE", "", 1)
	}
	return strings.Replace(text, "CARE", care, 1)
}

// mailOf looks at what became of the messages.
func mailOf(t *testing.T, a keyAnswer) [7]uint64 {
	t.Helper()
	require.Empty(t, a.refused)
	q := a.Nodes["mail"].Queue
	return [7]uint64{q.Published, q.Delivered, q.Redelivered, q.Acknowledged, q.DeadLettered, q.Dropped, q.Lost}
}

func queueCases() []keyCase {
	slow := strings.Replace(mailing("KEYS", ""), "exp 30ms", "exp 60ms", 1) // more than four can do
	full := func(how string) string { return strings.Replace(slow, "KEYS", "capacity = 20\n"+how, 1) }
	fails := strings.Replace(mailing("KEYS", ""), `{ wait = "exp 30ms" }`, `{ wait = "exp 10ms" }, { fail = "50%" }`, 1)
	late := strings.Replace(mailing("latency = \"mix 90% 5ms, 10% 100ms\"", "CARE"), "exp 30ms", "exp 10ms", 1)
	dead := strings.Replace(mailing("", "CARE"), "arrivals", "timeout = \"1s\"\narrivals", 1) + keyFault("at = \"2s\"\nkill = \"mail\"\nfor = \"4s\"")
	return slices.Concat([]keyCase{
		{key: "queue.consumer", base: mailing("", "") + "[server.other]\nconcurrency = 4\non.request = [{ wait = \"exp 30ms\" }]\n", old: `consumer = "worker"`, new: `consumer = "other"`,
			effect: func(t *testing.T, before, after keyAnswer) {
				assert.Zero(t, before.Nodes["other"].Arrivals)
				assert.Zero(t, after.Nodes["worker"].Arrivals)
				assert.NotZero(t, after.Nodes["other"].Arrivals)
			}},
		{key: "queue.prefetch", base: mailing("prefetch = 2", ""), old: "prefetch = 2", new: "prefetch = 1", figure: mailDepth, want: up},
		{key: "queue.prefetch", base: mailing("prefetch = 2", ""), old: "prefetch = 2", new: "prefetch = 0", effect: func(t *testing.T, before, after keyAnswer) {
			assert.NotZero(t, *before.estimate(t, mailDepth).Mean)
			assert.Zero(t, *after.estimate(t, mailDepth).Mean, "unlimited")
		}},
		{key: "queue.visibility_timeout", base: mailing("visibility_timeout = \"1h\"", ""), old: "1h", new: "50ms", figure: mailAge, want: up},
		{key: "queue.visibility_timeout", base: mailing("visibility_timeout = \"1h\"", ""), old: "1h", new: "50ms", effect: func(t *testing.T, before, after keyAnswer) {
			assert.Zero(t, mailOf(t, before)[2])
			assert.Greater(t, mailOf(t, after)[2], mailOf(t, after)[0]/10)
		}},
		{key: "queue.max_deliveries", base: strings.Replace(fails, "KEYS", "max_deliveries = 9", 1), old: "max_deliveries = 9", new: "max_deliveries = 2", effect: func(t *testing.T, before, after keyAnswer) {
			assert.Less(t, mailOf(t, before)[4], mailOf(t, before)[0]/50)
			assert.Greater(t, mailOf(t, after)[4], mailOf(t, after)[0]/5, "a quarter")
		}},
		{key: "queue.dead_letter", base: strings.Replace(fails, "KEYS", "max_deliveries = 2", 1) + "[queue.grave]\nconsumer = \"worker\"\n",
			old: "max_deliveries = 2", new: "max_deliveries = 2\ndead_letter = \"grave\"", effect: func(t *testing.T, before, after keyAnswer) {
				assert.Zero(t, before.Nodes["grave"].Queue.Published)
				assert.InDelta(t, mailOf(t, after)[4], after.Nodes["grave"].Queue.Published, 3)
				assert.NotZero(t, after.Nodes["grave"].Queue.Published)
			}},
		{key: "queue.capacity", base: full(""), old: "capacity = 20", new: "capacity = 100", figure: mailDepth, want: up},
		{key: "queue.when_full=reject", base: full(`when_full = "block"`), old: `"block"`, new: `"reject"`, figure: errorRatio, want: up},
		{key: "queue.when_full=block", base: full(`when_full = "reject"`), old: `"reject"`, new: `"block"`, figure: latencyMean, want: up},
		{key: "queue.when_full=drop-oldest", base: full(`when_full = "reject"`), old: `"reject"`, new: `"drop-oldest"`, figure: errorRatio, want: down},
		{key: "queue.when_full=drop-oldest", base: full(`when_full = "reject"`), old: `"reject"`, new: `"drop-oldest"`, effect: func(t *testing.T, before, after keyAnswer) {
			assert.Zero(t, mailOf(t, before)[5])
			assert.NotZero(t, mailOf(t, after)[5])
		}},
		{key: "queue.partitions", base: mailing("partitions = 50", ""), old: "partitions = 50", new: "partitions = 4", figure: mailDepth, want: up},
		{key: "queue.latency", base: mailing(`latency = "exp 1ms"`, ""), old: `"exp 1ms"`, new: `"exp 9ms"`, figure: latencyMean, want: up},
		{key: "queue.durable", base: mailing("durable = true", "") + keyFault("at = \"2s\"\nkill = \"mail\"\nfor = \"1s\""), old: "durable = true", new: "durable = false", effect: func(t *testing.T, before, after keyAnswer) {
			assert.Zero(t, mailOf(t, before)[6])
			assert.NotZero(t, mailOf(t, after)[6])
		}},
		{key: "queue.zones", base: "zones = [\"a\", \"b\"]\n" + mailing(`zones = ["a"]`, "") + "[network]\ncross_zone = \"5ms\"\n", old: `zones = ["a"]`, new: `zones = ["b"]`, figure: latencyMean, want: up},
		{key: "step.publish", base: mailing("", "") + "[queue.post]\nconsumer = \"worker\"\n", old: `publish = "mail"`, new: `publish = "post"`, effect: func(t *testing.T, before, after keyAnswer) {
			assert.Zero(t, before.Nodes["post"].Queue.Published)
			assert.NotZero(t, after.Nodes["post"].Queue.Published)
		}},
		{key: "step.publish.key", base: mailing("partitions = 16", `key = "uniform n=100k"`), old: "uniform n=100k", new: "uniform n=1", figure: mailDepth, want: up},
		{key: "step.publish.timeout", base: strings.Replace(late, "CARE", `timeout = "900ms"`, 1), old: `"900ms"`, new: `"20ms"`, figure: errorRatio, want: up},
		{key: "step.publish.fallback", base: strings.Replace(dead, "CARE", "fallback = [{ fail = 1 }]", 1), old: "{ fail = 1 }", new: "", figure: errorRatio, want: down},
		{key: "step.publish.policy", base: strings.Replace(late, "CARE", `policy = "rash"`, 1) + "[policy.rash]\ntimeout = \"20ms\"\n[policy.calm]\ntimeout = \"1s\"\n", old: `policy = "rash"`, new: `policy = "calm"`, figure: errorRatio, want: down},
		{key: "step.publish.hedge", base: strings.Replace(late, "CARE", `hedge = "200ms"`, 1), old: `"200ms"`, new: `"10ms"`, figure: latencyMean, want: down},
	}, retriesOf("step.publish", strings.Replace(keyMailFlaky, "CARE", keyRetries, 1), errorRatio, down),
		breakerOf("step.publish", keyMailFlaky), queueTypeCases())
}

// keyMailFlaky has a queue that is too slow now and then.
const keyMailFlaky = `[client.users]
target = "web"
arrivals = "poisson 100/s"
[server.web]
on.request = [{ publish = "near", timeout = "10ms", CARE }]
[queue.near]
consumer = "worker"
latency = "exp 10ms"
[server.worker]
on.request = []
`

// queueTypeCases are some for each preset: messages are all out at once, come
// one after the other, come back, or are lost.
func queueTypeCases() []keyCase {
	var cases []keyCase
	for _, p := range node.QueuePresets {
		c := keyCase{key: "queue.type=" + p.Name, base: mailing("", ""), old: "[queue.mail]", new: "[queue.mail]\ntype = \"" + p.Name + "\""}
		switch p.Name {
		case "rabbitmq":
			c.figure, c.want = "nodes/worker/resources/workers/queue", up
		case "kafka":
			c.figure, c.want = mailDepth, up
		case "aws:sqs": // the first to come takes longer than 30 s
			c.base = strings.Replace(strings.Replace(c.base, "concurrency = 2", "concurrency = 200", 1), "exp 30ms", "mix 99.5% 30ms, 0.5% 100s", 1) + "\n[run]\nduration = \"1m\"\nwarmup = \"1s\"\nreplications = 5\n"
			c.effect = func(t *testing.T, before, after keyAnswer) {
				assert.Zero(t, mailOf(t, before)[2])
				assert.NotZero(t, mailOf(t, after)[2])
			}
		default:
			c.base += keyFault("at = \"2s\"\nkill = \"mail\"\nfor = \"1s\"")
			c.effect = func(t *testing.T, before, after keyAnswer) {
				assert.Zero(t, mailOf(t, before)[6])
				assert.NotZero(t, mailOf(t, after)[6])
			}
		}
		cases = append(cases, c)
	}
	return cases
}
