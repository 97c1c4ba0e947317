package main

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/internal/result"
)

// column is a figure of the run over time, by when its window begins.
func column(t *testing.T, r *result.Result, name string) (times, values []float64) {
	t.Helper()
	i := slices.Index(r.Series.Columns, name)
	if !assert.GreaterOrEqual(t, i, 0, name) {
		return []float64{0}, []float64{0}
	}
	for _, row := range r.Series.Rows {
		times, values = append(times, *row[0]), append(values, *row[i])
	}
	return times, values
}

// queueBurst: the fluid limit is 60 s · (200 − 100)/s = 6000 messages, and
// 6000 ÷ (100 − 40)/s = 100 s until they have been worked off (ORACLES A10).
func queueBurst(t *testing.T, results map[string]*result.Result) {
	one := results["one-machine"]
	assert.Equal(t, []string{"met", "met", "met"}, verdicts(one))
	times, depth := column(t, one, "thumbnails queue")
	assert.InEpsilon(t, 6000, slices.Max(depth), 0.05)
	top := slices.Index(depth, slices.Max(depth))
	drained := slices.IndexFunc(depth[top:], func(x float64) bool { return x < 60 })
	assert.InDelta(t, 280, times[top+drained], 10, "three minutes, and 100 s")
	q := one.Nodes["thumbnails"].Queue
	assert.InDelta(t, 60, *q.AgeS["p99"].Mean, 4, "the last to come wait for a minute")
	assert.InDelta(t, 0.023, *one.Clients["uploaders"].LatencyS["p99"].Mean, 0.001)
	assert.InEpsilon(t, float64(q.Published)/3000, 56.0, 0.02)

	assert.Less(t, *results["twice-the-machines"].Nodes["thumbnails"].Queue.Depth.Mean, 30.0)
	_, busy := column(t, results["twice-the-machines"], "resizer cpu")
	assert.InDelta(t, 0.2, busy[len(busy)-5], 0.08)
	bounded, newest := results["bounded"], results["newest-first"]
	for _, r := range []*result.Result{bounded, newest} {
		_, depth := column(t, r, "thumbnails queue")
		assert.LessOrEqual(t, slices.Max(depth), 1000.0)
	}
	assert.Equal(t, []string{"met", "missed", "met"}, verdicts(bounded))
	assert.InDelta(t, 5000.0/33600, *bounded.Clients["uploaders"].ErrorRatio.Mean, 0.01, "of 12,000 in the burst 6000 are done and 1000 wait")
	assert.Equal(t, []string{"met", "met", "met"}, verdicts(newest))
	assert.InEpsilon(t, bounded.Clients["uploaders"].Errors["rejected"], newest.Nodes["thumbnails"].Queue.Dropped, 0.02, "as many, but others")
}

// syncVsAsyncEmail: a minute of twenty without the mail server fails 5 % of
// the checkouts that wait for it, and none of those that do not.
func syncVsAsyncEmail(t *testing.T, results map[string]*result.Result) {
	once, queued := results["at-once"], results["queued"]
	assert.Equal(t, []string{"missed", "missed"}, verdicts(once))
	assert.Equal(t, []string{"met", "met"}, verdicts(queued))
	buyers := once.Clients["buyers"]
	assert.InDelta(t, 0.05+0.95*0.01, *buyers.ErrorRatio.Mean, 0.003)
	assert.InDelta(t, 1.0, *buyers.LatencyS["p99"].Mean, 0.1)
	assert.InDelta(t, 0.046, *queued.Clients["buyers"].LatencyS["p99"].Mean, 0.004)
	assert.Zero(t, queued.Clients["buyers"].Errors["unavailable"]+queued.Clients["buyers"].Errors["failed"])
	q := queued.Nodes["emails"].Queue
	assert.Zero(t, q.DeadLettered)
	assert.InDelta(t, float64(q.Published), float64(q.Acknowledged), 50, "every mail arrives, but for those under way at the end")
}

// queueTurnsAway says whether messages for a node were rejected or dropped on
// the way there.
func queueTurnsAway(r *result.Result, consumer string) bool {
	return slices.ContainsFunc(r.Topology.Edges, func(e result.Edge) bool {
		n := r.Nodes[e.From]
		return e.To == consumer && n != nil && n.Queue != nil && n.Errors["rejected"]+n.Queue.Dropped > 0
	})
}
