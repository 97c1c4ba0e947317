package theory

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Oracle table A4.1. Bolch et al., Queueing Networks and Markov Chains, ex.
// 7.4, and Sixto's ex. 11.11 are published: lambda = (20, 10, 10, 4),
// U = (.8, .3, .6, .2), R = (.2, .043, .15, .0625), L = (4, .429, 1.5, .25)
// for the former.
func TestJacksonAgreesWithTheTable(t *testing.T) {
	type node struct{ lambda, rho, number, responseMean float64 }
	for _, row := range []struct {
		name         string
		network      Jackson
		nodes        []node
		responseMean float64
	}{
		{"tandem of three", Jackson{
			External: []float64{0.7, 0, 0},
			Routing:  [][]float64{{0, 1, 0}, {0, 0, 1}, {0, 0, 0}},
			Mu:       []float64{1, 1.2, 0.9},
			Servers:  []int{1, 1, 1},
		}, []node{
			{0.7, 0.7, 2.3333333, 3.3333333},
			{0.7, 0.58333333, 1.4, 2},
			{0.7, 0.77777778, 3.5, 5},
		}, 10.333333},
		{"tandem of several servers", Jackson{
			External: []float64{1.5, 0},
			Routing:  [][]float64{{0, 1}, {0, 0}},
			Mu:       []float64{1, 0.7},
			Servers:  []int{2, 3},
		}, []node{
			{1.5, 0.75, 3.4285714, 2.2857143},
			{1.5, 0.71428571, 3.4265176, 2.284345},
		}, 4.5700593},
		{"feedback", Jackson{
			External: []float64{0.5},
			Routing:  [][]float64{{0.3}},
			Mu:       []float64{1},
			Servers:  []int{1},
		}, []node{{0.71428571, 0.71428571, 2.5, 3.5}}, 5},
		{"Bolch ex. 7.4", Jackson{
			External: []float64{0, 0, 0, 4},
			Routing:  [][]float64{{0, 0.5, 0.5, 0}, {1, 0, 0, 0}, {0.6, 0, 0, 0}, {1, 0, 0, 0}},
			Mu:       []float64{25, 1 / 0.03, 1 / 0.06, 20},
			Servers:  []int{1, 1, 1, 1},
		}, []node{
			{20, 0.8, 4, 0.2},
			{10, 0.3, 0.42857143, 0.042857143},
			{10, 0.6, 1.5, 0.15},
			{4, 0.2, 0.25, 0.0625},
		}, 1.5446429},
		{"Sixto ex. 11.11", Jackson{
			External: []float64{8, 0, 6, 0},
			Routing:  [][]float64{{0, 0.2, 0.56, 0.24}, {1, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}},
			Mu:       []float64{14, 9, 17, 7},
			Servers:  []int{1, 1, 1, 1},
		}, []node{
			{10, 0.71428571, 2.5, 0.25},
			{2, 0.22222222, 0.28571429, 0.14285714},
			{11.6, 0.68235294, 2.1481481, 0.18518519},
			{2.4, 0.34285714, 0.52173913, 0.2173913},
		}, 0.38968583},
		{"web and database behind a cache", Jackson{
			External: []float64{300, 0},
			Routing:  [][]float64{{0, 0.3}, {0, 0}},
			Mu:       []float64{100, 60},
			Servers:  []int{4, 2},
		}, []node{
			{300, 0.75, 4.5283019, 0.01509434},
			{90, 0.75, 3.4285714, 0.038095238},
		}, 0.026522911},
	} {
		solution, err := row.network.Solve()
		require.NoError(t, err, row.name)
		require.Len(t, solution.Nodes, len(row.nodes))
		for i, want := range row.nodes {
			got := solution.Nodes[i]
			assertTable(t, row.name+" lambda", want.lambda, got.Lambda)
			assertTable(t, row.name+" rho", want.rho, got.Utilisation())
			assertTable(t, row.name+" L", want.number, got.NumberMean())
			assertTable(t, row.name+" E[T]", want.responseMean, got.ResponseMean())
		}
		assertTable(t, row.name+" system E[T]", row.responseMean, solution.ResponseMean)
	}
}

func TestTandemResponseAgreesWithTheTable(t *testing.T) {
	law, err := TandemResponse(0.7, 1, 1.2, 0.9)
	require.NoError(t, err)
	assertTable(t, "mean", 10.333333, law.Mean())
	assertTable(t, "p99", 30.83883, law.Quantile(0.99))
	_, err = TandemResponse(1, 2, 1)
	assert.ErrorContains(t, err, "node 1 of a tandem")
}

func TestJacksonWithADelayAndAnUnvisitedNode(t *testing.T) {
	solution, err := Jackson{
		External: []float64{2, 0, 0},
		Routing:  [][]float64{{0, 1, 0}, {0, 0, 0}, {0, 0, 0}},
		Mu:       []float64{0.5, 4, 1},
		Servers:  []int{InfiniteServers, 1, 1},
	}.Solve()
	require.NoError(t, err)
	assertWithin(t, "E[T]", 2+0.5, solution.ResponseMean, 1e-12)
	assert.Zero(t, solution.Nodes[2].NumberMean())
}

func TestJacksonOverloadedNodeIsInfinite(t *testing.T) {
	solution, err := Jackson{
		External: []float64{2, 0},
		Routing:  [][]float64{{0, 1}, {0, 0}},
		Mu:       []float64{3, 1},
		Servers:  []int{1, 1},
	}.Solve()
	require.NoError(t, err)
	assert.Equal(t, 1.0, solution.Nodes[0].ResponseMean())
	assert.Equal(t, math.Inf(1), solution.Nodes[1].ResponseMean())
	assert.Equal(t, math.Inf(1), solution.ResponseMean)
}

func TestJacksonRefusesWhatIsNoRouting(t *testing.T) {
	network := func(routing ...[]float64) error {
		_, err := Jackson{[]float64{1, 0}, routing, []float64{2, 2}, []int{1, 1}}.Solve()
		return err
	}
	assert.ErrorContains(t, network([]float64{0, 1}, []float64{1, 0}), "no route leads out")
	assert.ErrorContains(t, network([]float64{0, 0.5}, []float64{0, 1}), "no route leads out")
	assert.ErrorContains(t, network([]float64{0.6, 0.6}, []float64{0, 0}), "from node 0 must sum to at most 1")
	assert.ErrorContains(t, network([]float64{0, -0.1}, []float64{0, 0}), "from node 0 to node 1 must be a probability")
	assert.NoError(t, network([]float64{0, 1}, []float64{0.9, 0}))
}
