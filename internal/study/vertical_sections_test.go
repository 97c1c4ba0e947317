package study

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
)

func writeYear(t *testing.T, b *strings.Builder) {
	section(b, "Redundancy multiplies the availability, and the balancer must be redundant too",
		"capsim compare topologies/vertical-vs-horizontal-year.toml")
	// Each machine is away for 1 of 721 hours, whatever the others do.
	const away = 1.0 / 721
	theory := map[string]float64{
		"one": away, "two": away * away, "two-and-a-balancer": 1 - (1-away)*(1-away*away), "two-and-two-balancers": 1 - (1-away*away)*(1-away*away),
	}
	b.WriteString("| design | USD a month | requests not answered | theory | hours a year |\n| :--- | ---: | ---: | ---: | ---: |\n")
	for _, design := range []string{"one", "two", "two-and-a-balancer", "two-and-two-balancers"} {
		r := simulate(t, "-year", design)
		failed := r.Clients["users"].ErrorRatio
		fmt.Fprintf(b, "| %s | %.0f | %s | %.2g %% | %.3g |\n", design, *r.Cost.Monthly.Mean, inPercent(failed), 100*theory[design], 8760**failed.Mean)
		assert.InDelta(t, theory[design], *failed.Mean, max(1.6**failed.HalfWidth, 5e-6), "%s: within the interval of 99.8 %%", design)
	}
	b.WriteString("\n**Borne out.** Two machines, either of which is enough, square what one is away for; one\nbalancer before them gives all of it back. The model's failures are independent of each\nother: what kills both at once (a bad release, a zone) is not in these figures.\n\n")
}

func writeUpgrade(t *testing.T, b *strings.Builder) {
	section(b, "An upgrade of one machine is an outage; a rolling one is none", "capsim compare topologies/vertical-vs-horizontal-upgrade.toml --loads 1 --no-failures")
	b.WriteString("| design | how | takes | failed requests in each upgrade | p99 of the window |\n| :--- | :--- | ---: | ---: | ---: |\n")
	for _, design := range []string{"vertical", "largest", "hybrid", "horizontal", "sticky"} {
		r := simulate(t, "-upgrade", design)
		require.Len(t, r.Deploys, 1)
		d, n := r.Deploys[0], float64(r.Run.Replications)
		took := *d.FinishedS - 20
		how := "one at a time"
		if r.Clients["users"].Errors["unavailable"] > 0 {
			how = "in place"
		}
		fmt.Fprintf(b, "| %s | %s | %.0f s | %.0f | %.0f ms |\n", design, how, took, float64(d.FailedRequests)/n, 1e3**r.Clients["users"].LatencyS["p99"].Mean)
		if design == "vertical" || design == "largest" {
			assert.InEpsilon(t, 450*30, float64(d.FailedRequests)/n, 0.03, "%s: the rate times the boot", design)
			continue
		}
		assert.Zero(t, d.FailedRequests, design)
		assert.InDelta(t, map[string]float64{"hybrid": 60, "horizontal": 240, "sticky": 240}[design], took, 8, "a boot each, and what is still to be answered")
	}
	b.WriteString("\n**Borne out.** In place all that come in the 30 s that a boot takes are lost: 450/s · 30 s =\n13,500. One at a time none is, and eight machines take eight boots for it.\n\n")
}

// paired is the difference between the means of two designs.
func meanApart(t *testing.T, a, b *node.Spec) (latency result.Estimate, monthly float64) {
	t.Helper()
	c, err := Compare([]*node.Spec{a, b}, Options{})
	require.NoError(t, err)
	i := slices.IndexFunc(c.Differences, func(d result.Difference) bool { return d.Subject == "users" && d.Metric == "latency_s.mean" })
	require.GreaterOrEqual(t, i, 0)
	return c.Differences[i].Difference, *c.Designs[1].Cost.Monthly.Mean - *c.Designs[0].Cost.Monthly.Mean
}

