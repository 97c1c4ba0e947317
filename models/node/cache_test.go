package node

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// keysOf is a law of keys.
func keysOf(text string) dist.Law {
	law, err := dist.Parse(text, dist.Key, nil)
	if err != nil {
		panic(err)
	}
	return law
}

// lru is the policy of a cache that keeps what was used last.
const lru = "lru"

// keeping is a cache of an emergent hit ratio, with a latency of 1 ms.
func keeping(s CacheSpec) Node {
	s.Policy, s.Latency = lru, constantLawOf(1)
	return Node{Name: "cache", Kind: Cache, Instances: 1, Cache: &s}
}

// about lets the requests of a client be about some items, one after the
// other.
func about(c Node, keys ...uint64) Node {
	c.Client.Open.(arrival.TracePlan).Trace.Keys = keys
	return c
}

// lookUps counts hits, misses and coalesced look-ups of a node.
func lookUps(s *Snapshot, node int) [3]uint64 {
	n := &s.Nodes[node]
	return [3]uint64{n.Hits, n.Misses, n.Coalesced}
}

// latencies are those of a client's requests, which must be one operation's.
func latencies(s *Snapshot, client int) (sum float64, longest float64) {
	h := &s.Clients[client].Ops[0].Latency
	return h.Sum().Float64() / ms, float64(h.Max()) / ms
}

func TestWhatAGetHasMissedIsThereAtOnce(t *testing.T) {
	app := server("app", ServerSpec{}, looksUp(Policy{}, pause(5)))
	s := simulate(t, 1, about(users(1, Policy{}, 0, 6, 20, 30), 7, 7, 8, 7), app, keeping(CacheSpec{Capacity: 10}))
	assert.Equal(t, [3]uint64{2, 2, 0}, lookUps(s, 2))
	sum, longest := latencies(s, 0)
	assert.InDelta(t, 6+1+6+1, sum, 0, "a look-up costs 1 ms, a miss 5 more, and the entry nothing")
	assert.InDelta(t, 6, longest, 0.05)

	s = simulate(t, 1, users(1, Policy{}, 0, 20, 40), server("app", ServerSpec{}, looksUp(Policy{}, pause(5), failing(1))), keeping(CacheSpec{Capacity: 10}))
	assert.Equal(t, [3]uint64{0, 3, 0}, lookUps(s, 2), "what failed is not kept")
	assert.Equal(t, onlyOne(Failed, 3), endings(s, 0))

	// Answers that come too late are misses of callers who have gone; what
	// they fetch instead is kept all the same.
	s = simulate(t, 1, users(1, Policy{}, 0, 20), server("app", ServerSpec{}, looksUp(Policy{Timeout: msec / 2}, pause(5))), keeping(CacheSpec{Capacity: 10}))
	assert.Equal(t, [3]uint64{0, 2, 0}, lookUps(s, 2))
}

func TestTheLeastRecentlyUsedGoes(t *testing.T) {
	app := server("app", ServerSpec{}, looksUp(Policy{}))
	s := simulate(t, 1, about(users(1, Policy{}, 0, 10, 20, 30, 40, 50), 1, 2, 1, 3, 1, 2), app, keeping(CacheSpec{Capacity: 2}))
	assert.Equal(t, [3]uint64{2, 4, 0}, lookUps(s, 2), "3 takes the place of 2")
	assert.Equal(t, uint64(2), s.Nodes[2].Evictions)

	// Every item of 40 bytes finds room for two in 100 bytes.
	s = simulate(t, 1, about(users(1, Policy{}, 0, 10, 20, 30, 40, 50), 1, 2, 1, 3, 1, 2), app,
		keeping(CacheSpec{Capacity: 100, Size: dist.Constant{Value: 40}}))
	assert.Equal(t, [3]uint64{2, 4, 0}, lookUps(s, 2))
}

func TestTheTimeOfAnEntryRunsFromWhenItWasEntered(t *testing.T) {
	// Entered at 6 ms for 20 ms: it is looked up at 25.5 and at 26.
	app := server("app", ServerSpec{}, looksUp(Policy{}, pause(5)))
	for _, capacity := range []uint64{0, 10} {
		s := simulate(t, 1, users(1, Policy{}, 0, 24.5, 25), app, keeping(CacheSpec{Capacity: capacity, TTL: 20 * msec}))
		assert.Equal(t, [3]uint64{1, 2, 0}, lookUps(s, 2))
		assert.Equal(t, uint64(1), s.Nodes[2].Expirations)
	}

	// Where only its time bounds what is kept, nothing is kept beyond it.
	spec := specFor(1, about(users(1, Policy{}, 0, 10, 20, 30, 40), 1, 2, 3, 4, 5), server("app", ServerSpec{}, looksUp(Policy{})), keeping(CacheSpec{TTL: 15 * msec}))
	n := NewNetwork(spec, 0)
	s, err := n.Run(nil)
	require.NoError(t, err)
	assert.Equal(t, 2, n.nodes[2].cache.each[0].Len(), "those entered at 31 and 41 ms: nobody has come since")
	assert.Equal(t, uint64(3), s.Nodes[2].Expirations)
}

