package study

import (
	"fmt"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/stats"
)

// figures are the snapshots of one design's replications, and how to get
// estimates out of them.
type figures struct {
	spec    *node.Spec
	snaps   []*node.Snapshot
	seconds float64 // of the window
	sums    seriesSums
	back    [][][]sim.Time // by replication, client and fault: see recoveries

	keep func(s *node.Snapshot) // nil, or sees each before what is large is dropped
}

func newFigures(spec *node.Spec) *figures {
	return &figures{spec: spec, seconds: spec.Run.Duration.Seconds()}
}

// add takes the next replication in.
func (f *figures) add(s *node.Snapshot) {
	if f.keep != nil {
		f.keep(s)
	}
	f.snaps = append(f.snaps, s)
	f.sums.add(s)
	if f.spec.Timeline {
		f.back = append(f.back, recoveries(f.spec, s))
		for i := range s.Clients {
			s.Clients[i].Timeline = nil // as its series
		}
	}
}

// sample is a figure by replication, as a ratio, so that both the pooled
// value and the values of the replications come from one place. A figure
// that is not a ratio has denominators of 1.
type sample struct{ num, den []float64 }

// collect evaluates a ratio in every replication.
func (f *figures) collect(ratio func(s *node.Snapshot) (num, den float64)) sample {
	var out sample
	for _, s := range f.snaps {
		n, d := ratio(s)
		out.num, out.den = append(out.num, n), append(out.den, d)
	}
	return out
}

// values returns the ratio of each replication that has one.
func (s sample) values() []float64 {
	var v []float64
	for i := range s.num {
		if s.den[i] > 0 {
			v = append(v, s.num[i]/s.den[i])
		}
	}
	return v
}

// estimate pools the replications; note is for when there is nothing.
func (s sample) estimate(note string) result.Estimate {
	num, den := 0.0, 0.0
	for i := range s.num {
		num += s.num[i]
		den += s.den[i]
	}
	if den == 0 {
		return result.Estimate{Note: note}
	}
	return estimateOf(num/den, s.values())
}

// estimateOf puts the interval of the replications' values around a pooled
// value.
func estimateOf(pooled float64, values []float64) result.Estimate {
	e := result.Estimate{Mean: &pooled}
	if _, half, ok := stats.Interval(values); ok {
		e.HalfWidth = &half
	}
	return e
}

func constant(x float64, replications int) result.Estimate {
	e := result.Estimate{Mean: &x}
	if replications > 1 {
		zero := 0.0
		e.HalfWidth = &zero
	}
	return e
}

// perSecond is a count over the window.
func (f *figures) perSecond(count func(s *node.Snapshot) uint64) result.Estimate {
	return f.collect(func(s *node.Snapshot) (float64, float64) { return float64(count(s)), f.seconds }).estimate("")
}

// level is the time average of something whose integral is in nanoseconds.
func (f *figures) level(area func(s *node.Snapshot) stats.Sum128) sample {
	return f.collect(func(s *node.Snapshot) (float64, float64) { return area(s).Float64(), f.seconds * 1e9 })
}

// times is a distribution of times: one histogram for each replication.
type times struct {
	each []*stats.Histogram
	all  stats.Histogram
}

func (f *figures) times(of func(s *node.Snapshot) []*stats.Histogram) *times {
	t := &times{}
	for _, s := range f.snaps {
		h := &stats.Histogram{}
		for _, part := range of(s) {
			h.Merge(part)
		}
		t.each = append(t.each, h)
		t.all.Merge(h)
	}
	return t
}

// percentiles that every distribution of times shows.
var percentiles = []struct {
	name string
	p    float64
}{{"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}, {"p99.9", 0.999}}

// latency summarises the distribution: mean, percentiles, maximum.
func (t *times) latency(extra map[string]float64) result.Latency {
	l := result.Latency{"mean": t.mean(), "max": t.max()}
	for _, p := range percentiles {
		l[p.name] = t.quantile(p.p)
	}
	for name, p := range extra {
		l[name] = t.quantile(p)
	}
	return l
}

func (t *times) mean() result.Estimate {
	var s sample
	for _, h := range t.each {
		s.num = append(s.num, h.Sum().Float64()/1e9)
		s.den = append(s.den, float64(h.Count()))
	}
	return s.estimate("no samples")
}

func (t *times) max() result.Estimate {
	if t.all.Count() == 0 {
		return result.Estimate{Note: "no samples"}
	}
	return estimateOf(float64(t.all.Max())/1e9, t.values(func(h *stats.Histogram) float64 { return float64(h.Max()) }))
}

// enough is how many samples must lie beyond a percentile for it to be told.
const enough = 10

func (t *times) quantile(p float64) result.Estimate {
	if t.all.Count() == 0 {
		return result.Estimate{Note: "no samples"}
	}
	if t.all.Beyond(p) < enough {
		return result.Estimate{Note: fmt.Sprintf("not enough samples: %d of at least %d", t.all.Count(), stats.MinSamples(p))}
	}
	q, _ := t.all.Quantile(p)
	return estimateOf(q/1e9, t.values(func(h *stats.Histogram) float64 { q, _ := h.Quantile(p); return q }))
}

// values evaluates a figure in seconds in every replication that has any
// samples.
func (t *times) values(of func(*stats.Histogram) float64) []float64 {
	var v []float64
	for _, h := range t.each {
		if h.Count() > 0 {
			v = append(v, of(h)/1e9)
		}
	}
	return v
}

// curveQuantiles are the points of the percentile curve, as far as there are
// samples beyond.
var curveQuantiles = []float64{
	0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.96, 0.97, 0.98,
	0.99, 0.9925, 0.995, 0.996, 0.997, 0.998, 0.999, 0.99925, 0.9995, 0.9997, 0.9998,
	0.9999, 0.99995, 0.99999, 0.999995, 0.999999, 0.9999999,
}

func (t *times) curve() [][2]float64 {
	points := [][2]float64{}
	for _, q := range curveQuantiles {
		if t.all.Count() == 0 || q > 0 && t.all.Beyond(q) < enough {
			break
		}
		x, _ := t.all.Quantile(q)
		points = append(points, [2]float64{q, x / 1e9})
	}
	return points
}
