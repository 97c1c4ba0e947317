package reports

import (
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// busyChart shows how busy each resource was over time.
func busyChart(r *result.Result) *picture {
	all := tracks(r, func(metric string) bool {
		return metric == "utilization" || strings.HasSuffix(metric, ".utilization")
	})
	p := overTime("", ratio, all, sorted(r.Nodes), r)
	if p == nil {
		return nil
	}
	p.y = percentAxis("utilisation")
	for i := range p.lines { // what is utilised is said by the axis
		p.lines[i].label = strings.TrimSuffix(p.lines[i].label, " utilisation")
	}
	top := highest(all)
	p.title = visible(strings.TrimSpace(top.subject+" "+metricLabel(top.metric))) + " peaks at " +
		short(top.peak().y, ratio) + whenPhrase(top.peak(), r)
	return p
}
