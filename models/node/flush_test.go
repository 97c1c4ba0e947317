package node

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// flushed lets instances of a cache forget, in milliseconds.
func flushed(node, first, count int, at float64) fault.Fault {
	return fault.Fault{Kind: fault.Flush, Where: []fault.Span{{Node: node, First: first, Count: count}}, At: sim.FromNanoseconds(at * ms)}
}

func TestAFlushIsAColdStart(t *testing.T) {
	// The same requests, shifted: what comes after a flush fares like what
	// comes first.
	const look = 2
	system := func() []Node {
		c := comes(t, 1, "poisson 2k/s")
		c.Client.Keys = keysOf("zipf s=1 n=300")
		web := server("web", ServerSpec{Cores: 100}, Step{Kind: StepGet, ID: 4, Target: Target{Node: look}, Branches: [][]Step{{cpu(1)}}})
		return []Node{c, web, keeping(CacheSpec{Policy: lru, Capacity: 200})}
	}
	ratio := func(from, to int, faults ...fault.Fault) float64 {
		spec := specFor(20, system()...)
		spec.Faults = faults
		n := NewNetwork(spec, 0)
		n.start(0)
		n.scheduleFaults()
		n.openWindow()
		n.advance(sim.Time(from) * msec)
		hits, misses := n.snap.Nodes[look].Hits, n.snap.Nodes[look].Misses
		n.advance(sim.Time(to) * msec)
		hits, misses = n.snap.Nodes[look].Hits-hits, n.snap.Nodes[look].Misses-misses
		return float64(hits) / float64(hits+misses)
	}
	cold, warm, after, later := ratio(0, 200), ratio(10_000, 10_200), ratio(10_000, 10_200, flushed(look, 0, 1, 10_000)), ratio(15_000, 20_000, flushed(look, 0, 1, 10_000))
	assert.InDelta(t, cold, after, 4*deviation(0.5, 400)*1.5)
	assert.Greater(t, warm, cold+0.2)
	assert.InDelta(t, ratio(15_000, 20_000), later, 0.01, "and it is soon as it was")
}

func TestAFlushHasPassedWhenTheCacheKeepsAsMuchAgain(t *testing.T) {
	// Keys 1 and 2 are there at 10 ms, and again at 41: a look-up takes 1 ms.
	spec := specFor(1, users(1, Policy{}, 1, 5, 20, 40, 60), server("web", ServerSpec{},
		Step{Kind: StepGet, ID: 4, Target: Target{Node: 2}, Branches: [][]Step{{}}}), keeping(CacheSpec{Policy: lru, Capacity: 10}))
	spec.Nodes[0] = about(spec.Nodes[0], 1, 2, 1, 2, 1)
	s := sufferOf(t, spec, flushed(2, 0, 1, 10), flushed(2, 0, 1, 500), flushed(2, 0, 1, 0))
	assert.Equal(t, [3]uint64{1, 4}, [3]uint64{s.Nodes[2].Hits, s.Nodes[2].Misses})
	assert.Equal(t, 41*msec, s.Faults[0].Recovered)
	assert.Equal(t, sim.Never, s.Faults[1].Recovered)
	assert.Equal(t, sim.Time(0), s.Faults[2].Recovered, "there was nothing in it")
}

func TestAFlushOfOneInstanceLeavesTheOthers(t *testing.T) {
	spec := specFor(1, comes(t, 1, "poisson 20k/s"), server("web", ServerSpec{Cores: 9},
		Step{Kind: StepGet, ID: 4, Target: Target{Node: 2}, Branches: [][]Step{{}}}), spread(keeping(CacheSpec{Policy: lru, Capacity: 1000}), 2))
	spec.Nodes[0].Client.Keys = keysOf("uniform n=500")
	misses := func(faults ...fault.Fault) uint64 { return sufferOf(t, spec, faults...).Nodes[2].Misses }
	assert.Equal(t, uint64(500), misses())
	first, second := misses(flushed(2, 0, 1, 500)), misses(flushed(2, 1, 1, 500))
	assert.Equal(t, uint64(1500), first+second)
	assert.Equal(t, uint64(1000), misses(flushed(2, 0, 2, 500)))
	assert.Greater(t, first, uint64(600))
}

func TestAFlushLetsMissesGoOn(t *testing.T) {
	// The item is on its way when the cache is flushed, and two wait for it.
	spec := specFor(1, users(1, Policy{}, 1, 2, 3, 30), server("web", ServerSpec{Cores: 9},
		Step{Kind: StepGet, ID: 4, Target: Target{Node: 2}, Branches: [][]Step{{cpu(10)}}}), keeping(CacheSpec{Policy: lru, Capacity: 10, Coalesce: true}))
	spec.Nodes[0] = about(spec.Nodes[0], 1, 1, 1, 1)
	s := sufferOf(t, spec, flushed(2, 0, 1, 5))
	assert.Equal(t, uint64(4), s.Clients[0].Ops[0].OK)
	assert.Equal(t, uint64(2), s.Nodes[2].Coalesced)
	assert.InDelta(t, 10*ms, s.Nodes[1].CPU.Busy.Float64(), 0, "fetched once")
}
