package node

import (
	"cmp"
	"slices"

	"github.com/capsim/capsim/sim"
)

// holding works out how long visits last on average if nobody ever waits for
// a core, the disk, a worker or anything else: no visit can hold its worker for less.
type holding struct {
	t     *traffic
	known []float64 // seconds by row
	state []uint8   // of a row: 0 not looked at, 1 being looked at, 2 known
}

func newHolding(t *traffic) *holding {
	return &holding{t, make([]float64, len(t.work)), make([]uint8, len(t.work))}
}

// workers fills in what is asked of the workers of the servers that have a
// limit on them, at the rates of visits.
func (t *traffic) workers(rates []float64, loads []Load) {
	h := newHolding(t)
	h.pools(rates, loads)
	for i := range loads {
		n := &t.spec.Nodes[i]
		if n.Queue != nil {
			h.places(n.Queue, &loads[i])
		}
		if n.Cache != nil {
			t.hottestHolder(i, &loads[i])
		}
		if n.Database != nil {
			t.hottest(i, rates, func(row int) float64 { return h.visit(i, row) }, &loads[i])
		}
		if n.Server == nil || n.Server.Concurrency == 0 {
			continue
		}
		loads[i].WorkerCapacity = float64(n.Server.Concurrency * n.Most())
		for k := t.first[i]; k < t.first[i+1]; k++ {
			loads[i].Workers += float64(rates[k] * h.visit(i, k))
		}
	}
}

// visit is the mean length of a visit to a row of a node. An operation that
// is called in a circle is taken to last no time where the circle closes.
func (h *holding) visit(node, row int) float64 {
	if h.state[row] == 1 {
		return 0
	}
	if h.state[row] == 0 {
		h.state[row] = 1
		n := &h.t.spec.Nodes[node]
		switch n.Kind {
		case Server, Database:
			h.known[row] = h.steps(n.Server, n.Server.Ops[row-h.t.first[node]].Steps)
		case CDN:
			if n.CDN.Latency != nil {
				h.known[row] = known(n.CDN.Latency.Mean()) / 1e9
			}
		case Queue:
			if n.Queue.Latency != nil {
				h.known[row] = known(n.Queue.Latency.Mean()) / 1e9
			}
		case Cache:
			if n.Cache.Latency != nil {
				h.known[row] = known(n.Cache.Latency.Mean()) / 1e9
			}
		}
		h.state[row] = 2
	}
	return h.known[row]
}

func (h *holding) steps(server *ServerSpec, steps []Step) float64 {
	total, times := 0.0, 1.0
	for i := range steps {
		total += float64(times * h.step(server, &steps[i]))
		times = float64(times * h.t.survival(&steps[i]))
	}
	return total
}

func (h *holding) step(server *ServerSpec, s *Step) float64 {
	lasts := 0.0
	switch s.Kind {
	case StepCPU:
		return known(s.Time.Mean()) / 1e9 / server.CoreSpeed()
	case StepWait:
		return known(s.Time.Mean()) / 1e9 / server.Speed
	case StepDisk:
		return server.diskMean(s)
	case StepSet, StepInvalidate:
		return h.visit(s.Target.Node, h.t.first[s.Target.Node])
	case StepCall, StepGet, StepPublish:
		lasts = atLeast(h.request(s.Target), s.Policy.Timeout)
	}
	if s.Kind == StepParallel {
		return h.parallel(server, s)
	}
	for j, b := range s.Branches {
		lasts += float64(h.t.begun(s, j) * h.steps(server, b))
	}
	return lasts
}

// parallel is how long branches last at least, on average, of which the first
// k to end well are waited for. Sorted by their means, that is until the first
// of the last n − k + 1 has ended; of as many that vary as exponential times
// do, the mean of the k-th is n − k + 1 times what the first of them takes. Of
// all n it is the slowest, which takes no less than any does on average. All
// are waited for unless one fails.
func (h *holding) parallel(server *ServerSpec, s *Step) float64 {
	parts := make([]float64, len(s.Branches))
	for j, b := range s.Branches {
		parts[j] = float64(h.t.begun(s, j) * h.steps(server, b))
	}
	slices.Sort(parts)
	k := cmp.Or(s.Need, len(parts))
	return float64(parts[k-1]/float64(len(parts)-k+1)) * h.t.survival(s)
}

// request is the mean length of a request, through whatever balancers.
func (h *holding) request(to Target) float64 {
	if !h.t.spec.Nodes[to.Node].PassesOn() {
		return h.at(to.Node, to.Op)
	}
	mean, shortest := 0.0, sim.Time(0)
	for _, s := range h.t.behind(toShare{to.Node, to.Op}) {
		if b := h.t.spec.Nodes[s.node].Balancer; b != nil {
			if t := b.Attempts.Timeout; t > 0 && (shortest == 0 || t < shortest) {
				shortest = t
			}
			if b.Overhead != nil {
				mean += float64(s.part * known(b.Overhead.Mean()) / 1e9)
			}
			continue
		}
		mean += float64(s.part * h.at(s.node, s.op))
	}
	return atLeast(mean, shortest)
}

// at is the mean length of a request at the node that does it, of a database
// with all of its phases.
func (h *holding) at(node int, op string) float64 {
	row, n := h.t.operation(node, op), &h.t.spec.Nodes[node]
	switch {
	case row == None:
		return 0
	case n.Server == nil:
		return h.visit(node, row)
	}
	mean := 0.0
	for _, part := range n.Parts(row - h.t.first[node]) { // the slowest shard of a phase takes no less than any does on average
		mean += h.visit(node, h.t.first[node]+part.Op)
	}
	return mean
}

// atLeast is how long a request lasts at least, on average, that its caller
// gives up after timeout (0: never). How much a time-out takes off depends on
// the distribution, which is unknown here: of an exponential one at most the
// factor 1 − 1/e of the smaller of both remains, and next to nothing is taken
// off by one of five times the mean.
func atLeast(mean float64, timeout sim.Time) float64 {
	limit := timeout.Seconds()
	if timeout == 0 || limit >= float64(5*mean) {
		return mean
	}
	return float64(0.63 * min(mean, limit))
}
