package node

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// coalescing is a cache that lets one miss at a time go for each item.
func coalescing() Node { return keeping(CacheSpec{Capacity: 100, Coalesce: true}) }

// reader is a server that gets from node 2, and whose misses then call a
// server at node 3, so that those can be counted.
func reader(p Policy, miss ...Step) Node {
	return server("app", ServerSpec{}, looksUp(p, miss...))
}

func TestOneMissAtATimeIsFetched(t *testing.T) {
	db := server("db", ServerSpec{}, pause(5))
	// Looked up at 1, 2, 3 and 4 ms; fetched from 1 to 6.
	s := simulate(t, 1, users(1, Policy{}, 0, 1, 2, 3), reader(Policy{}, asks(3, Policy{})), coalescing(), db)
	assert.Equal(t, [3]uint64{0, 1, 3}, lookUps(s, 2))
	assert.Equal(t, uint64(1), s.Nodes[3].Arrivals)
	assert.InDelta(t, 6+5+4+3, took(s, 0), 0, "all are answered at 6 ms")

	s = simulate(t, 1, about(users(1, Policy{}, 0, 1, 2, 3), 1, 2, 1, 2), reader(Policy{}, asks(3, Policy{})), coalescing(), db)
	assert.Equal(t, [3]uint64{0, 2, 2}, lookUps(s, 2), "each item by itself")

	// A read-through does the same.
	through := keeping(CacheSpec{Capacity: 10, Coalesce: true, Origin: &Target{2, "request"}})
	s = simulate(t, 1, users(1, Policy{}, 0, 1, 2, 3, 9), through, db)
	assert.Equal(t, [3]uint64{1, 1, 3}, lookUps(s, 1))
	assert.InDelta(t, 6+5+4+3+1, took(s, 0), 0)

	// So does a cache of a fixed hit ratio.
	fixed := cacheOf(0)
	fixed.Cache.Coalesce = true
	s = simulate(t, 1, users(1, Policy{}, 0, 1, 2, 9), reader(Policy{}, asks(3, Policy{})), fixed, db)
	assert.Equal(t, [3]uint64{0, 2, 2}, lookUps(s, 2), "that of 9 ms finds nothing, and nobody under way")
}

// Whoever fetches an item may not get it: the next of those who wait goes.
func TestTheNextGoesWhereTheFirstFails(t *testing.T) {
	bad := looksUp(Policy{}, pause(5), failing(1))
	app := offering(reader(Policy{}, pause(5)), "poor", bad)
	// The first misses at 1 ms and fails at 6; the second, who has waited
	// since 2, fetches until 11, and answers the third.
	nodes := []Node{asking("poor", "poor", 1, Policy{}, 0), app, coalescing(), users(1, Policy{}, 1, 2)}
	s := simulate(t, 1, nodes...)
	assert.Equal(t, [3]uint64{0, 2, 1}, lookUps(s, 2))
	assert.Equal(t, onlyOne(Failed, 1), endings(s, 0))
	assert.InDelta(t, 10+9, took(s, 1), 0)

	// The same if the client cancels at 4 ms what its server fetches.
	nodes[0] = cancelling(asking("poor", "request", 1, Policy{Timeout: 4 * msec}, 0))
	s = simulate(t, 1, nodes...)
	assert.Equal(t, [3]uint64{0, 2, 1}, lookUps(s, 2))
	assert.InDelta(t, 8+7, took(s, 1), 0, "from 4 to 9 ms")

	// Or if its machine dies then: the second is at another.
	nodes[0] = asking("poor", "request", 4, Policy{}, 0)
	other := server("other", ServerSpec{}, looksUp(Policy{}, pause(5)))
	s = suffer(t, []fault.Fault{strikes(fault.Kill, 4, 0, 4, 100)}, append(nodes, other)...)
	assert.Equal(t, [3]uint64{0, 2, 1}, lookUps(s, 2))
	assert.InDelta(t, 8+7, took(s, 1), 0)

	// Or if the answer that it has missed does not reach it in time: the
	// look-up ends at 1 ms, and it has given up at 0.5.
	nodes[1] = offering(reader(Policy{}, pause(5)), "poor", looksUp(Policy{Timeout: msec / 2}, pause(30)))
	nodes[0] = asking("poor", "poor", 1, Policy{}, 0)
	s = simulate(t, 1, nodes...)
	assert.Equal(t, [3]uint64{0, 2, 1}, lookUps(s, 2))
	assert.InDelta(t, 6+5, took(s, 1), 0, "the second does not wait for it")
}

func TestWhoWaitsMayGiveUp(t *testing.T) {
	// The second has waited since 2 ms, and gives up at 3: then it fetches for
	// itself until 6, and its caller has it 2 ms before the first.
	slow := looksUp(Policy{}, pause(7))
	app := offering(reader(Policy{Timeout: 2 * msec}, pause(3)), "slow", slow)
	s := simulate(t, 1, asking("slow", "slow", 1, Policy{}, 0), app, coalescing(), users(1, Policy{}, 1), asking("z", "slow", 1, Policy{}, 2))
	assert.InDelta(t, 8, took(s, 0), 0)
	assert.InDelta(t, 2+3, took(s, 1), 0)
	assert.InDelta(t, 4, took(s, 2), 0, "whoever enters the item answers those who wait for it")
	assert.Equal(t, [3]uint64{0, 2, 1}, lookUps(s, 2), "the look-up that was given up is a miss")
}

