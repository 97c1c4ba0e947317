package theory

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Oracle table A9, breakers.
func TestBreakerAgreesWithTheTable(t *testing.T) {
	for _, row := range []struct {
		failure        float64
		consecutive    int
		lambda, open   float64
		attempts, time float64
	}{
		{0.5, 5, 10, 30, 62, 0.90361446},
		{0.2, 5, 100, 10, 3905, 0.24242424},
		{0.9, 5, 10, 30, 6.9350878, 0.99438666},
		{0.1, 3, 50, 5, 1110, 0.2},
	} {
		b := Breaker{row.lambda, row.failure, row.consecutive, row.open}
		assertTable(t, "requests until it opens", row.attempts, b.TripAttemptsMean())
		assertTable(t, "open", row.time, b.OpenFraction())
		assertTable(t, "rejected", row.time, b.RejectedFraction())
		// The renewal cycle as it is usually written: closed, open, trying.
		spells := 1 / (1 - row.failure)
		cycle := b.TripAttemptsMean()/row.lambda + spells*(row.open+1/row.lambda)
		assertWithin(t, "open, by cycles", spells*row.open/cycle, b.OpenFraction(), 1e-13)
		assertWithin(t, "openings", spells/cycle, b.OpeningRate(), 1e-13)
		assertWithin(t, "let through", (b.TripAttemptsMean()+spells)/cycle, b.Throughput(), 1e-13)
		assertWithin(t, "flow", row.lambda, b.Goodput()+row.lambda*b.ErrorRatio(), 1e-13)
	}
}

func TestBreakerAtItsLimits(t *testing.T) {
	well := Breaker{Lambda: 10, Consecutive: 5, Open: 30}
	assert.Equal(t, math.Inf(1), well.TripAttemptsMean())
	assert.Zero(t, well.OpenFraction())
	assert.Equal(t, 10.0, well.Goodput())
	// When all fails, one request is let through in each open spell.
	dead := Breaker{Lambda: 10, Failure: 1, Consecutive: 5, Open: 30}
	assert.Equal(t, 5.0, dead.TripAttemptsMean())
	assertWithin(t, "let through", 1/30.1, dead.Throughput(), 1e-14)
	assert.Equal(t, 1.0, dead.ErrorRatio())
	never := Breaker{Lambda: 10, Failure: 0.5, Consecutive: 5}
	assert.Equal(t, 10.0, never.Throughput())
	assert.Equal(t, 0.5, never.ErrorRatio())
}

// The breaker played: two million requests.
func TestBreakerAgreesWithPlayingIt(t *testing.T) {
	b := Breaker{Lambda: 10, Failure: 0.4, Consecutive: 3, Open: 2}
	random := rand.New(rand.NewPCG(1, 2))
	now, until, row, opened, through := 0.0, 0.0, 0, 0, 0
	trying := false
	const requests = 2_000_000
	for range requests {
		now += random.ExpFloat64() / b.Lambda
		if now < until {
			continue
		}
		through++
		failed := random.Float64() < b.Failure
		row++
		if !failed {
			row, trying = 0, false
		} else if trying || row == b.Consecutive {
			row, trying, until = 0, true, now+b.Open
			opened++
		}
	}
	assertWithin(t, "let through", float64(through)/requests, 1-b.RejectedFraction(), 0.005)
	assertWithin(t, "openings", float64(opened)/now, b.OpeningRate(), 0.01)
}