func TestSetAndInvalidate(t *testing.T) {
	get := server("app", ServerSpec{}, looksUp(Policy{}, failing(1)))
	app := offering(get, "write", Step{Kind: StepSet, ID: 3, Target: Target{Node: 2}})
	app = offering(app, "zap", Step{Kind: StepInvalidate, ID: 4, Target: Target{Node: 2}})
	app.Server.Ops[0].Name = "read"
	asks := []string{"read", "write", "read", "zap", "read"}
	s := simulate(t, 1, scripted(1, Policy{}, []float64{0, 10, 20, 30, 40}, asks...), app, keeping(CacheSpec{Capacity: 10}))
	assert.Equal(t, [3]uint64{1, 2, 0}, lookUps(s, 2))
	assert.Equal(t, uint64(5), s.Nodes[2].Completions, "each takes a visit")
	assert.InDelta(t, 1, s.Nodes[2].Response.Sum().Float64()/5/ms, 0, "of one latency")
}

func TestAStepMayBeAboutSomethingElse(t *testing.T) {
	get := looksUp(Policy{})
	get.Key = KeyOf{Law: dist.Constant{Value: 3}}
	app := server("app", ServerSpec{}, get)
	s := simulate(t, 1, about(users(1, Policy{}, 0, 10, 20), 7, 8, 9), app, keeping(CacheSpec{Capacity: 10}))
	assert.Equal(t, [3]uint64{2, 1, 0}, lookUps(s, 2), "all are about item 3")

	// A visit is about what it was called for, and so are its look-ups.
	front := server("front", ServerSpec{}, Step{Kind: StepCall, ID: 5, Target: Target{3, "request"}, Key: KeyOf{Law: dist.Constant{Value: 3}}})
	s = simulate(t, 1, about(users(1, Policy{}, 0, 10, 20), 7, 8, 9), front, keeping(CacheSpec{Capacity: 10}), server("app", ServerSpec{}, looksUp(Policy{})))
	assert.Equal(t, [3]uint64{2, 1, 0}, lookUps(s, 2))
}

func TestAReadThroughAsksItsOrigin(t *testing.T) {
	web := offering(offering(server("web", ServerSpec{}, pause(5)), "a", pause(5)), "b", pause(5))
	ask := scripted(1, Policy{}, []float64{0, 10, 20, 30}, "a", "b", "a", "b")
	s := simulate(t, 1, ask, keeping(CacheSpec{Capacity: 10, Origin: &Target{Node: 2}}), web)
	assert.Equal(t, [3]uint64{2, 2, 0}, lookUps(s, 1), "each operation has items of its own")
	assert.Equal(t, []uint64{2}, arrivals(s, 2))
	assert.InDelta(t, 6+6+1+1, took(s, 0), 0)

	s = simulate(t, 1, ask, keeping(CacheSpec{Capacity: 10, Origin: &Target{2, "a"}}), web)
	assert.Equal(t, [3]uint64{3, 1, 0}, lookUps(s, 1), "the origin is always asked for the same")

	s = simulate(t, 1, users(1, Policy{}, 0, 10), keeping(CacheSpec{Capacity: 10, Origin: &Target{2, "request"}}), server("web", ServerSpec{}, failing(1)))
	assert.Equal(t, onlyOne(Failed, 2), endings(s, 0), "its error travels up, and is not kept")

	s = simulate(t, 1, users(1, Policy{}, 0, 10), keeping(CacheSpec{Capacity: 10, Timeout: 2 * msec, Origin: &Target{2, "request"}}), server("web", ServerSpec{}, pause(5)))
	assert.Equal(t, onlyOne(TimedOut, 2), endings(s, 0))
	assert.Equal(t, uint64(2), s.Nodes[2].Completions, "nobody waited for it")

	// An invalidation takes the item out for all operations.
	app := server("app", ServerSpec{}, call(1, "a"), call(1, "b"))
	app = offering(app, "zap", Step{Kind: StepInvalidate, ID: 4, Target: Target{Node: 1}})
	s = simulate(t, 1, scripted(3, Policy{}, []float64{0, 100, 200, 300}, "request", "request", "zap", "request"), keeping(CacheSpec{Capacity: 10, Origin: &Target{Node: 2}}), web, app)
	assert.Equal(t, [3]uint64{2, 4, 0}, lookUps(s, 1))
}

