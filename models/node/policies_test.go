package node

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/sim"
)

// every ten milliseconds from 0 on.
func regularly(n int) (at []float64) {
	for i := range n {
		at = append(at, float64(10*i))
	}
	return at
}

func TestWeightsAreOfEachInstanceOfATarget(t *testing.T) {
	b := lb("weighted-round-robin", 2, 3)
	b.Balancer.Weights = []float64{3, 1}
	s := simulate(t, 1, users(1, Policy{}, regularly(70)...), b, spread(server("small", ServerSpec{}, cpu(1)), 2), server("web", ServerSpec{}, cpu(1)))
	assert.Equal(t, []uint64{30, 30}, arrivals(s, 2))
	assert.Equal(t, []uint64{10}, arrivals(s, 3))
}

// One source is always sent to one instance, another to another.
func TestIPHashFollowsTheSource(t *testing.T) {
	client := users(1, Policy{}, regularly(90)...)
	for _, sources := range []dist.Law{dist.Constant{Value: 4}, keyed(t, "uniform n=1000")} {
		client.Client.Sources = sources
		s := simulate(t, 1, client, lb("ip-hash", 2), spread(server("web", ServerSpec{}, cpu(1)), 3))
		per := arrivals(s, 2)
		slices.Sort(per)
		if _, constant := dist.Constancy(sources); constant {
			assert.Equal(t, []uint64{0, 0, 90}, per)
		} else {
			assert.Greater(t, per[0], uint64(15))
		}
	}
}

// The points on the ring are those of a node's name and an instance's number:
// more instances take keys over, and leave the others where they are.
func TestMoreInstancesTakeKeysOver(t *testing.T) {
	where := func(key float64, instances int) (at int) {
		client := users(1, Policy{}, 0)
		client.Client.Keys = dist.Constant{Value: key}
		s := simulate(t, 1, client, lb("consistent-hash", 2, 3), spread(server("web", ServerSpec{}, cpu(1)), instances), server("zzz", ServerSpec{}, cpu(1)))
		if i := slices.Index(arrivals(s, 2), 1); i >= 0 {
			return i
		}
		return -1 // zzz
	}
	moved := 0
	for key := range 60 {
		if before, after := where(float64(key), 4), where(float64(key), 5); before != after {
			require.Equal(t, 4, after)
			moved++
		}
	}
	assert.InDelta(t, 10, moved, 9, "a sixth of the keys")
	assert.NotZero(t, moved)
}

// least-response-time hears how long answers took, those that were given up
// included: the fast instance gets nearly everything.
func TestLeastResponseTimeLearnsFromAnswers(t *testing.T) {
	slow, fast := server("slow", ServerSpec{}, pause(100)), server("web", ServerSpec{}, pause(8))
	for _, timeout := range []sim.Time{0, 20 * msec} {
		for _, cancel := range []bool{false, true} {
			client := users(1, Policy{Timeout: timeout}, regularly(90)...)
			client.Client.Cancel = cancel
			s := simulate(t, 1, client, lb("least-response-time", 2, 3), slow, fast)
			assert.Equal(t, []uint64{1}, arrivals(s, 2), "%v %v", timeout, cancel)
			assert.Equal(t, []uint64{89}, arrivals(s, 3), "%v %v", timeout, cancel)
		}
	}
}
