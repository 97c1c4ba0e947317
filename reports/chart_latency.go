package reports

import (
	"github.com/capsim/capsim/internal/result"
)

// latencyChart shows the latency of each client over time: solid the 99th
// percentile of each window, dashed its mean.
func latencyChart(r *result.Result) *picture {
	all := tracks(r, named("latency_p99_s"))
	if len(all) <= mostLines/2 {
		all = append(all, tracks(r, named("latency_mean_s"))...)
	}
	p := overTime("latency", seconds, all, sorted(r.Clients), r)
	if p == nil {
		return nil
	}
	top := highest(ofSubject(all, mainClient(r)))
	name, low, high := visible(top.subject)+" "+metricLabel(top.metric), short(top.floor().y, seconds), short(top.peak().y, seconds)
	p.title = name + " between " + low + " and " + high + ", highest" + whenPhrase(top.peak(), r)
	if low == high {
		p.title = name + " is " + high + " all the time"
	}
	return p
}

// whenPhrase says when a peak was.
func whenPhrase(p point, r *result.Result) string {
	return " at " + span(max(p.x-r.Series.WindowS/2, 0))
}