func writeOverhead(t *testing.T, b *strings.Builder) {
	light := []string{"client.users.arrivals=poisson 40/s", "run.duration=20m"}
	section(b, "Balancer, network and store cost time and money before they bring anything",
		"capsim run topologies/vertical-vs-horizontal.toml --design horizontal --duration 20m --set server.app.instances=1 --set 'client.users.arrivals=poisson 40/s'")
	more, monthly := meanApart(t, upOrOut(t, "", "vertical", append(light, "server.app.type=aws:m7i.large")...), upOrOut(t, "", "horizontal", append(light, "server.app.instances=1")...))
	// A hop there and back, what the balancer adds, a hop to the store and
	// back, and the look-up.
	const expected = 2*0.25e-3 + 0.1e-3 + 2*0.25e-3 + 0.4e-3
	assert.InDelta(t, expected, *more.Mean, 1.6**more.HalfWidth)
	assert.Less(t, *more.HalfWidth, 0.3e-3)
	assert.InDelta(t, 4*0.0408*730, monthly, 0.01)
	fmt.Fprintf(b, "**Borne out.** The same machine of 2 cores, idle but for 40/s, reached through a balancer and\nwith its sessions in a store, answers **%.2f ± %.2f ms** later on average (a hop there and back\n0.5 ms, the balancer 0.1, the store 0.9: 1.5 ms), and two balancers and two stores cost **%.0f USD\na month** more. The work of a balancer is a time here, not a use of its cores: the model\nlets it pass any number of requests.\n\n",
		1e3**more.Mean, 1e3**more.HalfWidth, monthly)
}

func writePooling(t *testing.T, b *strings.Builder) {
	section(b, "One queue for all cores is better than one before each machine",
		"capsim run topologies/vertical-vs-horizontal.toml --design vertical --load 3 --set server.app.scaling.contention=0 --set server.app.scaling.coherency=0")
	even := []string{"server.app.scaling.contention=0", "server.app.scaling.coherency=0", "client.users.arrivals=poisson 1350/s"}
	p99 := func(design string, settings ...string) result.Estimate {
		return simulate(t, "", design, append(even, settings...)...).Clients["users"].LatencyS["p99"]
	}
	one, fewest, turns := p99("vertical"), p99("horizontal"), p99("horizontal", "load_balancer.lb.policy=round-robin")
	slowed := simulate(t, "", "vertical").Clients["users"].LatencyS["p99"]
	spread := simulate(t, "", "horizontal").Clients["users"].LatencyS["p99"]
	ms := func(e result.Estimate) string { return fmt.Sprintf("%.1f ± %.1f ms", 1e3**e.Mean, 1e3**e.HalfWidth) }
	fmt.Fprintf(b, "| 16 cores, each 84 %% busy, that do not get into each other's way | p99 |\n| :--- | ---: |\n| one machine | %s |\n| eight, fewest requests in flight | %s |\n| eight in turn | %s |\n", ms(one), ms(fewest), ms(turns))
	assert.Less(t, *one.Mean+*one.HalfWidth, *fewest.Mean-*fewest.HalfWidth)
	assert.Greater(t, *turns.Mean, 1.8**fewest.Mean)
	assert.Greater(t, *slowed.Mean, 1.5**spread.Mean)
	fmt.Fprintf(b, "\n**Borne out, and outweighed.** A balancer that counts what is in flight gives back most of what\neight queues cost. With the file's `scaling`, at today's load, it is the other way round: one\nmachine of 16 cores %s, eight of 2 %s, for each core of the large one is slower.\n\n", ms(slowed), ms(spread))
}

func writeState(t *testing.T, b *strings.Builder, one []heldBy) {
	section(b, "Servers without state scale better than sticky sessions", "capsim stress topologies/vertical-vs-horizontal.toml --design sticky --duration 30s")
	free, bound := hold(t, "horizontal", "30s", "", "horizontal"), hold(t, "sticky", "30s", "", "sticky")
	few := hold(t, "hybrid", "30s", "", "hybrid")
	b.WriteString("| 16 cores | holds | USD a month | USD for 100/s |\n| :--- | ---: | ---: | ---: |\n")
	for _, h := range []heldBy{one[3], few, free, bound} {
		fmt.Fprintf(b, "| %s | %.0f ± %.0f/s | %.0f | %.1f |\n", h.name, h.rate, h.half, h.monthly, h.perHundred())
	}
	assert.Less(t, bound.rate+bound.half, free.rate-free.half)
	assert.Less(t, bound.monthly, free.monthly)
	assert.Greater(t, few.rate-few.half, one[3].rate+one[3].half)
	assert.Less(t, few.rate+few.half, free.rate-free.half)
	assert.Greater(t, bound.perHundred(), free.perHundred(), "although it has no store")
	fmt.Fprintf(b, `
**Borne out, for the load that is held:** bound by their addresses, users are uneven, and the
fullest machine ends it at %.0f %% of what free ones hold. It does without a store, and 100/s
cost more nevertheless. Besides, who was on a machine that dies has lost his session.
[`+"`sticky-vs-stateless`"+`](../topologies/sticky-vs-stateless.toml) has users who come back, by cookie.

The hybrid, two machines of 8 cores, lies between one and eight: %.0f %% of what eight hold,
%.0f %% more than one, at the price of eight, with two machines to look after.
`, 100*bound.rate/free.rate, 100*few.rate/free.rate, 100*(few.rate/one[3].rate-1))
	b.WriteString("\n")
}

