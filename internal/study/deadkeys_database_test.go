package study

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Topologies with a database.
const (
	keyShards = `zones = ["a", "b"]
[client.users]
target = "orders"
arrivals = "poisson 700/s"
keys = "zipf s=1 n=1000"
sources = "uniform n=5"
zone = "b"
[network]
cross_zone = "20ms"
[database.orders]
shards = 4
replicas = 3
shard_by = "hash"
shard_key = "item"
route_reads = "primary"
max_connections = 1000
connect = "1ms"
read.request = [{ cpu = "exp 2ms" }]
`
	keyAccess = `zones = ["a", "b"]
[client.users]
target = "orders"
arrivals = "poisson 300/s"
requests = { get = 1, put = 1, all = 1, move = 1 }
keys = "uniform n=1000"
zone = "b"
[network]
cross_zone = "20ms"
[database.orders]
shards = 4
replicas = 3
scheduling = "priority"
[database.orders.read]
get = { steps = [{ cpu = "exp 1ms" }], route = "primary", priority = 0 }
[database.orders.write]
put = { steps = [{ cpu = "exp 1ms" }], priority = 0 }
[database.orders.scatter]
all = { steps = [{ cpu = "exp 1ms" }], route = "primary", priority = 0 }
[database.orders.transaction]
move = { shards = 2, steps = [{ cpu = "exp 1ms" }], commit = [{ cpu = "exp 1ms" }], priority = 0 }
`
	ordersBusy = "nodes/orders/resources/cpu/utilization"
)

// hostCases are the cases of servers again, for databases: one of a single
// shard without replicas does for its reads what a server does.
func hostCases(cases []keyCase) []keyCase {
	again := strings.NewReplacer("[server.away]\non.", "[server.away]\non.", // a queue's consumer remains a server
		"[server.", "[database.", "\non.", "\nread.", " on.", " read.", ".on]", ".read]")
	var out []keyCase
	for _, c := range cases {
		what, isHost := strings.CutPrefix(c.key, "server.")
		if of, objective := strings.CutPrefix(c.key, "objective.server."); objective {
			c.key = "objective.database." + of
		} else if top, _, _ := strings.Cut(what, "."); isHost && slices.Contains(hostKeys, top) {
			c.key = "database." + what
		} else {
			continue
		}
		if strings.HasPrefix(c.key, "objective.") { // their client comes directly
			c.base = strings.NewReplacer("[load_balancer.lb]\ntargets = [\"web\"]\n", "", `target = "lb"`, `target = "web"`).Replace(c.base)
		}
		if strings.Contains(c.base, "instances") || strings.Contains(c.base, "[load_balancer") || strings.Contains(c.base, "pool.") {
			continue
		}
		c.base, c.old, c.new = again.Replace(c.base), again.Replace(c.old), again.Replace(c.new)
		out = append(out, c)
	}
	return out
}

// hostKeys are the keys that servers and databases have in common.
var hostKeys = []string{
	"type", "cores", "speed", "scaling", "concurrency", "backlog", "queue_timeout", "memory", "memory_base", "memory_per_request",
	"leak_per_request", "boot", "gc",
	"network", "disk", "scheduling", "zones", "price_per_hour", "discount",
}

