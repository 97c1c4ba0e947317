package reports

import (
	"slices"

	"github.com/capsim/capsim/internal/result"
)

// queuesChart shows how many requests waited at each node over time; the
// messages of queues have a chart of their own. Where none ever waited there is
// nothing to see.
func queuesChart(r *result.Result) *picture {
	all := slices.DeleteFunc(tracks(r, named("queue")), func(t track) bool {
		n := r.Nodes[t.subject]
		return n == nil || n.Queue != nil || t.peak().y == 0
	})
	p := overTime("requests that wait", plain, all, sorted(r.Nodes), r)
	if p == nil {
		return nil
	}
	top := highest(all)
	p.title = "At most " + short(top.peak().y, plain) + " requests wait at " + visible(top.subject) + " on average," + whenPhrase(top.peak(), r)
	return p
}
