package node

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/arrival"
)

// What a read-through cache does not have comes from the shard that a get's
// miss steps would have asked, as often.
func TestReadThroughADatabaseIsCacheAside(t *testing.T) {
	client := users(1, Policy{})
	plan, problem := arrival.Parse("poisson 20000/s", nil, 1)
	require.Nil(t, problem)
	client.Client.Open, client.Client.Keys = plan, keyed(t, "zipf s=1 n=300")
	orders := holds(DatabaseSpec{Shards: 5, By: ByModulo, Keys: 300}, Access{Kind: Read}, pause(0.1))
	read := Target{Node: 3, Op: orders.Server.Ops[0].Name}

	ask := call(3, "")
	ask.Target = read
	aside := sufferOf(t, specFor(5, client, server("app", ServerSpec{}, looksUp(Policy{}, ask)), keeping(CacheSpec{Capacity: 30}), orders))
	through := sufferOf(t, specFor(5, client, server("app", ServerSpec{}, call(2, "")), keeping(CacheSpec{Capacity: 30, Origin: &read}), orders))
	assert.NotZero(t, through.Nodes[3].Completions)
	assert.InEpsilon(t, lookUps(aside, 2)[0], lookUps(through, 2)[0], 0.02)
	there := arrivals(through, 3)
	for i, n := range arrivals(aside, 3) {
		assert.InEpsilon(t, n, there[i], 0.1)
	}
}