func databaseCases() []keyCase {
	readsPrimary := func(word string) keyCase {
		return keyCase{key: "database.route_reads=" + word, base: keyShards, old: `"primary"`, new: `"` + word + `"`, figure: latencyMean, want: down}
	}
	by := func(word string) keyCase {
		return keyCase{key: "database.shard_by=" + word, base: strings.Replace(keyShards, "700", "400", 1), old: `"hash"`, new: `"` + word + `"`, effect: sharesOf(word)}
	}
	cases := []keyCase{
		{key: "database.shards", base: keyShards, old: "shards = 4", new: "shards = 8", figure: latencyMean, want: down},
		{key: "database.replicas", base: strings.Replace(keyShards, `"primary"`, `"replicas"`, 1), old: "replicas = 3", new: "replicas = 8", figure: "nodes/orders/resources/cpu/wait_s/mean", want: down},
		by("modulo"), by("range"), by("consistent-hash"),
		{key: "database.shard_by=hash", base: strings.Replace(keyShards, `"hash"`, `"range"`, 1), old: `"range"`, new: `"hash"`, figure: latencyMean, want: down},
		{key: "database.shard_key=source", base: strings.Replace(keyShards, "700", "400", 1), old: `"item"`, new: `"source"`, effect: sharesOf("source")},
		{key: "database.shard_key=item", base: strings.Replace(keyShards, `"item"`, `"source"`, 1), old: `"source"`, new: `"item"`, effect: sharesOf("hash")},
		readsPrimary("replicas"), readsPrimary("nearest"),
		{key: "database.route_reads=primary", base: strings.Replace(keyShards, `"primary"`, `"nearest"`, 1), old: `"nearest"`, new: `"primary"`, figure: latencyMean, want: up},
		{key: "database.zones", base: keyShards, old: "shards = 4", new: "shards = 4\nzones = [\"b\"]", figure: latencyMean, want: down},
		{key: "database.max_connections", base: keyShards, old: "= 1000\nconnect", new: "= 2\nconnect", figure: errorRatio, want: up},
		{key: "database.connect", base: keyShards, old: `"1ms"`, new: `"exp 50ms"`, figure: latencyMean, want: up},
		{key: "database.read", base: keyShards, old: "exp 2ms", new: "exp 3ms", figure: latencyMean, want: up},
		{key: "database.write", base: keyShards, old: "read.request", new: "write.request", effect: func(t *testing.T, before, after keyAnswer) {
			d := after.Nodes["orders"].Database
			assert.Zero(t, d.Reads)
			assert.Equal(t, before.Nodes["orders"].Database.Reads, d.Writes, "the same requests come to the same primaries")
		}},
		{key: "database.scatter", base: strings.Replace(keyShards, "700", "200", 1), old: "read.request", new: "scatter.request", figure: "nodes/orders/throughput_rps", want: up},
		{key: "database.transaction", base: strings.Replace(keyShards, "700", "100", 1), old: "read.request = [{ cpu = \"exp 2ms\" }]", new: "transaction.request = { steps = [{ cpu = \"exp 2ms\" }] }", figure: "nodes/orders/throughput_rps", want: up},
		{key: "database.transaction.shards", base: keyAccess, old: "shards = 2", new: "shards = 4", figure: "clients/users/ops/move/latency_s/mean", want: up},
		{key: "database.transaction.commit", base: keyAccess, old: `commit = [{ cpu = "exp 1ms" }]`, new: `commit = [{ cpu = "exp 4ms" }]`, figure: "clients/users/ops/move/latency_s/mean", want: up},
		{key: "database.transaction.commit", base: keyAccess, old: `, commit = [{ cpu = "exp 1ms" }]`, new: ``, effect: func(t *testing.T, before, after keyAnswer) {
			assert.InEpsilon(t, *before.Clients["users"].Ops["move"].LatencyS["mean"].Mean, *after.Clients["users"].Ops["move"].LatencyS["mean"].Mean, 0.05, "the same steps again")
		}},
	}
	for _, one := range []struct{ table, op, steps string }{
		{"read", "get", `get = { steps = [{ cpu = "exp 1ms" }]`}, {"write", "put", `put = { steps = [{ cpu = "exp 1ms" }]`},
		{"scatter", "all", `all = { steps = [{ cpu = "exp 1ms" }]`}, {"transaction", "move", `move = { shards = 2, steps = [{ cpu = "exp 1ms" }]`},
	} {
		figure := "clients/users/ops/" + one.op + "/latency_s/mean"
		busy := strings.Replace(keyAccess, "poisson 300/s", "poisson 1300/s", 1)
		line := one.op + " = {"
		rest := keyAccess[strings.Index(keyAccess, line):]
		rest, _, _ = strings.Cut(rest, "\n")
		cases = append(cases,
			keyCase{key: "database." + one.table + ".steps", base: keyAccess, old: one.steps, new: strings.Replace(one.steps, "1ms", "3ms", 1), figure: ordersBusy, want: up},
			keyCase{key: "database." + one.table + ".priority", base: busy, old: rest, new: strings.Replace(rest, "priority = 0", "priority = 5", 1), figure: figure, want: down})
		if one.table == "read" || one.table == "scatter" {
			for _, word := range []string{"replicas", "nearest"} {
				cases = append(cases, keyCase{key: "database." + one.table + ".route=" + word, base: busy, old: rest, new: strings.Replace(rest, `"primary"`, `"`+word+`"`, 1), figure: figure, want: down})
			}
			near := strings.Replace(busy, rest, strings.Replace(rest, `"primary"`, `"nearest"`, 1), 1)
			cases = append(cases, keyCase{key: "database." + one.table + ".route=primary", base: near, old: strings.Replace(rest, `"primary"`, `"nearest"`, 1), new: rest, figure: figure, want: up})
		}
	}
	return cases
}

// sharesOf demands that the shards have the shares of the reads that they
// must: of 1000 keys under Zipf 1 those of one residue, or the first quarter;
// of five addresses a whole number. A hash is known by that it is neither.
func sharesOf(how string) func(t *testing.T, before, after keyAnswer) {
	shares := func(a keyAnswer) []float64 {
		d := a.Nodes["orders"].Database
		out := make([]float64, len(d.Shards))
		for k := range d.Shards {
			out[k] = float64(d.Shards[k].Reads) / float64(d.Reads)
		}
		return out
	}
	return func(t *testing.T, before, after keyAnswer) {
		t.Helper()
		require.Empty(t, before.refused)
		require.Empty(t, after.refused)
		was, is := shares(before), shares(after)
		assert.NotEqual(t, was, is)
		h := func(step, from, to int) (sum float64) {
			all := 0.0
			for k := range 1000 {
				all += 1 / float64(k+1)
				if k >= from && k < to && (k-from)%step == 0 {
					sum += 1 / float64(k+1)
				}
			}
			return sum / all
		}
		switch how {
		case "modulo":
			assert.InDelta(t, h(4, 0, 1000), is[0], 0.01)
		case "range":
			assert.InDelta(t, h(1, 0, 250), is[0], 0.01)
		case "source":
			for _, s := range is {
				assert.InDelta(t, 0, float64(s*5)-float64(int(s*5+0.5)), 0.06, "a whole number of five addresses")
			}
		case "hash", "consistent-hash":
			assert.Greater(t, slices.Max(is), 1/float64(4), "the hottest key sees to that")
			assert.Greater(t, slices.Min(is), 0.05)
		}
	}
}