func TestTheInstancesOfACacheShareItsItems(t *testing.T) {
	var at []float64
	var keys []uint64
	for i := range 600 {
		at, keys = append(at, float64(i)), append(keys, uint64(i%300))
	}
	app := server("app", ServerSpec{}, looksUp(Policy{}))
	nodes := []Node{about(users(1, Policy{}, at...), keys...), app, spread(keeping(CacheSpec{Capacity: 300}), 3)}
	s := simulate(t, 1, nodes...)
	assert.Equal(t, [3]uint64{300, 300, 0}, lookUps(s, 2), "an item is at one of them")
	for _, n := range arrivals(s, 2) {
		assert.InDelta(t, 200, n, 60, "with 160 points each")
		assert.Zero(t, n%2)
	}

	// One is dead from 150 to 250 ms, and comes back empty.
	s = suffer(t, []fault.Fault{strikes(fault.Kill, 2, 0, 150, 100)}, nodes...)
	all := arrivals(simulate(t, 1, nodes...), 2)[0] / 2
	missed := s.Nodes[2].Errors[Unavailable-1]
	assert.Greater(t, missed, uint64(20))
	assert.Equal(t, uint64(600), s.Nodes[2].Hits+s.Nodes[2].Misses, "to a get it is a miss that nobody is there")
	assert.Equal(t, uint64(600), endings(s, 0)[OK], "to a get that is a miss")
	assert.Less(t, s.Nodes[2].Hits, 300-missed, "what it kept is lost, and what was fetched meanwhile")
	assert.Greater(t, s.Nodes[2].Hits, 300-all, "the others go on")
}

func TestAWarmCacheIsFullFromTheStart(t *testing.T) {
	app := server("app", ServerSpec{}, looksUp(Policy{}))
	warm := func(s CacheSpec, keys ...uint64) [3]uint64 {
		at := make([]float64, len(keys))
		for i := range at {
			at[i] = float64(10 * i)
		}
		return lookUps(simulate(t, 1, about(users(1, Policy{}, at...), keys...), app, keeping(s)), 2)
	}
	assert.Equal(t, [3]uint64{2, 1, 0}, warm(CacheSpec{Capacity: 2, Warm: &Warmth{Below: 10}}, 1, 0, 2))
	assert.Equal(t, [3]uint64{2, 1, 0}, warm(CacheSpec{Capacity: 2, Warm: &Warmth{Items: []uint64{9}, Below: 10}}, 9, 0, 1))
	assert.Equal(t, [3]uint64{1, 2, 0}, warm(CacheSpec{Capacity: 2, Warm: &Warmth{Below: 10}}, 7, 0, 1), "7 takes the place of 1, which is less popular than 0")
	assert.Equal(t, [3]uint64{3, 0, 0}, warm(CacheSpec{TTL: 3600 * sim.Second, Warm: &Warmth{Below: 10}}, 9, 5, 0))

	// Of entries as old as any, half have gone after half their time.
	var keys []uint64
	for k := range uint64(90) {
		keys = append(keys, k)
	}
	got := warm(CacheSpec{TTL: 900 * msec, Warm: &Warmth{Below: 100}}, keys...)
	assert.InDelta(t, 45, got[0], 12, "the variance is Σ p(1−p) = 15: three standard deviations")
	assert.Equal(t, uint64(90), got[0]+got[1])
}

func TestTheLatencyOfACacheMayBeWork(t *testing.T) {
	cache := keeping(CacheSpec{Capacity: 10, Cores: 1})
	s := simulate(t, 1, users(1, Policy{}, 0, 0, 0), server("app", ServerSpec{}, looksUp(Policy{})), cache)
	assert.InDelta(t, 1+2+3, took(s, 0), 0)
	assert.InDelta(t, 3*ms, s.Nodes[2].CPU.Busy.Float64(), 0)
	assert.InDelta(t, 3*ms, s.Nodes[2].CPU.Queue.Float64(), 0)
}

// The latencies show nothing of a cache that fills slowly if a miss costs
// next to nothing; the pilot looks at the hits as well.
func TestThePilotWaitsForACacheToFill(t *testing.T) {
	spec := func(cache CacheSpec) *Spec {
		c := openClient(t, "1000/s")
		c.Client.Keys, c.Client.Target = keysOf("uniform n=10000"), Target{Node: 1}
		s := specFor(100, c, server("app", ServerSpec{}, looksUp(Policy{})), keeping(cache))
		s.Run.Warmup = Auto
		return s
	}
	cold, late, err := NewNetwork(spec(CacheSpec{Capacity: 5000}), Pilot).FindWarmup(nil)
	require.NoError(t, err)
	assert.False(t, late)
	// Half of all items have been asked for after ln 2 · 10 s: it is full.
	assert.InDelta(t, 6.9, cold.Seconds(), 2)
	warm, _, err := NewNetwork(spec(CacheSpec{Capacity: 5000, Warm: &Warmth{Below: 10000}}), Pilot).FindWarmup(nil)
	require.NoError(t, err)
	assert.LessOrEqual(t, warm, sim.Second)
}
