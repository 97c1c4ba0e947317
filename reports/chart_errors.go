package reports

import (
	"slices"

	"github.com/capsim/capsim/internal/result"
)

// errorsChart shows how many of each client's requests ended in an error over
// time. Without any error there is nothing to see.
func errorsChart(r *result.Result) *picture {
	all := slices.DeleteFunc(tracks(r, named("errors_rps")), func(t track) bool { return t.peak().y == 0 })
	p := overTime("errors per second", plain, all, sorted(r.Clients), r)
	if p == nil {
		return nil
	}
	top := highest(all)
	p.title = visible(top.subject) + " errors peak at " + short(top.peak().y, perSecond) + whenPhrase(top.peak(), r)
	if client := r.Clients[top.subject]; client != nil && client.ErrorRatio.Mean != nil {
		p.title += "; overall " + short(*client.ErrorRatio.Mean, ratio) + " of its requests"
	}
	return p
}
