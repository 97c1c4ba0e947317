package theory

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Oracle table A9, token buckets: Poisson arrivals at a bucket of 100 a second.
func TestTokenBucketAgreesWithTheTable(t *testing.T) {
	for _, row := range []struct {
		lambda           float64
		burst            int
		reject, admitted float64
	}{
		{90, 1, 0.47368421, 47.368421},
		{90, 5, 0.064361897, 84.207429},
		{90, 20, 0.0018531757, 89.833214},
		{100, 10, 0.050847458, 94.915254},
		{120, 10, 0.17091077, 99.490708},
		{200, 50, 0.5, 100},
	} {
		b := TokenBucket{row.lambda, 100, row.burst}
		assertTable(t, "rejected", row.reject, b.RejectProbability())
		assertTable(t, "admitted", row.admitted, b.Throughput())
	}
}

// One token is an M/D/1/1 queue, which loses rho/(1+rho); two, by hand from
// the embedded chain, lose 1 - 1/(rho + e^-rho).
func TestTokenBucketOfOneOrTwoTokens(t *testing.T) {
	for _, rho := range []float64{1e-6, 0.5, 0.99995, 1, 3} {
		assertWithin(t, "one", rho/(1+rho), TokenBucket{rho, 1, 1}.RejectProbability(), 1e-13)
		assertWithin(t, "two", (rho+math.Expm1(-rho))/(rho+math.Exp(-rho)), TokenBucket{rho, 1, 2}.RejectProbability(), 1e-9)
	}
	assert.Zero(t, TokenBucket{0, 1, 1}.RejectProbability())
}

// Rejections of a deep bucket below its rate fall off as the tail of the
// M/D/1 queue, whose decay is the root z > 1 of z = e^(rho(z-1)); above its
// rate, what exceeds it is rejected.
func TestDeepTokenBuckets(t *testing.T) {
	z := bisect(func(z float64) bool { return z > math.Exp(0.8*(z-1)) }, 1.1, 2)
	near, far := TokenBucket{0.8, 1, 200}.RejectProbability(), TokenBucket{0.8, 1, 201}.RejectProbability()
	assertWithin(t, "decay", z, near/far, 1e-10)
	assert.Less(t, near, 1e-30)
	assert.Positive(t, far)
	assertWithin(t, "overload", 0.5, TokenBucket{2, 1, 100_000}.RejectProbability(), 1e-14)
	// At exactly the rate the loss is near 1/(2 Burst).
	assertWithin(t, "balance", 1.0/2000, TokenBucket{1, 1, 1000}.RejectProbability(), 1e-3)
}
