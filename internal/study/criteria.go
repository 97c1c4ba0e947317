package study

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim/stats"
)

// Without objectives a system holds a load as long as it keeps up with it:
// that share of what is asked is answered in the same window, and no resource
// is busy all the time.
const (
	keepsUp  = 0.99
	allBusy  = 0.99
	hopeless = "missed at any load"
)

// criterion is what a load is judged by.
type criterion struct {
	text    string
	node    int
	compare string
	value   float64
	share   bool // of 1: what lacks to 1 is what grows with the load
	inverse bool // the figure grows beyond all bounds near saturation, its inverse falls evenly
	mends   bool // more load helps, as far as that goes
	// of is the figure; false if there is none. Requests that all fail have
	// no latency, which is NaN.
	of func(f *figures) (float64, bool)
}

func criteriaOf(spec *node.Spec) []criterion {
	var all []criterion
	for k := range spec.Objectives {
		all = append(all, ofObjective(&spec.Objectives[k]))
	}
	if len(all) > 0 {
		return all
	}
	for i := range spec.Nodes {
		if spec.Nodes[i].Kind == node.Client {
			all = append(all, criterion{
				text: fmt.Sprintf("%s: %g %% of the requests are answered as they come", spec.Nodes[i].Name, 100*keepsUp),
				node: i, compare: ">=", value: keepsUp, share: true, of: func(f *figures) (float64, bool) { return f.follows(i) },
			})
		}
	}
	for i := range spec.Nodes {
		if spec.Nodes[i].Kind != node.Client {
			all = append(all, criterion{
				text: fmt.Sprintf("%s: no resource is busy more than %g %% of the time", spec.Nodes[i].Name, 100*allBusy),
				node: i, compare: "<=", value: allBusy, of: func(f *figures) (float64, bool) { return f.busiest(i) },
			})
		}
	}
	return all
}

// follows is how many ok answers a client got in the window for each request
// that it sent in it.
func (f *figures) follows(at int) (float64, bool) {
	i := f.clientIndex(at)
	answered, offered := 0.0, 0.0
	for _, s := range f.snaps {
		for k := range s.Clients[i].Ops {
			answered += float64(s.Clients[i].Ops[k].Answered)
			offered += float64(s.Clients[i].Ops[k].Offered)
		}
	}
	return answered / max(offered, 1), offered > 0
}

// busiest is how busy the busiest resource of a node is.
func (f *figures) busiest(at int) (float64, bool) {
	n, most := f.node(at), 0.0
	for _, name := range f.limited(at) {
		if r := n.Resources[name]; r != nil && r.Utilization.Mean != nil {
			most = max(most, *r.Utilization.Mean)
		}
	}
	return most, most > 0
}

func ofObjective(o *node.Objective) criterion {
	c := criterion{text: o.Text, node: o.Node, compare: o.Compare, value: o.Value}
	above := strings.HasPrefix(o.Compare, ">")
	switch o.Metric {
	case "availability", "within":
		c.share = above
	case "throughput", "hit_ratio":
		c.mends = above
	case "cost_per_million":
		c.mends = !above
	case "errors", "cpu", "disk", "network", "memory", "stale_reads", "lost_writes", "cost":
	default:
		c.inverse = !above
	}
	if o.Quantile > 0 || o.Metric == "mean" || o.Metric == "max" {
		c.of = func(f *figures) (float64, bool) { return f.latencyOf(o) }
		return c
	}
	c.of = func(f *figures) (float64, bool) { return f.figureOf(o) }
	return c
}

// latencyOf is a latency, be it of few samples: a search needs some value,
// and what is told of it in the end has enough of them or says so.
func (f *figures) latencyOf(o *node.Objective) (float64, bool) {
	all, asked := f.samplesOf(o)
	switch {
	case all.Count() == 0:
		return math.NaN(), asked > 0
	case o.Metric == "mean":
		return all.Mean() / 1e9, true
	case o.Metric == "max":
		return float64(all.Max()) / 1e9, true
	}
	q, _ := all.Quantile(o.Quantile)
	return q / 1e9, true
}

// samplesOf are the latencies that an objective is about, and how many
// requests there were.
func (f *figures) samplesOf(o *node.Objective) (all stats.Histogram, asked uint64) {
	if f.spec.Nodes[o.Node].Kind != node.Client {
		for _, s := range f.snaps {
			all.Merge(&s.Nodes[o.Node].Response)
			asked += s.Nodes[o.Node].Arrivals
		}
		return all, asked
	}
	i := f.clientIndex(o.Node)
	for k, op := range f.spec.Nodes[o.Node].Client.Ops {
		if o.Op != "" && o.Op != op.Name {
			continue
		}
		for _, s := range f.snaps {
			all.Merge(&s.Clients[i].Ops[k].Latency)
			asked += s.Clients[i].Ops[k].Offered
		}
	}
	return all, asked
}

