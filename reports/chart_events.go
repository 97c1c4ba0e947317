package reports

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/capsim/capsim/internal/result"
)

// mostEvents is how many faults and deploys a chart over time can bear.
const mostEvents = 5

// eventColumns is how long the name of one may be.
const eventColumns = 36

// event is a fault or a deploy on a chart over time.
type event struct {
	what     string
	from, to float64
}

// events lists what happened on purpose within the window, in order of time.
// What comes by chance has no time of its own.
func events(r *result.Result) []event {
	var all []event
	add := func(what string, at, over *float64) {
		if at == nil || !finite(*at) || *at >= r.Run.DurationS {
			return
		}
		e := event{what, *at, r.Run.DurationS}
		if over != nil && finite(*over) {
			e.to = min(e.to, max(e.from, *over))
		}
		all = append(all, e)
	}
	for i := range r.Faults {
		add(r.Faults[i].What, r.Faults[i].AtS, r.Faults[i].RecoveredS)
	}
	for i := range r.Deploys {
		add(r.Deploys[i].What, &r.Deploys[i].AtS, r.Deploys[i].FinishedS)
	}
	slices.SortStableFunc(all, func(a, b event) int { return cmp.Compare(a.from, b.from) })
	return all
}

// markEvents shades when faults and deploys were under way, and says where
// each began.
func (p *picture) markEvents(r *result.Result) {
	all := events(r)
	if more := len(all) - mostEvents; more > 0 {
		all = all[:mostEvents]
		if p.remark != "" {
			p.remark += " "
		}
		p.remark += fmt.Sprintf("The first %d of %d faults and deploys are marked.", mostEvents, mostEvents+more)
	}
	for _, e := range all {
		p.bands = append(p.bands, band{e.from, e.to})
		p.marks = append(p.marks, tick{e.from, clipName(visible(e.what), eventColumns)})
	}
}
