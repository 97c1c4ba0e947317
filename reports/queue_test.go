package reports

import (
	"io"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/internal/result"
)

// What became of the messages is in every form of the report, and in none of
// a system without queues.
func TestQueuesAreInEveryReport(t *testing.T) {
	at := func(x float64) result.Estimate { half := x / 100; return result.Estimate{Mean: &x, HalfWidth: &half} }
	r := load[result.Result](t, "result")
	without := map[string]string{}
	for _, f := range resultFormats {
		without[f.ending] = rendered(t, func(w io.Writer) error { return f.write(w, r) })
	}
	r.Nodes["app"].Queue = &result.Queue{
		Published: 12_345, Delivered: 13_000, Acknowledged: 12_000, Redelivered: 655, DeadLettered: 45, Dropped: 7, Lost: 4,
		Depth: at(321), AgeS: result.Latency{"mean": at(4.56), "p99": at(78.9)}, TotalS: result.Latency{"mean": at(5.67), "p99": at(89.1)},
	}
	for _, f := range resultFormats {
		if f.ending == "timeseries.csv" {
			continue // which is drawn from the series alone
		}
		text := rendered(t, func(w io.Writer) error { return f.write(w, r) })
		assert.NotEqual(t, without[f.ending], text, f.ending)
		wanted := []string{"321", "4.56", "78.9", "12.3k", "12.0k", "655", "45"}
		switch f.ending {
		case "csv":
			wanted = []string{"app,queue.published,12345,", "app,queue.lost,4,", "app,queue.depth,321,3.21", "app,queue.age_s.p99,78.9,", "app,queue.total_s.mean,5.67,"}
		case "json":
			wanted = []string{`"published": 12345`, `"dead_lettered": 45`, `"age_s"`}
		case "narrow.txt":
			wanted = []string{"321", "12.3k"}
		}
		for _, want := range wanted {
			assert.Contains(t, text, want, f.ending)
			if f.ending == "csv" {
				assert.NotContains(t, without[f.ending], want)
			}
		}
	}
}

// How a backlog grew and went is a picture, of queues of messages only.
func TestTheBacklogOfAQueueIsAPicture(t *testing.T) {
	r := load[result.Result](t, "result")
	assert.Nil(t, backlogChart(r), "requests that wait for a server are no messages")
	withBacklog(r, "mail", 0, 5_000, 1_000)
	p := backlogChart(r)
	assert.Equal(t, "As many as 5000 messages wait in mail at 10 s", p.title)
	assert.Len(t, p.lines, 1)
	for i := range 3 {
		*r.Series.Rows[i][len(r.Series.Columns)-1] = 0
	}
	assert.Nil(t, backlogChart(r), "nothing waited")
}

// withBacklog adds a queue in which so many messages waited in each window.
func withBacklog(r *result.Result, name string, waiting ...float64) {
	r.Nodes[name] = &result.Node{Queue: &result.Queue{}}
	r.Series.Columns = append(r.Series.Columns, name+" queue")
	for i := range waiting {
		r.Series.Rows[i] = append(r.Series.Rows[i], &waiting[i])
	}
}

// What caches, databases and queues are chosen by stands beside the latencies
// where designs are compared.
func TestTheDataTierIsCompared(t *testing.T) {
	at := func(x float64) result.Estimate { half := x / 100; return result.Estimate{Mean: &x, HalfWidth: &half} }
	c := load[result.Comparison](t, "comparison")
	labels := func() map[string][]cell {
		rows := map[string][]cell{}
		for _, row := range designsTable(c, &footnotes{}).Rows {
			rows[row[1].Num] = row[2:]
		}
		return rows
	}
	for _, r := range c.Designs {
		delete(r.Nodes, "redis")
	}
	plain := labels()
	for _, label := range []string{"hit ratio", "hottest shard", "stale reads", "depth", "age", "age p99", "dead letters", "lost"} {
		assert.NotContains(t, plain, label)
	}
	r := c.Designs[1]
	r.Nodes["mail"] = &result.Node{Kind: "queue", Queue: &result.Queue{
		Depth: at(321), AgeS: result.Latency{"mean": at(4.5), "p99": at(78)}, DeadLettered: 6, Dropped: 7, Lost: 4,
	}}
	r.Nodes["redis"] = &result.Node{Kind: "cache", Cache: &result.Cache{HitRatio: at(0.81)}}
	r.Nodes["orders"] = &result.Node{Kind: "database", Database: &result.Database{
		Reads: 60, Writes: 40, StaleReadRatio: at(0.02), ReplicationLagS: result.Latency{}, Shards: []result.Shard{{Reads: 15}, {Reads: 45, Writes: 40}},
	}}
	rows := labels()
	for label, want := range map[string]string{
		"hit ratio": "81.0 %", "hottest shard": "85 %", "stale reads": "2.00 %", "depth": "321", "age": "4.50 s", "age p99": "78.0 s",
		"dead letters": "6", "lost": "11",
	} {
		if assert.Contains(t, rows, label) {
			assert.Equal(t, noNumber, rows[label][0].Num, "%s: the first design has none", label)
			got := rows[label][1]
			assert.Equal(t, want, got.Num+got.Unit, label)
		}
	}
	r.Nodes["mail"].Queue.DeadLettered, r.Nodes["mail"].Queue.Dropped, r.Nodes["mail"].Queue.Lost = 0, 0, 0
	r.Nodes["orders"].Database.ReplicationLagS = nil
	for _, label := range []string{"stale reads", "dead letters", "lost"} {
		assert.NotContains(t, labels(), label, "nothing to tell")
	}
}

// Beyond six designs the hues come again, and a dash tells them apart.
func TestNoTwoLinesLookAlike(t *testing.T) {
	for i := range 2 * len(palette) {
		for j := range i {
			a, b := line{hue: i}.style(), line{hue: j}.style()
			assert.NotEqual(t, a, b, "%d and %d", i, j)
		}
	}
}
