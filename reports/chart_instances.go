package reports

import (
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// instancesChart shows how many instances each node had that has not always
// had the same, over time: those that boot and those that finish what they
// have cost too, and count.
func instancesChart(r *result.Result) *picture {
	all := tracks(r, named("instances"))
	p := overTime("instances", plain, all, sorted(r.Nodes), r)
	if p == nil {
		return nil
	}
	p.remark = strings.TrimSpace("Counted is what is paid for: also instances that boot, drain or are down. " + p.remark)
	top := highest(all)
	p.title = visible(top.subject) + " has between " + short(top.floor().y, plain) + " and " + amountOf(top.peak().y, "instance") + ", most" + whenPhrase(top.peak(), r)
	if top.floor().y == top.peak().y {
		p.title = visible(top.subject) + " has " + amountOf(top.peak().y, "instance") + " all the time"
	}
	return p
}

// amountOf is a mean number of things.
func amountOf(n float64, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return short(n, plain) + " " + thing
}
