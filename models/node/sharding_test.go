package node

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/sim"
)

// TestTheHottestShardBoundsTheRate judges what is reckoned of a database by
// the rows of A11 in ORACLES.md: keys by their rank modulo the shards.
func TestTheHottestShardBoundsTheRate(t *testing.T) {
	for _, row := range []struct {
		keys        string
		shards      int
		most, rate  float64 // share of the hottest shard; the largest rate over that of a shard
		secondShare float64 // sum of the squared shares if a hash were random
	}{
		{"zipf s=0.8 n=1000", 8, 0.16888836, 5.921071, 0.13326082},
		{"zipf s=1 n=1000", 8, 0.22065754, 4.5319095, 0.15067168},
		{"zipf s=1.2 n=1000", 16, 0.25795451, 3.8766525, 0.13148514},
		{"zipf s=1 n=10000", 32, 0.12219426, 8.1836902, 0.047883393},
		{"zipf s=1 n=100", 4, 0.35838663, 2.7902826, 0.29557},
	} {
		client, orders := users(1, Policy{}), holds(DatabaseSpec{Shards: row.shards}, Access{Kind: Write}, cpu(1))
		law := keyed(t, row.keys)
		plan, problem := arrival.Parse("poisson 100/s", nil, 1)
		require.Nil(t, problem)
		client.Client.Open, client.Client.Keys = plan, law
		spec := specFor(10, client, orders)
		h := spec.Loads()[1].Hottest
		assert.InEpsilon(t, row.rate, 0.1/h.CPU, 1e-7, row.keys)
		assert.Equal(t, 0, h.Instance)
		shares, known := spec.shardShares(1)
		assert.True(t, known)
		assert.InEpsilon(t, row.most, slices.Max(shares), 1e-7, row.keys)

		// The hash, with other keys each time, is like a random one.
		d := newSharding("orders", &DatabaseSpec{Shards: row.shards, By: ByHash})
		const rounds = 400
		var sum, squares float64
		for round := range uint64(rounds) {
			mass := make([]float64, row.shards)
			for key := range dist.KeyCount(law) {
				mass[d.of(key+round*1_000_003)] += dist.KeyShare(law, key)
			}
			second := 0.0
			for _, p := range mass {
				second += p * p
			}
			sum += second
			squares += second * second
		}
		mean := sum / rounds
		se := math.Sqrt((squares/rounds - mean*mean) / rounds)
		assert.InDelta(t, row.secondShare, mean, 4*se, row.keys)
		assert.Less(t, se, 0.01*mean, row.keys)
	}
}

// A ring shares keys out as ORACLES.md says: the shares of M shards with 160
// points each vary by sqrt((M−1)/(160·M+1)) of their mean, and one more shard
// takes 1/(M+1) of the keys.
func TestARingOfShardsIsAsEvenAsItsPoints(t *testing.T) {
	const shards, rings, keys = 10, 60, 20_000
	var squares, moved float64
	for k := range rings {
		name := fmt.Sprintf("db%d", k)
		ring := newSharding(name, &DatabaseSpec{Shards: shards, By: ByConsistentHash})
		larger := newSharding(name, &DatabaseSpec{Shards: shards + 1, By: ByConsistentHash})
		counts := make([]float64, shards)
		for key := range uint64(keys) {
			counts[ring.of(key)]++
			if at := larger.of(key); at != ring.of(key) {
				require.Equal(t, uint32(shards), at, "a key moves to the new shard only")
				moved++
			}
		}
		for _, c := range counts {
			x := c/keys*shards - 1
			squares += x * x
		}
	}
	cv := math.Sqrt(squares/rings/shards - float64(shards-1)/keys) // less what counting keys adds
	assert.InEpsilon(t, math.Sqrt(float64(shards-1)/(160*shards+1)), cv, 0.12)
	assert.InEpsilon(t, 1.0/(shards+1), moved/rings/keys, 0.03)
}

// The shares of shards that are reckoned are those that requests have.
func TestReckonedSharesAreSimulatedShares(t *testing.T) {
	for _, by := range []ShardBy{ByHash, ByModulo, ByRange, ByConsistentHash} {
		for _, a := range []Access{{Kind: Read, Route: ReadReplicas}, {Kind: Scatter, Route: ReadNearest}, {Kind: Write}, {Kind: Transaction, Shards: 3}} {
			client, orders := users(1, Policy{}), holds(DatabaseSpec{Shards: 5, Replicas: 2, By: by, Keys: 300}, a, pause(0.1))
			plan, problem := arrival.Parse("poisson 20000/s", nil, 1)
			require.Nil(t, problem)
			client.Client.Open, client.Client.Keys = plan, keyed(t, "zipf s=1 n=300")
			spec := specFor(5, client, orders)
			s := sufferOf(t, spec)
			shares, known := spec.shardShares(1)
			require.True(t, known)
			expected := make([]float64, 15)
			for k := range spec.Nodes[1].Server.Ops {
				if spec.Nodes[1].Database.Access[k].Kind != Commit {
					spec.Nodes[1].Database.spread(k, shares, func(i int, share float64) { expected[i] += share })
				}
			}
			total := float64(s.Nodes[1].Arrivals)
			for i, n := range arrivals(s, 1) {
				assert.InDelta(t, expected[i], float64(n)/total, 5*math.Sqrt((expected[i]+1e-9)/total), "%s %+v instance %d", by, a, i)
			}
			load := spec.Loads()[1]
			assert.InEpsilon(t, load.Rate*5, total, 0.02, "%+v", a)
		}
	}
}

// What is not known is not guessed at.
func TestSharesThatDependOnTheCallerAreUnsure(t *testing.T) {
	plan, problem := arrival.Parse("poisson 100/s", nil, 1)
	require.Nil(t, problem)
	one, two := users(2, Policy{}), users(2, Policy{})
	two.Name = "others"
	one.Client.Open, two.Client.Open = plan, plan
	orders := holds(DatabaseSpec{Shards: 4}, Access{Kind: Write}, cpu(1))
	one.Client.Keys, two.Client.Keys = keyed(t, "uniform n=400"), keyed(t, "zipf s=1 n=400")
	load := specFor(10, one, two, orders).Loads()[2]
	assert.True(t, load.Unsure)
	assert.InEpsilon(t, 0.2/4, load.Hottest.CPU, tiny, "the least that it can be")
	two.Client.Keys = keyed(t, "uniform n=400")
	assert.False(t, specFor(10, one, two, orders).Loads()[2].Unsure)

	// Each request's own address: all shards alike; one address: one shard.
	orders.Database.BySource = true
	assert.InEpsilon(t, 0.2/4, specFor(10, one, two, orders).Loads()[2].Hottest.CPU, tiny)
	one.Client.Sources, two.Client.Sources = dist.Constant{Value: 3}, dist.Constant{Value: 3}
	assert.InEpsilon(t, 0.2, specFor(10, one, two, orders).Loads()[2].Hottest.CPU, tiny)
	one.Client.Open = arrival.TracePlan{Trace: &arrival.Trace{Times: []sim.Time{1}, Sources: []uint64{1}}, Speed: 1, Load: 1}
	assert.True(t, specFor(10, one, two, orders).Loads()[2].Unsure, "a trace")
}
