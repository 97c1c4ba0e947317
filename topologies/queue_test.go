package topologies

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

const mailShop = `[client.users]
target = "web"
arrivals = "poisson 10/s"
[server.web]
on.request = [{ publish = "mail" }]
[queue.mail]
consumer = "mailer.send"
[server.mailer]
on.send = [{ cpu = "1ms" }]
`

// posting is the shop with some text of it replaced, and more behind it.
func posting(old, text, more string) string {
	if old != "" && strings.Count(mailShop, old) != 1 {
		panic("the shop must hold it once: " + old)
	}
	return strings.Replace(mailShop, old, text, 1) + more
}

func mailSpec(t *testing.T, file string) *node.Spec {
	t.Helper()
	spec, report := specOf(memory{"shop.toml": file}, "shop.toml", Options{}, "")
	require.NotNil(t, spec, headlines(report))
	assert.Empty(t, headlines(report), file)
	return spec
}

func TestQueuesAreResolved(t *testing.T) {
	const consumer = `consumer = "mailer.send"`
	plain := node.QueueSpec{Consumer: node.Target{Node: 1, Op: "send"}, Prefetch: 1, DeadLetter: node.None, Capacity: node.None}
	assert.Equal(t, &plain, mailSpec(t, mailShop).Nodes[0].Queue)

	full := posting(consumer, consumer+`
prefetch = 0
visibility_timeout = "30s"
max_deliveries = 5
dead_letter = "rest"
capacity = 100
when_full = "block"
partitions = 3
durable = false
`, "[queue.rest]\nconsumer = \"mailer.send\"\n")
	want := plain
	want.Prefetch, want.Visibility, want.MaxDeliveries, want.DeadLetter = node.None, 30*sim.Second, 5, 2
	want.Capacity, want.WhenFull, want.Partitions, want.Volatile = 100, node.FullBlocks, 3, true
	assert.Equal(t, &want, mailSpec(t, full).Nodes[0].Queue)

	for keys, prefetch := range map[string]int{"concurrency = 7": 7, "cores = 3": 3, "cores = 3\nconcurrency = 7": 7} {
		assert.Equal(t, prefetch, mailSpec(t, posting("[server.mailer]", "[server.mailer]\n"+keys, "")).Nodes[0].Queue.Prefetch, keys)
	}
	assert.Equal(t, "request", mailSpec(t, posting(`"mailer.send"`, `"mailer"`, "on.request = []\n")).Nodes[0].Queue.Consumer.Op)
	// A client may publish by itself, whatever it asks for.
	direct := "[client.users]\ntarget = \"mail\"\nrequests = { a = 1, b = 2 }\narrivals = \"poisson 10/s\"\n" + mailShop[strings.Index(mailShop, "[queue"):]
	mailSpec(t, direct)
}

func TestPresetsOfQueuesAreWhatTheyGive(t *testing.T) {
	for i := range node.QueuePresets {
		p := &node.QueuePresets[i]
		name, written := "[queue.mail]\ntype = \""+p.Name+"\"", "[queue.mail]"
		for _, f := range p.Figures {
			written += "\n" + f.Key + " = " + f.Value
		}
		got, want := mailSpec(t, posting("[queue.mail]", name, "")), mailSpec(t, posting("[queue.mail]", written, ""))
		assert.Equal(t, p.Name, got.Nodes[0].Queue.Type)
		assert.Contains(t, got.Nodes[0].Detail(), p.Name)
		want.Nodes[0].Queue.Type = p.Name
		assert.Equal(t, want.Nodes[0].Queue, got.Nodes[0].Queue)
		for _, f := range p.Figures {
			assert.Contains(t, printed(t, posting("[queue.mail]", name, ""), "", Options{}), f.Key+" = "+f.Value)
		}
	}
}

