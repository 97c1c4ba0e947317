package study

import (
	"container/heap"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/topologies"
)

// measuredSlowdown is a measurement of a server that was four times as slow for
// ten seconds. Times are in seconds from the start; counts are of requests that
// came after the warm-up.
type measuredSlowdown struct {
	Name         string
	Description  string
	Retries      int
	AtS          float64 `json:"fault_at_s"`
	EndsS        float64 `json:"fault_ends_s"`
	Requests     int
	OK           int
	Attempts     int
	FirstFailedS float64 `json:"first_failed_s"` // when it came
	LastFailedS  float64 `json:"last_failed_s"`
	LastS        float64 `json:"last_s"` // when the last request came
}

const (
	slowdownTrace   = "g_slowdown"
	slowdownWarmup  = 5.0
	slowdownSlots   = 8
	slowdownTimeout = 0.5
	slowdownFactor  = 4
	// What the description of the work demands.
	slowdownShare    = 0.03 // of the requests
	slowdownRecovery = 3.0  // seconds
)

func slowdownCases(t *testing.T) []measuredSlowdown {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "measured", "slowdowns.json"))
	require.NoError(t, err)
	var cases []measuredSlowdown
	require.NoError(t, json.Unmarshal(data, &cases))
	require.Len(t, cases, 2)
	return cases
}

// slowdown is what became of the requests: how many were answered, the share
// that was, how many attempts they took, and when the last that failed came,
// in seconds from the start of the measurement.
type slowdown struct {
	ok, attempts int
	share        float64
	lastFailed   float64
}

func (c *measuredSlowdown) rows(t *testing.T) []measuredRow {
	t.Helper()
	return (&measuredSystem{folder: "testdata/measured"}).rows(t, &measuredCase{Name: slowdownTrace, Requests: 10536})
}

// simulate replays a case.
func (c *measuredSlowdown) simulate(t *testing.T) slowdown {
	t.Helper()
	first := c.rows(t)[0].at.Seconds()
	text := fmt.Sprintf(`[run]
duration = "70s"
warmup = "%.9fs"
replications = 1
[client.clients]
target = "server"
arrivals = { trace = "%s.csv.gz", format = "csv", columns = { time = "arrival_s" }, unit = "s" }
timeout = "%gs"
retries = %d
[server.server]
concurrency = %d
on.request = [{ wait = "trace drawn_service_us unit=us" }]
[[fault]]
at = "%.9fs"
slow = "server"
factor = %d
for = "%.9fs"
`, slowdownWarmup-first, slowdownTrace, slowdownTimeout, c.Retries, slowdownSlots, c.AtS-slowdownWarmup, slowdownFactor, c.EndsS-c.AtS)
	file, report := topologies.Load(measuredFiles{"testdata/measured", text}, "measured.toml", topologies.Options{})
	require.NotNil(t, file, "%v", report.Diagnostics())
	spec, report := file.Spec("")
	require.NotNil(t, spec, "%v\n%s", report.Diagnostics(), text)
	s, line := watched(t, spec)
	out := slowdown{}
	offered := 0
	for i, cell := range line.Cells {
		offered += int(cell.Offered)
		out.ok += int(cell.OK)
		if cell.OK < cell.Offered {
			out.lastFailed = slowdownWarmup + (sim.Time(i+1) * line.Grain).Seconds()
		}
	}
	assert.Equal(t, c.Requests, offered, "the same requests are counted")
	out.share = float64(out.ok) / float64(offered)
	out.attempts = int(s.Clients[0].Ops[0].Attempts)
	return out
}

// watched simulates one replication with its timeline.
func watched(t *testing.T, spec *node.Spec) (*node.Snapshot, *node.Timeline) {
	t.Helper()
	one := *spec
	one.Timeline = true
	f := newFigures(&one)
	var line *node.Timeline
	f.keep = func(s *node.Snapshot) { line = s.Clients[0].Timeline }
	require.NoError(t, f.replicate(1, Options{}, &ticker{}))
	require.NotNil(t, line)
	return f.snaps[0], line
}

// tries are attempts in the order in which they come.
type tries []try

type try struct {
	at, since, service float64 // seconds; since: when the request came
	attempt            int
}

