package node

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/stats"
)

// tokens is the rate limit of a text such as 1/3, requests a second.
func tokens(tb testing.TB, perSecond string, burst uint64) *RateLimit {
	tb.Helper()
	r, ok := new(big.Rat).SetString(perSecond)
	require.True(tb, ok)
	return NewRateLimit(r, burst)
}

// refused is how many of a client's requests a server with one more key
// rejects.
func refused(t *testing.T, spec ServerSpec, at ...float64) uint64 {
	t.Helper()
	s := simulate(t, 1000, users(1, Policy{}, at...), server("web", spec, pause(1)))
	assert.Equal(t, s.Nodes[1].Errors[Rejected-1], s.Clients[0].Ops[0].Errors[Rejected-1])
	assert.Equal(t, uint64(len(at)), s.Nodes[1].Arrivals, "refused ones included")
	return s.Clients[0].Ops[0].Errors[Rejected-1]
}

func TestBucketLetsABurstThroughAndFillsSteadily(t *testing.T) {
	burst := []float64{10, 10, 10, 10, 10}
	assert.Equal(t, uint64(2), refused(t, ServerSpec{RateLimit: tokens(t, "100", 3)}, burst...))
	// Empty at 10 ms; 2 tokens by 30 ms, full again long before 500 ms.
	assert.Equal(t, uint64(2+1+1), refused(t, ServerSpec{RateLimit: tokens(t, "100", 3)}, append(burst, 30, 30, 30, 500, 500, 500, 500)...))
	// A token is whole at 20 ms, not before.
	assert.Equal(t, uint64(2), refused(t, ServerSpec{RateLimit: tokens(t, "100", 1)}, 10, 19.99999, 20, 29.9999))
	assert.Equal(t, uint64(0), refused(t, ServerSpec{RateLimit: tokens(t, "100", 1)}, 10, 20, 30))
}

func TestRateLimitIsPerInstance(t *testing.T) {
	limited := spread(server("web", ServerSpec{RateLimit: tokens(t, "1", 1)}, pause(1)), 3)
	s := simulate(t, 1, users(1, Policy{}, 0, 1, 2, 3), limited)
	assert.Equal(t, [1 + Errors]uint64{OK: 3, Rejected: 1}, endings(s, 0))
}

// Requests at exactly the rate of the limit all pass, however odd the rate
// and however long: nothing drifts.
func TestRequestsAtTheRateOfTheLimitPass(t *testing.T) {
	for _, rate := range []string{"3", "7", "1/60", "1000/3", "1.5", "99999.7"} {
		r, _ := new(big.Rat).SetString(rate)
		limit, b := NewRateLimit(r, 1), bucket{}
		number := new(big.Rat)
		for k := range int64(200_000) {
			// Request k is due at k/rate seconds, to the nearest nanosecond.
			number.SetInt64(k * int64(sim.Second))
			number.Quo(number, r)
			at, _ := number.Float64()
			require.True(t, b.take(limit, sim.FromNanoseconds(at)), "%s, request %d", rate, k)
		}
		assert.True(t, b.missing.Cmp(bucketOf(2*limit.Per)) <= 0)
	}
}

func bucketOf(n uint64) (b stats.Sum128) { b.Add(n); return b }

// Twice the rate: every second one passes, exactly.
func TestLongRunRateIsExact(t *testing.T) {
	r := big.NewRat(7, 3)
	limit, b, passed := NewRateLimit(r, 5), bucket{}, 0
	for k := range 700_000 {
		if b.take(limit, sim.Time(k)*100*sim.Millisecond) {
			passed++
		}
	}
	assert.Equal(t, 5+70_000*7/3, passed, "the burst, and the tokens of 70,000 s")
}

func TestRatesOfManyDigitsAreTakenAsNearAsCanBe(t *testing.T) {
	limit := tokens(t, "0.12345678901234567890123456789", 1)
	assert.InEpsilon(t, 0.12345678901234568, float64(limit.Tokens)/float64(limit.Per)*1e9, 1e-9)
	tiny := tokens(t, "1/1000000000000000000000000000000", 1)
	assert.Positive(t, tiny.Tokens)
}

func TestARefusedRequestTakesNoWorkerAndNoToken(t *testing.T) {
	s := simulate(t, 1, users(1, Policy{}, 0, 1, 2, 3, 100), server("web", ServerSpec{Concurrency: 1, Backlog: 9, RateLimit: tokens(t, "10", 1)}, pause(50)))
	assert.Equal(t, [1 + Errors]uint64{OK: 2, Rejected: 3}, endings(s, 0))
	assert.InDelta(t, 100*ms, s.Nodes[1].Workers.Busy.Float64(), 0)
}

