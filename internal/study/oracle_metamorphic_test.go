package study

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim/stats"
)

// shopBlocks is a topology with a bit of everything, as its tables. SPEED
// marks times and rates that belong together.
func shopBlocks(unit float64) []string {
	ms := func(x float64) string { return seconds(x * unit / 1000) }
	return []string{
		fmt.Sprintf("[client.buyers]\ntarget = \"lb\"\narrivals = \"poisson %s\"\nrequests = { browse = 3, buy = 1 }\nkeys = \"zipf s=1 n=1000\"\ntimeout = %q\nretries = { max = 1, backoff = %q }\n",
			perSecond(300/unit), ms(120), "exp "+ms(10)),
		fmt.Sprintf("[client.workers]\ntarget = \"web.buy\"\nusers = 10\nthink = %q\n", "exp "+ms(400)),
		"[load_balancer.lb]\npolicy = \"least-connections\"\ntargets = [\"web\", \"spare\"]\n",
		fmt.Sprintf("[server.web]\ninstances = 2\ncores = 2\nconcurrency = 10\nbacklog = 30\nqueue_timeout = %q\n[server.web.on]\nbrowse = [{ cpu = %q }, { get = \"cache\", miss = [{ call = \"db.read\", timeout = %q }] }]\nbuy = [{ parallel = [[{ cpu = %q }], [{ call = \"db.write\", retries = 1 }]] }, { fail = \"1%%\" }]\n",
			ms(50), "lognormal mean="+ms(8)+" cv=1.5", ms(40), "gamma mean="+ms(9)+" cv=2"),
		fmt.Sprintf("[server.spare]\nspeed = 0.5\n[server.spare.on]\nbrowse = [{ cpu = %q }]\nbuy = [{ choose = [{ weight = 1, steps = [{ wait = %q }] }, { weight = 2, steps = [{ cpu = %q }] }] }]\n", "exp "+ms(2), ms(15), "exp "+ms(3)),
		fmt.Sprintf("[cache.cache]\nhit_ratio = 0.7\nlatency = %q\n", "uniform "+ms(0.2)+" "+ms(0.6)),
		fmt.Sprintf("[server.db]\ncores = 2\n[server.db.on]\nread = [{ repeat = \"geometric 2\", steps = [{ cpu = %q }] }]\nwrite = [{ cpu = %q }]\n", "exp "+ms(3), "erlang k=3 mean="+ms(6)),
		fmt.Sprintf("[run]\nduration = %q\nwarmup = %q\nreplications = 2\n", seconds(20*unit), seconds(unit)),
	}
}

func runOne(t *testing.T, text string) outcome {
	t.Helper()
	outcomes, err := runAll([]*node.Spec{specOf(t, text)}, Options{})
	require.NoError(t, err)
	return outcomes[0]
}

func TestHalfTheTimesAtTwiceTheRatesIsTheSameSystem(t *testing.T) {
	slow, fast := runOne(t, strings.Join(shopBlocks(1), "")), runOne(t, strings.Join(shopBlocks(0.5), ""))
	for name, a := range slow.Clients {
		b := fast.Clients[name]
		// A time that ends in an odd nanosecond is rounded when it is halved, so
		// of two events at almost the same moment another may come first.
		assert.InDelta(t, a.Offered, b.Offered, 2, name)
		assert.InDelta(t, a.OK, b.OK, 1e-3*float64(a.OK), name)
		for _, p := range []string{"mean", "p50", "p90"} {
			assert.InEpsilon(t, *a.LatencyS[p].Mean, 2**b.LatencyS[p].Mean, 1e-3, "%s %s", name, p)
		}
		assert.InEpsilon(t, *a.ThroughputRPS.Mean, *b.ThroughputRPS.Mean/2, 1e-3, name)
	}
	for name, a := range slow.Nodes {
		b := fast.Nodes[name]
		assert.InEpsilon(t, *a.InFlight.Mean, *b.InFlight.Mean, 1e-3, name)
		if u := a.Resources["cpu"]; u != nil {
			assert.InEpsilon(t, *u.Utilization.Mean, *b.Resources["cpu"].Utilization.Mean, 1e-3, name)
		}
	}
}

