package main

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/theory"
)

// cdnStatic compares with caches whose entries live for ten minutes, under
// Zipf's law, each of ten places with a tenth of the readers.
func cdnStatic(t *testing.T, results map[string]*result.Result) {
	direct, cdn, shielded := results["no-cdn"], results["with-cdn"], results["with-shield"]
	assert.Equal(t, []string{"missed", "missed"}, verdicts(direct))
	assert.Equal(t, []string{"met", "missed"}, verdicts(cdn))
	assert.Equal(t, []string{"met", "met"}, verdicts(shielded))

	pictures, sum := theory.TTLCache{Lifetime: 600}, 0.0
	for k := 1; k <= 4000; k++ {
		pictures.Rates = append(pictures.Rates, math.Pow(float64(k), -0.9))
		sum += pictures.Rates[k-1]
	}
	for k := range pictures.Rates {
		pictures.Rates[k] *= 170 / sum
	}
	alone, behind := pictures.Part(10).HitRatio(), pictures.BehindPlaces(10)
	assert.InDelta(t, alone, *cdn.Nodes["edge"].Cache.HitRatio.Mean, 0.003)
	assert.InDelta(t, behind, *shielded.Nodes["edge"].Cache.HitRatio.Mean, 0.003)
	assert.InDelta(t, 0.8, alone, 0.01, "eight pictures of ten")
	assert.Less(t, behind, alone, "they have to ask again more often")
	rate := func(r *result.Result) float64 { return *r.Nodes["web"].ThroughputRPS.Mean }
	assert.InEpsilon(t, 30+170*(1-alone), rate(cdn), 0.01)
	assert.InEpsilon(t, 30+pictures.MissRate(), rate(shielded), 0.01)
	assert.InDelta(t, 6, pictures.MissRate(), 1, "little more than the pages")

	latency := func(r *result.Result, op, figure string) float64 {
		return *r.Clients["readers"].Ops[op].LatencyS[figure].Mean
	}
	assert.InDelta(t, 0.010, latency(cdn, "image", "p50"), 0.001)
	assert.InDelta(t, 0.124, latency(direct, "image", "p50"), 0.002)
	assert.InDelta(t, latency(direct, "page", "mean")+0.009, latency(cdn, "page", "mean"), 0.003, "pages gain nothing: they cost the latency too")
	assert.InEpsilon(t, latency(cdn, "image", "mean"), latency(shielded, "image", "mean"), 0.12, "at a small price")

	// Each byte goes from the CDN to a reader once, and what it misses from
	// the web servers to it.
	gigabytes := func(r *result.Result) float64 {
		return *r.Clients["readers"].ThroughputRPS.Mean * 40e3 * 730 * 3600 / 1e9
	}
	assert.InEpsilon(t, gigabytes(direct)*0.09, *direct.Cost.Monthly.Mean, 1e-3)
	for _, r := range []*result.Result{cdn, shielded} {
		fetched := rate(r) / *r.Clients["readers"].ThroughputRPS.Mean
		assert.InEpsilon(t, gigabytes(r)*(0.05+0.09*fetched), *r.Cost.Monthly.Mean, 1e-3)
	}
}

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