func TestQueuesThatMeanNothing(t *testing.T) {
	const consumer = `consumer = "mailer.send"`
	more := func(lines string) string { return posting(consumer, consumer+"\n"+lines, "") }
	told(t, []finding{
		{posting(`"mailer.send"`, `"mailer.sent"`, ""), `7:12: error[E502]: queue.mail.consumer: server "mailer" has no operation "sent"; did you mean "send"?`, "its operations are send"},
		{posting(`"mailer.send"`, `"users"`, ""), `7:12: error[E505]: queue.mail.consumer: "users" is a client; this must be a server`, ""},
		{posting(`"mailer.send"`, `"lb.send"`, "[load_balancer.lb]\ntargets = [\"mailer\"]\n"), `7:12: error[E505]: queue.mail.consumer: "lb" is a load balancer; this must be a server`, "consumers fetch their messages themselves"},
		{more(`visibility_timeout = "1us"`), `8:22: warning[W410]: queue.mail.visibility_timeout: its consumer works on a message for 1ms on average: most are delivered again meanwhile`, `hint: for example visibility_timeout = "5ms"`},
		{posting(`publish = "mail"`, `publish = "mail.now"`, ""), `5:27: error[E502]: server.web.on.request[0].publish: a queue has no operations`, `write "mail"`},
		{posting(`publish = "mail"`, `call = "mail"`, ""), `5:24: error[E505]: server.web.on.request[0].call: "mail" is a queue; this must be a load balancer or a server or a database or an external service or a cache or a CDN`, `a queue is written to: { publish = "mail" }`},
		{posting(`publish = "mail"`, `publish = "mailer"`, ""), `5:27: error[E505]: server.web.on.request[0].publish: "mailer" is a server; this must be a queue`, `{ call = "mailer" }`},
		{posting(consumer, "", ""), `6:1: error[E203]: queue.mail.consumer: missing key "consumer"`, ""},
		{more(`when_full = "block"`), `8:1: error[E203]: queue.mail.when_full: the key capacity is missing: without it this changes nothing`, "capacity = 10_000"},
		{more("dead_letter = \"mail\""), `8:1: error[E203]: queue.mail.dead_letter: the key max_deliveries is missing: without it this changes nothing`, "max_deliveries = 5"},
		{more("max_deliveries = 2\ndead_letter = \"mail\""), `9:15: error[E403]: queue.mail.dead_letter: dead letters can never leave: mail → mail`, "let the last of them keep its dead letters"},
		{more("max_deliveries = 2\ndead_letter = \"mailer\""), `9:15: error[E505]: queue.mail.dead_letter: "mailer" is a server; this must be a queue`, ""},
		{more("capacity = 0"), `8:12: error[E302]: queue.mail.capacity: must be from 1 to 1000000000, got 0`, ""},
		{more("partitions = 0"), `8:14: error[E302]: queue.mail.partitions: must be from 1 to 100000, got 0`, ""},
		{more("visibility_timeout = \"0s\""), `8:22: error[E302]: queue.mail.visibility_timeout: must be more than 0s, got "0s"`, ""},
		{more("type = \"rabitmq\""), `8:8: error[E205]: queue.mail.type: unknown value "rabitmq"; did you mean "rabbitmq"?`, ""},
		{posting(consumer, consumer+"\npartitions = 2", "instances = 3\n"), `8:14: warning[W403]: queue.mail.partitions: 2 partitions for 3 instances of "mailer": 1 of them never get a message`, "partitions = 3"},
		{posting(consumer, consumer+"\ntype = \"kafka\"", "instances = 3\n"), `8:8: warning[W403]: kafka queue.mail.partitions: 1 partition for 3 instances of "mailer": 2 of them never get a message`, "partitions = 3"},
		{posting(consumer, consumer+"\nprefetch = 9", "concurrency = 2\nbacklog = 3\n"), `8:12: warning[W403]: queue.mail.prefetch: an instance of "mailer" has room for 5…`, "prefetch = 5"},
		{posting(`[{ cpu = "1ms" }]`, `[{ publish = "mail" }]`, ""), `9:24: error[E403]: server.mailer.on.send[0].publish: requests can never leave: mailer.send → mailer.send`, ""},
	})
}

// Messages are no calls: nobody holds a worker for what they lead to, unless
// they wait for room.
func TestAMessageToOneselfIsNoDeadlock(t *testing.T) {
	again := strings.Replace(posting("[server.mailer]", "[server.mailer]\nconcurrency = 2", ""), `{ cpu = "1ms" }`, `{ choose = [{ weight = 9, steps = [] }, { weight = 1, steps = [{ publish = "mail" }] }] }`, 1)
	_, report := specOf(memory{"shop.toml": again}, "shop.toml", Options{}, "")
	assert.Empty(t, headlines(report))
	blocks := strings.Replace(again, "[queue.mail]", "[queue.mail]\ncapacity = 5\nwhen_full = \"block\"", 1)
	_, report = specOf(memory{"shop.toml": blocks}, "shop.toml", Options{}, "")
	require.Len(t, headlines(report), 1)
	assert.Contains(t, headlines(report)[0], "W405")
	endless := strings.Replace(again, "weight = 9", "weight = 0", 1)
	_, report = specOf(memory{"shop.toml": endless}, "shop.toml", Options{}, "")
	require.Len(t, headlines(report), 1)
	assert.Contains(t, headlines(report)[0], "E403")
	assert.Contains(t, headlines(report)[0], ".publish: requests can never leave")
}

func TestTheConsumerGetsTheRateOfTheMessages(t *testing.T) {
	loads := mailSpec(t, mailShop).Loads()
	assert.InDelta(t, 10, loads[0].Rate, 1e-9)
	assert.InDelta(t, 10, loads[1].Rate, 1e-9)
	assert.InDelta(t, 0.01, loads[1].CPU, 1e-9)
	_, report := specOf(memory{"shop.toml": posting(`"poisson 10/s"`, `"poisson 1500/s"`, "")}, "shop.toml", Options{}, "")
	found := strings.Join(headlines(report), "\n")
	assert.Contains(t, found, "warning[W406]: queue.mail: offered load 1.5: its consumer may hold fewer messages at a time than come while it works on one: prefetch, or partitions, let it have 1; needs ≥ 2")
	assert.Contains(t, found, "warning[W406]: server.mailer: offered load 1.5")
}

func TestLostMessagesOfQueuesAreMissed(t *testing.T) {
	lossy := posting(`publish = "mail"`, `publish = "mail", timeout = "1s"`, "[network]\nloss = 0.1\n")
	lossy = strings.Replace(lossy, "arrivals", "timeout = \"2s\"\narrivals", 1)
	_, report := specOf(memory{"shop.toml": lossy}, "shop.toml", Options{}, "")
	require.Len(t, headlines(report), 1)
	assert.Contains(t, headlines(report)[0], "warning[W404]: queue.mail: messages are lost, and no delivery ever times out")
}
