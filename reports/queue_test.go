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