func TestTheOrderOfTheTablesChangesNothing(t *testing.T) {
	blocks := shopBlocks(1)
	before := runOne(t, strings.Join(blocks, ""))
	backwards := slices.Clone(blocks)
	slices.Reverse(backwards)
	for i, b := range backwards { // the keys of each table too, but for its headers
		backwards[i] = reversedKeys(b)
	}
	after := runOne(t, strings.Join(backwards, ""))
	assert.Equal(t, before.Fingerprint, after.Fingerprint)
	assert.JSONEq(t, written(t, before.Result), written(t, after.Result))
	rotated := append(slices.Clone(blocks[3:]), blocks[:3]...)
	assert.JSONEq(t, written(t, before.Result), written(t, runOne(t, strings.Join(rotated, "")).Result))
}

func TestAnotherSystemBesideChangesNoBitOfADeath(t *testing.T) {
	const shop = "[client.users]\ntarget = \"front\"\narrivals = \"poisson 300/s\"\ncancel = true\n[server.front]\non.request = [{ call = \"web\" }]\n" +
		"[server.web]\non.request = [{ call = \"db\" }]\npool.db = { size = 2, connect = \"1ms\" }\n[server.db]\ncores = 2\non.request = [{ cpu = \"exp 10ms\" }]\n" +
		"[run]\nduration = \"4s\"\nwarmup = \"1s\"\nreplications = 2\n[[fault]]\nat = \"2s\"\nkill = \"front\"\nfor = \"1s\"\n"
	const beside = "[client.other]\ntarget = \"far\"\narrivals = \"poisson 500/s\"\n[server.far]\ncores = 8\non.request = [{ cpu = \"exp 10ms\" }]\n"
	alone, both := runOne(t, shop), runOne(t, beside+shop)
	for name := range alone.Nodes {
		assert.JSONEq(t, written(t, alone.Nodes[name]), written(t, both.Nodes[name]), "what dies at one instant dies in an order of its own: %s", name)
	}
}

func TestTheOrderOfTheOperationsOfADatabaseChangesNothing(t *testing.T) {
	tables := []string{"[client.users]\ntarget = \"web\"\narrivals = \"poisson 100/s\"\nkeys = \"zipf s=1 n=1000\"\n",
		"[server.web]\non.request = [{ call = \"orders.get\" }, { call = \"orders.move\" }, { call = \"orders.swap\" }]\npool.orders = { size = 5 }\npool.bank = { size = 3 }\non.other = [{ call = \"bank.get\" }]\n",
		"[database.bank]\nread.get = []\n",
		"[database.orders]\nshards = 3\nreplicas = 1\nreplication = { lag = \"5ms\" }\nread.get = { steps = [{ cpu = \"exp 2ms\" }], priority = 1 }\nread.all = { steps = [], route = \"replicas\" }\n" +
			"transaction.move = { steps = [{ cpu = \"exp 1ms\" }] }\ntransaction.swap = { steps = [{ cpu = \"exp 2ms\" }] }\nengine = { cached = 0.5 }\n",
		"[run]\nduration = \"5s\"\nwarmup = \"1s\"\nreplications = 2\n"}
	before := written(t, runOne(t, strings.Join(tables, "")).Topology)
	for i := range tables {
		tables[i] = reversedKeys(tables[i])
	}
	assert.JSONEq(t, before, written(t, runOne(t, strings.Join(tables, "")).Topology))
}

// reversedKeys turns the keys below each header of a table around.
func reversedKeys(block string) string {
	var out, keys []string
	flush := func() {
		slices.Reverse(keys)
		out = append(out, keys...)
		keys = nil
	}
	for line := range strings.Lines(block) {
		if strings.HasPrefix(line, "[") {
			flush()
			out = append(out, line)
			continue
		}
		keys = append(keys, line)
	}
	flush()
	return strings.Join(out, "")
}

func TestAnotherSystemBesideChangesNoBit(t *testing.T) {
	shop := strings.Join(shopBlocks(1), "")
	alone := runOne(t, shop)
	// Named so that it stands before, between and behind the others.
	for _, name := range []string{"a", "m", "zz"} {
		beside := fmt.Sprintf("[client.%[1]sc]\ntarget = \"%[1]sl\"\narrivals = \"poisson 500/s\"\nrequests = { browse = 1, other = 1 }\n"+
			"[load_balancer.%[1]sl]\npolicy = \"random\"\ntargets = [\"%[1]ss\"]\n[server.%[1]ss]\ninstances = 2\non.browse = [{ cpu = \"exp 1ms\" }]\non.other = [{ wait = \"exp 1ms\" }]\n", name)
		both := runOne(t, beside+shop)
		for c := range alone.Clients {
			assert.JSONEq(t, written(t, alone.Clients[c]), written(t, both.Clients[c]), "client %s beside %s", c, name)
		}
		for n := range alone.Nodes {
			assert.JSONEq(t, written(t, alone.Nodes[n]), written(t, both.Nodes[n]), "node %s beside %s", n, name)
		}
		assert.NotEqual(t, alone.Fingerprint, both.Fingerprint, "the fingerprint is of everything")
	}
}

