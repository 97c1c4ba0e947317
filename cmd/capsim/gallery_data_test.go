package main

import (
	"math"
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
