package study

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/node"
)

// The outage suite: failures as others describe them. The set-ups are those of
// github.com/marcbrooker/stability-sim, a minute each; what ours had to change
// in one is said there. Each must end as they say, and stay well without what
// sets it off.

// ending is how some replications of an outage went.
type ending struct {
	lines []*node.Timeline // of the first client
	snaps []*node.Snapshot
	spec  *node.Spec
}

const outageReplications = 3

// outage simulates a topology over so many seconds from an empty start.
func outage(t *testing.T, seconds float64, text string) ending {
	t.Helper()
	spec := *specOf(t, text+runTable(seconds, 0, outageReplications, 1))
	spec.Timeline = true
	e := ending{spec: &spec}
	f := newFigures(&spec)
	f.keep = func(s *node.Snapshot) { e.lines = append(e.lines, s.Clients[0].Timeline) }
	require.NoError(t, f.replicate(outageReplications, Options{}, &ticker{}))
	require.Len(t, e.lines, outageReplications)
	e.snaps = f.snaps
	return e
}

// good is the share of the requests due from one second to another that were
// answered, and their mean latency in seconds.
func (e *ending) good(from, to float64) (share, latency float64) {
	offered, ok, sum := 0.0, 0.0, 0.0
	for _, line := range e.lines {
		for i, c := range line.Cells {
			at := float64(i) * line.Grain.Seconds()
			if at >= from && at < to {
				offered, ok, sum = offered+float64(c.Offered), ok+float64(c.OK), sum+float64(c.Latency)/1e9
			}
		}
	}
	return ratio(ok, offered), ratio(sum, ok)
}

// share is the share of them that was answered.
func (e *ending) share(from, to float64) float64 {
	share, _ := e.good(from, to)
	return share
}

