package reports

import (
	"slices"

	"github.com/capsim/capsim/internal/result"
)

// backlogChart shows how many messages waited in each queue over time. Where
// none ever did there is nothing to see.
func backlogChart(r *result.Result) *picture {
	all := slices.DeleteFunc(tracks(r, named("queue")), func(t track) bool {
		n := r.Nodes[t.subject]
		return n == nil || n.Queue == nil || t.peak().y == 0
	})
	p := overTime("messages that wait", plain, all, sorted(r.Nodes), r)
	if p == nil {
		return nil
	}
	top := highest(all)
	p.title = "As many as " + short(top.peak().y, plain) + " messages wait in " + visible(top.subject) + whenPhrase(top.peak(), r)
	return p
}
