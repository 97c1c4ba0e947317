package theory

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Oracle table A9, blocked attempts that are retried.
func TestRetryLoadsOfALossSystemAgreeWithTheTable(t *testing.T) {
	for _, row := range []struct {
		lambda                                 float64
		c, k, retries                          int
		rate, blocking, success, amplification float64
	}{
		{8, 10, 10, 3, 10.394061, 0.23258189, 0.9970738, 1.2992576},
		{10, 10, 10, 3, 19.568532, 0.52899184, 0.92169385, 1.9568532},
		{10, 10, 15, 3, 14.914903, 0.33831288, 0.98689991, 1.4914903},
		{3, 4, 6, 5, 3.4777687, 0.13738374, 0.99999328, 1.1592562},
		{9, 10, 10, 1, 11.548594, 0.2831771, 0.91981073, 1.2831771},
	} {
		failure := func(x float64) float64 { return MMcK{x, 1, row.c, row.k}.BlockingProbability() }
		rates := RetryLoadsApprox(row.lambda, row.retries, failure)
		assert.Len(t, rates, 1)
		assertTable(t, "rate", row.rate, rates[0])
		r := Retries{row.retries, failure(rates[0])}
		assertTable(t, "blocked", row.blocking, r.Failure)
		assertTable(t, "success", row.success, r.SuccessProbability())
		assertTable(t, "amplification", row.amplification, r.AttemptsMean())
	}
}

// Oracle table A9, metastability: an M/M/1 queue whose requests time out but
// are served all the same. The last rate is the collapse.
func TestRetryLoadsOfATimedOutQueueAgreeWithTheTable(t *testing.T) {
	for _, row := range []struct {
		lambda, timeout float64
		retries         int
		want            []float64
	}{
		{0.5, 8, 3, []float64{0.510132, 0.907703, 2}},
		{0.6, 5, 3, []float64{2.4}},
		{0.5, 5, 5, []float64{0.563568, 0.808224, 3}},
	} {
		rates := RetryLoadsApprox(row.lambda, row.retries, func(x float64) float64 {
			return MM1{x, 1}.ResponseSurvival(row.timeout)
		})
		if assert.Len(t, rates, len(row.want)) {
			for i, want := range row.want {
				assertPrinted(t, "rate", want, rates[i], 6)
			}
		}
	}
	assert.Equal(t, []float64{3}, RetryLoadsApprox(3, 0, func(float64) float64 { return 0.5 }))
	assert.Equal(t, []float64{3}, RetryLoadsApprox(3, 2, func(float64) float64 { return 0 }))
}