func (q tries) Len() int           { return len(q) }
func (q tries) Less(i, j int) bool { return q[i].at < q[j].at }
func (q tries) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *tries) Push(x any)        { *q = append(*q, x.(try)) }
func (q *tries) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// byHand is the measured server as its makers wrote it: the factor is taken
// when a service begins, and holds for all of it. It serves what has been given
// up, in the order in which it came.
func (c *measuredSlowdown) byHand(t *testing.T) slowdown {
	t.Helper()
	var coming tries
	for _, row := range c.rows(t) {
		coming = append(coming, try{at: row.at.Seconds(), since: row.at.Seconds(), service: row.service.Seconds(), attempt: 1})
	}
	heap.Init(&coming)
	free := make([]float64, slowdownSlots) // when each slot is
	var out slowdown
	offered := 0
	for len(coming) > 0 {
		a := heap.Pop(&coming).(try)
		slot := slices.Index(free, slices.Min(free))
		begins := max(free[slot], a.at)
		takes := a.service
		if begins >= c.AtS && begins < c.EndsS {
			takes *= slowdownFactor
		}
		free[slot] = begins + takes
		counts := a.since >= slowdownWarmup
		if counts {
			out.attempts++
		}
		switch late := free[slot]-a.at > slowdownTimeout; {
		case late && a.attempt <= c.Retries:
			heap.Push(&coming, try{at: a.at + slowdownTimeout, since: a.since, service: a.service, attempt: a.attempt + 1})
			continue
		case late:
			out.lastFailed = max(out.lastFailed, a.since)
		case counts:
			out.ok++
		}
		if counts {
			offered++
		}
	}
	out.share = float64(out.ok) / float64(offered)
	return out
}

// Without retries the queue of requests that nobody waits for any more is gone
// 16 s after the server is itself again; with three attempts it feeds itself.
func TestMeasuredSlowdownsArePredicted(t *testing.T) {
	for _, c := range slowdownCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			for how, got := range map[string]slowdown{"simulated": c.simulate(t), "by hand": c.byHand(t)} {
				assert.InDelta(t, float64(c.OK)/float64(c.Requests), got.share, slowdownShare, how)
				assert.InEpsilon(t, c.Attempts, got.attempts, 0.02, how)
				if c.Retries == 0 {
					assert.InDelta(t, 16, c.LastFailedS-c.EndsS, 0.5, "as it was measured")
					assert.InDelta(t, c.LastFailedS, got.lastFailed, slowdownRecovery, how)
				} else {
					assert.InDelta(t, c.LastS, got.lastFailed, 0.2, "%s: to the end", how)
				}
			}
			// What is left of the services under way is stretched here and was not
			// there: eight services at the beginning, eight at the end.
			assert.InDelta(t, c.byHand(t).share, c.simulate(t).share, 0.01)
		})
	}
}

// describeSlowdowns writes what docs/validation.md says of them.
func describeSlowdowns(t *testing.T, b *strings.Builder) {
	t.Helper()
	b.WriteString("\n### A slowdown under time-outs\n\n" + strings.TrimSpace(slowdownText) + "\n\n" +
		"| case | what |\n| --- | --- |\n")
	cases := slowdownCases(t)
	for _, c := range cases {
		fmt.Fprintf(b, "| %s | %s |\n", c.Name, c.Description)
	}
	b.WriteString("\n| case | answered, measured | simulated | as the server was written | attempts, measured | simulated | as written | well again after, measured | simulated | as written |\n" +
		"| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for i := range cases {
		c := &cases[i]
		got, hand := c.simulate(t), c.byHand(t)
		after := func(lastFailed float64) string {
			if lastFailed > c.LastS-0.2 {
				return "never"
			}
			return fmt.Sprintf("%.1f s", lastFailed-c.EndsS)
		}
		fmt.Fprintf(b, "| %s | %.1f %% | %.1f %% | %.1f %% | %d | %d | %d | %s | %s | %s |\n", c.Name,
			100*float64(c.OK)/float64(c.Requests), 100*got.share, 100*hand.share, c.Attempts, got.attempts, hand.attempts,
			after(c.LastFailedS), after(got.lastFailed), after(hand.lastFailed))
	}
}

const slowdownText = `
The first server above, with eight slots, gets 140 requests a second of 40 ms,
70 % of what it can do. From 15 s to 25 s after the start every service takes four
times as long. Clients give an attempt up after 500 ms; the server does not know
that and serves it all the same. Both cases have the same requests.

Ten seconds of slowness fill a queue that takes 16 s to drain if each request is
sent once, and all that time nobody is answered in time. If each is sent up to
three times, the server stays overloaded by what its own slowness brings, and does
not recover within the measurement.

Demanded are the share of requests that are answered, within 3 points, the number
of attempts, within 2 %, and the end of the failures, within 3 s. The measured
server looks at how slow it is when a service begins, and keeps to that; the fault
` + "`slow`" + ` stretches what is left of services under way, and shortens it again at the end. *As the server was
written* is a program of a few lines in the test that does what the server did: what
the difference makes is the difference of those two columns.
`