// TestMoreCoresNeverWorsenAnyWait holds request by request for one station,
// first come first served, where the same customers bring the same work. So
// however long one waits, at most as many wait longer with more cores; the
// histograms tell that, and the overloaded start too.
func TestMoreCoresNeverWorsenAnyWait(t *testing.T) {
	for _, law := range []string{"exp 10ms", "lognormal mean=10ms cv=3", "10ms"} {
		var fewer *stats.Histogram
		for cores := 1; cores <= 6; cores++ {
			out := runOne(t, web(250, fmt.Sprintf("cores = %d", cores), cpu(law))+
				"[run]\nduration = \"60s\"\nwarmup = \"0s\"\ndrain = \"1h\"\nreplications = 2\n")
			require.Zero(t, out.Clients["users"].Unfinished)
			latency := &out.figures.clientTimes(indexOf(out.figures.spec, "users", node.Client)).all
			if fewer != nil {
				require.Equal(t, fewer.Count(), latency.Count(), "the same customers come")
				for b := range fewer.Buckets() {
					assert.GreaterOrEqual(t, atMost(latency, b.High), atMost(fewer, b.High), "%s, %d cores: as quick as %d ns", law, cores, b.High)
				}
				assert.LessOrEqual(t, latency.Max(), fewer.Max())
				assert.LessOrEqual(t, latency.Mean(), fewer.Mean())
			}
			fewer = latency
		}
	}
}

// atMost counts the values in the buckets up to one that ends at high.
func atMost(h *stats.Histogram, high int64) uint64 {
	n := uint64(0)
	for b := range h.Buckets() {
		if b.High <= high {
			n += b.Count
		}
	}
	return n
}

// What keeps nothing changes nothing behind it, be it a read-through cache or
// a CDN: writes and transactions pass through too.
func TestWhatKeepsNothingChangesNothing(t *testing.T) {
	const orders = "[database.orders]\nshards = 3\nreplicas = 1\nconnect = \"1ms\"\nroute_reads = \"replicas\"\nread.get = [{ cpu = \"exp 2ms\" }]\nwrite.put = [{ cpu = \"exp 2ms\" }]\n" +
		"scatter.all = [{ cpu = \"exp 2ms\" }]\ntransaction.move = { steps = [{ cpu = \"exp 2ms\" }] }\n"
	users := func(target, requests string) string {
		return "[client.users]\ntarget = \"" + target + "\"\narrivals = \"poisson 100/s\"\nkeys = \"zipf s=1 n=1000\"\nrequests = { " + requests + " }\n[run]\nduration = \"20s\"\nwarmup = \"1s\"\nreplications = 2\n"
	}
	const requests = "get = 1, put = 1, all = 1, move = 1"
	plain := runOne(t, users("orders", requests)+orders)
	for _, store := range []string{
		"[cache.store]\nhit_ratio = 0\norigin = \"orders\"\n",
		"[cdn.store]\ncacheable = { other = \"1s\" }\norigin = \"orders\"\n",
	} {
		through := runOne(t, users("store", requests)+orders+store)
		assert.JSONEq(t, written(t, plain.Clients["users"].LatencyS), written(t, through.Clients["users"].LatencyS))
		assert.JSONEq(t, written(t, untheoretical(plain.Nodes["orders"])), written(t, untheoretical(through.Nodes["orders"])), "scatters and transactions too")
		assert.JSONEq(t, written(t, plain.Bottleneck), written(t, through.Bottleneck), "what the traffic equations say of it")
	}
	half := runOne(t, users("store", "get = 1")+orders+"[cache.store]\nhit_ratio = 0.5\norigin = \"orders.get\"\n")
	assert.InEpsilon(t, float64(half.Nodes["store"].Cache.Misses), float64(half.Nodes["orders"].Database.Reads), 0.01)
}