func TestShedRefusesWhileTheNextInLineHasWaitedLong(t *testing.T) {
	// One has the worker from 0 to 30 ms, one waits from 5 ms. At 15 ms it has
	// waited for exactly the limit, at 16 ms for longer.
	web := server("web", ServerSpec{Concurrency: 1, Backlog: None, Shed: 10 * msec}, pause(30))
	s := simulate(t, 1, users(1, Policy{}, 0, 5, 15, 16, 29, 31), web)
	assert.Equal(t, [1 + Errors]uint64{OK: 3, Rejected: 3}, endings(s, 0), "at 31 ms the one of 15 ms is next, and has waited 16 ms")
}

func TestShedLooksAtWhoIsServedNext(t *testing.T) {
	urgent := ranked(asking("v", "request", 1, Policy{}, 11), 5)
	web := server("web", ServerSpec{Concurrency: 1, Backlog: None, Shed: 10 * msec, Scheduling: ByPriority}, pause(30))
	s := simulate(t, 1, users(1, Policy{}, 0, 1, 20), web, urgent)
	assert.Equal(t, onlyOne(OK, 3), endings(s, 0), "the one of 11 ms goes before that of 1 ms")
}

// lineOfSheds is what Shed does, said again: one worker, requests in order of
// arrival, and a list of what they wait for.
func lineOfSheds(arrivals, service []sim.Time, shed sim.Time) (rejected int) {
	free := sim.Time(0)
	var starts, came []sim.Time // of those who were let in
	for i, now := range arrivals {
		first := -1
		for k := range starts {
			if starts[k] > now {
				first = k
				break
			}
		}
		if first >= 0 && now-came[first] > shed {
			rejected++
			continue
		}
		free = max(free, now)
		starts, came = append(starts, free), append(came, now)
		free += service[i]
	}
	return rejected
}

func TestShedAgainstASecondImplementation(t *testing.T) {
	s := sim.Keyed(5)
	var at []float64
	var arrivals, service []sim.Time
	now := 0.0
	for range 3000 {
		now += float64(s.Below(20_000)) / 1000
		at = append(at, now)
		arrivals, service = append(arrivals, sim.FromNanoseconds(now*ms)), append(service, 13*msec)
	}
	for _, shed := range []sim.Time{msec, 20 * msec, 200 * msec} {
		got := rejectedOf(t, ServerSpec{Concurrency: 1, Backlog: None, Shed: shed}, 13, at...)
		assert.Equal(t, uint64(lineOfSheds(arrivals, service, shed)), got)
		assert.Greater(t, got, uint64(300))
	}
}

func rejectedOf(t *testing.T, spec ServerSpec, service float64, at ...float64) uint64 {
	t.Helper()
	s := simulate(t, 1000, users(1, Policy{}, at...), server("web", spec, pause(service)))
	return s.Clients[0].Ops[0].Errors[Rejected-1]
}

func TestRequestsHoldMemoryFromArrivalToTheEnd(t *testing.T) {
	// Two inside from 5 to 30 ms, one before and after: 30 and 55 ms in all.
	web := server("web", ServerSpec{Concurrency: 1, Backlog: 9, MemoryBase: 1000, MemoryPerRequest: dist.Constant{Value: 50}}, pause(30))
	s := simulate(t, 1, users(1, Policy{}, 0, 5), spread(web, 1))
	assert.InDelta(t, 1000*sim.Second.Seconds()*1e9+50*(30+55)*ms, s.Nodes[1].Memory.Busy.Float64(), 0)
	assert.Nil(t, s.Nodes[1].Exhausted)

	s = simulate(t, 1, users(1, Policy{}, 0, 5), spread(web, 3))
	assert.InDelta(t, 3*1000*1e9+50*(30+30)*ms, s.Nodes[1].Memory.Busy.Float64(), 0)
}

func TestMemoryIsHeldWhileTheAnswerGoesOut(t *testing.T) {
	web := server("web", ServerSpec{Network: 1000, MemoryPerRequest: dist.Constant{Value: 50}}, pause(30))
	client := users(1, Policy{}, 0)
	client.Client.ResponseSize = dist.Constant{Value: 10}
	s := simulate(t, 1, client, web)
	assert.InDelta(t, 50*(30+10)*ms, s.Nodes[1].Memory.Busy.Float64(), 0)
}

func TestCancelledRequestsFreeTheirMemory(t *testing.T) {
	web := server("web", ServerSpec{MemoryPerRequest: dist.Constant{Value: 50}}, Step{Kind: StepMemory, ID: 3, Time: dist.Constant{Value: 7}}, pause(30))
	s := simulate(t, 1, gaveUp(true), web)
	assert.InDelta(t, 57*10*ms, s.Nodes[1].Memory.Busy.Float64(), 0)
}
