package node

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/arrival"
)

// What comes to the instance of a cache that has most to do is reckoned from
// the law of the items, and is what comes there.
func TestReckonedLoadOfACachesBusiestInstance(t *testing.T) {
	client := users(1, Policy{})
	plan, problem := arrival.Parse("poisson 20000/s", nil, 1)
	require.Nil(t, problem)
	client.Client.Open, client.Client.Keys = plan, keyed(t, "zipf s=1 n=300")
	cache := spread(keeping(CacheSpec{Capacity: 300, Cores: 25}), 4)
	spec := specFor(5, client, server("app", ServerSpec{}, looksUp(Policy{})), cache)
	load := spec.Loads()[2]
	require.NotNil(t, load.Hottest)
	assert.False(t, load.Unsure)
	s := sufferOf(t, spec)
	counts, total := arrivals(s, 2), float64(s.Nodes[2].Arrivals)
	for _, n := range counts {
		assert.LessOrEqual(t, n, counts[load.Hottest.Instance])
	}
	share := load.Hottest.CPU * 25 / 20 // of 20 cores' work
	assert.Greater(t, share, 0.3, "more than its part")
	assert.InDelta(t, share, float64(counts[load.Hottest.Instance])/total, 5*math.Sqrt(share/total))

	// Not if the items are not known, or a balancer chooses the instance.
	traced := about(users(1, Policy{}, 1, 2), 7, 8)
	load = specFor(5, traced, server("app", ServerSpec{}, looksUp(Policy{})), cache).Loads()[2]
	assert.True(t, load.Unsure)
	cache.Cache.Origin = &Target{Node: 3}
	load = specFor(5, client, spreadOver(2), cache, server("web", ServerSpec{}, pause(1))).Loads()[2]
	assert.Nil(t, load.Hottest)
	assert.NotZero(t, load.CPU)
}