func writeData(t *testing.T, b *strings.Builder) {
	section(b, "Replicas scale reads, shards also writes, until a key is hot",
		"capsim stress topologies/vertical-vs-horizontal-data.toml --design replicas --duration 90s\n# writes alone:\ncapsim stress topologies/vertical-vs-horizontal-data.toml --design replicas --duration 90s --set client.shoppers.requests.read=0")
	b.WriteString("| design | USD a month | --duration | holds, 80 % reads | holds, writes alone | stale reads | hottest shard has |\n| :--- | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	mixed, writes := map[string]heldBy{}, map[string]heldBy{}
	stale, hottest := map[string]float64{}, map[string]float64{}
	for _, row := range [][2]string{{"one", "3m"}, {"bigger", "15s"}, {"replicas", "90s"}, {"shards", "30s"}, {"hot-shard", "30s"}} {
		design, window := row[0], row[1]
		mixed[design] = hold(t, design, window, "-data", design)
		writes[design] = hold(t, design+", writes", window, "-data", design, "client.shoppers.requests.read=0")
		d := simulate(t, "-data", design).Nodes["orders"].Database
		stale[design], hottest[design] = *d.StaleReadRatio.Mean, 1
		if len(d.Shards) > 1 {
			most := slices.MaxFunc(d.Shards, func(a, b result.Shard) int { return int(a.Reads+a.Writes) - int(b.Reads+b.Writes) })
			hottest[design] = float64(most.Reads+most.Writes) / float64(d.Reads+d.Writes)
		}
		m, w := mixed[design], writes[design]
		fmt.Fprintf(b, "| %s | %.0f | %s | %.0f ± %.0f/s | %.0f ± %.0f/s | %.2f %% | %.0f %% |\n", design, m.monthly, window, m.rate, m.half, w.rate, w.half, 100*stale[design], 100*hottest[design])
	}
	dataClaims(t, mixed, writes, stale, hottest)
	fmt.Fprintf(b, `
**Borne out.** Three replicas bear %.1f times the traffic of one machine that is mostly reads, and
of writes not one more: every write goes to the one primary. One read in %.0f then shows what
is no longer so. Four shards cost as much and bear %.1f times the reads and writes, and %.1f times
the writes; with a few hot keys one of them gets %.0f %% of all, is full first and ends it at
%.1f times. The largest machine of the list bears %.1f times as much at 16 times the price.
`, mixed["replicas"].rate/mixed["one"].rate, 1/stale["replicas"], mixed["shards"].rate/mixed["one"].rate, writes["shards"].rate/writes["one"].rate,
		100*hottest["hot-shard"], mixed["hot-shard"].rate/mixed["one"].rate, mixed["bigger"].rate/mixed["one"].rate)
}

// dataClaims are what is said of replicas and shards.
func dataClaims(t *testing.T, mixed, writes map[string]heldBy, stale, hottest map[string]float64) {
	t.Helper()
	assert.Greater(t, mixed["replicas"].rate, 2*mixed["one"].rate)
	assert.InDelta(t, writes["one"].rate, writes["replicas"].rate, writes["one"].half, "replicas bear no write")
	assert.Greater(t, writes["shards"].rate, 3*writes["one"].rate)
	assert.Greater(t, mixed["shards"].rate-mixed["shards"].half, mixed["hot-shard"].rate+mixed["hot-shard"].half)
	assert.Greater(t, hottest["hot-shard"], 0.4)
	assert.Less(t, hottest["shards"], 0.3)
	// The hottest shard is 2 cores that do the work of 1.92, with 1.2 ms a request.
	for _, design := range []string{"shards", "hot-shard"} {
		assert.Less(t, mixed[design].rate, 1.92/1.2e-3/hottest[design], design)
	}
	assert.Greater(t, stale["replicas"], 0.005)
	for _, design := range []string{"one", "bigger", "shards", "hot-shard"} {
		assert.Zero(t, stale[design], design)
	}
}
