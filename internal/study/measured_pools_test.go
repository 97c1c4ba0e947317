package study

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/sim"
)

// pools are programs that ask PostgreSQL through a pool of connections.
var pools = measuredSystem{
	title:     "Pools of connections: PostgreSQL",
	folder:    "testdata/measured",
	list:      "pools.json",
	column:    "server_service_us",
	tolerance: func(*measuredCase) (float64, string) { return 0.10, "" },
	bareToo:   true,
	text: `A program in Go asks PostgreSQL 15 to sleep for the service time of each
request, through a pool of connections (pgx); a request that finds all of them
busy waits, first come first served.

In the language it is a server with ` + "`pool.postgres`" + `, whose one step is a call;
PostgreSQL's one step is ` + "`{ wait = \"trace server_service_us unit=us\" }`" + `. That
is not the time that was drawn, but for how long the connection was held, as the
program measured it: PostgreSQL sleeps whole milliseconds, so that a connection
is held for about 1 ms longer than was drawn, which no simulator can know. *Load*
is that of the pool, by these times.

The column *bare queue* is what those who measured computed for the times that
were drawn. Given the times that connections were held, a test demands the
response times of the textbook's queue, to the nanosecond. The tolerance is 10 %.`,
	topology: func(c *measuredCase, warmup sim.Time, _ bool) string {
		return fmt.Sprintf(`[run]
duration = "%gs"
warmup = "%dns"
replications = 1
[client.clients]
target = "app"
arrivals = { trace = "%s.csv.gz", format = "csv", columns = { time = "arrival_s" }, unit = "s" }
[server.app]
pool.postgres = { size = %d }
on.request = [{ call = "postgres" }]
[server.postgres]
on.request = [{ wait = "trace server_service_us unit=us" }]
`, c.DurationS-c.WarmupS+1, int64(warmup), c.Trace, c.Slots)
	},
}

// TestReplayIsTheTextbookPoolToTheNanosecond compares the replay of the pools
// with the queue as a few lines compute it.
func TestReplayIsTheTextbookPoolToTheNanosecond(t *testing.T) {
	for _, c := range pools.cases(t) {
		t.Run(c.Name, func(t *testing.T) {
			rows := pools.rows(t, &c)
			responses, _ := slotted(&c, rows)
			assert.Len(t, responses, c.N, "as many requests count as in the measurement")
			out := pools.replay(t, &c, rows, false)
			equalResponses(t, responses, &out)
			pool := out.Nodes["app"].Resources["pool.postgres"]
			assert.InDelta(t, c.Load, *pool.Utilization.Mean, 0.02, "the pool is as busy as it was")
		})
	}
}
