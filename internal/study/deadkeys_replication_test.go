package study

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/internal/result"
)

// Topologies of databases whose replicas are late, and of queries.
const (
	keyLagged = `objectives = ["orders stale_reads < 99%"]
[client.users]
target = "orders"
arrivals = "poisson 400/s"
requests = { get = 1, put = 1 }
keys = "uniform n=20"
sources = "uniform n=10"
[database.orders]
replicas = 2
route_reads = "replicas"
replication = { mode = "async", lag = "exp 20ms", apply = "0.1ms" }
[database.orders.read]
get = { steps = [{ cpu = "0.1ms" }] }
[database.orders.write]
put = [{ cpu = "0.1ms" }]
`
	keyIndexed = `[client.users]
target = "orders"
arrivals = "poisson 50/s"
[database.orders]
disk = { depth = 2 }
engine = { index_fill = "90%", index_entry = "20B", needed = "25%", cpu_page = "800ns", cpu_returned = "250ns", cpu_byte = "3ns", cached = "90%", random_read = "100us" }
read.request = [{ query = { rows = 100_000, index = true, returns = 50, row_size = "400B", columns = "needed" } }]
`
	keyScan = `[client.users]
target = "orders"
arrivals = "poisson 50/s"
[database.orders]
engine = { page_size = "8192B", cpu_row = "45ns", sequential_read = "25us" }
read.request = [{ query = { rows = 20_000, row_size = "400B" } }]
`
	queryWork  = "nodes/orders/resources/cpu/service_s/mean"
	queryReads = "nodes/orders/resources/disk/service_s/mean"
	staleShare = "nodes/orders/database/stale_read_ratio"
)

// keyAhead has a disk that is known by its operations.
var keyAhead = strings.Replace(keyScan, `engine = { page_size = "8192B", cpu_row = "45ns", sequential_read = "25us" }`,
	"disk = { iops = 20_000 }\nengine = { read_ahead = \"128KiB\" }", 1)

func replicationCases() []keyCase {
	mode := func(word string) keyCase {
		return keyCase{key: "database.replication.mode=" + word, base: keyLagged, old: `"async"`, new: `"` + word + `"`, figure: latencyMean, want: up}
	}
	route := func(table string) keyCase {
		base := strings.Replace(keyLagged, ".read]", "."+table+"]", 1)
		return keyCase{key: "database." + table + ".route=read-your-writes", base: base, old: `"0.1ms" }] }`, new: `"0.1ms" }], route = "read-your-writes" }`, figure: staleShare, want: down}
	}
	demand := func(met, missed string) keyCase {
		return keyCase{key: "objective.database.stale_reads", base: strings.Replace(keyLagged, "orders stale_reads < 99%", met, 1), old: met, new: missed,
			effect: func(t *testing.T, before, after keyAnswer) {
				of := before.estimate(t, staleShare)
				assert.Equal(t, result.Objective{Text: met, Actual: of, Verdict: result.Met}, demanded(t, before))
				assert.Equal(t, result.Objective{Text: missed, Actual: of, Verdict: result.Missed}, demanded(t, after))
			}}
	}
	cases := []keyCase{
		mode("semi-sync"), mode("sync"), mode("quorum"),
		{key: "database.replication.mode=async", base: strings.Replace(keyLagged, `"async"`, `"sync"`, 1), old: `"sync"`, new: `"async"`, figure: staleShare, want: up},
		{key: "database.replication.mode=sync", base: strings.Replace(keyLagged, `"async"`, `"quorum"`, 1), old: `"quorum"`, new: `"sync"`, figure: latencyMean, want: up},
		{key: "database.replication.lag", base: keyLagged, old: "exp 20ms", new: "exp 80ms", figure: staleShare, want: up},
		{key: "database.replication.apply", base: keyLagged, old: `apply = "0.1ms"`, new: `apply = "2ms"`, figure: "nodes/orders/database/replication_lag_s/mean", want: up},
		{key: "database.replication.apply", base: keyLagged, old: `apply = "0.1ms"`, new: `apply = "2ms"`, figure: ordersBusy, want: up},
		{key: "database.route_reads=read-your-writes", base: keyLagged, old: `"replicas"`, new: `"read-your-writes"`, figure: staleShare, want: down},
		route("read"), route("scatter"), demand("orders stale_reads < 99%", "orders stale_reads < 1%"),
	}
	return append(cases, queryCases...)
}

// queryCases are of what a query costs, on a core and of the disk.
var queryCases = []keyCase{
	{key: "step.query.rows", base: keyIndexed, old: "100_000", new: "200_000", figure: queryWork, want: up},
	{key: "step.query.rows", base: keyScan, old: "20_000", new: "30_000", figure: queryReads, want: up},
	{key: "step.query.index", base: keyIndexed, old: "index = true", new: "index = false", figure: queryWork, want: up},
	{key: "step.query.returns", base: keyIndexed, old: "returns = 50", new: `returns = "geometric 80"`, figure: queryWork, want: up},
	{key: "step.query.row_size", base: keyIndexed, old: `"400B"`, new: `"800B"`, figure: queryWork, want: up},
	{key: "step.query.row_size", base: keyScan, old: `"400B"`, new: `"800B"`, figure: queryReads, want: up},
	{key: "step.query.columns=all", base: keyIndexed, old: `"needed"`, new: `"all"`, figure: queryWork, want: up},
	{key: "step.query.columns=needed", base: strings.Replace(keyIndexed, `"needed"`, `"all"`, 1), old: `"all"`, new: `"needed"`, figure: queryWork, want: down},
	{key: "database.engine.page_size", base: keyScan, old: "8192B", new: "32KiB", figure: queryReads, want: down},
	{key: "database.engine.index_fill", base: keyIndexed, old: `index_fill = "90%"`, new: `index_fill = "10%"`, figure: queryWork, want: up},
	{key: "database.engine.index_entry", base: keyIndexed, old: `"20B"`, new: `"200B"`, figure: queryWork, want: up},
	{key: "database.engine.needed", base: keyIndexed, old: `"25%"`, new: `"75%"`, figure: queryWork, want: up},
	{key: "database.engine.cpu_page", base: keyIndexed, old: "800ns", new: "1us", figure: queryWork, want: up},
	{key: "database.engine.cpu_row", base: keyScan, old: "45ns", new: "90ns", figure: queryWork, want: up},
	{key: "database.engine.cpu_returned", base: keyIndexed, old: "250ns", new: "500ns", figure: queryWork, want: up},
	{key: "database.engine.cpu_byte", base: keyIndexed, old: `"3ns"`, new: `"4ns"`, figure: queryWork, want: up},
	{key: "database.engine.cached", base: keyIndexed, old: `cached = "90%"`, new: `cached = "50%"`, figure: queryReads, want: up},
	{key: "database.engine.random_read", base: keyIndexed, old: "100us", new: "200us", figure: queryReads, want: up},
	{key: "database.engine.sequential_read", base: keyScan, old: "25us", new: "50us", figure: queryReads, want: up},
	{key: "database.engine.read_ahead", base: keyAhead, old: "128KiB", new: "16KiB", figure: queryReads, want: up},
}
