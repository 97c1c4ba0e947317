package node

import (
	"math"
	"slices"
	"strings"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/sim"
)

// Load is what the open clients ask of a node on average over the window if
// nothing is refused, tried again or timed out: the traffic equations of the
// topology. Closed clients adapt to what the system can bear and are left
// out.
type Load struct {
	Rate     float64 // visits per second, over all instances
	CPU      float64 // cores needed: offered load in erlangs
	Capacity float64 // cores there are; 0 for what has none

	Disk         float64 // of disk channels needed, at least; in erlangs
	DiskCapacity float64 // of those there are; 0 for what has no disk steps

	Network         float64 // of network interfaces needed, in erlangs; 0 where a balancer's shares are guessed
	NetworkCapacity float64 // of those there are; 0 for what has no limit

	Workers        float64 // workers needed at least, nobody waiting for anything
	WorkerCapacity float64 // workers there are; 0 where there is no limit

	Pools []PoolLoad // as ServerSpec.Pools

	Handling float64 // seconds that the consumer of a queue needs for a message at least, nobody waiting for anything

	Hottest *Hottest // of a database, or a cache whose instances share the items; nil of others

	// Unsure is set where the load depends on how a balancer shares its
	// requests out among unlike targets, which is known of some policies only:
	// what is given then is the least of some ways to do so. It also is where
	// it depends on what a cache will find: that is taken to be everything.
	Unsure bool
}

// Loads returns the load of every node of the specification. Calls are taken to
// answer ok, and steps whose mean is not known (a column of a trace) to take
// no time.
func (s *Spec) Loads() []Load {
	t := newTraffic(s, evenly, nil)
	loads := t.loads()
	if !t.guessed {
		return loads
	}
	for i := range loads {
		loads[i].Network = 0
	}
	capacities := t.bearing()
	for _, way := range []split{byCapacity, unevenly} {
		for i, other := range newTraffic(s, way, capacities).loads() {
			loads[i].hedge(other)
		}
	}
	return loads
}

// hedge takes the less of two guesses.
func (l *Load) hedge(other Load) {
	alike := func(a, b float64) bool { return math.Abs(a-b) <= float64(1e-9*max(a, b)) }
	if !alike(l.Rate, other.Rate) || !alike(l.CPU, other.CPU) || !alike(l.Disk, other.Disk) || !alike(l.Workers, other.Workers) {
		l.Unsure = true
	}
	if h := l.Hottest; h != nil {
		h.CPU, h.Disk, h.Workers = min(h.CPU, other.Hottest.CPU), min(h.Disk, other.Hottest.Disk), min(h.Workers, other.Hottest.Workers)
	}
	l.Rate, l.CPU, l.Disk, l.Workers = min(l.Rate, other.Rate), min(l.CPU, other.CPU), min(l.Disk, other.Disk), min(l.Workers, other.Workers)
	for k := range l.Pools {
		l.Pools[k].Asked = min(l.Pools[k].Asked, other.Pools[k].Asked)
	}
}

func (t *traffic) loads() []Load {
	s := t.spec
	rates := t.solve()
	t.spread()
	loads := make([]Load, len(s.Nodes))
	for i := range s.Nodes {
		l := &loads[i]
		for k := t.first[i]; k < t.first[i+1]; k++ {
			l.Rate += rates[k]
			l.CPU += float64(rates[k] * t.work[k])
			l.Disk += float64(rates[k] * t.disk[k])
			l.Network += t.wire[k]
			l.Unsure = l.Unsure || t.unsure[k]
		}
		if c := s.Nodes[i].Cache; c != nil && c.Cores > 0 {
			l.Capacity = float64(c.Cores * s.Nodes[i].Most())
		}
		if s.Nodes[i].Server != nil {
			l.Capacity = float64(s.Nodes[i].Server.Cores * s.Nodes[i].Most())
			if s.Nodes[i].Server.HasDisk() {
				l.DiskCapacity = float64(s.Nodes[i].Server.Disk.Channels() * s.Nodes[i].Most())
			}
			if s.Nodes[i].Server.Network > 0 {
				l.NetworkCapacity = float64(s.Nodes[i].Most())
			}
		}
	}
	t.workers(rates, loads)
	return loads
}

