package study

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/stats"
)

// soakPilot is how long the pilot of a soak is at most: a transient is over
// long before, and a pilot as long as the soak would double what it costs.
const soakPilot = 3600 * sim.Second

// soakLevel is the chance of a false alarm over all figures of a soak.
const soakLevel = 0.05

// Soak simulates a long run and looks for what drifts in it: each figure of
// the series that may wear out is tested for a trend, and the trends that are
// found are followed to where something gives.
func Soak(spec *node.Spec, opt Options) (*result.Soak, error) {
	spec, late, err := soakSpec(spec, opt)
	if err != nil {
		return nil, err
	}
	opt.Percents = true
	r, err := Run(spec, opt)
	if r == nil {
		return nil, err
	}
	if late {
		warnLate(r)
	}
	s := &result.Soak{
		Schema: result.SoakSchema, Version: opt.Version, Title: r.Title, Truncated: r.Truncated,
		Trends: []result.Trend{}, Notes: []string{}, Result: r,
	}
	k := &soaking{spec: spec, result: r, soak: s}
	k.trends()
	k.follow()
	return s, err
}

// soakSpec settles the warm-up of a soak.
func soakSpec(spec *node.Spec, opt Options) (*node.Spec, bool, error) {
	own := *spec
	own.Run.Precision = 0 // it would ask for more replications
	if own.Run.Warmup != node.Auto {
		return &own, false, nil
	}
	pilot := own
	pilot.Run.Duration = min(own.Run.Duration, soakPilot)
	settled, late, err := settleWarmup([]*node.Spec{&pilot}, opt)
	if err != nil {
		return nil, false, err
	}
	own.Run.Warmup = settled[0].Run.Warmup
	return &own, late[0], nil
}

// soaking is a soak whose run is over.
type soaking struct {
	spec   *node.Spec
	result *result.Result
	soak   *result.Soak
	found  []stats.Trend // as soak.Trends; those that were not tested are empty
	hours  []float64     // the middle of the part of the run that each was tested over
}

// soakMetrics are what may wear out, and so is tested for a trend.
var soakMetrics = []string{"latency_mean_s", "latency_p99_s", "errors_rps", "memory_bytes", "queue", "in_flight"}

// trends tests all figures, and tells which drift.
func (k *soaking) trends() {
	for _, clients := range []bool{true, false} {
		for i, name := range k.result.Series.Columns {
			if cut := strings.LastIndexByte(name, ' '); cut > 0 && slices.Contains(soakMetrics, name[cut+1:]) && (k.result.Clients[name[:cut]] != nil) == clients {
				k.test(name[:cut], name[cut+1:], i)
			}
		}
	}
	var p []float64
	var tested []int
	for i := range k.soak.Trends {
		if t := &k.soak.Trends[i]; t.PValue != nil {
			p, tested = append(p, *t.PValue), append(tested, i)
		}
	}
	for j, drifts := range stats.Holm(p, soakLevel) {
		k.soak.Trends[tested[j]].Drifts = drifts
	}
	k.trafficNotes()
}

// test looks for a trend in one column of the series.
func (k *soaking) test(subject, metric string, column int) {
	s, until := k.result.Series, k.result.Run.DurationS
	t := result.Trend{Subject: subject, Metric: metric}
	if n := k.result.Nodes[subject]; n != nil && metric == "memory_bytes" && n.FirstKillS != nil {
		until = *n.FirstKillS // then it begins anew
	}
	t.UntilS = until
	var x, y []float64
	for w, row := range s.Rows {
		from := float64(float64(w) * s.WindowS)
		to := min(from+s.WindowS, k.result.Run.DurationS)
		if row[column] != nil && to <= until {
			x, y = append(x, (from+to)/2/3600), append(y, *row[column])
		}
	}
	t.Windows = len(y)
	trend, ok := stats.FindTrend(x, y)
	middle := 0.0
	if ok {
		middle = (x[0] + x[len(x)-1]) / 2
		t.From, t.To = number(trend.At(0)), number(trend.At(until/3600))
		t.PerHour, t.LowHour, t.HighHour, t.PValue = number(trend.Slope), number(trend.Low), number(trend.High), number(trend.P)
	} else {
		t.Note = fmt.Sprintf("%d windows with a value; it takes %d", len(y), stats.TrendFewest)
	}
	k.soak.Trends = append(k.soak.Trends, t)
	k.found, k.hours = append(k.found, trend), append(k.hours, middle)
}