func TestAKilledCacheForgetsWhatIsFetched(t *testing.T) {
	// Those who wait are told at 3 ms, and go for themselves; the cache is back
	// at 4, and what is fetched at 6 and 8 is kept.
	s := suffer(t, []fault.Fault{strikes(fault.Kill, 2, 0, 3, 1)},
		users(1, Policy{}, 0, 1, 20), reader(Policy{}, pause(5)), coalescing())
	assert.Equal(t, [3]uint64{1, 2, 0}, lookUps(s, 2))
	assert.InDelta(t, 6+7+1, took(s, 0), 0)
}

// Whoever would wait for himself goes by himself.
func TestNobodyWaitsForHimself(t *testing.T) {
	again := looksUp(Policy{}, pause(5))
	again.ID = 9
	s := simulate(t, 1, users(1, Policy{}, 0), server("app", ServerSpec{}, looksUp(Policy{}, again)), coalescing())
	assert.Equal(t, [3]uint64{0, 2, 0}, lookUps(s, 2))
	assert.InDelta(t, 1+1+5, took(s, 0), 0)

	// Through another server, in a branch.
	s = simulate(t, 1, users(1, Policy{}, 0), server("app", ServerSpec{}, looksUp(Policy{}, parallel(1, []Step{asks(3, Policy{})}))),
		coalescing(), server("db", ServerSpec{}, again))
	assert.Equal(t, [3]uint64{0, 2, 0}, lookUps(s, 2))

	// Two who hold one item each, and want that of the other.
	get := func(id uint64, key float64, miss ...Step) Step {
		g := looksUp(Policy{}, miss...)
		g.ID, g.Key = id, KeyOf{Law: dist.Constant{Value: key}}
		return g
	}
	app := server("app", ServerSpec{}, get(1, 1, get(2, 2, pause(5))))
	app = offering(app, "swapped", get(3, 2, get(4, 1, pause(5))))
	s = simulate(t, 1, users(1, Policy{}, 0), app, coalescing(), asking("z", "swapped", 1, Policy{}, 0))
	assert.Equal(t, onlyOne(OK, 1), endings(s, 0))
	assert.Equal(t, onlyOne(OK, 1), endings(s, 1))
	assert.InDelta(t, 7, took(s, 1), 0, "it goes by itself: the other waits for it")
	assert.InDelta(t, 7, took(s, 0), 0)
}

// dumbFlights works out by hand what a coalescing cache does to misses that
// take as long as each other and always end well.
func dumbFlights(at []sim.Time, keys []uint64, latency, fetch sim.Time) (hits, misses, coalesced uint64) {
	filled := map[uint64]sim.Time{}
	for i, when := range at {
		when += latency
		there, known := filled[keys[i]]
		switch {
		case !known:
			misses++
			filled[keys[i]] = when + fetch
		case when < there:
			coalesced++
		default:
			hits++
		}
	}
	return
}

func TestCoalescingAgainstADumbTwin(t *testing.T) {
	draw := sim.Keyed(5)
	law := keysOf("zipf s=0.8 n=300")
	var at []sim.Time
	var times []float64
	var keys []uint64
	for i := range 5000 {
		now := sim.Time(i)*200*sim.Microsecond + sim.Time(draw.Below(199))*sim.Microsecond + 1
		at, times, keys = append(at, now), append(times, float64(now)/ms), append(keys, uint64(law.Sample(&draw)))
	}
	hits, misses, coalesced := dumbFlights(at, keys, msec, 150*msec)
	require.Greater(t, coalesced, uint64(500))
	s := simulate(t, 2, about(users(1, Policy{}, times...), keys...), reader(Policy{}, asks(3, Policy{})), keeping(CacheSpec{Capacity: 1000, Coalesce: true}), server("db", ServerSpec{}, pause(150)))
	assert.Equal(t, [3]uint64{hits, misses, coalesced}, lookUps(s, 2))
	assert.Equal(t, misses, s.Nodes[3].Arrivals)
}

// The table of flights is open addressing with deletion: against a map.
func TestTheTableOfFlights(t *testing.T) {
	x, twin, draw := newFlights(), map[uint64]uint32{}, sim.Keyed(3)
	for range 20_000 {
		id := draw.Below(200)
		i := x.slots[x.slot(1, id)]
		require.Equal(t, twin[id], i)
		switch {
		case i == 0 && draw.Below(3) > 0:
			twin[id] = x.begin(1, id)
		case i != 0 && draw.Below(2) > 0:
			x.end(i)
			delete(twin, id)
		}
	}
	assert.Equal(t, len(twin), x.used)
	assert.Less(t, len(x.all), 300, "numbers are used again")
}
