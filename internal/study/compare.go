package study

import (
	"fmt"
	"slices"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim/stats"
)

// Compare simulates designs with the same warm-up and the same customers and
// tells how each differs from the first, paired by replication. A design that
// has no client in common with the first meets other customers: a warning
// says so, and its differences are not paired. The specs must have the same
// number of replications.
func Compare(specs []*node.Spec, opt Options) (*result.Comparison, error) {
	outcomes, err := runAll(specs, opt)
	c := &result.Comparison{
		Schema: result.ComparisonSchema, Version: opt.Version, Title: specs[0].Title, Truncated: err != nil,
		Designs: []*result.Result{}, Differences: []result.Difference{},
	}
	for _, o := range outcomes {
		c.Designs = append(c.Designs, o.Result)
	}
	var all []*difference
	for i := 1; i < len(outcomes); i++ {
		if !clientInCommon(specs[0], specs[i]) {
			warnStrangers(outcomes[i].Result, specs[0])
		}
		all = append(all, differences(outcomes[0].figures, outcomes[i].figures)...)
	}
	correction := correct(all)
	for _, d := range all {
		c.Differences = append(c.Differences, d.Difference)
	}
	c.Correction = &correction
	return c, err
}

// figure is something that two designs may differ in.
type figure struct {
	metric string
	of     func(f *figures, at int) sample
	kind   node.Kind                     // of what it is about
	absent func(f *figures, at int) bool // where it is nothing by construction; nil: nowhere
}

// compared lists the figures of a client, of a server and of the data tier.
var compared = []figure{
	{metric: "latency_s.mean", kind: node.Client, of: func(f *figures, at int) sample { return f.clientTimes(at).sample((*stats.Histogram).Mean) }},
	{metric: "latency_s.p50", kind: node.Client, of: func(f *figures, at int) sample { return f.clientTimes(at).sample(quantileOf(0.5)) }},
	{metric: "latency_s.p99", kind: node.Client, of: func(f *figures, at int) sample { return f.clientTimes(at).sample(quantileOf(0.99)) }},
	{metric: "throughput_rps", kind: node.Client, of: func(f *figures, at int) sample {
		i := f.clientIndex(at)
		return f.collect(func(s *node.Snapshot) (float64, float64) {
			n := uint64(0)
			for k := range s.Clients[i].Ops {
				n += s.Clients[i].Ops[k].Answered
			}
			return float64(n), f.seconds
		})
	}},
	{metric: "error_ratio", kind: node.Client, of: func(f *figures, at int) sample {
		i := f.clientIndex(at)
		return f.collect(func(s *node.Snapshot) (float64, float64) {
			bad, offered := uint64(0), uint64(0)
			for k := range s.Clients[i].Ops {
				bad += total(s.Clients[i].Ops[k].Errors[:])
				offered += s.Clients[i].Ops[k].Offered
			}
			return float64(bad), float64(offered)
		})
	}},
	{metric: "cpu.utilization", kind: node.Server, of: func(f *figures, at int) sample {
		return f.collect(func(s *node.Snapshot) (float64, float64) {
			return s.Nodes[at].CPU.Busy.Float64(), s.Nodes[at].CPU.Capacity.Float64()
		})
	}},
	{metric: "cache.hit_ratio", kind: node.Cache, of: (*figures).hitRatio},
	{metric: "cache.hit_ratio", kind: node.CDN, of: (*figures).hitRatio},
	{metric: "database.stale_read_ratio", kind: node.Database, of: (*figures).staleReads, absent: func(f *figures, at int) bool {
		return f.snaps[0].Nodes[at].Replication == nil
	}},
	{metric: "queue.depth", kind: node.Queue, of: (*figures).depth},
	{metric: "queue.age_s.mean", kind: node.Queue, of: func(f *figures, at int) sample { return f.ages(at).sample((*stats.Histogram).Mean) }},
}

func quantileOf(p float64) func(h *stats.Histogram) float64 {
	return func(h *stats.Histogram) float64 { q, _ := h.Quantile(p); return q }
}

func (f *figures) clientTimes(at int) *times {
	i := f.clientIndex(at)
	return f.times(func(s *node.Snapshot) []*stats.Histogram {
		var parts []*stats.Histogram
		for k := range s.Clients[i].Ops {
			parts = append(parts, &s.Clients[i].Ops[k].Latency)
		}
		return parts
	})
}

// sample is a figure in seconds by replication.
func (t *times) sample(of func(*stats.Histogram) float64) sample {
	var s sample
	for _, h := range t.each {
		x, n := 0.0, 0.0
		if h.Count() > 0 {
			x, n = of(h)/1e9, 1
		}
		s.num, s.den = append(s.num, x), append(s.den, n)
	}
	return s
}

// clientInCommon reports whether the same customers come to two designs, or
// some of them at least: random numbers belong to a client by its name.
func clientInCommon(a, b *node.Spec) bool {
	return slices.ContainsFunc(a.Nodes, func(n node.Node) bool {
		return n.Kind == node.Client && indexOf(b, n.Name, node.Client) != node.None
	})
}

// warnStrangers tells that a design met other customers than the first.
func warnStrangers(r *result.Result, first *node.Spec) {
	than := "the file as written"
	if first.Design != "" {
		than = first.Design
	}
	r.Warnings = append(r.Warnings, result.Warning{
		Code:    "W906",
		Message: fmt.Sprintf("no client in common with %s: other customers came here, so that differences from it are not paired", than),
	})
}

// differences compares what two designs have in common, by name.
func differences(a, b *figures) []*difference {
	return differencesOf(a, b, func(figure) bool { return true })
}