// traffic is a linear system: rates = outside + flow·rates, with a row for
// each operation of a server and one for each other node.
type traffic struct {
	spec    *Spec
	first   []int // row of a node's first operation; one more at the end
	outside []float64
	work    []float64 // seconds of core per visit
	disk    []float64 // seconds of disk per visit
	wire    []float64 // seconds of network interface per second, of what clients send
	flow    [][]edge  // visits that one visit leads to

	split      split
	missing    func(node int, op string) (share float64, known bool) // what caches do not have
	capacities []float64                                             // requests per second that a row can bear; nil: not known yet
	shares     map[toShare][]share
	unsure     []bool // rows to which more may come than is known
	doubt      int    // caches on the way into the steps that are looked at, of which it is not known what they have
	guessed    bool   // how some balancer shares out had to be guessed
}

// edge leads to a row, so many times a visit.
type edge struct {
	to     int
	visits float64
}

func newTraffic(s *Spec, way split, capacities []float64) *traffic {
	return newTrafficBehind(s, way, capacities, s.misses)
}

// newTrafficBehind is the same where it is told what caches do not have.
func newTrafficBehind(s *Spec, way split, capacities []float64, missing func(node int, op string) (float64, bool)) *traffic {
	t := &traffic{spec: s, split: way, missing: missing, capacities: capacities, shares: map[toShare][]share{}}
	rows := 0
	for i := range s.Nodes {
		t.first = append(t.first, rows)
		rows++
		if v := s.Nodes[i].Server; v != nil {
			rows += len(v.Ops) - 1
		}
	}
	t.first = append(t.first, rows)
	t.outside, t.unsure = make([]float64, rows), make([]bool, rows)
	t.work, t.disk, t.wire = make([]float64, rows), make([]float64, rows), make([]float64, rows)
	t.flow = make([][]edge, rows)
	for i := range s.Nodes {
		n := &s.Nodes[i]
		k := t.first[i]
		switch n.Kind {
		case Client:
			t.client(n.Client)
		case Cache:
			if c := n.Cache; c.Cores > 0 && c.Latency != nil {
				t.work[k] = known(c.Latency.Mean()) / 1e9
			}
		case Queue:
			t.visit(n.Queue.Consumer.Node, n.Queue.Consumer.Op, func(to int, visits float64) {
				t.flow[k] = append(t.flow[k], edge{to, visits})
			})
		case Server, Database:
			for j := range n.Server.Ops {
				t.steps(k+j, n.Server, n.Server.Ops[j].Steps, 1)
				t.work[k+j] += n.applying(j)
			}
		}
	}
	return t
}

func (t *traffic) client(c *ClientSpec) {
	if c.Open != nil {
		t.send(c, c.MeanRate(t.spec.Run.Duration))
	}
}

// MeanRate is how many requests an open client sends per second on average,
// from time 0 to end.
func (c *ClientSpec) MeanRate(end sim.Time) float64 {
	rate := c.Open.MeanRate(end)
	if c.Session != nil {
		rate = float64(rate * known(c.Session.Length.Mean()))
	}
	return rate
}

// send lets a client send so many requests per second.
func (t *traffic) send(c *ClientSpec, rate float64) {
	total, bytes := 0.0, 0.0
	for _, op := range c.Ops {
		total += op.Weight
	}
	for _, law := range []dist.Law{c.RequestSize, c.ResponseSize} {
		if law != nil {
			bytes += known(law.Mean())
		}
	}
	for _, op := range c.Ops {
		name := c.Target.Op
		if name == "" {
			name = op.Name
		}
		part := op.Weight / total
		t.visit(c.Target.Node, name, func(to int, visits float64) {
			visits = float64(rate * part * visits)
			t.outside[to] += visits
			if v := t.server(to); v != nil && v.Network > 0 {
				t.wire[to] += float64(visits * bytes / v.Network)
			}
		})
	}
}

