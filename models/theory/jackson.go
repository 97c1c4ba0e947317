package theory

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// InfiniteServers is a number of servers such that nobody ever waits: a pure
// delay.
const InfiniteServers = math.MaxInt

// Jackson is an open Jackson network: Poisson arrivals from outside, nodes
// with exponential service and one queue each, random routing between them.
// In steady state every node behaves as an M/M/c queue of its own with the
// arrival rate that the traffic equations give it, and the numbers at the
// nodes are independent (Jackson 1957, 1963).
type Jackson struct {
	External []float64   // rate of arrivals from outside at each node
	Routing  [][]float64 // Routing[i][j]: probability of going from i to j next; the rest leaves
	Mu       []float64   // service rate of one server at each node
	Servers  []int       // servers at each node, or InfiniteServers
}

// JacksonSolution is the steady state of a [Jackson] network.
type JacksonSolution struct {
	Nodes        []MMc   // each node as an M/M/c queue, with its total arrival rate
	NumberMean   float64 // mean number of requests in the whole network
	ResponseMean float64 // mean time from entering the network to leaving it
}

// Solve returns the steady state. Nodes that are offered more than they can
// serve have infinite means; they do not slow down the nodes behind them, as
// they would in a network that really were overloaded, so a solution with an
// infinite mean says which nodes saturate and no more. An error says that the
// routing is no routing, or that requests can enter and never leave.
func (n Jackson) Solve() (JacksonSolution, error) {
	size := len(n.External)
	mustBeAtLeast("the number of nodes of a Jackson network", size, 1)
	if len(n.Routing) != size || len(n.Mu) != size || len(n.Servers) != size {
		panic("theory: the parts of a Jackson network must be of one length")
	}
	rates, err := n.traffic()
	if err != nil {
		return JacksonSolution{}, err
	}
	solution := JacksonSolution{Nodes: make([]MMc, size)}
	external := 0.0
	for i, rate := range rates {
		external += n.External[i]
		solution.Nodes[i] = MMc{Lambda: rate, Mu: n.Mu[i], C: n.Servers[i]}
		solution.NumberMean += solution.Nodes[i].NumberMean()
	}
	if external > 0 {
		solution.ResponseMean = solution.NumberMean / external
	}
	return solution, nil
}

// traffic solves the traffic equations, lambda = external + lambda Routing.
func (n Jackson) traffic() ([]float64, error) {
	size := len(n.External)
	balance := mat.NewDense(size, size, nil)
	for i, row := range n.Routing {
		if len(row) != size {
			panic("theory: the routing of a Jackson network must be square")
		}
		mustNotBeNegative("an arrival rate from outside", n.External[i])
		sum := 0.0
		for j, p := range row {
			if !(p >= 0 && p <= 1) {
				return nil, fmt.Errorf("routing from node %d to node %d must be a probability, got %v", i, j, p)
			}
			sum += p
			balance.Set(j, i, -p)
		}
		if sum > 1+1e-9 {
			return nil, fmt.Errorf("routing from node %d must sum to at most 1, got %v", i, sum)
		}
		balance.Set(i, i, 1+balance.At(i, i))
	}
	if !n.leaves() {
		return nil, errors.New("requests can reach nodes from which no route leads out")
	}
	var rates mat.VecDense
	if err := rates.SolveVec(balance, mat.NewVecDense(size, n.External)); err != nil {
		return nil, fmt.Errorf("the traffic equations have no usable solution: %w", err)
	}
	solution := rates.RawVector().Data
	for i := range solution {
		solution[i] = math.Max(0, solution[i]) // a node nobody visits may come out as -0 or a rounding error
	}
	return solution, nil
}

// leaves reports whether a route leads out of every node.
func (n Jackson) leaves() bool {
	out := make([]bool, len(n.Routing))
	for range n.Routing { // each round reaches at least one more node, or none is left to reach
		for i, row := range n.Routing {
			stay := 0.0
			for j, p := range row {
				stay += p
				out[i] = out[i] || (p > 0 && out[j])
			}
			out[i] = out[i] || stay < 1-1e-12
		}
	}
	for _, ok := range out {
		if !ok {
			return false
		}
	}
	return true
}

// TandemResponse returns the law of the time that a request takes through
// single-server nodes in series, of service rates mu, fed by a Poisson stream
// of rate lambda. Every node passes on a Poisson stream, and one request's
// times at successive nodes are independent and exponential of rate
// mu[i]-lambda (Burke 1956; Reich 1957): with several servers at an inner
// node they would not be. It is an error if a node is overloaded.
func TandemResponse(lambda float64, mu ...float64) (PhaseType, error) {
	mustNotBeNegative("the arrival rate of a tandem", lambda)
	rates := make([]float64, len(mu))
	for i, rate := range mu {
		mustBePositive("a service rate of a tandem", rate)
		if lambda >= rate {
			return PhaseType{}, fmt.Errorf("node %d of a tandem is offered %v per unit of time and serves %v", i, lambda, rate)
		}
		rates[i] = rate - lambda
	}
	return Hypoexponential(rates...), nil
}
