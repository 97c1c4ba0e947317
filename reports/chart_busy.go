package reports

import "github.com/capsim/capsim/internal/result"

// busyChart shows how busy each resource was over time: the column of the
// series that bears the name of a resource is its utilisation.
func busyChart(r *result.Result) *picture {
	all := tracks(r, func(subject, metric string) bool {
		node := r.Nodes[subject]
		return node != nil && node.Resources[metric] != nil
	})
	p := overTime("", ratio, all, sorted(r.Nodes), r)
	if p == nil {
		return nil
	}
	p.y = percentAxis("utilisation")
	top := highest(all)
	p.title = visible(top.subject) + " " + visible(top.metric) + " peaks at " +
		short(top.peak().y, ratio) + whenPhrase(top.peak(), r)
	if short(top.floor().y, ratio) == short(top.peak().y, ratio) {
		p.title = visible(top.subject) + " " + visible(top.metric) + " is " + short(top.peak().y, ratio) + " busy all the time"
	}
	return p
}