// figureOf is any other figure.
func (f *figures) figureOf(o *node.Objective) (float64, bool) {
	if o.Metric == "recovery" {
		e, _ := f.recovered(f.clientIndex(o.Node))
		if e.Mean == nil {
			return math.NaN(), e.Note != noFault
		}
		return *e.Mean, true
	}
	e := f.actual(o)
	if e.Mean == nil {
		return math.NaN(), f.unanswered(o)
	}
	return *e.Mean, true
}

// holds reports whether a figure is what the criterion asks for.
func (c *criterion) holds(x float64) bool { return holds(x, c.compare, c.value) }

// The scores of a criterion lie between these.
const (
	worst = -1
	best  = 1e3
)

// score is above 0 where a figure is within the criterion, and below where it
// is not, and falls about evenly with the load: of a latency, which grows as
// 1/(c − load) near saturation, it is the inverse.
func (c *criterion) score(x float64) float64 {
	s := 0.0
	switch {
	case x != x:
		return worst
	case strings.HasPrefix(c.compare, ">") && c.share && c.value < 1:
		s = 1 - (1-x)/(1-c.value)
	case strings.HasPrefix(c.compare, ">"):
		s = x/c.value - 1
	case c.inverse:
		s = c.value/x - 1
	case c.value == 0:
		s = -x
	default:
		s = 1 - x/c.value
	}
	if s != s { // 0/0
		return 0
	}
	return min(max(s, worst), best)
}

// loadPoint is a load that was simulated.
type loadPoint struct {
	load  float64
	f     *figures
	limit string // reached by the simulation, and then there are no figures
	// figure and known are by criterion, scores by replication as well.
	figure []float64
	known  []bool
	scores [][]float64
}

// measure evaluates the criteria, of all replications and of each.
func (p *loadPoint) measure(criteria []criterion) {
	p.figure, p.known = make([]float64, len(criteria)), make([]bool, len(criteria))
	for k := range criteria {
		p.figure[k], p.known[k] = criteria[k].of(p.f)
	}
	for r := range p.f.snaps {
		one := &figures{spec: p.f.spec, snaps: p.f.snaps[r : r+1], seconds: p.f.seconds}
		if p.f.back != nil {
			one.back = p.f.back[r : r+1]
		}
		list := make([]float64, len(criteria))
		for k := range criteria {
			list[k] = best
			if x, known := criteria[k].of(one); known {
				list[k] = criteria[k].score(x)
			}
		}
		p.scores = append(p.scores, list)
	}
}

// met reports whether a criterion is within at a load. What has no figure,
// such as the latency of an operation that nobody asked for, is no reason
// against a load.
func (p *loadPoint) met(c *criterion, k int) bool {
	return p.limit == "" && (!p.known[k] || c.holds(p.figure[k]))
}

// score is that of the pooled figure.
func (p *loadPoint) score(c *criterion, k int) float64 {
	switch {
	case p.limit != "":
		return worst
	case !p.known[k]:
		return best
	}
	return c.score(p.figure[k])
}

// asked are the criteria that the search asks for: not those that are missed
// at the lowest load, nor, below a load that is missed, those which more load
// would help.
func (s *search) asked() []bool {
	asked := make([]bool, len(s.criteria))
	least := s.points[0]
	one := s.points[slices.IndexFunc(s.points, func(p *loadPoint) bool { return p.load == 1 })]
	below := false // the capacity lies below load 1
	for k := range s.criteria {
		c := &s.criteria[k]
		asked[k] = !c.mends && (least.load > s.least()*1.001 || least.met(c, k))
		below = below || asked[k] && !one.met(c, k)
	}
	for k := range s.criteria {
		if c := &s.criteria[k]; c.mends {
			asked[k] = !below && one.met(c, k)
		}
	}
	return asked
}

// holds reports whether a load is within all that is asked for. What more load
// helps is asked for from today's load on.
func (s *search) holds(p *loadPoint, asked []bool) bool {
	for k := range s.criteria {
		c := &s.criteria[k]
		if asked[k] && !p.met(c, k) && (!c.mends || p.load >= 1) {
			return false
		}
	}
	return p.limit == ""
}