// server is what a row belongs to, nil if that is not a server.
func (t *traffic) server(row int) *ServerSpec {
	after, _ := slices.BinarySearch(t.first, row+1)
	return t.spec.Nodes[after-1].Server
}

// visit calls with the rows that one request for an operation of a node
// comes to.
func (t *traffic) visit(node int, op string, with func(to int, visits float64)) {
	if t.spec.Nodes[node].PassesOn() {
		for _, s := range t.behind(toShare{node, op}) {
			t.reach(s, with)
		}
	} else {
		t.reach(share{node, op, 1, false}, with)
	}
}

// reach calls with the rows that a share of requests comes to at its node: of
// a database one for each phase, so many times as shards take part.
func (t *traffic) reach(s share, with func(to int, visits float64)) {
	to := t.operation(s.node, s.op)
	if to == None {
		return
	}
	parts := []Part{{0, 1}}
	n, first := &t.spec.Nodes[s.node], t.first[s.node]
	if n.Server != nil {
		parts = n.Parts(to - first)
	}
	for _, part := range parts {
		t.unsure[first+part.Op] = t.unsure[first+part.Op] || s.unsure || t.doubt > 0
		with(first+part.Op, float64(s.part*part.Visits))
	}
}

// operation returns the row of a node's operation, None if it has no such
// one.
func (t *traffic) operation(node int, op string) int {
	v := t.spec.Nodes[node].Server
	if v == nil {
		return t.first[node]
	}
	if op == "" {
		op = "request"
	}
	k, found := slices.BinarySearchFunc(v.Ops, op, func(o Operation, name string) int { return strings.Compare(o.Name, name) })
	if !found {
		return None
	}
	return t.first[node] + k
}

// steps adds what a visit does, times times. A step behind one that may fail
// is done less often.
func (t *traffic) steps(k int, server *ServerSpec, steps []Step, times float64) {
	for i := range steps {
		s := &steps[i]
		switch s.Kind {
		case StepCPU:
			t.work[k] += float64(times * known(s.Time.Mean()) / 1e9 / server.CoreSpeed())
		case StepDisk:
			t.disk[k] += float64(times * server.diskMean(s))
		case StepSet, StepInvalidate: // the cache itself, whatever is behind it
			to := t.first[s.Target.Node]
			t.unsure[to] = t.unsure[to] || t.doubt > 0
			t.flow[k] = append(t.flow[k], edge{to, times})
		case StepCall, StepGet, StepPublish:
			attempts := t.attempts(s)
			t.visit(s.Target.Node, s.Target.Op, func(to int, visits float64) {
				t.flow[k] = append(t.flow[k], edge{to, float64(times * attempts * visits)})
			})
		}
		doubtful := s.Kind == StepGet && t.spec.Nodes[s.Target.Node].Cache.Emergent()
		if doubtful && len(s.Branches[0]) > 0 {
			t.unsure[k] = true
			t.doubt++
		}
		for j, b := range s.Branches {
			t.steps(k, server, b, float64(times*t.begun(s, j)))
		}
		if doubtful && len(s.Branches[0]) > 0 {
			t.doubt--
		}
		times = float64(times * t.survival(s))
	}
}

// misses is what is known of a cache beforehand.
func (s *Spec) misses(node int, op string) (share float64, known bool) {
	return s.Nodes[node].Misses(op)
}

// failing is the share of a call's attempts that are known to fail: those of
// an external service.
func (t *traffic) failing(s *Step) float64 {
	if e := t.spec.Nodes[s.Target.Node].External; e != nil {
		return e.ErrorRatio
	}
	return 0
}

// attempts is how many a call makes on average.
func (t *traffic) attempts(s *Step) float64 {
	p, n, one := t.failing(s), 0.0, 1.0
	for range s.Policy.Retries + 1 {
		n += one
		one = float64(one * p)
	}
	return n
}