// latency is the mean of those that were answered.
func (e *ending) latency(from, to float64) float64 {
	_, latency := e.good(from, to)
	return latency
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// attempts is how many attempts the requests of the clients took, each.
func (e *ending) attempts() float64 {
	attempts, offered := 0.0, 0.0
	for _, s := range e.snaps {
		for _, op := range s.Clients[0].Ops {
			attempts, offered = attempts+float64(op.Attempts), offered+float64(op.Offered)
		}
	}
	return ratio(attempts, offered)
}

// at sums a count of a node over the replications.
func (e *ending) at(t *testing.T, name string, count func(n *node.NodeStats) float64) float64 {
	t.Helper()
	for i := range e.spec.Nodes {
		if e.spec.Nodes[i].Name != name {
			continue
		}
		sum := 0.0
		for _, s := range e.snaps {
			sum += count(&s.Nodes[i])
		}
		return sum
	}
	require.FailNow(t, "there is no such node", name)
	return 0
}

// Half of the servers are away for five seconds. What has waited for longer than
// a second is asked for again, four times in all: the load becomes 280 a second
// on 100, and stays.
func TestRetriesKeepUpAnOutageOfFiveSeconds(t *testing.T) {
	text := func(retries int, fault string) string {
		return fmt.Sprintf(`[client.users]
target = "lb"
arrivals = "poisson 70/s"
timeout = "1s"
retries = %d
[load_balancer.lb]
targets = ["app"]
[server.app]
instances = 2
concurrency = 5
backlog = 10000
on.request = [{ wait = "exp 100ms" }]
%s`, retries, fault)
	}
	const down = "[[fault]]\nat = \"5s\"\nkill = \"app[1]\"\nfor = \"5s\"\n"
	collapsed := outage(t, 60, text(3, down))
	assert.Greater(t, collapsed.share(0, 4), 0.99)
	assert.Less(t, collapsed.share(20, 60), 0.02, "fifty seconds later nobody is answered yet")
	assert.InDelta(t, 4, collapsed.attempts(), 0.5, "each is tried as often as it may be")
	assert.InDelta(t, 1, calmShare(t, text(3, "")), 0.01, "without the outage it is well")
	once := outage(t, 60, text(0, down))
	assert.Greater(t, once.share(30, 60), 0.99, "and without the retries it gets well")
}

// calmShare is the share that is answered over the whole of a minute.
func calmShare(t *testing.T, text string) float64 {
	t.Helper()
	e := outage(t, 60, text)
	return e.share(0, 59)
}

// The more is asked, the more garbage there is to collect, the less is answered in
// time, the more is asked again. Theirs has service times that grow with the load;
// ours has the pauses themselves, 600 ms for every hundred requests. A hundred at
// once, as theirs, end it in some runs and not in others; a second of eight times
// the load does in all.
func TestGarbageCollectionSpiralsAfterABurst(t *testing.T) {
	text := func(retries int, fault string) string {
		return fmt.Sprintf(`[client.users]
target = "app"
arrivals = "poisson 80/s"
timeout = "1s"
retries = %d
[server.app]
concurrency = 10
backlog = 200
gc = { every_allocated = "100MB", allocates = "1MB", pause = "600ms" }
on.request = [{ wait = "exp 8ms" }]
%s`, retries, fault)
	}
	const burst = "[[fault]]\nat = \"10s\"\nsurge = \"users\"\nfactor = 8\nfor = \"1s\"\n"
	spiral := outage(t, 60, text(3, burst))
	assert.Greater(t, spiral.share(0, 9), 0.99)
	assert.Less(t, spiral.share(20, 59), 0.1, "no recovery")
	assert.Greater(t, spiral.attempts(), 3.5)
	assert.InDelta(t, 1, calmShare(t, text(3, "")), 0.01, "without the burst it is well")
	once := outage(t, 60, text(0, burst))
	assert.Greater(t, once.share(20, 59), 0.99, "and without retries it gets well")
}

// The database slows down by 20 while the cache forgets after five seconds. Theirs
// has 20 connections, of which the misses of 100 items take seven at most, so
// that ours sheds nothing then; with one connection it does, and what was not
// entered meanwhile is asked for when the database is fast again.
func TestACacheThatExpiresShedsWhileItsDatabaseIsSlow(t *testing.T) {
	text := func(connections int, fault string) string {
		return fmt.Sprintf(`[client.users]
target = "web"
arrivals = "poisson 200/s"
keys = "uniform n=100"
[server.web]
on.request = [{ get = "cache", miss = [{ call = "db" }] }]
[cache.cache]
capacity = 80
ttl = "5s"
[server.db]
concurrency = %d
backlog = 80
on.request = [{ wait = "exp 5ms" }]
%s`, connections, fault)
	}
	const slow = "[[fault]]\nat = \"10s\"\nslow = \"db\"\nfactor = 20\nfor = \"5s\"\n"
	few := outage(t, 60, text(1, slow))
	assert.Greater(t, few.share(5, 10), 0.99)
	assert.Less(t, few.share(12, 15), 0.8, "shedding")
	before, after := few.latency(5, 10), few.latency(15, 16)
	assert.Greater(t, after, 5*before, "it is not well at once")
	assert.InEpsilon(t, before, few.latency(25, 60), 0.25, "but at last")
	assert.Greater(t, few.share(20, 60), 0.999)
	assert.Greater(t, calmShare(t, text(1, "")), 0.99, "without the slowness")
	many := outage(t, 60, text(20, slow))
	assert.InDelta(t, 1, many.share(0, 60), 0, "with their 20 connections")
	assert.Greater(t, many.latency(11, 15), 5*many.latency(5, 10), "although it is slow")
}

// Whatever is asked for must come from the database after a flush: 300 a second
// on 60.
func TestAFlushedCacheOverwhelmsItsDatabase(t *testing.T) {
	text := func(cache, fault string) string {
		return fmt.Sprintf(`[client.users]
target = "web"
arrivals = "poisson 300/s"
keys = "uniform n=50"
timeout = "1s"
[server.web]
on.request = [{ get = "cache", miss = [{ call = "db" }] }]
[cache.cache]
ttl = "30s"
warm = true
%s[server.db]
concurrency = 30
on.request = [{ wait = "exp 500ms" }]
%s`, cache, fault)
	}
	const flush = "[[fault]]\nat = \"10s\"\nflush = \"cache\"\n"
	flushed := outage(t, 25, text("", flush))
	calm := outage(t, 25, text("", ""))
	assert.Less(t, flushed.share(10, 11), 0.8)
	worst := func(n *node.NodeStats) float64 { return float64(n.Workers.Wait.Max()) / 1e9 / outageReplications }
	assert.Greater(t, flushed.at(t, "db", worst), 1.0, "the database is overwhelmed")
	assert.Less(t, calm.at(t, "db", worst), 0.2)
	assert.Greater(t, calm.share(10, 11), 0.9)
	assert.Greater(t, flushed.share(16, 20), 0.9, "each item is entered again but once")
	misses := func(n *node.NodeStats) float64 { return float64(n.Arrivals) }
	assert.Greater(t, flushed.at(t, "db", misses)-calm.at(t, "db", misses), 2.0*50*outageReplications, "each item is asked for by many")
	coalesced := outage(t, 25, text("coalesce = true\n", flush))
	assert.Greater(t, coalesced.share(10, 11), 1.3*flushed.share(10, 11), "once for each item")
}

// At a load of 1 the queue wanders: at times all are late, at times none.
func TestTimeoutsAtALoadOfOneComeAndGo(t *testing.T) {
	text := func(rate int) string {
		return fmt.Sprintf(`[client.users]
target = "app"
arrivals = "poisson %d/s"
timeout = "1s"
[server.app]
concurrency = 10
on.request = [{ wait = "exp 100ms" }]
`, rate)
	}
	e := outage(t, 60, text(100))
	bad, well := 0, 0
	for _, line := range e.lines {
		whole := ending{lines: []*node.Timeline{line}}
		for at := 0.0; at < 59; at++ {
			if share := whole.share(at, at+1); share < 0.8 {
				bad++
			} else if share == 1 {
				well++
			}
		}
	}
	assert.Greater(t, bad, 5)
	assert.Greater(t, well, 5)
	assert.InDelta(t, 1, calmShare(t, text(70)), 0.001)
}

// Who fails fastest has the fewest requests in flight, and gets the next.
func TestWhoFailsFastSwallowsTheTrafficOfLeastConnections(t *testing.T) {
	text := func(policy, fault string) string {
		return fmt.Sprintf(`[client.users]
target = "lb"
arrivals = "poisson 150/s"
timeout = "1s"
retries = { max = 3, budget = "10%%" }
[load_balancer.lb]
policy = %q
targets = ["app"]
[server.app]
instances = 3
concurrency = 20
on.request = [{ wait = "exp 50ms" }]
%s`, policy, fault)
	}
	const crash = "[[fault]]\nat = \"8s\"\nkill = \"app[1]\"\nfor = \"10s\"\n"
	sink, turns := outage(t, 30, text("least-connections", crash)), outage(t, 30, text("round-robin", crash))
	assert.Less(t, sink.share(9, 18), 0.3, "nearly everybody")
	assert.Greater(t, turns.share(9, 18), 0.6, "a third, of whom some try again")
	assert.InDelta(t, 1, sink.share(19, 29), 0.001, "it ends with the crash")
	assert.InDelta(t, 1, calmShare(t, text("least-connections", "")), 0, "without it")
}

// The server works as fast as it can, for people who have gone. Who takes the
// last one first has a few who wait for ever, and all others in time.
func TestGoodputCollapsesWhereThroughputDoesNot(t *testing.T) {
	text := func(order, fault string) string {
		return fmt.Sprintf(`[client.users]
target = "app"
arrivals = "poisson 90/s"
timeout = "1s"
[server.app]
concurrency = 10
scheduling = %q
on.request = [{ wait = "exp 100ms" }]
%s`, order, fault)
	}
	const slow = "[[fault]]\nat = \"8s\"\nslow = \"app\"\nfactor = 3\nfor = \"8s\"\n"
	first, last := outage(t, 60, text("fcfs", slow)), outage(t, 60, text("lifo", slow))
	assert.Less(t, first.share(16, 40), 0.05, "goodput about 0")
	assert.Greater(t, last.share(16, 40), 0.9)
	done := func(n *node.NodeStats) float64 { return float64(n.Completions) / 60 / outageReplications }
	// Eight seconds of 90/s, eight of a third of 100/s, and 44 of 100/s at most.
	assert.InDelta(t, (8*90+8*33.3+44*100)/60, first.at(t, "app", done), 4, "throughput as high as can be")
	assert.InEpsilon(t, first.at(t, "app", done), last.at(t, "app", done), 0.03, "no more than that")
	assert.Greater(t, calmShare(t, text("fcfs", "")), 0.95)
}

// A slow database holds on to the connections, those to the workers, and all
// wait. Theirs has the database fifteen times as slow, which takes 11 of 20
// connections (150/s of 75 ms): it must reach the database, and does; forty
// times as slow takes more than there are.
func TestASlowDatabaseExhaustsConnectionsAndWorkers(t *testing.T) {
	text := func(factor int) string {
		return fmt.Sprintf(`[client.users]
target = "web"
arrivals = "poisson 150/s"
[server.web]
concurrency = 50
backlog = 500
pool = { db = { size = 20 } }
on.request = [{ wait = "exp 2ms" }, { call = "db" }]
[server.db]
concurrency = 20
on.request = [{ wait = "exp 5ms" }]
[[fault]]
at = "8s"
slow = "db"
factor = %d
for = "5s"
`, factor)
	}
	calm, theirs, ours := outage(t, 30, text(1)), outage(t, 30, text(15)), outage(t, 30, text(40))
	work := func(n *node.NodeStats) float64 { return n.Workers.Busy.Float64() / 1e9 / outageReplications }
	assert.InEpsilon(t, 150*0.005*30, calm.at(t, "db", work), 0.05)
	assert.InEpsilon(t, 150*(0.005*25+0.075*5), theirs.at(t, "db", work), 0.08, "it reaches the database")
	assert.InDelta(t, 0.077, theirs.latency(9, 12), 0.012, "and everybody has a connection")
	assert.InDelta(t, 0.007, calm.latency(9, 12), 0.001)
	// 100/s of 150/s: 50 more each second, of whom 20 have a connection.
	assert.Greater(t, ours.latency(11, 13), 3*0.202, "they wait for it")
	full := func(n *node.NodeStats) float64 { return float64(n.Workers.Wait.Max()) }
	assert.Greater(t, ours.at(t, "web", full), 0.1e9, "and for workers, which wait for connections")
	assert.Zero(t, theirs.at(t, "web", full))
	assert.InDelta(t, 0.007, ours.latency(20, 30), 0.001, "it is over when the database is well")
	assert.InDelta(t, 1, ours.share(0, 29), 0)
}

// A queue that a burst has left is there until what is spare has worked it off:
// 100 requests, at 10/s less the load. (metastable_state of happy-simulator: 9/s
// stays bad, 5/s recovers.)
func TestHowLongABurstLastsIsWhatIsSpare(t *testing.T) {
	text := func(rate, retries int, burst bool) string {
		between := strings.Repeat(fmt.Sprintf(", { duration = \"0s\", target = \"%d/s\" }", rate), 1)
		peak := rate
		if burst {
			peak = 20
		}
		return fmt.Sprintf(`[client.users]
target = "app"
arrivals = "constant %d/s"
stages = [{ duration = "20s", target = "%d/s" }, { duration = "0s", target = "%d/s" }, { duration = "10s", target = "%d/s" }%s]
timeout = "3s"
retries = %d
[server.app]
concurrency = 1
on.request = [{ wait = "100ms" }]
`, rate, rate, peak, peak, between, retries)
	}
	for _, rate := range []int{9, 7, 5, 3} {
		e := outage(t, 130, text(rate, 0, true))
		// Late is who finds 30 before him or more.
		over := 30 + 70/float64(10-rate)
		assert.InDelta(t, 1, e.share(0, 22), 0.001, rate)
		assert.Less(t, e.share(34, min(over, 100)-1), 0.05, "%d/s is bad", rate)
		assert.Greater(t, e.share(over+2, 127), 0.999, "%d/s has recovered after %.0f s", rate, over)
		calm := outage(t, 60, text(rate, 0, false))
		assert.InDelta(t, 1, calm.share(0, 56), 0, "no burst at %d/s", rate)
	}
	// With one retry the load of those who are late is double: 3/s is below
	// what the server can do even so, 7/s is not.
	assert.Greater(t, func() float64 { e := outage(t, 130, text(3, 1, true)); return e.share(80, 120) }(), 0.999)
	assert.Less(t, func() float64 { e := outage(t, 130, text(7, 1, true)); return e.share(80, 120) }(), 0.05)
}