// difference is one with what it is in each replication.
type difference struct {
	result.Difference
	pairs []float64 // none of unpaired ones
}

// differencesOf compares those of the figures of nodes that are wanted, and
// the costs.
func differencesOf(a, b *figures, wanted func(figure) bool) []*difference {
	var out []*difference
	strangers := !clientInCommon(a.spec, b.spec)
	add := func(subject, metric string, x, y sample) {
		d := &difference{}
		d.Baseline, d.Design, d.Subject, d.Metric, d.Unpaired = a.spec.Design, b.spec.Design, subject, metric, strangers
		d.Difference.Difference, d.PValue = between(x, y, strangers)
		if !strangers {
			d.pairs = pairs(x, y)
		}
		out = append(out, d)
	}
	for i := range a.spec.Nodes {
		n := &a.spec.Nodes[i]
		j := indexOf(b.spec, n.Name, n.Kind)
		if j == node.None {
			continue
		}
		for _, fig := range compared {
			switch {
			case fig.kind != n.Kind && !(fig.kind == node.Server && n.Server != nil), !wanted(fig):
			case fig.absent != nil && fig.absent(a, i) && fig.absent(b, j):
			default:
				add(n.Name, fig.metric, fig.of(a, i), fig.of(b, j))
			}
		}
	}
	if a.spec.Priced() && b.spec.Priced() {
		for _, fig := range costs {
			add(costSubject, fig.metric, fig.of(a), fig.of(b))
		}
	}
	return out
}

// significance is the chance of any false alarm among all differences that
// are called significant together.
const significance = 0.05

// correct marks the differences that are significant if all tests are taken
// together (S. Holm, A simple sequentially rejective multiple test procedure,
// Scandinavian Journal of Statistics 6, 1979): it holds however they depend on
// each other, and is never weaker than Bonferroni's.
func correct(all []*difference) result.Correction {
	var tested []*difference
	var p []float64
	for _, d := range all {
		if d.PValue != nil {
			tested, p = append(tested, d), append(p, *d.PValue)
		}
	}
	for i, yes := range stats.Holm(p, significance) {
		tested[i].Significant = yes
	}
	return result.Correction{Method: "holm", Level: significance, Tests: len(p)}
}

// excludesZero reports whether a difference is one beyond its interval.
func excludesZero(e result.Estimate) bool {
	return e.Mean != nil && e.HalfWidth != nil && (*e.Mean > *e.HalfWidth || *e.Mean < -*e.HalfWidth)
}

func indexOf(spec *node.Spec, name string, kind node.Kind) int {
	for i := range spec.Nodes {
		if spec.Nodes[i].Name == name && spec.Nodes[i].Kind == kind {
			return i
		}
	}
	return node.None
}

// between is b − a, paired by replication unless the two met strangers to each
// other, and the p-value of there being no difference.
func between(a, b sample, strangers bool) (result.Estimate, *float64) {
	var e result.Estimate
	var p float64
	var ok bool
	if strangers {
		e = unpaired(a, b)
		p, ok = stats.UnpairedPValue(a.values(), b.values())
	} else {
		e = paired(a, b)
		p, ok = stats.PairedPValue(pairs(a, b))
	}
	if !ok {
		return e, nil
	}
	return e, &p
}

// pairs is b − a in the replications that both have a value in.
func pairs(a, b sample) []float64 {
	var d []float64
	for k := 0; k < min(len(a.num), len(b.num)); k++ {
		if a.den[k] > 0 && b.den[k] > 0 {
			d = append(d, b.num[k]/b.den[k]-a.num[k]/a.den[k])
		}
	}
	return d
}

// paired is b − a over the replications that both have a value in. The same
// customers came to both, so most of the noise cancels.
func paired(a, b sample) result.Estimate {
	d := pairs(a, b)
	if len(d) == 0 {
		return result.Estimate{Note: "no samples"}
	}
	sum := 0.0
	for _, x := range d {
		sum += x
	}
	return estimateOf(sum/float64(len(d)), d)
}

// unpaired is b − a where the replications of the two have nothing to do
// with each other.
func unpaired(a, b sample) result.Estimate {
	x, y := a.values(), b.values()
	if len(x) == 0 || len(y) == 0 {
		return result.Estimate{Note: "no samples"}
	}
	mean, half, ok := stats.UnpairedInterval(x, y)
	e := result.Estimate{Mean: &mean}
	if ok {
		e.HalfWidth = &half
	}
	return e
}

// byReplication are the values of a sample, nil in a replication that has none.
func byReplication(s sample) []*float64 {
	values := make([]*float64, len(s.num))
	for k := range s.num {
		if s.den[k] > 0 {
			v := s.num[k] / s.den[k]
			values[k] = &v
		}
	}
	return values
}

// byReplication are the figures of client i, which is the node at, that a
// later run is compared by.
func (f *figures) byReplication(i, at int) map[string][]*float64 {
	if len(f.snaps) < 2 {
		return nil
	}
	out := map[string][]*float64{}
	add := func(metric string, s sample) { out[metric] = byReplication(s) }
	for _, fig := range compared {
		if fig.kind == node.Client {
			add(fig.metric, fig.of(f, at))
		}
	}
	add("availability", f.collect(func(s *node.Snapshot) (float64, float64) {
		ok, offered := uint64(0), uint64(0)
		for k := range s.Clients[i].Ops {
			ok += s.Clients[i].Ops[k].OK
			offered += s.Clients[i].Ops[k].Offered
		}
		return float64(ok), float64(offered)
	}))
	return out
}