// begun is how often a visit to a step begins its branch j.
func (t *traffic) begun(s *Step, j int) float64 {
	switch s.Kind {
	case StepGet:
		missing, _ := t.missing(s.Target.Node, "")
		return missing
	case StepChoose:
		return s.Weights[j] / sum(s.Weights)
	case StepRepeat:
		rounds, each := known(s.Time.Mean()), t.through(s.Branches[0])
		if each == 1 {
			return rounds
		}
		return (1 - power(each, rounds)) / (1 - each)
	default:
		return 1
	}
}

// survival is the probability that a step's own fail steps let it get to its
// end. What it calls is taken to answer ok.
func (t *traffic) survival(s *Step) float64 {
	p := 1.0
	switch s.Kind {
	case StepFail:
		p = 1 - s.Ratio
	case StepCall:
		if !s.Falls {
			p = 1 - power(t.failing(s), float64(s.Policy.Retries+1))
		}
	case StepRepeat:
		p = power(t.through(s.Branches[0]), known(s.Time.Mean()))
	case StepParallel:
		for _, b := range s.Branches {
			p = float64(p * t.through(b))
		}
	case StepGet, StepChoose:
		for j, b := range s.Branches {
			p -= float64(t.begun(s, j) * (1 - t.through(b)))
		}
	}
	return p
}

// through is the probability that a list of steps is got through.
func (t *traffic) through(steps []Step) float64 {
	p := 1.0
	for i := range steps {
		p = float64(p * t.survival(&steps[i]))
	}
	return p
}

// power is p to the n, n rounded: a mean number of rounds is taken for the
// number.
func power(p, n float64) float64 {
	result := 1.0
	for whole := uint64(min(n, 1e9) + 0.5); whole > 0; whole /= 2 {
		if whole%2 == 1 {
			result = float64(result * p)
		}
		p = float64(p * p)
	}
	return result
}

func sum(x []float64) float64 {
	total := 0.0
	for _, v := range x {
		total += v
	}
	return total
}

// known is a mean, or 0 where there is none.
func known(mean float64) float64 {
	if math.IsNaN(mean) || math.IsInf(mean, 0) {
		return 0
	}
	return mean
}

// mostWork bounds what solve does: rows and edges, in all sweeps together.
// Only circles that next to nobody leaves need so many, and for those the
// rates are far above anything by then.
const mostWork = 5_000_000

// solve finds the rates by passing requests on from row to row until next
// to none are left: each row after those that lead to it, so that without
// operations that call each other in a circle one sweep is enough.
func (t *traffic) solve() []float64 {
	order := t.order()
	rates := make([]float64, len(t.outside))
	pending := slices.Clone(t.outside)
	cost := 1
	for _, edges := range t.flow {
		cost += 1 + len(edges)
	}
	for range 2 + mostWork/cost {
		left, total := 0.0, 0.0
		for _, k := range order {
			arrived := pending[k]
			pending[k] = 0
			rates[k] += arrived
			for _, e := range t.flow[k] {
				pending[e.to] += float64(arrived * e.visits)
			}
		}
		for _, k := range order {
			left, total = max(left, pending[k]), max(total, rates[k])
		}
		if left <= 1e-12*total {
			break
		}
	}
	return rates
}

// spread lets all that a row of which more may come leads to be unsure too.
func (t *traffic) spread() {
	for again := true; again; {
		again = false
		for k := range t.flow {
			for _, e := range t.flow[k] {
				if t.unsure[k] && !t.unsure[e.to] {
					t.unsure[e.to], again = true, true
				}
			}
		}
	}
}

// order lists the rows, each after those that lead to it but for circles.
func (t *traffic) order() []int {
	var order []int
	seen := make([]bool, len(t.flow))
	var walk func(k int)
	walk = func(k int) {
		seen[k] = true
		for _, e := range t.flow[k] {
			if !seen[e.to] {
				walk(e.to)
			}
		}
		order = append(order, k)
	}
	for k := range t.flow {
		if !seen[k] {
			walk(k)
		}
	}
	slices.Reverse(order)
	return order
}
