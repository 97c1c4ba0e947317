package reports

import (
	"slices"

	"github.com/capsim/capsim/internal/result"
)

// errorsChart shows the share of each client's requests that ended in an error
// over time. Without any error there is nothing to see.
func errorsChart(r *result.Result) *picture {
	all := slices.DeleteFunc(tracks(r, named("error_ratio")), func(t track) bool { return t.peak().y == 0 })
	p := overTime("requests in error", ratio, all, sorted(r.Clients), r)
	if p == nil {
		return nil
	}
	top := highest(all)
	p.title = visible(top.subject) + " errors peak at " + short(top.peak().y, ratio) + whenPhrase(top.peak(), r)
	if client := r.Clients[top.subject]; client != nil && client.ErrorRatio.Mean != nil {
		p.title += "; overall " + short(*client.ErrorRatio.Mean, ratio)
	}
	return p
}