// trafficNotes tells of clients whose traffic is not the same all the time:
// what follows it is no decay.
func (k *soaking) trafficNotes() {
	s := k.result.Series
	for i, name := range s.Columns {
		subject, ok := strings.CutSuffix(name, " offered_rps")
		if !ok {
			continue
		}
		var x, y []float64
		sum, squares := 0.0, 0.0
		for w, row := range s.Rows {
			if row[i] != nil {
				x, y = append(x, float64(w)), append(y, *row[i])
				sum += *row[i]
			}
		}
		mean := sum / float64(len(y))
		for _, v := range y {
			squares += float64((v - mean) * (v - mean))
		}
		t, ok := stats.FindTrend(x, y)
		switch spread := math.Sqrt(squares / float64(len(y))); {
		case ok && t.P < 0.01:
			k.note("the traffic of %s itself goes one way: what follows it is no decay", subject)
		case spread > 0.2*mean:
			k.note("the traffic of %s varies by %.0f %% between windows: what follows it is no decay", subject, 100*spread/mean)
		}
	}
}

func (k *soaking) note(format string, args ...any) {
	k.soak.Notes = append(k.soak.Notes, fmt.Sprintf(format, args...))
}

// follow takes each drift to where something gives, and finds what does so
// first.
func (k *soaking) follow() {
	for i := range k.soak.Trends {
		t := &k.soak.Trends[i]
		at := slices.IndexFunc(k.spec.Nodes, func(n node.Node) bool { return n.Name == t.Subject })
		for _, limit := range k.limits(&k.spec.Nodes[at], at, t.Metric) {
			g := k.reached(i, limit)
			if g != nil && (t.NextLimit == nil || g.AtS < t.NextLimit.AtS) {
				t.NextLimit = g
			}
		}
		if g := t.NextLimit; g != nil && (k.soak.Gives == nil || g.AtS < k.soak.Gives.AtS) {
			k.soak.Gives = g
		}
	}
}

// limit is a value of a figure at which something gives.
type limit struct {
	what  string
	value float64
	seen  *float64 // when it was reached, in seconds; nil: it was not, or nobody saw it
}

// limits lists what a figure of a node may run into.
func (k *soaking) limits(n *node.Node, at int, metric string) []limit {
	var out []limit
	switch {
	case metric == "memory_bytes" && n.Server.Memory > 0:
		out = append(out, limit{"memory full", float64(float64(n.Server.Memory) * *k.result.Nodes[n.Name].Instances.Mean), k.result.Nodes[n.Name].FirstKillS})
	case metric == "queue" && n.Queue != nil && n.Queue.Capacity > 0:
		out = append(out, limit{"queue full", float64(n.Queue.Capacity), nil})
	}
	of := map[string]string{"latency_mean_s": "mean", "latency_p99_s": "p99"}[metric]
	if metric == "queue" && n.Queue != nil {
		of = metric
	}
	for i := range k.spec.Objectives {
		o := &k.spec.Objectives[i]
		if o.Node == at && o.Op == "" && of != "" && o.Metric == of && strings.HasPrefix(o.Compare, "<") {
			out = append(out, limit{o.Text, o.Value, nil})
		}
	}
	return out
}

// reached tells when trend i gets to a limit, nil if it does not.
func (k *soaking) reached(i int, l limit) *result.Giving {
	t, trend := &k.soak.Trends[i], k.found[i]
	g := &result.Giving{Subject: t.Subject, What: l.what}
	if l.seen != nil {
		g.AtS, g.Seen = *l.seen, true
		return g
	}
	if !t.Drifts || trend.Slope <= 0 || trend.At(0) >= l.value {
		return nil // it is not on the way there, or was there from the start
	}
	// The line turns about the middle of the run.
	middle := k.hours[i]
	after := func(slope float64) *float64 {
		if slope <= 0 {
			return nil
		}
		at := float64(3600 * (middle + (l.value-trend.At(middle))/slope))
		if at > 1e4*k.result.Run.DurationS {
			return nil // no slope is known that well
		}
		return number(at)
	}
	at := after(trend.Slope)
	if at == nil {
		return nil
	}
	g.AtS, g.EarliestS, g.LatestS = *at, after(trend.High), after(trend.Low)
	if g.LatestS != nil && *g.LatestS < *g.EarliestS { // it lies before the middle
		g.EarliestS, g.LatestS = g.LatestS, g.EarliestS
	}
	g.Seen = g.AtS <= k.result.Run.DurationS
	return g
}
