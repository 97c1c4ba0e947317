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
	for i := 1; i < len(outcomes); i++ {
		if !clientInCommon(specs[0], specs[i]) {
			warnStrangers(outcomes[i].Result, specs[0])
		}
		c.Differences = append(c.Differences, differences(outcomes[0].figures, outcomes[i].figures)...)
	}
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
func differences(a, b *figures) []result.Difference {
	var out []result.Difference
	between, strangers := paired, false
	if !clientInCommon(a.spec, b.spec) {
		between, strangers = unpaired, true
	}
	for i := range a.spec.Nodes {
		n := &a.spec.Nodes[i]
		j := indexOf(b.spec, n.Name, n.Kind)
		if j == node.None {
			continue
		}
		for _, fig := range compared {
			if fig.kind != n.Kind && !(fig.kind == node.Server && n.Server != nil) {
				continue
			}
			if fig.absent != nil && fig.absent(a, i) && fig.absent(b, j) {
				continue
			}
			e := between(fig.of(a, i), fig.of(b, j))
			out = append(out, result.Difference{
				Baseline: a.spec.Design, Design: b.spec.Design, Subject: n.Name, Metric: fig.metric, Difference: e, Unpaired: strangers,
				Significant: excludesZero(e),
			})
		}
	}
	if a.spec.Priced() && b.spec.Priced() {
		for _, fig := range costs {
			e := between(fig.of(a), fig.of(b))
			out = append(out, result.Difference{
				Baseline: a.spec.Design, Design: b.spec.Design, Subject: costSubject, Metric: fig.metric, Difference: e, Unpaired: strangers,
				Significant: excludesZero(e),
			})
		}
	}
	return out
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

// paired is b − a over the replications that both have a value in. The same
// customers came to both, so most of the noise cancels.
func paired(a, b sample) result.Estimate {
	var d []float64
	for k := 0; k < min(len(a.num), len(b.num)); k++ {
		if a.den[k] > 0 && b.den[k] > 0 {
			d = append(d, b.num[k]/b.den[k]-a.num[k]/a.den[k])
		}
	}
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
